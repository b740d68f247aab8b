"""What came of one dispute: how it ended, when, and who paid whom."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reso.lifecycle import Life, state_of
from reso.lifecycle.acts import records_of
from reso.model.case import Record
from reso.model.events import Event, fold
from reso.model.proposal import Proposal
from simulations.life import OLD_HUMANS, Lived

Ended = Literal["agreed", "lapsed", "imposed", "withdrawn", "escalated", "open", "no_claim"]

ENDED: tuple[Ended, ...] = (
    "agreed",
    "lapsed",
    "imposed",
    "withdrawn",
    "escalated",
    "open",
    "no_claim",
)
HANDED_OVER = ("escalated", "taken_over")
REFUNDS = ("refund_full", "refund_partial")
PARTIES = ("buyer", "seller", "courier")


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """Money that moved: minor units of `currency`, from who bears it to who gets it."""

    payer: str
    payee: str
    component: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one dispute.

    Attributes:
        claim_type: as the case says in the end; "" without a claim, or when it does not say.
        filed_at: when the claim became known; None without one.
        ended: how; of a settled dispute as its last settlement says.
        decision, amount: of the last settlement, in minor units of `currency`.
        ended_at: when the last settlement came to hold, or a human got the case.
        question: the question a human has to answer.
        reason: what ended it: the first rule (or step, or `otherwise`) of the last settlement; of
            a case a human has, the rule, question, conflict or flaw by which he got it.
        reasons: what led to each settlement and hand-over on the way, in their order, none twice
            in a row.
        handed_over: a human had it at some time, also if facts then settled it, or if it is one of
            `human_before`.
        human_before: a human of the recorded platform ruled on it before we had acted. What then
            became of it is what that human said, and no work of ours.
        asked: how often we asked somebody something.
        has_answers: the history holds what a party answered (a message is no answer).
        left_out: acts of the old platform that were not fed.
        moments: decision points lived through.
        movements: the money that moved, by all settlements.
        refunded_at: when a refund was first settled; None if none was.
        arrived_after: the history has the parcel arrive after that refund and not before.
    """

    dispute_id: str
    claim_type: str
    filed_at: datetime | None
    ended: Ended
    decision: str = ""
    amount: int | None = None
    currency: str = ""
    ended_at: datetime | None = None
    question: str = ""
    reason: str = ""
    reasons: tuple[str, ...] = ()
    handed_over: bool = False
    human_before: bool = False
    asked: int = 0
    has_answers: bool = False
    left_out: int = 0
    moments: int = 0
    movements: tuple[Movement, ...] = ()
    refunded_at: datetime | None = None
    arrived_after: bool = False

    @property
    def refunded(self) -> int:
        """What the buyer got, in minor units."""
        return sum(moved.amount for moved in self.movements if moved.payee == "buyer")

    @property
    def without_human(self) -> bool:
        """Whether it ended and no human ever had it."""
        return self.ended in ("agreed", "lapsed", "imposed", "withdrawn") and not self.handed_over

    @property
    def hours(self) -> float | None:
        """Hours from the claim to its end; None where there is none."""
        if self.filed_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.filed_at).total_seconds() / 3600


def result_of(life: Life, lived: Lived, recorded: Sequence[Event]) -> Result:
    """Return what came of a dispute.

    Args:
        recorded: all of its history, also what was recorded after the replay's end: the result
            is held against it (`arrived_after`), which changes nothing of the result itself.
    """
    state = state_of(lived.history)
    filed = _first(lived.history, "claim", "filed_at")
    kinds = Counter(event.kind for event in lived.history)
    refunded_at = _refunded_at(lived.history)
    last = _last(lived.history, "settled")
    human = _last(lived.history, "escalated") if state.name in HANDED_OVER else None
    end = human or last
    settled = state.settled if last is not None else None
    proposals = _settlements(life, lived.history)
    human_before = any(map(_is_by_a_human, lived.history))
    return Result(
        dispute_id=lived.dispute_id,
        claim_type=_claim_type(lived.history),
        filed_at=filed.recorded_at if filed else None,
        ended=_ended(state.name, state.settled, filed is not None),
        decision=str((settled or {}).get("decision") or ""),
        amount=_amount(settled),
        currency=_currency(lived.history),
        ended_at=end.recorded_at if end else None,
        question=str((state.escalated or {}).get("question") or ""),
        reason=_human_reason(life, lived.history, human) if human else _reason(proposals),
        reasons=_reasons(life, lived.history),
        handed_over=kinds["escalated"] > 0 or human_before,
        human_before=human_before,
        asked=kinds["asked"],
        has_answers=any(map(_is_answer, recorded)),
        left_out=lived.left_out,
        moments=len(lived.moments),
        movements=_movements(proposals, lived.history),
        refunded_at=refunded_at,
        arrived_after=_is_after(first_arrival(recorded), refunded_at),
    )


