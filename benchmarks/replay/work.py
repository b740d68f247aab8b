"""One piece of a replay's work in a process of its own, which prints what it took as JSON:

    python -m benchmarks.replay.work prepare HISTORY CACHE
    python -m benchmarks.replay.work policy HISTORY CACHE --policy rules/marketplace
    python -m benchmarks.replay.work sweep HISTORY CACHE --policy PACK --values NAME=VALUE

Times are those of the work, without the start of Python; the peak is that of the whole process.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from time import perf_counter, process_time, thread_time
from unittest.mock import patch

import duckdb

from reso.cli.inputs import read_pack
from reso.policy.model import Policy
from simulations.fast.chapters import Chapters
from simulations.fast.replaying import replay
from simulations.fast.tables import Tables
from simulations.prepared.preparing import Prepared, prepare
from simulations.replaying.engines import run_tables
from simulations.sources import Source
from simulations.sweeping.axes import read_axes
from simulations.sweeping.running import Plan, sweep

ROOT = Path(__file__).resolve().parents[2]
STATUS = Path("/proc/self/status")
LOOK = "EXECUTE look"
"""How the query begins that works everything out of the disputes of a chapter."""
Told = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work took: seconds by the clock and of CPU, the peak of memory in MB.

    Attributes:
        told: further figures, by name.
    """

    wall: float
    cpu: float
    peak: float
    told: Told = field(default_factory=dict)


class WorkError(Exception):
    """A piece of work failed; what it printed stands above."""


def spent(*asked: str) -> Spent:
    """Do a piece of work in a process of its own.

    Raises:
        WorkError: it failed.
    """
    command = [sys.executable, "-m", "benchmarks.replay.work", *asked]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise WorkError(f"{' '.join(asked)}: ended with {done.returncode}")
    return Spent(**json.loads(done.stdout.splitlines()[-1]))


# -- in the process that is measured ----------------------------------------------------------


def _measured(work: Callable[[], Told]) -> Spent:
    wall, cpu = perf_counter(), process_time()
    told = work()
    return Spent(perf_counter() - wall, process_time() - cpu, _peak(), told)


def _peak() -> float:
    """Return the highest resident memory of this process so far, in MB."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


@dataclass
class _Looks:
    """What the looks of a replay took: each is one query over many decision points.

    Attributes:
        seconds: of CPU. points: decision points looked at; rules: those of the chapter each is
            in, all together.
    """

    policy: Policy
    seconds: float = 0
    points: int = 0
    rules: int = 0
    _chapters: dict[int, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the looks; each runs in the thread that asks for it."""
        run, number = Tables.run, Chapters.number

        def running(tables: Tables, query: str) -> duckdb.DuckDBPyConnection:
            began = thread_time()
            answer = run(tables, query)
            if query.startswith(LOOK):
                self._count(int(query.removeprefix(LOOK)), thread_time() - began, answer)
            return answer

        def numbering(chapters: Chapters, chapter: str) -> int:
            found = number(chapters, chapter)
            self._chapters[found] = chapter
            return found

        with patch.object(Tables, "run", running), patch.object(Chapters, "number", numbering):
            yield

    def _count(self, number: int, seconds: float, answer: duckdb.DuckDBPyConnection) -> None:
        inserted = answer.fetchone()
        assert inserted is not None
        chapter, points = self._chapters[number], int(inserted[0])
        rules = sum(rule.chapter in ("", chapter) for rule in self.policy.rules)
        with self._lock:
            self.seconds += seconds
            self.points += points
            self.rules += points * rules


def _prepared(asked: argparse.Namespace) -> Prepared:
    table = read_pack(ROOT / asked.policy, {}).table
    return prepare(Source(str(asked.history)), table, cache=asked.cache)


def _prepare(asked: argparse.Namespace) -> Spent:
    def work() -> Told:
        manifest = _prepared(asked).manifest
        return {"disputes": manifest.disputes, "events": manifest.events}

    return _measured(work)


def _policy(asked: argparse.Namespace) -> Spent:
    prepared = _prepared(asked)

    def work() -> Told:
        policy = read_pack(ROOT / asked.policy, {}).policy
        looks = _Looks(policy)
        with run_tables() as connection, looks.watched():
            until = prepared.manifest.last_recorded_at
            done = replay(prepared, policy, until, connection=connection)
            query = f"SELECT count(*), sum(moments) FROM {done.table.names.results}"
            counted = connection.execute(query).fetchone()
        assert counted is not None
        return {
            "disputes": counted[0],
            "points": int(counted[1] or 0),
            "kinds": done.kinds,
            "by_reference": sum(done.by_reference.values()),
            "rules": len(policy.rules),
            "look_seconds": looks.seconds,
            "look_points": looks.points,
            "look_rules": looks.rules,
        }

    return _measured(work)


def _sweep(asked: argparse.Namespace) -> Spent:
    prepared = _prepared(asked)
    folder = ROOT / asked.policy

    def work() -> Told:
        axes = read_axes([asked.values], read_pack(folder, {}).policy)
        steps = sweep(Plan(prepared, folder, axes, {}, None)).steps
        return {"steps": len(steps)}

    return _measured(work)


WORKS = {"prepare": _prepare, "policy": _policy, "sweep": _sweep}


def main() -> None:
    """Do one piece of work and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=sorted(WORKS))
    parser.add_argument("history", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--policy", default="rules/marketplace")
    parser.add_argument("--values", default="")
    asked = parser.parse_args()
    print(json.dumps(asdict(WORKS[asked.work](asked))))


if __name__ == "__main__":
    main()
