"""Which fields of a list's items are ever read: the others need not be kept beside a dispute."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simulations.sql.terms import Term, call

Above = tuple[Term, int]
"""A term that a part stands in, and in which place."""


class WholeError(Exception):
    """Something reads an item as a whole."""


@dataclass
class Reads:
    """Follows the items of lists through columns, from one that reads another.

    Attributes:
        terms: the columns. wanted: those that are handed out as they are.
    """

    terms: Mapping[str, Term]
    wanted: Collection[str]
    _readers: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, term in self.terms.items():
            for read in {part.word for part in term.walk() if part.op == "column"}:
                self._readers.setdefault(read, []).append(name)

    def of_items(self, name: str) -> frozenset[str] | None:
        """Return the fields that are read of a list column's items; None: all of them."""
        try:
            return frozenset(self._of_column(name, is_list=True))
        except WholeError:
            return None

    def _of_column(self, name: str, is_list: bool) -> Iterator[str]:
        if name in self.wanted:
            raise WholeError
        for reader in self._readers.get(name, ()):
            for above in _places(self.terms[reader], name):
                follow = self._of_list if is_list else self._of_item
                yield from follow(above, reader)

    def _of_list(self, above: Sequence[Above], column: str) -> Iterator[str]:
        """Follow a list that stands somewhere in a column."""
        if not above:
            yield from self._of_column(column, is_list=True)
            return
        (term, place), *rest = above
        match term.op, term.word:
            case "call", "len":
                pass
            case "call", "list_filter" if place == 0:
                yield from _of_lambda(term.parts[1])
                yield from self._of_list(rest, column)
            case "call", "list_transform" if place == 0:
                yield from _of_lambda(term.parts[1])
            case "index", _ if place == 0:
                yield from self._of_item(rest, column)
            case "case", _ if _is_value(term, place):
                yield from self._of_list(rest, column)
            case _:
                raise WholeError

    def _of_item(self, above: Sequence[Above], column: str) -> Iterator[str]:
        """Follow an item that stands somewhere in a column."""
        if not above:
            yield from self._of_column(column, is_list=False)
            return
        (term, place), *rest = above
        match term.op:
            case "member":
                yield term.word
            case "is null":
                pass
            case "case" if _is_value(term, place):
                yield from self._of_item(rest, column)
            case _:
                raise WholeError


def pruned(items: Term, fields: Collection[str]) -> Term:
    """Return a list with these fields of its items alone."""
    names = sorted(fields)
    of = Term("variable", "y")
    record = Term("struct", ",".join(names), tuple(Term("member", name, (of,)) for name in names))
    return call("list_transform", items, Term("lambda", "y", (record,)))


def _places(term: Term, name: str, above: tuple[Above, ...] = ()) -> Iterator[tuple[Above, ...]]:
    """Yield where a column is read in a term, each place by the terms above it, inmost first."""
    if term.op == "column" and term.word == name:
        yield above
    for place, part in enumerate(term.parts):
        yield from _places(part, name, ((term, place), *above))


def _of_lambda(body: Term) -> Iterator[str]:
    """Yield the fields that a lambda reads of its item."""
    variable = body.word.split(",")[0]

    def read(term: Term) -> Iterator[str]:
        if term.op == "member" and term.parts[0] == Term("variable", variable):
            yield term.word
        elif term.op == "variable" and term.word == variable:
            raise WholeError
        else:
            for part in term.parts:
                yield from read(part)

    yield from read(body.parts[0])


def _is_value(case: Term, place: int) -> bool:
    """Whether a part of a CASE is one of its values, and no condition."""
    return place % 2 == 1 or place == len(case.parts) - 1
