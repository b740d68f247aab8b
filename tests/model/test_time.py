"""Instants are aware and in UTC; durations say what they count, and read back as written."""

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.model.money import Language
from reso.model.time import (
    Duration,
    DurationKind,
    as_utc,
    format_duration,
    format_instant,
    format_seconds,
    parse_duration,
    parse_instant,
)

WIB = timezone(timedelta(hours=7))


@st.composite
def durations(draw: st.DrawFn) -> Duration:
    kind: DurationKind = draw(st.sampled_from(get_args(DurationKind)))
    count = draw(st.integers(0, 10**6))
    return Duration(
        kind,
        count,
        end_of_day=kind != "exact" and draw(st.booleans()),
        inclusive=kind == "calendar_days" and count > 0 and draw(st.booleans()),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("2026-04-16T10:00+07:00", datetime(2026, 4, 16, 3, 0, tzinfo=UTC), id="WIB"),
        pytest.param("2026-04-16T03:00Z", datetime(2026, 4, 16, 3, 0, tzinfo=UTC), id="Z"),
        pytest.param(
            "2026-04-16T03:00:05Z", datetime(2026, 4, 16, 3, 0, 5, tzinfo=UTC), id="seconds"
        ),
        pytest.param(
            "2026-04-16T03:00:05.25Z",
            datetime(2026, 4, 16, 3, 0, 5, 250_000, tzinfo=UTC),
            id="fraction",
        ),
        pytest.param(
            "2026-01-01T00:30+07:00",
            datetime(2025, 12, 31, 17, 30, tzinfo=UTC),
            id="the day before in UTC",
        ),
        pytest.param(
            datetime(2026, 4, 16, 10, 0, tzinfo=WIB),
            datetime(2026, 4, 16, 3, 0, tzinfo=UTC),
            id="an aware datetime",
        ),
    ],
)
def test_an_instant_is_read_into_utc(given: str | datetime, expected: datetime) -> None:
    instant = parse_instant(given)
    assert instant == expected
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            "2026-04-16T10:00",
            "`2026-04-16T10:00` has no UTC offset. Write the instant like 2026-04-16T10:00+07:00",
            id="no offset",
        ),
        pytest.param(
            "2026-04-16",
            "`2026-04-16` has no UTC offset. Write the instant like 2026-04-16T10:00+07:00",
            id="a date",
        ),
        pytest.param(
            datetime(2026, 4, 16, 10, 0),  # noqa: DTZ001 - naive on purpose
            "`2026-04-16T10:00:00` has no UTC offset. "
            "Write the instant like 2026-04-16T10:00+07:00",
            id="a naive datetime",
        ),
        pytest.param(
            "yesterday",
            "`yesterday` is not an instant. Write it like 2026-04-16T10:00+07:00",
            id="words",
        ),
        pytest.param(
            "2026-02-30T10:00Z",
            "`2026-02-30T10:00Z` is not an instant. Write it like 2026-04-16T10:00+07:00",
            id="no such day",
        ),
        pytest.param(
            "9999-12-31T23:59-07:00",
            "`9999-12-31T23:59:00-07:00` is outside the years 1-9999 in UTC",
            id="the year 10000 in UTC",
        ),
    ],
)
def test_what_is_no_instant_is_refused(given: str | datetime, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        parse_instant(given)
    assert str(refused.value) == message


def test_a_datetime_of_a_derived_class_comes_back_plain() -> None:
    class Stamp(datetime):
        """As YAML readers make them."""

    assert type(as_utc(Stamp(2026, 4, 16, 10, 0, tzinfo=WIB))) is datetime


@given(instant=st.datetimes(timezones=st.just(UTC)))
def test_an_instant_reads_back_from_its_iso_text(instant: datetime) -> None:
    assert parse_instant(instant.isoformat()) == instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("20 seconds", Duration("exact", 20), id="seconds"),
        pytest.param("30 minutes", Duration("exact", 30 * 60), id="minutes"),
        pytest.param("48 hours", Duration("exact", 48 * 3600), id="hours"),
        pytest.param("1 hour", Duration("exact", 3600), id="one hour"),
        pytest.param("6 calendar days", Duration("calendar_days", 6), id="calendar days"),
        pytest.param("1 calendar day", Duration("calendar_days", 1), id="one calendar day"),
        pytest.param(
            "6 calendar days end of day",
            Duration("calendar_days", 6, end_of_day=True),
            id="end of day",
        ),
        pytest.param(
            "40 calendar days inclusive",
            Duration("calendar_days", 40, inclusive=True),
            id="inclusive",
        ),
        pytest.param(
            "40 calendar days inclusive end of day",
            Duration("calendar_days", 40, end_of_day=True, inclusive=True),
            id="inclusive, end of day",
        ),
        pytest.param("2 weeks", Duration("calendar_days", 14), id="weeks are calendar days"),
        pytest.param("2 business days", Duration("business_days", 2), id="business days"),
        pytest.param(
            "1 business day end of day",
            Duration("business_days", 1, end_of_day=True),
            id="end of a business day",
        ),
        pytest.param("1 month", Duration("months", 1), id="month"),
        pytest.param("3 months", Duration("months", 3), id="months"),
        pytest.param("  48   Hours ", Duration("exact", 48 * 3600), id="blanks and capitals"),
    ],
)
def test_a_duration_is_read_from_words(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


NO_DURATION = (
    "is not a duration. Write a whole number and a unit: 48 hours, "
    "6 calendar days, 6 calendar days end of day, 2 business days, 1 month"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "6 days",
            "`6 days` does not say which days. Write 6 calendar days, 6 business days or 144 hours",
            id="days alone",
        ),
        pytest.param(
            "1 day end of day",
            "`1 day end of day` does not say which days. "
            "Write 1 calendar day, 1 business day or 24 hours",
            id="one day alone",
        ),
        pytest.param(
            "2 working days",
            "`2 working days` does not say which days. "
            "Write 2 calendar days, 2 business days or 48 hours",
            id="working days are called business days",
        ),
        pytest.param("1.5 hours", f"`1.5 hours` {NO_DURATION}", id="a fraction"),
        pytest.param("-2 hours", f"`-2 hours` {NO_DURATION}", id="negative"),
        pytest.param("1 year", f"`1 year` {NO_DURATION}", id="a year"),
        pytest.param("48", f"`48` {NO_DURATION}", id="no unit"),
        pytest.param("hours", f"`hours` {NO_DURATION}", id="no number"),
        pytest.param("", f"`` {NO_DURATION}", id="nothing"),
        pytest.param("2 weeks days", f"`2 weeks days` {NO_DURATION}", id="two units"),
        pytest.param("9999999999 hours", f"`9999999999 hours` {NO_DURATION}", id="ten digits"),
        pytest.param(
            "48 hours end of day",
            "`end of day` needs days or months. Hours end at their own minute",
            id="hours to the end of the day",
        ),
        pytest.param(
            "2 business days inclusive",
            "`inclusive` needs 1 or more calendar days. Leave it out elsewhere",
            id="inclusive business days",
        ),
        pytest.param(
            "0 calendar days inclusive",
            "`inclusive` needs 1 or more calendar days. Leave it out elsewhere",
            id="no day at all, the first included",
        ),
    ],
)
def test_what_is_no_duration_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        parse_duration(text)
    assert str(refused.value) == message


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a duration of -1 is negative\. Count from 0 up"):
        Duration("months", -1)


