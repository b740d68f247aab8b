"""What a command may say: fields the table of facts declares, with values of their types."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from reso.errors import InputError
from reso.facts.fields import Field
from reso.facts.problems import did_you_mean
from reso.facts.table import FactTable
from reso.lifecycle.state import records_of
from reso.model.case import Records, Value
from reso.model.events import Event


def refuse_wrong_fields(event: Event, table: FactTable) -> None:
    """Refuse an event that says something no case can hold.

    Raises:
        InputError: a field nobody declared, or a value that is none of its type.
    """
    fields = table.sections[event.kind].fields
    for record in records_of(event):
        for name, value in record.items():
            path = f"{event.kind}.{name}"
            if path in table.lists:
                _refuse_items(path, value, table.lists[path])
            elif name not in fields:
                raise InputError(path, "no such field", table.did_you_mean(path))
            else:
                _refuse_value(path, fields[name], value)


def _refuse_items(path: str, value: Value, fields: Mapping[str, Field]) -> None:
    if not isinstance(value, Records):
        raise InputError(path, "this is a list of items", "Give its items.")
    for item in value:
        for name, part in item.items():
            if name not in fields:
                raise InputError(f"{path}.{name}", "no such field", did_you_mean(name, fields))
            _refuse_value(f"{path}.{name}", fields[name], part)


def _refuse_value(path: str, field: Field, value: Value) -> None:
    if value is None:
        return
    if field.type == "enum" and value not in field.values:
        hint = did_you_mean(str(value), field.values) or f"Known: {', '.join(field.values)}."
        raise InputError(path, f"`{value}` is none of its values", hint)
    if not FITS[field.type.partition("list of ")[0] or "list"](value):
        raise InputError(path, f"`{value}` is no {field.type}", "")


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_instant(value: Value) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


FITS: Mapping[str, Callable[[Value], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_count,
    "money": _is_count,
    "rate": _is_count,
    "instant": _is_instant,
    "date": lambda value: isinstance(value, date),
    "enum": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, tuple),
}
