"""Two engines on a decision: what durable-rules costs beside the compiled evaluator."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import monotonic, perf_counter, process_time

from benchmarks.disputes import BY_PACK, DOCKETS
from benchmarks.measure import Report
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.durable.evaluator import Durable
from reso.engine.durable.guard import Guarded
from reso.engine.durable.pool import Pool, installed
from reso.engine.durable.watch import Watch
from reso.facts.reader import read_case_file
from reso.model.case import Case
from reso.policy.loader import load_policy

SEED = 20260311
WANTED_PER_SECOND = 1_500
NAMES = ("compiled", "durable-rules", "both")
Decision = tuple[str, Case]
Decide = Mapping[str, Callable[[Case], object]]


def measure(report: Report, root: Path, generated: int, rounds: int) -> None:
    """Measure decisions by each engine and by both, with nothing open and with a question open."""
    report.title("Decisions with reasons by two engines, CPU time of all processes")
    if not installed() or not Path("/proc/self/stat").exists():
        report.note("not measured: durable-rules does not run here, or there is no /proc")
        return
    pool = Pool(seconds=60)
    watch = Watch(1, 3_600, monotonic)
    engines: dict[str, dict[str, Engine]] = {name: {} for name in NAMES}
    for docket in BY_PACK:
        compiled = Compiled(load_policy(docket.folder(root)))
        both = Guarded(compiled, pool, watch, Path("disagreements"), docket.pack)
        made = (compiled, Durable(compiled, pool), both)
        for name, evaluator in zip(NAMES, made, strict=True):
            engines[name][docket.pack] = Engine.of(evaluator)
    random = Random(SEED)
    drawn: list[Decision] = []
    for docket in DOCKETS:
        table = engines["compiled"][docket.pack].evaluator.policy.table
        cases = (read_case_file(docket.draw(random), table).case_at() for _ in range(generated))
        drawn += [(docket.pack, case) for case in cases]
    waits = [_waits(engines["compiled"][pack], case) for pack, case in drawn]
    for what, open_, judged in (("nothing open", False, True), ("a question open", True, False)):
        chosen = [one for one, waiting in zip(drawn, waits, strict=True) if waiting is open_]
        _measured(report, what, engines, chosen, rounds, pool, judged=judged)
    report.note(f"{watch.counts['compared']:,} decisions compared, {watch.disagreements} differ")
    pool.close()


def _waits(engine: Engine, case: Case) -> bool:
    return any(reason.kind == "question" for reason in engine.decide(case).reasons)


def _measured(
    report: Report,
    what: str,
    engines: Mapping[str, Mapping[str, Engine]],
    decisions: Sequence[Decision],
    rounds: int,
    pool: Pool,
    *,
    judged: bool,
) -> None:
    cpu: dict[str, list[float]] = {name: [] for name in NAMES}
    took: dict[str, list[float]] = {name: [] for name in NAMES}
    for number in range(rounds + 1):
        for name in NAMES:
            began = _cpu_seconds(pool)
            times = [_seconds(engines[name][pack], case) for pack, case in decisions]
            if number:  # the first round warms up
                cpu[name].append((_cpu_seconds(pool) - began) / len(decisions))
                took[name] += times
    per = {name: median(found) for name, found in cpu.items()}
    for name in NAMES:
        cuts = quantiles(took[name], n=100)
        remark = f"p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms by the clock"
        label, figure = f"{len(decisions):,} cases, {what}: {name}", f"{1 / per[name]:,.0f}"
        if judged and name == "both":
            met = 1 / per[name] >= WANTED_PER_SECOND
            report.target(label, figure, f"{WANTED_PER_SECOND:,}", met, remark)
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
