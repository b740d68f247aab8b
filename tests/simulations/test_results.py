"""How disputes end, and what a replay counts."""

import pytest

from reso.model.events import Event
from simulations.life import Stretch, live
from simulations.results import Movement, Result, result_of
from tests.simulations.shop import at, claim, event, fixture, life, order, photo, says, scan


def lived_result(
    *events: Event, until: float | None = None, from_the_order: bool = False
) -> Result:
    told = sorted((*order(), *events), key=lambda one: one.recorded_at)
    stretch = Stretch(None if until is None else at(until), from_the_order)
    return result_of(life(), live(life(), told, stretch), told)


OFFER = (claim("damaged"), photo(), says("seller", "counter_offer", 30, amount=50_000))


@pytest.mark.parametrize(
    ("events", "ended", "decision", "hours", "rule"),
    [
        pytest.param(
            [claim("damaged"), photo(), says("seller", "approve", 30)],
            "agreed", "refund_full", 6, "approved", id="the seller approves",
        ),
        pytest.param(
            [claim("damaged"), photo()], "lapsed", "refund_full", 49, "approved",
            id="the seller says nothing",
        ),
        pytest.param(
            [claim("damaged")], "lapsed", "release_to_seller", 48, "unseen",
            id="no photo, though asked",
        ),
        pytest.param(
            [claim("not_received")], "imposed", "refund_full", 72, "lost", id="it never comes"
        ),
        pytest.param(
            [claim("not_received"), scan("delivered", 40)],
            "imposed", "release_to_seller", 16, "came", id="it comes",
        ),
        pytest.param(
            [claim("not_received"), says("buyer", "cancel_complaint", 30)],
            "imposed", "release_to_seller", 6, "withdrawn",
            id="the buyer withdraws, which the policy rules on",
        ),
        pytest.param(
            [*OFFER, says("buyer", "accept_solution", 31), says("seller", "accept_solution", 32)],
            "agreed", "refund_partial", 8, "offered", id="both accept a proposal",
        ),
    ],
)  # fmt: skip
def test_a_dispute_ends(
    events: list[Event], ended: str, decision: str, hours: float, rule: str
) -> None:
    result = lived_result(*events)
    assert (result.ended, result.decision, result.hours) == (ended, decision, hours)
    assert (result.reason, result.question) == (rule, "")
    assert result.without_human


@pytest.mark.parametrize(
    ("events", "question", "reason"),
    [
        pytest.param(
            [claim("damaged"), photo(), says("seller", "reject", 30)],
            "", "refused", id="a rule says so",
        ),
        pytest.param([claim("counterfeit")], "human", "human", id="only he can know"),
        pytest.param([*OFFER, says("buyer", "reject", 31)], "", "refused", id="a no to a proposal"),
        pytest.param(list(OFFER), "", "refused", id="silence that means no"),
        pytest.param([claim("wrong_item")], "", "otherwise", id="no rule fits"),
    ],
)  # fmt: skip
def test_a_human_gets_a_case(events: list[Event], question: str, reason: str) -> None:
    result = lived_result(*events)
    assert (result.ended, result.question, result.reason) == ("escalated", question, reason)
    assert result.handed_over
    assert not result.without_human


def test_a_case_a_human_had_before_facts_settled_it_did_not_end_without_one() -> None:
    late = event("claim", 60, type="damaged")
    result = lived_result(claim("wrong_item"), late, photo(61), says("seller", "approve", 62))
    assert (result.ended, result.decision) == ("agreed", "refund_full")
    assert result.handed_over
    assert not result.without_human


@pytest.mark.parametrize(
    ("hour", "before"),
    [
        pytest.param(95, True, id="before we acted: it is that person's work"),
        pytest.param(96, True, id="at the instant we act"),
        pytest.param(97, False, id="after we acted: the life goes on without it"),
    ],
)
def test_what_a_person_of_the_old_platform_ruled_is_no_work_of_ours(
    hour: float, before: bool
) -> None:
    ruled = says("human_admin", "propose_solution", hour)
    result = lived_result(claim("not_received"), ruled)
    assert (result.ended, result.decision) == ("imposed", "refund_full")
    assert (result.human_before, result.handed_over) == (before, before)
    assert result.without_human is not before


def test_a_message_of_a_person_of_the_old_platform_rules_on_nothing() -> None:
    result = lived_result(claim("not_received"), says("human_admin", "message", 95))
    assert result.without_human
    assert not result.human_before


def test_what_is_not_over_by_the_last_instant_is_open() -> None:
    result = lived_result(claim("not_received"), until=95.9)
    assert (result.ended, result.ended_at, result.movements) == ("open", None, ())
    assert lived_result(claim("not_received"), until=96).ended == "imposed"


def test_without_a_complaint_nothing_is_lived_through_unless_from_the_order_on() -> None:
    early = event("order", 1, payment_verified_at=at(-1))
    assert lived_result(early).moments == 0
    result = lived_result(early, from_the_order=True)
    assert (result.ended, result.decision) == ("no_claim", "release_to_seller")


def test_before_the_complaint_the_policy_acts_only_from_the_order_on() -> None:
    early = event("order", 1, payment_verified_at=at(-1))
    events = (early, claim("not_received"))
    assert lived_result(*events).decision == "refund_full"
    assert lived_result(*events, from_the_order=True).left_out == 0
    assert lived_result(*events, from_the_order=True).moments > lived_result(*events).moments


def test_the_refund_is_whole_and_each_payer_is_named() -> None:
    result = lived_result(claim("not_received"))
    assert result.refunded == result.amount == 100_000
    assert result.movements == (
        Movement("buyer", "courier", "shipping", "IDR", 10_000),
        Movement("seller", "buyer", "goods", "IDR", 90_000),
        Movement("seller", "buyer", "shipping", "IDR", 10_000),
    )


@pytest.mark.parametrize(
    ("scans", "arrived_after"),
    [
        pytest.param([], False, id="it never came"),
        pytest.param([scan("delivered", 96.1)], True, id="it came minutes after the refund"),
        pytest.param([scan("delivered", 900)], True, id="it came after the replay's end"),
        pytest.param(
            [event("tracking", 120, event="delivered", leg="return")], False, id="a return came"
        ),
    ],
)
def test_a_refund_is_held_against_what_came_later(scans: list[Event], arrived_after: bool) -> None:
    result = lived_result(claim("not_received"), *scans, until=200)
    assert result.refunded_at == at(96)
    assert result.arrived_after is arrived_after


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        pytest.param(says("seller", "approve", 30), True, id="an approval"),
        pytest.param(says("buyer", "message", 30), False, id="a message"),
        pytest.param(says("human_admin", "propose_solution", 30), False, id="a human's ruling"),
    ],
)
def test_an_answer_is_what_a_party_answered(answer: Event, counted: bool) -> None:
    assert lived_result(claim("damaged"), photo(), answer).has_answers is counted


def test_over_the_shipped_history_every_rupiah_refunded_is_in_a_movement() -> None:
    for events in fixture().disputes.values():
        result = result_of(life(), live(life(), events, Stretch()), events)
        paid = max(one.payload["total_paid"] for one in events if "total_paid" in one.payload)  # type: ignore[operator, type-var, index]
        assert result.refunded <= paid
        if result.refunded_at is not None and result.ended != "open":
            assert result.refunded == result.amount
        else:
            assert result.refunded == 0
