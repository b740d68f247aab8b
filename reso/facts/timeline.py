"""When each part of a case file became known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from reso.facts.fields import Section
from reso.model.case import Record, Records, Value
from reso.model.events import Event, Payload

AT = "at"
NOW = "now"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a case file says of one section."""

    section: Section
    payload: Payload


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a case file says, ready to be split by the instants it names.

    Attributes:
        now: of the case file, None when it names none.
        first: the earliest instant at which something happened, or `now`: what has no instant of
            its own is known from here.
        instants: all instants of its objects, by the path of their field.
    """

    stated: Sequence[Stated]
    now: datetime | None
    first: datetime
    instants: Mapping[str, datetime]

    @classmethod
    def of(cls, stated: Sequence[Stated], now: datetime | None) -> Self | None:
        """Return the timeline, None when not one instant is named."""
        instants = {
            part.section.fields[name].path: value
            for part in stated
            if isinstance(part.payload, Mapping)
            for name, value in part.payload.items()
            if isinstance(value, datetime)
        }
        happened = [at for _, at in _happened(stated)]
        dates = [*happened, *([now] if now else [])] or list(instants.values())
        return cls(stated, now, min(dates), instants) if dates else None

    def events(self, dispute_id: str) -> tuple[Event, ...]:
        """Return the events in the order they became known, equal times in that of the file."""
        events = [
            Event(dispute_id, at, at, part.section.name, payload)
            for part in self.stated
            for at, payload in self._fragments(part.section, part.payload)
        ]
        return tuple(sorted(events, key=lambda event: event.recorded_at))

    def notices(self) -> Iterator[str]:
        """Yield what is no mistake, yet may surprise the author of the file."""
        if self.now is not None:
            later = [path for path, at in _happened(self.stated) if at > self.now]
            if later:
                yield f"{_listed(later)}: dated after `{NOW}`, so not known yet."
        undated = [
            f"{part.section.name}[{index}]"
            for part in self.stated
            if isinstance(part.payload, Records) and part.section.undated is None
            for index, item in enumerate(part.payload)
            if AT in part.section.fields and item.get(AT) is None
        ]
        if undated:
            yield f"{_listed(undated)}: no `{AT}`, so known from {self.first.isoformat()}."

    def _fragments(self, section: Section, payload: Payload) -> Iterator[tuple[datetime, Payload]]:
        match payload:
            case Records() if payload:
                undated = self.instants.get(section.undated or "", self.first)
                for item in payload:
                    at = item.get(AT)
                    yield at if isinstance(at, datetime) else undated, Records((item,))
            case Mapping():
                yield from self._by_instant(section, payload)
            case _:
                yield self.first, payload

    def _by_instant(self, section: Section, record: Record) -> Iterator[tuple[datetime, Record]]:
        home = self._home(section)
        parts: dict[datetime, dict[str, Value]] = {}
        for name, value in record.items():
            at = _occurred_at(section, name, value) or home
            parts.setdefault(max(at, home), {})[name] = value
        yield from parts.items()

    def _home(self, section: Section) -> datetime:
        """Return from when on the section is known."""
        since = self.instants.get(f"{section.name}.{section.since}")
        if since is None or section.since is None:
            return self.first
        is_planned = not section.fields[section.since].occurs
        return min(since, self.now) if is_planned and self.now else since


def _happened(stated: Sequence[Stated]) -> Iterator[tuple[str, datetime]]:
    """Yield the instants of what happened: of list items, and of fields that `occur`."""
    for part in stated:
        match part.payload:
            case Records():
                for index, item in enumerate(part.payload):
                    if isinstance(at := item.get(AT), datetime):
                        yield f"{part.section.name}[{index}]", at
            case Mapping():
                for name, value in part.payload.items():
                    if at := _occurred_at(part.section, name, value):
                        yield part.section.fields[name].path, at


def _occurred_at(section: Section, name: str, value: Value) -> datetime | None:
    declared = section.fields.get(name)
    if declared is None or not declared.occurs:
        return None
    return value if isinstance(value, datetime) else None


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3:,} more" if paths[3:] else ""
    return f"{', '.join(paths[:3])}{more}"
