"""Histories: the recorded events of many disputes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise

from reso.facts.rows import EARLIEST, times_in
from reso.model.events import Event
from simulations.reading.reasons import (
    AT_EPOCH,
    CLAIM_BEFORE_ORDER,
    OUT_OF_ORDER,
    OWN_ACTS_LEFT_OUT,
    RECORDED_EARLY,
    SECOND_CLAIM,
    TWICE,
)
from simulations.reading.rejects import Reject


@dataclass(frozen=True, slots=True)
class Note:
    """Something found while reading a history, and how often: "rows that stand twice", 3."""

    what: str
    count: int


@dataclass(frozen=True)
class History:
    """The events of disputes, each in the order in which they became known.

    Attributes:
        name: what messages call it: its file or folder.
        disputes: by dispute, in the order of their names; of each its events, by `recorded_at`,
            equal instants by what they say. So the order of rows in a file decides nothing.
        notes: what was found on the way and how it was taken.
        rejects: the rows that could not be used.
        source_rows: how many rows the sources of a mapping have, which makes any number of events
            of each; None: each row says one event.
    """

    name: str
    disputes: Mapping[str, tuple[Event, ...]]
    notes: tuple[Note, ...] = field(default=())
    rejects: tuple[Reject, ...] = field(default=())
    source_rows: int | None = None

    @cached_property
    def last_recorded_at(self) -> datetime | None:
        """The last instant at which anything was recorded; None of an empty history."""
        return max((events[-1].recorded_at for events in self.disputes.values()), default=None)

    @property
    def event_count(self) -> int:
        """How many events there are."""
        return sum(map(len, self.disputes.values()))

    def after(self, instant: datetime) -> int:
        """Return how many events are dated later than an instant."""
        events = (event for of_dispute in self.disputes.values() for event in of_dispute)
        return sum(max(event.occurred_at, event.recorded_at) > instant for event in events)

    def found(self, what: str) -> int:
        """Return how often something was found: the count of a note."""
        return sum(note.count for note in self.notes if note.what == what)

    @property
    def rows_read(self) -> int:
        """How many rows there were: those used, those left out for a reason, those put aside."""
        if self.source_rows is not None:
            return self.source_rows
        left_out = self.found(TWICE) + self.found(OWN_ACTS_LEFT_OUT)
        return self.event_count + left_out + len(self.rejects)


def history_of(name: str, events: Iterable[Event], acts: frozenset[str]) -> History:
    """Return a history of these events, with notes of what is odd about them.

    Args:
        acts: the kinds of our own acts. A replay makes its own, so recorded ones are left out.
    """
    found: Counter[str] = Counter()
    by_dispute: dict[str, list[Event]] = {}
    for event in events:
        if event.kind in acts:
            found[OWN_ACTS_LEFT_OUT] += 1
            continue
        by_dispute.setdefault(event.dispute_id, []).append(event)
    disputes = {name: _in_order(by_dispute[name], found) for name in sorted(by_dispute)}
    for of_dispute in disputes.values():
        _count_odd_times(of_dispute, found)
    return History(name, disputes, tuple(Note(what, found[what]) for what in sorted(found)))


def _in_order(events: Sequence[Event], found: Counter[str]) -> tuple[Event, ...]:
    """Return the events of a dispute once each and sorted; count what that changed."""
    ordered = sorted(events, key=_place)
    once = [event for n, event in enumerate(ordered) if n == 0 or event != ordered[n - 1]]
    found[TWICE] += len(ordered) - len(once)
    found[OUT_OF_ORDER] += sum(
        later.recorded_at < earlier.recorded_at for earlier, later in pairwise(events)
    )
    return tuple(once)


def _count_odd_times(events: Sequence[Event], found: Counter[str]) -> None:
    """Count what is odd about the instants of a dispute's events; all of them are used."""
    filed, placed = _stated(events, "claim", "filed_at"), _stated(events, "order", "placed_at")
    found[RECORDED_EARLY] += sum(event.recorded_at < event.occurred_at for event in events)
    found[AT_EPOCH] += sum(EARLIEST in _instants(event) for event in events)
    found[SECOND_CLAIM] += len(filed) > 1
    found[CLAIM_BEFORE_ORDER] += bool(filed and placed) and min(filed) < min(placed)
    for what in [what for what, count in found.items() if not count]:
        del found[what]


def _instants(event: Event) -> set[date]:
    return {event.occurred_at, event.recorded_at, *(time for _, time in times_in(event.payload))}


def _stated(events: Iterable[Event], kind: str, name: str) -> set[datetime]:
    """Return the instants that events of a kind state in one of their fields."""
    payloads = (one.payload for one in events if one.kind == kind)
    told = (payload.get(name) for payload in payloads if isinstance(payload, Mapping))
    return {instant for instant in told if isinstance(instant, datetime)}


def _place(event: Event) -> tuple[datetime, datetime, str, str]:
    return event.recorded_at, event.occurred_at, event.kind, _said(event)


def _said(event: Event) -> str:
    """Return a text that is the same for equal payloads."""
    match event.payload:
        case None:
            return ""
        case Mapping():
            return repr(sorted(event.payload.items()))
        case records:
            return repr([sorted(record.items()) for record in records])
