"""From a parsed case to a ruling with its reasons, and what a policy costs before that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.disputes import BY_PACK, DOCKETS, Docket, Drawn
from benchmarks.measure import Report, in_turns, timed
from reso.cases.scenario import load_scenarios
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine, load_engine
from reso.facts.reader import read_case_file
from reso.model.case import Case
from reso.model.ruling import Ruling
from reso.policy.loader import load_policy
from reso.policy.model import Policy

SEED = 20260311
WANTED_PER_SECOND = 10_000
CALLS = 2_000
"""At least so many rulings to a round, so that a round is long beside the clock's grain."""
PUBLISHED = Path("..", "shared", "cases", "published_cases.yaml")
"""Stands beside the clone where the project is made; elsewhere the project's own cases serve."""


@dataclass(frozen=True)
class Dispute:
    """A case file, the case read from it, and the engine that rules on it."""

    engine: Engine
    given: Drawn
    case: Case
    settled: bool

    @classmethod
    def of(cls, engine: Engine, given: Drawn) -> "Dispute":
        """Read a case file; it is settled when its ruling waits for no answer."""
        case = _read(engine, given)
        reasons = engine.decide(case).reasons
        return cls(engine, given, case, all(reason.kind != "question" for reason in reasons))

    def decide(self) -> Ruling:
        """Rule on the parsed case."""
        return self.engine.decide(self.case)

    def read_and_decide(self) -> Ruling:
        """Read the case file and rule on it."""
        return self.engine.decide(_read(self.engine, self.given))


def measure(report: Report, root: Path, generated: int, rounds: int) -> None:
    """Measure rulings on written and generated cases, then loading and compiling."""
    engines = {docket.pack: load_engine(docket.folder(root)) for docket in BY_PACK}
    source, written = _written(root, engines)
    drawn = [one for docket in DOCKETS for one in _drawn(docket, engines[docket.pack], generated)]
    report.title("Rulings with reasons, per CPU second")
    for name, disputes in ((source, written), ("generated", drawn)):
        _rulings(report, name, disputes, rounds, judged=disputes is written)
    report.title("A policy, CPU time")
    for docket in BY_PACK:
        _policy(report, docket.pack, docket.folder(root), rounds)


# -- disputes ---------------------------------------------------------------------------------


def _written(root: Path, engines: Mapping[str, Engine]) -> tuple[str, list[Dispute]]:
    """Return the published cases if they are there, else those that come with the project."""
    published = root / PUBLISHED
    own = [*root.glob("rules/*/cases/*.yaml"), *root.glob("fixtures/cases/*.yaml")]
    files = [published] if published.is_file() else sorted(own)
    cases = [case for file in files for case in load_scenarios(file, file.parent.parent.name)]
    ours = [case for case in cases if case.platform in engines]
    name = "published" if published.is_file() else "the project's own"
    return name, [Dispute.of(engines[case.platform], case.given) for case in ours]


def _drawn(docket: Docket, engine: Engine, number: int) -> list[Dispute]:
    random = Random(SEED)
    return [Dispute.of(engine, docket.draw(random)) for _ in range(number)]


def _read(engine: Engine, given: Drawn) -> Case:
    return read_case_file(given, engine.evaluator.policy.table).case_at()


# -- measuring --------------------------------------------------------------------------------


def _rulings(
    report: Report, source: str, disputes: Sequence[Dispute], rounds: int, *, judged: bool
) -> None:
    settled = [dispute for dispute in disputes if dispute.settled]
    waiting = [dispute for dispute in disputes if not dispute.settled]
    name = f"{len(settled):,} settled cases, {source}"
    median, best = _per_second([dispute.decide for dispute in settled], rounds)
    if judged:
        wanted, met = f"{WANTED_PER_SECOND:,}", median >= WANTED_PER_SECOND
        report.target(name, f"{median:,.0f}", wanted, met, f"(best round {best:,.0f})")
    else:
        report.line(name, f"{median:,.0f}", f"(best round {best:,.0f})")
    median, _ = _per_second([dispute.read_and_decide for dispute in settled], rounds)
    report.line("  the case file read as well", f"{median:,.0f}")
    median, _ = _per_second([dispute.decide for dispute in waiting], rounds)
    report.line(f"{len(waiting):,} open cases, {source}, waits looked ahead", f"{median:,.0f}")


def _per_second(calls: Sequence[Callable[[], object]], rounds: int) -> tuple[float, float]:
    """Return how many of these calls a CPU second holds, each called equally often: the median
    of the rounds, and the best one.
    """
    repeated = [*calls] * -(-CALLS // len(calls))

    def all_of_them() -> None:
        for call in repeated:
            call()

    times = timed(all_of_them, rounds)
    return len(repeated) / times.median, len(repeated) / times.best


def _policy(report: Report, pack: str, folder: Path, rounds: int) -> None:
    policy = load_policy(folder)
    works = {
        "read and checked": lambda: load_policy(folder),
        "compiled, every chapter": lambda: _compiled(policy),
    }
    for name, times in in_turns(works, rounds).items():
        report.line(f"{pack}, {name}", f"{times.median * 1e3:.1f} ms")


def _compiled(policy: Policy) -> Engine:
    compiled = Compiled(policy)
    for chapter in policy.chapters:
        compiled.program(chapter.name)
    return Engine.of(compiled)
