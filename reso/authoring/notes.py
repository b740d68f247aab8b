"""What the author of an overlay should know about it: whom it gives less time than usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reso.authoring.spans import Plain
from reso.expressions.check import Checker, Scope
from reso.expressions.tree import And, Compare, Lit, Node, OneOf, Or
from reso.model.time import Duration
from reso.policy.parameters import DAY

REACH_MEANS = {
    "orders placed": "orders placed on these days",
    "parcels delivered": "parcels delivered on these days",
    "claims filed": "claims filed on these days",
    "clocks running": "clocks that run on these days, also those that began before",
}
DAY_SECONDS = 86_400
# The least and the most seconds one of a kind can last; nobody has ten days off in a row.
LASTS = {
    "exact": (1, 1),
    "calendar_days": (DAY_SECONDS, DAY_SECONDS),
    "business_days": (DAY_SECONDS, 10 * DAY_SECONDS),
    "months": (28 * DAY_SECONDS, 31 * DAY_SECONDS),
}


@dataclass(frozen=True, slots=True)
class _Usual:
    """A value a parameter has without the overlay; `row` says where it stands: "KEY is VALUE"."""

    text: str
    length: Duration
    row: str
    other_row: bool


@dataclass(frozen=True, slots=True)
class LessTime:
    """Compares an overlay's value with the usual ones its cases would have.

    Attributes:
        value: the overlay's, as its author wrote it.
        where: its conditions.
    """

    scope: Scope
    value: str
    where: Sequence[str]
    reach: str

    def notes(self, usual: Plain) -> Iterator[str]:
        """Yield what to tell of an overlay that is shorter than a usual value it replaces."""
        new = self._length(self.value)
        if new is None:
            return
        replaced = list(self._usual(usual))
        longer = [one for one in replaced if _shorter(new, one.length)]
        if not longer:
            return
        for_all = len(longer) == len(replaced)
        if self.reach == "clocks running":
            effect = "this one changes nothing" if for_all else "it counts only where it is longer"
            yield (
                f"{self.value} is shorter than the usual value. An overlay never shortens a clock "
                f"that is running: {effect}."
            )
        elif for_all:
            yield (
                f"{self.value} is shorter than the usual value, so {REACH_MEANS[self.reach]} get "
                "less time."
            )
        else:
            yield from (self._for_some(one) for one in longer)

    def _for_some(self, one: _Usual) -> str:
        told = (
            f"{self.value} is shorter than the usual {one.text} where {one.row}: "
            f"{REACH_MEANS[self.reach]} get less time there."
        )
        if one.other_row:
            return f"{told} Choose a longer value to prevent that."
        key, value = one.row.split(" is ")
        return f'{told} Leave them out by --where "{key} is not {value}", or choose a longer value.'

    def _length(self, text: str) -> Duration | None:
        checker = Checker(self.scope)
        node = checker.expression(text)
        return node.value if isinstance(node, Lit) and isinstance(node.value, Duration) else None

    def _usual(self, value: Plain, row: str = "", other: bool = False) -> Iterator[_Usual]:
        """Yield the values the overlay's cases would have, row by row of its tables."""
        if isinstance(value, str):
            length = self._length(value)
            if length is not None:
                yield _Usual(value, length, row, other)
            return
        if not isinstance(value, dict):
            return
        by = value.get("by")
        if not isinstance(by, str):
            for name, inner in value.items():
                if name == "before" or DAY.match(name):
                    yield from self._usual(inner, row, other)
            return
        named = [name for name in value if name not in ("by", "otherwise")]
        for name, inner in value.items():
            if name != "by" and not self._leaves_out(by, name, named):
                told = f"{by} is anything else" if name == "otherwise" else f"{by} is {name}"
                yield from self._usual(inner, told, name == "otherwise")

    def _leaves_out(self, by: str, name: str, named: Sequence[str]) -> bool:
        """Whether the conditions keep the cases of a row out."""
        key = Checker(self.scope).expression(by)
        values = [] if name == "otherwise" else [name]
        return any(
            _false(Checker(self.scope).condition(condition), key, values, named)
            for condition in self.where
        )


def _false(node: Node, key: Node, values: Sequence[str], named: Sequence[str]) -> bool:
    """Whether a condition cannot hold where `key` is one of `values`; of none: of no `named`."""
    match node:
        case And(parts=parts):
            return any(_false(part, key, values, named) for part in parts)
        case Or(parts=parts):
            return all(_false(part, key, values, named) for part in parts)
        case Compare(op=("=" | "!=") as op, left=left, right=Lit(value=value)) if left == key:
            return _ruled_out((value,), op == "!=", values, named)
        case OneOf(value=left, options=options, negated=negated) if left == key:
            return _ruled_out(options, negated, values, named)
        case _:
            return False


def _ruled_out(
    options: Sequence[object], negated: bool, values: Sequence[str], named: Sequence[str]
) -> bool:
    if not values:
        return not negated and all(option in named for option in options)
    return all((value in options) is negated for value in values)


def _shorter(one: Duration, other: Duration) -> bool:
    """Whether a length of time is certainly shorter than another."""
    if one.kind == other.kind:
        return one.count < other.count
    return one.count * LASTS[one.kind][1] < other.count * LASTS[other.kind][0]
