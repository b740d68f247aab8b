"""Event rows in files: JSONL and Parquet."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.problems import CaseError, InputProblem, shown
from reso.facts.rows import read_history
from reso.facts.table import FactTable
from reso.facts.text import read_json, read_text
from reso.facts.values import Plain
from reso.model.events import Event

COLUMNS = ("dispute_id", "occurred_at", "recorded_at", "kind", "payload")
INSTANTS = ("occurred_at", "recorded_at")
JSONL = (".jsonl", ".ndjson")
PARQUET = ".parquet"
MAX_PROBLEMS = 1000

Row = Mapping[str, Plain]


def is_event_file(path: Path) -> bool:
    """Whether the name of a file says that it holds event rows."""
    return path.suffix in (*JSONL, PARQUET)


def read_event_file(path: Path, table: FactTable) -> tuple[Event, ...]:
    """Return the events of a JSONL or Parquet file, in the order of its rows.

    Raises:
        CaseError: rows that cannot be read, with their numbers (of a JSONL file, its lines).
        InputError: the file cannot be read, or has not the columns of a history.
    """
    rows = _parquet(path) if path.suffix == PARQUET else _jsonl(path)
    return read_history(rows, table, file=str(path))


def columns_of(path: Path) -> dict[str, str]:
    """Return the columns of a Parquet file, and their types in SQL.

    Raises:
        InputError: it cannot be read.
    """
    with duckdb.connect() as connection:
        found = _asked(connection, path, "DESCRIBE SELECT * FROM read_parquet(?)")
    return {str(name): str(kind) for name, kind, *_ in found}


def select(path: Path, columns: str) -> Iterator[tuple[Plain, ...]]:
    """Yield these columns (SQL) of each row of a Parquet file.

    Raises:
        InputError: it cannot be read.
    """
    with duckdb.connect() as connection:
        yield from _asked(connection, path, f"SELECT {columns} FROM read_parquet(?)")


def _asked(
    connection: duckdb.DuckDBPyConnection, path: Path, query: str
) -> list[tuple[Plain, ...]]:
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path.")
    try:
        return connection.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        what = f"not readable as Parquet: {str(error).splitlines()[0]}"
        raise InputError(str(path), what, "Write it again.") from error


def _jsonl(path: Path) -> list[Row]:
    problems: list[InputProblem] = []
    rows: list[Row] = []
    lines = read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(read_line(line, f"{path}:{number}"))
        except InputError as error:
            problems.append(InputProblem("", error.what, error.todo, str(path), number))
            if len(problems) == MAX_PROBLEMS:
                break
    if problems:
        raise CaseError(problems)
    return rows


def read_line(line: str, place: str) -> Row:
    """Return the row that a line of a JSONL file holds.

    Raises:
        InputError: it holds none.
    """
    if not line.strip():
        raise InputError(place, "is empty", "Take the line out: each one holds an event.")
    row = read_json(line, place)
    if not isinstance(row, dict):
        raise InputError(place, f"holds {shown(row)}", "Write an object: one event per line.")
    missing = [name for name in COLUMNS if name not in row]
    if missing:
        what = f"has no `{'`, `'.join(missing)}`"
        raise InputError(place, what, f"An event has {', '.join(COLUMNS)}.")
    return row


def _parquet(path: Path) -> Iterator[Row]:
    columns = columns_of(path)
    refuse_columns(path, columns)
    listed = ", ".join(_as_text(name, columns[name]) for name in COLUMNS)
    for values in select(path, listed):
        yield dict(zip(COLUMNS, values, strict=True))


def refuse_columns(path: Path, columns: Mapping[str, str]) -> None:
    """Refuse a Parquet file whose columns (with their types in SQL) are not those of a history.

    Raises:
        InputError: a column is missing, or of a type that says too little.
    """
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        what = f"has no column `{'`, `'.join(missing)}`"
        raise InputError(str(path), what, f"A history has {', '.join(COLUMNS)}.")
    for name in COLUMNS:
        _refuse_type(path, name, columns[name])


def _refuse_type(path: Path, name: str, kind: str) -> None:
    allowed = ("VARCHAR", "TIMESTAMP WITH TIME ZONE") if name in INSTANTS else ("VARCHAR", "JSON")
    if kind in allowed:
        return
    what = f"the column is {kind}"
    if kind.startswith("TIMESTAMP"):
        what += ", which has no time zone"
    raise InputError(f"{path}: {name}", what, f"Write it as {' or '.join(allowed)}.")


def _as_text(name: str, kind: str) -> str:
    """Return the SQL of a column as text; of an instant, in UTC with its offset."""
    if kind != "TIMESTAMP WITH TIME ZONE":
        return f"{name}::VARCHAR"
    return f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'"
