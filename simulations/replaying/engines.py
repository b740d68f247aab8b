"""Who leads the disputes: the fast engine, or the reference replay where that one cannot."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb

from reso.cases import Pack
from simulations.cluster import running as cluster
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import Replay
from simulations.life import Stretch
from simulations.literals import text_of
from simulations.means import memory_limit
from simulations.measures.tables import ResultsTable
from simulations.replaying.kept import Asked, replay_kept
from simulations.replaying.opened import Opened
from simulations.running import PolicyChoice, run, usable_processors

EngineName = Literal["fast", "reference", "spark"]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Shows how many of so many disputes are done, under a title."""

FEW_ROWS = 5_000
"""Event rows below which the reference replay is done before the fast engine has begun."""
FROM_THE_ORDER = "the policy may act before anybody complained"
FEW = "for so few disputes it is faster"


@dataclass(frozen=True, slots=True)
class Led:
    """Who led the disputes of a run.

    Attributes:
        why: why the reference replay led all of them, where nobody asked for it.
        by_reference: of a fast run, how many disputes the reference replay led, by why.
    """

    engine: EngineName
    why: str = ""
    by_reference: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a history is to be led.

    Attributes:
        why: why that engine, where nobody asked for it.
        jobs: processes of the reference replay; None: as many as there are processors.
        master: the address of the cluster that `spark` runs on.
    """

    engine: EngineName
    stretch: Stretch
    jobs: int | None = None
    why: str = ""
    master: str = ""


def choose(
    asked: EngineName | None, stretch: Stretch, rows: Callable[[], int | None]
) -> tuple[EngineName, str]:
    """Return which engine is to lead, and why if it is the reference replay unasked.

    Args:
        asked: the engine that was asked for; None: none.
        rows: counts the event rows of the history; None: that would take long.
    """
    if asked in ("reference", "spark"):
        return asked, ""
    if stretch.from_the_order:
        return "reference", FROM_THE_ORDER
    if asked is None:
        found = rows()
        if found is not None and found < FEW_ROWS:
            return "reference", FEW
    return "fast", ""


@contextmanager
def run_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection for the tables of runs; what memory cannot hold goes to a folder."""
    with (
        TemporaryDirectory(prefix="reso-") as folder,
        duckdb.connect(config={"threads": usable_processors()}) as connection,
    ):
        connection.execute(f"SET temp_directory = {text_of(folder)}")
        connection.execute(f"SET memory_limit = '{memory_limit()}'")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        yield connection


def lead(
    opened: Opened,
    pack: Pack,
    choice: PolicyChoice,
    wanted: Wanted,
    connection: duckdb.DuckDBPyConnection,
    progress: Progress,
) -> tuple[ResultsTable, Led]:
    """Lead every dispute of a history through its life under a policy.

    Args:
        pack: what `choice` names, loaded.
        connection: where the tables are made, in the schema it stands in.

    Raises:
        InputError: a dispute cannot be lived through; the message names it.
    """
    disputes = opened.account.disputes
    why, prepared, until = wanted.why, opened.prepared, wanted.stretch.until
    if wanted.engine != "reference" and prepared is not None:
        try:
            with progress("replay", disputes) as bar:
                done = _together(
                    Asked(prepared, pack.policy, choice.settings, until), wanted, connection, bar
                )
        except UnsupportedPolicyError as error:
            why = str(error)
            _drop(connection)
        else:
            return done.table, Led(wanted.engine, by_reference=done.by_reference)
    jobs = wanted.jobs or usable_processors()
    with progress("replay", disputes) as bar:
        results = run(opened.history(), choice, wanted.stretch, jobs, bar)
    return ResultsTable.of(results, connection), Led("reference", why)


def _together(
    asked: Asked, wanted: Wanted, connection: duckdb.DuckDBPyConnection, bar: Callable[[int], None]
) -> Replay:
    """Lead all disputes of a history together, here or on a cluster."""
    if wanted.engine != "spark":
        return replay_kept(asked, connection, bar)
    return cluster.replay(
        asked.prepared,
        asked.policy,
        asked.until,
        master=wanted.master,
        connection=connection,
        progress=bar,
    )


def _drop(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables of a run that was given up."""
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "AND NOT temporary"
    )
    for (name,) in found.fetchall():
        connection.execute(f'DROP TABLE "{name}"')


@contextmanager
def other_tables(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[str]:
    """Let the connection make its tables in a place of their own; gives that place's name."""
    before = connection.execute("SELECT current_database()").fetchone()
    assert before is not None
    connection.execute(f"ATTACH ':memory:' AS {name}")
    connection.execute(f"USE {name}")
    try:
        yield name
    finally:
        connection.execute(f"USE {before[0]}")
