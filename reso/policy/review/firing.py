"""Rules that can never decide, for a reason that shows without any case."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reso.expressions.tree import And, Compare, Lit, Node, Not, Or
from reso.policy.model import Policy, Rule
from reso.policy.possible import Effort, can_hold, subjects
from reso.policy.review.places import Places
from reso.policy.review.remark import Remark, remark
from reso.policy.spelling import Spelling

MOST = 2_000
"""Assignments tried for one reason; above, the rule is taken to fire."""


def never_deciding(policy: Policy, places: Places) -> Iterator[Remark]:
    """Yield the rules, bars and rows of tables that never decide, each with the first reason."""
    firing = _Firing.of(policy)
    for rule in policy.rules:
        if places.own(rule.mark) and (found := firing.reason(rule)) is not None:
            yield found


@dataclass(slots=True)
class _Firing:
    policy: Policy
    chapters: Mapping[str, Node]
    conditions: Mapping[str, Node]
    about: Mapping[str, frozenset[Node]]
    bars: tuple[Rule, ...]
    exceptions: Mapping[str, list[Rule]]
    effort: Effort = field(default_factory=Effort)

    @classmethod
    def of(cls, policy: Policy) -> "_Firing":
        spelled = Spelling.of(policy).out
        conditions = {rule.name: spelled(And(rule.when)) for rule in policy.rules}
        chapters = {chapter.name: spelled(chapter.when) for chapter in policy.chapters}
        about = {name: frozenset(subjects([node])) for name, node in conditions.items()}
        bars = tuple(rule for rule in policy.rules if rule.kind == "bar")
        exceptions: dict[str, list[Rule]] = {}
        for rule in policy.rules:
            for name in rule.exception_to if rule.kind == "rule" else ():
                exceptions.setdefault(name, []).append(rule)
        return cls(policy, chapters, conditions, about, bars, exceptions)

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
        about = self.about[rule.name].union(*(subjects([node]) for node in whole[1:]))
        for other in self._others(rule):
            code = _silences(other, rule)
            if code and self.about[other.name] <= about:
                always = not self._can_hold([*whole, Not(self.conditions[other.name])])
                if always:
                    return self._never(code, rule, other=other.name)
        return None

    def _others(self, rule: Rule) -> Iterator[Rule]:
        """Yield the rules that may silence this one."""
        yield from self.bars
        yield from self.exceptions.get(rule.name, ())

    def _can_hold(self, conditions: Iterable[Node]) -> bool:
        return can_hold(conditions, MOST, self.effort)

    def _chapter(self, rule: Rule) -> list[Node]:
        return [self.chapters[rule.chapter]] if rule.chapter in self.chapters else []

    def _never(self, code: str, rule: Rule, **values: str | tuple[str, ...]) -> Remark:
        row = "." in rule.name
        return remark(code, rule.name, rule.mark, 1 if row else 0, **values)


def _silences(other: Rule, rule: Rule) -> str:
    """Return the code of the problem if this other rule always silences the rule; "": it cannot."""
    if other.chapter not in ("", rule.chapter) or other.name == rule.name:
        return ""
    if rule.name in other.exception_to:
        return "rule-always-excepted"
    return "rule-always-barred" if other.kind == "bar" and rule.kind == "rule" else ""


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
