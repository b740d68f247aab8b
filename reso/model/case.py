"""The case: the state of one dispute as known at one instant, and the values it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

Scalar: TypeAlias = bool | int | str | datetime | date | None
"""One stated value: money in minor units, rates in millionths, instants aware and in UTC."""


class Records(tuple[Mapping[str, "Value"], ...]):
    """Items of a list such as `tracking` or `claim.items`, as against a tuple of plain values."""

    __slots__ = ()


Value: TypeAlias = Scalar | tuple[Scalar, ...] | Records
Record: TypeAlias = Mapping[str, Value]


def frozen_record(record: Record) -> Record:
    """Return a read-only copy of `record`."""
    return MappingProxyType(dict(record))


def frozen_records(records: Iterable[Record]) -> Records:
    """Return read-only copies of `records`, in their order."""
    return Records(frozen_record(record) for record in records)


@dataclass(frozen=True, slots=True)
class Case:
    """What the events recorded up to `known_at` say of one dispute.

    Cases compare with `==` by content and can be pickled; they are not hashable.

    Attributes:
        known_at: aware.
        currency: the ISO 4217 code of all its amounts, None when none is stated.
        fields: what was stated, by dotted name ("order.total_paid", "fault"), in order of names.
            None is an explicit null; a whole section that is null stands under its own name
            ("claim" -> None).
        lists: the items of each list that was stated, by its dotted name ("tracking",
            "claim.items"), in order of their `at`: undated ones first, equal times in the order
            they were recorded, then given. A list that was stated as empty is there, empty.
    """

    known_at: datetime
    currency: str | None
    fields: Mapping[str, Value]
    lists: Mapping[str, tuple[Record, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        lists = {name: frozen_records(items) for name, items in self.lists.items()}
        object.__setattr__(self, "lists", MappingProxyType(lists))

    def __reduce__(self) -> tuple[object, ...]:  # a mapping proxy cannot be pickled
        lists = {name: [dict(item) for item in items] for name, items in self.lists.items()}
        return type(self), (self.known_at, self.currency, dict(self.fields), lists)
