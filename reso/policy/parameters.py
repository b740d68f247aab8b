"""Parameters: plain, by period, by table, and the overlays laid over them for a time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from reso.expressions.tree import (
    BOOLEAN,
    ERROR,
    And,
    Choice,
    Compare,
    Dated,
    Earliest,
    Field,
    Func,
    Lit,
    Node,
    Ref,
    Scalar,
    Table,
    Type,
)
from reso.model.events import CURRENCY
from reso.policy.document import Document, Items, Map, Text, Tree
from reso.policy.model import RUNNING, Question, Stretch
from reso.policy.model import Overlay as Laid
from reso.policy.reading import Body, Entry, Expressions, failed
from reso.problems.said import Value, all_of, did_you_mean, said

BEFORE = "before"
KEYS_SHOWN = 6
WORDS_OF = ("enum", "text")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
WORDS = ("value", "dated_by", "source", "chosen", "says")
INSTANTS: Mapping[str, str] = {
    "orders placed": "order.placed_at",
    "parcels delivered": "delivered_at",
    "claims filed": "claim.filed_at",
}
REACHES = (*INSTANTS, RUNNING)
NEEDED = ("parameter", "from", "until", "value", "reach")


@dataclass(frozen=True, slots=True)
class Overlay:
    """A value laid over a parameter for a time, as read; `reach` is what falls into the time."""

    parameter: str
    when: Node
    value: Node
    reach: str
    starts: date
    ends: date
    exception: bool
    entry: Entry

    @property
    def running(self) -> bool:
        """Whether it reaches clocks that already run."""
        return self.reach == RUNNING


@dataclass(slots=True)
class ParameterReader:
    """Turns the `parameters` and `overlays` sections into typed trees."""

    expressions: Expressions
    dated_by: Node
    reaches: Mapping[str, Node] = field(default_factory=dict)
    overlays: dict[str, list[Overlay]] = field(default_factory=dict)

    def node(self, entry: Entry) -> Node:
        """Return the value of a parameter as a tree, overlays included."""
        tree: Tree | None = entry.tree
        by = self.dated_by
        if isinstance(tree, Map) and "value" in tree.entries:
            body = entry.body(WORDS)
            tree = body.tree("value")
            by = dated_by(self.expressions, body, by)
        if tree is None:
            return Lit(None, ERROR)
        base = self._value(entry, tree, by)
        return self._overlaid(entry.name, base)

    def _value(self, entry: Entry, tree: Tree, by: Node) -> Node:
        match tree:
            case Text():
                return self.expressions.value(entry.document, tree)
            case Map() if "by" in tree.entries:
                return self._table(entry, tree, by)
            case Map() if tree.entries and all(is_day(key) for key in tree.entries):
                return self._dated(entry, tree, by)
            case _:
                entry.problem("parameter-shape", tree.mark, name=entry.name)
                return Lit(None, ERROR)

    def _dated(self, entry: Entry, tree: Map, by: Node) -> Node:
        periods: list[tuple[datetime | None, Node]] = []
        for key, value in sorted(tree):
            start = None if key == BEFORE else self._start(entry, tree, key)
            periods.append((start, self._value(entry, value, by)))
        periods.sort(key=lambda period: period[0] or datetime.min.replace(tzinfo=UTC))
        values = [node for _, node in periods]
        result = self._one_type(entry, values, tree)
        return result if failed(result) else Dated(by, tuple(periods), entry.name, result.type)

    def _start(self, entry: Entry, tree: Map, key: str) -> datetime | None:
        try:
            return self.expressions.scope.start_of(date.fromisoformat(key))
        except ValueError:
            entry.problem("not-a-day", tree.keys[key], day=key)
            return None

    def _table(self, entry: Entry, tree: Map, by: Node) -> Node:
        key_text = tree.entries["by"]
        if not isinstance(key_text, Text):
            entry.problem("table-by-shape", key_text.mark)
            return Lit(None, ERROR)
        key = self.expressions.value(entry.document, key_text)
        if failed(key):
            return key
        rows: list[tuple[Scalar, Node]] = []
        lines: dict[Scalar, int] = {}
        otherwise: Node | None = None
        for name, value in tree:
            if name == "by":
                continue
            with self._in_row(key, name):
                node = self._value(entry, value, by)
            if name == "otherwise":
                otherwise = node
                continue
            for item, word in self._keys(entry, Text(name, tree.keys[name]), key.type):
                first = lines.setdefault(item, word.mark.line)
                if item in dict(rows):
                    key_word, width = word.value, len(word.value)
                    entry.problem(
                        "key-twice", word.mark, width=width, key=key_word, line=str(first)
                    )
                rows.append((item, node))
        values = [node for _, node in rows] + ([otherwise] if otherwise is not None else [])
        result = self._one_type(entry, values, tree)
        if failed(result):
            return result
        if otherwise is None and (keys := _missing(key.type, rows)):
            entry.problem("table-incomplete", tree.mark, name=entry.name, keys=keys)
        return Table(key, tuple(rows), otherwise, entry.name, result.type)

    @contextmanager
    def _in_row(self, key: Node, written: str) -> Iterator[None]:
        """Read a row of a table by currency: only cases in the row's currency get to it."""
        scope, outer = self.expressions.scope, self.expressions.scope.currencies
        if isinstance(key, Field) and key.name == CURRENCY and written != "otherwise":
            named = [part.strip() for part in written.split(",")]
            scope.currencies = tuple(part for part in outer if part in named)
        try:
            yield
        finally:
            scope.currencies = outer

    def _keys(self, entry: Entry, written: Text, kind: Type) -> Iterator[tuple[Scalar, Text]]:
        """Yield the constants of a row's key, each with its word; `a, b` stands for both."""
        read = self.expressions.word if kind.kind in WORDS_OF else self.expressions.value
        for part in re.finditer(r"[^,\s][^,]*", written.value):
            mark = entry.document.mark_within(written, part.start())
            word = Text(part.group().strip(), mark)
            node = read(entry.document, word, kind)
            if isinstance(node, Lit) and not failed(node):
                yield node.value, word

    def _one_type(self, entry: Entry, values: list[Node], tree: Map) -> Node:
        if not values or any(failed(node) for node in values):
            return Lit(None, ERROR)
        kinds = {node.type.kind for node in values}
        if len(kinds) > 1:
            shown = all_of(said(f"kind-{kind}") for kind in sorted(kinds))
            entry.problem("mixed-types", tree.mark, name=entry.name, kinds=shown)
            return Lit(None, ERROR)
        nullable = any(node.type.nullable for node in values)
        return Lit(None, values[0].type.optional(nullable))

    # -- overlays ---------------------------------------------------------------------------

    def read_overlays(self, document: Document, tree: Tree, known: Iterable[str]) -> None:
        """Read the `overlays` list of a file; `known` are the parameters there are."""
        if not isinstance(tree, Items):
            document.problem("overlays-shape", tree.mark)
            return
        for item in tree.items:
            self._overlay(Entry(document, "overlays", item.mark, item), list(known))

    def _overlay(self, entry: Entry, known: list[str]) -> None:
        words = ("parameter", "from", "until", "value", "where", "reach", "because", "exception")
        body = entry.body(words)
        name, value = body.text("parameter"), body.tree("value")
        reach = body.choice("reach", REACHES)
        starts, ends = self._day(body, "from"), self._day(body, "until")
        if any(body.tree(word) is None for word in NEEDED):
            entry.problem("overlay-incomplete")
        if not name or value is None or not reach or starts is None or ends is None:
            return
        running = reach == RUNNING
        if not running and reach not in self.reaches:
            mark, reading = body.value_mark("reach"), INSTANTS[reach]
            entry.problem("overlay-reach", mark, width=len(reach), reach=reach, reading=reading)
            return
        if name not in known:
            mark, advice = body.mark("parameter"), did_you_mean(name, known)
            entry.problem("unknown-parameter", mark, name=name, advice=advice)
            return
        if ends <= starts:
            entry.problem("until-before-from", body.mark("until"))
            return
        node = self._value(entry, value, self.dated_by)
        if running and not failed(node) and node.type.kind != "duration":
            entry.problem("overlay-not-a-duration", value.mark)
        where = self.expressions.all_of(entry.document, body.texts("where"))
        within = [] if running else _within(self.expressions, self.reaches[reach], starts, ends)
        parts = tuple(within) if where is None else (*within, where)
        condition: Node = And(parts) if parts else Lit(True, BOOLEAN)
        overlay = Overlay(name, condition, node, reach, starts, ends, body.flag("exception"), entry)
        self._refuse_overlap(overlay)
        self.overlays.setdefault(name, []).append(overlay)

    def _day(self, body: Body, key: str) -> date | None:
        text = body.text(key)
        try:
            day = date.fromisoformat(text)
            self.expressions.scope.start_of(day)
        except ValueError:
            if text:
                body.entry.problem("overlay-day", body.mark(key), day=text)
            return None
        return day

    def _refuse_overlap(self, overlay: Overlay) -> None:
        for other in self.overlays.get(overlay.parameter, ()):
            apart = overlay.ends <= other.starts or other.ends <= overlay.starts
            if not (apart or overlay.exception or other.exception):
                line = str(other.entry.mark.line)
                overlay.entry.problem("overlay-overlaps", parameter=overlay.parameter, line=line)

    def laid(self) -> tuple[Laid, ...]:
        """Return every overlay, parameter by parameter."""
        found = (one for overlays in self.overlays.values() for one in overlays)
        return tuple(Laid(o.parameter, o.reach, o.when, o.value, o.entry.mark) for o in found)

    def refuse_idle(self, questions: Iterable[Question]) -> None:
        """Refuse overlays on running clocks that are the length of no clock."""
        lengths = {q.lasts.name for q in questions if isinstance(q.lasts, Ref)}
        for name, overlays in self.overlays.items():
            for overlay in overlays:
                if overlay.running and name not in lengths:
                    overlay.entry.problem("overlay-on-no-clock", parameter=name)

    def stretches(self, lasts: Node | None) -> tuple[Stretch, ...]:
        """Return the overlays that reach running clocks of this length."""
        if not isinstance(lasts, Ref):
            return ()
        start_of = self.expressions.scope.start_of
        return tuple(
            Stretch(start_of(laid.starts), start_of(laid.ends), laid.when, laid.value)
            for laid in self.overlays.get(lasts.name, ())
            if laid.running
        )

    def _overlaid(self, name: str, base: Node) -> Node:
        laid = [overlay for overlay in self.overlays.get(name, ()) if not overlay.running]
        if not laid or failed(base):
            return base
        laid.sort(key=lambda overlay: not overlay.exception)
        branches = tuple((overlay.when, overlay.value) for overlay in laid)
        if any(value.type.kind != base.type.kind for _, value in branches):
            laid[0].entry.problem("overlay-of-another-type", parameter=name)
            return Lit(None, ERROR)
        return Choice(branches, base, base.type)


