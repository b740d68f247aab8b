"""The rows of a shard by kind, their payloads taken apart: one table with typed columns each."""

from dataclasses import dataclass, replace

import duckdb

from reso.facts.table import FactTable
from reso.model.events import SCALARS
from simulations.literals import text_of
from simulations.prepared.typing_sql import Shape, quoted

ROW_COLUMNS = "_did, _place, _occ, _rec, _shape"
SAMPLED = 2_000
"""Rows of a kind in which the fields that it states are looked for."""
REPEATED = 4
"""Payloads that each stand this often, on average, are taken apart once each."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The rows of one kind: `table` has `ROW_COLUMNS`, `_nulls`, `_ok` and a column per name."""

    name: str
    table: str
    shape: Shape

    @property
    def is_list(self) -> bool:
        """Whether they are items of a list."""
        return bool(self.shape.section.is_list)

    def path(self, name: str) -> str:
        """Return the dotted name of one of its fields outside lists, or of a list in it."""
        return name if self.name == SCALARS else f"{self.name}.{name}"


def type_rows(
    connection: duckdb.DuckDBPyConnection, rows: str, table: FactTable, prefix: str
) -> list[Kind]:
    """Take the payloads of the table `rows` apart; rows that SQL is not sure of are not `_ok`.

    Of most kinds few of the declared fields are ever stated. So only those of a sample are looked
    for; rows that turn out to hold more are taken apart again.
    """
    found = connection.execute(
        f"""SELECT kind, approx_count_distinct(payload) * {REPEATED} < count(*)
            FROM {rows} WHERE _shape IS NOT NULL GROUP BY kind ORDER BY kind"""
    ).fetchall()
    whole = ((Shape(table.sections[name], table), is_repeated) for name, is_repeated in found)
    return [_taken_apart(connection, rows, shape, prefix, again) for shape, again in whole]


def merge(connection: duckdb.DuckDBPyConnection, one: Kind, more: Kind) -> Kind:
    """Return one kind with the rows of both; the table of `more` is gone."""
    shape = one.shape.with_names(more.shape)
    for name in shape.names():
        if name not in one.shape.names():
            added = f"ADD COLUMN {quoted(name)} {shape.column_of(name)}"
            connection.execute(f"ALTER TABLE {one.table} {added}")
    connection.execute(f"INSERT INTO {one.table} BY NAME SELECT * FROM {more.table}")
    connection.execute(f"DROP TABLE {more.table}")
    return replace(one, shape=shape)


def _taken_apart(
    connection: duckdb.DuckDBPyConnection, rows: str, whole: Shape, prefix: str, is_repeated: bool
) -> Kind:
    run, name = connection.execute, whole.section.name
    of_kind = f"SELECT * FROM {rows} WHERE kind = {text_of(name)} AND _shape IS NOT NULL"
    some = whole.of_names(_sampled(connection, of_kind, whole))
    kind = Kind(name, quoted(f"{prefix}_{name}"), some)
    typed = _typed_once if is_repeated else _typed
    run(f"CREATE OR REPLACE TEMP TABLE {kind.table} AS {typed(kind, of_kind)}")
    in_doubt = "NOT coalesce(_ok, false)"
    left = run(f"SELECT count(*) FROM {kind.table} WHERE {in_doubt}").fetchone()
    if not left or not left[0]:
        return kind
    places = f"SELECT _place FROM {kind.table} WHERE {in_doubt}"
    run(f"CREATE OR REPLACE TEMP TABLE again AS {of_kind} AND _place IN ({places})")
    run(f"DELETE FROM {kind.table} WHERE {in_doubt}")
    more = Kind(name, quoted(f"{prefix}_{name}_again"), whole)
    run(f"CREATE OR REPLACE TEMP TABLE {more.table} AS {_typed(more, 'SELECT * FROM again')}")
    stated = replace(more, shape=whole.of_names(occurring(connection, more)))
    for lost in set(whole.names()) - set(stated.shape.names()):
        run(f"ALTER TABLE {more.table} DROP COLUMN {quoted(lost)}")
    return merge(connection, kind, stated)


