"""Runs a sweep: one prepared history, and a replay for every combination of values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.lifecycle import Life
from reso.policy.loader import load_policy
from reso.policy.model import Policy
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import replay
from simulations.life import Stretch
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import reference_events
from simulations.replaying.engines import run_tables
from simulations.running import one_result
from simulations.sweeping.axes import Axis, Point, points, settings_of
from simulations.sweeping.figures import Step, step_of

FEW = 300
"""Disputes up to which the reference replay is the quicker one: it has nothing to plan."""

AT_ONCE = 500
"""Disputes whose events are held in memory at a time, where the reference replay leads."""

Outcomes = Callable[[ResultsTable], None]
"""Fills the table `recorded` of a run."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that was run: a step for every combination of values, the last axis fastest."""

    axes: tuple[Axis, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be swept.

    Attributes:
        folder: of the policy pack. settings: other values for further parameters.
        until: the last instant of each life; None: until nothing is left to happen.
        outcomes: tells what is recorded of the disputes.
        few: up to so many disputes the reference replay leads; it comes to the same.
    """

    prepared: Prepared
    folder: Path
    axes: tuple[Axis, ...]
    settings: Mapping[str, str]
    until: datetime | None
    outcomes: Outcomes = lambda table: None
    few: int = FEW


def sweep(plan: Plan, progress: Callable[[int, str], None] = lambda done, what: None) -> Sweep:
    """Replay the history at every combination of values.

    Args:
        progress: called with how many points are done, and the values of the last one.

    Raises:
        PolicyError: the policy has problems with some value; nothing has been run then.
        InputError: a dispute cannot be lived through.
    """
    wanted = points(plan.axes)
    policies = [_policy(plan, point) for point in wanted]
    steps = []
    for done, (point, policy) in enumerate(zip(wanted, policies, strict=True), start=1):
        steps.append(_step(plan, point, policy))
        progress(done, point.shown)
    return Sweep(plan.axes, tuple(steps))


def _policy(plan: Plan, point: Point) -> Policy:
    return load_policy(plan.folder, {**plan.settings, **settings_of(plan.axes, point)})


def _step(plan: Plan, point: Point, policy: Policy) -> Step:
    with run_tables() as connection:
        table, slow = _ran(plan, policy, connection)
        plan.outcomes(table)
        return step_of(table, point, slow)


def _ran(
    plan: Plan, policy: Policy, connection: duckdb.DuckDBPyConnection
) -> tuple[ResultsTable, int]:
    """Return the results at one point, and how many disputes the reference replay led."""
    if plan.prepared.manifest.disputes <= plan.few:
        return _by_reference(plan, policy, ResultsTable.empty(connection))
    try:
        ran = replay(plan.prepared, policy, plan.until, connection=connection)
    except UnsupportedPolicyError:
        return _by_reference(plan, policy, ResultsTable.empty(connection))
    return ran.table, sum(ran.by_reference.values())


def _by_reference(plan: Plan, policy: Policy, table: ResultsTable) -> tuple[ResultsTable, int]:
    """Run a policy that the fast engine cannot say by the reference replay."""
    life, stretch = Life(Engine.of(Compiled(policy))), Stretch(plan.until)
    names = list(_disputes(plan.prepared.rows))
    for start in range(0, len(names), AT_ONCE):
        events = reference_events(plan.prepared, names[start : start + AT_ONCE])
        table.add_results(one_result(life, tuple(one), stretch) for one in events.values())
    return table, len(names)


def _disputes(rows: Sequence[Path]) -> Iterator[str]:
    with closing(duckdb.connect()) as connection:
        for file in rows:
            found = connection.execute(
                "SELECT DISTINCT dispute_id FROM read_parquet(?) ORDER BY 1", [str(file)]
            )
            yield from (str(row[0]) for row in found.fetchall())
