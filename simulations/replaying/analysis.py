"""All that is measured of a run: what its history knows, and what came of the disputes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from reso.cases import Pack
from simulations.figures import Summary
from simulations.measures.agreement import Agreement, Calibration, agreement, calibration
from simulations.measures.censoring import Aged, aged
from simulations.measures.consistency import Consistency, consistency
from simulations.measures.endings import (
    Automatic,
    Escalation,
    Period,
    Times,
    automatic,
    escalation,
    over_time,
    times,
)
from simulations.measures.fairness import Balance, balance
from simulations.measures.knowledge import BlindRule, Known, Lack, blind_rules, lack_of_data
from simulations.measures.money import Cost, costs
from simulations.measures.segments import Segments, by_segments
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import ArrivedAfter, Wrongful, arrived_after, wrongful
from simulations.measures.validity import LeftOut, left_out
from simulations.measures.windows import chapters
from simulations.measures.workload import Workload, workload

Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a history can tell of a policy.

    Attributes:
        left_out: what of the history no longer held once the policy had acted.
        aged: curves of claim ages: of all claims, by what their age is counted from; then those
            of claims of one chapter or type that break off.
    """

    known: Known
    blind: tuple[BlindRule, ...]
    lack: Lack
    left_out: LeftOut
    aged: tuple[Aged, ...]


@dataclass(frozen=True, slots=True)
class Truths:
    """What is recorded of the same disputes: what was really due, and what was ruled."""

    wrongful: Wrongful
    agreement: Agreement
    calibration: tuple[Calibration, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The measures of a run; `docs/metrics.md` says what each of them is.

    Attributes:
        recorded: None where no outcomes are recorded.
    """

    summary: Summary
    knowledge: Knowledge
    automatic: Automatic
    escalation: Escalation
    over_time: tuple[Period, ...]
    times: tuple[Times, ...]
    costs: tuple[Cost, ...]
    workload: Workload
    arrived_after: ArrivedAfter
    recorded: Truths | None
    consistency: Consistency
    segments: tuple[Segments, ...]
    balance: tuple[Balance, ...]


MEASURES = 13
"""How many steps an analysis takes, for whoever shows how far it is."""


def analyse(
    table: ResultsTable,
    pack: Pack,
    known: Known,
    progress: Callable[[int], None] = lambda steps: None,
) -> Analysis:
    """Return the measures of a run; its segments, ages and recorded outcomes are filled.

    Args:
        pack: the policy that was run.
        progress: called with how many more of `MEASURES` steps are done.
    """
    zone = pack.policy.calendar.zone
    is_recorded = table.holds("recorded")

    def step(measure: Measured) -> Measured:
        progress(1)
        return measure

    return Analysis(
        summary=step(Summary.read(table)),
        knowledge=step(_knowledge(table, pack, known)),
        automatic=step(automatic(table)),
        escalation=step(escalation(table)),
        over_time=step(over_time(table, zone)),
        times=step(times(table)),
        costs=step(costs(table)),
        workload=step(workload(table, zone)),
        arrived_after=step(arrived_after(table)),
        recorded=step(_truths(table) if is_recorded else None),
        consistency=step(consistency(table)),
        segments=step(tuple(by_segments(table).values())),
        balance=step(balance(table) if is_recorded else ()),
    )


def _knowledge(table: ResultsTable, pack: Pack, known: Known) -> Knowledge:
    return Knowledge(
        known,
        blind_rules(pack.policy, known, table),
        lack_of_data(pack.policy, known, table),
        left_out(table),
        aged(table, chapters(pack.policy)),
    )


def _truths(table: ResultsTable) -> Truths:
    return Truths(wrongful(table), agreement(table), calibration(table))
