"""The text of a YAML 1.2 or JSON file as plain data: dicts, lists, text, numbers, booleans, null.

Numbers with a fraction are exact decimals, dates stay text. Refused: keys that stand twice,
anchors, aliases, tags, nesting deeper than `MAX_DEPTH`, more than one document.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reso.errors import InputError
from reso.facts.files import (
    FlawedTextError,
    check_size,
    decode,
    read_bytes,
    refuse_conflict,
    refuse_unprintable,
)
from reso.facts.problems import shown
from reso.facts.yaml_text import yaml_events

MAX_BYTES = 20_000_000
MAX_YAML_PARTS = 1_500_000
MAX_DEPTH = 50
MAX_DIGITS = 40

_TODO = {
    "file-unreadable": "Check the path.",
    "file-too-large": "Split it, or leave out what no rule asks for.",
}
_TODO_OF_A_STREAM = dict.fromkeys(("other-encoding", "not-utf-8"), "Send it as UTF-8.")
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """A read file: `data`, and the `lines` (from 1) on which its keys stand, by their path."""

    data: object
    lines: Mapping[tuple[str, ...], int]


def load_case_path(path: Path) -> dict[str, object]:
    """Return the mapping that the file at `path` holds: JSON if its name ends so, else see below.

    Raises:
        InputError: it cannot be read, is not UTF-8, or as for `load_case_text`.
    """
    text = read_text(path)
    name = str(path)
    return _mapping(read_json(text, name) if path.suffix == ".json" else _any(text, name), name)


def load_case_text(text: str, name: str) -> dict[str, object]:
    """Return the mapping that `text` holds: JSON if it starts with `{`, else YAML.

    Raises:
        InputError: not readable, or not a mapping; the message calls the text `name` and says
            the line.
    """
    return _mapping(_any(text, name), name)


def read_text(path: Path) -> str:
    """Return the text of the UTF-8 file at `path`.

    Raises:
        InputError: it cannot be read, is longer than `MAX_BYTES` or is no UTF-8 text.
    """
    try:
        return decode(read_bytes(path, MAX_BYTES))
    except FlawedTextError as flaw:
        todo = _TODO.get(flaw.code, flaw.todo)
        raise InputError(flaw.where(str(path)), flaw.what, todo) from flaw


def decode_text(raw: bytes, name: str) -> str:
    """Return the text of bytes that came from no file, such as standard input.

    Raises:
        InputError: as for `read_text`; the message calls the bytes `name`.
    """
    try:
        check_size(raw, MAX_BYTES)
        return decode(raw)
    except FlawedTextError as flaw:
        todo = (_TODO | _TODO_OF_A_STREAM).get(flaw.code, flaw.todo)
        raise InputError(flaw.where(name), flaw.what, todo) from flaw


def read_json(text: str, name: str) -> object:
    """Return the data of a JSON text.

    Raises:
        InputError: not readable as JSON; a key that stands twice; nested deeper than `MAX_DEPTH`.
    """
    try:
        refuse_conflict(text)
        data = json.loads(
            text,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_integer,
            object_pairs_hook=_without_twins,
        )
        _refuse_deep(data)
        return data
    except FlawedTextError as flaw:
        raise InputError(flaw.where(name), flaw.what, flaw.todo) from flaw
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise InputError(where, f"not readable as JSON: {error.msg}") from error
    except ValueError as error:
        raise InputError(name, f"not readable as JSON: {error}") from error
    except RecursionError as error:
        raise InputError(name, f"not readable as JSON: {_TOO_DEEP}") from error


def read_yaml(text: str, name: str) -> Document:
    """Return the data of a YAML text, and where its keys stand.

    Raises:
        InputError: not readable as YAML, or one of the things this module refuses.
    """
    builder = _Builder(name, _events(text, name))
    return Document(builder.document(), builder.lines)


def _any(text: str, name: str) -> object:
    text = text.removeprefix("\ufeff")
    return read_json(text, name) if text.lstrip().startswith("{") else read_yaml(text, name).data


def _mapping(data: object, name: str) -> dict[str, object]:
    if not isinstance(data, dict):
        what = "is empty" if data is None else f"holds {shown(data)}"
        raise InputError(name, what, "A case file is a mapping of sections.")
    return data


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record: dict[str, object] = {}
    for name, value in pairs:
        if name in record:
            raise ValueError(f"{shown(name)} stands twice in one object")
        record[name] = value
    return record


def _refuse_deep(data: object) -> None:
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [part for whole in level for part in _containers(whole)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _containers(whole: object) -> list[object]:
    match whole:
        case dict():
            parts: Iterable[object] = whole.values()
        case list():
            parts = whole
        case _:
            return []
    return [part for part in parts if isinstance(part, dict | list)]


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS or not _INTEGER.fullmatch(text):
        raise ValueError(f"{shown(text)} is no number of a case")
    return int(text)


def _decimal(text: str) -> Decimal:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or abs(int(exponent[:MAX_DIGITS] or 0)) > MAX_DIGITS:
        raise ValueError(f"{shown(text)} is no number of a case")
    return Decimal(text)


def _events(text: str, name: str) -> Iterator[Event]:
    try:
        refuse_conflict(text)
        refuse_unprintable(text)
        for count, event in enumerate(yaml_events(text, MAX_YAML_PARTS, MAX_DEPTH)):
            if count > MAX_YAML_PARTS:
                what = f"more than {MAX_YAML_PARTS:,} parts"
                raise InputError(name, what, "Write it as JSON, which is read much faster.")
            yield event
    except FlawedTextError as flaw:
        raise InputError(flaw.where(name), flaw.what, flaw.todo) from flaw
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        what = f"not readable as YAML: {error.problem or error.context}"
        hint = "Indent with spaces, not tabs." if "\\t" in what else ""
        raise InputError(where, what, hint) from error
    except (YAMLError, ValueError, RecursionError) as error:
        escape = "an escape that stands for no character"
        reason = escape if type(error) is ValueError else type(error).__name__
        raise InputError(name, f"not readable as YAML: {reason}") from error


@dataclass(slots=True)
class _Builder:
    """Plain data of a stream of YAML events."""

    name: str
    events: Iterator[Event]
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    def document(self) -> object:
        next(self.events)
        if isinstance(next(self.events), StreamEndEvent):
            return None
        data = self._value(next(self.events), ())
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self._refuse(event, "a second document", "Write one case per file.")
            assert isinstance(event, DocumentEndEvent | StreamEndEvent)
        return data

    def _value(self, event: Event, path: tuple[str, ...]) -> object:
        self._check(event, len(path))
        match event:
            case MappingStartEvent():
                return self._mapping(path)
            case SequenceStartEvent():
                items = []
                while not isinstance(item := next(self.events), SequenceEndEvent):
                    items.append(self._value(item, (*path, "[]")))
                return items
            case ScalarEvent():
                return self._scalar(event)
            case _:
                return self._refuse(event, "anchors and aliases are not used here", "Write it out.")

    def _mapping(self, path: tuple[str, ...]) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            self._check(event, len(path))
            if not isinstance(event, ScalarEvent):
                self._refuse(event, "a key that is no word", "Write a word.")
            key = str(event.value)
            if key in mapping:
                self._refuse(event, f"{shown(key)} stands twice in one mapping")
            self.lines.setdefault((*path, key), event.start_mark.line + 1)
            mapping[key] = self._value(next(self.events), (*path, key))
        return mapping

    def _scalar(self, event: ScalarEvent) -> object:
        text = str(event.value)
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        try:
            if _INTEGER.fullmatch(text):
                return _integer(text)
            return _decimal(text) if _FRACTION.fullmatch(text) else text
        except ValueError as error:
            return self._refuse(event, str(error))

    def _check(self, event: Event, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._refuse(event, _TOO_DEEP)
        if not isinstance(event, AliasEvent) and getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchors and aliases are not used here", "Write it out.")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "tags are not used here", "Take the word with `!` away.")

    def _refuse(self, event: Event, what: str, todo: str = "") -> NoReturn:
        mark: StreamMark = event.start_mark
        raise InputError(f"{self.name}:{mark.line + 1}:{mark.column + 1}", what, todo)
