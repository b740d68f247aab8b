"""A history opened for a replay: prepared for the fast engine, or read for the reference replay.

Whatever opened it tells the same of it: what was read, put aside and known.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from zoneinfo import ZoneInfo

import duckdb

from reso.facts.table import FactTable
from reso.model.events import Event
from simulations.history import History, Note
from simulations.measures.knowledge import Known
from simulations.measures.tables import ResultsTable
from simulations.measures.traits import fill_from_history, fill_from_prepared
from simulations.prepared.instants import microseconds
from simulations.prepared.preparing import Prepared, prepare
from simulations.prepared.reference import reference_events
from simulations.reading import Reject, Rows, load_mapping, open_rows
from simulations.reading.database import asked, is_url
from simulations.reading.reasons import AFTER_TODAY
from simulations.reading.rows import event_files
from simulations.reading.schema import is_table_file
from simulations.reading.sql import connected, text_of
from simulations.sources import Source, importer_of, read_source

EVIDENCE = "evidence"

Share = Callable[[str, float], None]
"""Called with what is done and which share (0 to 1) of all is."""


@dataclass(frozen=True, slots=True)
class Account:
    """What was read of a history: how much, what was found on the way, and what was put aside."""

    name: str
    disputes: int
    events: int
    rows_read: int
    last_recorded_at: datetime | None
    notes: tuple[Note, ...] = ()
    rejects: tuple[Reject, ...] = ()

    @classmethod
    def of(cls, history: History, read_at: datetime | None = None) -> "Account":
        """Return what a history that was read, at this instant, says of itself."""
        later = 0 if read_at is None else history.after(read_at)
        return cls(
            history.name,
            len(history.disputes),
            history.event_count,
            history.rows_read,
            history.last_recorded_at,
            _with_later(history.notes, later),
            history.rejects,
        )


class Opened(Protocol):
    """A history that can be replayed."""

    @property
    def account(self) -> Account:
        """What was read."""

    @property
    def table(self) -> FactTable:
        """The facts its events may state."""

    @property
    def prepared(self) -> Prepared | None:
        """What the fast engine reads; None where nothing was prepared."""

    def events(self, ids: Iterable[str]) -> Mapping[str, tuple[Event, ...]]:
        """Return the events of these disputes."""

    def with_evidence(self) -> Sequence[str]:
        """Return the disputes in which anybody handed in evidence."""

    def history(self) -> History:
        """Return all of it, for the reference replay."""

    def fill_traits(self, table: ResultsTable, zone: ZoneInfo) -> None:
        """Fill the segments and the claim ages of a run."""

    def known(self, table: ResultsTable) -> Known:
        """Return in which share of the disputes each fact is known."""


@dataclass(frozen=True)
class ReadHistory:
    """A history whose events were read into memory."""

    read: History
    table: FactTable
    prepared: None = None
    read_at: datetime | None = None

    @cached_property
    def account(self) -> Account:
        """What was read."""
        return Account.of(self.read, self.read_at)

    def events(self, ids: Iterable[str]) -> Mapping[str, tuple[Event, ...]]:
        """Return the events of these disputes."""
        return {name: self.read.disputes[name] for name in ids if name in self.read.disputes}

    def with_evidence(self) -> Sequence[str]:
        """Return the disputes in which anybody handed in evidence."""
        return [
            name
            for name, events in self.read.disputes.items()
            if any(event.kind == EVIDENCE for event in events)
        ]

    def history(self) -> History:
        """Return all of it."""
        return self.read

    def fill_traits(self, table: ResultsTable, zone: ZoneInfo) -> None:
        """Fill the segments and the claim ages of a run."""
        fill_from_history(table, self.read.disputes.values(), zone)

    def known(self, table: ResultsTable) -> Known:
        """Return in which share of the disputes each fact is known."""
        return Known.of_history(self.read.disputes.values())


@dataclass(frozen=True)
class PreparedHistory:
    """A history prepared for the fast engine; its events stay on disk.

    Attributes:
        asked: the table of facts it was asked for, without those of an importer.
    """

    source: Source
    asked: FactTable
    prepared: Prepared
    account: Account

    @property
    def table(self) -> FactTable:
        """The facts its events may state."""
        return self.prepared.table

    def events(self, ids: Iterable[str]) -> Mapping[str, tuple[Event, ...]]:
        """Return the events of these disputes."""
        return reference_events(self.prepared, ids)

    def with_evidence(self) -> Sequence[str]:
        """Return the disputes in which anybody handed in evidence."""
        if not self.prepared.rows:
            return []
        files = ", ".join(text_of(str(file)) for file in self.prepared.rows)
        asked = f"SELECT DISTINCT dispute_id FROM read_parquet([{files}]) WHERE kind = '{EVIDENCE}'"
        with connected() as connection:
            rows = connection.execute(asked).fetchall()
        return [str(row[0]) for row in rows]

    def history(self) -> History:
        """Return all of it, read anew."""
        return read_source(self.source, self.asked)

    def fill_traits(self, table: ResultsTable, zone: ZoneInfo) -> None:
        """Fill the segments and the claim ages of a run."""
        if self.prepared.facts:
            fill_from_prepared(table, self._facts, self.prepared.manifest.modes, zone)

    def known(self, table: ResultsTable) -> Known:
        """Return in which share of the disputes each fact is known."""
        manifest = self.prepared.manifest
        if not self.prepared.facts:
            return Known(manifest.with_claim, manifest.known)
        return Known.of_prepared(table, self._facts, manifest.with_claim, manifest.known)

    @property
    def _facts(self) -> str:
        listed = ", ".join(text_of(str(file)) for file in self.prepared.facts)
        return f"read_parquet([{listed}])"


def open_read(source: Source, table: FactTable) -> ReadHistory:
    """Read a history into memory.

    Raises:
        InputError, CaseError: as `simulations.sources.read_source`.
    """
    return ReadHistory(read_source(source, table), table, read_at=source.read_at)


def open_prepared(
    source: Source,
    table: FactTable,
    *,
    cache: Path | None = None,
    progress: Share = lambda what, share: None,
) -> PreparedHistory:
    """Prepare a history, or take it from the cache.

    Args:
        cache: the folder of prepared histories; None: that of this user.

    Raises:
        InputError, CaseError: as `simulations.sources.read_source`.
    """
    prepared = prepare(source, table, cache=cache, progress=progress)
    manifest = prepared.manifest
    account = Account(
        manifest.source,
        manifest.disputes,
        manifest.events,
        manifest.rows_read,
        manifest.last_recorded_at,
        _with_later(manifest.notes, _later(prepared, source.read_at)),
        prepared.read_rejects(),
    )
    return PreparedHistory(source, table, prepared, account)


def _later(prepared: Prepared, read_at: datetime | None) -> int:
    """Return how many events are dated later than they were read."""
    if read_at is None or not prepared.rows:
        return 0
    files, at = [str(file) for file in prepared.rows], microseconds(read_at)
    later = "SELECT count(*) FROM read_parquet(?) WHERE _occ > ? OR _rec > ?"
    with connected() as connection:
        found = connection.execute(later, [files, at, at]).fetchone()
    return int(found[0]) if found else 0


def _with_later(notes: Sequence[Note], later: int) -> tuple[Note, ...]:
    """Return notes, and among them how many events are dated later than they were read."""
    more = [Note(AFTER_TODAY, later)] if later else []
    return tuple(sorted([*notes, *more], key=lambda note: note.what))


def _rows(source: Source, table: FactTable, folder: Path) -> Rows:
    mapping = None if source.mapping is None else load_mapping(source.mapping, table)
    return open_rows(source.where, folder, query=source.query, mapping=mapping)


def rows_in(source: Source, table: FactTable) -> int | None:
    """Return how many event rows there are; None where only reading all of it tells.

    Raises:
        InputError, CaseError: nothing is there, or the mapping is wrong.
    """
    if is_url(source.where) or importer_of(source) is not None:
        return None
    with TemporaryDirectory(prefix="reso-") as name, connected() as connection:
        rows = _rows(source, table, Path(name))
        found = connection.execute(f"SELECT count(*) FROM ({rows.sql})").fetchone()
    return None if found is None else int(found[0])


def content_of(source: Source) -> str:
    """Return the SHA-256 of what a history was read from.

    Of a file it is that of its bytes; of several that of their hashes in the order of their names;
    of a database that of the sorted rows it answers with.
    """
    path = Path(source.where)
    if is_url(source.where):
        return _content_of_answer(source)
    if importer_of(source) is not None:
        files = sorted(file for file in path.rglob("*") if is_table_file(file))
    else:
        files = event_files(path)
    hashes = [_content_of_file(file) for file in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _content_of_file(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _content_of_answer(source: Source) -> str:
    with TemporaryDirectory(prefix="reso-") as folder, duckdb.connect() as connection:
        answer = asked(source.where, source.query or "", Path(folder))
        listed = ", ".join(answer.text(name) for name in answer.types)
        found = connection.execute(
            f"SELECT sha256(coalesce(string_agg(told, chr(10) ORDER BY told), '')) FROM "
            f"(SELECT sha256(to_json([{listed}])::VARCHAR) AS told FROM {answer.sql})"
        ).fetchone()
    assert found is not None
    return str(found[0])
