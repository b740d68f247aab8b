"""The tables of a replay's results, and the small class every measure reads them through."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import duckdb
from duckdb.sqltypes import DuckDBPyType

from reso.errors import InputError
from simulations.literals import text_of
from simulations.results import Result

INSTANT = "TIMESTAMP WITH TIME ZONE"

RESULTS: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "filed_at": INSTANT,
    "ended": "VARCHAR",
    "decision": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "BIGINT",
    "refunded": "BIGINT",
    "ended_at": INSTANT,
    "question": "VARCHAR",
    "reason": "VARCHAR",
    "reasons": "VARCHAR",
    "handed_over": "BOOLEAN",
    "human_before": "BOOLEAN",
    "asked": "INTEGER",
    "has_answers": "BOOLEAN",
    "left_out": "INTEGER",
    "moments": "INTEGER",
    "refunded_at": INSTANT,
    "arrived_after": "BOOLEAN",
    "engine": "VARCHAR",
}
MOVEMENTS: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "payer": "VARCHAR",
    "payee": "VARCHAR",
    "component": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "BIGINT",
}
RECORDED: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "ruling": "VARCHAR",
    "amount": "BIGINT",
    "decided_by": "VARCHAR",
    "accepted_by": "VARCHAR",
    "decided_at": INSTANT,
    "truth": "VARCHAR",
    "accused": "VARCHAR",
    "due": "BIGINT",
}
"""`due`: what was really due, minor units, where the truth tells it."""
SEGMENTS: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "seller_tier": "VARCHAR",
    "category": "VARCHAR",
    "courier": "VARCHAR",
    "service": "VARCHAR",
    "value_band": "VARCHAR",
    "month": "VARCHAR",
    "seller": "VARCHAR",
    "seller_size": "VARCHAR",
    "region": "VARCHAR",
    "evidence": "VARCHAR",
}
"""`evidence`: whose evidence there is, `buyer`, `seller`, `both` or `none`."""
AGES: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "since": "VARCHAR",
    "age_days": "DOUBLE",
}
"""How old the matter was when the complaint came: days since `delivery`, `estimate` or `order`."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "results": RESULTS,
    "movements": MOVEMENTS,
    "recorded": RECORDED,
    "segments": SEGMENTS,
    "ages": AGES,
}
TableName = Literal["results", "movements", "recorded", "segments", "ages"]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What the tables are called in SQL: names, qualified names, or `read_parquet('...')`."""

    results: str = "results"
    movements: str = "movements"
    recorded: str = "recorded"
    segments: str = "segments"
    ages: str = "ages"

    def as_dict(self) -> dict[str, str]:
        """Return them by the names that stand in a measure's SQL."""
        return {name: getattr(self, name) for name in COLUMNS}