@pytest.mark.parametrize(
    ("text", "english", "indonesian"),
    [
        pytest.param("48 hours", "48 hours", "48 jam", id="hours"),
        pytest.param("60 minutes", "1 hour", "1 jam", id="one hour"),
        pytest.param("90 minutes", "90 minutes", "90 menit", id="minutes"),
        pytest.param("20 seconds", "20 seconds", "20 detik", id="seconds"),
        pytest.param("0 seconds", "0 hours", "0 jam", id="no time"),
        pytest.param("6 calendar days", "6 calendar days", "6 hari kalender", id="calendar days"),
        pytest.param("2 weeks", "14 calendar days", "14 hari kalender", id="weeks"),
        pytest.param("2 business days", "2 business days", "2 hari kerja", id="business days"),
        pytest.param("1 business day", "1 business day", "1 hari kerja", id="one business day"),
        pytest.param("1 month", "1 month", "1 bulan", id="one month"),
        pytest.param("3 months", "3 months", "3 bulan", id="months"),
        pytest.param(
            "6 calendar days end of day",
            "6 calendar days end of day",
            "6 hari kalender sampai akhir hari",
            id="end of day",
        ),
        pytest.param(
            "40 calendar days inclusive",
            "40 calendar days inclusive",
            "40 hari kalender termasuk hari pertama",
            id="inclusive",
        ),
    ],
)
def test_a_duration_is_written_in_both_languages(text: str, english: str, indonesian: str) -> None:
    assert format_duration(parse_duration(text), "en") == english
    assert format_duration(parse_duration(text), "id") == indonesian


