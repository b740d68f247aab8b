"""The disputes about some orders, made in one go: their events, outcomes and truth, in files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from simulations.literals import text_of
from simulations.world.dirt import soiled
from simulations.world.disputes import disputes
from simulations.world.draws import MACROS, Dice
from simulations.world.model import World
from simulations.world.orders import complaints
from simulations.world.rows import Zone, dispute_id, events, outcomes, truth
from simulations.world.tables import create_tables

EVENTS = "events.parquet"


@dataclass(frozen=True, slots=True)
class Block:
    """Some orders.

    Attributes:
        folder: where the files of their disputes go, if there are any; made for them.
        first, last: the number of the first order, and that after the last.
        most: how many disputes are wanted; orders after that of the last one are not looked at.
    """

    folder: Path
    first: int
    last: int
    most: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a block.

    Attributes:
        events: rows written.
        late: complaints that would have come after the old platform's time was over.
        last: the order after the last one looked at.
    """

    disputes: int
    events: int
    late: int
    last: int


class Maker:
    """Makes blocks, one at a time, on one processor; makers work beside each other."""

    def __init__(self, world: World, seed: int, dirty: float) -> None:
        self.world, self.dice, self.dirty = world, Dice(seed), dirty
        self.connection = one_threaded()
        for macro in MACROS:
            self.connection.execute(macro)
        create_tables(self.connection, world)

    def write(self, block: Block) -> Written:
        """Make the files of a block. What they hold depends on nothing but the block."""
        here, late, last = self._disputes(block)
        if not here:
            return Written(here, 0, late, last)
        block.folder.mkdir(exist_ok=True)
        for name, query in self._tables().items():
            write_parquet(self.connection, query, block.folder / f"{name}.parquet")
        self.connection.execute("DROP TABLE dispute")
        write_parquet(self.connection, self._events(), block.folder / EVENTS)
        return Written(here, self._count("FROM event"), late, last)

    def interrupt(self) -> None:
        """Stop the query that is under way: `write` raises."""
        self.connection.interrupt()

    def close(self) -> None:
        """Give back what it holds in memory."""
        self.connection.close()

    def _disputes(self, block: Block) -> tuple[int, int, int]:
        """Make the table `dispute`; return how many, how many too late, and the order after all."""
        last = block.last
        self._table("wish", complaints(self.world, self.dice, block.first, last))
        enough = self.connection.execute(
            "SELECT n FROM wish WHERE in_time ORDER BY n LIMIT 1 OFFSET ?", [block.most - 1]
        ).fetchone()
        if enough is not None:
            last = int(enough[0]) + 1
        looked_at = f"FROM wish WHERE n < {last}"
        here = self._count(f"{looked_at} AND in_time")
        late = self._count(f"{looked_at} AND NOT in_time")
        self._table("dispute", disputes(self.world, self.dice, f"SELECT * {looked_at} AND in_time"))
        self.connection.execute("DROP TABLE wish")
        return here, late, last

    def _tables(self) -> Mapping[str, str]:
        """Make the table `event`; return the queries of the other tables of the block."""
        self._table("event", events(self.world, "dispute"))
        queries = {
            "outcomes": outcomes(self.world, "dispute"),
            "truth": truth(self.world, "dispute"),
        }
        if self.dirty:
            zone = Zone(self.world.offset)
            self._table("event", soiled(self.dice, zone, self.dirty, "event"))
            queries["dirt"] = f"""SELECT {dispute_id("whose")} AS dispute_id, flaw
                FROM event WHERE flaw IS NOT NULL ORDER BY whose, seat"""
        return queries

    def _events(self) -> str:
        order = "whose, seat, payload" if self.dirty else "n, known, happened, kind, payload"
        return f"""SELECT CASE WHEN n IS NOT NULL THEN {dispute_id()} END AS dispute_id,
            make_timestamptz(happened * 1000000) AS occurred_at,
            make_timestamptz(known * 1000000) AS recorded_at, kind, payload
            FROM event ORDER BY {order}"""

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")

    def _count(self, source: str) -> int:
        row = self.connection.execute(f"SELECT count(*) {source}").fetchone()
        return int(row[0]) if row else 0


def one_threaded() -> duckdb.DuckDBPyConnection:
    """Return a connection that writes the same bytes on every machine."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write what a query yields."""
    copy = f"COPY ({query}) TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
    connection.execute(copy)


def quoted(file: Path) -> str:
    """Return SQL of the name of a file."""
    return text_of(str(file))
