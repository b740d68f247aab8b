"""Disputes led through their lives by the house policy, and what each side is told."""

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.cases import Pack
from reso.facts.rows import read_history
from reso.lifecycle import Life, Recorded, state_of
from reso.messages.compose import Messenger
from reso.model.case import Value
from reso.model.events import Event, fold
from reso.model.money import Language
from reso.model.proposal import Leg, Proposal
from reso.study.readers import Reader
from simulations.life import OWN_ACTS, Lived, Stretch, live
from tests.lifecycle.shop import Dispute, event, hours
from tests.shipped import pack_of

ROOT = Path(__file__).parents[2]
START = datetime.fromisoformat("2026-04-01T10:00+07:00")
GOODS, SHIPPING, VOUCHER = 600_000, 15_000, 50_000
PAID = GOODS + SHIPPING
ARRIVES_BY = timedelta(days=5)
OBJECTS = ("order", "shipping", "history", "incident", "case")


def house() -> Pack:
    return pack_of("marketplace")


@cache
def life() -> Life:
    return Life(house().engine)


# -- leading a dispute --------------------------------------------------------------------------


def known(dispute: Dispute, kind: str, after: float = 0, **fields: Value) -> None:
    """Let something become known some hours later; what is no item of a list has no `at`."""
    at = dispute.at + hours(after)
    record = fields if kind in OBJECTS else {"at": at, **fields}
    dispute.move(Recorded((event(kind, at, record),)), after)


def scan(dispute: Dispute, after: float, what: str, leg: str = "outward", **fields: Value) -> None:
    known(dispute, "tracking", after, event=what, leg=leg, **fields)


def sent() -> Dispute:
    """Return an order of 600,000 and shipping, 50,000 of a voucher beside, that has left."""
    dispute = Dispute((), START, life())
    order = {
        "currency": "IDR",
        "items_subtotal": GOODS + VOUCHER,
        "voucher_platform": VOUCHER,
        "shipping_paid_by_buyer": SHIPPING,
        "total_paid": PAID,
        "placed_at": START,
    }
    shipping = {"service": "regular", "estimated_arrival": START + ARRIVES_BY}
    events = (event("order", START, order), event("shipping", START, shipping))
    dispute.move(Recorded(events), 0)
    scan(dispute, 20, "picked_up")
    return dispute


def delivered() -> Dispute:
    dispute = sent()
    scan(dispute, 48, "delivered", address_match="yes")
    return dispute


def complains(dispute: Dispute, kind: str, requested: str, after: float = 5) -> None:
    filed = {"type": kind, "requested": requested, "requested_amount": PAID}
    dispute.does("open", "buyer", after, filed_at=dispute.at + hours(after), **filed)


def shows(dispute: Dispute, party: str, strength: str = "strong") -> None:
    dispute.does("give_evidence", party, type="video", strength=strength, supports=party)  # type: ignore[arg-type]


def waits_to_the_end(dispute: Dispute) -> None:
    while life().next_clock(dispute.history, dispute.at) is not None:
        dispute.waits()


# -- what is asserted ---------------------------------------------------------------------------


def acts_of(dispute: Dispute) -> list[str]:
    """Return our acts in a word each, in their order."""
    told = {
        "asked": "question",
        "settled": "decision",
        "proposed": "decision",
        "reopened": "because",
        "escalated": "reason",
    }
    found: list[str] = []
    for one in dispute.history:
        if one.kind in OWN_ACTS:
            record: Mapping[str, Any] = one.payload[0]  # type: ignore[index,assignment]
            found.append(f"{one.kind} {record.get(told.get(one.kind, ''), '')}".strip())
    return found


def settled_proposals(history: Sequence[Event]) -> list[Proposal]:
    """Return what each settlement moved: the proposal as it stood just before it."""
    return [
        life().proposal(history[:number], one.recorded_at)
        for number, one in enumerate(history)
        if one.kind == "settled"
    ]


