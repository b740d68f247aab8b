"""Claims the old policy's window kept away: where the curve of claim ages breaks off, and what a
wider window would bring.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reso.errors import InputError
from reso.expressions.tree import Lit
from reso.facts.problems import did_you_mean
from reso.model.time import Duration
from reso.policy.model import Policy
from simulations.measures.ages import Ages, claim_ages, curves, days_counted
from simulations.measures.decay import Decay, at_most
from simulations.measures.parameters import read_parameters
from simulations.measures.rates import Z_95, Band
from simulations.measures.tables import ResultsTable
from simulations.measures.windows import ALL, About, days_of

DEFAULT = Path(__file__).with_name("censoring.yaml")

Verdict = Literal["not_wider", "priced", "unknowable"]


class Looking(BaseModel):
    """The assumptions of `censoring.yaml`; see there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compared_days: int = Field(ge=1)
    drops_to: float = Field(gt=0, lt=1)
    doubt: float = Field(gt=0, lt=1)
    later_share: float = Field(ge=0, lt=1)
    fitted_days: int = Field(ge=2)
    least_claims: int = Field(ge=1)
    least_known: float = Field(ge=0, le=1)

    @classmethod
    def read(cls, file: Path = DEFAULT) -> "Looking":
        """Return the assumptions of a file.

        Raises:
            InputError: it cannot be read, or says something else.
        """
        return read_parameters(file, cls)


@dataclass(frozen=True, slots=True)
class Cliff:
    """Day on which claims break off: ages below it are many, from it on (almost) none.

    Attributes:
        before, after: claims in as many days before and after.
        expected: after it, had the fall before it gone on.
        chance: of so few, had it gone on.
    """

    day: int
    before: int
    after: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True)
class Aged:
    """A curve of claim ages, and the day from which claims are missing; None: on no day."""

    ages: Ages
    cliff: Cliff | None


@dataclass(frozen=True, slots=True)
class Widening:
    """What a window of `window_days` would bring that this history does not hold.

    Attributes:
        verdict: `not_wider`: no wider than what the history shows; `priced`; or `unknowable`,
            which is not zero. Where claims end on no day that shows, it is unknowable.
        because: why, in a sentence.
        shown_days: up to which age the history holds claims; None without a cliff.
        claims: more claims over the span of the history. Low: the fall goes on at the steep end of
            its interval. Middle: as fitted. High: no fall at all beyond the window.
        refunded: minor units by currency: those claims times the mean refund of a claim in the
            days fitted, low and high with the ends of its interval.
        to_humans: those claims times the share of claims in the days fitted that humans got.
    """

    verdict: Verdict
    because: str
    since: str
    window_days: int
    shown_days: int | None
    fit: Decay | None = None
    claims: Band[float] | None = None
    refunded: tuple[tuple[str, Band[int]], ...] = ()
    to_humans: Band[float] | None = None


@dataclass(frozen=True, slots=True)
class RuleWindow:
    """The window as the rule that ends late claims shows it; days, None of none.

    Attributes:
        youngest: the youngest age that the rule ended; the window is no longer than that.
        oldest_else: the oldest that another rule ended: above `youngest`, the window is not one
            number for all, or runs from something else.
    """

    rule: str
    disputes: int
    youngest: float | None
    oldest_else: float | None


def broken_off(
    curves: Sequence[Ages], looking: Looking | None = None
) -> tuple[tuple[Ages, Cliff], ...]:
    """Return the curves that break off, each with the day, the clearest first.

    Of claims that are part of others, and break off with them, the clearer one is told alone.
    """
    looking = looking or Looking.read()
    edges = ((ages, cliff(ages, looking)) for ages in curves)
    found = [(ages, edge) for ages, edge in edges if edge is not None]
    found.sort(key=lambda one: one[1].chance)
    told: list[tuple[Ages, Cliff]] = []
    for ages, edge in found:
        if not any(
            (known.since, first.day) == (ages.since, edge.day)
            and (known.about.holds(ages.about) or ages.about.holds(known.about))
            for known, first in told
        ):
            told.append((ages, edge))
    return tuple(told)


