"""What the operators and functions of the language take, and what they yield."""

from collections.abc import Callable, Mapping

from reso.expressions.tree import (
    BOOLEAN,
    INSTANT,
    INTEGER,
    MONEY,
    RATE,
    TIME,
    Node,
    Type,
)
from reso.problems.said import Said, said

ORDERED = {"integer", "money", "rate", "instant", "date", "time"}


def same_kind(left: Type, right: Type) -> bool:
    """Whether two types may be compared; words and enumerations may."""
    texts = {"enum", "text"}
    return left.kind == right.kind or (left.kind in texts and right.kind in texts)


RESULTS: Mapping[tuple[str, str, str], Type] = {
    ("+", "integer", "integer"): INTEGER,
    ("-", "integer", "integer"): INTEGER,
    ("*", "integer", "integer"): INTEGER,
    ("+", "money", "money"): MONEY,
    ("-", "money", "money"): MONEY,
    ("*", "money", "integer"): MONEY,
    ("*", "integer", "money"): MONEY,
    ("*", "money", "rate"): MONEY,
    ("*", "rate", "money"): MONEY,
    ("+", "rate", "rate"): RATE,
    ("-", "rate", "rate"): RATE,
    ("+", "instant", "duration"): INSTANT,
}


def _extreme(args: list[Node]) -> Type | None:
    if len(args) < 2 or len({arg.type.kind for arg in args}) > 1:
        return None
    if args[0].type.kind not in ORDERED:
        return None
    return args[0].type.optional(all(arg.type.nullable for arg in args))


def _first_known(args: list[Node]) -> Type | None:
    if not args or any(not same_kind(args[0].type, arg.type) for arg in args):
        return None
    return args[0].type.optional(all(arg.type.nullable for arg in args))


def _of_instant(result: Type) -> Callable[[list[Node]], Type | None]:
    def check(args: list[Node]) -> Type | None:
        if len(args) != 1 or args[0].type.kind != "instant":
            return None
        return result.optional(args[0].type.nullable and result != BOOLEAN)

    return check


def _between(args: list[Node]) -> Type | None:
    if len(args) != 2 or any(arg.type.kind != "instant" for arg in args):
        return None
    return INTEGER.optional(any(arg.type.nullable for arg in args))


def _portion(args: list[Node]) -> Type | None:
    kinds = [arg.type.kind for arg in args]
    if len(args) != 3 or kinds[0] not in ("money", "integer") or kinds[1] != kinds[2]:
        return None
    if kinds[1] not in ("money", "integer"):
        return None
    return args[0].type.optional()


FUNCTIONS: Mapping[str, Callable[[list[Node]], Type | None]] = {
    "min": _extreme,
    "max": _extreme,
    "first_known": _first_known,
    "time_of": _of_instant(TIME),
    "end_of_day": _of_instant(INSTANT),
    "is_business_day": _of_instant(BOOLEAN),
    "hours_between": _between,
    "days_between": _between,
    "portion": _portion,
}


def how_to_write(name: str) -> Said:
    """Return how a function of the language is written."""
    return said(f"write-{name.replace('_', '-')}")
