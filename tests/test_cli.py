"""The command line as a new user meets it: what it prints, on which stream, and how it ends."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner, Result

from reso.cases import load_pack, load_scenarios, run_cases
from reso.cli import app
from reso.cli.main import VERBS, add_verbs
from reso.problems.catalogue import kinds

ROOT = Path(__file__).parents[1]
MINI = ROOT / "tests" / "packs" / "mini"
RESO = Path(sys.executable).with_name("reso")
FIXTURES = sorted((ROOT / "fixtures" / "cases").glob("*.yaml"))

CASE = """\
claim: {type: damaged, filed_at: "2026-03-02T09:00:00+08:00"}
order: {currency: SGD, items_subtotal: 40.00, total_paid: 45.50}
"""
NOW = 'now: "2026-03-05T09:00:00+08:00"\n'


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with the pack `mini` in `rules/`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mini").symlink_to(MINI)


def write(name: str, text: str | bytes) -> str:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def reso(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(args), input=stdin)


def run(*args: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [RESO, *args],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


# -- decide ---------------------------------------------------------------------------------

DECIDED = """\
The buyer gets all the money back: SGD 45.50.

decision  refund_full
amount    45.50 SGD
payee     buyer
known at  2026-03-05T09:00:00+08:00
money     seller -> buyer: 45.50 SGD (goods, out of escrow)
ends      lapsed
because   The seller agreed, or was silent for 48 hours, by 4 Mar 2026 09:00 UTC+08:00 \
(24 hours ago), and the price of SGD 40.00 is not above SGD 50.00. [agreed: MINI-1]
effect    funds_held: yes
effect    appeal_available: no
effect    auto_approved: yes
effect    evidence_type: photo_of_parcel
effect    sla_deadline: 2026-03-04T09:00:00+08:00
policy    mini 7 (HASH)
"""


def without_hash(text: str) -> str:
    return text.replace(load_pack(MINI).policy.content_hash[:12], "HASH")


def test_decide_prints_the_ruling_a_line_per_fact() -> None:
    result = reso("decide", write("case.yaml", CASE + NOW), "--policy", "rules/mini")
    assert (without_hash(result.stdout), result.stderr, result.exit_code) == (DECIDED, "", 0)


@pytest.mark.parametrize("text", [CASE + NOW, f"\ufeff{CASE}{NOW}"], ids=["plain", "with a BOM"])
def test_decide_reads_standard_input(text: str) -> None:
    result = reso("decide", "-", "-p", "rules/mini", stdin=text)
    assert without_hash(result.stdout) == DECIDED


def test_decide_reads_json_from_standard_input() -> None:
    case = {
        "claim": {"type": "damaged", "filed_at": "2026-03-02T09:00:00+08:00"},
        "order": {"currency": "SGD", "items_subtotal": 40, "total_paid": 45.5},
        "now": "2026-03-05T09:00:00+08:00",
    }
    result = reso("decide", "-", "-p", "rules/mini", stdin=json.dumps(case))
    assert without_hash(result.stdout) == DECIDED


def test_decide_at_another_instant() -> None:
    case = write("case.yaml", CASE + NOW)
    result = reso("decide", case, "-p", "rules/mini", "--at", "2026-03-03T09:00+08:00")
    assert result.stdout.splitlines()[:4] == [
        "There is no decision yet: we are waiting for the seller until 4 Mar 2026 09:00 UTC+08:00 "
        "(in 24 hours).",
        "",
        "decision  wait",
        "deadline  2026-03-04T09:00:00+08:00",
    ]


def test_decide_as_json_parses_and_holds_no_markup() -> None:
    result = reso("decide", write("case.yaml", CASE + NOW), "-p", "rules/mini", "--json")
    data = json.loads(result.stdout)
    assert (data["decision"], data["amount"], data["policy"]["name"]) == (
        "refund_full",
        "45.50",
        "mini",
    )
    assert "\x1b" not in result.stdout
    assert "[bold" not in result.stdout


def test_what_may_surprise_is_noted_beside_the_ruling() -> None:
    late = 'tracking: [{at: "2026-03-06T09:00:00+08:00", event: delivered}]\n'
    result = reso("decide", write("case.yaml", CASE + NOW + late), "-p", "rules/mini")
    assert result.stderr == "note: tracking[0]: dated after `now`, so not known yet.\n"
    assert result.exit_code == 0


# -- bad input ------------------------------------------------------------------------------

FORM = "A case file is a mapping of sections."


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param(
            "broken.yaml",
            "claim: {type: broken\n  foo: [\n",
            "broken.yaml:2:6: not readable as YAML: expected ',' or '}', but got ':'",
            id="broken YAML",
        ),
        pytest.param(
            "broken.json",
            '{"claim": {"type": "broken"',
            "broken.json:1:28: not readable as JSON: Expecting ',' delimiter",
            id="broken JSON",
        ),
        pytest.param(
            "binary.yaml",
            b"\x00\x01\xff\xfe",
            "binary.yaml:1: byte 0xff is not UTF-8. Save the file as UTF-8.",
            id="binary",
        ),
        pytest.param("empty.yaml", "", f"empty.yaml: is empty. {FORM}", id="empty"),
        pytest.param("list.yaml", "- a\n", f"list.yaml: holds a list. {FORM}", id="a list"),
        pytest.param(
            "unknown.yaml",
            f"clam: {{type: damaged}}\norder: {{currency: SGD, total_payd: 3}}\n{NOW}",
            "unknown.yaml: clam: unknown field. Did you mean `claim`?\n"
            "unknown.yaml: order.total_payd: unknown field. Did you mean `order.total_paid`?",
            id="unknown fields",
        ),
        pytest.param(
            "offset.yaml",
            'claim: {type: damaged, filed_at: "2026-03-02T09:00:00"}\n' + NOW,
            "offset.yaml: claim.filed_at: `2026-03-02T09:00:00` has no UTC offset. Write the "
            "instant like 2026-04-16T10:00+07:00.",
            id="instant without an offset",
        ),
        pytest.param(
            "currency.yaml",
            f"order: {{currency: IDR}}\n{NOW}",
            "currency.yaml: order.currency: the case is in IDR, the policy rules in SGD",
            id="other currency",
        ),
        pytest.param(
            "now.yaml",
            CASE,
            "now.yaml: the case has no `now`, so it is not clear when the ruling is asked. Write "
            "`now:` in it, or add --at 2026-04-16T10:00+07:00.",
            id="no instant",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["decide", "explain"])
def test_bad_input_ends_in_a_message(verb: str, name: str, text: str | bytes, message: str) -> None:
    result = reso(verb, write(name, text), "--policy", "rules/mini")
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"{message}\n", 2)


def test_a_missing_file_and_a_folder_end_in_a_message() -> None:
    missing = reso("decide", "nowhere.yaml", "-p", "rules/mini")
    hint = "Check the path."
    assert missing.stderr == (f"nowhere.yaml: cannot be read (No such file or directory). {hint}\n")
    folder = reso("decide", "rules", "-p", "rules/mini")
    assert folder.stderr == f"rules: cannot be read (Is a directory). {hint}\n"
    assert (missing.exit_code, folder.exit_code) == (2, 2)


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        pytest.param("", f"standard input: is empty. {FORM}", id="empty"),
        pytest.param(
            b"a: 1\nb: \xff\n",
            "standard input:2: byte 0xff is not UTF-8. Send it as UTF-8.",
            id="binary",
        ),
    ],
)
def test_bad_standard_input_ends_in_a_message(stdin: str | bytes, message: str) -> None:
    result = reso("decide", "-", "-p", "rules/mini", stdin=stdin)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"{message}\n", 2)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        pytest.param(
            "2026-03-03T09:00",
            "--at: `2026-03-03T09:00` has no UTC offset. Write the instant like "
            "2026-04-16T10:00+07:00.",
            id="no offset",
        ),
        pytest.param(
            "yesterday",
            "--at: `yesterday` is not an instant. Write it like 2026-04-16T10:00+07:00.",
            id="no instant",
        ),
    ],
)
def test_an_instant_that_is_none_is_refused(at: str, message: str) -> None:
    result = reso("decide", write("case.yaml", CASE), "-p", "rules/mini", "--at", at)
    assert (result.stderr, result.exit_code) == (f"{message}\n", 2)


# -- one case of many -----------------------------------------------------------------------


def scenarios(*ids: str, expect: str = "{decision: refund_full}") -> str:
    given = "".join(f"      {line}\n" for line in (CASE + NOW).splitlines())
    return "cases:\n" + "".join(
        f"  - id: {id_}\n    platform: mini\n    given:\n{given}    expect: {expect}\n"
        for id_ in ids
    )


def test_one_case_of_a_scenario_file_is_chosen_by_its_id() -> None:
    file = write("many.yaml", scenarios("A-1", "A-2"))
    chosen = reso("decide", file, "--id", "A-2", "-p", "rules/mini")
    assert without_hash(chosen.stdout) == DECIDED


def test_the_only_case_of_a_scenario_file_needs_no_id() -> None:
    chosen = reso("decide", write("one.yaml", scenarios("A-1")), "-p", "rules/mini")
    assert without_hash(chosen.stdout) == DECIDED


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        pytest.param(
            scenarios("A-1", "A-2"),
            [],
            "many.yaml: holds 2 cases. Choose one with --id: A-1, A-2.",
            id="no id",
        ),
        pytest.param(
            scenarios("A-1", "A-2"),
            ["--id", "A-3"],
            "many.yaml: there is no case `A-3` in it. Did you mean `A-2`?",
            id="unknown id",
        ),
        pytest.param(
            scenarios(*(f"A-{n}" for n in range(10))),
            ["--id", "zzz"],
            "many.yaml: there is no case `zzz` in it. Known: A-0, A-1, A-2, A-3, A-4, A-5, A-6, "
            "A-7 and 2 more.",
            id="id like no other",
        ),
        pytest.param(
            CASE + NOW,
            ["--id", "A-1"],
            "many.yaml: this is one case, not a list of `cases`. Leave out --id.",
            id="id of a lone case",
        ),
        pytest.param(
            "cases: []\n",
            [],
            "many.yaml: there is no case in its list of `cases`. Write one.",
            id="no cases",
        ),
        pytest.param(
            "cases: [{id: A-1}]\n",
            [],
            "many.yaml: A-1: the case has no `given`. Write it.",
            id="no given",
        ),
    ],
)
def test_a_case_that_cannot_be_chosen(text: str, args: list[str], message: str) -> None:
    result = reso("decide", write("many.yaml", text), "-p", "rules/mini", *args)
    assert (result.stderr, result.exit_code) == (f"{message}\n", 2)


# -- explain --------------------------------------------------------------------------------


def test_explain_speaks_both_languages_unless_told_otherwise() -> None:
    case = write("case.yaml", CASE + NOW)
    both = reso("explain", case, "-p", "rules/mini").stdout
    indonesian = reso("explain", case, "-p", "rules/mini", "--lang", "id").stdout
    english = reso("explain", case, "-p", "rules/mini", "--lang", "en").stdout
    assert indonesian.startswith(
        "Pembeli mendapat seluruh uangnya kembali: SGD 45,50.\n\nMengapa\n"
    )
    assert english.startswith("The buyer gets all the money back: SGD 45.50.\n\nWhy\n")
    assert both == f"== Bahasa Indonesia ==\n{indonesian}\n== English ==\n{english}"


def test_explain_says_what_follows_if_nothing_happens() -> None:
    case = write("case.yaml", CASE)
    told = reso(
        "explain", case, "-p", "rules/mini", "--at", "2026-03-02T12:00+08:00", "--lang", "en"
    )
    assert (
        "- If nothing new happens until 4 Mar 2026 09:00 UTC+08:00 (in 45 hours): The buyer gets "
        "all the money back: SGD 45.50.\n"
    ) in told.stdout


# -- policies -------------------------------------------------------------------------------


def broken_pack() -> str:
    folder = Path("rules", "broken")
    folder.mkdir()
    for file in MINI.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "more.yaml").write_text(
        "for: request\nrules:\n"
        "  free:\n    when: clam.type is known\n    conclude: refund\n"
        "  dear:\n    when: prise is known\n    conclude: refund\n",
        encoding="utf-8",
    )
    return str(folder)


PROBLEMS = """\
rules/broken/more.yaml:4:11: unknown name `clam.type`. Did you mean `claim.type`? [unknown-name]
        when: clam.type is known
              ^^^^^^^^^
