"""Rows that SQL is not sure of, read by Python: those it takes go on, the others are rejects."""

from collections.abc import Iterable, Iterator, Sequence

import duckdb

from reso.facts.rows import read_history, write_history
from reso.facts.table import FactTable
from reso.facts.values import Plain
from reso.model.events import Event
from simulations.history import Note, history_of
from simulations.life import OWN_ACTS
from simulations.prepared.doubts import find_doubts
from simulations.prepared.instants import instant, microseconds
from simulations.prepared.kinds import Kind, merge, type_rows
from simulations.reading import Reject
from simulations.reading.events import sift_some
from simulations.reading.schema import COLUMNS, INSTANTS, PLACED
from simulations.reading.sql import utc_text

AT_A_TIME = 20_000
"""Rows that stand in Python at a time; more where a dispute has more."""

SHARD_ROW = "_did, _place, kind, _occ, _rec, payload, _shape"
IN_DOUBT = "a value that SQL cannot carry"

Wrong = tuple[int, Reject]
"""A reject, and the place of its row."""


def mend(
    connection: duckdb.DuckDBPyConnection, source: str, table: FactTable, kinds: list[Kind]
) -> tuple[list[Kind], list[Wrong]]:
    """Read the rows in doubt (tables `unsure` and `whole`) with Python; return kinds and rejects.

    What Python takes is typed again, in the plain form of `write_history`. Disputes of which SQL
    is then still not sure become `odd`: their rows move to the table `odd_rows`.

    Args:
        source: the rows of the shard as `ingest` writes them, as SQL.
    """
    run = connection.execute
    run(
        """CREATE OR REPLACE TEMP TABLE taken AS
            SELECT r._did, r._place, CASE WHEN w._did IS NULL THEN c.currency END AS currency
            FROM rows r LEFT JOIN whole w USING (_did) LEFT JOIN currencies c USING (_did)
            WHERE w._did IS NOT NULL OR r._place IN (SELECT _place FROM unsure)"""
    )
    for name in ("rows", *(kind.table for kind in kinds)):
        run(f"DELETE FROM {name} WHERE _place IN (SELECT _place FROM taken)")
    run("DELETE FROM currencies WHERE _did IN (SELECT _did FROM whole)")
    run("CREATE OR REPLACE TEMP TABLE sure AS FROM currencies")
    run(f"CREATE OR REPLACE TEMP TABLE mended AS SELECT {SHARD_ROW} FROM rows LIMIT 0")
    rejects = [
        wrong for rows in _taken(connection, source) for wrong in _sift(connection, rows, table)
    ]
    second = type_rows(connection, "mended", table, "second")
    if find_doubts(connection, second, "mended", "sure"):
        _set_aside(connection)
    for kind in (*kinds, *second):
        run(f"DELETE FROM {kind.table} WHERE _did IN (SELECT _did FROM odd)")
    run("INSERT INTO rows BY NAME SELECT * FROM mended")
    return _joined(connection, kinds, second), rejects


def _taken(connection: duckdb.DuckDBPyConnection, source: str) -> Iterator[list[tuple[Plain, ...]]]:
    """Yield the rows in doubt, no dispute in two parts: `_did`, `_place`, `currency`, `PLACED`."""
    columns = ", ".join(
        f"coalesce(s.{name}, {utc_text(f'make_timestamptz(s._{name[:3]})')}) AS {name}"
        if name in INSTANTS
        else f"s.{name}"
        for name in PLACED
    )
    cursor = connection.cursor()
    connection.execute(
        f"""CREATE OR REPLACE TABLE to_read AS SELECT t._did, t._place, t.currency, {columns}
            FROM {source} s JOIN taken t ON s.place = t._place ORDER BY t._did, t._place"""
    )
    asked = cursor.execute("SELECT * FROM to_read ORDER BY _did, _place")
    rows: list[tuple[Plain, ...]] = []
    while batch := asked.fetchmany(AT_A_TIME):
        rows += batch
        last = rows[-1][0]
        whole = [row for row in rows if row[0] != last]
        if whole:
            yield whole
            rows = rows[len(whole) :]
    if rows:
        yield rows
    connection.execute("DROP TABLE to_read")


