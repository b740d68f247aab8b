"""SQL in layers: each adds columns that the next can read."""

from collections.abc import Mapping, Sequence

import duckdb

Columns = Mapping[str, str]
Value = str | float | int | bool | list[int]


def layered(source: str, *layers: Columns) -> str:
    """Return a query that adds the columns of each layer to those of `source`, a query."""
    for layer in layers:
        listed = ",\n    ".join(f"{sql} AS {name}" for name, sql in layer.items())
        source = f"SELECT *,\n    {listed}\nFROM ({source})"
    return source


def create_table(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Value]]
) -> None:
    """Make a table of these rows, which all have the same columns; `<name>_no` counts from 1."""
    columns = ", ".join(f"{column} {_kind(value)}" for column, value in rows[0].items())
    connection.execute(f"CREATE TABLE {name}s ({name}_no INTEGER, {columns})")
    places = ", ".join("?" * (len(rows[0]) + 1))
    numbered = [[number, *row.values()] for number, row in enumerate(rows, start=1)]
    connection.executemany(f"INSERT INTO {name}s VALUES ({places})", numbered)


def _kind(value: Value) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return "BIGINT"
        case float():
            return "DOUBLE"
        case list():
            return "INTEGER[]"
        case _:
            return "VARCHAR"
