"""Files of facts brought into one layout, after all shards have shown what occurs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from simulations.literals import text_of
from simulations.prepared.folding import Layout, Mode, changes_type, items_type
from simulations.prepared.typing_sql import quoted


def settle(
    connection: duckdb.DuckDBPyConnection, file: Path, before: Layout, after: Layout
) -> None:
    """Write a file of facts anew in the layout that holds in all shards, unless it has it."""
    if before == after:
        return
    columns = ["id", "dispute_id", "arrivals"]
    for path, mode in after.modes.items():
        columns += _in_mode(path, mode, before.modes.get(path), after.types[path])
    for name, fields in after.lists.items():
        columns.append(f"{_list(name, before.lists.get(name), fields)} AS {quoted(name)}")
    columns += ['"left"', "stays"] if after.old_acts else []
    written = file.with_suffix(".settled")
    connection.execute(
        f"""COPY (SELECT {", ".join(columns)} FROM read_parquet({text_of(str(file))}))
            TO {text_of(str(written))} (FORMAT parquet, COMPRESSION snappy)"""
    )
    written.replace(file)


def _in_mode(path: str, mode: Mode, before: Mode | None, kind: str) -> Iterator[str]:
    """Yield the columns of a field in its mode, from those of the narrower mode it had before."""
    name, number = quoted(path), quoted(f"{path}#n")
    if before == mode:
        yield name
        if mode == "once":
            yield number
        return
    since = number if before == "once" else "1"
    if mode == "changes":
        told = f"CASE WHEN {name} IS NOT NULL THEN [struct_pack(n := {since}, v := {name})] END"
        yield f"{told if before else 'NULL'}::{changes_type(path, kind)} AS {name}"
        return
    yield name if before else f"NULL::{kind} AS {name}"
    if mode == "once":
        told = f"CASE WHEN {name} IS NOT NULL THEN {since} END"
        yield f"{told if before else 'NULL'}::INTEGER AS {number}"


def _list(name: str, before: Mapping[str, str] | None, fields: Mapping[str, str]) -> str:
    """Return the column of a list with all of its fields."""
    if before is None:
        return f"NULL::{items_type(fields)}"
    if list(before) == list(fields):
        return quoted(name)
    packed = ", ".join(
        f"{quoted(field)} := " + (f"i.{quoted(field)}" if field in before else f"NULL::{kind}")
        for field, kind in fields.items()
    )
    return f"list_transform({quoted(name)}, lambda i: struct_pack(n := i.n, {packed}))"
