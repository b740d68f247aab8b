"""Whose money moved to whom, and what disputes cost each party. Minor units throughout."""

from dataclasses import dataclass

from simulations.measures.rates import Mean
from simulations.measures.tables import ResultsTable

PER = 1_000
"""Money is told per so many disputes with a claim."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Money from who bears it to who gets it, for one component, over all disputes."""

    currency: str
    payer: str
    payee: str
    component: str
    amount: int
    disputes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a party paid and got, in one currency.

    Attributes:
        disputes: with a claim, in that currency, whether or not this party's money moved.
    """

    currency: str
    party: str
    paid: int
    got: int
    disputes: int

    @property
    def net(self) -> int:
        """Got less paid."""
        return self.got - self.paid

    @property
    def net_per_1000(self) -> float | None:
        """Net per 1,000 disputes; None of none."""
        return self.net * PER / self.disputes if self.disputes else None


@dataclass(frozen=True, slots=True)
class Bought:
    """What buyers get back in one currency.

    Attributes:
        refunds: disputes in which anything went back, of `disputes` with a claim.
        each: per dispute with a claim.
    """

    currency: str
    amount: int
    refunds: int
    disputes: int
    each: Mean

    @property
    def interval(self) -> tuple[int, int] | None:
        """Of the amount, at 95 %: so many times that of the mean; None where that has none."""
        ends = self.each.interval
        if ends is None:
            return None
        low, high = (round(end * self.disputes) for end in ends)
        return low, high


def bought(table: ResultsTable) -> tuple[Bought, ...]:
    """Return what buyers get back, by currency."""
    rows = table.rows(
        """
        SELECT currency, sum(refunded), count(*) FILTER (refunded > 0), count(*), avg(refunded),
            stddev_samp(refunded)
        FROM {results} WHERE ended <> 'no_claim' AND currency IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(
        Bought(currency, int(amount), refunds, disputes, Mean(mean, deviation, disputes))
        for currency, amount, refunds, disputes, mean, deviation in rows
    )


def flows(table: ResultsTable) -> tuple[Flow, ...]:
    """Return the money by payer, payee and component."""
    rows = table.rows(
        """
        SELECT currency, payer, payee, component, sum(amount), count(DISTINCT dispute_id)
        FROM {movements} WHERE currency IS NOT NULL GROUP BY ALL ORDER BY ALL
        """
    )
    return tuple(
        Flow(currency, payer, payee, component, int(amount), count)
        for currency, payer, payee, component, amount, count in rows
    )


def costs(table: ResultsTable) -> tuple[Cost, ...]:
    """Return what each party paid and got."""
    rows = table.rows(
        """
        WITH sides AS (
            SELECT currency, payer AS party, amount AS paid, 0 AS got FROM {movements}
            UNION ALL SELECT currency, payee, 0, amount FROM {movements}),
        claims AS (
            SELECT currency, count(*) AS n FROM {results} WHERE ended <> 'no_claim' GROUP BY 1)
        SELECT currency, party, sum(paid), sum(got), any_value(coalesce(n, 0))
        FROM sides LEFT JOIN claims USING (currency)
        WHERE currency IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
    return tuple(Cost(c, party, int(paid), int(got), n or 0) for c, party, paid, got, n in rows)
