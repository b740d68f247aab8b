"""The figures of a replay: rates with their intervals, time, money, by claim type."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from simulations.measures.endings import BY_US, HOURS, NO_TYPE, rule_uses
from simulations.measures.money import flows
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.results import ENDED, Ended, Movement, Result


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours from complaint to end, of `count` disputes; None of nothing.

    A percentile is the smallest value that so many of them do not exceed (nearest rank).
    """

    count: int
    median: float | None
    p90: float | None


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


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a whole replay.

    Attributes:
        whole: of the disputes with a claim; those without one are counted in `no_claim` alone.
        unanswered: of those whose history holds no answer of a party: what is called agreed or
            lapsed there is what the policy makes of silence, so they count as decided or not.
        handed_over: that a human had at some time; human_before: of these, that a human of the
            recorded platform had ruled on before we acted.
        escalated: (question or reason, count), most first.
        ended_by: (rule, how, count) of disputes that agreed, lapsed or were imposed, most first.
        money: sums of all movements. refunds: by currency.
        by_type: by claim type, in the order of their names.
    """

    whole: Group
    no_claim: int
    unanswered: Rate
    handed_over: int
    human_before: int
    escalated: tuple[tuple[str, int], ...]
    ended_by: tuple[tuple[str, Ended, int], ...]
    money: tuple[Movement, ...]
    refunds: tuple[Refunds, ...]
    by_type: dict[str, Group]
    asked: int
    moments: int
    left_out: int

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Summary":
        """Return the figures of these results."""
        with closing(ResultsTable.of(results)) as table:
            return cls.read(table)

    @classmethod
    def read(cls, table: ResultsTable) -> "Summary":
        """Return the figures of the results in a table."""
        groups = _groups(table)
        totals = table.row(
            """
            SELECT count(*) FILTER (ended = 'no_claim'), count(*) FILTER (silent AND own),
                count(*) FILTER (silent),
                count(*) FILTER (handed_over AND ended <> 'no_claim'),
                count(*) FILTER (human_before), coalesce(sum(asked), 0),
                coalesce(sum(moments), 0), coalesce(sum(left_out), 0)
            FROM (SELECT *, NOT handed_over
                    AND ended IN ('agreed', 'lapsed', 'imposed', 'withdrawn') AS own,
                    ended <> 'no_claim' AND NOT has_answers AS silent
                FROM {results})
            """
        )
        no_claim, alone, silent, handed_over, human_before, *counted = map(int, totals)
        asked, moments, left_out = counted
        return cls(
            whole=groups.pop(""),
            no_claim=no_claim,
            unanswered=Rate(alone, silent),
            handed_over=handed_over,
            human_before=human_before,
            escalated=_escalated(table),
            ended_by=tuple(
                (use.rule, ended, use.disputes.count)
                for use in rule_uses(table)
                for ended in ENDED[:3]
                if use.ended == ended
            ),
            money=tuple(
                sorted(
                    Movement(one.payer, one.payee, one.component, one.currency, one.amount)
                    for one in flows(table)
                )
            ),
            refunds=_refunds(table),
            by_type=groups,
            asked=asked,
            moments=moments,
            left_out=left_out,
        )


OUTCOMES: tuple[Ended, ...] = tuple(ended for ended in ENDED if ended != "no_claim")


def _groups(table: ResultsTable) -> dict[str, Group]:
    """Return the figures of each claim type, and of all under ""."""
    counts = ", ".join(f"count(*) FILTER (ended = '{ended}')" for ended in OUTCOMES)
    rows = table.rows(
        f"""
        WITH counted AS (
            SELECT coalesce(claim_type, '{NO_TYPE}') AS kind, ended, handed_over,
                CASE WHEN ended IN {BY_US} THEN {HOURS} END AS hours
            FROM {{results}} WHERE ended <> 'no_claim')
        SELECT CASE WHEN grouping(kind) = 1 THEN '' ELSE kind END, count(*), {counts},
            count(*) FILTER (NOT handed_over
                AND ended IN ('agreed', 'lapsed', 'imposed', 'withdrawn')),
            count(hours), quantile_disc(hours, 0.5), quantile_disc(hours, 0.9)
        FROM counted GROUP BY GROUPING SETS ((), (kind)) ORDER BY 1
        """
    )
    return {kind: _group(figures) for kind, *figures in rows}


def _group(figures: Sequence[Any]) -> Group:
    total, *counts, own, timed, median, p90 = figures
    ended = {ended: Rate(n, total) for ended, n in zip(OUTCOMES, counts, strict=True)}
    return Group(total, ended, Rate(own, total), Hours(timed, median, p90))


def _escalated(table: ResultsTable) -> tuple[tuple[str, int], ...]:
    rows = table.rows(
        """
        SELECT coalesce(question, reason, ''), count(*) FROM {results}
        WHERE ended = 'escalated' GROUP BY 1 ORDER BY 2 DESC, 1
        """
    )
    return tuple((name, count) for name, count in rows)


def _refunds(table: ResultsTable) -> tuple[Refunds, ...]:
    rows = table.rows(
        """
        SELECT coalesce(currency, ''), count(*), sum(refunded), count(*) FILTER (arrived_after),
            coalesce(sum(refunded) FILTER (arrived_after), 0)
        FROM {results} WHERE refunded > 0 GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(
        Refunds(currency, count, int(amount), late, int(late_amount))
        for currency, count, amount, late, late_amount in rows
    )
