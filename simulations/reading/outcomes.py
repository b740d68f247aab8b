"""Recorded outcomes: what was ruled, by whom, and perhaps what was really due."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import cast

import duckdb

from reso.errors import InputError
from reso.facts.problems import RowReason, did_you_mean, shown
from reso.facts.table import FactTable
from reso.model.money import minor_digits
from simulations.literals import text_of
from simulations.reading.database import asked, is_url
from simulations.reading.mapped import mapped_outcomes
from simulations.reading.mapping import ColumnMap
from simulations.reading.rejects import Reject
from simulations.reading.relations import Relation, relation_of
from simulations.reading.schema import (
    OUTCOME_COLUMNS,
    is_outcome_file,
    is_table_file,
    outcome_words,
)
from simulations.reading.sql import OFFSET, STAMPED, utc_text

NEEDED = ("dispute_id", "ruling")
OF_OTHERS = "Of other columns write `outcomes` in a --mapping."
TYPES = {"amount": "BIGINT", "decided_at": STAMPED}
RECORDED = ", ".join(f"{name} {TYPES.get(name, 'VARCHAR')}" for name in OUTCOME_COLUMNS)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many recorded outcomes there were: read = used + twice + replaced + rejects.

    Attributes:
        read: rows. used: disputes with an outcome. twice: rows that stand twice.
        replaced: outcomes of a dispute that has a later one.
        rejects: rows that cannot be used.
    """

    read: int
    used: int
    twice: int
    replaced: int
    rejects: tuple[Reject, ...]


def outcome_file(where: str | Path) -> Path | None:
    """Return the file of recorded outcomes in a folder, or beside a file; None without one.

    Raises:
        InputError: there are several.
    """
    path = Path(where)
    folder = path if path.is_dir() else path.parent
    files = sorted(filter(is_outcome_file, folder.iterdir())) if folder.is_dir() else []
    if len(files) > 1:
        what = f"two files of outcomes: {', '.join(file.name for file in files)}"
        raise InputError(str(folder), what, "Leave one of them.")
    return files[0] if files else None


def read_outcomes(
    connection: duckdb.DuckDBPyConnection,
    where: str | Path,
    folder: Path,
    table: FactTable,
    disputes: str,
    mapping: ColumnMap | None = None,
    query: str | None = None,
) -> Outcomes:
    """Make the table `recorded` of recorded outcomes; the columns are `schema.OUTCOME_COLUMNS`.

    Amounts are minor units of the dispute's currency; instants are TIMESTAMPTZ; what is not there
    is NULL. Of several outcomes of a dispute the one decided last counts.

    Args:
        where: the file of outcomes; or, of a mapping, a folder of files of which it names one, or
            the URL of a database.
        folder: where Parquet files are written as needed.
        table: its fact `standing_decision` has the words of a ruling.
        disputes: the name of a table of `connection` with `dispute_id` and `currency`.
        query: what a database is asked.

    Raises:
        InputError: it cannot be read, or has not the columns of outcomes. CaseError: the mapping
            names what is not there.
    """
    connection.execute(f"CREATE OR REPLACE TABLE recorded ({RECORDED})")
    told, unit = _select(where, folder, mapping, query)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE told AS "
        f"SELECT *, row_number() OVER () AS position FROM ({told})"
    )
    _judge(connection, table, disputes, unit)
    rejects = tuple(_rejects(connection, table))
    connection.execute(_KEEP)
    connection.execute(
        f"INSERT INTO recorded SELECT {', '.join(OUTCOME_COLUMNS)} FROM kept ORDER BY position"
    )
    read = connection.execute("SELECT count(*) FROM told").fetchone()
    counts = connection.execute(
        "SELECT count(*), count(DISTINCT whole), count(DISTINCT dispute_id) FROM judged "
        "WHERE reason IS NULL"
    ).fetchone()
    assert read is not None
    assert counts is not None
    right, different, used = counts
    return Outcomes(read[0], used, right - different, different - used, rejects)


