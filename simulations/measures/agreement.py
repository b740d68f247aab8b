"""Agreement with recorded human rulings: kappa, the confusion matrix, overturned, by rule."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from simulations.measures.rates import Z_95, Rate
from simulations.measures.tables import ResultsTable

PAIRS = """
    SELECT r.dispute_id, r.decision, t.ruling, r.reason, r.handed_over, r.currency,
        r.refunded, t.amount AS theirs,
        CASE WHEN r.decision IN ('release_to_seller', 'deny') THEN 'seller' ELSE 'buyer' END
            AS our_side,
        CASE WHEN t.ruling IN ('release_to_seller', 'deny') THEN 'seller' ELSE 'buyer' END
            AS their_side
    FROM {results} r JOIN {recorded} t USING (dispute_id)
    WHERE r.ended IN ('agreed', 'lapsed', 'imposed') AND r.decision IS NOT NULL
        AND NOT r.human_before AND t.decided_by = 'human' AND t.ruling IS NOT NULL
"""
"""Disputes we settled and a human ruled on, whose ruling we did not know: else it would be held
against itself. A side is favoured that gets anything of the claim."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two raters over the same `of` cases, with its 95 % interval.

    kappa = (po - pe) / (1 - pe). J. Cohen, A coefficient of agreement for nominal scales, 1960.
    Its standard error for large samples: J. L. Fleiss, J. Cohen, B. S. Everitt, Large sample
    standard errors of kappa and weighted kappa, 1969.

    Attributes:
        observed, expected: agreement found, and by chance from the margins; shares.
        value, error: None where it is not defined: no cases, or all in one category.
    """

    of: int
    observed: float | None
    expected: float | None
    value: float | None
    error: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """value -/+ 1.96 standard errors, within -1 and 1."""
        if self.value is None or self.error is None:
            return None
        half = Z_95 * self.error
        return max(-1.0, self.value - half), min(1.0, self.value + half)

    @classmethod
    def of_counts(cls, counts: Mapping[tuple[str, str], int]) -> "Kappa":
        """Return the kappa of how often each pair of categories occurred."""
        total = sum(counts.values())
        if not total:
            return cls(0, None, None, None, None)
        shares = {pair: count / total for pair, count in counts.items() if count}
        ours, theirs = defaultdict[str, float](float), defaultdict[str, float](float)
        for (one, other), share in shares.items():
            ours[one] += share
            theirs[other] += share
        observed = sum(share for (one, other), share in shares.items() if one == other)
        expected = sum(share * theirs.get(name, 0) for name, share in ours.items())
        if len(set(ours) | set(theirs)) < 2:
            return cls(total, observed, expected, None, None)
        value = (observed - expected) / (1 - expected)
        return cls(total, observed, expected, value, _error(shares, ours, theirs, value, total))


@dataclass(frozen=True, slots=True)
class Cell:
    """How often we decided `ours` where a human ruled `theirs`."""

    ours: str
    theirs: str
    disputes: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement with human rulings on the decision, and on the side favoured.

    Attributes:
        compared: disputes we settled for which a human's ruling is recorded, of all we settled.
        decisions, sides: kappa over the decisions, and over buyer or seller.
        matrix: the decisions; pairs that did not occur are left out.
        overturned: of those we ended without any human, where a human favoured the other side.
        changed: of the same, where he decided otherwise at all.
    """

    compared: Rate
    same: Rate
    decisions: Kappa
    sides: Kappa
    matrix: tuple[Cell, ...]
    overturned: Rate
    changed: Rate


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one rule decides beside what humans ruled on the same disputes.

    Attributes:
        ours, theirs: for the buyer.
        our_money, their_money: minor units over `priced` disputes with both amounts recorded;
            None where there is no such dispute, or the rule pays in several currencies.
        small: fewer disputes than the least; not to be ranked.
    """

    rule: str
    disputes: int
    same_side: Rate
    ours: Rate
    theirs: Rate
    currency: str
    priced: int
    our_money: int | None
    their_money: int | None
    small: bool


def agreement(table: ResultsTable) -> Agreement:
    """Return the agreement with the rulings of humans in `recorded`."""
    settled = table.row(
        "SELECT count(*) FROM {results} WHERE ended IN ('agreed', 'lapsed', 'imposed')"
    )[0]
    rows = table.rows(
        f"SELECT decision, ruling, count(*) FROM ({PAIRS}) GROUP BY 1, 2 ORDER BY 1, 2"
    )
    sides = table.rows(f"SELECT our_side, their_side, count(*) FROM ({PAIRS}) GROUP BY 1, 2")
    alone, overturned, changed = table.row(
        f"""
        SELECT count(*), count(*) FILTER (our_side <> their_side),
            count(*) FILTER (decision <> ruling) FROM ({PAIRS}) WHERE NOT handed_over
        """
    )
    counts = {(ours, theirs): n for ours, theirs, n in rows}
    total = sum(counts.values())
    return Agreement(
        Rate(total, settled),
        Rate(sum(n for (ours, theirs), n in counts.items() if ours == theirs), total),
        Kappa.of_counts(counts),
        Kappa.of_counts({(ours, theirs): n for ours, theirs, n in sides}),
        tuple(Cell(ours, theirs, n) for (ours, theirs), n in counts.items()),
        Rate(overturned, alone),
        Rate(changed, alone),
    )


def calibration(table: ResultsTable, least: int = 30) -> tuple[Calibration, ...]:
    """Return each rule beside human rulings: large groups by their number, small ones by name.

    Args:
        least: disputes from which on a group is not small.
    """
    rows = table.rows(
        f"""
        SELECT coalesce(reason, '') AS rule, count(*) AS n,
            count(*) FILTER (our_side = their_side), count(*) FILTER (our_side = 'buyer'),
            count(*) FILTER (their_side = 'buyer'), coalesce(min(currency), ''),
            count(DISTINCT currency), count(theirs),
            sum(refunded) FILTER (theirs IS NOT NULL), sum(theirs)
        FROM ({PAIRS}) GROUP BY 1 ORDER BY n < $least, CASE WHEN n >= $least THEN -n END, 1
        """,
        {"least": least},
    )
    return tuple(_calibration(least, *row) for row in rows)


def _calibration(
    least: int,
    rule: str,
    n: int,
    same: int,
    ours: int,
    theirs: int,
    currency: str,
    currencies: int,
    priced: int,
    our_money: int | None,
    their_money: int | None,
) -> Calibration:
    if currencies > 1:
        our_money = their_money = None
    return Calibration(
        rule,
        n,
        Rate(same, n),
        Rate(ours, n),
        Rate(theirs, n),
        currency,
        priced,
        None if our_money is None else int(our_money),
        None if their_money is None else int(their_money),
        n < least,
    )


def _error(
    shares: Mapping[tuple[str, str], float],
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    kappa: float,
    total: int,
) -> float:
    expected = sum(share * theirs.get(name, 0) for name, share in ours.items())
    same = sum(
        share * (1 - (ours[one] + theirs[one]) * (1 - kappa)) ** 2
        for (one, other), share in shares.items()
        if one == other
    )
    unlike = sum(
        share * (theirs.get(one, 0) + ours.get(other, 0)) ** 2
        for (one, other), share in shares.items()
        if one != other
    )
    chance = (kappa - expected * (1 - kappa)) ** 2
    variance = (same + (1 - kappa) ** 2 * unlike - chance) / ((1 - expected) ** 2 * total)
    return math.sqrt(max(0.0, variance))
