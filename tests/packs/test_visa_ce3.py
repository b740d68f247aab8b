"""The pack of Compelling Evidence 3.0: its own cases, the published ones, and its README."""

import re

import pytest

from reso.cases import load_pack, own_case_files, run_cases
from reso.policy.loader import load_policy
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

PACK = "visa_ce3"
FOLDER = ROOT / "rules" / PACK
FACTS = [*(f"VIS-{number}" for number in range(1, 7)), "MCD-1", "MCD-2"]


def test_the_pack_passes_its_own_cases() -> None:
    report = run_cases([load_pack(FOLDER)], own_case_files(FOLDER))
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed >= 37
    assert report.tally_also()[0] == report.tally_also()[1]


@pytest.mark.skipif(not PUBLISHED_CASES.is_file(), reason="no published cases beside the clone")
def test_the_pack_passes_the_published_cases() -> None:
    report = run_cases([load_pack(FOLDER)], [PUBLISHED_CASES])
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed == 2


def test_the_readme_has_a_place_for_each_published_fact_once_and_in_order() -> None:
    assert [place.fact for place in places(PACK)] == FACTS


@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
def test_the_facts_are_those_that_were_published() -> None:
    assert published_facts(11) == FACTS


@pytest.mark.parametrize("place", places(PACK), ids=lambda place: place.fact)
def test_a_fact_stands_where_the_readme_says_or_its_omission_has_a_reason(place: Place) -> None:
    assert set(place.names) <= names_of(PACK)
    assert bool(place.names) != bool(place.omitted_because)
    assert (place.fact in sources_of(PACK)) == bool(place.names)


def test_every_rule_cites_a_source_with_its_address() -> None:
    policy = load_policy(FOLDER)
    addresses = {source.id: source.address for source in policy.sources}
    for thing in (*policy.rules, *policy.questions):
        assert thing.sources, thing.name
        assert all(addresses[source].startswith("https://") for source in thing.sources)


def test_every_parameter_says_where_it_comes_from() -> None:
    numbers = [d for d in load_policy(FOLDER).definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


def test_every_rule_on_the_outcome_is_the_reason_of_some_case() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in own_case_files(FOLDER))
    asserted = set(re.findall(r"\w+", " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))))
    rules = {rule.name for rule in load_policy(FOLDER).rules if rule.matter == "outcome"}
    assert rules - asserted == set()
