"""One dispute of a kind, led one act on by the real engine, with a trace of what that rests on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol, cast

from reso.engine.compiled import Compiled
from reso.engine.context import Context
from reso.engine.decide import Decided, Engine
from reso.engine.expressions import CompiledExpressions
from reso.engine.judgement import Judgement, MatterResult, Values
from reso.engine.outcome import Outcome, Outcomes
from reso.engine.program import Program
from reso.engine.reasons import Tracer
from reso.expressions.tree import Field, Node
from reso.facts.calendar import Calendar
from reso.facts.interpret import CONCLUDED, Maybe, Truth
from reso.facts.operations import UNKNOWN
from reso.lifecycle import Life
from reso.lifecycle.life import FOR_A_HUMAN
from reso.lifecycle.state import State, records_of, state_of
from reso.model.case import Case, Record
from reso.model.events import Event
from reso.model.proposal import Consent, Duty, Leg, Proposal, Right
from reso.model.ruling import Ruling
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import Policy, Reopening
from reso.settlement.beside import applies, holds
from reso.settlement.escrow import Order
from reso.settlement.proposals import MOVING, Settler
from simulations.fast.traced import SeenCase, SeenFields, Trace, UntraceableError, plain, traced

Clock = Literal["none", "questions", "rights", "steps"]
Number = str | None
"""The formula of an amount as SQL; None where there is no amount."""


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
        self, made: "_Compiled", case: Case, at: datetime, columns: Columns, trace: Trace
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


def sql_or_null(amount: int | None) -> str:
    """Return an amount as SQL."""
    return "NULL" if amount is None else getattr(amount, "sql", str(int(amount)))


def _plain(record: Record) -> Record:
    return {name: plain(value) for name, value in record.items()}


class _Compiled(Compiled):
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


class _Tracer(Tracer):
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

    def _effects(self, judgement: Judgement, matter: object) -> dict[str, object]:  # type: ignore[override]
        return {}

    def _evidence(self, judgement: Judgement, matter: object) -> tuple[()]:
        return ()


class _Outcomes(Outcomes):
    """Tells outcomes without the end of a clock that would start now: nothing rests on it."""

    def _would_end(self, name: str, judgement: Judgement) -> None:
        return


class _Engine(Engine):
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


class _Settler(Settler):
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

    def _consent(self, ruling: Ruling, values: object) -> Consent | None:
        consent = super()._consent(ruling, values)  # type: ignore[arg-type]
        held = [
            rule.name
            for rule in self.policy.consent
            if applies(rule, ruling) and holds(rule.when, values)  # type: ignore[arg-type]
        ]
        self.until = self.columns.consent_ends(held) if consent else ""
        return consent


@dataclass(frozen=True, slots=True)
class Act:
    """An act and the formulas of what it says: amounts, and the last instant for an answer.

    Attributes:
        kind: of the event. record: what it says that is the same for all of its kind.
        numbers: the SQL of what differs, by field.
        instants: the fields that say when it was done.
        appended: an item of a list; otherwise fields that replace what was stated.
    """

    kind: str
    record: tuple[tuple[str, object], ...]
    numbers: tuple[tuple[str, str], ...]
    instants: tuple[str, ...]
    appended: bool


@dataclass(frozen=True, slots=True)
class PaidLeg:
    """A movement of money that is due at once: who pays whom, for what, by which formula."""

    payer: str
    payee: str
    component: str
    amount: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the engine makes of one kind of dispute at one instant.

    Attributes:
        essence: what makes the ruling that ruling, amounts apart. numbers: those, as SQL.
        acts: what we do now; empty: we wait.
        paid: the money a settlement among the acts moves now.
        reason: the rule, question or step that led to a settlement or to a human.
        state: where the dispute stands after the acts, amounts and instants apart.
        clock, clock_of: whose clocks run while we wait.
        conditions: what a dispute of this kind has to answer the same.
    """

    essence: tuple[object, ...]
    numbers: tuple[Number, ...]
    acts: tuple[Act, ...]
    paid: tuple[PaidLeg, ...]
    reason: str
    state: tuple[object, ...]
    clock: Clock
    clock_of: tuple[str, ...]
    conditions: Mapping[str, bool]


