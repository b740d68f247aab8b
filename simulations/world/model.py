"""A world as its YAML file states it, checked: what goes on, how often, and how long it takes."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Generic, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from reso.model.money import minor_digits

Fault = Literal[
    "never_sent", "wrong_item", "incomplete", "not_as_described", "defective", "counterfeit"
]
BadGoods = Literal[
    "damaged", "wrong_item", "incomplete", "not_as_described", "defective", "counterfeit"
]
FalseClaim = Literal["not_received", BadGoods]
Complaint = Literal["not_received", BadGoods, "change_of_mind"]
Answer = Literal["approve", "offer", "reject"]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
T = TypeVar("T")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")


def _seconds(value: object) -> int:
    """Return the seconds of "20 hours"."""
    count, _, unit = str(value).partition(" ")
    seconds = UNIT_SECONDS.get(unit.removesuffix("s"))
    if seconds is None or not count.isdigit():
        raise ValueError("write it like 90 minutes, 20 hours or 3 days")
    return int(count) * seconds


def _float(value: object) -> object:
    """Return a decimal of the YAML file as the number SQL reckons with."""
    return float(value) if isinstance(value, Decimal | int) else value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError("write a name of letters, digits, blanks and . _ -")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone; write one like Asia/Jakarta") from error
    return value


Seconds = Annotated[int, BeforeValidator(_seconds)]
Number = Annotated[float, BeforeValidator(_float), Field(ge=0)]
Share = Annotated[float, BeforeValidator(_float), Field(ge=0, le=1)]
Weight = Annotated[float, BeforeValidator(_float), Field(gt=0)]
Spread = Annotated[float, BeforeValidator(_float), Field(ge=1, le=100)]
Amount = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=1, le=10**9)]
Name = Annotated[str, AfterValidator(_name)]


class Part(BaseModel):
    """A part of the file: nothing may stand in it that is not declared here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Part):
    """How long something takes, in seconds; what the numbers mean says `world.yaml`."""

    median: Annotated[Seconds, Field(gt=0)]
    spread: Spread
    at_most: Seconds


class Sums(Part):
    """How much money, in whole units of the currency."""

    median: Annotated[Amount, Field(gt=0)]
    spread: Spread
    at_most: Amount


class Window(Part):
    """Until when the old platform took complaints."""

    goods: Seconds
    not_received: Seconds


class Region(Part):
    """Where buyers live."""

    name: Name
    weight: Weight
    slower: Weight
    extra_days: Annotated[int, Field(ge=0, le=365)]


class Service(Part):
    """A service of the couriers."""

    name: Name
    weight: Weight
    pace: Weight
    days: Annotated[int, Field(ge=0, le=365)]
    shipping: Amount


class Sometimes(Part):
    """What is done by a share only, and after how long."""

    share: Share
    after: Span


class Courier(Part):
    """Who carries parcels, and what he makes of them."""

    name: Name
    weight: Weight
    on_the_way: Span
    lost: Share
    harmed: Share
    emptied: Share
    misdelivered: Share
    turned_back: Share
    scan_gap: Share
    signed: Share
    no_pick_up: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    declares_lost: Sometimes
    answers: Sometimes

    @model_validator(mode="after")
    def _works(self) -> Self:
        if set(self.no_pick_up) == set(WEEK):
            raise ValueError("`no_pick_up` leaves no day of the week")
        if self.lost + self.misdelivered + self.turned_back > 1:
            raise ValueError("`lost`, `misdelivered` and `turned_back` are more than 1 together")
        return self

    @property
    def days_to_pick_up(self) -> list[int]:
        """Days until the next hand-over is possible, from each day of the week, Monday first."""
        works = [day not in self.no_pick_up for day in WEEK] * 2
        return [works.index(True, day) - day for day in range(7)]


class Incident(Part):
    """What holds up the parcels of a region, from 00:00 of one day to 00:00 of another."""

    id: Name
    region: Name
    starts: Annotated[date, Field(alias="from")]
    ends: Annotated[date, Field(alias="to")]


class Category(Part):
    """A kind of goods."""

    name: Name
    weight: Weight
    fragile: Number
    free_returns: Share
    grams: Count
    price: Sums


class Pieces(Part):
    """How many pieces an order has."""

    one: Share
    most: Annotated[int, Field(ge=2, le=100)]


class Vouchers(Sums):
    """Discounts on orders, paid by the platform."""

    share: Share


