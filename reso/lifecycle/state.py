"""The state of a dispute, read off its events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reso.model.case import Record, Records, Value
from reso.model.events import Event

OWN_ACTS = ("asked", "proposed", "settled", "escalated", "handling", "reopened", "closed")
"""The kinds of our own acts; `handling` is a human's."""

YES = ("accept_solution", "approve")


@dataclass(frozen=True, slots=True)
class State:
    """Where a dispute stands.

    Attributes:
        name: a state of `transitions.yaml`.
        since: when it got there; None before anything happened.
        claimant: whose claim it is. filed_at: when that claim was filed.
        proposed: the proposal that waits for an answer.
        settled: the last settlement.
        escalated: why a human has it, while he has.
        accepted: who said yes to the proposal. refused: whether somebody said no.
        appealed: the settlement has been appealed, and nobody has looked at that yet.
        opened_again: why a settled dispute is open: what `reopened` says, or `claim`.
    """

    name: str = "none"
    since: datetime | None = None
    claimant: str = "buyer"
    filed_at: Value = None
    proposed: Record | None = None
    settled: Record | None = None
    escalated: Record | None = None
    accepted: frozenset[str] = frozenset()
    refused: bool = False
    appealed: bool = False
    opened_again: str = ""

    def moved(self, name: str, at: datetime) -> "State":
        """Return the state after a change: what belonged to the old one is gone."""
        return State(
            name, at, self.claimant, self.filed_at, None, self.settled, None, frozenset(), False,
            False, self.opened_again,
        )  # fmt: skip


def state_of(history: Sequence[Event]) -> State:
    """Return the state that the events, in the order they became known, lead to."""
    state = State()
    for event in in_order(history):
        for record in records_of(event):
            state = _after(state, event, record)
    return state


def in_order(history: Iterable[Event]) -> list[Event]:
    """Return events in the order they became known; those of one instant keep their order."""
    return sorted(history, key=lambda event: event.recorded_at)


def records_of(event: Event) -> Iterable[Record]:
    """Return what an event says: the fields of an object, or each item of a list."""
    match event.payload:
        case Records():
            return event.payload
        case Mapping():
            return (event.payload,)
        case _:
            return ()


def _after(state: State, event: Event, record: Record) -> State:
    """Return the state after one event. Our own acts decide it; claims and withdrawals do, too."""
    at = event.recorded_at
    match event.kind:
        case "claim":
            return _claimed(state, record, at)
        case "responses":
            return _answered(state, record, at)
        case "proposed":
            return replace(state.moved("proposed", at), proposed=record)
        case "settled":
            return replace(state.moved("settled", at), settled=record, opened_again="")
        case "escalated":
            return replace(state.moved("escalated", at), escalated=record)
        case "handling" if record.get("act") == "taken_over":
            return state.moved("taken_over", at)
        case "handling":
            return state.moved("gathering", at)
        case "reopened":
            again = "" if state.settled is None else str(record.get("because"))
            kept = state.opened_again if state.name == "proposed" else again
            return replace(state.moved("gathering", at), opened_again=kept)
        case "closed":
            return state.moved("closed", at)
        case _:
            return state


def _claimed(state: State, record: Record, at: datetime) -> State:
    """Return the state after a claim: what is said of a claim that is known changes nothing."""
    party, filed_at = record.get("party"), record.get("filed_at")
    known = state if party is None else replace(state, claimant=str(party))
    if filed_at is None or filed_at == state.filed_at:
        return known
    new = replace(known, filed_at=filed_at, claimant=str(party or "buyer"))
    if state.name == "taken_over":
        return new
    if state.name in ("settled", "closed"):
        new = replace(new, opened_again="claim")
    return new.moved("gathering", at)


def _answered(state: State, record: Record, at: datetime) -> State:
    action, party = record.get("action"), str(record.get("party"))
    is_claimant = party == state.claimant
    match state.name, action:
        case "gathering" | "proposed" | "escalated", "cancel_complaint" if is_claimant:
            return state.moved("withdrawn", at)
        case "withdrawn", _ if is_claimant and record.get("reason") == "promise_not_kept":
            return state.moved("gathering", at)
        case "settled" | "closed", "appeal":
            return replace(state, appealed=True)
        case "proposed", _ if party in _asked(state) and action in YES:
            return replace(state, accepted=state.accepted | {party})
        case "proposed", "reject" if party in _asked(state):
            return replace(state, refused=True)
        case _:
            return state


def _asked(state: State) -> tuple[str, ...]:
    parties = (state.proposed or {}).get("parties")
    return tuple(map(str, parties)) if isinstance(parties, tuple) else ()


def all_accepted(state: State) -> bool:
    """Whether everybody who was asked said yes."""
    return state.proposed is not None and state.accepted >= set(_asked(state))
