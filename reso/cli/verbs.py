"""The verbs on cases: `reso decide`, `explain`, `message`, `test`, `demo`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from reso.cases import junit_xml, own_case_files, report_json, run_cases
from reso.cli.demo import show_demo
from reso.cli.folders import packs_among
from reso.cli.inputs import Asked, read_asked, read_given, read_pack, read_zone
from reso.cli.live import second_engine
from reso.cli.options import JsonOption, PacksArgument
from reso.cli.packs import end_after_answers
from reso.cli.paper import TITLES, Paper
from reso.cli.reports import print_decision, print_report
from reso.cli.shell import BAD_INPUT, DONE, EXIT_CODES, FOUND
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.ruling_json import ruling_json
from reso.errors import InputError
from reso.messages import Messenger, render
from reso.messages.compose import both_messages
from reso.model.money import Language
from reso.model.ruling import Ruling
from reso.settlement.proposal_json import proposal_json
from reso.study.readers import told_for, told_why_not
from reso.study.telling import Reader
from reso.study.whynot import refuse_unknown, why_not

verbs = typer.Typer()

CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="A case file (YAML or JSON), - for standard input, or a scenario file.",
        show_default=False,
    ),
]
PolicyOption = Annotated[
    Path,
    typer.Option("--policy", "-p", metavar="PACK", help="The folder of the policy pack."),
]
PoliciesOption = Annotated[
    list[Path],
    typer.Option("--policy", "-p", metavar="PACK", help="The folder of the policy pack."),
]
OtherPacksArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PACK...]", help="More packs after --policy.", show_default=False),
]
AtOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Rule as of this instant; default: the case's `now`."),
]
IdOption = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Which case of a scenario file.")
]


@verbs.command(epilog=EXIT_CODES)
def decide(
    case: CaseArgument,
    policy: PoliciesOption,
    others: OtherPacksArgument = None,
    at: AtOption = None,
    id_: IdOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rule on a case; by several packs, a table of who would rule what.

    \b
    Examples:
      reso decide case.yaml --policy rules/lazada_sg_drtm
      reso decide case.yaml -p rules/lazada_sg_drtm --at 2026-02-03T12:00+08:00
      reso decide published_cases.yaml --id LZD-002 -p rules/lazada_sg_drtm --json
      cat case.json | reso decide - --policy rules/lazada_sg_drtm
      reso decide case.yaml --policy rules/*
    """
    folders = packs_among([*policy, *(others or [])])
    if len(folders) != 1:
        end_after_answers(read_given(case, at, id_), folders, as_json, second_engine())
    asked = read_asked(case, folders[0], at, id_, second_engine())
    proposal = asked.proposal()
    if as_json:
        made = {"proposal": proposal_json(proposal, asked.pack.policy)}
        Paper().json({**ruling_json(proposal.ruling, asked.pack.policy), **made})
    else:
        print_decision(Paper(), proposal, asked.pack)


@verbs.command(epilog=EXIT_CODES, short_help="Say a ruling in words: what, why, what comes next.")
def explain(
    case: CaseArgument,
    policy: PolicyOption,
    at: AtOption = None,
    id_: IdOption = None,
    lang: Annotated[
        Literal["id", "en", "both"], typer.Option(help="Indonesian, English, or both.")
    ] = "both",
    reader: Annotated[
        Literal["buyer", "seller", "agent"] | None,
        typer.Option("--for", help="Tell it to this reader; a party sees nothing private."),
    ] = None,
    not_: Annotated[
        str | None,
        typer.Option("--why-not", metavar="OUTCOME", help="Say what stood in the way of this one."),
    ] = None,
) -> None:
    """Say a ruling in words: what, why, what is open, what comes next.

    \b
    Examples:
      reso explain case.yaml --policy rules/lazada_sg_drtm
      reso explain case.yaml -p rules/lazada_sg_drtm --lang id
      reso explain published_cases.yaml --id LZD-002 -p rules/lazada_sg_drtm
      reso explain case.yaml -p rules/lazada_sg_drtm --for buyer
      reso explain case.yaml -p rules/lazada_sg_drtm --why-not refund_full
    """
    if not_ is not None:
        refuse_unknown(not_)
    asked = read_asked(case, policy, at, id_, second_engine())
    tell = _teller(asked, reader, not_)
    languages: tuple[Language, ...] = ("id", "en") if lang == "both" else (lang,)
    paper = Paper()
    for number, language in enumerate(languages):
        if number:
            paper.line()
        if lang == "both":
            paper.rule(TITLES[language])
        tell(paper, language)


