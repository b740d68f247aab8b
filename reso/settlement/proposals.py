"""The main flow of settling: a ruling goes in, a proposal comes out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from reso.engine.decide import Decided, Engine
from reso.engine.judgement import Values
from reso.expressions.tree import Node
from reso.model.case import Case
from reso.model.proposal import Consent, Duty, Leg, Proposal, Right
from reso.model.ruling import QuestionTrace, Reason, Ruling
from reso.model.time import Duration
from reso.policy.document import Mark
from reso.policy.model import PARTIES, ConsentRule, Escrow, Holding, Movement, Party, Policy
from reso.settlement.endings import Endings
from reso.settlement.escrow import Held, Order, refund_legs, release_legs

REFUNDS = ("refund_full", "refund_partial", "return_and_refund")
_NOWHERE = Mark("", 0, 0, 0)
RELEASES = ("release_to_seller", "deny")
MAY_ACT: tuple[Party, ...] = ("buyer", "seller", "courier", "insurer")


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

    def propose(self, case: Case, at: datetime | None = None) -> Proposal:
        """Rule on a case at `at` (default: its own instant) and return the proposal.

        A refund that the order does not hold goes to a human.

        Raises:
            InputError: the case is in another currency than the policy.
        """
        return self.of(self.engine.decided(case, at))

    def of(self, decided: Decided) -> Proposal:
        """Return the proposal of a ruling."""
        ruling, judgement = decided.ruling, decided.judgement
        if judgement is None or not ruling.settled or ruling.decision == "escalate":
            return self._open(ruling)
        values = judgement.world
        values.concluded = ruling.amount
        order = order_of(self.policy, values)
        after = self._after(ruling)
        if self._at_stake(values) and self._too_much(ruling, order, values.case):
            return self._open(_beyond(ruling))
        legs = [*self._of_order(ruling, order, values, after), *self._beside(ruling, values)]
        taken = sum(leg.amount for leg in legs if leg.from_escrow and not leg.after)
        return Proposal(
            ruling,
            self._endings.of(ruling),
            self._consent(ruling, values),
            tuple(legs),
            tuple(self._duties(ruling)),
            tuple(self._rights(ruling)),
            0 if self._released(values) else order.held - taken,
        )

    def by_human(self, decided: Decided, remedy: str, amount: int | None) -> Proposal:
        """Return the proposal of a human's ruling in place of ours.

        Args:
            decided: what we would have ruled, for what the case holds.
            remedy: a remedy, no reference. amount: minor units; None: of a refund, all there is.
        """
        judgement = decided.judgement
        if remedy not in REFUNDS:
            amount = None
        elif amount is None and judgement is not None:
            order = order_of(self.policy, judgement.world)
            amount = order.refundable + paid_here(judgement.world.case)
        ruling = replace(
            decided.ruling,
            decision=remedy,  # type: ignore[arg-type]
            reasons=(Reason("rule", "adjudicated", remedy),),
            amount=amount,
            payer="",
            payee="" if amount is None else "buyer",
            of="",
            deadline=None,
            deadline_of="",
            needed=(),
        )
        if judgement is None:
            return Proposal(ruling, "imposed")
        return self.of(Decided(ruling, judgement))

    def _open(self, ruling: Ruling) -> Proposal:
        return Proposal(
            ruling, "", duties=tuple(self._duties(ruling)), rights=tuple(self._rights(ruling))
        )

    # -- money ------------------------------------------------------------------------------

    def _of_order(self, ruling: Ruling, order: Order, values: Values, after: str) -> list[Leg]:
        """Return the refund and the release of what the order holds."""
        refund = max(0, (ruling.amount or 0) - paid_here(values.case))
        to_buyer = ruling.payee in ("", "buyer")
        fault = ruling.matter("fault")
        if not self._at_stake(values) or (refund and not to_buyer):
            payer = ruling.payer or "platform"
            payee = ruling.payee or "buyer"
            if not refund or payer == payee:
                return []
            return [Leg(payer, payee, refund, "compensation", False, fault, after)]
        if ruling.decision not in (*REFUNDS, *RELEASES):
            return []
        shares = order.split(refund, ruling.matter("refund_of"))
        payers = _payers(order, ruling)
        released = self._released(values)
        legs = refund_legs(shares, payers, fault, after, released)
        return legs if released else legs + release_legs(shares, payers, after)

    def _beside(self, ruling: Ruling, values: Values) -> Iterator[Leg]:
        """Yield the policy's own movements that go with this ruling and have not been made."""
        before = {record.get("decision") for record in values.case.lists.get("settled", ())}
        for movement in self.policy.movements:
            if not _applies(movement, ruling) or not _holds(movement.when, values):
                continue
            if ruling.decision in before:
                continue
            payer, payee = (_who(name, ruling) for name in (movement.payer, movement.payee))
            amount = values.of(movement.amount)
            if payer and payee and payer != payee and isinstance(amount, int) and amount > 0:
                fault = _who(movement.fault, ruling)
                yield Leg(payer, payee, amount, movement.component, False, fault, movement.after)

    def _too_much(self, ruling: Ruling, order: Order, case: Case) -> bool:
        """Whether the buyer would get more of the order than he paid."""
        to_buyer = ruling.payee in ("", "buyer")
        return to_buyer and (ruling.amount or 0) - paid_here(case) > order.refundable

    def _at_stake(self, values: Values) -> bool:
        return _holds(self.policy.escrow.at_stake, values)

    def _released(self, values: Values) -> bool:
        released = self.policy.escrow.released
        return released is not None and values.holds(released) is True

    def _after(self, ruling: Ruling) -> str:
        """Return the step after which the money of a remedy that moves goods first is due."""
        if ruling.decision not in ("return_and_refund", "replace_or_resend_missing"):
            return ""
        own = self._last_step.get((ruling.decision, ruling.chapter))
        return own or self._last_step.get((ruling.decision, ""), "") or ruling.decision

    # -- consent, duties, rights ------------------------------------------------------------

    def _consent(self, ruling: Ruling, values: Values) -> Consent | None:
        """Return whose yes is asked: of all entries that hold, everybody and the longest time."""
        held = [
            rule
            for rule in self.policy.consent
            if _applies(rule, ruling) and _holds(rule.when, values)
        ]
        ends = [values.calendar.add(ruling.known_at, lasts) for lasts in _lengths(held, values)]
        if not ends:
            return None
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


