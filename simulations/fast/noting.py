"""The engine that leads one dispute of a kind: it notes all it asks, and tells nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, cast

from reso.engine.compiled import Compiled
from reso.engine.context import Context
from reso.engine.decide import Decided, Engine
from reso.engine.judgement import Judgement, MatterResult, Values
from reso.engine.outcome import Outcome, Outcomes
from reso.engine.program import Program
from reso.engine.reasons import Tracer
from reso.expressions.tree import Field, Node
from reso.facts.calendar import Calendar
from reso.facts.interpret import CONCLUDED, Maybe, Truth
from reso.facts.operations import UNKNOWN
from reso.model.case import Case, Record
from reso.model.proposal import Consent, Duty, Proposal, Right
from reso.model.ruling import Ruling, Shown
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import Policy
from reso.settlement.beside import applies, holds
from reso.settlement.escrow import Order
from reso.settlement.proposals import Settler
from simulations.fast.traced import (
    SeenCase,
    SeenFields,
    Trace,
    UntraceableError,
    plain,
    sql_or_null,
    traced,
)


class Columns(Protocol):
    """Which SQL stands for what the engine reads of a dispute."""

    @property
    def fields(self) -> Mapping[str, str]:
        """The SQL of the fields the engine reads itself, by their paths."""

    def value(self, node: Node, concluded: str) -> str:
        """Return the SQL of an expression's value; `concluded` stands for the amount concluded."""

    def rails(self, node: Node, concluded: str) -> tuple[str, str]:
        """Return the SQL of "is true" and "is possible" of a condition."""

    def question(self, state: QuestionState) -> str:
        """Return the condition that a question is in this state; empty: all of a kind are."""

    def duration(self, duration: Duration) -> int:
        """Return the number of a duration."""

    def consent_ends(self, names: Sequence[str]) -> str:
        """Return the SQL of the last instant for an answer, of these entries of `consent`."""


class _Context(Context):
    """What one led dispute is read by: the same values, with a note of each that matters."""

    def __init__(
        self, made: "NotingCompiled", case: Case, at: datetime, columns: Columns, trace: Trace
    ) -> None:
        known = {name: plain(value) for name, value in case.fields.items()}
        super().__init__(made.made, case, at, made.calendar_of(case))
        self.f = known.get
        self.l = {name: tuple(map(_plain, items)) for name, items in case.lists.items()}.get
        seen = SeenFields(case.fields, columns.fields, trace)
        self.case = SeenCase(case.known_at, case.currency, seen, case.lists)
        self._columns, self._trace = columns, trace
        self.quiet = True

    def of(self, node: Node) -> Maybe:
        """Return the value of an expression, an amount with its formula."""
        if isinstance(node, Field) and node.name == CONCLUDED:
            return self.concluded
        amount, self.concluded = self.concluded, cast(int | None, plain(self.concluded))
        try:
            found = super().of(node)
        finally:
            self.concluded = amount
        sql = self._columns.value(node, sql_or_null(amount))
        if isinstance(found, Duration):
            self._trace.note(f"{sql} = {self._columns.duration(found)}", True)
            return found
        return cast(Maybe, traced(found, sql, self._trace))

    def holds(self, node: Node) -> Truth:
        """Return whether a condition holds, or is unknown."""
        amount, self.concluded = self.concluded, cast(int | None, plain(self.concluded))
        try:
            found = super().holds(node)
        finally:
            self.concluded = amount
        true, possible = self._columns.rails(node, sql_or_null(amount))
        self._trace.note(true, found is True)
        if found is not True and possible != true:
            self._trace.note(possible, found is UNKNOWN)
        self._trace.read |= {possible: found is not False, true: found is True}
        return found

    def question(self, name: str) -> QuestionState:
        """Return the state of a question; note it where the engine asks, not an expression."""
        state = super().question(name)
        return state if self.quiet else self.noted(state)

    def noted(self, state: QuestionState) -> QuestionState:
        """Note that something rests on a question's state."""
        if condition := self._columns.question(state):
            self._trace.note(condition, True)
        return state


class _Questions(Mapping[str, QuestionState]):
    """The questions of a judgement that note which states are looked at."""

    def __init__(self, states: Mapping[str, QuestionState], world: _Context) -> None:
        self._states, self._world = states, world

    def __getitem__(self, name: str) -> QuestionState:
        return self._world.noted(self._states[name])

    def __contains__(self, name: object) -> bool:
        return name in self._states

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def unnoted(self) -> Mapping[str, QuestionState]:
        """Return the states as they are."""
        return self._states


