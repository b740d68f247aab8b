"""Which disputes SQL has no value for, or no exact one: the reference replay leads them.

What can be large or late is bounded from `beyond.LIMITS` when a policy is planned; only where a
bound leaves 64 bits or the calendar's years is anything looked at in each dispute.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from reso.expressions.tree import Field, Node, walk
from reso.facts.interpret import CONCLUDED
from reso.policy.model import Policy
from simulations.fast.beyond import LIMITS, instant_of
from simulations.fast.facts import AT, OWN_LISTS
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.writing import Writer
from simulations.life import LEDGER
from simulations.sql.bounds import Bounds, Limits, Range, within
from simulations.sql.calendar import SqlCalendar
from simulations.sql.trouble import trouble

LATEST = instant_of(date(2094, 1, 1))
"""The last instant at which disputes are looked at: durations of some years still end."""

AMOUNTS: Range = (-(10**17), 10**17)
"""How large the amounts may be that the engine reckons on with: sums of some fit 64 bits."""

OWN_AMOUNTS: Range = (-(10**18), 10**18)
"""How large what our acts concluded, and paid in all, can be then."""

OWN_COUNTS: Range = (0, 2 * LIMITS["integer"][1])
"""How large what our acts count on from what is recorded can be."""

NUMBERS = ("money", "integer", "rate")


def bounds_of(policy: Policy, calendar: SqlCalendar) -> Bounds:
    """Return how large and how late the expressions of a policy can be over facts in range."""
    first, _ = LIMITS["instant"]
    passed = first, LATEST
    own = {"money": OWN_AMOUNTS, "integer": OWN_COUNTS, "instant": passed}
    kinds = {
        **LEDGER,
        **{f"{section}.{name}": kind for section, fields in OWN_LISTS.items()
           for name, kind in fields.items()},
    }  # fmt: skip
    fields = {path: own[kind] for path, kind in kinds.items() if kind in own}
    fields |= {CONCLUDED: OWN_AMOUNTS, "proposed.until": (first, calendar.last)}
    return Bounds(policy, calendar, Limits(LIMITS, fields, passed))


@dataclass(frozen=True, slots=True)
class Lacking:
    """Writes the conditions under which a dispute is one of them.

    Attributes:
        part: makes a condition a column, and returns its name.
    """

    writer: Writer
    bounds: Bounds
    part: Callable[[str], str]

    def too_late(self) -> str:
        """Return whether a dispute stands before or after the instants that bounds speak of."""
        first, last = self.bounds.limits.passed
        return f"{AT} NOT BETWEEN {first} AND {last}"

    def troubles(self, nodes: Iterable[Node]) -> Iterator[str]:
        """Yield where an expression is in trouble (see `simulations.sql.trouble`).

        Raises:
            UnsupportedPolicyError: one that speaks of the amount concluded may be.
        """
        may_be_lost = self.bounds.may_be_lost
        for node in dict.fromkeys(nodes):
            if speaks_of_the_amount(node) and any(map(may_be_lost, walk(node))):
                raise UnsupportedPolicyError(
                    "what is made of the amount concluded may be too large"
                )
            yield from (self.part(sql.text) for sql in trouble(self.writer, node, may_be_lost))

    def too_large(self, amounts: Iterable[Node]) -> Iterator[str]:
        """Yield where an amount is too large for the engine to reckon on with."""
        for node in dict.fromkeys(amounts):
            stated = isinstance(node, Field) or speaks_of_the_amount(node)
            if node.type.kind in NUMBERS and not stated and not self._is_small(node):
                small = f"{self.writer.value(node).text} BETWEEN {AMOUNTS[0]} AND {AMOUNTS[1]}"
                yield self.part(f"NOT COALESCE({small}, TRUE)")

    def ends_too_late(self, started: Iterable[tuple[str, Range, Node]]) -> Iterator[str]:
        """Yield where a duration ends after the calendar's years.

        Of each: the instant it starts at, in which range that lies, and how long it is.
        """
        for start, begun, by in dict.fromkeys(started):
            if self.bounds.may_leave(begun, by):
                known, end = self.writer.value(by).text, self.writer.later(start, by).text
                yield self.part(f"{start} IS NOT NULL AND {known} IS NOT NULL AND {end} IS NULL")

    def _is_small(self, node: Node) -> bool:
        return within(self.bounds.of(node), AMOUNTS)


def speaks_of_the_amount(node: Node) -> bool:
    """Whether an expression speaks of the amount concluded."""
    return any(isinstance(part, Field) and part.name == CONCLUDED for part in walk(node))
