"""The facts of a shard as of each arrival: `reso.model.events.Fold`, as SQL over whole columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import duckdb

from reso.facts.fields import Field
from simulations.life import LEDGER
from simulations.literals import text_of
from simulations.prepared.kinds import Kind, occurring
from simulations.prepared.marks import canonical_sql
from simulations.prepared.old_acts import find_old_acts
from simulations.prepared.typing_sql import SQL_TYPES, quoted

Mode = Literal["always", "once", "changes"]
MODES: tuple[Mode, ...] = ("always", "once", "changes")


@dataclass(frozen=True, slots=True)
class Layout:
    """How facts stand in a file.

    Attributes:
        modes: of each field outside lists, and the SQL types of their values.
        lists: the fields in the items of each list, and their SQL types.
        old_acts: whether there are the columns `left` and `stays`.
    """

    modes: Mapping[str, Mode]
    types: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    old_acts: bool


@dataclass(slots=True)
class Found:
    """What the shards have shown of the columns.

    Attributes:
        modes: of each field outside lists that occurs, and its SQL type.
        lists: the fields that occur in the items of each list, and their SQL types.
        known: in how many disputes each of them is known, in the end.
        old_acts: whether anything of the old platform's acts occurs.
    """

    modes: dict[str, Mode] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    old_acts: bool = False

    def widen(self, path: str, mode: Mode) -> None:
        """Take a field as known in this mode, too."""
        before = self.modes.get(path, "always")
        self.modes[path] = max(before, mode, key=MODES.index)

    def count(self, path: str, disputes: int) -> None:
        """Count disputes in which a fact is known."""
        self.known[path] = self.known.get(path, 0) + disputes

    def layout(self) -> Layout:
        """Return how facts stand as far as is known by now."""
        lists = {name: dict(sorted(self.lists[name].items())) for name in sorted(self.lists)}
        modes = dict(sorted(self.modes.items()))
        types = {path: self.types[path] for path in modes}
        return Layout(modes, types, lists, self.old_acts)


def fold_shard(
    connection: duckdb.DuckDBPyConnection, kinds: Sequence[Kind], found: Found, target: Path
) -> tuple[Layout, int]:
    """Write what is known of each dispute of a shard; say in `found` what occurs.

    Returns:
        How the facts stand there, as far as the shards have shown it; and how many disputes.
        `left` and `stays` are always there: whether they are needed shows in the end.
    """
    has: dict[str, str] = {}
    joins = []
    for n, kind in enumerate(kinds):
        fold_kind = _fold_list if kind.is_list else _fold_object
        table, names = f"folded_{n}", fold_kind(connection, kind, f"folded_{n}", found)
        if names:
            has |= {name: f"{table}.{quoted(name)}" for name in names}
            joins.append(f"LEFT JOIN {table} ON {table}._did = d._did")
    found.old_acts |= find_old_acts(connection, kinds)
    layout = found.layout()
    columns = ["d.id", "d.dispute_id", "d.arrivals"]
    for path, mode in layout.modes.items():
        columns += _in_mode(path, mode, layout.types[path], has)
    for name, fields in layout.lists.items():
        items = has.get(name) or f"NULL::{items_type(fields)}"
        columns.append(f"{items} AS {quoted(name)}")
    columns += ['d."left"', "d.stays"]
    written = connection.execute(
        f"""COPY (SELECT {", ".join(columns)} FROM with_old_acts d {" ".join(joins)})
            TO {text_of(str(target))} (FORMAT parquet, COMPRESSION snappy)"""
    ).fetchone()
    for n, _ in enumerate(kinds):
        connection.execute(f"DROP TABLE IF EXISTS folded_{n}")
    return replace(layout, old_acts=True), int(written[0]) if written else 0


# -- objects --------------------------------------------------------------------------------


def _fold_object(
    connection: duckdb.DuckDBPyConnection, kind: Kind, target: str, found: Found
) -> list[str]:
    """Make a table of the standing values of an object; return its columns.

    Of a field `P` it has `P` and `P#n` where it holds one value from some arrival on, and `P#c`
    (its changes) where it took several, or was taken back. Of a field that our acts state, too, it
    has `P#c` alone, with all that was stated, equal values included: each stands against our acts.
    """
    names = occurring(connection, kind)
    if not names:
        return []
    run = connection.execute
    run(
        f"""CREATE OR REPLACE TEMP TABLE often AS SELECT k.* FROM {kind.table} k SEMI JOIN (
                SELECT _did FROM {kind.table} GROUP BY _did HAVING count(*) > 1) USING (_did)"""
    )
    for name in names:
        found.types[kind.path(name)] = kind.shape.type_of(name)
        found.widen(kind.path(name), "changes" if name in kind.shape.inner else "always")
    ours = [name for name in names if kind.path(name) in LEDGER]
    names = [name for name in names if name not in ours]
    changed = _changed(connection, names)
    run(
        f"""CREATE OR REPLACE TEMP TABLE {target} AS
            SELECT {", ".join(["_did", *_stated_once(kind, names)])}
            FROM {kind.table} ANTI JOIN often USING (_did)
            UNION ALL SELECT {", ".join(["_did", *_stated_alike(kind, names)])} FROM summed"""
    )
    _count_constant(connection, target, kind, names, found)
    columns = [f"{kind.path(name)}{part}" for name in names for part in ("", "#n")]
    for name in (*changed, *ours):
        if _changes(connection, kind, name, found):
            table = quoted(f"changes_{name}")
            joined = f"{target} LEFT JOIN {table} USING (_did)"
            run(f"CREATE OR REPLACE TEMP TABLE {target} AS FROM {joined}")
            run(f"DROP TABLE {table}")
            columns.append(f"{kind.path(name)}#c")
    return columns


def _stated_once(kind: Kind, names: Sequence[str]) -> Iterator[str]:
    """Yield the columns of fields whose object is stated once."""
    for name in names:
        value, path = quoted(name), kind.path(name)
        yield f"{value} AS {quoted(path)}"
        yield f"CASE WHEN {value} IS NOT NULL THEN _n END AS {quoted(f'{path}#n')}"


def _stated_alike(kind: Kind, names: Sequence[str]) -> Iterator[str]:
    """Yield the same of fields whose object is stated often, where they hold one value."""
    for name in names:
        path, differs = kind.path(name), quoted(f"{name}#differs")
        for part in ("", "#n"):
            alike = f"CASE WHEN NOT {differs} THEN {quoted(f'{name}{part}')} END"
            yield f"{alike} AS {quoted(f'{path}{part}')}"


def _summed(name: str) -> Iterator[str]:
    """Yield the aggregates of a field whose object is stated often.

    `P`: its least value, `P#n`: since when it has one, `P#differs`: whether it takes several
    values, or is taken back.
    """
    value = quoted(name)
    yield f"min({value}) AS {value}"
    yield f"min(_n) FILTER ({value} IS NOT NULL) AS {quoted(f'{name}#n')}"
    yield (
        f"coalesce(min({value}) <> max({value}), false) OR (count({value}) > 0 "
        f"AND bool_or({_is_nulled(name)})) AS {quoted(f'{name}#differs')}"
    )


def _is_nulled(name: str) -> str:
    """Return the condition that a row says that there is no such value."""
    groups = [".".join(name.split(".")[:n]) for n in range(1, name.count(".") + 2)]
    nulled = ", ".join(map(text_of, groups))
    # CASE: few rows have `_nulls`, and lists are slow
    has_any = f"CASE WHEN _nulls IS NULL THEN false ELSE list_has_any(_nulls, [{nulled}]) END"
    return f"(_shape = 'null' OR {has_any})"


def _changed(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """Make the table `summed` of what is stated often; return the names of what changes in it."""
    summed = ", ".join(["_did", *(part for name in names for part in _summed(name))])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE summed AS SELECT {summed} FROM often GROUP BY _did"
    )
    counts = (f"count(*) FILTER ({quoted(f'{name}#differs')})" for name in names)
    asked = f"SELECT {', '.join(['count(*)', *counts])} FROM summed"
    _, *counted = connection.execute(asked).fetchone() or (0,)
    return [name for name, count in zip(names, counted, strict=True) if count]


def _count_constant(
    connection: duckdb.DuckDBPyConnection, target: str, kind: Kind, names: list[str], found: Found
) -> None:
    """Count in how many disputes each field is known and does not change, and is known late."""
    counts = "".join(
        f", count({quoted(path)}), count(*) FILTER (WHERE {quoted(f'{path}#n')} > 1)"
        for path in map(kind.path, names)
    )
    _, *counted = connection.execute(
        f"SELECT count(*){counts} FROM {target} WHERE _did NOT IN (SELECT _did FROM odd)"
    ).fetchone() or (0,)
    for n, name in enumerate(names):
        known, late = counted[2 * n : 2 * n + 2]
        found.count(kind.path(name), known)
        if late:
            found.widen(kind.path(name), "once")


def _changes(connection: duckdb.DuckDBPyConnection, kind: Kind, name: str, found: Found) -> bool:
    """Make a table of how one field changed where it did; return whether any is left of it."""
    run, path = connection.execute, kind.path(name)
    is_ours = path in LEDGER
    value = quoted(name)
    differing = f"SELECT _did FROM summed WHERE {quoted(f'{name}#differs')}"
    rows = kind.table if is_ours else f"often SEMI JOIN ({differing}) USING (_did)"
    run(
        f"""CREATE OR REPLACE TEMP TABLE stated AS
            SELECT _did, _n, _rec, _occ, {value} AS v FROM {rows}
            WHERE {value} IS NOT NULL OR {_is_nulled(name)}"""
    )
    field = kind.shape.scalars.get(name)
    mark = "NULL" if field is None else canonical_sql(field, "v")
    parts = {"n": "_n", "v": "v"}
    if is_ours and field is not None:
        parts["rank"] = _rank(field)
    item = ", ".join(f"{part} := {sql}" for part, sql in parts.items())
    news = (
        "" if is_ours else "QUALIFY v IS DISTINCT FROM lag(v) OVER (PARTITION BY _did ORDER BY _n)"
    )
    run(
        f"""INSERT INTO odd SELECT _did, 'values of {path} at one instant' FROM stated
            WHERE v IS NOT NULL GROUP BY _did, _rec, _occ
            HAVING min(v) <> max(v) AND bool_or({mark} IS NULL)"""
    )
    order = f"_rec DESC, _occ DESC, v IS NULL, {mark} DESC"
    run(
        f"""CREATE OR REPLACE TEMP TABLE {quoted(f"changes_{name}")} AS
            SELECT _did, {sorted_list(f"struct_pack({item})", "_n")} AS {quoted(f"{path}#c")}
            FROM (
                SELECT * FROM (
                    FROM stated QUALIFY row_number() OVER (
                        PARTITION BY _did, _n ORDER BY {order}) = 1)
                {news})
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
    if more or is_ours:
        found.widen(path, "changes")
    if not total:
        run(f"DROP TABLE {quoted(f'changes_{name}')}")
    return bool(total)


