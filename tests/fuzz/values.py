"""Changes of values that keep what they are: another number, day, unit, operator, known word."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from tests.fuzz.mutation import Place, copied, places

Kin = Mapping[str, Sequence[str]]
"""Words, each with those that may stand in its place."""

_GROUPS = (
    ("and", "or"),
    ("is", "is not"),
    ("is one of", "is not one of"),
    ("is known", "is none"),
    ("<", "<=", ">", ">=", "=", "!="),
    ("before", "after", "at or before", "at or after"),
    ("calendar days", "business days", "hours", "minutes", "weeks", "months"),
    ("first", "latest"),
    ("min", "max", "first_known"),
    ("yes", "no"),
    ("deny", "refund_full", "escalate", "as requested"),
    ("buyer", "seller"),
    ("down", "up", "half_up", "half_even"),
)
OPERATORS: Kin = {word: group for group in _GROUPS for word in group}
_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d|\d+|is not one of|is one of|is known|is none|is not|at or before|at or after"
    r"|(?:calendar|business) days|as requested|[a-z]\w*|[<>!]=|[<>=]",
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAYS_APART = (-400, -31, -1, 1, 7, 400)


def changed_values(rng: Random, tree: object, kin: Kin) -> object:
    """Return plain data after one to three changes of values; `tree` is changed."""
    for _ in range(rng.randint(1, 3)):
        found = list(places(tree))
        if found:
            rng.choice((_reword, _reword, _reword, _exchange))(rng, found, kin)
    return tree


def _reword(rng: Random, found: Sequence[Place], kin: Kin) -> None:
    for holder, key in rng.sample(found, min(len(found), 20)):
        value = holder[key]  # type: ignore[index]
        if not isinstance(value, dict | list | None):
            changed = reworded(rng, value, kin)
            if changed != value:
                holder[key] = changed  # type: ignore[index]
                return


def _exchange(rng: Random, found: Sequence[Place], kin: Kin) -> None:
    """Let one entry say what another says below the same key."""
    holder, key = rng.choice(found)
    others = [other for other, its in found if its == key and other is not holder]
    if isinstance(key, str) and others:
        holder[key] = copied(rng.choice(others)[key])  # type: ignore[index, call-overload]


def reworded(rng: Random, value: object, kin: Kin) -> object:
    """Return a value with one number, day or word of it replaced; itself where there is none."""
    match value:
        case bool():
            return not value
        case int():
            return _number(rng, value)
        case str():
            found = [(m, _instead(rng, m[0], kin)) for m in _TOKEN.finditer(value)]
            changes = [(match, word) for match, word in found if word != match[0]]
            if not changes:
                return value
            match, word = rng.choice(changes)
            return value[: match.start()] + word + value[match.end() :]
        case _:
            return value


def _instead(rng: Random, word: str, kin: Kin) -> str:
    if _DAY.fullmatch(word):
        return _day(rng, word)
    if word.isdigit():
        return str(_number(rng, int(word)))
    others = [other for other in OPERATORS.get(word) or kin.get(word, ()) if other != word]
    return rng.choice(others or [word])


def _number(rng: Random, number: int) -> int:
    return rng.choice((0, 1, 2, number + 1, max(0, number - 1), number * 10, number // 2))


def _day(rng: Random, day: str) -> str:
    try:
        return str(date.fromisoformat(day) + timedelta(days=rng.choice(_DAYS_APART)))
    except (ValueError, OverflowError):
        return day
