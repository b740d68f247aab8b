"""Laws of a life lived through again: no look-ahead, no old acts, no matter the order of rows."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.model.events import Event
from simulations.life import OWN_ACTS, Moment, Stretch, live
from simulations.results import result_of
from tests.simulations.shop import (
    at,
    claim,
    event,
    fixture,
    history,
    life,
    order,
    photo,
    says,
    scan,
)

names = st.sampled_from(sorted(fixture().disputes))


def acts(moments: tuple[Moment, ...]) -> list[str]:
    return [event.kind for moment in moments for event in moment.acts if event.kind in OWN_ACTS]


@given(name=names, cut=st.integers(0, 40), beyond=st.integers(0, 400))
def test_the_result_at_an_instant_does_not_change_when_later_events_are_taken_away(
    name: str, cut: int, beyond: int
) -> None:
    events = fixture().disputes[name]
    known = events[: min(cut, len(events) - 1) + 1]
    until = known[-1].recorded_at
    later = [event for event in events if event.recorded_at > until]
    if later:  # any instant before the next event, and that event's own not
        gap = (later[0].recorded_at - until).total_seconds()
        until = until + (later[0].recorded_at - until) * min(beyond / 401, 1 - 1 / (gap + 2))
    kept = [event for event in events if event.recorded_at <= until]
    whole = live(life(), events, Stretch(until))
    blind = live(life(), kept, Stretch(until))
    assert whole == blind
    assert result_of(life(), whole, kept) == result_of(life(), blind, kept)


@given(name=names, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    events = list(fixture().disputes[name])
    random.Random(seed).shuffle(events)
    told = history(events)
    assert told.disputes == {name: fixture().disputes[name]}


@given(name=names, hours=st.integers(0, 300))
def test_living_on_never_changes_what_was_done_before(name: str, hours: int) -> None:
    events = fixture().disputes[name]
    until = events[0].recorded_at + (at(hours) - at(0))
    short = live(life(), events, Stretch(until)).moments
    assert live(life(), events, Stretch()).moments[: len(short)] == short


def test_what_happens_at_the_last_instant_of_a_clock_still_counts() -> None:
    events = (*order(), claim("not_received"), scan("delivered", 96))
    lived = live(life(), events, Stretch())
    assert result_of(life(), lived, events).decision == "release_to_seller"


def test_a_clock_that_runs_out_first_is_a_decision_point_of_its_own() -> None:
    events = (*order(), claim("not_received"), scan("delivered", 97))
    moments = live(life(), events, Stretch()).moments
    assert [moment.at for moment in moments[:2]] == [at(24), at(96)]
    assert moments[1].arrived == ()
    assert acts(moments[1:2]) == ["settled", "closed"]


OLD_ACTS = [
    pytest.param(says("platform", "propose_solution", 30), id="the old platform's proposal"),
    pytest.param(says("human_admin", "propose_solution", 30), id="an old human ruling"),
    pytest.param(
        says("seller", "accept_solution", 30, of="platform"), id="an answer to the old platform"
    ),
    pytest.param(event("case", 30, standing_decision="refund_full"), id="the old ruling in force"),
    pytest.param(
        event("history", 30, refunded_at=at(30), refunded_amount=100_000), id="the old refund"
    ),
]


@pytest.mark.parametrize("old", OLD_ACTS)
def test_after_our_first_act_the_old_platform_has_not_acted(old: Event) -> None:
    events = (*order(), claim("damaged"), old, photo(31))
    lived = live(life(), events, Stretch())
    assert acts(lived.moments[:1]) == ["asked"]
    assert lived.left_out == 1
    assert old not in lived.history


@pytest.mark.parametrize("old", OLD_ACTS)
def test_before_our_first_act_the_old_platforms_acts_are_known(old: Event) -> None:
    events = (*order(), claim("not_received"), old)
    lived = live(life(), events, Stretch())
    assert lived.left_out == 0
    assert old in lived.history


def test_of_an_event_only_what_is_old_is_left_out() -> None:
    both = event("history", 30, refunded_amount=5_000, appeals_used=1)
    lived = live(life(), (*order(), claim("damaged"), both), Stretch())
    kept = next(one for one in lived.history if one.kind == "history")
    assert dict(kept.payload) == {"appeals_used": 1}  # type: ignore[arg-type]
    assert lived.left_out == 1


def test_answers_between_the_parties_stay_valid() -> None:
    events = (*order(), claim("damaged"), photo(25), says("seller", "approve", 30))
    lived = live(life(), events, Stretch())
    assert acts(lived.moments) == ["asked", "settled", "closed"]
    assert lived.left_out == 0
