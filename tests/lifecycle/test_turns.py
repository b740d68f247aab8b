"""Turns in a dispute's life: appeals, withdrawals, humans, reopenings, and the instants between."""

from collections.abc import Mapping

import pytest

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.errors import InputError
from reso.lifecycle import Clock, Command, IllegalMoveError, Life, Recorded
from reso.model.case import Value
from reso.model.events import fold
from tests.lifecycle.shop import LIFE, PAID, START, Dispute, event, hours, ordered
from tests.strategies.small_packs import pack


def kinds(dispute: Dispute) -> list[str]:
    """Return the kinds of all events but the order's."""
    return [event.kind for event in dispute.history][1:]


def record(dispute: Dispute, kind: str, after: float, **fields: Value) -> None:
    """Let an event of the world become known some hours later."""
    at = dispute.at + hours(after)
    said = {"at": at, **fields} if kind in ("tracking", "responses", "evidence") else fields
    dispute.move(Recorded((event(kind, at, said),)), after)


def fact(dispute: Dispute, name: str) -> object:
    return fold(dispute.history, dispute.at).fields.get(name)


def led_by(sections: str, requested: str = "refund", **fields: Value) -> Dispute:
    """Return a claimed dispute that another small policy leads."""
    dispute = Dispute(life=Life(Engine.of(Compiled(pack(sections).policy))))
    dispute.move(Recorded((ordered(),)), 0)
    dispute.does("open", "buyer", 24, type="damaged", requested=requested, **fields)
    return dispute


# Appeals


def agreed_return() -> Dispute:
    dispute = Dispute.claimed("return_and_refund", 100_000)
    dispute.does("approve", "seller")
    return dispute


@pytest.mark.parametrize("by", ["buyer", "seller"])
def test_an_appeal_is_looked_at_once(by: str) -> None:
    dispute = agreed_return()
    new = dispute.does("appeal", by, 5)  # type: ignore[arg-type]
    assert [event.kind for event in new].count("reopened") == 1
    assert dispute.acts("reopened")[-1]["because"] == "appeal"
    assert dispute.ended == ("return_and_refund", 100_000, "agreed"), "nothing new was brought"
    assert dispute.move(Clock(), 0) == ()


def test_an_appeal_at_the_instant_of_the_settlement_is_looked_at_once_too() -> None:
    dispute = agreed_return()
    dispute.does("appeal", "buyer", 0)
    assert len(dispute.acts("reopened")) == 1


def test_appeals_are_counted_when_they_have_been_ruled_on() -> None:
    dispute = agreed_return()
    assert fact(dispute, "history.appeals_used") is None
    dispute.does("appeal", "buyer")
    assert fact(dispute, "history.appeals_used") == 1
    dispute.does("appeal", "seller")
    assert fact(dispute, "history.appeals_used") == 2


def test_the_ruling_in_force_is_told_only_once_a_settled_dispute_is_open_again() -> None:
    dispute = agreed_return()
    assert fact(dispute, "standing_decision") is None, "a settled return still goes its steps"
    dispute.does("appeal", "buyer")
    assert fact(dispute, "standing_decision") == "return_and_refund"


def test_a_closed_dispute_can_be_appealed_and_the_policy_says_what_that_is_worth() -> None:
    dispute = Dispute.claimed(amount=50_000)
    dispute.does("approve", "seller")
    assert dispute.state.name == "closed"
    dispute.does("appeal", "buyer")
    assert dispute.ended == ("refund_partial", 50_000, "agreed")
    assert dispute.refunded == 50_000, "nobody is paid twice"


# Withdrawals


def test_only_who_claims_can_withdraw() -> None:
    with pytest.raises(IllegalMoveError, match="`withdraw` is not for the seller"):
        Dispute.claimed().does("withdraw", "seller")


def test_a_recorded_withdrawal_of_the_other_side_is_none() -> None:
    dispute = Dispute.claimed()
    record(dispute, "responses", 1, party="seller", action="cancel_complaint")
    assert dispute.state.name == "gathering"


def test_a_seller_withdraws_his_own_claim() -> None:
    dispute = Dispute.ordered()
    dispute.does("open", "seller", 24, type="courier_loss_compensation")
    assert dispute.state.claimant == "seller"
    dispute.does("withdraw", "seller")
    assert dispute.state.name == "withdrawn"


UNAWARE = """
chapters: {request: {when: claim is known, opens_at: claim.filed_at}}
requests: {refund: refund, otherwise: refund}
settlements: {whole: order.total_paid, refund: {amount: order.total_paid}}
questions:
  seller_answer:
    for: request
    to: seller
    lasts: 48 hours
    answers: {approve: approve, reject: reject}
    silence_means: approve
rules: {approved: {for: request, when: seller_answer is approve, conclude: as requested}}
"""


