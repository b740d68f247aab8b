"""`reso check` at the command line: errors fail it, warnings only where that is asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app
from tests.study.shop import NUMBERS, REQUEST, write_shop

IDLE = NUMBERS.replace("  trusted_rate: {value: 30%, source: HELP-1}\n", "")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(*args: str) -> Result:
    return CliRunner().invoke(app, ["check", *args], prog_name="reso")


def test_a_warning_is_shown_in_its_line_and_counted() -> None:
    write_shop(Path("shop"))
    found = check("shop", "--no-cases")
    assert found.stdout == (
        "shop/numbers.yaml:5:3: warning: the parameter `trusted_rate` is never used. "
        "Use it, or delete it. [never-used]\n"
        "      trusted_rate: {value: 30%, source: HELP-1}\n"
        "      ^^^^^^^^^^^^\n"
        "shop: 1 warning (shop 1: 5 rules and bars, 1 questions)\n"
    )
    assert found.exit_code == 0


def test_warnings_fail_a_strict_check() -> None:
    write_shop(Path("shop"))
    assert check("shop", "--no-cases").exit_code == 0
    assert check("shop", "--no-cases", "--strict").exit_code == 1


def test_a_pack_without_warnings_passes_a_strict_check() -> None:
    write_shop(Path("shop"), numbers=IDLE)
    found = check("shop", "--no-cases", "--strict")
    assert found.stdout == "shop: no problems (shop 1: 5 rules and bars, 1 questions)\n"
    assert found.exit_code == 0


def test_errors_hide_the_warnings_and_fail_every_check() -> None:
    write_shop(Path("shop"), request=REQUEST.replace("when: filed_late", "when: filed_lately"))
    found = check("shop")
    assert "never-used" not in found.stdout
    assert found.stdout.endswith("shop: 1 problem\n")
    assert found.exit_code == 1


def test_the_cases_tell_which_rules_they_try_in_one_direction_only() -> None:
    write_shop(Path("shop"), numbers=IDLE)
    told = [line for line in check("shop").stdout.splitlines() if "[rule-without" in line]
    assert [line.split("`")[1] + line[line.rindex(" ") :] for line in told] == [
        "agreed [rule-without-case]",
        "silence [rule-without-case]",
        "silence [rule-without-counter-case]",
        "small_silence [rule-without-counter-case]",
        "young_account [rule-without-case]",
        "young_account [rule-without-counter-case]",
    ]


def test_a_case_that_cannot_be_run_tries_no_rule_and_a_file_that_is_none_is_bad_input() -> None:
    write_shop(Path("shop"), numbers=IDLE, cases="cases: 3\n")
    found = check("shop")
    assert found.stderr.startswith("shop/cases/requests.yaml: there is no list of `cases` in it")
    assert found.exit_code == 2
    Path("shop/cases/requests.yaml").write_text(
        "cases: [{id: ONE, given: {claim: {type: 3}}, expect: {decision: deny}}]\n"
    )
    assert check("shop").stdout.endswith(
        "shop: 10 warnings (shop 1: 5 rules and bars, 1 questions)\n"
    )


def test_the_severity_stands_in_the_json() -> None:
    write_shop(Path("shop"))
    found = json.loads(check("shop", "--no-cases", "--json").stdout)
    assert (found["problems"], found["errors"], found["warnings"]) == (1, 0, 1)
    (pack,) = found["packs"]
    assert pack["policy"] == "shop"
    (problem,) = pack["problems"]
    assert (problem["severity"], problem["code"]) == ("warning", "never-used")
    assert problem["message"] == "the parameter `trusted_rate` is never used"
