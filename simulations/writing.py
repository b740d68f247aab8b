"""What `--out` writes: tables of disputes and of rules and the figures, whole or not at all."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from reso.engine.ruling_json import Json
from reso.model.money import minor_digits
from simulations.folders import new_folder, refuse_taken
from simulations.measures.endings import HOURS
from simulations.measures.tables import ResultsTable
from simulations.plain import COLUMNS, PLACES, RULE_COLUMNS

SUMMARY = "summary.json"
Kinds = Mapping[str, str]


def write_out(
    folder: Path,
    table: ResultsTable,
    zone: ZoneInfo,
    summary: Json,
    more: Callable[[Path], None] | None = None,
) -> None:
    """Write `disputes` and `rules` (Parquet and CSV) and `summary.json` into a new folder.

    They are written beside it first, so a run that is stopped leaves nothing half written.

    Args:
        zone: in which the CSV tells instants.
        more: writes further files into the folder it is given.

    Raises:
        InputError: the folder is already there. OSError: it cannot be written.
    """
    refuse_taken(folder)
    with new_folder(folder) as made:
        _tell_digits(table)
        _write(table, made, "disputes", _disputes(zone), COLUMNS)
        _write(table, made, "rules", RULES, RULE_COLUMNS)
        text = json.dumps(summary, indent=2, ensure_ascii=False)
        (made / SUMMARY).write_text(f"{text}\n", encoding="utf-8")
        if more is not None:
            more(made)


def _tell_digits(table: ResultsTable) -> None:
    """Make a table of the currencies and how many minor units make a major one."""
    table.connection.execute(
        "CREATE OR REPLACE TEMP TABLE minor_units (currency VARCHAR, digits INTEGER, unit BIGINT)"
    )
    for currency in table.currencies():
        digits = minor_digits(currency)
        row = [currency, digits, 10**digits]
        table.connection.execute("INSERT INTO minor_units VALUES (?, ?, ?)", row)


def _write(table: ResultsTable, made: Path, name: str, select: str, kinds: Kinds) -> None:
    """Write a query as `<name>.csv` and, with these types, as `<name>.parquet`."""
    query = select.format_map(table.names.as_dict())
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE written AS {query}")
    made_as = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds.items())
    columns = ", ".join(kinds)
    for extension, listed, options in (("csv", columns, "HEADER"), ("parquet", made_as, "")):
        target = str(made / f"{name}.{extension}").replace("'", "''")
        table.connection.execute(
            f"COPY (SELECT {listed} FROM temp.written) TO '{target}' "
            f"(FORMAT {extension}{', ' if options else ''}{options})"
        )


def _major(column: str) -> str:
    """Return the SQL of minor units as an exact text in major units."""
    whole, rest = f"abs({column}) // unit", f"abs({column}) % unit"
    return (
        f"CASE WHEN {column} < 0 THEN '-' ELSE '' END || ({whole})::VARCHAR || "
        f"CASE WHEN digits = 0 THEN '' ELSE '.' || lpad(({rest})::VARCHAR, digits, '0') END"
    )


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


def _disputes(zone: ZoneInfo) -> str:
    amounts = {name: _major(name) for name in ("amount", "refunded")}
    instants = {name: _instant(name, zone) for name in ("filed_at", "ended_at", "refunded_at")}
    told = {**amounts, **instants, "hours": f"round({HOURS}, {PLACES})"}
    told["movements"] = "coalesce(moved, '[]')"
    listed = ", ".join(f"{told[name]} AS {name}" if name in told else name for name in COLUMNS)
    return f"""
        WITH moved AS (
            SELECT dispute_id, to_json(list({{{{
                payer: payer, payee: payee, component: component, currency: currency,
                amount: {_major("amount")}}}}} ORDER BY payer, payee, component)) AS moved
            FROM {{movements}} LEFT JOIN minor_units USING (currency) GROUP BY dispute_id)
        SELECT {listed} FROM {{results}} LEFT JOIN minor_units USING (currency)
            LEFT JOIN moved USING (dispute_id)
        ORDER BY dispute_id
    """


RULES = f"""
    WITH used AS (
        SELECT reason AS rule, ended, currency, count(*) AS disputes,
            count(*) FILTER (handed_over) AS handed,
            quantile_disc({HOURS}, 0.5) AS hours, sum(refunded)::HUGEINT AS money,
            count(*) FILTER (arrived_after) AS late
        FROM {{results}} WHERE ended NOT IN ('no_claim', 'open') GROUP BY ALL)
    SELECT rule, ended, currency, disputes, handed AS handed_over,
        round(hours, {PLACES}) AS median_hours, {_major("money")} AS refunded,
        late AS arrived_after
    FROM used LEFT JOIN minor_units USING (currency) ORDER BY disputes DESC, rule, ended, currency
"""
