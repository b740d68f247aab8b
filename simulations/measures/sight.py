"""What the conditions of a policy look at: facts, lists, and whose items of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

from reso.expressions.tree import (
    And,
    Answer,
    Clock,
    Compare,
    Contains,
    Field,
    ItemField,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    children,
    walk,
)
from reso.policy.model import Acts, Policy, Question

NO_DATA = ("human",)
"""Whose answers no history is asked for: the new ruling of a human."""
UNASKED = ("human", "clock")
"""Whose silence says nothing of what the history records."""


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """Something of a case a condition looks at.

    Attributes:
        path: a fact, or a list.
        parties: whose items of the list count; empty: anybody's.
        fields: facts of its items that have to be stated for one to count.
    """

    path: str
    parties: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f" ({', '.join(name.split('.')[-1] for name in self.fields)})" if self.fields else ""
        return self.path + said + (f" of {' or '.join(self.parties)}" if self.parties else "")


def is_asked(node: Node) -> TypeGuard[Answer | Clock]:
    """Whether a node looks at a question."""
    return isinstance(node, Answer | Clock)


class Sight:
    """What the expressions of one policy look at, through its definitions, picks and questions."""

    def __init__(self, policy: Policy) -> None:
        self.definitions = {one.name: one for one in policy.definitions}
        self.picks = dict(policy.picks)
        self.rules = policy.rules
        self.questions = {one.name: one for one in policy.questions}
        self.asked = frozenset({one.name for one in policy.questions if one.to not in UNASKED})
        self.of = cache(self._of)

    def conditions(self, name: str) -> tuple[Node, ...]:
        """Return the conditions of what bears a name: of rules and bars, when a question opens."""
        rules = tuple(node for rule in self.rules if rule.name == name for node in rule.when)
        question = self.questions.get(name)
        opens = () if question is None or question.when is None else (question.when,)
        return rules + opens

    def asks(self, node: Node) -> frozenset[str]:
        """Return the questions put to a party whose answers or clocks a condition looks at."""
        found = (one.question for one in self._through(node, frozenset()) if is_asked(one))
        return self.asked.intersection(found)

    def answers(self, name: str) -> frozenset[Look]:
        """Return what the answers of a question are taken from."""
        return frozenset(self._answers(self.questions[name], frozenset()))

    def is_silence(self, node: Node) -> bool:
        """Whether a condition compares an answer with what silence means to its question."""
        return any(self._takes_silence(found) for found in self._through(node, frozenset()))

    def _of(self, node: Node) -> frozenset[Look]:
        return frozenset(
            look for found in self._through(node, frozenset()) for look in self._looks(found)
        )

    def _through(self, node: Node, seen: frozenset[str]) -> Iterator[Node]:
        """Yield the nodes of an expression and of what it names; not of parameters."""
        for found in _walk(node):
            yield found
            match found:
                case Ref() if found.name not in seen:
                    definition = self.definitions[found.name]
                    if definition.kind != "parameter":
                        yield from self._through(definition.node, seen | {found.name})
                case PickField() if found.pick not in seen:
                    yield from self._through(self.picks[found.pick], seen | {found.pick})
                case _:
                    pass

    def _looks(self, node: Node, seen: frozenset[str] = frozenset()) -> Iterator[Look]:
        match node:
            case Field():
                yield Look(node.name)
            case Quantity() | Pick():
                yield _items(node.section, node.where)
            case Answer() | Clock() if node.question not in seen:
                yield from self._answers(self.questions[node.question], seen)
            case _:
                pass

    def _answers(self, question: Question, seen: frozenset[str]) -> Iterator[Look]:
        if question.to in NO_DATA:
            return
        seen = seen | {question.name}
        for answer in question.answers:
            yield from map(_acts, answer.acts)
            if answer.taken_when is not None:
                for node in self._through(answer.taken_when, frozenset()):
                    yield from self._looks(node, seen)

    def _takes_silence(self, node: Node) -> bool:
        match node:
            case Compare("=", Answer() as left, Lit() as right):
                return self.questions[left.question].silence_means == right.value
            case OneOf(Answer() as value, options, False):
                return self.questions[value.question].silence_means in options
            case _:
                return False


def _walk(node: Node) -> Iterator[Node]:
    """Yield a node and its parts; what is inside a list's `where` belongs to the list."""
    yield node
    if not isinstance(node, Quantity | Pick):
        for part in children(node):
            yield from _walk(part)


def _acts(acts: Acts) -> Look:
    return _items(acts.section, acts.where)


def _items(section: str, where: Node | None) -> Look:
    if where is None:
        return Look(section)
    parts = where.parts if isinstance(where, And) else (where,)
    fields = {f"{section}.{name}" for part in parts for name in _needed(part)}
    return Look(section, _parties(parts), tuple(sorted(fields)))


def _needed(part: Node) -> set[str]:
    """Return the fields that have to be stated for a part of a `where` to hold; of an `or`, none.

    A field whose absence means the very value asked for need not be.
    """
    nodes = walk(part)
    if any(isinstance(node, Or | Not | Known | Contains) for node in nodes):
        return set()
    if isinstance(part, OneOf) and part.negated:
        return set()
    match part:
        case Compare("=", ItemField() as field, Lit() as named) if named.value != field.absent:
            found = [field]
        case OneOf(ItemField() as field, options, False) if field.absent not in options:
            found = [field]
        case _:
            found = [n for n in nodes if isinstance(n, ItemField) and n.absent is None]
    return {node.name for node in found if node.name not in ("at", "party")}


def _parties(parts: Iterable[Node]) -> tuple[str, ...]:
    for part in parts:
        match part:
            case Compare("=", ItemField(name="party"), Lit() as named):
                return (str(named.value),)
            case OneOf(ItemField(name="party"), options, False):
                return tuple(map(str, options))
            case _:
                pass
    return ()
