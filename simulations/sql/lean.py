"""A sheet made lean: constants and equal columns are none, and lists are gone through once.

What a sheet writes of a policy says much that no row of a history can meet: facts that none
states, answers that none gives. Here every column is folded, from the first layer on, with what is
known of the columns it reads.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from simulations.sql.arrivals import Arrivals
from simulations.sql.columns import Sql
from simulations.sql.folding import Folder
from simulations.sql.layers import Sheet
from simulations.sql.logic import is_call, is_constant, is_count, is_filter, is_list
from simulations.sql.pruning import Reads, pruned
from simulations.sql.respelled import text_of
from simulations.sql.terms import Term, call, cast, column, null, number, parsed

BITS = 62
"""Bits of a BIGINT that are used."""

HEAVY = 30
"""Parts of an expression from which on it costs less to read it from a table."""


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
    arrivals: Arrivals | None = None
    terms: dict[str, Term] = field(default_factory=dict)
    before: dict[str, Term] = field(default_factory=dict)
    _names: dict[Term, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = Folder(set(self.sure), arrivals=self.arrivals)
        self.same = self.folder.same
        for layer in self.sheet.computed(self.wanted):
            for name, text in layer:
                self._take(name, self.folder.fold(parsed(text)))
        self._tell_beforehand()
        self._part()
        self._drop()
        self._write_in()
        self._prune()

    @property
    def computed(self) -> tuple[str, ...]:
        """The columns to be computed of which all that are wanted are made."""
        standing = (self._standing(name) for name in self.wanted)
        return tuple(dict.fromkeys(term.word for term in standing if term.op == "column"))

    def all_of(self, rows: str) -> str:
        """Return a SELECT of the wanted columns, in their order, over rows of the computed ones."""
        parts = (
            f"{text_of(self._standing(n))} AS {self.sheet.dialect.name(n)}" for n in self.wanted
        )
        return f"SELECT {', '.join(parts)} FROM {rows}"

    def lean_sheet(self) -> Sheet:
        """Return a sheet of these columns."""
        given = self.sheet.given | set(self.before)
        made = Sheet(self.sheet.dialect, self.sheet.source, given, self.sheet.beside)
        for name, term in self.terms.items():
            made.add(name, sql_of(term))
        return made

    def beforehand(self, source: str) -> Sheet:
        """Return a sheet of what is told beforehand, over a relation of given columns."""
        made = Sheet(self.sheet.dialect, source, self.sheet.given)
        for name, term in self.before.items():
            made.add(name, sql_of(term))
        return made

    # -- steps -------------------------------------------------------------------------------

    def _take(self, name: str, term: Term) -> None:
        """Keep a column; one that is a constant, or another one, is none."""
        if is_constant(term) or term.op == "column":
            self.same[name] = term
            return
        if (is_list(term) or is_count(term) or self._is_choice(term)) and name not in self.wanted:
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

    def _is_choice(self, term: Term) -> bool:
        """Whether an expression is a choice of records: fields are read of each of them."""
        return term.op == "case" and self.folder.is_spread(term)

    def _tell_beforehand(self) -> None:
        """Take out what is the same at every instant of a dispute."""
        if self.arrivals is None:
            return
        self._static = set(self.arrivals.static)
        self._known_before: dict[Term, str] = {}
        self._arrivals = replace(self.arrivals, static=self._static)
        for name in list(self.terms):
            term = self.terms[name]
            if self._is_static(term):
                self._static.add(name)
        for name, term in self.terms.items():
            self.terms[name] = self._told(term)
        self._tell_what_is_known()

    def _tell_what_is_known(self) -> None:
        """Make of many comparisons with the number of arrivals a look at the bits of a number.

        Which numbers it exceeds is told for each number of arrivals, in a list.
        """
        assert self.arrivals is not None
        told = {part for term in self.terms.values() for part in term.walk() if self._asks(part)}
        ranks = sorted({part.parts[0].word for part in told})
        place = {name: n for n, name in enumerate(ranks)}
        for start in range(0, len(ranks), BITS):
            some = [column(name) for name in ranks[start : start + BITS]]
            self.before[f"known:{start}"] = known_bits(self.arrivals.list_of_arrivals, some)
        by_column = {part.parts[1].word for part in told}
        for start, by in product(range(0, len(ranks), BITS), sorted(by_column)):
            found = Term("index", "", (column(f"known:{start}"), column(by)))
            self._take(f"known:{start}:{by}", call("coalesce", found, cast(number(0), "BIGINT")))
        instead = {part: _bit(part, *divmod(place[part.parts[0].word], BITS)) for part in told}
        self.folder.forget()
        replaced = {name: _with(term, instead) for name, term in self.terms.items()}
        self.terms, self._names = {}, {}
        for name, term in replaced.items():
            self._take(name, self.folder.fold(term))

    def _asks(self, term: Term) -> bool:
        """Whether an expression asks if an item found beforehand is known."""
        if term.op != "<=" or [part.op for part in term.parts] != ["column", "column"]:
            return False
        rank, by = (part.word for part in term.parts)
        assert self.arrivals is not None
        return rank in self.before and by in (self.arrivals.known, self.arrivals.seen)

    def _is_static(self, term: Term) -> bool:
        return all(part.word in self._static for part in term.walk() if part.op == "column")

    def _told(self, term: Term) -> Term:
        if term.op == "lambda" or not term.parts:
            return term
        if self._is_static(term) and _is_heavy(term):
            return self._told_whole(term)
        if is_filter(term) and (parted := self._arrivals.parted(term)) is not None:
            return Term("call", "list_filter", (self._told_whole(parted[0]), parted[1]))
        parts = tuple(map(self._told, term.parts))
        made = Term(term.op, term.word, parts) if parts != term.parts else term
        through = _passed(made)
        return made if through is None else self._guarded(made, through)

    def _guarded(self, made: Term, through: Term) -> Term:
        """Return what is made of a list's items, worked out only where any of them is known yet."""
        items = through.parts[0]
        if (
            items.op != "column"
            or not self._is_told(items)
            or not self._arrivals.only_known(through)
        ):
            return made
        rank = column(self._beforehand(first_arrival(items)))
        known = Term("<=", "", (rank, column(self._arrivals.known)))
        return Term("case", "", (known, made, null() if made.op == "index" else made.parts[1]))

    def _is_told(self, items: Term) -> bool:
        return items.word in self.before or items.word in self._arrivals.lists

    def _told_whole(self, term: Term) -> Term:
        return column(self._beforehand(self._computed(term)))

    def _beforehand(self, term: Term) -> str:
        """Return the name of the column that is told beforehand."""
        name = self._known_before.setdefault(term, f"before:{len(self._known_before)}")
        self.before[name] = term
        return name

    def _computed(self, term: Term) -> Term:
        """Return an expression with the columns of the sheet that it reads written out."""
        if term.op == "column" and term.word in self.terms:
            return self._computed(self.terms[term.word])
        if not term.parts:
            return term
        return Term(term.op, term.word, tuple(map(self._computed, term.parts)))

    def _part(self) -> None:
        """Make a column of what goes through a list, the same one wherever it is the same."""
        for name in list(self.terms):
            self.terms[name] = self._parted(self.terms[name], whole=True)

    def _parted(self, term: Term, whole: bool = False) -> Term:
        if term.op == "lambda" or not term.parts:
            return term
        guarded = _is_guarded(term)
        if guarded:
            known, made, none = term.parts
            inner = Term(made.op, made.word, tuple(map(self._parted, made.parts)))
            parts: tuple[Term, ...] = known, inner, none
        else:
            parts = tuple(map(self._parted, term.parts))
        made = Term(term.op, term.word, parts) if parts != term.parts else term
        through = guarded or term.op == "index" or is_count(term) or is_call(term, "list_contains")
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
        todo = [self._standing(name) for name in self.wanted]
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
        """Return what a column is read as: what stands for it may itself stand for another."""
        term = self.same.get(name, column(name))
        return self._standing(term.word) if term.op == "column" and term.word in self.same else term

    def _prune(self) -> None:
        """Keep of the items of lists that are told beforehand only the fields that are read."""
        reads = Reads({**self.terms, **self.before}, self.wanted)
        for name, term in self.before.items():
            if is_filter(term) and (fields := reads.of_items(name)) is not None:
                self.before[name] = pruned(term, fields or {"n"})

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