rules/broken/more.yaml:7:11: unknown name `prise`. Did you mean `price`? [unknown-name]
        when: prise is known
              ^^^^^
"""


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["decide", "case.yaml", "-p"], id="decide"),
        pytest.param(["explain", "case.yaml", "-p"], id="explain"),
        pytest.param(["test", "--cases", "case.yaml"], id="test"),
    ],
)
def test_a_policy_with_problems_cannot_be_loaded(args: list[str]) -> None:
    write("case.yaml", CASE + NOW)
    result = reso(*args, broken_pack())
    last = "rules/broken: 2 problems; mend them before the policy is used.\n"
    assert (result.stdout, result.stderr, result.exit_code) == ("", PROBLEMS + last, 3)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        pytest.param(
            "nowhere", "nowhere: no such folder. Name the folder of a policy pack.", id="missing"
        ),
        pytest.param("rules", "rules: no policy file (*.yaml) in it", id="no policy in it"),
    ],
)
def test_a_folder_without_a_policy_cannot_be_loaded(policy: str, message: str) -> None:
    result = reso("decide", write("case.yaml", CASE + NOW), "-p", policy)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"{message}\n", 3)


def test_check_shows_every_problem_in_its_line_and_counts() -> None:
    result = reso("check", "--no-cases", "rules/mini", broken_pack())
    good = "rules/mini: no problems (mini 7: 19 rules and bars, 5 questions)\n"
    assert result.stdout == f"{good}{PROBLEMS}rules/broken: 2 problems\n"
    assert (result.stderr, result.exit_code) == ("", 1)


def test_check_of_a_good_pack_ends_well() -> None:
    assert reso("check", "rules/mini").exit_code == 0


def test_check_as_json() -> None:
    result = reso("check", "--no-cases", "rules/mini", broken_pack(), "--json")
    data = json.loads(result.stdout)
    assert (data["problems"], result.exit_code) == (2, 1)
    good, bad = data["packs"]
    assert (good["policy"], good["version"], good["problems"]) == ("mini", "7", [])
    assert bad["policy"] is None
    assert bad["problems"][0] == {
        "file": "rules/broken/more.yaml",
        "line": 4,
        "column": 11,
        "severity": "error",
        "code": "unknown-name",
        "message": "unknown name `clam.type`",
        "hint": "Did you mean `claim.type`?",
        "excerpt": "    when: clam.type is known",
    }


@pytest.mark.parametrize(
    ("language", "told"),
    [
        pytest.param("en", "no such folder. Name the folder of a policy pack.", id="English"),
        pytest.param("id", "folder ini tidak ada. Sebutkan folder sebuah paket kebijakan.",
                     id="Indonesian"),
    ],
)  # fmt: skip
def test_check_of_no_folder_is_bad_input(language: str, told: str) -> None:
    result = reso("check", "nowhere", "--lang", language)
    assert (result.stderr, result.exit_code) == (f"nowhere: {told}\n", 2)


IN_INDONESIAN = """\
rules/mini: tidak ada masalah (mini 7: 19 aturan dan penghalang, 5 pertanyaan)
rules/broken/more.yaml:4:11: nama `clam.type` tidak dikenal. Mungkin maksud Anda `claim.type`? [unknown-name]
        when: clam.type is known
              ^^^^^^^^^
