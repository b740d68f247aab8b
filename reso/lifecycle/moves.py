"""Moves: what a party or an agent does, what becomes known, and clocks that run out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from reso.errors import ResoError
from reso.facts.text import read_text, read_yaml
from reso.model.case import Records, Value
from reso.model.events import Event

TRANSITIONS = Path(__file__).with_name("transitions.yaml")

Actor = Literal["buyer", "seller", "courier", "platform", "agent"]

CLAIMANT = "claimant"
"""Stands in the table for the party whose claim it is."""


@dataclass(frozen=True, slots=True)
class Command:
    """A move somebody makes: its name in `transitions.yaml`, who makes it, and its fields.

    Amounts are minor units, instants aware; the fields are those of the event it becomes.
    """

    name: str
    by: Actor
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Events of the world that became known: scans, answers, claims. Never illegal."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """Time passed; nothing else happened."""


Move: TypeAlias = Command | Recorded | Clock


@dataclass(frozen=True, slots=True)
class Transition:
    """A line of the transition table."""

    name: str
    by: tuple[str, ...]
    sources: tuple[str, ...]
    records: str
    fixed: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    means: str


class IllegalMoveError(ResoError):
    """A move that is not open: the message says why, and names the legal ones.

    Attributes:
        dispute: its id. state: the dispute's state. move, by: what was tried, by whom.
        why: what stands in its way. legal: the moves open to that party now.
    """

    def __init__(
        self, dispute: str, state: str, move: str, by: str, why: str, legal: tuple[str, ...]
    ) -> None:
        super().__init__(dispute, state, move, by, why, legal)
        self.dispute, self.state, self.move, self.by = dispute, state, move, by
        self.why, self.legal = why, legal

    def __str__(self) -> str:
        legal = ", ".join(self.legal) or "nothing"
        return (
            f"dispute {self.dispute} is {self.state}; {self.why}. Legal now for {self.by}: {legal}."
        )


@cache
def transitions() -> Mapping[str, Transition]:
    """Return the transition table, by the names of the moves."""
    return {
        name: Transition(
            name=name,
            by=tuple(row["by"]),
            sources=tuple(row["from"]),
            records=row["records"],
            fixed=tuple(row.get("with", {}).items()),
            needs=tuple(row.get("needs", ())),
            means=row["means"],
        )
        for name, row in _table()["moves"].items()
    }


@cache
def states() -> Mapping[str, str]:
    """Return every state a dispute can be in, with what it means."""
    found: Mapping[str, str] = _table()["states"]
    return found


@cache
def _table() -> dict[str, Any]:
    data = read_yaml(read_text(TRANSITIONS), TRANSITIONS.name).data
    assert isinstance(data, dict)
    return data


def legal_moves(state: str, by: str, claimant: str = "buyer") -> tuple[str, ...]:
    """Return the moves open to `by` in a state, in the order of the table."""
    table = transitions().values()
    return tuple(
        move.name for move in table if state in move.sources and by in _actors(move, claimant)
    )


def _actors(move: Transition, claimant: str) -> tuple[str, ...]:
    return tuple(claimant if actor == CLAIMANT else actor for actor in move.by)


def events_of(
    command: Command, dispute: str, state: str, at: datetime, claimant: str = "buyer"
) -> tuple[Event, ...]:
    """Return the event a command becomes.

    Raises:
        IllegalMoveError: no such move, not in this state, not by this party, or a field misses.
    """
    move = transitions().get(command.name)
    legal = legal_moves(state, command.by, claimant)
    why = _refusal(move, command, state, claimant)
    if move is None or why:
        raise IllegalMoveError(dispute, state, command.name, command.by, why, legal)
    return (_event(move, command, dispute, at),)


def _refusal(move: Transition | None, command: Command, state: str, claimant: str) -> str:
    """Return why a move is not open, empty when it is."""
    if move is None:
        return f"there is no move `{command.name}`"
    if command.by not in _actors(move, claimant):
        return f"`{move.name}` is not for the {command.by}"
    if state not in move.sources:
        return f"`{move.name}` ({move.means}) is not open in this state"
    missing = [name for name in move.needs if command.fields.get(name) is None]
    return f"`{move.name}` needs {', '.join(f'`{name}`' for name in missing)}" if missing else ""


def _event(move: Transition, command: Command, dispute: str, at: datetime) -> Event:
    """Return the event of a move; who acts and when is not for the caller to say."""
    given: dict[str, Value] = {**command.fields, **dict(move.fixed)}
    match move.records:
        case "claim":
            party = given.get("party") if command.by == "agent" else command.by
            claim = {**given, "filed_at": at, "party": party or "buyer"}
            return Event(dispute, at, at, "claim", claim)
        case "order" | "incident":
            return Event(dispute, at, at, move.records, given)
        case "handling":
            return Event(dispute, at, at, "handling", Records(({**given, "at": at},)))
        case kind:
            item = {**given, "at": at, "party": _actor(command, kind)}
            return Event(dispute, at, at, kind, Records((item,)))


def _actor(command: Command, kind: str) -> str:
    """Return how a record names who acts; what an agent hands in comes from the platform."""
    if command.by != "agent":
        return command.by
    return "human_admin" if kind == "responses" else "platform"
