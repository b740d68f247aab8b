"""The facts of a shard as of each arrival: `reso.model.events.Fold`, as SQL over whole columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb

from reso.facts.fields import Field
from simulations.prepared.kinds import Kind
from simulations.prepared.marks import canonical_sql
from simulations.prepared.typing_sql import SQL_TYPES, literal, quoted

Mode = Literal["always", "once", "changes"]
MODES: tuple[Mode, ...] = ("always", "once", "changes")


@dataclass(slots=True)
class Found:
    """What the shards have shown of the columns.

    Attributes:
        modes: of each field outside lists that occurs, and its SQL type.
        lists: the fields that occur in the items of each list, and their SQL types.
        known: in how many disputes each of them is known, in the end.
    """

    modes: dict[str, Mode] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def widen(self, path: str, mode: Mode) -> None:
        """Take a field as known in this mode, too."""
        before = self.modes.get(path, "always")
        self.modes[path] = max(before, mode, key=MODES.index)

    def count(self, path: str, disputes: int) -> None:
        """Count disputes in which a fact is known."""
        self.known[path] = self.known.get(path, 0) + disputes


def fold_shard(
    connection: duckdb.DuckDBPyConnection, kinds: Sequence[Kind], found: Found, wide: Path
) -> None:
    """Write what is known of each dispute of a shard to `wide`; say in `found` what occurs.

    A field stands there as a value (stated once) and as `#c` (stated more often): its changes.
    """
    columns, joins = ["d._did", "d.dispute_id", "d.arrivals"], []
    for n, kind in enumerate(kinds):
        fold_kind = _fold_list if kind.is_list else _fold_object
        table, names = f"folded_{n}", fold_kind(connection, kind, f"folded_{n}", found)
        if names:
            columns += [f"{table}.{quoted(name)}" for name in names]
            joins.append(f"LEFT JOIN {table} ON {table}._did = d._did")
    connection.execute(
        f"""COPY (SELECT {", ".join(columns)} FROM (
                SELECT * FROM disputes ANTI JOIN odd USING (_did)) d {" ".join(joins)})
            TO {literal(str(wide))} (FORMAT parquet, COMPRESSION snappy)"""
    )
    for n, _ in enumerate(kinds):
        connection.execute(f"DROP TABLE IF EXISTS folded_{n}")


def write_facts(
    connection: duckdb.DuckDBPyConnection, wide: Path, found: Found, target: Path
) -> int:
    """Write the facts of a shard in the modes that hold in all shards; return how many disputes."""
    has = {name for name, *_ in connection.execute(f"DESCRIBE FROM {_file(wide)}").fetchall()}
    columns = ["row_number() OVER () - 1 AS id", "dispute_id", "arrivals"]
    for path in sorted(found.modes):
        columns += _in_mode(path, found.modes[path], found.types[path], has)
    for name in sorted(found.lists):
        columns.append(_list_column(connection, wide, name, found.lists[name], has))
    written = connection.execute(
        f"""COPY (SELECT {", ".join(columns)} FROM {_file(wide)})
            TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)"""
    ).fetchone()
    return int(written[0]) if written else 0


# -- objects --------------------------------------------------------------------------------


def _fold_object(
    connection: duckdb.DuckDBPyConnection, kind: Kind, target: str, found: Found
) -> list[str]:
    """Make a table of the standing values of an object; return its columns."""
    names = _occurring(connection, kind)
    if not names:
        return []
    run = connection.execute
    run(
        f"""CREATE OR REPLACE TEMP TABLE often AS SELECT k.* FROM {kind.table} k SEMI JOIN (
                SELECT _did FROM {kind.table} GROUP BY _did HAVING count(*) > 1) USING (_did)"""
    )
    once = ", ".join(f"{quoted(name)} AS {quoted(kind.path(name))}" for name in names)
    run(
        f"""CREATE OR REPLACE TEMP TABLE {target} AS
            SELECT _did, _n AS {quoted(f"{kind.name}#n")}, {once}
            FROM {kind.table} k ANTI JOIN often USING (_did)"""
    )
    columns = [f"{kind.name}#n", *(kind.path(name) for name in names)]
    for name in names:
        found.types[kind.path(name)] = kind.shape.type_of(name)
        found.widen(kind.path(name), "changes" if name in kind.shape.inner else "always")
    _count_once(connection, target, kind, names, found)
    changed = [name for name in names if _changes(connection, kind, name, found)]
    if changed:
        changes = [f"changes_{name}" for name in changed]
        joined = f"(SELECT _did FROM {target} UNION SELECT _did FROM often) AS all_of"
        joined += f" LEFT JOIN {target} USING (_did)"
        for name in changes:
            joined += f" LEFT JOIN {quoted(name)} USING (_did)"
        run(f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT * FROM {joined}")
        for name in changes:
            run(f"DROP TABLE {quoted(name)}")
        columns += [f"{kind.path(name)}#c" for name in changed]
    return columns


def _occurring(connection: duckdb.DuckDBPyConnection, kind: Kind) -> list[str]:
    """Return the names of what is stated anywhere in a kind."""
    names = kind.shape.names()
    counts = ", ".join(f"count({quoted(name)})" for name in names)
    counted = connection.execute(f"SELECT {counts} FROM {kind.table}").fetchone() or ()
    return [name for name, count in zip(names, counted, strict=True) if count]


def _count_once(
    connection: duckdb.DuckDBPyConnection, target: str, kind: Kind, names: list[str], found: Found
) -> None:
    """Count in how many disputes that state it once each field is known, and known late."""
    number = quoted(f"{kind.name}#n")
    counts = ", ".join(
        f"count({quoted(kind.path(name))}), "
        f"count({quoted(kind.path(name))}) FILTER (WHERE {number} > 1)"
        for name in names
    )
    counted = connection.execute(
        f"SELECT {counts} FROM {target} WHERE _did NOT IN (SELECT _did FROM odd)"
    ).fetchone()
    for n, name in enumerate(names):
        known, late = (counted or ())[2 * n : 2 * n + 2]
        found.count(kind.path(name), known)
        if late:
            found.widen(kind.path(name), "once")


def _changes(connection: duckdb.DuckDBPyConnection, kind: Kind, name: str, found: Found) -> bool:
    """Make a table of how one field changed where its object was stated often, if it did."""
    run, path = connection.execute, kind.path(name)
    groups = [".".join(name.split(".")[:n]) for n in range(1, name.count(".") + 2)]
    nulled = ", ".join(map(literal, groups))
    run(
        f"""CREATE OR REPLACE TEMP TABLE stated AS
            SELECT _did, _n, _rec, _occ, {quoted(name)} AS v FROM often
            WHERE {quoted(name)} IS NOT NULL OR _shape = 'null'
               OR len(list_intersect(_nulls, [{nulled}])) > 0"""
    )
    mark = canonical_sql(kind.shape.scalars[name], "v") if name in kind.shape.scalars else "NULL"
    run(
        f"""INSERT INTO odd SELECT _did, 'values of {path} at one instant' FROM stated
            WHERE v IS NOT NULL GROUP BY _did, _rec, _occ
            HAVING count(DISTINCT v) > 1 AND bool_or({mark} IS NULL)"""
    )
    order = f"_rec DESC, _occ DESC, v IS NULL, {mark} DESC"
    run(
        f"""CREATE OR REPLACE TEMP TABLE {quoted(f"changes_{name}")} AS
            SELECT _did,
                   {sorted_list("struct_pack(n := _n, v := v)", "_n")} AS {quoted(f"{path}#c")}
            FROM (
                SELECT * FROM (
                    SELECT _did, _n, v FROM stated QUALIFY row_number() OVER (
                        PARTITION BY _did, _n ORDER BY {order}) = 1)
                QUALIFY v IS DISTINCT FROM lag(v) OVER (PARTITION BY _did ORDER BY _n))
            GROUP BY _did"""
    )
    column = quoted(f"{path}#c")
    total, known, late, more = run(
        f"""SELECT count(*), count({column}[-1].v), count(*) FILTER (WHERE {column}[-1].n > 1),
                   count(*) FILTER (WHERE len({column}) > 1)
            FROM {quoted(f"changes_{name}")} WHERE _did NOT IN (SELECT _did FROM odd)"""
    ).fetchone() or (0, 0, 0, 0)
    found.count(path, known)
    if late:
        found.widen(path, "once")
    if more:
        found.widen(path, "changes")
    if not total:
        run(f"DROP TABLE {quoted(f'changes_{name}')}")
    return bool(total)


def _in_mode(path: str, mode: Mode, kind: str, has: set[str]) -> Iterator[str]:
    """Yield the columns of a field in its mode, from those that a shard has."""
    section = path.partition(".")[0] if "." in path else "case"
    number, value = quoted(f"{section}#n"), quoted(path)
    stated, changed = path in has, quoted(f"{path}#c") if f"{path}#c" in has else None
    if mode == "changes":
        one = f"CASE WHEN {value} IS NOT NULL THEN [struct_pack(n := {number}, v := {value})] END"
        parts = [*([changed] if changed else []), *([one] if stated else [])]
        yield f"{_first(parts, f'STRUCT(n INTEGER, v {kind})[]')} AS {value}"
        return
    parts = [*([f"{changed}[1].v"] if changed else []), *([value] if stated else [])]
    yield f"{_first(parts, kind)} AS {value}"
    if mode == "once":
        late = f"CASE WHEN {value} IS NOT NULL THEN {number} END"
        parts = [*([f"{changed}[1].n"] if changed else []), *([late] if stated else [])]
        yield f"{_first(parts, 'INTEGER')} AS {quoted(f'{path}#n')}"


def sorted_list(item: str, rank: str) -> str:
    """Return the aggregate of items by their rank: many times faster than `list(... ORDER BY)`."""
    return f"list_select(list({item}), list_grade_up(list({rank})))"


def _first(parts: list[str], kind: str) -> str:
    return f"coalesce({', '.join(parts)})::{kind}" if parts else f"NULL::{kind}"


# -- lists ----------------------------------------------------------------------------------


def _fold_list(
    connection: duckdb.DuckDBPyConnection, kind: Kind, target: str, found: Found
) -> list[str]:
    """Make a table of the items of a list, in their order; return its columns."""
    names = sorted(_occurring(connection, kind))
    fields: Mapping[str, Field] = kind.shape.scalars
    types = found.lists.setdefault(kind.name, {})
    types |= {name: SQL_TYPES[fields[name].type] for name in names}
    packed = ", ".join(["n := _n", *(f"{quoted(name)} := {quoted(name)}" for name in names)])
    at = '"at" NULLS FIRST, ' if "at" in fields else ""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {target} AS
            SELECT _did, {sorted_list(f"struct_pack({packed})", "_rank")} AS {quoted(kind.name)}
            FROM (SELECT *, row_number() OVER (
                      PARTITION BY _did ORDER BY {at}_rec, _occ, _mark) AS _rank
                  FROM {kind.table} WHERE _shape = 'object')
            GROUP BY _did"""
    )
    counts = ", ".join(
        f"count(DISTINCT _did) FILTER ({quoted(name)} IS NOT NULL)" for name in names
    )
    known = connection.execute(
        f"""SELECT count(DISTINCT _did) FILTER (_shape = 'object'){", " if counts else ""}{counts}
            FROM {kind.table} WHERE _did NOT IN (SELECT _did FROM odd)"""
    ).fetchone() or (0,)
    found.count(kind.name, known[0])
    for name, disputes in zip(names, known[1:], strict=True):
        found.count(fields[name].path, disputes)
    return [kind.name]


def _list_column(
    connection: duckdb.DuckDBPyConnection,
    wide: Path,
    name: str,
    fields: Mapping[str, str],
    has: set[str],
) -> str:
    """Return the column of a list with the fields that occur in any shard."""
    parts = ["n INTEGER", *(f"{quoted(field)} {fields[field]}" for field in sorted(fields))]
    kind = f"STRUCT({', '.join(parts)})[]"
    if name not in has:
        return f"NULL::{kind} AS {quoted(name)}"
    query = f"SELECT struct_keys(any_value({quoted(name)}[1])) FROM {_file(wide)}"
    row = connection.execute(query).fetchone()
    here = list((row[0] if row else None) or ())
    if here == ["n", *sorted(fields)]:
        return quoted(name)
    packed = ", ".join(
        [
            "n := i.n",
            *(
                f"{quoted(field)} := "
                + (f"i.{quoted(field)}" if field in here else f"NULL::{fields[field]}")
                for field in sorted(fields)
            ),
        ]
    )
    return f"list_transform({quoted(name)}, lambda i: struct_pack({packed})) AS {quoted(name)}"


def _file(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