rules/broken/more.yaml:7:11: nama `prise` tidak dikenal. Mungkin maksud Anda `price`? [unknown-name]
        when: prise is known
              ^^^^^
rules/broken: 2 masalah
"""  # noqa: E501


def test_check_speaks_the_language_it_is_asked_for() -> None:
    result = reso("check", "--no-cases", "rules/mini", broken_pack(), "--lang", "id")
    assert (result.stdout, result.stderr, result.exit_code) == (IN_INDONESIAN, "", 1)


def test_check_speaks_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESO_LANG", "id")
    assert reso("check", "--no-cases", "rules/mini", broken_pack()).stdout == IN_INDONESIAN


def test_check_as_json_in_indonesian() -> None:
    result = reso("check", broken_pack(), "--json", "--lang", "id")
    problem = json.loads(result.stdout)["packs"][0]["problems"][0]
    assert problem["code"] == "unknown-name"
    assert problem["message"] == "nama `clam.type` tidak dikenal"
    assert problem["hint"] == "Mungkin maksud Anda `claim.type`?"


# -- help -----------------------------------------------------------------------------------


def test_help_shows_the_page_of_a_code() -> None:
    result = reso("help", "fraction-without-unit")
    assert result.exit_code == 0
    assert (
        result.stdout
        == """\
