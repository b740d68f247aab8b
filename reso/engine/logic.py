"""The definitions: how questions, bars, exceptions and rules combine into matters.

This is the plain reading of the language, slow and meant to be obviously right. The compiled
evaluator has to agree with it on every rule, question, matter and needed set (a law in the
tests). A case in which a source is down is always judged here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from math import prod

from reso.engine.conclude import Concluder
from reso.engine.judgement import (
    MAX_COMPLETIONS,
    Judgement,
    MatterResult,
    Resolved,
    Status,
    Statuses,
)
from reso.engine.needed import needed_set
from reso.engine.unsettled import down_sources, open_variables
from reso.engine.valuation import Valuation
from reso.expressions.tree import Node, Scalar
from reso.facts.interpret import Truth, is_down, truth
from reso.facts.operations import UNKNOWN, Unknown
from reso.model.case import Case
from reso.policy.clocks import QuestionState
from reso.policy.model import Conclusion, Policy, Rule

READ_BY = {"requested": "claim.requested", "standing": "standing_decision"}
"""The field of the case that a reference of a conclusion reads."""


class Reference:
    """The yardstick evaluator: judges a case by reading the policy, node by node."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.concluder = Concluder(policy)

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge a case at an instant."""
        values = Valuation(self.policy, case, at)
        chapter = values.chapter
        rules = [rule for rule in self.policy.rules if rule.chapter in ("", chapter)]
        questions = {
            question.name: values.question(question.name)
            for question in self.policy.questions_of(chapter)
        }
        statuses = judge_rules(rules, lambda node: truth(node, values))
        resolved = {
            rule.name: self.concluder.resolve(rule.conclude, values)
            for rule in rules
            if statuses[rule.name].decides is not False
        }
        matters = {
            matter: self._matter(matter, rules, statuses, resolved, values)
            for matter in self.policy.matters()
        }
        return Judgement(at, chapter, questions, statuses, matters, values)

    def _matter(
        self,
        matter: str,
        rules: Sequence[Rule],
        statuses: Mapping[str, Status],
        resolved: Mapping[str, Resolved],
        values: Valuation,
    ) -> MatterResult:
        own = [rule for rule in rules if rule.matter == matter]
        fallback = self.concluder.otherwise(values.chapter, matter)
        otherwise = self.concluder.resolve(fallback, values)
        deciding = tuple(r.name for r in own if statuses[r.name].decides is True)
        undecided = tuple(r.name for r in own if statuses[r.name].decides is UNKNOWN)
        possible = {resolved[name] for name in (*deciding, *undecided)}
        if not deciding:
            possible.add(otherwise)
        told = [rule.conclude for rule in own if rule.name in (*deciding, *undecided)]
        told += [] if deciding else [fallback]
        if values.down and (
            not values.chapter_known or any(self._blurred(conclude, values) for conclude in told)
        ):
            needed = down_sources(values)
            return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)
        if not undecided or len(possible) == 1:
            return MatterResult(matter, True, ordered(possible), deciding, undecided)

        def result(chosen: Mapping[object, Scalar]) -> frozenset[Resolved] | None:
            world = values.assuming(chosen)
            found = judge_rules(rules, lambda node: truth(node, world))
            if any(found[rule.name].decides is UNKNOWN for rule in own):
                return None
            told = {
                self.concluder.resolve(rule.conclude, values)
                for rule in own
                if found[rule.name].decides is True
            }
            return frozenset(told or {otherwise})

        mentioned = with_rivals(undecided, rules)
        variables = open_variables(mentioned, values)
        owners = sorted({owner for v, _ in variables for owner in v.owners})
        if not variables or prod(v.size for v, _ in variables) > MAX_COMPLETIONS:
            needed = tuple(owners) or down_sources(values)
            return MatterResult(
                matter, False, ordered(possible), deciding, undecided, needed, bool(variables)
            )
        results = {
            indexes: result(
                {
                    key: domain[index]
                    for (_, (key, domain)), index in zip(variables, indexes, strict=True)
                }
            )
            for indexes in product(*(range(v.size) for v, _ in variables))
        }
        outcomes = set(results.values())
        if None in outcomes:
            needed = tuple(sorted({*owners, *down_sources(values)}))
            return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)
        if len(outcomes) == 1:
            settled = ordered(outcomes.pop() or ())
            return MatterResult(matter, True, settled, deciding, undecided)
        cost = asking_cost(values.question)
        needed = needed_set([v for v, _ in variables], results, cost)
        return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)

    def _blurred(self, conclusion: Conclusion, values: Valuation) -> bool:
        """Whether a source that is down leaves open what a conclusion comes to."""
        parts = conclusion.parts()
        read = (READ_BY.get(part.reference, "") for part in parts)
        if any(section and is_down(section, values.down) for section in read):
            return True
        world = values.present()
        resolved = self.concluder.resolve(conclusion, world)
        sumless = ("release_to_seller", "deny", "escalate")
        without_sums = all(part.remedy in sumless for part in parts)
        return world.blurred and not (without_sums and not resolved.flaw)


def judge_rules(rules: Sequence[Rule], holds: Callable[[Node], Truth]) -> Statuses:
    """Return the status of every rule, given whether each condition holds (Kleene's logic)."""
    held: dict[str, Truth] = {}
    by_name = {rule.name: rule for rule in rules}

    def rule_holds(rule: Rule) -> Truth:
        if rule.name not in held:
            own = _all(holds(node) for node in rule.when)
            excepted = [by_name[name] for name in rule.exception_to if name in by_name]
            if rule.exception_to:
                own = _all([own, _any(rule_holds(other) for other in excepted)])
            held[rule.name] = own
        return held[rule.name]

    bars = [rule for rule in rules if rule.kind == "bar"]
    statuses = Statuses()
    for rule in rules:
        own = rule_holds(rule)
        barred = _any(
            rule_holds(bar)
            for bar in bars
            if rule.kind == "rule" and bar.chapter in ("", rule.chapter)
        )
        excepted = _any(rule_holds(x) for x in rules if rule.name in x.exception_to)
        decides = _all([own, _not(barred), _not(excepted)])
        statuses[rule.name] = Status(own, barred, excepted, decides)
    return statuses


def with_rivals(names: Iterable[str], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules and all that bears on them: bars, exceptions, and what they except."""
    by_name = {rule.name: rule for rule in rules}
    todo = [name for name in names if name in by_name]
    found: dict[str, Rule] = {}
    while todo:
        rule = by_name[todo.pop()]
        if rule.name in found:
            continue
        found[rule.name] = rule
        todo.extend(name for name in rule.exception_to if name in by_name)
        todo.extend(other.name for other in rules if rule.name in other.exception_to)
        if rule.kind == "rule":
            todo.extend(
                x.name for x in rules if x.kind == "bar" and x.chapter in ("", rule.chapter)
            )
    return [rule for rule in rules if rule.name in found]


def asking_cost(
    question: Callable[[str], QuestionState],
) -> Callable[[tuple[str, ...]], tuple[int, int]]:
    """Return the tie-break of needed sets: fewest new asks, then fewest parties."""

    def cost(names: tuple[str, ...]) -> tuple[int, int]:
        states = [question(name) for name in names if not name.startswith("source:")]
        return sum(s.to_be_asked for s in states), len({s.to for s in states})

    return cost


def ordered(conclusions: Iterable[Resolved]) -> tuple[Resolved, ...]:
    """Return conclusions in a fixed order."""
    found = tuple(conclusions)
    return found if len(found) < 2 else tuple(sorted(found, key=repr))


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return UNKNOWN if UNKNOWN in found else True


def _any(truths: Iterable[Truth]) -> Truth:
    return _not(_all([_not(found) for found in truths]))


def _not(found: Truth) -> Truth:
    return UNKNOWN if isinstance(found, Unknown) else not found
