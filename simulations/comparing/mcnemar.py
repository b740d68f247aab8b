"""McNemar's test of a yes-or-no outcome seen twice on the same disputes, and Holm's adjustment.

Q. McNemar, Note on the sampling error of the difference between correlated proportions or
percentages, 1947; the correction for continuity: A. L. Edwards, 1948; S. Holm, A simple
sequentially rejective multiple test procedure, 1979.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

EXACT_UP_TO = 1_000
"""Discordant disputes up to which the p value is counted out; above, chi-square is as good."""


@dataclass(frozen=True, slots=True)
class Table:
    """How often an outcome held under both, under one only, under neither."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def of(self) -> int:
        """How many disputes there are."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def discordant(self) -> int:
        """How many disputes differ: all that the test looks at."""
        return self.only_a + self.only_b

    @property
    def difference(self) -> float | None:
        """Return the share under A less the share under B, -1 to 1; None of no disputes."""
        return (self.only_a - self.only_b) / self.of if self.of else None

    @property
    def odds(self) -> float | None:
        """Return how many disputes hold under A only, to one under B only; None of none."""
        return self.only_a / self.only_b if self.only_b else None

    @property
    def method(self) -> Literal["exact", "chi_square"]:
        """Which form of the test `p` is of."""
        return "exact" if self.discordant <= EXACT_UP_TO else "chi_square"

    @property
    def p(self) -> float:
        """Return the two-sided p value of "both differ equally often"; 1 where none differs."""
        if self.method == "exact":
            return exact(self.only_a, self.only_b)
        return chi_square(self.only_a, self.only_b)


def exact(only_a: int, only_b: int) -> float:
    """Return the p value of a fair coin that falls this unevenly, or more so, on either side."""
    tosses = only_a + only_b
    ways = term = 1
    for heads in range(min(only_a, only_b)):
        term = term * (tosses - heads) // (heads + 1)
        ways += term
    return min(1.0, 2 * ways / (1 << tosses))


def chi_square(only_a: int, only_b: int) -> float:
    """Return the p value by chi-square with one degree of freedom, corrected for continuity.

    Raises:
        ValueError: no dispute differs.
    """
    if not only_a + only_b:
        raise ValueError("no dispute differs. Use the exact test, which gives 1")
    statistic = max(0, abs(only_a - only_b) - 1) ** 2 / (only_a + only_b)
    return math.erfc(math.sqrt(statistic / 2))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for being tested together, in the order given."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, least = dict.fromkeys(order, 0.0), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = least
    return tuple(adjusted[place] for place in range(len(values)))
