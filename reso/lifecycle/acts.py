"""Our own acts as events, and what a settlement does to the order's money."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from reso.lifecycle.state import State, state_of
from reso.lifecycle.state import records_of as records_of
from reso.model.case import Case, Record, Records, Value
from reso.model.events import Event, fold
from reso.model.proposal import Leg, Proposal
from reso.model.ruling import Ruling

ORDER_LEDGER = "history"
APPEALS = ("buyer_appeal", "seller_appeal")
FOR_GOODS = ("goods", "voucher", "compensation")
COMPENSATED = "courier_compensation_to_seller"


def act(dispute: str, kind: str, at: datetime, record: Mapping[str, Value]) -> Event:
    """Return one of our acts: an item of the list `kind`; what is None is left out."""
    said = {name: value for name, value in record.items() if value is not None}
    return Event(dispute, at, at, kind, Records(({"at": at, **said},)))


def asked(dispute: str, ruling: Ruling, case: Case, at: datetime) -> tuple[Event, ...]:
    """Return an act for each question a request puts to its party and that we have not put yet."""
    filed_at = case.fields.get("claim.filed_at")
    since = filed_at if isinstance(filed_at, datetime) else None
    put = {
        record.get("question")
        for record in case.lists.get("asked", ())
        if since is None or (isinstance(put_at := record.get("at"), datetime) and put_at >= since)
    }
    return tuple(
        act(dispute, "asked", at, {"question": question.name})
        for question in ruling.questions
        if question.needed and question.to_be_asked and question.to == ruling.of
        if question.name not in put
    )


def proposed(dispute: str, proposal: Proposal, at: datetime) -> Event:
    """Return the act that puts a proposal to the parties."""
    consent, ruling = proposal.consent, proposal.ruling
    if consent is None:
        raise ValueError("a proposal that asks nobody is settled, not proposed")
    return act(
        dispute,
        "proposed",
        at,
        {
            "decision": ruling.decision,
            "amount": ruling.amount,
            "parties": consent.parties,
            "until": consent.until,
        },
    )


def settled(
    dispute: str, proposal: Proposal, how: str, history: Sequence[Event], at: datetime
) -> tuple[Event, ...]:
    """Return the act that makes a proposal hold, and what it changes: what was refunded and
    released of the order, and how many appeals have been ruled on.
    """
    ruling = proposal.ruling
    record = {
        "decision": ruling.decision,
        "amount": ruling.amount,
        "payee": ruling.payee or None,
        "how": how,
        "legs": tuple(leg.name for leg in proposal.legs if leg.name and not leg.after) or None,
    }
    said = act(dispute, "settled", at, record)
    fields = _ledger(proposal, history, at)
    return (said, Event(dispute, at, at, ORDER_LEDGER, fields)) if fields else (said,)


def _ledger(proposal: Proposal, history: Sequence[Event], at: datetime) -> dict[str, Value]:
    """Return what a settlement changes in the history of its order."""
    case = fold(history, at)
    fields: dict[str, Value] = {}
    if compensated := _of_courier(proposal.legs):
        fields[COMPENSATED] = max(0, _stated(case, COMPENSATED) + compensated)
    if proposal.refund:
        fields["refunded_at"] = at
        fields["refunded_amount"] = _stated(case, "refunded_amount") + proposal.refund
    if any(leg.from_escrow and not leg.after for leg in proposal.legs):
        fields["released_at"] = at
    if _rules_on_appeal(state_of(history), case):
        fields["appeals_used"] = _stated(case, "appeals_used") + 1
    return fields


def _stated(case: Case, name: str) -> int:
    stated = case.fields.get(f"{ORDER_LEDGER}.{name}")
    return stated if isinstance(stated, int) else 0


def _rules_on_appeal(state: State, case: Case) -> bool:
    """Whether what is ruled on is an appeal: of a settlement, or filed as a claim of its own."""
    if state.opened_again == "appeal":
        return True
    return state.name != "settled" and case.fields.get("claim.type") in APPEALS


def standing(dispute: str, state: State, case: Case, at: datetime) -> tuple[Event, ...]:
    """Return the event that tells of the ruling in force, once a settled dispute is open again."""
    decision = None if state.settled is None else state.settled.get("decision")
    if not state.opened_again or case.fields.get("standing_decision") == decision:
        return ()
    return (Event(dispute, at, at, "case", {"standing_decision": decision}),)


def _of_courier(legs: Iterable[Leg]) -> int:
    """Return what the courier pays for goods, less what it gets back for them, in minor units."""
    now = [leg for leg in legs if not (leg.from_escrow or leg.after)]
    of_goods = [leg for leg in now if leg.component in FOR_GOODS]
    paid = sum(leg.amount for leg in of_goods if leg.payer == "courier")
    return paid - sum(leg.amount for leg in of_goods if leg.payee == "courier")


def escalated(dispute: str, ruling: Ruling, at: datetime) -> Event:
    """Return the act that hands a dispute to a human, with the question he has to answer."""
    kinds = {reason.kind for reason in ruling.reasons}
    if "conflict" in kinds:
        reason = "conflict"
    elif "flaw" in kinds:
        reason = "flaw"
    else:
        reason = "question" if ruling.needed else "rule"
    return handed_over(dispute, reason, at, ruling.deadline_of)


def handed_over(dispute: str, reason: str, at: datetime, question: str = "") -> Event:
    """Return the act that hands a dispute to a human for a reason, perhaps with a question."""
    return act(dispute, "escalated", at, {"question": question or None, "reason": reason})


def extended(dispute: str, case: Case, at: datetime) -> Event:
    """Return the event that counts an extension of the guarantee."""
    return Event(
        dispute, at, at, ORDER_LEDGER, {"extensions_used": _stated(case, "extensions_used") + 1}
    )


def reopened(dispute: str, because: str, at: datetime) -> Event:
    """Return the act that opens a settled dispute again, or takes a proposal back."""
    return act(dispute, "reopened", at, {"because": because})


def closed(dispute: str, at: datetime) -> Event:
    """Return the act that closes a dispute."""
    return act(dispute, "closed", at, {})


def is_same(record: Record, proposal: Proposal) -> bool:
    """Whether a proposal or settlement on record is what a proposal says now."""
    ruling = proposal.ruling
    return (record.get("decision"), record.get("amount")) == (ruling.decision, ruling.amount)
