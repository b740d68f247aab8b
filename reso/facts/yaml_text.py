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
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import Node
from ruamel.yaml.resolver import BaseResolver

KEPT = 20_000
"""Events of one text that are kept while it is looked at, before they are handed on."""


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
    if _plain_events(text, most_parts, deepest) is None:
        return None
    try:
        node: Node | None = _quick_yaml().compose(text)
    except YAMLError:
        return None
    return node


class _EveryWordIsText(BaseResolver):
    """Spares the search for what a plain word may mean: here it is what is written."""

    def __init__(self, version: object, loadumper: object) -> None:
        super().__init__(loadumper)


def _quick_yaml() -> YAML:
    yaml = YAML(typ="safe", pure=False)
    yaml.Resolver = _EveryWordIsText
    return yaml


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
            if isinstance(event, NodeEvent) and _is_marked(event):
                return None
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                depth -= 1
            if depth > deepest or count > most_parts:
                return None
    except (YAMLError, ValueError):
        return None
    return events if len(events) < KEPT else _quick_events(text)


def _quick_events(text: str) -> Iterator[Event]:
    return iter(CParser(text).get_event, None)


def _is_marked(event: NodeEvent) -> bool:
    """Whether an event has an anchor or a tag; an alias has the anchor it stands for."""
    return event.anchor is not None or getattr(event, "tag", None) is not None
