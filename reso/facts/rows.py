"""Event rows: the history schema, one row per event."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

from reso.errors import InputError
from reso.facts.fields import Section
from reso.facts.problems import CaseError, InputProblem, RowReason, did_you_mean, shown
from reso.facts.reading import Reading
from reso.facts.table import FactTable
from reso.facts.text import read_json
from reso.facts.timeline import AT
from reso.facts.values import Plain
from reso.facts.writer import write_record
from reso.model.case import Record, Records, Value
from reso.model.events import CURRENCY, SCALARS, Event, Payload

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""What happened before the one, or at or after the other, has a wrong date."""


def read_history(
    rows: Iterable[Mapping[str, Plain]], table: FactTable, *, file: str = "history"
) -> tuple[Event, ...]:
    """Return the events of `rows`, in their order; messages call the rows `file`.

    A row has `dispute_id`, `occurred_at`, `recorded_at`, `kind` and `payload` (JSON text, or the
    data itself): the fields of an object that became known, or null; one item of a list, or [].
    Other columns are ignored. `order.currency` may stand in any row of a dispute.

    Raises:
        CaseError: with everything that is wrong.
    """
    reading = Reading(table, file)
    parsed = [_row(reading, f"row {n}", row) for n, row in enumerate(rows, start=1)]
    whole = [row for row in parsed if row is not None]
    currencies = _currencies(reading, whole)
    events: list[Event] = []
    for row in whole:
        reading.currency = currencies.get(row.dispute_id)
        payload = _payload(reading, row)
        events.append(Event(row.dispute_id, row.occurred_at, row.recorded_at, row.kind, payload))
    reading.check_currency(CURRENCY)
    reading.finish()
    return tuple(events)


def sift_history(
    rows: Iterable[tuple[str, int, Mapping[str, Plain]]],
    table: FactTable,
    known: Mapping[str, str] = MappingProxyType({}),
) -> list[Event | tuple[InputProblem, ...]]:
    """Return of each row its event or what is wrong with it, in the order of the rows.

    A row with one wrong field is wrong as a whole: the rest of it would be another statement. The
    currency of a dispute is that of its first `order` row that is right and states one.

    Args:
        rows: each with the file it stands in, its number there, and what `read_history` takes.
        known: currencies of disputes that other rows stated before.
    """
    reading = Reading(table, "")
    parsed = [_envelope(reading, file, number, raw) for file, number, raw in rows]
    currencies = dict(known)
    for row in parsed:
        if not isinstance(row, _Row) or row.dispute_id in currencies:
            continue
        own = _own_currency(row)
        if own is not None and isinstance(_sifted(reading, row, own), Event):
            currencies[row.dispute_id] = own
    return [
        _sifted(reading, row, currencies.get(row.dispute_id)) if isinstance(row, _Row) else row
        for row in parsed
    ]


