"""What counts as a refund, as a refusal and as wrong: worked out by hand, the same everywhere."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.comparing.figures import compare
from simulations.comparing.tables import Side, filled
from simulations.figures import Summary
from simulations.measures.endings import over_time, times
from simulations.measures.fairness import balance
from simulations.measures.money import bought
from simulations.measures.rates import Mean, Rate
from simulations.measures.segments import by_segment
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import WrongMoney, arrived_after, wrongful
from simulations.results import Ended, Movement, Result
from tests.simulations.shop import at

JAKARTA = ZoneInfo("Asia/Jakarta")


def result(name: str, ended: Ended, decision: str = "", moved: int = 0, **told: object) -> Result:
    """Return a result in which so much moved to the buyer."""
    paid = (Movement("seller", "buyer", "goods", "IDR", moved),) if moved else ()
    made = Result(name, "damaged", at(0), ended, decision, moved, "IDR", at(60), movements=paid)
    facts = {"refunded_at": at(60) if moved else None, **told}
    return replace(made, **facts)  # type: ignore[arg-type]


PARTIAL_OF_0 = result("T-09", "imposed", "refund_partial", refunded_at=at(60), arrived_after=True)
RUN = (
    result("T-01", "imposed", "refund_full", 500),
    result("T-02", "escalated", "refund_full", 300, question="collecting", handed_over=True),
    result("T-03", "open", "refund_full", 200),
    result("T-04", "imposed", "release_to_seller"),
    result("T-05", "escalated", handed_over=True, amount=None),
    result("T-06", "imposed", "deny"),
    result("T-07", "agreed", "release_to_seller"),
    result("T-08", "lapsed", "release_to_seller"),
    PARTIAL_OF_0,
    result("T-10", "imposed", "refund_full", 900),
    result("T-11", "agreed", "replace_or_resend_missing"),
    result("T-12", "imposed", "release_to_seller", 250),
    result("T-13", "imposed", "refund_full", 50),
)
Recorded = Mapping[str, Mapping[str, object]]
NO_REFUND, REFUND = {"truth": "no_refund"}, {"truth": "refund"}
RULED: Recorded = {
    **dict.fromkeys(("T-01", "T-02", "T-03", "T-04", "T-05"), NO_REFUND),
    **dict.fromkeys(("T-10", "T-11", "T-12"), REFUND),
    "T-06": {**REFUND, "decided_by": "human", "ruling": "refund_full", "amount": 400},
    "T-07": {**REFUND, "decided_by": "human", "ruling": "refund_partial", "amount": 150},
    "T-08": {**REFUND, "decided_by": "human", "ruling": "deny", "amount": 0},
    "T-09": {**REFUND, "decided_by": "seller", "ruling": "refund_full", "amount": 700},
}
"""Of T-13 nothing is recorded."""


def table_of(recorded: Recorded = RULED) -> ResultsTable:
    made = ResultsTable.of(RUN)
    made.add_rows("recorded", ({"dispute_id": name, **row} for name, row in recorded.items()))
    return made


def test_money_that_moved_is_a_refund_however_the_dispute_stands() -> None:
    found = wrongful(table_of())
    # of 12 decided (all but T-05) the truth of 11 is known
    assert found.known == Rate(11, 12)
    assert found.refunded_wrongly == Rate(3, 4)  # T-01, T-02 and T-03 of those and T-04
    assert found.refused_wrongly == Rate(4, 7)  # T-06 to T-09 of T-06 to T-12
    assert found.of_refunds == Rate(3, 5)  # those and T-10, T-12
    assert found.of_refusals == Rate(4, 5)  # those and T-04


def test_what_was_kept_has_a_price_only_where_what_was_due_is_known() -> None:
    # T-06 a human's 400, T-07 at least his 150; T-08 he refused too, T-09 no human ruled
    assert wrongful(table_of()).money == (WrongMoney("IDR", 1_000, 550, 1, 2),)
    assert wrongful(table_of()).money[0].is_least


def test_a_truth_that_tells_the_amount_stands_above_what_was_ruled() -> None:
    due = {"T-06": 450, "T-07": 500, "T-08": 600, "T-09": 700}
    told = {**RULED, **{name: {**RULED[name], "due": amount} for name, amount in due.items()}}
    (money,) = wrongful(table_of(told)).money
    assert money == WrongMoney("IDR", 1_000, 2_250, 0, 0)
    assert not money.is_least


def test_where_no_amount_is_known_the_sum_is_not_known_and_not_0() -> None:
    told = {name: row for name, row in RULED.items() if name not in ("T-06", "T-07")}
    (money,) = wrongful(table_of(told)).money
    assert money == WrongMoney("IDR", 1_000, None, 0, 2)
    (whole,) = balance(table_of(told), ())
    assert (whole.kept_from_buyers.value, whole.kept_from_buyers.interval) == (None, None)
    assert whole.tilt is None


def test_the_balance_and_the_segments_count_the_same_outcomes() -> None:
    table = table_of()
    (whole,) = balance(table, ())
    assert whole.disputes == 11
    assert whole.to_buyers.value == pytest.approx(1_000 * 1_000 / 11)
    assert whole.kept_from_buyers.value == pytest.approx(1_000 * 550 / 11)
    assert (whole.partly, whole.unpriced, whole.is_least) == (1, 2, True)
    segments = by_segment(table, "claim_type")
    assert segments is not None
    assert segments.listed[0].refunded_wrongly == Rate(3, 4)
    assert segments.listed[0].refused_wrongly == Rate(4, 7)


def test_a_comparison_calls_the_same_outcomes_wrong() -> None:
    table = table_of()
    filled([replace(one, movements=(), ended="open", decision="") for one in RUN])(
        table.connection, "results_b", "movements_b"
    )
    a, b = Side("a", "results", "movements"), Side("b", "results_b", "movements_b")
    test = compare(table.connection, a, b, recorded="recorded").test("wrong")
    assert test is not None
    found = wrongful(table)
    wrong = found.refunded_wrongly.count + found.refused_wrongly.count
    # T-05, on which nothing stands, is told of too: its truth is known, and it is not wrong
    assert (test.table.only_a, test.table.both, test.table.of) == (wrong, 0, 12)
    assert wrong == 7


def test_a_recorded_refund_whose_amount_is_unknown_is_a_refund() -> None:
    table = ResultsTable.empty()
    row = {"dispute_id": "D", "ended": "imposed", "decision": "refund_full", "refunded": None}
    table.add_rows("results", [row])
    table.add_rows("recorded", [{"dispute_id": "D", **NO_REFUND}])
    assert wrongful(table).refunded_wrongly == Rate(1, 1)


def test_refunds_are_counted_by_the_money_that_moved() -> None:
    table = table_of()
    paid = sum(one.refunded > 0 for one in RUN)
    assert paid == 6  # T-01, 02, 03, 10, 12 and 13; T-09 is a part of nothing
    (month,) = over_time(table, JAKARTA)
    segments = by_segment(table, "claim_type")
    assert segments is not None
    counts = {
        "summary": Summary.read(table).refunds[0].count,
        "model": bought(table)[0].refunds,
        "arrived": arrived_after(table).all_refunds.of,
        "month": month.refunded.count,
        "segment": segments.listed[0].refunds.count,
    }
    assert counts == dict.fromkeys(counts, paid)
    assert arrived_after(table).all_refunds.count == segments.listed[0].arrived_after.count == 0


def test_what_is_open_again_has_not_ended() -> None:
    groups = {one.group: one.disputes for one in times(table_of())}
    assert groups == {"all": 10, "agreed": 2, "lapsed": 1, "imposed": 7, "escalated": 2}


@pytest.mark.parametrize(
    ("least", "small"),
    [pytest.param(13, False, id="as many as the least"), pytest.param(14, True, id="one fewer")],
)
def test_a_period_of_few_disputes_is_small(least: int, small: bool) -> None:
    assert [one.small for one in over_time(table_of(), JAKARTA, least=least)] == [small]


@given(of=st.integers(1, 10_000))
def test_the_interval_of_none_begins_at_0_and_that_of_all_ends_at_1(of: int) -> None:
    none, every = Rate(0, of).interval, Rate(of, of).interval
    assert none is not None
    assert every is not None
    assert (none[0], every[1]) == (0, 1)
    assert none[1] == pytest.approx(1 - every[0])


def test_the_interval_of_a_mean_is_worked_out_on_its_logarithm() -> None:
    ends = Mean(20.0, 10.0, 4).interval
    assert ends is not None
    # exp(1.959964 * 10 / (20 * 2)) = 1.632302
    assert ends[0] == pytest.approx(20 / 1.632302, 1e-6)
    assert ends[1] == pytest.approx(20 * 1.632302, 1e-6)


@pytest.mark.parametrize(
    "mean",
    [
        pytest.param(Mean(None, None, 0), id="nothing"),
        pytest.param(Mean(5.0, None, 1), id="one"),
        pytest.param(Mean(0.0, 0.0, 9), id="all are 0"),
    ],
)
def test_a_mean_that_tells_too_little_has_no_interval(mean: Mean) -> None:
    assert mean.interval is None


@given(value=st.floats(0.1, 1e9), deviation=st.floats(0, 1e9), of=st.integers(2, 10_000))
def test_no_interval_of_money_is_negative(value: float, deviation: float, of: int) -> None:
    # of n amounts that are not negative, the deviation is at most sqrt(n) times their mean
    ends = Mean(value, min(deviation, value * of**0.5), of).interval
    assert ends is not None
    assert 0 < ends[0] <= value * (1 + 1e-9)
    assert value <= ends[1] * (1 + 1e-9)