def _sampled(connection: duckdb.DuckDBPyConnection, of_kind: str, shape: Shape) -> list[str]:
    """Return the names that stand in some of the payloads; of lists, which take long, in most."""
    keys = ["json_keys(payload)"]
    for group in shape.groups:
        inner = f"json_keys(payload, '$.{group}')"
        keys.append(f"list_transform(coalesce({inner}, []), lambda k: '{group}.' || k)")
    found = connection.execute(
        f"""WITH sample AS ({of_kind} AND _shape = 'object' LIMIT {SAMPLED})
            SELECT name, 2 * count(*) > (SELECT count(*) FROM sample)
            FROM (SELECT unnest(list_concat({", ".join(keys)}, [])) AS name FROM sample)
            GROUP BY name"""
    ).fetchall()
    often = dict(found)
    return [
        name for name in shape.names() if name in often and (often[name] or name in shape.scalars)
    ]


def occurring(connection: duckdb.DuckDBPyConnection, kind: Kind) -> list[str]:
    """Return the names of what is stated anywhere in a kind."""
    names = kind.shape.names()
    if not names:
        return []
    counts = ", ".join(f"count({quoted(name)})" for name in names)
    counted = connection.execute(f"SELECT {counts} FROM {kind.table}").fetchone() or ()
    return [name for name, count in zip(names, counted, strict=True) if count]


def _typed_once(kind: Kind, of_kind: str) -> str:
    """Return the same as `_typed` where few payloads stand in many rows."""
    payloads = _typed(kind, f"SELECT DISTINCT payload, _shape FROM ({of_kind})", "payload")
    columns = ", ".join(f"r.{name}" for name in ROW_COLUMNS.split(", "))
    return f"""
        SELECT {columns}, t.* EXCLUDE (payload) FROM ({of_kind}) r
        JOIN ({payloads}) t ON r.payload IS NOT DISTINCT FROM t.payload
    """


def _typed(kind: Kind, of_kind: str, columns: str = ROW_COLUMNS) -> str:
    """Return the rows of a kind with typed columns, as SQL."""
    shape = kind.shape
    names = [quoted(name) for name in shape.names()]
    values = "".join(f"{value} AS {quoted(name)}, " for name, value in shape.values("_t"))
    read = " + ".join(f"({name} IS NOT NULL)::INTEGER" for name in names) or "0"
    for group in shape.groups:
        read += f" + coalesce((len(json_keys(payload, '$.{group}')) > 0)::INTEGER, 0)"
    apart = f"json_transform(payload, {text_of(shape.structure)})" if names else "NULL"
    taken = f"""
        SELECT *, {values}{_keys("payload", shape.groups)} AS _keys
        FROM (SELECT *, {apart} AS _t FROM ({of_kind}))
    """
    counted = (
        f"SELECT *, CASE WHEN _shape = 'object' THEN {read} ELSE 0 END AS _read FROM ({taken})"
    )
    nulled = f"""
        SELECT *, CASE WHEN _keys > _read THEN {_nulls(shape)} END AS _nulls FROM ({counted})
    """
    return f"""
        SELECT {", ".join([columns, *names])}, _nulls,
               _keys = _read + coalesce(len(_nulls), 0)
               AND (_nulls IS NULL OR len(list_distinct(_nulls)) = len(_nulls)) AS _ok
        FROM ({nulled})
    """


def _keys(payload: str, groups: list[str]) -> str:
    """Return how many keys a payload has, those of the mappings in it included."""
    inner = "".join(f" + coalesce(len(json_keys({payload}, '$.{g}')), 0)" for g in groups)
    return f"CASE WHEN _shape = 'object' THEN len(json_keys({payload})){inner} ELSE 0 END"


def _nulls(shape: Shape) -> str:
    """Return the names that a payload states to be null."""
    known = ", ".join(map(text_of, [*shape.names(), *shape.groups])) or "NULL"
    at_top = f"""list_filter(json_keys(payload), lambda k:
        k IN ({known}) AND NOT contains(k, '.') AND json_type(payload, '$.' || k) = 'NULL')"""
    parts = [at_top]
    for group in shape.groups:
        inner = f"list_transform(json_keys(payload, '$.{group}'), lambda k: '{group}.' || k)"
        parts.append(
            f"""coalesce(list_filter({inner}, lambda k:
            k IN ({known}) AND json_type(payload, '$.' || k) = 'NULL'), [])"""
        )
    return (
        "list_sort(list_concat(" + ", ".join(parts) + "))" if parts[1:] else f"list_sort({at_top})"
    )
