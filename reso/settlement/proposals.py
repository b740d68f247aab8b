"""The main flow of settling: a ruling goes in, a proposal comes out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from reso.engine.decide import CANNOT_EVALUATE, Decided, Engine
from reso.engine.judgement import Judgement, Resolved, Values
from reso.expressions.tree import Field, Node, uses, walk
from reso.model.case import Case, Record
from reso.model.proposal import Consent, Duty, Leg, Proposal, Right
from reso.model.ruling import QuestionTrace, Reason, Ruling
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.document import Mark
from reso.policy.model import PARTIES, ConsentRule, Escrow, Holding, Party, Policy
from reso.settlement.beside import applies, beside, holds
from reso.settlement.endings import Endings
from reso.settlement.escrow import Held, Order, Share, refund_legs, release_legs

REFUNDS = ("refund_full", "refund_partial", "return_and_refund")
MOVING = ("return_and_refund", "replace_or_resend_missing")
"""Remedies that move goods first: their money is due after their last step."""

_NOWHERE = Mark("", 0, 0, 0)
RELEASES = ("release_to_seller", "deny")
MAY_ACT: tuple[Party, ...] = ("buyer", "seller", "courier", "insurer")
TOO_MUCH = "the order does not hold this amount"
REFUNDED = "history.refunded_amount"
NO_PAYER = "nobody is named who pays this"


class Settler:
    """Makes proposals of one policy's rulings."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.policy: Policy = engine.evaluator.policy
        self._endings = Endings(self.policy)
        self._last_step = {
            (stage.remedy, stage.chapter): stage.steps[-1].question
            for stage in self.policy.stages
            if stage.steps
        }
        self._steps = {q.name for q in self.policy.questions if q.stage}
        self._whole_is_left = _reads(self.policy, self.policy.whole, REFUNDED)

    def propose(self, case: Case, at: datetime | None = None) -> Proposal:
        """Rule on a case at `at` (default: its own instant) and return the proposal.

        A refund that the order does not hold goes to a human, and so does money whose amount,
        payer or clock cannot be worked out.

        Raises:
            InputError: the case is in another currency than the policy.
        """
        return self.of(self.engine.decided(case, at))

    def of(self, decided: Decided) -> Proposal:
        """Return the proposal of a ruling."""
        ruling, judgement = decided.ruling, decided.judgement
        if judgement is None:
            return self._open(ruling, 0)
        try:
            return self._of(ruling, judgement.world)
        except CANNOT_EVALUATE as error:
            return self._open(_handed_over(ruling, "evaluation", str(error)), 0)

    def _of(self, ruling: Ruling, values: Values) -> Proposal:
        values.concluded = ruling.amount
        order = self._order(values)
        in_escrow = 0 if self._released(values) else order.held
        if not ruling.settled or ruling.decision == "escalate":
            return self._open(ruling, in_escrow)
        refund, added = self._due(ruling, values)
        if not self._at_stake(values):
            refund = min(refund, order.refundable)  # it may have been paid by another dispute
        if refund > order.refundable:
            return self._open(_handed_over(ruling, "escrow", TOO_MUCH), in_escrow)
        if added and not ruling.payer:
            return self._open(_handed_over(ruling, "escrow", NO_PAYER), in_escrow)
        after = self._after(ruling)
        legs = list(self._added(ruling, added, after))
        to_buyer = ruling.payee in ("", "buyer")
        if to_buyer and ruling.decision in (*REFUNDS, *RELEASES):
            shares = order.split(refund, ruling.matter("refund_of"))
            legs += self._of_order(ruling, shares, values, after)
        legs += beside(self.policy, ruling, values)
        taken = sum(leg.amount for leg in legs if leg.from_escrow and not leg.after)
        return Proposal(
            ruling,
            self._endings.of(ruling),
            self._consent(ruling, values),
            tuple(legs),
            tuple(self._duties(ruling)),
            tuple(self._rights(ruling)),
            held=max(0, in_escrow - taken),
            refund=0 if after else refund,
        )

    def by_human(
        self, decided: Decided, remedy: str, amount: int | None, payer: str = ""
    ) -> Proposal:
        """Return the proposal of a human's ruling in place of ours.

        Args:
            decided: what we would have ruled, for what the case holds.
            remedy: a remedy, no reference.
            amount: minor units; None: of a refund, all there is.
            payer: who pays; empty: whom the policy names. Only one who is named here can add to
                what the buyer paid.
        """
        ours, judgement = decided.ruling, decided.judgement
        whole = None
        if remedy not in REFUNDS:
            amount = None
        elif judgement is not None:
            order = self._order(judgement.world)
            left = order.refundable + paid_here(judgement.world.case)
            amount = left if amount is None else amount
            whole = _known_amount(self.policy.whole, judgement.world)
        if remedy in ("refund_full", "refund_partial") and amount is not None:
            remedy = "refund_full" if whole is not None and amount >= whole else "refund_partial"
        ruling = replace(
            ours,
            decision=remedy,  # type: ignore[arg-type]
            reasons=(Reason("rule", "adjudicated", remedy),),
            amount=amount,
            payer=payer or ours.matter("payer"),
            payee="" if amount is None else "buyer",
            of="",
            deadline=None,
            deadline_of="",
            matters=tuple(m for m in ours.matters if not (payer and m[0].startswith("payer"))),
            needed=(),
        )
        if judgement is None:
            return Proposal(ruling, "imposed")
        beyond = whole is not None and amount is not None and amount > whole and not payer
        if beyond:
            return self._open(_handed_over(ruling, "escrow", TOO_MUCH), 0)
        return self.of(Decided(ruling, judgement))

    def going_on(self, decided: Decided, settled: Record) -> Proposal | None:
        """Return where the steps of a settlement have led; None: it stands where it stood.

        What was settled stands whatever the rules would say of the case by now; only its own
        steps move it on, with the amount it was settled with.
        """
        ruling, judgement = decided.ruling, decided.judgement
        if judgement is None:
            return self._open(ruling, 0)
        remedy, amount = settled.get("decision"), settled.get("amount")
        stood = Resolved(remedy=str(remedy), amount=amount if isinstance(amount, int) else None)
        try:
            outcome = self.engine.outcomes.settled_on(stood, judgement)
        except CANNOT_EVALUATE as error:
            return self._open(_handed_over(ruling, "evaluation", str(error)), 0)
        if outcome.decision == remedy:
            return None
        told = self.engine.tracer.ruling(judgement, outcome, outcome.deadline)
        steps = tuple(reason for reason in told.reasons if reason.kind == "step")
        if ruling.possible != (remedy,) and steps:
            told = replace(told, reasons=steps)
        return self.of(Decided(replace(told, possible=(str(remedy),)), judgement))

    def rights(self, decided: Decided) -> tuple[Right, ...]:
        """Return the rights of the proposal of a ruling, without working out its money."""
        return tuple(self._rights(decided.ruling))

    def steps(self, remedy: str, judgement: Judgement) -> tuple[QuestionState, ...]:
        """Return the states of the steps of a remedy."""
        stage = self.engine.outcomes.concluder.stage(remedy, judgement.chapter)
        found = () if stage is None else stage.steps
        return tuple(judgement.world.question(step.question) for step in found)

    def _open(self, ruling: Ruling, held: int) -> Proposal:
        duties, rights = tuple(self._duties(ruling)), tuple(self._rights(ruling))
        return Proposal(ruling, "", duties=duties, rights=rights, held=held)

    # -- money ------------------------------------------------------------------------------

    def _due(self, ruling: Ruling, values: Values) -> tuple[int, int]:
        """Return what is due now of the ruling's amount: out of the order, and added by a payer.

        The amount is what the dispute pays in all. Up to `whole` it is a refund of the order;
        above that, and to anybody but the buyer, somebody adds it.
        """
        amount = ruling.amount or 0
        if ruling.payee not in ("", "buyer"):
            return 0, max(0, amount - paid_here(values.case, ruling.payee))
        before = paid_here(values.case)
        whole = _known_amount(self.policy.whole, values)
        most = max(amount, before) if whole is None else whole
        refund = max(0, min(amount, most) - min(before, most))
        added = max(0, amount - most) - max(0, before - most)
        return refund, max(0, added)

    def _added(self, ruling: Ruling, amount: int, after: str) -> Iterator[Leg]:
        payee = ruling.payee or "buyer"
        if amount and ruling.payer != payee:
            fault = ruling.matter("fault")
            yield Leg(ruling.payer, payee, amount, "compensation", False, fault, after)

    def _of_order(
        self, ruling: Ruling, shares: tuple[Share, ...], values: Values, after: str
    ) -> list[Leg]:
        """Return the refund and the release of what the order holds.

        Where that money is not at stake a refund comes out of the earners' own pockets.
        """
        payers = _payers(shares, ruling)
        released = self._released(values) or not self._at_stake(values)
        legs = refund_legs(shares, payers, ruling.matter("fault"), after, released)
        return legs if released else legs + release_legs(shares, payers, after)

    def _order(self, values: Values) -> Order:
        """Return what the order of a case held, and what the buyer got back before.

        A policy without `escrow` knows one component: the goods, which are `whole`. What was
        refunded is then what the history of the order says, unless `whole` leaves it out already.
        """
        escrow: Escrow = self.policy.escrow
        if escrow.holdings:
            components = tuple(Held(h, _amount(h.holds, values)) for h in escrow.holdings)
            before = escrow.refunded_before
            return Order(components, 0 if before is None else _amount(before, values))
        whole = self.policy.whole
        goods = Holding("goods", whole, "buyer", "seller", "seller", "", "earner", _NOWHERE)
        refunded = None if self._whole_is_left else values.case.fields.get(REFUNDED)
        paid = _amount(whole, values)
        return Order((Held(goods, paid),), refunded if isinstance(refunded, int) else 0)

    def _at_stake(self, values: Values) -> bool:
        return holds(self.policy.escrow.at_stake, values)

    def _released(self, values: Values) -> bool:
        if not self.policy.escrow.holdings:
            return values.case.fields.get("history.released_at") is not None
        released = self.policy.escrow.released
        return released is not None and values.holds(released) is True

    def _after(self, ruling: Ruling) -> str:
        """Return the step after which the money of a remedy that moves goods first is due."""
        if ruling.decision not in MOVING:
            return ""
        own = self._last_step.get((ruling.decision, ruling.chapter))
        return own or self._last_step.get((ruling.decision, ""), "") or ruling.decision

    # -- consent, duties, rights ------------------------------------------------------------

    def _consent(self, ruling: Ruling, values: Values) -> Consent | None:
        """Return whose yes is asked: of all entries that hold, everybody and the longest time."""
        held = [
            rule
            for rule in self.policy.consent
            if applies(rule, ruling) and holds(rule.when, values)
        ]
        if not held:
            return None
        ends = [values.calendar.add(ruling.known_at, _length(rule, values)) for rule in held]
        asked = tuple(party for party in PARTIES if any(party in rule.of for rule in held))
        return Consent(asked, max(ends), all(rule.silence_accepts for rule in held))

    def _duties(self, ruling: Ruling) -> Iterator[Duty]:
        """Yield what the ruling waits for from a party, and the step of a remedy that runs."""
        for question in ruling.questions:
            asked = question.needed and (question.state == "open" or question.to_be_asked)
            running = question.name in self._steps and question.name == ruling.deadline_of
            if (asked or running) and question.to in MAY_ACT:
                until = question.deadline or _deadline_of(question, ruling)
                yield Duty(question.to, question.name, until)

    def _rights(self, ruling: Ruling) -> Iterator[Right]:
        """Yield the open questions to a party that the ruling does not wait for."""
        for question in ruling.questions:
            may = question.state == "open" and not question.needed
            if may and question.to in MAY_ACT and question.name not in self._steps:
                yield Right(question.to, question.name, question.deadline)


