"""SQL expressions made simpler: what is the same for every row is worked out beforehand.

Kleene's logic is kept to the letter, with one freedom: where NULL and FALSE come to the same (the
condition of a CASE or of a filter, what stands in COALESCE(..., FALSE)), one may stand for the
other. A condition is then said to be read as a *test*.
"""

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
OF_NULL: Mapping[str, str] = {
    "try": "", "len": "BIGINT", "list_sort": "", "list_distinct": "", "list_filter": "",
    "list_transform": "", "list_contains": BOOLEAN, "list_sum": "HUGEINT", "list_min": "",
    "array_to_string": "VARCHAR", "list_aggregate": "VARCHAR", "range": "",
}  # fmt: skip
"""Functions that make NULL of a NULL that stands first, and the type of it."""


def is_null(term: Term) -> bool:
    """Whether an expression is NULL in every row."""
    return term.op == "null"


def is_constant(term: Term) -> bool:
    """Whether an expression is the same in every row, as written."""
    return term.op in ("literal", "null") or (term.op == "cast" and term.parts[0].op == "literal")


def _plain_constant(term: Term) -> Term:
    """Return a constant without the type it is written with."""
    return term.parts[0] if term.op == "cast" and is_constant(term) else term


def is_list(term: Term) -> bool:
    """Whether an expression chooses items of a list, or makes something of each."""
    return term.op == "call" and term.word in ("list_filter", "list_transform", "list_concat")


def with_variable(term: Term, name: str, value: Term) -> Term:
    """Return an expression in which a value stands for a lambda's variable."""
    if term.op == "variable":
        return value if term.word == name else term
    if not term.parts or (term.op == "lambda" and name in term.word.split(", ")):
        return term
    parts = tuple(with_variable(part, name, value) for part in term.parts)
    return Term(term.op, term.word, parts)


