"""Two policies over the Olist disputes with a report, as one command from a warm cache."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.replay.histories import ran
from benchmarks.replay.page import Page
from benchmarks.replay.work import ROOT

WANTED_SECONDS = 5


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
    """Run the command, once to fill the cache, then `runs` times."""
    page.title(f"Two policies over {asked.name}, with a report")
    history = ROOT / asked.name
    if not history.is_dir():
        page.note(f"Left out: {asked.name} is not here.")
        return
    with TemporaryDirectory(prefix="reso-bench-") as folder:
        report, cache = Path(folder, "report.html"), Path(folder, "cache")
        words = [*asked.words(str(history), str(report)), "--cache", str(cache)]
        first = ran(*words)
        again = [ran(*words) for _ in range(runs)]
    clock, cpu = median(one.wall for one in again), median(one.cpu for one in again)
    shown, typed = f"{clock:.1f} s", " ".join(asked.words(asked.name, "FILE"))
    page.table("what", "by the clock", "CPU", "target")
    page.row(f"`reso {typed}`, first", f"{first.wall:.1f} s", f"{first.cpu:.1f} s", "")
    met = page.target(asked.name, shown, f"{WANTED_SECONDS} s", clock <= WANTED_SECONDS)
    page.row("the same again, from a warm cache", shown, f"{cpu:.1f} s", met)
