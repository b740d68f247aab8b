"""A file of truths: what was really due in disputes, laid over what is recorded of them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.problems import did_you_mean, shown
from simulations.literals import text_of
from simulations.reading.relations import Relation, relation_of
from simulations.reading.schema import SUFFIXES, TRUTHS, is_table_file

NEEDED = ("dispute_id", "truth")
DUE = "due"
HINT = "It has columns `dispute_id` and `truth`, and perhaps `due`."


@dataclass(frozen=True, slots=True)
class TruthFile:
    """What a file of truths told.

    Attributes:
        content_hash: the SHA-256 of its bytes.
        read: rows. used: disputes of the history whose truth it tells.
        elsewhere: disputes it tells of that the history does not hold.
    """

    file: Path
    content_hash: str
    read: int
    used: int
    elsewhere: int


def check_truth(file: Path) -> None:
    """Refuse what is no file of rows, before anything runs.

    Raises:
        InputError: it is not there, or its name does not say that it holds rows.
    """
    if not is_table_file(file):
        listed = ", ".join(sorted(SUFFIXES, key=(".parquet", ".csv", *SUFFIXES).index))
        raise InputError(str(file), "is no table", f"Name a file {listed}.")
    if not file.is_file():
        raise InputError(str(file), "no such file", "Check the path.")


def lay_over(
    connection: duckdb.DuckDBPyConnection, file: Path, folder: Path, disputes: str
) -> TruthFile:
    """Let a file say what was really due, in the table `recorded` of `connection`.

    Its word stands above that of the outcomes. `due` is in minor units of the dispute's currency,
    and what a `refund` should have been; a truth that is empty is not known.

    Args:
        folder: where a Parquet file of its rows is written, if it is none.
        disputes: the name of a table with the `dispute_id` of all disputes.

    Raises:
        InputError: it cannot be read, or says what cannot be.
    """
    check_truth(file)
    relation = relation_of(file, folder)
    for name in NEEDED:
        if name not in relation.types:
            hint = did_you_mean(name, relation.types) or HINT
            raise InputError(str(file), f"has no column `{name}`", hint)
    _read(connection, relation)
    _refuse_wrong(connection, file)
    _put(connection, disputes)
    row = connection.execute(
        "SELECT count(*), count(DISTINCT dispute_id) FILTER (is_there), "
        "count(DISTINCT dispute_id) FILTER (NOT is_there) FROM "
        f"(SELECT t.dispute_id, t.truth, t.dispute_id IN (SELECT dispute_id FROM {disputes}) "
        "AS is_there FROM truths t) WHERE truth IS NOT NULL"
    ).fetchone()
    read = connection.execute("SELECT count(*) FROM truths").fetchone()
    connection.execute("DROP TABLE truths")
    assert row is not None
    assert read is not None
    with file.open("rb") as opened:
        content = hashlib.file_digest(opened, "sha256").hexdigest()
    return TruthFile(file, content, read[0], row[1], row[2])


def _read(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Make the table `truths`: texts as they stand there, and what `due` says as a number."""
    due = relation.text(DUE) if DUE in relation.types else "NULL::VARCHAR"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE truths AS SELECT *, "
        r"CASE WHEN regexp_full_match(said, '\d{1,15}') THEN said::BIGINT END AS due FROM "
        f"(SELECT {relation.row} AS row, {relation.unread} AS unread, "
        f"{relation.text('dispute_id')} AS dispute_id, {relation.text('truth')} AS truth, "
        f"{due} AS said FROM {relation.sql})"
    )


def _refuse_wrong(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Raise what is wrong with the first row that cannot be used."""
    words = ", ".join(map(text_of, TRUTHS))
    found = connection.execute(
        "SELECT row, unread, dispute_id, truth, said, several FROM "
        "(SELECT *, count(DISTINCT CASE WHEN truth IS NOT NULL THEN "
        "(truth, CASE WHEN truth = 'refund' THEN due END) END) "
        "OVER (PARTITION BY dispute_id) > 1 AND truth IS NOT NULL AS several "
        "FROM truths) WHERE unread IS NOT NULL OR dispute_id IS NULL "
        f"OR truth NOT IN ({words}) OR several "
        "OR (truth = 'refund' AND said IS NOT NULL AND coalesce(due, 0) = 0) ORDER BY row LIMIT 1"
    ).fetchone()
    if found is None:
        return
    row, unread, dispute_id, truth, said, several = found
    if unread is not None:
        raise InputError(f"{file}:{row}", str(unread).rstrip("."), HINT)
    if dispute_id is None:
        raise InputError(f"{file}:{row}", "dispute_id is missing", "Write the dispute's id.")
    if truth is not None and truth not in TRUTHS:
        hint = did_you_mean(truth, TRUTHS) or f"Write {' or '.join(TRUTHS)}."
        raise InputError(f"{file}:{row}", f"{shown(truth)} is no truth", hint)
    if several:
        what = f"of {shown(dispute_id)} it tells two truths"
        raise InputError(f"{file}:{row}", what, "Leave one of them.")
    raise InputError(
        f"{file}:{row}", f"{shown(said)} is not what was due", "Write whole minor units above 0."
    )


def _put(connection: duckdb.DuckDBPyConnection, disputes: str) -> None:
    connection.execute("ALTER TABLE recorded ADD COLUMN IF NOT EXISTS due BIGINT")
    told = (
        "(SELECT DISTINCT dispute_id, truth, CASE WHEN truth = 'refund' THEN due END AS due "
        "FROM truths WHERE truth IS NOT NULL "
        f"AND dispute_id IN (SELECT dispute_id FROM {disputes}))"
    )
    connection.execute(
        f"UPDATE recorded SET truth = t.truth, due = t.due FROM {told} AS t "
        "WHERE t.dispute_id = recorded.dispute_id"
    )
    connection.execute(
        f"INSERT INTO recorded BY NAME SELECT * FROM {told} AS t "
        "WHERE dispute_id NOT IN (SELECT dispute_id FROM recorded)"
    )