def moved(dispute: Dispute) -> list[tuple[str, str, int, str]]:
    """Return the movements of the last settlement that are due at once."""
    legs = settled_proposals(dispute.history)[-1].legs
    return sorted(
        (leg.payer, leg.payee, leg.amount, leg.component) for leg in legs if not leg.after
    )


def told(dispute: Dispute, reader: Reader, language: Language = "en") -> str:
    """Return what a party reads at the last act that it is told of."""
    number = max(n for n, one in enumerate(dispute.history) if one.kind in ("settled", "asked"))
    before, at = dispute.history[:number], dispute.history[number].recorded_at
    proposal = life().proposal(before, at)
    message = Messenger(house()).message(fold(before, at), proposal, reader, language)
    return "\n".join(message.sentences())


# -- lives --------------------------------------------------------------------------------------


def lost() -> Dispute:
    dispute = sent()
    dispute.waits()
    return dispute


def test_a_parcel_that_never_comes_is_refunded_unasked_at_the_couriers_cost() -> None:
    dispute = lost()
    assert dispute.at == datetime.fromisoformat("2026-04-16T23:59:59+07:00")
    assert acts_of(dispute) == ["settled refund_full", "closed"]
    assert moved(dispute) == [
        ("buyer", "seller", GOODS, "goods"),
        ("courier", "buyer", SHIPPING, "shipping"),
        ("courier", "buyer", GOODS, "goods"),
        ("courier", "platform", VOUCHER, "voucher"),
        ("platform", "seller", VOUCHER, "voucher"),
    ]
    assert "You get all your money back, IDR 615,000." in told(dispute, "buyer")
    assert "You get IDR 600,000 (goods) out of the money of the order." in told(dispute, "seller")


def test_it_turns_up_and_the_buyer_keeps_it_and_pays() -> None:
    dispute = lost()
    scan(dispute, 24 * 9, "delivered", address_match="yes")
    assert dispute.state.name == "gathering"
    assert acts_of(dispute)[2:] == ["reopened parcel_came_after_all", "asked buyer_chooses"]
    assert "You may keep the goods and pay for them" in told(dispute, "buyer")
    assert "Anda boleh menyimpan barangnya" in told(dispute, "buyer", "id")
    known(dispute, "responses", 20, party="buyer", action="accept_solution")
    assert dispute.state.name == "closed"
    assert dispute.ended == ("release_to_seller", None, "agreed")
    assert moved(dispute) == [
        ("buyer", "courier", GOODS, "goods"),
        ("platform", "courier", VOUCHER, "voucher"),
    ]


def test_it_turns_up_and_the_buyer_sends_it_back() -> None:
    dispute = lost()
    scan(dispute, 24 * 9, "delivered", address_match="yes")
    known(dispute, "responses", 5, party="buyer", action="reject")
    scan(dispute, 24, "picked_up", leg="return")
    scan(dispute, 48, "delivered", leg="return")
    assert dispute.state.name == "closed"
    assert moved(dispute) == [("seller", "courier", GOODS + VOUCHER, "compensation")]
    assert dispute.refunded == PAID


def test_it_turns_up_at_the_sellers_and_he_gives_the_courier_its_money_back() -> None:
    dispute = lost()
    scan(dispute, 24, "returned_to_sender")
    scan(dispute, 48, "delivered", leg="return")
    assert acts_of(dispute)[2:] == [
        "reopened parcel_came_home_after_all",
        "settled release_to_seller",
        "closed",
    ]
    assert moved(dispute) == [("seller", "courier", GOODS + VOUCHER, "compensation")]


def test_a_buyer_who_does_not_choose_is_asked_by_a_person() -> None:
    dispute = lost()
    scan(dispute, 24 * 9, "delivered", address_match="yes")
    dispute.waits()
    assert acts_of(dispute)[-1] == "escalated rule"


