"""The calendar counts days as the marketplace's wall clocks and office hours do."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import InputError
from reso.facts.calendar import LAST_SECOND, Calendar
from reso.model.time import Duration, parse_duration, parse_instant

JAKARTA = Calendar.of("Asia/Jakarta", "ID")
SINGAPORE = Calendar.of("Asia/Singapore", "SG")
KUALA_LUMPUR = Calendar.of("Asia/Kuala_Lumpur", "MY")
MANILA = Calendar.of("Asia/Manila", "PH")
LOS_ANGELES = Calendar.of("America/Los_Angeles", "US")
SAO_PAULO = Calendar.of("America/Sao_Paulo", None)
FRIDAY_OFF = JAKARTA.replaced(["fri"], [date(2026, 4, 14), date(2026, 12, 31)])

calendars = st.sampled_from([JAKARTA, SINGAPORE, MANILA, LOS_ANGELES, SAO_PAULO, FRIDAY_OFF])
instants = st.builds(
    datetime.__add__,
    st.just(datetime(1990, 1, 1, tzinfo=UTC)),
    st.timedeltas(timedelta(0), timedelta(days=120 * 365)),
)
counts = st.integers(0, 400)


def business_days(count: int) -> Duration:
    return Duration("business_days", count)


def calendar_days(count: int, *, inclusive: bool = False, end_of_day: bool = False) -> Duration:
    return Duration("calendar_days", count, end_of_day=end_of_day, inclusive=inclusive)


# Holidays


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        pytest.param(JAKARTA, "2024-02-09", id="ID joint leave, Imlek 2024"),
        pytest.param(JAKARTA, "2024-03-12", id="ID joint leave, Nyepi 2024"),
        pytest.param(JAKARTA, "2024-04-08", id="ID joint leave, before Idul Fitri 2024"),
        pytest.param(JAKARTA, "2024-04-15", id="ID joint leave, after Idul Fitri 2024"),
        pytest.param(JAKARTA, "2024-05-10", id="ID joint leave, Ascension 2024"),
        pytest.param(JAKARTA, "2024-05-24", id="ID joint leave, Waisak 2024"),
        pytest.param(JAKARTA, "2024-06-18", id="ID joint leave, Idul Adha 2024"),
        pytest.param(JAKARTA, "2024-12-26", id="ID joint leave, Christmas 2024"),
        pytest.param(JAKARTA, "2025-01-28", id="ID joint leave, Imlek 2025"),
        pytest.param(JAKARTA, "2025-03-28", id="ID joint leave, Nyepi 2025"),
        pytest.param(JAKARTA, "2025-04-02", id="ID joint leave, Idul Fitri 2025, first"),
        pytest.param(JAKARTA, "2025-04-07", id="ID joint leave, Idul Fitri 2025, last"),
        pytest.param(JAKARTA, "2025-05-13", id="ID joint leave, Waisak 2025"),
        pytest.param(JAKARTA, "2025-05-30", id="ID joint leave, Ascension 2025"),
        pytest.param(JAKARTA, "2025-06-09", id="ID joint leave, Idul Adha 2025"),
        pytest.param(JAKARTA, "2025-08-18", id="ID joint leave, 80 years of independence"),
        pytest.param(JAKARTA, "2025-03-31", id="ID Idul Fitri 2025"),
        pytest.param(JAKARTA, "2024-02-14", id="ID election day 2024"),
        pytest.param(LOS_ANGELES, "2025-11-27", id="US Thanksgiving 2025"),
        pytest.param(LOS_ANGELES, "2021-12-31", id="US New Year 2022 kept on the Friday before"),
        pytest.param(LOS_ANGELES, "2026-07-03", id="US Independence Day kept on the Friday before"),
        pytest.param(SINGAPORE, "2025-10-20", id="SG Deepavali 2025"),
        pytest.param(SINGAPORE, "2025-08-09", id="SG National Day 2025, a Saturday"),
        pytest.param(KUALA_LUMPUR, "2025-09-16", id="MY Malaysia Day 2025"),
        pytest.param(KUALA_LUMPUR, "2025-09-01", id="MY National Day kept on the Monday after"),
        pytest.param(MANILA, "2025-08-25", id="PH National Heroes Day 2025"),
        pytest.param(MANILA, "2025-04-17", id="PH Maundy Thursday 2025"),
    ],
)
def test_a_public_holiday_is_no_business_day(calendar: Calendar, day: str) -> None:
    noon = datetime.combine(date.fromisoformat(day), time(12), calendar.zone)
    assert noon.date() in calendar.holidays_in(noon.year)
    assert not calendar.is_business_day(noon)


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        pytest.param(JAKARTA, "2025-03-27", id="ID the last day before the long leave of 2025"),
        pytest.param(JAKARTA, "2025-04-08", id="ID the first day after it"),
        pytest.param(JAKARTA, "2024-04-16", id="ID the first day after the leave of 2024"),
        pytest.param(JAKARTA, "2025-11-27", id="Thanksgiving is no holiday in Indonesia"),
        pytest.param(LOS_ANGELES, "2025-11-28", id="US the day after Thanksgiving"),
        pytest.param(LOS_ANGELES, "2024-02-09", id="Indonesian leave is none in the US"),
        pytest.param(KUALA_LUMPUR, "2025-10-20", id="MY Deepavali is a holiday of states only"),
        pytest.param(SAO_PAULO, "2025-12-25", id="no country, no holidays"),
        pytest.param(FRIDAY_OFF, "2025-03-31", id="own holidays replace the country's"),
        pytest.param(FRIDAY_OFF, "2026-04-11", id="an own weekend replaces Saturday"),
    ],
)
def test_other_weekdays_are_business_days(calendar: Calendar, day: str) -> None:
    noon = datetime.combine(date.fromisoformat(day), time(12), calendar.zone)
    assert calendar.is_business_day(noon)


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        pytest.param(JAKARTA, "2026-04-11", id="Saturday"),
        pytest.param(JAKARTA, "2026-04-12", id="Sunday"),
        pytest.param(SAO_PAULO, "2026-04-11", id="Saturday without a country"),
        pytest.param(FRIDAY_OFF, "2026-04-10", id="Friday of an own weekend"),
        pytest.param(FRIDAY_OFF, "2026-04-14", id="an own holiday"),
    ],
)
def test_weekends_and_own_holidays_are_no_business_days(calendar: Calendar, day: str) -> None:
    noon = datetime.combine(date.fromisoformat(day), time(12), calendar.zone)
    assert not calendar.is_business_day(noon)


def test_the_day_is_the_one_of_the_calendars_zone() -> None:
    instant = parse_instant("2026-04-10T17:30Z")
    assert JAKARTA.local_date(instant) == date(2026, 4, 11)
    assert JAKARTA.local_time(instant) == time(0, 30)
    assert not JAKARTA.is_business_day(instant)
    assert Calendar.of("UTC", None).is_business_day(instant)


def test_without_a_weekend_of_its_own_a_case_keeps_the_calendars() -> None:
    own = JAKARTA.replaced(None, [])
    assert own.weekend == JAKARTA.weekend
    assert own.holidays_in(2025) == frozenset()


def test_far_beyond_its_tables_the_library_knows_no_holidays() -> None:
    assert date(2090, 8, 17) in JAKARTA.holidays_in(2090)
    assert JAKARTA.holidays_in(2101) == frozenset()


# Adding durations


@pytest.mark.parametrize(
    ("calendar", "start", "duration", "end"),
    [
        # exact
        pytest.param(
            JAKARTA, "2026-04-16T10:00+07:00", "48 hours", "2026-04-18T10:00+07:00", id="hours"
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-03-07T10:00-08:00",
            "24 hours",
            "2026-03-08T11:00-07:00",
            id="hours over the change to summer time",
        ),
        # calendar days
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "6 calendar days",
            "2026-04-22T10:00+07:00",
            id="calendar days keep the clock time",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "6 calendar days end of day",
            "2026-04-22T23:59:59+07:00",
            id="calendar days to the end of the day",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "40 calendar days inclusive",
            "2026-05-25T10:00+07:00",
            id="the starting day is day 1 of 40",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "1 calendar day inclusive end of day",
            "2026-04-16T23:59:59+07:00",
            id="one day, the starting day",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-16T00:30+07:00",
            "0 calendar days end of day",
            "2026-04-16T23:59:59+07:00",
            id="the local day ends, not the one in UTC",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-03-07T10:00-08:00",
            "1 calendar day",
            "2026-03-08T10:00-07:00",
            id="the day with 23 hours",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-10-31T10:00-07:00",
            "1 calendar day",
            "2026-11-01T10:00-08:00",
            id="the day with 25 hours",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-03-07T02:30-08:00",
            "1 calendar day",
            "2026-03-08T03:30-07:00",
            id="a clock time that is skipped",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-10-31T01:30-07:00",
            "1 calendar day",
            "2026-11-01T01:30-07:00",
            id="a clock time that comes twice means the first",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-11-01T01:30-08:00",
            "0 calendar days",
            "2026-11-01T01:30-08:00",
            id="no days from the second half past one",
        ),
        pytest.param(
            LOS_ANGELES,
            "2025-11-02T01:30-08:00",
            "364 calendar days",
            "2026-11-01T01:30-07:00",
            id="from the second half past one to the first",
        ),
        pytest.param(
            SAO_PAULO,
            "2018-02-16T10:00-02:00",
            "1 calendar day end of day",
            "2018-02-17T23:59:59-03:00",
            id="a day whose last hour comes twice ends with the second",
        ),
        # business days
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "2 business days",
            "2026-04-20T10:00+07:00",
            id="Thursday, over a weekend",
        ),
        pytest.param(
            JAKARTA,
            "2025-03-27T10:00+07:00",
            "2 business days",
            "2025-04-09T10:00+07:00",
            id="over Idul Fitri 2025 and its leave",
        ),
        pytest.param(
            JAKARTA,
            "2024-04-05T16:00+07:00",
            "1 business day",
            "2024-04-16T16:00+07:00",
            id="over Idul Fitri 2024 and its leave",
        ),
        pytest.param(
            JAKARTA,
            "2024-12-24T09:00+07:00",
            "1 business day end of day",
            "2024-12-27T23:59:59+07:00",
            id="over Christmas to the end of the day",
        ),
        pytest.param(
            JAKARTA,
            "2025-12-31T09:00+07:00",
            "1 business day",
            "2026-01-02T09:00+07:00",
            id="over New Year",
        ),
        pytest.param(
            LOS_ANGELES,
            "2025-11-26T15:00-08:00",
            "3 business days",
            "2025-12-02T15:00-08:00",
            id="over Thanksgiving",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-11T10:00+07:00",
            "1 business day",
            "2026-04-13T10:00+07:00",
            id="a start on Saturday: Monday is the first",
        ),
        pytest.param(
            JAKARTA,
            "2026-04-11T10:00+07:00",
            "0 business days",
            "2026-04-11T10:00+07:00",
            id="no business days, not even from a Saturday",
        ),
        pytest.param(
            FRIDAY_OFF,
            "2026-04-09T10:00+07:00",
            "3 business days",
            "2026-04-13T10:00+07:00",
            id="an own weekend of Fridays",
        ),
        pytest.param(
            FRIDAY_OFF,
            "2026-04-13T10:00+07:00",
            "1 business day",
            "2026-04-15T10:00+07:00",
            id="over an own holiday",
        ),
        # months
        pytest.param(
            JAKARTA,
            "2026-04-16T10:00+07:00",
            "1 month",
            "2026-05-16T10:00+07:00",
            id="the same day of next month",
        ),
        pytest.param(
            JAKARTA,
            "2026-01-31T10:00+07:00",
            "1 month",
            "2026-02-28T10:00+07:00",
            id="a shorter month ends it",
        ),
        pytest.param(
            JAKARTA,
            "2024-01-31T10:00+07:00",
            "1 month",
            "2024-02-29T10:00+07:00",
            id="a leap year's February",
        ),
        pytest.param(
            JAKARTA,
            "2026-12-31T10:00+07:00",
            "14 months",
            "2028-02-29T10:00+07:00",
            id="months over two New Years",
        ),
        pytest.param(
            JAKARTA,
            "2026-02-01T00:30+07:00",
            "1 month end of day",
            "2026-03-01T23:59:59+07:00",
            id="the local day, where UTC is in January",
        ),
        pytest.param(
            LOS_ANGELES,
            "2026-02-08T02:30-08:00",
            "1 month",
            "2026-03-08T03:30-07:00",
            id="a month to a clock time that is skipped",
        ),
    ],
)
def test_a_duration_ends_when_its_kind_says(
    calendar: Calendar, start: str, duration: str, end: str
) -> None:
    ends_at = calendar.add(parse_instant(start), parse_duration(duration))
    assert ends_at == parse_instant(end)
    assert ends_at.tzinfo is UTC


def test_business_days_end_by_day_not_by_clock_time() -> None:
    """A later start may end earlier in the day: the clock time of a day off is kept as well."""
    friday = JAKARTA.add(parse_instant("2026-04-10T15:00+07:00"), business_days(1))
    saturday = JAKARTA.add(parse_instant("2026-04-11T10:00+07:00"), business_days(1))
    assert friday == parse_instant("2026-04-13T15:00+07:00")
    assert saturday == parse_instant("2026-04-13T10:00+07:00")


@pytest.mark.parametrize(
    "duration",
    [
        pytest.param(Duration("exact", 10**9 * 3600), id="hours"),
        pytest.param(Duration("exact", 10**40), id="more than a machine counts"),
        pytest.param(Duration("calendar_days", 3_000_000), id="calendar days"),
        pytest.param(Duration("business_days", 3_000_000), id="business days"),
        pytest.param(Duration("months", 100_000), id="months"),
        pytest.param(Duration("months", 10**40), id="more months than a machine counts"),
    ],
)
def test_an_end_after_the_year_9999_is_refused(duration: Duration) -> None:
    with pytest.raises(
        ValueError, match=r" after 2026-04-16T03:00:00\+00:00 is outside the years 1-9999\. Use a"
    ):
        JAKARTA.add(parse_instant("2026-04-16T10:00+07:00"), duration)


def test_a_local_day_after_the_year_9999_is_refused() -> None:
    with pytest.raises(ValueError, match="is outside the years 1-9999 in Asia/Jakarta"):
        JAKARTA.local_date(parse_instant("9999-12-31T20:00Z"))
    with pytest.raises(ValueError, match="is outside the years 1-9999 in UTC"):
        LOS_ANGELES.end_of_day(parse_instant("9999-12-31T20:00Z"))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda instant: JAKARTA.add(instant, business_days(1)), id="add"),
        pytest.param(lambda instant: JAKARTA.at_time(instant, time(12)), id="at_time"),
        pytest.param(JAKARTA.end_of_day, id="end_of_day"),
        pytest.param(JAKARTA.is_business_day, id="is_business_day"),
        pytest.param(JAKARTA.local_date, id="local_date"),
        pytest.param(JAKARTA.local_time, id="local_time"),
    ],
)
def test_an_instant_without_offset_is_refused(ask: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="has no UTC offset"):
        ask(datetime(2026, 4, 16))  # noqa: DTZ001 - naive on purpose


# Clock times


def test_a_clock_time_is_one_of_the_local_day() -> None:
    ordered_at = parse_instant("2026-04-16T00:30+07:00")
    cut_off = JAKARTA.at_time(ordered_at, time(23, 59))
    assert cut_off == parse_instant("2026-04-16T23:59+07:00")
    assert JAKARTA.end_of_day(ordered_at) == parse_instant("2026-04-16T23:59:59+07:00")


@given(calendar=calendars, instant=instants)
def test_the_end_of_the_day_is_its_last_second(calendar: Calendar, instant: datetime) -> None:
    ends_at = calendar.end_of_day(instant)
    assert calendar.local_date(ends_at) == calendar.local_date(instant)
    assert calendar.local_time(ends_at) == LAST_SECOND
    next_day = calendar.local_date(ends_at + timedelta(seconds=1))
    assert next_day == calendar.local_date(instant) + timedelta(days=1)


# Laws


@given(calendar=calendars, instant=instants, first=counts, second=counts)
def test_exact_durations_add_up(
    calendar: Calendar, instant: datetime, first: int, second: int
) -> None:
    in_two_steps = calendar.add(
        calendar.add(instant, Duration("exact", first)), Duration("exact", second)
    )
    assert in_two_steps == calendar.add(instant, Duration("exact", first + second))
    assert in_two_steps - instant == timedelta(seconds=first + second)


@given(calendar=calendars, instant=instants, count=st.integers(1, 400))
def test_some_business_days_later_is_a_business_day_and_no_holiday(
    calendar: Calendar, instant: datetime, count: int
) -> None:
    ends_at = calendar.add(instant, business_days(count))
    day = calendar.local_date(ends_at)
    assert calendar.is_business_day(ends_at)
    assert day not in calendar.holidays_in(day.year)
    assert day.weekday() not in calendar.weekend


@given(calendar=calendars, instant=instants, count=counts)
def test_business_days_are_those_one_meets_on_the_way(
    calendar: Calendar, instant: datetime, count: int
) -> None:
    first = calendar.local_date(instant)
    last = calendar.local_date(calendar.add(instant, business_days(count)))
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    noons = (datetime.combine(day, time(12), calendar.zone) for day in days)
    assert sum(map(calendar.is_business_day, noons)) == count


@given(calendar=calendars, instant=instants, count=counts)
def test_one_business_day_more_ends_later(
    calendar: Calendar, instant: datetime, count: int
) -> None:
    sooner = calendar.add(instant, business_days(count))
    assert sooner < calendar.add(instant, business_days(count + 1))


@given(
    calendar=calendars,
    instant=instants,
    later=st.timedeltas(timedelta(0), timedelta(days=30)),
    count=st.integers(1, 30),
)
def test_business_days_from_a_later_start_never_end_on_an_earlier_day(
    calendar: Calendar, instant: datetime, later: timedelta, count: int
) -> None:
    from_first = calendar.local_date(calendar.add(instant, business_days(count)))
    from_later = calendar.local_date(calendar.add(instant + later, business_days(count)))
    assert from_first <= from_later


@given(instant=instants, count=counts, kind=st.sampled_from(["calendar_days", "business_days"]))
def test_days_keep_the_clock_time_where_clocks_never_change(
    instant: datetime, count: int, kind: str
) -> None:
    ends_at = JAKARTA.add(instant, Duration(kind, count))  # type: ignore[arg-type]
    assert JAKARTA.local_time(ends_at) == JAKARTA.local_time(instant)


@given(calendar=calendars, instant=instants, count=counts)
def test_calendar_days_end_so_many_days_later(
    calendar: Calendar, instant: datetime, count: int
) -> None:
    day = calendar.local_date(calendar.add(instant, calendar_days(count)))
    assert day - calendar.local_date(instant) == timedelta(days=count)


@given(calendar=calendars, instant=instants, count=st.integers(1, 400), to_the_end=st.booleans())
def test_counting_the_starting_day_ends_one_day_sooner(
    calendar: Calendar, instant: datetime, count: int, to_the_end: bool
) -> None:
    inclusive = calendar_days(count, inclusive=True, end_of_day=to_the_end)
    exclusive = calendar_days(count - 1, end_of_day=to_the_end)
    assert calendar.add(instant, inclusive) == calendar.add(instant, exclusive)


@given(calendar=calendars, instant=instants, count=st.integers(0, 500))
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(
    calendar: Calendar, instant: datetime, count: int
) -> None:
    first = calendar.local_date(instant)
    last = calendar.local_date(calendar.add(instant, Duration("months", count)))
    assert (last.year - first.year) * 12 + last.month - first.month == count
    assert last.day == first.day or (
        last.day < first.day and (last + timedelta(days=1)).month != last.month
    )


# What is refused


@pytest.mark.parametrize(
    ("zone", "country", "message"),
    [
        pytest.param(
            "Asia/Jakrta",
            "ID",
            "time zone `Asia/Jakrta`: no such time zone. Did you mean `Asia/Jakarta`?",
            id="a zone misspelt",
        ),
        pytest.param(
            "",
            "ID",
            "time zone ``: no such time zone. Write one such as `Asia/Jakarta`.",
            id="no zone",
        ),
        pytest.param(
            "../etc/passwd",
            "ID",
            "time zone `../etc/passwd`: no such time zone. Write one such as `Asia/Jakarta`.",
            id="a path",
        ),
        pytest.param(
            "Asia/Jakarta",
            "id",
            "country `id`: its public holidays are not known. Did you mean `ID`?",
            id="small letters",
        ),
        pytest.param(
            "Asia/Jakarta",
            "IDN",
            "country `IDN`: its public holidays are not known. Did you mean `ID`?",
            id="three letters",
        ),
        pytest.param(
            "Asia/Jakarta",
            "Indonesa",
            "country `Indonesa`: its public holidays are not known. Did you mean `ID`?",
            id="a name misspelt",
        ),
        pytest.param(
            "Asia/Jakarta",
            "QQ",
            "country `QQ`: its public holidays are not known. "
            "Write its ISO 3166 code, such as `ID`.",
            id="no country at all",
        ),
    ],
)
def test_an_unknown_zone_or_country_is_refused_with_the_nearest_known_one(
    zone: str, country: str, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        Calendar.of(zone, country)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("weekend", "holidays", "message"),
    [
        pytest.param(
            ["saturday"],
            [],
            "`saturday` is not a weekday. Write one of mon, tue, wed, thu, fri, sat, sun",
            id="a weekday written out",
        ),
        pytest.param(
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            [],
            "a weekend of [0, 1, 2, 3, 4, 5, 6] is not possible. "
            "Name days of 0 (Monday) to 6 (Sunday), and leave one to work on",
            id="no day left to work on",
        ),
        pytest.param(
            None,
            [datetime(2026, 4, 14, tzinfo=UTC)],
            "holiday `2026-04-14T00:00:00+00:00` has a time of day. Write the date alone",
            id="a holiday with a time",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(
    weekend: list[str] | None, holidays: list[date], message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        JAKARTA.replaced(weekend, holidays)
    assert str(refused.value) == message
