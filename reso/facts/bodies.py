"""What a declaration says of a field, a section or a widening, made of plain data.

Of words, texts and lists there is little to make; what is not plainly right goes on to pydantic
(`reso.facts.body_forms`), which takes longer to start than all declarations take to read, and says
what is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from reso.facts.fields import FieldType, StatedBy

Body = TypeVar("Body", "FieldBody", "WideningBody", "SectionBody")


@dataclass(frozen=True, slots=True)
class FieldBody:
    """What is said of a field."""

    type: FieldType
    values: tuple[str, ...] = ()
    absent: str = "none"
    unit: str | None = None
    meaning: str = ""
    stated_by: StatedBy | None = None
    occurs: bool = False


@dataclass(frozen=True, slots=True)
class WideningBody:
    """The values that are added to an enum declared elsewhere."""

    widen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionBody:
    """What a section says of itself beside its fields."""

    fields: Mapping[str, object]
    list: bool | None = None
    since: str | None = None
    undated: str | None = None
    stated_by: StatedBy | None = None


def plain_body(form: type[Body], body: object) -> Body | None:
    """Return what a declaration says, None where it is not plainly right."""
    if not isinstance(body, dict):
        return None
    takes = _TAKES[form]
    try:
        return form(**{key: takes[key](value) for key, value in body.items()})
    except (KeyError, TypeError, ValueError):  # an unknown key, one that is missing, a wrong value
        return None


def as_written(word: object) -> object:
    """Return the text of what other readers of YAML make a boolean, a number or null of."""
    match word:
        case bool():
            return "yes" if word else "no"
        case int():
            return str(word)
        case None:
            return "none"
        case _:
            return word


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_text, value))
    raise TypeError


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return {"yes": True, "no": False}[_text(value)]


def _fields(value: object) -> Mapping[str, object]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise TypeError


def _one_of(words: object) -> Callable[[object], str]:
    known = {word: word for word in get_args(words)}
    return lambda value: known[_text(value)]


def _or_none(take: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else take(value)


_TAKES: Mapping[type, Mapping[str, Callable[[object], Any]]] = {
    FieldBody: {
        "type": _one_of(FieldType),
        "values": _texts,
        "absent": lambda value: _text(as_written(value)),
        "unit": _or_none(_text),
        "meaning": _text,
        "stated_by": _or_none(_one_of(StatedBy)),
        "occurs": _flag,
    },
    WideningBody: {"widen": _texts},
    SectionBody: {
        "fields": _fields,
        "list": _or_none(_flag),
        "since": _or_none(_text),
        "undated": _or_none(_text),
        "stated_by": _or_none(_one_of(StatedBy)),
    },
}
