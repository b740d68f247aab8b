"""The tree of a YAML file with where each part begins and ends in the text."""

from collections.abc import Iterable
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reso.policy.document import parse_document
from reso.policy.problems import PolicyError

Plain = str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar; `raw` is its text with its quotes, `column` counts from 0."""

    value: str
    raw: str
    start: int
    end: int
    column: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping; `flow` when it stands in brackets. `keys` and `parts` are in file order."""

    keys: dict[str, Leaf]
    parts: dict[str, "Part"]
    flow: bool
    start: int
    end: int
    column: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `flow` when it stands in brackets."""

    parts: tuple["Part", ...]
    flow: bool
    start: int
    end: int
    column: int


Part = Leaf | Branch | Listing


def read_spans(text: str, shown: str) -> Branch:
    """Return the tree of a policy file.

    Raises:
        PolicyError: it cannot be read as YAML.
    """
    document = parse_document(text, shown)
    if document.problems:
        raise PolicyError(document.problems)
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    node = yaml.compose(text)
    if node is None:
        return Branch({}, {}, False, len(text), len(text), 0)
    part = _part(node, text)
    assert isinstance(part, Branch)
    return part


def plain(part: Part) -> Plain:
    """Return a part as plain dicts, lists and texts."""
    match part:
        case Leaf():
            return part.value
        case Branch():
            return {key: plain(value) for key, value in part.parts.items()}
        case Listing():
            return [plain(item) for item in part.parts]


def _part(node: Node, text: str) -> Part:
    start, end, column = node.start_mark.index, node.end_mark.index, node.start_mark.column
    match node:
        case MappingNode():
            keys: dict[str, Leaf] = {}
            parts: dict[str, Part] = {}
            for key_node, value_node in node.value:
                key = _part(key_node, text)
                assert isinstance(key, Leaf)
                value = _part(value_node, text)
                if isinstance(value, Leaf) and not value.raw:  # nothing stands there
                    value = Leaf("", "", key.end + 1, key.end + 1, 0)
                keys[key.value], parts[key.value] = key, value
            flow = bool(node.flow_style)
            return Branch(keys, parts, flow, start, _end(flow, end, parts.values(), start), column)
        case SequenceNode():
            items = tuple(_part(item, text) for item in node.value)
            flow = bool(node.flow_style)
            return Listing(items, flow, start, _end(flow, end, items, start), column)
        case _:
            assert isinstance(node, ScalarNode)
            raw = text[start:end].rstrip(" \t\n")
            words = str(node.value).replace("\a", "")
            return Leaf(words, raw, start, start + len(raw), column)


def _end(flow: bool, end: int, parts: Iterable[Part], start: int) -> int:
    """Return the end of a collection; one in block style ends with its last word."""
    return end if flow else max((part.end for part in parts), default=start)
