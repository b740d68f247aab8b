"""Scores a ruling against what its scenario case expects.

As the published cases' `meta.scoring` says: the decision must be one of those accepted (deny and
release_to_seller are one); the amount counts when the decision is the expected one; deadlines
have a tolerance; who pays, is paid or asked, and how much of what, must be exact; `also` is
counted apart. Where another accepted decision came out, what the ruling leaves open is not held
against it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from reso.cases.scenario import Expectation, Pattern
from reso.cases.scenario import Leg as ExpectedLeg
from reso.facts.operations import MILLION
from reso.model.money import to_major
from reso.model.proposal import Leg, Proposal
from reso.model.ruling import QuestionTrace, Ruling
from reso.model.time import parse_instant

REFUNDS = ("refund_full", "refund_partial")
BEFORE_A_RULING = ("wait", "request_evidence")
RETURN_SHIPPING = "return_shipping_payer"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing compared: what it is called, whether it is as expected, both sides as text."""

    name: str
    ok: bool
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Score:
    """What was compared of a case.

    Attributes:
        checks: what makes the case pass or fail.
        also: the secondary assertions, counted apart.
        to_read: outcomes that must not come out and that only a reader can judge.
    """

    checks: tuple[Check, ...]
    also: tuple[Check, ...] = ()
    to_read: tuple[str, ...] = ()


def score(expect: Expectation, proposal: Proposal, messages: Callable[[], str] = str) -> Score:
    """Score a ruling and what it comes to.

    Args:
        expect: what the case expects.
        proposal: what the policy said, made concrete.
        messages: returns the texts both parties get; asked for only where a pattern needs them.
    """
    ruling = proposal.ruling
    return Score(
        checks=(*_checks(expect, ruling, messages), *_legs(expect, proposal)),
        also=tuple(_secondary(name, wanted, ruling) for name, wanted in expect.also.items()),
        to_read=tuple(pattern.outcome for pattern in expect.never if pattern.outcome),
    )


def _checks(expect: Expectation, ruling: Ruling, messages: Callable[[], str]) -> Iterator[Check]:
    yield _decision(expect, ruling)
    yield from _amount(expect, ruling)
    yield from _deadline(expect, ruling)
    yield from _exact(expect, ruling)
    yield from _any_of(expect, ruling)
    names = [reason.name for reason in ruling.reasons]
    for name in expect.reasons:
        yield Check("reasons", name in names, name, ", ".join(names))
    for number, pattern in enumerate(expect.never):
        if not pattern.outcome:
            yield _never(number, pattern, ruling, messages)


# -- movements of money ---------------------------------------------------------------------


def _legs(expect: Expectation, proposal: Proposal) -> Iterator[Check]:
    """Compare the movements that must come out; where another accepted decision came out, none."""
    currency = proposal.ruling.currency
    if currency is None or not _is_main(expect, proposal.ruling):
        return
    for number, wanted in enumerate(expect.legs):
        found = sum(leg.amount for leg in proposal.legs if _is_wanted(wanted, leg))
        total = to_major(found, currency)
        low, high = _range(wanted)
        ok = low <= total and (high is None or total <= high)
        yield Check(f"legs[{number}]", ok, _told(wanted), _shown(total))


def _is_wanted(wanted: ExpectedLeg, leg: Leg) -> bool:
    payers = (*wanted.payer_any_of, *([wanted.payer] if wanted.payer else []))
    payees = (*wanted.payee_any_of, *([wanted.payee] if wanted.payee else []))
    return (
        (not payers or leg.payer in payers)
        and (not payees or leg.payee in payees)
        and wanted.component in ("", leg.component)
        and (wanted.fault is None or leg.fault == wanted.fault)
    )


def _range(wanted: ExpectedLeg) -> tuple[Decimal, Decimal | None]:
    """Return between which sums (inclusive) the movements must come to; None: no upper bound."""
    if wanted.amount is not None:
        return wanted.amount, wanted.amount
    if wanted.amount_between is not None:
        return wanted.amount_between
    return Decimal("0.01"), None