def _rank(field: Field) -> str:
    """Return how a row that states a field ranks among our acts, each twice its instant.

    At the very instant of an act a row stands where it tells of something later, and gives way
    where it tells of something earlier. Otherwise the greater value stands, as always; of an
    instant our act states its own.
    """
    tie = "0"
    if field.type == "instant":
        greater = f"{canonical_sql(field, 'v')} > {canonical_sql(field, '_rec')}"
        tie = f"CASE WHEN {greater} THEN 1 ELSE -1 END"
    return f"2 * _rec + CASE WHEN _occ > _rec THEN 1 WHEN _occ < _rec THEN -1 ELSE {tie} END"


def changes_type(path: str, kind: str) -> str:
    """Return the SQL type of the changes of a field, whose values are of the type `kind`."""
    rank = ", rank BIGINT" if path in LEDGER else ""
    return f"STRUCT(n INTEGER, v {kind}{rank})[]"


def _in_mode(path: str, mode: Mode, kind: str, has: Mapping[str, str]) -> Iterator[str]:
    """Yield the columns of a field in its mode; `has`: what a shard has, as SQL by its name."""
    value, number, changed = (has.get(f"{path}{part}") for part in ("", "#n", "#c"))
    name = quoted(path)
    if mode == "changes":
        one = f"CASE WHEN {value} IS NOT NULL THEN [struct_pack(n := {number}, v := {value})] END"
        parts = [*([changed] if changed else []), *([one] if value else [])]
        yield f"{_first(parts, changes_type(path, kind))} AS {name}"
        return
    parts = [*([f"{changed}[1].v"] if changed else []), *([value] if value else [])]
    yield f"{_first(parts, kind)} AS {name}"
    if mode == "once":
        parts = [*([f"{changed}[1].n"] if changed else []), *([number] if number else [])]
        yield f"{_first(parts, 'INTEGER')} AS {quoted(f'{path}#n')}"


