"""Prepared facts read back in Python, to compare them with the fold of the events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import duckdb

from reso.facts.fields import Field
from reso.model.case import Case, Record, Value
from reso.model.events import Event
from simulations.life import complained_at, without_old_acts
from simulations.prepared.preparing import Prepared

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Known = tuple[dict[str, object], dict[str, list[dict[str, object]]]]


def arrivals_of(events: tuple[Event, ...]) -> list[datetime]:
    start = complained_at(events)
    return [] if start is None else sorted({max(event.recorded_at, start) for event in events})


def old_acts_of(events: tuple[Event, ...]) -> tuple[list[int], list[int]]:
    """Return by arrival: events that hold old acts, and events of which something remains."""
    arrivals = arrivals_of(events)
    left, stays = [0] * len(arrivals), [0] * len(arrivals)
    for event in events:
        n = arrivals.index(max(event.recorded_at, arrivals[0]))
        kept = without_old_acts(event)
        left[n] += kept is not event
        stays[n] += kept is not None
    return left, stays


def rows_of(prepared: Prepared) -> dict[str, dict[str, object]]:
    """Return the columns of every dispute, by its id."""
    found: dict[str, dict[str, object]] = {}
    for file in prepared.facts:
        with duckdb.connect() as connection:
            read = connection.execute("SELECT * FROM read_parquet(?)", [str(file)])
            names = [column[0] for column in read.description]
            rows = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
        assert sorted(row["id"] for row in rows) == list(range(len(rows)))
        found |= {row["dispute_id"]: row for row in rows}
    return found


def instants(row: Mapping[str, object]) -> list[datetime]:
    return [EPOCH + timedelta(microseconds=us) for us in row["arrivals"]]  # type: ignore[attr-defined]


def known_at(prepared: Prepared, row: Mapping[str, object], n: int) -> Known:
    """Return what a row says is known as of its arrival `n` (from 1): fields, and lists."""
    manifest, table = prepared.manifest, prepared.table
    fields: dict[str, object] = {}
    lists: dict[str, list[dict[str, object]]] = {}
    for path, mode in manifest.modes.items():
        value = row[path]
        if mode == "once" and value is not None and row[f"{path}#n"] > n:
            value = None
        if mode == "changes":
            past = [change["v"] for change in value or () if change["n"] <= n]
            value = past[-1] if past else None
        if value is None:
            continue
        if path in table.lists:
            lists[path] = [_item(table.lists[path], item) for item in value]
        else:
            fields[path] = _typed(table.fields[path], value)
    for name in manifest.lists:
        items = [item for item in row[name] or () if item["n"] <= n]
        if items:
            lists[name] = [_item(table.lists[name], item) for item in items]
    return fields, lists


def known_of(case: Case) -> Known:
    """Return the same of a case. Null and absent mean one thing; so do no items at top level."""
    fields = {name: value for name, value in case.fields.items() if value is not None}
    lists = {
        name: [{k: v for k, v in item.items() if v is not None} for item in items]
        for name, items in case.lists.items()
        if items or "." in name
    }
    return fields, lists


def _item(fields: Mapping[str, Field], item: Mapping[str, object]) -> dict[str, object]:
    return dict(_parts(fields, item))


def _parts(
    fields: Mapping[str, Field], item: Record | Mapping[str, object]
) -> Iterator[tuple[str, object]]:
    for name, value in item.items():
        if name != "n" and value is not None:
            yield name, _typed(fields[name], value)


def _typed(field: Field, value: object) -> Value:
    match field.type:
        case "instant":
            return EPOCH + timedelta(microseconds=value)  # type: ignore[arg-type]
        case "date":
            return _day(value)
        case "list of date":
            return tuple(map(_day, value))  # type: ignore[call-overload]
        case "list of enum" | "list of text":
            return tuple(value)  # type: ignore[arg-type]
        case _:
            return value  # type: ignore[return-value]


def _day(value: object) -> date:
    return date(1970, 1, 1) + timedelta(days=value)  # type: ignore[arg-type]
