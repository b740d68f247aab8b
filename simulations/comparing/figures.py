"""What differs between two result sets over the same disputes, worked out from their pairs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reso.study.compare import Changed
from simulations.comparing.bootstrap import Interval, Measure, intervals
from simulations.comparing.comparison import (
    ChangedCase,
    Comparison,
    Hours,
    More,
    Moved,
    PartReach,
    PartyMoney,
    Region,
    Test,
)
from simulations.comparing.mcnemar import Table, holm
from simulations.comparing.regions import Grounds, key_of
from simulations.comparing.tables import Connection, Side, pair
from simulations.literals import text_of
from simulations.measures.truth import paid_wrongly, refused_wrongly
from simulations.results import ENDED

MOST_CASES = 10
STEPS = 4
"""How many steps a comparison takes, for whoever shows how far it is."""
MOVED = (
    "moved AS (SELECT dispute_id, max(abs(a - b)) AS size, "
    "list((party, a - b) ORDER BY party) FILTER (a <> b) AS money "
    "FROM positions GROUP BY dispute_id)"
)
"""Of each dispute in which money moved, who stands otherwise and by how much, as SQL."""
MICROS_AN_HOUR = 3_600_000_000
Sums = Counter[tuple[str, str]]
"""By (currency, party): an amount in minor units."""
PARTIES = ("buyer", "seller", "courier", "platform")

TESTS: Mapping[str, tuple[str, str]] = {
    "alone": ("alone_{0}", "1"),
    "refunded": ("got_{0}", "1"),
    "wrong": (
        f"{paid_wrongly('got_{0}')} OR {refused_wrongly('refused_{0}')}",
        "CASE WHEN truth IN ('refund', 'no_refund') THEN 1 ELSE 0 END",
    ),
    "late": ("late_{0}", "CASE WHEN late_a IS NULL OR late_b IS NULL THEN 0 ELSE 1 END"),
}
"""Outcomes that hold or do not: their SQL for a side, and which disputes they can be told of."""
HINDSIGHT = ("wrong", "late")
"""Tests of what only shows later."""


def compare(
    connection: Connection,
    a: Side,
    b: Side,
    *,
    recorded: str | None = None,
    seed: int = 0,
    progress: Callable[[int], None] = lambda steps: None,
) -> Comparison:
    """Return what differs. `pairs` and `positions` stay, for the changed cases.

    Args:
        recorded: a table of recorded outcomes, for what was really due.
        progress: called with how many more of `STEPS` are done.

    Raises:
        InputError: the sides do not hold the same disputes, or in different currencies.
    """
    paired = pair(connection, a, b, recorded)
    progress(1)
    parties = _parties(connection)
    names = _tests(connection)
    progress(1)
    ends = _intervals(connection, names, parties, seed)
    progress(1)
    counts = _counts(connection)
    found = Comparison(
        a=a.name,
        b=b.name,
        with_recorded=a.is_recorded or b.is_recorded,
        paired=paired,
        changed=counts["changed"],
        other_reasons=counts["other_reasons"],
        other_times=counts["other_times"],
        silent=counts["silent"],
        late_unknown=counts["late_unknown"],
        unsettled_a=counts["unsettled_a"],
        unsettled_b=counts["unsettled_b"],
        endings=_moved(connection, "ended"),
        decisions=_moved(connection, "decision"),
        tests=tuple(_tested(names, ends)),
        parties=tuple(replace(one, interval=ends.get(_key(one))) for one in parties),
        hours=_hours(connection),
        regions=_regions(connection),
        seed=seed,
    )
    progress(1)
    return found


def _counts(connection: Connection) -> dict[str, int]:
    filters = {
        "changed": "changed",
        "other_reasons": "NOT changed AND reason_a <> reason_b",
        "other_times": "NOT changed AND micros_a IS DISTINCT FROM micros_b",
        "silent": "changed AND NOT has_answers",
        "late_unknown": "late_a IS NULL OR late_b IS NULL",
        "unsettled_a": "ended_a IN ('open', 'escalated') AND NOT ruled_a",
        "unsettled_b": "ended_b IN ('open', 'escalated') AND NOT ruled_b",
    }
    listed = ", ".join(f"count(*) FILTER ({sql})" for sql in filters.values())
    found = connection.execute(f"SELECT {listed} FROM pairs").fetchone()
    assert found is not None
    return dict(zip(filters, found, strict=True))


def _moved(connection: Connection, what: str) -> tuple[Moved, ...]:
    rows = connection.execute(
        f"SELECT coalesce({what}_b, ''), coalesce({what}_a, ''), count(*) FROM pairs GROUP BY ALL"
    ).fetchall()
    place: dict[str, int] = {name: n for n, name in enumerate(ENDED)}
    found = [Moved(*row) for row in rows]
    return tuple(
        sorted(found, key=lambda one: (place.get(one.b, -1), one.b, place.get(one.a, -1), one.a))
    )


# -- tests and intervals --------------------------------------------------------------------


def _tests(connection: Connection) -> dict[str, Table]:
    """Return the tables of the tests there are; hindsight stands in where no truth is known.

    A test that no dispute can be told of is not made.
    """
    found = {name: _table(connection, *sql) for name, sql in TESTS.items()}
    del found["late" if found["wrong"].of else "wrong"]
    return {name: table for name, table in found.items() if table.of or name not in HINDSIGHT}


def _table(connection: Connection, holds: str, counts: str) -> Table:
    a, b = (f"coalesce({holds.format(side)}, false)" for side in ("a", "b"))
    row = connection.execute(
        f"SELECT count(*) FILTER ({a} AND {b}), count(*) FILTER ({a} AND NOT {b}), "
        f"count(*) FILTER ({b} AND NOT {a}), count(*) FILTER (NOT {a} AND NOT {b}) "
        f"FROM pairs WHERE {counts} = 1"
    ).fetchone()
    assert row is not None
    return Table(*row)


def _intervals(
    connection: Connection, tests: Mapping[str, Table], parties: Sequence[PartyMoney], seed: int
) -> dict[str, Interval]:
    """Return the interval of each test's difference, and of each party's money (by `_key`)."""
    flags, sums, measures = [], [], []
    for name in tests:
        holds, counts = TESTS[name]
        a, b = (f"coalesce({holds.format(side)}, false)::INTEGER" for side in ("a", "b"))
        flags += [f"({a} - {b}) * ({counts}) AS {name}", f"{counts} AS of_{name}"]
        measures.append(Measure(name, name, f"of_{name}", as_share=True))
    for number, one in enumerate(parties):
        party, currency = text_of(one.party), text_of(one.currency)
        flags.append(f"(currency = {currency} AND has_money)::INTEGER AS of_m{number}")
        sums.append(f"sum(a - b) FILTER (party = {party} AND currency = {currency}) AS m{number}")
        measures.append(Measure(_key(one), f"coalesce(m{number}, 0)", f"of_m{number}"))
    wide = f"SELECT dispute_id, {', '.join(sums)} FROM positions GROUP BY dispute_id"
    joined = f"LEFT JOIN ({wide}) USING (dispute_id)" if sums else ""
    listed = ", ".join(["dispute_id", *flags, *(f"m{n}" for n in range(len(sums)))])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE drawn AS SELECT {listed} FROM pairs {joined}")
    return intervals(connection, "drawn", measures, seed)


def _tested(tables: Mapping[str, Table], ends: Mapping[str, Interval]) -> Iterator[Test]:
    adjusted = holm([table.p for table in tables.values()])
    for (name, table), p in zip(tables.items(), adjusted, strict=True):
        yield Test(name, table, p, ends.get(name))


# -- money ----------------------------------------------------------------------------------


def _parties(connection: Connection) -> list[PartyMoney]:
    rows = connection.execute(
        "SELECT currency, party, sum(a)::BIGINT, sum(b)::BIGINT, "
        "coalesce(sum(a - b) FILTER (a > b), 0)::BIGINT, count(*) FILTER (a > b), "
        "coalesce(sum(a - b) FILTER (a < b), 0)::BIGINT, count(*) FILTER (a < b) "
        "FROM positions GROUP BY ALL"
    ).fetchall()
    found = [PartyMoney(*row) for row in rows]
    return sorted(found, key=lambda one: (one.currency, _place(one.party), one.party))


def _place(party: str) -> int:
    return PARTIES.index(party) if party in PARTIES else len(PARTIES)


def _key(one: PartyMoney) -> str:
    return f"{one.party} {one.currency}"


# -- time, rules, cases ---------------------------------------------------------------------


def _hours(connection: Connection) -> Hours:
    row = connection.execute(
        "SELECT count(*), quantile_disc(micros_a, 0.5), quantile_disc(micros_b, 0.5), "
        "count(*) FILTER (micros_a < micros_b), count(*) FILTER (micros_a > micros_b) "
        "FROM pairs WHERE alone_a AND alone_b "
        "AND micros_a IS NOT NULL AND micros_b IS NOT NULL"
    ).fetchone()
    assert row is not None
    count, a, b, sooner, later = row
    median_a, median_b = (None if m is None else m / MICROS_AN_HOUR for m in (a, b))
    return Hours(count, median_a, median_b, sooner, later)


def _regions(connection: Connection) -> tuple[Region, ...]:
    names = ("reason_b", "reason_a")
    moved = _more(connection, names)
    return tuple(
        Region(b, a, disputes, _listed(moved.get((b, a), Sums())))
        for b, a, disputes in _changed(connection, names)
    )


def reached(
    connection: Connection,
    comparison: Comparison,
    parts: Sequence[Changed],
    a: Grounds,
    b: Grounds,
) -> Comparison:
    """Return the comparison with each part that differs, the disputes it decides, their money."""
    names = ("reasons_b", "reason_b", "reasons_a", "reason_a")
    moved = _more(connection, names)
    rests = []
    for *ways, disputes in _changed(connection, names):
        by_b, end_b, by_a, end_a = ways
        found = b.of(*by_b.split(), end_b) | a.of(*by_a.split(), end_a)
        rests.append((found, disputes, moved.get(tuple(ways), Sums())))
    reach = []
    for part in parts:
        key, disputes, sums = key_of(part), 0, Sums()
        for found, count, more in rests:
            if key in found:
                disputes += count
                sums.update(more)
        reach.append(PartReach(part, disputes, _listed(sums)))
    keys = {key_of(part) for part in parts}
    return replace(
        comparison,
        reach=tuple(sorted(reach, key=lambda one: -one.disputes)),
        outside=sum(disputes for found, disputes, _ in rests if not found & keys),
    )


def _changed(connection: Connection, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return how many disputes changed by what these columns of `pairs` hold, most first."""
    return connection.execute(
        f"SELECT {', '.join(names)}, count(*) FROM pairs WHERE changed GROUP BY ALL "
        f"ORDER BY count(*) DESC, {', '.join(names)}"
    ).fetchall()


