"""What a comparison of two result sets over the same disputes found."""

from dataclasses import dataclass, field

from reso.study.compare import Changed
from simulations.comparing.bootstrap import REPLICATES, Interval
from simulations.comparing.mcnemar import Table
from simulations.comparing.tables import Paired
from simulations.measures.validity import LeftOut


@dataclass(frozen=True, slots=True)
class Test:
    """An outcome that holds or does not, under both.

    Attributes:
        adjusted: p after Holm, for all tests of the comparison together.
        interval: of the difference of the shares, -1 to 1; None of no disputes.
    """

    name: str
    table: Table
    adjusted: float
    interval: Interval | None

    __test__ = False


@dataclass(frozen=True, slots=True)
class PartyMoney:
    """How a party stands under both, in minor units of `currency`: got less borne.

    What pays an order as agreed is left out, so the sums of all parties add up to zero.

    Attributes:
        a, b: over all disputes. gains, losses: sums of the differences above and below zero
            (losses below zero); better, worse: of how many disputes.
        interval: of `a - b`.
    """

    currency: str
    party: str
    a: int
    b: int
    gains: int
    better: int
    losses: int
    worse: int
    interval: Interval | None = None

    @property
    def difference(self) -> int:
        """What the party has more under A than under B."""
        return self.a - self.b


@dataclass(frozen=True, slots=True)
class Moved:
    """How many disputes went from `b` to `a`: ways to end, or decisions ("" for none)."""

    b: str
    a: str
    disputes: int


@dataclass(frozen=True, slots=True)
class More:
    """What a party has more under A than under B, in minor units; never zero."""

    party: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Region:
    """Changed disputes that one rule ended under B and another, or the same, under A."""

    rule_b: str
    rule_a: str
    disputes: int
    money: tuple[More, ...] = ()


@dataclass(frozen=True, slots=True)
class PartReach:
    """A part that differs, and the changed disputes that were decided by what rests on it."""

    part: Changed
    disputes: int
    money: tuple[More, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours from complaint to end of the disputes that ended without a human under both."""

    disputes: int
    median_a: float | None
    median_b: float | None
    sooner: int
    later: int


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A changed dispute: how it ends under both, and what that is worth to each party.

    `money` is (party, what it has more under A) in minor units of `currency`.
    """

    dispute_id: str
    claim_type: str
    currency: str
    ended_b: str
    ended_a: str
    decision_b: str
    decision_a: str
    rule_b: str
    rule_a: str
    money: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """The most that any party wins or loses."""
        return max((abs(amount) for _, amount in self.money), default=0)


@dataclass(frozen=True, slots=True)
class WithAnswers:
    """What differs in one run of an acceptance model, led by it under both.

    Attributes:
        run: which of its runs. alone: what ended without a human. buyers: their money.
    """

    run: str
    changed: int
    alone: Test
    buyers: tuple[PartyMoney, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What differs if parties answer as a model says; under a recorded B, only those of A do."""

    model: str
    runs: tuple[WithAnswers, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two result sets.

    Attributes:
        changed: disputes that end, are decided or are paid otherwise.
        other_reasons, other_times: of the rest, those with another rule, another instant.
        silent: changed disputes whose history holds no answer of a party.
        late_unknown: disputes of which it is not known whether the parcel came after a refund.
        unsettled_a, unsettled_b: disputes still open or with a human; their money has not moved.
        answers: None where no model was asked to answer.
        outside: changed disputes decided, at every step, by what rests on no part that differs.
        left_out: what of the history no longer held under A, and under B where that is a policy.
    """

    a: str
    b: str
    with_recorded: bool
    paired: Paired
    changed: int
    other_reasons: int
    other_times: int
    silent: int
    late_unknown: int
    unsettled_a: int
    unsettled_b: int
    endings: tuple[Moved, ...]
    decisions: tuple[Moved, ...]
    tests: tuple[Test, ...]
    parties: tuple[PartyMoney, ...]
    hours: Hours
    regions: tuple[Region, ...]
    seed: int
    replicates: int = REPLICATES
    reach: tuple[PartReach, ...] = field(default=())
    outside: int = 0
    answers: Answered | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def disputes(self) -> int:
        """How many were compared."""
        return self.paired.pairs

    def test(self, name: str) -> Test | None:
        """Return a test, None where it could not be made."""
        return next((test for test in self.tests if test.name == name), None)

    def party(self, name: str) -> tuple[PartyMoney, ...]:
        """Return how a party stands, by currency."""
        return tuple(one for one in self.parties if one.party == name)
