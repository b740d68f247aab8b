"""The fast replay comes to what the reference replay comes to: every dispute, every column.

A comparison proves something of the disputes that the fast engine led itself, so each test says
what share it may leave to the reference replay.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reso.cases import load_pack
from reso.cases.runner import own_case_files
from reso.cases.scenario import load_scenarios
from reso.errors import InputError
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.generate import Wanted, made_history
from simulations.history import History
from simulations.prepared.preparing import prepare
from simulations.sources import read_source
from tests.shipped import pack_of
from tests.simulations.compare_replays import Comparison, compare, compare_prepared
from tests.simulations.hard_lives import Troublemaker, named
from tests.simulations.shop import (
    at,
    claim,
    event,
    fixture,
    history,
    order,
    pack,
    photo,
    says,
    scan,
    shop,
)
from tests.strategies.stories import Docket, Story, cases_for, dockets

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
OLIST = SHARED / "olist"
PACKS = sorted(p.name for p in (ROOT / "rules").iterdir() if (p / "cases").is_dir())
QUICK = ("lost_parcel_only",)
BESIDE = ("calendar", "unavailable")
"""Facts with which a case goes to the reference replay, whatever else it says."""

LAW = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def assert_same(compared: Comparison, *, by_reference: float = 0.0) -> None:
    assert not compared.differences, compared.told()
    assert compared.share_by_reference <= by_reference, compared.by_reference


# -- laws -----------------------------------------------------------------------------------


def troubled(policy: Policy, stories: Sequence[Story], many: int, seed: int) -> History:
    """Return disputes like those of stories, each with troubles of its own."""
    trouble = Troublemaker(policy, seed)
    return history(
        e
        for number, story in enumerate(stories)
        for variant, told in enumerate(trouble.variants(named(story.events, "D"), many))
        for e in named(told, f"D-{number}-{variant}")
        if e.kind not in BESIDE
    )


@pytest.mark.slow
@settings(LAW, max_examples=2)
@given(data=st.data(), seed=st.integers(0, 2**32), cut=st.booleans())
def test_random_lives_end_alike_under_a_small_policy(
    data: st.DataObject, seed: int, cut: bool
) -> None:
    policy = pack().policy
    stories = [data.draw(cases_for(policy, down=False)) for _ in range(12)]
    lives = troubled(policy, stories, 6, seed)
    until = stories[0].at if cut else None
    assert_same(compare(lives, policy, until), by_reference=0.4)


@pytest.mark.slow
@settings(LAW, max_examples=3)
@given(docket=dockets(stories=6, down=False), seed=st.integers(0, 2**32))
def test_random_lives_end_alike_under_random_policies(docket: Docket, seed: int) -> None:
    lives = troubled(docket.policy, docket.stories, 6, seed)
    assert_same(compare(lives, docket.policy), by_reference=0.3)


# -- cases of packs ---------------------------------------------------------------------------


LEFT_TO_THE_REFERENCE = {"a calendar of its own", "a source was down"}
"""Why a case of any pack may not be led by the fast engine."""
LEFT_BESIDES = {"marketplace": {"no kind: whether a withdrawn complaint rests"}}
"""Of one pack: who withdrew is back in words that undo nothing, and it asks the other side."""
EACH_PACK = [
    pytest.param(name, id=name, marks=() if name in QUICK else pytest.mark.slow) for name in PACKS
]


def cases_of(name: str) -> list[tuple[str, Mapping[str, Plain]]]:
    """Return the cases for a pack: its own, and those published for its platform."""
    own = [c for f in own_case_files(ROOT / "rules" / name) for c in load_scenarios(f, name)]
    published = [SHARED / "cases" / f for f in ("published_cases.yaml", "stories.yaml")]
    beside = [c for f in published if f.is_file() for c in load_scenarios(f)]
    chosen = [*own, *(case for case in beside if case.platform == name)]
    return [(f"{n:04}-{case.id}", case.given) for n, case in enumerate(chosen)]


def events_of(name: str, dispute: str, given: Mapping[str, Plain]) -> list[Event]:
    return named(read_case_file(given, pack_of(name).table).events, dispute)


@pytest.mark.parametrize("name", EACH_PACK)
def test_the_cases_of_a_pack_end_alike(name: str) -> None:
    told = history(e for dispute, given in cases_of(name) for e in events_of(name, dispute, given))
    compared = compare(told, pack_of(name).policy)
    assert not compared.differences, compared.told()
    assert set(compared.by_reference) <= LEFT_TO_THE_REFERENCE | LEFT_BESIDES.get(name, set())


@pytest.mark.parametrize("name", EACH_PACK)
def test_troubled_lives_of_the_cases_of_a_pack_end_alike(name: str) -> None:
    policy = pack_of(name).policy
    trouble = Troublemaker(policy, 11)
    told = history(
        e
        for dispute, given in cases_of(name)[:50]
        for n, life in enumerate(trouble.variants(events_of(name, dispute, _plain(given)), 3))
        for e in named(life, f"{dispute}-{n}")
    )
    assert_same(compare(told, policy), by_reference=0.2)


def _plain(given: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Return a case that the fast engine leads itself."""
    return {name: value for name, value in given.items() if name not in BESIDE}


