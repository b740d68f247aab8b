"""`reso fmt`: one layout for all policy files. Words, their order and the comments stay."""

from dataclasses import dataclass, field

from ruamel.yaml.tokens import (
    BlockEndToken,
    BlockEntryToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    Token,
    ValueToken,
)

from reso.authoring.tokens import comments, indent_of, is_written, scan, span
from reso.errors import InputError
from reso.policy.document import Items, Map, Text, Tree, parse_document
from reso.policy.problems import PolicyError

STEP = 2
OPENERS = (FlowMappingStartToken, FlowSequenceStartToken)
CLOSERS = (FlowMappingEndToken, FlowSequenceEndToken)
BEGINNERS = (BlockEntryToken, ValueToken)


def formatted(text: str, shown: str) -> str:
    """Return the text of a YAML file in our layout: the same words, keys and comments.

    Two spaces for each level, also before the dashes of a list; one space after `:`, `,` and `-`,
    none inside brackets, two before a comment; double quotes where they do; no space at the end of
    a line, no two blank lines, a newline at the end. Long lines stay as they are.

    Raises:
        PolicyError: the file cannot be read as YAML.
        InputError: the layout would change what the file says; this should not happen.
    """
    before = parse_document(text, shown)
    if before.problems:
        raise PolicyError(before.problems)
    if before.tree is None:
        return "\n".join(line.strip() for line in text.strip().split("\n")) + "\n"
    laid_out = _Layout(text).run()
    after = parse_document(laid_out, shown)
    same = after.tree is not None and not after.problems and _said(before.tree) == _said(after.tree)
    if not same or _remarks(text) != _remarks(laid_out):
        what = "this file cannot be formatted without changing what it says"
        raise InputError(shown, what, "It was left as it is; please report it.")
    return laid_out


def _said(tree: Tree) -> object:
    """Return a tree without its places: what must not change, the order of keys included."""
    match tree:
        case Text():
            return (tree.value, tree.plain)
        case Items():
            return [_said(item) for item in tree.items]
        case Map():
            return tuple((key, _said(value)) for key, value in tree)


def _remarks(text: str) -> list[str]:
    return [text[start:end] for start, end in comments(text)]


@dataclass(slots=True)
class _Level:
    """A collection in block style: its column in the author's file, and in ours."""

    kind: str
    old: int
    new: int


