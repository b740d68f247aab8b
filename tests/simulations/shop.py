"""A small policy for replays, and disputes told in a few words."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from reso.cases import Pack, load_pack
from reso.lifecycle import Life
from reso.model.case import Records
from reso.model.events import Event
from simulations.history import History, history_of
from simulations.life import OWN_ACTS
from simulations.sources import read_source

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "fixtures" / "history"
START = datetime.fromisoformat("2026-03-02T09:00:00+07:00")

POLICY = """\
policy: replayed
version: "1"
title: A shop for replays
currency: [IDR, BRL]
time_zone: Asia/Jakarta
uses: [../shared/escrow.yaml, ../shared/at_stake.yaml]

parameters:
  answer_time: 2 calendar days
  wait: 3 calendar days

chapters:
  no_claim: {when: claim is none}
  request: {when: claim is known, opens_at: claim.filed_at}

questions:
  arrival:
    for: request
    to: clock
    when: claim.type is not_received
    lasts: wait
    counts_earlier: yes
    answers: {came: tracking where event is delivered}
    silence_means: lost
  photo:
    for: request
    to: buyer
    put_by: us
    when: claim.type is damaged
    lasts: answer_time
    counts_earlier: yes
    answers: {shown: evidence where party is buyer}
    silence_means: nothing
  seller_answer:
    for: request
    to: seller
    when: photo is shown
    opens_at: photo.ended_at
    lasts: answer_time
    answers: {approve: approve, reject: reject, offer: counter_offer}
    silence_means: approve
  human:
    for: request
    to: human
    when: claim.type is counterfeit
    answers: {refund: propose_solution, no: reject}

bars:
  withdrawn:
    for: request
    when: exists responses where party is buyer and action is cancel_complaint
    conclude: release_to_seller

rules:
  never_paid:
    for: no_claim
    when: order.payment_verified_at before order.placed_at
    conclude: release_to_seller
  lost: {for: request, when: arrival is lost, conclude: refund_full}
  came: {for: request, when: arrival is came, conclude: release_to_seller}
  unseen: {for: request, when: photo is nothing, conclude: release_to_seller}
  approved: {for: request, when: seller_answer is approve, conclude: as requested}
  refused: {for: request, when: seller_answer is reject, conclude: escalate}
  offered:
    for: request
    when: seller_answer is offer
    conclude: {remedy: refund_partial, amount: order.total_paid * 50%}
  judged: {for: request, when: human is refund, conclude: refund_full}
  dismissed: {for: request, when: human is no, conclude: release_to_seller}

consent:
  half:
    for: request
    applies_to: refund_partial
    of: [buyer, seller]
    lasts: 1 calendar day
    silence_means: refuse

requests: {refund: refund_full, otherwise: refund_full}
settlements:
  whole: order.total_paid
otherwise: escalate
"""


@cache
def shop() -> Path:
    """Return the folder of the pack, beside a copy of what it uses."""
    rules = Path(mkdtemp(prefix="replayed-")) / "rules"
    (rules / "replayed").mkdir(parents=True)
    (rules / "shared").mkdir()
    (rules / "replayed" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    for name in ("escrow.yaml", "at_stake.yaml"):
        shared = (ROOT / "rules" / "shared" / name).read_text(encoding="utf-8")
        (rules / "shared" / name).write_text(shared, encoding="utf-8")
    return rules / "replayed"


@cache
def pack() -> Pack:
    return load_pack(shop())


@cache
def life() -> Life:
    return Life(pack().engine)


@cache
def fixture() -> History:
    """Return the shipped history."""
    return read_source(FIXTURE, pack().table)


def at(hours: float) -> datetime:
    """Return the instant so many hours after the first order."""
    return START + timedelta(hours=hours)


def event(kind: str, hours: float, dispute: str = "D-1", /, **fields: object) -> Event:
    """Return an event: an item of a list, or fields of an object."""
    section = pack().table.sections[kind]
    dated = {"at": at(hours), **fields} if section.is_list else fields
    payload = Records((dated,)) if section.is_list else dated  # type: ignore[arg-type]
    return Event(dispute, at(hours), at(hours), kind, payload)


def order(dispute: str = "D-1", paid: int = 100_000) -> tuple[Event, ...]:
    """Return an order of `paid` rupiah, 10,000 of them for shipping."""
    facts = {"total_paid": paid, "items_subtotal": paid - 10_000, "shipping_paid_by_buyer": 10_000}
    return (event("order", 0, dispute, currency="IDR", placed_at=at(0), **facts),)


def claim(kind: str, hours: float = 24, dispute: str = "D-1") -> Event:
    return event("claim", hours, dispute, filed_at=at(hours), type=kind, requested="refund")


def photo(hours: float = 25) -> Event:
    return event("evidence", hours, party="buyer", type="photo")


def says(party: str, action: str, hours: float, **fields: object) -> Event:
    return event("responses", hours, party=party, action=action, **fields)


def scan(what: str, hours: float) -> Event:
    return event("tracking", hours, event=what)


def history(events: Iterable[Event]) -> History:
    return history_of("told", events, OWN_ACTS)
