"""A run led again where something was proposed: parties answer as the model says."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.lifecycle import Life
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.acceptance.model import RUNS, Acceptance
from simulations.fast.replaying import PROPOSED
from simulations.life import Parties, Stretch
from simulations.measures.endings import Automatic, automatic_band
from simulations.measures.rates import Band
from simulations.measures.tables import Names, ResultsTable
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import reference_events
from simulations.results import Result
from simulations.running import PolicyChoice, one_result, results

AT_ONCE = 500
"""Disputes whose events are held in memory at a time."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A fast replay from the record alone: what was run, and its tables.

    Attributes:
        choice: where processes read the policy that was run; None: all is led in this one.
        jobs: how many processes at most.
    """

    prepared: Prepared
    policy: Policy
    until: datetime | None
    table: ResultsTable
    choice: PolicyChoice | None = None
    jobs: int = 1

    def asked(self) -> list[str]:
        """Return the disputes in which parties may have been asked for their yes, in order."""
        rows = self.table.rows(
            f"""
            SELECT dispute_id FROM {PROPOSED} UNION
            SELECT dispute_id FROM {{results}} WHERE engine = 'reference' AND ended <> 'no_claim'
            ORDER BY 1
            """
        )
        return [str(row[0]) for row in rows]


@dataclass(frozen=True, slots=True)
class Answered:
    """The tables of a run in which parties answered, and how many disputes were led again."""

    table: ResultsTable
    led_again: int


def answered(
    replayed: Replayed, parties: Parties, name: str, progress: Progress = lambda count: None
) -> Answered:
    """Lead the disputes again in which something was proposed, with parties that answer.

    The others keep what the record alone came to: nobody was asked there. The tables are made
    beside those of the replay, as `results_NAME` and `movements_NAME`.

    Args:
        name: letters only. progress: called with how many more disputes are done.
    """
    again = replayed.asked()
    names = Names(f"results_{name}", f"movements_{name}")
    connection, old = replayed.table.connection, replayed.table.names
    connection.execute("CREATE OR REPLACE TEMP TABLE led_again (dispute_id VARCHAR)")
    if again:
        connection.execute("INSERT INTO led_again SELECT unnest($1::VARCHAR[])", [again])
    for made, source in ((names.results, old.results), (names.movements, old.movements)):
        connection.execute(
            f"CREATE OR REPLACE TABLE {made} AS SELECT * FROM {source} "
            "WHERE dispute_id NOT IN (SELECT dispute_id FROM led_again)"
        )
    table = ResultsTable(connection, Names(*(getattr(names, n) for n in ("results", "movements"))))
    with closing(_led(replayed, again, parties)) as led:
        table.add_results(_counted(led, progress))
    return Answered(table, len(again))


def _led(
    replayed: Replayed, again: Sequence[str], parties: Parties
) -> Generator[list[Result], None, None]:
    """Yield what comes of these disputes, some at a time."""
    stretch = Stretch(replayed.until)
    if replayed.choice is not None and replayed.jobs > 1:
        choice, jobs = replayed.choice, replayed.jobs
        events = _events(replayed.prepared, again)
        yield from results(events, len(again), choice, stretch, jobs, parties)
        return
    life = Life(Engine.of(Compiled(replayed.policy)))
    for one in _events(replayed.prepared, again):
        yield [one_result(life, one, stretch, parties)]


def _events(prepared: Prepared, again: Sequence[str]) -> Iterator[tuple[Event, ...]]:
    for start in range(0, len(again), AT_ONCE):
        found = reference_events(prepared, again[start : start + AT_ONCE])
        yield from (tuple(one) for one in found.values())


def _counted(led: Iterable[list[Result]], progress: Progress) -> Iterator[Result]:
    for several in led:
        yield from several
        progress(len(several))


def band(
    replayed: Replayed, model: Acceptance, seed: int, progress: Progress = lambda count: None
) -> Band[Automatic]:
    """Return what ends without a human in the low, the middle and the high run."""
    low, middle, high = (
        answered(replayed, model.run(name, seed), name, progress).table for name in RUNS
    )
    return automatic_band(low, middle, high)
