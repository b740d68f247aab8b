"""Rows put aside: each with its place, why, and what stood there."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.problems import SHOWN, CaseError, InputProblem, RowReason
from simulations.reading.relations import parquet_types
from simulations.reading.schema import CSV, JSONL, PARQUET
from simulations.reading.spool import LONGEST_ROW, write_table


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not used.

    Attributes:
        file: where it stands: a file, or a database without its password.
        row: its number there, from 1; of a JSONL file its line, of a CSV file without the heading.
        reason: the code; `reasons.REASONS` has its words. Of several problems that of the first.
        message: everything that is wrong with it, and what to do.
        dispute_id: whose row it is, "" where that cannot be read.
        raw: the row as it stood there: a line, or its columns as a JSON object.
    """

    file: str
    row: int
    reason: RowReason
    message: str
    dispute_id: str
    raw: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.file}: row {self.row:,}"


REJECT_COLUMNS = tuple(field.name for field in fields(Reject))


class RefusedRowsError(CaseError):
    """Rows that a strict reading cannot use: the first of them, and where all stand."""

    def __init__(self, rejects: Sequence[Reject], written: Path | None) -> None:
        super().__init__(
            InputProblem(f"row {one.row}", one.message, file=one.file) for one in rejects
        )
        self.written = written

    def __str__(self) -> str:
        told = super().__str__()
        if self.written is not None:
            return f"{told}\nAll of them, with what stood there: {self.written}"
        more = "\n`reso replay` writes all of them where --rejects FILE says."
        return told + more if len(self.problems) > SHOWN else told


def refuse_all(rejects: Sequence[Reject], file: Path | None = None) -> None:
    """Stop at rows that cannot be used.

    Args:
        file: where all of them are written first.

    Raises:
        RefusedRowsError: there are some. InputError: the file cannot be written.
    """
    if not rejects:
        return
    if file is not None:
        write_rejects(file, rejects)
    raise RefusedRowsError(rejects, file)


def once_each(rejects: Iterable[Reject]) -> tuple[Reject, ...]:
    """Return each row once, though a mapping made several events of it that cannot be used.

    The reason is that of the first; the message has every sentence once.
    """
    by_row: dict[tuple[str, int], Reject] = {}
    for one in rejects:
        before = by_row.setdefault((one.file, one.row), one)
        if one.message not in before.message:
            joined = replace(before, message=f"{before.message} {one.message}")
            by_row[one.file, one.row] = joined
    return tuple(by_row.values())


def counted(rejects: Iterable[Reject]) -> dict[str, int]:
    """Return how many rows were put aside for each reason, the most frequent first."""
    return dict(Counter[str](one.reason for one in rejects).most_common())


def check_rejects_path(path: Path, history: str) -> None:
    """Refuse a file for rejects before anything is read.

    Raises:
        InputError: its ending says no format we write, its folder is not there; something else
            than rejects stands there; or it would be part of the history: overwrite its file, or
            be read as rows of its folder next time.
    """
    source = Path(history).resolve()
    if path.resolve() == source or (path.parent.resolve() == source and source.is_dir()):
        raise InputError(str(path), "would be part of the history", "Name a file elsewhere.")
    _check_format(path)
    if path.exists() and not _holds_rejects(path):
        raise InputError(str(path), "is taken, and not by rejects", "Name another file.")


def _holds_rejects(path: Path) -> bool:
    """Whether a file is one of ours, so that it may be written anew; an empty one is."""
    if not path.is_file():
        return False
    if path.stat().st_size == 0:
        return True
    try:
        if path.suffix == PARQUET:
            return tuple(parquet_types(path)) == REJECT_COLUMNS
        with path.open(encoding="utf-8", newline="") as file:
            first = file.readline(LONGEST_ROW)
        keys = json.loads(first) if path.suffix in JSONL else next(csv.reader([first]), [])
    except (InputError, OSError, ValueError, csv.Error):
        return False
    return isinstance(keys, dict | list) and tuple(keys) == REJECT_COLUMNS


def _check_format(path: Path) -> None:
    if path.suffix not in (*JSONL, CSV, PARQUET):
        todo = "Name it .jsonl, .csv or .parquet."
        raise InputError(str(path), "its ending says no format of rejects", todo)
    if not path.parent.is_dir():
        raise InputError(str(path), "its folder is not there", "Make it first.")


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """Write rejects as JSONL, CSV or Parquet, as the ending says; all of them or no file.

    Raises:
        InputError: the file cannot be written.
    """
    _check_format(path)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(half, path.suffix, rejects)
        half.replace(path)
    except (OSError, duckdb.IOException) as error:
        raise InputError(
            str(path), "cannot be written", "Check the folder and the disk."
        ) from error
    finally:
        half.unlink(missing_ok=True)


def _write(file: Path, suffix: str, rejects: Sequence[Reject]) -> None:
    rows = [astuple(one) for one in rejects]
    if suffix == PARQUET:
        write_table(file, REJECT_COLUMNS, rows, {"row": "BIGINT"})
        return
    with file.open("w", encoding="utf-8", newline="") as out:
        if suffix == CSV:
            writer = csv.writer(out)
            writer.writerow(REJECT_COLUMNS)
            writer.writerows(rows)
            return
        for row in rows:
            out.write(json.dumps(dict(zip(REJECT_COLUMNS, row, strict=True)), ensure_ascii=False))
            out.write("\n")
