"""The figures: intervals, percentiles, sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.figures import Hours, Summary
from simulations.life import Stretch, live
from simulations.measures.rates import Rate
from simulations.results import ENDED, Result, result_of
from tests.simulations.shop import at, fixture, life


@pytest.mark.parametrize(
    ("count", "of", "interval"),
    [  # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I
        pytest.param(81, 263, (0.2553, 0.3662), id="81 of 263"),
        pytest.param(15, 148, (0.0624, 0.1605), id="15 of 148"),
        pytest.param(0, 20, (0.0, 0.1611), id="0 of 20"),
        pytest.param(1, 29, (0.0061, 0.1718), id="1 of 29"),
    ],
)
def test_the_interval_is_wilsons(count: int, of: int, interval: tuple[float, float]) -> None:
    assert Rate(count, of).interval == pytest.approx(interval, abs=5e-5)


@given(of=st.integers(1, 10_000), data=st.data())
def test_an_interval_holds_its_share_and_stays_within_0_and_1(of: int, data: st.DataObject) -> None:
    rate = Rate(data.draw(st.integers(0, of)), of)
    assert rate.interval is not None
    assert rate.share is not None
    low, high = rate.interval
    assert 0 <= low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= high <= 1


def test_of_nothing_there_is_no_share() -> None:
    assert (Rate(0, 0).share, Rate(0, 0).interval) == (None, None)


@pytest.mark.parametrize(
    ("hours", "median", "p90"),
    [
        pytest.param([], None, None, id="none"),
        pytest.param([5], 5, 5, id="one"),
        pytest.param([4, 1, 3, 2], 2, 4, id="four"),
        pytest.param(list(range(1, 11)), 5, 9, id="ten"),
        pytest.param(list(range(1, 12)), 6, 10, id="eleven"),
    ],
)
def test_percentiles_are_hours_that_occurred(
    hours: list[float], median: float | None, p90: float | None
) -> None:
    ended = [
        Result(f"D-{n}", "damaged", at(0), "imposed", ended_at=at(after))
        for n, after in enumerate(hours)
    ]
    never = Result("D-open", "damaged", at(0), "open")
    assert Summary.of([*ended, never]).whole.hours == Hours(len(hours), median, p90)


def test_of_no_disputes_every_figure_is_nought_and_no_rate_has_a_share() -> None:
    summary = Summary.of([])
    assert (summary.whole.disputes, summary.no_claim, summary.asked) == (0, 0, 0)
    assert {rate.count for rate in summary.whole.ended.values()} == {0}
    assert (summary.whole.without_human.share, summary.unanswered.share) == (None, None)
    assert (summary.money, summary.by_type) == ((), {})


def test_everything_adds_up_over_the_shipped_history() -> None:
    results = [
        result_of(life(), live(life(), events, Stretch()), events)
        for events in fixture().disputes.values()
    ]
    summary = Summary.of(results)
    whole = summary.whole
    assert whole.disputes + summary.no_claim == len(results)
    assert sum(rate.count for rate in whole.ended.values()) == whole.disputes
    assert sum(count for _, count in summary.escalated) == whole.ended["escalated"].count
    by_rule = sum(count for *_, count in summary.ended_by)
    assert by_rule == sum(whole.ended[ended].count for ended in ENDED[:3])
    for ended in ENDED[:-1]:
        by_type = sum(group.ended[ended].count for group in summary.by_type.values())
        assert by_type == whole.ended[ended].count
    to_buyers = sum(moved.amount for moved in summary.money if moved.payee == "buyer")
    assert to_buyers == sum(result.refunded for result in results)
    assert to_buyers == sum(refunds.amount for refunds in summary.refunds) > 0
    assert whole.without_human.count == sum(one.without_human for one in results)
    assert 0 < summary.unanswered.of < whole.disputes
