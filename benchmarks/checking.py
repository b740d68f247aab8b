"""`reso check` of the largest pack: the whole command as its author runs it, and the check alone.

Each run is a process of its own. Python's own cache of compiled modules is filled beforehand, as
any run before has done; `again` has what an earlier check kept in the user's cache.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measure import Report

PACK = "rules/marketplace"
WANTED_SECONDS = 1.0
COMMAND = (sys.executable, "-c", "from reso.cli import main; main()", "check", PACK)
ALONE = (
    *(sys.executable, "-c"),
    "import gc, time; from pathlib import Path; from reso.cli.main import GARBAGE; "
    "from reso.study.checking import checked; gc.set_threshold(GARBAGE); "
    f"began = time.process_time(); checked(Path('{PACK}')); print(time.process_time() - began)",
)


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run: of the processor, and on the clock of the wall."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Checks:
    """Runs checks from `root`, with the caches of Python and of the user in `caches`."""

    root: Path
    caches: Path

    def first(self) -> Run:
        """Run the command with nothing kept from a check before."""
        with TemporaryDirectory(dir=self.caches) as empty:
            return self._command(Path(empty))

    def again(self) -> Run:
        """Run the command where an earlier one, perhaps this, kept what it found."""
        return self._command(self.caches)

    def alone(self) -> float:
        """Return the CPU seconds of the check without the start of Python and `reso`."""
        return float(self._run(ALONE, self.caches))

    def _command(self, cache: Path) -> Run:
        cpu, wall = _children(), perf_counter()
        self._run(COMMAND, cache)
        return Run(_children() - cpu, perf_counter() - wall)

    def _run(self, command: tuple[str, ...], cache: Path) -> str:
        written = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.caches / "pyc")}
        env = {**os.environ, **written, "XDG_CACHE_HOME": str(cache)}
        done = subprocess.run(
            command, cwd=self.root, env=env, check=True, capture_output=True, text=True
        )
        return done.stdout


def _children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(report: Report, root: Path, rounds: int) -> None:
    """Measure the command first and again, and the check alone."""
    report.title(f"reso check {PACK}, the largest pack: CPU seconds, and on the wall's clock")
    with TemporaryDirectory() as folder:
        checks = Checks(root, Path(folder))
        for run in (checks.again, checks.alone):
            run()
        _command(report, "the command, first", checks.first, rounds)
        _command(report, "the command, again", checks.again, rounds)
        seconds = median(checks.alone() for _ in range(rounds))
    wanted = f"{WANTED_SECONDS:g} s"
    report.target("the check alone, first", f"{seconds:.2f} s", wanted, seconds <= WANTED_SECONDS)


def _command(report: Report, name: str, run: Callable[[], Run], rounds: int) -> None:
    runs = [run() for _ in range(rounds)]
    cpu, wall = median(one.cpu for one in runs), median(one.wall for one in runs)
    wanted, met = f"{WANTED_SECONDS:g} s", cpu <= WANTED_SECONDS
    report.target(name, f"{cpu:.2f} s", wanted, met, f"(wall {wall:.2f} s)")
