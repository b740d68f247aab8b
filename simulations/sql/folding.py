"""SQL expressions made simpler: functions, records and lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulations.sql.arrivals import Arrivals
from simulations.sql.logic import (
    Logic,
    branches,
    has_lambda,
    is_call,
    is_constant,
    is_filter,
    is_null,
)
from simulations.sql.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Term,
    call,
    null,
    number,
    with_variable,
)

OF_NULL: Mapping[str, str] = {
    "try": "", "len": "BIGINT", "list_sort": "", "list_distinct": "", "list_filter": "",
    "list_transform": "", "list_contains": BOOLEAN, "list_sum": "HUGEINT", "list_min": "",
    "array_to_string": "VARCHAR", "list_aggregate": "VARCHAR", "range": "",
}  # fmt: skip
"""Functions that make NULL of a NULL that stands first, and the type of it."""


@dataclass
class Folder(Logic):
    """Makes expressions simpler.

    Attributes:
        arrivals: what is told of lists beforehand.
    """

    arrivals: Arrivals | None = None

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
        if name == "list_transform" and is_call(parts[0], "list_transform"):
            inner, outer = parts[0].parts[1], parts[1]
            if "," not in inner.word + outer.word and not has_lambda(outer.parts[0]):
                body = self.fold(with_variable(outer.parts[0], outer.word, inner.parts[0]))
                return call(name, parts[0].parts[0], Term("lambda", inner.word, (body,)))
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
        if record.op == "case" and self.is_spread(record):
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
        if items.op == "call" and items.word == "list_filter" and self.arrivals is not None:
            found = self.arrivals.item(items, place)
            if found is not None:
                found = self.fold(found)
                self.present |= {part for part in branches(found) if not is_null(part)}
                return found
        if items.op == "call" and items.word == "list_concat" and place.word in ("1", "-1"):
            return self._first_of(items.parts if place.word == "1" else items.parts[::-1], place)
        if items.op == "call" and items.word == "list_transform":
            made = items.parts[1]
            if "," not in made.word and made.parts[0].op in ("struct", "member"):
                item = self.fold(Term("index", "", (items.parts[0], place)))
                value = with_variable(made.parts[0], made.word, item)
                if value.op == "member":
                    return self.fold(value)
                return self._where_known(item, value)
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
            if "," not in body.word:
                kept = self._filtered(items.parts[0], Term("lambda", body.word, (tested,)))
                if (found := self._any(kept)) is not None:
                    return found
            mapped = call("list_transform", items.parts[0], Term("lambda", body.word, (tested,)))
            return call("list_contains", mapped, TRUE)
        if items == Term("list"):
            return FALSE
        return call("list_contains", items, self.fold(term.parts[1]))

    def _any(self, kept: Term) -> Term | None:
        """Return whether any item is chosen of a list, where that is told beforehand."""
        if self.arrivals is None or not is_filter(kept):
            return None
        if self.arrivals.item(kept, number(1)) is None:
            return None
        item = self.fold(Term("index", "", (kept, number(1))))
        return self._plain(Term("not", "", (self._null_test(Term("is null", "", (item,))),)))

    def _any_counted(self, count: Term) -> Term | None:
        return self._any(count.parts[0].parts[0])

    def _filtered(self, items: Term, holds: Term) -> Term:
        body = self.fold(holds.parts[0], test=True)
        if body == TRUE:
            return items
        if items.op == "list" and body == _known(holds.word):
            kept = tuple(part for part in items.parts if not is_null(part))
            items = Term("list", "", kept)
        if items == Term("list") or (body == FALSE and self.is_sure(items)):
            return Term("list")
        if items.op == "call" and items.word == "list_concat":
            parts = (self._filtered(part, holds) for part in items.parts)
            return self._call(call("list_concat", *parts))
        if items.op == "call" and items.word in ("list_filter", "list_transform"):
            inner = items.parts[1]
            single = "," not in inner.word and "," not in holds.word
            if single and not has_lambda(body):
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

    def _counted(self, term: Term) -> Term:
        """Fold how many items a list has, 0 where there is none."""
        first, none = term.parts
        items = self.fold(first.parts[0])
        if items == Term("list") or (is_filter(items) and items.parts[1].parts[0] == FALSE):
            return none
        counted = self._plain(call("len", items))
        return none if is_null(counted) else call("coalesce", counted, none)


def _known(variable: str) -> Term:
    return Term("not", "", (Term("is null", "", (Term("variable", variable),)),))


def _only_one(items: Term) -> Term | None:
    """Return what a list holds that has this one item where it is known, else none."""
    if items.op == "call" and items.word == "list_filter" and items.parts[0].op == "list":
        inner, holds = items.parts
        if len(inner.parts) == 1 and holds.parts[0] == _known(holds.word):
            return inner.parts[0]
    return None


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
