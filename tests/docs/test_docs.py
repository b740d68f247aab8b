"""The docs cannot lie: every block of them is run, every link and every name of a file exists.

A page is a story: its blocks run from top to bottom in one folder that holds copies of `rules`
and `fixtures`. What a block is, its info string says:

- `console`: commands after `$ `, then what they print; `exit=1` where they end so.
- `console no-run`: `make` and `git` commands, which only have to exist.
- `yaml policy`: sections of a policy, loaded on top of the page's (or `docs/language.md`'s) tiny
  pack; with `file=` they are written there instead; `wrong`: not before a console block has
  shown what is wrong with them.
- `yaml excerpt`: lines that stand just so in the file it names.
- `yaml case`, `yaml scenario`: a case file, a scenario file; `file=` writes it, too;
  `unanswered`: its cases do not say what should come out.
- `python`: runs; names live on to the next block of the page. `text output`: what it printed.
- `text`: is read only.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cases import load_scenarios
from reso.expressions.functions import FUNCTIONS
from reso.facts.reader import load_case_text, read_case_file
from reso.facts.table import installed_table
from reso.memo import kept_in
from reso.policy.loader import check_pack
from reso.policy.model import PARTIES, REMEDIES
from reso.policy.questions import STEP_WORDS
from reso.policy.rules import REFERENCES
from reso.policy.rules import WORDS as RULE_WORDS
from reso.policy.sections import HEADER, NAMED, OTHER
from tests.commands import whole_app
from tests.docs.blocks import ROOT, Block, agrees, blocks, commands, pages

PAGES = pages()
LONG = {"docs/comparing.md", "docs/generated-histories.md", "docs/replay.md", "docs/sweeps.md"}
"""Pages whose commands take long: they are run by the slow tests."""
TINY = Path("rules", "tiny", "policy.yaml")
KNOWN = {
    "console",
    "console no-run",
    "python",
    "text",
    "text output",
    "text layers",
    "yaml case",
    "yaml excerpt",
    "yaml policy",
    "yaml policy wrong",
    "yaml scenario",
    "yaml scenario unanswered",
}
ONLY_READ = {"console no-run", "text", "text layers"}
MAKE_TARGETS = set(
    re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
)
GIT_VERBS = {"clone", "switch", "add", "commit", "push"}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FILE_NAME = re.compile(
    r"`((?:reso|simulations|rules|tests|docs|fixtures|benchmarks)/[\w./-]+|[A-Z][A-Z]+\.md|[\w.-]+\.toml)`"
)


class DocsError(Exception):
    """A page says what is not so."""


def insist(holds: bool, otherwise: str) -> None:
    """Fail with nothing but this message, which is long enough."""
    if not holds:
        raise DocsError(otherwise)


def by_name(page: Path) -> str:
    """Return a page's name, for test ids."""
    return str(page.relative_to(ROOT))


@dataclass
class Reader:
    """Somebody who follows a page in a folder of his own."""

    folder: Path
    names: dict[str, object] = field(default_factory=lambda: {"__name__": "docs"})
    printed: str = ""

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        match block.words:
            case ("console",):
                self._type(block)
            case ("console", "no-run"):
                _only_tools(block)
            case ("python",):
                self._run(block)
            case ("text", "output"):
                insist(agrees(self.printed, block.text.splitlines()), f"printed:\n{self.printed}")
            case ("yaml", *what):
                self._read(block, " ".join(what))

    # -- console ----------------------------------------------------------------------------

    def _type(self, block: Block) -> None:
        wanted = int(block.options.get("exit", "0"))
        for command in commands(block):
            printed, code = self._shell(command.text)
            insist(code == wanted, f"$ {command.text}\n{printed}exit code {code}")
            if command.printed is not None:
                insist(agrees(printed, command.printed), f"$ {command.text}\n{printed}")

    def _shell(self, text: str) -> tuple[str, int]:
        """Run a command; `reso ...` in this process, which is much faster."""
        piped = re.fullmatch(r"cat (\S+) \| (reso .*)", text)
        words = shlex.split(piped[2] if piped else text)
        if words[0] == "reso" and not set(" ".join(words)) & set("|>;&*\\"):
            given = Path(piped[1]).read_text(encoding="utf-8") if piped else None
            result = CliRunner().invoke(whole_app(), words[1:], input=given, prog_name="reso")
            return result.output, result.exit_code
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout, done.returncode

    # -- python -----------------------------------------------------------------------------

    def _run(self, block: Block) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile("\n" * block.line + block.text, block.page, "exec"), self.names)
        self.printed = out.getvalue()

    # -- yaml -------------------------------------------------------------------------------

    def _read(self, block: Block, what: str) -> None:
        file = Path(block.options.get("file", f"reading/block.{what.partition(' ')[0]}.yaml"))
        match what:
            case "excerpt":
                insist(block.text in file.read_text(encoding="utf-8"), f"{file} says otherwise")
            case "policy" | "policy wrong" if "file" in block.options:
                self._write(file, block)
            case "policy":
                file = self._on_top_of_tiny(block)
            case "case":
                self._write(file, block)
                table = installed_table(Path("rules").resolve())
                read_case_file(load_case_text(block.text, "case"), table)
            case "scenario" | "scenario unanswered":
                self._write(file, block)
                cases = load_scenarios(file, "tiny_shop", answered=what == "scenario")
                wrong = [str(problem) for case in cases for problem in case.problems]
                insist(not wrong, "\n".join(wrong))
        if what == "policy":
            _, problems = check_pack(file.parent)
            insist(not problems, "\n".join(p.with_excerpt() for p in problems))

    def _write(self, file: Path, block: Block) -> None:
        insist(self.folder in (self.folder / file).resolve().parents, f"{file} is elsewhere")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def _on_top_of_tiny(self, block: Block) -> Path:
        if not TINY.exists():
            TINY.parent.mkdir(parents=True, exist_ok=True)
            TINY.write_text(tiny_pack(), encoding="utf-8")
        folder = Path("rules", "fragment")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if not re.search(r"^policy:", block.text, re.M):
            shutil.copy(TINY, folder / "policy.yaml")
        file = folder / "fragment.yaml"
        file.write_text(block.text, encoding="utf-8")
        return file


