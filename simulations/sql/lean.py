"""A sheet made lean: constants and equal columns are none, and lists are gone through once.

What a sheet writes of a policy says much that no row of a history can meet: facts that none
states, answers that none gives. Here every column is folded, from the first layer on, with what is
known of the columns it reads.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulations.sql.columns import Sql
from simulations.sql.folding import Folder, is_constant, is_list
from simulations.sql.layers import Sheet
from simulations.sql.respelled import text_of
from simulations.sql.terms import Term, column, parsed


@dataclass
class Lean:
    """The columns of a sheet that are wanted, each as simple as it can be said.

    Attributes:
        sure: columns given to the sheet that are never NULL.
        same: what stands for a column that need not be computed: a constant or another column.
    """

    sheet: Sheet
    wanted: Sequence[str]
    sure: Iterable[str] = ()
    terms: dict[str, Term] = field(default_factory=dict)
    _names: dict[Term, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = Folder(set(self.sure))
        self.same = self.folder.same
        for layer in self.sheet.computed(self.wanted):
            for name, text in layer:
                self._take(name, self.folder.fold(parsed(text)))
        self._part()
        self._drop()
        self._write_in()

    def select(self) -> str:
        """Return one SELECT of the wanted columns, in their order."""
        return self.lean_sheet().select(self.wanted)

    def lean_sheet(self) -> Sheet:
        """Return a sheet of these columns."""
        made = Sheet(self.sheet.dialect, self.sheet.source, self.sheet.given, self.sheet.beside)
        for name, term in self.terms.items():
            made.add(name, sql_of(term))
        for name in self.wanted:
            if name in self.same:
                made.add(name, sql_of(self.same[name]))
        return made

    # -- steps -------------------------------------------------------------------------------

    def _take(self, name: str, term: Term) -> None:
        """Keep a column; one that is a constant, or another one, is none."""
        if is_constant(term) or term.op == "column" or (is_list(term) and name not in self.wanted):
            self.same[name] = term
            return
        known = self._names.setdefault(term, name)
        if known != name:
            self.same[name] = column(known)
            return
        self.terms[name] = term
        if self.folder.is_sure(term):
            self.folder.sure.add(name)
        domain = self.folder.domain(term)
        if domain is not None:
            self.folder.domains[name] = domain

    def _part(self) -> None:
        """Make a column of what goes through a list, the same one wherever it is the same."""
        for name in list(self.terms):
            self.terms[name] = self._parted(self.terms[name], whole=True)

    def _parted(self, term: Term, whole: bool = False) -> Term:
        if term.op == "lambda" or not term.parts:
            return term
        parts = tuple(map(self._parted, term.parts))
        made = Term(term.op, term.word, parts) if parts != term.parts else term
        through = term.op == "index" or (term.op == "call" and term.word == "list_contains")
        if whole or not through or not any(part.op == "lambda" for part in term.walk()):
            return made
        name = self._names.get(made)
        if name is None:
            name = self._names[made] = f"item:{len(self._names)}"
            self.terms[name] = made
        return column(name)

    def _drop(self) -> None:
        """Drop the columns nobody reads."""
        needed = set[str]()
        todo = [self.same.get(name, column(name)) for name in self.wanted]
        while todo:
            for part in todo.pop().walk():
                if part.op == "column" and part.word not in needed:
                    needed.add(part.word)
                    todo += [self.terms[part.word]] if part.word in self.terms else []
        self.terms = {name: term for name, term in self.terms.items() if name in needed}

    def _write_in(self) -> None:
        """Write columns that are read once into what reads them."""
        reads = Counter(
            part.word for term in self.terms.values() for part in term.walk() if part.op == "column"
        )
        stay = self._read_in_lambdas() | {self._standing(name).word for name in self.wanted}
        once = {name for name in self.terms if reads[name] == 1 and name not in stay}
        self.terms = {
            name: self._written(term, once) for name, term in self.terms.items() if name not in once
        }

    def _standing(self, name: str) -> Term:
        return self.same.get(name, column(name))

    def _written(self, term: Term, once: set[str]) -> Term:
        if term.op == "column" and term.word in once:
            return self._written(self.terms[term.word], once)
        if not term.parts or term.op == "lambda":
            return term
        parts = tuple(self._written(part, once) for part in term.parts)
        return Term(term.op, term.word, parts)

    def _read_in_lambdas(self) -> set[str]:
        """Return the columns that are read while a list is gone through."""
        lambdas = (p for t in self.terms.values() for p in t.walk() if p.op == "lambda")
        return {p.word for one in lambdas for p in one.walk() if p.op == "column"}


def sql_of(term: Term) -> Sql:
    """Return an expression as text, with the columns it reads."""
    uses = frozenset(part.word for part in term.walk() if part.op == "column")
    return Sql(text_of(term), uses)