@dataclass(slots=True)
class _Layout:
    text: str
    out: list[str] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    known: list[tuple[int, int]] = field(default_factory=list)
    depth: int = 0
    base: int = 0
    shift: int = 0
    column: int = 0
    position: int = 0
    previous: Token | None = None
    is_key: bool = False

    def run(self) -> str:
        for token in scan(self.text):
            self._structure(token)
            if is_written(token):
                self._word(token)
        self._tail()
        return "".join(self.out).strip("\n") + "\n"

    # -- structure --------------------------------------------------------------------------

    def _structure(self, token: Token) -> None:
        match token:
            case BlockMappingStartToken() | BlockSequenceStartToken():
                kind = "map" if isinstance(token, BlockMappingStartToken) else "list"
                self.levels.append(_Level(kind, token.start_mark.column, self._inner(token)))
            case BlockEndToken():
                self._leave_bare_list()
                self.levels.pop()
            case KeyToken() if self.depth == 0:
                self._leave_bare_list()
                self.is_key = True
            case BlockEntryToken() if self.levels and self.levels[-1].kind == "map":
                level = self.levels[-1]
                self.levels.append(_Level("bare", level.old, level.new + STEP))
            case _:
                pass

    def _inner(self, token: Token) -> int:
        """Return our column for a collection that begins at `token`."""
        if not self.levels:
            return 0
        return self.levels[-1].new + STEP

    def _leave_bare_list(self) -> None:
        """Leave a list whose dashes stand right below its key: YAML does not mark its end."""
        if self.levels and self.levels[-1].kind == "bare":
            self.levels.pop()

    # -- words ------------------------------------------------------------------------------

    def _word(self, token: Token) -> None:
        start, end = span(token, self.text)
        gap = self.text[self.position : start]
        if self.previous is None or "\n" in gap:
            self._new_line(token, gap)
        else:
            space = _space(self.previous, token)
            self.out.append(space)
            self.column += len(space)
        written = self._written(token, self.text[start:end])
        self.out.append(written)
        last = written.rsplit("\n", 1)[-1]
        self.column = len(last) + (0 if "\n" in written else self.column)
        self.position, self.previous, self.is_key = end, token, False
        self.depth += isinstance(token, OPENERS) - isinstance(token, CLOSERS)
        self.known = [(level.old, level.new) for level in reversed(self.levels)]

    def _new_line(self, token: Token, gap: str) -> None:
        old = token.start_mark.column
        if self.depth:
            least = self.base if isinstance(token, CLOSERS) else self.base + STEP
            new = max(least, old + self.shift)
        else:
            new = self.base = self._column(token)
            self.shift = new - old
        lines = gap.split("\n")
        if self.previous is not None:
            self._remark_beside(lines.pop(0))
        self._lines_between(lines[:-1] if lines else [], old, new)
        self.out.append(" " * new)
        self.column = new

    def _column(self, token: Token) -> int:
        if not self.levels:
            return 0
        top = self.levels[-1].new
        return top if self.is_key or isinstance(token, BEGINNERS) else top + STEP

    def _remark_beside(self, tail: str) -> None:
        remark = tail.strip()
        if remark:
            distance = len(tail) - len(tail.lstrip())
            self.out.append(" " * max(2, distance) + remark)
        self.out.append("\n")

    def _lines_between(self, lines: list[str], old: int | None, new: int) -> None:
        blank = False
        for line in lines:
            remark = line.strip()
            if remark:
                indent = len(line.expandtabs(1)) - len(line.expandtabs(1).lstrip())
                self.out.append(" " * self._place(indent, old, new) + remark + "\n")
            elif not blank:
                self.out.append("\n")
            blank = not remark

    def _place(self, indent: int, old: int | None, new: int) -> int:
        """Return the column of a comment line: that of the level it stood at."""
        if self.depth or indent == old:
            return new
        for was, now in self.known:
            if was == indent:
                return now
        if old is not None and indent < old:
            return new
        return next((now for was, now in self.known if was < indent), new)

    def _tail(self) -> None:
        lines = self.text[self.position :].split("\n")
        if self.previous is not None:
            self._remark_beside(lines.pop(0))
        self._lines_between(lines, None, 0)

    # -- scalars ----------------------------------------------------------------------------

    def _written(self, token: Token, raw: str) -> str:
        if not isinstance(token, ScalarToken):
            return raw
        if token.style in ("|", ">"):
            return self._block_text(raw, span(token, self.text)[1] == len(self.text))
        if "\n" in raw:
            return self._folded(raw)
        return double_quoted(raw) if token.style == "'" else raw

    def _block_text(self, raw: str, ends: bool) -> str:
        head, *lines = raw.split("\n")
        head = head.rstrip()
        old = indent_of(lines) if lines else 0
        parent = self.levels[-1] if self.levels else _Level("map", 0, 0)
        stated = any(char.isdigit() for char in head.split("#")[0])
        new = old + parent.new - parent.old if stated else parent.new + STEP
        moved = [_moved(line, old, new) for line in lines]
        if ends and not head.endswith(("-", "+")):
            head += "-"  # the newline we end the file with would become part of the text
        return "\n".join([head, *moved])

    def _folded(self, raw: str) -> str:
        first, *lines = raw.split("\n")
        least = (self.base if self.depth else self.levels[-1].new if self.levels else 0) + STEP
        moved = []
        for line in lines:
            words = line.strip(" \t")
            indent = len(line) - len(line.lstrip(" \t"))
            moved.append(" " * max(least, indent + self.shift) + words if words else "")
        return "\n".join([first.rstrip(" \t"), *moved])


def _moved(line: str, old: int, new: int) -> str:
    if len(line) > old:
        return " " * new + line[old:] if line[:old].strip(" ") == "" else line
    return ""


def _space(previous: Token, token: Token) -> str:
    """Return what stands between two words of one line."""
    if isinstance(previous, OPENERS):
        return ""
    if isinstance(token, (*CLOSERS, FlowEntryToken)):
        return " " if isinstance(previous, ValueToken) else ""
    return "" if isinstance(token, ValueToken) else " "


def double_quoted(raw: str) -> str:
    """Return a single-quoted scalar in double quotes, unless it holds what they would change."""
    inner = raw[1:-1].replace("''", "'")
    return raw if '"' in inner or "\\" in inner or not inner.isprintable() else f'"{inner}"'
