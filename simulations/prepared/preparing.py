"""Prepares a history: once for each content, for any number of policies and runs."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reso.errors import InputError
from reso.facts.rows import write_history
from reso.facts.table import FactTable
from simulations.history import History
from simulations.importers.words import load_words
from simulations.literals import text_of
from simulations.prepared.building import Job, Means, Progress, write_prepared
from simulations.prepared.cache import content_key, default_cache, written_whole
from simulations.prepared.keeping import Held, drop_unused
from simulations.prepared.manifest import Manifest, is_whole, read_manifest
from simulations.reading import Reject, Rows, load_mapping, open_rows, refuse_all
from simulations.reading.database import is_url
from simulations.reading.rejects import REJECT_COLUMNS, once_each
from simulations.reading.rows import event_files, files_not_read
from simulations.reading.schema import COLUMNS
from simulations.reading.spool import write_table
from simulations.reading.sql import connected
from simulations.sources import Source, importer_of, read_source


@dataclass(frozen=True, slots=True)
class Prepared:
    """Prepared facts: a folder with `facts-0000.parquet`, `rows-0000.parquet` and so on.

    Attributes:
        table: the facts that may stand in it, those of an imported source included.
        held: keeps the folder from being dropped as unused; None: nobody drops it.
    """

    folder: Path
    manifest: Manifest
    table: FactTable
    held: Held | None = field(default=None, compare=False, repr=False)

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
        """The rows that cannot be used: the fields of a `Reject`, in the order of the rows."""
        return self.folder / "rejects.parquet"

    def read_rejects(self) -> tuple[Reject, ...]:
        """Return the rows that cannot be used, as `simulations.reading.sift` would."""
        with connected() as connection:
            columns = ", ".join(REJECT_COLUMNS)
            asked = f"SELECT {columns} FROM read_parquet({text_of(str(self.rejects))})"
            rows = connection.execute(asked).fetchall()
        return once_each(Reject(*row) for row in rows)


def prepare(
    source: Source | Path,
    table: FactTable,
    *,
    cache: Path | None = None,
    strict: bool = False,
    means: Means = Means(),  # noqa: B008
    progress: Progress = lambda what, share: None,
) -> Prepared:
    """Return the prepared facts of a history, from the cache if this content was prepared before.

    Args:
        source: as for `simulations.sources.read_source`.
        table: the facts its events may state; those of an importer are added.
        strict: rows that cannot be used are an error, as they are if the source says so.

    Raises:
        InputError: nothing of that kind is there. CaseError: a mapping that is wrong, or rows that
            cannot be used where nothing is to be put aside.
    """
    asked = Source(str(source)) if isinstance(source, Path) else source
    preparing = _Preparing(asked, table, cache or default_cache(), means, progress)
    prepared = preparing.prepared()
    if strict or asked.strict:
        refuse_all(prepared.read_rejects(), asked.rejects)
    progress("prepared", 1.0)
    return prepared


def prepare_history(history: History, table: FactTable, *, cache: Path | None = None) -> Prepared:
    """Return the prepared facts of a history that has been read; `table` declares all its facts."""
    with TemporaryDirectory(prefix="reso-") as name:
        file = _as_rows(history, table, Path(name) / "history.parquet")
        key = content_key([file], table, [history.name])

        def build(folder: Path, work: Path) -> None:
            rows = replace(open_rows(file, work), name=history.name)
            job = Job(history.name, key, table, history.notes, Means(), lambda what, share: None)
            write_prepared(job, rows, folder, work)

        return _cached(cache or default_cache(), key, table, build)


@dataclass(frozen=True, slots=True)
class _Preparing:
    """Prepares one source."""

    source: Source
    table: FactTable
    cache: Path
    means: Means
    progress: Progress

    def prepared(self) -> Prepared:
        """Return the prepared facts, made or kept."""
        if is_url(self.source.where):
            return self._of_database()
        if importer_of(self.source) is not None:
            return self._imported()
        return self._of_files()

    def _of_database(self) -> Prepared:
        """Ask the database: only its answer tells whether it was prepared before."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".asked-", dir=self.cache) as name:
            held = Held.of(Path(name))
            rows = self._open(Path(name))
            key = self._key(sorted(Path(name).iterdir()), self.table)
            prepared = self._cached(key, lambda work: rows)
            del held
        return prepared

    def _of_files(self) -> Prepared:
        path = Path(self.source.where)
        key = self._key(event_files(path), self.table, beside=files_not_read(path))
        return self._cached(key, self._open)

    def _imported(self) -> Prepared:
        found = sorted(file for file in Path(self.source.where).rglob("*") if file.is_file())
        table = load_words().table(self.table)
        key = self._key(found, table)

        def build(folder: Path, work: Path) -> None:
            history = read_source(self.source, self.table)
            file = _as_rows(history, table, work / "imported.parquet")
            rows = replace(open_rows(file, work), name=history.name)
            job = Job(history.name, key, table, history.notes, self.means, self.progress)
            write_prepared(job, rows, folder, work)

        return _cached(self.cache, key, table, build)

    def _open(self, folder: Path) -> Rows:
        mapping = self.source.mapping
        return open_rows(
            self.source.where,
            folder,
            query=self.source.query,
            mapping=None if mapping is None else load_mapping(mapping, self.table),
        )

    def _key(self, files: Sequence[Path], table: FactTable, beside: Sequence[str] = ()) -> str:
        """Return the hash of files, of how they are read, and of the names of others beside."""
        mapping = [] if self.source.mapping is None else [self.source.mapping]
        said = [self.source.where, self.source.query or "", *(file.name for file in files), *beside]
        sizes = sum(file.stat().st_size for file in files) or 1
        done = Counter[str]()

        def hashed(size: int) -> None:
            done["bytes"] += size
            self.progress("reading", min(0.05 * done["bytes"] / sizes, 0.05))

        return content_key([*files, *mapping], table, said, progress=hashed)

    def _cached(self, key: str, opened: Callable[[Path], Rows]) -> Prepared:
        def build(folder: Path, work: Path) -> None:
            rows = opened(work)
            job = Job(rows.name, key, self.table, None, self.means, self.progress)
            write_prepared(job, rows, folder, work)

        return _cached(self.cache, key, self.table, build)


def _cached(
    cache: Path, key: str, table: FactTable, build: Callable[[Path, Path], None]
) -> Prepared:
    """Return what the cache holds under `key`; if it holds nothing whole, `build` it first."""
    target = cache / key
    kept = _kept(target, table)
    if kept is not None:
        return kept
    with written_whole(target, lambda found: _kept(found, table) is not None) as folder:
        work = folder / "work"
        work.mkdir()
        build(folder, work)
        shutil.rmtree(work)
    prepared = _kept(target, table)
    if prepared is None:
        raise InputError(str(target), "was dropped while it was written", "Run it again.")
    drop_unused(cache)
    return prepared


def _kept(folder: Path, table: FactTable) -> Prepared | None:
    """Return the prepared facts in a folder, None where any part is missing or of another size."""
    held = Held.of(folder)
    try:
        kept = Prepared(folder, read_manifest(folder), table, held)
    except InputError:
        return None
    return kept if is_whole(folder, kept.manifest) else None


def _as_rows(history: History, table: FactTable, file: Path) -> Path:
    """Write the events of a history to a Parquet file of event rows."""
    events = (event for of_dispute in history.disputes.values() for event in of_dispute)
    written = write_history(events, table)
    write_table(file, COLUMNS, ([row[name] for name in COLUMNS] for row in written))
    return file
