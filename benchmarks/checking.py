"""`reso check` of the largest pack, as its author runs it: after an edit, again, and from nothing.

Each run is a process of its own, on a copy of the packs. Python's own cache of compiled modules is
filled beforehand, as any run before has done. CPU seconds are those of all processes of a run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measure import Report

PACK = "rules/marketplace"
WANTED_SECONDS = 1.0
COMMAND = (sys.executable, "-c", "from reso.cli import main; main()", "check", PACK)
VALUE = ("parameters.yaml", r"\b\d+ hours", "{} hours")
RULE = ("goods.yaml", r"when: \[(buyer\.account_age_days >= \d+, )?", "when: [{}, ")
"""A file, what is looked for in it, and what takes the place of the first such text."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run: of the processors, and on the clock of the wall."""

    cpu: float
    wall: float


class Checks:
    """Runs checks of a copy of the packs of `root`, which stands in `folder` with all caches."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self._numbers = count(100)
        shutil.copytree(root / "rules", folder / "rules")

    def first(self) -> Run:
        """Run the command with nothing kept from a check before."""
        with TemporaryDirectory(dir=self.folder) as empty:
            return self._command(Path(empty))

    def again(self) -> Run:
        """Run the command where an earlier one, perhaps this, kept what it found."""
        return self._command(self.folder / "cache")

    def after_a_value(self) -> Run:
        """Run the command after a value was changed, to one it never had before."""
        self._edit(*VALUE, str(next(self._numbers)))
        return self.again()

    def after_a_rule(self) -> Run:
        """Run the command after a rule was given a condition it never had before."""
        self._edit(*RULE, f"buyer.account_age_days >= {next(self._numbers)}")
        return self.again()

    def _edit(self, name: str, pattern: str, put: str, what: str) -> None:
        file = self.folder / PACK / name
        text, found = re.subn(pattern, put.format(what), file.read_text(encoding="utf-8"), count=1)
        if not found:
            raise LookupError(f"{file} has no {pattern}")
        file.write_text(text, encoding="utf-8")

    def _command(self, cache: Path) -> Run:
        cpu, wall = _children(), perf_counter()
        self._run(cache)
        return Run(_children() - cpu, perf_counter() - wall)

    def _run(self, cache: Path) -> None:
        of_python = {
            "PYTHONPATH": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.folder / "pyc"),
        }
        env = {**os.environ, **of_python, "XDG_CACHE_HOME": str(cache)}
        done = subprocess.run(
            COMMAND, cwd=self.folder, env=env, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(
                f"the check ended with {done.returncode}: {done.stdout}{done.stderr}"
            )


def _children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(report: Report, root: Path, rounds: int) -> None:
    """Measure the command after edits, again, and from nothing; they take turns."""
    report.title(f"reso check {PACK}, the largest pack: CPU seconds, and on the wall's clock")
    with TemporaryDirectory() as folder:
        checks = Checks(root, Path(folder))
        checks.again()
        kinds: dict[str, Callable[[], Run]] = {
            "one value changed": checks.after_a_value,
            "one rule changed": checks.after_a_rule,
            "again, nothing changed": checks.again,
            "first, nothing kept": checks.first,
        }
        taken = {name: [run()] for name, run in kinds.items()}
        for _ in range(rounds - 1):
            for name, run in kinds.items():
                taken[name].append(run())
    for name, runs in taken.items():
        _tell(report, name, runs)


def _tell(report: Report, name: str, runs: list[Run]) -> None:
    cpu, wall = median(one.cpu for one in runs), median(one.wall for one in runs)
    wanted, met = f"{WANTED_SECONDS:g} s", cpu <= WANTED_SECONDS
    quickest = min(one.wall for one in runs)
    report.target(name, f"{cpu:.2f} s", wanted, met, f"(wall {wall:.2f} s, best {quickest:.2f} s)")
