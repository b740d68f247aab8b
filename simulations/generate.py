"""Made histories of any size: disputes of an invented world, and the truth kept apart."""

import json
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from reso.errors import InputError
from simulations.folders import new_folder, refuse_taken
from simulations.world.blocks import (
    EVENTS,
    Block,
    Maker,
    Written,
    one_threaded,
    quoted,
    write_parquet,
)
from simulations.world.crew import Crew
from simulations.world.model import World
from simulations.world.reading import DEFAULT, load_world

ORDERS_AT_ONCE = 500_000
FEWEST_ORDERS = 20_000
ORDERS_PER_DISPUTE = 20
"""How many orders are looked at for each dispute that is still wanted."""

MOST_ORDERS = 2**32
"""Orders have numbers below this: random numbers are drawn by them."""

HOPELESS = 5_000_000
"""Orders after which a world where nobody has complained is given up."""

MOST_JOBS = 4
"""Makers at work unless more are asked for; each takes some 300 MB of memory."""

HIDDEN = "hidden"
BLOCK = ".block-"


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
    jobs: int | None = None,
) -> Made:
    """Write a history into a new folder, or nothing at all; docs/generated-histories.md shows it.

    Args:
        progress: told how many disputes have been written since it was told last.
        orders_at_once: how many orders are made together. Disputes do not depend on it; how many
            files there are does.
        jobs: how many processors work at it; no byte depends on it. None: all, up to `MOST_JOBS`.

    Raises:
        InputError: the folder is taken, the world is wrong, its buyers hardly ever complain, or
            it cannot be written.
    """
    refuse_taken(folder)
    world = load_world(world_file)
    with _told_as_usual(folder), new_folder(folder) as made_in:
        (made_in / HIDDEN).mkdir()
        making = _Making(world, wanted, made_in, orders_at_once)
        made = making.make(progress, jobs or min(_processors(), MOST_JOBS))
        (made_in / HIDDEN / "world.yaml").write_bytes(world_file.read_bytes())
        told = json.dumps({**asdict(wanted), **asdict(made)}, indent=2)
        (made_in / HIDDEN / "made.json").write_text(f"{told}\n", encoding="utf-8")
    return made


class _Making:
    """Makes a history block by block of orders; a few blocks at a time are in memory."""

    def __init__(self, world: World, wanted: Wanted, folder: Path, orders_at_once: int) -> None:
        self.world, self.wanted, self.folder = world, wanted, folder
        likely = max(FEWEST_ORDERS, wanted.disputes * ORDERS_PER_DISPUTE)
        self.orders_at_once = min(orders_at_once, likely)

    def make(self, progress: Callable[[int], None], jobs: int) -> Made:
        """Write the events, the outcomes and the truth."""
        kept: list[Path] = []
        events = never_made = orders = 0
        makers = min(jobs, -(-self.wanted.disputes * ORDERS_PER_DISPUTE // self.orders_at_once))
        with closing(self._blocks(makers)) as blocks:
            for block, written in blocks:
                events, never_made = events + written.events, never_made + written.late
                orders = written.last
                if written.disputes:
                    (block.folder / EVENTS).rename(self.folder / f"events-{len(kept):04}.parquet")
                    kept.append(block.folder)
                progress(written.disputes)
        self._join(kept)
        for folder in self.folder.glob(f"{BLOCK}*"):
            shutil.rmtree(folder)
        return Made(self.wanted.disputes, events, orders, never_made)

    def _blocks(self, makers: int) -> Generator[tuple[Block, Written], None, None]:
        """Yield the blocks in their order until there are enough disputes.

        Those that will most likely be needed whole are made ahead.
        """
        left, ahead = self.wanted.disputes, deque[tuple[Block, Future[Written]]]()
        number, per_block = 0, self.orders_at_once / ORDERS_PER_DISPUTE
        with Crew([self._maker() for _ in range(makers)]) as crew:
            while left:
                while not ahead or (
                    len(ahead) < 2 * makers and (len(ahead) + 1) * per_block < left
                ):
                    block = self._block(number, left)
                    ahead.append((block, crew.write(block)))
                    number += 1
                block, future = ahead.popleft()
                written = future.result()
                if left < block.most and left <= written.disputes:  # nobody knew it was the last
                    for _, beyond in ahead:
                        beyond.cancel()
                    block = replace(block, most=left)
                    written = crew.write(block).result()
                left -= written.disputes
                self._refuse_hopeless(left, written.last)
                yield block, written
                per_block = (self.wanted.disputes - left) / (number - len(ahead)) or per_block

    def _maker(self) -> Maker:
        return Maker(self.world, self.wanted.seed, self.wanted.dirty)

    def _block(self, number: int, most: int) -> Block:
        first = min(number * self.orders_at_once, MOST_ORDERS)
        last = min(first + self.orders_at_once, MOST_ORDERS)
        return Block(self.folder / f"{BLOCK}{number:07}", first, last, most)

    def _refuse_hopeless(self, left: int, orders: int) -> None:
        found = self.wanted.disputes - left
        if (not found and orders >= HOPELESS) or (left and orders >= MOST_ORDERS):
            what = f"{orders:,} orders gave {found:,} disputes"
            raise InputError("the world", what, "Let its buyers complain more often.")

    def _join(self, blocks: Sequence[Path]) -> None:
        """Make one file of each of the other files of the blocks."""
        homes = {"outcomes": self.folder, "truth": self.folder / HIDDEN}
        if self.wanted.dirty:
            homes["dirt"] = self.folder / HIDDEN
        with one_threaded() as connection:
            for name, home in homes.items():
                parts = ", ".join(quoted(block / f"{name}.parquet") for block in blocks)
                query = f"SELECT * FROM read_parquet([{parts}])"
                write_parquet(connection, query, home / f"{name}.parquet")


def _processors() -> int:
    """Return how many processors this program may use, as DuckDB counts them."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT current_setting('threads')").fetchone()
    return int(row[0]) if row else 1


@contextmanager
def _told_as_usual(folder: Path) -> Iterator[None]:
    """Let a folder that cannot be written be told as elsewhere; DuckDB has an error of its own."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise InputError(
            str(folder), "cannot be written", "Check the folder and the disk."
        ) from error