def aged(table: ResultsTable, groups: Iterable[About] = ()) -> tuple[Aged, ...]:
    """Return the curves of all claims, then those of groups and types that break off."""
    found = curves(table, groups)
    edges = {(ages.since, ages.about): edge for ages, edge in broken_off(found)}
    whole = [one for one in found if one.about == ALL]
    parts = [one for one in found if one.about != ALL and (one.since, one.about) in edges]
    return tuple(Aged(one, edges.get((one.since, one.about))) for one in (*whole, *parts))


def cliff(ages: Ages, looking: Looking | None = None) -> Cliff | None:
    """Return where claims break off; None if they thin out instead.

    Of all days the one whose break is least likely by chance, if it is unlikely enough.
    """
    looking = looking or Looking.read()
    days = [day for day in ages.by_day if day >= 0]
    found = (_break(ages, day + 1, looking) for day in days)
    return min(
        (one for one in found if one is not None),
        key=lambda one: (one.chance, one.day),
        default=None,
    )


def window_days(policy: Policy, parameter: str) -> int:
    """Return a policy's window in calendar days (`days_of`), from the parameter that holds it.

    Raises:
        InputError: there is no such parameter, or it is not one length of time for all.
    """
    named = {one.name: one for one in policy.definitions if one.kind == "parameter"}
    if parameter not in named:
        hint = did_you_mean(parameter, named) or "Name a parameter of the policy."
        raise InputError(parameter, "there is no such parameter", hint)
    node = named[parameter].node
    if not isinstance(node, Lit) or not isinstance(node.value, Duration):
        what = "is not one length of time for all cases"
        raise InputError(parameter, what, "Say the window in days.")
    return days_of(node.value)


def window_by_rule(table: ResultsTable, rule: str, since: str) -> RuleWindow:
    """Return what the ages of the claims that `rule` ended show of the window."""
    row = table.row(
        """
        SELECT count(*) FILTER (reason = $rule), min(age_days) FILTER (reason = $rule),
            max(age_days) FILTER (reason <> $rule)
        FROM {results} JOIN {ages} USING (dispute_id)
        WHERE since = $since AND ended IN ('agreed', 'lapsed', 'imposed')
        """,
        {"rule": rule, "since": since},
    )
    return RuleWindow(rule, *row)


def widening(
    table: ResultsTable,
    since: str,
    window: int,
    about: About = ALL,
    old_window: int | None = None,
    looking: Looking | None = None,
) -> Widening:
    """Return what a window of `window` days brings beyond what the history shows.

    Args:
        since: from what the window runs: `delivery`, `estimate` or `order`.
        about: the claims it is a window for.
        old_window: the old policy's window in days where it is known; else the cliff is looked for.
    """
    looking = looking or Looking.read()
    ages = claim_ages(table, since, about)
    if ages.known.count < looking.least_known * ages.known.of or not ages.claims:
        because = f"the age of {ages.known.count:,} of {ages.known.of:,} claims is known"
        return Widening("unknowable", because, since, window, old_window)
    found = None if old_window is not None else cliff(ages, looking)
    shown = old_window if found is None else found.day
    if shown is None:
        because = (
            f"claims came up to day {max(ages.by_day)} and break off on no day that shows, "
            "so nothing says what an old window kept away"
        )
        return Widening("unknowable", because, since, window, None)
    if window <= shown:
        because = f"the history holds claims up to day {shown}"
        return Widening("not_wider", because, since, window, shown)
    return _priced(table, ages, window, shown, looking)


