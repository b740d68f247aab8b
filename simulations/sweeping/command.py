"""What `reso sweep` and `reso replay --sweep` do: open, run, show, write."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reso.cases import Pack
from reso.cli.inputs import read_instant, read_pack
from reso.cli.paper import Paper
from reso.engine.ruling_json import Json
from reso.engine.words import short_hash
from reso.errors import InputError
from reso.facts.table import FactTable
from reso.model.money import Language
from reso.model.time import format_instant
from simulations.faults import told_plainly
from simulations.folders import refuse_taken
from simulations.prepared.preparing import Prepared
from simulations.reading import check_truth
from simulations.replaying.opened import PreparedHistory, content_of, open_prepared
from simulations.replaying.replayed import refuse_currencies
from simulations.sources import Source
from simulations.sweeping.axes import OPTION, points, read_axes
from simulations.sweeping.figures import TradeOff
from simulations.sweeping.outcomes import RecordedOutcomes
from simulations.sweeping.page import Made, page_of
from simulations.sweeping.plain import sweep_json, write_sweep
from simulations.sweeping.running import Plan, Sweep, sweep
from simulations.sweeping.showing import print_sweep
from simulations.sweeping.speaking import Voice

HTML = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class SweepAsked:
    """A sweep as typed.

    Attributes:
        sweeps: after `--sweep`, one for each parameter. settings: after `--set`, by name.
        at: the last instant; None: until nothing is left to happen, so that a long wait is not
            taken for an open dispute.
        trade_off: two measures, as typed; None: errors against automation.
        truth: a file that tells what was really due.
        language: of the page.
    """

    source: Source
    folder: Path
    sweeps: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    trade_off: str | None = None
    truth: Path | None = None
    out: Path | None = None
    report: Path | None = None
    as_json: bool = False
    language: Language = "en"


def run_sweep(asked: SweepAsked) -> None:
    """Run a sweep, print it, and write what is to be written.

    Raises:
        InputError, CaseError, PolicyError: something typed, the history or the policy cannot be
            used. OSError: a file cannot be written.
    """
    _check_targets(asked)
    pack = read_pack(asked.folder, asked.settings)
    axes = read_axes(asked.sweeps, pack.policy)
    for axis in axes:
        if axis.parameter in asked.settings:
            what = f"`{axis.parameter}` is set and swept"
            raise InputError(OPTION, what, "Leave its --set out.")
    until = None if asked.at is None else read_instant(asked.at)
    TradeOff.read(asked.trade_off, has_truth=False)
    with _bar("prepare", 100) as shown:
        opened = _opened(asked.source, pack.table, shown)
    refuse_currencies(opened, [pack], until)
    prepared = opened.prepared
    with TemporaryDirectory(prefix="reso-") as folder, _bar("sweep", len(points(axes))) as shown:
        recorded = RecordedOutcomes(asked.source, pack.table, Path(folder), asked.truth)
        plan = Plan(prepared, asked.folder, axes, asked.settings, until, recorded.fill)
        swept = sweep(plan, shown)
    has_truth = any(step.wrongful is not None for step in swept.steps)
    trade_off = TradeOff.read(asked.trade_off, has_truth)
    _show(asked, pack, prepared, swept, trade_off, until)


def refuse_beside(options: Mapping[str, object]) -> None:
    """Refuse options of a replay that a sweep has no use for.

    Args:
        options: each with what was given; nothing: None, False or an empty list.

    Raises:
        InputError: one was given.
    """
    for name, given in options.items():
        if given:
            raise InputError(
                name, f"goes without {OPTION}", "Replay with one value, or leave it out."
            )


def _check_targets(asked: SweepAsked) -> None:
    if asked.out is not None:
        refuse_taken(asked.out)
    if asked.truth is not None:
        check_truth(asked.truth)
    if asked.report is not None and asked.report.suffix.lower() not in HTML:
        raise InputError("--report", f"`{asked.report}` is no page", "Name a file.html.")
    if asked.report is not None and not asked.report.parent.is_dir():
        raise InputError("--report", f"there is no folder `{asked.report.parent}`", "Make it.")


def _show(
    asked: SweepAsked,
    pack: Pack,
    prepared: Prepared,
    swept: Sweep,
    trade_off: TradeOff,
    until: datetime | None,
) -> None:
    page = ""
    if asked.out is not None or asked.report is not None:
        page = _page(asked, pack, prepared, swept, trade_off, until)
    lines = list(_ran(asked, pack, prepared, swept, until))
    told = sweep_json(swept, trade_off, _told(asked, pack, prepared, until))
    if asked.out is not None:
        write_sweep(asked.out, swept, trade_off, told, page)
    if asked.report is not None:
        _write_page(asked.report, page)
    if asked.as_json:
        Paper().json(told)
    else:
        print_sweep(Paper(), swept, trade_off, lines)


def _page(
    asked: SweepAsked,
    pack: Pack,
    prepared: Prepared,
    swept: Sweep,
    trade_off: TradeOff,
    until: datetime | None,
) -> str:
    made = Made(
        shlex.join(["reso", *sys.argv[1:]]),
        asked.source.where,
        content_of(asked.source),
        prepared.manifest,
        pack.policy,
        asked.settings,
        until,
    )
    return page_of(swept, trade_off, made, Voice(asked.language))


def _write_page(file: Path, page: str) -> None:
    """Write a page whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    try:
        with told_plainly(file):
            part.write_text(page, encoding="utf-8")
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _ran(
    asked: SweepAsked, pack: Pack, prepared: Prepared, swept: Sweep, until: datetime | None
) -> Iterator[str]:
    policy, manifest = pack.policy, prepared.manifest
    yield f"{manifest.disputes:,} disputes, {manifest.events:,} events of {asked.source.where}"
    yield f"policy {policy.name} {policy.version} ({short_hash(policy.content_hash)})"
    yield from (f"with {name} = {value}" for name, value in asked.settings.items())
    if until is None:
        yield "from the complaint on, until nothing was left to happen"
    else:
        last = format_instant(until, policy.calendar.zone, "en")
        yield f"from the complaint on, until {last}"
    if manifest.rejects:
        yield f"{manifest.rejects:,} rows cannot be used; `reso replay` tells why"
    slow = max(step.by_reference for step in swept.steps)
    if slow:
        yield f"up to {slow:,} disputes at a value were led by the reference replay"


def _told(
    asked: SweepAsked, pack: Pack, prepared: Prepared, until: datetime | None
) -> dict[str, Json]:
    policy, manifest = pack.policy, prepared.manifest
    return {
        "policy": policy.name,
        "version": policy.version,
        "content_hash": policy.content_hash,
        "settings": dict(asked.settings),
        "until": None if until is None else until.astimezone(policy.calendar.zone).isoformat(),
        "history": {
            "name": asked.source.where,
            "content_hash": manifest.content,
            "disputes": manifest.disputes,
            "events": manifest.events,
            "rejects": manifest.rejects,
        },
    }


def _opened(source: Source, table: FactTable, shown: Callable[[int, str], None]) -> PreparedHistory:
    """Return a history, of whatever kind, prepared."""

    def progress(what: str, share: float) -> None:
        shown(round(100 * share), what)

    return open_prepared(source, table, progress=progress)


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a bar with the time left on a terminal's stderr; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as shown:
        task = shown.add_task("", total=total)
        yield lambda done, what: shown.update(task, completed=done, description=what)
