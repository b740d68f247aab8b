"""The fall of claims by their age: a geometric law fitted to the days of a window."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from simulations.measures.rates import Z_95

STEPS = 200
STEEPEST = 20.0
"""A day's claims are at most e^20 times another's; beyond, the fit is of one day alone."""


@dataclass(frozen=True, slots=True)
class Decay:
    """Claims of day d are proportional to e^(slope d), for days from `first` before `end`.

    The most likely slope, of a geometric law cut off at both ends: its mean age is the mean age
    found. `error` is the standard error, 1 / sqrt(claims * variance of the age under the law).
    """

    first: int
    end: int
    claims: int
    slope: float
    error: float

    @classmethod
    def fitted(cls, by_day: Mapping[int, int], first: int, end: int) -> "Decay | None":
        """Return the fit to the claims of these days; None if they all came on one day."""
        days = range(first, end)
        claims = sum(by_day.get(day, 0) for day in days)
        if not claims or sum(by_day.get(day, 0) > 0 for day in days) < 2:
            return None
        mean = sum(by_day.get(day, 0) * (day - first) for day in days) / claims
        low, high = -STEEPEST, STEEPEST
        for _ in range(STEPS):
            slope = (low + high) / 2
            if _moments(slope, end - first)[0] < mean:
                low = slope
            else:
                high = slope
        variance = _moments(slope, end - first)[1]
        return cls(first, end, claims, slope, 1 / math.sqrt(claims * variance))

    def beyond(self, end: int, slope: float | None = None, claims: float | None = None) -> float:
        """Return how many claims the law lets expect from its own end up to day `end`.

        Args:
            slope, claims: others than those fitted, for the ends of a band.
        """
        slope = self.slope if slope is None else slope
        claims = self.claims if claims is None else claims
        inside = sum(_weights(slope, 0, self.end - self.first))
        outside = sum(_weights(slope, self.end - self.first, end - self.first))
        return claims * outside / inside

    @property
    def steeper(self) -> float:
        """The lower end of the slope's 95 % interval."""
        return self.slope - Z_95 * self.error

    @property
    def falls(self) -> bool:
        """Whether the whole 95 % interval of the slope lies below nought."""
        return self.slope + Z_95 * self.error < 0


def at_most(found: int, trials: int, share: float) -> float:
    """Return the chance that at most `found` of `trials` hit, each with chance `share`."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(found >= trials)
    logs = math.log(share), math.log1p(-share)
    return min(1.0, sum(math.exp(_log_term(hit, trials, logs)) for hit in range(found + 1)))


def _log_term(hit: int, trials: int, logs: tuple[float, float]) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(hit + 1) - math.lgamma(trials - hit + 1)
    return ways + hit * logs[0] + (trials - hit) * logs[1]


def _weights(slope: float, first: int, end: int) -> list[float]:
    return [math.exp(slope * day) for day in range(first, end)]


def _moments(slope: float, days: int) -> tuple[float, float]:
    """Return the mean and the variance of the day under the law."""
    top = slope * (days - 1) if slope > 0 else 0.0
    weights = [math.exp(slope * day - top) for day in range(days)]
    whole = sum(weights)
    mean = sum(day * weight for day, weight in enumerate(weights)) / whole
    return mean, sum((day - mean) ** 2 * weight for day, weight in enumerate(weights)) / whole
