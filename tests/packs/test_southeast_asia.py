"""The packs of Shopee, LazMall Philippines and Bukalapak: cases, READMEs, what they share."""

import re

import pytest

from reso.cases import own_case_files, run_cases
from reso.policy.model import OUTCOME
from tests.packs.fact_lists import (
    PUBLISHED_CASES,
    PUBLISHED_FACTS,
    ROOT,
    names_of,
    places,
    published_facts,
    sources_of,
)
from tests.shipped import check_of, pack_of, policy_of, report_of

SHOPEE = [f"SHP-{number}" for number in range(1, 12)]
LAZADA = [f"LZD-{number}" for number in range(1, 10)]
FACTS = {
    "shopee_id": SHOPEE,
    "shopee_my": SHOPEE,
    "shopee_ph": SHOPEE,
    "shopee_sg": SHOPEE,
    "lazada_ph_mall": LAZADA,
    "bukalapak": ["BKL-1"],
}
SECTIONS = {2: SHOPEE, 3: LAZADA, 4: ["BKL-1"]}
CASES = {
    "shopee_id": (90, 2),
    "shopee_my": (90, 3),
    "shopee_ph": (56, 1),
    "shopee_sg": (47, 1),
    "lazada_ph_mall": (39, 1),
    "bukalapak": (22, 1),
}
"""At least so many own cases, and exactly so many published ones."""
ONLY_WAITED_FOR = {"on_its_way", "arrived"}
"""Rules that keep a ruling open while a parcel is on its way; once it came another rule speaks."""
each_pack = pytest.mark.parametrize("name", FACTS)


def cited(name: str) -> dict[str, tuple[str, ...]]:
    """Return the sources each rule, bar, question and definition rests on, by its name."""
    pack = policy_of(name)
    return {
        **{rule.name: rule.sources for rule in pack.rules},
        **{question.name: question.sources for question in pack.questions},
        **{definition.name: definition.sources for definition in pack.definitions},
    }


@each_pack
def test_every_own_case_passes_with_its_secondary_assertions(name: str) -> None:
    report = report_of(name)
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed >= CASES[name][0]
    assert report.tally_also()[0] == report.tally_also()[1]


@pytest.mark.skipif(not PUBLISHED_CASES.is_file(), reason="no published cases beside the clone")
@each_pack
def test_every_published_case_passes_with_its_secondary_assertions(name: str) -> None:
    report = run_cases([pack_of(name)], [PUBLISHED_CASES])
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed == CASES[name][1]
    assert report.tally_also()[0] == report.tally_also()[1]


@each_pack
def test_there_is_no_warning_but_those_waived_with_a_reason(name: str) -> None:
    assert [str(problem) for problem in check_of(name).problems] == []


@each_pack
def test_the_readme_has_a_place_for_each_published_fact_once_and_in_order(name: str) -> None:
    assert [place.fact for place in places(name)] == FACTS[name]


@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
@pytest.mark.parametrize("section", SECTIONS)
def test_the_facts_are_those_that_were_published(section: int) -> None:
    assert published_facts(section) == SECTIONS[section]


@each_pack
def test_a_fact_stands_where_the_readme_says_or_its_omission_has_a_reason(name: str) -> None:
    known, sources = names_of(name), sources_of(name)
    for place in places(name):
        assert set(place.names) <= known, place
        assert bool(place.names) != bool(place.omitted_because), place
        assert (place.fact in sources) == bool(place.names), place


@each_pack
def test_a_fact_is_cited_by_something_that_stands_in_its_row(name: str) -> None:
    resting = cited(name)
    for place in places(name):
        rows = {source for thing in place.names for source in resting.get(thing, ())}
        assert place.fact in rows or place.omitted_because, place


@pytest.mark.parametrize("fact", SHOPEE)
def test_a_fact_of_shopee_stands_in_at_least_one_of_its_packs(fact: str) -> None:
    packs = [name for name in FACTS if FACTS[name] is SHOPEE]
    assert [name for name in packs if any(p.fact == fact and p.names for p in places(name))]


@each_pack
def test_every_rule_bar_and_question_cites_a_source_with_its_address(name: str) -> None:
    addresses = {source.id: source.address for source in policy_of(name).sources}
    deciding = {thing.name for thing in (*policy_of(name).rules, *policy_of(name).questions)}
    for thing, sources in cited(name).items():
        assert sources or thing not in deciding, thing
        assert all(addresses[source].startswith("http") for source in sources)


@each_pack
def test_a_window_rests_on_the_page_of_its_own_country(name: str) -> None:
    resting = cited(name)
    assert resting["request_time"]
    for rule in ("too_late", "nothing_asked", "time_to_ask"):
        assert resting[rule] == resting["request_time"]


@each_pack
def test_every_parameter_says_where_it_comes_from_or_why_it_was_chosen(name: str) -> None:
    numbers = [d for d in policy_of(name).definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


@each_pack
def test_every_rule_on_the_outcome_is_the_reason_of_some_case(name: str) -> None:
    folder = ROOT / "rules" / name
    text = "\n".join(path.read_text(encoding="utf-8") for path in own_case_files(folder))
    asserted = set(re.findall(r"\w+", " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))))
    rules = {rule.name for rule in policy_of(name).rules if rule.matter == OUTCOME}
    assert rules - asserted <= ONLY_WAITED_FOR


@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
@each_pack
def test_the_addresses_are_those_that_were_published(name: str) -> None:
    published = PUBLISHED_FACTS.read_text(encoding="utf-8").split()
    sources = policy_of(name).sources
    assert [s.id for s in sources if s.id in FACTS[name] and s.address not in published] == []
