"""One shard of disputes: its rows read, judged, and put on their instants."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.table import FactTable
from reso.model.money import minor_digits
from simulations.life import OWN_ACTS
from simulations.prepared.doubtful import DoubtfulRow, Mended, Reject, mend
from simulations.prepared.kinds import Kind, type_rows
from simulations.prepared.marks import said_sql
from simulations.prepared.typing_sql import (
    MONEY_SCALE,
    MOST_MINOR_DIGITS,
    Shape,
    literal,
    quoted,
)

MAX_MINOR = 10**15
PYTHON_AT_A_TIME = 20_000
ROW = "_did, _file, _row, dispute_id, kind, _occ, _rec, payload, _shape"


@dataclass(slots=True)
class Shard:
    """What is known of a shard while it is read.

    Attributes:
        rows: the table of its rows, as they are taken in the end.
        kinds: of its rows, own acts left out.
        rejects: rows that cannot be read.
        counts: what was found, by the words of `simulations.history`.
    """

    connection: duckdb.DuckDBPyConnection
    table: FactTable
    files: Sequence[Path]
    kinds: list[Kind] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def read(self, source: str) -> None:
        """Take the rows of `source` (SQL): Python reads the disputes that SQL is not sure of."""
        run = self.connection.execute
        run(
            f"""CREATE OR REPLACE TEMP TABLE named AS SELECT
                row_number() OVER (ORDER BY dispute_id) AS _did, dispute_id
                FROM (SELECT DISTINCT coalesce(dispute_id, '') AS dispute_id FROM {source})"""
        )
        run(
            f"""CREATE OR REPLACE TEMP TABLE rows AS SELECT n._did, s.*
                FROM {source} s JOIN named n ON n.dispute_id = coalesce(s.dispute_id, '')"""
        )
        run("CREATE OR REPLACE TEMP TABLE odd (_did BIGINT, why VARCHAR)")
        self.kinds = type_rows(self.connection, "rows", self.table, "first")
        self._money(self.kinds, "rows")
        if self._ask("SELECT count(*) FROM doubtful"):
            self._mend()

    def place(self) -> None:
        """Put every event on its arrival `_n`, each once, with amounts in minor units."""
        self._leave_out_acts()
        self._count_disorder()
        self._arrivals()
        self.kinds = [self._placed(kind) for kind in self.kinds]
        for kind in self.kinds:
            if kind.is_list:
                self._order_items(kind)

    # -- reading ----------------------------------------------------------------------------

    def _money(self, kinds: Sequence[Kind], rows: str) -> None:
        """Find the currency of each dispute, and the disputes that SQL is not sure of."""
        run = self.connection.execute
        order = next((kind for kind in kinds if kind.name == "order"), None)
        stated = (
            f"SELECT _did, currency FROM {order.table} WHERE currency IS NOT NULL"
            if order is not None
            else "SELECT NULL::BIGINT AS _did, NULL::VARCHAR AS currency WHERE false"
        )
        codes = run(f"SELECT DISTINCT currency FROM ({stated})").fetchall()
        known = [(code, digits) for (code,) in codes if (digits := _digits(code)) is not None]
        run("CREATE OR REPLACE TEMP TABLE digits (currency VARCHAR, divisor BIGINT)")
        for code, digits in known:
            run("INSERT INTO digits VALUES (?, ?)", [code, MONEY_SCALE // 10**digits])
        run(
            f"""CREATE OR REPLACE TEMP TABLE currencies AS
                SELECT _did, any_value(currency) AS currency, any_value(divisor) AS divisor,
                       bool_or(divisor IS NULL) OR count(DISTINCT currency) > 1 AS _bad
                FROM ({stated}) LEFT JOIN digits USING (currency) GROUP BY _did"""
        )
        doubts = [
            f"SELECT _did FROM {rows} WHERE _shape IS NULL",
            "SELECT _did FROM currencies WHERE _bad",
        ]
        for kind in kinds:
            doubts.append(f"SELECT _did FROM {kind.table} WHERE NOT coalesce(_ok, false)")
            if wrong := _wrong_amounts(kind.shape):
                doubts.append(
                    f"""SELECT _did FROM {kind.table} k LEFT JOIN currencies c USING (_did)
                        WHERE {wrong}"""
                )
            if kind.is_list and "at" in kind.shape.scalars:
                doubts.append(f'SELECT _did FROM {kind.table} WHERE "at" <> _occ')
        run("CREATE OR REPLACE TEMP TABLE doubtful AS " + " UNION ".join(doubts))

    def _mend(self) -> None:
        """Let Python read the doubtful disputes; what is still in doubt then is odd."""
        run = self.connection.execute
        run(
            """CREATE OR REPLACE TEMP TABLE taken AS
               SELECT * FROM rows SEMI JOIN doubtful USING (_did)"""
        )
        run("DELETE FROM rows WHERE _did IN (SELECT _did FROM doubtful)")
        for kind in self.kinds:
            run(f"DELETE FROM {kind.table} WHERE _did IN (SELECT _did FROM doubtful)")
        run(
            """CREATE OR REPLACE TEMP TABLE sure AS
               SELECT * FROM currencies ANTI JOIN doubtful USING (_did)"""
        )
        run("CREATE OR REPLACE TEMP TABLE mended AS SELECT * FROM rows LIMIT 0")
        self._python()
        kinds = type_rows(self.connection, "mended", self.table, "second")
        self._money(kinds, "mended")
        run("INSERT INTO odd SELECT _did, 'a value that SQL cannot carry' FROM doubtful")
        run("INSERT INTO rows SELECT * FROM mended")
        run("INSERT INTO sure SELECT * FROM currencies")
        run("CREATE OR REPLACE TEMP TABLE currencies AS SELECT * FROM sure")
        self._join(kinds)

    def _python(self) -> None:
        columns = "dispute_id, kind, _occ, _rec, payload, _raw"
        numbers = self.connection.execute(
            "SELECT DISTINCT _did FROM taken ORDER BY _did"
        ).fetchall()
        for start in range(0, len(numbers), PYTHON_AT_A_TIME):
            chunk = numbers[start : start + PYTHON_AT_A_TIME]
            found = self.connection.execute(
                f"""SELECT _did, _file, _row, {columns} FROM taken WHERE _did BETWEEN ? AND ?
                    ORDER BY _did, _file, _row""",
                [chunk[0][0], chunk[-1][0]],
            ).fetchall()
            by_dispute: dict[int, list[DoubtfulRow]] = {}
            for did, file, row, dispute_id, kind, occ, rec, payload, raw in found:
                doubtful = DoubtfulRow(file, row, dispute_id, occ, rec, kind, payload, raw)
                by_dispute.setdefault(did, []).append(doubtful)
            self._take(
                {did: mend(rows, self.files, self.table) for did, rows in by_dispute.items()}
            )

    def _take(self, mended: dict[int, Mended]) -> None:
        rows = [
            (did, r.file, r.row, r.dispute_id, r.kind, r.occurred_at, r.recorded_at, r.payload)
            for did, read in mended.items()
            for r in read.rows
        ]
        self.rejects += [reject for read in mended.values() for reject in read.rejects]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(8)]
        types = ("BIGINT", "INTEGER", "BIGINT", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "VARCHAR")
        names = ("_did", "_file", "_row", "dispute_id", "kind", "_occ", "_rec", "payload")
        unnested = ", ".join(
            f"unnest(${n + 1}::{kind}[]) AS {name}"
            for n, (name, kind) in enumerate(zip(names, types, strict=True))
        )
        self.connection.execute(
            f"""INSERT INTO mended BY NAME SELECT *, CASE payload WHEN 'null' THEN 'null'
                WHEN '[]' THEN 'empty' ELSE 'object' END AS _shape FROM (SELECT {unnested})""",
            columns,
        )

    def _join(self, second: Sequence[Kind]) -> None:
        """Add what Python read to the kinds; odd disputes stay out of them."""
        first = {kind.name: kind for kind in self.kinds}
        for kind in second:
            sure = f"SELECT * FROM {kind.table} WHERE _did NOT IN (SELECT _did FROM odd)"
            if kind.name in first:
                self.connection.execute(f"INSERT INTO {first[kind.name].table} {sure}")
                self.connection.execute(f"DROP TABLE {kind.table}")
            else:
                self.connection.execute(
                    f"DELETE FROM {kind.table} WHERE _did IN (SELECT _did FROM odd)"
                )
                self.kinds.append(kind)

    # -- placing ----------------------------------------------------------------------------

    def _leave_out_acts(self) -> None:
        acts = ", ".join(map(literal, sorted(OWN_ACTS)))
        self._count(
            "acts of an earlier run (left out: a replay makes its own)",
            f"SELECT count(*) FROM rows WHERE kind IN ({acts})",
        )
        self.connection.execute(f"DELETE FROM rows WHERE kind IN ({acts})")
        self.kinds = [kind for kind in self.kinds if kind.name not in OWN_ACTS]

    def _count_disorder(self) -> None:
        self._count(
            "rows out of order (sorted by recorded_at)",
            """SELECT count(*) FROM (SELECT _rec < lag(_rec) OVER (
               PARTITION BY _did ORDER BY _file, _row) AS late FROM rows) WHERE late""",
        )

    def _arrivals(self) -> None:
        """Make `disputes`: those with a claim, their arrivals and their currency."""
        run = self.connection.execute
        claim = next((kind for kind in self.kinds if kind.name == "claim"), None)
        filed = (
            f"SELECT _did, min(_rec) AS start FROM {claim.table} "
            "WHERE filed_at IS NOT NULL GROUP BY _did"
            if claim is not None and "filed_at" in claim.shape.scalars
            else "SELECT NULL::BIGINT AS _did, NULL::BIGINT AS start WHERE false"
        )
        run(
            f"""CREATE OR REPLACE TEMP TABLE disputes AS
                SELECT a._did, n.dispute_id, a.start, a.arrivals, c.divisor FROM (
                    SELECT r._did, any_value(f.start) AS start,
                           list_sort(list(DISTINCT greatest(r._rec, f.start))) AS arrivals
                    FROM rows r JOIN ({filed}) f USING (_did)
                    WHERE _did NOT IN (SELECT _did FROM odd) GROUP BY r._did) a
                JOIN named n USING (_did) LEFT JOIN currencies c USING (_did)"""
        )

    def _placed(self, kind: Kind) -> Kind:
        """Return the kind with `_n`, amounts in minor units, and what stands twice once."""
        names = ", ".join(f"k.{quoted(name)}" for name in kind.shape.names())
        table = quoted(f"placed_{kind.name}")
        self._drop_twins(kind)
        replaced = ", ".join(_minor(kind.shape))
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {table} AS
                SELECT * {f"REPLACE ({replaced})" if replaced else ""} FROM (
                    SELECT k._did, k._occ, k._rec, k._shape, k._nulls, k._row, {names},
                           d.divisor AS _divisor,
                           list_position(d.arrivals, greatest(k._rec, d.start))::INTEGER AS _n
                    FROM {kind.table} k JOIN disputes d USING (_did))"""
        )
        self.connection.execute(f"DROP TABLE {kind.table}")
        return Kind(kind.name, table, kind.shape)

    def _drop_twins(self, kind: Kind) -> None:
        """Leave one of each event that stands twice."""
        stamp = "_did, _rec, _occ"
        names = ", ".join(quoted(name) for name in kind.shape.names())
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE twins AS SELECT _file, _row FROM (
                SELECT _file, _row, row_number() OVER (
                    PARTITION BY {stamp}, _shape, _nulls, {names} ORDER BY _file, _row) AS copy
                FROM {kind.table} SEMI JOIN (
                    SELECT {stamp} FROM {kind.table} GROUP BY ALL HAVING count(*) > 1
                ) USING ({stamp})) WHERE copy > 1"""
        )
        what = "rows that stand twice (each counted once)"
        if self._count(what, "SELECT count(*) FROM twins"):
            for rows in (kind.table, "rows"):
                self.connection.execute(
                    f"DELETE FROM {rows} WHERE (_file, _row) IN (SELECT (_file, _row) FROM twins)"
                )

    def _order_items(self, kind: Kind) -> None:
        """Add `_mark`: what orders the items that Python would have to order by their texts."""
        run = self.connection.execute
        at = '"at", ' if "at" in kind.shape.scalars else ""
        stamp = f"_did, {at}_rec, _occ"
        run(f"ALTER TABLE {kind.table} ADD COLUMN _mark VARCHAR")
        same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM t.{name}" for name in stamp.split(", "))
        tied = f"""SELECT {stamp} FROM {kind.table} WHERE _shape = 'object'
                   GROUP BY ALL HAVING count(*) > 1"""
        run(f"CREATE OR REPLACE TEMP TABLE tied AS {tied}")
        said = said_sql(kind.shape.scalars, "k.")
        said = f"CASE WHEN coalesce(len(k._nulls), 0) = 0 THEN {said} END"
        run(f"UPDATE {kind.table} AS k SET _mark = coalesce({said}, '?') FROM tied t WHERE {same}")
        run(
            f"""INSERT INTO odd SELECT DISTINCT _did, 'items of {kind.name} at one instant'
                FROM {kind.table} WHERE _mark = '?'"""
        )

    def finish(self) -> None:
        """Count what is left to count, after twins are gone."""
        self._count(
            "events recorded before they occurred (known from when they were recorded)",
            "SELECT count(*) FROM rows WHERE _rec < _occ",
        )

    def drop(self) -> None:
        """Take the tables of this shard away."""
        tables = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE temporary"
        ).fetchall()
        for (name,) in tables:
            self.connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")

    def _ask(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return int(found[0]) if found else 0

    def _count(self, what: str, query: str) -> int:
        count = self._ask(query)
        self.counts[what] = self.counts.get(what, 0) + count
        return count


def _digits(code: str) -> int | None:
    """Return the minor digits of a currency; None where SQL has no amounts of it."""
    try:
        digits = minor_digits(code)
    except InputError:
        return None
    return digits if digits <= MOST_MINOR_DIGITS else None


def _inner_money(shape: Shape) -> dict[str, list[str]]:
    found = {
        name: [n for n, f in section.fields.items() if f.type == "money"]
        for name, section in shape.inner.items()
    }
    return {name: amounts for name, amounts in found.items() if amounts}


def _wrong_amounts(shape: Shape) -> str:
    """Return the condition that an amount is none of its currency, or has none."""

    def wrong(amount: str) -> str:
        return (
            f"({amount} IS NOT NULL AND (c.divisor IS NULL OR {amount} % c.divisor <> 0 "
            f"OR {amount} // c.divisor > {MAX_MINOR}))"
        )

    parts = [wrong(f"k.{quoted(name)}") for name in shape.money()]
    for name, amounts in _inner_money(shape).items():
        any_wrong = " OR ".join(wrong(f"i.{quoted(amount)}") for amount in amounts)
        parts.append(f"len(list_filter(k.{quoted(name)}, lambda i: {any_wrong})) > 0")
    return " OR ".join(parts)


def _minor(shape: Shape) -> list[str]:
    """Return the amounts of a kind in minor units, each as `value AS name`."""
    parts = [f"{quoted(name)} // _divisor AS {quoted(name)}" for name in shape.money()]
    for name, amounts in _inner_money(shape).items():
        fields = ", ".join(
            f"{quoted(n)} := i.{quoted(n)}" + (" // _divisor" if n in amounts else "")
            for n in shape.inner[name].fields
        )
        packed = f"list_transform({quoted(name)}, lambda i: struct_pack({fields}))"
        parts.append(f"{packed} AS {quoted(name)}")
    return parts