def _priced(table: ResultsTable, ages: Ages, window: int, shown: int, looking: Looking) -> Widening:
    first = _falls_from(shown, ages, looking)
    fit = Decay.fitted(ages.by_day, first, shown)
    because = ""
    if fit is None or fit.claims < looking.least_claims:
        few = sum(ages.by_day.get(day, 0) for day in range(first, shown))
        because = f"only {few:,} claims came on days {first} to {shown - 1}"
    elif not fit.falls:
        because = (
            f"claims do not surely fall towards day {shown}, so nothing says when they would end"
        )
    if because or fit is None:
        return Widening("unknowable", because, ages.since, window, shown, fit)
    claims = _more(ages, fit, window, looking)
    if round(claims.middle) == 0:
        because = f"hardly more would be expected than came after day {shown} anyway"
        return Widening("unknowable", because, ages.since, window, shown, fit)
    because = f"fitted to {fit.claims:,} claims of days {first} to {shown - 1}"
    humans, refunds = _costs(table, ages, first, shown)
    return Widening(
        "priced", because, ages.since, window, shown, fit, claims,
        tuple((currency, _times(claims, *mean)) for currency, mean in refunds),
        Band(claims.low * humans, claims.middle * humans, claims.high * humans),
    )  # fmt: skip


def _more(ages: Ages, fit: Decay, window: int, looking: Looking) -> Band[float]:
    """Return the claims expected beyond the window, less those the history holds there anyway."""
    there = sum(count for day, count in ages.by_day.items() if fit.end <= day < window)
    last = range(max(fit.first, fit.end - looking.compared_days), fit.end)
    daily = sum(ages.by_day.get(day, 0) for day in last) / len(last)
    noise = Z_95 * math.sqrt(fit.claims)
    low = fit.beyond(window, fit.steeper, fit.claims - noise)
    middle = fit.beyond(window)
    high = max(daily * (window - fit.end), fit.beyond(window, claims=fit.claims + noise))
    return Band(max(0.0, low - there), max(0.0, middle - there), max(0.0, high - there))


def _costs(
    table: ResultsTable, ages: Ages, first: int, end: int
) -> tuple[float, list[tuple[str, tuple[float, float]]]]:
    """Return the share of claims of these days humans got, and the mean refund with half its
    interval, by currency and per claim of any.
    """
    old = [
        one
        for one in days_counted(table)
        if ages.about.takes(one.claim_type)
        and one.since == ages.since
        and one.day is not None
        and first <= one.day < end
    ]
    claims = sum(one.claims for one in old) or 1
    means: list[tuple[str, tuple[float, float]]] = []
    for currency in sorted({one.currency for one in old if one.currency is not None}):
        days = [one for one in old if one.currency == currency]
        mean = sum(one.refunded for one in days) / claims
        square = (sum(one.squares for one in days) / claims - mean**2) / claims
        means.append((currency, (mean, Z_95 * math.sqrt(max(0.0, square)))))
    return sum(one.humans for one in old) / claims, means


def _times(claims: Band[float], mean: float, half: float) -> Band[int]:
    return Band(
        round(claims.low * max(0.0, mean - half)),
        round(claims.middle * mean),
        round(claims.high * (mean + half)),
    )


def _break(ages: Ages, day: int, looking: Looking) -> Cliff | None:
    span = looking.compared_days
    before, after = (
        sum(ages.by_day.get(one, 0) for one in days)
        for days in (range(max(0, day - span), day), range(day, day + span))
    )
    earlier = sum(count for one, count in ages.by_day.items() if 0 <= one < day - span)
    later = sum(count for one, count in ages.by_day.items() if one >= day)
    if min(before, earlier) < looking.least_claims or later > looking.later_share * ages.claims:
        return None
    fit = Decay.fitted(ages.by_day, _falls_from(day, ages, looking), day)
    ratio = 1.0 if fit is None else math.exp(min(0.0, fit.slope) * min(span, day))
    expected = before * ratio
    chance = at_most(after, before + after, ratio / (1 + ratio))
    if after > looking.drops_to * expected or chance > looking.doubt:
        return None
    return Cliff(day, before, after, expected, chance)


def _falls_from(end: int, ages: Ages, looking: Looking) -> int:
    """Return the first day fitted: that with most claims, of the second half of the window.

    Claims fall ever more slowly: the first days say little of those after the last one.
    """
    first = max(end - looking.fitted_days, end // 2)
    days = range(first, max(first + 1, end - looking.compared_days))
    return max(days, key=lambda day: (ages.by_day.get(day, 0), day))