def _told(wanted: ExpectedLeg) -> str:
    low, high = _range(wanted)
    payer = wanted.payer or " or ".join(wanted.payer_any_of) or "anyone"
    payee = wanted.payee or " or ".join(wanted.payee_any_of) or "anyone"
    sums = _shown(low) if low == high else f"{_shown(low)} to {_shown(high)}"
    return f"{payer} -> {payee} {sums} {wanted.component}".rstrip()


# -- the decision, the amount, the deadline -------------------------------------------------


def _decision(expect: Expectation, ruling: Ruling) -> Check:
    accepted = (expect.decision, *expect.accept_also)
    ok = _class(ruling.decision) in map(_class, accepted)
    return Check("decision", ok, " or ".join(accepted), ruling.decision)


def _class(decision: str) -> str:
    return "release_to_seller" if decision == "deny" else decision


def _is_main(expect: Expectation, ruling: Ruling) -> bool:
    return _class(ruling.decision) == _class(expect.decision)


def _amount(expect: Expectation, ruling: Ruling) -> Iterator[Check]:
    got = amount_of(ruling)
    main = _is_main(expect, ruling)
    if expect.amount_between is not None and (main or ruling.decision in REFUNDS):
        low, high = expect.amount_between
        ok = got is not None and low <= got <= high
        yield Check("amount", ok, f"{_shown(low)} to {_shown(high)}", _shown(got))
    elif main and expect.amount_any_of:
        wanted = " or ".join(map(_shown, expect.amount_any_of))
        yield Check("amount", got in expect.amount_any_of, wanted, _shown(got))
    elif main and expect.amount is not None and expect.amount_between is None:
        yield Check("amount", got == expect.amount, _shown(expect.amount), _shown(got))


def amount_of(ruling: Ruling) -> Decimal | None:
    """Return the amount concluded, in major units."""
    if ruling.amount is None or ruling.currency is None:
        return None
    return to_major(ruling.amount, ruling.currency)


def _deadline(expect: Expectation, ruling: Ruling) -> Iterator[Check]:
    got, main = ruling.deadline, _is_main(expect, ruling)
    if expect.deadline is not None and main:
        at, hours = expect.deadline.at, expect.deadline.tolerance_hours
        within = timedelta(seconds=float(hours * 3600))
        ok = got is not None and abs(got - at) <= within
        wanted = _shown(at) + (f" within {_shown(hours)} hours" if hours else "")
        yield Check("deadline", ok, wanted, _shown(got))
    if expect.deadline_between is not None and (main or ruling.decision in BEFORE_A_RULING):
        first, last = expect.deadline_between
        ok = got is not None and first <= got <= last
        yield Check("deadline", ok, f"{_shown(first)} to {_shown(last)}", _shown(got))


# -- who, and how much of what --------------------------------------------------------------


def _exact(expect: Expectation, ruling: Ruling) -> Iterator[Check]:
    percent = None if ruling.percent is None else Decimal(ruling.percent) * 100 / MILLION
    compared: tuple[tuple[str, object, object], ...] = (
        ("payer", expect.payer, ruling.payer or None),
        ("payee", expect.payee, ruling.payee or None),
        (RETURN_SHIPPING, expect.return_shipping_payer, ruling.matter(RETURN_SHIPPING) or None),
        ("quantity", expect.quantity, ruling.quantity),
        ("percent", expect.percent, percent),
        ("of", expect.of, ruling.of or None),
        ("party", expect.party, ruling.party or None),
    )
    main = _is_main(expect, ruling)
    for name, wanted, got in compared:
        if wanted is not None and (main or got is not None):
            yield Check(name, got == wanted, _shown(wanted), _shown(got))


