"""The verbs this package adds to `reso`: `replay` and `inspect`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from reso.cases import Pack
from reso.cli.inputs import read_instant, read_pack
from reso.cli.paper import Paper
from reso.engine.ruling_json import Json
from reso.errors import InputError
from reso.facts.problems import did_you_mean
from reso.lifecycle import Life
from reso.model.money import Language
from reso.model.time import format_instant
from simulations.comparing.command import Against, Replayed, compare_with
from simulations.figures import Summary
from simulations.folders import refuse_taken
from simulations.history import History
from simulations.inspecting import Timeline
from simulations.life import Stretch, live
from simulations.measures.tables import ResultsTable
from simulations.plain import summary_json
from simulations.reading import check_rejects_path, write_rejects
from simulations.running import PolicyChoice, run, usable_processors
from simulations.showing import print_rejects, print_summary
from simulations.sources import Source, read_source
from simulations.sweeping.command import SweepAsked, refuse_beside, run_sweep
from simulations.writing import write_out

HASH_SHOWN = 12

PolicyOption = Annotated[
    Path, typer.Option("--policy", "-p", metavar="PACK", help="The folder of the policy pack.")
]
AtOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Stop here; default: at the history's last event."),
]
ToTheEndOption = Annotated[
    bool, typer.Option("--to-the-end", help="Go on until nothing is left to happen.")
]
FromTheOrderOption = Annotated[
    bool,
    typer.Option("--from-the-order", help="Let the policy act before anybody complained, too."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Another value for a parameter."),
]
QueryOption = Annotated[
    str | None,
    typer.Option("--query", metavar="SQL", help="What a database is asked; HISTORY is its URL."),
]
MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="Which column is what: see docs/histories.md."),
]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write rows that cannot be used there."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop where a row cannot be used, and name them all.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AgainstOption = Annotated[
    str | None,
    typer.Option(metavar="PACK", help="Compare with this pack, or with what was `recorded`."),
]
AgainstSetOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Compare with another value for a parameter; of --against's."
    ),
]
BriefOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The comparison on one page (.html or text; - prints it)."),
]
SpokenOption = Annotated[
    Literal["id", "en"], typer.Option(help="Language of the comparison and its page.")
]
SweepOption = Annotated[
    list[str] | None,
    typer.Option("--sweep", metavar="NAME=VALUES", help="Try many values: see `reso sweep`."),
]
SeedOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="Of the comparison's bootstrap intervals.")
]


def replay(
    history: Annotated[
        str,
        typer.Argument(
            metavar="HISTORY",
            help="A Parquet, CSV or JSONL file of events, a folder, or the URL of a database.",
            show_default=False,
        ),
    ],
    policy: PolicyOption,
    at: AtOption = None,
    to_the_end: ToTheEndOption = False,
    from_the_order: FromTheOrderOption = False,
    settings: SetOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write a row per dispute and per rule, and the figures there."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes; default: all processors.")
    ] = None,
    query: QueryOption = None,
    mapping: MappingOption = None,
    rejects: RejectsOption = None,
    strict: StrictOption = False,
    against: AgainstOption = None,
    against_set: AgainstSetOption = None,
    brief: BriefOption = None,
    lang: SpokenOption = "en",
    seed: SeedOption = 0,
    sweeps: SweepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Live through recorded disputes under a policy, and say how they would have ended.

    \b
    Examples:
      reso replay fixtures/history -p rules/marketplace
      reso replay history.parquet -p rules/marketplace --at 2026-04-01T00:00+07:00
      reso replay fixtures/history -p rules/marketplace --out result --jobs 2
      reso replay fixtures/history -p rules/lost_parcel_only \\
        --set days_after_estimate="21 calendar days"
      reso replay fixtures/history -p rules/marketplace \\
        --against-set lost_after="2 calendar days" --brief brief.html
    """
    if sweeps:
        refuse_beside(
            {
                "--from-the-order": from_the_order,
                "--rejects": rejects,
                "--against": against,
                "--against-set": against_set,
                "--brief": brief,
            }
        )
        source = Source(history, query, mapping, strict)
        given_settings = read_settings(settings or [])
        run_sweep(SweepAsked(source, policy, sweeps, given_settings, at, out=out, as_json=as_json))
        return
    if out is not None:
        refuse_taken(out)
    if rejects is not None:
        check_rejects_path(rejects, history)
    other = Against(against, read_settings(against_set or []), brief, lang, seed)
    is_compared = other.is_asked
    given = PolicyChoice(policy, read_settings(settings or []))
    pack = read_pack(given.folder, given.settings)
    read = read_source(Source(history, query, mapping, strict), pack.table)
    if rejects is not None:
        write_rejects(rejects, read.rejects)
    stretch = Stretch(_until(read, at, to_the_end), from_the_order)
    jobs = jobs or usable_processors()
    with _progress(len(read.disputes)) as bar:
        results = run(read, given, stretch, jobs, bar)
    table = ResultsTable.of(results)
    summary = Summary.read(table)
    told = summary_json(summary, read, _told(pack, given, stretch))
    replayed = Replayed(history, read, pack, given, stretch, results)
    compared = compare_with(replayed, other, jobs, _progress) if is_compared else None
    if compared is not None and (as_json or out is not None):
        told["comparison"] = compared.json()
    if out is not None:
        write_out(out, table, pack.policy.calendar.zone, told, compared.write if compared else None)
    if as_json:
        Paper().json(told)
    elif compared is not None:
        compared.show(Paper())
    else:
        print_summary(Paper(), summary, read, _ran(read, pack, given, stretch))
        print_rejects(Paper(), read, rejects)
    if compared is not None:
        compared.write_brief(Paper())


