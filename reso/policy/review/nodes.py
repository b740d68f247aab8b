"""Every expression of a policy, by the entry it stands in."""

from collections.abc import Iterator

from reso.expressions.tree import Node
from reso.policy.checks import rule_nodes
from reso.policy.model import Conclusion, Phrase, Policy, Question, Rule
from reso.policy.settling import settling_conditions, settling_values


def of_phrase(phrase: Phrase | None) -> list[Node]:
    """Return the expressions whose values a phrase shows."""
    return [] if phrase is None else [part.node for part in phrase.placeholders()]


def of_conclusion(conclusion: Conclusion | None) -> list[Node]:
    """Return the expressions of a conclusion."""
    if conclusion is None:
        return []
    parts = ((part.amount, part.quantity, part.percent) for part in conclusion.parts())
    return [node for nodes in parts for node in nodes if node is not None]


def of_rule(rule: Rule) -> list[Node]:
    """Return the expressions of a rule, those of its phrase included."""
    return [*rule.when, *rule_nodes(rule), *of_phrase(rule.because)]


def of_question(question: Question) -> list[Node]:
    """Return the expressions of a question, those of its phrase included."""
    return [*question.nodes(), *of_phrase(question.says)]


def of_the_rest(policy: Policy) -> list[Node]:
    """Return the expressions outside rules, questions and definitions."""
    found: list[Node | None] = [policy.dated_by, policy.whole]
    for settlement in policy.settlements:
        found += [settlement.amount, settlement.quantity]
    for chapter in policy.chapters:
        found += [chapter.when, chapter.opens_at]
    found += [effect.node for effect in policy.effects]
    found += [promise.node for promise in policy.promises]
    for _, _, conclusion in policy.otherwise:
        found += of_conclusion(conclusion)
    for source in policy.sources:
        found += of_phrase(source.says)
    for stage in policy.stages:
        for step in stage.steps:
            for _, leads in step.leads_to:
                for lead in leads:
                    found += [lead.when, *of_conclusion(lead.conclude)]
    found += [node for *_, node in settling_values(policy)]
    found += [node for _, node in settling_conditions(policy)]
    for reopening in policy.reopens:
        found += of_phrase(reopening.because)
    return [node for node in found if node is not None]


def every_node(policy: Policy) -> Iterator[Node]:
    """Yield every expression of a policy."""
    for rule in policy.rules:
        yield from of_rule(rule)
    for question in policy.questions:
        yield from of_question(question)
    for definition in policy.definitions:
        yield definition.node
    for _, node in policy.picks:
        yield node
    yield from of_the_rest(policy)
