"""Disputes that SQL is not sure of, read by Python: what is wrong in them, and what is left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reso.errors import InputError
from reso.facts.problems import CaseError
from reso.facts.rows import read_history, write_history
from reso.facts.table import FactTable
from reso.facts.values import Plain
from simulations.prepared.event_files import JSONL, read_line

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DoubtfulRow:
    """A row of a dispute in which SQL is not sure of something.

    Attributes:
        file: its place among the files. row: from 1.
        raw: the row as it stands (JSON of it, or the line), where SQL could not take it apart.
    """

    file: int
    row: int
    dispute_id: str | None
    occurred_at: int | None
    recorded_at: int | None
    kind: str | None
    payload: str | None
    raw: str | None


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be read, and why."""

    file: int
    row: int
    dispute_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """What can be read of a dispute: rows in the plain form of `write_history`."""

    rows: tuple[DoubtfulRow, ...]
    rejects: tuple[Reject, ...]


def mend(rows: Sequence[DoubtfulRow], files: Sequence[Path], table: FactTable) -> Mended:
    """Read the rows of one dispute; those with problems are taken out and the others read again.

    So what is left can be read on its own: amounts, for one, not without `order.currency`.
    """
    rejects: list[Reject] = []
    left: list[tuple[DoubtfulRow, Plain]] = []
    for row in rows:
        try:
            left.append((row, _plain(row, files[row.file])))
        except InputError as error:
            rejects.append(_reject(row, f"{error.what}. {error.todo}".strip()))
    while left:
        found = _problems([plain for _, plain in left], table)
        if not found:
            break
        rejects += (_reject(left[n][0], reason) for n, reason in found.items())
        left = [kept for n, kept in enumerate(left) if n not in found]
    return Mended(tuple(_written(left, table)), tuple(rejects))


def _problems(plain: Sequence[Plain], table: FactTable) -> dict[int, str]:
    """Return what is wrong with these rows, by their place."""
    try:
        read_history(plain, table)  # type: ignore[arg-type]
    except CaseError as error:
        found: dict[int, str] = {}
        for problem in error.problems:
            place, _, path = problem.path.partition(": ")
            if place.startswith("row "):
                said = f"{path}: {problem.message}. {problem.hint}".strip()
                found.setdefault(int(place.removeprefix("row ")) - 1, said)
        return found or _alone(plain, table)
    return {}


def _alone(plain: Sequence[Plain], table: FactTable) -> dict[int, str]:
    """Return the rows that cannot be read by themselves: those with amounts, as no currency is."""
    found: dict[int, str] = {}
    for n, row in enumerate(plain):
        try:
            read_history([row], table)  # type: ignore[list-item]
        except CaseError as error:
            problem = error.problems[0]
            found[n] = f"{problem.path}: {problem.message}. {problem.hint}".strip()
    return found


def _written(left: Sequence[tuple[DoubtfulRow, Plain]], table: FactTable) -> list[DoubtfulRow]:
    events = read_history([plain for _, plain in left], table)  # type: ignore[misc]
    written = write_history(events, table)
    return [
        DoubtfulRow(
            row.file,
            row.row,
            event.dispute_id,
            microseconds(event.occurred_at),
            microseconds(event.recorded_at),
            event.kind,
            plain["payload"],
            None,
        )
        for (row, _), event, plain in zip(left, events, written, strict=True)
    ]


def microseconds(instant: datetime) -> int:
    """Return an aware instant in microseconds since 1970 UTC."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant(microseconds: int) -> datetime:
    """Return the instant so many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def _plain(row: DoubtfulRow, file: Path) -> Plain:
    if row.raw is not None:
        is_line = file.suffix in JSONL
        return read_line(row.raw, str(file)) if is_line else json.loads(row.raw)
    if row.occurred_at is None or row.recorded_at is None:
        raise AssertionError("a row without instants is kept as it stands")
    return {
        "dispute_id": row.dispute_id,
        "occurred_at": instant(row.occurred_at),
        "recorded_at": instant(row.recorded_at),
        "kind": row.kind,
        "payload": row.payload,
    }


def _reject(row: DoubtfulRow, reason: str) -> Reject:
    return Reject(row.file, row.row, row.dispute_id, reason)
