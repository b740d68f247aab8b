"""Writes the prepared facts of event rows: every shard, then what is true of all of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from reso.facts.table import FactTable
from simulations.history import Note
from simulations.literals import text_of
from simulations.means import memory_limit
from simulations.prepared.folding import Found, Layout, fold_shard
from simulations.prepared.ingest import Ingested, ingest
from simulations.prepared.layout import settle
from simulations.prepared.manifest import Manifest, write_manifest
from simulations.prepared.mending import Wrong
from simulations.prepared.shard import Shard
from simulations.reading import Rows
from simulations.reading.rejects import REJECT_COLUMNS

THREADS = 2
ROW_GROUP = 20_480
AT_A_TIME = 20_000

Progress = Callable[[str, float], None]
"""Called with what is done and which share (0 to 1) of all is."""


@dataclass(frozen=True, slots=True)
class Means:
    """What preparing may use: DuckDB's memory ("1300MB"; Python comes on top) and threads.

    Attributes:
        memory: None: as much as `simulations.means` says when it begins.
    """

    memory: str | None = None
    threads: int = THREADS


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be prepared.

    Attributes:
        name: what messages call the history. key: the hash of all that goes in.
        table: the facts that may stand in it.
        notes: those of whoever read the history before; None: nobody did.
    """

    name: str
    key: str
    table: FactTable
    notes: tuple[Note, ...] | None
    means: Means
    progress: Progress


def write_prepared(job: Job, rows: Rows, folder: Path, work: Path) -> None:
    """Prepare everything into `folder`; `work` is for what is needed on the way.

    Raises:
        InputError: the rows cannot be read.
    """
    with duckdb.connect(
        config={"threads": job.means.threads, "memory_limit": job.means.memory or memory_limit()}
    ) as connection:
        connection.execute(f"SET temp_directory = {text_of(str(work / 'spill'))}")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        ingested = ingest(connection, rows, job.table, work / "shards")
        job.progress("reading", 0.25)
        _Writer(connection, job, folder, ingested, rows).write()