def write_history(
    events: Iterable[Event], table: FactTable, known: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, str]]:
    """Return a row for each event, its payload as JSON text; for each item where it has several.

    `read_history` reads them back. `order.currency` must stand in an event of each dispute that
    has amounts, or its currency in `known`.
    """
    listed = list(events)
    currencies = dict(known) | {
        event.dispute_id: currency
        for event in listed
        if isinstance(event.payload, Mapping) and event.kind == "order"
        if isinstance(currency := event.payload.get("currency"), str)
    }
    return [
        {
            "dispute_id": event.dispute_id,
            "occurred_at": event.occurred_at.isoformat(),
            "recorded_at": event.recorded_at.isoformat(),
            "kind": event.kind,
            "payload": json.dumps(plain, ensure_ascii=False, default=json_number),
        }
        for event in listed
        for plain in _plain(event, table, currencies.get(event.dispute_id))
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    path: str
    dispute_id: str
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    payload: Plain


def _row(reading: Reading, path: str, raw: Plain) -> _Row | None:
    row = reading.mapping(raw, path)
    dispute_id, kind, payload = (row.get(name) for name in ("dispute_id", "kind", "payload"))
    occurred_at, recorded_at = (
        reading.instant(row.get(name) or None, f"{path}: {name}")
        for name in ("occurred_at", "recorded_at")
    )
    if not isinstance(dispute_id, str) or not dispute_id:
        reason: RowReason = "wrong_id" if dispute_id else "missing"
        reading.problem(f"{path}: dispute_id", f"is {shown(dispute_id)}", "Write a text.", reason)
        return None
    if dispute_id != dispute_id.strip():
        hint = f"Write {shown(dispute_id.strip())}." if dispute_id.strip() else "Write its name."
        what = f"{shown(dispute_id)} begins or ends with a space"
        reading.problem(f"{path}: dispute_id", what, hint, "wrong_id")
        return None
    if not isinstance(kind, str) or kind not in reading.table.sections or "." in kind:
        _note_kind(reading, path, kind)
        return None
    if isinstance(payload, str):
        try:
            payload = read_json(payload, "payload")
        except InputError as error:
            reading.problem(f"{path}: payload", error.what, error.todo, "unreadable_payload")
            return None
    if occurred_at is None or recorded_at is None:
        return None
    return _Row(reading.file, path, dispute_id, occurred_at, recorded_at, kind, payload)


def _note_kind(reading: Reading, path: str, kind: Plain) -> None:
    """Note that a row names no section: which one may be meant, or all there are."""
    known = [name for name in reading.table.sections if "." not in name]
    near = did_you_mean(kind.lower(), known) if isinstance(kind, str) else ""
    if isinstance(kind, str) and kind.lower() in known:
        near = f"Did you mean `{kind.lower()}`?"
    what = f"{shown(kind)} is no section of a case file" if kind else "is missing"
    reason: RowReason = "unknown_kind" if kind else "missing"
    reading.problem(f"{path}: kind", what, near or f"Known: {', '.join(known)}.", reason)


def _currencies(reading: Reading, rows: Iterable[_Row]) -> dict[str, str]:
    """Return the currency of each dispute."""
    found: dict[str, str] = {}
    for row in rows:
        if row.kind != "order" or not isinstance(row.payload, Mapping):
            continue
        path = f"{row.path}: {CURRENCY}"
        reading.use_currency(row.payload.get("currency"), path)
        if reading.currency is None:
            continue
        if found.setdefault(row.dispute_id, reading.currency) != reading.currency:
            what = f"{shown(reading.currency)}, after {shown(found[row.dispute_id])} before"
            reading.problem(path, what, "A dispute has one currency.", "other_currency")
    return found


def _envelope(
    reading: Reading, file: str, number: int, raw: Mapping[str, Plain]
) -> _Row | tuple[InputProblem, ...]:
    """Return a row without a look into its payload, or what is wrong with it."""
    reading.file = file
    row = _row(reading, f"row {number}", raw)
    for name in ("occurred_at", "recorded_at") if row is not None else ():
        instant: datetime = getattr(row, name)
        if is_far(instant):
            _note_far(reading, f"row {number}: {name}", instant)
    return reading.take() or row or ()


def _own_currency(row: _Row) -> str | None:
    """Return the currency a row states, None if it states none."""
    if row.kind != "order" or not isinstance(row.payload, Mapping):
        return None
    currency = row.payload.get("currency")
    return currency if isinstance(currency, str) else None


def _sifted(reading: Reading, row: _Row, currency: str | None) -> Event | tuple[InputProblem, ...]:
    """Return the event of a row in a dispute of this currency, or what is wrong with the row."""
    reading.file, reading.currency = row.file, currency
    path = f"{row.path}: {CURRENCY}"
    try:
        own = _own_currency(row)
        if own is not None:
            reading.use_currency(own, path)
            if reading.currency is not None and currency not in (None, own):
                what = f"{shown(own)}, after {shown(currency)} before"
                reading.problem(path, what, "A dispute has one currency.", "other_currency")
        payload = _payload(reading, row)
        for name, time in times_in(payload):
            if is_far(time):
                _note_far(reading, f"{row.path}: {row.kind}.{name}", time)
        reading.check_currency(CURRENCY)
    except CaseError as error:
        reading.take()
        return error.problems
    return reading.take() or Event(
        row.dispute_id, row.occurred_at, row.recorded_at, row.kind, payload
    )


def is_far(time: date) -> bool:
    """Whether an instant, or a date, is before 1970 or after 2099: no history holds such."""
    if isinstance(time, datetime):
        return not EARLIEST <= time < LATEST
    return not EARLIEST.date() <= time < LATEST.date()


def times_in(payload: Payload) -> Iterator[tuple[str, date]]:
    """Yield the instants and dates in a payload, each with its dotted name in the section."""
    for record in payload if isinstance(payload, Records) else [payload or {}]:
        yield from _times(record, "")


def _times(record: Record, path: str) -> Iterator[tuple[str, date]]:
    for name, value in record.items():
        match value:
            case date():
                yield f"{path}{name}", value
            case Records():
                for n, item in enumerate(value):
                    yield from _times(item, f"{path}{name}[{n}].")
            case tuple():
                yield from (
                    (f"{path}{name}[{n}]", one)
                    for n, one in enumerate(value)
                    if isinstance(one, date)
                )


def _note_far(reading: Reading, path: str, time: date) -> None:
    what = f"{shown(time.isoformat())} is not between 1970 and 2099"
    reading.problem(path, what, "Write when it really was.", "far_time")


def _payload(reading: Reading, row: _Row) -> Payload:
    section = reading.table.sections[row.kind]
    path = f"{row.path}: {row.kind}"
    if not section.is_list:
        is_null = row.payload is None and row.kind != SCALARS
        return None if is_null else _object(reading, section, row.payload, path)
    if isinstance(row.payload, list) and not row.payload:
        return Records()
    item = _object(reading, section, row.payload, path)
    if item.get(AT) not in (None, row.occurred_at):
        reading.problem(
            f"{path}.{AT}",
            "differs from `occurred_at`",
            "Make them one instant.",
            "other_item_time",
        )
    return Records((item,))


def _object(reading: Reading, section: Section, payload: Plain, path: str) -> dict[str, Value]:
    """Return the fields of an object; {}, with a problem noted, if it is none."""
    if isinstance(payload, Mapping):
        return reading.fields(section, payload, path)
    hint = "Write the fields as an object of JSON, such as {}."
    if section.is_list:
        hint = "Write one item as an object of JSON, or [] where there is none."
    reading.problem(path, f"is {shown(payload)}, where an object is needed", hint)
    return {}


def _plain(event: Event, table: FactTable, currency: str | None) -> Iterator[Plain]:
    section = table.sections[event.kind]
    match event.payload:
        case Records() if event.payload:
            for item in event.payload:
                yield write_record(section, item, table, currency)
        case Mapping():
            yield write_record(section, event.payload, table, currency)
        case _:
            yield event.payload


def json_number(value: object) -> int | float:
    """Return an exact decimal as JSON writes it: amounts have 16 digits at most, so do floats."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in an event")
    return int(value) if value == value.to_integral_value() else float(value)
