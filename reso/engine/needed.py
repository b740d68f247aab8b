"""The needed set: the fewest questions whose answers settle a matter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Variable:
    """Something open. It becomes known when all its owners (questions, sources) are answered."""

    name: str
    owners: frozenset[str]
    size: int


def needed_set(
    variables: Sequence[Variable],
    results: Mapping[tuple[int, ...], Result],
    cost: Callable[[tuple[str, ...]], tuple[int, int]],
) -> tuple[str, ...]:
    """Return the smallest set of owners such that completions agreeing on them agree.

    Args:
        variables: what is open, in the order of the completions' values.
        results: what each completion (a value index per variable) comes to.
        cost: new asks and parties of a set; the tie-break before the names.
    """
    owners = sorted({owner for variable in variables for owner in variable.owners})
    for size in range(len(owners) + 1):
        fitting = [
            chosen
            for chosen in combinations(owners, size)
            if _settles(variables, results, frozenset(chosen))
        ]
        if fitting:
            return min(fitting, key=lambda chosen: (*cost(chosen), chosen))
    return tuple(owners)


def _settles(
    variables: Sequence[Variable],
    results: Mapping[tuple[int, ...], Result],
    chosen: frozenset[str],
) -> bool:
    fixed = [index for index, variable in enumerate(variables) if variable.owners <= chosen]
    seen: dict[tuple[int, ...], Result] = {}
    for completion, result in results.items():
        key = tuple(completion[index] for index in fixed)
        if seen.setdefault(key, result) != result:
            return False
    return True