class Leader(Life):
    """Leads one dispute of each kind one act on."""

    def __init__(self, policy: Policy) -> None:
        self._evaluator = _Compiled(policy)
        super().__init__(_Engine(self._evaluator, _Outcomes(policy), _Tracer(policy)))
        self.settler: _Settler = _Settler(self.engine)
        self._held_before: frozenset[str] = frozenset()

    def step(
        self,
        columns: Columns,
        history_of: Callable[[Trace], Sequence[Event]],
        at: datetime,
        held_before: frozenset[str],
    ) -> Step:
        """Return what happens next to a dispute, and to all of its kind.

        Args:
            columns: which SQL stands for what is read.
            history_of: its events, with the amounts our acts depend on traced.
            held_before: the entries of `reopens` that held when it was settled.

        Raises:
            UntraceableError: it cannot be told of a whole kind.
        """
        self._evaluator.trace, self._last = Trace(), None
        self._evaluator.columns = self.settler.columns = columns
        self._held_before = held_before
        history = history_of(self._evaluator.trace)
        acts = self.next_acts(history, at)
        case, decided = self._decided(history, at)
        judgement = decided.judgement
        if judgement is None or decided.ruling.reasons[0].name == "evaluation":
            raise UntraceableError("what cannot be evaluated")
        essence, numbers = _essence(self.engine.outcomes.of(judgement))
        after = (*history, *acts)
        state = state_of(after)
        settles = any(act.kind == "settled" for act in acts)
        ends = settles or any(act.kind == "escalated" for act in acts)
        proposal = self.proposal(history, at) if ends else None
        clock, clock_of = ("none", ()) if acts else self._clock(state, decided)
        made = tuple(_act(act, at, self.settler.until) for act in acts)
        return Step(
            essence,
            numbers,
            made,
            _paid(proposal) if proposal and settles else (),
            self._why(acts, proposal),
            discrete(after, state, case),
            clock,
            clock_of,
            self.noted,
        )

    @property
    def made(self) -> CompiledExpressions:
        """The compiled expressions of the policy."""
        return self._evaluator.made

    @property
    def noted(self) -> Mapping[str, bool]:
        """What has been asked of the dispute that is led, with the answers."""
        return dict(self._evaluator.trace.noted)

    def _why(self, acts: Sequence[Event], proposal: Proposal | None) -> str:
        if proposal is None:
            return ""
        handed = (dict(r) for a in acts if a.kind == "escalated" for r in records_of(a))
        said = next(handed, {}).get("reason")
        return str(said) if said in ("refused", "requested") else proposal.ruling.reasons[0].name

    def _clock(self, state: State, decided: Decided) -> tuple[Clock, tuple[str, ...]]:
        """Return whose clocks move a dispute on while nothing new becomes known."""
        if state.name in ("closed", "taken_over"):
            return "none", ()
        if (state.escalated or {}).get("reason") in FOR_A_HUMAN:
            return "none", ()
        if state.name != "settled":
            return "questions", ()
        remedy = str((state.settled or {}).get("decision"))
        if remedy in MOVING:
            assert decided.judgement is not None
            return "steps", tuple(s.name for s in self.settler.steps(remedy, decided.judgement))
        return "rights", tuple(right.question for right in self.settler.rights(decided))

    def _while_withdrawn(
        self, history: Sequence[Event], state: State, case: Case, decided: Decided, at: datetime
    ) -> tuple[Event, ...]:
        if decided.ruling.decision == "request_evidence":
            raise UntraceableError("whether a withdrawn complaint rests")
        return super()._while_withdrawn(history, state, case, decided, at)

    def _reopening(self, history: Sequence[Event], decided: Decided) -> str:
        known = {
            record.get("because")
            for event in history
            if event.kind == "reopened"
            for record in records_of(event)
        }
        judgement = decided.judgement
        for entry in self.policy.reopens:
            if entry.name in known or entry.name in self._held_before:
                continue
            if judgement is not None and held(entry, judgement):
                return entry.name
        return ""


def held(entry: Reopening, judgement: Judgement) -> bool:
    """Whether what reopens a dispute holds."""
    in_chapter = entry.chapter in ("", judgement.chapter)
    return in_chapter and judgement.world.holds(entry.when) is True


def discrete(history: Sequence[Event], state: State, case: Case) -> tuple[object, ...]:
    """Return where a dispute stands, amounts and instants apart: what two of a kind share."""
    return (
        state.name,
        state.claimant,
        state.filed_at is not None,
        _words(state.proposed, "decision", "parties"),
        _words(state.settled, "decision", "payee", "how", "legs"),
        _words(state.escalated, "question", "reason"),
        tuple(sorted(state.accepted)),
        state.refused,
        state.appealed,
        state.opened_again,
        _said(history, "settled", "decision", "payee", "legs"),
        tuple(sorted(set(_said(history, "reopened", "because")))),
        tuple(sorted(set(_asked_since(history, state)))),
    )


def _words(record: Record | None, *names: str) -> tuple[object, ...]:
    return () if record is None else tuple(record.get(name) for name in names)


def _said(history: Sequence[Event], kind: str, *names: str) -> tuple[tuple[object, ...], ...]:
    found = (record for event in history if event.kind == kind for record in records_of(event))
    return tuple(_words(record, *names) for record in found)


def _asked_since(history: Sequence[Event], state: State) -> list[str]:
    since = state.filed_at
    return [
        str(record.get("question"))
        for event in history
        if event.kind == "asked"
        for record in records_of(event)
        if not isinstance(since, datetime) or event.recorded_at >= since
    ]


def _essence(outcome: Outcome) -> tuple[tuple[object, ...], tuple[Number, ...]]:
    """Return what makes a ruling that ruling: what is the same for its kind, and its numbers."""
    said = outcome.essence()
    resolved = outcome.resolved
    if resolved is None:
        return said, (None, None, None)
    words = (
        resolved.remedy, resolved.payer, resolved.payee, resolved.to, resolved.value, resolved.flaw,
    )  # fmt: skip
    numbers = (resolved.amount, resolved.quantity, resolved.percent)
    rest = tuple(part for part in said if part is not resolved)
    return (*rest, words), tuple(None if n is None else sql_or_null(n) for n in numbers)


def _act(event: Event, at: datetime, until: str) -> Act:
    """Return an act with the formulas of its numbers."""
    (record,) = records_of(event)
    words: list[tuple[str, object]] = []
    numbers: list[tuple[str, str]] = []
    instants: list[str] = []
    for name, value in record.items():
        if name == "until":
            numbers.append((name, until))
        elif isinstance(value, datetime):
            if value != at:
                raise UntraceableError(f"an instant in `{event.kind}`")
            instants.append(name)
        elif isinstance(value, int) and not isinstance(value, bool):
            numbers.append((name, sql_or_null(value)))
        else:
            words.append((name, value))
    appended = not isinstance(event.payload, Mapping)
    return Act(event.kind, tuple(words), tuple(numbers), tuple(instants), appended)


def _paid(proposal: Proposal) -> tuple[PaidLeg, ...]:
    return tuple(map(_paid_leg, (leg for leg in proposal.legs if not leg.after)))


def _paid_leg(leg: Leg) -> PaidLeg:
    return PaidLeg(leg.payer, leg.payee, leg.component, sql_or_null(leg.amount))
