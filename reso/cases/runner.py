"""Runs scenario cases through the packs they are for, and keeps what came out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from reso.cases.scenario import Expectation, ScenarioCase, load_scenarios
from reso.cases.scoring import Check, Score, score
from reso.engine.decide import Beside, Engine, alone, load_engine
from reso.engine.explain import Explainer, render_text
from reso.errors import InputError, ResoError
from reso.facts.reader import read_case_file
from reso.facts.table import FactTable, installed_table
from reso.model.case import Case
from reso.model.money import Language
from reso.model.proposal import Proposal
from reso.model.ruling import Ruling
from reso.policy.files import own_case_files
from reso.policy.loader import NO_SETTINGS, Settings
from reso.policy.model import Policy
from reso.settlement.proposals import Settler

HEADER_BYTES = 8_192
"""Within how many bytes of its file a pack's header begins; comments may come first."""

LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True)
class Pack:
    """A policy pack, ready to rule; `table` is that of the packs installed beside it, too."""

    folder: Path
    engine: Engine
    table: FactTable

    @property
    def policy(self) -> Policy:
        """The policy the pack's files say."""
        return self.engine.evaluator.policy

    @cached_property
    def explainer(self) -> Explainer:
        """What explains its rulings."""
        return Explainer(self.policy)

    @cached_property
    def settler(self) -> Settler:
        """What makes proposals of its rulings."""
        return Settler(self.engine)


Telling = Callable[[Pack, Case, Proposal], str]
"""Returns the texts that both parties get of a proposal."""


def load_pack(folder: Path, settings: Settings = NO_SETTINGS, second: Beside = alone) -> Pack:
    """Load the pack in a folder; `settings` are other values for its parameters.

    `second` puts a second engine beside the compiled evaluator.

    Its cases may hold the facts of all packs beside it; of a pack that stands alone, its own.

    Raises:
        PolicyError: the pack has problems. InputError: there is no pack.
        FactTableError: the facts of the packs beside it cannot be used.
    """
    engine = load_engine(folder, settings, second)
    beside = folder.resolve().parent
    others = any(_is_policy(file, folder) for file in beside.glob("*/*.yaml"))
    table = installed_table(beside) if others else engine.evaluator.policy.table
    return Pack(folder, engine, table)


def _is_policy(file: Path, folder: Path) -> bool:
    """Whether a file begins the policy of another pack than the one in `folder`."""
    if file.parent.resolve() == folder.resolve() or not file.is_file():
        return False
    with file.open("rb") as opened:
        beginning = opened.read(HEADER_BYTES)
    return any(line.startswith(b"policy:") for line in beginning.splitlines())


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case.

    Attributes:
        problem: why the case could not be run; "" when it was. Nothing else is there then.
        why: the ruling's reasons, in English.
    """

    case: ScenarioCase
    ruling: Ruling | None = None
    score: Score = field(default_factory=lambda: Score(()))
    headline: str = ""
    why: tuple[str, ...] = ()
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether the case was run and everything was as expected (`also` apart)."""
        return not self.problem and not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.score.checks if not check.ok)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all cases; `skipped` counts those of platforms that no pack is for."""

    results: tuple[CaseResult, ...]
    skipped: Mapping[str, int]

    @property
    def passed(self) -> int:
        """Cases that came out as expected."""
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> int:
        """Cases that came out otherwise."""
        return sum(not result.passed and not result.problem for result in self.results)

    @property
    def unrunnable(self) -> int:
        """Cases that could not be run."""
        return sum(bool(result.problem) for result in self.results)

    def tally(self) -> dict[str, tuple[int, int]]:
        """Return for each kind of check how many were as expected, of how many."""
        return _tally(check for result in self.results for check in result.score.checks)

    def tally_also(self) -> tuple[int, int]:
        """Return how many secondary assertions were as expected, of how many."""
        checks = [check for result in self.results for check in result.score.also]
        return sum(check.ok for check in checks), len(checks)

    def to_read(self) -> int:
        """Return how many outcomes a reader has to judge."""
        return sum(len(result.score.to_read) for result in self.results)


def explained(pack: Pack, _: Case, proposal: Proposal) -> str:
    """Return the explanation of a ruling in both languages: what is told where no messages are."""
    told = (pack.explainer.explain(proposal.ruling, language) for language in LANGUAGES)
    return "\n".join(render_text(explanation) for explanation in told)


def run_cases(packs: Sequence[Pack], files: Iterable[Path], telling: Telling = explained) -> Report:
    """Run the cases of scenario files that are for one of the packs.

    A pack's own cases need not name their platform. `telling` gives the messages that
    `message_contains_any` looks at.

    Raises:
        InputError, CaseError: a file that is no scenario file.
    """
    by_name = {pack.policy.name: pack for pack in packs}
    own = {file.resolve(): p.policy.name for p in packs for file in own_case_files(p.folder)}
    results: list[CaseResult] = []
    skipped: Counter[str] = Counter()
    for file in files:
        for case in load_scenarios(file, own.get(file.resolve(), "")):
            if case.platform in by_name:
                results.append(run_case(by_name[case.platform], case, telling))
            else:
                skipped[case.platform] += 1
    return Report(tuple(results), dict(sorted(skipped.items())))


def run_case(pack: Pack, case: ScenarioCase, telling: Telling = explained) -> CaseResult:
    """Run one case; one that cannot be run says why."""
    if case.expect is None:
        return CaseResult(case, problem="\n".join(str(problem) for problem in case.problems))
    try:
        return _run(pack, case, case.expect, telling)
    except ResoError as error:
        return CaseResult(case, problem=f"{case.place}: {case.id}: {error}")


def _run(pack: Pack, case: ScenarioCase, expect: Expectation, telling: Telling) -> CaseResult:
    history = read_case_file(case.given, pack.table, case.id, file="given")
    if history.now is None:
        raise InputError("given", "it has no `now`", "Say when the ruling is asked.")
    known = history.case_at()
    proposal = pack.settler.propose(known)
    english = pack.explainer.explain(proposal.ruling, "en")
    return CaseResult(
        case,
        proposal.ruling,
        score(expect, proposal, lambda: telling(pack, known, proposal)),
        english.headline,
        tuple(reason.text for reason in english.reasons),
    )


def _tally(checks: Iterable[Check]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for check in checks:
        name = check.name.partition("[")[0]
        right, total = found.get(name, (0, 0))
        found[name] = (right + check.ok, total + 1)
    return found
