"""What is made of a replay: printed, written, reported."""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from reso.cli.paper import Paper
from reso.engine.ruling_json import Json
from reso.engine.words import short_hash
from reso.model.money import Language
from reso.model.time import format_instant
from simulations.comparing.command import Compared
from simulations.faults import told_plainly
from simulations.plain import (
    led_json,
    measures_json,
    outcomes_json,
    summary_json,
    supposed_json,
    truth_json,
)
from simulations.progress import shown_count
from simulations.replaying.analysis import MEASURES
from simulations.replaying.replayed import Replayed
from simulations.replaying.supposing import Supposed
from simulations.report import (
    PARTS,
    ComparedWith,
    ReportInput,
    Run,
    write_report,
)
from simulations.showing import Shown, print_aside, print_replay
from simulations.showing_supposed import print_supposed
from simulations.writing import FILES, write_out


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be made of a replay that was run, as typed."""

    out: Path | None
    rejects: Path | None
    full: bool
    csv: bool
    as_json: bool
    report: Path | None
    language: Language
    seed: int


def tell(ran: Replayed, supposed: Supposed, compared: Compared | None, asked: Asked) -> None:
    """Write and print what was asked for."""
    paper = Paper()
    if asked.out is not None or asked.as_json or compared is None:
        with shown_count("measures", MEASURES) as bar:
            ran.measured(bar)
    if asked.out is not None or asked.as_json:
        told = _told_all(ran, supposed)
        if compared is not None:
            told["comparison"] = compared.json()
    if asked.out is not None:
        zone = ran.pack.policy.calendar.zone
        more = compared.write if compared else None
        with shown_count("write", FILES) as bar:
            write_out(asked.out, ran.table, zone, told, csv=asked.csv, more=more, progress=bar)
    if asked.report is not None:
        with told_plainly(asked.report), shown_count("report", PARTS) as bar:
            write_report(asked.report, _report(ran, supposed, compared, asked), bar)
    if asked.as_json:
        paper.json(told)
    elif compared is not None:
        compared.show(paper)
        if compared.shows:
            print_supposed(paper, supposed)
            print_aside(paper, _shown(ran, supposed, asked))
    else:
        print_replay(paper, _shown(ran, supposed, asked))
    if compared is not None:
        brief = compared.against.brief
        with told_plainly(Path(brief) if brief else None):
            compared.write_brief(paper)


def _shown(ran: Replayed, supposed: Supposed, asked: Asked) -> Shown:
    return Shown(ran, _ran(ran, supposed), supposed, asked.rejects, asked.full)


def _report(
    ran: Replayed, supposed: Supposed, compared: Compared | None, asked: Asked
) -> ReportInput:
    """Return what a report is made of."""
    account = ran.account
    run = Run(
        history=account.name,
        history_hash=ran.history_hash,
        disputes=account.disputes,
        events=account.events,
        until=ran.stretch.until,
        from_the_order=ran.stretch.from_the_order,
        settings=ran.choice.settings,
        seed=asked.seed,
        command=shlex.join(["reso", *sys.argv[1:]]),
        rejects=len(ran.rejects),
        by_reference=ran.led.by_reference,
        notes=account.notes,
        truth_hash=ran.truth.content_hash if ran.truth else "",
    )
    held = None
    if compared is not None:
        speech = replace(compared.speech(asked.language), is_printed=True)
        held = ComparedWith(speech, compared.explained(asked.language))
    policy, language = ran.pack.policy, asked.language
    return ReportInput(ran.table, policy, ran.known, run, language, supposed, held)


def _told_all(ran: Replayed, supposed: Supposed) -> dict[str, Json]:
    """Return everything `--json` prints of one replay."""
    told = summary_json(ran.analysis.summary, ran.account, _told(ran))
    told["outcomes"] = None if ran.outcomes is None else outcomes_json(ran.outcomes)
    told["truth"] = None if ran.truth is None else truth_json(ran.truth)
    told["measures"] = measures_json(ran.analysis)
    told["supposed"] = supposed_json(supposed)
    return told


def _told(ran: Replayed) -> dict[str, Json]:
    policy, until = ran.pack.policy, ran.stretch.until
    return {
        "policy": policy.name,
        "version": policy.version,
        "content_hash": policy.content_hash,
        "settings": dict(ran.choice.settings),
        "until": None if until is None else until.astimezone(policy.calendar.zone).isoformat(),
        "from_the_order": ran.stretch.from_the_order,
        "led": led_json(ran.led),
    }


def _ran(ran: Replayed, supposed: Supposed) -> list[str]:
    policy, stretch, account = ran.pack.policy, ran.stretch, ran.account
    lines = [
        f"{_count(account.disputes, 'dispute')}, {_count(account.events, 'event')} "
        f"of {account.name}",
        f"policy {policy.name} {policy.version} ({short_hash(policy.content_hash)})",
    ]
    lines += [f"with {name} = {value}" for name, value in ran.choice.settings.items()]
    start = "from the order on" if stretch.from_the_order else "from the complaint on"
    until = (
        "until nothing was left to happen"
        if stretch.until is None
        else f"until {format_instant(stretch.until, policy.calendar.zone, 'en')}"
    )
    record = () if supposed.choice.runs else supposed.choice.told()
    return [*lines, f"{start}, {until}", *record, *_led(ran)]


def _led(ran: Replayed) -> Iterator[str]:
    """Yield who led the disputes, where that is not the fast engine alone."""
    led = ran.led
    if led.why:
        yield f"led by the reference replay: {led.why}"
    if led.by_reference:
        whys = ", ".join(f"{why} {count:,}" for why, count in sorted(led.by_reference.items()))
        disputes = _count(sum(led.by_reference.values()), "dispute")
        yield f"{disputes} led by the reference replay: {whys}"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
