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
from reso.facts.yaml_text import quick_tree
from reso.memo import digest, remembered
from reso.policy.problems import Problem, TooManyProblemsError
from reso.policy.yaml_reasons import yaml_reason
from reso.problems.said import Said, Value, said

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

    def __reduce__(self) -> tuple[object, ...]:  # faster than what a dataclass with slots has
        return Mark, (self.file, self.line, self.column, self.index)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written; `plain` when it had no quotes."""

    value: str
    mark: Mark
    plain: bool = True
    block: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        return Text, (self.value, self.mark, self.plain, self.block)


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
    """One file of a pack: its text and lines, its tree, and the problems found in reading it."""

    file: str
    text: str
    tree: Map | None = None
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.lines = self.text.splitlines()

    def problem(
        self,
        code: str,
        mark: Mark,
        /,
        *,
        advice: Said | None = None,
        width: int = 1,
        **values: Value,
    ) -> None:
        """Record a problem of the catalogue at `mark`; `values` fill its placeholders.

        `advice` stands in the place of what the catalogue says to do; None leaves that.
        """
        self.flaw(said(code, **values), mark, advice, width)

    def flaw(self, told: Said, mark: Mark, advice: Said | None, width: int) -> None:
        """Record at `mark` what was found wrong in a text of the file.

        Raises:
            TooManyProblemsError: it is one more than `MAX_PROBLEMS`; that is recorded, too.
        """
        if len(self.problems) >= MAX_PROBLEMS:
            last = self.shown(said("too-many-problems", most=MAX_PROBLEMS), _top(mark.file))
            self.problems.append(last)
            raise TooManyProblemsError(str(last))
        self.problems.append(self.shown(told, mark, advice, width))

    def shown(self, told: Said, mark: Mark, advice: Said | None = None, width: int = 1) -> Problem:
        """Return a problem at `mark` with the line it stands in, without recording it."""
        excerpt = self.lines[mark.line - 1] if 0 < mark.line <= len(self.lines) else ""
        return Problem(mark.file, mark.line, mark.column, told, advice, excerpt, width)

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


def _top(file: str) -> Mark:
    return Mark(file, 1, 1, 0)


def read_document(path: Path, shown: str) -> Document:
    """Read one YAML file; every way it can be unreadable becomes a problem."""
    try:
        raw = read_bytes(path, MAX_BYTES, only_regular=True)
        return parse_document(decode(raw), shown)
    except FlawedTextError as flaw:
        return _unread(Document(shown, ""), flaw)


def parse_document(text: str, shown: str) -> Document:
    """Parse the text of one YAML file (`shown` is the file name that problems carry)."""
    tree, problems = remembered(f"file {shown}", digest(text), lambda: _read(text, shown))
    return Document(shown, text, tree, list(problems))


def _read(text: str, shown: str) -> tuple[Map | None, tuple[Problem, ...]]:
    document = _parsed(text, shown)
    return document.tree, tuple(document.problems)


def _parsed(text: str, shown: str) -> Document:
    document = Document(shown, text)
    try:
        refuse_conflict(text)
        refuse_unprintable(text)
        node = quick_tree(text, MAX_PARTS, MAX_DEPTH) or _yaml().compose(text)
    except FlawedTextError as flaw:
        return _unread(document, flaw)
    except _TooMuchError as error:
        document.problem(error.code, _at(document, error.problem_mark), most=error.most)
        return document
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark is not None and "end of stream" in str(error.problem):
            mark = error.context_mark  # where what was never closed begins
        where = _at(document, mark) if mark else _top(shown)
        reason = str(error.problem or error.context)
        code = "tab-before-text" if "\\t" in reason else "not-yaml"
        document.problem(code, where, reason=yaml_reason(reason))
        return document
    except ValueError:
        document.problem("not-yaml", _top(shown), reason=said("yaml-no-character"))
        return document
    except YAMLError as error:
        document.problem("not-yaml", _top(shown), reason=str(error) or type(error).__name__)
        return document
    if node is None:
        return document
    if not isinstance(node, MappingNode):
        document.problem("file-not-sections", _mark(document, node))
        return document
    with suppress(TooManyProblemsError):
        tree = _tree(document, node)
        document.tree = tree if isinstance(tree, Map) else None
    return document


def _unread(document: Document, flaw: FlawedTextError) -> Document:
    line, column, index = flaw.place or (1, 1, 0)
    document.flaw(flaw.said, Mark(document.file, line, column or 1, index), None, 1)
    return document


class _TooMuchError(MarkedYAMLError):
    """A file with more in it than is read: the code of the problem, and how much is read."""

    def __init__(self, code: str, most: int, mark: StreamMark) -> None:
        super().__init__(problem=code, problem_mark=mark)
        self.code = code
        self.most = most


class _BoundedComposer(Composer):
    """Stops at nesting and at numbers of parts that no policy needs, before they take long."""

    parts = 0

    def compose_node(self, parent: Node | None, index: object) -> Node:
        """Return the next node; `depth` is how many are open around it."""
        self.parts += 1
        start = self.parser.peek_event().start_mark
        if self.depth > MAX_DEPTH:
            raise _TooMuchError("nested-too-deep", MAX_DEPTH, start)
        if self.parts > MAX_PARTS:
            raise _TooMuchError("too-many-parts", MAX_PARTS, start)
        node: Node = super().compose_node(parent, index)
        return node


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yaml.Composer = _BoundedComposer
    yaml.composer.warn_double_anchors = False  # every anchor is refused
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
        document.problem("yaml-anchor", mark)
        if not isinstance(node, ScalarNode):
            return Text("", mark)  # it may hold itself
    if document.text[mark.index : mark.index + 1] == "!":
        document.problem("yaml-tag", mark)
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
            raise TypeError(f"a YAML node is a mapping, a sequence or a scalar, not {node!r}")


def _shown(document: Document, value: str, mark: Mark) -> str:
    """Refuse what escapes such as "\\0" bring in, and return the value without it."""
    if is_printable(value):
        return value
    document.problem("escaped-character", mark)
    return only_printable(value)


def _plainly_spaced(document: Document, key: str, mark: Mark) -> str:
    """Refuse the spaces that text processors put into a key, and return it without them."""
    if not any(char.isspace() and not char.isascii() for char in key):
        return key
    document.problem("pasted-space", mark)
    return " ".join(key.split())


def _map(document: Document, node: MappingNode, mark: Mark) -> Map:
    entries: dict[str, Tree] = {}
    keys: dict[str, Mark] = {}
    for key_node, value_node in node.value:
        key_mark = _mark(document, key_node)
        if not isinstance(key_node, ScalarNode):
            document.problem("key-not-a-word", key_mark)
            continue
        key = _plainly_spaced(document, _shown(document, str(key_node.value), key_mark), key_mark)
        if key in entries:
            first = str(keys[key].line)
            document.problem("key-twice", key_mark, width=len(key), key=key, line=first)
            continue
        tree = _tree(document, value_node)
        if isinstance(tree, Text) and tree.plain and not tree.value:
            tree = Text("", _after(document, key_node))
        entries[key], keys[key] = tree, key_mark
    return Map(entries, keys, mark)
