"""Events of rows, by the Python reader: the yardstick of every faster one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from reso.errors import InputError
from reso.facts.problems import InputProblem, RowReason
from reso.facts.rows import sift_history
from reso.facts.table import FactTable
from reso.facts.text import read_json
from reso.facts.values import Plain
from reso.model.events import Event
from simulations.reading.rejects import Reject, once_each
from simulations.reading.relations import NO_JSON
from simulations.reading.rows import Rows
from simulations.reading.schema import COLUMNS, PLACED
from simulations.reading.sql import connected

AT_A_TIME = 10_000

PlacedRow = tuple[Plain, ...]
"""A row of `Rows.sql`: the columns `schema.PLACED`, so `reason` is at 7."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the rows of a history say.

    Attributes:
        events: of the rows that can be used, in their order.
        rejects: the others, in their order, each row of a source once.
    """

    events: tuple[Event, ...]
    rejects: tuple[Reject, ...]


def sift(rows: Rows, table: FactTable) -> Sifted:
    """Return the events of all rows that can be used, and the others with what is wrong."""
    unread: list[tuple[int, Reject]] = []
    told = sift_history(_readable(rows, unread), table)
    taken = {position for position, _ in unread}
    positions = (n for n in range(len(told) + len(taken)) if n not in taken)
    placed = list(zip(positions, told, strict=True))
    wrong = {position: one for position, one in placed if not isinstance(one, Event)}
    rejects = sorted([*unread, *_rejects(rows, wrong)], key=lambda one: one[0])
    events = tuple(one for one in told if isinstance(one, Event))
    return Sifted(events, _as_they_stood(rows, once_each(reject for _, reject in rejects)))


def sift_some(
    rows: Sequence[PlacedRow], table: FactTable, currencies: Mapping[str, str]
) -> list[Event | Reject]:
    """Return of each of these rows its event, or the reject it is.

    Args:
        rows: in their order; of a dispute all of them, or its currency stands in `currencies`.
        currencies: of disputes whose currency is known; `sift_history` finds those of the others.
    """
    told = iter(sift_history(_cells(row for row in rows if row[7] is None), table, currencies))
    found: list[Event | Reject] = []
    for row in rows:
        if row[7] is not None:
            found.append(_unread(row))
            continue
        one = next(told)
        found.append(one if isinstance(one, Event) else _wrong(row, one))
    return found


def _readable(
    rows: Rows, unread: list[tuple[int, Reject]]
) -> Iterator[tuple[str, int, dict[str, Plain]]]:
    """Yield the rows that could be read; note the others, each with its position."""
    for position, row in enumerate(_all(rows)):
        if row[7] is None:
            yield from _cells([row])
        else:
            unread.append((position, _unread(row)))


def _rejects(
    rows: Rows, wrong: Mapping[int, tuple[InputProblem, ...]]
) -> Iterator[tuple[int, Reject]]:
    """Yield a reject for each row that is wrong: the rows are read again for what stood there."""
    if not wrong:
        return
    for position, row in enumerate(_all(rows)):
        problems = wrong.get(position)
        if problems is not None:
            yield position, _wrong(row, problems)


def _cells(rows: Iterable[PlacedRow]) -> Iterator[tuple[str, int, dict[str, Plain]]]:
    """Yield rows as `sift_history` takes them."""
    for *cells, file, number, _, _, _ in rows:
        yield str(file), int(str(number)), dict(zip(COLUMNS, cells, strict=True))


def _unread(row: PlacedRow) -> Reject:
    """Return the reject of a row that could not be read."""
    *cells, file, number, reason, message, raw = row
    told, why = _exactly(str(message), str(raw)), cast(RowReason, reason)
    return Reject(str(file), int(str(number)), why, told, str(cells[0] or ""), str(raw or ""))


def _wrong(row: PlacedRow, problems: tuple[InputProblem, ...]) -> Reject:
    """Return the reject of a row that could be read, and has these problems."""
    *cells, file, number, _, _, raw = row
    whole = raw or json.dumps(dict(zip(COLUMNS, cells, strict=True)), ensure_ascii=False)
    message = " ".join(_sentence(problem, f"row {number}: ") for problem in problems)
    place = (str(file), int(str(number)))
    return Reject(*place, problems[0].reason, message, str(cells[0] or ""), str(whole))


def _as_they_stood(rows: Rows, rejects: tuple[Reject, ...]) -> tuple[Reject, ...]:
    """Return rejects with the whole rows as they stood in their source.

    A row that is no longer there, since the source has changed meanwhile, stays as it was read.
    """
    if not rejects or not rows.relations:
        return rejects
    with connected() as connection:
        connection.execute("CREATE TEMP TABLE wanted (file VARCHAR, row BIGINT)")
        places = [[one.file for one in rejects], [one.row for one in rejects]]
        connection.execute("INSERT INTO wanted SELECT unnest($1), unnest($2)", places)
        found = connection.execute(rows.as_it_stood("wanted")).fetchall()
    stood = {(str(file), int(row)): str(raw) for file, row, raw in found}
    return tuple(replace(one, raw=stood.get((one.file, one.row), one.raw)) for one in rejects)


def _all(rows: Rows) -> Iterator[PlacedRow]:
    with connected() as connection:
        asked = connection.execute(f"SELECT {', '.join(PLACED)} FROM ({rows.sql})")
        while batch := asked.fetchmany(AT_A_TIME):
            yield from batch


def _exactly(message: str, raw: str) -> str:
    """Return what is wrong with a row that cannot be read; of JSON, where it breaks off."""
    if message != NO_JSON:
        return message
    try:
        read_json(raw, "line")
    except InputError as error:
        return error.what
    return message


def _sentence(problem: InputProblem, prefix: str) -> str:
    text = f"{problem.path}: {problem.message}.".replace(prefix, "")
    return f"{text} {problem.hint}" if problem.hint else text