# -- whole histories --------------------------------------------------------------------------


def test_the_shipped_history_ends_alike() -> None:
    assert_same(compare(fixture(), pack().policy, fixture().last_recorded_at))


@pytest.mark.slow
def test_a_made_history_ends_alike(tmp_path: Path) -> None:
    made_history(tmp_path / "made", Wanted(500, 7), orders_at_once=20_000)
    policy = pack().policy
    made = read_source(tmp_path / "made", policy.table)
    compared = compare(made, policy, made.last_recorded_at)
    assert compared.disputes == 500
    assert_same(compared)


@pytest.mark.slow
@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data are not beside the clone")
@pytest.mark.parametrize("name", ["lost_parcel_only", "marketplace"])
def test_every_olist_dispute_ends_alike(name: str, tmp_path: Path) -> None:
    policy = pack_of(name).policy
    prepared = prepare(OLIST, pack_of(name).table, cache=tmp_path)
    compared = compare_prepared(prepared, policy, prepared.manifest.last_recorded_at)
    assert compared.disputes == 6_879
    assert_same(compared, by_reference=0.001)


# -- single turns of a life -------------------------------------------------------------------


def told_on(*more: Event, kind: str = "damaged") -> tuple[Event, ...]:
    """Return an order, a complaint and what came after."""
    return (*order(), claim(kind), *more)


SECOND = event("claim", 90, filed_at=at(90))

LIVES = {
    "silent from the start": told_on(),
    "an answer at the last instant": told_on(photo(), says("seller", "reject", 73)),
    "an answer after it": told_on(photo(), says("seller", "reject", 73.001)),
    "two answers at once": told_on(
        photo(), says("seller", "approve", 30), says("seller", "reject", 30)
    ),
    "an offer accepted by both": told_on(
        photo(),
        says("seller", "counter_offer", 30),
        says("buyer", "accept_solution", 31),
        says("seller", "accept_solution", 32),
    ),
    "an offer refused": told_on(
        photo(), says("seller", "counter_offer", 30), says("buyer", "reject", 31)
    ),
    "an offer nobody answers": told_on(photo(), says("seller", "counter_offer", 30)),
    "withdrawn before anything": told_on(says("buyer", "cancel_complaint", 24)),
    "withdrawn, and back": told_on(
        says("buyer", "cancel_complaint", 30),
        says("buyer", "message", 31, reason="promise_not_kept"),
    ),
    "an appeal": told_on(says("buyer", "appeal", 100)),
    "a second claim after the end": told_on(SECOND),
    "a second claim at the instant of our act": told_on(
        event("claim", 72, filed_at=at(71)),
    ),
    "a human is called": told_on(says("buyer", "press_help", 40)),
    "rulings of another platform before we act": (
        *order(),
        event("case", 24, standing_decision="refund_full"),
        event("history", 24, refunded_at=at(24), refunded_amount=10),
        claim("damaged"),
    ),
    "rulings of another platform, and nothing else, after we acted": told_on(
        says("human_admin", "propose_solution", 30),
        event("history", 31, refunded_at=at(31), refunded_amount=100_000),
        event("case", 32, standing_decision="refund_full"),
    ),
    "rulings of another platform beside other news": told_on(
        says("human_admin", "propose_solution", 30), photo(30), scan("delivered", 30)
    ),
    "the parcel comes after the refund": told_on(scan("delivered", 200), kind="not_received"),
    "the claim is taken back": told_on(Event("D-1", at(50), at(50), "claim", None)),
    "nothing was paid": (*order(paid=10_000), claim("not_received")),
}


