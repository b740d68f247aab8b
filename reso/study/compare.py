"""What changed between two versions of a pack: in its words, and in what comes of its cases."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.cases import Pack, load_scenarios, own_case_files
from reso.engine.ruling_json import Json
from reso.engine.valuation import Valuation
from reso.errors import InputError, ResoError
from reso.facts.fields import Field
from reso.facts.reader import load_case_path, read_case_file
from reso.model.case import Case
from reso.model.money import to_major
from reso.model.ruling import Ruling
from reso.model.time import local_time
from reso.policy.document import Items, Map, Tree
from reso.policy.sections import HEADER, NAMED
from reso.study.reading import PackFiles, plain

CLOCKS = ("opens_at", "lasts", "until", "silence_means", "paused_by", "extended_by")
"""The words of a question that say how its clock runs."""


@dataclass(frozen=True, slots=True)
class Part:
    """One place of an entry whose words changed; "" where there were none, or are none now."""

    where: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of a section that was added, removed, or says something else now."""

    section: str
    name: str
    what: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one version makes of a case; `problem` says why it could not be ruled on.

    `numbers` are the values its parameters have for this case, in words.
    """

    decision: str = ""
    amount: str = ""
    deadline: str = ""
    other: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    def essence(self) -> tuple[object, ...]:
        """Return all but the reasons."""
        return self.decision, self.amount, self.deadline, self.other, self.problem


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case that the two versions do not decide alike; `reasons_only`: for other reasons."""

    id: str
    file: str
    old: Outcome
    new: Outcome

    @property
    def reasons_only(self) -> bool:
        """Whether only the reasons differ."""
        return self.old.essence() == self.new.essence()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two versions of a pack.

    Attributes:
        cases: those that the versions do not decide alike.
        undecided: those that neither version can rule on.
        tried: how many cases there are.
    """

    changed: tuple[Changed, ...]
    cases: tuple[CaseChange, ...]
    undecided: tuple[CaseChange, ...]
    tried: int

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.changed and not self.cases


# -- the words ------------------------------------------------------------------------------


def words_changed(old: PackFiles, new: PackFiles) -> tuple[Changed, ...]:
    """Return what changed in the words of a pack; where an entry stands does not matter."""
    before, after = _entries(old), _entries(new)
    found: list[Changed] = []
    for key in dict.fromkeys((*before, *after)):
        section, name = key
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        parts = tuple(
            Part(where, (was or {}).get(where, ""), (now or {}).get(where, ""))
            for where in dict.fromkeys((*(was or {}), *(now or {})))
            if (was or {}).get(where, "") != (now or {}).get(where, "")
        )
        what = "added" if was is None else "removed" if now is None else "changed"
        found.append(Changed(section, name, what, parts))
    order = {section: n for n, section in enumerate(SECTIONS)}
    return tuple(sorted(found, key=lambda one: order[one.section]))


Flat = Mapping[str, str]

SECTIONS = (
    "header",
    "sources",
    "inputs",
    "facts",
    "parameters",
    "overlays",
    "chapters",
    "readings",
    "picks",
    "findings",
    "bars",
    "questions",
    "rules",
    "stages",
    "otherwise",
    "settlements",
    "requests",
    "effects",
    "promises",
    "escrow",
    "legs",
    "consent",
    "reopens",
    "messages",
    "waivers",
)


def _entries(files: PackFiles) -> dict[tuple[str, str], Flat]:
    found: dict[tuple[str, str], Flat] = {}
    header = files.sections.header
    for key in HEADER:
        tree = None if header is None else header.tree(key)
        if tree is not None and key != "uses":
            found["header", key] = flat(tree)
    for section in NAMED:
        for name, entry in files.sections.entries[section].items():
            told = dict(flat(entry.tree))
            if entry.chapter and section in ("bars", "questions", "rules", "effects"):
                told.setdefault("for", entry.chapter)
            found[section, name] = told
    for remedy, chapter, entries in files.sections.stages:
        for entry in entries:
            suffix = f" ({chapter})" if chapter else ""
            found["stages", f"{remedy}{suffix}, {entry.name}"] = flat(entry.tree)
    for matter, entry in files.sections.otherwise:
        suffix = f" ({entry.chapter})" if entry.chapter else ""
        found["otherwise", f"{matter}{suffix}"] = flat(entry.tree)
    for document, tree in files.sections.overlays:
        for item in tree.items if isinstance(tree, Items) else ():
            found["overlays", _overlay_name(item, found)] = flat(item)
        del document
    for field in files.sound().table.every_field():
        if field.source_file.startswith("reso/facts/"):
            continue
        found["inputs", field.path] = _fact(field)
    return found


def _overlay_name(item: Tree, taken: Mapping[tuple[str, str], Flat]) -> str:
    told = flat(item)
    days = f"from {told.get('from', '?')} until {told.get('until', '?')}"
    name = f"{told.get('parameter', '?')} {days}"
    others = [other for section, other in taken if section == "overlays"]
    count = sum(other.startswith(name) for other in others)
    return f"{name} ({count + 1})" if count else name


def _fact(field: Field) -> Flat:
    told = {"type": field.type, "values": ", ".join(field.values), "unit": field.unit or ""}
    absent = "none" if field.absent is None else str(field.absent)
    return {**told, "absent": absent, "meaning": field.meaning}


def flat(tree: Tree, where: str = "") -> dict[str, str]:
    """Return the texts of a tree by where they stand: "value, mall", "because, en"."""
    match tree:
        case Map():
            found: dict[str, str] = {}
            for key, inner in tree:
                found |= flat(inner, f"{where}, {key}" if where else key)
            return found
        case Items() if any(isinstance(item, Map) for item in tree.items):
            found = {}
            for number, item in enumerate(tree.items, start=1):
                found |= flat(item, f"{where}, {number}" if where else str(number))
            return found
        case Items():
            joint = " and " if where.rpartition(", ")[2] == "when" else ", "
            return {where: joint.join(str(plain(item)) for item in tree.items)}
        case _:
            return {where: str(plain(tree))}


# -- the cases ------------------------------------------------------------------------------


def cases_compared(
    old: Pack, new: Pack, files: Sequence[Path], changed: tuple[Changed, ...]
) -> Comparison:
    """Return what the two versions make of their own cases, and of those in these files.

    Raises:
        InputError, CaseError: a file that holds no case.
    """
    cases = _cases(old, new, files)
    found, undecided = [], []
    for (id_, file), given in cases.items():
        before, after = _outcome(old, given), _outcome(new, given)
        case = CaseChange(id_, file, before, after)
        if before.problem and after.problem:
            undecided.append(case)
        elif before.essence() != after.essence() or before.reasons != after.reasons:
            found.append(case)
    return Comparison(changed, tuple(found), tuple(undecided), len(cases))


def _cases(old: Pack, new: Pack, files: Sequence[Path]) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    given: dict[str, str] = {}
    for pack in (new, old):
        for file in own_case_files(pack.folder):
            for case in load_scenarios(file, pack.policy.name):
                content = json.dumps(case.given, sort_keys=True, default=str)
                if case.platform != pack.policy.name or given.get(case.id) == content:
                    continue
                given.setdefault(case.id, content)
                shown = f"cases/{file.name}" + (" (old)" if case.id in _ids(found) else "")
                found[case.id, shown] = case.given
    for file in files:
        found |= _given_file(file, {old.policy.name, new.policy.name})
    return found


def _ids(found: Mapping[tuple[str, str], object]) -> set[str]:
    return {id_ for id_, _ in found}


def _given_file(file: Path, names: set[str]) -> dict[tuple[str, str], object]:
    data = load_case_path(file)
    if "cases" not in data:
        return {(file.stem, str(file)): data}
    platform = next(iter(sorted(names)))
    cases = load_scenarios(file, platform, answered=False)
    found: dict[tuple[str, str], object] = {
        (case.id, str(file)): case.given for case in cases if case.platform in names
    }
    if cases and not found:
        what = f"none of its cases is for `{platform}`"
        raise InputError(str(file), what, f"Write `platform: {platform}`, or leave it out.")
    return found


def _outcome(pack: Pack, given: object) -> Outcome:
    try:
        history = read_case_file(given, pack.table, "case", file="given")
        if history.now is None:
            raise InputError("given", "it has no `now`", "Say when the ruling is asked.")
        case = history.case_at()
        ruling = pack.engine.decide(case)
    except ResoError as error:
        return Outcome(problem=str(error))
    told = pack.explainer.explain(ruling, "en")
    zone = pack.policy.calendar.zone
    amount = ""
    if ruling.amount is not None and ruling.currency is not None:
        amount = f"{to_major(ruling.amount, ruling.currency):f} {ruling.currency}"
    deadline = local_time(ruling.deadline, zone).isoformat() if ruling.deadline else ""
    return Outcome(
        ruling.decision,
        amount,
        deadline,
        tuple(_other(ruling)),
        tuple(reason.name for reason in ruling.reasons),
        tuple(reason.text for reason in told.reasons),
        tuple(_numbers(pack, case, ruling)),
    )


def _numbers(pack: Pack, case: Case, ruling: Ruling) -> Iterator[tuple[str, str]]:
    values = Valuation(pack.policy, case, ruling.known_at)
    voice = pack.explainer.voice(ruling, "en")
    for definition in pack.policy.definitions:
        if definition.kind == "parameter":
            told = voice.value(values.ref(definition.name), definition.node.type.kind)
            yield definition.name, told


def _other(ruling: Ruling) -> Iterator[tuple[str, str]]:
    for name in ("payer", "payee", "of", "quantity", "percent"):
        value = getattr(ruling, name)
        if value not in ("", None):
            yield name, str(value)
    for name, value in (*ruling.matters, *sorted((ruling.effects or {}).items())):
        yield name, ("yes" if value else "no") if isinstance(value, bool) else str(value)


# -- as data --------------------------------------------------------------------------------


def comparison_json(found: Comparison) -> dict[str, Json]:
    """Return a comparison as plain data for JSON."""
    return {
        "same": found.same,
        "changes": [
            {
                "section": one.section,
                "name": one.name,
                "what": one.what,
                "parts": [
                    {"where": p.where, "old": p.old or None, "new": p.new or None}
                    for p in one.parts
                ],
            }
            for one in found.changed
        ],
        "cases": {
            "tried": found.tried,
            "changed": [
                {
                    "id": one.id,
                    "file": one.file,
                    "reasons_only": one.reasons_only,
                    "old": _outcome_json(one.old),
                    "new": _outcome_json(one.new),
                }
                for one in found.cases
            ],
            "undecided": [
                {"id": one.id, "file": one.file, "problem": one.new.problem}
                for one in found.undecided
            ],
        },
    }


def _outcome_json(one: Outcome) -> Json:
    other: dict[str, Json] = dict(one.other)
    return {
        "decision": one.decision or None,
        "amount": one.amount or None,
        "deadline": one.deadline or None,
        "other": other,
        "reasons": list(one.reasons),
        "why": list(one.told),
        "parameters": dict(one.numbers),
        "problem": one.problem or None,
    }