def tiny_pack() -> str:
    """Return the tiny pack that `docs/language.md` shows."""
    found = (
        b.text for b in blocks(ROOT / "docs/language.md") if b.options.get("file") == str(TINY)
    )
    return next(found)


def _only_tools(block: Block) -> None:
    for command in commands(block):
        tool, *words = command.text.split()
        insist(tool in ("make", "git", "cd"), f"{command.text}: run it, or leave it out")
        if tool == "make":
            targets = {word for word in words if "=" not in word}
            insist(targets <= MAKE_TARGETS, f"the Makefile has no {targets - MAKE_TARGETS}")
        elif tool == "git":
            insist(words[0] in GIT_VERBS, f"git has no {words[0]}, or nobody needs it")


@pytest.fixture(scope="module")
def _memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Work out once what pages with the same packs have in common: each is a text, read alike."""
    with kept_in(tmp_path_factory.mktemp("memory") / "pages", "docs"):
        yield


@pytest.fixture
def reader(page: Path, _memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Let somebody stand among copies of what ships, if the page has him do anything."""
    if any(block.kind not in ONLY_READ for block in blocks(page)):
        for name in ("rules", "fixtures"):
            shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow) if by_name(page) in LONG else page
        for page in PAGES
    ],
    ids=by_name,
)
def test_what_a_page_says_comes_out(page: Path, reader: Reader) -> None:
    for block in blocks(page):
        try:
            reader.follow(block)
        except Exception as error:
            pytest.fail(f"{block.place}: {error}", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_block_says_what_it_is(page: Path) -> None:
    strangers = [f"{b.place}: `{b.kind}`" for b in blocks(page) if b.kind not in KNOWN]
    assert strangers == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = [link for link in _links(page) if not _leads_somewhere(page, link)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_file_a_page_names_exists(page: Path) -> None:
    """Names of files in the running text; what blocks write is theirs."""
    files = [Path(b.options["file"]) for b in blocks(page) if "file" in b.options]
    written = {str(name) for file in files for name in (file, *file.parents)}
    named = {name.rstrip("/.") for name in FILE_NAME.findall(_prose(page))}
    assert sorted(n for n in named - written if not list(ROOT.glob(n))) == []


def test_the_layers_told_are_the_layers_held() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    held = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    told = next(b for b in blocks(ROOT / "ARCHITECTURE.md") if b.kind == "text layers")
    assert [line.split()[0] for line in told.text.splitlines()] == [n.strip("()") for n in held]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((*HEADER, *NAMED, *OTHER), id="sections"),
        pytest.param(RULE_WORDS, id="rules"),
        pytest.param(STEP_WORDS, id="questions"),
        pytest.param((*REMEDIES, *REFERENCES), id="conclusions"),
        pytest.param(PARTIES, id="parties"),
        pytest.param(tuple(FUNCTIONS), id="functions"),
    ],
)
def test_the_language_page_names_every_word(words: tuple[str, ...]) -> None:
    named = set(re.findall(r"`([^`]+)`", _prose(ROOT / "docs/language.md")))
    called = {name.partition("(")[0] for name in named}
    assert [word for word in words if word not in named | called] == []


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        pytest.param("a\nb\nc\n", ["a", "...", "c"], True, id="lines left out"),
        pytest.param("a\nb\n", ["a"], False, id="a line too many"),
        pytest.param("at 10:15 WIB\n", ["at ... WIB"], True, id="a piece left out"),
        pytest.param("a\nc\n", ["a", "...", "c"], True, id="nothing left out"),
        pytest.param("a.c\n", ["abc"], False, id="no pattern"),
    ],
)
def test_shown_output_is_compared_line_by_line(printed: str, shown: list[str], same: bool) -> None:
    assert agrees(printed, shown) is same


def _prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^( *)(`{3,}).*?^\1\2$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def _links(page: Path) -> list[str]:
    return [link for link in LINK.findall(_prose(page)) if "://" not in link]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(page: Path) -> Mapping[str, str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-"): title for title in titles}
