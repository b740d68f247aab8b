"""The two YAML parsers: of what both accept they say the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import Event, ScalarEvent
from ruamel.yaml.nodes import Node, ScalarNode

from reso.facts.yaml_text import quick_tree, yaml_events
from tests.shipped import files_of

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("rules/**/*.yaml"))
TEXTS = [file.read_text(encoding="utf-8") for file in FILES]
SIGNS = list(":-?#'\"{}[],|>&*!% \n0~é\u00a0")


def told(event: Event) -> tuple[object, ...]:
    """Return what matters of an event; where it stands, only of a word that is there."""
    if isinstance(event, ScalarEvent) and event.value:
        mark = event.start_mark
        return event.value, event.style or "", mark.line, mark.column, mark.index
    return (type(event), getattr(event, "value", ""))


def read(text: str, pure: bool) -> list[tuple[object, ...]] | None:
    try:
        return [told(event) for event in YAML(typ="safe", pure=pure).parse(text)]
    except (YAMLError, ValueError):
        return None


def branches(node: Node | None) -> object:
    """Return what matters of a tree: its words, and where all parts begin and end."""
    if node is None:
        return None
    marks = [(mark.line, mark.column, mark.index) for mark in (node.start_mark, node.end_mark)]
    if isinstance(node, ScalarNode):
        return node.value, node.style or "", marks
    parts = [part if isinstance(part, tuple) else (part,) for part in node.value]
    return type(node), [[branches(one) for one in part] for part in parts], marks


@pytest.mark.parametrize("file", files_of("**/*.yaml"))
def test_the_tree_of_a_shipped_file_is_that_of_libyaml(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = quick_tree(text, 150_000, 30)
    assert tree is not None
    assert branches(tree) == branches(YAML(typ="safe", pure=False).compose(text))


@pytest.mark.parametrize("file", files_of("**/*.yaml"))
def test_every_shipped_file_is_read_alike(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert read(text, pure=True) == read(text, pure=False) is not None


@given(text=st.sampled_from(TEXTS), data=st.data())
def test_a_mangled_file_that_both_accept_is_read_alike(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 300)))
    piece = text[start : start + 300].partition("\n")[2]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(piece)))
        gone = data.draw(st.integers(0, 4))
        piece = piece[:at] + data.draw(st.sampled_from(["", *SIGNS])) + piece[at + gone :]
    slow, fast = read(piece, pure=True), read(piece, pure=False)
    if slow is not None and fast is not None:
        assert slow == fast


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a:\tb", id="tab"),
        pytest.param("a: &x 1", id="anchor"),
        pytest.param("a: *x", id="alias"),
        pytest.param("a: !!str 1", id="tag"),
        pytest.param("a: [1", id="error"),
        pytest.param("[" * 6 + "]" * 6, id="deep"),
        pytest.param("a: 1\n---\nb: 2", id="documents"),
        pytest.param("a: [1, 2, 3, 4, 5, 6, 7, 8, 9]", id="large"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_unusual_is_left_to_the_parser_with_the_errors(text: str) -> None:
    assert quick_tree(text, 10, 5) is None


def test_events_of_a_text_with_an_error_come_with_the_slow_parsers_words() -> None:
    with pytest.raises(YAMLError, match=r"could not find expected|mapping values"):
        list(yaml_events("a: 1\nb c\nd: 2: 3", 100, 10))
