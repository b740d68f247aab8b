"""Who leads the disputes: the fast engine, or the reference replay where that one cannot."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb

from reso.cases import Pack
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import replay
from simulations.life import Stretch
from simulations.measures.tables import ResultsTable
from simulations.reading.sql import text_of
from simulations.replaying.opened import Opened
from simulations.running import PolicyChoice, run, usable_processors

EngineName = Literal["fast", "reference"]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Shows how many of so many disputes are done, under a title."""

MEMORY = "1500MB"
"""What DuckDB may hold in memory; beyond it, tables go to disk."""
FROM_THE_ORDER = "the policy may act before anybody complained"


@dataclass(frozen=True, slots=True)
class Led:
    """Who led the disputes of a run.

    Attributes:
        why: why the reference replay led all of them, although the fast engine was asked for.
        by_reference: of a fast run, how many disputes the reference replay led, by why.
    """

    engine: EngineName
    why: str = ""
    by_reference: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a history is to be led.

    Attributes:
        jobs: processes of the reference replay; None: as many as there are processors.
    """

    engine: EngineName
    stretch: Stretch
    jobs: int | None = None

    def refused(self) -> str:
        """Return why the fast engine cannot do what it is asked; "" where it can."""
        if self.engine == "fast" and self.stretch.from_the_order:
            return FROM_THE_ORDER
        return ""

    @property
    def is_fast(self) -> bool:
        """Whether the fast engine is to be tried."""
        return self.engine == "fast" and not self.refused()


@contextmanager
def run_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection for the tables of runs; what memory cannot hold goes to a folder."""
    with (
        TemporaryDirectory(prefix="reso-") as folder,
        duckdb.connect(config={"threads": usable_processors()}) as connection,
    ):
        connection.execute(f"SET temp_directory = {text_of(folder)}")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
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
    why = wanted.refused()
    prepared = opened.prepared
    if wanted.is_fast and prepared is not None:
        try:
            with progress("replay", disputes) as bar:
                done = replay(
                    prepared,
                    pack.policy,
                    wanted.stretch.until,
                    connection=connection,
                    progress=bar,
                )
        except UnsupportedPolicyError as error:
            why = str(error)
            _drop(connection)
        else:
            return done.table, Led("fast", by_reference=done.by_reference)
    jobs = wanted.jobs or usable_processors()
    with progress("replay", disputes) as bar:
        results = run(opened.history(), choice, wanted.stretch, jobs, bar)
    return ResultsTable.of(results, connection), Led("reference", why)


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