class _Writer:
    """Writes the shards, then what is true of all of them."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: Job,
        folder: Path,
        ingested: Ingested,
        source: Rows,
    ) -> None:
        self.connection = connection
        self.job = job
        self.folder = folder
        self.ingested = ingested
        self.source = source
        self.found = Found()
        self.counts = Counter[str](ingested.found)
        self.layouts: list[Layout] = []
        self.sizes: list[int] = []

    def write(self) -> None:
        """Write all files."""
        run = self.connection.execute
        cells = ", ".join(
            f"{name} {'BIGINT' if name == 'row' else 'VARCHAR'}" for name in REJECT_COLUMNS
        )
        run(f"CREATE TABLE rejected (place BIGINT, {cells})")
        run("CREATE TABLE all_odd (dispute_id VARCHAR, why VARCHAR)")
        run("CREATE TABLE without (dispute_id VARCHAR)")
        shards = [n for n in range(self.ingested.shards) if not self.ingested.is_empty(n)]
        for done, shard in enumerate(shards):
            self._shard(shard)
            self.job.progress("preparing", 0.25 + 0.7 * (done + 1) / len(shards))
        facts = [self.folder / f"facts-{shard:04}.parquet" for shard in shards]
        for file, layout in zip(facts, self.layouts, strict=True):
            settle(self.connection, file, layout, self.found.layout())
        if self._ask("SELECT count(*) FROM rejected"):
            self._keep_as_they_stood()
        run(
            f"""COPY (SELECT * EXCLUDE (place) FROM rejected ORDER BY place)
                TO {self._to("rejects.parquet")}"""
        )
        run(f"COPY (FROM all_odd ORDER BY ALL) TO {self._to('odd.parquet')}")
        run(f"COPY (FROM without ORDER BY ALL) TO {self._to('no_claim.parquet')}")
        write_manifest(self._manifest(facts), self.folder)

    def _keep_as_they_stood(self) -> None:
        """Lay beside rejects the whole rows as they stood in their source."""
        self.connection.execute(
            f"""UPDATE rejected SET raw = s.raw FROM ({self.source.as_it_stood("rejected")}) s
                WHERE rejected.file = s.file AND rejected.row = s.row"""
        )

    def _shard(self, number: int) -> None:
        shard = Shard(self.connection, self.job.table)
        shard.read(self.ingested.of(number))
        shard.place()
        target = self.folder / f"facts-{number:04}.parquet"
        layout, size = fold_shard(self.connection, shard.kinds, self.found, target)
        self.layouts.append(layout)
        self.sizes.append(size)
        self._write_rows(number)
        self._count(shard)
        self._reject(shard.rejects)
        shard.drop()

    def _write_rows(self, number: int) -> None:
        run = self.connection.execute
        run(
            f"""COPY (SELECT n.dispute_id, r._occ, r._rec, r.kind, r.payload
                      FROM (FROM rows UNION ALL BY NAME FROM odd_rows) r JOIN named n USING (_did)
                      ORDER BY r._did, r._place)
                TO {self._to(f"rows-{number:04}.parquet")}
                (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP})"""
        )

    def _count(self, shard: Shard) -> None:
        run = self.connection.execute
        run(
            """INSERT INTO all_odd SELECT dispute_id, min(why) FROM odd JOIN named USING (_did)
               GROUP BY dispute_id"""
        )
        run(
            """INSERT INTO without SELECT dispute_id FROM named
               SEMI JOIN rows USING (_did) ANTI JOIN disputes USING (_did)
               ANTI JOIN odd USING (_did)"""
        )
        self.counts.update(shard.counts)
        last, events, disputes = run(
            """SELECT max(_rec), count(*), count(DISTINCT _did)
               FROM (SELECT _rec, _did FROM rows UNION ALL SELECT _rec, _did FROM odd_rows)"""
        ).fetchone() or (None, 0, 0)
        self.counts["_events"] += events
        self.counts["_disputes"] += disputes
        if last is not None:
            self.counts["_last"] = max(self.counts.get("_last", last), last)

    def _reject(self, rejects: Sequence[Wrong]) -> None:
        kinds = ("BIGINT", "VARCHAR", "BIGINT", *["VARCHAR"] * (len(REJECT_COLUMNS) - 2))
        unnested = ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(kinds, start=1))
        for start in range(0, len(rejects), AT_A_TIME):
            rows = [(place, *astuple(one)) for place, one in rejects[start : start + AT_A_TIME]]
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.connection.execute(f"INSERT INTO rejected SELECT {unnested}", columns)

    def _manifest(self, facts: Sequence[Path]) -> Manifest:
        counts, layout = self.counts, self.found.layout()
        with_claim = sum(self.sizes)
        notes = tuple(
            Note(what, counts[what])
            for what in sorted(counts)
            if counts[what] and not what.startswith("_")
        )
        files = sorted(file for file in self.folder.iterdir() if file.is_file())
        return Manifest(
            source=self.job.name,
            content=self.job.key,
            facts=tuple(file.name for file in facts),
            rows=tuple(file.name.replace("facts", "rows") for file in facts),
            shard_sizes=tuple(self.sizes),
            modes=layout.modes,
            types=layout.types,
            lists=layout.lists,
            old_acts=layout.old_acts,
            disputes=counts["_disputes"],
            with_claim=with_claim,
            without_claim=self._ask("SELECT count(*) FROM without"),
            odd=self._ask("SELECT count(*) FROM all_odd"),
            rows_read=self.ingested.source_rows,
            events=counts["_events"],
            rejects=self._ask("SELECT count(DISTINCT (file, row)) FROM rejected"),
            last=counts.get("_last"),
            notes=notes if self.job.notes is None else self.job.notes,
            known={
                path: n / with_claim for path, n in sorted(self.found.known.items()) if with_claim
            },
            sizes={file.name: file.stat().st_size for file in files},
        )

    def _ask(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return int(found[0]) if found else 0

    def _to(self, name: str) -> str:
        return text_of(str(self.folder / name))
