"""Raw tree to typed tree: names are resolved, types and currencies checked, all flaws gathered."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Protocol

from reso.expressions.functions import FUNCTIONS, ORDERED, RESULTS, how_to_write, same_kind
from reso.expressions.literals import MAX_NUMBER, amount_flaw, duration_flaw, scaled
from reso.expressions.parse import parse
from reso.expressions.raw import Flaw, FlawedExpressionError, RawTree
from reso.expressions.tree import (
    BOOLEAN,
    DATE,
    DURATION,
    ERROR,
    INSTANT,
    INTEGER,
    MONEY,
    RATE,
    TEXT,
    TIME,
    And,
    Arith,
    Compare,
    CompareOp,
    Contains,
    Func,
    ItemField,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    Quantity,
    Ref,
    Scalar,
    Type,
)
from reso.expressions.words import word_hint
from reso.model.money import minor_digits, to_minor
from reso.model.time import parse_duration
from reso.problems.catalogue import render
from reso.problems.said import Said, Value, did_you_mean, known_names, said

MILLION = 1_000_000
COMPARES: Mapping[str, CompareOp] = {
    "before": "<",
    "after": ">",
    "at or before": "<=",
    "at or after": ">=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "=": "=",
    "!=": "!=",
}


class Scope(Protocol):
    """What names mean where an expression stands.

    `currencies` are those a case can be in here; in a row of a table by currency that row's.
    """

    currencies: tuple[str, ...]

    def name(self, name: str) -> Node | None:
        """Return the node a name stands for, None when nobody declared it."""

    def names(self) -> Iterable[str]:
        """Return every name that would resolve here, for suggestions."""

    def items(self, section: str) -> Mapping[str, ItemField] | None:
        """Return the fields of a list's items, None when there is no such list."""

    def lists(self) -> Iterable[str]:
        """Return the names of all lists."""

    def start_of(self, day: date) -> datetime:
        """Return the instant a day of the policy's time zone begins.

        Raises:
            ValueError: that instant lies outside the years 1-9999 in UTC.
        """


