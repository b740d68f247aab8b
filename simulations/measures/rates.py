"""Shares with their intervals, and figures of three runs side by side."""

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

Z_95 = 1.959963984540054
"""Of a two-sided 95 % interval of the normal distribution."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `of`, with the 95 % interval of Wilson's score; None of nothing.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
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
        return max(0.0, low), min(1.0, high)


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
    """A mean over `of` disputes with the 95 % interval of the normal approximation.

    Attributes:
        value, interval: None of nothing; the interval is None below two.
    """

    value: float | None
    deviation: float | None
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """value -/+ 1.96 s / sqrt(n)."""
        if self.value is None or self.deviation is None:
            return None
        half = Z_95 * self.deviation / math.sqrt(self.of)
        return self.value - half, self.value + half
