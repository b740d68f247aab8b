"""A whole history replayed fast: prepared facts go in, the tables of a run come out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Event as Flag
from threading import Lock

import duckdb

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.expressions.tree import Kind
from reso.facts.table import FactTable
from reso.lifecycle import Life
from reso.policy.model import Policy
from simulations.fast.admitting import Admission, Part
from simulations.fast.beyond import Beyond
from simulations.fast.chapters import Chapters
from simulations.fast.claimless import add_claimless
from simulations.fast.collecting import PROPOSED, Collecting
from simulations.fast.engine import Pool
from simulations.fast.facts import Mode
from simulations.fast.tables import Tables
from simulations.life import Stretch
from simulations.literals import parquet_of
from simulations.measures.tables import ResultsTable
from simulations.prepared.instants import microseconds
from simulations.prepared.manifest import Manifest
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import reference_events
from simulations.running import one_result, usable_processors

Progress = Callable[[int], None]
REFERENCE_AT_ONCE = 500

ASKED_AGAIN = 0.05
"""Seconds after which a pool that is to stop is interrupted again."""
FEW = 30_000
"""Disputes on their way below which a pool lets more in."""
AT_ONCE = 45_000
"""Disputes let in together: with those on their way, what two gigabytes have room for."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which facts a prepared history holds, in the words of the policy's table of facts."""

    fields: Mapping[str, tuple[Mode, Kind]]
    lists: Mapping[str, tuple[Mode, Mapping[str, Kind]]]

    @classmethod
    def of(cls, manifest: Manifest, table: FactTable) -> "Known":
        """Return what a manifest says of the facts a table declares."""
        fields = {
            path: (mode, _kind(table.fields[path].type))
            for path, mode in manifest.modes.items()
            if path in table.fields
        }
        lists: dict[str, tuple[Mode, Mapping[str, Kind]]] = {
            section: ("always", _kinds(table, section, given))
            for section, given in manifest.lists.items()
            if section in table.lists
        }
        for path, mode in manifest.modes.items():
            if path in table.lists:
                lists[path] = mode, _kinds(table, path, table.lists[path])
        return cls(fields, lists)


def _kinds(table: FactTable, section: str, names: Iterable[str]) -> Mapping[str, Kind]:
    declared = table.lists[section]
    return {name: _kind(declared[name].type) for name in names if name in declared}


