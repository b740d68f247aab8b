"""Results as tables of DuckDB, whichever engine made them, and those of two sides paired."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from reso.errors import InputError
from reso.policy.model import Policy
from simulations.measures.truth import REFUNDING, paid, refused
from simulations.results import ENDED, REFUNDS, Result

Connection = duckdb.DuckDBPyConnection
Course = frozenset[tuple[str, str, str]]

RESULTS = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "filed_at": "TIMESTAMPTZ",
    "ended": "VARCHAR",
    "decision": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "BIGINT",
    "refunded": "BIGINT",
    "ended_at": "TIMESTAMPTZ",
    "question": "VARCHAR",
    "reason": "VARCHAR",
    "reasons": "VARCHAR",
    "handed_over": "BOOLEAN",
    "asked": "INTEGER",
    "has_answers": "BOOLEAN",
    "left_out": "INTEGER",
    "moments": "INTEGER",
    "refunded_at": "TIMESTAMPTZ",
    "arrived_after": "BOOLEAN",
    "engine": "VARCHAR",
}
MOVEMENTS = {
    "dispute_id": "VARCHAR",
    "payer": "VARCHAR",
    "payee": "VARCHAR",
    "component": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "BIGINT",
}
RECORDED = {
    "dispute_id": "VARCHAR",
    "ruling": "VARCHAR",
    "amount": "BIGINT",
    "decided_by": "VARCHAR",
    "accepted_by": "VARCHAR",
    "decided_at": "TIMESTAMPTZ",
    "truth": "VARCHAR",
    "accused": "VARCHAR",
}
NULL = "\\N"
"""How a value that is absent is written in a file of rows; no text of ours is so."""

ALONE = ("agreed", "lapsed", "imposed", "withdrawn")

Value = bool | int | str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two result sets.

    Attributes:
        name: what it is called in texts.
        results, movements: its tables.
        course: payer, payee and component of movements that pay an order as was agreed: the
            buyer's money to its earners. They are the same as if nobody had complained.
        is_recorded: what really happened; of its money only what buyers got is known.
    """

    name: str
    results: str
    movements: str
    course: Course = frozenset()
    is_recorded: bool = False


Fill = Callable[[Connection, str, str], None]
"""An engine: makes a table of results and one of movements, of these names."""


ONE_COMPONENT: Course = frozenset({("buyer", "seller", "goods")})
"""What an order holds under a policy without `escrow`."""


def course_of(policy: Policy) -> Course:
    """Return the movements by which a policy's orders are paid as was agreed."""
    if not policy.escrow.holdings:
        return ONE_COMPONENT
    return frozenset(
        (holding.paid_by, holding.earned_by, holding.component)
        for holding in policy.escrow.holdings
        if holding.paid_by != holding.earned_by
    )


def filled(results: Sequence[Result]) -> Fill:
    """Return what makes tables of results that were worked out one by one."""

    def fill(connection: Connection, table: str, movements: str) -> None:
        make(connection, table, RESULTS, map(_result, results))
        make(connection, movements, MOVEMENTS, _movements(results))

    return fill


