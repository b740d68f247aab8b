"""The files of a pack as plain trees, to be written, loaded, and put in another order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from reso.policy.loader import load_policy
from reso.policy.model import Policy

Tree = str | list["Tree"] | dict[str, "Tree"]
Body = dict[str, Tree]

HEADER = "policy"
FILE_NAMES = ("a.yaml", "b.yaml", "m.yaml", "policy.yaml", "z.yaml")
SHUFFLED = ("parameters", "readings", "picks", "findings", "chapters", "sources", "requests")
PLACED = ("bars", "questions", "rules")
"""Sections whose entries say `for:` which chapter they are, so that they may stand in any file."""


@dataclass(frozen=True, repr=False)
class Pack:
    """The files of a pack by name. Two packs of equal content load as equal policies."""

    files: Mapping[str, Body]

    def texts(self) -> dict[str, str]:
        """Return the files as YAML."""
        return {name: "\n".join(_lines(body, 0)) + "\n" for name, body in self.files.items()}

    def policy(self) -> Policy:
        """Load the pack as its author would: from a folder."""
        return load(tuple(sorted(self.texts().items())))

    def __repr__(self) -> str:
        return "\n" + "\n".join(f"# {name}\n{text}" for name, text in self.texts().items())

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text(repr(self))


@lru_cache(maxsize=512)
def load(texts: tuple[tuple[str, str], ...]) -> Policy:
    """Write the files into a folder of their own and load it."""
    with TemporaryDirectory() as folder:
        for name, text in texts:
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return load_policy(Path(folder))


@st.composite
def reordered(draw: st.DrawFn, pack: Pack) -> Pack:
    """Return the same pack: entries in another order, in other files, of other names.

    Nothing the language gives an order is touched: the steps of a stage, the answers of a
    question, the branches of a reading, the periods of a parameter.
    """
    names = draw(st.permutations(FILE_NAMES))
    files = {
        new: _shuffled(draw, body) for new, body in zip(names, pack.files.values(), strict=False)
    }
    free = [name for name, body in files.items() if "for" not in body]
    spare = names[len(files)]
    if draw(st.booleans()):
        files[spare] = {}
        for name in free:
            _move_some(draw, files[name], files[spare])
        if not files[spare]:
            del files[spare]
    return Pack(files)


def _shuffled(draw: st.DrawFn, body: Body) -> Body:
    """Return a file with its sections, and the entries of each, in another order."""
    sections = {name: body[name] for name in draw(st.permutations(list(body)))}
    for name in (*SHUFFLED, *PLACED):
        entries = sections.get(name)
        if isinstance(entries, dict):
            sections[name] = {key: entries[key] for key in draw(st.permutations(list(entries)))}
    return sections


def _move_some(draw: st.DrawFn, source: Body, target: Body) -> None:
    for section in PLACED:
        entries = source.get(section)
        if not isinstance(entries, dict) or not entries:
            continue
        moved = draw(st.lists(st.sampled_from(list(entries)), unique=True))
        if moved:
            there = target.setdefault(section, {})
            assert isinstance(there, dict)
            there.update({key: entries[key] for key in moved})
            kept = {key: value for key, value in entries.items() if key not in moved}
            source.pop(section)
            if kept:
                source[section] = kept


def _lines(tree: Tree, indent: int) -> list[str]:
    """Write a tree as YAML; what stands in a list is written in one line."""
    space = " " * indent
    if isinstance(tree, list):
        return [f"{space}- {_one_line(item)}" for item in tree]
    assert isinstance(tree, dict)
    lines: list[str] = []
    for key, value in tree.items():
        if isinstance(value, str) or not value:
            lines.append(f"{space}{key}: {_one_line(value)}")
        else:
            lines += [f"{space}{key}:", *_lines(value, indent + 2)]
    return lines


def _one_line(tree: Tree) -> str:
    if isinstance(tree, str) and tree and not set(tree) & set("\"'{}[],:#&*!|>%@`"):
        return tree
    return json.dumps(tree, ensure_ascii=False)
