"""What is typed after a verb: cases, instants and folders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import typer

from reso.cases import Pack, load_pack
from reso.cli.shell import end_unloadable
from reso.engine.decide import Beside, alone
from reso.errors import InputError, ResoError
from reso.facts.problems import did_you_mean
from reso.facts.reader import load_case_path, load_case_text, read_case_file
from reso.model.case import Case
from reso.model.proposal import Proposal
from reso.model.ruling import Ruling
from reso.model.time import parse_instant
from reso.policy.loader import NO_SETTINGS, Settings

STDIN = "-"
EXAMPLE_AT = "--at 2026-04-16T10:00+07:00"
MANY = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A case to rule on, as known at the instant asked for; messages call it `name`."""

    pack: Pack
    case: Case
    name: str

    def ruling(self, at: datetime | None = None) -> Ruling:
        """Return the ruling, at `at` if nothing new is recorded until then.

        Raises:
            InputError: the case is in a currency the policy does not rule on.
        """
        try:
            return self.pack.engine.decide(self.case, at)
        except InputError as error:
            raise InputError(f"{self.name}: {error.where}", error.what, error.todo) from error

    def proposal(self) -> Proposal:
        """Return the ruling made concrete.

        Raises:
            InputError: the case is in a currency the policy does not rule on.
        """
        try:
            return self.pack.settler.propose(self.case)
        except InputError as error:
            raise InputError(f"{self.name}: {error.where}", error.what, error.todo) from error


def read_zone(name: str) -> ZoneInfo:
    """Return the time zone typed after `--zone`.

    Raises:
        InputError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        near = did_you_mean(name, available_timezones())
        what = f"no time zone `{name}`"
        raise InputError("--zone", what, near or "Write one such as Asia/Jakarta.") from error


def read_asked(
    case: str, policy: Path, at: str | None, id_: str | None, second: Beside = alone
) -> Asked:
    """Return the case named on the command line, and the pack to rule on it.

    `second` puts a second engine beside the compiled evaluator.

    Raises:
        InputError, CaseError: a case, an id or an instant that cannot be used.
        typer.Exit: the policy cannot be loaded; the reason has been printed.
    """
    instant = None if at is None else read_instant(at)
    data, name = _read(case)
    given, name = _given(data, name, id_, policy)
    pack = read_pack(policy, second=second)
    history = read_case_file(given, pack.table, id_ or "case", file=name)
    instant = instant or history.now
    if instant is None:
        what = "the case has no `now`, so it is not clear when the ruling is asked"
        raise InputError(name, what, f"Write `now:` in it, or add {EXAMPLE_AT}.")
    for notice in history.notices:
        typer.echo(f"note: {notice}", err=True)
    return Asked(pack, history.case_at(instant), name)


def read_pack(folder: Path, settings: Settings = NO_SETTINGS, second: Beside = alone) -> Pack:
    """Return the pack in a folder; `settings` are other values for its parameters.

    `second` puts a second engine beside the compiled evaluator.

    Raises:
        typer.Exit: it cannot be loaded; the reason has been printed.
    """
    try:
        return load_pack(folder, settings, second)
    except (ResoError, OSError) as error:
        end_unloadable(folder, error)


def read_instant(text: str) -> datetime:
    """Return the instant typed after `--at`.

    Raises:
        InputError: it is none, or has no UTC offset.
    """
    try:
        return parse_instant(text)
    except ValueError as error:
        what, _, todo = str(error).rpartition(". ")
        raise InputError("--at", what, f"{todo}.") from error


def _read(case: str) -> tuple[dict[str, object], str]:
    if case != STDIN:
        return load_case_path(Path(case)), case
    raw, name = typer.get_binary_stream("stdin").read(), "standard input"
    try:
        return load_case_text(raw.decode(), name), name
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte {raw[error.start]:#04x} is not UTF-8"
        raise InputError(f"{name}:{line}", what, "Send it as UTF-8.") from error


def _given(
    data: dict[str, object], name: str, id_: str | None, policy: Path
) -> tuple[Mapping[str, object], str]:
    """Return the case in a file, and what messages call it: the file, or one case of it."""
    listed = data.get("cases")
    if not isinstance(listed, list):
        if id_ is not None:
            raise InputError(name, "this is one case, not a list of `cases`", "Leave out --id.")
        return data, name
    cases = {str(raw.get("id")): raw for raw in listed if isinstance(raw, dict)}
    chosen = cases.get(id_ or (next(iter(cases), "") if len(cases) == 1 else ""))
    if chosen is None:
        raise InputError(name, *_which(id_, list(cases)))
    given = chosen.get("given")
    if not isinstance(given, dict):
        raise InputError(f"{name}: {chosen.get('id')}", "the case has no `given`", "Write it.")
    return given, f"{name}: {chosen.get('id')}"


def _which(id_: str | None, known: list[str]) -> tuple[str, str]:
    if not known:
        return "there is no case in its list of `cases`", "Write one."
    shown = ", ".join(known[:MANY]) + (f" and {len(known) - MANY} more" if known[MANY:] else "")
    if id_ is None:
        return f"holds {len(known)} cases", f"Choose one with --id: {shown}."
    return f"there is no case `{id_}` in it", did_you_mean(id_, known) or f"Known: {shown}."


def packs_among(paths: list[Path]) -> list[Path]:
    """Return the paths that are packs; of several, files and folders of shared parts drop out.

    So `reso check rules/*` checks every pack beside `rules/README.md` and `rules/shared`.
    """
    if len(paths) == 1:
        return paths
    return [path for path in paths if not path.is_file() and not _is_shared(path)]


def _is_shared(folder: Path) -> bool:
    """Whether a folder holds policy files, but none with a header."""
    files = list(folder.glob("*.yaml"))
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return bool(files) and not any("\npolicy:" in f"\n{text}" for text in texts)
