"""What an entry cites: sources by their names, or what a parameter rests on."""

from pathlib import Path

import pytest

from reso.policy.loader import load_policy
from reso.policy.model import Policy
from reso.policy.problems import PolicyError

HEADER = "policy: small\ncurrency: IDR\ntime_zone: Asia/Jakarta\notherwise: escalate\n"
SOURCES = """
sources:
  A-1: {address: "https://example.org/1"}
  A-2: {address: "https://example.org/2"}
parameters:
  window: {value: 2 calendar days, source: [A-2, A-1]}
  ours: {value: 3 calendar days, chosen: "nothing is published"}
"""


def policy(folder: Path, text: str) -> Policy:
    (folder / "policy.yaml").write_text(HEADER + SOURCES + text, encoding="utf-8")
    return load_policy(folder)


def test_a_parameter_stands_for_the_sources_it_rests_on(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "bars: {late: {when: claim is known, conclude: deny, source: window}}\n"
        "questions:\n"
        "  answer: {to: seller, lasts: window, silence_means: no_word, answers: {said: approve},\n"
        "           source: [A-1, window]}\n",
    )
    assert [rule.sources for rule in found.rules] == [("A-2", "A-1")]
    assert [question.sources for question in found.questions] == [("A-1", "A-2")]


def test_a_shared_rule_cites_what_each_pack_says(tmp_path: Path) -> None:
    shared = tmp_path / "shared.yaml"
    shared.write_text("bars: {late: {when: claim is known, conclude: deny, source: window}}\n")
    cited = []
    for name, source in (("one", "A-1"), ("two", "A-2")):
        (tmp_path / name).mkdir()
        text = HEADER + SOURCES.replace("[A-2, A-1]", source) + "uses: ../shared.yaml\n"
        (tmp_path / name / "policy.yaml").write_text(text, encoding="utf-8")
        cited.append(load_policy(tmp_path / name).rules[0].sources)
    assert cited == [("A-1",), ("A-2",)]


@pytest.mark.parametrize("name", ["ours", "nothing"])
def test_what_rests_on_no_source_cannot_be_cited(tmp_path: Path, name: str) -> None:
    rule = f"bars: {{late: {{when: claim is known, conclude: deny, source: {name}}}}}\n"
    with pytest.raises(PolicyError, match=f"unknown source `{name}`"):
        policy(tmp_path, rule)
