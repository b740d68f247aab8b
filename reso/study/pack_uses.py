"""What the names of a policy are used for: where an answer leads, what a time is held against."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from reso.expressions.tree import (
    Answer,
    Compare,
    Field,
    Lit,
    Node,
    Not,
    OneOf,
    PickField,
    Ref,
    children,
    walk,
)
from reso.policy.model import OUTCOME, Conclusion, Definition, Policy, Question, Rule

FILED_AT = "claim.filed_at"
APPEALS = frozenset({"appeal", "seller_appeal", "buyer_appeal"})
"""The words of the facts by which a case says that a ruling is appealed."""

Bound = Literal["from", "until"]
BOUNDS: dict[str, Bound] = {"<": "from", ">=": "from", ">": "until", "<=": "until"}
"""What `filed_at OP x` makes of x: the first instant a claim may be filed, or the last."""
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class FilingBound:
    """A parameter that bounds when a claim may be filed, and the chapters in which it does."""

    parameter: Definition
    bound: Bound
    chapters: tuple[str, ...]


@dataclass(slots=True)
class PackUses:
    """Follows the names of one policy through its definitions."""

    policy: Policy
    definitions: dict[str, Definition] = field(init=False)
    _reached: dict[str, frozenset[str]] = field(init=False, default_factory=dict)
    _given: dict[str, frozenset[tuple[str, object]]] = field(init=False, default_factory=dict)
    _bounds: dict[str, frozenset[tuple[str, Bound]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.definitions = {one.name: one for one in self.policy.definitions}

    def parameters(self) -> list[Definition]:
        """Return the parameters, in the order of the files."""
        return [one for one in self.policy.definitions if one.kind == "parameter"]

    def reached(self, node: Node) -> frozenset[str]:
        """Return every name and fact an expression depends on, through definitions, too."""
        found: set[str] = set()
        for part in walk(node):
            if isinstance(part, Field):
                found.add(part.name)
            elif isinstance(part, Ref):
                found.add(part.name)
                if part.name not in self._reached:
                    self._reached[part.name] = self.reached(self.definitions[part.name].node)
                found |= self._reached[part.name]
        return frozenset(found)

    def times(self, node: Node) -> list[Definition]:
        """Return the parameters that are lengths of time and that a clock depends on."""
        reached = self.reached(node)
        return [
            one
            for one in self.parameters()
            if one.name in reached and one.node.type.kind == "duration"
        ]

    # -- answers -------------------------------------------------------------------------------

    def led_to(self, question: Question, answer: str) -> list[Conclusion]:
        """Return what the rules that an answer can make hold conclude on the outcome.

        Of a step of a remedy, what the answer leads to; without a conclusion: the next step.
        """
        if question.stage:
            return list(self._leads(question, answer))
        wanted = (question.name, answer)
        return [
            rule.conclude
            for rule in self.policy.rules
            if rule.matter == OUTCOME and any(wanted in self._answers(node) for node in rule.when)
        ]

    def _leads(self, question: Question, answer: str) -> Iterator[Conclusion]:
        for stage in self.policy.stages:
            for step in stage.steps:
                if step.question == question.name:
                    for lead in dict(step.leads_to).get(answer, ()):
                        yield lead.conclude or Conclusion(value="next_step")

    def _answers(self, node: Node) -> frozenset[tuple[str, object]]:
        """Return the answers (question, answer) that can make a condition hold."""
        match node:
            case Compare(op="=", left=Answer(question=name), right=Lit(value=value)):
                return frozenset({(name, value)})
            case OneOf(value=Answer(question=name), options=options, negated=False):
                return frozenset((name, option) for option in options)
            case Not():
                return frozenset()
            case Ref(name=name):
                if name not in self._given:
                    self._given[name] = self._answers(self.definitions[name].node)
                return self._given[name]
            case _:
                return frozenset[tuple[str, object]]().union(*map(self._answers, children(node)))

    # -- when a claim may be filed -------------------------------------------------------------

    def filing_bounds(self) -> list[FilingBound]:
        """Return the parameters that rules and bars hold against the instant of the claim."""
        found: dict[tuple[str, Bound], list[str]] = {}
        for rule in self.policy.rules:
            for node in rule.when:
                for key in self._bounding(node):
                    found.setdefault(key, []).append(rule.chapter)
        return [
            FilingBound(one, bound, tuple(dict.fromkeys(found[one.name, bound])))
            for one in self.parameters()
            for bound in ("from", "until")
            if (one.name, bound) in found
        ]

    def _bounding(self, node: Node) -> frozenset[tuple[str, Bound]]:
        match node:
            case Compare():
                return self._compared(node)
            case Ref(name=name):
                if name not in self._bounds:
                    self._bounds[name] = self._bounding(self.definitions[name].node)
                return self._bounds[name]
            case _:
                return frozenset[tuple[str, Bound]]().union(*map(self._bounding, children(node)))

    def _compared(self, node: Compare) -> frozenset[tuple[str, Bound]]:
        op, other = str(node.op), node.right
        if _is_filing(node.right):
            op, other = TURNED.get(op, op), node.left
        elif not _is_filing(node.left):
            return frozenset()
        if op not in BOUNDS:
            return frozenset()
        return frozenset((one.name, BOUNDS[op]) for one in self.times(other))

    # -- appeals -------------------------------------------------------------------------------

    def on_appeal(self, question: Question) -> bool:
        """Whether a question is asked only where somebody appeals, or of an appeal."""
        own = [question.when] if question.when is not None else []
        acts = [acts.where for answer in question.answers for acts in answer.acts]
        nodes = [*own, question.opens_at, *acts]
        return self.appeal_chapter(question.chapter) or any(
            node is not None and self._appeals(node) for node in nodes
        )

    def appeal_chapter(self, name: str) -> bool:
        """Whether a chapter is that of appeals."""
        return any(one.name == name and self._appeals(one.when) for one in self.policy.chapters)

    def _appeals(self, node: Node) -> bool:
        match node:
            case Compare(op="=", right=Lit(value=str(value))):
                return value in APPEALS
            case OneOf(options=options, negated=False):
                return set(options) <= APPEALS
            case Not():
                return False
            case PickField(pick=name):
                return self._appeals(dict(self.policy.picks)[name])
            case Ref(name=name) if self.definitions[name].kind == "finding":
                return self._appeals(self.definitions[name].node)
            case _:
                return any(map(self._appeals, children(node)))

    # -- what a name bears on ------------------------------------------------------------------

    def borne_on(self, name: str) -> list[str]:
        """Return the rules, bars, questions, effects and matters that depend on a name."""
        found = [rule.name for rule in self.policy.rules if self._in(name, _nodes(rule))]
        found += [one.name for one in self.policy.questions if self._in(name, one.nodes())]
        found += [one.name for one in self.policy.effects if self._in(name, [one.node])]
        found += [one.name for one in self.policy.movements if self._in(name, [one.amount])]
        found += [one.name for one in self.policy.consent if self._in(name, [one.lasts])]
        found += [one.remedy for one in self.policy.settlements if self._in(name, [one.amount])]
        return found

    def _in(self, name: str, nodes: list[Node | None] | list[Node]) -> bool:
        return any(node is not None and name in self.reached(node) for node in nodes)


def _nodes(rule: Rule) -> list[Node | None]:
    parts = rule.conclude.parts()
    return [*rule.when, *(node for part in parts for node in (part.amount, part.percent))]


def _is_filing(node: Node) -> bool:
    return isinstance(node, Field) and node.name == FILED_AT
