"""What compiled expressions read: one case at one instant, each name worked out once."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from reso.expressions.tree import Node, Scalar
from reso.facts.calendar import Calendar
from reso.facts.interpret import Maybe, NoValueError, Truth, before_first, call
from reso.facts.operations import UNKNOWN, Unknown
from reso.model.case import Case, Record
from reso.policy.clocks import QuestionState

Leaf = Scalar | Unknown
ValueOf = Callable[["Context"], Scalar]
Test = Callable[["Context"], bool]
ItemTest = Callable[["Context", Record], bool]


class Made(Protocol):
    """The compiled expressions of a policy, as its contexts use them."""

    definitions: dict[str, ValueOf]
    findings_true: dict[str, Test]
    findings_possible: dict[str, Test]
    picks: dict[str, Callable[["Context"], Record | None]]
    questions: dict[str, Callable[["Context"], QuestionState]]

    def earliest(self, case: Case) -> datetime:
        """Return the earliest dated instant of a case."""

    def section(self, name: str, case: Case) -> bool | None:
        """Return yes when anything of a section is known, else none."""

    def value(self, node: Node) -> ValueOf:
        """Return a function that yields the value of an expression."""

    def rails(self, node: Node) -> tuple[Test, Test]:
        """Return the functions "is true" and "is possible" of a condition."""

    def where(self, node: Node) -> ItemTest:
        """Return a function that tests a list item."""


class Context:
    """The values behind one compiled judgement; implements `reso.engine.judgement.Values`."""

    __slots__ = (
        "_earliest",
        "_made",
        "_picks",
        "_possible",
        "_refs",
        "_sections",
        "_true",
        "at",
        "calendar",
        "case",
        "chapter",
        "concluded",
        "f",
        "l",
        "states",
    )

    def __init__(self, made: "Made", case: Case, at: datetime, calendar: Calendar) -> None:
        self.case = case
        self.at = at
        self.calendar = calendar
        self.chapter = ""
        self.concluded: int | None = None
        self.f = case.fields.get
        self.l = case.lists.get
        self.states: dict[str, QuestionState] = {}
        self._made = made
        self._earliest: datetime | None = None
        self._refs: dict[str, Scalar] = {}
        self._true: dict[str, bool] = {}
        self._possible: dict[str, bool] = {}
        self._picks: dict[str, Record | None] = {}
        self._sections: dict[str, bool | None] = {}

    # -- what generated code asks for -------------------------------------------------------

    @property
    def earliest(self) -> datetime:
        """The earliest dated instant of the case."""
        if self._earliest is None:
            self._earliest = self._made.earliest(self.case)
        return self._earliest

    def ref(self, name: str) -> Scalar:
        """Return a reading or parameter (or a finding, as a value)."""
        if name in self._refs:
            return self._refs[name]
        found = self._refs[name] = self._made.definitions[name](self)
        return found

    def true(self, name: str) -> bool:
        """Whether a finding is true on what is on file."""
        if name in self._true:
            return self._true[name]
        found = self._true[name] = self._made.findings_true[name](self)
        return found

    def possible(self, name: str) -> bool:
        """Whether a finding is possible while questions are open."""
        if name in self._possible:
            return self._possible[name]
        found = self._possible[name] = self._made.findings_possible[name](self)
        return found

    def picked(self, name: str) -> Record | None:
        """Return the record a pick found."""
        if name in self._picks:
            return self._picks[name]
        found = self._picks[name] = self._made.picks[name](self)
        return found

    def question(self, name: str) -> QuestionState:
        """Return the state of a question."""
        if name in self.states:
            return self.states[name]
        found = self.states[name] = self._made.questions[name](self)
        return found

    def open_answer(self, name: str) -> Leaf:
        """Return a question's answer, or that it is unknown."""
        state = self.question(name)
        return UNKNOWN if state.unknown else state.answer

    def any_open(self, names: tuple[str, ...]) -> bool:
        """Whether one of these questions may still be answered."""
        return any(self.question(name).unknown for name in names)

    def section(self, name: str) -> bool | None:
        """Return yes when anything of a section of the case is known, else none."""
        if name not in self._sections:
            self._sections[name] = self._made.section(name, self.case)
        return self._sections[name]

    def call(self, name: str, args: list[Scalar]) -> Scalar:
        """Call one of the language's calendar functions."""
        return call(name, args, self.calendar)

    def no_row(self, name: str, key: Scalar) -> Scalar:
        """Refuse a key a table has no row for."""
        raise NoValueError(name, f"for `{key}`")

    def no_period(self, name: str, by: datetime, first: datetime) -> Scalar:
        """Refuse an instant before a parameter's first period."""
        raise NoValueError(name, before_first(by, first, self.calendar))

    # -- what conclusions and reasons ask for -----------------------------------------------

    def of(self, node: Node) -> Maybe:
        """Return the value of an expression."""
        return self._made.value(node)(self)

    def holds(self, node: Node) -> Truth:
        """Return whether a condition holds, or is unknown."""
        true, possible = self._made.rails(node)
        if true(self):
            return True
        return UNKNOWN if possible(self) else False

    def matches(self, where: Node | None, item: Record) -> bool:
        """Return whether a list item meets a `where`."""
        return where is None or self._made.where(where)(self, item)
