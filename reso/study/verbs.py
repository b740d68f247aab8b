"""The verbs of the reading tools: `reso diff`, `reso watch`, `reso vocabulary`, `reso schema`."""

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from reso.cases import Pack
from reso.engine.ruling_json import Json
from reso.errors import ResoError
from reso.facts.table import FactTable, load_core
from reso.model.money import Language
from reso.policy.problems import PolicyError
from reso.study import sheet
from reso.study.compare import (
    CLOCKS,
    CaseChange,
    Changed,
    Comparison,
    Part,
    cases_compared,
    comparison_json,
    words_changed,
)
from reso.study.reading import PackFiles, read_files, ready, table_for
from reso.study.schema import modeline, policy_schema
from reso.study.schema_files import write_schemas
from reso.study.versions import folder_of
from reso.study.vocabulary import Entry, vocabulary
from reso.study.watching import EVERY_SECONDS, Seen, Watch, changes
from reso.study.words import word

verbs = typer.Typer()

EXIT_CODES = """\b
Exit codes:
  0    done; diff: the same; watch --once: nothing is wrong
  1    diff: they differ; watch --once: problems were found, or cases failed
  2    bad usage, or input that cannot be used
  3    the policy cannot be loaded
  130  stopped by Ctrl-C
"""

PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", "-p", metavar="PACK", help="The folder of a policy pack."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


Pairs = Sequence[tuple[str, str]]


# -- diff -----------------------------------------------------------------------------------