def _kind(declared: str) -> Kind:
    if declared.startswith("list"):
        return "list"
    return "text" if declared == "enum" else declared  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a fast replay came to.

    Attributes:
        table: results and movements of every dispute.
        kinds: how many kinds of disputes were met. steps: how often disputes were moved on
            together.
        by_reference: disputes that the reference replay led, by why.
    """

    table: ResultsTable
    kinds: int
    steps: int
    by_reference: Mapping[str, int]


@dataclass
class _Run:
    prepared: Prepared
    policy: Policy
    until: datetime | None
    table: ResultsTable
    progress: Progress
    strict: bool = False
    left: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    _stopped: Flag = field(default_factory=Flag)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.known = Known.of(self.prepared.manifest, self.prepared.table)
        self.chapters = Chapters(self.policy, self.known, self.strict)
        found = self._sql("SELECT current_database(), current_schema()").fetchone()
        assert found is not None
        self.home = ".".join(f'"{name}"' for name in found)

    def run(self) -> Replay:
        waiting = self._parts()
        worth = -(-sum(self.prepared.manifest.shard_sizes) // AT_ONCE)
        pools = [
            Tables.beside(self.table.connection, number)
            for number in range(min(worth, usable_processors()))
        ]
        try:
            with self._a_thread_each():
                self._lead(pools, waiting)
        finally:
            for tables in pools:
                tables.drop(self.table.connection)
        self._no_claim()
        self._by_reference()
        return Replay(
            self.table, len(self.chapters.kinds.steps), self.steps, Counter(self.left.values())
        )

    def _sql(self, query: str, values: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        return self.table.connection.execute(query, list(values))

    # -- pools of disputes, side by side --------------------------------------------------------

    @contextmanager
    def _a_thread_each(self) -> Iterator[None]:
        """Let each query run in the thread that asks for it: pools share the processors."""
        before = self._sql("SELECT current_setting('threads')").fetchone()
        assert before is not None
        self._sql("SET threads = 1")
        try:
            yield
        finally:
            self._sql(f"SET threads = {before[0]}")

    def _parts(self) -> Iterator[Part]:
        """Yield the parts of all shards; note which disputes the reference replay has to lead."""
        prepared, sizes = self.prepared, self.prepared.manifest.shard_sizes
        for facts, rows, size in zip(prepared.facts, prepared.rows, sizes, strict=True):
            beyond = Beyond(self.table.connection, facts, rows, self.known, self.policy)
            self.left |= (left := beyond.disputes())
            for first, end in pairwise(self._limits(facts, size)):
                yield Part(facts, rows, first, end, left)

    def _limits(self, facts: Path, size: int) -> Sequence[int]:
        """Return between which numbers the parts of a shard lie; no disputes: none.

        The numbers of a shard go from 0 without a gap. A slice of it has kept some of them, spread
        evenly, so its parts are about as large as each other.
        """
        found = self._sql(f"SELECT min(id), max(id) + 1 FROM {parquet_of(facts)}").fetchone()
        if not size or found is None:
            return []
        first, end = found
        parts = -(-size // AT_ONCE)
        return [first + (end - first) * n // parts for n in range(parts + 1)]

    def _lead(self, pools: Sequence[Tables], waiting: Iterator[Part]) -> None:
        """Lead all disputes, each pool in a thread of its own."""
        if not pools:
            return
        with ThreadPoolExecutor(len(pools)) as threads:
            started: list[Future[None]] = []
            try:
                started += [threads.submit(self._pool, tables, waiting) for tables in pools]
                for done in wait(started, return_when=FIRST_EXCEPTION).done:
                    done.result()
            except BaseException:
                self._stopped.set()
                while wait(started, timeout=ASKED_AGAIN).not_done:
                    for tables in pools:  # between two of its queries a pool would not hear it
                        tables.connection.interrupt()
                raise

    def _pool(self, tables: Tables, waiting: Iterator[Part]) -> None:
        """Lead disputes, part after part, until none is left.

        The next part joins before the last disputes of those before it have ended: so there are
        always many to be moved on together.
        """
        until = None if self.until is None else microseconds(self.until)
        kinds, names = self.chapters.kinds, self.table.names
        admission = Admission(tables, self.prepared)
        pool = Pool(tables, self.chapters, admission.events, until)
        collecting = Collecting(tables, kinds, self.known, self.home, names, until)
        live = shown = 0
        while not self._stopped.is_set():
            part = None
            if live < FEW:
                with self._lock:
                    part = next(waiting, None)
            if part is not None or not live:
                left = collecting.collect() if admission.numbered else {}
                with self._lock:
                    self.left |= left
                if part is None:
                    return
                admission.admit(part)
                pool.forget()
                shown = 0
            live = pool.step()
            ended = tables.count("ended")
            with self._lock:
                self.steps += 1
                self.progress(ended - shown)
            shown = ended

    # -- what is not led here -----------------------------------------------------------------

    def _no_claim(self) -> None:
        self.progress(add_claimless(self.table, self.prepared))
        source = parquet_of(self.prepared.odd)
        self.left.update(self._sql(f"SELECT dispute_id, why FROM {source}").fetchall())

    def _by_reference(self) -> None:
        """Lead by the reference replay what could not be led here."""
        life = Life(Engine.of(Compiled(self.policy)))
        stretch = Stretch(self.until)
        names = sorted(self.left)
        for start in range(0, len(names), REFERENCE_AT_ONCE):
            events = reference_events(self.prepared, names[start : start + REFERENCE_AT_ONCE])
            led = [one_result(life, tuple(one), stretch) for one in events.values()]
            self.table.add_results(led, "reference")
            self.progress(len(led))


def replay(
    prepared: Prepared,
    policy: Policy,
    until: datetime | None,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    progress: Progress = lambda count: None,
    strict: bool = False,
) -> Replay:
    """Replay a prepared history under a policy, from the complaint on.

    Args:
        until: the last instant; None: until nothing is left to happen.
        connection: where the tables of the run are made; default: a new one, in memory.
        progress: called with how many more disputes are done.
        strict: raise where SQL says anything else of a dispute than the engine, or a dispute is
            not of the kind it was led as. Else such disputes are led by the reference replay, and
            counted among `by_reference`.

    Raises:
        KindFaultError: `strict`, and that is so.
        UnsupportedPolicyError: the policy says something that is not written as SQL.
        InputError: a dispute cannot be lived through; the message names it.
    """
    table = ResultsTable.empty(connection)
    table.connection.execute(f"CREATE OR REPLACE TABLE {PROPOSED}(dispute_id VARCHAR)")
    return _Run(prepared, policy, until, table, progress, strict).run()


__all__ = ["PROPOSED", "Known", "Replay", "replay"]