@given(duration=durations())
def test_a_duration_reads_back_from_its_english_words(duration: Duration) -> None:
    assert parse_duration(format_duration(duration, "en")) == duration


@pytest.mark.parametrize(
    ("seconds", "english", "indonesian"),
    [
        pytest.param(0, "less than 1 minute", "kurang dari 1 menit", id="no time"),
        pytest.param(59, "less than 1 minute", "kurang dari 1 menit", id="last second below"),
        pytest.param(60, "1 minute", "1 menit", id="first minute"),
        pytest.param(3599, "59 minutes", "59 menit", id="last second of minutes"),
        pytest.param(3600, "1 hour", "1 jam", id="first hour"),
        pytest.param(74 * 3600 + 1800, "74 hours", "74 jam", id="hours, rounded down"),
        pytest.param(96 * 3600 - 1, "95 hours", "95 jam", id="last second of hours"),
        pytest.param(96 * 3600, "4 days", "4 hari", id="first whole days"),
        pytest.param(97 * 3600, "4 days 1 hour", "4 hari 1 jam", id="days and one hour"),
        pytest.param(195 * 3600, "8 days 3 hours", "8 hari 3 jam", id="days and hours"),
    ],
)
def test_elapsed_time_is_written_in_both_languages(
    seconds: int, english: str, indonesian: str
) -> None:
    assert format_seconds(seconds, "en") == english
    assert format_seconds(seconds, "id") == indonesian


def test_elapsed_time_is_never_negative() -> None:
    with pytest.raises(ValueError, match=r"-1 seconds is no elapsed time\. Put the earlier"):
        format_seconds(-1, "en")


@pytest.mark.parametrize(
    ("instant", "zone", "language", "expected"),
    [
        pytest.param(
            "2026-04-16T03:00Z", "Asia/Jakarta", "id", "16 Apr 2026 10:00 WIB", id="Jakarta"
        ),
        pytest.param(
            "2026-04-16T03:00Z", "Asia/Makassar", "id", "16 Apr 2026 11:00 WITA", id="Makassar"
        ),
        pytest.param(
            "2026-04-16T03:00Z", "Asia/Jayapura", "en", "16 Apr 2026 12:00 WIT", id="Jayapura"
        ),
        pytest.param(
            "2026-05-16T20:00Z", "Asia/Jakarta", "id", "17 Mei 2026 03:00 WIB", id="Indonesian May"
        ),
        pytest.param(
            "2026-04-16T03:00Z",
            "Asia/Singapore",
            "en",
            "16 Apr 2026 11:00 UTC+08:00",
            id="a zone without a name",
        ),
        pytest.param(
            "2026-04-16T03:00Z",
            "Asia/Kathmandu",
            "en",
            "16 Apr 2026 08:45 UTC+05:45",
            id="an offset with minutes",
        ),
        pytest.param(
            "2026-04-16T03:00Z",
            "America/Los_Angeles",
            "en",
            "15 Apr 2026 20:00 PDT",
            id="summer time",
        ),
        pytest.param("2026-04-16T03:00:59Z", "UTC", "en", "16 Apr 2026 03:00 UTC", id="UTC"),
    ],
)
def test_an_instant_is_written_on_local_clocks(
    instant: str, zone: str, language: Language, expected: str
) -> None:
    assert format_instant(parse_instant(instant), ZoneInfo(zone), language) == expected


def test_an_instant_without_offset_is_not_written() -> None:
    with pytest.raises(ValueError, match="has no UTC offset"):
        format_instant(datetime(2026, 4, 16), ZoneInfo("Asia/Jakarta"), "en")  # noqa: DTZ001