def test_a_parcel_that_turns_back_refunds_the_buyer_and_charges_the_seller_nothing() -> None:
    dispute = sent()
    scan(dispute, 24 * 7, "undeliverable", contact_attempted=False)
    scan(dispute, 20, "returned_to_sender")
    assert dispute.state.name == "none"
    scan(dispute, 72, "delivered", leg="return")
    assert dispute.ended == ("refund_full", PAID, "imposed")
    assert moved(dispute) == [
        ("courier", "buyer", SHIPPING, "shipping"),
        ("seller", "buyer", GOODS, "goods"),
        ("seller", "platform", VOUCHER, "voucher"),
    ]
    assert "We are sorry that it did not reach you." in told(dispute, "buyer")
    assert "The shipping fee is not charged to you." in told(dispute, "seller")
    assert settled_proposals(dispute.history)[-1].ruling.matter("fault") == ""


def wants_to_cancel_too_late() -> Dispute:
    dispute = sent()
    complains(dispute, "buyer_cancel_after_shipment", "refund")
    assert dispute.ended == ("release_to_seller", None, "imposed")
    assert moved(dispute) == []
    assert "We keep the money of this order until" in told(dispute, "seller")
    return dispute


def test_a_wish_refused_pays_nobody_before_the_guarantee_has_ended() -> None:
    dispute = wants_to_cancel_too_late()
    scan(dispute, 48, "delivered", address_match="yes")
    came = dispute.at
    assert len(dispute.acts("settled")) == 1
    while len(dispute.acts("settled")) == 1:
        dispute.waits()
    assert dispute.at == came + timedelta(days=7)
    assert acts_of(dispute)[1:3] == ["reopened order_is_over", "settled release_to_seller"]
    assert moved(dispute) == [
        ("buyer", "courier", SHIPPING, "shipping"),
        ("buyer", "seller", GOODS, "goods"),
        ("platform", "seller", VOUCHER, "voucher"),
    ]


def test_a_wish_refused_does_not_pay_for_a_parcel_that_never_comes() -> None:
    dispute = wants_to_cancel_too_late()
    waits_to_the_end(dispute)
    assert acts_of(dispute)[1:3] == ["reopened order_is_over", "settled refund_full"]
    assert ("courier", "buyer", GOODS, "goods") in moved(dispute)
    assert dispute.refunded == PAID


def test_after_a_wish_refused_the_buyer_can_still_complain_of_the_goods() -> None:
    dispute = wants_to_cancel_too_late()
    scan(dispute, 48, "delivered", address_match="yes")
    complains(dispute, "damaged", "refund")
    known(dispute, "case", 1, finding="item_does_not_match_listing")
    assert dispute.ended == ("refund_full", PAID, "imposed")
    assert ("seller", "buyer", GOODS, "goods") in moved(dispute)


def bought_off() -> Dispute:
    dispute = delivered()
    complains(dispute, "defective", "return_and_refund")
    shows(dispute, "buyer")
    dispute.does("message", "seller", 3, reason="off_platform_transfer_promised", amount=GOODS)
    dispute.does("withdraw", "buyer", 2)
    return dispute


def test_a_withdrawal_for_a_promise_rests_and_no_money_leaves() -> None:
    dispute = bought_off()
    assert dispute.state.name == "withdrawn"
    assert dispute.acts("settled") == []
    at = dispute.at
    proposal = life().proposal(dispute.history, at)
    for reader, sentence in (
        ("buyer", "If a promise is not kept, reply before"),
        ("seller", "If you promised a transfer, keep the slip."),
    ):
        message = Messenger(house()).message(fold(dispute.history, at), proposal, reader, "en")  # type: ignore[arg-type]
        assert sentence in "\n".join(message.sentences())
    waits_to_the_end(dispute)
    assert dispute.ended == ("release_to_seller", None, "lapsed")


def test_an_unkept_promise_brings_the_claim_back_to_where_it_stood() -> None:
    dispute = bought_off()
    dispute.does("undo_withdrawal", "buyer", 30)
    assert acts_of(dispute)[-1] == "asked transfer_slip"
    waits_to_the_end(dispute)
    assert dispute.acts("settled")[0]["decision"] == "return_and_refund"
    assert dispute.acts("settled")[0]["how"] == "lapsed"


