"""The words of the language, and of a pack, to be looked up."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app
from reso.expressions.functions import FUNCTIONS
from reso.facts.table import load_core
from reso.policy.model import REMEDIES
from reso.policy.rules import REFERENCES
from reso.study.vocabulary import vocabulary
from reso.study.words import words
from tests.study.shop import write_shop


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "shop")


def look_up(*args: str) -> Result:
    return CliRunner().invoke(app, ["vocabulary", *args])


TIER = """\
kind  name               type  when absent               meaning
fact  order.seller_tier  enum  not known and not needed  class of the shop; non_mall is any shop \
outside Mall, regular is neither Mall nor Star+ [mall | star_plus | non_mall | regular]
"""


def test_a_fact_with_its_type_values_absence_and_meaning() -> None:
    assert look_up("seller_tier").stdout == TIER


def test_words_of_a_pack() -> None:
    text = look_up("--policy", "shop", "silent", "--lang", "id").stdout
    assert "pertanyaan  seller_answer  to seller" in text
    assert "penjual tidak menjawab dalam {seller_time}" in text


def test_a_parameter_is_found_by_what_its_source_says() -> None:
    assert look_up("--policy", "shop", "file a request").stdout.splitlines()[1:] == [
        f"parameter  {name}  {kind}               The buyer can file a request within 7 days."
        for name, kind in (
            ("buyer_window", "duration"),
            ("seller_time ", "duration"),
            ("small_amount", "money   "),
            ("trusted_rate", "rate    "),
        )
    ]


def test_nothing_found() -> None:
    result = look_up("zebra")
    assert (result.stdout, result.exit_code) == ("No word of the language has `zebra` in it.\n", 1)


def test_json_for_agents() -> None:
    found = json.loads(look_up("order.total_paid", "--json").stdout)
    assert found[0] == {
        "kind": "fact",
        "name": "order.total_paid",
        "type": "money",
        "unit": None,
        "values": [],
        "when_absent": "not known and not needed",
        "meaning": "goods + shipping - vouchers: what left the buyer's pocket",
    }


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_word_is_there_and_has_a_meaning(language: str) -> None:
    found = vocabulary(load_core(), None, language)  # type: ignore[arg-type]
    names = {(entry.kind, entry.name) for entry in found}
    assert {("remedy", name) for name in REMEDIES} <= names
    assert {("reference", name) for name in REFERENCES} <= names
    assert {("function", name) for name in FUNCTIONS} <= names
    assert {("fact", field.path) for field in load_core().every_field()} <= names
    assert [entry.name for entry in found if not entry.meaning] == []


def test_every_word_of_the_tools_is_in_both_languages_with_the_same_placeholders() -> None:
    for table in words().values():
        for key, entry in table.items():
            assert set(entry) == {"id", "en"}, key
            marks = [sorted(_marks(text)) for text in entry.values()]
            assert marks[0] == marks[1], key


def _marks(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}
