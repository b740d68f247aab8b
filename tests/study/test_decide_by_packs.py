"""One case put to several packs: who would rule what, and which packs rule nothing, and why."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app

ROOT = Path(__file__).parents[2]
SILENT = str(ROOT / "fixtures" / "cases" / "1_silent_seller.yaml")
LAZADA, SHOPEE, BUKALAPAK = (
    str(ROOT / "rules" / name) for name in ("lazada_sg_drtm", "shopee_sg", "bukalapak")
)

TABLE = """\
pack            decision             amount     until  because
lazada_sg_drtm  full refund          SGD 33.89  -      The seller did not answer within \
2 business days, by 12 Mar 2026 20:15 UTC+08:00 (11 hours ago), and the price of SGD 32.40 is \
not above SGD 50.00. [silent_refund: LZD-1]
shopee_sg       return, then refund  SGD 33.89  -      The goods go back first. \
[return_granted: SHP-7]

No ruling by these packs:
bukalapak  the case is in SGD, the policy rules in IDR
"""
FORMS = [
    pytest.param(["-p", LAZADA, SHOPEE, BUKALAPAK], id="packs after one option, as rules/* gives"),
    pytest.param(["-p", LAZADA, "-p", SHOPEE, "--policy", BUKALAPAK], id="an option for each"),
    pytest.param(
        ["-p", LAZADA, SHOPEE, str(ROOT / "rules" / "shared"), BUKALAPAK],
        id="folders of shared parts drop out",
    ),
]


def decide(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["decide", *args], input=stdin)


@pytest.mark.parametrize("packs", FORMS)
def test_several_packs_give_a_table_of_who_would_rule_what(packs: list[str]) -> None:
    result = decide(SILENT, *packs)
    assert (result.stdout, result.stderr, result.exit_code) == (TABLE, "", 0)


def test_one_pack_among_shared_parts_is_told_as_one_pack_alone() -> None:
    alone = decide(SILENT, "-p", LAZADA)
    among = decide(SILENT, "-p", LAZADA, str(ROOT / "rules" / "shared"))
    assert alone.stdout == among.stdout
    assert alone.stdout.startswith("The buyer gets all the money back: SGD 33.89.\n")


def test_a_wait_says_until_when_and_for_what() -> None:
    early = ["--at", "2026-03-11T09:00+08:00"]
    row = decide(SILENT, "-p", LAZADA, BUKALAPAK, *early).stdout.splitlines()[1]
    assert row.startswith("lazada_sg_drtm  wait      -       12 Mar 2026 20:15 UTC+08:00  ")
    assert row.endswith("[seller_answer: LZD-1]")


def test_json_holds_the_whole_ruling_of_each_pack_or_why_there_is_none() -> None:
    told = json.loads(decide(SILENT, "-p", LAZADA, BUKALAPAK, "--json").stdout)
    lazada, bukalapak = told["packs"]
    assert (lazada["pack"], lazada["ruling"]["decision"]) == ("lazada_sg_drtm", "refund_full")
    assert lazada["because"].endswith("[silent_refund: LZD-1]")
    assert lazada["refused"] is None
    assert bukalapak["ruling"] is None
    assert bukalapak["refused"] == "the case is in SGD, the policy rules in IDR"


def test_a_case_no_pack_rules_on_is_input_that_cannot_be_used() -> None:
    result = decide(SILENT, "-p", BUKALAPAK, str(ROOT / "rules" / "shopee_id"))
    assert result.exit_code == 2
    assert result.stdout == (
        "No ruling by these packs:\n"
        "bukalapak  the case is in SGD, the policy rules in IDR\n"
        "shopee_id  the case is in SGD, the policy rules in IDR\n"
    )


def test_facts_no_pack_knows_are_told_for_each(tmp_path: Path) -> None:
    packs = []
    for name in ("one", "two"):
        folder = tmp_path / f"{name}_rules" / name
        folder.mkdir(parents=True)
        text = f"policy: {name}\ncurrency: SGD\ntime_zone: Asia/Singapore\notherwise: escalate\n"
        known = "inputs:\n  claim:\n    mood: {type: text}\n" if name == "one" else ""
        (folder / "policy.yaml").write_text(text + known, encoding="utf-8")
        packs.append(str(folder))
    case = '{"claim": {"mood": "sad"}, "now": "2026-03-12T09:00:00+08:00"}'
    result = decide("-", "-p", *packs, stdin=case)
    assert result.stdout.splitlines()[1].startswith("one   a person decides  -       -      ")
    assert "two  the case does not fit its facts: standard input: claim.mood: " in result.stdout
    assert result.exit_code == 0


def test_folders_without_a_pack_are_told() -> None:
    shared = str(ROOT / "rules" / "shared")
    result = decide(SILENT, "-p", shared, shared)
    said = "--policy: no policy pack among these. Name the folder of one.\n"
    assert (result.stderr, result.exit_code) == (said, 2)
