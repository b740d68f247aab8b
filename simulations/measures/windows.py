"""Windows for complaints in a policy: which parameters are ones, and for which claim types."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reso.engine.valuation import Valuation
from reso.expressions.tree import (
    And,
    Answer,
    Clock,
    Compare,
    Field,
    Lit,
    Node,
    OneOf,
    Or,
    PickField,
    Ref,
    walk,
)
from reso.model.case import Case, Record
from reso.model.time import Duration
from reso.policy.model import Policy, Rule

FILED_AT, CLAIM_TYPE = "claim.filed_at", "claim.type"
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MOST_NAMED = 2
SECONDS_A_DAY = 86_400
DAYS_A_WEEK, BUSINESS_DAYS_A_WEEK, DAYS_A_MONTH = 7, 5, 30


@dataclass(frozen=True, slots=True)
class About:
    """Which claims are looked at.

    Attributes:
        name: what they are called together: a claim type, or a chapter of a policy. "": all.
        claim_types: none are named: all of them.
    """

    name: str = ""
    claim_types: tuple[str, ...] = ()

    def takes(self, claim_type: str | None) -> bool:
        """Whether claims of a type are among them."""
        return not self.claim_types or claim_type in self.claim_types

    def holds(self, other: "About") -> bool:
        """Whether all claims of another are among them."""
        return not self.claim_types or (
            bool(other.claim_types) and set(other.claim_types) <= set(self.claim_types)
        )


ALL = About()


def about_types(kinds: Sequence[str]) -> About:
    """Return claims of these types, called by the first of them."""
    rest = len(kinds) - MOST_NAMED
    more = f" and {rest:,} other types" if rest > 1 else ""
    return About(", ".join(kinds[: MOST_NAMED if more else None]) + more, tuple(kinds))


def claim_types(policy: Policy) -> tuple[str, ...]:
    """Return the claim types that cases of a policy may state."""
    return tuple(policy.table.fields[CLAIM_TYPE].values)


def chapters(policy: Policy) -> tuple[About, ...]:
    """Return the claim types of each chapter, where a complaint of which nothing else is known is.

    Chapters that ask for more than a complaint (an appeal, a return) have none.
    """
    found, every = defaultdict[str, list[str]](list), claim_types(policy)
    for kind in every:
        fields: Record = {FILED_AT: SOME_DAY, CLAIM_TYPE: kind}
        case = Case(SOME_DAY, None, fields, {})
        found[Valuation(policy, case, SOME_DAY).chapter].append(kind)
    found.pop("", None)
    return tuple(About(name, tuple(of)) for name, of in found.items() if len(of) < len(every))


def judged_by(policy: Policy, parameter: str) -> About:
    """Return the claims that rules are about which rest on a parameter; all where none are.

    Of a window (`window_parameters`) only rules count that hold the instant of a complaint
    against it.
    """
    reading, every = _Reading(policy), claim_types(policy)
    groups = chapters(policy)
    by_chapter = {one.name: one.claim_types for one in groups} or {
        one.name: every for one in policy.chapters
    }
    found = {
        kind
        for rule in reading.rules_on(parameter)
        for kind in (by_chapter.get(rule.chapter, ()) if rule.chapter else every)
        if not any(reading.rules_out(node, kind) for node in rule.when)
    }
    kinds = tuple(kind for kind in every if kind in found)
    if len(kinds) in (0, len(every)):
        return ALL
    chapter = next((one for one in groups if one.claim_types == kinds), None)
    return chapter or about_types(kinds)


def window_parameters(policy: Policy) -> Mapping[str, Duration]:
    """Return the lengths of time complaints are held against; of one that varies, its longest.

    A policy holds it against a length of time where a comparison has `claim.filed_at` on one side,
    and on the other one the parameter, or what is worked out from it.
    """
    reading = _Reading(policy)
    nodes = [*reading.nodes.values(), *(node for rule in policy.rules for node in rule.when)]
    named = reading.names(reading.beside_filed_at(nodes))
    found = {one.name: longest(one.node) for one in policy.definitions if one.kind == "parameter"}
    return {name: value for name, value in found.items() if value is not None and name in named}


def longest(parameter: Node) -> Duration | None:
    """Return the longest length of time a parameter says, of all its periods and cases."""
    values = [one.value for one in walk(parameter) if isinstance(one, Lit)]
    return max((one for one in values if isinstance(one, Duration)), key=days_of, default=None)


def days_of(length: Duration) -> int:
    """Return a length of time in calendar days.

    Hours are rounded up to days; five business days count as seven days, a month as thirty.
    """
    match length.kind:
        case "exact":
            return math.ceil(length.count / SECONDS_A_DAY)
        case "business_days":
            return math.ceil(length.count * DAYS_A_WEEK / BUSINESS_DAYS_A_WEEK)
        case "months":
            return length.count * DAYS_A_MONTH
        case _:
            return length.count


class _Reading:
    """Follows the expressions of a policy through the names in them."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.nodes: dict[str, Node] = {one.name: one.node for one in policy.definitions}
        self.nodes |= dict(policy.picks)
        self.questions = {one.name: one for one in policy.questions}

    def names(self, nodes: Iterable[Node], *, and_asked: bool = False) -> frozenset[str]:
        """Return the names expressions rest on; `and_asked`: through questions, too."""
        found, todo = set[str](), list(nodes)
        while todo:
            for part in walk(todo.pop()):
                match part:
                    case Ref(name=name) | PickField(pick=name) if name not in found:
                        found.add(name)
                        todo.append(self.nodes[name])
                    case Answer(question=name) | Clock(question=name) if and_asked:
                        if name not in found:
                            found.add(name)
                            todo += self.questions[name].nodes()
                    case _:
                        pass
        return frozenset(found)

    def rules_on(self, parameter: str) -> tuple[Rule, ...]:
        """Return the rules that hold a complaint against a parameter; else all that rest on it."""
        rules, names = self.policy.rules, self.names
        windows = (one for one in rules if parameter in names(self.beside_filed_at(one.when)))
        resting = (one for one in rules if parameter in names(one.when, and_asked=True))
        return tuple(windows) or tuple(resting)

    def beside_filed_at(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Yield what expressions, or names in them, hold the instant of a complaint against."""
        nodes = list(nodes)
        named = (self.nodes[name] for name in self.names(nodes))
        for part in (part for node in (*nodes, *named) for part in walk(node)):
            match part:
                case Compare(op="<" | "<=" | ">" | ">=", left=Field(name="claim.filed_at")):
                    yield part.right
                case Compare(op="<" | "<=" | ">" | ">=", right=Field(name="claim.filed_at")):
                    yield part.left
                case _:
                    pass

    def rules_out(self, node: Node, kind: str) -> bool:
        """Whether a condition surely does not hold of claims of a type."""
        match node:
            case And(parts=parts):
                return any(self.rules_out(part, kind) for part in parts)
            case Or(parts=parts):
                return all(self.rules_out(part, kind) for part in parts)
            case Compare(op="=", left=Field(name="claim.type"), right=Lit(value=value)):
                return value != kind
            case Compare(op="!=", left=Field(name="claim.type"), right=Lit(value=value)):
                return value == kind
            case OneOf(value=Field(name="claim.type"), options=options, negated=negated):
                return (kind in options) == negated
            case Compare(op="=", left=Answer(question=name)):
                return self._is_never_asked(name, kind)
            case OneOf(value=Answer(question=name), negated=False):
                return self._is_never_asked(name, kind)
            case Ref(name=name):
                return self.rules_out(self.nodes[name], kind)
            case _:
                return False

    def _is_never_asked(self, question: str, kind: str) -> bool:
        opens = self.questions[question].when
        return opens is not None and self.rules_out(opens, kind)
