"""How disputes end: without a human or with one, by what, when, and how that changes."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from simulations.measures.rates import LEAST, Band, Rate
from simulations.measures.tables import ResultsTable

BY_US = "('agreed', 'lapsed', 'imposed')"
"""The ways in which a settlement comes to hold, as SQL."""
NO_TYPE = "(not stated)"
HOURS = "(epoch_us(ended_at) - epoch_us(filed_at)) / 3.6e9"
"""Of the clock, from complaint to end, as SQL; a difference of instants would ask a calendar."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
WITHIN_HOURS = (1, 6, 24, 48, 72, 168, 336, 720, 1440, 2160)


@dataclass(frozen=True, slots=True)
class Automatic:
    """Disputes that ended and no human ever had, of those with a claim.

    Attributes:
        agreed, lapsed, imposed, withdrawn: its parts; each a share of all with a claim.
    """

    together: Rate
    agreed: Rate
    lapsed: Rate
    imposed: Rate
    withdrawn: Rate


@dataclass(frozen=True, slots=True)
class Reason:
    """Why humans got `disputes`: the question put to them, and the rule that led there."""

    question: str
    reason: str
    disputes: Rate


@dataclass(frozen=True, slots=True)
class Escalation:
    """Disputes a human has at the end, or had at some time; reasons most frequent first.

    Attributes:
        before: of those of `ever`, that a human of the recorded platform had ruled on before we
            acted.
    """

    at_the_end: Rate
    ever: Rate
    before: Rate
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """`disputes` that go from one box of the funnel to the next one; `stage` counts from 1."""

    stage: int
    source: str
    target: str
    disputes: int


@dataclass(frozen=True, slots=True)
class Period:
    """Disputes whose claim was filed in the month or week that begins on `starts`.

    Attributes:
        small: fewer disputes than the least: its rates are no sign of a change.
    """

    starts: date
    disputes: int
    automatic: Rate
    escalated: Rate
    refunded: Rate
    still_open: Rate
    small: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Hours from complaint to end, of `disputes` of one kind of ending.

    Attributes:
        group: `all` (agreed, lapsed and imposed together), or one kind of ending.
        quantiles: (share, hours) by nearest rank: values that occurred.
        within: (hours, share of them that had ended by then).
    """

    group: str
    disputes: int
    quantiles: tuple[tuple[float, float], ...]
    longest: float
    within: tuple[tuple[int, Rate], ...]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How many disputes a rule (or step, or `otherwise`) ended in one way."""

    rule: str
    ended: str
    disputes: Rate


def automatic(table: ResultsTable) -> Automatic:
    """Return how many ended without a human, and how."""
    row = table.row(
        """
        SELECT count(*),
            count(*) FILTER (own), count(*) FILTER (own AND ended = 'agreed'),
            count(*) FILTER (own AND ended = 'lapsed'),
            count(*) FILTER (own AND ended = 'imposed'),
            count(*) FILTER (own AND ended = 'withdrawn')
        FROM (SELECT ended, NOT handed_over
                AND ended IN ('agreed', 'lapsed', 'imposed', 'withdrawn') AS own
            FROM {results} WHERE ended <> 'no_claim')
        """
    )
    return Automatic(*(Rate(count, row[0]) for count in row[1:]))


def automatic_band(low: ResultsTable, middle: ResultsTable, high: ResultsTable) -> Band[Automatic]:
    """Return the same of three runs of the acceptance model."""
    return Band(automatic(low), automatic(middle), automatic(high))


def escalation(table: ResultsTable) -> Escalation:
    """Return how many reach a human, and why."""
    total, end, ever, before = table.row(
        """
        SELECT count(*), count(*) FILTER (ended = 'escalated'), count(*) FILTER (handed_over),
            count(*) FILTER (human_before)
        FROM {results} WHERE ended <> 'no_claim'
        """
    )
    reasons = table.rows(
        """
        SELECT coalesce(question, ''), coalesce(reason, ''), count(*) FROM {results}
        WHERE ended = 'escalated' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
        """
    )
    listed = tuple(
        Reason(question, reason, Rate(count, end)) for question, reason, count in reasons
    )
    return Escalation(Rate(end, total), Rate(ever, total), Rate(before, total), listed)


