"""The verbs for authors: `reso fmt`, `reso set`, `reso unset`, `reso new`, `reso table`."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from reso.authoring.files import SourceFile, read_source, shown_path
from reso.authoring.layout import formatted
from reso.authoring.modelines import modeline_of, with_modeline
from reso.authoring.setting import Change, Wish, plan, read_day
from reso.authoring.sheets import csv_text, read_sheet, write_sheet
from reso.authoring.starting import new_pack
from reso.authoring.tables import export_rows, plan_import
from reso.authoring.unsetting import plan_unset
from reso.errors import InputError
from reso.policy.problems import PolicyError
from reso.study import sheet
from reso.study.schema_files import write_missing

FOUND = 1
EXIT_CODES = """\b
Exit codes:
  0    done: nothing is wrong, all cases passed
  1    problems were found, so nothing was written; with --check: files would change
  2    bad usage, or input that cannot be used
  130  stopped by Ctrl-C
"""

verbs = typer.Typer()
table = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=EXIT_CODES,
    help="Take a parameter to a spreadsheet and back.",
)
verbs.add_typer(table, name="table")

PolicyOption = Annotated[
    Path,
    typer.Option("--policy", "-p", metavar="PACK", help="The folder of the policy pack."),
]
PackArgument = Annotated[
    Path, typer.Argument(metavar="PACK", help="The folder of the pack.", show_default=False)
]
ParameterArgument = Annotated[
    str, typer.Argument(metavar="PARAMETER", help="Its name.", show_default=False)
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the change, write nothing.")]


# -- fmt ------------------------------------------------------------------------------------


@verbs.command(epilog=EXIT_CODES, short_help="Lay out policy files; words and comments stay.")
def fmt(
    targets: Annotated[
        list[Path],
        typer.Argument(
            metavar="PACK|FILE", help="Folders of packs, or single files.", show_default=False
        ),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name the files that would change.")
    ] = False,
) -> None:
    """Lay out policy and case files the same way everywhere; words, order and comments stay.

    Where `reso schema --rules` has put schemas beside the pack, files get the line for editors.

    \b
    Examples:
      reso fmt rules/lazada_sg_drtm
      reso fmt rules/lazada_sg_drtm/policy.yaml
      reso fmt rules/* --check
    """
    files = list(dict.fromkeys(file for target in _of_several(targets) for file in _files(target)))
    changed = failed = 0
    for path in files:
        try:
            source = read_source(path)
            text = with_modeline(formatted(source.text, source.shown), modeline_of(path))
        except (PolicyError, InputError) as error:
            sheet.told(_shown_problems(error), err=True)
            failed += 1
            continue
        if source.raw == source.encoded(text):
            continue
        changed += 1
        if not check:
            source.write(text)
        typer.echo(f"{source.shown}: {'would change' if check else 'formatted'}")
    done = "would change" if check else "formatted"
    parts = [f"{changed} {done}", f"{len(files) - changed - failed} left alone"]
    if failed:
        parts.append(f"{failed} could not be read")
    typer.echo(", ".join(parts))
    raise typer.Exit(FOUND if failed or (check and changed) else 0)


def _of_several(targets: list[Path]) -> list[Path]:
    """Return the targets; of several, files of other kinds drop out, as `rules/*` names some."""
    if len(targets) == 1:
        return targets
    return [target for target in targets if target.is_dir() or target.suffix == ".yaml"]


def _files(target: Path) -> Iterator[Path]:
    """Yield the files meant by a folder (its policy files and its cases), or the file itself."""
    if not target.is_dir():
        yield target
        return
    found = [*sorted(target.glob("*.yaml")), *sorted((target / "cases").glob("*.yaml"))]
    if not found:
        raise InputError(str(target), "no policy file (*.yaml) in it", "Name a pack or a file.")
    yield from found


# -- set ------------------------------------------------------------------------------------


@verbs.command("set", epilog=EXIT_CODES, short_help="Change a parameter from a day on.")
def set_value(
    parameter: ParameterArgument,
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help='Such as "96 hours".', show_default=False)
    ],
    policy: PolicyOption,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Only for such cases; all of them must hold."),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day of it.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The first day on which all is as usual.")
    ] = None,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the file.")] = "",
    reach: Annotated[
        str,
        typer.Option(
            metavar="REACH",
            help='With --until: "orders placed", "parcels delivered", "claims filed" or '
            '"clocks running" on these days.',
        ),
    ] = "",
    exception: Annotated[
        bool, typer.Option("--exception", help="Goes before another one on the same days.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Change a parameter from a day on, or with --until for a time only.

    \b
    Examples:
      reso set buyer_window "14 calendar days" --policy rules/my_shop --from 2026-04-01
      reso set seller_time "96 hours" --policy rules/my_shop --from 2026-03-18 \\
        --until 2026-03-25 --reach "clocks running" --because "Lebaran"
      reso set buyer_window "10 calendar days" --policy rules/my_shop --from 2026-01-05 \\
        --until 2026-01-19 --reach "parcels delivered" \\
        --where "order.category is fashion" --where "shipping.service is regular" --dry-run
    """
    wish = Wish(
        parameter,
        " ".join(value.split()),
        tuple(" ".join(one.split()) for one in where or ()),
        read_day(from_, "--from"),
        read_day(until, "--until"),
        because,
        reach,
        exception,
    )
    try:
        change = plan(policy, wish)
    except PolicyError as error:
        _end_refused(error)
    _finish(change, policy, dry_run)


# -- unset ----------------------------------------------------------------------------------


@verbs.command("unset", epilog=EXIT_CODES, short_help="Take back what was set for a time.")
def unset(
    parameter: ParameterArgument,
    policy: PolicyOption,
    from_: Annotated[
        str, typer.Option("--from", metavar="DAY", help="The first day of what is taken back.")
    ],
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Its conditions, if several begin on that day."),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Take back a value that `reso set --until` laid over a parameter for a time.

    \b
    Examples:
      reso unset buyer_window --policy rules/my_shop --from 2026-12-01
      reso unset buyer_window --policy rules/my_shop --from 2026-12-01 --dry-run
    """
    starts = read_day(from_, "--from")
    assert starts is not None
    conditions = tuple(" ".join(one.split()) for one in where or ())
    try:
        change = plan_unset(policy, parameter, starts, conditions)
    except PolicyError as error:
        _end_refused(error)
    _finish(change, policy, dry_run)


# -- new ------------------------------------------------------------------------------------


@verbs.command("new", epilog=EXIT_CODES, short_help="Make a small complete pack to start from.")
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Such as my_shop.", show_default=False)
    ],
    parent: Annotated[
        Path, typer.Option("--in", metavar="FOLDER", help="Where its folder is made.")
    ] = Path("rules"),
    currency: Annotated[str, typer.Option(metavar="CODE", help="ISO 4217 code.")] = "IDR",
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="IANA name.")] = "Asia/Jakarta",
    calendar: Annotated[
        str, typer.Option(metavar="ID", help="Country whose holidays are no business days.")
    ] = "ID",
) -> None:
    """Make a small complete pack to start from, with cases that pass.

    \b
    Examples:
      reso new my_shop
      reso new my_shop --currency SGD --time-zone Asia/Singapore --calendar SG
    """
    folder = new_pack(name, parent, currency, time_zone, calendar)
    for file in [*write_missing(parent), *sorted(folder.rglob("*.yaml"))]:
        typer.echo(f"{shown_path(file)}: written")
    typer.echo(f"Next: read {shown_path(folder / 'policy.yaml')}, then")
    typer.echo(f"  reso check {shown_path(folder)}")
    typer.echo(f"  reso test {shown_path(folder)}")


# -- table ----------------------------------------------------------------------------------


@table.command(epilog=EXIT_CODES, short_help="Write a parameter as CSV or XLSX.")
def export(
    pack: PackArgument,
    parameter: ParameterArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A new .csv or .xlsx file; without it CSV is printed."),
    ] = None,
) -> None:
    """Write a parameter as rows: a column for each level of its table, `from`, and `value`.

    \b
    Examples:
      reso table export rules/lazada_sg_drtm buyer_window
      reso table export rules/tokopedia_shop inspection --out inspection.xlsx
    """
    rows = export_rows(pack, parameter)
    if out is None:
        typer.echo(csv_text(rows), nl=False)
        return
    write_sheet(out, rows)
    typer.echo(f"{out}: {len(rows) - 1} {'row' if len(rows) == 2 else 'rows'} written")
    typer.echo(f"Next: change it, then reso table import {pack} {parameter} {out}")


@table.command("import", epilog=EXIT_CODES, short_help="Take a parameter's values from a sheet.")
def import_(
    pack: PackArgument,
    parameter: ParameterArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx file.", show_default=False)
    ],
    dry_run: DryRunOption = False,
) -> None:
    """Take the values of a parameter from a sheet as `reso table export` writes it.

    Rows that are not in the sheet are removed. All else in the policy file stays.

    \b
    Examples:
      reso table import rules/lazada_sg_drtm buyer_window window.csv
      reso table import rules/tokopedia_shop inspection inspection.xlsx --dry-run
    """
    rows = read_sheet(file)
    try:
        change = plan_import(pack, parameter, rows)
    except PolicyError as error:
        _end_refused(error)
    _finish(change, pack, dry_run)


# -- shared ---------------------------------------------------------------------------------


def _finish(change: Change, pack: Path, dry_run: bool) -> None:
    """Show a change, write it, and say what comes next."""
    source = change.source
    if change.text == source.text:
        typer.echo(f"{source.shown}: it says so already; nothing to change")
        return
    sheet.edit(_difference(source, change.text))
    for note in change.notes:
        sheet.line(f"Note: {note}", "yellow")
    if dry_run:
        typer.echo("Nothing was written (--dry-run).")
        return
    source.write(change.text)
    typer.echo(f"{source.shown}: written")
    typer.echo(f"Next: reso test {pack}")


def _difference(source: SourceFile, text: str) -> str:
    old, new = (one.removesuffix("\n").split("\n") for one in (source.text, text))
    lines = difflib.unified_diff(old, new, source.shown, source.shown, n=2, lineterm="")
    return "\n".join(line.rstrip() for line in lines)


def _end_refused(error: PolicyError) -> NoReturn:
    sheet.told(_shown_problems(error), err=True)
    if any(problem.code == "overlay-overlaps" for problem in error.problems):
        typer.echo("Add --exception if this one goes before the other.", err=True)
    noun = "problem" if len(error.problems) == 1 else "problems"
    typer.echo(f"Nothing was written: there would be {len(error.problems)} {noun}.", err=True)
    raise typer.Exit(FOUND)


def _shown_problems(error: PolicyError | InputError) -> str:
    if isinstance(error, InputError):
        return str(error)
    return "\n".join(problem.with_excerpt() for problem in error.problems)
