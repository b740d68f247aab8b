"""Several packs at once: their rules side by side, and what each says of one case."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from reso.cases import Pack
from reso.cli.folders import packs_among
from reso.cli.inputs import Answer, Given, answers_of, read_pack
from reso.cli.paper import Paper
from reso.cli.shell import BAD_INPUT, DONE, EXIT_CODES
from reso.engine.decide import Beside, alone
from reso.engine.ruling_json import Json, ruling_json
from reso.engine.words import word
from reso.errors import InputError
from reso.model.money import format_money
from reso.model.ruling import Ruling
from reso.model.time import format_instant
from reso.study.packs_table import markdown

RULES = Path("rules")
COLUMNS = ("pack", "decision", "amount", "until", "because")

verbs = typer.Typer()


# -- compare-packs --------------------------------------------------------------------------


@verbs.command(
    "compare-packs", epilog=EXIT_CODES, short_help="Write what packs say side by side, as tables."
)
def compare_packs(
    packs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PACK...]", help="Default: all of rules/*.", show_default=False),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there; else it is printed.")
    ] = None,
) -> None:
    """Write what packs say side by side: times, silence, evidence, who pays, amounts, sources.

    The page is Markdown, and made from the policies alone; docs/packs.md is that of all packs.

    \b
    Examples:
      reso compare-packs
      reso compare-packs rules/shopee_id rules/shopee_my
      reso compare-packs --write docs/packs.md
    """
    loaded = _loaded(packs_among(packs) if packs else packs_in(RULES))
    page = markdown([pack.policy for pack in loaded])
    if write is None:
        typer.echo(page, nl=False)
        return
    write.write_text(page, encoding="utf-8")
    typer.echo(f"Wrote {write}.")


def packs_in(folder: Path) -> list[Path]:
    """Return the packs in a folder, by name.

    Raises:
        InputError: there is none.
    """
    found = packs_among(sorted(path for path in folder.glob("[!.]*") if path.is_dir()))
    if not found:
        raise InputError(str(folder), "no policy pack in it", "Name some: reso compare-packs PACK.")
    return found


# -- decide ---------------------------------------------------------------------------------


def end_after_answers(
    given: Given, folders: Sequence[Path], as_json: bool, second: Beside
) -> NoReturn:
    """Print what each pack says of a case, and end; badly, where none of them rules on it.

    `second` puts a second engine beside each compiled evaluator.

    Raises:
        InputError: there is no pack.
        typer.Exit: always; also where a policy cannot be loaded, the reason has been printed.
    """
    if not folders:
        raise InputError("--policy", "no policy pack among these", "Name the folder of one.")
    answers = answers_of(given, _loaded(folders, second))
    if as_json:
        Paper().json({"packs": [_answer_json(answer) for answer in answers]})
    else:
        _print_answers(Paper(), answers)
    raise typer.Exit(DONE if any(answer.ruling for answer in answers) else BAD_INPUT)


def _print_answers(paper: Paper, answers: Sequence[Answer]) -> None:
    rows = [_row(answer, answer.ruling) for answer in answers if answer.ruling is not None]
    if rows:
        paper.table(COLUMNS, rows, words=True)
    refused = [
        (answer.pack.policy.name, answer.refused) for answer in answers if answer.ruling is None
    ]
    if refused:
        if rows:
            paper.line()
        paper.line("No ruling by these packs:", style="bold")
        paper.facts(refused)


def _row(answer: Answer, ruling: Ruling) -> tuple[str, ...]:
    """Return a ruling as a row of words; an empty cell is "-"."""
    amount, until = "-", "-"
    if ruling.amount is not None and ruling.currency is not None:
        amount = format_money(ruling.amount, ruling.currency, "en")
    if ruling.deadline is not None:
        until = format_instant(ruling.deadline, answer.pack.policy.calendar.zone, "en")
    decision = word("decisions", ruling.decision, "en")
    return (answer.pack.policy.name, decision, amount, until, _because(answer, ruling))


def _because(answer: Answer, ruling: Ruling) -> str:
    """Return the deciding reason, its name, its sources, and how many more reasons there are."""
    first, *others = answer.pack.explainer.explain(ruling, "en").reasons
    cited = ", ".join(source.id for source in first.sources)
    more = f" (and {len(others)} more)" if others else ""
    return f"{first.text} [{first.name}{': ' if cited else ''}{cited}]{more}"


def _answer_json(answer: Answer) -> Json:
    policy = answer.pack.policy
    ruling = None if answer.ruling is None else ruling_json(answer.ruling, policy)
    because = None if answer.ruling is None else _because(answer, answer.ruling)
    return {
        "pack": policy.name,
        "folder": str(answer.pack.folder),
        "ruling": ruling,
        "because": because,
        "refused": answer.refused or None,
    }


def _loaded(folders: Sequence[Path], second: Beside = alone) -> list[Pack]:
    return [read_pack(folder, second=second) for folder in folders]