class ResultsTable:
    """The tables of one run on a DuckDB connection.

    `recorded`, `segments` and `ages` may be missing; then they are empty. Instants are
    `TIMESTAMP WITH TIME ZONE`, amounts minor units, what is absent is NULL.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, names: Names | None = None) -> None:
        self.connection = connection
        names = names or Names()
        missing = [name for name in COLUMNS if not self._is_there(getattr(names, name))]
        for required in ("results", "movements"):
            if required in missing:
                what = f"there is no table `{getattr(names, required)}`"
                raise InputError("results", what, "Name the tables of a run.")
        self.names = replace(names, **{name: self._empty(name) for name in missing})

    @classmethod
    def empty(cls, connection: duckdb.DuckDBPyConnection | None = None) -> Self:
        """Return tables with nothing in them, on a new connection if none is given."""
        connection = connection or duckdb.connect()
        for name, columns in COLUMNS.items():
            connection.execute(f"CREATE TABLE {name} ({_declared(columns)})")
        return cls(connection)

    @classmethod
    def of(
        cls, results: Iterable[Result], connection: duckdb.DuckDBPyConnection | None = None
    ) -> Self:
        """Return the tables of results of the reference replay, on a new connection or this one.

        Rows go through a file on disk, so any number of results fits.
        """
        table = cls.empty(connection)
        table.add_results(results)
        return table

    def add_results(self, results: Iterable[Result], engine: str = "reference") -> None:
        """Add results of the reference replay; `engine` says who led them."""
        with tempfile.TemporaryDirectory() as folder:
            rows, moved = Path(folder) / "results.jsonl", Path(folder) / "movements.jsonl"
            with rows.open("w", encoding="utf-8") as one, moved.open("w", encoding="utf-8") as two:
                for result in results:
                    one.write(_line(_result(result) | {"engine": engine}))
                    two.writelines(map(_line, _movements(result)))
            for name, file in (("results", rows), ("movements", moved)):
                self.connection.execute(
                    f"INSERT INTO {getattr(self.names, name)} "
                    f"SELECT * FROM {_read_json(file, COLUMNS[name])}"
                )

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the tables `save` wrote into a folder.

        Raises:
            InputError: it holds none.
        """
        if not (folder / "results.parquet").is_file():
            raise InputError(str(folder), "holds no results", "Name a folder `save` wrote.")
        connection = duckdb.connect()
        for name in COLUMNS:
            file = folder / f"{name}.parquet"
            if file.is_file():
                source = text_of(str(file))
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({source})")
        return cls(connection)

    def save(self, folder: Path) -> None:
        """Write each table that holds something as `<name>.parquet` into a folder that is there.

        Raises:
            OSError: it cannot be written.
        """
        for name in COLUMNS:
            if name in ("results", "movements") or self.holds(name):
                target = text_of(str(folder / f"{name}.parquet"))
                source = getattr(self.names, name)
                self.connection.execute(f"COPY (SELECT * FROM {source}) TO {target}")

    def fill(self, name: TableName, select: str, parameters: Sequence[object] = ()) -> None:
        """Add the rows of a query to a table made by `empty` or `of`, column by column.

        Columns of the query the table does not know are left out; those it lacks are NULL.
        """
        described = self.connection.execute(f"DESCRIBE {select}", list(parameters)).fetchall()
        known = [str(row[0]) for row in described if row[0] in COLUMNS[name]]
        listed = ", ".join(known)
        self.connection.execute(
            f"INSERT INTO {getattr(self.names, name)} BY NAME SELECT {listed} FROM ({select})",
            list(parameters),
        )

    def add_rows(self, name: TableName, rows: Iterable[Mapping[str, object]]) -> None:
        """Add rows given as mappings; instants as aware datetimes, columns not given are NULL."""
        with read_rows(rows, COLUMNS[name]) as source:
            self.fill(name, f"SELECT * FROM {source}")

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Return the rows of a query in which `{results}`, `{movements}`, ... stand for tables.

        Parameters, as `$name`, are written into the query: to take one from Python, DuckDB imports
        pandas wherever that is installed, which lasts longer than most queries.
        """
        told = {name: _literal(value) for name, value in (parameters or {}).items()}
        query = _PARAMETER.sub(lambda found: told[found[1]], sql)
        return self.connection.execute(query.format_map(self.names.as_dict())).fetchall()

    def row(self, sql: str, parameters: Mapping[str, object] | None = None) -> Row:
        """Return the one row of a query."""
        return self.rows(sql, parameters)[0]

    def holds(self, name: str) -> bool:
        """Whether a table has any row."""
        return bool(self.row(f"SELECT EXISTS (SELECT 1 FROM {{{name}}})")[0])

    def columns(self, name: TableName) -> tuple[str, ...]:
        """Return the columns a table really has."""
        described = self.rows(f"DESCRIBE SELECT * FROM {{{name}}}")
        return tuple(str(row[0]) for row in described)

    def item_fields(self, source: str, column: str, within: str = "") -> frozenset[str]:
        """Return the fields of the items of a list column of any table; of no such column, none.

        Args:
            within: the field of those items that holds a list itself: then those of its items.
        """
        found = self.connection.sql(f"SELECT * FROM {source} LIMIT 0")
        kinds = dict(zip(found.columns, found.types, strict=True))
        item = _item(kinds.get(column))
        if within and item is not None:
            item = _item(dict(item.children).get(within))
        return frozenset() if item is None else frozenset(str(name) for name, _ in item.children)

    def currencies(self) -> tuple[str, ...]:
        """Return every currency of the results, in order."""
        sql = "SELECT DISTINCT currency FROM {results} WHERE currency IS NOT NULL ORDER BY 1"
        return tuple(str(row[0]) for row in self.rows(sql))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _is_there(self, name: str) -> bool:
        try:
            self.connection.execute(f"SELECT 1 FROM {name} LIMIT 0")
        except duckdb.CatalogException:
            return False
        return True

    def _empty(self, name: str) -> str:
        made = f"no_{name}"
        columns = _declared(COLUMNS[name])
        self.connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {made} ({columns})")
        return made


class SettledTable(ResultsTable):
    """The tables of a run to which nothing is added any more: no query is asked twice.

    Measures that look at the same figures share them this way, whoever asks for which.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, names: Names | None = None) -> None:
        super().__init__(connection, names)
        self._answers: dict[tuple[str, tuple[tuple[str, object], ...]], list[Row]] = {}

    @classmethod
    def after(cls, table: ResultsTable) -> Self:
        """Return a table that is complete now."""
        return cls(table.connection, table.names)

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Return the rows of a query, from memory if it was asked before."""
        key = sql, tuple(sorted((parameters or {}).items()))
        if key not in self._answers:
            self._answers[key] = super().rows(sql, parameters)
        return self._answers[key]


@contextmanager
def read_rows(rows: Iterable[Mapping[str, object]], columns: Mapping[str, str]) -> Iterator[str]:
    """Give rows as a table in SQL; they go through a file on disk, so any number fits.

    Instants are aware datetimes; columns a row does not give are NULL.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        with file.open("w", encoding="utf-8") as opened:
            opened.writelines(map(_line, rows))
        yield _read_json(file, columns)


def _item(kind: object) -> DuckDBPyType | None:
    """Return the struct of which a type is a list, None where it is none."""
    if not isinstance(kind, DuckDBPyType) or kind.id != "list":
        return None
    item = dict(kind.children)["child"]
    return item if isinstance(item, DuckDBPyType) and item.id == "struct" else None


def _declared(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


_PARAMETER = re.compile(r"\$([a-z_]+)")


def _literal(value: object) -> str:
    """Return a number or a text as SQL that `format_map` leaves as it is."""
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no parameter of a measure")
    return text_of(value).replace("{", "{{").replace("}", "}}")


def _read_json(file: Path, columns: Mapping[str, str]) -> str:
    types = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    return (
        f"read_json({text_of(str(file))}, format = 'newline_delimited', columns = {{{types}}}, "
        "timestampformat = 'iso')"
    )


def _line(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, default=_instant) + "\n"


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is no value of a table")
    return value.isoformat()


def _result(result: Result) -> dict[str, object]:
    row = {name: getattr(result, name) for name in RESULTS if name != "engine"}
    row["reasons"] = " ".join(result.reasons)
    absent = {name: None for name, value in row.items() if value == ""}
    return {**row, **absent, "engine": "reference"}


def _movements(result: Result) -> Iterator[dict[str, object]]:
    for moved in result.movements:
        fields = {name: getattr(moved, name) for name in MOVEMENTS if name != "dispute_id"}
        yield {"dispute_id": result.dispute_id, **fields}
