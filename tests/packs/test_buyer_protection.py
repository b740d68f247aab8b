"""The packs of PayPal, Etsy and Amazon: their own cases, the published ones, their READMEs."""

import re
import shutil
from pathlib import Path

import pytest

from reso.cases import Report, load_pack, own_case_files, run_cases
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

FACTS = {
    "paypal": [f"PPL-{number}" for number in range(1, 15)],
    "etsy": [f"ETS-{number}" for number in range(1, 8)],
    "amazon_atoz": [f"AMZ-{number}" for number in range(1, 8)],
}
SECTIONS = {"paypal": 6, "etsy": 7, "amazon_atoz": 8}
OWN_CASES = {"paypal": 122, "etsy": 71, "amazon_atoz": 94}
PUBLISHED = {"paypal": 7, "etsy": 5, "amazon_atoz": 4}
ALL_PLACES = [pytest.param(pack, place, id=place.fact) for pack in FACTS for place in places(pack)]
each_pack = pytest.mark.parametrize("pack", FACTS)


@each_pack
def test_a_pack_passes_its_own_cases(pack: str) -> None:
    report = report_of(pack)
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed >= OWN_CASES[pack]
    assert report.tally_also()[0] == report.tally_also()[1]


@each_pack
@pytest.mark.skipif(not PUBLISHED_CASES.is_file(), reason="no published cases beside the clone")
def test_a_pack_passes_the_published_cases(pack: str) -> None:
    report = run_cases([pack_of(pack)], [PUBLISHED_CASES])
    assert [f"{r.case.id}: {r}" for r in report.results if not r.passed] == []
    assert report.passed == PUBLISHED[pack]


@each_pack
def test_a_pack_has_no_warnings_but_those_it_waives_with_a_reason(pack: str) -> None:
    assert [str(problem) for problem in check_of(pack).problems] == []


@each_pack
def test_the_readme_has_a_place_for_each_published_fact_once_and_in_order(pack: str) -> None:
    assert [place.fact for place in places(pack)] == FACTS[pack]


@each_pack
@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
def test_the_facts_are_those_that_were_published(pack: str) -> None:
    assert published_facts(SECTIONS[pack]) == FACTS[pack]


@pytest.mark.parametrize(("pack", "place"), ALL_PLACES)
def test_a_fact_stands_where_the_readme_says(pack: str, place: Place) -> None:
    assert place.names
    named = {name.partition(".")[0] for name in names_of(pack)}
    assert set(place.names) - named == set()
    assert place.fact in sources_of(pack)


@each_pack
def test_every_rule_cites_a_source_with_its_address(pack: str) -> None:
    policy = policy_of(pack)
    addresses = {source.id: source.address for source in policy.sources}
    cited = {rule.name: rule.sources for rule in policy.rules}
    cited |= {question.name: question.sources for question in policy.questions}
    assert [name for name, sources in cited.items() if not sources] == []
    unread = {source for sources in cited.values() for source in sources} - addresses.keys()
    assert unread == set()
    assert [a for a in addresses.values() if not a.startswith(("https://", "http://"))] == []


@each_pack
def test_every_parameter_says_where_it_comes_from(pack: str) -> None:
    policy = policy_of(pack)
    numbers = [d for d in policy.definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


@each_pack
def test_every_rule_on_the_outcome_is_the_reason_of_some_case(pack: str) -> None:
    files = own_case_files(ROOT / "rules" / pack)
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    listed = " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))
    asserted = set(re.findall(r"[\w.]+", listed))
    rules = {rule.name for rule in policy_of(pack).rules if rule.matter == "outcome"}
    assert rules - asserted == set()


# -- where publishers contradict each other, the pack can be turned ------------------------------


def turned(tmp_path: Path, pack: str, parameter: str, old: str, new: str) -> Path:
    """Return a copy of a pack in which the value of one parameter is another."""
    shutil.copytree(ROOT / "rules" / "shared", tmp_path / "shared")
    folder = tmp_path / pack
    shutil.copytree(ROOT / "rules" / pack, folder)
    file = folder / "policy.yaml"
    text = file.read_text(encoding="utf-8")
    pattern = re.compile(rf"(  {parameter}:\n    value: ){re.escape(old)}\n")
    assert len(pattern.findall(text)) == 1
    file.write_text(pattern.sub(rf"\g<1>{new}\n", text), encoding="utf-8")
    return folder


def ruled(report: Report, case: str) -> tuple[str, str]:
    """Return the decision and the payer of one of the pack's own cases."""
    ruling = next(result.ruling for result in report.results if result.case.id == case)
    assert ruling is not None
    return ruling.decision, ruling.payer or ""


@pytest.mark.parametrize(
    ("pack", "parameter", "old", "new", "case", "before", "after"),
    [
        pytest.param(
            "paypal",
            "signature_at_limit",
            '"no"',
            '"yes"',
            "PP-221",
            ("release_to_seller", ""),
            ("refund_full", "seller"),
            id="at exactly 750 a signature is needed",
        ),
        pytest.param(
            "paypal",
            "signature_at_limit",
            '"no"',
            '"yes"',
            "PP-225",
            ("release_to_seller", ""),
            ("release_to_seller", ""),
            id="below 750 it is needed by neither text",
        ),
        pytest.param(
            "etsy",
            "limit_included",
            '"no"',
            '"yes"',
            "ET-211",
            ("refund_full", "seller"),
            ("refund_full", "platform"),
            id="at exactly 250 Etsy bears it",
        ),
        pytest.param(
            "etsy",
            "limit_included",
            '"no"',
            '"yes"',
            "ET-212",
            ("refund_full", "seller"),
            ("refund_full", "seller"),
            id="above 250 the seller bears it by both texts",
        ),
        pytest.param(
            "etsy",
            "case_window",
            "100 calendar days",
            "30 calendar days",
            "ET-115",
            ("refund_full", "platform"),
            ("release_to_seller", ""),
            id="after 40 days a case is too late",
        ),
    ],
)
def test_the_other_reading_of_contradicting_texts_is_one_parameter_away(
    tmp_path: Path,
    pack: str,
    parameter: str,
    old: str,
    new: str,
    case: str,
    before: tuple[str, str],
    after: tuple[str, str],
) -> None:
    folder = turned(tmp_path, pack, parameter, old, new)
    assert ruled(report_of(pack), case) == before
    assert ruled(run_cases([load_pack(folder)], own_case_files(folder)), case) == after
