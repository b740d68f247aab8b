"""Checks over a whole policy, after every expression of it has been read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from reso.expressions.tree import (
    ERROR,
    And,
    Answer,
    Clock,
    Compare,
    Lit,
    Node,
    Pick,
    Quantity,
    Ref,
    uses,
    walk,
)
from reso.policy.document import Document, Mark
from reso.policy.model import OUTCOME, Chapter, Policy, Question, Rule
from reso.policy.nesting import MAX_PATH, circles, longest_path
from reso.policy.possible import Effort, both_hold
from reso.policy.problems import Problem
from reso.policy.settling import settling_conditions, settling_values
from reso.policy.spelling import Spelling
from reso.problems.said import Said, Value


def check_policy(policy: Policy, documents: Mapping[str, Document]) -> list[Problem]:
    """Return what is wrong with a policy as a whole, in file order."""
    return _Checks(policy, documents).run()


def rule_nodes(rule: Rule) -> Iterator[Node]:
    """Yield the expressions a rule's conclusion and effects need (its `when` apart)."""
    for concluded in rule.conclude.parts():
        yield from (n for n in (concluded.amount, concluded.quantity, concluded.percent) if n)
    yield from (effect.node for effect in rule.effects)


@dataclass(slots=True)
class _Checks:
    policy: Policy
    documents: Mapping[str, Document]
    problems: list[Problem] = field(default_factory=list)
    effort: Effort = field(default_factory=Effort)
    nodes: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = {d.name: d.node for d in self.policy.definitions}

    def run(self) -> list[Problem]:
        read = not any(document.problems for document in self.documents.values())
        self._otherwise()
        self._circles()
        self._answers_only_in_conditions()
        self._answers_against_constants()
        self._answers_outside_lists()
        self._chapters_apart()
        if read:  # what could not be read leaves a question or a row unlike what it would be
            self._questions_open()
            self._rows_agree()
        return sorted(set(self.problems))

    def _problem(
        self,
        code: str,
        mark: Mark,
        /,
        *,
        advice: Said | None = None,
        width: int = 1,
        **values: Value,
    ) -> None:
        document = self.documents[mark.file]
        before = len(document.problems)
        document.problem(code, mark, advice=advice, width=width, **values)
        self.problems.extend(document.problems[before:])

    def _overlap(
        self, code: str, one: Rule | Chapter, other: Rule | Chapter, example: Value
    ) -> None:
        self._problem(code, other.mark, one=one.name, other=other.name, example=example)

    def _top(self) -> Mark:
        return Mark(next(iter(self.documents)), 1, 1, 0)

    # -- names ------------------------------------------------------------------------------

    def _otherwise(self) -> None:
        written = {(chapter, matter) for chapter, matter, _ in self.policy.otherwise}
        for matter in self.policy.matters():
            if ("", matter) in written:
                continue
            line = "otherwise: escalate" if matter == OUTCOME else f"{matter}: none"
            for chapter in self._uncovered(matter, written):
                self._uncovered_problem(matter, line, chapter)

    def _uncovered_problem(self, matter: str, line: str, chapter: str) -> None:
        top = self._top()
        if chapter:
            self._problem(
                "missing-otherwise-in-chapter", top, matter=matter, line=line, chapter=chapter
            )
        else:
            self._problem("missing-otherwise", top, matter=matter, line=line)

    def _uncovered(self, matter: str, written: set[tuple[str, str]]) -> list[str]:
        """Return the chapters in which nothing covers the outcome; "" is everywhere."""
        names = [chapter.name for chapter in self.policy.chapters]
        missing = [name for name in names if (name, matter) not in written]
        if matter == OUTCOME and len(missing) < len(names):
            return missing
        return [""]

    # -- circles ----------------------------------------------------------------------------

    def _circles(self) -> None:
        self._exception_circles()
        dependencies = self._dependencies()
        tangled = circles(dependencies)
        if not tangled and len(path := longest_path(dependencies)) > MAX_PATH:
            mark = self._mark_of(path[0])
            self._problem("names-too-deep", mark, first=path[0], last=path[-1], most=MAX_PATH)
        for circle in tangled:
            names = " -> ".join([*circle, circle[0]])
            mark = self._mark_of(circle[0])
            self._problem("circle-of-dependencies", mark, name=circle[0], circle=names)

    def _exception_circles(self) -> None:
        graph = {rule.name: set(rule.exception_to) for rule in self.policy.rules}
        for circle in circles(graph):
            rule = next(rule for rule in self.policy.rules if rule.name == circle[0])
            names = " -> ".join([*circle, circle[0]])
            self._problem("circle-of-exceptions", rule.mark, circle=names)

    def _dependencies(self) -> dict[str, set[str]]:
        graph: dict[str, set[str]] = {}
        for definition in self.policy.definitions:
            graph[definition.name] = _needs(definition.node)
        for name, node in self.policy.picks:
            graph[name] = _needs(node)
        for question in self.policy.questions:
            needed = {name for _, node in question.named_nodes() for name in _needs(node)}
            needed |= {pause.question for pause in question.paused_by if pause.question}
            graph[question.name] = needed | self._chapter_needs(question)
        return graph

    def _chapter_needs(self, question: Question) -> set[str]:
        chapters = [c for c in self.policy.chapters if c.name == question.chapter]
        return {name for chapter in chapters for name in _needs(chapter.when)}

    def _mark_of(self, name: str) -> Mark:
        marks = {d.name: d.mark for d in self.policy.definitions}
        marks |= {question.name: question.mark for question in self.policy.questions}
        return marks.get(name, self._top())

    # -- what may be unknown ----------------------------------------------------------------

    def _answers_only_in_conditions(self) -> None:
        """Values, lists and clocks may not depend on an answer: it may still be unknown."""
        for definition in self.policy.definitions:
            if definition.kind != "finding":
                self._known(definition.mark, definition.name, definition.node)
        for name, node in self.policy.picks:
            self._known(self._top(), name, node)
        for chapter in self.policy.chapters:
            self._known(chapter.mark, chapter.name, And((chapter.when, chapter.opens_at)))
            if self._clocks(chapter.when):
                self._problem("chapter-on-clock", chapter.mark, name=chapter.name)
        for question in self.policy.questions:
            for what, node in question.named_nodes():
                if what not in ("when", "taken_as"):
                    self._known(question.mark, f"{question.name}.{what}", node)
        for rule in self.policy.rules:
            for node in rule_nodes(rule):
                self._known(rule.mark, rule.name, node)
        for name, mark, node in settling_values(self.policy):
            self._known(mark, name, node)

    def _known(self, mark: Mark, name: str, node: Node) -> None:
        if answer := next(iter(self._answers(node)), None):
            self._problem("value-on-answer", mark, name=name, question=answer)

    def _answers(self, node: Node) -> set[str]:
        return {n.question for n in self._below(node) if isinstance(n, Answer)}

    def _clocks(self, node: Node) -> bool:
        return any(isinstance(n, Clock) for n in self._below(node))

    def _below(self, node: Node) -> list[Node]:
        found, seen, todo = [], set(), [node]
        while todo:
            for part in walk(todo.pop()):
                found.append(part)
                if isinstance(part, Ref) and part.name not in seen:
                    seen.add(part.name)
                    todo.append(self.nodes[part.name])
        return found

    def _answers_outside_lists(self) -> None:
        """A list's `where` picks items that are there: it cannot wait for an answer."""
        for mark, node in self._conditions():
            for part in walk(node):
                where = part.where if isinstance(part, Pick | Quantity) else None
                if where is not None and self._answers(where):
                    self._problem("answer-in-where", mark)

    def _answers_against_constants(self) -> None:
        for mark, node in self._conditions():
            for part in walk(node):
                if isinstance(part, Compare) and _odd_answer(part):
                    self._problem("answer-compared", mark)

    def _conditions(self) -> Iterator[tuple[Mark, Node]]:
        for definition in self.policy.definitions:
            yield definition.mark, definition.node
        for rule in self.policy.rules:
            for node in rule.when:
                yield rule.mark, node
        yield from settling_conditions(self.policy)

    def _rows_agree(self) -> None:
        """Rows of one decision table may hold together only if they conclude the same."""
        spelled = Spelling.of(self.policy).out
        tables: dict[str, list[Rule]] = {}
        for rule in self.policy.rules:
            table, dot, _ = rule.name.rpartition(".")
            if dot:
                tables.setdefault(table, []).append(rule)
        for rows in tables.values():
            wholes = [(row, spelled(And(row.when))) for row in rows]
            for (one, its), (other, that) in combinations(wholes, 2):
                if one.conclude == other.conclude:
                    continue
                example = both_hold(its, that, self.effort)
                if example is not None:
                    self._overlap("rows-disagree", one, other, example)

    def _questions_open(self) -> None:
        """A question with one answer is no question: nothing would ever wait for it."""
        for question in self.policy.questions:
            domain = question.domain()
            if len(domain) == 1 and not question.stage:
                self._problem(
                    "question-with-one-answer",
                    question.mark,
                    name=question.name,
                    answer=domain[0],
                )

    # -- chapters ---------------------------------------------------------------------------

    def _chapters_apart(self) -> None:
        spelled = Spelling.of(self.policy).out
        sound = [
            (chapter, spelled(chapter.when))
            for chapter in self.policy.chapters
            if not _flawed(chapter.when)
        ]
        for (one, its), (other, that) in combinations(sound, 2):
            example = both_hold(its, that, self.effort)
            if example is not None:
                self._overlap("chapters-overlap", one, other, example)


def _needs(node: Node) -> set[str]:
    used = uses(node)
    return set(used.refs | used.picks | used.answers | used.clocks)


def _flawed(node: Node) -> bool:
    return any(part.type == ERROR for part in walk(node))


def _odd_answer(node: Compare) -> bool:
    if isinstance(node.right, Answer):
        return True
    return isinstance(node.left, Answer) and not isinstance(node.right, Lit)
