"""`reso demo`: small cases, decided by the shipped packs and explained in both languages."""

from dataclasses import replace
from pathlib import Path

import reso
from reso.cases import Pack, ScenarioCase, load_scenarios
from reso.cli.inputs import read_pack
from reso.cli.live import second_engine
from reso.cli.paper import Paper
from reso.engine.explain import Explanation
from reso.errors import InputError
from reso.facts.reader import read_case_file
from reso.model.money import Language

CASES = Path("fixtures", "cases")
LANGUAGES: tuple[Language, ...] = ("id", "en")


def show_demo(paper: Paper) -> None:
    """Decide and explain every case under `fixtures/cases` of the clone.

    Raises:
        InputError: there is no clone here or above, nor around this installation.
        typer.Exit: a pack cannot be loaded; the reason has been printed.
    """
    root = clone_root()
    files = sorted((root / CASES).glob("*.yaml"))
    cases = [(file, case) for file in files for case in load_scenarios(file)]
    if not cases:
        raise InputError(str(root / CASES), "there is no case in it", "Restore it from git.")
    names = dict.fromkeys(case.platform for _, case in cases)
    folders = {name: root / "rules" / name for name in names}
    second = second_engine()
    packs = {name: read_pack(folder, second=second) for name, folder in folders.items()}
    for number, (file, case) in enumerate(cases, start=1):
        paper.rule(f"{number} of {len(cases)}: {case.title}")
        paper.line(case.story)
        paper.line(f"{file.relative_to(root)}, by rules/{case.platform}", style="dim")
        paper.side_by_side([_told(packs[case.platform], case, one) for one in LANGUAGES])
        paper.line()
    _what_next(paper, root, cases[0])


def clone_root() -> Path:
    """Return the clone around the current folder, else the one this program runs from.

    Raises:
        InputError: there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, Path(reso.__file__).resolve().parent.parent):
        if (folder / CASES).is_dir() and (folder / "rules").is_dir():
            return folder
    todo = "Go into a clone of Reso-bot and try again."
    raise InputError(str(here), f"there is no `{CASES}` here or above", todo)


def _told(pack: Pack, case: ScenarioCase, language: Language) -> Explanation:
    history = read_case_file(case.given, pack.table, case.id, file=case.place)
    known = history.case_at()
    ruling = pack.engine.decide(known)
    left_alone = pack.engine.decide(known, ruling.deadline) if ruling.deadline else None
    told = pack.explainer.explain(ruling, language, left_alone)
    return replace(told, evidence=(), effects=(), clocks=())


def _what_next(paper: Paper, root: Path, first: tuple[Path, ScenarioCase]) -> None:
    file, case = first
    at_root = Path.cwd() == root
    pack, shown = f"rules/{case.platform}", file.relative_to(root)
    paper.rule("What to try next")
    paper.facts(
        [
            *([] if at_root else [(f"cd {root}", "")]),
            (f"reso explain {shown} --policy {pack}", "everything about the first case"),
            (f"reso decide {shown} --policy {pack} --json", "the same for machines"),
            (f"reso test {pack}", "the pack's own cases"),
            (f"reso check {pack}", "the pack's files; change a word in one and see"),
        ]
    )
    paper.line("(`reso` is .venv/bin/reso, unless the environment is active.)")
