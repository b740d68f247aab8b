"""Typed tree to Python source: expressions over a context, and rules over a tuple of leaves.

Conditions are written twice where they may be unknown: once for "is true", once for "is
possible" (Kleene's logic on two rails). Where nothing is open both are the same text.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType
from typing import Literal

from reso.expressions.tree import (
    And,
    Answer,
    Arith,
    Choice,
    Clock,
    Compare,
    Contains,
    Dated,
    Earliest,
    Field,
    Func,
    ItemField,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    Table,
)
from reso.facts.interpret import CONCLUDED
from reso.facts.operations import (
    Rounding,
    elapsed,
    first_known,
    largest,
    move,
    portion,
    share,
    smallest,
)
from reso.memo import digest, remembered

Rail = Literal["true", "possible"]
PYTHON_OPS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
RUNTIME: Mapping[str, object] = {
    "_elapsed": elapsed,
    "_first_known": first_known,
    "_largest": largest,
    "_move": move,
    "_portion": portion,
    "_share": share,
    "_smallest": smallest,
}


@dataclass
class Writer:
    """Writes expressions as Python source; constants become names of its namespace.

    `may_be_unknown` says which findings can be unknown; `adds` which questions could add what an
    `exists` looks for (empty: only what is on file counts).
    """

    rounding: Rounding
    may_be_unknown: Callable[[Node], bool]
    adds: Callable[[Quantity], tuple[str, ...]]
    namespace: dict[str, object] = field(default_factory=lambda: dict(RUNTIME))
    _names: dict[Hashable, str] = field(default_factory=dict)
    _temporaries: int = 0

    def function(self, name: str, body: str, arguments: str = "c") -> Callable[..., object]:
        """Compile `def name(arguments): return body`."""
        source = f"def {name}({arguments}):\n    return {body}\n"
        return self.compiled(name, source)

    def compiled(self, name: str, source: str) -> Callable[..., object]:
        """Compile source that defines `name` and return it."""
        exec(remembered("code", digest(source), partial(_code, name, source)), self.namespace)
        found: Callable[..., object] = self.namespace.pop(name)  # type: ignore[assignment]
        return found

    def constant(self, value: Scalar) -> str:
        """Return source for a constant."""
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return repr(value)
        return self._named((type(value), value), value)

    def _named(self, key: Hashable, value: object) -> str:
        """Return the name of a value in the namespace; each key has one of its own."""
        if key not in self._names:
            self._names[key] = f"k{len(self._names)}"
            self.namespace[self._names[key]] = value
        return self._names[key]

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    # -- values -----------------------------------------------------------------------------

    def value(self, node: Node) -> str:
        """Return source that yields the value of an expression; `c` is the context."""
        match node:
            case Lit():
                return self.constant(node.value)
            case Field():
                return self._field(node)
            case ItemField():
                return self._or_absent(f"x.get({node.name!r})", node.absent)
            case Ref():
                return f"c.ref({node.name!r})"
            case PickField():
                return self._picked(node)
            case Answer():
                return f"c.question({node.question!r}).answer"
            case Clock():
                return f"c.question({node.question!r}).{node.part}"
            case Earliest():
                return "c.earliest"
            case Arith():
                return self._arith(node)
            case Func():
                return self._func(node)
            case Quantity():
                return self._quantity(node)
            case Pick():
                return self._pick(node)
            case Choice():
                return self._choice(node)
            case Table():
                return self._table(node)
            case Dated():
                return self._dated(node)
            case _:
                return self.condition(node, "true")

    def _or_absent(self, source: str, absent: Scalar) -> str:
        if absent is None:
            return source
        name = self._temporary()
        return f"({name} if ({name} := {source}) is not None else {self.constant(absent)})"

    def _field(self, node: Field) -> str:
        if node.type.kind == "record":
            return f"c.section({node.name!r})"
        if node.name == CONCLUDED:
            return "c.concluded"
        return self._or_absent(f"c.f({node.name!r})", node.absent)

    def _picked(self, node: PickField) -> str:
        name = self._temporary()
        found = f"({name} := c.picked({node.pick!r}))"
        if not node.name:
            return f"(None if {found} is None else True)"
        inner = self._or_absent(f"{name}.get({node.name!r})", node.absent)
        return f"(None if {found} is None else {inner})"

    def _arith(self, node: Arith) -> str:
        left, right = self.value(node.left), self.value(node.right)
        kinds = (node.left.type.kind, node.right.type.kind)
        if kinds[0] == "instant":
            return f"_move(c.calendar, {left}, {right})"
        if kinds == ("money", "rate"):
            return f"_share({left}, {right}, {self.rounding!r})"
        if kinds == ("rate", "money"):
            return f"_share({right}, {left}, {self.rounding!r})"
        if not node.type.nullable:
            return f"({left} {node.op} {right})"
        one, other = self._temporary(), self._temporary()
        return (
            f"(None if (({one} := {left}) is None) | (({other} := {right}) is None) "
            f"else {one} {node.op} {other})"
        )

    def _func(self, node: Func) -> str:
        args = ", ".join(self.value(arg) for arg in node.args)
        match node.name:
            case "min":
                return f"_smallest(({args},))"
            case "max":
                return f"_largest(({args},))"
            case "first_known":
                return f"_first_known(({args},))"
            case "hours_between":
                return f"_elapsed(3600, {args})"
            case "days_between":
                return f"_elapsed(86400, {args})"
            case "portion":
                return f"_portion({args}, {self.rounding!r})"
            case _:
                return f"c.call({node.name!r}, [{args}])"

    def _items(self, section: str, where: Node | None) -> str:
        loop = f"for x in c.l({section!r}, ())"
        return loop if where is None else f"{loop} if {self.condition(where, 'true')}"

    def _quantity(self, node: Quantity) -> str:
        loop = self._items(node.section, node.where)
        if node.what == "exists":
            return f"any(True {loop})"
        if node.what == "count" or node.of is None:
            return f"sum(1 {loop})"
        return f"sum({self.value(node.of)} or 0 {loop})"

    def _pick(self, node: Pick) -> str:
        found = self.record(node)
        name = self._temporary()
        if node.field is None:
            return f"(None if {found} is None else True)"
        inner = self._or_absent(f"{name}.get({node.field.name!r})", node.field.absent)
        return f"(None if ({name} := {found}) is None else {inner})"

    def record(self, node: Pick) -> str:
        """Return source that yields the first or latest item of a list, or None."""
        loop = self._items(node.section, node.where)
        if node.which == "first":
            return f"next((x {loop}), None)"
        return f"([None, *(x {loop})][-1])"

    def _choice(self, node: Choice) -> str:
        source = "None" if node.otherwise is None else self.value(node.otherwise)
        for when, then in reversed(node.branches):
            source = f"{self.value(then)} if {self.condition(when, 'true')} else {source}"
        return f"({source})"

    def _table(self, node: Table) -> str:
        constants = {key: then.value for key, then in node.rows if isinstance(then, Lit)}
        fallback = node.otherwise
        if len(constants) == len(node.rows) and isinstance(fallback, Lit):
            name = self._named(node.rows, constants)
            return f"{name}.get({self.value(node.key)}, {self.constant(fallback.value)})"
        name = self._temporary()
        otherwise = f"c.no_row({node.name!r}, {name})" if fallback is None else self.value(fallback)
        source = otherwise
        for key, then in reversed(node.rows):
            source = f"{self.value(then)} if {name} == {self.constant(key)} else {source}"
        return f"(({source}) if (({name} := {self.value(node.key)}) or True) else None)"

    def _dated(self, node: Dated) -> str:
        name = self._temporary()
        first = node.periods[0][0]
        source = f"c.no_period({node.name!r}, {name}, {self.constant(first)})"
        for start, then in node.periods:
            if start is None:
                source = self.value(then)
            else:
                begun = f"{name} >= {self.constant(start)}"
                source = f"{self.value(then)} if {begun} else {source}"
        return f"(({source}) if (({name} := {self.value(node.by)}) or True) else None)"

    # -- conditions -------------------------------------------------------------------------

    def condition(self, node: Node, rail: Rail) -> str:
        """Return source for "is true" or "is possible" of a condition."""
        match node:
            case And():
                return "(" + " and ".join(self.condition(p, rail) for p in node.parts) + ")"
            case Or():
                return "(" + " or ".join(self.condition(p, rail) for p in node.parts) + ")"
            case Not():
                other: Rail = "possible" if rail == "true" else "true"
                return f"(not {self.condition(node.value, other)})"
            case Compare() | OneOf() | Contains() | Known():
                return self._atom(node, rail)
            case Quantity(what="exists"):
                return self.exists(node, rail)
            case Ref():
                return self.finding(node, rail)
            case _:
                return f"({self.value(node)} is True)"

    def finding(self, node: Ref, rail: Rail) -> str:
        """Return source for a finding by name."""
        if rail == "possible" and self.may_be_unknown(node):
            return f"c.possible({node.name!r})"
        return f"c.true({node.name!r})"

    def exists(self, node: Quantity, rail: Rail) -> str:
        """Return source for `exists`; it is possible while a question could still add to it."""
        found = self._quantity(node)
        owners = self.adds(node) if rail == "possible" else ()
        if not owners:
            return found
        return f"({found} or c.any_open({owners!r}))"

    def operand(self, node: Node) -> tuple[str, str]:
        """Return source that binds an operand's value, and source that reads it again."""
        if isinstance(node, Lit):
            source = self.constant(node.value)
            return source, source
        name = self._temporary()
        return f"({name} := {self.value(node)})", name

    def _atom(self, node: Compare | OneOf | Contains | Known, rail: Rail) -> str:
        subject = node.left if isinstance(node, Compare) else node.value
        if isinstance(subject, Answer):
            return self.answer(node, subject, rail)
        return self.known_atom(node)

    def answer(self, node: Node, subject: Answer, rail: Rail) -> str:
        """Return source for a condition on a question's answer."""
        name = self._temporary()
        held = answer_test(node, f"{name}.answer", self.constant)
        question = f"({name} := c.question({subject.question!r}))"
        if rail == "possible":
            return f"({question}.unknown or {held})"
        return f"(not {question}.unknown and {held})"

    def known_atom(self, node: Node) -> str:
        """Return source for a comparison of values that are known (or none)."""
        match node:
            case Compare():
                return self._compare(node)
            case OneOf():
                bind, read = self.operand(node.value)
                options = f"({', '.join(self.constant(o) for o in node.options)},)"
                if not node.negated:
                    return f"({bind} in {options})"
                return f"({bind} is not None and {read} not in {options})"
            case Known():
                bind, _ = self.operand(node.value)
                return f"({bind} is {'' if node.negated else 'not '}None)"
            case Contains():
                bind, _ = self.operand(node.item)
                return f"({bind} in ({self.operand(node.value)[0]} or ()))"
            case _:
                raise TypeError(type(node).__name__)

    def _compare(self, node: Compare) -> str:
        left, left_again = self.operand(node.left)
        right, right_again = self.operand(node.right)
        op = PYTHON_OPS[node.op]
        if node.op == "=" and isinstance(node.right, Lit) and node.right.value is not None:
            return f"({left} == {right})"
        guards = []
        if node.left.type.nullable and not isinstance(node.left, Lit):
            guards.append(f"{left} is not None")
            left = left_again
        if node.right.type.nullable and not isinstance(node.right, Lit):
            guards.append(f"{right} is not None")
            right = right_again
        return "(" + " and ".join([*guards, f"{left} {op} {right}"]) + ")"


def answer_test(node: Node, answer: str, constant: Callable[[Scalar], str]) -> str:
    """Return source for a test of an answer that is known; `answer` is source for it."""
    match node:
        case Compare(op="=", right=Lit(value=wanted)):
            return f"{answer} == {constant(wanted)}"
        case Compare(op="!=", right=Lit(value=wanted)):
            return f"({answer} is not None and {answer} != {constant(wanted)})"
        case OneOf(options=options, negated=negated):
            listed = f"({', '.join(constant(option) for option in options)},)"
            if negated:
                return f"({answer} is not None and {answer} not in {listed})"
            return f"{answer} in {listed}"
        case Known(negated=negated):
            return f"{answer} is {'' if negated else 'not '}None"
        case _:
            raise TypeError(f"a condition on an answer cannot be {type(node).__name__}")


def _code(name: str, source: str) -> CodeType:
    return compile(source, f"<policy:{name}>", "exec")
