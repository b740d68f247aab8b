"""The verbs this package adds to `reso`: `replay` and `inspect`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from reso.cli.inputs import read_instant, read_pack
from reso.cli.paper import Paper
from reso.errors import InputError
from reso.facts.problems import did_you_mean
from reso.lifecycle import Life
from reso.model.money import Language
from simulations.acceptance.choosing import Choice
from simulations.cluster.asking import check_cluster
from simulations.comparing.command import Against, Rival
from simulations.comparing.leading import compare_with
from simulations.faults import told_plainly
from simulations.folders import refuse_taken
from simulations.history import History
from simulations.inspecting import Aside, Timeline
from simulations.life import Stretch, live
from simulations.options import (
    AcceptanceOption,
    AgainstOption,
    AgainstSetOption,
    AtOption,
    BriefOption,
    CacheOption,
    CsvOption,
    EngineOption,
    FromTheOrderOption,
    FullOption,
    JsonOption,
    MappingOption,
    MasterOption,
    MirrorOption,
    NoCacheOption,
    PolicyOption,
    QueryOption,
    RejectsOption,
    ReportOption,
    SeedOption,
    SetOption,
    SpokenOption,
    StrictOption,
    SweepOption,
    ToTheEndOption,
    TruthOption,
    WidenOption,
    read_settings,
)
from simulations.progress import shown_count, shown_share, shown_wait
from simulations.reading import check_rejects_path, check_truth, write_rejects
from simulations.replaying.engines import Wanted, choose, run_tables
from simulations.replaying.opened import rows_in
from simulations.replaying.replayed import open_history, refuse_currencies, replay_history
from simulations.replaying.supposing import Supposing, raised_windows, read_wider, suppose
from simulations.report import (
    check_report,
)
from simulations.running import PolicyChoice
from simulations.sources import Source, read_source
from simulations.sweeping.command import SweepAsked, refuse_beside, run_sweep
from simulations.verbs_output import Asked, tell


@told_plainly()
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
        int | None,
        typer.Option(
            min=1, metavar="N", help="Processes of the reference replay; default: all processors."
        ),
    ] = None,
    query: QueryOption = None,
    mapping: MappingOption = None,
    truth: TruthOption = None,
    rejects: RejectsOption = None,
    strict: StrictOption = False,
    against: AgainstOption = None,
    against_set: AgainstSetOption = None,
    brief: BriefOption = None,
    lang: SpokenOption = "en",
    seed: SeedOption = 0,
    acceptance: AcceptanceOption = None,
    mirror: MirrorOption = None,
    widen: WidenOption = None,
    report: ReportOption = None,
    full: FullOption = False,
    csv: CsvOption = False,
    engine: EngineOption = None,
    master: MasterOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    sweeps: SweepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Live through recorded disputes under a policy, and say how they would have ended.

    \b
    Examples:
      reso replay fixtures/history -p rules/marketplace
      reso replay history.parquet -p rules/marketplace --at 2026-04-01T00:00+07:00
      reso replay fixtures/history -p rules/marketplace --out result --jobs 2
      reso replay fixtures/history -p rules/marketplace --set lost_after="10 calendar days"
      reso replay fixtures/history -p rules/marketplace \\
        --against-set lost_after="2 calendar days" --brief brief.html
      reso replay fixtures/history -p rules/marketplace --acceptance all --mirror 200 --widen 14
    """
    if sweeps:
        refuse_beside(
            {
                "--from-the-order": from_the_order,
                "--rejects": rejects,
                "--against": against,
                "--against-set": against_set,
                "--brief": brief,
                "--engine": engine,
                "--master": master,
                "--full": full,
                "--csv": csv,
                "--cache": cache,
                "--no-cache": no_cache,
                "--acceptance": acceptance,
                "--mirror": mirror,
                "--widen": widen,
            }
        )
        source, values = Source(history, query, mapping, strict), read_settings(settings or [])
        swept = SweepAsked(source, policy, sweeps, values, at, out=out, report=report)
        run_sweep(replace(swept, truth=truth, as_json=as_json, language=lang))
        return
    beside = {"--from-the-order": from_the_order, "--no-cache": no_cache}
    check_cluster(engine, master, beside)
    if out is not None:
        refuse_taken(out)
    if rejects is not None:
        check_rejects_path(rejects, history)
    if truth is not None:
        check_truth(truth)
    if report is not None:
        check_report(report)
    other = Against(against, read_settings(against_set or []), brief, lang, seed)
    is_compared = other.is_asked
    given = PolicyChoice(policy, read_settings(settings or []))
    answers = Choice.read(acceptance or [])
    pack = read_pack(given.folder, given.settings)
    rival = other.rival(given)
    wider = read_wider(widen or [], given, pack)
    raised = raised_windows(_sides(given, other, rival), wider)
    asked = Supposing(answers, seed, mirror or 0, wider, raised, is_compared)
    now = datetime.now(UTC)  # noqa: TID251 - the edge, where the clock is read
    source = Source(history, query, mapping, strict, rejects, now)
    with _cache(cache, no_cache) as cached, run_tables() as connection:
        stretch = Stretch(_until(None, at, to_the_end), from_the_order)
        leads, why = choose(engine, stretch, lambda: rows_in(source, pack.table))
        wanted = Wanted(leads, stretch, jobs, why, master or "")
        opened = open_history(source, pack, wanted, cached, shown_share)
        if at is None and not to_the_end:
            stretch = replace(stretch, until=opened.account.last_recorded_at)
        wanted = replace(wanted, stretch=stretch)
        packs = (pack,) if rival is None else (pack, rival.pack)
        refuse_currencies(opened, packs, stretch.until)
        ran = replay_history(source, opened, pack, given, wanted, connection, shown_count, truth)
        if rejects is not None:
            write_rejects(rejects, ran.rejects)
        supposed = suppose(ran, asked, shown_count)
        compared = None
        if is_compared:
            compared = compare_with(ran, other, rival, supposed.answers, shown_count)
        wanted_of_it = Asked(out, rejects, full, csv, as_json, report, lang, seed)
        tell(ran, supposed, compared, wanted_of_it)