def propose(engine: Engine, case: Case, at: datetime | None = None) -> Proposal:
    """Rule on a case at `at` (default: its own instant) and return the proposal."""
    return Settler(engine).propose(case, at)


def paid_here(case: Case, payee: str = "buyer") -> int:
    """Return what earlier settlements of this dispute have paid to a party, in minor units.

    A ruling's amount is what he gets by this dispute in all, so a second settlement pays only
    the difference.
    """
    paid = [
        amount
        for record in case.lists.get("settled", ())
        if record.get("decision") in ("refund_full", "refund_partial")
        and record.get("payee") in (payee, None if payee == "buyer" else payee)
        and isinstance(amount := record.get("amount"), int)
    ]
    return max(paid, default=0)


def _amount(node: Node, values: Values) -> int:
    return _known_amount(node, values) or 0


def _known_amount(node: Node, values: Values) -> int | None:
    found = values.of(node)
    return max(0, found) if isinstance(found, int) else None


def _reads(policy: Policy, node: Node, field: str) -> bool:
    """Whether an expression looks at a field of the case, also through names."""
    definitions = {definition.name: definition.node for definition in policy.definitions}
    todo, seen = [node], set[str]()
    while todo:
        one = todo.pop()
        if any(isinstance(part, Field) and part.name == field for part in walk(one)):
            return True
        new = uses(one).refs - seen
        seen |= new
        todo += [definitions[name] for name in new if name in definitions]
    return False


def _payers(shares: tuple[Share, ...], ruling: Ruling) -> Mapping[str, str]:
    """Return who bears the refund of each component."""
    found: dict[str, str] = {}
    for share in shares:
        holding = share.held.holding
        own = ruling.matter(f"payer_of_{holding.component}")
        partner = ruling.matter(f"payer_of_{holding.returned_with}")
        found[holding.component] = own or partner or ruling.payer or holding.borne_by
    return found


def _length(rule: ConsentRule, values: Values) -> Duration:
    lasts = values.of(rule.lasts)
    if isinstance(lasts, Duration):
        return lasts
    raise ValueError(f"the time to answer of `{rule.name}` is not known")


def _deadline_of(question: QuestionTrace, ruling: Ruling) -> datetime | None:
    return ruling.deadline if question.name == ruling.deadline_of else None


def _handed_over(ruling: Ruling, name: str, why: str) -> Ruling:
    """Return the ruling that hands to a human what cannot be paid as it was concluded."""
    reason = Reason("flaw", name, "escalate", detail=why)
    return replace(
        ruling,
        decision="escalate",
        reasons=(reason, *ruling.reasons),
        amount=None,
        deadline=None,
        deadline_of="",
    )