def inspect(
    dispute: Annotated[str, typer.Argument(metavar="DISPUTE", help="Its id.", show_default=False)],
    history: Annotated[
        str, typer.Option("--history", "-h", metavar="HISTORY", help="Where it is recorded.")
    ],
    policy: PolicyOption,
    at: AtOption = None,
    to_the_end: ToTheEndOption = False,
    from_the_order: FromTheOrderOption = False,
    settings: SetOption = None,
    lang: Annotated[
        Literal["id", "en", "both"], typer.Option(help="Indonesian, English, or both.")
    ] = "both",
    query: QueryOption = None,
    mapping: MappingOption = None,
    strict: StrictOption = False,
) -> None:
    """Show the life of one dispute: what became known, what was done and said, and why.

    \b
    Examples:
      reso inspect D-014 --history fixtures/history -p rules/marketplace
      reso inspect D-014 --history fixtures/history -p rules/marketplace --lang id
    """
    pack = read_pack(policy, read_settings(settings or []))
    read = read_source(Source(history, query, mapping, strict), pack.table)
    events = read.disputes.get(dispute)
    if events is None:
        hint = did_you_mean(dispute, read.disputes) or f"It holds {len(read.disputes):,} disputes."
        raise InputError(read.name, f"there is no dispute `{dispute}` in it", hint)
    stretch = Stretch(_until(read, at, to_the_end), from_the_order)
    lived = live(Life(pack.engine), events, stretch)
    languages: tuple[Language, ...] = ("id", "en") if lang == "both" else (lang,)
    Timeline(pack, lived).print(Paper(), languages)


def read_settings(given: list[str]) -> dict[str, str]:
    """Return the parameters typed after `--set`, by name.

    Raises:
        InputError: one that is no `name=value`, or a name that stands twice.
    """
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            hint = 'Write --set name="14 calendar days".'
            raise InputError("--set", f"`{text}` is no name and value", hint)
        if name.strip() in settings:
            raise InputError("--set", f"`{name.strip()}` is set twice", "Set it once.")
        settings[name.strip()] = value.strip()
    return settings


def _until(history: History, at: str | None, to_the_end: bool) -> datetime | None:
    """Return the last instant to live through; None: until nothing is left to happen."""
    if not to_the_end:
        return history.last_recorded_at if at is None else read_instant(at)
    if at is not None:
        raise InputError("--at", "stands beside --to-the-end", "Give one of them.")
    return None


def _told(pack: Pack, given: PolicyChoice, stretch: Stretch) -> dict[str, Json]:
    zone = pack.policy.calendar.zone
    return {
        "policy": pack.policy.name,
        "version": pack.policy.version,
        "content_hash": pack.policy.content_hash,
        "settings": dict(given.settings),
        "until": None if stretch.until is None else stretch.until.astimezone(zone).isoformat(),
        "from_the_order": stretch.from_the_order,
    }


def _ran(history: History, pack: Pack, given: PolicyChoice, stretch: Stretch) -> list[str]:
    policy = pack.policy
    lines = [
        f"{_count(len(history.disputes), 'dispute')}, {_count(history.event_count, 'event')} "
        f"of {history.name}",
        f"policy {policy.name} {policy.version} ({policy.content_hash[:HASH_SHOWN]})",
    ]
    lines += [f"with {name} = {value}" for name, value in given.settings.items()]
    start = "from the order on" if stretch.from_the_order else "from the complaint on"
    if stretch.until is None:
        return [*lines, f"{start}, until nothing was left to happen"]
    return [*lines, f"{start}, until {format_instant(stretch.until, policy.calendar.zone, 'en')}"]


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


class _Speed(ProgressColumn):
    """Disputes per second so far."""

    def render(self, task: Task) -> Text:
        """Return the rate, once there is one."""
        return Text(f"{task.speed:,.0f} disputes/s" if task.speed else "")


@contextmanager
def _progress(total: int) -> Iterator["_Advance"]:
    """Show a bar on a terminal's stderr, with the rate and the time left; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn("replay"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as shown:
        yield _Advance(shown, total)


class _Advance:
    """Moves the bar on."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.task = progress.add_task("replay", total=total)

    def __call__(self, count: int) -> None:
        """Count some disputes as done."""
        self.progress.advance(self.task, count)
