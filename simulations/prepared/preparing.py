"""Prepares a history: once for each content, for any number of policies and runs."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from reso.errors import InputError
from reso.facts.problems import CaseError, InputProblem
from reso.facts.rows import write_history
from reso.facts.table import FactTable
from simulations.history import History, Note
from simulations.importers.derived import is_derived
from simulations.importers.olist import is_olist
from simulations.importers.words import load_words
from simulations.prepared.cache import content_key, default_cache, written_whole
from simulations.prepared.event_files import JSONL, PARQUET, is_event_file
from simulations.prepared.folding import Found, fold_shard, write_facts
from simulations.prepared.ingest import Ingested, ingest
from simulations.prepared.manifest import Manifest, read_manifest, write_manifest
from simulations.prepared.shard import Shard
from simulations.prepared.typing_sql import literal
from simulations.sources import read_source

MEMORY = "1300MB"
THREADS = 2
ROW_GROUP = 20_480
SHOWN = 1_000

Progress = Callable[[str, float], None]
"""Called with what is done and which share (0 to 1) of all is."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Prepared facts: a folder with `facts-0000.parquet`, `rows-0000.parquet` and so on.

    Attributes:
        table: the facts that may stand in it, those of an imported source included.
    """

    folder: Path
    manifest: Manifest
    table: FactTable

    @property
    def facts(self) -> tuple[Path, ...]:
        """The files of facts, a shard each."""
        return tuple(self.folder / name for name in self.manifest.facts)

    @property
    def rows(self) -> tuple[Path, ...]:
        """The files of event rows, in the plain form, a shard each; sorted by dispute."""
        return tuple(self.folder / name for name in self.manifest.rows)

    @property
    def no_claim(self) -> Path:
        """The disputes without a claim: `dispute_id`."""
        return self.folder / "no_claim.parquet"

    @property
    def odd(self) -> Path:
        """The disputes that SQL cannot carry: `dispute_id`, `why`. They are in no file of facts."""
        return self.folder / "odd.parquet"

    @property
    def rejects(self) -> Path:
        """The rows that cannot be read: `file`, `row` (from 1), `dispute_id`, `reason`."""
        return self.folder / "rejects.parquet"


def prepare(
    source: Path,
    table: FactTable,
    *,
    cache: Path | None = None,
    strict: bool = False,
    progress: Progress = lambda what, share: None,
) -> Prepared:
    """Return the prepared facts of a history, from the cache if this content was prepared before.

    Args:
        source: as for `simulations.sources.read_source`: event rows in files, or a folder that an
            importer reads.
        table: the facts its events may state; those of an importer are added.
        strict: rows that cannot be read are an error.

    Raises:
        InputError: nothing of that kind is there, or with `strict` rows that cannot be read.
    """
    imported = source.is_dir() and (is_derived(source) or is_olist(source))
    files = _files(source, imported)
    if imported:
        table = load_words().table(table)
    importers = Path(__file__).parents[1] / "importers"
    code = [f for f in importers.iterdir() if f.is_file()] if imported else []
    sizes = sum(file.stat().st_size for file in files) or 1
    done = Counter[str]()

    def hashed(size: int) -> None:
        done["bytes"] += size
        progress("reading", 0.05 * done["bytes"] / sizes)

    key = content_key(files, table, code=code, progress=hashed)

    def build(folder: Path, work: Path) -> None:
        if imported:
            history = read_source(source, table)
            rows = [_as_rows(history, table, work / "imported.parquet")]
            _write(_Job(history.name, key, rows, table, history.notes, progress), folder, work)
        else:
            _write(_Job(str(source), key, files, table, None, progress), folder, work)

    prepared = _cached(cache, key, table, build)
    if strict and prepared.manifest.rejects:
        _refuse(prepared)
    progress("prepared", 1.0)
    return prepared


def prepare_history(history: History, table: FactTable, *, cache: Path | None = None) -> Prepared:
    """Return the prepared facts of a history that has been read; `table` declares all its facts."""
    with TemporaryDirectory() as name:
        file = _as_rows(history, table, Path(name) / "history.parquet")
        key = content_key([file], table)

        def build(folder: Path, work: Path) -> None:
            job = _Job(history.name, key, [file], table, history.notes, lambda what, share: None)
            _write(job, folder, work)

        return _cached(cache, key, table, build)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be prepared; `notes`: those of whoever read the history before, None: nobody."""

    name: str
    key: str
    files: Sequence[Path]
    table: FactTable
    notes: tuple[Note, ...] | None
    progress: Progress


