"""The facts a pack may use: the core's, and what the `inputs` of its files declare."""

from collections.abc import Iterable, Iterator
from functools import partial

from reso.facts.fields import Inputs
from reso.facts.table import FactTable, FactTableError, load_core, parse_inputs
from reso.memo import digest, remembered
from reso.policy.document import Document, Items, Map, Mark, Text, Tree

Path = tuple[str, ...]
Marks = dict[Path, Mark]


def fact_table(documents: Iterable[Document]) -> FactTable:
    """Return the core's facts with all inputs of these files; what is wrong becomes problems."""
    declared = [
        (d, d.tree.entries["inputs"]) for d in documents if d.tree and "inputs" in d.tree.entries
    ]
    found: list[Inputs] = []
    for document, tree in declared:
        key = (document.file, digest(document.text))
        try:
            found.append(remembered("inputs", key, partial(_declared, document, tree)))
        except FactTableError as error:
            _told(document, tree, error)
    try:
        return load_core().merged(*found)
    except FactTableError as error:
        for document, tree in declared:
            _told(document, tree, error)
        return load_core()


def _declared(document: Document, tree: Tree) -> Inputs:
    lines = {path: mark.line for path, mark in _marks(tree)}
    return parse_inputs(_plain(tree), document.file, lines)


def _told(document: Document, tree: Tree, error: FactTableError) -> None:
    """Record the problems of one file at the keys they are about."""
    marks = {".".join(key for key in path if key != "fields"): mark for path, mark in _marks(tree)}
    for problem in error.problems:
        if problem.file == document.file:
            document.flaw(problem.said, marks.get(problem.path, tree.mark), problem.advice, 1)


def _marks(tree: Tree, above: Path = ()) -> Iterator[tuple[Path, Mark]]:
    if isinstance(tree, Map):
        for key, value in tree:
            yield (*above, key), tree.keys[key]
            yield from _marks(value, (*above, key))


def _plain(tree: Tree) -> object:
    """Return a tree as plain dicts, lists and texts."""
    match tree:
        case Text():
            return tree.value
        case Items():
            return [_plain(item) for item in tree.items]
        case Map():
            return {key: _plain(value) for key, value in tree}