def _more(connection: Connection, names: Sequence[str]) -> dict[tuple[str, ...], Sums]:
    """Return what parties have more under A, by the same columns."""
    rows = connection.execute(
        f"SELECT {', '.join(names)}, party, p.currency, sum(a - b)::BIGINT FROM positions AS p "
        "JOIN pairs USING (dispute_id) WHERE changed AND a <> b GROUP BY ALL"
    ).fetchall()
    found: dict[tuple[str, ...], Sums] = {}
    for *ways, party, currency, amount in rows:
        found.setdefault(tuple(ways), Sums())[currency, party] += amount
    return found


def _listed(sums: Sums) -> tuple[More, ...]:
    found = (More(party, currency, n) for (currency, party), n in sums.items() if n)
    return tuple(sorted(found, key=lambda one: (one.currency, _place(one.party), one.party)))


def changed_cases(connection: Connection, most: int | None = MOST_CASES) -> tuple[ChangedCase, ...]:
    """Return the changed disputes, most money first; `most` None: all."""
    limit = "" if most is None else f"LIMIT {most}"
    return _cases(connection, "changed", limit)


def cases_for_stories(connection: Connection, currency: str, each: int) -> tuple[ChangedCase, ...]:
    """Return the changed disputes in which a party wins or loses most: so many for each of both."""
    return _cases(
        connection,
        f"""changed AND currency = {text_of(currency)} AND dispute_id IN (
            SELECT dispute_id FROM positions WHERE a <> b AND currency = {text_of(currency)}
            QUALIFY row_number() OVER (
                PARTITION BY party, a > b ORDER BY abs(a - b) DESC, dispute_id) <= {each})""",
    )


def _cases(connection: Connection, which: str, limit: str = "") -> tuple[ChangedCase, ...]:
    rows = connection.execute(
        f"WITH {MOVED} SELECT dispute_id, coalesce(claim_type, ''), "
        "currency, ended_b, ended_a, coalesce(decision_b, ''), coalesce(decision_a, ''), "
        f"reason_b, reason_a, money FROM pairs LEFT JOIN moved USING (dispute_id) WHERE {which} "
        f"ORDER BY coalesce(size, 0) DESC, dispute_id {limit}"
    ).fetchall()
    return tuple(
        replace(found, money=tuple(sorted(found.money or (), key=lambda one: _place(one[0]))))
        for found in (ChangedCase(*row) for row in rows)
    )
