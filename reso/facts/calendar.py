"""The calendar a marketplace counts days by: its time zone, its weekend and its holidays.

Holidays come from the `holidays` library: national public holidays (not those of single states),
for Indonesia with the joint leave (cuti bersama), which the library files under "government".
The library knows what is announced, for Indonesia up to 2027. After that it estimates the dates
that follow the moon, and has no joint leave, which no one can foresee; after 2100 it has no
holidays at all, and business days are then all days outside the weekend. A deadline beyond the
announced years may therefore come out some days early: update the library once a year.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, assert_never
from zoneinfo import ZoneInfo, available_timezones

from reso.errors import InputError
from reso.memo import remembered
from reso.model.time import Duration, as_utc, format_duration

LAST_SECOND = time(23, 59, 59)
SATURDAY_AND_SUNDAY = frozenset({5, 6})

DayKind = Literal["calendar_days", "business_days", "months"]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CATEGORIES = {"ID": ("public", "government")}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Counts days in a time zone. Instants go in aware and come out in UTC.

    Clock times that a change to summer time skips count as if it had not happened yet; those that
    the change back repeats mean the first of the two.

    Attributes:
        zone: where days begin and end.
        weekend: its days, Monday is 0.
        country: whose public holidays count (ISO 3166 code); None: nobody's.
        own_holidays: if given, these replace the country's.

    Raises:
        ValueError: the weekend leaves no working day, or holds a day outside 0-6.
    """

    zone: ZoneInfo
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    country: str | None = None
    own_holidays: frozenset[date] | None = None

    def __post_init__(self) -> None:
        if not self.weekend < frozenset(range(7)):
            raise ValueError(
                f"a weekend of {sorted(self.weekend)} is not possible. "
                "Name days of 0 (Monday) to 6 (Sunday), and leave one to work on"
            )

    @classmethod
    def of(cls, zone_name: str, country: str | None) -> "Calendar":
        """Return the calendar of a time zone ("Asia/Jakarta") with a country's public holidays.

        The weekend is Saturday and Sunday. Without a country there are no holidays.

        Raises:
            InputError: no such zone, or no holidays known for the country; the nearest is named.
        """
        if country is not None:
            _check_country(country)
        return cls(_zone(zone_name), country=country)

    def replaced(self, weekend: Iterable[str] | None, holidays: Iterable[date]) -> "Calendar":
        """Return this calendar with other holidays, and another weekend ("sat", "sun") if given.

        They take the place of the country's holidays altogether.

        Raises:
            ValueError: an unknown weekday, a week without a working day, or a holiday that has a
                time of day.
        """
        days = self.weekend if weekend is None else frozenset(map(_weekday, weekend))
        return replace(self, weekend=days, own_holidays=frozenset(map(_plain_date, holidays)))

    def add(self, instant: datetime, duration: Duration) -> datetime:
        """Return the instant at which a `duration` that starts at `instant` ends.

        - exact: that many seconds later, on no clock in particular;
        - calendar days: the same local clock time so many days later, a day less if `inclusive`;
        - business days: the same, only the days that are no weekend and no holiday count; the
          starting day does not, whichever day it is, and 0 of them is `instant` itself;
        - months: the same day of a later month, or that month's last day if it is shorter.

        With `end_of_day` it is the end of that day (see `end_of_day`) in place of the clock time.

        Raises:
            ValueError: `instant` has no UTC offset, or the result lies outside the years
                1-9999.
        """
        start = as_utc(instant)
        try:
            return self._add(start, duration)
        except (OverflowError, ValueError) as error:
            raise ValueError(
                f"{format_duration(duration, 'en')} after {start.isoformat()} "
                "is outside the years 1-9999. Use a shorter duration"
            ) from error

    def at_time(self, instant: datetime, clock_time: time) -> datetime:
        """Return the instant at which, on the local day of `instant`, it is `clock_time`."""
        return self._at(self.local_date(instant), clock_time)

    def end_of_day(self, instant: datetime) -> datetime:
        """Return the last instant that still counts as the local day of `instant`: 23:59:59.

        Deadlines are in whole seconds; where a clock change repeats it, the later one is meant.
        """
        return self._end_of(self.local_date(instant))

    def is_business_day(self, instant: datetime) -> bool:
        """Return whether the local day of `instant` is neither weekend nor holiday."""
        day = self.local_date(instant)
        return day.weekday() not in self.weekend and day not in self.holidays_in(day.year)

    def holidays_in(self, year: int) -> frozenset[date]:
        """Return the holidays of a year, those on a weekend included."""
        return _holidays(self.country, self.own_holidays, year)

    def local_date(self, instant: datetime) -> date:
        """Return the day it is in the calendar's zone at `instant`."""
        return self._local(as_utc(instant)).date()

    def local_time(self, instant: datetime) -> time:
        """Return what clocks in the calendar's zone show at `instant`."""
        return self._local(as_utc(instant)).time().replace(fold=0)

    def _add(self, start: datetime, duration: Duration) -> datetime:
        if duration.kind == "exact":
            return start + timedelta(seconds=duration.count)
        local = self._local(start)
        day = self._last_day(local.date(), duration.kind, duration.count - duration.inclusive)
        if duration.end_of_day:
            return self._end_of(day)
        return start if day == local.date() else self._at(day, local.time())

    def _last_day(self, first: date, kind: DayKind, count: int) -> date:
        match kind:
            case "calendar_days":
                return first + timedelta(days=count)
            case "business_days":
                return self._business_day_after(first, count)
            case "months":
                return _same_day_of_month(first, count)
            case _:
                assert_never(kind)

    def _business_day_after(self, first: date, count: int) -> date:
        if count == 0:
            return first
        year = first.year
        days = self._business_days(year)
        position = bisect_right(days, first.toordinal()) + count - 1
        while position >= len(days):
            position -= len(days)
            year += 1
            days = self._business_days(year)
        return date.fromordinal(days[position])

    def _business_days(self, year: int) -> tuple[int, ...]:
        return _business_days(self.weekend, self.country, self.own_holidays, year)

    def _local(self, utc: datetime) -> datetime:
        try:
            return utc.astimezone(self.zone)
        except OverflowError as error:
            raise ValueError(
                f"{utc.isoformat()} is outside the years 1-9999 in {self.zone.key}"
            ) from error

    def _at(self, day: date, clock_time: time) -> datetime:
        return self._utc(datetime.combine(day, clock_time.replace(fold=0), self.zone))

    def _end_of(self, day: date) -> datetime:
        return self._utc(datetime.combine(day, LAST_SECOND.replace(fold=1), self.zone))

    def _utc(self, local: datetime) -> datetime:
        try:
            return local.astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{local.isoformat()} is outside the years 1-9999 in UTC") from error


