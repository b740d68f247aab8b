"""The rows of a shard by kind, their payloads taken apart: one table with typed columns each."""

from dataclasses import dataclass

import duckdb

from reso.facts.table import FactTable
from reso.model.events import SCALARS
from simulations.prepared.typing_sql import Shape, literal, quoted

ROW_COLUMNS = "_did, _file, _row, _occ, _rec, _shape"


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
    """Take the payloads of the table `rows` apart; rows that SQL is not sure of are not `_ok`."""
    found = connection.execute(
        f"SELECT DISTINCT kind FROM {rows} WHERE _shape IS NOT NULL ORDER BY kind"
    ).fetchall()
    kinds = []
    for (name,) in found:
        kind = Kind(name, quoted(f"{prefix}_{name}"), Shape(table.sections[name], table))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {kind.table} AS {_typed(kind, rows)}")
        kinds.append(kind)
    return kinds


def _typed(kind: Kind, rows: str) -> str:
    shape = kind.shape
    names = [quoted(name) for name in shape.names()]
    values = ", ".join(f"{value} AS {quoted(name)}" for name, value in shape.values("_t"))
    keys = _keys("payload", shape.groups)
    read = " + ".join(f"({name} IS NOT NULL)::INTEGER" for name in names) or "0"
    groups = "".join(
        f" + (len(json_keys(payload, '$.{group}')) > 0)::INTEGER" for group in shape.groups
    )
    read += groups.replace("(len", "coalesce((len").replace("::INTEGER", "::INTEGER, 0)")
    taken = f"""
        SELECT {ROW_COLUMNS}, payload, {values}, {keys} AS _keys
        FROM (SELECT *, json_transform(payload, {literal(shape.structure)}) AS _t
              FROM {rows} WHERE kind = {literal(kind.name)} AND _shape IS NOT NULL)
    """
    counted = (
        f"SELECT *, CASE WHEN _shape = 'object' THEN {read} ELSE 0 END AS _read FROM ({taken})"
    )
    nulled = f"""
        SELECT *, CASE WHEN _keys > _read THEN {_nulls(shape)} END AS _nulls FROM ({counted})
    """
    return f"""
        SELECT {ROW_COLUMNS}, {", ".join(names)}, _nulls,
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
    known = ", ".join(map(literal, [*shape.names(), *shape.groups]))
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
