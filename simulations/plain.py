"""Results and figures as plain data: JSON, and the columns of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date

from pydantic import BaseModel

from reso.engine.ruling_json import Json
from reso.model.money import to_major
from simulations.figures import Group, Hours, Refunds, Summary
from simulations.measures.ages import SINCE
from simulations.measures.censoring import Aged
from simulations.measures.knowledge import Known
from simulations.measures.rates import Rate
from simulations.reading import Outcomes, TruthFile, counted
from simulations.replaying.analysis import Analysis
from simulations.replaying.engines import Led
from simulations.replaying.opened import Account
from simulations.replaying.supposing import Answers, Supposed
from simulations.results import Movement

PLACES = 4
DIGITS = 6
"""Significant digits of a figure in `measures`."""

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
    "human_before": "BOOLEAN",
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


def summary_json(summary: Summary, account: Account, replay: Mapping[str, Json]) -> dict[str, Json]:
    """Return the figures as plain data: amounts exact texts, shares 0 to 1.

    Args:
        replay: what was run: policy, settings, until when.
    """
    return {
        "replay": dict(replay),
        "history": {
            "name": account.name,
            "disputes": account.disputes,
            "events": account.events,
            "rows_read": account.rows_read,
            "notes": [{"what": note.what, "count": note.count} for note in account.notes],
            "rejects": {**counted(account.rejects)},
        },
        "disputes": {"with_claim": summary.whole.disputes, "without_claim": summary.no_claim},
        **_group(summary.whole),
        "decided_without_human_where_nobody_answered": _rate(summary.unanswered),
        "ever_handed_to_a_human": summary.handed_over,
        "ruled_by_a_recorded_human_before_we_acted": summary.human_before,
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


def led_json(led: Led) -> Json:
    """Return who led the disputes as plain data."""
    return {
        "engine": led.engine,
        "instead_of_fast": led.why or None,
        "by_reference": dict(led.by_reference),
    }


def outcomes_json(outcomes: Outcomes) -> Json:
    """Return how many outcomes are recorded as plain data."""
    return {
        "read": outcomes.read,
        "used": outcomes.used,
        "twice": outcomes.twice,
        "replaced": outcomes.replaced,
        "rejects": {**counted(outcomes.rejects)},
    }


def truth_json(truth: TruthFile) -> Json:
    """Return what a file of truths told as plain data."""
    return {
        "file": str(truth.file),
        "content_hash": truth.content_hash,
        "read": truth.read,
        "used": truth.used,
        "not_in_the_history": truth.elsewhere,
    }


def measures_json(analysis: Analysis) -> Json:
    """Return the measures as plain data: their fields by name, amounts in minor units."""
    left_out = ("summary", "knowledge", "segments")
    knowledge = analysis.knowledge
    return {
        "known": _known(knowledge.known),
        "blind_rules": plain_of(knowledge.blind),
        "lack_of_data": plain_of(knowledge.lack),
        "left_out": plain_of(knowledge.left_out),
        "claim_ages": _claim_ages(knowledge.aged),
        **{
            field.name: plain_of(getattr(analysis, field.name))
            for field in fields(analysis)
            if field.name not in left_out
        },
        "segments": {one.column: plain_of(one) for one in analysis.segments},
    }


def supposed_json(supposed: Supposed) -> Json:
    """Return what was supposed beyond the record as plain data; amounts in minor units.

    What was not asked for is null or empty; a widening that cannot be priced has no figures.
    """
    return {
        "acceptance": None if supposed.answers is None else _answers(supposed.answers),
        "mirror": plain_of(supposed.mirror),
        "widening": [
            {
                "parameter": one.wider.parameter or None,
                "window_days": one.wider.days,
                "claim_types": list(one.wider.about.claim_types) or None,
                "verdict": None if one.priced else "unknowable",
                "since": {priced.since: plain_of(priced) for priced in one.priced},
            }
            for one in supposed.widened
        ],
        "raised_windows": plain_of(supposed.raised),
    }


def _answers(answers: Answers) -> Json:
    choice = answers.choice
    return {
        "model": choice.name,
        "content_hash": choice.content_hash,
        "seed": answers.seed,
        "led_again": answers.led_again,
        "record_alone": plain_of(answers.record),
        "runs": {
            name: {"source": getattr(choice.model, name).source, **figures}
            for name, one in answers.runs.items()
            for figures in (plain_of(one),)
            if isinstance(figures, dict)
        },
    }


def plain_of(value: object) -> Json:
    """Return a measure as plain data.

    Raises:
        TypeError: it holds what is no measure.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(f"{value:.{DIGITS}g}")
        case date():
            return value.isoformat()
        case Rate():
            return _rate(value)
        case Mapping():
            return {str(name): plain_of(one) for name, one in value.items()}
        case tuple() | list():
            return [plain_of(one) for one in value]
        case BaseModel():
            return plain_of(value.model_dump())
    if not is_dataclass(value):
        raise TypeError(f"{value!r} is no measure")
    told = {field.name: plain_of(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "interval"):
        told["interval_95"] = plain_of(value.interval)
    return told


def _known(known: Known) -> Json:
    return {
        "disputes": known.disputes,
        "facts": plain_of(known.shares),
        "parties": [
            {"list": section, "party": party, "share": plain_of(share)}
            for (section, party), share in known.by_party.items()
        ],
    }


def _claim_ages(found: Sequence[Aged]) -> Json:
    """Return the curves of all claims by what they are counted from, then those of a part."""
    whole = {one.ages.since: _aged(one) for one in found if not one.ages.about.name}
    parts = [one for one in found if one.ages.about.name]
    return {
        since: {**whole[since], "parts": [_aged(one) for one in parts if one.ages.since == since]}
        for since in SINCE
        if since in whole
    }


def _aged(aged: Aged) -> dict[str, Json]:
    return {
        "about": aged.ages.about.name or None,
        "claim_types": list(aged.ages.about.claim_types) or None,
        "claims": aged.ages.claims,
        "known": _rate(aged.ages.known),
        "by_day": plain_of(aged.ages.by_day),
        "cliff": plain_of(aged.cliff),
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
