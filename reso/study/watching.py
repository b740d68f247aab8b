"""Re-checks and re-tests a pack when one of its files is saved; reads again only what changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reso.cases import (
    CaseResult,
    Pack,
    ScenarioCase,
    load_scenarios,
    own_case_files,
    score,
)
from reso.cases.runner import explained, run_case
from reso.errors import InputError, ResoError
from reso.facts.reader import read_case_file
from reso.facts.table import FactTable
from reso.model.case import Case
from reso.model.money import Language
from reso.policy.problems import Problem
from reso.study.reading import FileCache, PackFiles, policy_files, read_files, ready, stamp

EVERY_SECONDS = 0.2
LANGUAGES: tuple[Language, ...] = ("id", "en")

Stamps = Mapping[Path, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a pack found: problems, or else the cases that failed.

    Attributes:
        trouble: why it could not be looked at at all; "" when it could.
        parsed: how many policy files were read for it.
    """

    problems: tuple[Problem, ...] = ()
    failed: tuple[CaseResult, ...] = ()
    passed: int = 0
    rules: int = 0
    trouble: str = ""
    parsed: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.problems or self.failed or self.trouble)


@dataclass(slots=True)
class _Tested:
    """What came of the cases of one file, and the pack and the file it came of."""

    stamp: tuple[int, int]
    pack: Pack
    cases: tuple[ScenarioCase, ...]
    results: tuple[CaseResult | None, ...]


@dataclass(slots=True)
class Watch:
    """Looks at the pack in a folder, as often as asked; what did not change is not done again."""

    folder: Path
    cache: FileCache = field(default_factory=FileCache)
    _files: tuple[Stamps, PackFiles] | None = None
    _pack: Pack | None = None
    _tested: dict[Path, _Tested] = field(default_factory=dict)
    _read: dict[int, tuple[ScenarioCase, FactTable, Case]] = field(default_factory=dict)

    def stamps(self) -> Stamps:
        """Return the times and sizes of every file that bears on the pack."""
        return {**self._policy_stamps(), **{p: stamp(p) for p in own_case_files(self.folder)}}

    def _policy_stamps(self) -> Stamps:
        used = () if self._files is None else self._files[1].paths
        return {path: stamp(path) for path in (*policy_files(self.folder), *used)}

    def look(self) -> Seen:
        """Check the pack, and run its cases if it is sound."""
        before = self.cache.parsed
        try:
            files = self._policy_files()
            if files.policy is None:
                parsed = self.cache.parsed - before
                return Seen(problems=_first_first(files.problems), parsed=parsed)
            return self._run_all(self._ready(files), before)
        except (ResoError, OSError) as error:
            return Seen(trouble=str(error))

    def _policy_files(self) -> PackFiles:
        if self._files is None or self._files[0] != self._policy_stamps():
            files = read_files(self.folder, self.cache.read)
            self._files = ({}, files)
            self._files = (self._policy_stamps(), files)
        return self._files[1]

    def _ready(self, files: PackFiles) -> Pack:
        table = self.cache.table(files)
        known = self._pack
        if known is None or known.policy is not files.policy or known.table is not table:
            self._pack = known = ready(files, table)
        return known

    def _run_all(self, pack: Pack, before: int) -> Seen:
        results: list[CaseResult | None] = []
        tested: dict[Path, _Tested] = {}
        for file in own_case_files(self.folder):
            tested[file] = self._run_file(file, pack)
            results += tested[file].results
        self._tested = tested
        failed = tuple(result for result in results if result is not None)
        return Seen(
            failed=failed,
            passed=len(results) - len(failed),
            rules=len(pack.policy.rules),
            parsed=self.cache.parsed - before,
        )

    def _run_file(self, file: Path, pack: Pack) -> _Tested:
        now, known = stamp(file), self._tested.get(file)
        if known is not None and known.stamp == now and known.pack is pack:
            return known
        cases = known.cases if known is not None and known.stamp == now else None
        if cases is None:
            name = pack.policy.name
            cases = tuple(c for c in load_scenarios(file, name) if c.platform == name)
        return _Tested(now, pack, cases, tuple(self._run(pack, case) for case in cases))

    def _run(self, pack: Pack, case: ScenarioCase) -> CaseResult | None:
        """Return what came of a case, in words, where it is not as expected."""
        if case.expect is None:
            return run_case(pack, case)
        try:
            known = self._case(pack, case)
            proposal = pack.settler.propose(known)
        except ResoError:
            return run_case(pack, case)
        scored = score(case.expect, proposal, lambda: explained(pack, known, proposal))
        return None if all(check.ok for check in scored.checks) else run_case(pack, case)

    def _case(self, pack: Pack, case: ScenarioCase) -> Case:
        known = self._read.get(id(case))
        if known is None or known[0] is not case or known[1] is not pack.table:
            history = read_case_file(case.given, pack.table, case.id, file="given")
            if history.now is None:
                raise InputError("given", "it has no `now`", "Say when the ruling is asked.")
            known = self._read[id(case)] = (case, pack.table, history.case_at())
        return known[2]


def _first_first(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return problems with those that hide others first: files that cannot be read as YAML."""
    return tuple(sorted(problems, key=lambda p: (p.code not in ("yaml", "encoding"), p)))


def changes(
    watch: Watch, wait: Callable[[float], None], every: float = EVERY_SECONDS
) -> Iterator[Seen]:
    """Yield what is found now, and again whenever a file was saved; `wait` lets time pass."""
    while True:
        before = watch.stamps()
        yield watch.look()
        before = {**watch.stamps(), **before}
        while watch.stamps() == before:
            wait(every)
