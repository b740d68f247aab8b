"""The same figures by segment: claim type, tier, courier, seller, ...; small ones are marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulations.measures.endings import BY_US, HOURS
from simulations.measures.rates import LEAST, Rate
from simulations.measures.tables import SEGMENTS, ResultsTable, Row
from simulations.measures.truth import DECIDED, PAID, PAID_WRONGLY, REFUSED_WRONGLY

MOST = 1_000
"""Segments listed of one column; all those that are not small come first."""
UNKNOWN = "(unknown)"
COLUMNS = tuple(name for name in SEGMENTS if name != "dispute_id")

WIDE = f"""
    SELECT
        NOT handed_over AND ended IN ('agreed', 'lapsed', 'imposed', 'withdrawn') AS own,
        ended = 'escalated' AS escalated, {PAID} AS paid, arrived_after AND {PAID} AS late,
        {DECIDED} AND truth = 'no_refund' AS undue, {PAID_WRONGLY} AS paid_undue,
        {DECIDED} AND truth = 'refund' AS due, {REFUSED_WRONGLY} AS refused_due,
        CASE WHEN ended IN {BY_US} THEN {HOURS} END AS hours, currency, refunded [values]
    FROM {{results}} r LEFT JOIN {{segments}} s USING (dispute_id)
        LEFT JOIN {{recorded}} t USING (dispute_id)
    WHERE ended <> 'no_claim'
"""
BY_COLUMN = """
    SELECT '[column]' AS name, [column] AS value, count(*) AS n,
        count(*) FILTER (own), count(*) FILTER (escalated),
        count(*) FILTER (paid), count(*) FILTER (late), count(*) FILTER (undue),
        count(*) FILTER (paid_undue), count(*) FILTER (due), count(*) FILTER (refused_due),
        quantile_disc(hours, 0.5),
        CASE WHEN min(currency) = max(currency) THEN min(currency) END, sum(refunded),
        count(*) OVER (), sum(count(*)) OVER ()
    FROM segmented GROUP BY value
    ORDER BY n < $least, CASE WHEN n >= $least THEN -n END, value LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """The figures of the disputes that share one value of one column.

    Attributes:
        arrived_after: of its refunds, those after which the parcel arrived.
        refunded_wrongly, refused_wrongly: against recorded truth, as in `truth.wrongful`.
        median_hours: from complaint to end, of those we ended; None of none.
        currency, refunded_per_1000: minor units per 1,000 disputes; None and "" where the
            segment holds several currencies or none.
        small: fewer disputes than the least: shown, and in no ranking.
    """

    column: str
    value: str
    disputes: int
    automatic: Rate
    escalated: Rate
    refunds: Rate
    arrived_after: Rate
    refunded_wrongly: Rate
    refused_wrongly: Rate
    median_hours: float | None
    currency: str
    refunded_per_1000: float | None
    small: bool


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of one column: large ones by their size, then small ones by name.

    Attributes:
        left_out, disputes_left_out: small ones beyond the most that are listed.
    """

    column: str
    listed: tuple[Segment, ...]
    left_out: int
    disputes_left_out: int

    def first(self, most: int) -> "Segments":
        """Return the same with no more than the first so many listed."""
        rest = self.listed[most:]
        disputes = self.disputes_left_out + sum(one.disputes for one in rest)
        return Segments(self.column, self.listed[:most], self.left_out + len(rest), disputes)


def by_segment(
    table: ResultsTable, column: str, least: int = LEAST, most: int = MOST
) -> Segments | None:
    """Return the figures by one column of `segments`; None if nothing is known of it.

    Args:
        least: disputes from which on a segment is not small.
        most: how many segments are listed; the others are counted.

    A dispute without a row in `segments`, or without a value there, is `(unknown)`.
    """
    return by_segments(table, (column,), least, most).get(column)


def by_segments(
    table: ResultsTable, columns: Sequence[str] = COLUMNS, least: int = LEAST, most: int = MOST
) -> dict[str, Segments]:
    """Return the figures by each column of which anything is known."""
    there = [one for one in columns if one in table.columns("segments") or one == "claim_type"]
    values = {one: f"s.{one}" for one in there}
    if "claim_type" in there:
        values["claim_type"] = "coalesce(s.claim_type, r.claim_type)"
    if not there:
        return {}
    wide = WIDE.replace("[values]", _listed(values))
    parts = " UNION ALL ".join(f"({BY_COLUMN.replace('[column]', name)})" for name in there)
    rows = table.rows(
        f"WITH segmented AS MATERIALIZED ({wide}) {parts}", {"least": least, "most": most}
    )
    by_column = {one: [row[1:] for row in rows if row[0] == one] for one in there}
    found = {one: _segments(one, by_column[one], least) for one in there}
    return {one: segments for one, segments in found.items() if segments is not None}


def _listed(values: Mapping[str, str]) -> str:
    return "".join(f", coalesce({sql}, '{UNKNOWN}') AS {name}" for name, sql in values.items())


def _segments(column: str, rows: Sequence[Row], least: int) -> Segments | None:
    groups, disputes = rows[0][-2:] if rows else (0, 0)
    listed = tuple(_segment(least, column, *row[:-2]) for row in rows)
    if all(segment.value == UNKNOWN for segment in listed):
        return None
    shown = sum(segment.disputes for segment in listed)
    return Segments(column, listed, groups - len(listed), int(disputes) - shown)


def _segment(
    least: int,
    column: str,
    value: str,
    n: int,
    own: int,
    escalated: int,
    refunds: int,
    late: int,
    nothing_due: int,
    paid: int,
    due: int,
    refused: int,
    hours: float | None,
    currency: str | None,
    refunded: int | None,
) -> Segment:
    return Segment(
        column,
        value,
        n,
        Rate(own, n),
        Rate(escalated, n),
        Rate(refunds, n),
        Rate(late, refunds),
        Rate(paid, nothing_due),
        Rate(refused, due),
        hours,
        currency or "",
        None if currency is None else int(refunded or 0) * 1000 / n,
        n < least,
    )
