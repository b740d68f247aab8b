"""YAML by libyaml, which is far faster; what it refuses, the parser with the good errors reads.

Both give the same events for a text both accept (`tests/facts/test_yaml_text.py` holds them
together), so the slow one is needed for two things only: to say what is wrong, and where libyaml
is laxer than YAML 1.2 (tabs).
"""

from collections.abc import Iterable, Iterator

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

KEPT = 20_000
"""Events of one text that are kept while it is looked at, before they are handed on."""


_BEGINNING = (ScalarEvent, MappingStartEvent, SequenceStartEvent)
_ENDING = (MappingEndEvent, SequenceEndEvent)
_NO_TAG = Tag()


def yaml_events(text: str, most_parts: int, deepest: int) -> Iterator[Event]:
    """Yield the events of a YAML text.

    What has more than `deepest` levels or `most_parts` parts is left to the slow parser, too:
    libyaml takes time that grows with the square of the levels.

    Raises:
        YAMLError, ValueError: not readable as YAML; perhaps only after some events.
    """
    plain = _plain_events(text, most_parts, deepest)
    yield from YAML(typ="safe", pure=True).parse(text) if plain is None else plain


def quick_tree(text: str, most_parts: int, deepest: int) -> Node | None:
    """Return the tree of a YAML text; None where only the slow parser can tell what is in it.

    So it is with errors, anchors, aliases, tags, more than `deepest` levels or `most_parts`
    parts, and several documents or none.
    """
    events = _plain_events(text, most_parts, deepest)
    return None if events is None else _only_document(iter(events))


def _only_document(events: Iterator[Event]) -> Node | None:
    """Return the tree of the one document of a stream; None where there are more, or none."""
    next(events)
    if isinstance(next(events), StreamEndEvent):
        return None
    node = _composed(next(events), events)
    next(events)
    return node if isinstance(next(events), StreamEndEvent) else None


def _composed(event: Event, events: Iterator[Event]) -> Node:
    """Return the tree that begins with an event; every word in it is text, as it is written."""
    begin = event.start_mark
    if isinstance(event, ScalarEvent):
        return ScalarNode(_NO_TAG, event.value, begin, event.end_mark, style=event.style)
    if isinstance(event, MappingStartEvent):
        pairs = []
        while not isinstance(event := next(events), MappingEndEvent):
            pairs.append((_composed(event, events), _composed(next(events), events)))
        return MappingNode(_NO_TAG, pairs, begin, event.end_mark)
    items = []
    while not isinstance(event := next(events), SequenceEndEvent):
        items.append(_composed(event, events))
    return SequenceNode(_NO_TAG, items, begin, event.end_mark)


def _plain_events(text: str, most_parts: int, deepest: int) -> Iterable[Event] | None:
    """Return the events of a text that libyaml reads without an error or anything unusual.

    Those of a long text are not kept, but read again.
    """
    if "\t" in text:
        return None
    depth, events = 0, []
    try:
        for count, event in enumerate(_quick_events(text)):
            if count < KEPT:
                events.append(event)
            if isinstance(event, _BEGINNING):
                if event.anchor is not None or event.tag is not None:
                    return None
                depth += not isinstance(event, ScalarEvent)
            elif isinstance(event, _ENDING):
                depth -= 1
            elif isinstance(event, AliasEvent):
                return None
            if depth > deepest or count > most_parts:
                return None
    except (YAMLError, ValueError):
        return None
    return events if len(events) < KEPT else _quick_events(text)


def _quick_events(text: str) -> Iterator[Event]:
    return iter(CParser(text).get_event, None)
