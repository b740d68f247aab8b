"""Rows that come from outside DuckDB, written to Parquet."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from simulations.literals import text_of
from simulations.reading.sql import connected, name_of

LONGEST_ROW = 20_000_000
"""Characters of one row; what is longer is put aside, so that memory has a bound."""

Cell = str | int | None


def write_table(
    file: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    types: Mapping[str, str] | None = None,
) -> None:
    """Write rows to a Parquet file, in their order, without holding them in memory.

    They pass through a file of JSON lines beside it, which DuckDB reads a hundred times faster
    than it takes values one by one.

    Args:
        types: the SQL type of columns that are no text.
    """
    given = types or {}
    cells = ", ".join(
        f"cells[{n}]::{given.get(name, 'VARCHAR')} AS {name_of(name)}"
        for n, name in enumerate(columns, start=1)
    )
    spooled = file.with_name(f".{file.name}.{os.getpid()}.spool")
    try:
        with spooled.open("w", encoding="ascii") as out:
            for row in rows:
                out.write(json.dumps(row))
                out.write("\n")
        with connected() as connection:
            connection.execute(
                f"COPY (SELECT {cells} FROM read_json({text_of(str(spooled))}, "
                "format='newline_delimited', records=false, columns={'cells': 'VARCHAR[]'}, "
                f"maximum_object_size={8 * LONGEST_ROW})) TO {text_of(str(file))} (FORMAT parquet)"
            )
    finally:
        spooled.unlink(missing_ok=True)
