"""What prepared facts are: files, columns, and what was found on the way."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from reso.errors import InputError
from simulations.history import Note
from simulations.prepared.folding import Mode
from simulations.prepared.instants import instant

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The table of contents of a folder of prepared facts.

    Attributes:
        source: what messages call the history. content: the hash of all that went in.
        facts, rows: the files of the shards; of each, a file of event rows beside it.
        shard_sizes: disputes in each of `facts`.
        modes, types: of each field outside lists: its mode and the SQL type of its values.
        lists: of each list the fields of its items and their SQL types.
        old_acts: whether the facts have the columns `left` and `stays` (INTEGER[], by arrival):
            events that hold something of the old platform's acts, and events of which something
            remains without that. A history without such acts has them not.
        disputes: in all: those with a claim, without one, and odd ones.
        rows_read: rows in the source: events, those left out as notes say, and rejects.
        last: microseconds since 1970 of the last `recorded_at`; None: no event.
        known: the share (0 to 1) of the disputes with a claim in which each fact is known.
        sizes: bytes of each file in the folder.
    """

    source: str
    content: str
    facts: tuple[str, ...]
    rows: tuple[str, ...]
    shard_sizes: tuple[int, ...]
    modes: Mapping[str, Mode]
    types: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    old_acts: bool
    disputes: int
    with_claim: int
    without_claim: int
    odd: int
    rows_read: int
    events: int
    rejects: int
    last: int | None
    notes: tuple[Note, ...]
    known: Mapping[str, float]
    sizes: Mapping[str, int]

    @property
    def last_recorded_at(self) -> datetime | None:
        """The last instant at which anything was recorded; None of an empty history."""
        return None if self.last is None else instant(self.last)


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into its folder."""
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder.

    Raises:
        InputError: it is missing or not as it was written.
    """
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        data["notes"] = tuple(Note(**note) for note in data["notes"])
        for name in ("facts", "rows", "shard_sizes"):
            data[name] = tuple(data[name])
        return Manifest(**data)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(str(folder), "no prepared facts", "Prepare them again.") from error


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether every file of a folder is there, and as large as it was written."""
    try:
        return all((folder / name).stat().st_size == n for name, n in manifest.sizes.items())
    except OSError:
        return False
