"""YAML files as plain trees that know where each word stands.

Every scalar stays text (YAML 1.2 words such as `no` or `12:30` mean nothing here); what a text
means is for its place to say. Anchors, aliases, tags and duplicate keys are refused.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reso.facts.files import (
    FlawedTextError,
    decode,
    is_printable,
    only_printable,
    read_bytes,
    refuse_conflict,
    refuse_unprintable,
)
from reso.policy.problems import Problem, TooManyProblemsError

MAX_BYTES = 4_000_000
MAX_DEPTH = 30
MAX_PARTS = 150_000
MAX_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file: line and column from 1; `index` counts characters from 0."""

    file: str
    line: int
    column: int
    index: int


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written; `plain` when it had no quotes."""

    value: str
    mark: Mark
    plain: bool = True
    block: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: tuple["Tree", ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping, in file order; `keys` says where each key stands."""

    entries: dict[str, "Tree"]
    keys: dict[str, Mark]
    mark: Mark

    def __iter__(self) -> Iterator[tuple[str, "Tree"]]:
        return iter(self.entries.items())


Tree = Text | Items | Map


@dataclass(slots=True)
class Document:
    """One file of a pack: its text, its tree, and the problems found while reading it."""

    file: str
    text: str
    tree: Map | None = None
    problems: list[Problem] = field(default_factory=list)
    _lines: list[str] | None = None

    def problem(self, code: str, mark: Mark, message: str, hint: str = "", width: int = 1) -> None:
        """Record a problem at `mark`.

        Raises:
            TooManyProblemsError: it is one more than `MAX_PROBLEMS`; that is recorded, too.
        """
        if len(self.problems) >= MAX_PROBLEMS:
            message = f"reading stopped after {MAX_PROBLEMS:,} problems"
            place = Mark(mark.file, 1, 1, 0)
            self.problems.append(_problem(place, "many", message, "Mend these first."))
            raise TooManyProblemsError(f"{mark.file}: {message}")
        if self._lines is None:
            self._lines = self.text.splitlines()
        lines = self._lines
        excerpt = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
        self.problems.append(_problem(mark, code, message, hint, excerpt, width))

    def mark_within(self, text: Text, offset: int) -> Mark:
        """Return the place of a character of a scalar's value in the file.

        Exact on one line; in a folded or quoted text of several lines the words are counted.
        """
        if text.block or "\n" in self._raw(text):
            return self._mark_in_folded(text, offset)
        shift = offset if text.plain else self._escaped(text, offset)
        mark = text.mark
        return Mark(mark.file, mark.line, mark.column + shift, mark.index + shift)

    def _raw(self, text: Text) -> str:
        end = text.mark.index + len(text.value) + (0 if text.plain else 2)
        return self.text[text.mark.index : end]

    def _escaped(self, text: Text, offset: int) -> int:
        """Return how far from its opening quote a character of a quoted text stands."""
        quote, index = self.text[text.mark.index], text.mark.index + 1
        for _ in range(offset):
            pair = self.text[index : index + 2]
            index += 2 if pair == "''" or (quote == '"' and pair[:1] == "\\") else 1
        return index - text.mark.index

    def _mark_in_folded(self, text: Text, offset: int) -> Mark:
        letters = sum(not char.isspace() for char in text.value[:offset])
        index = text.mark.index + (0 if text.plain and not text.block else 1)
        if text.block:
            index = self.text.find("\n", text.mark.index) + 1
        at_end = offset >= len(text.value.rstrip())
        while index < len(self.text) and (
            letters > 0 or (not at_end and self.text[index].isspace())
        ):
            letters -= not self.text[index].isspace()
            index += 1
        line = self.text.count("\n", 0, index) + 1
        column = index - (self.text.rfind("\n", 0, index) + 1) + 1
        return Mark(text.mark.file, line, column, index)


def _problem(
    mark: Mark, code: str, message: str, hint: str, excerpt: str = "", width: int = 1
) -> Problem:
    return Problem(mark.file, mark.line, mark.column, code, message, hint, excerpt, width)


def read_document(path: Path, shown: str) -> Document:
    """Read one YAML file; every way it can be unreadable becomes a problem."""
    try:
        raw = read_bytes(path, MAX_BYTES, only_regular=True)
        return parse_document(decode(raw), shown)
    except FlawedTextError as flaw:
        return _unread(Document(shown, ""), flaw)


