"""Disputes led beside twins of theirs, that differ in one event, end as by the reference replay.

Of each kind one dispute is led by the real engine, and comes out right whatever SQL says of it. So
a life shows what SQL says of it only beside others that SQL may take for its like: here each stands
beside itself with one event more, one less, and one that was known at another instant.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reso.cases import load_pack
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.history import History
from simulations.life import OWN_ACTS
from tests.shipped import pack_of
from tests.simulations.compare_replays import Comparison, compare
from tests.simulations.hard_lives import Troublemaker, named
from tests.simulations.shop import POLICY, at, claim, event, history, order, photo, says, scan, shop
from tests.simulations.test_fast_replay import BESIDE, cases_of, events_of

Life = Sequence[Event]

REOPENS = """\
reopens:
  came_late:
    when: [arrival is lost, exists tracking where event is delivered]
    because: {id: "paket sampai", en: "the parcel came"}
consent:"""

OWN_ACTS_READ = """\
  often: {for: request, when: [count of reopened >= 2], conclude: escalate}
  asked_twice:
    for: request
    when: [count of asked >= 2, claim.type is damaged, history.refunded_amount > 0]
    conclude: release_to_seller
  appealed_before:
    for: request
    when: [history.appeals_used > 0, photo is shown]
    conclude: escalate

rules:
"""

HOURS = (24, 25, 30, 31, 48, 54, 72, 73, 96, 97, 102, 120, 144, 168, 200, 240, 300)
"""Instants, in hours: many of them ends of clocks, or just after."""

MICROSECOND = timedelta(microseconds=1)
BESIDE_IT = (-MICROSECOND, MICROSECOND, timedelta(hours=1), timedelta(days=2))


@pytest.fixture(scope="module")
def reopening(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Return a shop that reopens, and rules on what we did before."""
    rules = tmp_path_factory.mktemp("twins") / "rules"
    shutil.copytree(shop().parent, rules)
    told = POLICY.replace("consent:", REOPENS, 1).replace("\nrules:\n", OWN_ACTS_READ, 1)
    (rules / "replayed" / "policy.yaml").write_text(told, encoding="utf-8")
    return load_pack(rules / "replayed").policy


class Teller:
    """Tells lives by what a seed says."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    def lives(self, many: int) -> Iterator[Life]:
        """Yield disputes of the small shop."""
        for _ in range(many):
            begun = [*order(), claim(self._of("damaged", "not_received", "not_received"))]
            if self.dice.random() < 0.5:
                begun += [photo(), says("seller", self._of("counter_offer", "approve"), 30)]
            count = self.dice.randrange(1, 6)
            yield [*begun, *(self.happens() for _ in range(count))]

    def twins(self, life: Life, more: Event) -> Iterator[Life]:
        """Yield a life and its twins: with an event more, one less, one known at another time."""
        yield life
        yield [*life, more]
        place = self._place(life)
        yield [*life[:place], *life[place + 1 :]]
        place = self._place(life)
        later = life[place].recorded_at + self.dice.choice(BESIDE_IT)
        yield [*life[:place], replace(life[place], recorded_at=later), *life[place + 1 :]]

    def _place(self, life: Life) -> int:
        """Return the place of an event, not of the first where there are more."""
        return self.dice.randrange(min(1, len(life) - 1), len(life))

    def happens(self) -> Event:
        """Return anything that may happen after a complaint."""
        hours = self.dice.choice(HOURS)
        match self.dice.randrange(9):
            case 0 | 1 | 2:
                said = ("approve", "reject", "counter_offer", "accept_solution", "appeal")
                return says(self._of("buyer", "seller"), self._of(*said, "cancel_complaint"), hours)
            case 3:
                return photo(hours)
            case 4:
                kind = self._of("damaged", "not_received")
                return event("claim", hours, filed_at=at(hours), type=kind, requested="refund")
            case 5:
                return scan("delivered", hours)
            case 6:
                return says("human_admin", self._of("propose_solution", "reject"), hours)
            case 7:
                return self._recorded(hours)
            case _:
                return says("buyer", "message", hours, reason="promise_not_kept")

    def _recorded(self, hours: int) -> Event:
        """Return what is on record of money and appeals, or that nothing is."""
        if self.dice.random() < 0.2:
            return Event("D-1", at(hours), at(hours), "history", None)
        said = {
            "refunded_amount": self._number(0, 5_000, 100_000),
            "appeals_used": self._number(0, 1),
        }
        name = self._of(*said)
        return event("history", hours, **{name: said[name]})

    def _of(self, *words: str) -> str:
        return self.dice.choice(words)

    def _number(self, *numbers: int) -> int:
        return self.dice.choice(numbers)


def led_beside_twins(teller: Teller, lives: Sequence[Life], more: Sequence[Event]) -> History:
    """Return lives and their twins, each a dispute of its own."""
    return history(
        told
        for number, (life, event) in enumerate(zip(lives, more, strict=True))
        for twin, events in enumerate(teller.twins(life, event))
        for told in named(events, f"D{number:04}-{twin}")
    )


def assert_same(compared: Comparison, by_reference: float) -> None:
    assert not compared.differences, compared.told()
    assert compared.share_by_reference <= by_reference, compared.by_reference


def assert_twins_end_alike(policy: Policy, seed: int, many: int) -> None:
    teller = Teller(seed)
    lives = list(teller.lives(many))
    told = led_beside_twins(teller, lives, [teller.happens() for _ in lives])
    until = at(teller.dice.choice(HOURS)) if seed % 2 else None
    assert_same(compare(told, policy, until), by_reference=0.3)


@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_few_lives_end_alike_beside_their_twins(reopening: Policy, seed: int) -> None:
    assert_twins_end_alike(reopening, seed, 40)


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(seed=st.integers(0, 2**32))
def test_lives_end_alike_beside_their_twins(reopening: Policy, seed: int) -> None:
    assert_twins_end_alike(reopening, seed, 200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["lost_parcel_only", "marketplace"])
def test_the_cases_of_a_pack_end_alike_beside_their_twins(name: str, seed: int) -> None:
    """The life of a case, with and without each of the troubles it may have."""
    policy, teller = pack_of(name).policy, Teller(seed)
    trouble = Troublemaker(policy, seed)
    told, cases = [], cases_of(name)
    for dispute, case in teller.dice.sample(cases, min(40, len(cases))):
        plain = {fact: value for fact, value in case.items() if fact not in BESIDE}
        first = [e for e in events_of(name, dispute, plain) if e.kind not in OWN_ACTS]
        for number, life in enumerate(trouble.variants(first, 3)):
            for twin, events in enumerate(teller.twins(life, teller.dice.choice(life))):
                told += named(events, f"{dispute}-{number}-{twin}")
    assert_same(compare(history(told), policy), by_reference=0.3)
