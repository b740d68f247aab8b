"""Balance between the sides: wrongful money for each, by who sells and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulations.measures.rates import LEAST, Mean
from simulations.measures.segments import UNKNOWN
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import DECIDED, PAID_WRONGLY, REFUSED_WRONGLY, Due

PER = 1_000
GROUPS = ("seller_size", "region")


@dataclass(frozen=True, slots=True)
class Balance:
    """Wrongful money per 1,000 decided disputes whose truth is recorded, minor units.

    Attributes:
        column, value: the group; both "" of all.
        to_buyers: refunded though nothing was due: what somebody lost to buyers.
        kept_from_buyers: due and refused. Refusals of which is not known what was due are left
            out of it and counted in `unpriced`; None where it is known of none of them.
        partly: wrongful refusals priced by what a human refunded of a part: the least.
        small: fewer disputes than the least; not to be ranked.
    """

    column: str
    value: str
    currency: str
    disputes: int
    to_buyers: Mean
    kept_from_buyers: Mean
    partly: int
    unpriced: int
    small: bool

    @property
    def is_least(self) -> bool:
        """Whether more was kept from buyers than is told, so that the true tilt is lower."""
        return bool(self.partly or self.unpriced)

    @property
    def tilt(self) -> float | None:
        """(to buyers - kept from them) / (both): -1 all against buyers, 1 all for them.

        The most it can be where `is_least`; None where one of both is not known, or both are 0.
        """
        gained, lost = self.to_buyers.value, self.kept_from_buyers.value
        if gained is None or lost is None or not gained + lost:
            return None
        return (gained - lost) / (gained + lost)


def balance(
    table: ResultsTable, columns: Sequence[str] = GROUPS, least: int = LEAST
) -> tuple[Balance, ...]:
    """Return the balance of all disputes, then by each column of `segments` that is there.

    Intervals are those of `Mean`: of some few wrongful outcomes they are wide, and rough.
    """
    found = list(_balance(table, "", "''", least))
    there = table.columns("segments")
    for column in columns:
        if column in there:
            rows = _balance(table, column, f"coalesce(s.{column}, '{UNKNOWN}')", least)
            found += rows if any(row.value != UNKNOWN for row in rows) else []
    return tuple(found)


def _balance(table: ResultsTable, column: str, value: str, least: int) -> list[Balance]:
    due = Due.of(table)
    rows = table.rows(
        f"""
        WITH wrong AS (
            SELECT {value} AS value, currency,
                CASE WHEN {PAID_WRONGLY} THEN r.refunded ELSE 0 END AS gained,
                CASE WHEN {REFUSED_WRONGLY} THEN coalesce({due.amount}, 0) ELSE 0 END AS lost,
                {REFUSED_WRONGLY} AND {due.is_part} AS partly,
                {REFUSED_WRONGLY} AND {due.amount} IS NULL AS unpriced
            FROM {{results}} r JOIN {{recorded}} t USING (dispute_id)
                LEFT JOIN {{segments}} s USING (dispute_id)
            WHERE {DECIDED} AND truth IS NOT NULL AND currency IS NOT NULL)
        SELECT value, currency, count(*) AS n, avg(gained), stddev_samp(gained),
            avg(lost), stddev_samp(lost), count(*) FILTER (partly), count(*) FILTER (unpriced)
        FROM wrong GROUP BY 1, 2
        ORDER BY 2, n < $least, CASE WHEN n >= $least THEN -n END, 1
        """,
        {"least": least},
    )
    return [
        Balance(
            column,
            value,
            currency,
            n,
            _per(gained, s1, n),
            _per(lost, s2, n) if lost or not unpriced else Mean(None, None, n),
            partly,
            unpriced,
            n < least,
        )
        for value, currency, n, gained, s1, lost, s2, partly, unpriced in rows
    ]


def _per(mean: float, deviation: float | None, n: int) -> Mean:
    return Mean(mean * PER, None if deviation is None else deviation * PER, n)