def _ended(state: str, settled: Record | None, has_claim: bool) -> Ended:
    if not has_claim:
        return "no_claim"
    match state:
        case "settled" | "closed":
            how = (settled or {}).get("how")
            return next((one for one in ENDED[:3] if one == how), "imposed")
        case "escalated" | "taken_over":
            return "escalated"
        case "withdrawn":
            return "withdrawn"
        case _:
            return "open"


def _first(history: Iterable[Event], kind: str, field: str) -> Event | None:
    found = (e for e in history if e.kind == kind)
    return next((e for e in found if any(r.get(field) for r in records_of(e))), None)


def _last(history: Sequence[Event], kind: str) -> Event | None:
    return next((event for event in reversed(history) if event.kind == kind), None)


def _claim_type(history: Sequence[Event]) -> str:
    """Return of what type the claim is, as the case says in the end."""
    last = max((event.recorded_at for event in history), default=None)
    return "" if last is None else str(fold(history, last).fields.get("claim.type") or "")


def _currency(history: Sequence[Event]) -> str:
    stated = (r.get("currency") for e in history if e.kind == "order" for r in records_of(e))
    return str(next((currency for currency in stated if currency), ""))


def _amount(settled: Record | None) -> int | None:
    amount = (settled or {}).get("amount")
    return amount if isinstance(amount, int) else None


def _is_answer(event: Event) -> bool:
    return event.kind == "responses" and any(
        record.get("party") in PARTIES and record.get("action") != "message"
        for record in records_of(event)
    )


def _is_by_a_human(event: Event) -> bool:
    return event.kind == "responses" and any(
        record.get("party") in OLD_HUMANS and record.get("action") != "message"
        for record in records_of(event)
    )


def _settlements(life: Life, history: Sequence[Event]) -> list[Proposal]:
    """Return what each settlement made hold, in their order."""
    return [
        life.proposal(history[:place], event.recorded_at)
        for place, event in enumerate(history)
        if event.kind == "settled"
    ]


def _reason(proposals: Sequence[Proposal]) -> str:
    return proposals[-1].ruling.reasons[0].name if proposals else ""


def _human_reason(life: Life, history: Sequence[Event], human: Event) -> str:
    """Return why a human has a case: what a party did, or the first reason of the ruling."""
    said = str(next(iter(records_of(human)), {}).get("reason") or "")
    if said in ("refused", "requested"):
        return said
    before = history[: history.index(human)]
    return life.proposal(before, human.recorded_at).ruling.reasons[0].name or said


def _reasons(life: Life, history: Sequence[Event]) -> tuple[str, ...]:
    """Return what led to each settlement and to each hand-over, none twice in a row."""
    found: list[str] = []
    for place, event in enumerate(history):
        if event.kind == "settled":
            name = _reason([life.proposal(history[:place], event.recorded_at)])
        elif event.kind == "escalated":
            name = _human_reason(life, history, event)
        else:
            continue
        if found[-1:] != [name]:
            found.append(name)
    return tuple(filter(None, found))


def _movements(proposals: Iterable[Proposal], history: Sequence[Event]) -> tuple[Movement, ...]:
    """Return the money that moved: at each settlement, the legs that were due at once."""
    currency = _currency(history)
    moved: Counter[tuple[str, str, str]] = Counter()
    for leg in (leg for proposal in proposals for leg in proposal.legs if not leg.after):
        moved[leg.payer, leg.payee, leg.component] += leg.amount
    return tuple(
        Movement(payer, payee, component, currency, amount)
        for (payer, payee, component), amount in sorted(moved.items())
    )


def _refunded_at(history: Sequence[Event]) -> datetime | None:
    for event in history:
        if event.kind == "settled":
            for record in records_of(event):
                if record.get("decision") in REFUNDS:
                    return event.recorded_at
    return None


def first_arrival(recorded: Iterable[Event]) -> datetime | None:
    """Return when it first became known that the parcel reached the buyer; None: it never did."""
    arrivals = (
        event.recorded_at
        for event in recorded
        if event.kind == "tracking"
        for record in records_of(event)
        if record.get("event") == "delivered" and record.get("leg") in (None, "outward")
    )
    return min(arrivals, default=None)


def _is_after(arrived_at: datetime | None, refunded_at: datetime | None) -> bool:
    return arrived_at is not None and refunded_at is not None and arrived_at > refunded_at
