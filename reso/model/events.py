"""Events, and the fold that makes a case of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self, TypeAlias

from reso.model.case import Case, Record, Records, Value, frozen_record, frozen_records

SCALARS = "case"
"""The kind of the fields that stand at the top level of a case file, such as `fault`."""

CURRENCY = "order.currency"

Payload: TypeAlias = Record | Records | None
Stamp: TypeAlias = tuple[datetime, datetime]

_UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A fragment of a case file that became known.

    The shape of `payload` says how it is merged:

    - a mapping: fields of the object `kind`, each replacing what was stated before;
    - `Records`: items appended to the list `kind`, as a rule one; none: the list is stated, empty;
    - None: the object `kind` is explicitly null, until later fields are stated.

    Attributes:
        occurred_at: when it happened; aware.
        recorded_at: when it became known; aware. Only this one decides what a case contains.
        kind: a section of the case file, or `SCALARS`.
    """

    dispute_id: str
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    payload: Payload

    def __post_init__(self) -> None:
        match self.payload:
            case Records():
                object.__setattr__(self, "payload", frozen_records(self.payload))
            case Mapping():
                object.__setattr__(self, "payload", frozen_record(_whole(self.payload)))
            case None:
                pass
            case _:
                raise TypeError(f"payload of `{self.kind}`: a mapping, Records or None is needed")

    def __reduce__(self) -> tuple[object, ...]:  # a mapping proxy cannot be pickled
        payload = _thawed(self.payload)
        return type(self), (
            self.dispute_id,
            self.occurred_at,
            self.recorded_at,
            self.kind,
            payload,
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    """The standing value of a field, and what it takes to replace it."""

    stamp: Stamp
    value: Value

    def yields_to(self, other: "_Statement") -> bool:
        if self.stamp != other.stamp:
            return self.stamp < other.stamp
        return _canonical(self.value) < _canonical(other.value)


@dataclass(frozen=True, slots=True)
class _Item:
    recorded_at: datetime
    record: Record

    def rank(self) -> tuple[datetime, datetime]:
        at = self.record.get("at")
        return (at if isinstance(at, datetime) else _UNDATED, self.recorded_at)


@dataclass(frozen=True, slots=True)
class Fold:
    """The events of one dispute merged so far. Adding in parts equals adding at once.

    Of two statements of one field the later recorded one stands, then the one that occurred later,
    then the greater value: the order in which events are added decides nothing but the order of
    list items with equal `at` and equal `recorded_at`.
    """

    _stated: Mapping[str, _Statement] = field(default_factory=dict)
    _nulls: Mapping[str, Stamp] = field(default_factory=dict)
    _items: Mapping[str, tuple[_Item, ...]] = field(default_factory=dict)
    last_recorded_at: datetime | None = None

    def add(self, events: Iterable[Event]) -> Self:
        """Return the fold of these events too."""
        stated, nulls = dict(self._stated), dict(self._nulls)
        items = {name: list(of_list) for name, of_list in self._items.items()}
        last = self.last_recorded_at
        for event in events:
            last = event.recorded_at if last is None else max(last, event.recorded_at)
            stamp = (event.recorded_at, event.occurred_at)
            match event.payload:
                case None:
                    nulls[event.kind] = max(nulls.get(event.kind, stamp), stamp)
                case Records():
                    new = [_Item(event.recorded_at, record) for record in event.payload]
                    items.setdefault(event.kind, []).extend(new)
                case payload:
                    _state(stated, event.kind, payload, stamp)
        return type(self)(stated, nulls, {name: tuple(i) for name, i in items.items()}, last)

    def case(self, at: datetime) -> Case:
        """Return the case as known at `at`.

        Raises:
            ValueError: an event that was recorded after `at` has been added.
        """
        if self.last_recorded_at is not None and self.last_recorded_at > at:
            raise ValueError(
                f"the fold knows {self.last_recorded_at.isoformat()}, "
                f"which is after {at.isoformat()}. Add only what was recorded by then"
            )
        known = {name: said.value for name, said in self._stated.items() if self._stands(name)}
        sections = {name.partition(".")[0] for name in known}
        known |= dict.fromkeys(self._nulls.keys() - sections)
        lists = {
            name: tuple(item.record for item in sorted(items, key=_Item.rank))
            for name, items in self._items.items()
        }
        lists |= {name: value for name, value in known.items() if isinstance(value, Records)}
        fields = {name: known[name] for name in sorted(known.keys() - lists.keys())}
        currency = fields.get(CURRENCY)
        return Case(
            known_at=at,
            currency=currency if isinstance(currency, str) else None,
            fields=fields,
            lists=dict(sorted(lists.items())),
        )

    def _stands(self, name: str) -> bool:
        null = self._nulls.get(name.partition(".")[0])
        return null is None or self._stated[name].stamp >= null


def fold(events: Iterable[Event], at: datetime) -> Case:
    """Return the case as known at `at` (aware): what the events recorded by then say."""
    return Fold().add(event for event in events if event.recorded_at <= at).case(at)


def _state(stated: dict[str, _Statement], kind: str, payload: Record, stamp: Stamp) -> None:
    for field_name, value in payload.items():
        name = field_name if kind == SCALARS else f"{kind}.{field_name}"
        new = _Statement(stamp, value)
        if name not in stated or stated[name].yields_to(new):
            stated[name] = new


def _whole(record: Record) -> Record:
    """Return `record` with the lists in it frozen, too."""
    return {
        name: frozen_records(value) if isinstance(value, Records) else value
        for name, value in record.items()
    }


def _thawed(payload: Payload) -> Payload:
    if payload is None:
        return None
    if isinstance(payload, Records):
        return Records(dict(record) for record in payload)
    return {
        name: Records(dict(record) for record in value) if isinstance(value, Records) else value
        for name, value in payload.items()
    }


def _canonical(value: Value | Record) -> str:
    """Return a text that is the same for equal values, whatever the order of a record's fields."""
    match value:
        case Mapping():
            return repr(sorted((name, _canonical(part)) for name, part in value.items()))
        case int() if not isinstance(value, bool):
            return f"int:{value:+032d}"  # the greater number is the greater text
        case tuple():
            return repr([_canonical(part) for part in value])
        case _:
            return f"{type(value).__name__}:{value!r}"