def rule_uses(table: ResultsTable) -> tuple[RuleUse, ...]:
    """Return which rules end disputes, the most frequent first; shares are of all with a claim."""
    total = table.row("SELECT count(*) FROM {results} WHERE ended <> 'no_claim'")[0]
    rows = table.rows(
        """
        SELECT coalesce(reason, ''), ended, count(*) FROM {results}
        WHERE ended NOT IN ('no_claim', 'open') GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
        """
    )
    return tuple(RuleUse(rule, ended, Rate(count, total)) for rule, ended, count in rows)


def funnel(table: ResultsTable) -> tuple[Link, ...]:
    """Return the way from disputes to outcomes.

    Stages: all disputes, with or without a claim, asked somebody or not, how they ended, what was
    decided (of those that were settled). What goes into a box comes out of it, until it ends.
    """
    rows = table.rows(
        f"""
        WITH boxes AS (
            SELECT CASE ended WHEN 'no_claim' THEN 'without claim' ELSE 'with claim' END AS claim,
                CASE WHEN asked > 0 THEN 'somebody asked' ELSE 'nobody asked' END AS asking,
                ended, coalesce(decision, '') AS decision, count(*) AS n
            FROM {{results}} GROUP BY ALL)
        SELECT 1, 'disputes', claim, sum(n) FROM boxes GROUP BY ALL
        UNION ALL SELECT 2, claim, asking, sum(n) FROM boxes
            WHERE claim = 'with claim' GROUP BY ALL
        UNION ALL SELECT 3, asking, ended, sum(n) FROM boxes
            WHERE claim = 'with claim' GROUP BY ALL
        UNION ALL SELECT 4, ended, decision, sum(n) FROM boxes
            WHERE ended IN {BY_US} AND decision <> '' GROUP BY ALL
        ORDER BY 1, 2, 4 DESC, 3
        """
    )
    return tuple(Link(stage, source, target, int(n)) for stage, source, target, n in rows)


def over_time(
    table: ResultsTable,
    zone: ZoneInfo,
    unit: Literal["month", "week"] = "month",
    least: int = LEAST,
) -> tuple[Period, ...]:
    """Return the rates by when the claim was filed, in the calendar of `zone`; weeks from Monday.

    Args:
        least: disputes from which on a period is not small.

    The last periods hold fewer disputes that had time to end: read them beside `still_open`.
    """
    rows = table.rows(
        """
        SELECT strftime(date_trunc($unit, timezone($zone, filed_at)), '%Y-%m-%d') AS starts,
            count(*), count(*) FILTER (NOT handed_over
                AND ended IN ('agreed', 'lapsed', 'imposed', 'withdrawn')),
            count(*) FILTER (ended = 'escalated'), count(*) FILTER (refunded > 0),
            count(*) FILTER (ended = 'open')
        FROM {results} WHERE ended <> 'no_claim' AND filed_at IS NOT NULL
        GROUP BY 1 ORDER BY 1
        """,
        {"unit": unit, "zone": zone.key},
    )
    return tuple(_period(least, *row) for row in rows)


def _period(
    least: int, starts: str, total: int, own: int, escalated: int, refunded: int, still_open: int
) -> Period:
    return Period(
        date.fromisoformat(starts),
        total,
        Rate(own, total),
        Rate(escalated, total),
        Rate(refunded, total),
        Rate(still_open, total),
        total < least,
    )


def times(table: ResultsTable) -> tuple[Times, ...]:
    """Return the time to the end: of all that we ended, of each kind, and to a human.

    What is open has not ended, also where it was settled before.
    """
    shares = ", ".join(map(str, QUANTILES))
    within = ", ".join(f"count(*) FILTER (hours <= {hours})" for hours in WITHIN_HOURS)
    rows = table.rows(
        f"""
        WITH timed AS (
            SELECT ended, {HOURS} AS hours FROM {{results}}
            WHERE filed_at IS NOT NULL AND ended_at IS NOT NULL
                AND (ended IN {BY_US} OR ended = 'escalated')),
        grouped AS (
            SELECT ended AS part, hours FROM timed
            UNION ALL SELECT 'all', hours FROM timed WHERE ended IN {BY_US})
        SELECT part, count(*), quantile_disc(hours, [{shares}]), max(hours), [{within}]
        FROM grouped GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(
        Times(
            group,
            count,
            tuple(zip(QUANTILES, hours, strict=True)),
            longest,
            tuple((h, Rate(n, count)) for h, n in zip(WITHIN_HOURS, done, strict=True)),
        )
        for group, count, hours, longest, done in rows
    )
