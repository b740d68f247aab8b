"""Lists of which ever more becomes known: what can be told of them before it is known how much.

Where the items of a list stand in the order in which they became known, the first one that meets
a condition is the same at every instant: it is known yet, or nothing is. So an item is looked for
once for each dispute, and at an instant two numbers are compared.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from simulations.sql.terms import FALSE, Term, call, column, null, number, with_variable

FIRST = number(1)
ITEM = Term("variable", "y")


@dataclass(frozen=True, slots=True)
class Pass:
    """A choice of the items of a list: those known by now that meet a condition.

    Attributes:
        items: the list. holds: what is asked of an item, the same at every instant.
        fresh: the same of an item that became known after the last arrival seen in full; equal to
            `holds` where that makes no difference.
    """

    items: Term
    holds: tuple[Term, ...]
    fresh: tuple[Term, ...]

    def chosen(self, holds: tuple[Term, ...]) -> Term:
        """Return the items that meet conditions, whenever they become known."""
        if not holds:
            return self.items
        return call("list_filter", self.items, Term("lambda", ITEM.word, (_all(holds),)))

    def first(self, holds: tuple[Term, ...]) -> Term:
        """Return the first of them."""
        return Term("index", "", (self.chosen(holds), FIRST))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is told of lists beforehand.

    Attributes:
        lists: columns of lists whose items stand in the order of their field `n`, the number of
            the arrival they became known with.
        static: columns that are the same at every instant.
        known: the column of the number of arrivals known. seen: of those seen in full.
        list_of_arrivals: the column of the list of all arrivals.
    """

    lists: Set[str]
    static: Set[str]
    known: str = "n"
    seen: str = "seen_n"
    list_of_arrivals: str = "arrivals"

    def is_static(self, term: Term) -> bool:
        """Whether an expression is the same at every instant."""
        return all(part.word in self.static for part in term.walk() if part.op == "column")

    def item(self, items: Term, place: Term) -> Term | None:
        """Return the first of the items chosen, as a choice; None: it is not told beforehand."""
        chosen = self._read(items)
        if chosen is None or place != FIRST:
            return None
        first = chosen.first(chosen.holds)
        if chosen.fresh == chosen.holds:
            return _case([(self._is_known(first), first)])
        later = chosen.first(chosen.fresh)
        return _case([(self._is_known(first, self.seen), first), (self._is_known(later), later)])

    def only_known(self, items: Term) -> bool:
        """Whether a pass chooses none of the items that are not known yet."""
        body = items.parts[1]
        of_item = Term("member", "n", (Term("variable", body.word),))
        known = {Term("<=", "", (of_item, column(by))) for by in (self.known, self.seen)}

        def tells(part: Term) -> bool:
            if part.op == "or":
                return all(map(tells, part.parts))
            return part in known or (part.op == "and" and any(map(tells, part.parts)))

        return tells(body.parts[0])

    def parted(self, items: Term) -> tuple[Term, Term] | None:
        """Return of a pass what of it is the same at every instant, and the pass through that."""
        body = items.parts[1]
        if "," in body.word or not self.is_static(items.parts[0]):
            return None
        asked = _conjuncts(body.parts[0])
        static = tuple(part for part in asked if self.is_static(part))
        moving = tuple(part for part in asked if not self.is_static(part))
        if not static or not moving:
            return None
        chosen = call("list_filter", items.parts[0], Term("lambda", body.word, (_all(static),)))
        return chosen, Term("lambda", body.word, (_all(moving),))

    # -- parts -------------------------------------------------------------------------------

    def _is_known(self, item: Term, by: str = "") -> Term:
        return Term("<=", "", (Term("member", "n", (item,)), column(by or self.known)))

    def _read(self, items: Term) -> Pass | None:
        """Read a pass through a list; None: it is not one of this kind."""
        if items.parts[0].op != "column" or items.parts[0].word not in self.lists:
            return None
        body = items.parts[1]
        asked = [with_variable(p, body.word, ITEM) for p in _conjuncts(body.parts[0])]
        arrived = Term("<=", "", (Term("member", "n", (ITEM,)), column(self.known)))
        seen = Term("<=", "", (Term("member", "n", (ITEM,)), column(self.seen)))
        fresh: tuple[Term, ...] = ()
        known = False
        holds: list[Term] = []
        for part in asked:
            if part == arrived:
                known = True
            elif part.op == "or" and len(part.parts) == 2 and part.parts[0] == seen:
                of_new = _conjuncts(part.parts[1])
                known = known or arrived in of_new
                fresh += tuple(one for one in of_new if one != arrived)
            else:
                holds.append(part)
        if not known or not all(map(self.is_static, (*holds, *fresh))):
            return None
        told = tuple(part for part in fresh if not _follows(part, holds))
        return Pass(items.parts[0], tuple(holds), (*holds, *told))


def _conjuncts(term: Term) -> tuple[Term, ...]:
    return term.parts if term.op == "and" else (term,)


def _all(parts: tuple[Term, ...]) -> Term:
    return parts[0] if len(parts) == 1 else Term("and", "", parts)


def _case(whens: Iterable[tuple[Term, Term]], otherwise: Term | None = None) -> Term:
    parts = (part for pair in whens for part in pair)
    return Term("case", "", (*parts, otherwise or null()))


def _follows(part: Term, holds: Iterable[Term]) -> bool:
    """Whether "it is none of these words" follows from "it is that word"."""
    if part.op != "not":
        return False
    inner = part.parts[0]
    if inner.op == "call" and inner.word == "coalesce" and inner.parts[1:] == (FALSE,):
        inner = inner.parts[0]
    if inner.op != "in":
        return False
    subject, *words = inner.parts
    for one in holds:
        options = one.parts[1:] if one.op in ("=", "in") else ()
        if options and one.parts[0] == subject and all(o.op == "literal" for o in options):
            return not set(options) & set(words)
    return False
