"""Which engines decide live cases: read from the environment, started, and run again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Literal, get_args

import typer

from reso.cli.inputs import read_pack
from reso.engine.compiled import Compiled
from reso.engine.decide import CANNOT_EVALUATE, Beside, alone
from reso.engine.durable.disagreements import Disagreement, Told, differences, silent, told
from reso.engine.durable.evaluator import Durable
from reso.engine.durable.guard import Guarded
from reso.engine.durable.pool import ChildError, Pool, installed
from reso.engine.durable.rulesets import RulesetError
from reso.engine.durable.watch import Watch
from reso.engine.judgement import Evaluator
from reso.errors import InputError
from reso.facts.reader import read_case_file
from reso.model.case import Case

Engines = Literal["both", "durable", "compiled"]
NOT_HERE = (
    "note: durable-rules does not run here; the compiled evaluator decides alone "
    "(RESO_ENGINE=compiled leaves out this line)"
)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How live cases are decided, each by a variable of the environment.

    Attributes:
        engines: RESO_ENGINE. processes: RESO_ENGINE_PROCESSES.
        seconds: RESO_ENGINE_SECONDS, the time limit of a decision by durable-rules.
        most, within: RESO_BREAKER_MOST and RESO_BREAKER_SECONDS, the disagreements that switch
            durable-rules off, and within how many seconds.
        folder: RESO_DISAGREEMENTS, where disagreement files go.
    """

    engines: Engines = "both"
    processes: int = 1
    seconds: float = 1.0
    most: int = 5
    within: float = 600.0
    folder: Path = Path("disagreements")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "EngineSettings":
        """Read the settings.

        Raises:
            InputError: one of them is not what it can be.
        """
        engines = environment.get("RESO_ENGINE") or "both"
        if engines not in get_args(Engines):
            what = f"`{engines}` is no choice of engines"
            raise InputError("RESO_ENGINE", what, "Use both, durable or compiled.")
        usual = cls()
        return cls(
            engines,  # type: ignore[arg-type]
            int(_number(environment, "RESO_ENGINE_PROCESSES", usual.processes, whole=True)),
            _number(environment, "RESO_ENGINE_SECONDS", usual.seconds),
            int(_number(environment, "RESO_BREAKER_MOST", usual.most, whole=True)),
            _number(environment, "RESO_BREAKER_SECONDS", usual.within),
            Path(environment.get("RESO_DISAGREEMENTS") or usual.folder),
        )

    def pool(self) -> Pool:
        """Start the processes."""
        return Pool(self.processes, self.seconds)

    def watch(self) -> Watch:
        """Return fresh counters and a closed breaker."""
        return Watch(self.most, self.within, monotonic)


def _number(
    environment: Mapping[str, str], name: str, default: float, *, whole: bool = False
) -> float:
    stated = environment.get(name)
    if not stated:
        return default
    try:
        found = int(stated) if whole else float(stated)
    except ValueError:
        found = 0
    if not 0 < found < 1_000_000:
        kind = "whole number" if whole else "number"
        raise InputError(name, f"`{stated}` is no {kind} above 0 and below a million")
    return found


def beside() -> Beside:
    """Return what puts the second engine beside the first, as the environment says.

    Its processes start now, so that they are up when the policy is loaded.

    Raises:
        InputError: a setting is not what it can be.
    """
    settings = EngineSettings.read(os.environ)
    if settings.engines == "compiled":
        return alone
    if not installed():
        typer.echo(NOT_HERE, err=True)
        return alone
    pool, watch, engines = settings.pool(), settings.watch(), settings.engines

    def guarded(compiled: Compiled, pack: Path) -> Guarded:
        folder = str(pack.resolve())  # a command has few cases: only their chapters are made
        return Guarded(compiled, pool, watch, settings.folder, folder, engines, whole=False)

    return guarded


def replayed(file: Path, policy: Path | None) -> tuple[list[str], bool]:
    """Judge the case of a disagreement file again; return what to say, and whether they differ.

    Args:
        policy: another pack than the one the file names.

    Raises:
        InputError: the file, or the case in it, cannot be used; or durable-rules is not here.
        typer.Exit: the policy cannot be loaded; the reason has been printed.
    """
    found = Disagreement.read(file)
    if not installed():
        raise InputError("durable-rules", "it does not run here", "Install reso-bot[durable].")
    pack = read_pack(policy or Path(found.pack))
    case = read_case_file(found.given, pack.policy.table, file=str(file)).case_at()
    compiled = Compiled(pack.policy)
    pool = EngineSettings.read(os.environ).pool()
    try:
        engines = (compiled, Durable(compiled, pool))
        results = [_told(engine, case, found.instant) for engine in engines]
    finally:
        pool.close()
    lines = [f"{file}: {found.trouble}, at {found.at}"]
    if pack.policy.content_hash != found.policy.get("content_hash"):
        lines.append("note: the policy has been changed since")
    lines += differences(*results)
    differ = results[0] != results[1]
    lines.append("the engines differ" if differ else "the engines agree")
    return lines, differ


def _told(engine: Evaluator, case: Case, at: datetime) -> Told:
    try:
        return told(engine.judge(case, at))
    except (ChildError, RulesetError, *CANNOT_EVALUATE) as error:
        return silent(error)
