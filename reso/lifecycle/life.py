"""The main flow of a dispute's life: a move comes in, its events and our own acts come out.

Pure: the instant is an argument, and everything known is in the history. The same history and
the same move give the same acts, live and in replay.
"""

from collections.abc import Sequence
from datetime import datetime

from reso.engine.decide import CANNOT_EVALUATE, Decided, Engine, next_instant_of
from reso.engine.judgement import Judgement
from reso.errors import InputError
from reso.lifecycle import acts
from reso.lifecycle.fields import refuse_wrong_fields
from reso.lifecycle.moves import Clock, Command, Move, Recorded, events_of
from reso.lifecycle.state import State, all_accepted, in_order, records_of, state_of
from reso.model.case import Case
from reso.model.events import Event, fold
from reso.model.proposal import Proposal
from reso.policy.model import Reopening
from reso.settlement.proposals import MOVING, Settler

MOST_ACTS = 12
"""Rounds of own acts after one move; a policy that would still go on gets a human."""

FOR_A_HUMAN = ("refused", "requested", "withdrawn", "circle")
"""Why a dispute was handed over, where only a human ends it, whatever facts come in."""

CALLS = ("press_help", "ask_platform_to_step_in")
PAYING = ("refund_full", "refund_partial", *MOVING)

Events = tuple[Event, ...]


