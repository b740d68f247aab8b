"""The facts of disputes at an instant and the standing of every rule, in any dialect."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Pick
from reso.policy.model import Policy
from simulations.fast.facts import AsOf
from simulations.fast.plan import CALENDAR, Plan
from simulations.fast.replaying import Known
from simulations.fast.sheets import Sheet
from simulations.fast.standings import Standings
from simulations.fast.tables import own_types
from simulations.fast.writing import Writer
from simulations.life import LEDGER
from simulations.prepared.preparing import Prepared
from simulations.sql.calendar import SqlCalendar
from simulations.sql.columns import pick_column, rail_column, ref_column
from simulations.sql.dialects import Dialect

QUESTION_PARTS = ("state", "answer", "unknown", "opened_at", "deadline", "ended_at")
MOMENT = {
    "at": "arrivals[place]",
    "n": "place::INTEGER",
    "seen_n": "place::INTEGER",
    "kind": "0",
    "arrived": "TRUE",
    "pending": "FALSE",
    "before": "0",
    "until": "NULL::BIGINT",
}
"""Where a dispute stands that has just learnt of its arrival number `place`."""


@dataclass
class Moments:
    """Disputes of a prepared history at one of their arrivals each, in a Parquet file.

    The columns are those the fast engine reads, and of every question the columns that conditions
    read, worked out by the fast engine's own query.
    """

    prepared: Prepared
    policy: Policy
    chapter: str
    file: Path

    def __post_init__(self) -> None:
        self.known = Known.of(self.prepared.manifest, self.prepared.table)
        self.made = CompiledExpressions(self.policy)
        self.plan = Plan(self.policy, self.known, self.made, self.chapter)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write the file; a dispute's number says at which of its arrivals it stands."""
        facts = [str(file) for file in self.prepared.facts]
        mine = ", ".join(
            f'{"[]" if kind.startswith("STRUCT") else "NULL"}::{kind} AS "{name}"'
            for name, kind in own_types().items()
        )
        moment = ", ".join(f'{sql} AS "{name}"' for name, sql in MOMENT.items())
        connection.execute(f"CREATE OR REPLACE TABLE {CALENDAR} AS {self.plan.calendar.lists()}")
        connection.execute(
            f"CREATE OR REPLACE TABLE moved_facts AS SELECT *, {moment}, {mine} FROM (SELECT *, "
            f"1 + (hash(id) % len(arrivals))::BIGINT AS place FROM read_parquet($1))",
            [facts],
        )
        asked = "".join(f', q."{name}"' for name in self.questions())
        query = self.plan.sheet.select(("id", *self.questions()))
        connection.execute("PRAGMA disable_optimizer")
        connection.execute(
            f"COPY (SELECT m.*{asked} FROM moved_facts m JOIN ({query}) q USING (id)) "
            f"TO '{self.file}' (FORMAT parquet)"
        )
        connection.execute("PRAGMA enable_optimizer")

    def questions(self) -> list[str]:
        """Return the columns of the questions."""
        return [f"{p}:{q.name}" for q in self.policy.questions for p in QUESTION_PARTS]

    def given(self) -> frozenset[str]:
        """Return the columns of the file."""
        return frozenset({*self.plan.sheet.given, *self.questions()})

    def sheet(self, dialect: Dialect, source: str) -> tuple[str, list[str]]:
        """Return the query of facts, definitions and standings over a relation, and its columns."""
        calendar = SqlCalendar(self.policy.calendar, dialect, self.plan.calendar.durations)
        beside = {CALENDAR: frozenset(calendar.list_columns)}
        sheet = Sheet(dialect, source, self.given(), beside)
        facts = AsOf(self.known, sheet)
        writer = Writer(self.policy, facts, calendar, self.made, sheet.hoist)
        named = list(self._named(sheet, writer))
        standings = Standings(self.policy, writer, sheet, self.made, self.chapter).write()
        named = ["id", *dict.fromkeys([*named, *self._facts(facts)])]
        standing = {f"standing:{place}": name for place, name in enumerate(standings)}
        shown = {name: name for name in named} | standing
        listed = ", ".join(f"{dialect.name(n)} AS {dialect.name(as_)}" for as_, n in shown.items())
        parts = sheet.select([*dict.fromkeys(shown.values())])
        return f"SELECT {listed} FROM ({parts})", list(shown)

    def _named(self, sheet: Sheet, writer: Writer) -> Iterator[str]:
        for definition in self.policy.definitions:
            name, node = definition.name, definition.node
            if node.type.kind != "boolean":
                yield sheet.add(ref_column(name), writer.value(node))
                continue
            yield sheet.add(rail_column(name, "true"), writer.condition(node, "true"))
            if self.made.may_be_unknown(node):
                yield sheet.add(rail_column(name, "possible"), writer.condition(node, "possible"))
            sheet.write(ref_column(name), f'"{rail_column(name, "true")}"')
        for name, node in self.policy.picks:
            assert isinstance(node, Pick)
            yield sheet.add(pick_column(name), writer.record(node))

    def _facts(self, facts: AsOf) -> list[str]:
        """Return the columns of every fact, and of the earliest dated instant."""
        fields = (facts.field(path) for path in (*self.known.fields, *LEDGER))
        lists = (facts.items(section) for section in self.known.lists)
        sections = (facts.section_known(name) for name in self.policy.table.objects)
        return [name for name in (*fields, *lists, *sections, facts.earliest()) if name]
