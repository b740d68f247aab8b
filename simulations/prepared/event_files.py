"""Event rows in files: their columns, and the lines of a JSONL file."""

from collections.abc import Mapping
from pathlib import Path

from reso.errors import InputError
from reso.facts.problems import shown
from reso.facts.text import read_json
from reso.facts.values import Plain

COLUMNS = ("dispute_id", "occurred_at", "recorded_at", "kind", "payload")
INSTANTS = ("occurred_at", "recorded_at")
JSONL = (".jsonl", ".ndjson")
PARQUET = ".parquet"

Row = Mapping[str, Plain]


def is_event_file(path: Path) -> bool:
    """Whether the name of a file says that it holds event rows."""
    return path.suffix in (*JSONL, PARQUET)


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
