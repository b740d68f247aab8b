"""The typed tree: one meaning, from which every engine is made.

Every node is frozen and comparable, so equal expressions are computed once. `type` says what the
node yields; a nullable type may yield `None` ("none": not known and not needed).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, assert_never

from reso.model.time import Duration
from reso.problems.said import Said, said

SHOWN_VALUES = 6

Kind = Literal[
    "boolean",
    "integer",
    "money",
    "rate",
    "instant",
    "date",
    "time",
    "duration",
    "enum",
    "text",
    "list",
    "record",
    "error",
]


@dataclass(frozen=True, slots=True)
class Type:
    """What an expression yields.

    `values` are the allowed values of an enumeration (empty: any text); `section` names the list a
    record comes from; money is in minor units, a rate in millionths.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    nullable: bool = False
    section: str = ""

    def optional(self, nullable: bool = True) -> "Type":
        """Return this type, nullable or not."""
        return Type(self.kind, self.values, nullable, self.section)

    def said(self) -> Said:
        """Return what it is in words: "an amount of money"."""
        if self.kind != "enum":
            return said(f"type-{self.kind}")
        shown = self.values[:SHOWN_VALUES]
        return said("type-enum", values=(*shown, "…") if self.values[SHOWN_VALUES:] else shown)


BOOLEAN = Type("boolean")
INTEGER = Type("integer")
MONEY = Type("money")
RATE = Type("rate")
INSTANT = Type("instant")
DATE = Type("date")
TIME = Type("time")
DURATION = Type("duration")
TEXT = Type("text")
ERROR = Type("error")

Scalar = bool | int | str | datetime | date | time | Duration | tuple[str, ...] | None
CompareOp = Literal["<", "<=", ">", ">=", "=", "!="]


@dataclass(frozen=True, slots=True)
class Lit:
    """A constant."""

    value: Scalar
    type: Type


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the case, by its dotted name; `absent` is what its absence means."""

    name: str
    type: Type
    absent: Scalar = None


@dataclass(frozen=True, slots=True)
class ItemField:
    """A field of the list item a `where` is looking at."""

    section: str
    name: str
    type: Type
    absent: Scalar = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A name the policy defines: a reading, a parameter or a finding."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class PickField:
    """A field of a picked record (`name` "" is the record itself); none when nothing was picked."""

    pick: str
    name: str
    type: Type
    absent: Scalar = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a question; unknown while it is open."""

    question: str
    type: Type


@dataclass(frozen=True, slots=True)
class Clock:
    """What is always known of a question: its state and its instants."""

    question: str
    part: Literal["state", "opened_at", "deadline", "ended_at"]
    type: Type


@dataclass(frozen=True, slots=True)
class Earliest:
    """The earliest dated instant of the case: the last resort of `dated_by`."""

    type: Type = INSTANT


@dataclass(frozen=True, slots=True)
class Arith:
    """`+`, `-`, `*` of numbers and money, or an instant moved by a duration."""

    op: Literal["+", "-", "*"]
    left: "Node"
    right: "Node"
    type: Type


@dataclass(frozen=True, slots=True)
class Func:
    """A call of one of the language's few functions (see `check.FUNCTIONS`)."""

    name: str
    args: tuple["Node", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Quantity:
    """`count`, `sum` or `exists` over the items of a list."""

    what: Literal["exists", "count", "sum"]
    section: str
    where: "Node | None"
    of: "Node | None"
    type: Type


@dataclass(frozen=True, slots=True)
class Pick:
    """The first or latest item of a list, or one field of it."""

    which: Literal["first", "latest"]
    section: str
    where: "Node | None"
    field: "ItemField | None"
    type: Type


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; false when either side is none."""

    op: CompareOp
    left: "Node"
    right: "Node"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class OneOf:
    """Membership in a list of constants; false when the value is none."""

    value: "Node"
    options: tuple[Scalar, ...]
    negated: bool = False
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Contains:
    """Whether a list value holds an item; false when it is none."""

    value: "Node"
    item: "Node"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a value is not none."""

    value: "Node"
    negated: bool = False
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Not:
    """Logical not; the checker refuses it over a condition that may compare none."""

    value: "Node"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class And:
    """All must hold."""

    parts: tuple["Node", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Or:
    """At least one must hold."""

    parts: tuple["Node", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of the first branch whose condition is true, else `otherwise`."""

    branches: tuple[tuple["Node", "Node"], ...]
    otherwise: "Node | None"
    type: Type


@dataclass(frozen=True, slots=True)
class Table:
    """A value looked up by a key; `otherwise` serves every other key (and none)."""

    key: "Node"
    rows: tuple[tuple[Scalar, "Node"], ...]
    otherwise: "Node | None"
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Dated:
    """The value in force at an instant: the last period that had begun by then."""

    by: "Node"
    periods: tuple[tuple[datetime | None, "Node"], ...]
    name: str
    type: Type


Node = (
    Lit
    | Field
    | ItemField
    | Ref
    | PickField
    | Answer
    | Clock
    | Earliest
    | Arith
    | Func
    | Quantity
    | Pick
    | Compare
    | OneOf
    | Contains
    | Known
    | Not
    | And
    | Or
    | Choice
    | Table
    | Dated
)


_LEAVES = (Lit, Field, ItemField, Ref, PickField, Answer, Clock, Earliest)
"""The nodes without parts, of which a tree has most."""


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node, in reading order."""
    match node:
        case Lit() | Field() | ItemField() | Ref() | PickField() | Answer() | Clock() | Earliest():
            return ()
        case Arith() | Compare():
            return (node.left, node.right)
        case Func():
            return node.args
        case Quantity():
            return tuple(part for part in (node.where, node.of) if part is not None)
        case Pick():
            return () if node.where is None else (node.where,)
        case OneOf() | Known() | Not():
            return (node.value,)
        case Contains():
            return (node.value, node.item)
        case And() | Or():
            return node.parts
        case Choice():
            inner = tuple(part for branch in node.branches for part in branch)
            return inner if node.otherwise is None else (*inner, node.otherwise)
        case Table():
            inner = (node.key, *(value for _, value in node.rows))
            return inner if node.otherwise is None else (*inner, node.otherwise)
        case Dated():
            return (node.by, *(value for _, value in node.periods))
        case _:
            assert_never(node)


@dataclass(frozen=True, slots=True)
class Uses:
    """The names an expression depends on."""

    refs: frozenset[str] = field(default_factory=frozenset)
    picks: frozenset[str] = field(default_factory=frozenset)
    answers: frozenset[str] = field(default_factory=frozenset)
    clocks: frozenset[str] = field(default_factory=frozenset)


def walk(node: Node) -> list[Node]:
    """Return the node and everything below it, parents first."""
    found: list[Node] = []
    todo = [node]
    while todo:
        current = todo.pop()
        found.append(current)
        if not isinstance(current, _LEAVES):
            todo.extend(reversed(children(current)))
    return found


def uses(node: Node) -> Uses:
    """Return the names this expression mentions itself (not through the names' definitions)."""
    nodes = walk(node)
    return Uses(
        refs=frozenset(n.name for n in nodes if isinstance(n, Ref)),
        picks=frozenset(n.pick for n in nodes if isinstance(n, PickField)),
        answers=frozenset(n.question for n in nodes if isinstance(n, Answer)),
        clocks=frozenset(n.question for n in nodes if isinstance(n, Clock)),
    )
