"""What one step of a sweep comes to, and by which figures steps are held against each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reso.errors import InputError
from reso.facts.problems import did_you_mean
from reso.model.money import to_major
from simulations.measures.endings import automatic, escalation, times
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import Wrongful, wrongful
from simulations.sweeping.axes import Point


@dataclass(frozen=True, slots=True)
class Paid:
    """What buyers got in one currency; of that, what the parcel came later for. Minor units."""

    currency: str
    to_buyers: int
    came_later: int


@dataclass(frozen=True, slots=True)
class Step:
    """The figures of one replay of a sweep.

    Attributes:
        came_later: of the refunds, those whose parcel arrived afterwards. Hindsight.
        automatic, human: ended without a human; with a human at the end; of those with a claim.
        hours: median from complaint to end of what agreed, lapsed or was imposed.
        wrongful: against the recorded truth; None where none is recorded.
        by_reference: disputes that the fast engine left to the reference replay.
    """

    point: Point
    came_later: Rate
    money: tuple[Paid, ...]
    automatic: Rate
    human: Rate
    hours: float | None
    wrongful: Wrongful | None
    by_reference: int

    @property
    def refunds(self) -> int:
        """How many disputes were refunded."""
        return self.came_later.of


def step_of(table: ResultsTable, point: Point, by_reference: int) -> Step:
    """Return the figures of a run."""
    truth = wrongful(table)
    medians = [dict(one.quantiles)[0.5] for one in times(table) if one.group == "all"]
    return Step(
        point=point,
        came_later=_came_later(table),
        money=_paid(table),
        automatic=automatic(table).together,
        human=escalation(table).at_the_end,
        hours=medians[0] if medians else None,
        wrongful=truth if truth.known.count else None,
        by_reference=by_reference,
    )


def _came_later(table: ResultsTable) -> Rate:
    """Return the refunds whose parcel came later; one of an order that cost nothing counts, too."""
    refunds, late = table.row(
        """
        SELECT count(*), count(*) FILTER (arrived_after) FROM {results}
        WHERE refunded_at IS NOT NULL
        """
    )
    return Rate(late, refunds)


def _paid(table: ResultsTable) -> tuple[Paid, ...]:
    rows = table.rows(
        """
        SELECT currency, coalesce(sum(refunded), 0),
            coalesce(sum(refunded) FILTER (arrived_after), 0)
        FROM {results} WHERE currency IS NOT NULL AND ended <> 'no_claim' GROUP BY 1 ORDER BY 1
        """
    )
    return tuple(Paid(currency, int(whole), int(late)) for currency, whole, late in rows)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure by which steps are compared.

    Attributes:
        more: whether more of it is better.
        of: what it is of a step; None: not known there.
    """

    name: str
    more: bool
    of: Callable[[Step], float | None]

    def better(self, one: float, other: float) -> bool:
        """Whether `one` is better than `other`."""
        return one > other if self.more else one < other


def _share(rate: Rate) -> float | None:
    return None if rate.share is None else 100 * rate.share


def _wrongful(step: Step) -> float | None:
    truth = step.wrongful
    return None if truth is None else truth.refunded_wrongly.count + truth.refused_wrongly.count


def _sum(step: Step, amount: Callable[[Paid], int]) -> float | None:
    """Return a sum of money of a step in major units; None over several currencies."""
    if len(step.money) != 1:
        return None
    paid = step.money[0]
    return float(to_major(amount(paid), paid.currency))


MEASURES: Mapping[str, Measure] = {
    one.name: one
    for one in (
        Measure("came_later", False, lambda s: s.came_later.count),
        Measure("came_later_share", False, lambda s: _share(s.came_later)),
        Measure("money_came_later", False, lambda s: _sum(s, lambda paid: paid.came_later)),
        Measure("wrongful", False, _wrongful),
        Measure("automatic", True, lambda s: _share(s.automatic)),
        Measure("human", False, lambda s: _share(s.human)),
        Measure("hours", False, lambda s: s.hours),
        Measure("refunds", True, lambda s: s.refunds),
        Measure("to_buyers", False, lambda s: _sum(s, lambda paid: paid.to_buyers)),
    )
}
"""The measures of a trade-off, by their names; `words.yaml` says what they are called."""


@dataclass(frozen=True, slots=True)
class TradeOff:
    """Two measures that pull against each other."""

    one: Measure
    other: Measure

    @classmethod
    def read(cls, text: str | None, has_truth: bool) -> "TradeOff":
        """Return the measures typed as `ONE,OTHER`; without them, errors against automation.

        Raises:
            InputError: not two, or not ones that there are.
        """
        chosen = f"{'wrongful' if has_truth else 'came_later'},automatic" if text is None else text
        names = [name.strip() for name in chosen.split(",")]
        for name in names:
            if name not in MEASURES:
                hint = did_you_mean(name, MEASURES) or f"There are {', '.join(MEASURES)}."
                raise InputError("--trade-off", f"there is no measure `{name}`", hint)
        if len(names) != 2 or names[0] == names[1]:
            what = f"`{chosen}` are not two measures"
            raise InputError("--trade-off", what, "Write --trade-off came_later,hours.")
        return cls(MEASURES[names[0]], MEASURES[names[1]])

    def place(self, step: Step) -> tuple[float, float] | None:
        """Return where a step stands; None where one of the two is not known."""
        one, other = self.one.of(step), self.other.of(step)
        return None if one is None or other is None else (one, other)

    def beats(self, winner: Step, loser: Step) -> bool:
        """Whether a step is at least as good by both measures, and better by one."""
        first, second = self.place(winner), self.place(loser)
        if first is None or second is None:
            return False
        measures = (self.one, self.other)
        pairs = list(zip(measures, first, second, strict=True))
        worse = any(measure.better(theirs, ours) for measure, ours, theirs in pairs)
        return not worse and any(measure.better(ours, theirs) for measure, ours, theirs in pairs)

    def frontier(self, steps: Sequence[Step]) -> frozenset[Point]:
        """Return the points of the steps that no other step beats.

        A step of which a measure is not known is none of them.
        """
        placed = [step for step in steps if self.place(step) is not None]
        return frozenset(
            step.point for step in placed if not any(self.beats(other, step) for other in placed)
        )
