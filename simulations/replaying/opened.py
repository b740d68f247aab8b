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
from reso.lifecycle.acts import records_of
from reso.model.events import Event
from simulations.fast.collecting import first_arrival_sql
from simulations.history import History, Note
from simulations.literals import parquet_of, text_of
from simulations.measures.knowledge import Known
from simulations.measures.tables import INSTANT, ResultsTable, read_rows
from simulations.measures.traits import fill_from_history, fill_from_prepared
from simulations.prepared.instants import microseconds
from simulations.prepared.preparing import Prepared, prepare
from simulations.prepared.reference import reference_events
from simulations.reading import Reject, Rows, load_mapping, open_rows
from simulations.reading.database import asked, is_url
from simulations.reading.reasons import AFTER_TODAY
from simulations.reading.rows import event_files
from simulations.reading.schema import is_table_file
from simulations.reading.sql import connected
from simulations.results import first_arrival
from simulations.sources import Source, importer_of, read_source

EVIDENCE, CURRENCY = "evidence", "currency"
ARRIVALS = {"dispute_id": "VARCHAR", "arrived_at": INSTANT}

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


@dataclass(frozen=True, slots=True)
class Priced:
    """How many disputes are in a currency, and the first of them by name."""

    disputes: int
    first: str


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

    def fill_arrivals(self, table: ResultsTable, name: str) -> None:
        """Make a table of when parcels first became known to have reached the buyer.

        It holds `dispute_id` and `arrived_at`, and lacks the disputes in which none did. What was
        known before the complaint may be told as of the complaint.
        """

    def currencies(self, until: datetime | None) -> Mapping[str, Priced]:
        """Return in which currencies the orders of disputes are that have a claim by then.

        Args:
            until: None: at any time.
        """


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

    def fill_arrivals(self, table: ResultsTable, name: str) -> None:
        """Make a table of when parcels reached the buyer."""
        _write_arrivals(table.connection, name, self.read.disputes)

    def currencies(self, until: datetime | None) -> Mapping[str, Priced]:
        """Return in which currencies orders are."""
        known = (
            (name, [one for one in events if until is None or one.recorded_at <= until])
            for name, events in self.read.disputes.items()
        )
        stated = (
            (str(record.get(CURRENCY)), name)
            for name, events in known
            if any(event.kind == "claim" for event in events)
            for event in events
            if event.kind == "order"
            for record in records_of(event)
            if record.get(CURRENCY)
        )
        return _priced(stated)


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

    def fill_arrivals(self, table: ResultsTable, name: str) -> None:
        """Make a table of when parcels reached the buyer."""
        read = table.connection.execute
        odd = read(f"SELECT dispute_id FROM {parquet_of(self.prepared.odd)}").fetchall()
        _write_arrivals(table.connection, name, self.events(str(row[0]) for row in odd))
        if self.prepared.facts:
            arrived = first_arrival_sql(table.item_fields(self._facts, "tracking"), "f")
            read(
                f"INSERT INTO {name} SELECT dispute_id, make_timestamptz({arrived}) AS arrived_at "
                f"FROM {self._facts} AS f WHERE arrived_at IS NOT NULL"
            )

    def currencies(self, until: datetime | None) -> Mapping[str, Priced]:
        """Return in which currencies orders are; those that SQL cannot carry are left out."""
        path = f"order.{CURRENCY}"
        mode = self.prepared.manifest.modes.get(path)
        if mode is None or not self.prepared.facts:
            return {}
        last = "NULL" if until is None else microseconds(until)
        stated = {
            "always": f'[{{n: 1, v: "{path}"}}]',
            "once": f'[{{n: "{path}#n", v: "{path}"}}]',
            "changes": f'"{path}"',
        }[mode]
        with connected() as connection:
            rows = connection.execute(
                f"SELECT one.v, count(DISTINCT dispute_id), min(dispute_id) FROM (SELECT "
                f"dispute_id, arrivals, unnest({stated}) AS one FROM {self._facts}) WHERE one.v "
                f"IS NOT NULL AND coalesce(arrivals[one.n] <= {last}, true) GROUP BY 1 ORDER BY 1"
            ).fetchall()
        return {str(currency): Priced(count, first) for currency, count, first in rows}

    @property
    def _facts(self) -> str:
        listed = ", ".join(text_of(str(file)) for file in self.prepared.facts)
        return f"read_parquet([{listed}])"


def _write_arrivals(
    connection: duckdb.DuckDBPyConnection, name: str, disputes: Mapping[str, Iterable[Event]]
) -> None:
    found = ((dispute, first_arrival(events)) for dispute, events in disputes.items())
    rows = ({"dispute_id": one, "arrived_at": at} for one, at in found if at is not None)
    with read_rows(rows, ARRIVALS) as source:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {source}")


def _priced(stated: Iterable[tuple[str, str]]) -> dict[str, Priced]:
    """Return how many disputes there are by currency, of (currency, dispute)."""
    found: dict[str, set[str]] = {}
    for currency, dispute in stated:
        found.setdefault(currency, set()).add(dispute)
    return {one: Priced(len(names), min(names)) for one, names in sorted(found.items())}


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
