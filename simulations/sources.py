"""Which reader reads a history: of event rows, of derived disputes, of the Olist files."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from reso.errors import InputError
from reso.facts.rows import read_history
from reso.facts.table import FactTable
from reso.model.events import Event
from simulations.files import JSONL, PARQUET, is_event_file, read_event_file
from simulations.history import History, Note, history_of
from simulations.importers.derived import is_derived, read_derived
from simulations.importers.local_time import LocalClock
from simulations.importers.olist import is_olist, read_olist
from simulations.importers.stories import Row, Story, count_traps, event_rows
from simulations.importers.words import Words, load_words
from simulations.life import OWN_ACTS

OUTCOMES = "outcomes"
"""The file beside the events that says what really came of the disputes."""

Reader = Callable[[Path, Words, Counter[str]], Iterator[Story]]

IMPORTED: tuple[tuple[Callable[[Path], bool], Reader], ...] = (
    (is_derived, read_derived),
    (is_olist, read_olist),
)


def read_source(path: Path, table: FactTable) -> History:
    """Return the history at `path`.

    Args:
        path: a JSONL or Parquet file of event rows, a folder of such files, a folder of derived
            disputes, or a folder of the Olist files.
        table: the facts its events may state; importers add those of their source.

    Raises:
        InputError: nothing of that kind is there. CaseError: rows that cannot be read.
        FactTableError: the policy declares a fact of the source differently.
    """
    if not path.exists():
        raise InputError(str(path), "no such file or folder", "Check the path.")
    if path.is_file():
        return _of_files(path, [path], table)
    for is_one, reader in IMPORTED:
        if is_one(path):
            return _imported(path, reader, table)
    files = sorted(
        file
        for file in path.iterdir()
        if file.is_file() and is_event_file(file) and file.stem != OUTCOMES
    )
    return _of_files(path, files, table)


def _of_files(path: Path, files: list[Path], table: FactTable) -> History:
    if not files or not all(map(is_event_file, files)):
        what = "holds no history"
        kinds = ", ".join((*JSONL, PARQUET))
        raise InputError(str(path), what, f"Name a file of event rows ({kinds}) or their folder.")
    events = [event for file in files for event in read_event_file(file, table)]
    return history_of(str(path), events, OWN_ACTS)


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
