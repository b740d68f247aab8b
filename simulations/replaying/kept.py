"""Results of fast replays, kept by content: a policy led over a history is not led there again.

They lie beside the prepared history they came from, in the same cache, each in a folder named by a
hash of everything they follow from: the history, the policy, the instant, and the program.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from reso.errors import InputError
from reso.policy.model import Policy
from simulations.fast.replaying import PROPOSED, Progress, Replay, replay
from simulations.literals import text_of
from simulations.measures.tables import ResultsTable
from simulations.prepared.cache import KEY_LENGTH, program_hash, written_whole
from simulations.prepared.keeping import Held, drop_unused
from simulations.prepared.preparing import Prepared

MANIFEST = "run.json"
TABLES = ("results", "movements", PROPOSED)


class _Manifest(BaseModel):
    """What is kept of a run beside its tables; `digests`: of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: int
    steps: int
    by_reference: Mapping[str, int]
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A replay that is asked for: everything its results follow from."""

    prepared: Prepared
    policy: Policy
    settings: Mapping[str, str]
    until: datetime | None

    @property
    def folder(self) -> Path:
        """Where its results lie, or would."""
        key = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
        said = (
            duckdb.__version__,
            program_hash(),
            self.prepared.folder.name,
            self.policy.content_hash,
            sorted(self.settings.items()),
            None if self.until is None else self.until.timestamp(),
        )
        key.update(repr(said).encode())
        return self.prepared.folder.parent / f"run-{key.hexdigest()}"


def replay_kept(asked: Asked, connection: duckdb.DuckDBPyConnection, progress: Progress) -> Replay:
    """Return what a replay comes to, from the cache where it was led before.

    Where the cache cannot be written, or what is to be written needs more memory than there is, it
    is led all the same.

    Raises:
        UnsupportedPolicyError, InputError: as `simulations.fast.replaying.replay`.
    """
    held = Held.of(asked.folder)
    kept = None if held is None else _kept(asked.folder)
    if kept is not None:
        return _taken(asked.folder, kept, connection)
    del held
    done = replay(
        asked.prepared, asked.policy, asked.until, connection=connection, progress=progress
    )
    _keep(asked.folder, done)
    return done


def _taken(folder: Path, kept: _Manifest, connection: duckdb.DuckDBPyConnection) -> Replay:
    table = ResultsTable.empty(connection)
    for name in TABLES:
        source = _file(folder, name)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {source}")
    return Replay(table, kept.kinds, kept.steps, kept.by_reference)


def _keep(folder: Path, done: Replay) -> None:
    try:
        with written_whole(folder, lambda found: _kept(found) is not None) as made:
            for name in TABLES:
                target = text_of(str(made / f"{name}.parquet"))
                done.table.connection.execute(f"COPY {name} TO {target} (FORMAT parquet)")
            kept = _Manifest(
                kinds=done.kinds,
                steps=done.steps,
                by_reference=done.by_reference,
                digests={name: _digest(made / f"{name}.parquet") for name in TABLES},
            )
            (made / MANIFEST).write_text(kept.model_dump_json(), encoding="utf-8")
    except (InputError, OSError, duckdb.IOException):
        return
    drop_unused(folder.parent)


def _kept(folder: Path) -> _Manifest | None:
    """Return what a folder holds; None where any part is missing or not as it was written."""
    try:
        kept = _Manifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
        is_whole = kept.digests == {name: _digest(folder / f"{name}.parquet") for name in TABLES}
    except (OSError, ValidationError, UnicodeDecodeError):
        return None
    return kept if is_whole else None


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()


def _file(folder: Path, name: str) -> str:
    return f"read_parquet({text_of(str(folder / f'{name}.parquet'))})"
