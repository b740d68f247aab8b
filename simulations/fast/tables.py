"""The tables disputes are led in: how they begin, and how queries on them are run."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from reso.expressions.tree import Kind
from simulations.fast.facts import OWN_LISTS, own, own_at
from simulations.life import LEDGER
from simulations.literals import text_of

SQL_TYPES: Mapping[Kind, str] = {"text": "VARCHAR", "list": "VARCHAR[]"}
"""Of the fields of our own acts; all others are whole numbers."""

NEVER = 2**31 - 1
"""More arrivals than any dispute has."""

STATE: Mapping[str, str] = {
    "at": "NULL::BIGINT",
    "n": "0",
    "act_n": f"{NEVER}",
    "kind": "0",
    "arrived": "FALSE",
    "before": "0",
    "until": "NULL::BIGINT",
    "clock": "NULL::BIGINT",
    "chain": "FALSE",
    "pending": "FALSE",
    "rounds": "0",
    "moments": "0",
    "essence": "-1",
    "e0": "NULL::BIGINT",
    "e1": "NULL::BIGINT",
    "e2": "NULL::BIGINT",
    "settled_by": "NULL::INTEGER",
    "settled_at": "NULL::BIGINT",
    "handed_by": "NULL::INTEGER",
    "handed_at": "NULL::BIGINT",
    "asked": "0",
    "refunded_at": "NULL::BIGINT",
    "moves": "0",
    "log": '[]::STRUCT("at" BIGINT, n INTEGER, step INTEGER)[]',
}
"""What is kept of a dispute on its way, and how it begins.