def _cached(
    cache: Path | None, key: str, table: FactTable, build: Callable[[Path, Path], None]
) -> Prepared:
    """Return what the cache holds under `key`; if it holds nothing whole, `build` it first."""
    target = (cache or default_cache()) / key
    kept = _kept(target, table)
    if kept is not None:
        return kept
    with written_whole(target, lambda found: _kept(found, table) is not None) as folder:
        work = folder / "work"
        work.mkdir()
        build(folder, work)
        shutil.rmtree(work)
    return Prepared(target, read_manifest(target), table)


def _kept(folder: Path, table: FactTable) -> Prepared | None:
    """Return the prepared facts in a folder, None where any part is missing or of another size."""
    try:
        kept = Prepared(folder, read_manifest(folder), table)
        whole = all(
            (folder / name).stat().st_size == size for name, size in kept.manifest.sizes.items()
        )
    except (InputError, OSError):
        return None
    return kept if whole else None


def _files(source: Path, imported: bool) -> list[Path]:
    if not source.exists():
        raise InputError(str(source), "no such file or folder", "Check the path.")
    if imported:
        return sorted(file for file in source.rglob("*") if file.is_file())
    files = (
        [source] if source.is_file() else sorted(f for f in source.iterdir() if is_event_file(f))
    )
    if not files or not all(map(is_event_file, files)):
        kinds = ", ".join((*JSONL, PARQUET))
        hint = f"Name a file of event rows ({kinds}) or their folder."
        raise InputError(str(source), "holds no history", hint)
    return files


def _as_rows(history: History, table: FactTable, file: Path) -> Path:
    """Write the events of a history to a Parquet file of event rows."""
    names = ("dispute_id", "occurred_at", "recorded_at", "kind", "payload")
    events = [event for of_dispute in history.disputes.values() for event in of_dispute]
    written = write_history(events, table)
    columns = [[row[name] for row in written] for name in names]
    unnested = ", ".join(f"unnest(${n + 1}::VARCHAR[]) AS {name}" for n, name in enumerate(names))
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            f"COPY (SELECT {unnested}) TO {literal(str(file))} (FORMAT parquet)", columns
        )
    return file


def _write(job: _Job, folder: Path, work: Path) -> None:
    """Prepare everything into `folder`."""
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        connection.execute(f"SET temp_directory = {literal(str(work / 'spill'))}")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        ingested = ingest(connection, job.files, job.table, work / "shards")
        job.progress("reading", 0.25)
        _Writer(connection, job, folder, work, ingested).write()