def _sift(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple[Plain, ...]], table: FactTable
) -> Iterator[Wrong]:
    """Insert the rows that Python takes into `mended`; yield the others."""
    known = {str(row[3]): str(row[2]) for row in rows if row[2] is not None}
    told = sift_some([row[3:] for row in rows], table, known)
    taken: list[tuple[int, int, Event]] = []
    for row, one in zip(rows, told, strict=True):
        did, place = int(str(row[0])), int(str(row[1]))
        if isinstance(one, Event):
            taken.append((did, place, one))
        else:
            yield place, one
    written = write_history((event for _, _, event in taken), table, known)
    insert(
        connection,
        "mended",
        (
            (did, place, e.kind, microseconds(e.occurred_at), microseconds(e.recorded_at), payload)
            for (did, place, e), payload in zip(
                taken, (row["payload"] for row in written), strict=True
            )
        ),
    )


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[tuple[int, int, str, int, int, str]],
) -> None:
    """Insert rows of plain events: `_did, _place, kind, _occ, _rec, payload`."""
    names = ("_did", "_place", "kind", "_occ", "_rec", "payload")
    types = ("BIGINT", "BIGINT", "VARCHAR", "BIGINT", "BIGINT", "VARCHAR")
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    unnested = ", ".join(
        f"unnest(${n}::{kind}[]) AS {name}"
        for n, (name, kind) in enumerate(zip(names, types, strict=True), start=1)
    )
    connection.execute(
        f"""INSERT INTO {table} BY NAME SELECT *, CASE payload WHEN 'null' THEN 'null'
            WHEN '[]' THEN 'empty' ELSE 'object' END AS _shape FROM (SELECT {unnested})""",
        columns,
    )


def _set_aside(connection: duckdb.DuckDBPyConnection) -> None:
    """Move the disputes that are still in doubt to `odd` and their rows to `odd_rows`."""
    run = connection.execute
    run(
        f"""INSERT INTO odd SELECT _did, '{IN_DOUBT}' FROM (
            SELECT _did FROM unsure UNION SELECT _did FROM whole)"""
    )
    for name in ("rows", "mended"):
        is_odd = "WHERE _did IN (SELECT _did FROM odd)"
        run(f"INSERT INTO odd_rows BY NAME SELECT * FROM {name} {is_odd}")
        run(f"DELETE FROM {name} {is_odd}")
    run("DELETE FROM currencies WHERE _did IN (SELECT _did FROM odd)")


def odd_notes(connection: duckdb.DuckDBPyConnection, table: FactTable) -> tuple[Note, ...]:
    """Leave in `odd_rows` what a history of them would hold; return its notes."""
    rows = connection.execute(
        """SELECT _did, dispute_id, _occ, _rec, kind, payload
           FROM odd_rows JOIN named USING (_did) ORDER BY _did, _place"""
    ).fetchall()
    if not rows:
        return ()
    numbers = {dispute_id: did for did, dispute_id, *_ in rows}
    plain = [
        dict(zip(COLUMNS, (name, instant(occ), instant(rec), kind, payload), strict=True))
        for _, name, occ, rec, kind, payload in rows
    ]
    history = history_of("odd", read_history(plain, table), OWN_ACTS)
    events = [event for of_dispute in history.disputes.values() for event in of_dispute]
    connection.execute("DELETE FROM odd_rows")
    insert(
        connection,
        "odd_rows",
        (
            (
                numbers[e.dispute_id],
                place,
                e.kind,
                microseconds(e.occurred_at),
                microseconds(e.recorded_at),
                row["payload"],
            )
            for place, (e, row) in enumerate(zip(events, write_history(events, table), strict=True))
        ),
    )
    return history.notes


def _joined(
    connection: duckdb.DuckDBPyConnection, first: Sequence[Kind], second: Sequence[Kind]
) -> list[Kind]:
    """Return the kinds with what Python read."""
    kinds = {kind.name: kind for kind in first}
    for kind in second:
        before = kinds.get(kind.name)
        kinds[kind.name] = kind if before is None else merge(connection, before, kind)
    return list(kinds.values())