`at`: its instant, and `n`: how many arrivals are known then; `act_n`: how many were when we first
acted. `kind`: where it stands. `arrived`: something became known at `at`. `before`: which entries
of `reopens` held at its last settlement. `until`: the end of the time to answer a proposal.
`clock`: when it moves on by itself, `chain`: by a question's clock, so that it has to be looked at
whether anything changes. `pending`: we have just acted, and may act again; `rounds`: how often at
this instant. `moments`: decision points. `essence`, `e0` to `e2`: the last ruling and its numbers.
`settled_by`, `handed_by`: the step of the last settlement, of the last hand-over, and when;
`asked`: questions we put; `refunded_at`: the first refund; `moves`: how often it was moved on;
`log`: our acts.
"""


def own_types() -> dict[str, str]:
    """Return the SQL types of what our acts appended to lists, and stated of fields."""
    types = {}
    for name, fields in OWN_LISTS.items():
        inner = "".join(f', "{field}" {sql_type(kind)}' for field, kind in fields.items())
        types[own(name)] = f"STRUCT(n INTEGER{inner})[]"
    for path, kind in LEDGER.items():
        types[own(path)], types[own_at(path)] = sql_type(kind), "BIGINT"
    return types


def sql_type(kind: Kind) -> str:
    """Return the SQL type of a field of our own acts."""
    return SQL_TYPES.get(kind, "BIGINT")


def waiting(number: int) -> str:
    """Return the table of those that wait to be looked at, under a number."""
    return f"waiting_{number}"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a pool of disputes, in a catalogue of their own on a connection of their own.

    `attached` names further ones. A query stays planned while nothing is made in the catalogues it
    reads: what planned queries read stands in one for each of them. `waiting` counts the disputes
    that wait to be looked at, by the number of their chapter.
    """

    connection: duckdb.DuckDBPyConnection
    catalogue: str
    attached: set[str] = field(default_factory=set)
    waiting: Counter[int] = field(default_factory=Counter)

    @classmethod
    def beside(cls, connection: duckdb.DuckDBPyConnection, number: int) -> "Tables":
        """Return new tables, in the memory of the same database."""
        tables = cls(connection.cursor(), f"pool_{number}")
        tables.attach(tables.catalogue)
        tables.run(f"USE {tables.catalogue}")
        return tables

    def beneath(self, number: int) -> str:
        """Return the name of a further catalogue."""
        return f"{self.catalogue}_{number}"

    def attach(self, name: str) -> None:
        """Make a catalogue in memory."""
        self.run(f"ATTACH ':memory:' AS {name}")
        self.attached.add(name)

    def drop(self, home: duckdb.DuckDBPyConnection) -> None:
        """Drop all of them, from a connection that stands elsewhere."""
        self.connection.close()
        for name in self.attached:
            home.execute(f"DETACH DATABASE IF EXISTS {name}")

    def run(self, query: str) -> duckdb.DuckDBPyConnection:
        """Run a query."""
        return self.connection.execute(query)

    def insert(
        self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Add rows to a table, of these columns and their SQL types, in their order.

        As one JSON text: a list of literals takes DuckDB three times as long.
        """
        written = json.dumps([dict(zip(columns, row, strict=True)) for row in rows])
        types = json.dumps([columns])
        named = ", ".join(f"y.{name}" for name in columns)
        self.connection.execute(
            f"INSERT INTO {table}({', '.join(columns)}) SELECT {named} "
            f"FROM (SELECT unnest(from_json($1::JSON, {text_of(types)})) AS y)",
            [written],
        )

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Run queries as they are written: a sheet of a thousand columns is not made better."""
        self.run("PRAGMA disable_optimizer")
        try:
            yield
        finally:
            self.run("PRAGMA enable_optimizer")

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        found = self.run(f"SELECT count(*) FROM {table}").fetchone()
        assert found is not None
        return int(found[0])

    def begin(self) -> None:
        """Make the tables of a pool that is empty, `facts` and `rows` apart."""
        run = self.run
        kinds = {name: sql.rpartition("::")[2] for name, sql in STATE.items() if "::" in sql}
        state = [
            f'"{name}" {kinds.get(name, "BOOLEAN" if sql == "FALSE" else "INTEGER")}'
            for name, sql in STATE.items()
        ]
        mine = [f'"{name}" {kind}' for name, kind in own_types().items()]
        run(f"CREATE TABLE live(id BIGINT, {', '.join([*state, *mine])})")
        run("CREATE TABLE ended AS SELECT * FROM live")
        run("CREATE TABLE unfinished(id BIGINT, why VARCHAR)")
        run(
            'CREATE TABLE paid(id BIGINT, "at" BIGINT, payer VARCHAR, payee VARCHAR, '
            "component VARCHAR, amount BIGINT)"
        )

    def admit(self, source: str) -> None:
        """Put disputes, the `id`s of a relation, at their beginning in `live`."""
        state = [f'{sql} AS "{name}"' for name, sql in STATE.items()]
        mine = [
            f'{"[]" if kind.startswith("STRUCT") else "NULL"} AS "{name}"'
            for name, kind in own_types().items()
        ]
        listed = ", ".join([*state, *mine])
        self.run(f"INSERT INTO live BY NAME SELECT id, {listed} FROM {source}")

    def wait(self, number: int, where: str, count: int) -> None:
        """Let so many disputes in `gone_on` wait to be looked at; `where` is said of `sorted`."""
        query = f"SELECT m.* FROM gone_on m JOIN sorted USING (id) WHERE {where}"
        if number in self.waiting:
            self.run(f"INSERT INTO {waiting(number)} {query}")
        else:
            self.run(f"CREATE TABLE {waiting(number)} AS {query}")
        self.waiting[number] += count

    def take(self, numbers: Sequence[int]) -> None:
        """Make `moving` those that wait under some numbers; they wait no longer."""
        parts = " UNION ALL ".join(f"FROM {waiting(number)}" for number in numbers)
        self.run(f"CREATE OR REPLACE TABLE moving AS {parts}")
        for number in numbers:
            del self.waiting[number]

    def leave(self, numbers: Sequence[int]) -> None:
        """Drop the tables of those that waited and have gone on."""
        for number in numbers:
            self.run(f"DROP TABLE {waiting(number)}")

    def on_their_way(self) -> str:
        """Return a query of the `id`s of all that have not ended."""
        names = ("live", *map(waiting, sorted(self.waiting)))
        return " UNION ALL ".join(f"SELECT id FROM {name}" for name in names)

    def standing(self, moved: str, columns: Sequence[str]) -> str:
        """Return a relation of disputes on their way beside their facts, with these columns."""
        mine = {row[0] for row in self.run(f"DESCRIBE {moved}").fetchall()}
        parts = [
            "least(m.n, m.act_n) AS seen_n"
            if column == "seen_n"
            else f'{"m" if column in mine else "f"}."{column}"'
            for column in columns
        ]
        return f"(SELECT {', '.join(parts)} FROM {moved} m JOIN facts f USING (id))"
