"""Waivers: warnings the author knows of and leaves as they are, each with a reason."""

from collections.abc import Iterable, Iterator

from reso.policy.document import Document, Items, Tree
from reso.policy.model import Waiver
from reso.policy.reading import Entry
from reso.problems.catalogue import waivable
from reso.problems.said import did_you_mean

WORDS = ("problem", "of", "because")


def read_waivers(sections: Iterable[tuple[Document, Tree]]) -> tuple[Waiver, ...]:
    """Return the waivers of a pack; one that is no waiver, or gives no reason, is a problem."""
    return tuple(waiver for document, tree in sections for waiver in _listed(document, tree))


def _listed(document: Document, tree: Tree) -> Iterator[Waiver]:
    if not isinstance(tree, Items):
        document.problem("waivers-not-listed", tree.mark)
        return
    for item in tree.items:
        waiver = _waiver(Entry(document, "waivers", item.mark, item))
        if waiver is not None:
            yield waiver


def _waiver(entry: Entry) -> Waiver | None:
    body = entry.body(WORDS)
    problem, of, because = (" ".join(body.text(word).split()) for word in WORDS)
    if not (problem and of):
        entry.problem("waiver-incomplete", entry.mark)
        return None
    if not because:
        entry.problem("waiver-without-reason", body.mark("of"), width=len("of"))
        return None
    if problem not in waivable():
        mark, width = body.value_mark("problem"), len(problem)
        advice = did_you_mean(problem, waivable())
        entry.problem("waiver-of-no-warning", mark, advice=advice, width=width, problem=problem)
        return None
    return Waiver(problem, of, because, entry.mark)