class Life:
    """Leads disputes through their lives by one policy."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settler = Settler(engine)
        self.policy = engine.evaluator.policy
        self._last: tuple[tuple[Event, ...], datetime, Case, Decided] | None = None

    def advance(self, history: Sequence[Event], move: Move, at: datetime) -> Events:
        """Return the events a move leads to at `at`: its own, then our acts.

        Args:
            history: every event recorded so far, of one dispute.
            move: a command, events that became known, or the clock alone.
            at: now; not before the last event of the history.

        Raises:
            IllegalMoveError: the command is not open; it names those that are.
            InputError: a field nobody declared, a value it cannot have, or the case is in
                another currency.
            ValueError: `at` is before the last event, or before one that becomes known.
        """
        known = (*history, *move.events) if isinstance(move, Recorded) else history
        last = max((event.recorded_at for event in known), default=at)
        if at < last:
            raise ValueError(f"{at.isoformat()} is before the last event, {last.isoformat()}")
        new = self._own(history, move, at)
        for _ in range(MOST_ACTS):
            following = self.next_acts((*history, *new), at)
            if not following:
                return new
            new = (*new, *following)
        return (*new, acts.handed_over(new[0].dispute_id, "circle", at))

    def next_clock(self, history: Sequence[Event], at: datetime) -> datetime | None:
        """Return the next instant after `at` at which we would act with no new event.

        Questions whose clocks run out, a proposal's time to answer, and, of a settled dispute,
        the steps of its remedy and the rights that lapse. None: nothing will happen by itself.
        """
        state = state_of(history)
        if not history or state.name in ("closed", "taken_over"):
            return None
        if (state.escalated or {}).get("reason") in FOR_A_HUMAN:
            return None
        case, decided = self._decided(history, at)
        if state.name != "settled":
            found = [self._answer_due(state), self._changes_at(case, decided)]
        elif _moves_goods(state):
            found = [self._step_due(state, decided, at)]
        else:
            found = [right.until for right in self.settler.rights(decided)]
        return min((instant for instant in found if instant and instant > at), default=None)

    def proposal(self, history: Sequence[Event], at: datetime) -> Proposal:
        """Return what we would propose of a dispute at `at`."""
        state, (_, decided) = state_of(history), self._decided(history, at)
        if state.name == "settled" and _moves_goods(state) and state.settled is not None:
            going_on = self.settler.going_on(decided, state.settled)
            if going_on is not None:
                return going_on
        return self.settler.of(decided)

    def _decided(self, history: Sequence[Event], at: datetime) -> tuple[Case, Decided]:
        """Return the case and its ruling; the last one is kept, since clocks are asked next."""
        events = tuple(history)
        if self._last is not None:
            known, then, case, decided = self._last
            same = then == at and len(known) == len(events)
            if same and all(one is other for one, other in zip(known, events, strict=True)):
                return case, decided
        case = fold(events, at)
        decided = self.engine.decided(case, at)
        self._last = events, at, case, decided
        return case, decided

    # -- the move itself --------------------------------------------------------------------

    def _own(self, history: Sequence[Event], move: Move, at: datetime) -> Events:
        match move:
            case Clock():
                return ()
            case Recorded(events=events):
                return events
            case Command():
                return self._commanded(history, move, at)

    def _commanded(self, history: Sequence[Event], move: Command, at: datetime) -> Events:
        state = state_of(history)
        dispute = history[0].dispute_id if history else str(move.fields.get("dispute", ""))
        events = events_of(move, dispute, state.name, at, state.claimant)
        for event in events:
            refuse_wrong_fields(event, self.policy.table)
        match move.name:
            case "adjudicate":
                return (*events, *self._adjudicated((*history, *events), move, at))
            case "extend":
                return (*events, acts.extended(dispute, fold(history, at), at))
            case _:
                return events

    def _adjudicated(self, history: Sequence[Event], move: Command, at: datetime) -> Events:
        """Return the acts that make a human's ruling hold; it asks nobody's consent."""
        dispute, fields = history[0].dispute_id, move.fields
        amount, payer = fields.get("amount"), fields.get("payer")
        if amount == 0:
            raise InputError(f"dispute {dispute}: amount", "a refund of nothing", "Rule `deny`.")
        proposal = self.settler.by_human(
            self._decided(history, at)[1],
            str(fields.get("remedy")),
            amount if isinstance(amount, int) else None,
            str(payer or ""),
        )
        if not proposal.how:
            left = "the order does not hold this amount"
            hint = "Rule on what is still there, or name the `payer` who adds the rest."
            raise InputError(f"dispute {dispute}: amount", left, hint)
        return acts.settled(dispute, proposal, "adjudicated", history, at)

    # -- our acts ---------------------------------------------------------------------------

    def next_acts(self, history: Sequence[Event], at: datetime) -> Events:
        """Return what we do next by ourselves; nothing when we wait."""
        state = state_of(history)
        if not history or state.name == "taken_over":
            return ()
        if state.name == "closed" and not state.appealed and not self.policy.reopens:
            return ()
        dispute = history[0].dispute_id
        case, decided = self._decided(history, at)
        if told := acts.standing(dispute, state, case, at):
            return told
        match state.name:
            case "settled" | "closed":
                return self._after_settling(history, state, case, decided, at)
            case "proposed":
                return self._while_proposed(history, state, self.settler.of(decided), at)
            case "withdrawn":
                return self._while_withdrawn(history, state, case, decided, at)
            case "escalated":
                return self._after_escalating(history, state, self.settler.of(decided), at)
            case _:
                return self._act(history, state, self.settler.of(decided), at)

    def _act(
        self, history: Sequence[Event], state: State, proposal: Proposal, at: datetime
    ) -> Events:
        """Return the act a ruling asks for in an open dispute."""
        ruling, dispute = proposal.ruling, history[0].dispute_id
        match ruling.decision:
            case "wait":
                return _back_to_gathering(dispute, state, at)
            case "request_evidence":
                case, _ = self._decided(history, at)
                back = _back_to_gathering(dispute, state, at)
                return (*back, *acts.asked(dispute, ruling, case, at))
            case "escalate":
                if state.name == "none" and ruling.reasons[0].kind not in ("rule", "bar"):
                    return ()  # nobody has complained, and no rule speaks of it
                if _called(history, at) and ruling.reasons[0].kind not in ("conflict", "flaw"):
                    return (acts.handed_over(dispute, "requested", at, ruling.deadline_of),)
                return (acts.escalated(dispute, ruling, at),)
            case _ if proposal.consent is not None:
                return (acts.proposed(dispute, proposal, at),)
            case _:
                return acts.settled(dispute, proposal, proposal.how or "imposed", history, at)

    def _while_proposed(
        self, history: Sequence[Event], state: State, proposal: Proposal, at: datetime
    ) -> Events:
        """Return what the answers to a proposal, its clock or new facts lead to."""
        proposed, dispute = state.proposed or {}, history[0].dispute_id
        if state.refused:
            return (acts.handed_over(dispute, "refused", at),)
        if not acts.is_same(proposed, proposal):
            return self._act(history, state, proposal, at)
        until, consent = proposed.get("until"), proposal.consent
        if all_accepted(state):
            return acts.settled(dispute, proposal, "agreed", history, at)
        if consent is None:
            return self._act(history, state, proposal, at)
        if not isinstance(until, datetime) or at < until:
            return ()
        if not consent.silence_accepts:
            return (acts.handed_over(dispute, "refused", at),)
        return acts.settled(dispute, proposal, "lapsed", history, at)

    def _while_withdrawn(
        self, history: Sequence[Event], state: State, case: Case, decided: Decided, at: datetime
    ) -> Events:
        """Return what a withdrawal comes to; it never pays who withdrew without a human."""
        proposal, dispute = self.settler.of(decided), history[0].dispute_id
        match decided.ruling.decision:
            case "request_evidence":
                rests = self._changes_at(case, decided) is not None
                return () if rests else (acts.handed_over(dispute, "withdrawn", at),)
            case decision if decision in PAYING:
                return (acts.handed_over(dispute, "withdrawn", at),)
            case _:
                return self._act(history, state, proposal, at)

    def _after_settling(
        self, history: Sequence[Event], state: State, case: Case, decided: Decided, at: datetime
    ) -> Events:
        """Return how a settlement goes on: an appeal, a reopening, its next step, the end."""
        settled, dispute = state.settled, history[0].dispute_id
        because = "appeal" if state.appealed else self._reopening(history, decided)
        if because:
            return (acts.reopened(dispute, because, at),)
        if settled is None or state.name == "closed":
            return ()
        if _moves_goods(state):
            going_on = self.settler.going_on(decided, settled)
            return () if going_on is None else self._act(history, state, going_on, at)
        return () if self.settler.rights(decided) else (acts.closed(dispute, at),)

    def _reopening(self, history: Sequence[Event], decided: Decided) -> str:
        """Return the entry of `reopens` that has come to hold since the settlement, or ""."""
        known = {
            record.get("because")
            for event in history
            if event.kind == "reopened"
            for record in records_of(event)
        }
        open_entries = [entry for entry in self.policy.reopens if entry.name not in known]
        held = [entry for entry in open_entries if _holds(entry, decided.judgement)]
        if not held:
            return ""
        events = in_order(history)
        last = max(n for n, event in enumerate(events) if event.kind == "settled")
        then = events[last].recorded_at
        try:
            before = self.engine.evaluator.judge(fold(events[: last + 1], then), then)
        except CANNOT_EVALUATE:
            return held[0].name
        return next((entry.name for entry in held if not _holds(entry, before)), "")

    def _after_escalating(
        self, history: Sequence[Event], state: State, proposal: Proposal, at: datetime
    ) -> Events:
        """Return what new facts lead to while a human has the case: nothing, or a settlement.

        What was refused, or what a party wanted a human for, only a human ends.
        """
        if (state.escalated or {}).get("reason") in FOR_A_HUMAN:
            return ()
        if proposal.ruling.decision == "escalate" or not proposal.ruling.settled:
            return ()
        return self._act(history, state, proposal, at)

    # -- clocks -----------------------------------------------------------------------------

    def _changes_at(self, case: Case, decided: Decided) -> datetime | None:
        """Return the next instant at which the ruling differs with no new event."""
        ruling, judgement = decided.ruling, decided.judgement
        if ruling.decision == "wait":
            return ruling.deadline
        if judgement is None:
            return None
        try:
            outcome = self.engine.outcomes.of(judgement)
            return self.engine.next_change(case, judgement, outcome)
        except CANNOT_EVALUATE:
            return None

    def _step_due(self, state: State, decided: Decided, at: datetime) -> datetime | None:
        """Return when a step of a remedy that moves goods opens or lapses next."""
        remedy = str((state.settled or {}).get("decision"))
        if decided.judgement is None:
            return None
        return next_instant_of(self.settler.steps(remedy, decided.judgement), at)

    def _answer_due(self, state: State) -> datetime | None:
        until = (state.proposed or {}).get("until")
        return until if isinstance(until, datetime) else None


def _holds(entry: Reopening, judgement: Judgement | None) -> bool:
    """Whether what reopens a dispute holds."""
    if judgement is None or entry.chapter not in ("", judgement.chapter):
        return False
    return judgement.world.holds(entry.when) is True


def _moves_goods(state: State) -> bool:
    """Whether a settlement is one whose goods move first, so that it goes on by steps."""
    return state.settled is not None and state.settled.get("decision") in MOVING


def _called(history: Sequence[Event], at: datetime) -> bool:
    """Whether a party has just called a human."""
    now = (e for e in history if e.kind == "responses" and e.recorded_at == at)
    return any(record.get("action") in CALLS for event in now for record in records_of(event))


def _back_to_gathering(dispute: str, state: State, at: datetime) -> Events:
    """Return the act that takes a proposal back when new facts left it open again."""
    return (acts.reopened(dispute, "new_facts", at),) if state.name == "proposed" else ()
