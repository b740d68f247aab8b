"""The sides' evidence swapped: what mirrors, what does not, and why."""

import pytest

from reso.model.case import Records
from reso.model.events import Event
from simulations.life import Stretch
from simulations.measures.mirror import Pair, mirror, swapped_evidence
from simulations.measures.rates import Rate
from tests.simulations.shop import claim, event, fixture, life, order, photo, says


def proof(party: str, kind: str, hours: float = 25) -> Event:
    return event("evidence", hours, party=party, type=kind, supports=party)


def test_whose_it_is_whom_it_supports_and_its_kind_are_swapped() -> None:
    (swapped,) = swapped_evidence([proof("buyer", "unboxing_video")])
    assert isinstance(swapped.payload, Records)
    (item,) = swapped.payload
    assert (item["party"], item["supports"]) == ("seller", "seller")
    assert item["type"] == "packing_video"


def test_what_is_no_evidence_and_what_a_courier_hands_in_stays() -> None:
    events = (says("seller", "reject", 30), proof("courier", "proof_of_delivery"))
    assert swapped_evidence(events)[0] is events[0]
    (item,) = swapped_evidence(events)[1].payload  # type: ignore[misc]
    assert item["party"] == "courier"  # type: ignore[index, call-overload]


def test_swapped_twice_every_history_is_as_before() -> None:
    for events in fixture().disputes.values():
        assert swapped_evidence(swapped_evidence(events)) == events


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param("buyer", "seller", "mirrored", id="the other side"),
        pytest.param("human", "human", "mirrored", id="a human both times"),
        pytest.param("both", "both", "mirrored", id="both both times"),
        pytest.param("seller", "seller", "unmoved", id="the same side"),
        pytest.param("buyer", "human", "tilted", id="decided one way only"),
        pytest.param("both", "seller", "tilted", id="a part one way only"),
    ],
)
def test_how_two_rulings_stand_to_each_other(before: str, after: str, kind: str) -> None:
    assert Pair("D", before, after, "", "").kind == kind  # type: ignore[arg-type]


def histories() -> list[tuple[Event, ...]]:
    """Return a photo that wins, one that does not matter, and a claim without evidence."""
    return [
        (*order("A"), claim("damaged", 24, "A"), replace_id(photo(), "A")),
        (*order("B"), claim("not_received", 24, "B"), replace_id(photo(), "B")),
        (*order("C"), claim("damaged", 24, "C")),
    ]


def replace_id(one: Event, name: str) -> Event:
    return Event(name, one.occurred_at, one.recorded_at, one.kind, one.payload)


def test_the_policy_mirrors_where_it_looks_at_evidence_and_says_so_where_not() -> None:
    found = mirror(life(), histories(), Stretch(), 10, seed=1)
    assert found.swappable == Rate(2, 3)
    assert found.mirrored == Rate(1, 2)  # silence approves the photo; without it, the seller wins
    assert (found.buyer_both_ways, found.seller_both_ways) == (Rate(1, 2), Rate(0, 2))
    (one,) = found.breaks
    assert (one.kind, one.rule, one.rule_swapped) == ("unmoved", "lost", "lost")
    assert one.examples == ("B",)


def test_a_sample_follows_from_the_seed_and_not_from_the_order() -> None:
    disputes = list(fixture().disputes.values())
    one = mirror(life(), disputes, Stretch(), 6, seed=4)
    assert mirror(life(), disputes[::-1], Stretch(), 6, seed=4) == one
    assert len(one.pairs) == one.mirrored.of == 6
    others = {p.dispute_id for p in mirror(life(), disputes, Stretch(), 6, seed=5).pairs}
    assert others != {pair.dispute_id for pair in one.pairs}