def _teller(
    asked: Asked, reader: Reader | None, not_: str | None
) -> Callable[[Paper, Language], None]:
    """Return what prints a ruling, or why it is not another one, in a language."""
    ruling = asked.ruling()
    if not_ is not None:
        pack = replace(asked.pack, engine=Engine.of(Compiled(asked.pack.policy)))  # many tries
        found = why_not(pack, asked.case, not_)
        return lambda paper, language: paper.verbatim(
            told_why_not(found, pack, reader or "agent", language)
        )
    then = _left_alone(asked, ruling)
    if reader is None:
        return lambda paper, language: paper.explanation(
            asked.pack.explainer.explain(ruling, language, then)
        )
    return lambda paper, language: paper.verbatim(
        told_for(asked.pack, asked.case, ruling, reader, language, then)
    )


def _left_alone(asked: Asked, ruling: Ruling) -> Ruling | None:
    """Return the ruling at the deadline if nothing new happens; None where none runs."""
    if ruling.deadline is None or ruling.deadline <= ruling.known_at:
        return None
    return asked.ruling(ruling.deadline)


@verbs.command(epilog=EXIT_CODES, short_help="Write what the buyer or the seller is told.")
def message(
    case: CaseArgument,
    policy: PolicyOption,
    to: Annotated[Literal["buyer", "seller"], typer.Option(help="Who reads it.")],
    at: AtOption = None,
    id_: IdOption = None,
    form: Annotated[
        Literal["centre", "email", "chat", "push"],
        typer.Option("--as", help="Resolution centre, e-mail, chat, or push notification."),
    ] = "centre",
    lang: Annotated[Literal["id", "en"], typer.Option(help="Indonesian or English.")] = "id",
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="The reader's time zone; default: the policy's."),
    ] = None,
) -> None:
    """Write what the buyer or the seller is told of a case; `explain --for agent` is the script.

    \b
    Examples:
      reso message case.yaml --policy rules/lazada_sg_drtm --to buyer
      reso message case.yaml -p rules/lazada_sg_drtm --to seller --as email --lang en
      reso message case.yaml -p rules/lazada_sg_drtm --to buyer --as push --zone Asia/Jayapura
    """
    asked = read_asked(case, policy, at, id_, second_engine())
    proposal = asked.proposal()
    then = _left_alone(asked, proposal.ruling)
    written = Messenger(asked.pack).message(
        asked.case, proposal, to, lang, None if zone is None else read_zone(zone), then
    )
    Paper().verbatim(render(written, form).rstrip("\n"))


@verbs.command("test", epilog=EXIT_CODES, short_help="Run scenario cases and score the rulings.")
def run_scenarios(
    packs: PacksArgument,
    cases: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Scenario files; default: the packs' own cases."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a JUnit report there, too.")
    ] = None,
    as_json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show passed cases.")] = False,
) -> None:
    """Run scenario cases and score the rulings; cases of other platforms are skipped.

    \b
    Examples:
      reso test rules/lazada_sg_drtm
      reso test rules/lazada_sg_drtm rules/tokopedia_shop --cases published_cases.yaml
      reso test rules/lazada_sg_drtm --junit report.xml
    """
    packs = packs_among(packs)
    files = [*cases] if cases else [f for folder in packs for f in own_case_files(folder)]
    loaded = [read_pack(folder) for folder in packs]
    if not files:
        where = ", ".join(f"{folder}/cases" for folder in packs)
        raise InputError(where, "no scenario file (*.yaml) in it", "Name some with --cases FILE.")
    report = run_cases(loaded, files, both_messages)
    if junit is not None:
        junit.write_text(junit_xml(report), encoding="utf-8")
    if as_json:
        Paper().json(report_json(report))
    else:
        print_report(Paper(), report, verbose)
    if report.unrunnable:
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(FOUND if report.failed else DONE)


@verbs.command(epilog=EXIT_CODES, short_help="Decide and explain a few small cases.")
def demo() -> None:
    """Decide a few small cases with the shipped packs, and explain them in both languages.

    \b
    Examples:
      reso demo
      reso demo | less
    """
    show_demo(Paper())
