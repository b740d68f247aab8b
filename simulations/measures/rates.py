"""Shares with their intervals, and figures of three runs side by side."""

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

Z_95 = 1.959963984540054
"""Of a two-sided 95 % interval of the normal distribution."""

LEAST = 100
"""Disputes from which on a segment or a period is not small."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `of`, with the 95 % interval of Wilson's score; None of nothing.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    Of none the lower end is 0, of all the upper one is 1: exactly, as the formula has it.
    """

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """The share, 0 to 1."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval, 0 to 1."""
        if not self.of:
            return None
        share, square = self.count / self.of, Z_95**2 / self.of
        middle = share + square / 2
        half = Z_95 * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of))
        low, high = ((middle + side * half) / (1 + square) for side in (-1, 1))
        return (
            0.0 if self.count == 0 else max(0.0, low),
            1.0 if self.count == self.of else min(1.0, high),
        )


@dataclass(frozen=True, slots=True)
class Band(Generic[T]):
    """One figure of three runs: with low, middle and high readiness of parties to accept.

    The names are those of the runs. A figure of the low run may be the largest of the three.
    """

    low: T
    middle: T
    high: T


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `of` disputes of what is never negative, with a 95 % interval that is not either.

    The interval is that of the normal approximation to the mean's logarithm (delta method): the
    ends are the mean divided and multiplied by the same factor. Money per dispute is skewed to the
    right, and so is the interval.

    Attributes:
        value: None of nothing. deviation: the sample's, None below two.
    """

    value: float | None
    deviation: float | None
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """value / f and value * f, f = exp(1.96 s / (value sqrt(n))).

        None below two, and where all are 0: how rare the rest is, such a sample does not tell.
        """
        if not self.value or self.deviation is None:
            return None
        factor = math.exp(Z_95 * self.deviation / (self.value * math.sqrt(self.of)))
        return self.value / factor, self.value * factor
