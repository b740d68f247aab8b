"""Two policies over the Olist disputes with a report, as one command from a warm cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.replay.histories import Ran, ran
from benchmarks.replay.page import Page
from benchmarks.replay.work import ROOT

WANTED_SECONDS = 5
RUNS = "run-*"
"""The folders of a cache in which runs are kept."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A history, its folder named from that of the project, and two packs that are compared."""

    name: str
    policy: str
    against: str

    def words(self, history: str, report: str) -> list[str]:
        """Return what is typed after `reso`."""
        policies = ("--policy", self.policy, "--against", self.against)
        return ["replay", history, *policies, "--report", report]


OLIST = Comparison("../shared/olist", "rules/marketplace", "rules/lost_parcel_only")
FIXTURE = Comparison("fixtures/history", "rules/marketplace", "rules/shopee_id")
"""What a quick run takes in its place."""


def measure(page: Page, asked: Comparison, runs: int) -> None:
    """Run the command with nothing kept, with the facts prepared, and with all kept."""
    page.title(f"Two policies over {asked.name}, with a report")
    history = ROOT / asked.name
    if not history.is_dir():
        page.note(f"Left out: {asked.name} is not here.")
        return
    page.note(
        "A cache keeps prepared facts, and what became of every dispute under a policy: from a "
        "warm one nothing is led again. Medians where a row is of several runs."
    )
    with TemporaryDirectory(prefix="reso-bench-") as folder:
        report, cache = Path(folder, "report.html"), Path(folder, "cache")
        words = [*asked.words(str(history), str(report)), "--cache", str(cache)]
        first = ran(*words)
        led = [_led_anew(words, cache) for _ in range(runs)]
        warm = [ran(*words) for _ in range(runs)]
    seconds = median(one.wall for one in warm)
    shown, typed = f"{seconds:.1f} s", " ".join(asked.words(asked.name, "FILE"))
    met = page.target(asked.name, shown, f"{WANTED_SECONDS} s", seconds <= WANTED_SECONDS)
    page.table("what", "by the clock", "CPU", "target")
    page.row(f"`reso {typed}`, first", *_times([first]), "")
    page.row("the same, facts prepared, both policies led anew", *_times(led), "")
    page.row("the same, from a warm cache", *_times(warm), met)


def _led_anew(words: Sequence[str], cache: Path) -> Ran:
    """Run the command where prepared facts are kept, and no run."""
    for kept in cache.glob(RUNS):
        rmtree(kept)
    return ran(*words)


def _times(runs: Sequence[Ran]) -> tuple[str, str]:
    """Return the cells of the medians: by the clock, and of CPU."""
    clock, cpu = median(one.wall for one in runs), median(one.cpu for one in runs)
    return f"{clock:.1f} s", f"{cpu:.1f} s"