_LATEST = "PARTITION BY dispute_id ORDER BY decided_at DESC NULLS LAST, position DESC"
_KEEP = f"""
CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM judged
WHERE reason IS NULL QUALIFY row_number() OVER ({_LATEST}) = 1
"""


def _select(
    where: str | Path, folder: Path, mapping: ColumnMap | None, query: str | None
) -> tuple[str, str]:
    """Return a SELECT of the columns as text, `file`, `row`, `unread`, `raw`; and the unit."""
    if mapping is not None and mapping.outcomes is not None:
        relations = _relations(where, folder, query)
        amount = mapping.outcomes.cells.get("amount")
        unit = "minor" if amount is None else amount.unit
        return mapped_outcomes(mapping, mapping.outcomes, relations), unit
    relation = relation_of(Path(where), folder)
    missing = [name for name in NEEDED if name not in relation.types]
    if missing:
        what = f"has no column `{'`, `'.join(missing)}`"
        todo = f"Outcomes have {', '.join(OUTCOME_COLUMNS)}. {OF_OTHERS}"
        raise InputError(relation.name, what, todo)
    columns = ", ".join(f"{_text(relation, name)} AS {name}" for name in OUTCOME_COLUMNS)
    return (
        f"SELECT {columns}, {text_of(relation.name)} AS file, {relation.row} AS row, "
        f"{relation.unread} AS unread, {relation.raw} AS raw FROM {relation.sql}"
    ), "minor"


def _relations(where: str | Path, folder: Path, query: str | None) -> list[Relation]:
    """Return what a mapping of outcomes may read: files, or the answer of a database."""
    if is_url(str(where)):
        return [asked(str(where), query or "", folder, "the query of the mapping's `outcomes`")]
    path = Path(where)
    files = [path] if path.is_file() else sorted(filter(is_table_file, path.iterdir()))
    return [relation_of(file, folder) for file in files]


def _text(relation: Relation, name: str) -> str:
    if name not in relation.types:
        return "NULL::VARCHAR"
    if relation.types[name] == STAMPED:
        return utc_text(relation.column(name))
    return relation.text(name)


def _judge(
    connection: duckdb.DuckDBPyConnection, table: FactTable, disputes: str, unit: str
) -> None:
    """Make the table `judged`: typed outcomes, and of each row the first thing wrong with it.

    `field` says where that is, `said` what stands there.
    """
    _make_factors(connection, disputes, unit)
    wrong = [
        ("unreadable_row", "''", "unread", "unread IS NOT NULL"),
        ("missing", "'dispute_id'", "NULL", "dispute_id IS NULL"),
        ("missing", "'ruling'", "NULL", "ruling IS NULL AND truth IS NULL"),
        ("unknown_dispute", "'dispute_id'", "dispute_id", "known IS NULL"),
        *(
            ("wrong_value", text_of(name), name, f"{name} NOT IN ({_listed(words)})")
            for name, words in outcome_words(table).items()
        ),
        ("no_currency", "'amount'", "amount", "amount IS NOT NULL AND factor IS NULL"),
        ("wrong_value", "'amount'", "amount", "amount IS NOT NULL AND minor IS NULL"),
        ("time_without_offset", "'decided_at'", "decided_at", _IS_LOCAL),
        ("wrong_time", "'decided_at'", "decided_at", "decided_at IS NOT NULL AND stamp IS NULL"),
        (
            "far_time",
            "'decided_at'",
            "decided_at",
            "year(stamp AT TIME ZONE 'UTC') NOT BETWEEN 1970 AND 2099",
        ),
    ]
    coded = [(text_of(code), *rest) for code, *rest in wrong]
    reason, field, said = (
        f"CASE {' '.join(f'WHEN {one[3]} THEN {one[n]}' for one in coded)} END" for n in range(3)
    )
    texts = sorted(set(OUTCOME_COLUMNS) - set(TYPES))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE judged AS "
        f"SELECT {', '.join(texts)}, minor AS amount, stamp AS decided_at, position, file, row, "
        f"raw, {reason} AS reason, {field} AS field, {said} AS said, "
        f"row({', '.join(texts)}, minor, stamp)::VARCHAR AS whole FROM ("
        f"SELECT told.*, known.dispute_id AS known, factor, {_MINOR} AS minor, {_STAMP} AS stamp "
        "FROM told LEFT JOIN known USING (dispute_id) LEFT JOIN factors USING (currency))"
    )


