"""Instants and durations. Instants are aware datetimes in UTC; the kinds of duration never mix."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from reso.model.money import Language

DurationKind = Literal["exact", "calendar_days", "business_days", "months"]

_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, of one kind.

    Attributes:
        kind: what is counted.
        count: how many; whole seconds for "exact", else whole days or months; never negative.
        end_of_day: it runs to the end of its last day, instead of to the same clock time.
            Not for "exact".
        inclusive: the starting day is day 1. For one or more "calendar_days" only.

    Raises:
        ValueError: a combination that is ruled out above.
    """

    kind: DurationKind
    count: int
    end_of_day: bool = False
    inclusive: bool = False

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"a duration of {self.count} is negative. Count from 0 up")
        if self.end_of_day and self.kind == "exact":
            raise ValueError("`end of day` needs days or months. Hours end at their own minute")
        if self.inclusive and (self.kind != "calendar_days" or self.count == 0):
            raise ValueError("`inclusive` needs 1 or more calendar days. Leave it out elsewhere")


def as_utc(instant: datetime) -> datetime:
    """Return an aware `instant` as a plain datetime in UTC.

    Raises:
        ValueError: it has no UTC offset, or lies outside the years 1-9999 in UTC.
    """
    if instant.utcoffset() is None:
        raise ValueError(_no_offset(instant.isoformat()))
    try:
        utc = instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"`{instant.isoformat()}` is outside the years 1-9999 in UTC") from error
    return utc if type(utc) is datetime else datetime.combine(utc.date(), utc.timetz())


def parse_instant(text_or_datetime: str | datetime) -> datetime:
    """Return an ISO 8601 text (date, time and offset; seconds optional) or a datetime in UTC.

    Raises:
        ValueError: not such a text, or without an offset.
    """
    if isinstance(text_or_datetime, datetime):
        return as_utc(text_or_datetime)
    try:
        instant = datetime.fromisoformat(text_or_datetime)
    except ValueError as error:
        raise ValueError(
            f"`{text_or_datetime}` is not an instant. Write it like 2026-04-16T10:00+07:00"
        ) from error
    if instant.tzinfo is None:
        raise ValueError(_no_offset(text_or_datetime))
    return as_utc(instant)


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return an aware `instant` on the clocks of `zone`.

    What has no local time there, at either end of the calendar, stays in UTC.

    Raises:
        ValueError: `instant` has no UTC offset.
    """
    utc = as_utc(instant)
    try:
        return utc.astimezone(zone)
    except OverflowError:
        return utc


def format_instant(instant: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return an aware `instant` on the clocks of `zone`, to the minute: "16 Apr 2026 10:00 WIB".

    A zone without an abbreviation of its own shows its offset: "16 Apr 2026 11:00 UTC+08:00".

    Raises:
        ValueError: `instant` has no UTC offset.
    """
    from babel.dates import format_datetime  # slow to import

    local = local_time(instant, zone)
    clock = format_datetime(local.replace(tzinfo=None), "d MMM y HH:mm", locale=language)
    return f"{clock} {_zone_name(local)}"


_SECONDS_OF = {"hour": _HOUR, "minute": 60, "second": 1}
_UNITS: dict[str, tuple[DurationKind, int]] = {
    **{unit: ("exact", seconds) for unit, seconds in _SECONDS_OF.items()},
    "calendar day": ("calendar_days", 1),
    "week": ("calendar_days", 7),
    "business day": ("business_days", 1),
    "month": ("months", 1),
}
_UNIT_OF_KIND: dict[DurationKind, str] = {
    "calendar_days": "calendar day",
    "business_days": "business day",
    "months": "month",
}
_DURATION = re.compile(
    r"(?P<count>[0-9]{1,9}) (?P<unit>[a-z]+(?: days?)?)"
    r"(?P<inclusive> inclusive)?(?P<end_of_day> end of day)?"
)
_BARE_DAYS = re.compile(r"(?P<count>[0-9]{1,9}) (?:working )?days?\b.*")


def parse_duration(text: str) -> Duration:
    """Return the duration that `text` says, such as "48 hours" or "6 calendar days end of day".

    Units: seconds, minutes, hours; calendar days, weeks (of 7 calendar days); business days;
    months. After days and months may stand `inclusive` (calendar days and weeks only), then
    `end of day`.

    Raises:
        ValueError: anything else. "6 days" alone is refused, as it does not say which days.
    """
    words = " ".join(text.lower().split())
    if bare := _BARE_DAYS.fullmatch(words):
        raise ValueError(_which_days(text, int(bare["count"])))
    match = _DURATION.fullmatch(words)
    if match is None or match["unit"].removesuffix("s") not in _UNITS:
        raise ValueError(
            f"`{text}` is not a duration. Write a whole number and a unit: 48 hours, "
            "6 calendar days, 6 calendar days end of day, 2 business days, 1 month"
        )
    kind, size = _UNITS[match["unit"].removesuffix("s")]
    return Duration(
        kind,
        int(match["count"]) * size,
        end_of_day=match["end_of_day"] is not None,
        inclusive=match["inclusive"] is not None,
    )


def format_duration(duration: Duration, language: Language) -> str:
    """Return `duration` in words: "2 business days" (en), "2 hari kerja" (id).

    `parse_duration` reads the English words back to an equal duration.
    """
    if duration.kind == "exact":
        return _format_exact(duration.count, language)
    words = _counted(duration.count, _UNIT_OF_KIND[duration.kind], language)
    if duration.inclusive:
        words += {"en": " inclusive", "id": " termasuk hari pertama"}[language]
    if duration.end_of_day:
        words += {"en": " end of day", "id": " sampai akhir hari"}[language]
    return words


def format_seconds(seconds: int, language: Language) -> str:
    """Return elapsed `seconds` in words, rounded down: "74 hours", "8 days 3 hours", "5 minutes".

    Minutes under an hour, hours under 4 days, then days and hours.

    Raises:
        ValueError: `seconds` is negative.
    """
    if seconds < 0:
        raise ValueError(f"{seconds} seconds is no elapsed time. Put the earlier instant first")
    if seconds < 60:
        return {"en": "less than 1 minute", "id": "kurang dari 1 menit"}[language]
    if seconds < _HOUR:
        return _counted(seconds // 60, "minute", language)
    if seconds < 4 * _DAY:
        return _counted(seconds // _HOUR, "hour", language)
    days, hours = _counted(seconds // _DAY, "day", language), seconds % _DAY // _HOUR
    return f"{days} {_counted(hours, 'hour', language)}" if hours else days


_INDONESIAN = {
    "second": "detik",
    "minute": "menit",
    "hour": "jam",
    "day": "hari",
    "calendar day": "hari kalender",
    "business day": "hari kerja",
    "month": "bulan",
}


def _format_exact(seconds: int, language: Language) -> str:
    unit = next(unit for unit, size in _SECONDS_OF.items() if seconds % size == 0)
    return _counted(seconds // _SECONDS_OF[unit], unit, language)


def _counted(count: int, unit: str, language: Language) -> str:
    if language == "id":
        return f"{count} {_INDONESIAN[unit]}"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


def _no_offset(text: str) -> str:
    return f"`{text}` has no UTC offset. Write the instant like 2026-04-16T10:00+07:00"


def _which_days(text: str, count: int) -> str:
    units = {"calendar day": count, "business day": count, "hour": 24 * count}
    calendar, business, hours = (_counted(many, unit, "en") for unit, many in units.items())
    return f"`{text}` does not say which days. Write {calendar}, {business} or {hours}"
