"""Edits of a case file's plain data, and the changes of a case they make up."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reso.expressions.tree import Scalar
from reso.facts.timeline import NOW
from reso.facts.values import Plain
from reso.model.events import SCALARS

Kind = Literal["wait", "move", "set", "leave_out", "give", "take_back"]
Item: TypeAlias = tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a case file's plain data: `index` and `name` say where; None drops it."""

    section: str
    index: int | None
    name: str
    value: Plain = field(hash=False)

    def apply(self, data: dict[str, Plain]) -> None:
        """Edit the data in place."""
        if self.section == NOW:
            data[NOW] = self.value
            return
        if self.index is None and self.section == SCALARS:
            put(data, self.name, self.value)
            return
        if self.index is None:
            found = data.setdefault(self.section, {})
            if not isinstance(found, dict):
                found = data[self.section] = {}
            put(found, self.name, self.value)
            return
        items = _items(data, self.section)
        if self.index < 0:
            items.append(copy.deepcopy(self.value))
        elif not self.name:
            items[self.index] = None
        else:
            item = items[self.index]
            assert isinstance(item, dict)
            put(item, self.name, self.value)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could have been otherwise.

    Attributes:
        about: the path of a fact (`claim.filed_at`, `evidence[].strength`), a list, or `now`.
        old, new: values of that fact; of a wait, instants.
        item: the act given, taken back, or whose field is changed, by its fields.
        rank: small ones first: what kind of change it is, then how far it goes.
    """

    kind: Kind
    about: str
    edits: tuple[Edit, ...]
    rank: tuple[int, float]
    old: Scalar = None
    new: Scalar = None
    item: Item = ()

    def facts(self) -> frozenset[tuple[str, str]]:
        """Return the facts it edits; two changes of one fact do not go together."""
        plain = (edit for edit in self.edits if edit.index is None)
        return frozenset((edit.section, edit.name) for edit in plain)


def applied(data: Mapping[str, Plain], changes: Iterable[Change]) -> dict[str, Plain]:
    """Return the data of a case file with changes made to it."""
    changed = copy.deepcopy(dict(data))
    for change in changes:
        for edit in change.edits:
            edit.apply(changed)
    _sweep(changed)
    return changed


def _items(data: dict[str, Plain], section: str) -> list[Plain]:
    """Return the list of a section, made where there is none."""
    owner, _, last = section.rpartition(".")
    holder: Plain = data
    if owner:
        if not isinstance(data.get(owner), dict):
            data[owner] = {}
        holder = data[owner]
    assert isinstance(holder, dict)
    if not isinstance(holder.get(last), list):
        holder[last] = []
    found = holder[last]
    assert isinstance(found, list)
    return found


def put(data: dict[str, Plain], name: str, value: Plain) -> None:
    """Put a value under a dotted name, in mappings within mappings; None takes it out."""
    *groups, last = name.split(".")
    for group in groups:
        inner = data.get(group)
        if not isinstance(inner, dict):
            inner = data[group] = {}
        data = inner
    if value is None:
        data.pop(last, None)
    else:
        data[last] = value


def _sweep(data: dict[str, Plain]) -> None:
    """Take out the items that were dropped."""
    for key, value in data.items():
        if isinstance(value, list):
            data[key] = [item for item in value if item is not None]
        elif isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, list):
                    value[name] = [item for item in inner if item is not None]