@verbs.command(epilog=EXIT_CODES, short_help="Compare two versions of a pack, and their cases.")
def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A pack's folder, or COMMIT:folder (git).")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The other one.")],
    cases: Annotated[
        list[Path] | None,
        typer.Argument(metavar="CASE", help="Case or scenario files to decide by both, too."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what changed between two versions of a pack, and which cases come out otherwise.

    The cases are those of both packs, and the files named. Exit code 1 says that they differ.

    \b
    Examples:
      reso diff HEAD:rules/tokopedia_shop rules/tokopedia_shop
      reso diff rules/my_shop my_shop_new case.yaml
      reso diff rules/my_shop my_shop_new --json
    """
    with ExitStack() as stack:
        before = _loaded(stack.enter_context(folder_of(old)), old)
        after = _loaded(stack.enter_context(folder_of(new)), new)
        words = words_changed(before[0], after[0])
        found = cases_compared(before[1], after[1], cases or [], words)
    if as_json:
        sheet.as_json(comparison_json(found))
    else:
        _print_comparison(found, old, new)
    raise typer.Exit(sheet.SAME if found.same else sheet.DIFFERENT)


def _loaded(folder: Path, shown: str) -> tuple[PackFiles, Pack]:
    try:
        files = read_files(folder)
        return files, ready(files)
    except PolicyError as error:
        sheet.unloadable(shown, error)


def _print_comparison(found: Comparison, old: str, new: str) -> None:
    if found.same:
        alike = _count(found.tried - len(found.undecided), "case")
        sheet.line(f"{old} and {new} say the same; {alike} come out alike.")
        _print_undecided(found.undecided)
        return
    section = ""
    for one in found.changed:
        if one.section != section:
            if section:
                sheet.line()
            section = one.section
            sheet.line(section.capitalize(), "bold")
        _print_changed(one)
    if not found.changed:
        sheet.line("The files say the same.")
    sheet.line()
    outcomes = [case for case in found.cases if not case.reasons_only]
    others = [case for case in found.cases if case.reasons_only]
    sheet.line(f"Cases: {len(outcomes)} of {found.tried} come out otherwise", "bold")
    for case in outcomes:
        _print_case(case)
    if others:
        sheet.line()
        sheet.line(f"{_count(len(others), 'case')} with the same outcome for other reasons", "bold")
    for case in others:
        old_reasons, new_reasons = ", ".join(case.old.reasons), ", ".join(case.new.reasons)
        sheet.line(f"  {case.id}: {old_reasons} -> {new_reasons}")
    _print_undecided(found.undecided)


def _print_undecided(cases: Sequence[CaseChange]) -> None:
    if cases:
        sheet.line()
        sheet.line(f"{_count(len(cases), 'case')} that neither can rule on", "bold")
    for case in cases:
        sheet.line(f"  {case.id}  {case.file}", "red")
        for text in case.new.problem.splitlines():
            sheet.line(f"    {text}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_changed(one: Changed) -> None:
    colour = {"added": "green", "removed": "red", "changed": "yellow"}[one.what]
    if one.section == "header" or [part.where for part in one.parts] == [""]:
        part = one.parts[0]
        sheet.line(f"  {one.name}: {_moved(part.old, part.new)}", colour)
        return
    sheet.line(f"  {one.name}: {one.what}", colour)
    for part in map(_named, one.parts) if one.section == "parameters" else one.parts:
        if one.what != "changed":
            sheet.line(f"    {part.where}: {part.old or part.new}")
        elif max(len(part.old), len(part.new)) < 50:
            clock = " (clock)" if one.section in ("questions", "stages") and _clock(part) else ""
            sheet.line(f"    {part.where}{clock}: {_moved(part.old, part.new)}")
        else:
            sheet.line(f"    {part.where}:")
            sheet.line(f"      old: {part.old or '(none)'}")
            sheet.line(f"      new: {part.new or '(none)'}")


def _named(part: Part) -> Part:
    """Return a part of a parameter's value as people say it: "mall", "from 2025-10-24"."""
    words = part.where.removeprefix("value, ").split(", ")
    told = [f"from {word}" if word[:4].isdigit() and "-" in word else word for word in words]
    return Part(", ".join(told) or "value", part.old, part.new)


def _clock(part: Part) -> bool:
    return part.where.split(", ")[0] in CLOCKS


def _moved(old: str, new: str) -> str:
    return f"{old or '(none)'} -> {new or '(none)'}"


def _print_case(case: CaseChange) -> None:
    sheet.line()
    sheet.line(f"  {case.id}  {case.file}", "yellow")
    rows = [
        (name, left, right)
        for name, left, right in (
            ("decision", case.old.decision, case.new.decision),
            ("amount", case.old.amount, case.new.amount),
            ("deadline", case.old.deadline, case.new.deadline),
            *_differing(case.old.other, case.new.other),
            ("problem", case.old.problem, case.new.problem),
            *_differing(case.old.numbers, case.new.numbers),
            ("reasons", ", ".join(case.old.reasons), ", ".join(case.new.reasons)),
        )
        if left or right
    ]
    filled = [(name, left or "-", right or "-") for name, left, right in rows]
    sheet.side_by_side([("", "old", "new"), *filled], indent=4)
    for label, texts in (("old", case.old.told), ("new", case.new.told)):
        for text in texts:
            sheet.line(f"    why, {label}: {text}")


def _differing(old: Pairs, new: Pairs) -> list[tuple[str, str, str]]:
    before, after = dict(old), dict(new)
    names = dict.fromkeys((*before, *after))
    return [
        (name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name) != after.get(name)
    ]


# -- watch ----------------------------------------------------------------------------------


@verbs.command(epilog=EXIT_CODES, short_help="Check and test a pack again on every save.")
def watch(
    pack: Annotated[
        Path, typer.Argument(metavar="PACK", help="The folder of a pack.", show_default=False)
    ],
    once: Annotated[bool, typer.Option("--once", help="Look once, then end.")] = False,
) -> None:
    """Check a pack and run its cases, and again whenever one of its files is saved.

    The first problem stands first. Ctrl-C ends it.

    \b
    Examples:
      reso watch rules/tokopedia_shop
      reso watch rules/tokopedia_shop --once
    """
    if not pack.is_dir():
        read_files(pack)
    looks = changes(Watch(pack), time.sleep, EVERY_SECONDS)
    try:
        for seen in islice(looks, 1 if once else None):
            if not once:
                sheet.clear()
            _print_seen(seen, pack)
            sys.stdout.flush()
            if once:
                raise typer.Exit(sheet.SAME if seen.well else sheet.DIFFERENT)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _print_seen(seen: Seen, pack: Path) -> None:
    if seen.trouble:
        sheet.line(seen.trouble, "bold red")
    for problem in seen.problems:
        sheet.told(problem.with_excerpt())
    for result in seen.failed:
        sheet.line(f"FAIL {result.case.id}  {result.case.place}", "bold red")
        for text in result.problem.splitlines():
            sheet.line(f"  {text}")
        for check in result.failures:
            sheet.line(f"  {check.name}: expected {check.expected}, got {check.got}")
        for why in result.why:
            sheet.line(f"  because: {why}")
    if seen.problems:
        found = _count(len(seen.problems), "problem")
        sheet.line(f"{pack}: {found}; its cases wait until it is sound.", "bold red")
    elif not seen.trouble:
        tested = f"{seen.passed} passed, {len(seen.failed)} failed"
        sheet.line(f"{pack}: no problems; {tested}", "bold green" if seen.well else "bold red")


# -- vocabulary -----------------------------------------------------------------------------


@verbs.command("vocabulary", epilog=EXIT_CODES, short_help="Show every word a policy may use.")
def show_vocabulary(
    sought: Annotated[
        str, typer.Argument(metavar="WORD", help="Show only what has this word in it.")
    ] = "",
    policy: PolicyOption = None,
    lang: Annotated[Literal["id", "en"], typer.Option(help="Indonesian or English.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Show facts, questions, remedies, references, functions and units, with what they mean.

    Meanings of facts are in the language of the pack that declares them.

    \b
    Examples:
      reso vocabulary deadline
      reso vocabulary --policy rules/lazada_sg_drtm seller
      reso vocabulary --json
    """
    files, table = _facts_of(policy)
    found = vocabulary(table, files, lang, sought)
    if as_json:
        sheet.as_json([_entry_json(entry) for entry in found])
    elif found:
        _print_vocabulary(found, lang)
    else:
        sheet.line(f"No word of the language has `{sought}` in it.")
    raise typer.Exit(sheet.SAME if found else sheet.DIFFERENT)


def _facts_of(policy: Path | None) -> tuple[PackFiles | None, FactTable]:
    if policy is None:
        return None, load_core()
    try:
        files = read_files(policy)
        files.sound()
        return files, table_for(files)
    except ResoError as error:
        sheet.unloadable(policy, error)


def _entry_json(entry: Entry) -> dict[str, Json]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "type": entry.type or None,
        "unit": entry.unit or None,
        "values": list(entry.values),
        "when_absent": entry.absence or None,
        "meaning": entry.meaning or None,
    }


def _beside(entry: Entry, absent: str, lang: Language) -> str:
    """Return what stands beside the name of a word: "fact, money; when absent: 0"."""
    told = ", ".join(text for text in (word("kinds", entry.kind, lang), entry.shown_type()) if text)
    return f"{told}; {absent}: {entry.absence}" if entry.absence else told


def _print_vocabulary(found: Sequence[Entry], lang: Language) -> None:
    if sys.stdout.isatty():
        absent = word("columns", "absence", lang)
        sheet.entries([(e.name, _beside(e, absent, lang), e.shown_meaning()) for e in found])
        return
    headers = [word("columns", key, lang) for key in ("kind", "name", "type", "absence", "meaning")]
    rows = [
        (word("kinds", e.kind, lang), e.name, e.shown_type(), e.absence, e.shown_meaning())
        for e in found
    ]
    sheet.table(headers, rows)


# -- schema ---------------------------------------------------------------------------------


@verbs.command(epilog=EXIT_CODES, short_help="Write a JSON Schema of policy files, for editors.")
def schema(
    policy: PolicyOption = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there; else it is printed.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the schemas for all packs in it, and cases."),
    ] = None,
) -> None:
    """Write a JSON Schema (2020-12) of policy files: completion, hover text and errors.

    With --policy it knows the names of that pack. The line to put on top of each file is printed.
    With --rules it writes the schemas of policy and case files into .schema of the folder, where
    the files of `reso new` and `reso fmt` expect them; again after a pack declares new inputs.

    \b
    Examples:
      reso schema --rules rules
      reso schema --out policy.schema.json
      reso schema --policy rules/my_shop --out rules/my_shop/policy.schema.json
    """
    if rules is not None:
        for path in write_schemas(rules):
            sheet.line(f"Wrote {path}.")
        return
    files, table = _facts_of(policy)
    made = json.dumps(policy_schema(table, files), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(made)
        typer.echo(modeline("policy.schema.json"), err=True)
        return
    out.write_text(f"{made}\n", encoding="utf-8")
    folder = policy if policy is not None else out.parent
    shown = Path(os.path.relpath(out.resolve(), folder.resolve())).as_posix()
    sheet.line(f"Wrote {out}. Put this line on top of each policy file in {folder}:")
    sheet.line(modeline(shown))
