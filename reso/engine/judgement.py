"""What an evaluator finds: the status of every rule, the state of every question, the matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reso.expressions.tree import Node
from reso.facts.calendar import Calendar
from reso.facts.interpret import Maybe, Truth
from reso.model.case import Case, Record
from reso.model.ruling import RuleTrace
from reso.policy.clocks import QuestionState
from reso.policy.model import Policy

MAX_COMPLETIONS = 4_096


@dataclass(frozen=True, slots=True)
class Status:
    """Where a rule stands; each is yes, no or unknown.

    A rule holds when its conditions do (an exception: and a rule it excepts holds too). It
    decides when it holds, no bar silences it and no exception to it holds.
    """

    holds: Truth
    barred: Truth
    excepted: Truth
    decides: Truth


@dataclass(frozen=True, slots=True)
class Resolved:
    """A conclusion with its references and formulas worked out; rules agree when these are equal.

    `amount` is in minor units, `percent` in millionths. `flaw` says why a conclusion could not be
    worked out; such a conclusion escalates.
    """

    remedy: str = ""
    amount: int | None = None
    quantity: int | None = None
    percent: int | None = None
    payer: str = ""
    payee: str = ""
    to: str = ""
    value: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class MatterResult:
    """What one matter comes to.

    `conclusions` are the possible ones: one when settled, several when settled on a conflict or
    still open. `deciding` and `undecided` are names of rules; `needed` names what has to be known
    (questions, and `source:NAME` for a source that is down). `too_many`: more completions than
    are tried, so `needed` is everything open.
    """

    matter: str
    settled: bool
    conclusions: tuple[Resolved, ...]
    deciding: tuple[str, ...]
    undecided: tuple[str, ...]
    needed: tuple[str, ...] = ()
    too_many: bool = False


class Statuses(dict[str, Status]):
    """The statuses of a chapter's rules by name; `traces` keeps what is told of them."""

    traces: tuple[RuleTrace, ...] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything an evaluator finds of a case at one instant.

    `questions` are those of the chapter. Steps of remedies in stages are among them only where a
    rule or another question looks at them; the others are asked for when a remedy gets there.
    """

    at: datetime
    chapter: str
    questions: Mapping[str, QuestionState]
    statuses: Statuses
    matters: Mapping[str, MatterResult]
    world: "Values"


class Values(Protocol):
    """The values behind a judgement, for resolving conclusions and for explaining.

    `concluded` is the amount promises speak of as `ruling.amount`.
    """

    case: Case
    calendar: Calendar
    concluded: int | None

    def question(self, name: str) -> QuestionState:
        """Return the state of any question of the policy."""

    def of(self, node: Node) -> Maybe:
        """Return the value of an expression."""

    def holds(self, node: Node) -> Truth:
        """Return whether a condition holds."""

    def matches(self, where: Node | None, item: Record) -> bool:
        """Return whether a list item meets a `where`."""


class DisagreementError(Exception):
    """Two engines judged a case differently; the case is a human's.

    Attributes:
        results: each engine's name, and its result in a few words.
    """

    def __init__(self, results: tuple[tuple[str, str], ...]) -> None:
        super().__init__(results)
        self.results = results

    def __str__(self) -> str:
        return "two ways of working it out come to different results"


class Evaluator(Protocol):
    """An engine: judges a case by one policy."""

    policy: Policy

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge the case at an instant; reads no clock and changes nothing.

        Raises:
            NoValueError, ValueError, OverflowError: it cannot be evaluated.
            DisagreementError: it was evaluated twice, with different results.
        """
