"""Results and figures as plain data: JSON, and the columns of a table."""

from collections.abc import Mapping

from reso.engine.ruling_json import Json
from reso.model.money import to_major
from simulations.figures import Group, Hours, Refunds, Summary
from simulations.history import History
from simulations.measures.rates import Rate
from simulations.reading import counted
from simulations.results import Movement

PLACES = 4

COLUMNS: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "filed_at": "TIMESTAMP WITH TIME ZONE",
    "ended": "VARCHAR",
    "decision": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "DECIMAL(20, 4)",
    "refunded": "DECIMAL(20, 4)",
    "ended_at": "TIMESTAMP WITH TIME ZONE",
    "hours": "DOUBLE",
    "question": "VARCHAR",
    "reason": "VARCHAR",
    "handed_over": "BOOLEAN",
    "asked": "INTEGER",
    "has_answers": "BOOLEAN",
    "left_out": "INTEGER",
    "moments": "INTEGER",
    "refunded_at": "TIMESTAMP WITH TIME ZONE",
    "arrived_after": "BOOLEAN",
    "movements": "JSON",
}
"""The columns of `disputes.parquet` and their types."""

RULE_COLUMNS: Mapping[str, str] = {
    "rule": "VARCHAR",
    "ended": "VARCHAR",
    "currency": "VARCHAR",
    "disputes": "BIGINT",
    "handed_over": "BIGINT",
    "median_hours": "DOUBLE",
    "refunded": "DECIMAL(28, 4)",
    "arrived_after": "BIGINT",
}
"""The columns of `rules.parquet` and their types."""


def summary_json(summary: Summary, history: History, replay: Mapping[str, Json]) -> dict[str, Json]:
    """Return the figures as plain data: amounts exact texts, shares 0 to 1.

    Args:
        replay: what was run: policy, settings, until when.
    """
    return {
        "replay": dict(replay),
        "history": {
            "name": history.name,
            "disputes": len(history.disputes),
            "events": history.event_count,
            "rows_read": history.rows_read,
            "notes": [{"what": note.what, "count": note.count} for note in history.notes],
            "rejects": {**counted(history.rejects)},
        },
        "disputes": {"with_claim": summary.whole.disputes, "without_claim": summary.no_claim},
        **_group(summary.whole),
        "decided_without_human_where_nobody_answered": _rate(summary.unanswered),
        "ever_handed_to_a_human": summary.handed_over,
        "escalated_by": dict(summary.escalated),
        "ended_by": [
            {"rule": rule, "ended": ended, "count": count}
            for rule, ended, count in summary.ended_by
        ],
        "money": [movement_json(movement) for movement in summary.money],
        "refunds": [_refunds(refunds) for refunds in summary.refunds],
        "by_claim_type": {
            name: {"disputes": group.disputes, **_group(group)}
            for name, group in summary.by_type.items()
        },
        "questions_asked": summary.asked,
        "decision_points": summary.moments,
        "old_acts_left_out": summary.left_out,
    }


def movement_json(moved: Movement) -> Json:
    """Return a movement of money as plain data."""
    return {
        "payer": moved.payer,
        "payee": moved.payee,
        "component": moved.component,
        "currency": moved.currency,
        "amount": _amount(moved.amount, moved.currency),
    }


def _group(group: Group) -> dict[str, Json]:
    return {
        "ended": {ended: _rate(rate) for ended, rate in group.ended.items()},
        "ended_without_human": _rate(group.without_human),
        "hours_to_end": _hours(group.hours),
    }


def _rate(rate: Rate) -> Json:
    interval = rate.interval
    return {
        "count": rate.count,
        "of": rate.of,
        "share": None if rate.share is None else round(rate.share, PLACES),
        "interval_95": None if interval is None else [round(end, PLACES) for end in interval],
    }


def _hours(hours: Hours) -> Json:
    figures = (hours.median, hours.p90)
    median, p90 = (None if figure is None else round(figure, PLACES) for figure in figures)
    return {"disputes": hours.count, "median": median, "p90": p90}


def _refunds(refunds: Refunds) -> Json:
    return {
        "currency": refunds.currency,
        "count": refunds.count,
        "amount": _amount(refunds.amount, refunds.currency),
        "parcel_arrived_after": refunds.arrived_after,
        "parcel_arrived_after_amount": _amount(refunds.arrived_after_amount, refunds.currency),
    }


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None or not currency else f"{to_major(minor, currency):f}"
