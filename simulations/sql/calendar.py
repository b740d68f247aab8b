"""The calendar as SQL over instants: microseconds since 1970, no Python per row.

It covers a stated range of years. An instant outside it, or one from which an operation could
leave it, yields NULL: operands that are known and a result that is not are the sign of it.
Days are looked up in two lists, columns of a relation of one row that stands beside the facts
(see `lists`): a constant list in the text of a query is copied for every block of rows.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from reso.facts.calendar import Calendar
from reso.model.time import Duration
from simulations.sql.binding import Bind, Lambdas
from simulations.sql.dialects import Dialect

SECOND = 1_000_000
DAY = 86_400 * SECOND
LAST_SECOND = DAY - SECOND
FAR = 1_000_000
"""Days added before a division, so that it cuts downwards, and taken off again."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1).toordinal()
RANK, DAYS = "calendar:rank", "calendar:days"


def microseconds(instant: datetime) -> int:
    """Return an aware instant as microseconds since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def day_number(day: date) -> int:
    """Return a day as days since 1970."""
    return day.toordinal() - FIRST_DAY


@dataclass(frozen=True, slots=True)
class Steps:
    """A value that changes at instants: `values[0]` before `starts[0]`, `values[n + 1]` from it."""

    starts: tuple[int, ...]
    values: tuple[int, ...]

    def sql(self, at: str) -> str:
        """Return the value at an instant, found by halving."""
        return self._between(at, 0, len(self.starts))

    def _between(self, at: str, low: int, high: int) -> str:
        if low == high:
            return str(self.values[low])
        middle = (low + high) // 2
        before, after = self._between(at, low, middle), self._between(at, middle + 1, high)
        return f"CASE WHEN {at} < {self.starts[middle]} THEN {before} ELSE {after} END"

    @property
    def constant(self) -> bool:
        """Whether it never changes."""
        return not self.starts


@dataclass(frozen=True, slots=True)
class Offsets:
    """A zone's offset from UTC in microseconds, by UTC and by what its clocks show.

    Attributes:
        utc: by the instant.
        first, second: by the clocks, as microseconds since 1970; where a change repeats or skips
            them, the offset before it and after it (fold 0 and 1).
    """

    utc: Steps
    first: Steps
    second: Steps


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first_year: int, last_year: int) -> Offsets:
    """Return the offsets of a zone over a range of years."""
    start = datetime(first_year, 1, 1, tzinfo=UTC) - timedelta(days=3)
    end = datetime(last_year, 12, 31, tzinfo=UTC) + timedelta(days=3)
    changes: list[int] = []
    values = [_offset(zone, start)]
    day = start
    while day < end:
        following = day + timedelta(days=1)
        if _offset(zone, following) != values[-1]:
            changes.append(microseconds(_change(zone, day, following)))
            values.append(_offset(zone, following))
        day = following
    pairs = [(values[n], values[n + 1]) for n in range(len(changes))]
    first = tuple(at + max(pair) for at, pair in zip(changes, pairs, strict=True))
    second = tuple(at + min(pair) for at, pair in zip(changes, pairs, strict=True))
    found = tuple(values)
    return Offsets(Steps(tuple(changes), found), Steps(first, found), Steps(second, found))


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the second at which the offset changes."""
    seconds, old = int((after - before).total_seconds()), _offset(zone, before)
    found = bisect_right(
        range(seconds + 1), False, key=lambda n: _offset(zone, before + timedelta(seconds=n)) != old
    )
    return before + timedelta(seconds=found)


