"""Constants of the language as whole numbers, texts and lists."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from reso.expressions.tree import Lit, Node, Scalar, walk
from reso.model.time import Duration
from simulations.sql.calendar import SECOND, day_number, microseconds
from simulations.sql.dialects import Dialect


def constant(value: Scalar, dialect: Dialect, index: Mapping[Duration, int]) -> str:
    """Return a constant as SQL; a duration is its index."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return dialect.integer(value)
        case str():
            return dialect.words(value)
        case datetime():
            return dialect.integer(microseconds(value))
        case date():
            return str(day_number(value))
        case time():
            return dialect.integer(clock_microseconds(value))
        case Duration():
            return str(index[value])
        case tuple():
            return dialect.list(*(constant(part, dialect, index) for part in value))
        case None:
            return "NULL"


def clock_microseconds(clock: time) -> int:
    """Return a time of day as microseconds."""
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * SECOND + clock.microsecond


def durations_of(nodes: Iterable[Node]) -> tuple[Duration, ...]:
    """Return the distinct durations that expressions mention, in an order of their own."""
    found = {
        part.value
        for node in nodes
        for part in walk(node)
        if isinstance(part, Lit) and isinstance(part.value, Duration)
    }
    return tuple(sorted(found, key=lambda d: (d.kind, d.count, d.end_of_day, d.inclusive)))