def sorted_list(item: str, rank: str) -> str:
    """Return the aggregate of items by their rank: many times faster than `list(... ORDER BY)`."""
    return f"list_select(list({item}), list_grade_up(list({rank})))"


def _first(parts: list[str], kind: str) -> str:
    return f"coalesce({', '.join(parts)})" if parts else f"NULL::{kind}"


# -- lists ----------------------------------------------------------------------------------


def _fold_list(
    connection: duckdb.DuckDBPyConnection, kind: Kind, target: str, found: Found
) -> list[str]:
    """Make a table of the items of a list, in their order; return its columns."""
    names = sorted(occurring(connection, kind))
    fields: Mapping[str, Field] = kind.shape.scalars
    types = found.lists.setdefault(kind.name, {})
    types |= {name: SQL_TYPES[fields[name].type] for name in names}
    values = (
        f"{quoted(name)} := {quoted(name) if name in names else f'NULL::{types[name]}'}"
        for name in sorted(types)
    )
    packed = ", ".join(["n := _n", *values])
    at = '"at" NULLS FIRST, ' if "at" in fields else ""
    stated = "".join(f", count({quoted(name)}) AS {quoted(f'{name}#count')}" for name in names)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {target} AS
            SELECT _did, {sorted_list(f"struct_pack({packed})", "_rank")} AS {quoted(kind.name)}
                   {stated}
            FROM (SELECT *, row_number() OVER (
                      PARTITION BY _did ORDER BY {at}_rec, _occ, _mark) AS _rank
                  FROM {kind.table} WHERE _shape = 'object')
            GROUP BY _did"""
    )
    counts = "".join(f", count(*) FILTER ({quoted(f'{name}#count')} > 0)" for name in names)
    known = connection.execute(
        f"SELECT count(*){counts} FROM {target} WHERE _did NOT IN (SELECT _did FROM odd)"
    ).fetchone() or (0,)
    found.count(kind.name, known[0])
    for name, disputes in zip(names, known[1:], strict=True):
        found.count(fields[name].path, disputes)
    return [kind.name]


def items_type(fields: Mapping[str, str]) -> str:
    """Return the SQL type of the items of a list; `fields`: the types of their fields."""
    parts = ["n INTEGER", *(f"{quoted(field)} {fields[field]}" for field in sorted(fields))]
    return f"STRUCT({', '.join(parts)})[]"
