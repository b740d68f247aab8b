"""The main flow: a case goes in, a ruling with its reasons comes out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reso.engine.compiled import Compiled
from reso.engine.judgement import DisagreementError, Evaluator, Judgement
from reso.engine.outcome import Outcome, Outcomes
from reso.engine.reasons import Tracer
from reso.errors import InputError
from reso.facts.interpret import NoValueError
from reso.model.case import Case
from reso.model.ruling import Ruling
from reso.policy.clocks import QuestionState
from reso.policy.loader import NO_SETTINGS, Settings, load_policy

MAX_INSTANTS = 400
CANNOT_EVALUATE = (NoValueError, ValueError, OverflowError, DisagreementError)


@dataclass(frozen=True, slots=True)
class Decided:
    """A ruling and the judgement behind it; None where the case could not be evaluated."""

    ruling: Ruling
    judgement: Judgement | None


@dataclass(frozen=True, slots=True)
class Engine:
    """One policy, ready to rule: an evaluator, and what turns its findings into rulings."""

    evaluator: Evaluator
    outcomes: Outcomes
    tracer: Tracer

    @classmethod
    def of(cls, evaluator: Evaluator) -> "Engine":
        """Return an engine around an evaluator."""
        return cls(evaluator, Outcomes(evaluator.policy), Tracer(evaluator.policy))

    def decide(self, case: Case, at: datetime | None = None) -> Ruling:
        """Rule on a case as known to it, at `at` (default: the case's own instant).

        Raises:
            InputError: the case is in another currency than the policy.
        """
        return self.decided(case, at).ruling

    def decided(self, case: Case, at: datetime | None = None) -> "Decided":
        """Rule on a case, and return the judgement the ruling stands on, too.

        What cannot be evaluated (a parameter without a value that day, a date beyond the
        calendar), or is evaluated differently by two engines, escalates and says so.

        Raises:
            InputError: the case is in another currency than the policy.
        """
        refuse_currency(case, self.evaluator.policy.currencies)
        at = at or case.known_at
        try:
            judgement = self.evaluator.judge(case, at)
            outcome = self.outcomes.of(judgement)
            deadline = outcome.deadline
            if outcome.decision == "wait":
                deadline = self.next_change(case, judgement, outcome)
            return Decided(self.tracer.ruling(judgement, outcome, deadline), judgement)
        except CANNOT_EVALUATE as error:
            results = error.results if isinstance(error, DisagreementError) else ()
            return Decided(self.tracer.unevaluated(case, at, str(error), results), None)

    def next_change(self, case: Case, judgement: Judgement, outcome: Outcome) -> datetime | None:
        """Return the first later instant at which the ruling differs with no new event."""
        for _ in range(MAX_INSTANTS):
            instant = next_instant(judgement)
            if instant is None:
                return None
            try:
                judgement = self.evaluator.judge(case, instant)
                differs = self.outcomes.of(judgement).differs(outcome)
            except CANNOT_EVALUATE:
                differs = True
            if differs:
                return instant
        return None


def next_instant(judgement: Judgement) -> datetime | None:
    """Return the next instant at which a question opens or its clock runs out."""
    return next_instant_of(judgement.questions.values(), judgement.at)


def next_instant_of(states: Iterable[QuestionState], at: datetime) -> datetime | None:
    """Return the next instant after `at` at which one of these questions opens or runs out."""
    instants = (_next(state, at) for state in states)
    return min((instant for instant in instants if instant is not None), default=None)


def _next(state: QuestionState, at: datetime) -> datetime | None:
    if state.state == "open" and not state.paused:
        return state.deadline
    if state.to_be_asked:
        return state.deadline
    if state.state == "not_opened" and state.opened_at is not None and state.opened_at > at:
        return state.opened_at
    return None


def refuse_currency(case: Case, currencies: tuple[str, ...]) -> None:
    """Refuse a case whose amounts are in a currency the policy does not rule on."""
    if case.currency is not None and case.currency not in currencies:
        stated = " or ".join(currencies)
        raise InputError(
            "order.currency", f"the case is in {case.currency}, the policy rules in {stated}", ""
        )


Beside = Callable[[Compiled, Path], Evaluator]
"""Puts another engine beside the compiled evaluator of the pack in a folder."""


def alone(compiled: Compiled, _folder: Path) -> Evaluator:
    """Put none beside it."""
    return compiled


def load_engine(folder: Path, settings: Settings = NO_SETTINGS, beside: Beside = alone) -> Engine:
    """Load the pack in a folder and make it ready to rule.

    Args:
        settings: other values for parameters, as for `load_policy`.
        beside: what puts a second engine beside the compiled evaluator.

    Raises:
        PolicyError: the pack has problems. InputError: there is no pack.
    """
    return Engine.of(beside(Compiled(load_policy(folder, settings)), folder))
