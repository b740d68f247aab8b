"""The state of a dispute, read off its events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reso.model.case import Record, Records
from reso.model.events import Event

OWN_ACTS = ("asked", "proposed", "settled", "escalated", "handling", "reopened", "closed")
"""The kinds of our own acts; `handling` is a human's."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a dispute stands.

    Attributes:
        name: a state of `transitions.yaml`.
        since: when it got there; None before anything happened.
        proposed: the proposal that waits for an answer.
        settled: the last settlement.
        escalated: why a human has it, while he has.
        accepted: who said yes to the proposal. refused: whether somebody said no.
    """

    name: str = "none"
    since: datetime | None = None
    proposed: Record | None = None
    settled: Record | None = None
    escalated: Record | None = None
    accepted: frozenset[str] = frozenset()
    refused: bool = False


def state_of(history: Sequence[Event]) -> State:
    """Return the state that the events, in the order they became known, lead to."""
    state = State()
    for event in sorted(history, key=lambda event: event.recorded_at):
        for record in _records(event):
            state = _after(state, event, record)
    return state


def _records(event: Event) -> Iterable[Record]:
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
        case "claim" if record.get("filed_at") is not None:
            return State("gathering", at, settled=state.settled)
        case "responses":
            return _answered(state, record, at)
        case "proposed":
            return State("proposed", at, proposed=record, settled=state.settled)
        case "settled":
            return State("settled", at, settled=record)
        case "escalated":
            return State("escalated", at, settled=state.settled, escalated=record)
        case "handling" if record.get("act") == "taken_over":
            return State("taken_over", at, settled=state.settled)
        case "handling" | "reopened":
            return State("gathering", at, settled=state.settled)
        case "closed":
            return State("closed", at, settled=state.settled)
        case _:
            return state


def _answered(state: State, record: Record, at: datetime) -> State:
    action, party = record.get("action"), str(record.get("party"))
    if state.name == "gathering" and action == "cancel_complaint":
        return replace(state, name="withdrawn", since=at)
    if state.name == "withdrawn" and record.get("reason") == "promise_not_kept":
        return replace(state, name="gathering", since=at)
    if state.name != "proposed" or state.proposed is None:
        return state
    if action == "cancel_complaint":
        return State("withdrawn", at, settled=state.settled)
    if party not in _asked(state.proposed):
        return state
    if action in ("accept_solution", "approve"):
        return replace(state, accepted=state.accepted | {party})
    return replace(state, refused=True) if action == "reject" else state


def _asked(proposed: Record) -> tuple[str, ...]:
    parties = proposed.get("parties")
    return tuple(map(str, parties)) if isinstance(parties, tuple) else ()


def all_accepted(state: State) -> bool:
    """Whether everybody who was asked said yes."""
    return state.proposed is not None and state.accepted >= set(_asked(state.proposed))
