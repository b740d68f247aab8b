"""The logic of SQL expressions made simpler: what is the same for every row is worked out once.

Kleene's logic is kept to the letter, with one freedom: where NULL and FALSE come to the same (the
condition of a CASE or of a filter, what stands in COALESCE(..., FALSE)), one may stand for the
other. A condition is then said to be read as a *test*.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simulations.sql.terms import (
    ARITHMETIC,
    BOOLEAN,
    COMPARISONS,
    FALSE,
    TRUE,
    Term,
    call,
    null,
    number,
)

OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def is_null(term: Term) -> bool:
    """Whether an expression is NULL in every row."""
    return term.op == "null"


def is_constant(term: Term) -> bool:
    """Whether an expression is the same in every row, as written."""
    return term.op in ("literal", "null") or (term.op == "cast" and term.parts[0].op == "literal")


def plain_constant(term: Term) -> Term:
    """Return a constant without the type it is written with."""
    return term.parts[0] if term.op == "cast" and is_constant(term) else term


def is_list(term: Term) -> bool:
    """Whether an expression chooses items of a list, or makes something of each."""
    return term.op == "call" and term.word in ("list_filter", "list_transform", "list_concat")


def is_count(term: Term) -> bool:
    """Whether an expression is how many items a list has, 0 where there is none."""
    if not is_call(term, "coalesce") or len(term.parts) != 2:
        return False
    return is_call(term.parts[0], "len") and plain_constant(term.parts[1]) == number(0)


def is_call(term: Term, name: str) -> bool:
    return term.op == "call" and term.word == name


def is_filter(term: Term) -> bool:
    return is_call(term, "list_filter")


def has_lambda(term: Term) -> bool:
    return any(part.op == "lambda" for part in term.walk())


def branches(case: Term) -> tuple[Term, ...]:
    return (*case.parts[1:-1:2], case.parts[-1])


def alike(one: Term, other: Term) -> bool:
    return one == other or (is_null(one) and is_null(other))


@dataclass
class Logic(ABC):
    """Makes expressions simpler.

    Attributes:
        sure: columns that are never NULL.
        same: what stands for a column: a constant, another column, a choice of a list's items.
        domains: the constants of which a column is always one.
        present: items that are only looked at where there is one.
    """

    sure: set[str] = field(default_factory=set)
    same: dict[str, Term] = field(default_factory=dict)
    domains: dict[str, frozenset[Term]] = field(default_factory=dict)
    present: set[Term] = field(default_factory=set)
    _folded: dict[tuple[Term, bool], Term] = field(default_factory=dict)

    def fold(self, term: Term, test: bool = False) -> Term:
        """Return an expression that yields the same; read as a `test`, NULL may become FALSE."""
        found = self._folded.get((term, test))
        if found is None:
            found = self._folded[term, test] = self._fold(term, test)
        return found

    def is_sure(self, term: Term) -> bool:
        """Whether an expression is never NULL."""
        parts = term.parts
        if term in self.present:
            return True
        match term.op:
            case "literal" | "is null" | "struct" | "list":
                return True
            case "column":
                return term.word in self.sure
            case "case":
                return all(map(self.is_sure, (*parts[1::2], parts[-1])))
            case "call" if term.word in ("coalesce", "greatest", "least"):
                return any(map(self.is_sure, parts))
            case "call" if term.word in ("list_filter", "list_transform"):
                return self.is_sure(parts[0])
            case "call":
                return term.word == "hash" or (
                    term.word in ("len", "list_contains") and all(map(self.is_sure, parts))
                )
            case "and" | "or" | "not" | "cast" | "in" | "between":
                return all(map(self.is_sure, parts))
            case op:
                whole = op in COMPARISONS or op in ARITHMETIC - {"//", "%"}
                return whole and all(map(self.is_sure, parts))

    def domain(self, term: Term) -> frozenset[Term] | None:
        """Return the constants of which an expression is always one, None where not known."""
        if is_constant(term):
            return frozenset([plain_constant(term)])
        if term.op == "column":
            return self.domains.get(term.word)
        if term.op != "case":
            return None
        found = [self.domain(part) for part in branches(term)]
        return frozenset[Term]().union(*filter(None, found)) if None not in found else None

    def is_spread(self, record: Term) -> bool:
        """Whether a record is written field by field, whatever the case."""
        if record.op == "case":
            return all(map(self.is_spread, branches(record)))
        return record.op in ("struct", "null") or record in self.present

    def _may_be(self, term: Term, values: Iterable[Term]) -> list[Term]:
        """Return those of some constants that an expression may be."""
        domain = self.domain(term)
        return [v for v in values if domain is None or plain_constant(v) in domain]

    def forget(self) -> None:
        """Forget what was folded with less known of the columns."""
        self._folded.clear()

    # -- by what it does ---------------------------------------------------------------------

    def _fold(self, term: Term, test: bool) -> Term:
        op = term.op
        if op == "column":
            found = self.same.get(term.word, term)
            return FALSE if test and is_null(found) else found
        if not term.parts:
            return FALSE if test and is_null(term) else term
        if op in ("and", "or"):
            return self._joined(term, test)
        if op == "case":
            return self._case(term, test)
        if op == "call" and term.word == "coalesce":
            return self._coalesced(term, test)
        if op == "call" and term.word in ("list_filter", "list_contains"):
            return self._of_list(term, test)
        parts = tuple(map(self.fold, term.parts))
        made = self._plain(Term(op, term.word, parts))
        return FALSE if test and is_null(made) else made

    def _plain(self, term: Term) -> Term:
        """Make an expression of simple parts simpler."""
        op, parts = term.op, term.parts
        match op:
            case "not":
                return self._not(term)
            case "is null":
                return self._null_test(term)
            case "cast" | "try_cast":
                return null(term.word) if is_null(parts[0]) else term
            case "member":
                return self._member(term)
            case "index":
                return self._index(term)
            case "in":
                return self._in(term)
            case "between":
                return null(BOOLEAN) if is_null(parts[0]) else term
            case "call":
                return self._call(term)
            case _ if op in COMPARISONS:
                return self._compared(term)
            case _ if op in ARITHMETIC and any(map(is_null, parts)):
                return null("VARCHAR" if op == "||" else "BIGINT")
            case _:
                return term

    # -- logic -------------------------------------------------------------------------------

    def _joined(self, term: Term, test: bool) -> Term:
        """Fold a chain of AND or OR."""
        neutral, decides = (TRUE, FALSE) if term.op == "and" else (FALSE, TRUE)
        found: dict[Term, None] = {}
        for part in term.parts:
            folded = self.fold(part, test)
            chain = folded.parts if folded.op == term.op else (folded,)
            found.update(dict.fromkeys(null(BOOLEAN) if is_null(p) else p for p in chain))
        if decides in found:
            return decides
        found.pop(neutral, None)
        if any(self._both_ways(part, found, test and term.op == "and") for part in found):
            return decides
        if len(found) > 1:
            return Term(term.op, "", tuple(found))
        return next(iter(found), neutral)

    def _both_ways(self, part: Term, found: Mapping[Term, None], test: bool) -> bool:
        """Whether a part says the opposite of another one."""
        if part.op != "not" or part.parts[0] not in found:
            return False
        return test or self.is_sure(part)

    def _not(self, term: Term) -> Term:
        part = term.parts[0]
        if is_null(part):
            return null(BOOLEAN)
        if part in (TRUE, FALSE):
            return FALSE if part == TRUE else TRUE
        if part.op == "not":
            return part.parts[0]
        if part.op in OPPOSITE:
            return Term(OPPOSITE[part.op], "", part.parts)
        return term

    def _null_test(self, term: Term) -> Term:
        part = term.parts[0]
        if is_null(part):
            return TRUE
        if self.is_sure(part):
            return FALSE
        if part.op == "case" and all(is_null(p) or self.is_sure(p) for p in branches(part)):
            flags = [TRUE if is_null(p) else FALSE for p in part.parts]
            parts = tuple(f if n % 2 or n == len(flags) - 1 else part.parts[n]
                          for n, f in enumerate(flags))  # fmt: skip
            return self.fold(Term("case", "", parts))
        return term

    def _compared(self, term: Term) -> Term:
        left, right = term.parts
        if is_null(left) or is_null(right):
            return null(BOOLEAN)
        if is_constant(left) and is_constant(right):
            return self._constants_compared(term)
        if is_count(left) and (some := self._any_counted(left)) is not None:
            asked = term.op, plain_constant(right).word
            if asked in ((">=", "1"), (">", "0"), ("<>", "0")):
                return some
            if asked in (("=", "0"), ("<", "1"), ("<=", "0")):
                return self._not(Term("not", "", (some,)))
        if is_constant(right) and term.op in ("=", "<>") and self.is_sure(left):
            return term if self._may_be(left, [right]) else (FALSE if term.op == "=" else TRUE)
        return term

    def _constants_compared(self, term: Term) -> Term:
        words = [plain_constant(part).word for part in term.parts]
        if all(word.lstrip("-").isdigit() for word in words):
            left, right = map(int, words)
            holds = {
                "=": left == right, "<>": left != right, "<": left < right, "<=": left <= right,
                ">": left > right, ">=": left >= right,
            }[term.op]  # fmt: skip
            return TRUE if holds else FALSE
        if term.op in ("=", "<>") and all(word.startswith("'") for word in words):
            return TRUE if (words[0] == words[1]) == (term.op == "=") else FALSE
        return term

    def _in(self, term: Term) -> Term:
        subject, options = term.parts[0], term.parts[1:]
        if is_null(subject):
            return null(BOOLEAN)
        if subject.op == "literal" and all(part.op == "literal" for part in options):
            return TRUE if subject in options else FALSE
        if self.is_sure(subject) and all(map(is_constant, options)):
            options = tuple(self._may_be(subject, options))
        if not options:
            return FALSE
        if len(options) == 1:
            return Term("=", "", (subject, options[0]))
        return Term("in", "", (subject, *options))

    def _coalesced(self, term: Term, test: bool) -> Term:
        if len(term.parts) == 2 and term.parts[1] == FALSE:
            first = self.fold(term.parts[0], test=True)
            return first if test or self.is_sure(first) else call("coalesce", first, FALSE)
        if is_count(term):
            return self._counted(term)
        found: list[Term] = []
        for given in term.parts:
            folded = self.fold(given)
            chain = folded.parts if folded.op == "call" and folded.word == "coalesce" else (folded,)
            for part in chain:
                if not is_null(part) and part not in found:
                    found.append(part)
                if self.is_sure(part):
                    return found[0] if len(found) == 1 else call("coalesce", *found)
        if not found:
            return self.fold(term.parts[-1])
        return found[0] if len(found) == 1 else call("coalesce", *found)

    def _case(self, term: Term, test: bool) -> Term:
        whens: list[tuple[Term, Term]] = []
        otherwise: Term | None = None
        for when, then in zip(term.parts[:-1:2], term.parts[1::2], strict=True):
            condition = self.fold(when, test=True)
            if condition == FALSE:
                continue
            if condition == TRUE:
                otherwise = self.fold(then, test)
                break
            value = self.fold(then, test)
            if value.op == "case" and value.parts[0] == condition:
                value = value.parts[1]
            whens.append((condition, value))
        if otherwise is None:
            otherwise = self.fold(term.parts[-1], test)
        if otherwise.op == "case" and any(otherwise.parts[0] == when for when, _ in whens):
            rest = otherwise.parts[2:]
            otherwise = rest[0] if len(rest) == 1 else Term("case", "", rest)
        if is_null(otherwise) and not otherwise.word:
            kinds = (self.fold(then).word for then in term.parts[1::2] if is_null(self.fold(then)))
            otherwise = null(next(filter(None, kinds), ""))
        while whens and alike(whens[-1][1], otherwise):
            whens.pop()
        if not whens:
            return otherwise
        if len(whens) == 1 and (made := self._logical(*whens[0], otherwise, test)) is not None:
            return made
        return Term("case", "", (*(part for pair in whens for part in pair), otherwise))

    def _logical(self, when: Term, then: Term, otherwise: Term, test: bool) -> Term | None:
        """Return a CASE of truth values as logic, where that is one."""
        if test and otherwise == FALSE:
            return self.fold(Term("and", "", (when, then)), test)
        certain = when if self.is_sure(when) else call("coalesce", when, FALSE)
        if (then, otherwise) == (TRUE, FALSE):
            return certain
        if (then, otherwise) == (FALSE, TRUE):
            return self._not(Term("not", "", (certain,)))
        return None

    # -- what is no logic --------------------------------------------------------------------

    @abstractmethod
    def _call(self, term: Term) -> Term:
        """Make a function of simple parts simpler."""

    @abstractmethod
    def _member(self, term: Term) -> Term:
        """Make a field of a record simpler."""

    @abstractmethod
    def _index(self, term: Term) -> Term:
        """Make an item of a list simpler."""

    @abstractmethod
    def _of_list(self, term: Term, test: bool) -> Term:
        """Fold a pass through a list."""

    @abstractmethod
    def _counted(self, term: Term) -> Term:
        """Fold how many items a list has, 0 where there is none."""

    @abstractmethod
    def _any_counted(self, count: Term) -> Term | None:
        """Return whether a number of items is above 0, where that is told beforehand."""