_HAS_OFFSET = f"regexp_matches(told.decided_at, {text_of(OFFSET)})"
_STAMP = f"CASE WHEN {_HAS_OFFSET} THEN TRY_CAST(told.decided_at AS TIMESTAMPTZ) END"
_IS_LOCAL = (
    f"NOT regexp_matches(decided_at, {text_of(OFFSET)}) "
    "AND TRY_CAST(decided_at AS TIMESTAMP) IS NOT NULL"
)
_SCALED = "told.amount::DECIMAL(22,6) * factor"
_MINOR = (
    r"CASE WHEN regexp_full_match(told.amount, '\d{1,15}(\.\d{1,6})?') "
    f"AND {_SCALED} = floor({_SCALED}) THEN ({_SCALED})::BIGINT END"
)


def _make_factors(connection: duckdb.DuckDBPyConnection, disputes: str, unit: str) -> None:
    """Make the tables `known` (disputes, currency) and `factors` (minor units of one `unit`)."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known AS "
        f"SELECT dispute_id, any_value(currency) AS currency FROM {disputes} GROUP BY dispute_id"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE factors (currency VARCHAR, factor DECIMAL(12,4))"
    )
    found = connection.execute("SELECT DISTINCT currency FROM known WHERE currency IS NOT NULL")
    for (currency,) in found.fetchall():
        digits = {"minor": 0, "cents": minor_digits(currency) - 2, "major": minor_digits(currency)}
        given = [currency, Decimal(1).scaleb(digits[unit])]
        connection.execute("INSERT INTO factors VALUES (?, ?)", given)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(map(text_of, words))


def _rejects(connection: duckdb.DuckDBPyConnection, table: FactTable) -> Iterator[Reject]:
    found = connection.execute(
        "SELECT file, row, reason, field, said, coalesce(dispute_id, ''), coalesce(raw, '') "
        "FROM judged WHERE reason IS NOT NULL ORDER BY position"
    )
    words = outcome_words(table)
    for file, row, reason, field, said, dispute_id, raw in found.fetchall():
        message = _message(cast(RowReason, reason), field, said, words.get(field, ()))
        yield Reject(file, row, reason, message, dispute_id, raw)


def _message(reason: RowReason, field: str, said: str | None, words: tuple[str, ...]) -> str:
    """Return what is wrong with an outcome, and what to do."""
    match reason:
        case "unreadable_row":
            return str(said) if str(said).endswith(".") else f"{said}."
        case "missing":
            todo = "Write the dispute's id." if field == "dispute_id" else "Write what was ruled."
            return f"{field}: is missing. {todo}"
        case "unknown_dispute":
            return f"{field}: {shown(said)} is no dispute of the history. Check the id."
        case "no_currency":
            return (
                f"{field}: {shown(said)}, but the dispute has no currency. State `order.currency`."
            )
        case "time_without_offset":
            todo = "Write the instant like 2026-04-16T10:00+07:00."
            return f"{field}: {shown(said)} has no UTC offset. {todo}"
        case "wrong_time":
            return (
                f"{field}: {shown(said)} is not an instant. Write it like 2026-04-16T10:00+07:00."
            )
        case "far_time":
            return f"{field}: {shown(said)} is not between 1970 and 2099. Write when it really was."
        case _ if words:
            hint = did_you_mean(str(said), words) or f"Known: {', '.join(words)}."
            return f"{field}: {shown(said)} is none of the known values. {hint}"
        case _:
            todo = "Write whole minor units, or say its `unit` in a mapping."
            return f"{field}: {shown(said)} is no amount of the dispute's currency. {todo}"
