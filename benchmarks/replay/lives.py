"""Made histories prepared and replayed: seconds, memory, and how both grow with the disputes.

Every figure is that of a process of its own. Targets of time are those of a million disputes, or
as much less as there are fewer; of fewer none is judged.
"""

from dataclasses import dataclass

from benchmarks.replay.histories import SEED, Histories
from benchmarks.replay.page import Page
from benchmarks.replay.work import Spent

MILLION = 1_000_000
PREPARE_SECONDS = 60
MOST_MEMORY, MOST_MEMORY_OF_TEN = 2_000, 4_000
"""MB, of a million disputes and of ten."""
MOST_GROWTH = 12
"""Times the seconds, for ten times the disputes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A policy to be replayed, and in how many seconds a million disputes are to be done."""

    pack: str
    seconds: float


SMALL = Asked("rules/shopee_id", 10)
"""A shipped pack of some 30 rules for orders in rupiah, as made histories have them."""
STEP = "seller_time=5d"
"""A step of a sweep of it."""
LARGE = Asked("rules/marketplace", 25)


@dataclass(frozen=True, slots=True)
class Lives:
    """The parts of a run that lead made disputes, `disputes` of them."""

    page: Page
    histories: Histories
    disputes: int

    def history(self) -> None:
        """Make the history, or use the one that is there."""
        self.page.title(f"{self.disputes:,} made disputes")
        took = self.histories.made(self.disputes)
        where = self.histories.of(self.disputes).name
        if took is None:
            self.page.note(f"`{where}` was made before, with seed {SEED}.")
        else:
            self.page.note(
                f"Made with seed {SEED}: {took.wall:.1f} s by the clock, {took.cpu:.1f} s of CPU."
            )

    def prepare(self) -> None:
        """Prepare it."""
        self.page.title("Preparing")
        self.page.table("what", "by the clock", "CPU", "target", "peak of memory", "target")
        took = self.histories.prepared(self.disputes)
        name = f"{self.disputes:,} disputes, {took.told['events']:,} events"
        self.page.row(*self._cells(f"prepare {name}", took, PREPARE_SECONDS))

    def policies(self) -> None:
        """Replay it under two policies, and a step of a sweep."""
        self.page.title("Replaying, from prepared facts")
        self.page.note(
            "A look is the query that works out facts, clocks and the standing of every rule of "
            "decision points; what it takes is told of each of them, and of each and a rule of its "
            "chapter."
        )
        self.page.table(
            *("what", "by the clock", "CPU", "target", "peak of memory", "target"),
            *("decision points", "kinds", "by the reference", "a look", "and a rule"),
        )
        for asked in (SMALL, LARGE):
            took = self.histories.policy(self.disputes, asked.pack)
            name = f"{asked.pack}, {took.told['rules']} rules"
            self.page.row(*self._cells(name, took, asked.seconds), *_counted(took))
        took = self.histories.step(self.disputes, SMALL.pack, STEP)
        cells = self._cells(f"{SMALL.pack}, a step of a sweep, {STEP}", took, SMALL.seconds)
        self.page.row(*cells, *[""] * 5)

    def growth(self, large: bool) -> None:
        """Do a tenth of it, all of it and, if asked for, ten times as much, from the start."""
        self.page.title("Growth")
        self.page.table(
            *("disputes", f"prepare and replay, {SMALL.pack}", "CPU", "times the row before"),
            *("target", "peak of memory", "target"),
        )
        sizes = [max(1, self.disputes // 10), self.disputes, *([10 * self.disputes] * large)]
        before = None
        for size in sizes:
            now = self._from_the_start(size)
            self.page.row(*self._grown(size, before, now))
            before = now

    # -- cells --------------------------------------------------------------------------------

    def _cells(self, name: str, took: Spent, seconds: float) -> list[str]:
        """Return the cells of a piece of work with its targets."""
        judged, most = self.disputes >= MILLION, seconds * self.disputes / MILLION
        clock, peak = f"{took.wall:.1f} s", f"{took.peak / 1000:.2f} GB"
        on_time, fits = took.wall <= most, took.peak <= MOST_MEMORY
        return [
            name,
            clock,
            f"{took.cpu:.1f} s",
            self.page.target(f"{name}, by the clock", clock, f"{most:g} s", on_time, judged),
            peak,
            self.page.target(f"{name}, memory", peak, _gigabytes(MOST_MEMORY), fits, judged),
        ]

    def _from_the_start(self, size: int) -> Spent:
        works = (self.histories.prepared(size), self.histories.policy(size, SMALL.pack))
        return Spent(
            sum(one.wall for one in works),
            sum(one.cpu for one in works),
            max(one.peak for one in works),
        )

    def _grown(self, size: int, before: Spent | None, now: Spent) -> list[str]:
        """Return the cells of a size; only ten times a million disputes have targets."""
        peak = f"{now.peak / 1000:.2f} GB"
        times = now.wall / before.wall if before is not None else None
        grown = "" if times is None else f"{times:.1f}"
        cells = [f"{size:,}", f"{now.wall:.1f} s", f"{now.cpu:.1f} s", grown]
        if size <= self.disputes or times is None:
            return [*cells, "", peak, ""]
        judged, most = self.disputes >= MILLION, MOST_MEMORY_OF_TEN
        name = f"{size:,} disputes"
        return [
            *cells,
            self.page.target(
                f"{name}, growth", grown, f"{MOST_GROWTH}", times <= MOST_GROWTH, judged
            ),
            peak,
            self.page.target(f"{name}, memory", peak, _gigabytes(most), now.peak <= most, judged),
        ]


def _gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1000:g} GB"


def _counted(took: Spent) -> list[str]:
    """Return the cells of what a replay counted."""
    told = took.told
    seconds, points, rules = (told[f"look_{name}"] for name in ("seconds", "points", "rules"))
    return [
        f"{told['points']:,}",
        f"{told['kinds']:,}",
        f"{told['by_reference']:,}",
        f"{seconds / points * 1e6:.1f} µs" if points else "",
        f"{seconds / rules * 1e9:,.0f} ns" if rules else "",
    ]