class Sellers(Part):
    """The shops of one size."""

    size: Name
    weight: Weight
    shops: Count
    tier: Name
    dishonest: Share
    silent: Share
    hand_over: Span


class Faults(Part):
    """What sellers do wrong."""

    honest: dict[Fault, Share]
    dishonest: dict[Fault, Share]


class JustOrNot(Part, Generic[T]):
    """One value for complaints that are right, one for those that are not."""

    just: T
    unjust: T


class Answers(Part):
    """What sellers answer."""

    honest: JustOrNot[dict[Answer, Number]]
    dishonest: JustOrNot[dict[Answer, Number]]


class Between(Part):
    """Any share between two, evenly."""

    low: Annotated[Share, Field(alias="from")]
    high: Annotated[Share, Field(alias="to")]


class BuyerKind(Part):
    """How a kind of buyers acts."""

    kind: Literal["honest", "hasty", "dishonest"]
    weight: Weight
    waits_from: Literal["estimate", "order"]
    waits: Span
    complains: Share
    false_claim: Share
    overlooked: Share
    fussy: Share
    cancels: Share
    change_of_mind: Share


class Buyers(Part):
    """Who buys."""

    people: Count
    kinds: Annotated[list[BuyerKind], Field(min_length=1)]
    false_claims: dict[FalseClaim, Number]
    cancels_after: Span
    accepts_offer: JustOrNot[Share]
    answers_after: Span
    withdraws: Share
    sends_back: Share
    young_account: dict[Literal["honest", "hasty", "dishonest"], Share]


class ComplaintHabit(Part):
    """When buyers complain of something, what they want, and what either side shows."""

    after: Span
    sends: Annotated[Share, Field(alias="return")]
    shown: dict[Name, Weight]
    answered: dict[Name, Weight]


class RightOrWrong(Part):
    """One share for the side that is right, one for the other."""

    right: Share
    wrong: Share


class CourierPapers(Part):
    """How good a courier's papers are."""

    strong: RightOrWrong


class SellerProof(CourierPapers):
    """What a side that answers hands in."""

    shows: RightOrWrong
    misread: Share


class BuyerProof(SellerProof):
    """What the side that complains hands in."""

    after: Span


class Evidence(Part):
    """What is handed in, and what the platform makes of it."""

    buyer: BuyerProof
    seller: SellerProof
    courier: CourierPapers
    reused: Share


class Clarity(Part):
    """One share for clear cases, one for the others."""

    clear: Share
    unclear: Share


class Rulings(Part):
    """How the old platform's people ruled."""

    wrong: Clarity
    after: Span
    silence: Seconds
    loser_accepts: RightOrWrong


class World(Part):
    """Everything a history is made of. Amounts are whole units of the currency, times seconds."""

    currency: str
    price_step: Annotated[Amount, Field(gt=0)]
    zone: Annotated[str, AfterValidator(_zone)]
    first_day: date
    days: Annotated[int, Field(ge=1, le=3650)]
    hours: Annotated[list[Annotated[int, Field(ge=0, le=24)]], Field(min_length=2, max_length=2)]
    paid_after: Span
    window: Window
    regions: Annotated[list[Region], Field(min_length=1)]
    services: Annotated[list[Service], Field(min_length=1)]
    couriers: Annotated[list[Courier], Field(min_length=1)]
    pick_up_hour: Annotated[int, Field(ge=0, le=23)]
    told_after: Span
    incidents: list[Incident]
    categories: Annotated[list[Category], Field(min_length=1)]
    pieces: Pieces
    weight_varies: Share
    vouchers: Vouchers
    sellers: Annotated[list[Sellers], Field(min_length=1)]
    seller_faults: Faults
    seller_answers: Answers
    seller_answers_after: Span
    offered: Between
    buyers: Buyers
    complaints: dict[Complaint, ComplaintHabit]
    evidence: Evidence
    rulings: Rulings

    @cached_property
    def minor_per_unit(self) -> int:
        """How many minor units one unit of the currency has."""
        return int(10 ** minor_digits(self.currency))

    @cached_property
    def offset(self) -> timedelta:
        """What the zone's local time is ahead of UTC, on every day of the world."""
        return self.offsets().pop()

    def offsets(self) -> set[timedelta]:
        """Return the offsets the zone has, from the first order to two years after the last."""
        zone = ZoneInfo(self.zone)
        start = datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=zone)
        days = range(0, self.days + 730, 7)
        found = ((start + timedelta(days=day)).utcoffset() for day in days)
        return {offset for offset in found if offset is not None}
