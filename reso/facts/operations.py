"""The language's arithmetic: what every engine computes the same way. None stays none."""

from collections.abc import Iterable
from datetime import datetime, time
from enum import Enum
from typing import Final, Literal

from reso.expressions.tree import CompareOp, Scalar
from reso.facts.calendar import Calendar
from reso.model.time import Duration

MILLION = 1_000_000
Rounding = Literal["down", "up", "half_up", "half_even"]


class Unknown(Enum):
    """The one value of what is not known yet."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


def compare(op: CompareOp, left: Scalar, right: Scalar) -> bool:
    """Compare two values of one kind; a comparison with none is false."""
    if left is None or right is None:
        return False
    match op:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right  # type: ignore[operator]
        case "<=":
            return left <= right  # type: ignore[operator]
        case ">":
            return left > right  # type: ignore[operator]
        case ">=":
            return left >= right  # type: ignore[operator]


def share(amount: int | None, rate: int | None, rounding: Rounding) -> int | None:
    """Return `rate` (in millionths) of an amount in minor units, rounded as the policy says."""
    if amount is None or rate is None:
        return None
    return _divided(amount * rate, MILLION, rounding)


def portion(
    amount: int | None, part: int | None, whole: int | None, rounding: Rounding
) -> int | None:
    """Return what of `amount` falls to `part` of `whole`, rounded as the policy says.

    None where one of them is none, or `whole` is not above zero.
    """
    if amount is None or part is None or whole is None or whole <= 0:
        return None
    return _divided(amount * part, whole, rounding)


def _divided(number: int, by: int, rounding: Rounding) -> int:
    whole, rest = divmod(number, by)
    match rounding:
        case "down":
            return whole
        case "up":
            return whole + (rest > 0)
        case "half_up":
            return whole + (2 * rest >= by)
        case "half_even":
            return whole + (2 * rest > by or (2 * rest == by and whole % 2))


def move(calendar: Calendar, start: datetime | None, by: Duration | None) -> datetime | None:
    """Return the instant `by` after `start`."""
    if start is None or by is None:
        return None
    return calendar.add(start, by)


def at_time(calendar: Calendar, instant: datetime | None, clock: time) -> datetime | None:
    """Return that local day at that clock time."""
    return None if instant is None else calendar.at_time(instant, clock)


def smallest(values: Iterable[Scalar]) -> Scalar:
    """Return the smallest known value, none when all are none."""
    known = [value for value in values if value is not None]
    return min(known) if known else None  # type: ignore[type-var]


def largest(values: Iterable[Scalar]) -> Scalar:
    """Return the largest known value, none when all are none."""
    known = [value for value in values if value is not None]
    return max(known) if known else None  # type: ignore[type-var]


def first_known(values: Iterable[Scalar]) -> Scalar:
    """Return the first value that is not none."""
    return next((value for value in values if value is not None), None)


def elapsed(unit: int, earlier: datetime | None, later: datetime | None) -> int | None:
    """Return the whole units (of `unit` seconds) between two instants, rounded down."""
    if earlier is None or later is None:
        return None
    return int((later - earlier).total_seconds() // unit)
