"""A wait ends exactly when the ruling changes with no new event: held against an hourly grid."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.model.case import Case
from reso.model.events import fold
from tests.strategies.costly import COSTLY
from tests.strategies.stories import Docket, Story, dockets

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


def known_then(story: Story, at: datetime) -> Case:
    """Return the case as known at `at` when nothing more is recorded than now."""
    return fold([event for event in story.events if event.recorded_at <= story.at], at)


def has_a_date(case: Case) -> bool:
    """Whether something dated has happened; if not, the earliest instant is the one asked for."""
    items = (item.get("at") for items in case.lists.values() for item in items)
    dated = (value for value in (*case.fields.values(), *items) if isinstance(value, datetime))
    return any(instant <= case.known_at for instant in dated)


def essence(engine: Engine, story: Story, at: datetime) -> tuple[object, ...]:
    """Return what is ruled at `at` with no new event: everything but clocks and reasons."""
    judgement = engine.evaluator.judge(known_then(story, at), at)
    outcome = engine.outcomes.of(judgement)
    return outcome.decision, outcome.why, outcome.resolved, outcome.of, outcome.needed


def instants(engine: Engine, story: Story, days: int) -> Iterator[datetime]:
    """Yield every hour of the days to come, every clock, and the instants beside each."""
    for hour in range(24 * days):
        yield story.at + hour * HOUR
    judged = (story.at, story.at + timedelta(days=days))
    for at in judged:
        for state in engine.evaluator.judge(known_then(story, at), at).questions.values():
            for clock in (state.opened_at, state.deadline, state.ended_at):
                if clock is not None:
                    yield from (clock - MICROSECOND, clock, clock + MICROSECOND)


def assert_waits_until_it_changes(docket: Docket, days: int) -> None:
    engine = Engine.of(Compiled(docket.policy))
    for story in docket.stories:
        ruling = engine.decide(story.case(), story.at)
        if not has_a_date(story.case()):
            continue
        if ruling.decision != "wait":
            continue
        now = essence(engine, story, story.at)
        until = ruling.deadline
        if until is not None:
            assert until > story.at
            assert essence(engine, story, until) != now
        for at in sorted(set(instants(engine, story, days))):
            if story.at <= at and (until is None or at < until):
                assert essence(engine, story, at) == now


@COSTLY
@given(docket=dockets(stories=3, down=False))
def test_a_wait_ends_at_the_first_instant_at_which_the_ruling_changes(docket: Docket) -> None:
    assert_waits_until_it_changes(docket, days=4)


@pytest.mark.slow
@given(docket=dockets(stories=4, down=False))
def test_a_wait_ends_when_the_ruling_changes_on_a_grid_of_three_weeks(docket: Docket) -> None:
    assert_waits_until_it_changes(docket, days=21)
