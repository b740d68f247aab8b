"""The ruling: the conclusion on every matter, and why. It cannot be built without reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Decision = Literal[
    "refund_full",
    "refund_partial",
    "return_and_refund",
    "replace_or_resend_missing",
    "release_to_seller",
    "deny",
    "wait",
    "request_evidence",
    "escalate",
]
Shown = bool | int | str | datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that led to the ruling.

    `kind` says what: a rule or bar that decided, a step of a remedy, `otherwise` (no rule
    decided), a question that is open, a conflict, or a conclusion that could not be worked out.
    `findings` are those that held and explain it (none: it has a text of its own). `values` are
    what the texts show: (expression, value), money in minor units.
    """

    kind: Literal["rule", "bar", "step", "otherwise", "question", "conflict", "flaw"]
    name: str
    concluded: str = ""
    sources: tuple[str, ...] = ()
    values: tuple[tuple[str, object], ...] = ()
    detail: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """Where a rule that held (or may yet hold) stands."""

    name: str
    kind: Literal["rule", "bar"]
    matter: str
    status: Literal["decided", "held", "barred", "excepted", "undecided"]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionTrace:
    """A question, its state and its clock.

    `needed`: the outcome depends on its answer. `paused`: the clock stands still, so `deadline`
    is the earliest it can be. `values` are what its text shows, while it is open.
    """

    name: str
    to: str
    state: Literal["not_opened", "open", "answered", "lapsed"]
    answer: str | None
    opened_at: datetime | None
    deadline: datetime | None
    ended_at: datetime | None
    needed: bool
    to_be_asked: bool
    paused: bool = False
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceTrace:
    """A piece of evidence (its place in the case's list), and whether and why it counted."""

    index: int
    party: str
    type: str
    used: bool
    why: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy says of a case at one instant.

    Attributes:
        decision: the outcome. `wait` and `request_evidence` are not final, all others are.
        amount: minor units of `currency`; None where no sum is concluded.
        deadline: for `wait`, the first instant at which the ruling changes with no new event;
            for `request_evidence` and `escalate`, the clock of who has to answer; for a remedy in
            stages, the clock of the step that runs.
        deadline_of: the question whose clock `deadline` is, where it is one question's.
        of: who is asked for evidence. `party`: whose claim is denied.
        needed: the questions whose answers would settle the outcome.
        known_at: everything recorded by then was taken into account, and nothing after it.

    Raises:
        ValueError: there are no reasons.
    """

    policy: str
    version: str
    content_hash: str
    known_at: datetime
    chapter: str
    decision: Decision
    reasons: tuple[Reason, ...]
    currency: str | None = None
    amount: int | None = None
    quantity: int | None = None
    percent: int | None = None
    payer: str = ""
    payee: str = ""
    of: str = ""
    party: str = ""
    deadline: datetime | None = None
    deadline_of: str = ""
    matters: tuple[tuple[str, str], ...] = ()
    needed: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    rules: tuple[RuleTrace, ...] = ()
    questions: tuple[QuestionTrace, ...] = ()
    evidence: tuple[EvidenceTrace, ...] = ()
    effects: Mapping[str, Shown] | None = None

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a ruling without reasons cannot be built")

    @property
    def settled(self) -> bool:
        """Whether this is a final conclusion (a human's turn included), not a wait or a request."""
        return self.decision not in ("wait", "request_evidence")

    def matter(self, name: str) -> str:
        """Return what was concluded on a matter beside the outcome, "" when nothing was."""
        return dict(self.matters).get(name, "")