def _bit(asked: Term, start: int, place: int) -> Term:
    word = column(f"known:{start * BITS}:{asked.parts[1].word}")
    return Term("<>", "", (Term("&", "", (word, number(1 << place))), number(0)))


def known_bits(arrivals: str, ranks: Sequence[Term]) -> Term:
    """Return for each number of arrivals, as bits, which ranks it reaches."""
    of = Term("variable", "i")
    bits = number(0)
    for place, rank in enumerate(ranks):
        reached = Term("case", "", (Term("<=", "", (rank, of)), number(1 << place), number(0)))
        bits = Term("+", "", (bits, cast(reached, "BIGINT")))
    through = call("range", number(1), Term("+", "", (call("len", column(arrivals)), number(1))))
    return call("list_transform", through, Term("lambda", "i", (bits,)))


def first_arrival(items: Term) -> Term:
    """Return the number of the arrival with which the first of a list's items became known."""
    of = Term("member", "n", (Term("variable", "y"),))
    only = Term("member", "n", (Term("index", "", (items, number(1))),))
    first = call("list_min", call("list_transform", items, Term("lambda", "y", (of,))))
    count = call("len", items)
    one, more = (Term(op, "", (count, number(1))) for op in ("=", ">"))
    return Term("case", "", (one, only, more, first, null()))


def _passed(term: Term) -> Term | None:
    """Return the pass through a list of which a term is an item or a count."""
    if term.op == "index" and is_filter(term.parts[0]):
        return term.parts[0]
    if is_count(term) and is_filter(term.parts[0].parts[0]):
        return term.parts[0].parts[0]
    return None


def _is_guarded(term: Term) -> bool:
    """Whether an expression is worked out only where anything of a list is known yet."""
    return term.op == "case" and len(term.parts) == 3 and _passed(term.parts[1]) is not None


def _with(term: Term, instead: Mapping[Term, Term]) -> Term:
    """Return an expression in which some parts stand for others."""
    if term in instead:
        return instead[term]
    if not term.parts:
        return term
    return Term(term.op, term.word, tuple(_with(part, instead) for part in term.parts))


def _is_heavy(term: Term) -> bool:
    """Whether it costs less to read an expression from a table than to work it out."""
    if is_constant(term):
        return False
    parts = list(term.walk())
    return any(part.op in ("lambda", "index") for part in parts) or len(parts) >= HEAVY


def sql_of(term: Term) -> Sql:
    """Return an expression as text, with the columns it reads."""
    uses = frozenset(part.word for part in term.walk() if part.op == "column")
    return Sql(text_of(term), uses)
