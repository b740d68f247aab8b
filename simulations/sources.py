"""Which reader reads a history: of event rows, of derived disputes, of the Olist files."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
from simulations.reading import load_mapping, open_rows, refuse_all, sift
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
    """

    where: str
    query: str | None = None
    mapping: Path | None = None
    strict: bool = False


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
        refuse_all(sifted.rejects)
    history = history_of(rows.name, sifted.events, OWN_ACTS)
    return replace(history, rejects=sifted.rejects)


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