def test_who_withdrew_is_not_paid_by_a_policy_that_knows_no_withdrawal() -> None:
    dispute = led_by(UNAWARE)
    dispute.does("withdraw", "buyer")
    assert dispute.state.name == "withdrawn"
    dispute.waits()
    assert dispute.refunded == 0
    assert dispute.acts("escalated")[-1]["reason"] == "withdrawn"


def test_a_withdrawal_while_a_human_has_the_case_counts() -> None:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    dispute.does("give_evidence", "buyer", type="photo")
    dispute.does("reject", "buyer")
    assert dispute.state.name == "escalated"
    dispute.does("withdraw", "buyer")
    assert dispute.state.name == "withdrawn"


# Offers


def test_an_offer_nobody_answers_falls_back_to_what_was_open_before() -> None:
    dispute = Dispute.claimed()
    dispute.does("counter_offer", "seller", 40, amount=30_000)
    dispute.waits()
    assert dispute.at == START + hours(24 + 40 + 24), "the offer outlives the seller's answer"
    assert dispute.ended == ("refund_full", PAID, "lapsed")


def test_an_offer_takes_a_proposal_back_and_its_refusal_brings_it_again() -> None:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    dispute.does("give_evidence", "buyer", type="photo")
    dispute.does("counter_offer", "seller", amount=30_000)
    assert dispute.acts("reopened")[-1]["because"] == "new_facts"
    dispute.does("reject", "buyer")
    assert dispute.state.name == "proposed"
    assert len(dispute.acts("proposed")) == 2


# Humans


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({"remedy": "refund_fully"}, "`refund_fully` is none of its values", id="word"),
        pytest.param({"remedy": "refund_partial", "amount": -5}, "`-5` is no money", id="below"),
        pytest.param({"remedy": "refund_partial", "amount": 0}, "a refund of nothing", id="zero"),
        pytest.param(
            {"remedy": "refund_full", "amount": PAID + 1}, "does not hold this amount", id="above"
        ),
        pytest.param(
            {"remedy": "refund_full", "amount": True}, "`True` is no money", id="no_amount"
        ),
    ],
)
def test_a_ruling_of_a_human_that_cannot_be_is_refused(
    fields: Mapping[str, Value], wrong: str
) -> None:
    dispute = Dispute.claimed()
    dispute.does("take_over", "agent")
    before = dispute.history
    with pytest.raises(InputError, match=wrong):
        dispute.does("adjudicate", "agent", **fields)
    assert dispute.history == before


@pytest.mark.parametrize(
    ("amount", "decision"), [(None, "refund_full"), (PAID, "refund_full"), (5, "refund_partial")]
)
def test_a_human_says_refund_and_its_amount_makes_it_full_or_partial(
    amount: int | None, decision: str
) -> None:
    dispute = Dispute.claimed()
    dispute.does("take_over", "agent")
    dispute.does("adjudicate", "agent", remedy="refund_full", amount=amount)
    assert dispute.ended == (decision, amount or PAID, "adjudicated")


def test_a_named_payer_adds_to_what_was_paid() -> None:
    dispute = Dispute.claimed()
    dispute.does("take_over", "agent")
    dispute.does("adjudicate", "agent", remedy="refund_full", amount=PAID + 9, payer="platform")
    assert dispute.ended == ("refund_full", PAID + 9, "adjudicated")
    assert dispute.refunded == PAID, "what is added is no refund of the order"


def test_a_return_that_a_human_rules_goes_its_steps() -> None:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    dispute.does("take_over", "agent")
    dispute.does("adjudicate", "agent", remedy="return_and_refund", amount=70_000)
    assert dispute.state.name == "settled"
    record(dispute, "tracking", 5, event="dropped_off", leg="return")
    record(dispute, "tracking", 5, event="delivered", leg="return")
    assert dispute.ended[0] == "return_and_refund", "the rules do not overrule a human"
    dispute.waits()
    assert dispute.ended[:2] == ("refund_partial", 70_000)


def test_a_settlement_stands_when_new_facts_would_have_ruled_otherwise() -> None:
    dispute = agreed_return()
    record(dispute, "claim", 5, requested="refund", requested_amount=PAID)
    assert dispute.ended == ("return_and_refund", 100_000, "agreed")
    assert len(dispute.acts("settled")) == 1


def test_what_is_said_of_a_known_claim_takes_no_case_from_a_human() -> None:
    dispute = Dispute.claimed()
    dispute.does("take_over", "agent")
    record(dispute, "claim", 1, filed_at=START + hours(24), requested_amount=7)
    assert dispute.state.name == "taken_over"


def test_a_call_for_a_human_is_told_as_one() -> None:
    called = "{when: exists responses where action is press_help, conclude: escalate}"
    dispute = led_by(f"{UNAWARE}\nbars:\n  called: {called}\n")
    assert dispute.state.name == "gathering"
    dispute.does("ask_for_a_human", "buyer")
    assert dispute.acts("escalated")[-1]["reason"] == "requested"
    dispute.does("approve", "seller")
    assert dispute.state.name == "escalated"


