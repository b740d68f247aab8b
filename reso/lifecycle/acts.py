"""Our own acts as events, and what a settlement does to the order's money."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from reso.model.case import Record, Records, Value
from reso.model.events import Event, fold
from reso.model.proposal import Leg, Proposal
from reso.model.ruling import Ruling

ORDER_LEDGER = "history"
FOR_GOODS = ("goods", "voucher", "compensation")
COMPENSATED = "history.courier_compensation_to_seller"


def act(dispute: str, kind: str, at: datetime, record: Mapping[str, Value]) -> Event:
    """Return one of our acts: an item of the list `kind`; what is None is left out."""
    said = {name: value for name, value in record.items() if value is not None}
    return Event(dispute, at, at, kind, Records(({"at": at, **said},)))


def asked(dispute: str, ruling: Ruling, at: datetime) -> tuple[Event, ...]:
    """Return an act for each question a request puts to its party."""
    return tuple(
        act(dispute, "asked", at, {"question": question.name})
        for question in ruling.questions
        if question.needed and question.to_be_asked and question.to == ruling.of
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
    """Return the act that makes a proposal hold, and what it changes: the ruling in force, the
    order's ledger of what was refunded and released.
    """
    ruling = proposal.ruling
    record = {"decision": ruling.decision, "amount": ruling.amount, "how": how}
    return (
        act(dispute, "settled", at, record),
        Event(dispute, at, at, "case", {"standing_decision": ruling.decision}),
        *_ledger(dispute, proposal, history, at),
    )


def _ledger(
    dispute: str, proposal: Proposal, history: Sequence[Event], at: datetime
) -> tuple[Event, ...]:
    now = [leg for leg in proposal.legs if not leg.after]
    back = sum(
        leg.amount for leg in now if leg.payee == "buyer" and leg.component != "compensation"
    )
    released = any(leg.from_escrow and leg.payee == "seller" for leg in now)
    fields: dict[str, Value] = {}
    if compensated := _of_courier(now):
        before = _known(history, at, COMPENSATED)
        fields[COMPENSATED.removeprefix("history.")] = max(0, before + compensated)
    if back:
        fields["refunded_at"] = at
        fields["refunded_amount"] = back + _known(history, at, "history.refunded_amount")
    if released or (back and not proposal.held):
        fields["released_at"] = at
    return (Event(dispute, at, at, ORDER_LEDGER, fields),) if fields else ()


def _of_courier(legs: Iterable[Leg]) -> int:
    """Return what the courier pays for goods, less what it gets back for them, in minor units."""
    of_goods = [leg for leg in legs if not leg.from_escrow and leg.component in FOR_GOODS]
    paid = sum(leg.amount for leg in of_goods if leg.payer == "courier")
    return paid - sum(leg.amount for leg in of_goods if leg.payee == "courier")


def _known(history: Sequence[Event], at: datetime, name: str) -> int:
    found = fold(history, at).fields.get(name)
    return found if isinstance(found, int) else 0


def escalated(dispute: str, ruling: Ruling, at: datetime) -> Event:
    """Return the act that hands a dispute to a human, with the question he has to answer."""
    kinds = {reason.kind for reason in ruling.reasons}
    if "conflict" in kinds:
        reason = "conflict"
    elif "flaw" in kinds:
        reason = "flaw"
    else:
        reason = "question" if ruling.needed else "rule"
    return act(dispute, "escalated", at, {"question": ruling.deadline_of or None, "reason": reason})


def refused(dispute: str, at: datetime) -> Event:
    """Return the act that hands a refused proposal to a human."""
    return act(dispute, "escalated", at, {"reason": "refused"})


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


def is_appeal(event: Event) -> bool:
    """Whether an event is a party's appeal."""
    return event.kind == "responses" and any(
        record.get("action") == "appeal" for record in records_of(event)
    )


def since_settling(history: Sequence[Event]) -> Sequence[Event]:
    """Return the events that became known after the last settlement, also at its instant."""
    ordered = sorted(history, key=lambda event: event.recorded_at)
    last = max((n for n, event in enumerate(ordered) if event.kind == "settled"), default=-1)
    return ordered[last + 1 :]


def records_of(event: Event) -> Iterable[Record]:
    """Return what an event says: the fields of an object, or each item of a list."""
    match event.payload:
        case Records():
            return event.payload
        case Mapping():
            return (event.payload,)
        case _:
            return ()
