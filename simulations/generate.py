"""Made histories of any size: disputes of an invented world, and the truth kept apart."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from simulations.folders import new_folder, refuse_taken
from simulations.world.dirt import soiled
from simulations.world.disputes import disputes
from simulations.world.draws import MACROS, Dice
from simulations.world.model import World
from simulations.world.orders import complaints
from simulations.world.reading import DEFAULT, load_world
from simulations.world.rows import Zone, dispute_id, events, outcomes, truth
from simulations.world.tables import create_tables

ORDERS_AT_ONCE = 1_000_000
FEWEST_ORDERS = 20_000
ORDERS_PER_DISPUTE = 20
"""How many orders are looked at for each dispute that is still wanted."""

MOST_ORDERS = 2**32
"""Orders have numbers below this: random numbers are drawn by them."""

HOPELESS = 5_000_000
"""Orders after which a world where nobody has complained is given up."""

HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make.

    Attributes:
        disputes: how many.
        seed: of all random numbers. A dispute of one seed and world is the same in every history.
        dirty: the share (0-1) of disputes with a flaw in their rows, for testing readers.
    """

    disputes: int
    seed: int
    dirty: float = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What was made.

    Attributes:
        events: rows written.
        orders: looked at; most of them end in no dispute.
        never_made: complaints that would have come after the old platform's time was over.
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
    orders_at_once: int = ORDERS_AT_ONCE,
) -> Made:
    """Write a history into a new folder, or nothing at all; docs/generated-histories.md shows it.

    Args:
        progress: told how many disputes have been written since it was told last.
        orders_at_once: how many orders are in memory together. Disputes do not depend on it; how
            many files there are does.

    Raises:
        InputError: the folder is taken, the world is wrong, or its buyers hardly ever complain.
        OSError: it cannot be written.
    """
    refuse_taken(folder)
    world = load_world(world_file)
    with new_folder(folder) as made_in, _ctrl_c_stops(), duckdb.connect() as connection:
        (made_in / HIDDEN).mkdir()
        made = _Maker(connection, world, wanted, made_in, orders_at_once).make(progress)
        (made_in / HIDDEN / "world.yaml").write_bytes(world_file.read_bytes())
        told = json.dumps({**asdict(wanted), **asdict(made)}, indent=2)
        (made_in / HIDDEN / "made.json").write_text(f"{told}\n", encoding="utf-8")
    return made


@contextmanager
def _ctrl_c_stops() -> Iterator[None]:
    """Let Ctrl-C be a KeyboardInterrupt; in a query DuckDB makes another error of it."""
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error


class _Maker:
    """Makes a history block by block of orders; one block at a time is in memory."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        world: World,
        wanted: Wanted,
        folder: Path,
        orders_at_once: int,
    ) -> None:
        self.connection, self.world, self.wanted = connection, world, wanted
        self.folder, self.orders_at_once = folder, orders_at_once
        self.dice = Dice(wanted.seed)
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        for macro in MACROS:
            connection.execute(macro)
        create_tables(connection, world)

    def make(self, progress: Callable[[int], None]) -> Made:
        """Write all files."""
        left, first, block = self.wanted.disputes, 0, 0
        rows = never_made = 0
        while left:
            here, late, last = self._block(first, left)
            if here:
                rows += self._write(block)
                block += 1
            left, first, never_made = left - here, last, never_made + late
            self._refuse_hopeless(left, first)
            progress(here)
        self._join("outcomes", self.folder / "outcomes.parquet")
        self._join("truth", self.folder / HIDDEN / "truth.parquet")
        if self.wanted.dirty:
            self._join("dirt", self.folder / HIDDEN / "dirt.parquet")
        return Made(self.wanted.disputes, rows, first, never_made)

    def _refuse_hopeless(self, left: int, orders: int) -> None:
        found = self.wanted.disputes - left
        if (not found and orders >= HOPELESS) or (left and orders >= MOST_ORDERS):
            what = f"{orders:,} orders gave {found:,} disputes"
            raise InputError("the world", what, "Let its buyers complain more often.")

    def _block(self, first: int, most: int) -> tuple[int, int, int]:
        """Make the table `dispute` of the next orders, with `most` disputes at most.

        Returns:
            How many disputes there are, how many complaints would have come too late, and the
            order after the last one looked at.
        """
        likely = max(FEWEST_ORDERS, most * ORDERS_PER_DISPUTE)
        last = min(first + min(self.orders_at_once, likely), MOST_ORDERS)
        self._table("wish", complaints(self.world, self.dice, first, last))
        enough = self.connection.execute(
            "SELECT n FROM wish WHERE in_time ORDER BY n LIMIT 1 OFFSET ?", [most - 1]
        ).fetchone()
        if enough is not None:
            last = int(enough[0]) + 1
        looked_at = f"FROM wish WHERE n < {last}"
        here = self._count(f"{looked_at} AND in_time")
        late = self._count(f"{looked_at} AND NOT in_time")
        self._table("dispute", disputes(self.world, self.dice, f"SELECT * {looked_at} AND in_time"))
        return here, late, last

    def _write(self, block: int) -> int:
        """Write the events of a block, its outcomes and its truth; return how many events."""
        self._table("event", events(self.world, "dispute"))
        order = "n, known, happened, kind, payload"
        if self.wanted.dirty:
            zone = Zone(self.world.offset)
            self._table("event", soiled(self.dice, zone, self.wanted.dirty, "event"))
            order = "whose, seat, payload"
            flawed = "FROM event WHERE flaw IS NOT NULL ORDER BY whose, seat"
            self._part("dirt", block, f"SELECT {dispute_id('whose')} AS dispute_id, flaw {flawed}")
        rows = f"""SELECT CASE WHEN n IS NOT NULL THEN {dispute_id()} END AS dispute_id,
            make_timestamptz(happened * 1000000) AS occurred_at,
            make_timestamptz(known * 1000000) AS recorded_at, kind, payload
            FROM event ORDER BY {order}"""
        self._copy(rows, self.folder / f"events-{block:04}.parquet")
        self._part("outcomes", block, outcomes(self.world, "dispute"))
        self._part("truth", block, truth("dispute"))
        return self._count("FROM event")

    def _part(self, name: str, block: int, query: str) -> None:
        self._copy(query, self.folder / f".{name}-{block:04}.parquet")

    def _join(self, name: str, file: Path) -> None:
        """Make one file of those of the blocks."""
        parts = sorted(self.folder.glob(f".{name}-*.parquet"))
        listed = ", ".join(_quoted(part) for part in parts)
        self._copy(f"SELECT * FROM read_parquet([{listed}])", file)
        for part in parts:
            part.unlink()

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")

    def _copy(self, query: str, file: Path) -> None:
        self.connection.execute(
            f"COPY ({query}) TO {_quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
        )

    def _count(self, source: str) -> int:
        row = self.connection.execute(f"SELECT count(*) {source}").fetchone()
        return int(row[0]) if row else 0


def _quoted(file: Path) -> str:
    text = str(file).replace("'", "''")
    return f"'{text}'"
