"""The plain interpreter of the typed tree: one meaning, read off node by node.

It is slow and meant to be obviously right. The compiled evaluator must agree with it on every
case (a law in the tests); it also serves the rare case in which a source is down.
"""

from datetime import datetime
from typing import Protocol, assert_never

from reso.errors import ResoError
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
from reso.facts.calendar import Calendar
from reso.facts.operations import (
    UNKNOWN,
    Rounding,
    Unknown,
    at_time,
    compare,
    elapsed,
    first_known,
    largest,
    move,
    portion,
    share,
    smallest,
)
from reso.model.case import Case, Record

CONCLUDED = "ruling.amount"
Maybe = Scalar | Unknown
Truth = bool | Unknown


class NoValueError(ResoError):
    """A parameter has no value for this case: no period begun, no row for the key."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"`{name}` has no value {why}")


def before_first(by: datetime, first: datetime, calendar: Calendar) -> str:
    """Say that an instant lies before the first period of a parameter, in days of the calendar."""
    on, begins = calendar.local_date(by), calendar.local_date(first)
    return f"on {on.isoformat()}; its first one starts {begins.isoformat()}"


class World(Protocol):
    """What an expression is read against."""

    case: Case
    calendar: Calendar
    rounding: Rounding
    earliest: datetime
    down: frozenset[str]
    concluded: int | None

    def ref(self, name: str) -> Maybe:
        """Return the value of a reading, parameter or finding."""

    def picked(self, name: str) -> Record | Unknown | None:
        """Return the record a pick found."""

    def answer(self, question: str) -> Maybe:
        """Return a question's answer, none, or unknown."""

    def clock(self, question: str, part: str) -> Maybe:
        """Return a question's state or one of its instants."""

    def may_come(self, node: Quantity) -> bool:
        """Whether an open question could still add what `exists` looks for."""

    def assume(self, node: Node) -> Maybe:
        """Return what is assumed of something unknown; unknown when nothing is."""


def value(node: Node, world: World, item: Record | None = None) -> Maybe:
    """Return what an expression yields; `item` is the list item a `where` is looking at."""
    match node:
        case Lit():
            return node.value
        case Field():
            return _field(node, world)
        case ItemField():
            return _item(node, item)
        case Ref():
            return world.ref(node.name)
        case PickField():
            return _picked(node, world)
        case Answer():
            return world.answer(node.question)
        case Clock():
            return world.clock(node.question, node.part)
        case Earliest():
            return world.earliest
        case Arith():
            return _arith(node, world, item)
        case Func():
            return _func(node, world, item)
        case Quantity() if node.what != "exists":
            return _quantity(node, world)
        case Pick():
            return _pick_field(node, world)
        case Choice():
            return _choice(node, world)
        case Table():
            return _table(node, world)
        case Dated():
            return _dated(node, world)
        case _:
            return truth(node, world, item)


def truth(node: Node, world: World, item: Record | None = None) -> Truth:
    """Return whether a condition holds: yes, no, or unknown (Kleene's logic)."""
    match node:
        case And():
            return _all([truth(part, world, item) for part in node.parts])
        case Or():
            return _negate(_all([_negate(truth(part, world, item)) for part in node.parts]))
        case Not():
            return _negate(truth(node.value, world, item))
        case Compare():
            left, right = value(node.left, world, item), value(node.right, world, item)
            if isinstance(left, Unknown) or isinstance(right, Unknown):
                return _assumed(node, world)
            return compare(node.op, left, right)
        case OneOf():
            found = value(node.value, world, item)
            if isinstance(found, Unknown):
                return _assumed(node, world)
            return found is not None and (found in node.options) != node.negated
        case Contains():
            found, wanted = value(node.value, world, item), value(node.item, world, item)
            if isinstance(found, Unknown) or isinstance(wanted, Unknown):
                return _assumed(node, world)
            return isinstance(found, tuple) and wanted in found
        case Known():
            found = value(node.value, world, item)
            if isinstance(found, Unknown):
                return _assumed(node, world)
            return (found is not None) != node.negated
        case Quantity(what="exists"):
            return _exists(node, world)
        case _:
            found = value(node, world, item)
            return UNKNOWN if isinstance(found, Unknown) else found is True


def items_where(section: str, where: Node | None, world: World) -> list[Record]:
    """Return the items of a list for which a condition holds, in the list's order."""
    return [
        record
        for record in world.case.lists.get(section, ())
        if where is None or truth(where, world, record) is True
    ]


def _all(truths: list[Truth]) -> Truth:
    if any(found is False for found in truths):
        return False
    return UNKNOWN if any(found is UNKNOWN for found in truths) else True


def _negate(found: Truth) -> Truth:
    return UNKNOWN if isinstance(found, Unknown) else not found


def is_down(name: str, down: frozenset[str]) -> bool:
    """Whether a field or list belongs to a source that reported itself down."""
    return any(name == source or name.startswith(f"{source}.") for source in down)


def _assumed(node: Node, world: World) -> Truth:
    found = world.assume(node)
    return found if isinstance(found, bool) else UNKNOWN


def _field(node: Field, world: World) -> Maybe:
    if world.down and is_down(node.name, world.down):
        return world.assume(node)
    if node.name == CONCLUDED:
        return world.concluded
    if node.type.kind == "record":
        return _section(node.name, world.case)
    found = world.case.fields.get(node.name)
    return node.absent if found is None else found  # type: ignore[return-value]


def _section(name: str, case: Case) -> Scalar:
    """Return yes when anything of a section is known, else none."""
    begins = f"{name}."
    known = any(
        key.startswith(begins) and stated is not None for key, stated in case.fields.items()
    )
    return True if known or any(key.startswith(begins) for key in case.lists) else None


