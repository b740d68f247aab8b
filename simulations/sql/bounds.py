"""How large and how late what an expression yields can be: where SQL might have no value for it.

Numbers are bounded from those of the facts, whose limits are known beforehand. Wherever a bound
stays within 64 bits and within the years of the calendar, nothing has to be looked at row by row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from reso.expressions.tree import (
    Arith,
    Choice,
    Clock,
    Dated,
    Earliest,
    Field,
    Func,
    ItemField,
    Kind,
    Lit,
    Node,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    Table,
)
from reso.facts.operations import MILLION
from reso.policy.model import Policy, Question
from simulations.sql.calendar import DAY, SECOND, SqlCalendar, day_number, microseconds
from simulations.sql.constants import clock_microseconds
from simulations.sql.reading import lengths
from simulations.sql.rounding import LARGEST_RATE

Range = tuple[int, int]
"""The least and the greatest number something can be, both included."""

ANY: Range = (-(2**200), 2**200)
NONE: Range = (2**200, -(2**200))
"""No number at all: what has no value."""

BITS_64: Range = (-(2**63), 2**63 - 1)

LARGEST_SUM = 10**15
"""No sum over a list is larger, or it is told of: what is worked out of it fits 64 bits."""

MOST_ITEMS = 10**9
"""More items than any list has."""

UNITS = {"hours_between": 3_600 * SECOND, "days_between": DAY}
ON_INSTANTS = ("at_time", "time_of", "end_of_day", "is_business_day")


def within(found: Range, limit: Range) -> bool:
    """Whether all numbers of a range lie in another one."""
    return found[0] > found[1] or (limit[0] <= found[0] and found[1] <= limit[1])


def hull(ranges: Iterable[Range]) -> Range:
    """Return the least range that holds several."""
    found = NONE
    for low, high in ranges:
        found = min(found[0], low), max(found[1], high)
    return found


def common(one: Range, other: Range) -> Range:
    """Return what lies in both of two ranges."""
    return max(one[0], other[0]), min(one[1], other[1])


@dataclass(frozen=True, slots=True)
class Limits:
    """How large facts can be.

    Attributes:
        kinds: by what they are.
        fields: of some fields of their own, by `section.field`.
        passed: of the instants at which a dispute has been looked at, and at which parties acted.
    """

    kinds: Mapping[Kind, Range]
    fields: Mapping[str, Range]
    passed: Range


@dataclass
class Bounds:
    """Bounds what the expressions of a policy yield, where they yield a number."""

    policy: Policy
    calendar: SqlCalendar
    limits: Limits
    _found: dict[Node, Range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._nodes = {d.name: d.node for d in self.policy.definitions}
        self._picks = dict(self.policy.picks)
        self._questions = {q.name: q for q in self.policy.questions}

    def of(self, node: Node) -> Range:
        """Return what an expression can yield, troubles that are told of left out."""
        if node not in self._found:
            self._found[node] = self._of(node)
        return self._found[node]

    def may_be_lost(self, node: Node) -> bool:
        """Whether SQL may have no value, or a wrong one, for an expression of sound parts."""
        match node:
            case Arith() if node.left.type.kind == "instant":
                return self.may_leave(self.of(node.left), node.right)
            case Arith() if shared := shared_by(node):
                return not self._is_shared_safely(*map(self.of, shared))
            case Arith():
                return not within(self._reckoned(node), BITS_64)
            case Func(name="portion"):
                amount, part = self.of(node.args[0]), self.of(node.args[1])
                return not within(_corners(_product, amount, part), _inner(BITS_64))
            case Func() if node.name in ON_INSTANTS:
                return not within(self.of(node.args[0]), self._years)
            case Quantity(what="sum"):
                return True
            case Table():
                return node.otherwise is None
            case Dated():
                return all(start is not None for start, _ in node.periods)
            case _:
                return False

    # -- instants ----------------------------------------------------------------------------

    def may_leave(self, start: Range, by: Node) -> bool:
        """Whether a duration that starts in a range may end after the years of the calendar."""
        return not all(
            self.calendar.always_ends(*start, duration) for duration in lengths(by, self._nodes)
        )

    def moved(self, start: Range, by: Node) -> Range:
        """Return when a duration that starts in a range can end."""
        ends = [self.calendar.latest_end(start[1], by) for by in lengths(by, self._nodes)]
        return common((start[0] - DAY, max(ends)), self._around) if ends else NONE

    def opens(self, question: Question) -> Range:
        """Return when a question can open."""
        return self.limits.passed if question.put_by_us else self.of(question.opens_at)

    def end(self, question: Question) -> Range:
        """Return when a question's time can be over, before what is added and what stands still."""
        opens = self.opens(question)
        stretched = (stretch.lasts for stretch in question.stretched)
        lasts = [node for node in (question.lasts, *stretched) if node is not None]
        until = [] if question.until is None else [self.of(question.until)]
        return hull([*until, *(self.moved(opens, node) for node in lasts)])

    def extended(self, question: Question) -> Range:
        """Return when it can be over with what is added."""
        found = self.end(question)
        for extension in question.extended_by:
            for _ in range(extension.most):
                found = hull([found, self.moved(found, extension.by)])
        return found

    def deadline(self, question: Question) -> Range:
        """Return when a question's time can be over."""
        low, high = self.extended(question)
        overs = [
            self.limits.passed if pause.ends_at is None else self.of(pause.ends_at)
            for pause in question.paused_by
        ]
        still = hull(overs)[1] - self.opens(question)[0]
        return (low, high + still) if overs and still > 0 else (low, high)

    @property
    def _years(self) -> Range:
        return self.calendar.first, self.calendar.last

    @property
    def _around(self) -> Range:
        """The calendar's years, and what a clock time of their first and last day can come to."""
        return self.calendar.first - DAY, self.calendar.last + DAY

    # -- by what it does ---------------------------------------------------------------------

    def _of(self, node: Node) -> Range:
        match node:
            case Lit():
                return _of_constant(node.value)
            case Field() | ItemField() | PickField():
                return hull([self._stated(node), _of_constant(node.absent)])
            case Pick(field=ItemField() as chosen):
                return self.of(chosen)
            case Ref():
                return self.of(self._nodes[node.name])
            case Clock():
                return self._clock(node)
            case Earliest():
                return self.limits.passed
            case Arith():
                return self._arith(node)
            case Func():
                return self._func(node)
            case Quantity(what="sum"):
                return -LARGEST_SUM, LARGEST_SUM
            case Quantity(what="count"):
                return 0, MOST_ITEMS
            case Choice() | Table() | Dated():
                return hull(map(self.of, _outcomes(node)))
            case _:
                return ANY

    def _stated(self, node: Field | ItemField | PickField) -> Range:
        match node:
            case Field():
                name = node.name
            case ItemField():
                name = f"{node.section}.{node.name}"
            case PickField():
                picked = self._picks[node.pick]
                assert isinstance(picked, Pick)
                name = f"{picked.section}.{node.name}"
        return self.limits.fields.get(name) or self.limits.kinds.get(node.type.kind, ANY)

    def _clock(self, node: Clock) -> Range:
        question = self._questions[node.question]
        match node.part:
            case "opened_at":
                return hull([self.opens(question), self.limits.passed])
            case "deadline":
                return self.deadline(question)
            case "ended_at":
                return self.limits.passed
            case "state":
                return ANY

    def _arith(self, node: Arith) -> Range:
        if node.left.type.kind == "instant":
            return self.moved(self.of(node.left), node.right)
        if shared := shared_by(node):
            low, high = _corners(_product, *map(self.of, shared))
            return common((low // MILLION, high // MILLION + 1), BITS_64)
        return common(self._reckoned(node), BITS_64)

    def _reckoned(self, node: Arith) -> Range:
        """Return what a sum, difference or product of numbers comes to, however large."""
        reckon = {"+": _sum, "-": _difference, "*": _product}[node.op]
        return _corners(reckon, self.of(node.left), self.of(node.right))

    def _is_shared_safely(self, amount: Range, rate: Range) -> bool:
        low, high = _corners(_product, amount, rate)
        fits = within((low // MILLION, high // MILLION), _inner(BITS_64))
        return fits and within(rate, (-LARGEST_RATE, LARGEST_RATE))

    def _func(self, node: Func) -> Range:
        args = [self.of(arg) for arg in node.args]
        match node.name:
            case "min" | "max" | "first_known":
                return hull(args)
            case "hours_between" | "days_between":
                low, high = _corners(_difference, args[1], args[0])
                return low // UNITS[node.name], high // UNITS[node.name]
            case "portion":
                low, high = _corners(_product, args[0], args[1])
                return common((min(low, -1), max(high, 1)), BITS_64)
            case "at_time" | "end_of_day":
                return common((args[0][0] - DAY, args[0][1] + DAY), self._around)
            case "time_of":
                return 0, DAY
            case _:
                return ANY


def _outcomes(node: Choice | Table | Dated) -> list[Node]:
    """Return the expressions of which one is the value of an expression."""
    match node:
        case Choice():
            found = [then for _, then in node.branches]
        case Table():
            found = [then for _, then in node.rows]
        case Dated():
            return [then for _, then in node.periods]
    return found if node.otherwise is None else [*found, node.otherwise]


def shared_by(node: Arith) -> tuple[Node, Node] | None:
    """Return the amount and the rate of a product that is a share of money, else None."""
    match node.left.type.kind, node.right.type.kind:
        case "money", "rate":
            return node.left, node.right
        case "rate", "money":
            return node.right, node.left
        case _:
            return None


def _of_constant(value: Scalar) -> Range:
    match value:
        case None:
            return NONE
        case bool():
            return ANY
        case int():
            return value, value
        case datetime():
            return microseconds(value), microseconds(value)
        case date():
            return day_number(value), day_number(value)
        case time():
            return clock_microseconds(value), clock_microseconds(value)
        case _:
            return ANY


def _sum(one: int, other: int) -> int:
    return one + other


def _difference(one: int, other: int) -> int:
    return one - other


def _product(one: int, other: int) -> int:
    return one * other


def _corners(reckon: Callable[[int, int], int], one: Range, other: Range) -> Range:
    """Return what numbers of two ranges come to; NONE where either holds none."""
    if one[0] > one[1] or other[0] > other[1]:
        return NONE
    found = [reckon(a, b) for a in one for b in other]
    return min(found), max(found)


def _inner(limit: Range) -> Range:
    """Return a range without its ends, which rounding may pass."""
    return limit[0] + 2, limit[1] - 2
