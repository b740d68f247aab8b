"""The modelines and schemas in the YAML language server that editors use.

Needs node and npm, which install the server into a folder of their own; without them these tests
are skipped, and say so. RESO_YAML_LANGUAGE_SERVER names a folder that has it already.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.study.language_server import Editor

RULES = Path(__file__).parents[2] / "rules"
SERVER = Path("node_modules", "yaml-language-server", "bin", "yaml-language-server")
POLICY_LINE = "# yaml-language-server: $schema=../.schema/policy.json\n"
CASES_LINE = "# yaml-language-server: $schema=../../.schema/cases.json\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the server into a folder of its own."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not on this machine")
    home = Path(os.environ.get("RESO_YAML_LANGUAGE_SERVER", "")).absolute()
    if not (home / SERVER).is_file():
        home = tmp_path_factory.mktemp("server")
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "yaml-language-server@1.25.0"],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            pytest.skip(f"npm could not install yaml-language-server: {done.stderr[-300:]}")
    return home / SERVER


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what ships; editors see files on disk."""
    folder = tmp_path_factory.mktemp("clone") / "rules"
    shutil.copytree(RULES, folder)
    return folder


@pytest.fixture(scope="module")
def editor(server: Path) -> Iterator[Editor]:
    with Editor(server) as editor:
        yield editor


@pytest.mark.parametrize(
    "file",
    [path.relative_to(RULES) for path in sorted(RULES.rglob("*.yaml"))],
    ids=str,
)
def test_nothing_is_wrong_in_a_shipped_file(editor: Editor, rules: Path, file: Path) -> None:
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert editor.problems(path, text) == []
    broken = path.with_name(f"broken_{path.name}")  # its schema is really read
    assert editor.problems(broken, f"{text}\nruels: 3\n") == ["Property ruels is not allowed."]


GAP = " "  # what the cursor stands behind
QUESTION = f"""\
{POLICY_LINE}questions:
  answer:
    to: seller
   {GAP}
    lasts: 48 hours
"""


def test_a_question_offers_its_words(editor: Editor, rules: Path) -> None:
    path = rules / "tokopedia_shop" / "new_question.yaml"
    editor.problems(path, QUESTION)
    offered = editor.offered(path, 4, 4)
    assert {"silence_means", "asks", "answers", "paused_by"} <= set(offered)
    assert "conclude" not in offered
    assert editor.offered(path, 3, 8)[:2] == ["buyer", "seller"]


@pytest.mark.parametrize(
    ("line", "character", "text"),
    [
        pytest.param(1, 3, "What is not known yet", id="a section"),
        pytest.param(3, 5, "Whom the question is put to", id="a word"),
        pytest.param(5, 6, "How long there is to answer", id="another word"),
    ],
)
def test_a_word_of_a_policy_is_told_on_hover(
    editor: Editor, rules: Path, line: int, character: int, text: str
) -> None:
    path = rules / "tokopedia_shop" / "hovered.yaml"
    editor.problems(path, QUESTION)
    assert text in editor.told(path, line, character)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("questions:\n  a:\n    lsts: 48 hours\n", "lsts", id="a word of questions"),
        pytest.param("ruels: {}\n", "ruels", id="a section"),
        pytest.param(
            "rules:\n  a: {when: b, conclude: refund, befor: c}\n", "befor", id="a word of rules"
        ),
        pytest.param(
            "overlays:\n  - {parameter: a, from: 2026-01-01, until: 2026-01-02, value: 1}\n",
            "reach",
            id="a word that is needed",
        ),
    ],
)
def test_what_is_wrong_in_a_policy_is_underlined(
    editor: Editor, rules: Path, text: str, said: str
) -> None:
    path = rules / "tokopedia_shop" / f"{said}.yaml"
    problems = editor.problems(path, POLICY_LINE + text)
    assert any(said in problem for problem in problems), problems


CASE = f"""\
{CASES_LINE}cases:
  - id: A
    given:
      claim: {{type: broken}}
      shipping:
        courier: antar_cepat
       {GAP}
    expect:
      decision:{GAP}
"""


def test_a_case_offers_facts_and_decisions(editor: Editor, rules: Path) -> None:
    path = rules / "tokopedia_shop" / "cases" / "offered.yaml"
    editor.problems(path, CASE)
    assert {"shipped_at", "service", "insured"} <= set(editor.offered(path, 7, 8))
    assert {"refund_full", "wait", "escalate"} <= set(editor.offered(path, 9, 16))


def test_a_fact_is_told_on_hover(editor: Editor, rules: Path) -> None:
    path = rules / "tokopedia_shop" / "cases" / "told.yaml"
    editor.problems(path, CASE)
    assert "The courier who carries the parcel" in editor.told(path, 6, 10)


def test_what_no_case_holds_is_underlined(editor: Editor, rules: Path) -> None:
    path = rules / "tokopedia_shop" / "cases" / "wrong.yaml"
    problems = editor.problems(path, CASE.replace("courier:", "kurir:"))
    assert any("kurir" in problem for problem in problems), problems
