"""A comparison as plain data: JSON, and the table of changed disputes that `--out` writes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from reso.engine.ruling_json import Json
from reso.model.money import Language, minor_digits, to_major
from simulations.comparing.bootstrap import Interval
from simulations.comparing.comparison import (
    ChangedCase,
    Comparison,
    More,
    Moved,
    PartyMoney,
    Test,
    WithAnswers,
)
from simulations.comparing.figures import MOVED, PARTIES
from simulations.comparing.tables import Connection, make
from simulations.comparing.telling import Told
from simulations.literals import text_of

PLACES = 6
SCALE = 4
"""Decimal places of the amounts in `changed.parquet`: as many as any currency has."""
TABLE, TEXT_TABLE = "changed.parquet", "changed.csv"

COLUMNS = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "currency": "VARCHAR",
    "ended_b": "VARCHAR",
    "ended_a": "VARCHAR",
    "decision_b": "VARCHAR",
    "decision_a": "VARCHAR",
    "rule_b": "VARCHAR",
    "rule_a": "VARCHAR",
    "buyer": f"DECIMAL(18, {SCALE})",
    "seller": f"DECIMAL(18, {SCALE})",
    "courier": f"DECIMAL(18, {SCALE})",
    "platform": f"DECIMAL(18, {SCALE})",
    "told_b": "VARCHAR",
    "told_a": "VARCHAR",
}
"""The columns of `changed.parquet`: of each party, what it has more under A."""

Explained = Mapping[str, Mapping[Language, tuple[Told, Told]]]
"""By dispute and language: how it ends under A, how under B."""


def comparison_json(
    found: Comparison,
    verdicts: Mapping[Language, str],
    cases: Sequence[ChangedCase],
    told: Explained,
) -> Json:
    """Return a comparison as plain data: amounts exact texts, shares 0 to 1."""
    return {
        "a": found.a,
        "b": found.b,
        "verdict": {str(language): verdict for language, verdict in verdicts.items()},
        "disputes": found.disputes,
        "changed": found.changed,
        "other_rule_only": found.other_reasons,
        "other_time_only": found.other_times,
        "left_out": {
            "without_recorded_outcome": found.paired.unpaired,
            "money_without_amount": found.paired.without_money,
        },
        "changed_without_any_answer": found.silent,
        "arrival_after_refund_unknown": found.late_unknown,
        "undecided": {"a": found.unsettled_a, "b": found.unsettled_b},
        "endings": [_moved(one) for one in found.endings],
        "decisions": [_moved(one) for one in found.decisions],
        "tests": [_test(one) for one in found.tests],
        "money": [_party(one) for one in found.parties],
        "with_answers": None
        if found.answers is None
        else {
            "model": found.answers.model,
            "b_is_the_record": found.with_recorded,
            "runs": {one.run: _answered(one) for one in found.answers.runs},
        },
        "hours_to_end": {
            "disputes": found.hours.disputes,
            "median_a": found.hours.median_a,
            "median_b": found.hours.median_b,
            "sooner_under_a": found.hours.sooner,
            "later_under_a": found.hours.later,
        },
        "parts": [
            {
                "section": one.part.section,
                "name": one.part.name,
                "what": one.part.what,
                "parts": [{"where": p.where, "b": p.old, "a": p.new} for p in one.part.parts],
                "changed_disputes": one.disputes,
                "money": _more(one.money),
            }
            for one in found.reach
        ],
        "changed_outside_the_parts": found.outside,
        "rules": [
            {
                "b": one.rule_b or None,
                "a": one.rule_a or None,
                "disputes": one.disputes,
                "money": _more(one.money),
            }
            for one in found.regions
        ],
        "cases": [_case(one, told.get(one.dispute_id, {})) for one in cases],
        "bootstrap": {"seed": found.seed, "replicates": found.replicates},
    }


def write_changed(
    connection: Connection, folder: Path, told: Explained, language: Language
) -> None:
    """Write every changed dispute as `changed.parquet` and `changed.csv`, most money first.

    Args:
        connection: holds the `pairs` and `positions` of the comparison.
        told: of those that were explained; the others have no `told_a` and `told_b`.
    """
    explained = [
        (dispute, str(spoken[language][1]), str(spoken[language][0]))
        for dispute, spoken in told.items()
    ]
    columns = {"dispute_id": "VARCHAR", "told_b": "VARCHAR", "told_a": "VARCHAR"}
    make(connection, "told_changed", columns, explained)
    listed = ", ".join(f"CAST({_sql(name)} AS {kind}) AS {name}" for name, kind in COLUMNS.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS "
        f"WITH {MOVED}, units(currency, unit, digits) AS ({_units(connection)}) "
        f"SELECT {listed}, digits FROM pairs LEFT JOIN moved USING (dispute_id) "
        "LEFT JOIN units USING (currency) LEFT JOIN told_changed USING (dispute_id) "
        "WHERE changed ORDER BY coalesce(size, 0) DESC, dispute_id"
    )
    texts = ", ".join(_text(name) if name in PARTIES else name for name in COLUMNS)
    for name, select, form in (
        (TABLE, f"SELECT {', '.join(COLUMNS)} FROM changed", "parquet"),
        (TEXT_TABLE, f"SELECT {texts} FROM changed", "csv, HEADER"),
    ):
        connection.execute(f"COPY ({select}) TO {text_of(str(folder / name))} (FORMAT {form})")
    connection.execute("DROP TABLE changed")


def _units(connection: Connection) -> str:
    """Return the SQL of what a minor unit is worth in each currency, and of its digits."""
    rows = connection.execute("SELECT DISTINCT currency FROM pairs WHERE currency <> ''").fetchall()
    worth = (
        f"({text_of(one)}, {Decimal(1).scaleb(-minor_digits(one))}, {minor_digits(one)})"
        for (one,) in rows
    )
    return f"VALUES {', '.join(worth)}" if rows else "SELECT '', 1, 0 WHERE false"


def _text(column: str) -> str:
    """Return the SQL of an amount as text, with the digits its currency has."""
    places = f"({SCALE} - digits + (digits = 0)::INTEGER)"  # without digits the point goes too
    return f"left({column}::VARCHAR, length({column}::VARCHAR) - {places}) AS {column}"


def _sql(column: str) -> str:
    """Return the SQL of a column of the changed disputes."""
    if column in PARTIES:
        amount = f"list_filter(money, lambda one: one[1] = {text_of(column)})[1][2]"
        return f"CAST(coalesce({amount}, 0) AS DECIMAL(28, 0)) * CAST(unit AS DECIMAL(5, 4))"
    if column.startswith("rule_"):
        column = column.replace("rule_", "reason_")
    return column if column in ("dispute_id", "told_b", "told_a") else f"nullif({column}, '')"


def _case(one: ChangedCase, told: Mapping[Language, tuple[Told, Told]]) -> Json:
    return {
        "dispute": one.dispute_id,
        "claim_type": one.claim_type or None,
        "b": {"ended": one.ended_b, "decision": one.decision_b or None, "rule": one.rule_b or None},
        "a": {"ended": one.ended_a, "decision": one.decision_a or None, "rule": one.rule_a or None},
        "currency": one.currency or None,
        "money": {party: _amount(amount, one.currency) for party, amount in one.money},
        "told": {
            language: {
                "b": {"headline": b.headline, "why": list(b.why)},
                "a": {"headline": a.headline, "why": list(a.why)},
            }
            for language, (a, b) in told.items()
        },
    }


def _moved(one: Moved) -> Json:
    return {"b": one.b or None, "a": one.a or None, "disputes": one.disputes}


def _test(one: Test) -> Json:
    table = one.table
    return {
        "outcome": one.name,
        "both": table.both,
        "only_a": table.only_a,
        "only_b": table.only_b,
        "neither": table.neither,
        "difference": None if table.difference is None else round(table.difference, PLACES),
        "interval_95": _ends(one.interval),
        "odds": None if table.odds is None else round(table.odds, PLACES),
        "method": table.method,
        "p": table.p,
        "p_holm": one.adjusted,
    }


def _party(one: PartyMoney) -> Json:
    return {
        "party": one.party,
        "currency": one.currency,
        "a": _amount(one.a, one.currency),
        "b": _amount(one.b, one.currency),
        "difference": _amount(one.difference, one.currency),
        "interval_95": _amounts(one.interval, one.currency),
        "gains": {"amount": _amount(one.gains, one.currency), "disputes": one.better},
        "losses": {"amount": _amount(one.losses, one.currency), "disputes": one.worse},
    }


def _ends(interval: Interval | None) -> Json:
    return (
        None if interval is None else [round(end, PLACES) for end in (interval.low, interval.high)]
    )


def _amounts(interval: Interval | None, currency: str) -> Json:
    """Return the ends of an interval of money, rounded to whole minor units."""
    if interval is None:
        return None
    return [_amount(round(end), currency) for end in (interval.low, interval.high)]


def _more(money: Sequence[More]) -> Json:
    """Return what parties have more under A, by currency."""
    found: dict[str, dict[str, Json]] = {}
    for one in money:
        found.setdefault(one.currency, {})[one.party] = _amount(one.amount, one.currency)
    return dict(found)


def _answered(one: WithAnswers) -> Json:
    return {
        "changed": one.changed,
        "ended_without_human": _test(one.alone),
        "buyers": [_party(party) for party in one.buyers],
    }


def _amount(minor: int, currency: str) -> str | None:
    return f"{to_major(minor, currency):f}" if currency else None