fraction-without-unit

`…` has a fraction. Add a unit: `15%`, `1.5 USD`.

Numbers without a unit count something, so they are whole.

Wrong:

    parameters:
      share: 0.5

Mended:

    parameters:
      share: 50%
"""
    )


def test_help_shows_the_page_in_indonesian() -> None:
    shown = reso("help", "fraction-without-unit", "--lang", "id").stdout
    assert shown.splitlines()[2:6] == [
        "`…` punya pecahan. Tambahkan satuan: `15%`, `1.5 USD`.",
        "",
        "Angka tanpa satuan menghitung sesuatu, jadi bulat.",
        "",
    ]


def test_help_lists_every_code() -> None:
    lines = reso("help").stdout.splitlines()
    listed = [line.split()[0] for line in lines if line and not line.startswith("==")]
    assert listed == list(kinds())


@pytest.mark.parametrize(
    ("args", "told"),
    [
        pytest.param(["unknwn-name"],
            "unknwn-name: no problem has this code. Did you mean `unknown-name`?", id="nearest"),
        pytest.param(["zzz"],
            "zzz: no problem has this code. `reso help` lists all of them.", id="none is near"),
        pytest.param(["zzz", "--lang", "id"],
            "zzz: tidak ada masalah dengan kode ini. `reso help` menampilkan semuanya.",
            id="in Indonesian"),
    ],
)  # fmt: skip
def test_help_on_an_unknown_code_names_the_nearest(args: list[str], told: str) -> None:
    result = reso("help", *args)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"{told}\n", 2)


# -- test -----------------------------------------------------------------------------------

PASSED = """\
check     as expected  of
decision  2            2
amount    1            1
payee     1            1
reasons   1            1
deadline  1            1
also      2            2

