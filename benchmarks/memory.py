"""Memory that stays: how much many decisions, or many policy reloads, leave behind.

Run on its own, in a process of its own, it prints the growth in MB:

    python -m benchmarks.memory decisions 100000
    python -m benchmarks.memory reloads 1000
"""

import argparse
import gc
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from benchmarks.disputes import BY_PACK, DOCKETS
from benchmarks.measure import Report
from reso.engine.decide import load_engine

ROOT = Path(__file__).resolve().parents[1]
STATUS = Path("/proc/self/status")
DECISIONS, RELOADS = 100_000, 1_000
MOST_GROWTH = 20
"""In MB, for that many decisions, and for that many reloads."""
WARM_UP = 10
"""A tenth of the work, done once more before the first reading, fills what is kept."""
SEED = 7


def measure(report: Report, decisions: int, reloads: int) -> None:
    """Measure both at the same time, each in a process of its own."""
    report.title("Memory that stays, after a warm-up by a tenth of the work")
    if not STATUS.exists():
        report.note("not measured: it is read from /proc/self/status, which Linux has")
        return
    started = [
        (work, number, start(work, number))
        for work, number in (("decisions", decisions), ("reloads", reloads))
    ]
    for work, number, process in started:
        grown = finish(process)
        name = f"growth by {number:,} {work}"
        report.target(name, f"{grown:.1f} MB", f"at most {MOST_GROWTH} MB", grown <= MOST_GROWTH)


def start(work: str, number: int) -> subprocess.Popen[str]:
    """Start a measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", work, str(number)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> float:
    """Return the growth in MB that a measurement found."""
    printed, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return float(printed)


# -- in the process that is measured ----------------------------------------------------------


def _grown(work: Iterator[None], number: int) -> float:
    """Return by how many MB resident memory grew while `number` pieces of work were done."""
    _done(work, max(1, number // WARM_UP))
    before = _resident()
    _done(work, number)
    return _resident() - before


def _done(work: Iterator[None], number: int) -> None:
    for _ in islice(work, number):
        pass


def _resident() -> float:
    gc.collect()
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _decisions() -> Iterator[None]:
    """Decide a new case each time, of the chapters by turns."""
    engines = {docket.pack: load_engine(docket.folder(ROOT)) for docket in BY_PACK}
    drawn = [(engines[docket.pack], docket.cases(engines[docket.pack], SEED)) for docket in DOCKETS]
    for engine, cases in cycle(drawn):
        engine.decide(next(cases))
        yield


def _reloads() -> Iterator[None]:
    """Load a pack anew each time, the packs by turns, and decide one case by it."""
    drawn = [
        (docket.folder(ROOT), docket.cases(load_engine(docket.folder(ROOT)), SEED))
        for docket in BY_PACK
    ]
    for folder, cases in cycle(drawn):
        load_engine(folder).decide(next(cases))
        yield


def main() -> None:
    """Measure one of the two and print the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["decisions", "reloads"])
    parser.add_argument("number", type=int)
    asked = parser.parse_args()
    work = _decisions() if asked.work == "decisions" else _reloads()
    print(f"{_grown(work, asked.number):.2f}")


if __name__ == "__main__":
    main()
