"""One recorded dispute lived through under a policy: events arrive, clocks run out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol

from reso.errors import InputError
from reso.expressions.tree import Kind
from reso.lifecycle import Clock, Life, Move, Recorded
from reso.lifecycle.acts import records_of
from reso.lifecycle.state import OWN_ACTS as ACT_KINDS
from reso.lifecycle.state import YES, state_of
from reso.model.case import Case, Record, Records
from reso.model.events import Event, fold

OWN_ACTS = frozenset(ACT_KINDS)

OLD_HUMANS = ("human_admin",)
OLD_RULERS = ("platform", *OLD_HUMANS)
OLD_RULINGS: Mapping[str, tuple[str, ...]] = {
    "case": ("standing_decision",),
    "history": ("refunded_at", "refunded_amount", "released_at"),
}
"""Fields that say what the old platform ruled and paid."""

LEDGER: Mapping[str, Kind] = {
    "history.refunded_at": "instant",
    "history.refunded_amount": "money",
    "history.released_at": "instant",
    "history.appeals_used": "integer",
    "history.courier_compensation_to_seller": "money",
    "standing_decision": "text",
}
"""The fields our own acts state."""

ANSWERS = (*YES, "reject")
"""What a party does that answers a proposal."""

MOST_MOVES = 2_000
"""Moves in one life; a policy that goes on acts again and again at the same instant."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A decision point.

    Attributes:
        arrived: what became known; empty: a clock ran out.
        acts: what we did, and what our acts changed.
        before: how many events were known before.
    """

    at: datetime
    arrived: tuple[Event, ...]
    acts: tuple[Event, ...]
    before: int


@dataclass(frozen=True, slots=True)
class Lived:
    """A dispute lived through.

    Attributes:
        history: every event, those recorded and ours.
        left_out: acts of the old platform that no longer happened, since we had acted before.
    """

    dispute_id: str
    moments: tuple[Moment, ...]
    history: tuple[Event, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of a life is lived through.

    Attributes:
        until: the last instant; None: until nothing is left to happen.
        from_the_order: the policy rules from the first event on. Otherwise from the complaint on:
            what was known before is known then, and without a complaint nothing is lived through.
    """

    until: datetime | None = None
    from_the_order: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """A proposal of ours that waits for parties of whom the record holds no answer in time.

    Attributes:
        number: which of the dispute's proposals, from 1.
        parties: those who are asked and have not answered on record.
        case: what is known as it is put, at `at`. until: the last instant of an answer.
        silence_accepts: what silence means.
    """

    dispute_id: str
    number: int
    at: datetime
    until: datetime
    parties: tuple[str, ...]
    decision: str
    amount: int | None
    silence_accepts: bool
    case: Case


class Parties(Protocol):
    """Says what parties would have answered."""

    def answers(self, put: Put) -> Sequence[Event]:
        """Return their answers, at instants after `put.at` and not after `put.until`."""


def live(
    life: Life, events: Sequence[Event], stretch: Stretch, parties: Parties | None = None
) -> Lived:
    """Live through the recorded events of one dispute, in the order they became known.

    Args:
        events: sorted by `recorded_at`. Those after the stretch are never looked at, but for
            whether a party answered in time.
        parties: answer our proposals where the record does not; None: then nobody does.

    Raises:
        InputError: the case is in another currency than the policy, or its life has no end.
    """
    run = _Run(life, events, parties)
    for at, arriving in _arrivals(events, stretch):
        if stretch.until is not None and at > stretch.until:
            break
        run.clocks(before=at)
        run.arrive(arriving, at)
    run.clocks(until=stretch.until)
    return Lived(events[0].dispute_id, tuple(run.moments), tuple(run.history), run.left_out)


def complained_at(events: Iterable[Event]) -> datetime | None:
    """Return when the first complaint became known, None if none did."""
    claims = (event for event in events if event.kind == "claim")
    filed = (e for e in claims if any(record.get("filed_at") for record in records_of(e)))
    return min((event.recorded_at for event in filed), default=None)


def _arrivals(
    events: Sequence[Event], stretch: Stretch
) -> Iterator[tuple[datetime, tuple[Event, ...]]]:
    """Yield each instant and what became known then."""
    start = events[0].recorded_at if stretch.from_the_order else complained_at(events)
    if start is None:
        return
    for at, arriving in groupby(events, key=lambda event: max(event.recorded_at, start)):
        yield at, tuple(arriving)