def make(
    connection: Connection,
    table: str,
    columns: dict[str, str],
    rows: Iterable[Sequence[Value]],
) -> None:
    """Make a table of rows; instants are ISO 8601 texts with their offset.

    The rows go through a file, which DuckDB reads much faster than it takes values from Python.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "rows.csv")
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n", quoting=csv.QUOTE_ALL)
            writer.writerows([NULL if value is None else value for value in row] for row in rows)
        source = f"read_csv(?, header = false, auto_detect = false, columns = {columns}, "
        source += f"quote = '\"', escape = '\"', allow_quoted_nulls = true, nullstr = '{NULL}')"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {source}", [str(file)]
        )


def _result(one: Result) -> tuple[Value, ...]:
    return (
        one.dispute_id,
        one.claim_type or None,
        _instant(one.filed_at),
        one.ended,
        one.decision or None,
        one.currency or None,
        one.amount,
        one.refunded,
        _instant(one.ended_at),
        one.question or None,
        one.reason or None,
        " ".join(one.reasons) or None,
        one.handed_over,
        one.asked,
        one.has_answers,
        one.left_out,
        one.moments,
        _instant(one.refunded_at),
        one.arrived_after,
        "reference",
    )


def _movements(results: Iterable[Result]) -> Iterator[tuple[Value, ...]]:
    for one in results:
        for m in one.movements:
            yield one.dispute_id, m.payer, m.payee, m.component, m.currency, m.amount


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


# -- what really happened -------------------------------------------------------------------


def of_recorded(connection: Connection, recorded: str, lived: str, arrivals: str) -> Fill:
    """Return what makes tables of a table of recorded outcomes.

    Whether a parcel came after a recorded refund is told by the history. It is not known where
    the instant of the ruling is not, or is before the complaint, and nowhere if the history holds
    no delivery at all.

    Args:
        lived: results over the same disputes: their currencies and complaints.
        arrivals: when parcels reached the buyer: `dispute_id`, `arrived_at`; of those that came
            before the complaint, that instant or the complaint's.

    Raises:
        InputError: nothing is recorded.
    """
    found = connection.execute(
        f"SELECT count(*) FROM {recorded} JOIN {lived} USING (dispute_id) WHERE ruling IS NOT NULL"
    ).fetchone()
    if not found or not found[0]:
        what = "no outcome of these disputes is recorded"
        raise InputError("--against recorded", what, "Put a file of outcomes beside the events.")

    def fill(connection: Connection, table: str, movements: str) -> None:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS "
            + _RECORDED.format(recorded, lived, arrivals)
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {movements} AS SELECT dispute_id, NULL::VARCHAR AS "
            "payer, 'buyer' AS payee, 'refund' AS component, currency, refunded AS amount "
            f"FROM {table} WHERE refunded > 0"
        )

    return fill


_RECORDED = f"""
SELECT dispute_id, l.claim_type, l.filed_at,
  CASE WHEN decided_by = 'human' THEN 'escalated'
    WHEN decided_by = 'buyer' AND ruling NOT IN {REFUNDING} THEN 'withdrawn'
    WHEN accepted_by = 'both' OR decided_by IN ('buyer', 'seller') THEN 'agreed'
    ELSE 'imposed' END AS ended,
  ruling AS decision, l.currency, r.amount,
  CASE WHEN ruling IN {REFUNDING} THEN r.amount ELSE 0 END AS refunded,
  decided_at AS ended_at, NULL::VARCHAR AS question, NULL::VARCHAR AS reason,
  coalesce(decided_by = 'human', false) AS handed_over, 0 AS asked, l.has_answers, 0 AS left_out,
  0 AS moments, NULL::VARCHAR AS reasons,
  CASE WHEN ruling IN {REFUNDS} THEN decided_at END AS refunded_at,
  CASE WHEN decided_at IS NULL OR decided_at < l.filed_at OR NOT EXISTS (FROM {{2}}) THEN NULL
    ELSE coalesce(ruling IN {REFUNDS} AND arrived_at > decided_at, false) END AS arrived_after,
  'recorded' AS engine
