"""Two engines on a decision: what durable-rules costs beside the compiled evaluator."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import monotonic, perf_counter, process_time

from benchmarks.disputes import DOCKETS, Docket
from benchmarks.measure import Report
from reso.cases import load_pack, load_scenarios, own_case_files
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.durable.evaluator import Durable
from reso.engine.durable.guard import Guarded
from reso.engine.durable.pool import Pool, installed
from reso.engine.durable.watch import Watch
from reso.engine.judgement import Evaluator
from reso.facts.reader import read_case_file
from reso.facts.table import FactTable
from reso.model.case import Case

SEED = 20260311
WANTED_PER_SECOND = 1_500
NAMES = ("compiled", "durable-rules", "both")
HOUSE = "marketplace"
Engines = Mapping[str, Engine]


@dataclass(frozen=True)
class Decision:
    """A case to decide, the engines that do, and whether a question is open."""

    engines: Engines
    case: Case
    waits: bool

    @classmethod
    def of(cls, engines: Engines, case: Case) -> "Decision":
        """Return the case as one to decide."""
        reasons = engines["compiled"].decide(case).reasons
        return cls(engines, case, any(reason.kind == "question" for reason in reasons))


def measure(report: Report, root: Path, generated: int, rounds: int) -> None:
    """Measure decisions by each engine and by both, with nothing open and with a question open."""
    report.title("Decisions with reasons by two engines, CPU time of all processes")
    if not installed() or not Path("/proc/self/stat").exists():
        report.note("not measured: durable-rules does not run here, or there is no /proc")
        return
    pool = Pool(seconds=60)
    watch = Watch(1, 3_600, monotonic)
    drawn = [_drawn(docket, root, generated, pool, watch) for docket in DOCKETS]
    house = _house(root / "rules" / HOUSE, pool, watch)
    for what, open_ in (("nothing open", False), ("a question open", True)):
        chosen = [one for decisions in drawn for one in decisions if one.waits is open_]
        target = None if open_ else WANTED_PER_SECOND
        _measured(report, what, chosen, rounds, pool, target)
        chosen = [one for one in house if one.waits is open_]
        _measured(report, f"{HOUSE}, {what}", chosen, rounds, pool, None)
    report.note(f"{watch.counts['compared']:,} decisions compared, {watch.disagreements} differ")
    pool.close()


def _drawn(docket: Docket, root: Path, generated: int, pool: Pool, watch: Watch) -> list[Decision]:
    """Return generated cases of a chapter."""
    random = Random(SEED)
    engines, table = _engines(docket.folder(root), pool, watch)
    cases = (read_case_file(docket.draw(random), table).case_at() for _ in range(generated))
    return [Decision.of(engines, case) for case in cases]


def _house(folder: Path, pool: Pool, watch: Watch) -> list[Decision]:
    """Return the scenario cases of the largest policy."""
    engines, table = _engines(folder, pool, watch)
    listed = (case for file in own_case_files(folder) for case in load_scenarios(file, HOUSE))
    cases = (read_case_file(case.given, table, case.id).case_at() for case in listed)
    return [Decision.of(engines, case) for case in cases]


def _engines(folder: Path, pool: Pool, watch: Watch) -> tuple[Engines, FactTable]:
    """Return a pack's engines by name, and the table its cases are read by."""
    pack = load_pack(folder)
    compiled = Compiled(pack.policy)
    both = Guarded(compiled, pool, watch, Path("disagreements"), str(folder))
    made: tuple[Evaluator, ...] = (compiled, Durable(compiled, pool), both)
    engines = {name: Engine.of(one) for name, one in zip(NAMES, made, strict=True)}
    return engines, pack.table


def _measured(
    report: Report,
    what: str,
    decisions: Sequence[Decision],
    rounds: int,
    pool: Pool,
    target: int | None,
) -> None:
    cpu: dict[str, list[float]] = {name: [] for name in NAMES}
    took: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(rounds + 1):
        for name in NAMES:
            began = _cpu_seconds(pool)
            times = [_seconds(one.engines[name], one.case) for one in decisions]
            if number:  # the first round warms up
                cpu[name].append((_cpu_seconds(pool) - began) / len(decisions))
                took[name] += times
    per = {name: median(found) for name, found in cpu.items()}
    for name in NAMES:
        cuts = quantiles(took[name], n=100)
        remark = f"p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms by the clock"
        label, figure = f"{len(decisions):,} cases, {what}: {name}", f"{1 / per[name]:,.0f}"
        if target is not None and name == "both":
            report.target(label, figure, f"{target:,}", 1 / per[name] >= target, remark)
        else:
            report.line(label, figure, remark)
    more = per["both"] - per["compiled"]
    report.line(
        "  both, over compiled alone",
        f"{more * 1e6:.0f} µs",
        f"{per['both'] / per['compiled']:.1f} times",
    )


def _seconds(engine: Engine, case: Case) -> float:
    began = perf_counter()
    engine.decide(case)
    return perf_counter() - began


def _cpu_seconds(pool: Pool) -> float:
    """Return the CPU time used so far: of this process and of those that run durable-rules."""
    ticks = sum(sum(map(int, _stat(process)[11:13])) for process in pool.processes)
    return process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
