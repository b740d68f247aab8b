"""The eight Olist files, as published (CSV) or as Parquet, made disputes.

A review opens a dispute when it complains: two points or fewer with a text, or while the parcel has
not arrived; three points when its text names a concrete claim. The first such review of an order
opens it, at `review_answer_timestamp`; what the buyer writes later is a message.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import cast

from simulations.importers.olist_files import is_olist, read_tables
from simulations.importers.stories import NOT_RECEIVED, Claim, Item, Milestone, Story
from simulations.importers.words import Words

__all__ = ["is_olist", "read_olist"]

COMPLAINS, PERHAPS = 2, 3
"""Points (of 5) that complain with any text, and those that complain when the text says of what."""

ID_LENGTH = 16
OTHER = "other"

NO_ANSWER_TIME = "reviews without an answer time (left out)"
TOO_EARLY = "reviews answered before their order was placed (left out)"
NO_ORDER = "reviews of orders that are not in the files (left out)"
SEVERAL_REVIEWS = "orders with several reviews (the first complaint opens, later ones are messages)"
SEVERAL_ORDERS = "reviews that stand for several orders (each order has its own dispute)"


@dataclass(frozen=True, slots=True)
class Order:
    """An order; times are local and naive, `promised_on` is stored as midnight of its day."""

    order_id: str
    placed_at: datetime
    approved_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None
    promised_on: datetime | None

    def milestones(self) -> tuple[tuple[datetime, Milestone], ...]:
        """Return what happened to payment and parcel."""
        happened: tuple[tuple[datetime | None, Milestone], ...] = (
            (self.approved_at, "approved"),
            (self.handed_over_at, "handed_over"),
            (self.delivered_at, "delivered"),
        )
        return tuple((at, milestone) for at, milestone in happened if at is not None)


@dataclass(frozen=True, slots=True)
class Review:
    """A review of one order; `answered_at` is when the buyer wrote it, local and naive."""

    review_id: str
    order_id: str
    score: int
    title: str
    message: str
    answered_at: datetime | None

    @property
    def text(self) -> str:
        """Title and message; lines end as they do here, not as in the files."""
        lines = f"{self.title.strip()}\n{self.message.strip()}".replace("\r\n", "\n")
        return lines.strip()


@dataclass(frozen=True, slots=True)
class _Tables:
    orders: Mapping[str, Order]
    items: Mapping[str, tuple[Item, ...]]
    payments: Mapping[str, tuple[Decimal, ...]]
    reviews: Mapping[str, tuple[Review, ...]]


def read_olist(folder: Path, words: Words, found: Counter[str]) -> Iterator[Story]:
    """Yield the stories of the orders that were complained about; count in `found` what is odd.

    Raises:
        InputError: a file that is missing, or not as published.
    """
    tables = _tables(folder)
    _count_shared(tables, found)
    for order_id in sorted(tables.reviews):
        order = tables.orders.get(order_id)
        if order is None:
            found[NO_ORDER] += len(tables.reviews[order_id])
            continue
        reviews = list(_usable(order, tables.reviews[order_id], found))
        for place, review in enumerate(reviews):
            claim = claim_of(review, order, words)
            if claim is not None:
                yield _story(order, review, claim, reviews[place + 1 :], tables)
                break


def claim_of(review: Review, order: Order, words: Words) -> Claim | None:
    """Return what a review complains of, None when it does not."""
    at = review.answered_at
    if at is None or review.score > PERHAPS:
        return None
    is_here = order.delivered_at is not None and order.delivered_at <= at
    named = words.claims.found_in(review.text)
    if review.score > COMPLAINS:
        if not any(claim in words.concrete for claim in named):
            return None
    elif not review.text and is_here:
        return None
    kind = next(iter(named), OTHER if is_here else NOT_RECEIVED)
    if not is_here:
        kind = words.while_away.get(kind, kind)
    return Claim(at, kind, next(iter(words.wishes.found_in(review.text)), ""), review.text)


def dispute_id(review: Review) -> str:
    """Return the name of the dispute a review opens."""
    digest = sha256(f"{review.order_id}|{review.review_id}".encode()).hexdigest()
    return f"OL-{digest[:ID_LENGTH]}"


def _usable(order: Order, reviews: tuple[Review, ...], found: Counter[str]) -> Iterator[Review]:
    timed = [(one.answered_at, one) for one in reviews if one.answered_at is not None]
    found[NO_ANSWER_TIME] += len(reviews) - len(timed)
    for answered_at, review in sorted(timed, key=lambda pair: (pair[0], pair[1].review_id)):
        if answered_at < order.placed_at:
            found[TOO_EARLY] += 1
        else:
            yield review


def _story(
    order: Order, review: Review, claim: Claim, later: list[Review], tables: _Tables
) -> Story:
    promised = order.promised_on
    return Story(
        dispute_id(review),
        order.placed_at,
        None if promised is None else date(promised.year, promised.month, promised.day),
        tables.items.get(order.order_id, ()),
        tables.payments.get(order.order_id, ()),
        order.milestones(),
        claim,
        tuple((one.answered_at, one.text) for one in later if one.answered_at is not None),
    )


def _count_shared(tables: _Tables, found: Counter[str]) -> None:
    orders = Counter(one.review_id for reviews in tables.reviews.values() for one in reviews)
    found[SEVERAL_ORDERS] += sum(count > 1 for count in orders.values())
    found[SEVERAL_REVIEWS] += sum(len(reviews) > 1 for reviews in tables.reviews.values())


def _tables(folder: Path) -> _Tables:
    raw = read_tables(folder)
    items: dict[str, list[Item]] = defaultdict(list)
    payments: dict[str, list[Decimal]] = defaultdict(list)
    reviews: dict[str, list[Review]] = defaultdict(list)
    orders = {str(row[0]): Order(*row) for row in raw.orders}  # type: ignore[arg-type]
    for order_id, price, freight, seller, category in raw.items:
        item = Item(cast(Decimal, price), cast(Decimal, freight), str(seller), str(category or ""))
        items[str(order_id)].append(item)
    for order_id, value in raw.payments:
        payments[str(order_id)].append(cast(Decimal, value))
    for row in raw.reviews:
        review = Review(*row)  # type: ignore[arg-type]
        reviews[review.order_id].append(review)
    return _Tables(
        orders,
        {name: tuple(listed) for name, listed in items.items()},
        {name: tuple(listed) for name, listed in payments.items()},
        {name: tuple(listed) for name, listed in reviews.items()},
    )
