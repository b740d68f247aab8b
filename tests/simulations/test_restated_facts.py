"""What is recorded beside what our own acts state: the fast replay takes both as the fold does.

The engine leads one dispute of each kind itself. So each life is told beside a twin in which
something else became known in the place of what is tried: where SQL takes the two for one kind,
it is the twin that is led.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest

from reso.cases import load_pack
from reso.model.case import Value
from reso.model.events import Event
from reso.policy.model import Policy
from tests.simulations.compare_replays import Comparison, compare
from tests.simulations.shop import (
    POLICY,
    at,
    claim,
    event,
    history,
    order,
    pack,
    photo,
    says,
    scan,
    shop,
)

Life = tuple[Event, ...]

READS_THE_LEDGER = """
rules:
  used_up:
    for: request
    when: [claim.type is not_received, history.appeals_used >= 1]
    conclude: escalate
  paid_too_much:
    for: request
    when: [claim.type is not_received, history.refunded_amount > order.total_paid]
    conclude: release_to_seller
  paid_before_the_order:
    for: request
    when: [claim.type is not_received, history.refunded_at before order.placed_at]
    conclude: escalate
  ruled_before:
    for: request
    when: [claim.type is not_received, standing_decision is release_to_seller]
    conclude: escalate
"""


def changed(old: str, new: str) -> Policy:
    """Return the shop's policy with one part of its text replaced."""
    rules = Path(mkdtemp(prefix="changed-")) / "rules"
    shutil.copytree(shop().parent, rules)
    assert POLICY.count(old) == 1
    text = POLICY.replace(old, new)
    (rules / "replayed" / "policy.yaml").write_text(text, encoding="utf-8")
    return load_pack(rules / "replayed").policy


def stated(kind: str, hours: float, of: float | None = None, /, **fields: Value) -> Event:
    """Return a row recorded after so many hours, of an earlier or later time; no fields: null."""
    then = at(hours if of is None else of)
    return replace(event(kind, hours, **fields), occurred_at=then, payload=fields or None)


def named(lives: Mapping[str, Iterable[Event]]) -> list[Event]:
    return [replace(e, dispute_id=name) for name, life in lives.items() for e in life]


def second(kind: str, hours: float) -> Event:
    return event("claim", hours, filed_at=at(hours), type=kind, requested="refund")


def in_place_of(told: Sequence[Event]) -> Life:
    """Return rows that say nothing new, known when others are."""
    nothing = event("order", 0, total_paid=100_000)
    return tuple(replace(nothing, recorded_at=one.recorded_at) for one in told)


# -- fields that our acts state, too --------------------------------------------------------------


def settled(hours: float = 30) -> Life:
    """Return a life in which the first that we do, after so many hours, is to refund everything."""
    early = hours - 6
    return (*order(), claim("damaged", early), photo(early), says("seller", "approve", hours))


APPEALED = (*settled(), says("buyer", "appeal", 40))
NO_APPEAL = event("history", 24, appeals_used=0)
REFUND: Mapping[str, Value] = {"refunded_at": at(-1)}
LATE = settled(230)
"""A refund on the 11th: of two facts of equal rank the greater text stands, that of the 2nd."""

TRIED: Mapping[str, tuple[Life, Sequence[Event]]] = {
    "an equal value after our act": (APPEALED, (NO_APPEAL, stated("history", 50, appeals_used=0))),
    "another value after our act": (APPEALED, (NO_APPEAL, stated("history", 50, appeals_used=3))),
    "a first value after our act": (APPEALED, (stated("history", 50, appeals_used=0),)),
    "several values after our act": (
        APPEALED,
        (NO_APPEAL, *(stated("history", 50 + n, appeals_used=v) for n, v in enumerate((2, 0, 0)))),
    ),
    "an equal value before our act": (APPEALED, (NO_APPEAL, stated("history", 26, appeals_used=0))),
    "a lower value at our act": (APPEALED, (stated("history", 40, appeals_used=0),)),
    "an earlier higher value at our act": (APPEALED, (stated("history", 40, 39, appeals_used=9),)),
    "a value of a later time at our act": (APPEALED, (stated("history", 40, 41, appeals_used=0),)),
    "a refund before our act": (settled(), (stated("history", 29, **REFUND),)),
    "a refund at our act": (settled(), (stated("history", 30, **REFUND),)),
    "a refund at our act, with a greater text": (LATE, (stated("history", 230, **REFUND),)),
    "an earlier refund at our act, with a greater text": (
        LATE,
        (stated("history", 230, 229, **REFUND),),
    ),
    "a refund of a later time at our act": (settled(), (stated("history", 30, 31, **REFUND),)),
    "a refund after our act": (settled(), (stated("history", 31, **REFUND),)),
    "an amount at our act": (settled(), (stated("history", 30, refunded_amount=5_000),)),
    "an amount of a later time at our act": (
        settled(),
        (stated("history", 30, 31, refunded_amount=5_000),),
    ),
    "a ruling before our act": (
        settled(),
        (stated("case", 29, standing_decision="release_to_seller"),),
    ),
    "a ruling after our act": (
        settled(),
        (stated("case", 31, standing_decision="release_to_seller"),),
    ),
}
TAKEN_BACK: Mapping[str, tuple[Life, Sequence[Event]]] = {
    "all of it after our act": (APPEALED, (stated("history", 50),)),
    "all of it, then stated anew": (
        APPEALED,
        (stated("history", 50), stated("history", 52, appeals_used=0)),
    ),
    "a field after our act": (APPEALED, (stated("history", 50, appeals_used=None),)),
    "a refund of a later time at our act": (
        settled(),
        (stated("history", 30, 31, refunded_amount=None),),
    ),
}


