"""Made histories of several sizes, each made and prepared once, and what was spent on them."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from benchmarks.replay.work import ROOT, Spent, WorkError, spent

SEED = 7
RESO = (sys.executable, "-c", "from reso.cli.main import main; main()")


@dataclass(frozen=True, slots=True)
class Ran:
    """Seconds of a command: by the clock, and of CPU with its own processes."""

    wall: float
    cpu: float


def ran(*words: str) -> Ran:
    """Run `reso` with these words.

    Raises:
        WorkError: it failed.
    """
    wall, cpu = perf_counter(), _children()
    done = subprocess.run([*RESO, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise WorkError(f"reso {' '.join(words)}: ended with {done.returncode}")
    return Ran(perf_counter() - wall, _children() - cpu)


def _children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass
class Histories:
    """Histories in a folder, by how many disputes they have; what is there already is used.

    Attributes:
        caches: a folder of this run alone for prepared facts, so that preparing is cold.
    """

    folder: Path
    caches: Path
    _spent: dict[Sequence[str], Spent] = field(default_factory=dict)

    def made(self, disputes: int) -> Ran | None:
        """Make a history; return what it took, None where it was made before."""
        where = self.of(disputes)
        if where.exists():
            return None
        return ran("generate", str(where), "--disputes", str(disputes), "--seed", str(SEED))

    def of(self, disputes: int) -> Path:
        """Return where a history stands."""
        return self.folder / f"made-{disputes}-{SEED}"

    def prepared(self, disputes: int) -> Spent:
        """Prepare a history anew; return what that took. A second time nothing is done."""
        return self._once(disputes, "prepare")

    def policy(self, disputes: int, policy: str) -> Spent:
        """Replay a prepared history under a policy."""
        self.prepared(disputes)
        return self._once(disputes, "policy", "--policy", policy)

    def step(self, disputes: int, policy: str, values: str) -> Spent:
        """Run one step of a sweep over a prepared history."""
        self.prepared(disputes)
        return self._once(disputes, "sweep", "--policy", policy, "--values", values)

    def _once(self, disputes: int, work: str, *more: str) -> Spent:
        key = (str(disputes), work, *more)
        if key not in self._spent:
            self.made(disputes)
            places = (str(self.of(disputes)), str(self.caches / str(disputes)))
            self._spent[key] = spent(work, *places, *more)
        return self._spent[key]
