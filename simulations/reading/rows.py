"""A history, wherever it stands, as one relation of event rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reso.errors import InputError
from simulations.literals import text_of
from simulations.reading.database import asked, is_url, shown_url
from simulations.reading.mapped import mapped_rows
from simulations.reading.mapping import ColumnMap
from simulations.reading.reasons import LEFT_OUT, NOT_READ
from simulations.reading.relations import ENTRY, Relation, relation_of
from simulations.reading.schema import (
    COLUMNS,
    HIDDEN,
    INSTANTS,
    SUFFIXES,
    TEXTS,
    is_outcome_file,
    is_table_file,
)
from simulations.reading.sql import STAMPED, connected, utc_text

KEPT_BY_PYTHON = "__pycache__"

ROW_BITS = 40
"""Bits of a row's place that hold its number; those above them its file."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The event rows of a history.

    Attributes:
        name: what messages call it; of a database its address without the password.
        sql: a SELECT that any connection of DuckDB can run, with the columns `schema.PLACED`: the
            five of an event row as text (payload: JSON text), `file` and `row` (from 1) where it
            stands, `reason` and `message` of a row that could not be read, `raw`: what stood there
            (NULL: nothing but the five columns). Besides, `place` BIGINT: another one for each
            row, ascending in the order of the rows.
        stamped: the same with `occurred_at` and `recorded_at` as TIMESTAMPTZ, where all sources
            have them so; None otherwise.
        source_rows: of a mapping, which makes any number of event rows of one row: how many rows
            its sources have. None: each row of `sql` is one of a source.
        found: what was found on the way, and how often: words of `reasons`, and counts.
        relations: the sources, where `raw` is not what stood there but of rows that cannot be read.
    """

    name: str
    sql: str
    stamped: str | None
    source_rows: int | None = None
    found: Mapping[str, int] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    def as_it_stood(self, wanted: str) -> str:
        """Return a SELECT of `file`, `row` and `raw`: what stood in rows that are wanted.

        Args:
            wanted: the name of a table with `file` and `row`.
        """
        selects = [
            f"SELECT {text_of(one.name)} AS file, _wanted AS row, {one.raw} AS raw FROM {one.sql} "
            f"JOIN (SELECT row AS _wanted FROM {wanted} WHERE file = {text_of(one.name)}) "
            f"ON _wanted = {one.row}"
            for one in self.relations
        ]
        none = f"SELECT file, row, NULL::VARCHAR AS raw FROM {wanted} WHERE false"
        return " UNION ALL ".join([none, *selects])


def open_rows(
    where: str | Path,
    folder: Path,
    *,
    query: str | None = None,
    mapping: ColumnMap | None = None,
) -> Rows:
    """Return the event rows at `where`.

    Args:
        where: a file (`schema.SUFFIXES`), a folder of such, or the URL of a database. Of a folder
            recorded outcomes and folders within it are left alone.
        folder: where Parquet files are written as needed. Parquet without a mapping is read where
            it stands, nothing is copied.
        query: what a database is asked.
        mapping: which column is what; without one the columns are those of an event row.

    Raises:
        InputError: nothing of that kind is there, or it has not the columns of a history.
        CaseError: the mapping names what is not there.
    """
    name, relations = open_relations(where, folder, query, needs_types=mapping is not None)
    unread = () if is_url(str(where)) else files_not_read(Path(where))
    if mapping is not None:
        return _mapped(name, mapping, relations, unread, folder)
    for relation in relations:
        _check_columns(relation)
    stamped = all(relation.types.get(one) == STAMPED for one in INSTANTS for relation in relations)
    return Rows(
        name,
        _united(relations, stamped=False),
        _united(relations, stamped=True) if stamped else None,
        found=_not_read(unread),
        relations=tuple(relations),
    )


def _mapped(
    name: str,
    mapping: ColumnMap,
    relations: Sequence[Relation],
    unread: Sequence[str],
    folder: Path,
) -> Rows:
    """Write the event rows a mapping makes to a file in `folder`; return them."""
    used, selects, left_out = mapped_rows(mapping, relations)
    made = folder / "mapped.parquet"
    counted = "SELECT coalesce(sum(n), 0) FROM (SELECT 0 AS n UNION ALL {0})"
    with connected() as connection:
        union = " UNION ALL BY NAME ".join(selects)
        connection.execute(f"COPY ({union}) TO {text_of(str(made))} (FORMAT parquet)")
        rows, out = (
            connection.execute(counted.format(" UNION ALL ".join(parts))).fetchone() or (0,)
            for parts in ([f"SELECT count(*) AS n FROM {one.sql}" for one in used], left_out)
        )
    outcomes = mapping.outcomes.source if mapping.outcomes is not None else ""
    others = [Path(one.name).name for one in relations if one not in used]
    unread = sorted([*unread, *(other for other in others if other != outcomes)])
    found = _not_read(unread) | ({LEFT_OUT: int(out[0])} if out[0] else {})
    source = f"read_parquet({text_of(str(made))}, file_row_number=true)"
    sql = f"SELECT *, file_row_number AS place FROM {source}"
    return Rows(name, sql, None, int(rows[0]), found)


def _not_read(names: Sequence[str]) -> dict[str, int]:
    return {NOT_READ + ", ".join(names): len(names)} if names else {}


def open_relations(
    where: str | Path, folder: Path, query: str | None, *, needs_types: bool
) -> tuple[str, list[Relation]]:
    """Return what messages call a source, and its relations as they stand there.

    Raises:
        InputError: nothing of that kind is there.
    """
    if is_url(str(where)):
        if query is None:
            raise InputError(shown_url(str(where)), "is a database", "Write --query 'SELECT ...'.")
        relation = asked(str(where), query, folder)
        return relation.name, [relation]
    if query is not None:
        raise InputError("--query", "is for a database", "Give the address of one as the history.")
    path = Path(where)
    return str(path), [
        relation_of(file, folder, needs_types=needs_types) for file in event_files(path)
    ]


def event_files(path: Path) -> list[Path]:
    """Return the file at `path`, or those in the folder, that hold event rows.

    Raises:
        InputError: there is none.
    """
    if not path.exists():
        raise InputError(str(path), "no such file or folder", "Check the path.")
    listed = [path] if path.is_file() else sorted(path.iterdir())
    files = [file for file in listed if file.is_file() and is_table_file(file)]
    if path.is_dir():
        files = [file for file in files if not is_outcome_file(file)]
    if not files:
        kinds = ", ".join(SUFFIXES)
        todo = f"Name a file of event rows ({kinds}) or their folder."
        raise InputError(str(path), "holds no history", todo)
    return files


def files_not_read(path: Path) -> tuple[str, ...]:
    """Return what stands in a folder of event rows and is not read, by name; of a file nothing.

    Recorded outcomes are read elsewhere; what begins with a dot, texts, what Python keeps of a
    script and the folder in which a generated history hides its truth are not meant to be read.
    """
    if not path.is_dir():
        return ()
    read = set(event_files(path))
    others = [one for one in path.iterdir() if one not in read and not _is_no_data(one)]
    return tuple(sorted(one.name + "/" * one.is_dir() for one in others))


def _is_no_data(path: Path) -> bool:
    if path.is_dir():
        return path.name in (HIDDEN, KEPT_BY_PYTHON) or path.name.startswith(".")
    return is_outcome_file(path) or path.suffix in TEXTS or path.name.startswith(".")


def _check_columns(relation: Relation) -> None:
    """Refuse a source that is no history as a whole; of `lines` each row is judged by itself."""
    if relation.shape == "lines":
        return
    missing = [name for name in COLUMNS if name not in relation.types]
    if missing:
        what = f"has no column `{'`, `'.join(missing)}`"
        todo = f"A history has {', '.join(COLUMNS)}. Of other columns write a --mapping."
        raise InputError(relation.name, what, todo)
    for name in COLUMNS:
        _refuse_type(relation, name)


def _refuse_type(relation: Relation, name: str) -> None:
    kind = relation.types[name]
    allowed = ("VARCHAR", STAMPED) if name in INSTANTS else ("VARCHAR", "JSON")
    if kind in allowed:
        return
    what, todo = f"the column is {kind}", f"Write it as {' or '.join(allowed)}"
    if kind.startswith("TIMESTAMP"):
        what += ", which has no time zone"
        todo += ", or say its `time_zone` in a --mapping"
    elif name in INSTANTS:
        todo += ", or say its `format` in a --mapping"
    elif name != "payload":
        todo += ", or name it in a --mapping"
    raise InputError(f"{relation.name}: {name}", what, f"{todo}.")


def _united(relations: Sequence[Relation], *, stamped: bool) -> str:
    """Return the rows of all relations, one after the other."""
    return " UNION ALL ".join(
        f"SELECT *, ({n}::BIGINT << {ROW_BITS}) + row AS place FROM "
        f"({_as_rows(relation, stamped=stamped)})"
        for n, relation in enumerate(relations)
    )


def _as_rows(relation: Relation, *, stamped: bool) -> str:
    if relation.shape == "lines":
        return _lines_as_rows(relation)
    columns = ", ".join(f"{_column(relation, name, stamped)} AS {name}" for name in COLUMNS)
    unread = relation.unread
    return (
        f"SELECT {columns}, {text_of(relation.name)} AS file, {relation.row} AS row, "
        f"CASE WHEN {unread} IS NOT NULL THEN 'unreadable_row' END AS reason, "
        f"{unread} AS message, "
        f"CASE WHEN {unread} IS NOT NULL THEN {relation.raw} END AS raw FROM {relation.sql}"
    )


def _column(relation: Relation, name: str, stamped: bool) -> str:
    if relation.types[name] != STAMPED:
        return relation.text(name)
    return relation.column(name) if stamped else utc_text(relation.column(name))


def _lines_as_rows(relation: Relation) -> str:
    """Return event rows of lines of JSON; a line that is no row says why, with what it holds."""
    paths = ", ".join(f"'$.{name}'" for name in COLUMNS)
    texts = ", ".join(
        f"CASE WHEN json_type(told[{n}]) <> 'NULL' THEN json_extract_string(told[{n}], '$') END "
        f"AS {name}"
        for n, name in enumerate(COLUMNS[:-1], start=1)
    )
    payload = (
        "CASE WHEN json_type(told[5]) = 'VARCHAR' THEN json_extract_string(told[5], '$') "
        "ELSE told[5]::VARCHAR END AS payload"
    )
    lacking = ", ".join(
        f"CASE WHEN told[{n}] IS NULL THEN '{name}' END" for n, name in enumerate(COLUMNS, start=1)
    )
    return (
        f"SELECT {texts}, {payload}, {text_of(relation.name)} AS file, row, "
        "CASE WHEN wrong IS NOT NULL THEN 'unreadable_row' WHEN len(lacking) > 0 THEN 'missing' "
        "WHEN json_type(told[1]) NOT IN ('VARCHAR', 'NULL') THEN 'wrong_id' END AS reason, "
        "CASE WHEN wrong IS NOT NULL THEN wrong WHEN len(lacking) > 0 THEN 'has no `' || "
        "array_to_string(lacking, '`, `') || '`. An event has "
        f"{', '.join(COLUMNS)}.' WHEN reason = 'wrong_id' THEN "
        "'dispute_id: is `' || told[1]::VARCHAR || '`. Write a text.' END AS message, "
        "CASE WHEN reason IS NOT NULL THEN line END AS raw FROM ("
        f"SELECT *, list_filter([{lacking}], lambda x: x IS NOT NULL) AS lacking FROM ("
        f"SELECT row, line, {relation.unread} AS wrong, json_extract({ENTRY}, [{paths}]) AS told "
        f"FROM {relation.sql}))"
    )
