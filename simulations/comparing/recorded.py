"""The recorded outcomes that lie beside a history, as the table `recorded`."""

from pathlib import Path

import duckdb

from reso.errors import InputError
from simulations.comparing.tables import RECORDED, Connection

STEM = "outcomes"
READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
NEEDED = ("dispute_id", "ruling")


def outcomes_beside(history: Path) -> Path | None:
    """Return the file of recorded outcomes in a history's folder, None if there is none."""
    folder = history if history.is_dir() else history.parent
    found = (folder / f"{STEM}{ending}" for ending in READERS)
    return next((file for file in found if file.is_file()), None)


def read_outcomes(connection: Connection, file: Path, table: str) -> None:
    """Make the table of recorded outcomes in a file; a column that it lacks is NULL.

    Raises:
        InputError: it cannot be read, lacks a column that is needed, or holds a dispute twice.
    """
    source = f"{READERS[file.suffix]}(?)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}", [str(file)])
        known = {row[0] for row in described.fetchall()}
        _refuse_lacking(file, known)
        listed = ", ".join(
            f"{name if name in known else 'NULL'}::{kind} AS {name}"
            for name, kind in RECORDED.items()
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {listed} FROM {source}", [str(file)]
        )
    except duckdb.Error as error:
        what = f"not readable as recorded outcomes: {str(error).splitlines()[0]}"
        raise InputError(str(file), what, "Write it as docs/comparing.md says.") from error
    _refuse_twice(connection, file, table)


def _refuse_lacking(file: Path, known: set[str]) -> None:
    lacking = [name for name in NEEDED if name not in known]
    if lacking:
        what = f"has no column `{'`, `'.join(lacking)}`"
        raise InputError(str(file), what, f"Recorded outcomes have {', '.join(RECORDED)}.")


def _refuse_twice(connection: Connection, file: Path, table: str) -> None:
    twice = connection.execute(
        f"SELECT dispute_id FROM {table} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice:
        what = f"`{twice[0]}` stands in it twice"
        raise InputError(str(file), what, "Keep the outcome that came to hold.")