def _item(node: ItemField, item: Record | None) -> Scalar:
    found = None if item is None else item.get(node.name)
    return node.absent if found is None else found  # type: ignore[return-value]


def _picked(node: PickField, world: World) -> Maybe:
    record = world.picked(node.pick)
    if record is None or isinstance(record, Unknown):
        return record
    if not node.name:
        return True
    found = record.get(node.name)
    return node.absent if found is None else found  # type: ignore[return-value]


def _arith(node: Arith, world: World, item: Record | None) -> Maybe:
    left, right = value(node.left, world, item), value(node.right, world, item)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if left is None or right is None:
        return None
    kinds = (node.left.type.kind, node.right.type.kind)
    match node.op:
        case "+" if kinds[0] == "instant":
            return move(world.calendar, left, right)  # type: ignore[arg-type]
        case "+":
            return left + right  # type: ignore[operator]
        case "-":
            return left - right  # type: ignore[operator,return-value]
        case "*" if kinds == ("money", "rate"):
            return share(left, right, world.rounding)  # type: ignore[arg-type]
        case "*" if kinds == ("rate", "money"):
            return share(right, left, world.rounding)  # type: ignore[arg-type]
        case "*":
            return left * right  # type: ignore[operator]
        case _:
            assert_never(node.op)


def _func(node: Func, world: World, item: Record | None) -> Maybe:
    args: list[Scalar] = []
    for part in node.args:
        found = value(part, world, item)
        if isinstance(found, Unknown):
            return UNKNOWN
        args.append(found)
    if node.name == "portion":
        amount, of, whole = args
        return portion(amount, of, whole, world.rounding)  # type: ignore[arg-type]
    return call(node.name, args, world.calendar)


def call(name: str, args: list[Scalar], calendar: Calendar) -> Scalar:
    """Call a function of the language."""
    match name:
        case "min":
            return smallest(args)
        case "max":
            return largest(args)
        case "first_known":
            return first_known(args)
        case "at_time":
            return at_time(calendar, *args)  # type: ignore[arg-type]
        case "hours_between":
            return elapsed(3_600, *args)  # type: ignore[arg-type]
        case "days_between":
            return elapsed(86_400, *args)  # type: ignore[arg-type]
    (instant,) = args
    if not isinstance(instant, datetime):
        return False if name == "is_business_day" else None
    match name:
        case "time_of":
            return calendar.local_time(instant)
        case "end_of_day":
            return calendar.end_of_day(instant)
        case "is_business_day":
            return calendar.is_business_day(instant)
        case _:
            raise ValueError(f"no function `{name}`")


def _exists(node: Quantity, world: World) -> Truth:
    if world.down and is_down(node.section, world.down):
        return _assumed(node, world)
    if items_where(node.section, node.where, world):
        return True
    return _assumed(node, world) if world.may_come(node) else False


def _quantity(node: Quantity, world: World) -> Maybe:
    if world.down and is_down(node.section, world.down):
        return UNKNOWN
    found = items_where(node.section, node.where, world)
    if node.what == "count" or node.of is None:
        return len(found)
    values = [value(node.of, world, record) for record in found]
    return sum(number for number in values if isinstance(number, int))


def pick(node: Pick, world: World) -> Record | Unknown | None:
    """Return the first or latest item of a list; equal times keep the order of the file."""
    if world.down and is_down(node.section, world.down):
        return UNKNOWN
    found = items_where(node.section, node.where, world)
    if not found:
        return None
    return found[0] if node.which == "first" else found[-1]


def _pick_field(node: Pick, world: World) -> Maybe:
    record = pick(node, world)
    if record is None or isinstance(record, Unknown):
        return record
    return True if node.field is None else _item(node.field, record)


def _choice(node: Choice, world: World) -> Maybe:
    for when, then in node.branches:
        holds = truth(when, world)
        if holds is UNKNOWN and world.down:
            return UNKNOWN
        if holds is True:
            return value(then, world)
    return None if node.otherwise is None else value(node.otherwise, world)


def _table(node: Table, world: World) -> Maybe:
    key = value(node.key, world)
    if isinstance(key, Unknown):
        return UNKNOWN
    for row, then in node.rows:
        if row == key:
            return value(then, world)
    if node.otherwise is None:
        raise NoValueError(node.name, f"for `{key}`")
    return value(node.otherwise, world)


def _dated(node: Dated, world: World) -> Maybe:
    by = value(node.by, world)
    if isinstance(by, Unknown):
        return UNKNOWN
    chosen = None
    for start, then in node.periods:
        if start is None or (isinstance(by, datetime) and start <= by):
            chosen = then
    if chosen is None:
        first = node.periods[0][0]
        assert isinstance(by, datetime)
        assert first is not None
        raise NoValueError(node.name, before_first(by, first, world.calendar))
    return value(chosen, world)


def sections_down(case: Case) -> frozenset[str]:
    """Return the sources that reported themselves down and not up again."""
    states: dict[str, str] = {}
    for item in case.lists.get("unavailable", ()):
        states[str(item.get("source"))] = str(item.get("state", "down"))
    return frozenset(name for name, state in states.items() if state == "down")


def earliest_instant(case: Case) -> datetime:
    """Return the earliest dated instant of a case, its own moment when it has none."""
    fields = [v for v in case.fields.values() if isinstance(v, datetime)]
    dated = [
        at
        for items in case.lists.values()
        for item in items
        if isinstance(at := item.get("at"), datetime)
    ]
    return min([*fields, *dated, case.known_at])


__all__ = [
    "CONCLUDED",
    "Maybe",
    "NoValueError",
    "Truth",
    "World",
    "earliest_instant",
    "items_where",
    "pick",
    "sections_down",
    "truth",
    "value",
]
