"""Small changes of a YAML text: a value, an entry more or less; all else keeps its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reso.authoring.spans import Branch, Leaf, Part, Plain, plain
from reso.authoring.tokens import comments
from reso.policy.parameters import DAY

LONGEST_LINE = 100
# What YAML 1.1 tools (editors, spreadsheets' importers) would read as something else than a text.
SPECIAL = {"yes", "no", "true", "false", "on", "off", "null", "~", "y", "n"}
BARE = re.compile(r"[A-Za-z0-9_(][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    text: str
    keeps_comments: bool = True


@dataclass(slots=True)
class Edits:
    """Changes to one text, gathered and then made together."""

    text: str
    splices: list[_Splice] = field(default_factory=list)

    def result(self) -> str:
        """Return the text with all changes made.

        A comment inside what is replaced goes to a line of its own above.
        """
        remarks = comments(self.text)
        made: list[tuple[int, int, str]] = []
        for splice in self.splices:
            made.append((splice.start, splice.end, splice.text))
            if splice.keeps_comments and splice.start < splice.end:
                inside = [(a, b) for a, b in remarks if splice.start <= a and b <= splice.end]
                line, indent = self._line_of(splice.start)
                made += [(line, line, f"{indent}{self.text[a:b]}\n") for a, b in inside]
        made.sort(key=lambda one: (one[0], one[1]))
        out, position = [], 0
        for start, end, text in made:
            out += [self.text[position:start], text]
            position = max(position, end)
        return "".join([*out, self.text[position:]])

    # -- single changes ---------------------------------------------------------------------

    def remark(self, position: int, words: str) -> None:
        """Write a comment on a line of its own above the one `position` is on."""
        line, indent = self._line_of(position)
        self.splices.append(_Splice(line, line, f"{indent}# {' '.join(words.split())}\n"))

    def put(self, key: Leaf, old: Part, new: Plain, in_flow: bool) -> None:
        """Write `new` in place of the value of `key`."""
        if isinstance(old, Leaf) and isinstance(new, str):
            always = old.raw[:1] in ("'", '"')
            space = "" if old.raw else " "
            written = space + scalar(new, in_flow, always=always)
            self.splices.append(_Splice(old.start, old.end, written))
            return
        colon = self.text.index(":", key.end) + 1
        written = rendered(new, in_flow, key.column, key.column + len(key.raw) + 2)
        space = "" if written.startswith("\n") else " "
        self.splices.append(_Splice(colon, max(colon, old.end), space + written))

    def needs_lines(self, key: Leaf, old: Part, new: Plain, in_flow: bool) -> bool:
        """Whether a value in brackets on one line becomes too long for it."""
        if in_flow or not getattr(old, "flow", False) or "\n" in self.text[old.start : old.end]:
            return False
        return rendered(new, False, key.column, key.column + len(key.raw) + 2).startswith("\n")

    def wrap(self, old: Branch, first: str, name: str, value: Plain, remark: str = "") -> None:
        """Put a mapping in block style below a new key `first`, with an entry beside it."""
        line, indent = self._line_of(old.start)
        self.splices.append(_Splice(line, line, f"{indent}{scalar(first)}:\n"))
        for start in self._line_starts(line, old.end):
            self.splices.append(_Splice(start, start, "  "))
        end = self.line_end(old.end)
        entry = self._line_for(name, value, len(indent), remark)
        self.splices.append(_Splice(end, end, entry))

    def add(
        self, branch: Branch, name: str, value: Plain, after: str | None, remark: str = ""
    ) -> None:
        """Add an entry to a mapping, behind that of the key `after`, or as its first.

        A remark becomes a comment above it.
        """
        if branch.flow and remark:
            self.remark(branch.start, remark)
        if branch.flow:
            entry = f"{scalar(name, True)}: {rendered(value, True)}"
            if after is not None:
                place, entry = branch.parts[after].end, f", {entry}"
            elif branch.keys:
                place, entry = next(iter(branch.keys.values())).start, f"{entry}, "
            else:
                place = branch.start + 1
        elif after is not None:
            place = self.line_end(branch.parts[after].end)
            entry = self._line_for(name, value, branch.column, remark)
        else:
            place = max(0, self._line_of(branch.start)[0] - 1)
            entry = self._line_for(name, value, branch.column, remark)
        self.splices.append(_Splice(place, place, entry))

    def remove(self, branch: Branch, name: str, kept_before: bool) -> None:
        """Remove an entry; `kept_before` says whether any entry before it stays."""
        names = list(branch.keys)
        at = names.index(name)
        if not branch.flow:
            start = max(0, self._line_of(branch.keys[name].start)[0] - 1)
            end = self.line_end(branch.parts[name].end)
        elif kept_before:
            start, end = branch.parts[names[at - 1]].end, branch.parts[name].end
        else:
            start, end = branch.keys[name].start, branch.keys[names[at + 1]].start
        self.splices.append(_Splice(start, end, "", keeps_comments=False))

    def insert(self, position: int, text: str) -> None:
        """Insert a text as it is."""
        self.splices.append(_Splice(position, position, text))

    def cut(self, start: int, end: int) -> None:
        """Take out a piece of text, with the comments in it."""
        self.splices.append(_Splice(start, end, "", keeps_comments=False))

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self._line_of(position)[0]

    def line_end(self, position: int) -> int:
        """Return where the line of a position ends."""
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end

    # -- lines ------------------------------------------------------------------------------

    def _line_of(self, position: int) -> tuple[int, str]:
        start = self.text.rfind("\n", 0, position) + 1
        line = self.text[start:]
        return start, line[: len(line) - len(line.lstrip(" "))]

    def _line_starts(self, start: int, end: int) -> Iterator[int]:
        while start <= end:
            stop = self.line_end(start)
            if self.text[start:stop].strip():
                yield start
            start = stop + 1

    def _line_for(self, name: str, value: Plain, column: int, remark: str = "") -> str:
        above = f"\n{' ' * column}# {' '.join(remark.split())}" if remark else ""
        key = scalar(name)
        written = rendered(value, False, column, column + len(key) + 2)
        space = "" if written.startswith("\n") else " "
        return f"{above}\n{' ' * column}{key}:{space}{written}"


def merge(edits: Edits, key: Leaf, old: Part, new: Plain, in_flow: bool) -> None:
    """Change the value of `key` into `new`, touching only what differs.

    Two mappings are the same table if they say the same `by`, or neither does. The order of
    their entries is no difference; new entries go where `place` says.
    """
    if plain(old) == new:
        return
    alike = isinstance(old, Branch) and isinstance(new, dict) and _alike(old, new)
    if not alike or edits.needs_lines(key, old, new, in_flow):
        edits.put(key, old, new, in_flow)
        return
    assert isinstance(old, Branch)
    assert isinstance(new, dict)
    before = False
    for name, leaf in old.keys.items():
        if name in new:
            merge(edits, leaf, old.parts[name], new[name], old.flow)
            before = True
        else:
            edits.remove(old, name, before)
    kept = [name for name in old.keys if name in new]
    for name, value in new.items():
        if name not in old.keys:
            edits.add(old, name, value, place(kept, name, list(new)))


def _alike(old: Branch, new: dict[str, Plain]) -> bool:
    kept = [name for name in old.keys if name in new and name != "by"]
    by = plain(old.parts["by"]) if "by" in old.parts else None
    return bool(kept) and by == new.get("by")


def place(kept: list[str], name: str, order: list[str]) -> str | None:
    """Return the entry behind which a new one goes; None: it becomes the first.

    `by` and `before` stand first, then days in their order, then rows in the given order, last
    `otherwise`.
    """
    earlier = set(order[: order.index(name)]) if name in order else set(kept)
    fitting = [
        other
        for other in kept
        if rank(other) < rank(name) or (rank(other) == rank(name) and other in earlier)
    ]
    return fitting[-1] if fitting else None


def rank(name: str) -> tuple[int, str]:
    """Return what orders the keys of a table or of periods; rows are equals."""
    if name in ("by", "before"):
        return 0, ""
    if DAY.match(name):
        return 1, name
    return (3, "") if name == "otherwise" else (2, "")


# -- writing --------------------------------------------------------------------------------


def rendered(value: Plain, in_flow: bool, column: int = 0, used: int = 0) -> str:
    """Return a value as YAML: in brackets where it fits on the line, else in lines below.

    `column` is that of its key, `used` how much of the line is taken.
    """
    flow = _in_brackets(value) if not isinstance(value, str) else scalar(value, in_flow)
    if in_flow or isinstance(value, str) or not value or used + len(flow) <= LONGEST_LINE:
        return flow
    inner = " " * (column + 2)
    if isinstance(value, list):
        return "".join(f"\n{inner}- {rendered(item, True)}" for item in value)
    lines = []
    for key, item in value.items():
        name = scalar(key)
        written = rendered(item, False, column + 2, column + 4 + len(name))
        lines.append(f"\n{inner}{name}:{'' if written.startswith(chr(10)) else ' '}{written}")
    return "".join(lines)


def _in_brackets(value: Plain) -> str:
    match value:
        case str():
            return scalar(value, True)
        case list():
            return "[" + ", ".join(_in_brackets(item) for item in value) + "]"
        case dict():
            pairs = (f"{scalar(key, True)}: {_in_brackets(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"


def scalar(value: str, in_flow: bool = False, *, always: bool = False) -> str:
    """Return a text as a YAML scalar, quoted where it has to be (or `always`)."""
    if not always and _is_bare(value, in_flow):
        return value
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _is_bare(value: str, in_flow: bool) -> bool:
    if not BARE.fullmatch(value) or value.strip() != value or value.lower() in SPECIAL:
        return False
    if ": " in value or " #" in value or value.endswith(":"):
        return False
    return not (in_flow and any(char in value for char in ",[]{}:"))


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    code = ord(char)
    return named.get(char) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
