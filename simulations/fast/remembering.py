"""The SQL of what the engine reads of disputes: each expression is written once for all led."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reso.expressions.tree import Node
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from simulations.fast.noting import Columns

CONCLUDED = '"concluded"'
"""What stands for the amount concluded in SQL that is kept; the amount takes its place."""


@dataclass
class Remembered:
    """The columns of a chapter, written when they are first asked for and kept by who asked.

    The expressions of a policy last as long as it does, so each is known by its identity.
    """

    columns: Columns
    _values: dict[int, tuple[Node, str]] = field(default_factory=dict)
    _rails: dict[int, tuple[Node, tuple[str, str]]] = field(default_factory=dict)
    _questions: dict[tuple[object, ...], str] = field(default_factory=dict)

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The SQL of the fields the engine reads itself, by their paths."""
        return self.columns.fields

    def value(self, node: Node, concluded: str) -> str:
        """Return the SQL of an expression's value; `concluded` stands for the amount concluded."""
        if id(node) not in self._values:
            self._values[id(node)] = node, self.columns.value(node, CONCLUDED)
        return self._values[id(node)][1].replace(CONCLUDED, concluded)

    def rails(self, node: Node, concluded: str) -> tuple[str, str]:
        """Return the SQL of "is true" and "is possible" of a condition."""
        if id(node) not in self._rails:
            self._rails[id(node)] = node, self.columns.rails(node, CONCLUDED)
        true, possible = self._rails[id(node)][1]
        return true.replace(CONCLUDED, concluded), possible.replace(CONCLUDED, concluded)

    def question(self, state: QuestionState) -> str:
        """Return the condition that a question is in this state; empty: all of a kind are."""
        flags = state.unknown, state.to_be_asked, state.paused
        key = state.name, state.state, state.answer, *flags
        if key not in self._questions:
            self._questions[key] = self.columns.question(state)
        return self._questions[key]

    def duration(self, duration: Duration) -> int:
        """Return the number of a duration."""
        return self.columns.duration(duration)

    def consent_ends(self, names: Sequence[str]) -> str:
        """Return the SQL of the last instant for an answer, of these entries of `consent`."""
        return self.columns.consent_ends(names)