class _Trace:
    """A question of a ruling; its state is noted when it is looked at."""

    def __init__(self, state: QuestionState, needed: bool, world: _Context) -> None:
        self._state, self._world = state, world
        self.name, self.to, self.needed = state.name, state.to, needed

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.noted(self._state), name)


def _plain(record: Record) -> Record:
    return {name: plain(value) for name, value in record.items()}


class NotingCompiled(Compiled):
    """The compiled evaluator over contexts that take notes."""

    columns: Columns

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.trace = Trace()

    def context_of(self, case: Case, at: datetime) -> Context:
        """Return a context that notes what is asked of it."""
        return _Context(self, case, at, self.columns, self.trace)

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge a case; from then on, what is asked of its questions is noted."""
        judgement = super().judge(case, at)
        world = judgement.world
        if not isinstance(world, _Context):
            raise UntraceableError("a source that is down")
        world.quiet = False
        return replace(judgement, questions=_Questions(judgement.questions, world))

    def _open_matter(self, *given: Any) -> MatterResult:
        program: Program = given[1]
        world: _Context = given[-1]
        world.quiet = False
        for leaf in program.open_leaves_of(given[4]):
            for name in leaf.owners:
                world.question(name)
        try:
            return super()._open_matter(*given)
        finally:
            world.quiet = True

    def calendar_of(self, case: Case) -> Calendar:
        """Return the calendar of a case."""
        return self._calendar(case)


class BareTracer(Tracer):
    """Tells which rules led to a ruling, and nothing that is only shown."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._told = dict.fromkeys(self._told, ())
        self._asked = dict.fromkeys(self._asked, ())

    def _question_traces(self, judgement: Judgement, outcome: Outcome) -> tuple[Any, ...]:
        world, questions = judgement.world, judgement.questions
        assert isinstance(world, _Context)
        assert isinstance(questions, _Questions)
        states = dict(questions.unnoted())
        for step in outcome.steps:
            states[step.question] = world.question(step.question)
        if outcome.running is not None:
            states[outcome.running.name] = outcome.running
        return tuple(_Trace(s, s.name in outcome.needed, world) for s in states.values())

    def _effects(self, judgement: Judgement, matter: MatterResult) -> dict[str, Shown]:
        return {}

    def _evidence(self, judgement: Judgement, matter: MatterResult) -> tuple[()]:
        return ()


class BareOutcomes(Outcomes):
    """Tells outcomes without the end of a clock that would start now: nothing rests on it."""

    def _would_end(self, name: str, judgement: Judgement) -> None:
        return


class BareEngine(Engine):
    """Rules at one instant and looks no further: clocks are found for all of a kind at once."""

    def next_change(self, case: Case, judgement: Judgement, outcome: Outcome) -> None:
        """Return nothing."""
        return


class _Order(Order):
    """What an order held; what it still holds is not worked out, since nothing rests on it."""

    @property
    def held(self) -> int:
        """Nothing."""
        return 0


class NotingSettler(Settler):
    """Works out only the money that moves, and notes by what formula the time to answer ends."""

    columns: Columns

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.until = ""
        self._for_rights = False

    def rights(self, decided: Decided) -> tuple[Right, ...]:
        """Return the rights of the proposal of a ruling."""
        self._for_rights = True
        try:
            return super().rights(decided)
        finally:
            self._for_rights = False

    def _rights(self, ruling: Ruling) -> Iterator[Right]:
        return super()._rights(ruling) if self._for_rights else iter(())

    def _duties(self, ruling: Ruling) -> Iterator[Duty]:
        return iter(())

    def _of(self, ruling: Ruling, values: Values) -> Proposal:
        if not ruling.settled or ruling.decision == "escalate":
            return self._open(ruling, 0)
        return super()._of(ruling, values)

    def _order(self, values: Values) -> Order:
        order = super()._order(values)
        return _Order(order.components, order.refunded_before)

    def _consent(self, ruling: Ruling, values: Values) -> Consent | None:
        consent = super()._consent(ruling, values)
        held = [
            rule.name
            for rule in self.policy.consent
            if applies(rule, ruling) and holds(rule.when, values)
        ]
        self.until = self.columns.consent_ends(held) if consent else ""
        return consent