def parse_document(text: str, shown: str) -> Document:
    """Parse the text of one YAML file (`shown` is the file name that problems carry)."""
    document = Document(shown, text)
    try:
        refuse_conflict(text)
        refuse_unprintable(text)
        node = _yaml().compose(text)
    except FlawedTextError as flaw:
        return _unread(document, flaw)
    except _TooMuchError as error:
        document.problem(error.code, _at(document, error.problem_mark), error.problem, error.hint)
        return document
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark is not None and "end of stream" in str(error.problem):
            mark = error.context_mark  # where what was never closed begins
        where = _at(document, mark) if mark else Mark(shown, 1, 1, 0)
        hint = "Indent with spaces, not tabs." if "\\t" in str(error.problem) else ""
        message = f"not readable as YAML: {error.problem or error.context}"
        document.problem("yaml", where, message, hint)
        return document
    except ValueError:
        message = "not readable as YAML: an escape that stands for no character"
        document.problem("yaml", Mark(shown, 1, 1, 0), message)
        return document
    except YAMLError as error:
        message = f"not readable as YAML: {str(error) or type(error).__name__}"
        document.problem("yaml", Mark(shown, 1, 1, 0), message)
        return document
    if node is None:
        return document
    if not isinstance(node, MappingNode):
        hint = "Begin a section with its word and a colon, such as `rules:`."
        document.problem(
            "yaml", _mark(document, node), "a policy file is a mapping of sections", hint
        )
        return document
    with suppress(TooManyProblemsError):
        tree = _tree(document, node)
        document.tree = tree if isinstance(tree, Map) else None
    return document


def _unread(document: Document, flaw: FlawedTextError) -> Document:
    line, column, index = flaw.place or (1, 1, 0)
    mark = Mark(document.file, line, column or 1, index)
    document.problem(flaw.kind, mark, flaw.what, flaw.todo)
    return document


class _TooMuchError(MarkedYAMLError):
    """A file with more in it than is read; `problem` says of what."""

    def __init__(self, code: str, problem: str, mark: StreamMark, hint: str = "") -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.code = code
        self.hint = hint


class _BoundedComposer(Composer):
    """Stops at nesting and at numbers of parts that no policy needs, before they take long."""

    parts = 0

    def compose_node(self, parent: Node | None, index: object) -> Node:
        """Return the next node; `depth` is how many are open around it."""
        self.parts += 1
        start = self.parser.peek_event().start_mark
        if self.depth > MAX_DEPTH:
            raise _TooMuchError("depth", f"nested deeper than {MAX_DEPTH} levels", start)
        if self.parts > MAX_PARTS:
            what = f"more than {MAX_PARTS:,} words and values in one file"
            raise _TooMuchError("size", what, start, "Split it into several files.")
        node: Node = super().compose_node(parent, index)
        return node


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yaml.Composer = _BoundedComposer
    return yaml


def _at(document: Document, mark: StreamMark) -> Mark:
    return Mark(document.file, mark.line + 1, mark.column + 1, mark.index)


def _mark(document: Document, node: Node) -> Mark:
    return _at(document, node.start_mark)


def _after(document: Document, key: Node) -> Mark:
    """Return the place just after a key's colon, where a value that is empty would stand."""
    end = key.end_mark
    return Mark(document.file, end.line + 1, end.column + 2, end.index + 1)


def _tree(document: Document, node: Node) -> Tree:
    mark = _mark(document, node)
    if node.anchor:
        hint = "Write it out, or make it a parameter."
        document.problem("anchor", mark, "anchors and aliases are not used here", hint)
        if not isinstance(node, ScalarNode):
            return Text("", mark)  # it may hold itself
    if document.text[mark.index : mark.index + 1] == "!":
        document.problem("tag", mark, "tags are not used here", "Write the value alone.")
    match node:
        case MappingNode():
            return _map(document, node, mark)
        case SequenceNode():
            return Items(tuple(_tree(document, item) for item in node.value), mark)
        case ScalarNode():
            block = node.style in ("|", ">")
            value = _shown(document, str(node.value), mark)
            return Text(value, mark, plain=not node.style, block=block)
        case _:
            document.problem("yaml", mark, "not a scalar, a list or a mapping")
            return Text("", mark)


def _shown(document: Document, value: str, mark: Mark) -> str:
    """Refuse what escapes such as "\\0" bring in, and return the value without it."""
    if is_printable(value):
        return value
    message = "a character that cannot be shown is written here"
    document.problem("character", mark, message, "Take it out.")
    return only_printable(value)


def _plainly_spaced(document: Document, key: str, mark: Mark) -> str:
    """Refuse the spaces that text processors put into a key, and return it without them."""
    if not any(char.isspace() and not char.isascii() for char in key):
        return key
    message = "a space here is none of the keyboard: it was pasted"
    document.problem("character", mark, message, "Type plain spaces in its place.")
    return " ".join(key.split())


def _map(document: Document, node: MappingNode, mark: Mark) -> Map:
    entries: dict[str, Tree] = {}
    keys: dict[str, Mark] = {}
    for key_node, value_node in node.value:
        key_mark = _mark(document, key_node)
        if not isinstance(key_node, ScalarNode):
            document.problem("yaml", key_mark, "a key must be a word")
            continue
        key = _plainly_spaced(document, _shown(document, str(key_node.value), key_mark), key_mark)
        if key in entries:
            hint = f"The first one is on line {keys[key].line}."
            document.problem("duplicate", key_mark, f"`{key}` stands here twice", hint, len(key))
            continue
        tree = _tree(document, value_node)
        if isinstance(tree, Text) and tree.plain and not tree.value:
            tree = Text("", _after(document, key_node))
        entries[key], keys[key] = tree, key_mark
    return Map(entries, keys, mark)