2 passed, 0 failed
"""


def test_test_runs_the_packs_own_cases() -> None:
    result = reso("test", "rules/mini")
    assert (result.stdout, result.stderr, result.exit_code) == (PASSED, "", 0)


MIXED = (
    scenarios("T-1", "T-2", expect="{decision: refund_full, amount: 40}").replace(
        "amount: 40}", "also: {case_closed: true}}", 1
    )
    + scenarios(
        "T-3",
        expect="{decision: refund_full, legs: [{payer: seller}], never: "
        "[{outcome: he is scolded}]}",
    ).removeprefix("cases:\n")
    + scenarios("T-4").removeprefix("cases:\n").replace("mini", "bazaar")
)

FAILED = """\
FAIL T-2  mixed.yaml:9
  amount: expected 40, got 45.50
  The buyer gets all the money back: SGD 45.50.
  because: The seller agreed, or was silent for 48 hours, by 4 Mar 2026 09:00 UTC+08:00 \
(24 hours ago), and the price of SGD 40.00 is not above SGD 50.00.

check     as expected  of
decision  3            3
amount    0            1
legs      1            1
also      0            1

2 passed, 1 failed
1 skipped, of other platforms: bazaar 1
1 outcomes are for a reader to judge.
"""


def test_test_shows_expected_got_and_why() -> None:
    result = reso("test", "rules/mini", "--cases", write("mixed.yaml", MIXED))
    assert (result.stdout, result.stderr, result.exit_code) == (FAILED, "", 1)


def test_test_shows_passed_cases_when_asked() -> None:
    result = reso("test", "rules/mini", "--cases", write("mixed.yaml", MIXED), "--verbose")
    lines = result.stdout.splitlines()
    assert [line for line in lines if line[:4] in ("PASS", "FAIL")] == [
        "PASS T-1  mixed.yaml:2",
        "FAIL T-2  mixed.yaml:9",
        "PASS T-3  mixed.yaml:16",
    ]
    assert "  also.case_closed: expected true, got nothing" in lines
    assert "  for a reader: he is scolded" in lines


def test_test_as_json_and_junit() -> None:
    file = write("mixed.yaml", MIXED)
    result = reso("test", "rules/mini", "--cases", file, "--json", "--junit", "report.xml")
    data = json.loads(result.stdout)
    assert [(case["id"], case["passed"]) for case in data["cases"]] == [
        ("T-1", True),
        ("T-2", False),
        ("T-3", True),
    ]
    suite = ElementTree.parse("report.xml").find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), result.exit_code) == ("1", 1)


def test_a_case_that_cannot_be_run_is_bad_input_and_spoils_no_other() -> None:
    text = scenarios("T-1", expect="{decisoin: wait}") + scenarios("T-2").removeprefix("cases:\n")
    result = reso("test", "rules/mini", "--cases", write("cases.yaml", text))
    assert result.stdout == (
        "ERROR T-1  cases.yaml:2\n"
        "  cases.yaml:2: T-1: expect.decision: missing. Write it.\n"
        "  cases.yaml:2: T-1: expect.decisoin: unknown key. Did you mean `decision`?\n"
        "\n"
        "check     as expected  of\n"
        "decision  1            1\n"
        "\n"
        "1 passed, 0 failed, 1 could not be run\n"
    )
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["--cases", "nowhere.yaml"],
            "nowhere.yaml: cannot be read (No such file or directory). Check the path.",
            id="no such file",
        ),
        pytest.param(
            ["--cases", "case.yaml"],
            "case.yaml: there is no list of `cases` in it. A scenario file has `cases:`, a list of "
            "{id, platform, given, expect}.",
            id="no scenario file",
        ),
        pytest.param(
            ["--junit", "nowhere/report.xml"],
            "nowhere/report.xml: No such file or directory.",
            id="no place for the report",
        ),
    ],
)
def test_test_on_bad_input_ends_in_a_message(args: list[str], message: str) -> None:
    write("case.yaml", CASE + NOW)
    result = reso("test", "rules/mini", *args)
    assert (result.stdout, result.stderr, result.exit_code) == ("", f"{message}\n", 2)


def test_a_pack_without_cases_is_told_so() -> None:
    Path("rules", "mini").unlink()
    folder = Path("rules", "lone")
    folder.mkdir()
    for file in MINI.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    result = reso("test", "rules/lone")
    assert result.stderr == (
        "rules/lone/cases: no scenario file (*.yaml) in it. Name some with --cases FILE.\n"
    )
    assert result.exit_code == 2


# -- demo -----------------------------------------------------------------------------------


def clone(*cases: str) -> Path:
    Path("fixtures", "cases").mkdir(parents=True)
    text = scenarios("D-1").replace(
        "platform: mini", "platform: mini\n    title: Silence\n    story: He says nothing."
    )
    Path("fixtures", "cases", "silence.yaml").write_text(text, encoding="utf-8")
    inside = Path("docs", "deep")
    inside.mkdir(parents=True)
    return inside


def test_demo_decides_in_both_languages_from_any_folder_of_the_clone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(clone())
    result = reso("demo")
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "== 1 of 1: Silence ==",
        "He says nothing.",
        "fixtures/cases/silence.yaml, by rules/mini",
        "",
        "== Bahasa Indonesia ==",
        "Pembeli mendapat seluruh uangnya kembali: SGD 45,50.",
    ]
    assert "The buyer gets all the money back: SGD 45.50." in lines
    tail = lines[lines.index("== What to try next ==") + 1 :]
    assert [line.split("  ")[0] for line in tail] == [
        f"cd {tmp_path}",
        "reso explain fixtures/cases/silence.yaml --policy rules/mini",
        "reso decide fixtures/cases/silence.yaml --policy rules/mini --json",
        "reso test rules/mini",
        "reso check rules/mini",
        "(`reso` is .venv/bin/reso, unless the environment is active.)",
    ]
    assert (result.stderr, result.exit_code) == ("", 0)


def test_demo_works_outside_a_clone_by_the_one_it_runs_from() -> None:
    result = reso("demo")
    assert result.stdout.startswith("== 1 of ")
    assert f"cd {ROOT}\n" in result.stdout


def test_demo_with_a_pack_that_has_problems_cannot_be_shown() -> None:
    clone()
    broken_pack()
    file = Path("fixtures", "cases", "silence.yaml")
    file.write_text(file.read_text().replace("platform: mini", "platform: broken"))
    assert reso("demo").exit_code == 3


def test_the_shipped_demo_cases_come_out_as_they_say() -> None:
    platforms = {case.platform for file in FIXTURES for case in load_scenarios(file)}
    packs = [load_pack(ROOT / "rules" / platform) for platform in sorted(platforms)]
    report = run_cases(packs, FIXTURES)
    assert [result.failures for result in report.results] == [()] * len(report.results)
    decisions = {result.ruling.decision for result in report.results if result.ruling}
    assert decisions == {"refund_full", "wait", "request_evidence", "escalate"}


def test_the_shipped_demo_cases_state_origin_and_licence() -> None:
    heads = {file.read_text(encoding="utf-8").splitlines()[0] for file in FIXTURES}
    assert heads == {
        "# Invented for this project: no real person, shop or order. Licence: MIT, as the rest of "
        "Reso-bot."
    }


# -- usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(["decide"], "Error: Missing argument 'CASE'.", id="no case"),
        pytest.param(["decide", "x"], "Error: Missing option '--policy' / '-p'.", id="no policy"),
        pytest.param(
            ["decid"], "Error: No such command 'decid'. Did you mean 'decide'?", id="no such verb"
        ),
        pytest.param(["check"], "Error: Missing argument 'PACK'.", id="no pack"),
        pytest.param(
            ["check", "x", "--jsn"],
            "Error: No such option: --jsn (Possible options: --json)",
            id="no such option",
        ),
    ],
)
def test_bad_usage_says_what_is_missing(args: list[str], message: str) -> None:
    result = reso(*args)
    assert result.stderr.splitlines()[-1] == message
    assert result.exit_code == 2


@pytest.mark.parametrize("verb", ["", "decide", "explain", "test", "check", "demo"])
def test_help_has_examples_and_exit_codes(verb: str) -> None:
    result = reso(*[verb] if verb else [], "--help")
    assert "\n  Examples:\n    reso " in result.stdout
    assert "\n  Exit codes:\n    0    done: nothing is wrong, all cases passed\n" in result.stdout
    assert result.exit_code == 0


def test_the_version_is_that_of_the_package() -> None:
    assert reso("--version").stdout == "reso 0.1.0\n"


def test_every_verb_is_found_where_the_table_says() -> None:
    for module in set(VERBS.values()):
        host = typer.Typer()
        host.add_typer(import_module(module).verbs)
        held = typer.main.get_group(host).commands
        assert set(held) == {name for name, where in VERBS.items() if where == module}


def test_other_packages_add_verbs_by_entry_points() -> None:
    host = typer.Typer()
    entries = [
        EntryPoint("serve", "textwrap:dedent", "reso.commands"),
        EntryPoint("replay", "reso.cli.main:app", "reso.commands"),
    ]
    add_verbs(host, entries)
    assert [command.name for command in host.registered_commands] == ["serve"]
    assert [group.name for group in host.registered_groups] == ["replay"]


# -- as a process ---------------------------------------------------------------------------


def test_a_process_reads_standard_input_and_prints_plain_text() -> None:
    done = run("decide", "-", "-p", "rules/mini", stdin=(CASE + NOW).encode())
    assert without_hash(done.stdout.decode()) == DECIDED
    assert (done.stderr, done.returncode) == (b"", 0)


def test_bad_input_shows_no_traceback() -> None:
    done = run("decide", "-", "-p", "rules/mini", stdin=b"\xff")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert done.stderr == b"standard input:1: byte 0xff is not UTF-8. Send it as UTF-8.\n"


def test_output_that_cannot_hold_a_letter_is_no_error() -> None:
    case = CASE.replace("SGD", '"S\u00e9D"') + NOW
    done = run("decide", "-", "-p", "rules/mini", stdin=case.encode(), PYTHONIOENCODING="ascii")
    assert done.stderr.decode() == (
        "standard input: order.currency: `S\u00e9D`: no such currency. "
        "Write its ISO 4217 code, such as `IDR`.\n"
    )
    assert done.returncode == 2


def test_json_stays_json_where_the_output_is_not_utf_8() -> None:
    folder = Path("rules", "accented")
    folder.mkdir()
    for file in MINI.glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace(
            "the wrong goods came", "the caf\u00e9 came"
        )
        (folder / file.name).write_text(text, encoding="utf-8")
    case = (CASE + NOW).replace("damaged", "wrong_item").encode()
    done = run("decide", "-", "-p", str(folder), "--json", stdin=case, PYTHONIOENCODING="latin-1")
    assert json.loads(done.stdout)["reasons"][0]["text"]["en"] == "The caf\u00e9 came."


MORE_THAN_A_PIPE_HOLDS = 1_000_000


def test_ctrl_c_ends_with_one_line() -> None:
    process = subprocess.Popen(
        [RESO, "decide", "-", "-p", "rules/mini"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_ctrl_c,
    )
    assert process.stdin is not None
    process.stdin.write(b"#" * MORE_THAN_A_PIPE_HOLDS)  # returns once the other end reads
    process.stdin.flush()
    assert _interrupted(process) == 130
    assert process.communicate() == (b"", b"Stopped.\n")


def _hear_ctrl_c() -> None:
    """A process started by one in the background would not: it inherits that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupted(process: subprocess.Popen[bytes]) -> int:
    """Press Ctrl-C until a process ends: Python overlooks it between two reads."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=1)
    process.kill()
    return process.wait()


def test_a_reader_who_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [RESO, "check", *["rules/mini"] * 3], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141
    process.stderr.close()


def on_a_terminal(args: Sequence[str], **environment: str) -> str:
    """Return what a command prints on a terminal."""
    ours, its = pty.openpty()
    inherited = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR")}
    process = subprocess.Popen(
        [RESO, *args],
        stdout=its,
        env={**inherited, "TERM": "xterm", "COLUMNS": "100", **environment},
    )
    os.close(its)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return shown.decode()


def test_a_terminal_gets_colours_and_tables_unless_it_wants_none() -> None:
    args = ["test", "rules/mini"]
    shown = on_a_terminal(args)
    assert "\x1b[1;32m2 passed, 0 failed" in shown
    assert "\u2500\u2500\u2500" in shown
    colourless = on_a_terminal(args, NO_COLOR="1")
    assert "\x1b[1;32m" not in colourless
    assert "2 passed, 0 failed" in colourless
