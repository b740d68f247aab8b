"""Which reader reads a history: of event rows, of derived disputes, of the Olist files."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from reso.errors import InputError
from reso.facts.rows import read_history
from reso.facts.table import FactTable
from reso.model.events import Event
from simulations.history import History, Note, history_of
from simulations.importers.derived import is_derived, read_derived
from simulations.importers.local_time import LocalClock
from simulations.importers.olist import is_olist, read_olist
from simulations.importers.stories import Row, Story, count_traps, event_rows
from simulations.importers.words import Words, load_words
from simulations.life import OWN_ACTS
from simulations.reading import load_mapping, open_rows, outcome_file, refuse_all, sift
from simulations.reading.database import is_url

Reader = Callable[[Path, Words, Counter[str]], Iterator[Story]]

IMPORTED: tuple[tuple[Callable[[Path], bool], Reader], ...] = (
    (is_derived, read_derived),
    (is_olist, read_olist),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a history stands, and how it is read.

    Attributes:
        where: a file of event rows (Parquet, CSV, JSONL), a folder of such, a folder of derived
            disputes or of the Olist files; or the URL of a database.
        query: what a database is asked.
        mapping: the file that says which column is what.
        strict: rows that cannot be used end the reading; otherwise they are put aside.
        rejects: the file in which a strict reading leaves all of them before it ends; None: none.
        read_at: when it is read; what is dated later is counted. None: nobody asks.
    """

    where: str
    query: str | None = None
    mapping: Path | None = None
    strict: bool = False
    rejects: Path | None = None
    read_at: datetime | None = None


def read_source(source: Source | Path, table: FactTable) -> History:
    """Return the history of a source; a path stands for a source with nothing more to say.

    Args:
        table: the facts its events may state; importers add those of their source.

    Raises:
        InputError: nothing of that kind is there. CaseError: a mapping that is wrong; rows that
            cannot be used, where the source is strict. FactTableError: the policy declares a fact
            of the source differently.
    """
    asked = Source(str(source)) if isinstance(source, Path) else source
    reader = importer_of(asked)
    if reader is None:
        return _of_rows(asked, table)
    return _imported(Path(asked.where), reader, table)


def outcomes_of(source: Source, table: FactTable) -> Source | None:
    """Return where the outcomes of a history are recorded; None where nothing records any.

    That is what the mapping says under `outcomes`, with its query; else the file beside the events,
    whose columns are those of outcomes: the source returned has no mapping then.

    Raises:
        InputError: two places record them; a query for what is no database. CaseError: the mapping
            is wrong.
    """
    mapping = None if source.mapping is None else load_mapping(source.mapping, table)
    mapped = None if mapping is None else mapping.outcomes
    beside = None if is_url(source.where) else outcome_file(source.where)
    if mapped is None:
        plain = replace(source, where=str(beside), query=None, mapping=None)
        return None if beside is None else plain
    if mapped.query and not is_url(source.where):
        raise InputError(f"{source.mapping}: outcomes.query", "is for a database", "Take it out.")
    if beside is not None and beside.name not in (mapped.source, Path(source.where).name):
        what = "records outcomes, and so does `outcomes` of the mapping"
        raise InputError(str(beside), what, "Take the file away, or `outcomes` out of the mapping.")
    file = Path(source.where) / mapped.source
    where = str(file) if mapped.source and file.is_file() else source.where
    return replace(source, where=where, query=mapped.query or source.query)


def importer_of(source: Source) -> Reader | None:
    """Return what imports a source; None where it holds event rows.

    Raises:
        InputError: a query for what is no database.
    """
    path = Path(source.where)
    if is_url(source.where) or source.mapping is not None or not path.is_dir():
        return None
    reader = next((reader for is_one, reader in IMPORTED if is_one(path)), None)
    if reader is not None:
        _refuse_query(source)
    return reader


def _refuse_query(source: Source) -> None:
    if source.query is not None:
        what = "is for a database"
        raise InputError("--query", what, "Give the address of one as the history.")


def _of_rows(source: Source, table: FactTable) -> History:
    mapping = None if source.mapping is None else load_mapping(source.mapping, table)
    with TemporaryDirectory(prefix="reso-") as folder:
        rows = open_rows(source.where, Path(folder), query=source.query, mapping=mapping)
        sifted = sift(rows, table)
    if source.strict:
        refuse_all(sifted.rejects, source.rejects)
    history = history_of(rows.name, sifted.events, OWN_ACTS)
    found = {**{note.what: note.count for note in history.notes}, **rows.found}
    notes = tuple(Note(what, found[what]) for what in sorted(found))
    rejects, source_rows = sifted.rejects, rows.source_rows
    return replace(history, notes=notes, rejects=rejects, source_rows=source_rows)


def _imported(path: Path, reader: Reader, table: FactTable) -> History:
    words = load_words()
    clock, found = LocalClock(words.zone), Counter[str]()

    def rows() -> Iterator[Row]:
        for story in reader(path, words, found):
            count_traps(story, found)
            yield from event_rows(story, words, clock)

    events: tuple[Event, ...] = read_history(rows(), words.table(table), file=str(path))
    history = history_of(str(path), events, OWN_ACTS)
    counted = found + clock.found
    return replace(history, notes=tuple(Note(what, counted[what]) for what in sorted(counted)))