def test_a_plain_withdrawal_that_was_bought_after_all_is_opened_again() -> None:
    dispute = delivered()
    complains(dispute, "defective", "return_and_refund")
    shows(dispute, "buyer")
    dispute.does("withdraw", "buyer", 2)
    assert dispute.ended == ("release_to_seller", None, "agreed")
    known(dispute, "responses", 20, party="buyer", action="message", reason="promise_not_kept")
    assert acts_of(dispute)[-2:] == ["reopened promise_was_not_kept", "asked transfer_slip"]
    slip = {"party": "seller", "type": "statement", "strength": "strong"}
    dispute.does("give_evidence", "seller", 2, **{k: v for k, v in slip.items() if k != "party"})
    assert acts_of(dispute)[-2:] == ["settled release_to_seller", "closed"]
    assert moved(dispute) == [], "he was paid when it was withdrawn"


def weighed() -> Dispute:
    """Return a dispute in which both sides have shown something, and the buyer more."""
    dispute = delivered()
    complains(dispute, "not_as_described", "refund")
    shows(dispute, "buyer")
    shows(dispute, "seller", "weak")
    dispute.does("reject", "seller", 3)
    return dispute


def test_what_has_to_be_weighed_is_put_to_both_sides_first() -> None:
    dispute = weighed()
    assert dispute.state.name == "proposed"
    assert dispute.acts("proposed")[-1]["parties"] == ("buyer", "seller")
    dispute.waits()
    assert dispute.ended == ("return_and_refund", PAID, "lapsed")


def test_an_objection_goes_to_a_person() -> None:
    dispute = weighed()
    dispute.does("reject", "seller", 3)
    assert acts_of(dispute)[-1] == "escalated refused"
    dispute.does("adjudicate", "agent", 5, remedy="refund_partial", amount=200_000)
    assert dispute.ended == ("refund_partial", 200_000, "adjudicated")
    assert dispute.refunded == 200_000


def appeals_until(dispute: Dispute) -> set[datetime | None]:
    rights = life().proposal(dispute.history, dispute.at).rights
    return {right.until for right in rights if right.question.endswith("_appeals")}


def test_an_appeal_with_new_evidence_goes_to_a_person_once() -> None:
    dispute = delivered()
    complains(dispute, "damaged", "refund")
    known(dispute, "case", 1, finding="item_matches_listing")
    assert dispute.ended == ("release_to_seller", None, "imposed")
    assert dispute.state.name == "settled", "an appeal is open for a week"
    assert appeals_until(dispute) == {dispute.at + timedelta(days=7)}
    dispute.does("appeal", "buyer", 24, new_evidence=True)
    assert acts_of(dispute)[-2:] == ["reopened appeal", "escalated rule"]
    dispute.does("adjudicate", "agent", 5, remedy="refund_partial", amount=150_000)
    assert dispute.ended == ("refund_partial", 150_000, "adjudicated")
    assert ("seller", "buyer", 150_000, "goods") in moved(dispute)
    assert dispute.state.name == "closed", "there is one appeal"


def test_without_an_appeal_it_is_closed_after_a_week() -> None:
    dispute = delivered()
    complains(dispute, "damaged", "refund")
    known(dispute, "case", 1, finding="item_matches_listing")
    ended = dispute.at
    waits_to_the_end(dispute)
    assert dispute.state.name == "closed"
    assert dispute.at == ended + timedelta(days=7)


def return_approved() -> Dispute:
    dispute = delivered()
    complains(dispute, "wrong_item", "return_and_refund")
    shows(dispute, "buyer")
    known(dispute, "order", 0, category="fashion")
    dispute.does("approve", "seller", 3)
    return dispute


def test_a_return_is_paid_when_the_goods_are_back_and_the_label_by_the_seller() -> None:
    dispute = return_approved()
    assert dispute.ended == ("return_and_refund", PAID, "agreed")
    assert dispute.refunded == 0
    scan(dispute, 24, "picked_up", leg="return")
    scan(dispute, 48, "delivered", leg="return")
    waits_to_the_end(dispute)
    assert dispute.ended[:2] == ("refund_full", PAID)
    assert dispute.refunded == PAID
    assert dispute.state.name == "closed"


