"""Rules that can never decide, for a reason that shows without any case."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from reso.expressions.tree import And, Compare, Lit, Node, Not, Or
from reso.policy.model import Policy, Rule
from reso.policy.possible import Effort, can_hold, subjects
from reso.policy.review.places import Places
from reso.policy.review.remark import Remark, remark
from reso.policy.spelling import Spelling

MOST = 2_000
"""Assignments tried for one reason; above, the rule is taken to fire."""

MOST_BARS = 100
"""Bars tried for one rule."""


def never_deciding(policy: Policy, places: Places) -> Iterator[Remark]:
    """Yield the rules, bars and rows of tables that never decide, each with the first reason."""
    firing = _Firing.of(policy)
    for rule in policy.rules:
        if places.own(rule.mark) and (found := firing.reason(rule)) is not None:
            yield found


@dataclass(slots=True)
class _Firing:
    """The conditions of rules and chapters, written out, and what they look at.

    `exceptions` are by the rule they except, `bars` by one of the things they look at. A bar that
    is an exception is none of them: it needs another bar to hold.
    """

    policy: Policy
    chapters: Mapping[str, Node]
    conditions: Mapping[str, Node]
    about: Mapping[str, frozenset[Node]]
    exceptions: dict[str, list[Rule]] = field(default_factory=dict)
    bars: dict[Node, list[Rule]] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)

    @classmethod
    def of(cls, policy: Policy) -> "_Firing":
        spelled = Spelling.of(policy).out
        conditions = {rule.name: spelled(And(rule.when)) for rule in policy.rules}
        chapters = {chapter.name: spelled(chapter.when) for chapter in policy.chapters}
        about = {name: frozenset(subjects([node])) for name, node in conditions.items()}
        found = cls(policy, chapters, conditions, about)
        for rule in policy.rules:
            for name in rule.exception_to:
                found.exceptions.setdefault(name, []).append(rule)
            if rule.kind == "bar" and about[rule.name] and not rule.exception_to:
                found.bars.setdefault(min(about[rule.name], key=repr), []).append(rule)
        return found

    def reason(self, rule: Rule) -> Remark | None:
        """Return why a rule never decides, None where nothing plain says so."""
        if (days := _no_day(rule)) is not None:
            first, end = (day.astimezone(self.policy.calendar.zone).date() for day in days)
            return self._never("rule-on-no-day", rule, first=str(first), end=str(end))
        own = self.conditions[rule.name]
        if not self._can_hold([own]):
            return self._never("rule-contradicts-itself", rule)
        whole = [own, *self._chapter(rule)]
        if not self._can_hold(whole):
            return self._never("rule-contradicts-chapter", rule, chapter=rule.chapter)
        if rule.exception_to:
            excepted = Or(tuple(self.conditions[name] for name in rule.exception_to))
            if not self._can_hold([*whole, excepted]):
                others = tuple(f"`{name}`" for name in rule.exception_to)
                return self._never("exception-to-nothing", rule, others=others)
        return self._silenced(rule, whole)

    def _silenced(self, rule: Rule, whole: list[Node]) -> Remark | None:
        """Return the exception or bar that holds whenever the rule does."""
        about = self.about[rule.name].union(*(subjects([node]) for node in whole[1:]))
        for code, other in self._silencing(rule, about):
            near = other.chapter in ("", rule.chapter) and self.about[other.name] <= about
            if near and not self._can_hold([*whole, Not(self.conditions[other.name])]):
                return self._never(code, rule, other=other.name)
        return None

    def _silencing(self, rule: Rule, about: frozenset[Node]) -> Iterator[tuple[str, Rule]]:
        for other in self.exceptions.get(rule.name, ()):
            yield "rule-always-excepted", other
        if rule.kind == "rule":
            looking = (self.bars.get(subject, ()) for subject in sorted(about, key=repr))
            for bar in islice(chain.from_iterable(looking), MOST_BARS):
                yield "rule-always-barred", bar

    def _can_hold(self, conditions: Iterable[Node]) -> bool:
        return can_hold(conditions, MOST, self.effort)

    def _chapter(self, rule: Rule) -> list[Node]:
        return [self.chapters[rule.chapter]] if rule.chapter in self.chapters else []

    def _never(self, code: str, rule: Rule, **values: str | tuple[str, ...]) -> Remark:
        row = "." in rule.name
        return remark(code, rule.name, rule.mark, 1 if row else 0, **values)


def _no_day(rule: Rule) -> tuple[datetime, datetime] | None:
    """Return the first day of a rule and the day it ends, where the end comes first."""
    starts = {n.left: n.right for n in rule.when if isinstance(n, Compare) and n.op == ">="}
    for node in rule.when:
        if isinstance(node, Compare) and node.op == "<" and node.left in starts:
            begun, end = starts[node.left], node.right
            if not (isinstance(begun, Lit) and isinstance(end, Lit)):
                continue
            match begun.value, end.value:
                case datetime() as first, datetime() as last if last <= first:
                    return first, last
    return None
