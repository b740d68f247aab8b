"""Names that nothing looks at: findings, readings, parameters, picks, facts, questions, sources."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reso.expressions.tree import Node, Quantity, uses, walk
from reso.policy.document import Mark
from reso.policy.model import Conclusion, Policy, Question
from reso.policy.possible import can_hold
from reso.policy.review.nodes import of_phrase, of_question, of_rule, of_the_rest
from reso.policy.review.places import Places
from reso.policy.review.remark import Remark, remark
from reso.policy.rules import RECORDS
from reso.problems.said import said


def unused(policy: Policy, places: Places) -> Iterator[Remark]:
    """Yield the definitions, picks and questions that no rule or ruling comes to look at."""
    used = _Used(policy)
    used.reach()
    for kind, name, mark in _named(policy, places):
        if name not in used.names and places.own(mark):
            yield remark("never-used", name, mark, kind=said(f"named-{kind}"))
    for question in policy.questions:
        if question.name not in used.names and places.own(question.mark):
            yield remark("question-nobody-asks", question.name, question.mark)


def uncited(policy: Policy, places: Places) -> Iterator[Remark]:
    """Yield the sources that nothing rests on."""
    cited = {name for rule in policy.rules for name in rule.sources}
    cited |= {name for question in policy.questions for name in question.sources}
    cited |= {name for definition in policy.definitions for name in definition.sources}
    for name, mark, _ in places.entries("sources"):
        if name not in cited and places.own(mark):
            yield remark("source-never-cited", name, mark)


def _named(policy: Policy, places: Places) -> Iterator[tuple[str, str, Mark]]:
    for definition in policy.definitions:
        yield definition.kind, definition.name, definition.mark
    for name, mark, _ in places.entries("picks"):
        yield "pick", name, mark


@dataclass(slots=True)
class _Used:
    """The names that rules and rulings, and what they wait for, come to look at.

    `sought` are the lists looked into for an item that an open question may still add.
    """

    policy: Policy
    names: set[str] = field(default_factory=set)
    todo: list[str] = field(default_factory=list)
    sought: set[Quantity] = field(default_factory=set)

    def reach(self) -> None:
        """Follow every name from the rules on."""
        self._begin()
        nodes = {d.name: [d.node, *of_phrase(d.says)] for d in self.policy.definitions}
        nodes |= {name: [node] for name, node in self.policy.picks}
        nodes |= {question.name: of_question(question) for question in self.policy.questions}
        pauses = {q.name: [pause.question for pause in q.paused_by] for q in self.policy.questions}
        self._follow(nodes, pauses)
        while fed := [q.name for q in self.policy.questions if self._may_add_to_a_list(q)]:
            self._add(fed)
            self._follow(nodes, pauses)

    def _follow(self, nodes: Mapping[str, list[Node]], pauses: Mapping[str, list[str]]) -> None:
        while self.todo:
            name = self.todo.pop()
            self._look_at(nodes.get(name, ()))
            self._add(pauses.get(name, ()))

    def _begin(self) -> None:
        for rule in self.policy.rules:
            self._look_at(of_rule(rule))
            self._refer(rule.conclude)
        for _, _, conclusion in self.policy.otherwise:
            self._refer(conclusion)
        for stage in self.policy.stages:
            for step in stage.steps:
                self._add([step.question])
                for lead in (lead for _, leads in step.leads_to for lead in leads):
                    self._refer(lead.conclude)
        self._look_at(of_the_rest(self.policy))

    def _refer(self, conclusion: Conclusion | None) -> None:
        """Take in the question a conclusion puts to a human, and the record it refers to."""
        for part in () if conclusion is None else conclusion.parts():
            self._add([part.to, RECORDS.get(part.reference, "")])

    def _look_at(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self.sought |= {
                part for part in walk(node) if isinstance(part, Quantity) and part.what == "exists"
            }
            found = uses(node)
            self._add(found.refs | found.picks | found.answers | found.clocks)

    def _add(self, names: Iterable[str]) -> None:
        new = set(names) - self.names - {""}
        self.names |= new
        self.todo += new

    def _may_add_to_a_list(self, question: Question) -> bool:
        """Whether an answer may be an item a condition looks for, as far as constants say."""
        if question.name in self.names:
            return False
        acts = [given for answer in question.answers for given in answer.acts]
        return any(
            one.section == sought.section and can_hold([w for w in (one.where, sought.where) if w])
            for one in acts
            for sought in self.sought
        )
