"""The shipped packs: their own cases, the published cases, their sources, their numbers."""

import re
from pathlib import Path

import pytest

from reso.cases import Report, load_pack, own_case_files, run_cases
from reso.policy.loader import load_policy
from reso.study.checking import checked

ROOT = Path(__file__).parents[2]
PACKS = ("lazada_sg_drtm", "tokopedia_shop")
PUBLISHED = ROOT.parent / "shared" / "cases" / "published_cases.yaml"
ONLY_WAITED_FOR = {"still_on_the_way", "on_its_way"}
"""Rules that keep a ruling open while a parcel is on its way; once it came another rule speaks."""
each_pack = pytest.mark.parametrize("name", PACKS)


def failures(report: Report) -> list[str]:
    return [f"{result.case.id}: {result}" for result in report.results if not result.passed]


@each_pack
def test_a_pack_passes_its_own_cases(name: str) -> None:
    folder = ROOT / "rules" / name
    report = run_cases([load_pack(folder)], own_case_files(folder))
    assert failures(report) == []
    assert report.passed >= 40


@each_pack
def test_a_pack_has_no_warnings_but_those_it_waives_with_a_reason(name: str) -> None:
    assert [str(problem) for problem in checked(ROOT / "rules" / name).problems] == []


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published cases are not beside the clone")
def test_the_published_cases_of_the_packs_pass() -> None:
    report = run_cases([load_pack(ROOT / "rules" / name) for name in PACKS], [PUBLISHED])
    assert failures(report) == []
    assert report.passed == 17


@each_pack
def test_every_rule_bar_and_question_cites_a_source_with_its_address(name: str) -> None:
    policy = load_policy(ROOT / "rules" / name)
    addresses = {source.id: source.address for source in policy.sources}
    for thing in (*policy.rules, *policy.questions):
        assert thing.sources, thing.name
        assert all(addresses[source].startswith("https://") for source in thing.sources)


@each_pack
def test_every_parameter_says_where_it_comes_from_or_why_it_was_chosen(name: str) -> None:
    policy = load_policy(ROOT / "rules" / name)
    numbers = [d for d in policy.definitions if d.kind == "parameter"]
    assert [d.name for d in numbers if not (d.sources or d.chosen)] == []


@each_pack
def test_every_rule_and_bar_on_the_outcome_is_the_reason_of_some_case(name: str) -> None:
    folder = ROOT / "rules" / name
    policy = load_policy(folder)
    text = "\n".join(path.read_text(encoding="utf-8") for path in own_case_files(folder))
    asserted = set(re.findall(r"\w+", " ".join(re.findall(r"reasons: \[([^\]]*)\]", text))))
    outcome = {rule.name for rule in policy.rules if rule.matter == "outcome"}
    assert outcome - asserted <= ONLY_WAITED_FOR


def test_no_marketplace_is_named_in_the_code() -> None:
    words = re.compile(
        r"tokopedia|lazada|shopee|bukalapak|ebay|paypal|etsy|aliexpress", re.IGNORECASE
    )
    shown = {"reso/cli", "reso/study", "reso/authoring"}  # examples in --help
    for path in (ROOT / "reso").rglob("*.py"):
        room = path.relative_to(ROOT).parent.as_posix()
        if room not in shown:
            assert words.search(path.read_text(encoding="utf-8")) is None, path
