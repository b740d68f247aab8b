"""The catalogue of problems: its codes are those of the code, its pages tell the truth."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from reso.policy.document import read_document
from reso.policy.problems import Problem
from reso.problems.catalogue import (
    LANGUAGES,
    THEMES,
    Kind,
    Severity,
    Texts,
    kinds,
    phrases,
    render,
)
from reso.problems.pages import INDEX, by_theme, example_files, markdown_pages
from reso.problems.said import did_you_mean, said
from tests.policy.golden import FOLDER, renewing
from tests.strategies.small_packs import HEADER, OTHERWISE, found_in, said_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs/problems"
PAGES = markdown_pages()
KINDS = [pytest.param(kind, id=kind.code) for kind in kinds().values()]
SHOWN = [pytest.param(kind, id=kind.code) for kind in kinds().values() if kind.wrong]
TEXTS = [
    *((code, texts) for code, texts in phrases().items()),
    *((kind.code, kind.says) for kind in kinds().values()),
    *((f"{kind.code}: hint", kind.hint) for kind in kinds().values() if kind.hint),
]
TELLING = {"problem", "_problem", "_overlap", "_flaw", "said", "remark", "_never"}
"""The functions that are called with a code."""


# -- codes ----------------------------------------------------------------------------------


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of the library."""
    for path in sorted((ROOT / "reso").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def words_of_the_code() -> tuple[set[str], set[str]]:
    """Return every text written in the library, and the beginnings of those that are composed."""
    whole: set[str] = set()
    begun: set[str] = set()
    for node in (node for _, tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            begun.add(str(node.values[0].value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole.add(node.value)
    return whole, {start for start in begun if re.fullmatch(r"[a-z]+-", start)}


def codes_told() -> set[str]:
    """Return the codes that stand in calls of what records or makes a text."""
    telling = (tree for path, tree in trees() if _tells_problems(path))
    nodes = (node for tree in telling for node in ast.walk(tree))
    calls = (node for node in nodes if isinstance(node, ast.Call))
    named = ((call, getattr(call.func, "attr", getattr(call.func, "id", ""))) for call in calls)
    given = (argument for call, name in named if name in TELLING for argument in call.args[:2])
    texts = (arg.value for arg in given if isinstance(arg, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def _tells_problems(path: Path) -> bool:
    """Whether a module speaks of problems by code; that of a case file has none."""
    return "policy" in path.parts or "reso.problems" in path.read_text(encoding="utf-8")


def test_every_code_of_the_catalogue_is_used() -> None:
    whole, begun = words_of_the_code()
    idle = {code for code in kinds() if code not in whole}
    idle |= {code for code in phrases() if code not in whole and not code.startswith(tuple(begun))}
    assert idle == set()


def test_every_code_used_is_in_the_catalogue() -> None:
    told = codes_told()
    assert len(told & kinds().keys()) > 100
    assert told - kinds().keys() - phrases().keys() == set()


def test_no_phrase_has_the_code_of_a_problem() -> None:
    assert kinds().keys() & phrases().keys() == set()


def test_every_theme_has_problems_and_every_code_one_theme() -> None:
    assert [theme for theme, found in by_theme() if found] == list(THEMES)
    assert [kind.code for _, found in by_theme() for kind in found] == list(kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_is_lower_case_words(kind: Kind) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.code)


# -- texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [pytest.param(texts, id=code) for code, texts in TEXTS if texts])
def test_both_languages_say_the_same_values(texts: Texts) -> None:
    assert list(texts) == [language for language in LANGUAGES if texts[language].strip()]
    assert _placeholders(texts["id"]) == _placeholders(texts["en"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_both_languages(kind: Kind) -> None:
    assert set(kind.says) == set(kind.means) == set(LANGUAGES)
    assert set(kind.hint) in (set(), set(LANGUAGES))
    assert bool(kind.wrong) == bool(kind.mended)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("value", "english", "indonesian"),
    [
        pytest.param("f", "f", "f", id="a name"),
        pytest.param(12_345, "12,345", "12.345", id="a number"),
        pytest.param(("a", "b"), "a, b", "a, b", id="names"),
        pytest.param((), "none", "tidak ada", id="no names"),
        pytest.param(said("type-money"), "an amount of money", "jumlah uang", id="a text"),
    ],
)
def test_a_value_is_said_in_the_language(value: object, english: str, indonesian: str) -> None:
    text = said("known-names", names=value)  # type: ignore[arg-type]
    assert render(text, "en") == f"Known: {english}."
    assert render(text, "id") == f"Yang dikenal: {indonesian}."


def test_nothing_is_meant_where_nothing_is_near() -> None:
    assert did_you_mean("zebra", ["order", "claim"]) is None


# -- examples -------------------------------------------------------------------------------


@cache
def problems_in(example: str, severity: Severity) -> list[Problem]:
    """Return what the checker finds in an example, on top of a sound header and `otherwise`.

    The example of an error may well be warned of; that of a warning shows nothing else.
    """
    (name, first), *others = example_files(example)
    if not re.search(r"^(policy|currency):", first, re.M):
        first = HEADER + first
    if not re.search(r"^otherwise:", example, re.M):
        first += OTHERWISE
    find = found_in if severity == "error" else said_of
    return find((name, first), *others)


@pytest.mark.parametrize("kind", SHOWN)
def test_the_wrong_example_has_just_this_problem(kind: Kind) -> None:
    assert {problem.code for problem in problems_in(kind.wrong, kind.severity)} == {kind.code}


@pytest.mark.parametrize("kind", SHOWN)
def test_the_mended_example_has_no_problem(kind: Kind) -> None:
    assert problems_in(kind.mended, kind.severity) == []


@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_leaves_no_placeholder_open(kind: Kind, language: str) -> None:
    for problem in problems_in(kind.wrong, kind.severity):
        assert problem.text(language).endswith((".", "?", "!"))  # type: ignore[arg-type]
        assert problem.line_of(language).endswith(f" [{kind.code}]")  # type: ignore[arg-type]


LONG = "x" * 4_001
OPERATORS = " + ".join(["1"] * 130)
WITHOUT_EXAMPLE = [
    pytest.param(
        b"#" * 4_000_001,
        "file of 4,000,001 bytes; at most 4,000,000. [file-too-large]",
        "berkas berukuran 4.000.001 byte; paling besar 4.000.000. [file-too-large]",
        id="file-too-large",
    ),
    pytest.param(
        b'notes: "caf\xe9"\n',
        "byte 0xe9 is not UTF-8. Save the file as UTF-8. [not-utf-8]",
        "byte 0xe9 bukan UTF-8. Simpan berkas sebagai UTF-8. [not-utf-8]",
        id="not-utf-8",
    ),
    pytest.param(
        f"findings: {{f: {LONG}}}\n".encode(),
        "expression of 4,001 characters; at most 4,000 are read. [expression-too-long]",
        "ekspresi sepanjang 4.001 karakter; paling banyak 4.000 yang dibaca. [expression-too-long]",
        id="expression-too-long",
    ),
    pytest.param(
        f"readings: {{r: {OPERATORS}}}\n".encode(),
        "more than 120 operators in a row. Split it. [too-many-operators]",
        "lebih dari 120 operator berturut-turut. Pecah menjadi bagian-bagian. [too-many-operators]",
        id="too-many-operators",
    ),
    pytest.param(
        f"sources: {{A: {{address: b, says: {{id: a, en: {LONG}}}}}}}\n".encode(),
        "text longer than 1,000 characters. [text-too-long]",
        "teks lebih panjang dari 1.000 karakter. [text-too-long]",
        id="text-too-long",
    ),
]


@pytest.mark.parametrize(("text", "english", "indonesian"), WITHOUT_EXAMPLE)
def test_what_no_page_can_show_is_told(text: bytes, english: str, indonesian: str) -> None:
    (problem,) = found_in(("policy.yaml", HEADER + OTHERWISE), ("more.yaml", text))
    assert problem.line_of("en").partition(": ")[2] == english
    assert problem.line_of("id").partition(": ")[2] == indonesian


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    (problem,) = read_document(tmp_path / "gone.yaml", "gone.yaml").problems
    assert problem.line_of("en") == (
        "gone.yaml:1:1: cannot be read: No such file or directory. [file-unreadable]"
    )
    assert problem.text("id") == "tidak dapat dibaca: No such file or directory."


def test_every_code_without_an_example_is_told_here() -> None:
    told = {str(param.id) for param in WITHOUT_EXAMPLE} | {"file-unreadable"}
    assert {kind.code for kind in kinds().values() if not kind.wrong} == told


def test_every_code_with_an_example_is_in_a_golden_file() -> None:
    golden = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt")))
    held = set(re.findall(r" \[([a-z0-9-]+)\]$", golden, re.M))
    assert {kind.code for kind in kinds().values() if kind.wrong} - held == set()


# -- docs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in PAGES])
def test_the_docs_say_what_the_catalogue_says(name: str) -> None:
    page = PAGES[name]
    if renewing():
        DOCS.mkdir(exist_ok=True)
        (DOCS / name).write_text(page, encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == page


def test_the_docs_have_no_page_of_a_code_that_is_gone() -> None:
    assert {path.name for path in DOCS.glob("*")} == set(PAGES)
    assert INDEX in PAGES
