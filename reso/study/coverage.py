"""Rules the pack's own cases do not try in both directions.

A rule is tried when in some case it decides, and in some other it just does not: its chapter holds
and all of its conditions but one, the findings they name written out; that one fails, or waits for
an answer. Of an exception all may hold, but none of the rules it excepts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from reso.cases import ScenarioCase
from reso.engine.judgement import Evaluator, Judgement
from reso.errors import ResoError
from reso.expressions.tree import And, Node, Not
from reso.facts.reader import read_case_file
from reso.facts.table import FactTable
from reso.model.case import Case
from reso.policy.model import Policy, Rule
from reso.policy.possible import can_hold
from reso.policy.review import Remark, remark
from reso.policy.spelling import Spelling

CODES = ("rule-without-case", "rule-without-counter-case")
Untried = list[tuple[str, str]]
"""One of these codes, and the rule it is about."""


def untried(engine: Evaluator, table: FactTable, cases: Iterable[ScenarioCase]) -> Untried:
    """Return the directions in which no case tries a rule; cases of other policies are left out."""
    tried = _Tried.of(engine.policy)
    for case in cases:
        if case.platform == engine.policy.name and (known := _known(case, table)) is not None:
            tried.take_in(engine.judge(known, known.known_at))
    return list(tried.missing())


def told(policy: Policy, found: Untried) -> Iterator[Remark]:
    """Yield what no case tries as remarks on the rules."""
    rules = {rule.name: rule for rule in policy.rules}
    for code, name in found:
        yield remark(code, name, rules[name].mark, width=1 if "." in name else 0)


def _known(case: ScenarioCase, table: FactTable) -> Case | None:
    """Return a case as known at its `now`; None for what `reso test` shows as not to be run."""
    try:
        history = read_case_file(case.given, table, case.id, file="given")
        return None if history.now is None else history.case_at()
    except ResoError:
        return None


@dataclass(slots=True)
class _Tried:
    policy: Policy
    conditions: Mapping[str, tuple[Node, ...]]
    decided: set[str] = field(default_factory=set)
    nearly: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, policy: Policy) -> "_Tried":
        spelled = Spelling.of(policy).out
        found = {rule.name: tuple(_parts(spelled(And(rule.when)))) for rule in policy.rules}
        return cls(policy, found)

    def take_in(self, judged: Judgement) -> None:
        """Note the rules that decide in a judgement, and those that just do not."""
        for rule in self.policy.rules:
            status = judged.statuses.get(rule.name)
            if status is None or rule.chapter not in ("", judged.chapter):
                continue
            if status.decides is True:
                self.decided.add(rule.name)
            elif status.holds is not True and rule.name not in self.nearly:
                self._take_in_nearly(rule, judged)

    def _take_in_nearly(self, rule: Rule, judged: Judgement) -> None:
        failing = (n for n in self.conditions[rule.name] if judged.world.holds(n) is not True)
        if len(list(islice(failing, 2))) <= 1:
            self.nearly.add(rule.name)

    def missing(self) -> Iterator[tuple[str, str]]:
        """Yield what no judgement has shown."""
        for rule in self.policy.rules:
            if rule.name not in self.decided:
                yield CODES[0], rule.name
            if rule.name not in self.nearly and self._can_fail(rule):
                yield CODES[1], rule.name

    def _can_fail(self, rule: Rule) -> bool:
        """Whether there can be a case of the rule's chapter in which it does not hold."""
        spelled = Spelling.of(self.policy).out
        chapter = [spelled(c.when) for c in self.policy.chapters if c.name == rule.chapter]
        return can_hold([*chapter, Not(And(self.conditions[rule.name]))])


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, And):
        for part in node.parts:
            yield from _parts(part)
    else:
        yield node
