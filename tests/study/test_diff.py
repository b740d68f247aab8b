"""Two versions of a pack compared: in words, and in what comes of their cases."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app
from reso.policy.sections import NAMED
from reso.study.compare import SECTIONS, words_changed
from reso.study.reading import read_files
from tests.study.shop import LARGE, NUMBERS, REQUEST, write_shop

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "old" / "shop")


def diff(*args: str) -> Result:
    return CliRunner().invoke(app, ["diff", *args])


SHORTER = """\
Parameters
  buyer_window: changed
    value: 7 calendar days -> 5 calendar days
  small_amount: changed
    mall: 20 SGD -> 25 SGD

Cases: 0 of 2 come out otherwise
"""
RAISED = """\
Parameters
  small_amount: changed
    otherwise: 10 SGD -> 9 SGD

Cases: 2 of 3 come out otherwise

  SMALL  cases/requests.yaml
                  old            new
    decision      refund_full    return_and_refund
    amount        10.00 SGD      10.00 SGD
    small_amount  SGD 10.00      SGD 9.00
    reasons       small_silence  silence
    why, old: The seller did not answer within 48 hours, and the amount is small.
    why, new: The seller did not answer within 48 hours.

  large  large.yaml
"""


def test_a_pack_and_itself_say_the_same() -> None:
    result = diff("old/shop", "old/shop")
    assert (result.stdout, result.exit_code) == (
        "old/shop and old/shop say the same; 2 cases come out alike.\n",
        0,
    )


@pytest.mark.parametrize("name", ["lazada_sg_drtm", "tokopedia_shop"])
def test_no_shipped_pack_differs_from_itself(name: str) -> None:
    assert words_changed(read_files(RULES / name), read_files(RULES / name)) == ()


def test_every_section_of_a_pack_has_its_place_among_what_changed() -> None:
    packs = (read_files(RULES / name) for name in ("marketplace", "lost_parcel_only"))
    changed = words_changed(*packs)
    sections = list(dict.fromkeys(one.section for one in changed))
    assert {"escrow", "legs", "consent", "reopens", "messages"} <= set(sections)
    assert sections == [section for section in SECTIONS if section in sections]
    assert set(NAMED) <= set(SECTIONS)


def test_changed_parameters_show_exactly_that() -> None:
    numbers = NUMBERS.replace("7 calendar days", "5 calendar days").replace("20 SGD", "25 SGD")
    write_shop(Path("new/shop"), numbers=numbers)
    result = diff("old/shop", "new/shop")
    assert (result.stdout, result.exit_code) == (SHORTER, 1)


def test_cases_that_come_out_otherwise_stand_side_by_side() -> None:
    write_shop(Path("new/shop"), numbers=NUMBERS.replace("10 SGD", "9 SGD"))
    case = LARGE.replace("64.90", "9.50")
    Path("large.yaml").write_text(case, encoding="utf-8")
    assert diff("old/shop", "new/shop", "large.yaml").stdout.startswith(RAISED)


def test_layout_comments_and_places_do_not_matter() -> None:
    write_shop(Path("new/shop"), numbers="# nothing\n")
    text = "# as published\n" + NUMBERS.replace("48 hours", "'48  hours'")
    Path("new/shop/moved.yaml").write_text(text, encoding="utf-8")
    assert diff("old/shop", "new/shop").exit_code == 0


def test_rules_questions_and_clocks_that_changed_are_told_in_their_words() -> None:
    request = (
        REQUEST.replace("    lasts: seller_time\n", "    lasts: 24 hours\n")
        .replace("when: [seller_silent, small]", "when: [seller_silent, small, young]")
        .replace("  agreed:", "  agreed_now:")
    )
    write_shop(Path("new/shop"), request=request)
    text = diff("old/shop", "new/shop").stdout
    assert "  seller_answer: changed\n    lasts (clock): seller_time -> 24 hours\n" in text
    assert "    when: seller_silent and small -> seller_silent and small and young\n" in text
    assert "  agreed: removed\n    when: seller_answer is approve\n" in text
    assert "  agreed_now: added\n" in text


def test_json_holds_the_same() -> None:
    write_shop(Path("new/shop"), numbers=NUMBERS.replace("10 SGD", "9 SGD"))
    data = json.loads(diff("old/shop", "new/shop", "--json").stdout)
    assert data["changes"] == [
        {
            "section": "parameters",
            "name": "small_amount",
            "what": "changed",
            "parts": [{"where": "value, otherwise", "old": "10 SGD", "new": "9 SGD"}],
        }
    ]
    assert [case["id"] for case in data["cases"]["changed"]] == ["SMALL"]
    assert data["cases"]["changed"][0]["new"]["decision"] == "return_and_refund"


def test_a_version_kept_in_git() -> None:
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "one"],
    ):
        subprocess.run(["git", *words], check=True, capture_output=True)
    assert diff("HEAD:old/shop", "old/shop").exit_code == 0
    Path("old/shop/numbers.yaml").write_text(NUMBERS.replace("30%", "40%"), encoding="utf-8")
    result = diff("HEAD:old/shop", "old/shop")
    assert "  trusted_rate: changed\n    value: 30% -> 40%\n" in result.stdout
    result = diff("nowhere:old/shop", "old/shop")
    assert result.exit_code == 2
    assert result.stderr.startswith("nowhere:old/shop: git: ")


def test_a_pack_with_problems_is_shown_with_them() -> None:
    write_shop(Path("new/shop"), numbers=NUMBERS.replace("48 hours", "48 huors"))
    result = diff("old/shop", "new/shop")
    assert result.exit_code == 3
    assert "numbers.yaml:3:" in result.stderr


def test_a_folder_that_is_not_there() -> None:
    result = diff("old/shop", "gone")
    assert (result.stderr, result.exit_code) == (
        "gone: no such folder. Name the folder of a policy pack.\n",
        2,
    )


def test_a_case_needs_no_answer_to_be_compared() -> None:
    write_shop(Path("new/shop"), numbers=NUMBERS.replace("10 SGD", "9 SGD"))
    given = "\n".join(f"      {line}" for line in LARGE.replace("64.90", "9.50").splitlines())
    mine = f"cases:\n  - id: MINE\n    given:\n{given}\n"
    Path("mine.yaml").write_text(mine, encoding="utf-8")
    result = diff("old/shop", "new/shop", "mine.yaml", "--json")
    changed = json.loads(result.stdout)["cases"]["changed"]
    assert [one["new"]["decision"] for one in changed if one["id"] == "MINE"] == [
        "return_and_refund"
    ]


def test_a_case_that_neither_can_rule_on_is_not_called_alike() -> None:
    wrong = LARGE.replace("total_paid", "total_piad")
    Path("wrong.yaml").write_text(wrong, encoding="utf-8")
    result = diff("old/shop", "old/shop", "wrong.yaml")
    assert result.stdout.startswith(
        "old/shop and old/shop say the same; 2 cases come out alike.\n"
        "\n"
        "1 case that neither can rule on\n"
        "  wrong  wrong.yaml\n"
        "    "
    )
    assert "Did you mean `order.total_paid`?" in result.stdout
    found = json.loads(diff("old/shop", "old/shop", "wrong.yaml", "--json").stdout)
    assert [one["id"] for one in found["cases"]["undecided"]] == ["wrong"]


def test_cases_of_another_platform_are_not_passed_over() -> None:
    text = "cases: [{id: A, platform: shopp, given: {claim: null}}]"
    Path("mine.yaml").write_text(text, encoding="utf-8")
    result = diff("old/shop", "old/shop", "mine.yaml")
    assert (result.exit_code, result.stderr) == (
        2,
        "mine.yaml: none of its cases is for `shop`. Write `platform: shop`, or leave it out.\n",
    )


def test_every_section_of_a_pack_has_its_place_in_what_differs() -> None:
    assert {*NAMED, "header", "inputs", "overlays", "otherwise"} == set(SECTIONS)


def test_packs_that_settle_in_other_ways_can_be_compared() -> None:
    old, new = (read_files(RULES / name) for name in ("lost_parcel_only", "marketplace"))
    sections = {one.section for one in words_changed(old, new)}
    assert {"escrow", "consent"} <= sections