@dataclass(slots=True)
class Checker:
    """Checks the expressions of one place of a policy file, gathering what is wrong."""

    scope: Scope
    flaws: list[Flaw] = field(default_factory=list)
    _items: Mapping[str, ItemField] | None = None
    _section: str = ""

    def expression(self, text: str, expected: Type | None = None) -> Node:
        """Return the typed tree of `text`; on a flaw, an error node (see `flaws`)."""
        try:
            raw = parse(text)
        except FlawedExpressionError as error:
            self.flaws.append(error.flaw)
            return Lit(None, ERROR)
        return self._expect(self._node(raw, expected), expected, raw)

    def condition(self, text: str) -> Node:
        """Return the typed tree of a condition: yes or no, never none."""
        try:
            raw = parse(text)
        except FlawedExpressionError as error:
            self.flaws.append(error.flaw)
            return Lit(None, ERROR)
        return self._condition(raw)

    # -- shared -----------------------------------------------------------------------------

    def _flaw(
        self, raw: RawTree, code: str, /, *, advice: Said | None = None, **values: Value
    ) -> Lit:
        self.flaws.append(Flaw(raw.start, raw.end, said(code, **values), advice))
        return Lit(None, ERROR)

    def _wrong_type(self, raw: RawTree, found: Type, needed: Type) -> Lit:
        return self._flaw(raw, "wrong-type", found=found.said(), needed=needed.said())

    def _expect(self, node: Node, expected: Type | None, raw: RawTree) -> Node:
        if expected is None or ERROR in (node.type, expected) or same_kind(node.type, expected):
            return node
        if expected.kind == "money" and _is_zero(node):
            return Lit(0, MONEY)
        return self._wrong_type(raw, node.type, expected)

    def _condition(self, raw: RawTree) -> Node:
        node = self._node(raw)
        if node.type == ERROR:
            return node
        if node.type.kind != "boolean":
            return self._flaw(raw, "not-a-condition", found=node.type.said())
        return as_condition(node)

    def _node(self, raw: RawTree, expected: Type | None = None) -> Node:
        method = _METHODS.get(raw.data)
        if method is not None:
            return method(self, raw)
        if raw.data == "name":
            return self._name(raw, expected)
        return self._literal(raw, expected)

    # -- names and literals -----------------------------------------------------------------

    def _name(self, raw: RawTree, expected: Type | None) -> Node:
        name = str(raw.children[0])
        if expected is not None and expected.kind == "enum" and name in expected.values:
            return Lit(name, expected.optional(False))
        if self._items is not None and name in self._items:
            return self._items[name]
        node = self.scope.name(name)
        if node is not None:
            return node
        if expected is not None and expected.kind == "text":
            return Lit(name, TEXT)
        if expected is not None and expected.kind == "enum":
            meant = did_you_mean(name, expected.values) or known_names(expected.values[:12])
            return self._unknown_value(raw, f"`{name}`", expected, meant)
        if name in self.scope.lists():
            return self._flaw(raw, "list-as-a-value", name=name)
        known = [*(self._items or ()), *self.scope.names()]
        advice = word_hint(name) or did_you_mean(name, known)
        return self._flaw(raw, "unknown-name", name=name, advice=advice)

    def _unknown_value(self, raw: RawTree, word: str, kind: Type, advice: Said | None) -> Lit:
        return self._flaw(raw, "unknown-value", word=word, kind=kind.said(), advice=advice)

    def _literal(self, raw: RawTree, expected: Type | None) -> Node:
        words = [child for child in raw.children if isinstance(child, str)]
        match raw.data:
            case "yes" | "no":
                if expected is not None and raw.data in expected.values:
                    return Lit(raw.data, expected.optional(False))
                return Lit(raw.data == "yes", BOOLEAN)
            case "string":
                return self._string(raw, words[0][1:-1], expected)
            case "number":
                return self._number(raw, words[0], expected)
            case "percent":
                return self._bounded(raw, scaled(words[0], 10_000), RATE)
            case "money":
                return self._money(raw, words[0], words[1])
            case "date":
                return self._date(raw, words[0], expected)
            case "time":
                return self._time(raw, words[0])
            case _:
                return self._duration(raw)

    def _string(self, raw: RawTree, text: str, expected: Type | None) -> Node:
        if expected is None or expected.kind != "enum":
            return Lit(text, TEXT)
        if not expected.values or text in expected.values:
            return Lit(text, expected.optional(False))
        advice = did_you_mean(text, expected.values)
        return self._unknown_value(raw, f'"{text}"', expected, advice)

    def _number(self, raw: RawTree, text: str, expected: Type | None) -> Node:
        if expected is not None and expected.kind == "rate":
            return self._bounded(raw, scaled(text, MILLION), RATE)
        if "." in text:
            return self._flaw(raw, "fraction-without-unit", number=text)
        return self._bounded(raw, int(text), INTEGER)

    def _bounded(self, raw: RawTree, number: int, kind: Type) -> Node:
        if number > MAX_NUMBER:
            return self._flaw(raw, "number-too-large")
        return Lit(number, kind)

    def _money(self, raw: RawTree, text: str, currency: str) -> Node:
        if currency not in self.scope.currencies:
            stated = self.scope.currencies
            return self._flaw(raw, "other-currency", currency=currency, stated=stated)
        try:
            minor = to_minor(text, currency)
            if minor and len(self.scope.currencies) > 1:
                return self._flaw(raw, "amount-in-many-currencies", currency=currency)
            return Lit(minor, MONEY)
        except ValueError:
            digits = minor_digits(currency)
            code = amount_flaw(text, digits)
            return self._flaw(raw, code, amount=text, currency=currency, digits=digits)

    def _date(self, raw: RawTree, text: str, expected: Type | None) -> Node:
        """A day is the instant it begins, or the day itself where a date stands beside it."""
        try:
            day = date.fromisoformat(text)
            if expected is not None and expected.kind == "date":
                return Lit(day, DATE)
            return Lit(self.scope.start_of(day), INSTANT)
        except ValueError:
            return self._flaw(raw, "not-a-day", day=text)

    def _days_as_dates(self, raws: Iterable[RawTree], nodes: Collection[Node]) -> list[Node]:
        """Return the nodes; beside a date, a day that is written out is that date."""
        if all(node.type.kind != "date" for node in nodes):
            return list(nodes)
        return [
            self._node(raw, DATE) if raw.data == "date" else node
            for raw, node in zip(raws, nodes, strict=True)
        ]

    def _time(self, raw: RawTree, text: str) -> Lit:
        try:
            return Lit(time.fromisoformat(text.zfill(5)), TIME)
        except ValueError:
            return self._flaw(raw, "not-a-time", time=text)

    def _duration(self, raw: RawTree) -> Node:
        words = [_first_word(child) for child in raw.children]
        text = " ".join(" ".join(words).split())
        try:
            return Lit(parse_duration(text), DURATION)
        except ValueError:
            return self._flaw(raw, duration_flaw(text), text=text)

    # -- conditions -------------------------------------------------------------------------

    def any_of(self, raw: RawTree) -> Node:
        """`a or b`."""
        return Or(tuple(self._condition(part) for part in _trees(raw)))

    def all_of(self, raw: RawTree) -> Node:
        """`a and b`."""
        return And(tuple(self._condition(part) for part in _trees(raw)))

    def negation(self, raw: RawTree) -> Node:
        """`not a`, refused where `a` may compare none."""
        inner = self._condition(_trees(raw)[0])
        if may_compare_none(inner):
            return self._flaw(raw, "not-over-none")
        return Not(inner)

    def compare(self, raw: RawTree) -> Node:
        """`a < b`, `a before b`."""
        left_raw, right_raw = _trees(raw)
        op = COMPARES[" ".join(next(c for c in raw.children if isinstance(c, str)).split())]
        return self._compare(raw, op, left_raw, right_raw)

    def equal(self, raw: RawTree) -> Node:
        """`a is b`."""
        return self._compare(raw, "=", *_trees(raw))

    def unequal(self, raw: RawTree) -> Node:
        """`a is not b`: a is known and differs."""
        return self._compare(raw, "!=", *_trees(raw))

    def _compare(self, raw: RawTree, op: CompareOp, left_raw: RawTree, right_raw: RawTree) -> Node:
        left = self._node(left_raw)
        if left.type == ERROR and right_raw.data == "name":
            return left  # perhaps a value of what is wrong on the left
        right = self._node(right_raw, left.type if left.type != ERROR else None)
        if ERROR in (left.type, right.type):
            return Lit(None, ERROR)
        left, right = _align(*self._days_as_dates((left_raw, right_raw), (left, right)))
        if not same_kind(left.type, right.type):
            return self._flaw(raw, "types-differ", left=left.type.said(), right=right.type.said())
        if op not in ("=", "!=") and left.type.kind not in ORDERED:
            return self._flaw(raw, "no-order", type=left.type.said())
        return Compare(op, left, right)

    def one_of(self, raw: RawTree) -> Node:
        """`a is one of [x, y]`."""
        return self._membership(raw, negated=False)

    def none_of(self, raw: RawTree) -> Node:
        """`a is not one of [x, y]`: a is known and is none of them."""
        return self._membership(raw, negated=True)

    def _membership(self, raw: RawTree, *, negated: bool) -> Node:
        value_raw, list_raw = _trees(raw)
        value = self._node(value_raw)
        options = [(part, self._node(part, value.type)) for part in _trees(list_raw)]
        if value.type == ERROR or any(node.type == ERROR for _, node in options):
            return Lit(None, ERROR)
        constants: list[Scalar] = []
        for part, option in options:
            if not isinstance(option, Lit) or not same_kind(value.type, option.type):
                return self._flaw(part, "wrong-item", type=value.type.said())
            constants.append(option.value)
        return OneOf(value, tuple(constants), negated)

    def known(self, raw: RawTree) -> Node:
        """`a is known`."""
        return self._known(raw, negated=False)

    def unknown(self, raw: RawTree) -> Node:
        """`a is none`, `a is not known`."""
        return self._known(raw, negated=True)

    def _known(self, raw: RawTree, *, negated: bool) -> Node:
        value = self._node(_trees(raw)[0])
        if value.type == ERROR:
            return value
        if not value.type.nullable:
            absent = getattr(value, "absent", None)
            if absent is None:
                return self._flaw(raw, "never-none", why=said("has-a-value"))
            return self._flaw(raw, "never-none", why=said("absence-means", word=_word(absent)))
        return Known(value, negated)

    def contains(self, raw: RawTree) -> Node:
        """`list contains item`."""
        left_raw, right_raw = _trees(raw)
        left = self._node(left_raw)
        if left.type == ERROR:
            return left
        if left.type.kind != "list":
            return self._wrong_type(left_raw, left.type, Type("list"))
        item = Type("enum", left.type.values) if left.type.values else TEXT
        right = self._node(right_raw, item)
        return right if right.type == ERROR else Contains(left, right)

    # -- arithmetic -------------------------------------------------------------------------

    def plus(self, raw: RawTree) -> Node:
        """`a + b`."""
        return self._arith(raw, "+")

    def minus(self, raw: RawTree) -> Node:
        """`a - b`."""
        return self._arith(raw, "-")

    def times(self, raw: RawTree) -> Node:
        """`a * b`."""
        return self._arith(raw, "*")

    def _arith(self, raw: RawTree, op: str) -> Node:
        left_raw, right_raw = _trees(raw)
        left, right = self._node(left_raw), self._node(right_raw)
        if ERROR in (left.type, right.type):
            return Lit(None, ERROR)
        result = RESULTS.get((op, left.type.kind, right.type.kind))
        if result is None:
            return self._flaw(
                raw, "wrong-operands", left=left.type.said(), op=op, right=right.type.said()
            )
        nullable = left.type.nullable or right.type.nullable
        return Arith(op, left, right, result.optional(nullable))  # type: ignore[arg-type]

    def at_time(self, raw: RawTree) -> Node:
        """`instant at 23:59`: that local day at that time."""
        (left_raw,) = _trees(raw)
        left = self._node(left_raw)
        clock = self._time(raw, str(raw.children[1]))
        if ERROR in (left.type, clock.type):
            return Lit(None, ERROR)
        if left.type.kind != "instant":
            return self._wrong_type(left_raw, left.type, INSTANT)
        return Func("at_time", (left, clock), left.type)

    def call(self, raw: RawTree) -> Node:
        """`min(a, b)` and the other functions of the language."""
        name = str(raw.children[0])
        if name not in FUNCTIONS:
            advice = did_you_mean(name, FUNCTIONS)
            return self._flaw(raw, "unknown-function", name=name, advice=advice)
        args = self._days_as_dates(_trees(raw), [self._node(part) for part in _trees(raw)])
        if any(arg.type == ERROR for arg in args):
            return Lit(None, ERROR)
        result = FUNCTIONS[name](args)
        if result is None:
            given = tuple(arg.type.said() for arg in args) or said("no-arguments")
            advice = how_to_write(name)
            return self._flaw(raw, "wrong-arguments", name=name, given=given, advice=advice)
        return Func(name, tuple(args), result)

    # -- lists ------------------------------------------------------------------------------

    def exists(self, raw: RawTree) -> Node:
        """`exists LIST where ...`."""
        section, where = self._list(raw, 0)
        return where if section is None else Quantity("exists", section, where, None, BOOLEAN)  # type: ignore[return-value]

    def count(self, raw: RawTree) -> Node:
        """`count of LIST where ...`."""
        section, where = self._list(raw, 0)
        return where if section is None else Quantity("count", section, where, None, INTEGER)  # type: ignore[return-value]

    def total(self, raw: RawTree) -> Node:
        """`sum of VALUE over LIST where ...`; none values are left out."""
        section, where = self._list(raw, 1)
        if section is None:
            return where  # type: ignore[return-value]
        of = self._within(section, lambda: self._node(_trees(raw)[0]))
        if of.type == ERROR:
            return of
        if of.type.kind not in ("integer", "money"):
            return self._flaw(raw, "cannot-add-up", type=of.type.said())
        return Quantity("sum", section, where, of, of.type.optional(False))

    def first(self, raw: RawTree) -> Node:
        """`first LIST where ...`: a record, for `picks`."""
        return self._pick(raw, "first", None)

    def latest(self, raw: RawTree) -> Node:
        """`latest LIST where ...`: a record, for `picks`."""
        return self._pick(raw, "latest", None)

    def first_field(self, raw: RawTree) -> Node:
        """`FIELD of first LIST where ...`."""
        return self._pick(raw, "first", str(raw.children[0]))

    def latest_field(self, raw: RawTree) -> Node:
        """`FIELD of latest LIST where ...`."""
        return self._pick(raw, "latest", str(raw.children[0]))

    def _pick(self, raw: RawTree, which: str, wanted: str | None) -> Node:
        section, where = self._list(raw, 0 if wanted is None else 1)
        if section is None:
            return where  # type: ignore[return-value]
        if wanted is None:
            record = Type("record", nullable=True, section=section)
            return Pick(which, section, where, None, record)  # type: ignore[arg-type]
        fields = self.scope.items(section) or {}
        if wanted not in fields:
            advice = did_you_mean(wanted, fields)
            return self._flaw(raw, "unknown-field", list=section, name=wanted, advice=advice)
        chosen = fields[wanted]
        return Pick(which, section, where, chosen, chosen.type.optional())  # type: ignore[arg-type]

    def _list(self, raw: RawTree, position: int) -> tuple[str | None, Node | None]:
        token = [child for child in raw.children if not _is_where(child)][position]
        section = str(token)
        if self._items is not None:
            return None, self._flaw(raw, "list-in-where")
        if self.scope.items(section) is None:
            advice = did_you_mean(section, self.scope.lists())
            return None, self._flaw(raw, "unknown-list", name=section, advice=advice)
        where = next((child for child in raw.children if _is_where(child)), None)
        if where is None:
            return section, None
        inner = _trees(where)[0]  # type: ignore[arg-type]
        return section, self._within(section, lambda: self._condition(inner))

    def _within(self, section: str, work: Callable[[], Node]) -> Node:
        self._items = self.scope.items(section)
        try:
            return work()
        finally:
            self._items = None


