"""The verbs on problems of policy files: `reso check`, `reso help`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from reso.cli.folders import cache_folder, packs_among
from reso.cli.options import JsonOption, PacksArgument
from reso.cli.paper import Paper
from reso.cli.shell import BAD_INPUT, DONE, EXIT_CODES, FOUND, end
from reso.model.money import Language
from reso.policy.problems import NoPackError, Problem
from reso.problems.catalogue import render
from reso.problems.said import Said, said
from reso.study.kept import checked
from reso.study.verdict import Checked

if TYPE_CHECKING:
    from reso.engine.ruling_json import Json

verbs = typer.Typer()

LangOption = Annotated[
    Language,
    typer.Option(envvar="RESO_LANG", help="Indonesian or English."),
]


@verbs.command(epilog=EXIT_CODES, short_help="Check policy files; show every problem in its line.")
def check(
    packs: PacksArgument,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let warnings fail the check, as errors do.")
    ] = False,
    no_cases: Annotated[
        bool, typer.Option("--no-cases", help="Leave out whether the cases try every rule.")
    ] = False,
    no_cache: Annotated[
        bool,
        typer.Option(
            "--no-cache", envvar="RESO_NO_CACHE", help="Look at nothing kept, and keep nothing."
        ),
    ] = False,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Check the files of policy packs and show every problem in its line.

    An error leaves no policy that could be used. A warning can be mended, or waived with a
    reason in the section `waivers`. What a problem means, and how it is mended,
    `reso help CODE` says.

    \b
    Examples:
      reso check rules/lazada_sg_drtm
      reso check rules/* --strict
      reso check rules/lazada_sg_drtm --no-cases
      reso check rules/lazada_sg_drtm --lang id
      reso check rules/lazada_sg_drtm --json
    """
    cache = None if no_cache else cache_folder()
    try:
        found = [checked(folder, cases=not no_cases, cache=cache) for folder in packs_among(packs)]
    except NoPackError as error:
        end(error.text(lang), BAD_INPUT)
    if as_json:
        Paper().json(_problems_json(found, lang))
    else:
        _print_problems(Paper(), found, lang)
    failed = any(pack.problems if strict else pack.errors for pack in found)
    raise typer.Exit(FOUND if failed else DONE)


@verbs.command("help", epilog=EXIT_CODES, short_help="Say what a problem means and how to mend it.")
def help_on(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="The code of a problem.", show_default=False),
    ] = None,
    lang: LangOption = "en",
) -> None:
    """Say what a problem of `reso check` means, with an example and how it is mended.

    Without a code: list every code there is.

    \b
    Examples:
      reso help
      reso help unknown-name
      reso help overlay-overlaps --lang id
    """
    from reso.cli.problems import print_codes, print_page

    if code is None:
        print_codes(Paper(), lang)
    else:
        print_page(Paper(), code, lang)


def _print_problems(paper: Paper, found: Sequence[Checked], language: Language) -> None:
    """Print every problem in its line, and how many there are in which pack."""
    for pack in found:
        for problem in pack.problems:
            paper.verbatim(problem.with_excerpt(language))
        style = "bold red" if pack.errors else "bold yellow" if pack.warnings else "green"
        paper.line(render(_counted(pack), language), style=style)


def _counted(pack: Checked) -> Said:
    name, policy, warnings = str(pack.folder), pack.policy, len(pack.warnings)
    if policy is None:
        errors = len(pack.errors)
        if errors == 1:
            return said("pack-with-one-problem", pack=name)
        return said("pack-with-problems", pack=name, count=errors)
    code = "pack-without-problems"
    if warnings:
        code = "pack-with-one-warning" if warnings == 1 else "pack-with-warnings"
    return said(
        code,
        pack=name,
        count=warnings,
        name=policy.name,
        version=policy.version,
        rules=policy.rules,
        questions=policy.questions,
    )


def _problems_json(found: Sequence[Checked], language: Language) -> "Json":
    """Return what was found in packs as plain data for JSON."""
    packs: list[Json] = [
        {
            "folder": str(pack.folder),
            "policy": None if pack.policy is None else pack.policy.name,
            "version": None if pack.policy is None else pack.policy.version,
            "content_hash": None if pack.policy is None else pack.policy.content_hash,
            "problems": [_problem_json(problem, language) for problem in pack.problems],
        }
        for pack in found
    ]
    return {
        "problems": sum(len(pack.problems) for pack in found),
        "errors": sum(len(pack.errors) for pack in found),
        "warnings": sum(len(pack.warnings) for pack in found),
        "packs": packs,
    }


def _problem_json(problem: Problem, language: Language) -> "dict[str, Json]":
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message(language),
        "hint": problem.hint(language) or None,
        "excerpt": problem.excerpt or None,
    }
