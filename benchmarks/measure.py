"""How things are measured and told: CPU time, rounds that take turns, medians, and targets."""

import gc
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time

Work = Callable[[], object]


def cpu_seconds(work: Work) -> float:
    """Return the CPU time of one call in seconds, all threads of this process together."""
    began = process_time()
    work()
    return process_time() - began


@dataclass(frozen=True, slots=True)
class Times:
    """The CPU times of one work in seconds, a round each."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is told and judged."""
        return median(self.rounds)

    @property
    def best(self) -> float:
        """The round that was disturbed least."""
        return min(self.rounds)


def in_turns(works: Mapping[str, Work], rounds: int) -> dict[str, Times]:
    """Time works in rounds that take turns, A B A B, after one round to warm up.

    Python's collector stays on, but leaves alone what was made before.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.freeze()
    for number in range(rounds + 1):
        for name, work in works.items():
            seconds = cpu_seconds(work)
            if number:
                times[name].append(seconds)
    gc.unfreeze()
    return {name: Times(tuple(found)) for name, found in times.items()}


def timed(work: Work, rounds: int) -> Times:
    """Time one work on its own."""
    return in_turns({"": work}, rounds)[""]


def micro(seconds: float) -> str:
    """Return seconds as microseconds."""
    return f"{seconds * 1e6:.2f} µs"


def machine(*packages: str) -> str:
    """Return what the figures are measured on, and when: the day, cores, model, versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    today = datetime.now(UTC).date().isoformat()
    versions = [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in packages)]
    return f"{today}, {os.cpu_count()} cores, {model}, {', '.join(versions)}"


@dataclass
class Report:
    """Prints what was measured, and keeps which targets were missed."""

    judged: bool = True
    missed: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Begin a section."""
        print(f"\n{text}", flush=True)

    def line(self, name: str, figure: str, remark: str = "") -> None:
        """Print a measured figure."""
        print(f"  {name:<52}{figure:>16}  {remark}".rstrip(), flush=True)

    def note(self, text: str) -> None:
        """Print a remark."""
        print(f"  {text}", flush=True)

    def target(self, name: str, figure: str, wanted: str, met: bool, remark: str = "") -> None:
        """Print a figure that has a target."""
        told = f"target {wanted}: {'met' if met else 'MISSED'}"
        self.line(name, figure, f"{told} {remark}".rstrip())
        if not met:
            self.missed.append(f"{name}: {figure.strip()}, target {wanted}")
