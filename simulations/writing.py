"""What `--out` writes: tables of disputes and of rules and the figures, whole or not at all."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from reso.engine.ruling_json import Json
from reso.model.money import minor_digits
from simulations.folders import new_folder, refuse_taken
from simulations.literals import text_of
from simulations.measures.endings import HOURS
from simulations.measures.tables import ResultsTable
from simulations.plain import COLUMNS, PLACES, RULE_COLUMNS

SUMMARY = "summary.json"
MOST_IN_CSV = 100_000
"""Disputes up to which a CSV file of them is written unasked."""
ROW_GROUP = 50_000
FILES = 6
"""How many steps writing takes, for whoever shows how far it is."""

Kinds = Mapping[str, str]


def write_out(
    folder: Path,
    table: ResultsTable,
    zone: ZoneInfo,
    summary: Json,
    *,
    csv: bool = False,
    more: Callable[[Path], None] | None = None,
    progress: Callable[[int], None] = lambda steps: None,
) -> None:
    """Write `disputes` and `rules` (Parquet and CSV) and `summary.json` into a new folder.

    They are written beside it first, so a run that is stopped leaves nothing half written.

    Args:
        zone: in which the CSV tells instants.
        csv: write the CSV of disputes, however many there are (`MOST_IN_CSV`).
        more: writes further files into the folder it is given.
        progress: called with how many more of `FILES` steps are done.

    Raises:
        InputError: the folder is already there. OSError: it cannot be written.
    """
    refuse_taken(folder)
    with new_folder(folder) as made:
        _tell_digits(table)
        _make(table, "told_movements", _MOVED)
        progress(1)
        disputes = int(table.row("SELECT count(*) FROM {results}")[0])
        _write_parquet(table, made / "disputes.parquet", _AS_DECIMALS, COLUMNS)
        progress(1)
        if csv or disputes <= MOST_IN_CSV:
            _write_csv(table, made / "disputes.csv", _as_texts(zone))
        progress(1)
        _make(table, "told_rules", _RULES)
        _write_parquet(table, made / "rules.parquet", _rules(_exact("money")), RULE_COLUMNS)
        _write_csv(table, made / "rules.csv", _rules(_major("money")))
        progress(1)
        text = json.dumps(summary, indent=2, ensure_ascii=False)
        (made / SUMMARY).write_text(f"{text}\n", encoding="utf-8")
        progress(1)
        if more is not None:
            more(made)
        progress(1)


def _tell_digits(table: ResultsTable) -> None:
    """Make a table of the currencies and how many minor units make a major one."""
    table.connection.execute(
        "CREATE OR REPLACE TEMP TABLE minor_units "
        "(currency VARCHAR, digits INTEGER, unit BIGINT, factor DECIMAL(5, 4))"
    )
    for currency in table.currencies():
        digits = minor_digits(currency)
        row = [currency, digits, 10**digits, Decimal(1).scaleb(-digits)]
        table.connection.execute("INSERT INTO minor_units VALUES (?, ?, ?, ?)", row)


def _make(table: ResultsTable, name: str, select: str) -> None:
    query = select.format_map(table.names.as_dict())
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _write_parquet(table: ResultsTable, file: Path, select: str, kinds: Kinds) -> None:
    listed = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds.items())
    query = f"SELECT {listed} FROM ({select.format_map(table.names.as_dict())})"
    table.connection.execute(
        f"COPY ({query}) TO {text_of(str(file))} (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"
    )


def _write_csv(table: ResultsTable, file: Path, select: str) -> None:
    query = select.format_map(table.names.as_dict())
    table.connection.execute(f"COPY ({query}) TO {text_of(str(file))} (FORMAT csv, HEADER)")


def _major(column: str) -> str:
    """Return the SQL of minor units as an exact text in major units."""
    whole, rest = f"abs({column}) // unit", f"abs({column}) % unit"
    return (
        f"CASE WHEN {column} < 0 THEN '-' ELSE '' END || ({whole})::VARCHAR || "
        f"CASE WHEN digits = 0 THEN '' ELSE '.' || lpad(({rest})::VARCHAR, digits, '0') END"
    )


def _exact(column: str) -> str:
    """Return the SQL of minor units in major units, as a decimal."""
    return f"CAST({column} AS DECIMAL(28, 0)) * factor"


def _instant(column: str, zone: ZoneInfo) -> str:
    """Return the SQL of an instant as ISO 8601 in a zone, with its offset."""
    local = f"timezone('{zone.key}', {column})"
    minutes = f"(epoch_us({local}) - epoch_us({column})) // 60000000"
    return (
        f"strftime({local}, '%Y-%m-%dT%H:%M:%S') "
        f"|| CASE WHEN epoch_us({column}) % 1000000 = 0 THEN '' "
        f"ELSE strftime({local}, '.%f') END "
        f"|| CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END "
        f"|| lpad((abs({minutes}) // 60)::VARCHAR, 2, '0') || ':' "
        f"|| lpad((abs({minutes}) % 60)::VARCHAR, 2, '0')"
    )


def _disputes(amounts: Mapping[str, str], instants: Mapping[str, str]) -> str:
    """Return the SQL of a row per dispute, with its amounts and instants written so."""
    hours = f"round({HOURS}, {PLACES})"
    told = {**amounts, **instants, "hours": hours, "movements": "coalesce(moved, '[]')"}
    listed = ", ".join(f"{told[name]} AS {name}" if name in told else name for name in COLUMNS)
    return f"""
        SELECT {listed} FROM {{results}} LEFT JOIN minor_units USING (currency)
            LEFT JOIN temp.told_movements USING (dispute_id)
        ORDER BY dispute_id
    """


AMOUNTS, INSTANTS = ("amount", "refunded"), ("filed_at", "ended_at", "refunded_at")

_MOVED = f"""
    SELECT dispute_id, '[' || array_to_string(list_sort(list(one)), ',') || ']' AS moved
    FROM (SELECT dispute_id, to_json({{{{
            payer: payer, payee: payee, component: component, currency: currency,
            amount: {_major("amount")}}}}})::VARCHAR AS one
        FROM {{movements}} LEFT JOIN minor_units USING (currency))
    GROUP BY dispute_id
"""
_AS_DECIMALS = _disputes({name: _exact(name) for name in AMOUNTS}, {})


def _as_texts(zone: ZoneInfo) -> str:
    return _disputes(
        {name: _major(name) for name in AMOUNTS},
        {name: _instant(name, zone) for name in INSTANTS},
    )


_RULES = f"""
    SELECT reason AS rule, ended, currency, count(*) AS disputes,
        count(*) FILTER (handed_over) AS handed_over,
        round(quantile_disc({HOURS}, 0.5), {PLACES}) AS median_hours,
        sum(refunded)::HUGEINT AS money, count(*) FILTER (arrived_after) AS arrived_after
    FROM {{results}} WHERE ended NOT IN ('no_claim', 'open') GROUP BY ALL
"""


def _rules(refunded: str) -> str:
    """Return the SQL of a row per rule, way of ending and currency."""
    listed = ", ".join(RULE_COLUMNS).replace("refunded", f"{refunded} AS refunded")
    return f"""
        SELECT {listed} FROM temp.told_rules LEFT JOIN minor_units USING (currency)
        ORDER BY disputes DESC, rule, ended, currency
    """
