"""Values and conditions typed by an author, checked by the language before they are written."""

import re

from reso.errors import InputError
from reso.expressions.check import Checker, Scope, nearest
from reso.expressions.functions import same_kind
from reso.expressions.raw import Flaw
from reso.expressions.tree import Node, Type
from reso.problems.catalogue import render

INDONESIAN = {
    "hari kalender": "calendar days",
    "hari kerja": "business days",
    "jam": "hours",
    "menit": "minutes",
    "minggu": "weeks",
    "bulan": "months",
}
USUAL = "Write it like the values that are there."
_UNIT_WORDS = tuple(sorted({word for unit in INDONESIAN.values() for word in unit.split()}))
_UNEXPECTED = re.compile(r"did not expect `([^`]+)`")
_INDONESIAN = re.compile(rf"(\d+) *({'|'.join(INDONESIAN)})", re.IGNORECASE)


def check_value(scope: Scope, text: str, wanted: Type, where: str) -> Node:
    """Return the typed tree of a value.

    Raises:
        InputError: it is no value, or another kind of value than `wanted`.
    """
    checker = Checker(scope)
    node = checker.expression(text)
    _refuse(checker.flaws, text, where)
    if wanted.kind != "error" and not same_kind(node.type, wanted):
        found, needed = (render(kind.said(), "en") for kind in (node.type, wanted))
        what = f"`{text}` is {found}, where {needed} is needed"
        raise InputError(where, what, USUAL)
    return node


def check_condition(scope: Scope, text: str, where: str) -> None:
    """Raise an InputError unless a text is a condition."""
    checker = Checker(scope)
    checker.condition(text)
    _refuse(checker.flaws, text, where)


def check_key(scope: Scope, text: str, wanted: Type, where: str) -> None:
    """Raise an InputError unless a text is a key of a table: one constant, or several by comma."""
    for word in (part.strip() for part in text.split(",")):
        checker = Checker(scope)
        quoted = f'"{word}"' if wanted.kind in ("enum", "text") else word
        checker.expression(quoted, wanted)
        _refuse(checker.flaws, word, where)


def _refuse(flaws: list[Flaw], text: str, where: str) -> None:
    if not flaws:
        return
    flaw = flaws[0]
    english = _INDONESIAN.sub(lambda m: f"{m[1]} {INDONESIAN[m[2].lower()]}", text)
    if english != text:
        raise InputError(where, f"`{text}` is not in the words of policies", f"Write `{english}`.")
    message = flaw.message().rstrip(".")
    what = message if f"`{text}`" in message or f'"{text}"' in message else f"`{text}`: {message}"
    raise InputError(where, what, flaw.hint() or _hint(message, text))


def _hint(message: str, text: str) -> str:
    """Return what to write instead of a word the language did not expect."""
    match = _UNEXPECTED.search(message)
    if match is None:
        return USUAL
    word = match[1]
    spaced = re.search(rf"\bis (?:not )?([\w-]+(?: [\w-]+)*? {re.escape(word)})\b", text)
    if spaced is not None and not spaced[1][0].isdigit():
        return f'Words with a space between them need quotes: `"{spaced[1]}"`.'
    return nearest(word, _UNIT_WORDS) or USUAL
