"""From a judgement to the outcome: settled, or who has to be asked, or how long to wait."""

from dataclasses import dataclass
from datetime import datetime

from reso.engine.conclude import Concluder, StepTaken
from reso.engine.judgement import Judgement, MatterResult, Resolved
from reso.expressions.tree import Compare, walk
from reso.model.ruling import Decision
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import OUTCOME, Policy, Promise, Question

PARTIES_TO_ASK = ("buyer", "seller", "courier", "platform", "insurer")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a judgement comes to; two rulings differ when their outcomes do.

    `why` is "settled", "conflict", "flaw", "promise" or "open". `deadline` is set here for all but
    a wait, whose end is found by looking ahead.
    """

    decision: Decision
    why: str
    resolved: Resolved | None
    of: str = ""
    needed: tuple[str, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    broken: str = ""
    deadline: datetime | None = None
    deadline_of: str = ""
    running: QuestionState | None = None

    def differs(self, other: "Outcome") -> bool:
        """Whether this is another ruling (its clock apart)."""
        return self.essence() != other.essence()

    def essence(self) -> tuple[object, ...]:
        """Return what makes a ruling that ruling."""
        return self.decision, self.why, self.resolved, self.of, self.needed, self.steps, self.broken


class Outcomes:
    """Finds the outcome of judgements under one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.concluder = Concluder(policy)
        self._questions = {question.name: question for question in policy.questions}

    def of(self, judgement: Judgement) -> Outcome:
        """Return the outcome of a judgement."""
        matter = judgement.matters[OUTCOME]
        if not matter.settled:
            return self._open(matter, judgement)
        if len(matter.conclusions) > 1:
            return Outcome("escalate", "conflict", None)
        return self.settled_on(matter.conclusions[0], judgement)

    def settled_on(self, resolved: Resolved, judgement: Judgement) -> Outcome:
        """Return the outcome of a conclusion: where its steps led, and whether it may stand."""
        questions = judgement.world.question
        final, steps = self.concluder.through_stages(
            resolved, judgement.chapter, questions, judgement.world
        )
        if final.flaw:
            return Outcome("escalate", "flaw", final, steps=steps)
        if final.remedy == "escalate":
            state = questions(final.to) if final.to else None
            return self._escalated(final, steps, state)
        broken = self._broken_promise(final, judgement)
        if broken:
            return Outcome("escalate", "promise", final, steps=steps, broken=broken)
        running = self._running_step(final.remedy, judgement)
        deadline, name = (running.deadline, running.name) if running else (None, "")
        return Outcome(
            _decision(final.remedy, judgement),
            "settled",
            final,
            steps=steps,
            deadline=deadline,
            deadline_of=name,
            running=running,
        )

    def _escalated(
        self, final: Resolved, steps: tuple[StepTaken, ...], state: QuestionState | None
    ) -> Outcome:
        deadline, name = (state.deadline, state.name) if state else (None, "")
        return Outcome(
            "escalate", "settled", final, steps=steps, deadline=deadline, deadline_of=name
        )

    def _running_step(self, remedy: str, judgement: Judgement) -> QuestionState | None:
        """Return the first step of a remedy in stages whose clock runs."""
        stage = self.concluder.stage(remedy, judgement.chapter)
        steps = () if stage is None else stage.steps
        states = (judgement.world.question(step.question) for step in steps)
        return next((state for state in states if state.state == "open"), None)

    def _broken_promise(self, final: Resolved, judgement: Judgement) -> str:
        for promise in self.policy.promises:
            if not _kept(promise, final.amount, judgement):
                return promise.name
        return ""

    # -- open -------------------------------------------------------------------------------

    def _open(self, matter: MatterResult, judgement: Judgement) -> Outcome:
        states = [judgement.questions[n] for n in matter.needed if n in judgement.questions]
        to_ask = [s for s in states if s.to_be_asked and s.to in PARTIES_TO_ASK]
        if to_ask:
            return self._request(to_ask[0], matter, judgement)
        waited_for = [s for s in states if s.to != "human"]
        if waited_for:
            return Outcome("wait", "open", None, needed=matter.needed)
        human = next(iter(states), None)
        if human is None:
            return Outcome("escalate", "open", None, needed=matter.needed)
        deadline = human.deadline or self._would_end(human.name, judgement)
        return Outcome(
            "escalate",
            "open",
            None,
            needed=matter.needed,
            deadline=deadline,
            deadline_of=human.name,
        )

    def _request(self, state: QuestionState, matter: MatterResult, judgement: Judgement) -> Outcome:
        return Outcome(
            "request_evidence",
            "open",
            None,
            of=state.to,
            needed=matter.needed,
            deadline=self._would_end(state.name, judgement),
            deadline_of=state.name,
        )

    def _would_end(self, name: str, judgement: Judgement) -> datetime | None:
        """Return when the clock of a question would end if it were put now."""
        question: Question = self._questions[name]
        values = judgement.world
        ends: list[datetime] = []
        if question.until is not None:
            until = values.of(question.until)
            ends += [until] if isinstance(until, datetime) else []
        if question.lasts is not None:
            lasts = values.of(question.lasts)
            if isinstance(lasts, Duration):
                ends.append(values.calendar.add(judgement.at, lasts))
        return min(ends, default=None)


def _decision(remedy: str, judgement: Judgement) -> Decision:
    match remedy:
        case "release_to_seller":
            claimant = judgement.world.case.fields.get("claim.party")
            return "deny" if claimant == "seller" else "release_to_seller"
        case "refund_full":
            return "refund_full"
        case "refund_partial":
            return "refund_partial"
        case "return_and_refund":
            return "return_and_refund"
        case "replace_or_resend_missing":
            return "replace_or_resend_missing"
        case _:
            return "escalate"


def _kept(promise: Promise, amount: int | None, judgement: Judgement) -> bool:
    """Whether a promise holds for this amount; what compares none is not broken."""
    world = judgement.world
    world.concluded = amount
    if world.holds(promise.node) is not False:
        return True
    return any(
        isinstance(part, Compare) and None in (world.of(part.left), world.of(part.right))
        for part in walk(promise.node)
    )
