"""Overlays that make a right shorter which already runs, or that change nothing at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reso.expressions.tree import (
    And,
    Arith,
    Choice,
    Dated,
    Field,
    Known,
    Lit,
    Node,
    OneOf,
    Or,
    Ref,
    Scalar,
    Table,
    walk,
)
from reso.model.time import Duration, format_duration
from reso.policy.model import RUNNING, Overlay, Policy
from reso.policy.parameters import INSTANTS
from reso.policy.possible import can_hold
from reso.policy.review.nodes import every_node
from reso.policy.review.remark import Remark, remark

ORDER = tuple(INSTANTS)
"""The instants an overlay may reach, in the order in which they come in the life of a case."""

SECONDS = {"exact": 1, "calendar_days": 86_400, "business_days": 86_400, "months": 28 * 86_400}
"""The least a unit of each kind of duration comes to."""

Length = tuple[Node, Duration]


def shortening(policy: Policy) -> Iterator[Remark]:
    """Yield the overlays that take time away from somebody whose time already runs."""
    lengths = _Lengths.of(policy)
    for overlay in policy.overlays:
        found = next(lengths.shorter(overlay), None)
        if found is not None:
            before, after = (format_duration(length, "en") for length in found)
            code = "overlay-changes-nothing" if overlay.reach == RUNNING else "overlay-shortens"
            yield remark(
                code,
                overlay.parameter,
                overlay.mark,
                1,
                reach=overlay.reach,
                before=before,
                after=after,
            )


@dataclass(slots=True)
class _Lengths:
    """The parameters of a policy, and with which of `ORDER` the times that last them may begin."""

    values: Mapping[str, Node]
    begins: Mapping[str, set[int]]

    @classmethod
    def of(cls, policy: Policy) -> "_Lengths":
        laid = {overlay.parameter for overlay in policy.overlays if overlay.reach != RUNNING}
        values = {d.name: d.node for d in policy.definitions if d.kind == "parameter"}
        bare = {name: _bare(node) if name in laid else node for name, node in values.items()}
        begins: dict[str, set[int]] = {}
        for name, instant in _beginnings(policy):
            if (rank := _rank(instant)) is not None:
                begins.setdefault(name, set()).add(rank)
        return cls(bare, begins)

    def shorter(self, overlay: Overlay) -> Iterator[tuple[Duration, Duration]]:
        """Yield what a parameter is and what the overlay makes of it, where that is less."""
        running = overlay.reach == RUNNING
        if not running and not self._runs_before(overlay):
            return
        pairs = [
            (before, after)
            for one, before in _leaves(self.values[overlay.parameter])
            for other, after in _leaves(overlay.value)
            if can_hold((overlay.when, one, other))
        ]
        less = [pair for pair in pairs if _certainly_less(pair[1], pair[0])]
        if not running or len(less) == len(pairs):
            yield from less

    def _runs_before(self, overlay: Overlay) -> bool:
        """Whether a time of this length may begin before the instant the overlay looks at."""
        reached = ORDER.index(overlay.reach)
        return any(rank < reached for rank in self.begins.get(overlay.parameter, ()))


def _bare(node: Node) -> Node:
    """Return a parameter without the overlays that are laid over it."""
    return node.otherwise if isinstance(node, Choice) and node.otherwise is not None else node


def _beginnings(policy: Policy) -> Iterator[tuple[str, Node]]:
    """Yield each name that says how long something lasts, with the instant it begins at."""
    for question in policy.questions:
        if isinstance(question.lasts, Ref):
            yield question.lasts.name, question.opens_at
    for node in every_node(policy):
        for part in walk(node):
            match part:
                case Arith(op="+", left=left, right=Ref(name=name)):
                    yield name, left


def _rank(instant: Node) -> int | None:
    """Return which of the instants in `ORDER` this one comes with; None: it is not known."""
    names: Mapping[str, int] = {name: ORDER.index(reach) for reach, name in INSTANTS.items()}
    match instant:
        case Field(name=name) | Ref(name=name) if name in names:
            return names[name]
        case Field(name=name) if name.startswith("order."):
            return 0
        case _:
            return None


def _leaves(node: Node) -> Iterator[Length]:
    """Yield every constant length a value may be, with the condition under which it is."""
    match node:
        case Lit(value=Duration() as length):
            yield And(()), length
        case Dated(periods=periods):
            for _, value in periods:
                yield from _leaves(value)
        case Table(key=key, rows=rows, otherwise=otherwise):
            for constant, value in rows:
                for when, length in _leaves(value):
                    yield And((OneOf(key, (constant,)), when)), length
            if otherwise is not None:
                for when, length in _leaves(otherwise):
                    yield And((_no_row(key, [constant for constant, _ in rows]), when)), length


def _no_row(key: Node, constants: list[Scalar]) -> Node:
    return Or((Known(key, negated=True), OneOf(key, tuple(constants), negated=True)))


def _certainly_less(one: Duration, other: Duration) -> bool:
    """Whether a length is shorter than another, whenever both begin."""
    if one.kind == other.kind:
        return (_units(one), one.end_of_day) < (_units(other), other.end_of_day)
    if one.kind in ("business_days", "months"):
        return False
    longest = _units(one) * SECONDS[one.kind] + one.end_of_day * SECONDS["calendar_days"]
    return longest < _units(other) * SECONDS[other.kind]


def _units(length: Duration) -> int:
    return length.count - length.inclusive