_METHODS: Mapping[str, Callable[[Checker, RawTree], Node]] = {
    "any_of": Checker.any_of,
    "all_of": Checker.all_of,
    "negation": Checker.negation,
    "compare": Checker.compare,
    "equal": Checker.equal,
    "unequal": Checker.unequal,
    "one_of": Checker.one_of,
    "none_of": Checker.none_of,
    "known": Checker.known,
    "unknown": Checker.unknown,
    "contains": Checker.contains,
    "plus": Checker.plus,
    "minus": Checker.minus,
    "times": Checker.times,
    "at_time": Checker.at_time,
    "call": Checker.call,
    "exists": Checker.exists,
    "count": Checker.count,
    "total": Checker.total,
    "first": Checker.first,
    "latest": Checker.latest,
    "first_field": Checker.first_field,
    "latest_field": Checker.latest_field,
}


def as_condition(node: Node) -> Node:
    """Return a boolean node as a condition: none counts as no."""
    if isinstance(node, Lit | Compare | OneOf | Contains | Known | Not | And | Or | Quantity | Ref):
        return node
    return Compare("=", node, Lit(True, BOOLEAN)) if node.type.nullable else node


def may_compare_none(node: Node) -> bool:
    """Whether this condition can be false only because something is none."""
    match node:
        case Compare():
            return node.left.type.nullable or node.right.type.nullable
        case OneOf() | Contains():
            return node.value.type.nullable
        case Func(name="is_business_day"):
            return any(arg.type.nullable for arg in node.args)
        case Not():
            return may_compare_none(node.value)
        case And() | Or():
            return any(may_compare_none(part) for part in node.parts)
        case Ref():
            return node.type.nullable
        case _:
            return False


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean ...?" for the nearest known name, or nothing."""
    meant = did_you_mean(name, known)
    return "" if meant is None else render(meant, "en")


def _trees(raw: RawTree) -> list[RawTree]:
    return [child for child in raw.children if isinstance(child, RawTree) and child.data != "where"]


def _first_word(child: RawTree | str) -> str:
    return child if isinstance(child, str) else _first_word(child.children[0])


def _is_where(child: object) -> bool:
    return isinstance(child, RawTree) and child.data == "where"


def _word(value: Scalar) -> str:
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


def _is_zero(node: Node) -> bool:
    return isinstance(node, Lit) and node.type == INTEGER and node.value == 0


def _align(left: Node, right: Node) -> tuple[Node, Node]:
    """Let a bare 0 stand beside money and rates, and a constant beside an enumeration."""
    if _is_zero(right) and left.type.kind in ("money", "rate"):
        return left, Lit(0, left.type.optional(False))
    if _is_zero(left) and right.type.kind in ("money", "rate"):
        return Lit(0, right.type.optional(False)), right
    return left, right