def with_twins(tried: Mapping[str, tuple[Life, Sequence[Event]]]) -> Comparison:
    """Return how lives and their twins end under a policy whose rules read the ledger."""
    lives: dict[str, Life] = {}
    for name, (life, more) in tried.items():
        again = second("not_received", 260)
        lives[f"0 {name}"] = (*life, *in_place_of(more), again)
        lives[f"1 {name}"] = (*life, *more, again)
    return compare(history(named(lives)), changed("\nrules:\n", READS_THE_LEDGER))


@cache
def tried() -> Comparison:
    return with_twins(TRIED)


@pytest.mark.parametrize("name", TRIED)
def test_what_was_stated_last_stands_on_record_or_by_our_act(name: str) -> None:
    assert not [str(one) for one in tried().differences if one.dispute_id.endswith(f" {name}")]
    assert not tried().by_reference


def test_what_we_stated_and_the_record_takes_back_is_led_by_the_reference() -> None:
    compared = with_twins(TAKEN_BACK)
    assert not compared.differences, compared.told()
    assert compared.by_reference == {"a fact of our acts taken back": len(TAKEN_BACK)}


# -- the time to answer a proposal ----------------------------------------------------------------


PROPOSED = (*order(), claim("damaged"), photo(), says("seller", "counter_offer", 30))
"""A proposal waits from 30 to 54 hours."""

BESIDE_IT: Mapping[str, Life] = {
    "a claim of another type": (*PROPOSED, second("not_received", 31)),
    "a claim that a human has": (*PROPOSED, second("counterfeit", 31)),
    "a claim of the same type": (*PROPOSED, second("damaged", 31)),
    "a claim after an answer": (
        *PROPOSED,
        says("buyer", "accept_solution", 31),
        second("not_received", 32),
    ),
    "a claim as the time ends": (*PROPOSED, second("not_received", 54)),
    "withdrawn, and taken back": (
        *PROPOSED,
        says("buyer", "cancel_complaint", 31),
        says("buyer", "message", 32, reason="promise_not_kept"),
    ),
    "a claim while it is gathered": (*order(), claim("damaged"), second("not_received", 30)),
    "a claim after a settlement": (*settled(), second("not_received", 31)),
    "a claim while a human has it": (*order(), claim("counterfeit"), second("not_received", 30)),
    "a claim after a withdrawal": (
        *order(),
        claim("damaged"),
        says("buyer", "cancel_complaint", 30),
        second("not_received", 31),
    ),
}


@cache
def beside_a_proposal() -> Comparison:
    return compare(history(named(BESIDE_IT)), pack().policy)


@pytest.mark.parametrize("name", BESIDE_IT)
def test_a_proposal_rings_only_while_it_waits(name: str) -> None:
    compared = beside_a_proposal()
    assert not [str(one) for one in compared.differences if one.dispute_id == name]
    assert not compared.by_reference


# -- the earliest instant of a case ---------------------------------------------------------------


def filed_later(*more: Event) -> Life:
    """Return a life whose only recorded date lies ahead of all that happens."""
    told = event("order", 0, currency="IDR", total_paid=100_000, items_subtotal=90_000)
    return (told, event("claim", 24, filed_at=at(400), type="damaged", requested="refund"), *more)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param((), id="nothing more"),
        pytest.param((event("order", 50, total_paid=110_000),), id="an order restated"),
        pytest.param((second("not_received", 60),), id="another claim"),
    ],
)
def test_the_earliest_instant_may_be_that_of_our_own_act(later: Life) -> None:
    """The photo is asked for on March 3rd; a day later the time to answer is longer."""
    time = "{2020-01-01: 2 calendar days, 2026-03-04: 4 calendar days}"
    policy = changed("answer_time: 2 calendar days", f"answer_time: {time}")
    lives = {"0 dated": settled(), "1 later": filed_later(*later)}
    compared = compare(history(named(lives)), policy)
    assert not compared.differences, compared.told()
    assert not compared.by_reference


# -- any life beside its twins --------------------------------------------------------------------

HOURS = (24, 25, 30, 31, 48, 54, 72, 73, 97, 120, 168, 240)
DONE = ("approve", "reject", "counter_offer", "accept_solution", "appeal", "cancel_complaint")


def anything(dice: Random) -> Event:
    """Return something that may become known of a dispute."""
    hours = dice.choice(HOURS)
    match dice.randrange(6):
        case 0 | 1:
            return says(dice.choice(("buyer", "seller")), dice.choice(DONE), hours)
        case 2:
            return second(dice.choice(("damaged", "not_received")), hours)
        case 3:
            return scan("delivered", hours)
        case 4:
            of = hours + dice.choice((-1, 0, 0, 1))
            return stated("history", hours, of, appeals_used=dice.choice((0, 0, 1)))
        case _:
            return stated("history", hours, refunded_amount=dice.choice((0, 5_000, 300_000)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_any_life_ends_alike_beside_those_with_one_event_more_and_one_less(seed: int) -> None:
    dice, lives = Random(seed), dict[str, Life]()
    for number in range(60):
        begins = dice.choice(((*order(), claim("not_received")), PROPOSED, APPEALED))
        life = (*begins, *(anything(dice) for _ in range(dice.randint(1, 5))))
        lives[f"{number:02} less"] = life[:-1]
        lives[f"{number:02} life"] = life
        lives[f"{number:02} more"] = (*life, anything(dice))
    compared = compare(history(named(lives)), changed("\nrules:\n", READS_THE_LEDGER))
    assert not compared.differences, compared.told()
    assert set(compared.by_reference) <= {"a claim told in several ways"}
    assert compared.share_by_reference <= 0.2
