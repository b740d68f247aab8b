"""From what a rule concludes to what it comes to: references, amounts, and remedies in stages."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reso.engine.judgement import Resolved, Values
from reso.expressions.tree import Node, PickField, Type
from reso.policy.clocks import QuestionState
from reso.policy.model import OUTCOME, Conclusion, Policy, Stage

REFUNDS = ("refund", "refund_full", "refund_partial")
MAX_LEADS = 8
GOODS = (
    "release_to_seller",
    "return_and_refund",
    "replace_or_resend_missing",
    "refund_partial",
    "refund_full",
)
"""Remedies that pay the buyer the same, the better for him the later."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of a remedy in stages that was reached."""

    question: str
    answer: str
    concluded: str


class Concluder:
    """Works out the conclusions of one policy."""

    def __init__(self, policy: Policy) -> None:
        nullable = Type("text", nullable=True)
        self.policy = policy
        self._requests = dict(policy.requests)
        self._settlements = {settlement.remedy: settlement for settlement in policy.settlements}
        self.told = {
            pick: tuple(
                PickField(pick, name, nullable) for name in ("remedy", "solution", "amount")
            )
            for pick, _ in policy.picks
        }
        self._stages = {(stage.remedy, stage.chapter): stage for stage in policy.stages}
        self._otherwise = {(c, m): concluded for c, m, concluded in policy.otherwise}

    def otherwise(self, chapter: str, matter: str) -> Conclusion:
        """Return what holds when no rule decides: the chapter's, else the policy's."""
        default = Conclusion(remedy="escalate") if matter == OUTCOME else Conclusion(value="none")
        general = self._otherwise.get(("", matter), default)
        return self._otherwise.get((chapter, matter), general)

    def resolve(self, conclusion: Conclusion, values: Values) -> Resolved:
        """Work a conclusion out; what cannot be worked out escalates and says why."""
        if conclusion.better:
            return _best([self.resolve(one, values) for one in conclusion.better])
        if conclusion.value:
            percent = _whole(values, conclusion.percent)
            return Resolved(value=conclusion.value, percent=percent)
        remedy, amount, flaw = self._referred(conclusion, values)
        if flaw:
            return Resolved(remedy="escalate", flaw=flaw)
        if remedy == "escalate":
            return Resolved(remedy="escalate", to=conclusion.to)
        return self._settled(conclusion, remedy, amount, values)

    def _referred(self, conclusion: Conclusion, values: Values) -> tuple[str, int | None, str]:
        """Return the remedy, an amount that comes with the reference, and what is missing."""
        match conclusion.reference:
            case "":
                return conclusion.remedy, None, ""
            case "requested":
                wanted = values.case.fields.get("claim.requested")
                return self._meant(wanted)
            case "standing":
                standing = values.case.fields.get("standing_decision")
                if not isinstance(standing, str):
                    return "", None, "there is no standing decision in the case"
                return standing, None, ""
            case "approved":
                return self._from_record("approval", values)
            case "offered":
                return self._from_record("offer", values)
            case "ruled":
                return self._from_record("ruling", values)

    def _meant(self, wanted: object) -> tuple[str, int | None, str]:
        remedy = self._requests.get(str(wanted)) or self._requests.get("otherwise")
        if remedy is None and wanted is None:
            return "", None, "the case does not say what is requested"
        if remedy is None:
            return "", None, f"the policy does not say what the request `{wanted}` means"
        return remedy, None, ""

    def _from_record(self, pick: str, values: Values) -> tuple[str, int | None, str]:
        remedy, solution, amount = (values.of(node) for node in self.told[pick])
        stated = remedy if isinstance(remedy, str) else ""
        if not stated and isinstance(solution, str):
            stated, _, _ = self._meant(solution)
        if not stated and isinstance(amount, int):
            stated = "refund"
        if not stated:
            return "", None, f"the {pick} does not name a remedy"
        return stated, amount if isinstance(amount, int) else None, ""

    def _settled(
        self, conclusion: Conclusion, remedy: str, stated: int | None, values: Values
    ) -> Resolved:
        settlement = self._settlements.get(remedy) or (
            self._settlements.get("refund") if remedy in REFUNDS else None
        )
        amount = _whole(values, conclusion.amount)
        if amount is None:
            amount = stated
        whole = _whole(values, self.policy.whole)
        if amount is None and remedy == "refund_full" and conclusion.amount is None:
            amount = whole
        if amount is None and remedy == "refund_full":
            return Resolved(remedy="escalate", flaw="the amount is not in the case")
        if amount is None and settlement is not None and conclusion.amount is None:
            amount = _whole(values, settlement.amount)
        to_buyer = conclusion.payee in ("", "buyer")
        if amount is not None:
            amount = max(0, amount)
            if to_buyer and whole is not None and not _adds(conclusion):
                amount = min(amount, whole)
        if remedy in REFUNDS:
            if amount is None:
                return Resolved(remedy="escalate", flaw="the amount is not in the case")
            full = to_buyer and whole is not None and amount >= whole
            remedy = "refund_full" if full else "refund_partial"
        quantity = _whole(values, conclusion.quantity)
        if quantity is None and settlement is not None:
            quantity = _whole(values, settlement.quantity)
        return Resolved(
            remedy="release_to_seller" if remedy == "deny" else remedy,
            amount=amount if remedy not in ("release_to_seller", "deny") else None,
            quantity=quantity,
            percent=_whole(values, conclusion.percent),
            payer=conclusion.payer,
            payee=conclusion.payee,
        )

    def through_stages(
        self,
        first: Resolved,
        chapter: str,
        questions: Callable[[str], QuestionState],
        values: Values,
    ) -> tuple[Resolved, tuple[StepTaken, ...]]:
        """Follow a remedy through its stages as far as its questions have been answered."""
        current = first
        taken: list[StepTaken] = []
        seen: set[str] = set()
        while current.remedy not in seen and len(taken) < MAX_LEADS:
            seen.add(current.remedy)
            stage = self.stage(current.remedy, chapter)
            if stage is None:
                break
            following = self._follow(stage, current, questions, values, taken)
            if following is None:
                break
            current = following
        return current, tuple(taken)

    def stage(self, remedy: str, chapter: str) -> Stage | None:
        """Return what follows a remedy: the chapter's own stage, else that of all chapters."""
        return self._stages.get((remedy, chapter)) or self._stages.get((remedy, ""))

    def _follow(
        self,
        stage: Stage,
        current: Resolved,
        questions: Callable[[str], QuestionState],
        values: Values,
        taken: list[StepTaken],
    ) -> Resolved | None:
        for step in stage.steps:
            state = questions(step.question)
            if state.answer is None or state.unknown:
                continue
            leads = dict(step.leads_to).get(state.answer, ())
            lead = next((x for x in leads if x.when is None or values.holds(x.when) is True), None)
            if lead is None or lead.conclude is None:
                taken.append(StepTaken(step.question, state.answer, ""))
                continue
            following = self.resolve(lead.conclude, values)
            if lead.conclude.remedy in REFUNDS and lead.conclude.amount is None:
                following = self._same_money(following, current, values)
            taken.append(StepTaken(step.question, state.answer, following.remedy))
            return following
        return None

    def _same_money(self, following: Resolved, current: Resolved, values: Values) -> Resolved:
        """A refund at the end of a stage is the sum the stage was concluded with."""
        if current.amount is None:
            return following
        whole = _whole(values, self.policy.whole)
        full = whole is not None and current.amount >= whole
        remedy = "refund_full" if full else "refund_partial"
        return replace(
            following, remedy=remedy, amount=current.amount, quantity=current.quantity, flaw=""
        )


def _best(found: list[Resolved]) -> Resolved:
    """Return the conclusion that is best for the buyer, the first of equals.

    The more money the better, then goods kept before goods sent again before goods sent back. One
    that could not be worked out might have been the best, so it escalates.
    """
    unknown = next((one for one in found if one.remedy == "escalate"), None)
    return unknown or max(found, key=_worth)


def _worth(resolved: Resolved) -> tuple[int, int]:
    amount = resolved.amount if resolved.payee in ("", "buyer") else None
    return amount or 0, GOODS.index(resolved.remedy)


def _adds(conclusion: Conclusion) -> bool:
    """Whether a conclusion names who pays an amount of its own, so that it may exceed the whole."""
    return conclusion.amount is not None and conclusion.payer not in ("", "buyer")


def _whole(values: Values, node: Node | None) -> int | None:
    if node is None:
        return None
    found = values.of(node)
    return found if isinstance(found, int) else None