class _Writer:
    """Writes the shards, then what is true of all of them."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: _Job,
        folder: Path,
        work: Path,
        ingested: Ingested,
    ) -> None:
        self.connection = connection
        self.job = job
        self.folder = folder
        self.work = work
        self.ingested = ingested
        self.found = Found()
        self.counts = Counter[str]()

    def write(self) -> None:
        """Write all files."""
        run = self.connection.execute
        run("CREATE TABLE rejected (file VARCHAR, row BIGINT, dispute_id VARCHAR, reason VARCHAR)")
        run("CREATE TABLE all_odd (dispute_id VARCHAR, why VARCHAR)")
        run("CREATE TABLE without (dispute_id VARCHAR)")
        shards = [n for n in range(self.ingested.shards) if not self.ingested.is_empty(n)]
        for done, shard in enumerate(shards):
            self._shard(shard)
            self.job.progress("preparing", 0.25 + 0.7 * (done + 1) / len(shards))
        facts, sizes = [], []
        for shard in shards:
            facts.append(self.folder / f"facts-{shard:04}.parquet")
            sizes.append(write_facts(self.connection, self._wide(shard), self.found, facts[-1]))
            self._wide(shard).unlink()
        run(f"COPY rejected TO {self._to('rejects.parquet')}")
        run(f"COPY all_odd TO {self._to('odd.parquet')}")
        run(f"COPY without TO {self._to('no_claim.parquet')}")
        write_manifest(self._manifest(facts, sizes), self.folder)

    def _shard(self, number: int) -> None:
        run = self.connection.execute
        shard = Shard(self.connection, self.job.table, self.job.files)
        shard.read(self.ingested.of(number))
        shard.place()
        shard.finish()
        fold_shard(self.connection, shard.kinds, self.found, self._wide(number))
        run(
            f"""COPY (SELECT dispute_id, _occ, _rec, kind, payload FROM rows
                      ORDER BY _did, _file, _row)
                TO {self._to(f"rows-{number:04}.parquet")}
                (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP})"""
        )
        run(
            """INSERT INTO all_odd SELECT dispute_id, min(why) FROM odd JOIN named USING (_did)
               GROUP BY dispute_id"""
        )
        run(
            """INSERT INTO without SELECT DISTINCT dispute_id FROM rows
               WHERE _did NOT IN (SELECT _did FROM disputes)
                 AND _did NOT IN (SELECT _did FROM odd)"""
        )
        self.counts.update(shard.counts)
        first, last, events, disputes = run(
            "SELECT min(_rec), max(_rec), count(*), count(DISTINCT _did) FROM rows"
        ).fetchone() or (None, None, 0, 0)
        self.counts["_events"] += events
        self.counts["_disputes"] += disputes
        for name, choose, value in (("_first", min, first), ("_last", max, last)):
            if value is not None:
                self.counts[name] = choose(self.counts.get(name, value), value)
        for start in range(0, len(shard.rejects), SHOWN):
            part = shard.rejects[start : start + SHOWN]
            columns = [
                [str(self.job.files[r.file]) for r in part],
                [r.row for r in part],
                [r.dispute_id for r in part],
                [r.reason for r in part],
            ]
            run(
                """INSERT INTO rejected SELECT unnest($1::VARCHAR[]), unnest($2::BIGINT[]),
                   unnest($3::VARCHAR[]), unnest($4::VARCHAR[])""",
                columns,
            )
        shard.drop()

    def _manifest(self, facts: Sequence[Path], sizes: Sequence[int]) -> Manifest:
        counts, found = self.counts, self.found
        with_claim = sum(sizes)
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
            shard_sizes=tuple(sizes),
            modes=dict(sorted(found.modes.items())),
            types={path: found.types[path] for path in sorted(found.modes)},
            lists={name: dict(sorted(found.lists[name].items())) for name in sorted(found.lists)},
            disputes=counts["_disputes"],
            with_claim=with_claim,
            without_claim=self._ask("SELECT count(*) FROM without"),
            odd=self._ask("SELECT count(*) FROM all_odd"),
            events=counts["_events"],
            rejects=self._ask("SELECT count(*) FROM rejected"),
            first=counts.get("_first"),
            last=counts.get("_last"),
            notes=notes if self.job.notes is None else self.job.notes,
            known={path: n / with_claim for path, n in sorted(found.known.items()) if with_claim},
            sizes={file.name: file.stat().st_size for file in files},
        )

    def _ask(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return int(found[0]) if found else 0

    def _wide(self, shard: int) -> Path:
        return self.work / f"wide-{shard:04}.parquet"

    def _to(self, name: str) -> str:
        return literal(str(self.folder / name))


def _refuse(prepared: Prepared) -> None:
    """Raise what is wrong with the rows that cannot be read, the first of them."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT file, row, reason FROM read_parquet(?) ORDER BY file, row LIMIT {SHOWN}""",
            [str(prepared.rejects)],
        ).fetchall()
    raise CaseError(
        [InputProblem(f"row {row}", reason.rstrip("."), "", file) for file, row, reason in rows]
    )