@pytest.mark.slow
@pytest.mark.parametrize("hours", [None, 24, 60, 72])
def test_single_turns_of_a_life_end_alike(hours: int | None) -> None:
    until = None if hours is None else at(hours)
    told = [
        Event(name, e.occurred_at, e.recorded_at, e.kind, e.payload)
        for name, events in LIVES.items()
        for e in events
    ]
    compared = compare(history(told), pack().policy, until)
    assert compared.disputes == len(LIVES)
    assert compared.by_reference == {"a claim told in several ways": 2}
    assert not compared.differences, compared.told()


def test_before_its_complaint_a_dispute_has_none() -> None:
    compared = compare(history(told_on()), pack().policy, at(23))
    assert compared.ended == {"no_claim": 1}
    assert_same(compared, by_reference=1)


def test_a_currency_that_is_not_known_by_then_is_not_told() -> None:
    late = Event("D-1", at(0), at(50), "order", {"currency": "IDR", "total_paid": 100_000})
    assert_same(compare(history((claim("damaged"), late)), pack().policy, at(40)))


# -- what only the reference replay carries ----------------------------------------------------

BEYOND = {
    "a calendar of its own": event("calendar", 0, weekend=("fri",)),
    "a source was down": event("unavailable", 0, source="tracking", state="down"),
    "a number out of range": event("order", 1, voucher_platform=2 * 10**12),
}


@pytest.mark.parametrize("why", BEYOND)
def test_what_sql_cannot_carry_is_led_by_the_reference(why: str) -> None:
    compared = compare(history((*told_on(), BEYOND[why])), pack().policy)
    assert compared.by_reference == {why: 1}
    assert not compared.differences, compared.told()


def test_a_date_far_away_is_led_by_the_reference() -> None:
    far = event(
        "shipping", 1, estimated_arrival=datetime.fromisoformat("2095-01-01T00:00:00+00:00")
    )
    compared = compare(history((*told_on(), far)), pack().policy)
    assert compared.by_reference == {"a number out of range": 1}
    assert not compared.differences, compared.told()


def test_a_foreign_currency_is_refused_by_name() -> None:
    foreign = Event("D-9", at(0), at(0), "order", {"currency": "USD", "total_paid": 100})
    told = history((*told_on(), foreign, claim("damaged", 24, "D-9")))
    with pytest.raises(InputError, match=r"D-9: order\.currency"):
        compare(told, pack().policy)


def test_a_parameter_without_a_value_that_day_is_led_by_the_reference(tmp_path: Path) -> None:
    shutil.copytree(shop().parent, tmp_path / "rules")
    file = tmp_path / "rules" / "replayed" / "policy.yaml"
    dated = file.read_text(encoding="utf-8").replace(
        "  wait: 3 calendar days", "  wait: {2026-03-03: 3 calendar days}"
    )
    file.write_text(dated, encoding="utf-8")
    later = [event("order", 40, "D-2", currency="IDR", placed_at=at(40), total_paid=100_000)]
    told = (*told_on(kind="not_received"), *later, claim("not_received", 60, "D-2"))
    compared = compare(history(told), load_pack(file.parent).policy)
    assert compared.by_reference == {"no value": 1}
    assert compared.fast == 1
    assert not compared.differences, compared.told()


# -- claims told in several ways ---------------------------------------------------------------

SEVERAL = {
    "two claims become known together": (claim("damaged"), event("claim", 24, filed_at=at(23))),
    "a party is named again": (
        event("claim", 24, filed_at=at(24), party="seller", type="seller_appeal"),
        event("claim", 40, filed_at=at(40), party="seller"),
    ),
    "taken back": (claim("damaged"), Event("D-1", at(50), at(50), "claim", None)),
    "withdrawn with the complaint": (claim("damaged"), says("buyer", "cancel_complaint", 24)),
    "accepted beside a second claim": (
        claim("damaged"),
        event("claim", 40, filed_at=at(40)),
        says("seller", "accept_solution", 40),
    ),
}


@pytest.mark.parametrize("events", SEVERAL.values(), ids=SEVERAL)
def test_where_the_order_of_one_instant_matters_the_reference_leads(
    events: tuple[Event, ...],
) -> None:
    compared = compare(history((*order(), *events)), pack().policy)
    assert compared.by_reference == {"a claim told in several ways": 1}
    assert not compared.differences, compared.told()


def test_a_second_claim_of_the_buyer_is_led_fast() -> None:
    told = (*told_on(), event("claim", 90, filed_at=at(90)), says("buyer", "press_help", 95))
    assert_same(compare(history(told), pack().policy))