@lru_cache(maxsize=1024)
def _business_days(
    weekend: frozenset[int],
    country: str | None,
    own_holidays: frozenset[date] | None,
    year: int,
) -> tuple[int, ...]:
    """Return the ordinals of a year's business days, in order."""
    free = {day.toordinal() for day in _holidays(country, own_holidays, year)}
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return tuple(
        day
        for day in range(first, last + 1)
        if (day - 1) % 7 not in weekend and day not in free  # day 1 was a Monday
    )


@lru_cache(maxsize=1024)
def _holidays(
    country: str | None, own_holidays: frozenset[date] | None, year: int
) -> frozenset[date]:
    if own_holidays is not None:
        return frozenset(day for day in own_holidays if day.year == year)
    if country is None:
        return frozenset()
    return remembered("holidays", (country, year), lambda: _public_holidays(country, year))


def _public_holidays(country: str, year: int) -> frozenset[date]:
    from reso.facts.countries import holidays_of  # slow to import

    return holidays_of(country, year, _CATEGORIES.get(country, ("public",)))


def _same_day_of_month(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(first.day, last_day))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = nearest_zone(name)
        todo = f"Did you mean `{near}`?" if near else "Write one such as `Asia/Jakarta`."
        raise InputError(f"time zone `{name}`", "no such time zone", todo) from error


def nearest_zone(name: str) -> str | None:
    """Return the IANA time zone nearest to a name, None when none is near."""
    near = get_close_matches(name, available_timezones(), n=1)
    return near[0] if near else None


def _check_country(country: str) -> None:
    if remembered("countries", country, lambda: _is_known(country)):
        return
    near = nearest_country(country)
    todo = f"Did you mean `{near}`?" if near else "Write its ISO 3166 code, such as `ID`."
    raise InputError(f"country `{country}`", "its public holidays are not known", todo)


def _is_known(country: str) -> bool:
    from holidays.registry import EntityLoader  # its list of codes imports no country

    return country in EntityLoader.get_country_codes(include_aliases=False)


def nearest_country(word: str) -> str | None:
    """Return the code nearest to a code or an English name ("id", "IDN", "Indonesia")."""
    from babel import Locale
    from holidays import country_holidays
    from holidays.registry import EntityLoader

    if word.upper() in EntityLoader.get_country_codes():
        return country_holidays(word.upper()).country
    codes = EntityLoader.get_country_codes(include_aliases=False)
    names = Locale("en").territories
    known = {names.get(code, code).casefold(): code for code in codes}
    near = get_close_matches(word.casefold(), known, n=1)
    return known[near[0]] if near else None


def _weekday(name: str) -> int:
    try:
        return _WEEKDAYS.index(name)
    except ValueError as error:
        raise ValueError(
            f"`{name}` is not a weekday. Write one of {', '.join(_WEEKDAYS)}"
        ) from error


def _plain_date(day: date) -> date:
    if isinstance(day, datetime):
        raise ValueError(f"holiday `{day.isoformat()}` has a time of day. Write the date alone")
    return day