class _Run:
    """The life so far."""

    def __init__(self, life: Life, recorded: Sequence[Event], parties: Parties | None) -> None:
        self.life = life
        self.recorded = recorded
        self.parties = parties
        self.proposals = 0
        self.answers: list[Event] = []
        self.history: list[Event] = []
        self.moments: list[Moment] = []
        self.left_out = 0
        self.has_acted = False

    def clocks(self, before: datetime | None = None, until: datetime | None = None) -> None:
        """Let every clock run out that does so before one instant, or until another one.

        Answers the record does not hold come in between; at their deadline they are in time.
        """
        while self.history:
            clock = self.life.next_clock(self.history, self.moments[-1].at)
            due = self.answers[0].recorded_at if self.answers else None
            at = min((one for one in (clock, due) if one is not None), default=None)
            if at is None or (before and at >= before) or (until and at > until):
                return
            answers = self._due(at)
            self._move(Recorded(answers) if answers else Clock(), answers, at)

    def _due(self, at: datetime) -> tuple[Event, ...]:
        """Take the answers out that come at an instant."""
        due = tuple(event for event in self.answers if event.recorded_at == at)
        self.answers = self.answers[len(due) :]
        return due

    def arrive(self, events: tuple[Event, ...], at: datetime) -> None:
        """Let events become known; acts of the old platform do so only while we have not acted."""
        valid = tuple(self._valid(events)) if self.has_acted else events
        valid = (*valid, *self._due(at))
        if valid:
            self._move(Recorded(valid), valid, at)

    def _valid(self, events: tuple[Event, ...]) -> Iterator[Event]:
        for event in events:
            kept = without_old_acts(event)
            self.left_out += kept is not event
            if kept is not None:
                yield kept

    def _move(self, move: Move, arrived: tuple[Event, ...], at: datetime) -> None:
        if len(self.moments) == MOST_MOVES:
            what = f"its life has more than {MOST_MOVES:,} moves"
            hint = "The policy asks or proposes the same again and again."
            raise InputError(self.history[0].dispute_id, what, hint)
        new = self.life.advance(self.history, move, at)
        acts = new[len(arrived) :]
        self.moments.append(Moment(at, arrived, acts, len(self.history)))
        self.history += new
        self.has_acted = self.has_acted or any(event.kind in OWN_ACTS for event in acts)
        self._ask(acts, at)

    def _ask(self, acts: tuple[Event, ...], at: datetime) -> None:
        """Ask for the answers to a new proposal; those to one that no longer stands are gone."""
        if self.parties is None:
            return
        if state_of(self.history).name != "proposed":
            self.answers = []
            return
        proposed = [record for act in acts if act.kind == "proposed" for record in records_of(act)]
        if not proposed:
            return
        self.proposals += len(proposed)
        put = self._put(proposed[-1], at)
        answers = () if put is None else self.parties.answers(put)
        self.answers = sorted(answers, key=lambda event: event.recorded_at)

    def _put(self, proposed: Record, at: datetime) -> Put | None:
        consent = self.life.proposal(self.history, at).consent
        if consent is None:
            return None
        silent = tuple(p for p in consent.parties if not self._answers(p, at, consent.until))
        amount = proposed.get("amount")
        return Put(
            self.history[0].dispute_id,
            self.proposals,
            at,
            consent.until,
            silent,
            str(proposed.get("decision")),
            amount if isinstance(amount, int) else None,
            consent.silence_accepts,
            fold(self.history, at),
        )

    def _answers(self, party: str, since: datetime, until: datetime) -> bool:
        """Whether the record holds an answer of a party in this time."""
        return any(
            record.get("party") == party and record.get("action") in ANSWERS and not _is_old(record)
            for event in self.recorded
            if event.kind == "responses" and since < event.recorded_at <= until
            for record in records_of(event)
        )


def without_old_acts(event: Event) -> Event | None:
    """Return an event without what the old platform did; itself if there is nothing of it."""
    match event.payload:
        case Records() if event.kind == "responses":
            kept = Records(record for record in event.payload if not _is_old(record))
            return event if len(kept) == len(event.payload) else _with(event, kept)
        case Mapping() if event.kind in OLD_RULINGS:
            rulings = OLD_RULINGS[event.kind]
            fields = {name: value for name, value in event.payload.items() if name not in rulings}
            return event if len(fields) == len(event.payload) else _with(event, fields)
        case _:
            return event


def _is_old(record: Record) -> bool:
    return record.get("party") in OLD_RULERS or record.get("of") == "platform"


def _with(event: Event, payload: Records | Record) -> Event | None:
    if not payload:
        return None
    return Event(event.dispute_id, event.occurred_at, event.recorded_at, event.kind, payload)
