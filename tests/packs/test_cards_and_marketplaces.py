"""Visa 13.1 and 13.3, Mastercard 4853, AliExpress, Mercado Libre: cases, facts and sources."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from reso.cases import own_case_files, run_cases
from tests.packs.fact_lists import (
    PUBLISHED_CASES,
    PUBLISHED_FACTS,
    ROOT,
    Place,
    names_of,
    places,
    published_facts,
    sources_of,
)
from tests.shipped import check_of, pack_of, policy_of, report_of


@dataclass(frozen=True, slots=True)
class Published:
    """A pack, where its facts were published, and how many cases there are at least.

    Attributes:
        section: of the published facts.
        facts: their ids, in order.
        cases: own cases at least.
        published: published cases, exactly.
        only_waited_for: rules that keep a ruling open; once it is closed another one speaks.
    """

    name: str
    section: int
    facts: tuple[str, ...]
    cases: int
    published: int
    only_waited_for: frozenset[str] = frozenset()

    @property
    def folder(self) -> Path:
        return ROOT / "rules" / self.name


CARD_FACTS = (*(f"VIS-{number}" for number in range(1, 7)), "MCD-1", "MCD-2")
PACKS = (
    Published("visa_13_1", 11, CARD_FACTS, 57, 2),
    Published("visa_13_3", 11, CARD_FACTS, 37, 1),
    Published("mastercard_4853", 11, CARD_FACTS, 55, 2),
    Published(
        "aliexpress",
        9,
        tuple(f"ALX-{number}" for number in range(1, 6)),
        70,
        1,
        frozenset({"still_on_the_way", "offer_accepted", "proposal_accepted"}),
    ),
    Published("mercado_libre_ar", 10, ("MLB-1", "MLB-2"), 44, 1, frozenset({"still_on_the_way"})),
)
ROWS = [
    pytest.param(pack, row, id=f"{pack.name}-{row.fact}")
    for pack in PACKS
    for row in places(pack.name)
]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)


@each_pack
def test_a_pack_passes_its_own_cases(pack: Published) -> None:
    report = report_of(pack.name)
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed >= pack.cases
    assert report.tally_also()[0] == report.tally_also()[1]


@pytest.mark.skipif(not PUBLISHED_CASES.is_file(), reason="no published cases beside the clone")
@each_pack
def test_a_pack_passes_the_published_cases(pack: Published) -> None:
    report = run_cases([pack_of(pack.name)], [PUBLISHED_CASES])
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed == pack.published


@each_pack
def test_a_pack_has_no_warnings_but_those_it_waives_with_a_reason(pack: Published) -> None:
    assert [str(problem) for problem in check_of(pack.name).problems] == []


@each_pack
def test_the_readme_has_a_place_for_each_published_fact_once_and_in_order(pack: Published) -> None:
    assert tuple(place.fact for place in places(pack.name)) == pack.facts


@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
@each_pack
def test_the_facts_are_those_that_were_published(pack: Published) -> None:
    assert tuple(published_facts(pack.section)) == pack.facts


@pytest.mark.parametrize(("pack", "place"), ROWS)
def test_a_fact_stands_where_the_readme_says_or_its_omission_has_a_reason(
    pack: Published, place: Place
) -> None:
    assert set(place.names) <= names_of(pack.name)
    assert bool(place.names) != bool(place.omitted_because)
    assert (place.fact in sources_of(pack.name)) == bool(place.names)


@each_pack
def test_every_rule_and_question_cites_a_source_with_its_address(pack: Published) -> None:
    policy = policy_of(pack.name)
    addresses = {source.id: source.address for source in policy.sources}
    for thing in (*policy.rules, *policy.questions):
        assert thing.sources, thing.name
        assert all(addresses[source].startswith("https://") for source in thing.sources)


@each_pack
def test_every_parameter_says_where_it_comes_from(pack: Published) -> None:
    numbers = [d for d in policy_of(pack.name).definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


@each_pack
def test_every_rule_on_the_outcome_is_the_reason_of_some_case(pack: Published) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in own_case_files(pack.folder))
    asserted = set(re.findall(r"\w+", " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))))
    rules = {rule.name for rule in policy_of(pack.name).rules if rule.matter == "outcome"}
    assert rules - asserted == pack.only_waited_for
