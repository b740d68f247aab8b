"""The main flow of a dispute's life: a move comes in, its events and our own acts come out.

Pure: the instant is an argument, and everything known is in the history. The same history and
the same move give the same acts, live and in replay.
"""

from collections.abc import Sequence
from datetime import datetime

from reso.engine.decide import CANNOT_EVALUATE, Decided, Engine
from reso.errors import InputError
from reso.lifecycle import acts
from reso.lifecycle.moves import Clock, Command, Move, Recorded, events_of
from reso.lifecycle.state import State, all_accepted, state_of
from reso.model.case import Case
from reso.model.events import Event, fold
from reso.model.proposal import Proposal
from reso.policy.model import Reopening
from reso.settlement.proposals import Settler

MOST_ACTS = 12
"""Own acts after one move; a policy that would go on asks the same again and again."""

MOVING = ("return_and_refund", "replace_or_resend_missing")
"""Remedies that move goods first: their settlement goes on, step by step."""

Events = tuple[Event, ...]


class Life:
    """Leads disputes through their lives by one policy."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settler = Settler(engine)
        self.policy = engine.evaluator.policy

    def advance(self, history: Sequence[Event], move: Move, at: datetime) -> Events:
        """Return the events a move leads to at `at`: its own, then our acts.

        Args:
            history: every event recorded so far, of one dispute.
            move: a command, events that became known, or the clock alone.
            at: now; not before the last event of the history.

        Raises:
            IllegalMoveError: the command is not open; it names those that are.
            InputError: a field nobody declared, or the case is in another currency.
            ValueError: `at` is before the last event.
        """
        last = max((event.recorded_at for event in history), default=at)
        if at < last:
            raise ValueError(f"{at.isoformat()} is before the last event, {last.isoformat()}")
        new = self._own(history, move, at)
        for _ in range(MOST_ACTS):
            following = self._next_acts((*history, *new), at)
            if not following:
                break
            new = (*new, *following)
        return new

    def next_clock(self, history: Sequence[Event], at: datetime) -> datetime | None:
        """Return the next instant after `at` at which we would act with no new event.

        Questions whose clocks run out, a proposal's time to answer, and, of a settled dispute,
        the steps of its remedy and the rights that lapse. None: nothing will happen by itself.
        """
        state = state_of(history)
        if not history or state.name in ("closed", "taken_over"):
            return None
        case = fold(history, at)
        decided = self.engine.decided(case, at)
        found = [self._answer_due(state)]
        if state.name != "settled" or _moves_goods(state):
            found.append(self._changes_at(case, decided))
        if state.name == "settled":
            found += [right.until for right in self.settler.of(decided).rights]
        return min((instant for instant in found if instant and instant > at), default=None)

    def proposal(self, history: Sequence[Event], at: datetime) -> Proposal:
        """Return what we would propose of a dispute at `at`."""
        return self.settler.propose(fold(history, at), at)

    # -- the move itself --------------------------------------------------------------------

    def _own(self, history: Sequence[Event], move: Move, at: datetime) -> Events:
        match move:
            case Clock():
                return ()
            case Recorded(events=events):
                return events
            case Command():
                state = state_of(history)
                dispute = history[0].dispute_id if history else str(move.fields.get("dispute", ""))
                events = events_of(move, dispute, state.name, at)
                self._refuse_unknown_fields(events)
                if move.name == "adjudicate":
                    return (*events, *self._adjudicated((*history, *events), move, at))
                return events

    def _adjudicated(self, history: Sequence[Event], move: Command, at: datetime) -> Events:
        """Return the acts that make a human's ruling hold; it asks nobody's consent."""
        decided = self.engine.decided(fold(history, at), at)
        remedy, amount = move.fields.get("remedy"), move.fields.get("amount")
        whole = amount if isinstance(amount, int) else None
        proposal = self.settler.by_human(decided, str(remedy), whole)
        if not proposal.how:
            dispute, left = history[0].dispute_id, "the order does not hold this amount"
            raise InputError(f"dispute {dispute}: amount", left, "Rule on what is still there.")
        return acts.settled(history[0].dispute_id, proposal, "adjudicated", history, at)

    def _refuse_unknown_fields(self, events: Events) -> None:
        for event in events:
            section = self.policy.table.sections[event.kind]
            for record in acts.records_of(event):
                stranger = next((n for n in record if n not in section.fields), None)
                if stranger is not None and f"{event.kind}.{stranger}" not in self._lists():
                    hint = self.policy.table.did_you_mean(f"{event.kind}.{stranger}")
                    raise InputError(f"{event.kind}.{stranger}", "no such field", hint)

    def _lists(self) -> frozenset[str]:
        return frozenset(self.policy.table.lists)

    # -- our acts ---------------------------------------------------------------------------

    def _next_acts(self, history: Sequence[Event], at: datetime) -> Events:
        """Return what we do next by ourselves; nothing when we wait."""
        state = state_of(history)
        if not history or state.name == "taken_over":
            return ()
        if state.name == "proposed" and (answered := self._answered(history, state, at)):
            return answered
        case = fold(history, at)
        proposal = self.settler.propose(case, at)
        match state.name:
            case "settled" | "closed":
                return self._after_settling(history, state, case, proposal, at)
            case "escalated":
                return self._after_escalating(history, state, proposal, at)
            case "proposed":
                same = state.proposed is not None and acts.is_same(state.proposed, proposal)
                return () if same else self._act(history, state, proposal, at)
            case _:
                return self._act(history, state, proposal, at)

    def _act(
        self, history: Sequence[Event], state: State, proposal: Proposal, at: datetime
    ) -> Events:
        """Return the act a ruling asks for in an open dispute."""
        ruling, dispute = proposal.ruling, history[0].dispute_id
        match ruling.decision:
            case "wait":
                return _back_to_gathering(dispute, state, at)
            case "request_evidence":
                return (
                    *_back_to_gathering(dispute, state, at),
                    *acts.asked(dispute, ruling, at),
                )
            case "escalate":
                if state.name == "none" and ruling.reasons[0].kind not in ("rule", "bar"):
                    return ()  # nobody has complained, and no rule speaks of it
                return (acts.escalated(dispute, ruling, at),)
            case _ if proposal.consent is not None:
                return (acts.proposed(dispute, proposal, at),)
            case _:
                return acts.settled(dispute, proposal, proposal.how or "imposed", history, at)

    def _answered(self, history: Sequence[Event], state: State, at: datetime) -> Events:
        """Return what the answers to a proposal, or its clock, lead to; nothing: it waits."""
        proposed, dispute = state.proposed, history[0].dispute_id
        if proposed is None:
            return ()
        until = proposed.get("until")
        lapsed = isinstance(until, datetime) and at >= until
        if not (state.refused or all_accepted(state) or lapsed):
            return ()
        proposal = self.settler.propose(fold(history, at), at)
        consent = proposal.consent
        silence_accepts = consent is not None and consent.silence_accepts
        if state.refused or not (all_accepted(state) or silence_accepts):
            return (acts.refused(dispute, at),)
        if not acts.is_same(proposed, proposal):
            return ()  # what was accepted is no longer what we would propose: decide anew
        how = "agreed" if all_accepted(state) else "lapsed"
        return acts.settled(dispute, proposal, how, history, at)

    def _after_settling(
        self,
        history: Sequence[Event],
        state: State,
        case: Case,
        proposal: Proposal,
        at: datetime,
    ) -> Events:
        """Return how a settlement goes on: its remedy's next step, a reopening, the end."""
        settled, dispute = state.settled, history[0].dispute_id
        if settled is None:
            return ()
        reopening = self._reopening(history, state, case, at)
        if reopening is not None:
            return (acts.reopened(dispute, reopening, at),)
        if _moves_goods(state):
            goes_on = proposal.ruling.settled and not acts.is_same(settled, proposal)
            return self._act(history, state, proposal, at) if goes_on else ()
        done = state.name == "closed" or proposal.rights
        return () if done else (acts.closed(dispute, at),)

    def _reopening(
        self, history: Sequence[Event], state: State, case: Case, at: datetime
    ) -> str | None:
        """Return what opens a settled dispute again: an appeal, or what the policy names."""
        if any(acts.is_appeal(event) for event in acts.since_settling(history)):
            return "appeal"
        known = {
            record.get("because")
            for event in history
            if event.kind == "reopened"
            for record in acts.records_of(event)
        }
        held = (entry for entry in self.policy.reopens if entry.name not in known)
        return next((entry.name for entry in held if self._holds(entry, case, at)), None)

    def _holds(self, entry: Reopening, case: Case, at: datetime) -> bool:
        try:
            judgement = self.engine.evaluator.judge(case, at)
        except CANNOT_EVALUATE:
            return False
        in_chapter = entry.chapter in ("", judgement.chapter)
        return in_chapter and judgement.world.holds(entry.when) is True

    def _after_escalating(
        self, history: Sequence[Event], state: State, proposal: Proposal, at: datetime
    ) -> Events:
        """Return what new facts lead to while a human has the case: nothing, or a settlement.

        What was refused, or what a party wanted a human for, only a human ends.
        """
        reason = (state.escalated or {}).get("reason")
        if reason in ("refused", "requested") or proposal.ruling.decision == "escalate":
            return ()
        if not proposal.ruling.settled:
            return ()
        return self._act(history, state, proposal, at)

    # -- clocks -----------------------------------------------------------------------------

    def _changes_at(self, case: Case, decided: Decided) -> datetime | None:
        """Return the next instant at which the ruling differs with no new event."""
        ruling, judgement = decided.ruling, decided.judgement
        if ruling.decision == "wait":
            return ruling.deadline
        running = ruling.deadline if ruling.decision in MOVING else None
        if judgement is None:
            return None
        try:
            outcome = self.engine.outcomes.of(judgement)
            change = self.engine.next_change(case, judgement, outcome)
            return min((i for i in (change, running) if i is not None), default=None)
        except CANNOT_EVALUATE:
            return None

    def _answer_due(self, state: State) -> datetime | None:
        until = (state.proposed or {}).get("until")
        return until if isinstance(until, datetime) else None


def _moves_goods(state: State) -> bool:
    """Whether a settlement is one whose goods move first, so that it goes on by steps."""
    return state.settled is not None and state.settled.get("decision") in MOVING


def _back_to_gathering(dispute: str, state: State, at: datetime) -> Events:
    """Return the act that takes a proposal back when new facts left it open again."""
    return (acts.reopened(dispute, "new_facts", at),) if state.name == "proposed" else ()
