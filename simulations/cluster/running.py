"""A history led on a Spark cluster: slices go out, rows come back, the driver makes the tables."""

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from reso.errors import InputError
from reso.policy.model import Policy
from simulations.cluster.slices import SLICE, Slices, cut
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import PROPOSED, Replay
from simulations.literals import text_of
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import Prepared

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from simulations.cluster.task import Sent

Progress = Callable[[int], None]

TAKEN_WITHIN = 120.0
"""Seconds in which a worker has to take a first task."""
LOOKED_AT = 0.5
"""Seconds between two looks at how far the job is."""

SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""What our rows rest on; all else is Spark's own configuration (`spark-defaults.conf`)."""


@contextmanager
def session(master: str) -> Iterator["SparkSession"]:
    """Give a session on a cluster; it ends, and frees its workers, whatever happens.

    Raises:
        InputError: the master does not let us in.
    """
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("reso replay")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except Exception as error:  # whatever Java says: its classes are not known here
        told = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(f"--master {master}", f"no session: {told[0]}", "") from error
    try:
        yield spark
    finally:
        spark.stop()


def replay(
    prepared: Prepared,
    policy: Policy,
    until: datetime | None,
    *,
    master: str,
    connection: duckdb.DuckDBPyConnection | None = None,
    progress: Progress = lambda count: None,
    most: int = SLICE,
) -> Replay:
    """Replay a prepared history under a policy on a Spark cluster.

    It comes to what `simulations.fast.replaying.replay` comes to.

    Args:
        until, connection, progress: as there.
        master: the address of a standalone master.
        most: disputes in a slice.

    Raises:
        UnsupportedPolicyError, InputError: as there; or the cluster cannot be used.
    """
    from simulations.cluster.task import Sent, Work

    slices = cut(prepared, most)
    sent = Sent.of(Work(slices.folder.resolve(), prepared.table, policy, until))
    table = ResultsTable.empty(connection)
    table.connection.execute(f"CREATE OR REPLACE TABLE {PROPOSED}(dispute_id VARCHAR)")
    if not len(slices):
        return Replay(table, 0, 0, {})
    with TemporaryDirectory(prefix=".rows-", dir=prepared.folder) as name, session(master) as spark:
        rows = Path(name) / "rows"
        _Job(spark, slices, progress).run(_led(spark, sent, len(slices)), rows)
        return Collected(table, f"read_parquet({text_of(str(rows / '*.parquet'))})", slices).read()


def _led(spark: "SparkSession", sent: "Sent", count: int) -> "DataFrame":
    """Return the rows of all slices: a slice is a task."""
    from simulations.cluster.task import lead_slices, spark_schema

    numbers = spark.range(0, count, 1, numPartitions=count)
    return numbers.mapInArrow(functools.partial(lead_slices, sent), spark_schema())


@dataclass
class _Job:
    """Writes rows by one Spark job, and looks how far it is."""

    spark: "SparkSession"
    slices: Slices
    progress: Progress
    _raised: list[BaseException] = field(default_factory=list)

    def run(self, rows: "DataFrame", target: Path) -> None:
        """Write all rows to a folder.

        Spark writes a task's rows when it has ended, and those of one attempt only: a task that is
        tried again, as its worker is lost, leaves no rows twice.

        Raises:
            InputError: no worker takes a task; or a task fails each time it is tried.
        """
        from pyspark import InheritableThread

        def write() -> None:
            try:
                rows.write.parquet(target.as_uri())
            except BaseException as error:
                self._raised.append(error)

        thread = InheritableThread(write, daemon=True)
        thread.start()
        try:
            self._watch(thread)
        except BaseException:
            self.spark.sparkContext.cancelAllJobs()
            thread.join(LOOKED_AT)
            raise
        if self._raised:
            raise _told(self._raised[0]) from self._raised[0]

    def _watch(self, thread: threading.Thread) -> None:
        done, waited = 0, 0.0
        while thread.is_alive():
            thread.join(LOOKED_AT)
            active, ended = self._tasks()
            waited = 0.0 if active or ended else waited + LOOKED_AT
            if waited > TAKEN_WITHIN:
                raise InputError(
                    "the cluster", f"no worker took a task within {TAKEN_WITHIN:.0f} seconds",
                    "Are there workers, with a core and memory to spare?",
                )  # fmt: skip
            self._tell(done, ended)
            done = max(done, ended)
        self._tell(done, len(self.slices))

    def _tell(self, before: int, ended: int) -> None:
        """Tell of tasks that ended; which they are is not known, so all count alike."""
        share = sum(self.slices.disputes) / len(self.slices)
        if ended > before:
            self.progress(round(share * ended) - round(share * before))

    def _tasks(self) -> tuple[int, int]:
        """Return how many tasks run, and how many have ended."""
        tracker = self.spark.sparkContext.statusTracker()
        infos = [tracker.getStageInfo(one) for one in tracker.getActiveStageIds()]
        found = [info for info in infos if info is not None]
        return sum(i.numActiveTasks for i in found), sum(i.numCompletedTasks for i in found)


