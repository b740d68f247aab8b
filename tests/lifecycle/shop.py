"""A small policy with everything a dispute can live through, and disputes to lead by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.lifecycle import Clock, Command, Life, Move, Recorded, State, state_of
from reso.lifecycle.moves import Actor
from reso.model.case import Record, Records, Value
from reso.model.events import Event
from tests.strategies.small_packs import pack

START = datetime.fromisoformat("2026-03-02T03:00+00:00")
PAID = 120_000

SHOP = pack("""
chapters:
  no_claim: {when: claim is none}
  request: {when: claim is known, opens_at: claim.filed_at}

readings:
  delivered_at: at of first tracking where event is delivered and leg is outward
  returned_at: at of first tracking where event is delivered and leg is return
  gave_up: at of latest responses where party is buyer and action is cancel_complaint
  came_back: at of latest responses where party is buyer and reason is known and action is message
  asked_amount: first_known(claim.requested_amount, order.total_paid)

picks:
  offer: latest responses where party is seller and action is counter_offer and amount is known
  ruling: latest responses where party is human_admin and action is propose_solution

requests:
  refund: refund
  return_and_refund: return_and_refund
  otherwise: refund

findings:
  withdrawn: [gave_up is known]
  undone: [came_back after gave_up]

questions:
  guarantee:
    for: no_claim
    to: clock
    until: order.guarantee_ends_at
    answers: {over: tracking where event is declared_lost}
    silence_means: quiet
  seller_answer:
    for: request
    to: seller
    asks: {id: "Apakah penjual setuju?", en: "Does the seller agree?"}
    lasts: 48 hours
    answers: {approve: [approve, accept_solution], reject: reject}
    silence_means: silent
  offer_answer:
    for: request
    to: buyer
    asks: {id: "Apakah pembeli menerima tawaran?", en: "Does the buyer take the offer?"}
    when: offer is known
    opens_at: offer.at
    lasts: 24 hours
    answers: {accept: accept_solution, refuse: reject}
    silence_means: refuse
  proof:
    for: request
    to: buyer
    put_by: us
    when: exists responses where party is seller and action is reject
    asks: {id: "Dapatkah pembeli mengirim foto?", en: "Can the buyer send a photo?"}
    lasts: 24 hours
    answers: {shown: evidence where party is buyer}
    counts_earlier: yes
    silence_means: nothing
  rest:
    for: request
    to: clock
    when: withdrawn
    opens_at: gave_up
    lasts: 72 hours
    answers: {undone: responses where party is buyer and action is message and reason is known}
    silence_means: stands

bars:
  withdraws: {for: request, when: rest is stands, conclude: release_to_seller, counts_as: agreed}
  takes_offer: {for: request, when: offer_answer is accept, conclude: as offered}

rules:
  quiet: {for: no_claim, when: guarantee is quiet, conclude: release_to_seller}
  approves: {for: request, when: seller_answer is approve, conclude: as requested}
  silent: {for: request, when: seller_answer is silent, conclude: as requested}
  proven: {for: request, when: [seller_answer is reject, proof is shown], conclude: refund_full}
  unproven:
    for: request
    when: [seller_answer is reject, proof is nothing]
    conclude: release_to_seller

stages:
  return_and_refund:
    handed_over:
      to: buyer
      opens_at: seller_answer.ended_at
      lasts: 5 calendar days
      answers: {kept: tracking where leg is return}
      silence_means: missed
      leads_to: {kept: next, missed: release_to_seller}
    inspected:
      to: seller
      opens_at: returned_at
      lasts: 2 calendar days
      answers: {fine: confirm_package, not_fine: dispute}
      silence_means: fine
      leads_to: {fine: refund, not_fine: escalate}

settlements:
  whole: order.total_paid
  refund: {amount: asked_amount}
  return_and_refund: {amount: asked_amount}