def test_goods_handed_back_too_late_that_reach_the_seller_are_looked_at_and_paid() -> None:
    dispute = return_approved()
    dispute.waits()
    assert dispute.ended[0] == "release_to_seller"
    scan(dispute, 24, "dropped_off", leg="return")
    scan(dispute, 48, "delivered", leg="return")
    assert "reopened goods_came_back" in acts_of(dispute)
    waits_to_the_end(dispute)
    assert dispute.ended[:2] == ("refund_full", PAID)
    assert dispute.refunded == PAID


# -- the law ------------------------------------------------------------------------------------


@cache
def fixtures() -> ModuleType:
    """Return the script that makes the shipped history, for its kinds of stories."""
    path = ROOT / "fixtures" / "history" / "make.py"
    spec = importlib.util.spec_from_file_location("history_fixture", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Tale:
    """What is drawn: a kind of story, a seed, and which of its rows never became known."""

    kind: int
    seed: int
    forgotten: frozenset[int]
    turns_up: bool


KINDS = len(fixtures().STORIES)
TALES = st.builds(
    Tale,
    kind=st.integers(0, KINDS - 1),
    seed=st.integers(0, 10**6),
    forgotten=st.frozensets(st.integers(4, 14), max_size=3),
    turns_up=st.booleans(),
)


def lived(tale: Tale) -> tuple[Lived, int]:
    """Return a dispute led to its end, and what its order held."""
    make = fixtures()
    tell: Callable[[Any], None] = make.STORIES[tale.kind][0]
    story = make.Story("D-1", Random(tale.seed), make.FIRST_DAY)
    tell(story)
    if tale.turns_up:
        story.deliver(200, 900)
    rows = [row for number, row in enumerate(story.rows) if number not in tale.forgotten]
    events = read_history(rows, house().table)
    events = tuple(sorted(events, key=lambda one: one.recorded_at))
    vouchers = sum(int(row["payload"].get("voucher_platform", 0)) for row in rows[:1])
    return live(life(), events, Stretch(from_the_order=True)), story.paid + vouchers


def got(legs: list[Leg]) -> Counter[str]:
    """Return what each party has got in all, less what it paid out of its own pocket."""
    net: Counter[str] = Counter()
    for leg in legs:
        net[leg.payee] += leg.amount
        if not leg.from_escrow:
            net[leg.payer] -= leg.amount
    return net


@settings(max_examples=60, deadline=None)
@given(TALES)
def test_nobody_is_paid_twice_and_every_open_dispute_has_a_clock_or_a_human(tale: Tale) -> None:
    told, held = lived(tale)
    history = told.history
    for moment in told.moments:
        known_then = history[: moment.before + len(moment.arrived) + len(moment.acts)]
        if state_of(known_then).name in ("gathering", "proposed", "withdrawn"):
            assert life().next_clock(known_then, moment.at) is not None
    last = state_of(history)
    assert last.name in ("closed", "escalated", "none", "settled")
    legs = [
        leg for proposal in settled_proposals(history) for leg in proposal.legs if not leg.after
    ]
    out = sum(leg.amount for leg in legs if leg.from_escrow)
    assert out <= held, legs
    net = got(legs)
    order = next(one for one in history if one.kind == "order").payload
    assert isinstance(order, Mapping)
    paid, goods = order.get("total_paid"), order.get("items_subtotal")
    assert isinstance(paid, int)
    assert isinstance(goods, int)
    assert net["buyer"] <= paid, legs
    assert net["seller"] <= goods, legs


@pytest.mark.parametrize("kind", range(KINDS))
def test_each_kind_of_the_fixtures_stories_comes_to_an_end(kind: int) -> None:
    told, _ = lived(Tale(kind, 1, frozenset(), turns_up=False))
    assert state_of(told.history).name in ("closed", "escalated")