MISSING = ("No module named 'simulations", "No module named 'reso", "No module named 'duckdb",
           "No module named 'pyarrow")  # fmt: skip


def _told(error: BaseException) -> BaseException:
    """Return what a failed job is told as: what a worker lacks has a message of its own."""
    text = str(error)
    if any(missing in text for missing in MISSING):
        what = "this project is not installed in its Python"
        return InputError("a worker", what, "Install it there, and name it by PYSPARK_PYTHON.")
    if not isinstance(error, Exception):
        return error
    last = [line for line in text.splitlines() if "Error" in line or "Exception" in line]
    return InputError("the cluster", f"a task failed: {(last or [text])[-1].strip()[:300]}", "")


@dataclass(frozen=True)
class Collected:
    """The rows of all tasks, read into the tables of a run."""

    table: ResultsTable
    rows: str
    slices: Slices

    def read(self) -> Replay:
        """Fill the tables.

        Raises:
            InputError, UnsupportedPolicyError: what a task met.
        """
        self._raise_failures()
        self._check()
        for part, name in (("result", "results"), ("movement", "movements")):
            target = getattr(self.table.names, name)
            self._run(
                f"INSERT INTO {target} BY NAME SELECT unnest({part}) FROM {self.rows} "
                f"WHERE {part} IS NOT NULL"
            )
        self._run(f"INSERT INTO {PROPOSED} SELECT proposed FROM {self.rows} WHERE proposed <> ''")
        kinds, steps = self._run(
            f"SELECT sum(counts.kinds)::BIGINT, max(counts.steps) FROM {self.rows}"
        ).fetchone() or (0, 0)
        whys = self._run(
            "SELECT one.key, sum(one.value)::BIGINT FROM (SELECT unnest(map_entries(by_reference)) "
            f"AS one FROM {self.rows} WHERE by_reference IS NOT NULL) GROUP BY 1 ORDER BY 1"
        ).fetchall()
        return Replay(self.table, kinds, steps, dict(whys))

    def _raise_failures(self) -> None:
        failed = self._run(
            f"SELECT failed.place, failed.what, failed.todo FROM {self.rows} "
            "WHERE failed IS NOT NULL ORDER BY ALL LIMIT 1"
        ).fetchone()
        if failed is None:
            return
        if not failed[0]:
            raise UnsupportedPolicyError(failed[1])
        raise InputError(*failed)

    def _check(self) -> None:
        """Hold what came back against what went out: every slice once, each dispute once."""
        found = self._run(
            "SELECT slice, count(result), count(DISTINCT result.dispute_id), count(counts) "
            f"FROM {self.rows} GROUP BY slice ORDER BY slice"
        ).fetchall()
        wanted = [(n, count, count, 1) for n, count in enumerate(self.slices.disputes)]
        wrong = [row for row in wanted if row not in found] or [r for r in found if r not in wanted]
        if wrong:
            raise RuntimeError(f"slice {wrong[0][0]} did not come back whole, and once: {found}")

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        return self.table.connection.execute(query)
