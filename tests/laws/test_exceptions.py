"""Bars and exceptions, by the textbook: held against the statuses an evaluator gives."""

from collections.abc import Iterable

from hypothesis import given

from reso.engine.compiled import Compiled
from reso.engine.logic import Reference
from reso.facts.interpret import Truth
from reso.facts.operations import UNKNOWN, Unknown
from reso.policy.model import Policy, Rule
from tests.strategies.costly import COSTLY
from tests.strategies.stories import Docket, dockets


def some(truths: Iterable[Truth]) -> Truth:
    """Return whether one of these is so, unknown while none is and one may be."""
    found = list(truths)
    if any(truth is True for truth in found):
        return True
    return UNKNOWN if any(isinstance(truth, Unknown) for truth in found) else False


def bars_of(rule: Rule, policy: Policy, chapter: str) -> list[str]:
    """Return the bars that silence a rule: those of its chapter, and those of no chapter."""
    return [
        bar.name
        for bar in policy.rules
        if rule.kind == "rule" and bar.kind == "bar" and bar.chapter in {"", chapter}
        if bar.chapter in {"", rule.chapter}
    ]


@COSTLY
@given(docket=dockets(down=False))
def test_a_rule_decides_when_it_holds_and_no_bar_and_none_of_its_exceptions_holds(
    docket: Docket,
) -> None:
    policy = docket.policy
    for evaluator in (Reference(policy), Compiled(policy)):
        for story in docket.stories:
            judgement = evaluator.judge(story.case(), story.at)
            for rule in (rule for rule in policy.rules if rule.name in judgement.statuses):
                status = judgement.statuses[rule.name]
                bars = bars_of(rule, policy, judgement.chapter)
                barred = some(judgement.statuses[name].holds for name in bars)
                excepted = some(
                    judgement.statuses[other.name].holds
                    for other in policy.rules
                    if other.name in judgement.statuses and rule.name in other.exception_to
                )
                against = some([barred, excepted])
                assert (status.barred, status.excepted) == (barred, excepted)
                assert (status.decides is True) == (status.holds is True and against is False)
                assert (status.decides is False) == (status.holds is False or against is True)


@COSTLY
@given(docket=dockets(down=False))
def test_an_exception_holds_only_as_far_as_a_rule_it_excepts_holds(docket: Docket) -> None:
    policy = docket.policy
    for evaluator in (Reference(policy), Compiled(policy)):
        for story in docket.stories:
            judgement = evaluator.judge(story.case(), story.at)
            for rule in (rule for rule in policy.rules if rule.name in judgement.statuses):
                own = judgement.statuses[rule.name].holds
                conditions = [judgement.world.holds(node) for node in rule.when]
                if rule.exception_to:
                    excepted = [judgement.statuses.get(name) for name in rule.exception_to]
                    conditions.append(some(status.holds for status in excepted if status))
                assert (own is True) == all(condition is True for condition in conditions)
                assert (own is False) == any(condition is False for condition in conditions)
