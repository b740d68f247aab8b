"""One order and the complaint about it, as a shop's tables tell it, made event rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, assert_never

from reso.facts.values import Plain
from simulations.importers.local_time import LocalClock
from simulations.importers.words import Words

Milestone = Literal["approved", "handed_over", "delivered"]
Row = Mapping[str, Plain]
Fragment = tuple[str, Mapping[str, Plain]]

NOT_RECEIVED = "not_received"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece: price and freight in the shop's currency, its category in the shop's words."""

    price: Decimal
    freight: Decimal
    seller: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the buyer complained of; `type` and `requested` in our words, "" where unknown."""

    at: datetime
    type: str
    requested: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One dispute; all times are local and naive.

    Attributes:
        promised_on: the day by whose end the parcel was to arrive.
        milestones: what happened to payment and parcel, and when; also after the claim.
        messages: what the buyer wrote afterwards.
    """

    dispute_id: str
    placed_at: datetime
    promised_on: date | None
    items: tuple[Item, ...]
    payments: tuple[Decimal, ...]
    milestones: tuple[tuple[datetime, Milestone], ...]
    claim: Claim
    messages: tuple[tuple[datetime, str], ...] = field(default=())

    def first(self, what: Milestone) -> datetime | None:
        """Return when something first happened, None if it never did."""
        return min((at for at, milestone in self.milestones if milestone == what), default=None)


def event_rows(story: Story, words: Words, clock: LocalClock) -> Iterator[Row]:
    """Yield the event rows of a story; each became known when it happened."""
    for at, fragments in _fragments(story, words, clock):
        for kind, payload in fragments:
            yield {
                "dispute_id": story.dispute_id,
                "occurred_at": at,
                "recorded_at": at,
                "kind": kind,
                "payload": payload,
            }


def count_traps(story: Story, found: Counter[str]) -> None:
    """Count what is odd about a story; nothing of it is mended."""
    approved, handed_over = story.first("approved"), story.first("handed_over")
    delivered = story.first("delivered")
    pieces = sum((item.price + item.freight for item in story.items), Decimal())
    known = delivered is not None and delivered <= story.claim.at
    traps = {
        "handed over before the payment was approved": _before(handed_over, approved),
        "handed over before the order was placed": _before(handed_over, story.placed_at),
        "delivered before it was handed over": _before(delivered, handed_over),
        "not received, says the buyer; delivered, says the scan": (
            known and story.claim.type == NOT_RECEIVED
        ),
        "orders without items (goods and freight are not known)": not story.items,
        "orders of several sellers (one parcel's scans stand for all)": (
            len({item.seller for item in story.items}) > 1
        ),
        "orders without a payment (nothing was paid)": not any(story.payments),
        "payments that are not goods + freight (the payments count)": (
            bool(story.items and story.payments) and pieces != sum(story.payments)
        ),
    }
    found.update(what for what, holds in traps.items() if holds)


def _before(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and second is not None and first < second


def _fragments(
    story: Story, words: Words, clock: LocalClock
) -> Iterator[tuple[str, Sequence[Fragment]]]:
    """Yield each instant, as text, and what became known then."""
    placed_at = clock.instant(story.placed_at).isoformat()
    yield placed_at, [("order", {"placed_at": placed_at, **_order(story, words)})]
    if story.promised_on is not None:
        promised = clock.end_of_day(story.promised_on).isoformat()
        yield placed_at, [("shipping", dict.fromkeys(words.promise, promised))]
    for local, milestone in story.milestones:
        at = clock.instant(local).isoformat()
        yield at, _milestone(at, milestone)
    filed_at = clock.instant(story.claim.at).isoformat()
    yield filed_at, [("claim", {"filed_at": filed_at, **_claim(story.claim)})]
    for local, text in story.messages:
        at = clock.instant(local).isoformat()
        message = {"at": at, "party": "buyer", "action": "message"}
        yield at, [("responses", {**message, "reason": text} if text else message)]


def _order(story: Story, words: Words) -> dict[str, Plain]:
    order: dict[str, Plain] = {
        "currency": words.currency,
        "total_paid": sum(story.payments, Decimal()),
    }
    if story.items:
        order["items_subtotal"] = sum((item.price for item in story.items), Decimal())
        order["shipping_paid_by_buyer"] = sum((item.freight for item in story.items), Decimal())
        category = _category(story.items, words)
        order |= {"category": category} if category else {}
    return order


def _category(items: Sequence[Item], words: Words) -> str:
    """Return the category of all these items in our words; "" when they differ or have none."""
    found = {words.categories.get(item.category, "") for item in items}
    return found.pop() if len(found) == 1 else ""


def _milestone(at: str, milestone: Milestone) -> Sequence[Fragment]:
    match milestone:
        case "approved":
            return [("order", {"payment_verified_at": at})]
        case "handed_over":
            scan = {"at": at, "event": "shipped"}
            return [("shipping", {"shipped_at": at}), ("tracking", scan)]
        case "delivered":
            return [("tracking", {"at": at, "event": "delivered"})]
        case _:
            assert_never(milestone)


def _claim(claim: Claim) -> dict[str, Plain]:
    said = {"type": claim.type, "requested": claim.requested, "text": claim.text}
    return {name: value for name, value in said.items() if value}
