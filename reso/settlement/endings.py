"""In which way a settled ruling ends a dispute: agreed, lapsed or imposed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reso.expressions.tree import Lit, Node, OneOf, uses, walk
from reso.model.proposal import Ending
from reso.model.ruling import QuestionTrace, Ruling
from reso.policy.model import Policy, Question, Rule

PARTIES = ("buyer", "seller")
REFERENCES = ("requested", "approved", "offered")
YES = frozenset(("approve", "accept_solution", "refund_full"))
"""Acts that say yes to what the other side asks or offers."""


@dataclass(slots=True)
class Endings:
    """Tells the ending of one policy's rulings.

    A rule may say it (`counts_as`). Else, where the rules that decided look at a question that a
    party let lapse, the dispute lapsed; where one concludes what the parties asked for or offered
    (`as requested`, `as approved`, `as offered`) and a party said yes to it, they agreed; anything
    else is imposed. Of several rules that decided the weakest counts: imposed, then lapsed. Where
    none decided, since what is open makes no difference, the strongest of those that may counts.
    """

    policy: Policy
    _rules: Mapping[str, Rule] = field(init=False)
    _questions: Mapping[str, Question] = field(init=False)
    _asked: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules = {rule.name: rule for rule in self.policy.rules}
        self._questions = {question.name: question for question in self.policy.questions}

    def of(self, ruling: Ruling) -> Ending:
        """Return how a settled ruling ends its dispute."""
        named = [r.name for r in ruling.reasons if r.name in self._rules]
        decided = {rule.name for rule in ruling.rules if rule.status == "decided"}
        found = {self._of_rule(self._rules[name], ruling) for name in named}
        weakest_first: tuple[Ending, ...] = ("imposed", "lapsed", "agreed")
        order = weakest_first if decided.intersection(named) else weakest_first[::-1]
        return next((ending for ending in order if ending in found), "imposed")

    def _of_rule(self, rule: Rule, ruling: Ruling) -> Ending:
        if rule.counts_as:
            return rule.counts_as
        asked = self.questions(rule)
        traces = [q for q in ruling.questions if q.name in asked and q.to in PARTIES]
        if any(trace.state == "lapsed" for trace in traces):
            return "lapsed"
        refers = any(part.reference in REFERENCES for part in rule.conclude.parts())
        if refers and any(map(self._said_yes, traces)):
            return "agreed"
        return "imposed"

    def _said_yes(self, trace: QuestionTrace) -> bool:
        """Whether the answer is one that acts of approval give."""
        if trace.state != "answered":
            return False
        answers = self._questions[trace.name].answers
        given = (acts for answer in answers if answer.name == trace.answer for acts in answer.acts)
        conditions = (acts.where for acts in given if acts.where is not None)
        return any(_names_yes(part) for node in conditions for part in walk(node))

    def questions(self, rule: Rule) -> frozenset[str]:
        """Return the questions a rule's conditions look at, also through findings."""
        if rule.name not in self._asked:
            self._asked[rule.name] = frozenset(_questions(rule.when, self.policy))
        return self._asked[rule.name]


def _names_yes(part: Node) -> bool:
    match part:
        case Lit(value=str(word)):
            return word in YES
        case OneOf(options=options, negated=False):
            return not YES.isdisjoint(options)
        case _:
            return False


def _questions(nodes: tuple[Node, ...], policy: Policy) -> Iterator[str]:
    definitions = {definition.name: definition.node for definition in policy.definitions}
    todo, seen = list(nodes), set[str]()
    while todo:
        found = uses(todo.pop())
        yield from found.answers | found.clocks
        for name in found.refs - seen:
            seen.add(name)
            if name in definitions:
                todo.append(definitions[name])