def _sides(given: PolicyChoice, other: Against, rival: Rival | None) -> dict[str, PolicyChoice]:
    """Return the policies that are run, by what a comparison calls them; "" of one alone."""
    if not other.is_asked:
        return {"": given}
    return {"A": given} if rival is None else {"A": given, "B": rival.choice}


@contextmanager
def _cache(folder: Path | None, is_unwanted: bool) -> Iterator[Path | None]:
    """Give the folder of prepared histories; None: that of this user.

    Raises:
        InputError: a folder is named and unwanted, or the name is that of a file.
    """
    if not is_unwanted:
        if folder is not None and folder.exists() and not folder.is_dir():
            raise InputError(f"--cache {folder}", "is no folder", "Name a folder.")
        yield folder
        return
    if folder is not None:
        raise InputError("--cache", "stands beside --no-cache", "Give one of them.")
    with TemporaryDirectory(prefix="reso-") as made:
        yield Path(made)


@told_plainly()
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
    with shown_wait("read"):
        read = read_source(Source(history, query, mapping, strict), pack.table)
    aside = Aside.of(read.rejects, dispute)
    events = read.disputes.get(dispute)
    if events is None:
        raise _not_there(dispute, read, aside)
    stretch = Stretch(_until(read.last_recorded_at, at, to_the_end), from_the_order)
    lived = live(Life(pack.engine), events, stretch)
    languages: tuple[Language, ...] = ("id", "en") if lang == "both" else (lang,)
    Timeline(pack, lived, aside).print(Paper(), languages)


def _not_there(dispute: str, read: History, aside: Aside) -> InputError:
    """Return why there is nothing to show of a dispute."""
    if not aside.of_dispute:
        hint = did_you_mean(dispute, read.disputes) or f"It holds {len(read.disputes):,} disputes."
        return InputError(read.name, f"there is no dispute `{dispute}` in it", hint)
    first = aside.of_dispute[0]
    what = f"every row of `{dispute}` was put aside, {len(aside.of_dispute):,} in all; this one"
    return InputError(first.place, f"{what}: {first.message}", "")


def _until(last: datetime | None, at: str | None, to_the_end: bool) -> datetime | None:
    """Return the last instant to live through; None: until nothing is left to happen."""
    if not to_the_end:
        return last if at is None else read_instant(at)
    if at is not None:
        raise InputError("--at", "stands beside --to-the-end", "Give one of them.")
    return None