def order_of(policy: Policy, values: Values) -> Order:
    """Return what the order of a case held, and what the buyer got back before.

    A policy without `escrow` knows one component: the goods, which are `whole`.
    """
    escrow: Escrow = policy.escrow
    components = [Held(holding, _amount(holding.holds, values)) for holding in escrow.holdings]
    if not components:
        goods = Holding("goods", policy.whole, "buyer", "seller", "seller", "", "earner", _NOWHERE)
        components = [Held(goods, _amount(policy.whole, values))]
    before = 0 if escrow.refunded_before is None else _amount(escrow.refunded_before, values)
    return Order(tuple(components), before)


def paid_here(case: Case) -> int:
    """Return what earlier settlements of this dispute have refunded, in minor units.

    A ruling's amount is what the buyer gets by this dispute in all, so a second settlement pays
    only the difference.
    """
    paid = [
        amount
        for record in case.lists.get("settled", ())
        if record.get("decision") in ("refund_full", "refund_partial")
        and isinstance(amount := record.get("amount"), int)
    ]
    return max(paid, default=0)


def _amount(node: Node, values: Values) -> int:
    found = values.of(node)
    return max(0, found) if isinstance(found, int) else 0


def _payers(order: Order, ruling: Ruling) -> Mapping[str, str]:
    """Return who bears the refund of each component."""
    found: dict[str, str] = {}
    for held in order.components:
        holding = held.holding
        own = ruling.matter(f"payer_of_{holding.component}")
        partner = ruling.matter(f"payer_of_{holding.returned_with}")
        found[holding.component] = own or partner or ruling.payer or holding.borne_by
    return found


def _applies(entry: Movement | ConsentRule, ruling: Ruling) -> bool:
    in_chapter = entry.chapter in ("", ruling.chapter)
    return in_chapter and (not entry.applies_to or ruling.decision in entry.applies_to)


def _holds(when: Node | None, values: Values) -> bool:
    return when is None or values.holds(when) is True


def _who(name: str, ruling: Ruling) -> str:
    """Return a party, or the one a matter's conclusion names."""
    if not name or name in PARTIES:
        return name
    named = ruling.matter(name)
    return named if named in PARTIES else ""


def _lengths(rules: list[ConsentRule], values: Values) -> Iterator[Duration]:
    for rule in rules:
        lasts = values.of(rule.lasts)
        if isinstance(lasts, Duration):
            yield lasts


def _deadline_of(question: QuestionTrace, ruling: Ruling) -> datetime | None:
    return ruling.deadline if question.name == ruling.deadline_of else None


def _beyond(ruling: Ruling) -> Ruling:
    """Return the ruling that hands a refund the order does not hold to a human."""
    reason = Reason("flaw", "escrow", "escalate", detail="the order does not hold this amount")
    return replace(
        ruling,
        decision="escalate",
        reasons=(reason, *ruling.reasons),
        amount=None,
        deadline=None,
        deadline_of="",
    )