consent:
  proven_cases:
    for: request
    applies_to: refund_full
    when: seller_answer is reject
    of: [buyer, seller]
    lasts: 48 hours
    silence_means: accept

reopens:
  arrived_after_all:
    for: request
    when: delivered_at is known

escrow:
  goods:
    holds: order.total_paid - order.shipping_paid_by_buyer
    paid_by: buyer
    earned_by: seller
  shipping:
    holds: order.shipping_paid_by_buyer
    paid_by: buyer
    earned_by: courier
    borne_by: seller
  refunded_before: history.refunded_amount
  released: history.released_at is known
""")
LIFE = Life(Engine.of(Compiled(SHOP.policy)))


def hours(count: float) -> timedelta:
    """Return a length of time."""
    return timedelta(hours=count)


def event(kind: str, at: datetime, record: Mapping[str, Value]) -> Event:
    """Return an event: an item of a list where it has its own `at`, else fields of an object."""
    payload: Record | Records = Records((record,)) if "at" in record else record
    return Event("D-1", at, at, kind, payload)


def ordered() -> Event:
    """Return the event of an order of Rp120,000, Rp20,000 of it shipping."""
    fields: Mapping[str, Value] = {
        "currency": "IDR",
        "total_paid": PAID,
        "shipping_paid_by_buyer": 20_000,
        "placed_at": START,
        "guarantee_ends_at": START + hours(24 * 14),
    }
    return event("order", START, fields)


@dataclass
class Dispute:
    """A dispute being led: its history, and the instant it has come to."""

    history: tuple[Event, ...] = ()
    at: datetime = START
    life: Life = field(default=LIFE)

    @classmethod
    def ordered(cls) -> "Dispute":
        """Return a dispute of which only the order is known."""
        dispute = cls()
        dispute.move(Recorded((ordered(),)), 0)
        return dispute

    @classmethod
    def claimed(cls, requested: str = "refund", amount: int | None = None) -> "Dispute":
        """Return a dispute whose buyer complained a day after the order."""
        dispute = cls.ordered()
        fields: dict[str, Value] = {"type": "damaged", "requested": requested}
        if amount is not None:
            fields["requested_amount"] = amount
        dispute.does("open", "buyer", after=24, **fields)
        return dispute

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.history)

    def move(self, move: Move, after: float) -> tuple[Event, ...]:
        """Make a move some hours later and return the new events."""
        at = self.at + hours(after)
        new = self.life.advance(self.history, move, at)
        self.history, self.at = (*self.history, *new), at
        return new

    def does(self, name: str, by: Actor, after: float = 1, **fields: Value) -> tuple[Event, ...]:
        """Let somebody make a move some hours later."""
        return self.move(Command(name, by, fields), after)

    def waits(self) -> tuple[Event, ...]:
        """Let time pass until we act by ourselves."""
        new: tuple[Event, ...] = ()
        while not new:
            clock = self.life.next_clock(self.history, self.at)
            assert clock is not None, "nothing will happen by itself"
            self.at = clock
            new = self.move(Clock(), 0)
        return new

    def acts(self, kind: str) -> list[Record]:
        """Return our acts of one kind, in their order."""
        return [r for e in self.history if e.kind == kind for r in _items(e)]

    @property
    def ended(self) -> tuple[object, object, object]:
        """The last settlement: decision, amount, how."""
        last = self.acts("settled")[-1]
        return last.get("decision"), last.get("amount"), last.get("how")

    @property
    def refunded(self) -> int:
        """What the ledger says the buyer got back."""
        return max((int(str(r.get("refunded_amount", 0))) for r in self._ledger()), default=0)

    def _ledger(self) -> list[Record]:
        return [e.payload for e in self.history if e.kind == "history" and _is_record(e)]  # type: ignore[misc]


def _is_record(event: Event) -> bool:
    return isinstance(event.payload, Mapping)


def _items(event: Event) -> tuple[Record, ...]:
    return tuple(event.payload) if isinstance(event.payload, Records) else ()
