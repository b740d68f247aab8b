"""How old matters were when complaints came: curves of claim ages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.measures.windows import ALL, About

SINCE = ("delivery", "estimate", "order")
"""What the age of a claim may be counted from."""


@dataclass(frozen=True, slots=True)
class Ages:
    """How old matters were when the complaint came, by whole days since one kind of beginning.

    Attributes:
        since: `delivery`, `estimate` (nothing had arrived) or `order` (no estimate either).
        about: which claims are looked at.
        known: claims whose age is known from anything, of all claims looked at.
    """

    since: str
    about: About
    by_day: Mapping[int, int]
    known: Rate

    @property
    def claims(self) -> int:
        """Claims counted from this beginning."""
        return sum(self.by_day.values())


@dataclass(frozen=True, slots=True)
class Day:
    """Claims of one type and one age in whole days; both None where that is not known.

    Attributes:
        humans: that a human got. refunded, squares: sums of what went back and of its squares.
    """

    since: str | None
    claim_type: str | None
    day: int | None
    currency: str | None
    claims: int
    humans: int
    refunded: int
    squares: int


def claim_ages(table: ResultsTable, since: str, about: About = ALL) -> Ages:
    """Return the curve of claim ages, of all claims or of some."""
    return _ages(days_counted(table), since, about)


def curves(table: ResultsTable, groups: Iterable[About] = ()) -> tuple[Ages, ...]:
    """Return the curves there are: of all claims, of each group, and of each claim type.

    A group of which one claim type alone is there is looked at as that type.
    """
    days = days_counted(table)
    types = sorted({one.claim_type for one in days if one.claim_type is not None})
    there = (About(one.name, tuple(t for t in one.claim_types if t in types)) for one in groups)
    wider = (one for one in there if len(one.claim_types) > 1)
    looked_at = [ALL, *wider, *(About(kind, (kind,)) for kind in types)]
    found = (_ages(days, since, about) for about in looked_at for since in SINCE)
    return tuple(one for one in found if one.claims)


def days_counted(table: ResultsTable) -> list[Day]:
    """Return the claims by type, age and currency: one pass over them all."""
    rows = table.rows(
        """
        SELECT since, r.claim_type, floor(age_days)::BIGINT, currency, count(*),
            count(*) FILTER (handed_over), sum(refunded::HUGEINT),
            sum(refunded::HUGEINT * refunded)
        FROM {results} r LEFT JOIN {ages} a USING (dispute_id)
        WHERE ended <> 'no_claim' GROUP BY ALL ORDER BY ALL
        """
    )
    return [Day(*row) for row in rows]


def _ages(days: Iterable[Day], since: str, about: About) -> Ages:
    total, known = 0, 0
    by_day = Counter[int]()
    for one in days:
        if not about.takes(one.claim_type):
            continue
        total += one.claims
        known += 0 if one.day is None else one.claims
        if one.since == since and one.day is not None:
            by_day[one.day] += one.claims
    return Ages(since, about, dict(sorted(by_day.items())), Rate(known, total))
