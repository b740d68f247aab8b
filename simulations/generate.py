"""Made histories of any size: disputes of an invented world, and the truth about them kept apart."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from simulations.folders import new_folder, refuse_taken
from simulations.world.disputes import disputes
from simulations.world.draws import MACROS, Dice
from simulations.world.model import DEFAULT, World, load_world
from simulations.world.orders import complaints
from simulations.world.rows import dispute_id, events, outcomes, truth
from simulations.world.tables import create_tables

ORDERS_AT_ONCE = 2_000_000
FIRST_ORDERS = 20_000
ORDERS_PER_DISPUTE = 20
"""How many orders are looked at for a dispute wanted, to begin with."""

MOST_ORDERS = 2**32
"""Orders have numbers below this; random numbers are drawn by them."""

HOPELESS = 5_000_000
"""Orders without any complaint after which we stop."""

HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make.

    Attributes:
        disputes: how many.
        seed: of all random numbers. A dispute of one seed and world is the same in every history.
        dirty: the share of disputes with a flaw in their rows, for testing readers.
    """

    disputes: int
    seed: int
    dirty: float = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What was made.

    Attributes:
        never_made: complaints that came after the old platform's window had closed, so that no
            dispute became of them.
    """

    disputes: int
    events: int
    orders: int
    never_made: int


def made_history(
    folder: Path,
    wanted: Wanted,
    world_file: Path = DEFAULT,
    progress: Callable[[int], None] = lambda disputes: None,
) -> Made:
    """Write a history into a new folder.

    `events-0000.parquet`, ...: rows of a history. `outcomes.parquet`: what the old platform made of
    each dispute. `hidden/`: `truth.parquet`, the world, and `made.json` with the figures.

    Raises:
        InputError: the folder is taken, the world is wrong, or its buyers never complain.
    """
    refuse_taken(folder)
    world = load_world(world_file)
    with new_folder(folder) as made_in, duckdb.connect() as connection:
        (made_in / HIDDEN).mkdir()
        made = _Maker(connection, world, wanted, made_in).make(progress)
        (made_in / HIDDEN / "world.yaml").write_bytes(world_file.read_bytes())
        told = {**asdict(wanted), **asdict(made)}
        (made_in / HIDDEN / "made.json").write_text(f"{json.dumps(told, indent=2)}\n", "utf-8")
    return made


class _Maker:
    """Makes a history block by block of orders; a block at a time is in memory."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, world: World, wanted: Wanted, folder: Path
    ) -> None:
        self.connection, self.world, self.wanted, self.folder = connection, world, wanted, folder
        self.dice = Dice(wanted.seed)
        connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
        for macro in MACROS:
            connection.execute(macro)
        create_tables(connection, world)

    def make(self, progress: Callable[[int], None]) -> Made:
        """Write all files."""
        left, first, block = self.wanted.disputes, 0, 0
        rows = never_made = 0
        while left:
            last = min(first + self._orders(left), MOST_ORDERS)
            here, late, last = self._block(first, last, left)
            if last >= MOST_ORDERS or (last >= HOPELESS and left == self.wanted.disputes):
                what = f"its buyers complained {self.wanted.disputes - left:,} times in {last:,} orders"
                raise InputError(str(self.folder.name), what, "Let them complain more often.")
            if here:
                rows += self._write(block)
                block += 1
            left, first, never_made = left - here, last, never_made + late
            progress(here)
        self._join("outcomes", self.folder / "outcomes.parquet")
        self._join("truth", self.folder / HIDDEN / "truth.parquet")
        return Made(self.wanted.disputes, rows, first, never_made)

    def _orders(self, disputes: int) -> int:
        """Return how many orders to look at, some of which may give that many disputes."""
        return min(ORDERS_AT_ONCE, max(FIRST_ORDERS, disputes * ORDERS_PER_DISPUTE))

    def _block(self, first: int, last: int, most: int) -> tuple[int, int, int]:
        """Make the tables `complaint` and `dispute` of a block of orders.

        Returns:
            How many disputes there are, how many complaints came too late, and the order after
            the last one looked at.
        """
        asked = complaints(self.world, self.dice, first, last)
        self._table("wish", asked)
        kept = self.connection.execute(
            "SELECT n FROM wish WHERE in_time ORDER BY n LIMIT 1 OFFSET ?", [most - 1]
        ).fetchone()
        if kept is not None:
            last = kept[0] + 1
        here, late = self._one(
            f"SELECT count(*) FILTER (in_time), count(*) FILTER (NOT in_time) FROM wish WHERE n < {last}"
        )
        source = f"SELECT * FROM wish WHERE in_time AND n < {last}"
        self._table("dispute", disputes(self.world, self.dice, source))
        return here, late, last

    def _write(self, block: int) -> int:
        """Write the events of a block, its outcomes and its truth; return how many events."""
        self._table("event", events(self.world, "dispute"))
        rows = f"""SELECT {dispute_id()} AS dispute_id,
            make_timestamptz(happened * 1000000) AS occurred_at,
            make_timestamptz(known * 1000000) AS recorded_at, kind, payload
            FROM event ORDER BY n, known, happened, kind, payload"""
        self._copy(rows, self.folder / f"events-{block:04}.parquet")
        self._copy(outcomes(self.world, "dispute"), self.folder / f".outcomes-{block:04}.parquet")
        self._copy(truth("dispute"), self.folder / f".truth-{block:04}.parquet")
        return self._one("SELECT count(*) FROM event")[0]

    def _join(self, name: str, file: Path) -> None:
        """Make one file of those of the blocks."""
        parts = sorted(self.folder.glob(f".{name}-*.parquet"))
        listed = ", ".join(f"'{str(part).replace(chr(39), chr(39) * 2)}'" for part in parts)
        self._copy(f"SELECT * FROM read_parquet([{listed}])", file)
        for part in parts:
            part.unlink()

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")

    def _copy(self, query: str, file: Path) -> None:
        target = str(file).replace("'", "''")
        self.connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")

    def _one(self, query: str) -> tuple[int, ...]:
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row