@dataclass
class Folder:
    """Makes expressions simpler.

    Attributes:
        sure: columns that are never NULL.
        same: what stands for a column: a constant, another column, a choice of a list's items.
        domains: the constants of which a column is always one.
    """

    sure: set[str] = field(default_factory=set)
    same: dict[str, Term] = field(default_factory=dict)
    domains: dict[str, frozenset[Term]] = field(default_factory=dict)
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
            return frozenset([_plain_constant(term)])
        if term.op == "column":
            return self.domains.get(term.word)
        if term.op != "case":
            return None
        found = [self.domain(part) for part in _branches(term)]
        return frozenset[Term]().union(*filter(None, found)) if None not in found else None

    def _may_be(self, term: Term, values: Iterable[Term]) -> list[Term]:
        """Return those of some constants that an expression may be."""
        domain = self.domain(term)
        return [v for v in values if domain is None or _plain_constant(v) in domain]

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
        if len(found) > 1:
            return Term(term.op, "", tuple(found))
        return next(iter(found), neutral)

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
        if part.op == "case" and all(is_null(p) or self.is_sure(p) for p in _branches(part)):
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
        if is_constant(right) and term.op in ("=", "<>") and self.is_sure(left):
            return term if self._may_be(left, [right]) else (FALSE if term.op == "=" else TRUE)
        return term

    def _constants_compared(self, term: Term) -> Term:
        words = [_plain_constant(part).word for part in term.parts]
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
            whens.append((condition, self.fold(then, test)))
        if otherwise is None:
            otherwise = self.fold(term.parts[-1], test)
        if is_null(otherwise) and not otherwise.word:
            kinds = (self.fold(then).word for then in term.parts[1::2] if is_null(self.fold(then)))
            otherwise = null(next(filter(None, kinds), ""))
        while whens and _alike(whens[-1][1], otherwise):
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

    # -- functions ---------------------------------------------------------------------------

    def _call(self, term: Term) -> Term:
        name, parts = term.word, term.parts
        if name in ("least", "greatest"):
            kept = tuple(dict.fromkeys(part for part in parts if not is_null(part)))
            if len(kept) < 2:
                return kept[0] if kept else parts[0]
            return Term("call", name, kept)
        if name == "nullif":
            if parts[0] in (TRUE, FALSE) and parts[1] == FALSE:
                return TRUE if parts[0] == TRUE else null(BOOLEAN)
            return parts[0] if is_null(parts[0]) else term
        if name == "hash":
            kept = tuple(dict.fromkeys(part for part in parts if not is_constant(part)))
            return Term("call", name, (*parts[:1], *kept) if parts[0] not in kept else kept)
        if name == "list_concat":
            kept = tuple(part for part in parts if part != Term("list") and not is_null(part))
            if len(kept) < 2:
                return kept[0] if kept else parts[0]
            return Term("call", name, kept)
        if name in OF_NULL and is_null(parts[0]):
            return null(OF_NULL[name] or parts[0].word)
        if name == "try" and parts[0].op in ("literal", "column"):
            return parts[0]
        if name == "len" and parts[0].op == "list":
            return number(len(parts[0].parts))
        if name == "list_transform" and parts[0] == Term("list"):
            return parts[0]
        if name == "list_sort" and _only_one(parts[0]) is not None:
            return parts[0]
        return term

    # -- records and lists ---------------------------------------------------------------------

    def _member(self, term: Term) -> Term:
        record = term.parts[0]
        if is_null(record):
            return null(_field_type(record.word, term.word))
        if record.op == "struct":
            return record.parts[record.word.split(",").index(term.word)]
        if record.op == "case" and _is_spread(record):
            last = len(record.parts) - 1
            parts = (
                Term("member", term.word, (part,)) if n % 2 or n == last else part
                for n, part in enumerate(record.parts)
            )
            return self.fold(Term("case", "", tuple(parts)))
        return term

    def _index(self, term: Term) -> Term:
        items, place = term.parts
        if is_null(items) or items == Term("list"):
            return null(items.word.removesuffix("[]"))
        if (only := _only_one(items)) is not None and place.op == "literal":
            return only if place.word in ("1", "-1") else null()
        if items.op == "list" and place.op == "literal":
            position = int(place.word)
            return items.parts[position - 1] if 1 <= position <= len(items.parts) else null()
        if items.op == "call" and items.word == "list_filter" and items.parts[1].parts[0] == FALSE:
            return null()
        if items.op == "call" and items.word == "list_concat" and place.word in ("1", "-1"):
            return self._first_of(items.parts if place.word == "1" else items.parts[::-1], place)
        if items.op == "call" and items.word == "list_transform":
            made = items.parts[1]
            if "," not in made.word and made.parts[0].op == "struct":
                item = self.fold(Term("index", "", (items.parts[0], place)))
                return self._where_known(item, with_variable(made.parts[0], made.word, item))
        return term

    def _first_of(self, lists: Iterable[Term], place: Term) -> Term:
        """Return the item at an end of lists that stand one behind the other."""
        found = null()
        for items in reversed(list(lists)):
            item = self.fold(Term("index", "", (items, place)))
            found = self._where_known(item, item, found)
        return found

    def _where_known(self, item: Term, made: Term, otherwise: Term | None = None) -> Term:
        there = Term("not", "", (Term("is null", "", (item,)),))
        return self.fold(Term("case", "", (there, made, otherwise or null())))

    def _of_list(self, term: Term, test: bool) -> Term:
        items = self.fold(term.parts[0])
        if is_null(items):
            return FALSE if test else null(OF_NULL[term.word] or items.word)
        if term.word == "list_filter":
            return self._filtered(items, term.parts[1])
        if term.parts[1] == TRUE and items.op == "call" and items.word == "list_transform":
            body = items.parts[1]
            tested = self.fold(body.parts[0], test=True)
            if tested == FALSE and (test or self.is_sure(items)):
                return FALSE
            mapped = call("list_transform", items.parts[0], Term("lambda", body.word, (tested,)))
            return call("list_contains", mapped, TRUE)
        if items == Term("list"):
            return FALSE
        return call("list_contains", items, self.fold(term.parts[1]))

    def _filtered(self, items: Term, holds: Term) -> Term:
        body = self.fold(holds.parts[0], test=True)
        if body == TRUE:
            return items
        if items.op == "list" and body == _known(holds.word):
            kept = tuple(part for part in items.parts if not is_null(part))
            items = Term("list", "", kept)
        if items == Term("list") or (body == FALSE and self.is_sure(items)):
            return Term("list")
        if items.op == "call" and items.word in ("list_filter", "list_transform"):
            inner = items.parts[1]
            single = "," not in inner.word and "," not in holds.word
            if single and not any(part.op == "lambda" for part in body.walk()):
                return self._fused(items, inner, holds.word, body)
        return call("list_filter", items, Term("lambda", holds.word, (body,)))

    def _fused(self, items: Term, inner: Term, name: str, body: Term) -> Term:
        """Return a filter of what is filtered, or made of items, as one pass."""
        of = Term("variable", inner.word)
        made = of if items.word == "list_filter" else inner.parts[0]
        test = with_variable(body, name, made)
        if items.word == "list_filter":
            both = Term("and", "", (inner.parts[0], test))
            return self._filtered(items.parts[0], Term("lambda", inner.word, (both,)))
        kept = self._filtered(items.parts[0], Term("lambda", inner.word, (test,)))
        return self.fold(call("list_transform", kept, inner))


def _known(variable: str) -> Term:
    return Term("not", "", (Term("is null", "", (Term("variable", variable),)),))


def _only_one(items: Term) -> Term | None:
    """Return what a list holds that has this one item where it is known, else none."""
    if items.op == "call" and items.word == "list_filter" and items.parts[0].op == "list":
        inner, holds = items.parts
        if len(inner.parts) == 1 and holds.parts[0] == _known(holds.word):
            return inner.parts[0]
    return None


def _is_spread(record: Term) -> bool:
    """Whether a record is written field by field, whatever the case."""
    if record.op == "case":
        return all(map(_is_spread, _branches(record)))
    return record.op in ("struct", "null")


def _branches(case: Term) -> tuple[Term, ...]:
    return (*case.parts[1:-1:2], case.parts[-1])


def _alike(one: Term, other: Term) -> bool:
    return one == other or (is_null(one) and is_null(other))


def _field_type(record: str, name: str) -> str:
    """Return the type of a field of a record type, as it is written there."""
    inner = record.removeprefix("STRUCT(").removesuffix(")")
    depth, part = 0, ""
    for letter in f"{inner},":
        if letter == "," and not depth:
            if part.strip().startswith(f'"{name}" '):
                return part.strip().partition(" ")[2]
            part = ""
            continue
        depth += (letter == "(") - (letter == ")")
        part += letter
    return ""
