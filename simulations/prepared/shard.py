"""One shard of disputes: its rows read, judged, and put on their instants."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from reso.facts.table import FactTable
from simulations.life import OWN_ACTS
from simulations.literals import text_of
from simulations.prepared.doubts import find_doubts, inner_money
from simulations.prepared.kinds import Kind, type_rows
from simulations.prepared.marks import said_sql
from simulations.prepared.mending import SHARD_ROW, Wrong, mend, odd_notes
from simulations.prepared.typing_sql import Shape, quoted
from simulations.reading.reasons import (
    AT_EPOCH,
    CLAIM_BEFORE_ORDER,
    OUT_OF_ORDER,
    OWN_ACTS_LEFT_OUT,
    RECORDED_EARLY,
    SECOND_CLAIM,
    TWICE,
)

STAMP = "_did, _rec, _occ"
"""What events have in common that may be one event twice, or items at one instant."""


@dataclass(slots=True)
class Shard:
    """What is known of a shard while it is read.

    It makes the tables `named` (`_did, dispute_id`, in the order of the names), `rows` (as they
    are taken in the end), `odd` (`_did, why`), `odd_rows` (rows of odd disputes that are not in
    `rows`) and `disputes` (those with a claim).

    Attributes:
        kinds: of its rows, own acts left out.
        rejects: rows that cannot be used.
        counts: what was found, by the words of `simulations.reading.reasons`.
    """

    connection: duckdb.DuckDBPyConnection
    table: FactTable
    kinds: list[Kind] = field(default_factory=list)
    rejects: list[Wrong] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, source: str) -> None:
        """Take the rows of `source` (SQL): Python reads those that SQL is not sure of."""
        run = self.connection.execute
        run(
            f"""CREATE OR REPLACE TEMP TABLE named AS SELECT
                row_number() OVER (ORDER BY dispute_id) AS _did, dispute_id
                FROM (SELECT DISTINCT coalesce(dispute_id, '') AS dispute_id FROM {source})"""
        )
        run(
            f"""CREATE OR REPLACE TEMP TABLE rows AS
                SELECT n._did, s.place AS _place, s.kind, s._occ, s._rec, s.payload, s._shape
                FROM {source} s JOIN named n ON n.dispute_id = coalesce(s.dispute_id, '')"""
        )
        run("CREATE OR REPLACE TEMP TABLE odd (_did BIGINT, why VARCHAR)")
        run(f"CREATE OR REPLACE TEMP TABLE odd_rows AS SELECT {SHARD_ROW} FROM rows LIMIT 0")
        self.kinds = type_rows(self.connection, "rows", self.table, "first")
        if find_doubts(self.connection, self.kinds, "rows"):
            self.kinds, self.rejects = mend(self.connection, source, self.table, self.kinds)
            for note in odd_notes(self.connection, self.table):
                self.counts[note.what] += note.count

    def place(self) -> None:
        """Put every event on its arrival `_n`, each once, with amounts in minor units."""
        self._leave_out_acts()
        self._count_disorder()
        for kind in self.kinds:
            self._drop_twins(kind)
        self._count(RECORDED_EARLY, "SELECT count(*) FROM rows WHERE _rec < _occ")
        self._count_odd_times()
        self._arrivals()
        self.kinds = [self._placed(kind) for kind in self.kinds]
        for kind in self.kinds:
            if kind.is_list:
                self._order_items(kind)

    def _leave_out_acts(self) -> None:
        acts = ", ".join(map(text_of, sorted(OWN_ACTS)))
        found = self._count(OWN_ACTS_LEFT_OUT, f"SELECT count(*) FROM rows WHERE kind IN ({acts})")
        if found:
            self.connection.execute(f"DELETE FROM rows WHERE kind IN ({acts})")
        self.kinds = [kind for kind in self.kinds if kind.name not in OWN_ACTS]

    def _count_disorder(self) -> None:
        self._count(
            OUT_OF_ORDER,
            """SELECT count(*) FROM (SELECT _rec < lag(_rec) OVER (
               PARTITION BY _did ORDER BY _place) AS late FROM rows) WHERE late""",
        )

    def _count_odd_times(self) -> None:
        for kind in self.kinds:
            zero = " OR ".join(_at_epoch(kind.shape))
            self._count(AT_EPOCH, f"SELECT count(*) FROM {kind.table} k WHERE {zero}")
        claim, order = (
            next((k for k in self.kinds if k.name == kind and name in k.shape.scalars), None)
            for kind, name in (("claim", "filed_at"), ("order", "placed_at"))
        )
        if claim is not None and order is not None:
            self._count(
                CLAIM_BEFORE_ORDER,
                f"""SELECT count(*) FROM
                    (SELECT _did, min(filed_at) AS filed FROM {claim.table} GROUP BY _did) JOIN
                    (SELECT _did, min(placed_at) AS placed FROM {order.table} GROUP BY _did)
                    USING (_did) WHERE filed < placed""",
            )

    def _arrivals(self) -> None:
        """Make `disputes`: those with a claim, their arrivals, and how many events each has."""
        run = self.connection.execute
        claim = next((kind for kind in self.kinds if kind.name == "claim"), None)
        filed = "SELECT NULL::BIGINT AS _did, NULL::BIGINT AS start WHERE false"
        if claim is not None and "filed_at" in claim.shape.scalars:
            stated = f"FROM {claim.table} WHERE filed_at IS NOT NULL GROUP BY _did"
            filed = f"SELECT _did, min(_rec) AS start {stated}"
            again = f"SELECT _did {stated} HAVING min(filed_at) < max(filed_at)"
            self._count(SECOND_CLAIM, f"SELECT count(*) FROM ({again})")
        in_order = "list_select(list({0}), list_grade_up(list(instant)))"
        run(
            f"""CREATE OR REPLACE TEMP TABLE disputes AS
                SELECT a._did, n.dispute_id, a.start, a.arrivals, a.events, c.divisor FROM (
                    SELECT _did, any_value(start) AS start,
                           {in_order.format("instant")} AS arrivals,
                           {in_order.format("events")} AS events
                    FROM (SELECT r._did, f.start, greatest(r._rec, f.start) AS instant,
                                 count(*)::INTEGER AS events
                          FROM rows r JOIN ({filed}) f USING (_did) GROUP BY ALL)
                    GROUP BY _did) a
                JOIN named n USING (_did) LEFT JOIN currencies c USING (_did)"""
        )

    def _placed(self, kind: Kind) -> Kind:
        """Return the kind with `_n` and amounts in minor units."""
        names = "".join(f", k.{quoted(name)}" for name in kind.shape.names())
        table = quoted(f"placed_{kind.name}")
        replaced = ", ".join(_minor(kind.shape))
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {table} AS
                SELECT * {f"REPLACE ({replaced})" if replaced else ""} FROM (
                    SELECT k._did, k._occ, k._rec, k._shape, k._nulls{names},
                           d.divisor AS _divisor,
                           list_position(d.arrivals, greatest(k._rec, d.start))::INTEGER AS _n
                    FROM {kind.table} k JOIN disputes d USING (_did))"""
        )
        self.connection.execute(f"DROP TABLE {kind.table}")
        return Kind(kind.name, table, kind.shape)

    def _drop_twins(self, kind: Kind) -> None:
        """Leave one of each event that stands twice."""
        names = "".join(f", {quoted(name)}" for name in kind.shape.names())
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {_stamps(kind)} AS
                SELECT {STAMP} FROM {kind.table} GROUP BY ALL HAVING count(*) > 1"""
        )
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE twins AS SELECT _place FROM (
                SELECT _place, row_number() OVER (
                    PARTITION BY {STAMP}, _shape, _nulls{names} ORDER BY _place) AS copy
                FROM {kind.table} SEMI JOIN {_stamps(kind)} USING ({STAMP})) WHERE copy > 1"""
        )
        if self._count(TWICE, "SELECT count(*) FROM twins"):
            for rows in (kind.table, "rows"):
                self.connection.execute(
                    f"DELETE FROM {rows} WHERE _place IN (SELECT _place FROM twins)"
                )

    def _order_items(self, kind: Kind) -> None:
        """Add `_mark`: what orders the items that Python would have to order by their texts."""
        run = self.connection.execute
        at = '"at", ' if "at" in kind.shape.scalars else ""
        stamp = f"{at}{STAMP}"
        run(f"ALTER TABLE {kind.table} ADD COLUMN _mark VARCHAR")
        same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM t.{name}" for name in stamp.split(", "))
        tied = f"""SELECT {stamp} FROM {kind.table} SEMI JOIN {_stamps(kind)} USING ({STAMP})
                   WHERE _shape = 'object' GROUP BY ALL HAVING count(*) > 1"""
        run(f"CREATE OR REPLACE TEMP TABLE tied AS {tied}")
        said = said_sql(kind.shape.scalars, "k.")
        said = f"CASE WHEN coalesce(len(k._nulls), 0) = 0 THEN {said} END"
        run(f"UPDATE {kind.table} AS k SET _mark = coalesce({said}, '?') FROM tied t WHERE {same}")
        run(
            f"""INSERT INTO odd SELECT DISTINCT _did, 'items of {kind.name} at one instant'
                FROM {kind.table} WHERE _mark = '?'"""
        )

    def drop(self) -> None:
        """Take the tables of this shard away."""
        tables = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE temporary"
        ).fetchall()
        for (name,) in tables:
            self.connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")

    def _count(self, what: str, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        count = int(found[0]) if found else 0
        self.counts[what] += count
        return count


def _at_epoch(shape: Shape) -> Iterator[str]:
    """Yield the conditions that an instant of an event is the first one of 1970."""
    yield from ("_occ = 0", "_rec = 0")
    for name, one in shape.scalars.items():
        if one.type == "instant":
            yield f"coalesce(k.{quoted(name)} = 0, false)"
    for name, section in shape.inner.items():
        for inner, one in section.fields.items():
            if one.type == "instant":
                at_zero = f"lambda i: i.{quoted(inner)} = 0"
                yield f"coalesce(len(list_filter(k.{quoted(name)}, {at_zero})) > 0, false)"


def _stamps(kind: Kind) -> str:
    """Return the name of the table of what stamps stand on several rows of a kind."""
    return quoted(f"stamps_{kind.name}")


def _minor(shape: Shape) -> list[str]:
    """Return the amounts of a kind in minor units, each as `value AS name`."""
    parts = [f"{quoted(name)} // _divisor AS {quoted(name)}" for name in shape.money()]
    for name, amounts in inner_money(shape).items():
        fields = ", ".join(
            f"{quoted(n)} := i.{quoted(n)}" + (" // _divisor" if n in amounts else "")
            for n in shape.inner[name].fields
        )
        packed = f"list_transform({quoted(name)}, lambda i: struct_pack({fields}))"
        parts.append(f"{packed} AS {quoted(name)}")
    return parts
