"""What is said of a problem in no language yet: a code, and the values it speaks of."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Union

Value = Union[str, int, "Said", tuple["Value", ...]]
"""A name as written, a number, another text of the catalogue, or a list of these."""


MAX_NAME = 80
"""Characters of a name above which none is near to it."""

MAX_KNOWN = 2_000
"""Known names that are looked at for the nearest one."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the catalogue (`code`) and what stands in its placeholders."""

    code: str
    values: tuple[tuple[str, Value], ...] = ()


def said(code: str, /, **values: Value) -> Said:
    """Return the text `code` of the catalogue with these values in its placeholders."""
    return Said(code, tuple(sorted(values.items())))


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `name`, None when none is near."""
    if len(name) > MAX_NAME:
        return None
    found = difflib.get_close_matches(name, list(islice(known, MAX_KNOWN)), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> Said | None:
    """Return "Did you mean ...?" for the nearest known name, None when none is near."""
    near = closest(name, known)
    return None if near is None else said("did-you-mean", name=near)


def known_names(known: Iterable[str]) -> Said:
    """Return "Known: ..." for all the names there are."""
    return said("known-names", names=tuple(known))


def nearest_or_known(name: str, known: Collection[str]) -> Said:
    """Return "Did you mean ...?", or where no name is near, all the names there are."""
    return did_you_mean(name, known) or known_names(known)


def all_of(values: Iterable[Value]) -> Value:
    """Return the values joined by "and"; there is at least one."""
    first, *rest = values
    for value in rest:
        first = said("and", one=first, other=value)
    return first
