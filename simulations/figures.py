"""The figures of a replay: rates with their intervals, time, money, by claim type."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulations.results import ENDED, Ended, Movement, Result

Z_95 = 1.959963984540054
"""Of a two-sided 95 % interval of the normal distribution."""

NO_TYPE = "(not stated)"


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
class Hours:
    """Hours from complaint to end, of `count` disputes; None of nothing.

    A percentile is the smallest value that so many of them do not exceed (nearest rank).
    """

    count: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, hours: Iterable[float]) -> "Hours":
        """Return the figures of these hours."""
        listed = sorted(hours)
        return cls(len(listed), _nearest(listed, 0.5), _nearest(listed, 0.9))


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds in one currency; of those, where the parcel arrived afterwards. Minor units."""

    currency: str
    count: int
    amount: int
    arrived_after: int
    arrived_after_amount: int


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some disputes."""

    disputes: int
    ended: dict[Ended, Rate]
    without_human: Rate
    hours: Hours

    @classmethod
    def of(cls, results: Sequence[Result]) -> "Group":
        """Return the figures of these results."""
        counts = Counter(result.ended for result in results)
        total = len(results)
        ended_by_us = [result for result in results if result.ended in ENDED[:3]]
        return cls(
            total,
            {ended: Rate(counts[ended], total) for ended in ENDED if ended != "no_claim"},
            Rate(sum(result.without_human for result in results), total),
            Hours.of(result.hours for result in ended_by_us if result.hours is not None),
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a whole replay.

    Attributes:
        whole: of the disputes with a claim; those without one are counted in `no_claim` alone.
        unanswered: of those whose history holds no answer of a party: what is called agreed or
            lapsed there is what the policy makes of silence, so they count as decided or not.
        escalated: (question or reason, count), most first.
        ended_by: (rule, how, count) of disputes that agreed, lapsed or were imposed, most first.
        money: sums of all movements. refunds: by currency.
        by_type: by claim type, in the order of their names.
    """

    whole: Group
    no_claim: int
    unanswered: Rate
    handed_over: int
    escalated: tuple[tuple[str, int], ...]
    ended_by: tuple[tuple[str, Ended, int], ...]
    money: tuple[Movement, ...]
    refunds: tuple[Refunds, ...]
    by_type: dict[str, Group]
    asked: int
    moments: int
    left_out: int

    @classmethod
    def of(cls, results: Sequence[Result]) -> "Summary":
        """Return the figures of these results."""
        claims = [result for result in results if result.ended != "no_claim"]
        silent = [result for result in claims if not result.has_answers]
        by_type: dict[str, list[Result]] = defaultdict(list)
        for result in claims:
            by_type[result.claim_type or NO_TYPE].append(result)
        rules = Counter((r.reason, r.ended) for r in claims if r.ended in ENDED[:3])
        turns = Counter(r.question or r.reason for r in claims if r.ended == "escalated")
        return cls(
            whole=Group.of(claims),
            no_claim=len(results) - len(claims),
            unanswered=Rate(sum(result.without_human for result in silent), len(silent)),
            handed_over=sum(result.handed_over for result in claims),
            escalated=tuple(sorted(turns.items(), key=lambda turn: (-turn[1], turn[0]))),
            ended_by=tuple(
                (rule, ended, count)
                for (rule, ended), count in sorted(rules.items(), key=lambda one: (-one[1], one[0]))
            ),
            money=_money(results),
            refunds=_refunds(results),
            by_type={name: Group.of(by_type[name]) for name in sorted(by_type)},
            asked=sum(result.asked for result in results),
            moments=sum(result.moments for result in results),
            left_out=sum(result.left_out for result in results),
        )


def _nearest(ordered: Sequence[float], share: float) -> float | None:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def _money(results: Iterable[Result]) -> tuple[Movement, ...]:
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for moved in (moved for result in results for moved in result.movements):
        sums[moved.payer, moved.payee, moved.component, moved.currency] += moved.amount
    return tuple(Movement(*who_and_what, amount) for who_and_what, amount in sorted(sums.items()))


def _refunds(results: Iterable[Result]) -> tuple[Refunds, ...]:
    by_currency: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.refunded_at is not None:
            by_currency[result.currency].append(result)
    found = []
    for currency, listed in sorted(by_currency.items()):
        late = [result for result in listed if result.arrived_after]
        sums = (sum(result.refunded for result in some) for some in (listed, late))
        amount, late_amount = sums
        found.append(Refunds(currency, len(listed), amount, len(late), late_amount))
    return tuple(found)