FROM {{0}} AS r JOIN {{1}} AS l USING (dispute_id) LEFT JOIN {{2}} USING (dispute_id)
WHERE ruling IS NOT NULL"""


# -- both paired ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paired:
    """The tables of `pair`, and what could not be put into them.

    Attributes:
        unpaired: disputes with a complaint of which nothing is recorded.
        without_money: pairs in which a recorded refund has no amount: left out of the money.
    """

    pairs: int
    unpaired: int
    without_money: int


def pair(connection: Connection, a: Side, b: Side, recorded: str | None = None) -> Paired:
    """Make `pairs` (a row per dispute) and `positions` (per dispute and party) of two sides.

    Args:
        recorded: a table of recorded outcomes, for what was really due.

    Raises:
        InputError: disputes stand on one side only (a recorded side may lack some), or are in
            different currencies.
    """
    unpaired = _unpaired(connection, a, b) + _unpaired(connection, b, a)
    truth = f"LEFT JOIN {recorded} AS t USING (dispute_id)" if recorded else ""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT *, "
        "got_a <> got_b OR ended_a <> ended_b OR decision_a IS DISTINCT FROM decision_b "
        "OR refunded_a IS DISTINCT FROM refunded_b OR human_a <> human_b AS changed FROM ("
        "SELECT a.dispute_id, a.claim_type, coalesce(a.currency, b.currency, '') AS currency, "
        f"a.has_answers, {'t.truth' if recorded else 'NULL::VARCHAR'} AS truth, "
        "a.refunded IS NOT NULL AND b.refunded IS NOT NULL AS has_money, "
        f"{_of('a')}, {_of('b')} "
        f"FROM {a.results} AS a JOIN {b.results} AS b USING (dispute_id) {truth} "
        "WHERE a.ended <> 'no_claim' AND b.ended <> 'no_claim')"
    )
    _refuse_currencies(connection, a, b)
    _positions(connection, a, b)
    found = connection.execute(
        "SELECT count(*), count(*) FILTER (NOT has_money) FROM pairs"
    ).fetchone()
    assert found is not None
    return Paired(found[0], unpaired, found[1])


def _of(side: str) -> str:
    hours = f"epoch_us({side}.ended_at) - epoch_us({side}.filed_at)"
    columns = {
        "ended": f"{side}.ended",
        "decision": f"{side}.decision",
        "refunded": f"{side}.refunded",
        "got": paid(side),
        "refused": refused(side),
        "human": f"{side}.handed_over",
        "alone": f"{side}.ended IN {ALONE} AND NOT {side}.handed_over",
        "ruled": f"{side}.decision IS NOT NULL",
        "reason": f"coalesce({side}.question, {side}.reason, '')",
        "rule": f"coalesce({side}.reason, '')",
        "reasons": f"coalesce({side}.reasons, '')",
        "late": f"{side}.arrived_after",
        "asked": f"{side}.asked",
        "micros": f"CASE WHEN {side}.ended IN {ENDED[:3]} THEN {hours} END",
    }
    return ", ".join(f"{sql} AS {name}_{side}" for name, sql in columns.items())


def _unpaired(connection: Connection, here: Side, there: Side) -> int:
    found = connection.execute(
        f"SELECT dispute_id FROM {here.results} WHERE ended <> 'no_claim' AND dispute_id NOT IN "
        f"(SELECT dispute_id FROM {there.results}) ORDER BY dispute_id"
    ).fetchall()
    if found and not there.is_recorded:
        what = f"{len(found):,} disputes of {here.name} are missing there, first `{found[0][0]}`"
        raise InputError(there.name, what, "Run both over the same history, to the same instant.")
    return len(found)


def _refuse_currencies(connection: Connection, a: Side, b: Side) -> None:
    found = connection.execute(
        f"SELECT dispute_id, a.currency, b.currency FROM {a.results} AS a "
        f"JOIN {b.results} AS b USING (dispute_id) WHERE a.currency <> b.currency "
        "UNION ALL "
        + " UNION ALL ".join(
            f"SELECT dispute_id, p.currency, m.currency FROM {side.movements} AS m "
            "JOIN pairs AS p USING (dispute_id) WHERE m.currency <> p.currency"
            for side in (a, b)
        )
        + " ORDER BY 1 LIMIT 1"
    ).fetchone()
    if found:
        dispute, first, second = found
        what = f"its money is in {first} and in {second}"
        raise InputError(dispute, what, "Compare runs over one history: amounts do not convert.")


def _positions(connection: Connection, a: Side, b: Side) -> None:
    """Make `positions`: what each party got less what it bore, outside the orders' own course.

    A dispute in which a party stands otherwise has changed, also where it ended alike.
    """
    only = "AND party = 'buyer'" if a.is_recorded or b.is_recorded else ""
    parts = (
        f"SELECT dispute_id, {who} AS party, {signed.format(f'{sign}amount')} "
        f"FROM {side.movements} WHERE {who} IS NOT NULL AND {_beside_the_course(side)}"
        for side, signed in ((a, "{} AS a, 0 AS b"), (b, "0 AS a, {} AS b"))
        for who, sign in (("payee", ""), ("payer", "-"))
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE positions AS SELECT dispute_id, currency, party, "
        f"sum(a)::BIGINT AS a, sum(b)::BIGINT AS b FROM ({' UNION ALL '.join(parts)}) "
        f"JOIN pairs USING (dispute_id) WHERE has_money {only} GROUP BY ALL"
    )
    connection.execute(
        "UPDATE pairs SET changed = true WHERE dispute_id IN "
        "(SELECT dispute_id FROM positions WHERE a <> b)"
    )


def _beside_the_course(side: Side) -> str:
    if not side.course:
        return "true"
    listed = ", ".join(str(triple) for triple in sorted(side.course))
    return f"(payer IS NULL OR (payer, payee, component) NOT IN ({listed}))"
