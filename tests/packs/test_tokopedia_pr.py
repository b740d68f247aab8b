"""The two packs of Tokopedia's resolution centre: their tables of published facts."""

import re
from pathlib import Path

import pytest

from reso.policy.model import Policy
from tests.shipped import policy_of

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
POLICIES = SHARED / "policies" / "POLICIES.md"
FACTS = {
    "tokopedia_pr_v1": [*(f"TKA-{n}" for n in range(1, 14)), "conflict 1", "conflict 6"],
    "tokopedia_pr_v2": [*(f"TKB-{n}" for n in range(1, 16)), "conflict 6"],
}
WORDS_OF_CASES = {"message"}
each_pack = pytest.mark.parametrize("name", FACTS)


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of each row of a table of facts, by the id in the first one."""
    id_first = re.compile(r"\| (TK[AB]-\d+|conflict \d+) \|")
    lines = [line for line in text.splitlines() if id_first.match(line)]
    cells = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {row[0]: row[1:] for row in cells}


def table(name: str) -> dict[str, list[str]]:
    return rows((ROOT / "rules" / name / "README.md").read_text(encoding="utf-8"))


def names_of(policy: Policy) -> set[str]:
    """Return every name a reader of the pack can look up."""
    return {
        *citations(policy),
        *(chapter.name for chapter in policy.chapters),
        *(effect.name for effect in policy.effects),
        *(promise.name for promise in policy.promises),
        *(name for name, _ in policy.picks),
    }


def citations(policy: Policy) -> dict[str, set[str]]:
    """Return the sources each rule, question and definition rests on, by its name."""
    return {
        **{rule.name: set(rule.sources) for rule in policy.rules},
        **{question.name: set(question.sources) for question in policy.questions},
        **{definition.name: set(definition.sources) for definition in policy.definitions},
    }


@each_pack
def test_every_published_fact_has_its_row(name: str) -> None:
    assert list(table(name)) == FACTS[name]


@each_pack
def test_every_row_names_things_that_are_in_the_pack(name: str) -> None:
    known = names_of(policy_of(name)) | WORDS_OF_CASES
    for fact, (place, _) in table(name).items():
        named = re.findall(r"`([^`]+)`", place)
        assert named, fact
        assert [word for word in named if word not in known] == [], fact


@each_pack
def test_a_fact_is_cited_where_its_row_says(name: str) -> None:
    sources = citations(policy_of(name))
    for fact, (place, _) in table(name).items():
        named = re.findall(r"`([^`]+)`", place)
        cited = set().union(*(sources.get(word, set()) for word in named))
        assert fact.startswith("conflict") or fact in cited, fact


@each_pack
def test_a_source_has_an_address_of_its_row(name: str) -> None:
    policy, listed = policy_of(name), table(name)
    assert [source.id for source in policy.sources] == FACTS[name][: len(policy.sources)]
    for source in policy.sources:
        assert source.address in listed[source.id][1].split()


@pytest.mark.skipif(not POLICIES.is_file(), reason="the published rules are not beside the clone")
@each_pack
def test_the_addresses_are_those_of_the_published_list(name: str) -> None:
    published = rows(POLICIES.read_text(encoding="utf-8"))
    prefix = FACTS[name][0].split("-")[0]
    listed = table(name)
    facts = [fact for fact in listed if not fact.startswith("conflict")]
    assert [fact for fact in published if fact.startswith(f"{prefix}-")] == facts
    everything = " ".join(cell for cells in published.values() for cell in cells).split()
    for _, addresses in listed.values():
        assert set(addresses.split()) <= set(everything)
