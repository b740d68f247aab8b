"""One dispute of a kind, led one act on by the real engine, with a trace of what that rests on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reso.engine.context import Context
from reso.engine.decide import Decided
from reso.engine.expressions import CompiledExpressions
from reso.engine.judgement import Judgement
from reso.engine.outcome import Outcome
from reso.facts.interpret import Truth
from reso.lifecycle import Life
from reso.lifecycle.life import FOR_A_HUMAN
from reso.lifecycle.state import State, records_of, state_of
from reso.model.case import Case, Record, Value
from reso.model.events import Event
from reso.model.proposal import Leg, Proposal
from reso.policy.clocks import QuestionState
from reso.policy.model import Policy, Reopening
from reso.settlement.proposals import MOVING
from simulations.fast.noting import (
    BareEngine,
    BareOutcomes,
    BareTracer,
    Columns,
    NotingCompiled,
    NotingSettler,
)
from simulations.fast.traced import Trace, UntraceableError, sql_or_null

Clock = Literal["none", "questions", "rights", "steps"]
Number = str | None
"""The formula of an amount as SQL; None where there is no amount."""


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
    record: tuple[tuple[str, Value], ...]
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

    @property
    def waits(self) -> bool:
        """Whether a proposal then waits for an answer."""
        return self.state[0] == "proposed"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the engine found of a dispute.

    Attributes:
        chapter: that it is in. rules: by name, whether each rule of the chapter decides.
        questions: the states of the questions it looked at.
        read: the values it read, by the SQL that stands for each.
    """

    chapter: str
    rules: Mapping[str, Truth]
    questions: Mapping[str, QuestionState]
    read: Mapping[str, object]


class Leader(Life):
    """Leads one dispute of each kind one act on."""

    def __init__(self, policy: Policy) -> None:
        self._evaluator = NotingCompiled(policy)
        super().__init__(BareEngine(self._evaluator, BareOutcomes(policy), BareTracer(policy)))
        self.settler: NotingSettler = NotingSettler(self.engine)
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
        self._judgement = judgement
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

    @property
    def judged(self) -> Judged:
        """What was found of the dispute that was led last."""
        found, world = self._judgement, self._judgement.world
        assert isinstance(world, Context)
        rules = {name: status.decides for name, status in found.statuses.items()}
        return Judged(found.chapter, rules, world.states, self._evaluator.trace.read)

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
    words: list[tuple[str, Value]] = []
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
