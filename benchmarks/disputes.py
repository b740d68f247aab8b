"""Generated disputes: case files, drawn with a seed, on and around the limits of the packs' rules.

The numbers here only aim the draws; what a case comes to is left to the engines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import TypeVar

from reso.engine.decide import Engine
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.model.case import Case

AROUND = [timedelta(minutes=minutes) for minutes in (-2880, -61, -1, 0, 1, 61, 2880)]
CLOCKS_RAN_OUT = timedelta(days=25)
FIRST_DAY = date(2025, 6, 20)
TYPES = ["not_received", "not_as_described", "wrong_item", "damaged", "change_of_mind"]
REQUESTS = ["refund", "refund", "return_and_refund", "exchange", None]
WITHDRAWN = ["cancel_complaint", "close_complaint"]
REMEDIES = [None, "refund_full", "return_and_refund"]
Drawn = Mapping[str, Plain]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Docket:
    """A chapter of a pack, and how disputes for it are drawn."""

    pack: str
    chapter: str
    draw: Callable[[Random], Drawn]

    @property
    def name(self) -> str:
        """The pack and the chapter."""
        return f"{self.pack}, {self.chapter}"

    def folder(self, root: Path) -> Path:
        """Return the folder of the pack."""
        return root / "rules" / self.pack

    def cases(self, engine: Engine, seed: int) -> Iterator[Case]:
        """Yield cases without end; the same ones for the same seed."""
        random, table = Random(seed), engine.evaluator.policy.table
        while True:
            yield read_case_file(self.draw(random), table).case_at()


@dataclass
class _Story:
    """One dispute while it is drawn: its instants, its acts and its pieces of evidence."""

    random: Random
    delivered_at: datetime
    filed_at: datetime
    now: datetime
    responses: list[dict[str, Plain]] = field(default_factory=list)
    evidence: list[dict[str, Plain]] = field(default_factory=list)

    @classmethod
    def drawn(cls, random: Random, east: int, windows: list[int], clocks: list[int]) -> "_Story":
        """Draw a claim in or about one of the windows (days), asked about at one of the clocks
        (hours after the claim), before the first of them, or when all have run out.
        """
        began = datetime.combine(FIRST_DAY, datetime.min.time(), timezone(timedelta(hours=east)))
        delivered_at = began + timedelta(minutes=random.randrange(200 * 24 * 60))
        story = cls(random, delivered_at, delivered_at, delivered_at)
        within = timedelta(hours=random.randrange(1, 100))
        limits = [timedelta(days=days) for days in windows]
        story.filed_at = story.near(*limits) if story.chance(0.3) else delivered_at + within
        soon = timedelta(hours=random.randrange(1, clocks[0]))
        clock = timedelta(hours=random.choice(clocks)) + random.choice(AROUND)
        asked = story.one_of([soon, clock, CLOCKS_RAN_OUT, CLOCKS_RAN_OUT])
        story.now = story.filed_at + max(asked, timedelta(0))
        return story

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one_of(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def near(self, *limits: timedelta, start: datetime | None = None) -> datetime:
        """Draw an instant on or beside a limit, counted from the delivery or from `start`."""
        return (start or self.delivered_at) + self.one_of(limits) + self.one_of(AROUND)

    def after_claim(self, hours: int) -> datetime:
        """Draw an instant between the claim and now, or about `hours` after the claim."""
        at = self.filed_at + self.random.random() * (self.now - self.filed_at)
        if self.chance(0.3):
            at = self.near(timedelta(hours=hours), start=self.filed_at)
        return min(at, self.now).replace(second=0, microsecond=0)

    def acts(self, party: str, *actions: str, hours: int = 48, **more: Plain) -> None:
        """Let a party act after the claim."""
        at = self.after_claim(hours).isoformat()
        self.responses.append({"at": at, "party": party, "action": self.one_of(actions), **more})

    def shows(self, party: str, hours: int = 24) -> None:
        """Let a party hand evidence in after the claim."""
        strength, verified = self.one_of(["strong", "weak"]), self.one_of([None, None, True, False])
        piece = {"party": party, "type": "photo", "strength": strength, "verified": verified}
        self.evidence.append({"at": self.after_claim(hours).isoformat(), **piece})

    def given(self, order: Drawn, claim: Drawn, **more: Plain) -> Drawn:
        """Return the case file. Now and then it has a calendar of its own."""
        calendar: Plain = None
        if self.chance(0.1):
            holidays = [FIRST_DAY + timedelta(days=self.random.randrange(12)) for _ in range(2)]
            free = [day.isoformat() for day in sorted(set(holidays))]
            calendar = {"weekend": self.one_of([["sat", "sun"], ["sun"]]), "holidays": free}
        return _stated(
            {
                "order": order,
                "claim": {**claim, "filed_at": self.filed_at.isoformat()},
                "tracking": [{"at": self.delivered_at.isoformat(), "event": "delivered"}],
                "evidence": sorted(self.evidence, key=_dated),
                "responses": sorted(self.responses, key=_dated),
                "calendar": calendar,
                "now": self.now.isoformat(),
                **more,
            }
        )


def _stated(section: Drawn) -> dict[str, Plain]:
    """Leave out what is None, at any depth."""
    found: dict[str, Plain] = {}
    for name, value in section.items():
        if isinstance(value, Mapping):
            found[name] = _stated(value)
        elif isinstance(value, list):
            found[name] = [_stated(one) if isinstance(one, Mapping) else one for one in value]
        elif value is not None:
            found[name] = value
    return found


def _dated(item: dict[str, Plain]) -> str:
    return str(item["at"])


# -- the chapters -----------------------------------------------------------------------------


def _lazada_request(random: Random) -> Drawn:
    """A buyer in Singapore wants his money back: windows of 7 and 30 days, SGD 50 and 100."""
    story = _Story.drawn(random, 8, [7, 30], [24, 48, 96])
    cents = story.one_of([4999, 5000, 5001, 9999, 10000, 10001, random.randrange(100, 30000)])
    if story.chance(0.5):
        story.acts("seller", "approve", "accept_solution", "reject", "dispute")
    if story.chance(0.06):
        story.acts("seller", "refund_full")
    if story.chance(0.06):
        story.acts("buyer", *WITHDRAWN)
    if story.chance(0.06):
        story.acts("human_admin", "propose_solution", remedy=story.one_of(REMEDIES[1:]))
    seller: dict[str, Plain] = {}
    if story.chance(0.2):
        began = story.near(*(timedelta(days=-d) for d in (0, 28, 90)), start=story.filed_at)
        seller["sanction"] = {"kind": "auto_return_approval", "start": began.isoformat()}
        seller["offences_last_year"] = story.one_of([1, 2, 3])
    elif story.chance(0.25):
        seller["fault_dispute_rate"] = story.one_of([0.29, 0.3, 0.31])
        seller["distinct_buyers"] = story.one_of([4, 5, 6])
    return story.given(
        {
            "currency": "SGD",
            "items_subtotal": cents / 100,
            "total_paid": (cents + 199) / 100,
            "placed_at": (story.delivered_at - timedelta(days=4)).isoformat(),
            "category": story.one_of([None, None, "groceries", "live_animals", "electronics"]),
            "seller_tier": story.one_of([None, None, "mall", "regular"]),
        },
        {"type": story.one_of(TYPES), "requested": story.one_of(REQUESTS)},
        seller=seller or None,
        standing_decision="refund_full" if story.chance(0.04) else None,
    )


def _tokopedia_request(random: Random) -> Drawn:
    """A buyer in Indonesia asks the seller: windows of 6 and 15 days, 48 hours for each side."""
    story = _Story.drawn(random, 7, [6, 15], [24, 48, 72, 96])
    price = random.randrange(10, 900) * 1000
    match story.one_of(["approve", "reject", "offer", "silence"]):
        case "approve":
            story.acts("seller", "approve", remedy=story.one_of(REMEDIES))
        case "reject":
            story.acts("seller", "reject", with_evidence=story.one_of(["packing_video", None]))
            if story.chance(0.5):
                story.acts("buyer", "escalate", "dispute", "press_help", hours=96)
        case "offer":
            amount = story.one_of([price // 2, price - 1000, price, price + 9000])
            needed = story.one_of([True, False, None])
            story.acts("seller", "counter_offer", amount=amount, return_needed=needed)
            if story.chance(0.5):
                story.acts("buyer", "accept_solution", "reject", hours=72)
    if story.chance(0.05):
        story.acts("human_admin", "propose_solution", remedy="refund_full")
    if story.chance(0.1):
        before = story.near(timedelta(hours=-48), start=story.filed_at).isoformat()
        rejection = {"party": "seller", "action": "reject", "with_evidence": "packing_video"}
        story.responses.append({"at": before, **rejection})
    return _tokopedia(
        story,
        price,
        {"type": story.one_of(TYPES)},
        history={"requests_on_this_order": story.one_of([0, 0, 0, 0, 0, 1, 1, 2])},
    )


def _tokopedia_dispute(random: Random) -> Drawn:
    """The buyer goes to the platform: windows of 6, 14 and 15 days, 24 hours for evidence."""
    story = _Story.drawn(random, 7, [6, 14, 15], [24, 48])
    for party in ("buyer", "seller"):
        if story.chance(0.7):
            story.acts("platform", "request_information", hours=2, to=party)
        if story.chance(0.5):
            story.shows(party)
    price = random.randrange(10, 900) * 1000
    if story.chance(0.08):
        story.acts("seller", "approve", "accept_solution", hours=2)
    elif story.chance(0.08):
        story.acts("seller", "counter_offer", hours=2, amount=price // 2)
        story.acts("buyer", "accept_solution", hours=4)
    if story.chance(0.08):
        story.acts("human_admin", "propose_solution", remedy="refund_full")
    return _tokopedia(
        story,
        price,
        {"type": story.one_of([*TYPES, "counterfeit"]), "stage": "platform_dispute"},
        history={"disputes_on_this_order": story.one_of([0, 0, 0, 0, 0, 1, 1, 2])},
        finding="item_matches_listing" if story.chance(0.05) else None,
    )


def _tokopedia(story: _Story, price: int, claim: Drawn, **more: Plain) -> Drawn:
    """Return a case file with what requests and disputes in Indonesia share."""
    if story.chance(0.05):
        story.acts("buyer", *WITHDRAWN)
    if story.chance(0.05):
        story.acts("seller", "refund_full")
    on_its_way = story.one_of([*["delivered"] * 8, "in_transit", "declared_lost"])
    if on_its_way != "delivered":
        seen_at = (story.filed_at - timedelta(days=1)).isoformat()
        more["tracking"] = [{"at": seen_at, "event": on_its_way}]
    placed_at = story.delivered_at - timedelta(days=story.random.randrange(2, 9))
    if story.chance(0.3):
        easy_returns_began = datetime(2025, 7, 21, tzinfo=placed_at.tzinfo)
        placed_at = min(story.near(timedelta(0), start=easy_returns_began), story.delivered_at)
    return story.given(
        {
            "currency": "IDR",
            "items_subtotal": price,
            "total_paid": price + 9000,
            "placed_at": placed_at.isoformat(),
            "seller_tier": story.one_of([None, "mall", "regular"]),
            "shipping_mode": story.one_of([None, None, "via_platform", "by_seller"]),
            "easy_return_label": story.one_of([True, False, None]),
        },
        {
            **claim,
            "requested": story.one_of(REQUESTS),
            "requested_amount": story.one_of([None, price, price // 2]),
        },
        return_leg={"method": story.one_of([None, "drop_off", "pick_up", "self_arranged"])},
        **more,
    )


DOCKETS = (
    Docket("lazada_sg_drtm", "request", _lazada_request),
    Docket("tokopedia_shop", "request", _tokopedia_request),
    Docket("tokopedia_shop", "dispute", _tokopedia_dispute),
)
BY_PACK = tuple({docket.pack: docket for docket in reversed(DOCKETS)}.values())[::-1]
"""One docket for each pack."""
