"""Parquet files of importers: their columns, and their rows."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.values import Plain
from simulations.faults import fault_of
from simulations.reading.relations import parquet_types


def columns_of(path: Path) -> dict[str, str]:
    """Return the columns of a Parquet file, and their types in SQL.

    Raises:
        InputError: it cannot be read.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path.")
    return parquet_types(path)


def select(path: Path, columns: str) -> Iterator[tuple[Plain, ...]]:
    """Yield these columns (SQL) of each row of a Parquet file.

    Raises:
        InputError: it cannot be read.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path.")
    try:
        with duckdb.connect() as connection:
            query = f"SELECT {columns} FROM read_parquet(?)"
            yield from connection.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        if fault_of(error) is not None:
            raise
        what = f"not readable as Parquet: {str(error).splitlines()[0]}"
        raise InputError(str(path), what, "Write it again.") from error
