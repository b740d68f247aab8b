"""A proposal as plain data, ready for JSON: who pays whom, who does what by when, who may what.

Amounts are exact decimal texts in major units, instants ISO 8601 on the clocks of the policy's
zone. What a proposal does not have is null.
"""

from collections.abc import Callable
from datetime import datetime

from reso.engine.explain import Explainer
from reso.engine.ruling_json import Json
from reso.model.money import Language, to_major
from reso.model.proposal import Consent, Duty, Leg, Proposal, Right
from reso.policy.model import Policy

LANGUAGES: tuple[Language, ...] = ("id", "en")


def proposal_json(proposal: Proposal, policy: Policy) -> dict[str, Json]:
    """Return what a proposal adds to its ruling, as plain data for JSON."""
    ruling = proposal.ruling
    currency = ruling.currency or policy.currencies[0]
    explainer, zone = Explainer(policy), policy.calendar.zone

    def instant(at: datetime | None) -> Json:
        return None if at is None else at.astimezone(zone).isoformat()

    def money(minor: int) -> Json:
        return f"{to_major(minor, currency):f}"

    def asks(question: str) -> Json:
        return {
            language: explainer.asks(question, ruling, explainer.voice(ruling, language)) or None
            for language in LANGUAGES
        }

    return {
        "ends": proposal.how or None,
        "consent": _consent(proposal.consent, instant),
        "legs": [_leg(leg, money) for leg in proposal.legs],
        "held": money(proposal.held),
        "duties": [_of_party(duty, instant, asks) for duty in proposal.duties],
        "rights": [_of_party(right, instant, asks) for right in proposal.rights],
    }


def _consent(consent: Consent | None, instant: Callable[[datetime | None], Json]) -> Json:
    if consent is None:
        return None
    return {
        "of": list(consent.parties),
        "until": instant(consent.until),
        "silence_means": "accept" if consent.silence_accepts else "refuse",
    }


def _leg(leg: Leg, money: Callable[[int], Json]) -> Json:
    return {
        "payer": leg.payer,
        "payee": leg.payee,
        "amount": money(leg.amount),
        "component": leg.component,
        "from_escrow": leg.from_escrow,
        "fault": leg.fault or None,
        "after": leg.after or None,
    }


def _of_party(
    one: Duty | Right, instant: Callable[[datetime | None], Json], asks: Callable[[str], Json]
) -> Json:
    return {
        "party": one.party,
        "question": one.question,
        "asks": asks(one.question),
        "until": instant(one.until),
    }