# What a command may say


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({"type": "dmaged"}, "Did you mean `damaged`?", id="enum"),
        pytest.param({"type": "damaged", "requested_amount": "5"}, "is no money", id="money"),
        pytest.param({"type": "damaged", "visible": "yes"}, "is no boolean", id="boolean"),
        pytest.param({"type": "damaged", "items": 3}, "a list of items", id="list"),
    ],
)
def test_a_value_no_case_can_hold_is_refused(fields: Mapping[str, Value], wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        Dispute.ordered().does("open", "buyer", **fields)


def test_nobody_acts_in_anothers_name_or_at_another_time() -> None:
    dispute = Dispute.claimed()
    (said, *_) = dispute.does("message", "buyer", party="seller", at=START)
    assert list(said.payload or ()) == [{"action": "message", "at": dispute.at, "party": "buyer"}]


def test_an_extension_is_counted() -> None:
    dispute = Dispute.ordered()
    dispute.does("extend", "agent", guarantee_ends_at=START + hours(24 * 20))
    assert fact(dispute, "history.extensions_used") == 1
    dispute.waits()
    assert dispute.at == START + hours(24 * 20)


# Reopening


def test_what_was_known_when_it_was_settled_opens_nothing_again() -> None:
    dispute = Dispute.ordered()
    record(dispute, "tracking", 1, event="delivered", leg="outward")
    dispute.does("open", "buyer", 5, type="damaged", requested="refund")
    dispute.does("approve", "seller")
    assert not dispute.acts("reopened")
    assert dispute.state.name == "closed"


def test_a_new_claim_opens_a_closed_dispute_again() -> None:
    dispute = Dispute.claimed(amount=50_000)
    dispute.does("approve", "seller")
    dispute.does("open", "buyer", 5, type="damaged", requested="refund", requested_amount=80_000)
    assert dispute.state.name == "gathering"
    assert dispute.state.opened_again == "claim"
    dispute.does("approve", "seller")
    assert dispute.refunded == 80_000, "the second settlement pays the difference"


# Instants


def test_a_yes_in_the_last_instant_counts() -> None:
    dispute = Dispute.claimed()
    dispute.does("approve", "seller", after=48)
    assert dispute.ended == ("refund_full", PAID, "agreed")


def test_a_no_in_the_last_instant_of_a_proposal_counts() -> None:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    dispute.does("give_evidence", "buyer", type="photo")
    dispute.does("reject", "seller", after=48)
    assert dispute.acts("escalated")[-1]["reason"] == "refused"


def test_what_becomes_known_later_cannot_be_recorded_now() -> None:
    dispute = Dispute.claimed()
    later = event("tracking", dispute.at + hours(5), {"at": dispute.at, "event": "delivered"})
    with pytest.raises(ValueError, match="is before the last event"):
        dispute.move(Recorded((later,)), 1)


def test_an_incident_stops_the_clock_it_pauses() -> None:
    dispute = led_by(UNAWARE.replace("    lasts: 48 hours\n", "    lasts: 48 hours\n"
        "    paused_by: {from: incident.starts_at, until: incident.ends_at}\n"))  # fmt: skip
    dispute.does("start_incident", "platform", id="HUB", starts_at=dispute.at + hours(1))
    dispute.does("end_incident", "platform", 10, ends_at=dispute.at + hours(10))
    dispute.waits()
    assert dispute.at == START + hours(24 + 48 + 10)


# A policy that comes to no end


def test_a_policy_that_goes_round_in_circles_gets_a_human() -> None:
    dispute = led_by("""
        chapters: {request: {when: claim is known, opens_at: claim.filed_at}}
        settlements: {whole: order.total_paid}
        readings: {tries: count of proposed where parties is known}
        rules:
          more:
            for: request
            when: claim is known
            conclude: {remedy: refund, amount: 1 IDR * tries + 5 IDR}
        consent:
          always: {of: [buyer], lasts: 48 hours, silence_means: accept}
        """)
    assert dispute.acts("escalated")[-1]["reason"] == "circle"
    assert len(dispute.acts("proposed")) <= 12
    assert dispute.move(Clock(), 0) == ()
    assert LIFE.next_clock(dispute.history, dispute.at) is None


def test_the_same_question_is_put_once() -> None:
    dispute = Dispute.claimed()
    dispute.does("reject", "seller")
    for _ in range(3):
        dispute.does("message", "buyer")
        dispute.move(Clock(), 1)
    assert [act["question"] for act in dispute.acts("asked")] == ["proof"]


def test_a_move_there_is_not_is_refused_before_anything_is_folded() -> None:
    with pytest.raises(IllegalMoveError, match="there is no move"):
        LIFE.advance((), Command("apeal", "buyer"), START)
