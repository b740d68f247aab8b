"""The table of all packs: made from the policies, whole, and equal to the page in the docs."""

import os
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cli import app
from reso.cli.packs import packs_in
from reso.policy.loader import load_policy
from reso.policy.model import OUTCOME, Policy
from reso.study.pack_uses import PackUses
from reso.study.packs_table import Theme, markdown, themes
from tests.shipped import policy_of
from tests.strategies.small_packs import HEADER, OTHERWISE, write_pack

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "packs.md"
NAMES = [folder.name for folder in packs_in(ROOT / "rules")]


@cache
def shipped() -> tuple[Policy, ...]:
    return tuple(map(policy_of, NAMES))


@cache
def tables() -> dict[str, Theme]:
    return {theme.title: theme for theme in themes(shipped())}


def rows(title: str, pack: str) -> list[tuple[str, ...]]:
    """Return the rows of a pack in a theme, each with its sources as the last cell."""
    found = dict(tables()[title].rows)[pack]
    return [(*row.cells, ", ".join(row.sources)) for row in found]


def test_the_page_is_the_one_made_today_and_is_renewed_with_reso_golden() -> None:
    made = markdown(shipped())
    if os.environ.get("RESO_GOLDEN") == "renew":
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("name", NAMES)
def test_every_question_and_parameter_and_matter_of_a_pack_stands_in_some_row(name: str) -> None:
    told = " ".join(
        cell for theme in tables().values() for row in dict(theme.rows)[name] for cell in row.cells
    )
    pack = policy_of(name)
    questions = {question.name for question in pack.questions if f"`{question.name}`" not in told}
    parameters = {
        one.name
        for one in PackUses(pack).parameters()
        if f"`{one.name}`" not in told and one.name.replace("_", " ") not in told
    }
    lengths = [question.lasts for question in pack.questions if question.lasts is not None]
    lasting = {one.name for node in lengths for one in PackUses(pack).times(node)}
    matters = {m for m in pack.matters() if m != OUTCOME and m.replace("_", " ") not in told}
    assert (questions, parameters - lasting, matters) == (set(), set(), set())


@pytest.mark.parametrize("name", NAMES)
def test_a_question_stands_in_one_table_only(name: str) -> None:
    cells = [
        row.cells[0]
        for theme in tables().values()
        if theme.columns[0] == "question"
        for row in dict(theme.rows)[name]
    ]
    names = [cell.rpartition(" `")[2].rstrip("`") for cell in cells]
    assert sorted(names) == sorted(question.name for question in policy_of(name).questions)


@pytest.mark.parametrize("name", NAMES)
def test_every_source_a_row_cites_stands_in_the_list_with_its_address(name: str) -> None:
    listed = markdown([policy_of(name)]).partition("## Sources")[2]
    addresses = {source.id: source.address for source in policy_of(name).sources}
    cited = {
        source
        for theme in themes([policy_of(name)])
        for _, found in theme.rows
        for row in found
        for source in row.sources
    }
    assert cited
    for source in cited:
        assert f"- **{source}** ({name}): " in listed
        assert addresses[source] in listed


ROWS = [
    pytest.param(
        "When a claim may be filed",
        "lazada_sg_drtm",
        (
            "buyer window `buyer_window`",
            "at latest",
            "mall: 30 calendar days; otherwise: 7 calendar days",
            "request",
            "LZD-8",
        ),
        id="a time held against the claim is a time to complain",
    ),
    pytest.param(
        "What the seller is asked",
        "shopee_id",
        (
            "Does the seller approve this request? `seller_answer`",
            "3 calendar days",
            "no answer → as requested / refund",
            "SHP-3",
        ),
        id="silence is told with what rules conclude of it",
    ),
    pytest.param(
        "Returns and replacements",
        "lazada_sg_drtm",
        (
            "Is the returned parcel in order? `inspected`",
            "the seller",
            "2 business days",
            "in order → refund",
            "LZD-3",
        ),
        id="a step tells where its silence leads",
    ),
    pytest.param(
        "Appeals",
        "ebay_us",
        (
            "How does eBay answer this appeal? `inner_appeal_answer`",
            "a person",
            "48 hours",
            "no ruling yet",
            "EBY-13",
        ),
        id="an appeal inside a decided claim is an appeal",
    ),
    pytest.param(
        "Who pays, who is at fault",
        "mercado_libre_ar",
        ("return shipping payer", "platform", "label is free", "MLB-1"),
        id="who pays the way back",
    ),
    pytest.param(
        "Amounts and shares",
        "etsy",
        (
            "programme limit `programme_limit`",
            "before 2023-11-01: $250.00; from 2023-11-01: $500.00; from 2024-01-01: $250.00",
            "etsy bears",
            "ETS-3, ETS-7",
        ),
        id="a dated amount",
    ),
]


@pytest.mark.parametrize(("title", "pack", "row"), ROWS)
def test_a_row_says_what_the_pack_says(title: str, pack: str, row: tuple[str, ...]) -> None:
    assert row in rows(title, pack)


def test_a_number_changed_in_a_pack_changes_its_cell(tmp_path: Path) -> None:
    sections = """\
parameters:
  seller_time: 48 hours
questions:
  answer:
    to: seller
    asks: {id: "Setuju?", en: "Does the seller agree?"}
    lasts: seller_time
    answers: {approve: approve, reject: reject}
    silence_means: approve
rules:
  agreed: {when: answer is approve, conclude: release_to_seller}
  refused: {when: answer is reject, conclude: deny}
"""
    told = []
    for hours in ("48", "72"):
        text = HEADER + sections.replace("48", hours) + OTHERWISE
        folder = write_pack(tmp_path / hours, [("policy.yaml", text)])
        told.append(markdown([load_policy(folder)]))
    line = "| Does the seller agree? `answer` | {} hours | approved → money to the seller |"
    assert line.format(48) in told[0]
    assert told[1] == told[0].replace("48 hours", "72 hours")


def test_compare_packs_prints_some_packs_or_writes_the_page(tmp_path: Path) -> None:
    pack, page = str(ROOT / "rules" / "lost_parcel_only"), tmp_path / "page.md"
    printed = CliRunner().invoke(app, ["compare-packs", pack])
    written = CliRunner().invoke(app, ["compare-packs", pack, "--write", str(page)])
    assert printed.stdout == markdown([policy_of("lost_parcel_only")])
    assert page.read_text(encoding="utf-8") == printed.stdout
    assert written.stdout == f"Wrote {page}.\n"


def test_compare_packs_without_a_folder_of_packs_says_what_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["compare-packs"])
    said = "rules: no policy pack in it. Name some: reso compare-packs PACK.\n"
    assert (result.stderr, result.exit_code) == (said, 2)