def _any_of(expect: Expectation, ruling: Ruling) -> Iterator[Check]:
    if expect.payer_any_of and (_is_main(expect, ruling) or ruling.decision in REFUNDS):
        got = bearer_of(ruling)
        wanted = " or ".join(expect.payer_any_of)
        yield Check("payer", got in expect.payer_any_of, wanted, _shown(got or None))
    if expect.of_any_of and ruling.decision == "request_evidence":
        wanted = " or ".join(expect.of_any_of)
        yield Check("of", ruling.of in expect.of_any_of, wanted, _shown(ruling.of or None))


def bearer_of(ruling: Ruling) -> str:
    """Return who bears what is paid: the payer named, else the seller, whose escrow it is."""
    from_escrow = ruling.amount is not None and ruling.payee == "buyer"
    return ruling.payer or ("seller" if from_escrow else "")


# -- what must never come out ---------------------------------------------------------------


def _never(number: int, pattern: Pattern, ruling: Ruling, messages: Callable[[], str]) -> Check:
    matched = all(_holds(pattern, ruling, messages))
    keys = pattern.model_dump(exclude_none=True, exclude={"why", "outcome"})
    wanted = ", ".join(f"{key} {_shown(value)}" for key, value in keys.items())
    why = f" ({pattern.why})" if pattern.why else ""
    got = "this very outcome" if matched else "another outcome"
    return Check(f"never[{number}]", not matched, f"not {wanted}{why}", got)


def _holds(pattern: Pattern, ruling: Ruling, messages: Callable[[], str]) -> Iterator[bool]:
    amount = amount_of(ruling)
    if pattern.decision is not None:
        yield _class(ruling.decision) == _class(pattern.decision)
    if pattern.payer is not None:
        yield bearer_of(ruling) == pattern.payer
    if pattern.payee is not None:
        yield ruling.payee == pattern.payee
    if pattern.of is not None:
        yield ruling.of == pattern.of
    if pattern.amount_over is not None:
        yield amount is not None and amount > pattern.amount_over
    if pattern.amount_under is not None:
        yield amount is not None and amount < pattern.amount_under
    if pattern.return_shipping_payer is not None:
        yield ruling.matter(RETURN_SHIPPING) == pattern.return_shipping_payer
    if pattern.message_contains_any is not None:
        said = messages().casefold()
        yield any(word.casefold() in said for word in pattern.message_contains_any)


# -- secondary ------------------------------------------------------------------------------


def _secondary(name: str, wanted: object, ruling: Ruling) -> Check:
    found = list(_stated(name, ruling))
    ok = any(_agrees(wanted, got) for got in found) if found else wanted is False
    return Check(f"also.{name}", ok, _shown(wanted), " and ".join(map(_shown, found)) or "nothing")


def _stated(name: str, ruling: Ruling) -> Iterator[object]:
    """Yield what a ruling says of a name: by its effects, else its matters, else its clocks."""
    effects, matters = ruling.effects or {}, dict(ruling.matters)
    if name in effects:
        yield effects[name]
    elif name in matters:
        yield matters[name]
    elif name == "awaiting":
        yield from _awaited(ruling)
    else:
        names = (name, name.removesuffix("_deadline"))
        yield from (q.deadline for q in ruling.questions if q.name in names and q.deadline)


def _awaited(ruling: Ruling) -> Iterable[str]:
    if ruling.of:
        return [ruling.of]
    needed: list[QuestionTrace] = [q for q in ruling.questions if q.needed]
    return dict.fromkeys(question.to for question in needed)


def _agrees(wanted: object, got: object) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(got, datetime):
        return isinstance(wanted, str) and _minute(wanted) == _minute(got)
    return wanted == got


def _minute(instant: str | datetime) -> datetime | None:
    try:
        return parse_instant(instant).replace(second=0, microsecond=0)
    except ValueError:
        return None


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat()
        case tuple():
            return " or ".join(map(_shown, value))
        case _:
            return str(value)