@dataclass(frozen=True)
class SqlCalendar:
    """A calendar over a range of years, as SQL.

    The narrower the range, the shorter the SQL of a zone with summer time.

    Attributes:
        durations: what a duration expression yields an index into (from 0).
        first_year, last_year: the range, both included.
    """

    calendar: Calendar
    dialect: Dialect
    durations: tuple[Duration, ...] = ()
    first_year: int = 1990
    last_year: int = 2100
    _offsets: Offsets = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = offsets(self.calendar.zone, self.first_year, self.last_year)
        object.__setattr__(self, "_offsets", found)

    # -- the range --------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """The first instant inside the range."""
        return (day_number(date(self.first_year, 1, 1)) + 1) * DAY

    @property
    def last(self) -> int:
        """The last instant inside the range."""
        return day_number(date(self.last_year, 12, 31)) * DAY - 1

    def inside(self, instant: str, days: int = 0) -> str:
        """Return whether an instant lies in the range, and so many days later as well."""
        return f"{instant} BETWEEN {self.first} AND {self.last - days * DAY}"

    def always_ends(self, first: int, last: int, duration: Duration) -> bool:
        """Whether a duration ends inside the range whenever it starts between two instants."""
        if first > last:
            return True
        inside = self.first <= first and last <= self.last - _longest(duration) * DAY
        return inside and self._business_end(last, duration) is not None

    def latest_end(self, last: int, duration: Duration) -> int:
        """Return when a duration that starts at an instant, or before it, ends at the latest."""
        end = self._business_end(last, duration)
        return self.last + DAY if end is None else end

    def _business_end(self, last: int, duration: Duration) -> int | None:
        """Return when a duration that starts by then is over; None: after the range's days."""
        if duration.kind != "business_days":
            return last + (_longest(duration) + 1) * DAY
        rank, days = _business_days(self.calendar, self.first_year, self.last_year)
        today = last // DAY + 1 - _first_day(self.first_year)
        place = rank[today] + duration.count if 0 <= today < len(rank) else len(days)
        return (days[place] + 2) * DAY if place < len(days) else None

    # -- lists ------------------------------------------------------------------------------

    @property
    def list_columns(self) -> tuple[str, ...]:
        """The columns of `lists`, which expressions on business days use."""
        return (RANK, DAYS)

    def lists(self) -> str:
        """Return a query of one row: the calendar's lists.

        `calendar:rank` tells how many business days the range has up to a day, `calendar:days`
        which day the nth of them is. Keep it as a table: reading it costs time at every query.
        """
        rank, days = _business_days(self.calendar, self.first_year, self.last_year)
        columns = (
            f"{self.dialect.numbers(values)} AS {self.dialect.name(name)}"
            for name, values in ((RANK, rank), (DAYS, days))
        )
        return f"SELECT {', '.join(columns)}"

    # -- operations -------------------------------------------------------------------------

    def add(self, instant: str, duration: Duration, bind: Bind | None = None) -> str:
        """Return the instant at which a duration that starts at `instant` ends."""
        bind = bind or Lambdas(self.dialect).bind
        return bind(instant, lambda at: self._add(at, duration, bind))

    def add_indexed(
        self, instant: str, index: str, only: Sequence[int] | None = None, bind: Bind | None = None
    ) -> str:
        """Return the same for the duration with an index; `only`: the indexes that can occur."""
        bind = bind or Lambdas(self.dialect).bind
        indexes = range(len(self.durations)) if only is None else only
        if not indexes:
            return self.dialect.null("instant")

        def cases(at: str, chosen: str) -> str:
            whens = (
                f"WHEN {chosen} = {n} THEN {self._add(at, self.durations[n], bind)}"
                for n in indexes
            )
            return f"CASE {' '.join(whens)} END"

        return bind(instant, lambda at: bind(index, lambda chosen: cases(at, chosen)))

    def at_time(self, instant: str, clock: str, bind: Bind | None = None) -> str:
        """Return the instant at which, on the local day of `instant`, clocks show `clock`."""
        bind = bind or Lambdas(self.dialect).bind

        def write(at: str) -> str:
            local = f"({self._day(self._local(at))} * {DAY} + {clock})"
            return self._guarded(at, self._utc(local, self._offsets.first, bind))

        return bind(instant, write)

    def end_of_day(self, instant: str, bind: Bind | None = None) -> str:
        """Return the last second of the local day of `instant`."""
        bind = bind or Lambdas(self.dialect).bind
        return bind(
            instant,
            lambda at: self._guarded(at, self._end_of(self._day(self._local(at)), bind)),
        )

    def time_of(self, instant: str, bind: Bind | None = None) -> str:
        """Return what local clocks show at `instant`: microseconds of the day."""
        bind = bind or Lambdas(self.dialect).bind
        return bind(
            instant,
            lambda at: self._guarded(at, f"(({self._local(at)} + {FAR * DAY}) % {DAY})"),
        )

    def is_business_day(self, instant: str, bind: Bind | None = None) -> str:
        """Return whether the local day of `instant` is a business day."""
        bind = bind or Lambdas(self.dialect).bind

        def ranks(position: str) -> str:
            today, before = self._rank(position), self._rank(f"{position} - 1")
            return f"({today} <> {before})"

        def write(at: str) -> str:
            return self._guarded(at, bind(self._day(self._local(at)), ranks))

        return bind(instant, write)

    # -- parts ------------------------------------------------------------------------------

    def _guarded(self, at: str, result: str, days: int = 0) -> str:
        return f"CASE WHEN {self.inside(at, days)} THEN {result} END"

    def _local(self, at: str) -> str:
        return f"({at} + {self._offsets.utc.sql(at)})"

    def _utc(self, local: str, by: Steps, bind: Bind) -> str:
        return bind(local, lambda shown: f"({shown} - {by.sql(shown)})")

    def _day(self, local: str) -> str:
        return f"({self.dialect.quotient(f'({local} + {FAR * DAY})', str(DAY))} - {FAR})"

    def _end_of(self, day: str, bind: Bind) -> str:
        return self._utc(f"({day} * {DAY} + {LAST_SECOND})", self._offsets.second, bind)

    def _rank(self, day: str) -> str:
        position = f"{day} - {_first_day(self.first_year) - 1}"
        return self.dialect.element(self.dialect.name(RANK), position)

    def _add(self, at: str, duration: Duration, bind: Bind) -> str:
        count = duration.count - duration.inclusive
        if duration.kind == "exact":
            return self._guarded(at, f"({at} + {count * SECOND})", _longest(duration))
        fixed = self._offsets.utc.constant
        if not duration.end_of_day and (count == 0 or (fixed and duration.kind == "calendar_days")):
            return self._guarded(at, f"({at} + {count * DAY})", count)

        def from_local(local: str) -> str:
            return bind(self._day(local), lambda day: from_day(local, day))

        def from_day(local: str, day: str) -> str:
            later = self._later_day(day, duration, count)
            if duration.end_of_day:
                return self._end_of(later, bind)
            if fixed:
                return f"({at} + ({later} - {day}) * {DAY})"
            return bind(later, lambda last: same_clock(local, day, last))

        def same_clock(local: str, day: str, last: str) -> str:
            shown = f"({local} + ({last} - {day}) * {DAY})"
            moved = self._utc(shown, self._offsets.first, bind)
            return f"CASE WHEN {last} = {day} THEN {at} ELSE {moved} END"

        return self._guarded(at, bind(self._local(at), from_local), _longest(duration))

    def _later_day(self, day: str, duration: Duration, count: int) -> str:
        if count == 0:
            return day
        if duration.kind == "months":
            return self.dialect.months_later(day, count)
        if duration.kind == "calendar_days":
            return f"({day} + {count})"
        return self.dialect.element(self.dialect.name(DAYS), f"{self._rank(day)} + {count}")


def _longest(duration: Duration) -> int:
    """Return how many days a duration is at most, business days counted as days."""
    count = duration.count - duration.inclusive
    match duration.kind:
        case "exact":
            return count // 86_400 + 1
        case "months":
            return count * 31
        case _:
            return count


def _first_day(year: int) -> int:
    """Return the first day that `calendar:rank` covers: one before the range's."""
    return day_number(date(year, 1, 1)) - 1


@lru_cache(maxsize=64)
def _business_days(
    calendar: Calendar, first_year: int, last_year: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how many business days there are up to each day, and the business days."""
    rank: list[int] = [0]
    days: list[int] = []
    for year in range(first_year, last_year + 1):
        free = {day_number(day) for day in calendar.holidays_in(year)}
        for day in range(day_number(date(year, 1, 1)), day_number(date(year, 12, 31)) + 1):
            if (day + 3) % 7 not in calendar.weekend and day not in free:  # day 0: a Thursday
                days.append(day)
            rank.append(len(days))
    return tuple(rank), tuple(days)
