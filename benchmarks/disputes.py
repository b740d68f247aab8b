"""Generated disputes: case files, drawn with a seed, on and around the limits of the packs' rules.

The numbers here only aim the draws; what a case comes to is left to the engines.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from reso.engine.decide import Engine
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.model.case import Case

CLOCK_RAN_OUT = timedelta(days=25)
"""Longer after the claim than any clock of the chapters drawn here."""
AROUND = [timedelta(minutes=minutes) for minutes in (-2880, -61, -1, 0, 1, 61, 2880)]
TYPES = ["not_received", "not_as_described", "wrong_item", "damaged", "change_of_mind"]
REQUESTS = ["refund", "refund", "return_and_refund", "exchange", None]
METHODS = ["drop_off", "pick_up", "self_arranged"]
Drawn = Mapping[str, Plain]


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


# -- draws ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Times:
    """The instants of a dispute; `near` draws one on or beside a limit."""

    random: Random
    delivered_at: datetime
    filed_at: datetime
    now: datetime

    def near(self, start: datetime, *limits: timedelta) -> datetime:
        return start + self.random.choice(limits) + self.random.choice(AROUND)

    def shown(self, at: datetime) -> str:
        return at.isoformat()


def _times(random: Random, hours_east: int, windows: list[int], clocks: list[int]) -> _Times:
    """Draw a delivery, a claim about the end of a window (days), and now about a clock (hours)."""
    zone = timezone(timedelta(hours=hours_east))
    first = datetime(2025, 6, 20, tzinfo=zone)
    delivered_at = first + timedelta(minutes=random.randrange(200 * 24 * 60))
    soon = timedelta(hours=random.randrange(1, 100))
    late = timedelta(days=random.choice(windows)) + random.choice(AROUND)
    filed_at = delivered_at + (late if random.random() < 0.3 else soon)
    now = filed_at + CLOCK_RAN_OUT
    asked = random.random()
    if asked < 0.3:
        now = filed_at + timedelta(hours=random.choice(clocks)) + random.choice(AROUND)
    elif asked < 0.6:
        now = filed_at + timedelta(hours=random.randrange(1, clocks[0]))
    return _Times(random, delivered_at, filed_at, max(now, filed_at))


def _act(times: _Times, party: str, *actions: str, limit: int = 48, **more: Plain) -> Drawn:
    """Draw an act between the claim and now, at times about `limit` hours after the claim."""
    at = times.filed_at + times.random.random() * (times.now - times.filed_at)
    if times.random.random() < 0.3:
        at = times.near(times.filed_at, timedelta(hours=limit))
    at = min(at, times.now).replace(second=0, microsecond=0)
    act = {"at": times.shown(at), "party": party, "action": times.random.choice(actions), **more}
    return {name: value for name, value in act.items() if value is not None}


def _given(times: _Times, order: Drawn, claim: Drawn, **more: Plain) -> Drawn:
    """Return a case file; what is None is left out, acts are put in order of time."""
    dated = {"filed_at": times.shown(times.filed_at)}
    given: dict[str, Plain] = {
        "order": {name: value for name, value in order.items() if value is not None},
        "claim": {name: value for name, value in (claim | dated).items() if value is not None},
        "now": times.shown(times.now),
        **more,
    }
    responses = given.get("responses")
    if isinstance(responses, list):
        responses.sort(key=lambda act: act["at"] if isinstance(act, dict) else "")
    return {name: value for name, value in given.items() if value is not None}


def _lazada_request(random: Random) -> Drawn:
    """A buyer in Singapore wants his money back: windows of 7 and 30 days, SGD 50 and 100."""
    times = _times(random, 8, [7, 30], [24, 48, 96])
    price = (
        random.choice([4999, 5000, 5001, 9999, 10000, 10001, random.randrange(100, 30000)]) / 100
    )
    acts: list[Plain] = []
    if random.random() < 0.5:
        acts.append(_act(times, "seller", "approve", "accept_solution", "reject", "dispute"))
    if random.random() < 0.06:
        acts.append(_act(times, "seller", "refund_full"))
    if random.random() < 0.06:
        acts.append(_act(times, "buyer", "cancel_complaint", "close_complaint"))
    if random.random() < 0.06:
        ruled = random.choice(["refund_full", "return_and_refund"])
        acts.append(_act(times, "human_admin", "propose_solution", remedy=ruled))
    seller: dict[str, Plain] = {}
    sanction = random.random()
    if sanction < 0.2:
        began = times.near(times.filed_at, timedelta(0), timedelta(days=-28), timedelta(days=-90))
        seller["sanction"] = {"kind": "auto_return_approval", "start": times.shown(began)}
        seller["offences_last_year"] = random.choice([1, 2, 3])
    elif sanction < 0.4:
        seller["fault_dispute_rate"] = random.choice([0.29, 0.3, 0.31])
        seller["distinct_buyers"] = random.choice([4, 5, 6])
    return _given(
        times,
        {
            "currency": "SGD",
            "items_subtotal": price,
            "total_paid": round(price + 2, 2),
            "placed_at": times.shown(times.delivered_at - timedelta(days=4)),
            "category": random.choice([None, None, "groceries", "live_animals", "electronics"]),
            "seller_tier": random.choice([None, None, "mall", "regular"]),
        },
        {"type": random.choice(TYPES), "requested": random.choice(REQUESTS)},
        tracking=[{"at": times.shown(times.delivered_at), "event": "delivered"}],
        evidence=[],
        responses=acts,
        seller=seller or None,
        standing_decision="refund_full" if random.random() < 0.04 else None,
    )


def _tokopedia_request(random: Random) -> Drawn:
    """A buyer in Indonesia asks the seller: windows of 6 and 15 days, 48 hours for each side."""
    times = _times(random, 7, [6, 15], [24, 48, 72, 96])
    price = random.randrange(10, 900) * 1000
    acts: list[Plain] = []
    turn = random.random()
    if turn < 0.25:
        remedy = random.choice([None, None, "refund_full", "return_and_refund"])
        acts.append(_act(times, "seller", "approve", remedy=remedy))
    elif turn < 0.5:
        acts.append(
            _act(times, "seller", "reject", with_evidence=random.choice(["packing_video", None]))
        )
        if random.random() < 0.5:
            acts.append(_act(times, "buyer", "escalate", "dispute", "press_help", limit=96))
    elif turn < 0.75:
        amount = random.choice([price // 2, price - 1000, price, price + 9000])
        needed = random.choice([True, False, None])
        offer = _act(times, "seller", "counter_offer", amount=amount, return_needed=needed)
        acts.append(offer)
        if random.random() < 0.5:
            acts.append(_act(times, "buyer", "accept_solution", "reject", limit=72))
    if random.random() < 0.05:
        acts.append(_act(times, "buyer", "cancel_complaint", "close_complaint"))
    if random.random() < 0.05:
        acts.append(_act(times, "seller", "refund_full"))
    if random.random() < 0.05:
        acts.append(_act(times, "human_admin", "propose_solution", remedy="refund_full"))
    if random.random() < 0.1:
        before = times.near(times.filed_at, timedelta(hours=-48))
        rejected = {"party": "seller", "action": "reject", "with_evidence": "packing_video"}
        acts.append({"at": times.shown(before), **rejected})
    lost = random.random() < 0.1
    found = times.filed_at - timedelta(hours=1) if lost else times.delivered_at
    placed_at = times.delivered_at - timedelta(days=random.randrange(2, 9))
    if random.random() < 0.3:
        placed_at = times.near(datetime(2025, 7, 21, tzinfo=placed_at.tzinfo), timedelta(0))
    easy = random.choice([True, False, None])
    return _given(
        times,
        {
            "currency": "IDR",
            "items_subtotal": price,
            "total_paid": price + 9000,
            "placed_at": times.shown(min(placed_at, times.delivered_at)),
            "seller_tier": random.choice([None, "mall", "regular"]),
            "easy_return_label": easy,
        },
        {
            "type": random.choice(TYPES),
            "requested": random.choice(REQUESTS),
            "requested_amount": random.choice([None, price, price // 2]),
        },
        tracking=[{"at": times.shown(found), "event": "declared_lost" if lost else "delivered"}],
        evidence=[{"party": "buyer", "type": "photo", "strength": "strong"}],
        responses=acts,
        history={"requests_on_this_order": random.choice([0, 0, 0, 0, 0, 1, 1, 2])},
        return_leg={"method": random.choice(METHODS)} if random.random() < 0.4 else None,
    )


DOCKETS = (
    Docket("lazada_sg_drtm", "request", _lazada_request),
    Docket("tokopedia_shop", "request", _tokopedia_request),
)
