"""The calendar as SQL counts as the calendar does."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.facts.calendar import Calendar
from reso.model.time import Duration
from simulations.sql.calendar import SqlCalendar, microseconds
from simulations.sql.constants import clock_microseconds
from simulations.sql.dialects import DuckDB

FIRST, LAST = 1990, 2100
CALENDARS = {
    "no summer time": Calendar.of("Asia/Jakarta", "ID"),
    "UTC, no country": Calendar.of("UTC", None),
    "summer time in the north": Calendar.of("America/New_York", "US"),
    "summer time in the south": Calendar.of("America/Santiago", "CL"),
    "summer time once": Calendar.of("America/Sao_Paulo", "BR"),
    "half an hour of summer time": Calendar.of("Australia/Lord_Howe", None),
    "a zone that skipped a day": Calendar.of("Pacific/Apia", None),
    "a weekend of one day": Calendar.of("Asia/Singapore", "SG").replaced(["fri"], []),
}
durations = st.one_of(
    st.builds(Duration, st.just("exact"), st.integers(0, 10**8)),
    st.builds(Duration, st.just("calendar_days"), st.integers(0, 400), st.booleans()),
    st.builds(
        Duration, st.just("calendar_days"), st.integers(1, 400), st.booleans(), st.just(True)
    ),
    st.builds(Duration, st.just("business_days"), st.integers(0, 300), st.booleans()),
    st.builds(Duration, st.just("months"), st.integers(0, 40), st.booleans()),
)
inside = st.builds(
    datetime.__add__,
    st.just(datetime(FIRST, 1, 2, tzinfo=UTC)),
    st.timedeltas(timedelta(0), timedelta(days=105 * 365)),
)


@st.composite
def instants(draw: st.DrawFn, calendar: Calendar) -> datetime:
    """Return instants of the range, half of them near a change of the clocks."""
    instant = draw(inside)
    if draw(st.booleans()):
        return instant
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(400):
        following = day + timedelta(days=1)
        if (
            day.astimezone(calendar.zone).utcoffset()
            != following.astimezone(calendar.zone).utcoffset()
        ):
            return day + draw(st.timedeltas(timedelta(days=-1), timedelta(days=2)))
        day = following
    return instant


def rows(calendar: SqlCalendar, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Return expressions over a table of instants."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE lists AS {calendar.lists()}")
        query = f"SELECT {', '.join(columns)} FROM ({table}) CROSS JOIN lists"
        return connection.sql(query).fetchall()


def values(instants: list[datetime], others: list[int]) -> str:
    """Return a table of instants `at` and numbers `n`."""
    pairs = ", ".join(
        f"({microseconds(at)}::BIGINT, {n}::BIGINT)" for at, n in zip(instants, others, strict=True)
    )
    return f"SELECT * FROM (VALUES {pairs}) AS t(instant, n)"


@pytest.mark.slow
@pytest.mark.parametrize("name", CALENDARS)
@settings(max_examples=10)
@given(data=st.data())
def test_every_operation_yields_what_the_calendar_yields(name: str, data: st.DataObject) -> None:
    calendar = CALENDARS[name]
    lengths = tuple(dict.fromkeys(data.draw(st.lists(durations, min_size=1, max_size=4))))
    told = data.draw(st.lists(instants(calendar), min_size=20, max_size=40))
    clocks = [data.draw(st.times()) for _ in told]
    made = SqlCalendar(calendar, DuckDB(), lengths, FIRST, LAST)
    numbers = [clock_microseconds(clock) for clock in clocks]
    found = rows(
        made,
        values(told, numbers),
        "instant",
        made.at_time("instant", "n"),
        made.end_of_day("instant"),
        made.time_of("instant"),
        made.is_business_day("instant"),
        *(made.add("instant", length) for length in lengths),
    )
    for at, clock, row in zip(told, clocks, found, strict=True):
        assert row == (
            microseconds(at),
            microseconds(calendar.at_time(at, clock)),
            microseconds(calendar.end_of_day(at)),
            clock_microseconds(calendar.local_time(at)),
            calendar.is_business_day(at),
            *(microseconds(calendar.add(at, length)) for length in lengths),
        ), at
