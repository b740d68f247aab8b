"""The fenced blocks of a Markdown file, and what a reader would do with each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "rules/README.md")

_FENCE = re.compile(r"^( *)(`{3,})(.*)$")
_COMMAND = "$ "
_ANYTHING = "..."


def pages() -> list[Path]:
    """Return the pages of the project, those that exist, in a fixed order."""
    listed = [ROOT / name for name in PAGES]
    docs = sorted((ROOT / "docs").rglob("*.md"))
    return [page for page in (*listed, *docs) if page.is_file() and not _is_made(page)]


def _is_made(page: Path) -> bool:
    """Whether a page is made from the catalogue of problems; tests/policy hold it to that."""
    return page.parent.name == "problems" and page.name != "README.md"


@dataclass(frozen=True)
class Block:
    """A fenced block: its words after the fence, and its text.

    Attributes:
        words: what stands after the fence, without `key=value`.
        options: the `key=value` pairs.
        line: of the fence, from 1.
    """

    page: Path
    line: int
    words: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def kind(self) -> str:
        """What it is: "console", "yaml policy", ..."""
        return " ".join(self.words)

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    for number, line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            continue
        indent, ticks, info = fence.groups()
        text = []
        for _, inner in lines:
            if inner.strip() == ticks:
                break
            text.append(inner.removeprefix(indent))
        else:
            raise ValueError(f"{page}:{number}: this block has no end")
        said = info.split()
        options = dict(word.split("=", 1) for word in said if "=" in word)
        words = tuple(word for word in said if "=" not in word)
        yield Block(page, number, words, options, "\n".join(text) + "\n")


@dataclass(frozen=True)
class Command:
    """A command of a console block, and what it should print (None: not said)."""

    text: str
    printed: tuple[str, ...] | None


def commands(block: Block) -> list[Command]:
    """Return the commands of a console block: lines that begin with `$ `."""
    found: list[Command] = []
    printed: list[str] = []
    for line in block.text.splitlines():
        if line.startswith(_COMMAND):
            found.append(Command(line.removeprefix(_COMMAND), None))
            printed = []
            continue
        assert found, f"{block.place}: a console block begins with `$ `"
        printed.append(line)
        found[-1] = Command(found[-1].text, tuple(printed))
    return found


def agrees(printed: str, expected: Sequence[str]) -> bool:
    """Whether output is as shown; `...` alone stands for lines, in a line for a piece of it."""
    pieces = [
        r"(?:.*\n)*?" if line.strip() == _ANYTHING else _line_pattern(line) for line in expected
    ]
    whole = "\n".join(line.rstrip() for line in printed.rstrip().splitlines()) + "\n"
    return re.fullmatch("".join(pieces), whole) is not None


def _line_pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.rstrip().split(_ANYTHING)) + "\n"
