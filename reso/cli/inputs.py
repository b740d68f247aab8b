"""What is typed after a verb: cases, instants and folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import typer

from reso.cases import Pack, load_pack
from reso.cli.shell import end_unloadable
from reso.engine.decide import Beside, alone
from reso.errors import InputError, ResoError
from reso.facts.problems import CaseError, did_you_mean
from reso.facts.reader import load_case_path, load_case_text, read_case_file
from reso.facts.text import MAX_BYTES, decode_text
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


@dataclass(frozen=True, slots=True)
class Given:
    """What a case file says, before a pack reads it; messages call it `name`."""

    facts: Mapping[str, object]
    name: str
    id: str
    at: datetime | None

    def put_to(self, pack: Pack, said: set[str]) -> Asked:
        """Return the case as a pack reads it; notices that are not in `said` are printed.

        Raises:
            InputError, CaseError: facts or an instant that cannot be used.
        """
        history = read_case_file(self.facts, pack.table, self.id or "case", file=self.name)
        instant = self.at or history.now
        if instant is None:
            what = "the case has no `now`, so it is not clear when the ruling is asked"
            raise InputError(self.name, what, f"Write `now:` in it, or add {EXAMPLE_AT}.")
        for notice in history.notices:
            if str(notice) not in said:
                said.add(str(notice))
                typer.echo(f"note: {notice}", err=True)
        return Asked(pack, history.case_at(instant), self.name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of several packs says of a case: a ruling, or (`refused`) why there is none."""

    pack: Pack
    ruling: Ruling | None
    refused: str = ""


def read_asked(
    case: str, policy: Path, at: str | None, id_: str | None, second: Beside = alone
) -> Asked:
    """Return the case named on the command line, and the pack to rule on it.

    `second` puts a second engine beside the compiled evaluator.

    Raises:
        InputError, CaseError: a case, an id or an instant that cannot be used.
        typer.Exit: the policy cannot be loaded; the reason has been printed.
    """
    given = read_given(case, at, id_)
    return given.put_to(read_pack(policy, second=second), set())


def read_given(case: str, at: str | None, id_: str | None) -> Given:
    """Return the case named on the command line.

    Raises:
        InputError, CaseError: a file, an id or an instant that cannot be used.
    """
    instant = None if at is None else read_instant(at)
    data, name = _read(case)
    facts, name = _given(data, name, id_)
    return Given(facts, name, id_ or "", instant)


def answers_of(given: Given, packs: Sequence[Pack]) -> list[Answer]:
    """Return what each pack says of a case, in their order."""
    said: set[str] = set()
    return [_answer(given, pack, said) for pack in packs]


def _answer(given: Given, pack: Pack, said: set[str]) -> Answer:
    try:
        asked = given.put_to(pack, said)
    except CaseError as error:
        return Answer(pack, None, f"the case does not fit its facts: {error.problems[0]}")
    try:
        return Answer(pack, pack.engine.decide(asked.case))
    except InputError as error:
        return Answer(pack, None, error.what)


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
    raw, name = typer.get_binary_stream("stdin").read(MAX_BYTES + 1), "standard input"
    return load_case_text(decode_text(raw, name), name), name


def _given(data: dict[str, object], name: str, id_: str | None) -> tuple[Mapping[str, object], str]:
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
