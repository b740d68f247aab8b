"""A prepared history cut into slices, each a prepared history of its own: one task's work."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.table import FactTable
from simulations.literals import text_of
from simulations.prepared.cache import written_whole
from simulations.prepared.keeping import drop_half
from simulations.prepared.manifest import Manifest, is_whole, read_manifest, write_manifest
from simulations.prepared.preparing import Prepared

SLICE = 50_000
"""Disputes in a slice, at most about so many."""

FACTS, ROWS, NO_CLAIM, ODD = "facts.parquet", "rows.parquet", "no_claim.parquet", "odd.parquet"
SLICES = "slices"
"""The folder of slices, in that of the prepared history they were cut from."""


@dataclass(frozen=True, slots=True)
class Slices:
    """The slices of a prepared history: folders `0000`, `0001` and so on.

    Every dispute of the history is in exactly one of them, with all of its rows.

    Attributes:
        disputes: how many disputes each holds, those without a claim and odd ones included.
    """

    folder: Path
    disputes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.disputes)


def slice_folder(folder: Path, number: int) -> Path:
    """Return the folder of one slice."""
    return folder / f"{number:04}"


def open_slice(folder: Path, number: int, table: FactTable) -> Prepared:
    """Return one slice as a prepared history.

    Raises:
        InputError: it is not there, or a part of it is missing or of another size.
    """
    prepared = Prepared(slice_folder(folder, number), read_manifest_of(folder, number), table)
    for name, size in prepared.manifest.sizes.items():
        file = prepared.folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise InputError(str(file), "is not there as it was written", UNSEEN)
    return prepared


UNSEEN = "Workers and driver have to see the same folder: name one with --cache."


def read_manifest_of(folder: Path, number: int) -> Manifest:
    """Return the manifest of a slice."""
    try:
        return read_manifest(slice_folder(folder, number))
    except InputError as error:
        raise InputError(error.where, "is not seen here", UNSEEN) from error


def cut(prepared: Prepared, most: int = SLICE) -> Slices:
    """Cut a prepared history into slices of about `most` disputes, or take those cut before.

    Those that are not whole any more are cut anew.

    A shard of the history is cut by the hash of the disputes' names, so a slice is part of one.

    Raises:
        InputError: the folder cannot be written.
    """
    target = prepared.folder / f"{SLICES}-{most}"
    kept = _kept(target)
    if kept is not None:
        return kept
    drop_half(prepared.folder)
    with (
        written_whole(target, lambda found: _kept(found) is not None) as folder,
        duckdb.connect() as connection,
    ):
        connection.execute("SET enable_progress_bar = false")
        cutting = _Cutting(prepared, most, folder, connection)
        cutting.write()
    found = _kept(target)
    if found is None:
        raise InputError(str(target), "was changed while it was written", "Run it again.")
    return found


def _kept(folder: Path) -> Slices | None:
    """Return the slices in a folder, None where any part is missing or of another size."""
    try:
        told = (folder / "slices").read_text(encoding="utf-8")
        disputes = tuple(map(int, told.split()))
        manifests = [read_manifest(slice_folder(folder, n)) for n in range(len(disputes))]
    except (InputError, OSError, ValueError):
        return None
    whole = all(
        manifest.disputes == count and is_whole(slice_folder(folder, number), manifest)
        for number, (count, manifest) in enumerate(zip(disputes, manifests, strict=True))
    )
    return Slices(folder, disputes) if whole else None


@dataclass(slots=True)
class _Cutting:
    """Cuts the shards of a history, one after the other."""

    prepared: Prepared
    most: int
    folder: Path
    connection: duckdb.DuckDBPyConnection

    def write(self) -> None:
        """Write all slices, and `slices`: how many disputes each holds, a line each."""
        disputes: list[int] = []
        for facts, rows in zip(self.prepared.facts, self.prepared.rows, strict=True):
            names = f"SELECT DISTINCT dispute_id FROM read_parquet({_text(rows)})"
            count = self._ask(f"SELECT count(*) FROM ({names})")
            parts = max(1, -(-count // self.most))
            for part in range(parts):
                here = f"hash(dispute_id, 'slice') % {parts} = {part}"
                disputes.append(self._slice(len(disputes), facts, rows, here))
        told = "".join(f"{count}\n" for count in disputes)
        (self.folder / "slices").write_text(told, encoding="utf-8")

    def _slice(self, number: int, facts: Path, rows: Path, here: str) -> int:
        """Write one slice, the disputes of a shard for which `here` holds; return how many."""
        folder = slice_folder(self.folder, number)
        folder.mkdir()
        self._copy(f"FROM read_parquet({_text(facts)}) WHERE {here}", folder / FACTS)
        self._copy(f"FROM read_parquet({_text(rows)}) WHERE {here}", folder / ROWS)
        mine = f"SELECT dispute_id FROM read_parquet({_text(folder / ROWS)})"
        for file, name in ((self.prepared.no_claim, NO_CLAIM), (self.prepared.odd, ODD)):
            one = f"FROM read_parquet({_text(file)}) WHERE dispute_id IN ({mine})"
            self._copy(one, folder / name)
        return self._describe(folder)

    def _describe(self, folder: Path) -> int:
        """Write the manifest of a slice; return how many disputes it holds."""
        with_claim = self._count(folder / FACTS)
        without, odd = self._count(folder / NO_CLAIM), self._count(folder / ODD)
        sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
        manifest = replace(
            self.prepared.manifest,
            facts=(FACTS,),
            rows=(ROWS,),
            shard_sizes=(with_claim,),
            disputes=with_claim + without + odd,
            with_claim=with_claim,
            without_claim=without,
            odd=odd,
            events=self._count(folder / ROWS),
            sizes=sizes,
        )
        write_manifest(manifest, folder)
        return manifest.disputes

    def _copy(self, query: str, file: Path) -> None:
        self.connection.execute(f"COPY ({query}) TO {_text(file)} (FORMAT parquet)")

    def _count(self, file: Path) -> int:
        return self._ask(f"SELECT count(*) FROM read_parquet({_text(file)})")

    def _ask(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return int(found[0]) if found else 0


def _text(file: Path) -> str:
    return text_of(str(file))