def dated_by(expressions: Expressions, body: Body, default: Node) -> Node:
    """Read a `dated_by` list: the first known of these instants, last the earliest of all."""
    texts = body.texts("dated_by")
    if not texts:
        return default
    instant = Type("instant")
    nodes = [expressions.value(body.entry.document, text, instant) for text in texts]
    if any(failed(node) for node in nodes):
        return default
    return Func("first_known", (*nodes, Earliest()), instant)


def _within(expressions: Expressions, by: Node, starts: date, ends: date) -> list[Node]:
    instant = Type("instant")
    return [
        Compare(">=", by, Lit(expressions.scope.start_of(starts), instant)),
        Compare("<", by, Lit(expressions.scope.start_of(ends), instant)),
    ]


def is_day(key: str) -> bool:
    """Whether a key names a period: a day, or the time before the first one."""
    return key == BEFORE or DAY.match(key) is not None


def _missing(kind: Type, rows: list[tuple[Scalar, Node]]) -> tuple[Value, ...]:
    """Return the keys for which a table has no row; not all of very many."""
    listed = {key for key, _ in rows}
    words: Mapping[Scalar, str] = {word: word for word in kind.values}
    if kind.kind == "boolean":
        words = {True: "yes", False: "no"}
    found: list[Value] = [f"`{word}`" for key, word in words.items() if key not in listed]
    if not words:
        found.append(said("every-other-key"))
    if kind.nullable:
        found.append("`none`")
    return tuple(found) if len(found) <= KEYS_SHOWN else (*found[:KEYS_SHOWN], "…")
