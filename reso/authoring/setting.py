"""`reso set`: a new value from a day on, or laid over the usual one for a time."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from reso.authoring.edits import Edits, place, rendered, scalar
from reso.authoring.files import SourceFile
from reso.authoring.notes import LessTime
from reso.authoring.packs import EditedPack, PackFile, Parameter
from reso.authoring.spans import Branch, Leaf, Listing, Part, Plain, plain, read_spans
from reso.authoring.words import check_condition, check_value
from reso.errors import InputError
from reso.expressions.tree import Node, Ref
from reso.policy.parameters import DAY, REACHES


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be set: a value, for which cases, from when, until when, why."""

    parameter: str
    value: str
    where: tuple[str, ...] = ()
    starts: date | None = None
    ends: date | None = None
    because: str = ""
    reach: str = ""
    exception: bool = False


@dataclass(slots=True)
class Change:
    """A file with its new text, and what its author should know about it."""

    source: SourceFile
    text: str
    notes: list[str] = field(default_factory=list)


def plan(folder: Path, wish: Wish) -> Change:
    """Return the change that does what is wished; nothing is written yet.

    Raises:
        InputError: the wish cannot be done, and why.
        PolicyError: the pack would have problems afterwards that it does not have now.
    """
    pack = EditedPack.read(folder)
    parameter = pack.parameter(wish.parameter)
    if wish.starts is None:
        what = "from which day on? Cases from before it keep the value they have"
        raise InputError("--from", what, "Add --from 2026-03-18.")
    _check_words(pack, parameter, wish)
    if wish.ends is None:
        change = _new_period(parameter, wish, wish.starts)
    else:
        change = _overlay(pack, wish, wish.starts, wish.ends)
        change.notes += _notes(pack, parameter, wish)
    if change.text != change.source.text:
        pack.refuse_problems({change.source.path: change.text})
    return change


def read_day(text: str | None, option: str) -> date | None:
    """Return the day typed after an option.

    Raises:
        InputError: it is none.
    """
    if text is None:
        return None
    try:
        if DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InputError(option, f"`{text}` is not a day of the calendar", "Write it like 2026-03-18.")


def _check_words(pack: EditedPack, parameter: Parameter, wish: Wish) -> None:
    scope, definition = pack.scope(), pack.definition(parameter.name)
    if scope is None or definition is None:  # the pack has problems; it is checked as a whole
        return
    check_value(scope, wish.value, definition.node.type, "VALUE")
    for condition in wish.where:
        check_condition(scope, condition, "--where")


# -- from a day on --------------------------------------------------------------------------


def _new_period(parameter: Parameter, wish: Wish, starts: date) -> Change:
    if not parameter.file.own:
        what = f"`{parameter.name}` stands in {parameter.file.source.shown}, which other packs use"
        raise InputError(wish.parameter, what, "Change that file by hand, or add --until DAY.")
    if wish.reach or wish.exception:
        option = "--reach" if wish.reach else "--exception"
        raise InputError(option, "goes with --until only", "Add --until DAY, or leave it out.")
    source, day = parameter.file.source, starts.isoformat()
    path = ["parameters", parameter.name]
    key, part, in_flow = parameter.value
    path += ["value"] if part is not parameter.part else []
    key, part, in_flow, rows = _row(key, part, in_flow, wish)
    path += rows
    notes = _period_notes(part, day)
    expected = plain(parameter.file.tree)
    _put_at(expected, path, _with_period(plain(part), day, wish.value))
    edits = Edits(source.text)
    if plain(part) not in (wish.value, _with_period(plain(part), day, wish.value)):
        _write_period(edits, key, part, in_flow, day, wish)
        refuse_other(source, edits.result(), expected)
    return Change(source, edits.result(), notes)


def _period_notes(part: Part, day: str) -> list[str]:
    if not (isinstance(part, Branch) and _is_dated(part)):
        return []
    later = sorted(name for name in part.keys if name != "before" and name > day)
    return [f"It ends on {later[0]}, when the next period begins."] if later else []


def _row(key: Leaf, part: Part, in_flow: bool, wish: Wish) -> tuple[Leaf, Part, bool, list[str]]:
    """Return the row of a table that the conditions name: all of them have to be keys of it."""
    wanted, rows = [" ".join(one.split()) for one in wish.where], list[str]()
    while wanted:
        if not isinstance(part, Branch) or "by" not in part.parts:
            raise InputError("--where", *_no_row(wanted[0]))
        by = plain(part.parts["by"])
        fitting = [(c, name) for c in wanted for name in part.keys if _names(c, str(by), name)]
        if not fitting:
            raise InputError("--where", *_no_row(wanted[0], part))
        condition, name = fitting[0]
        wanted.remove(condition)
        rows.append(name)
        key, in_flow, part = part.keys[name], part.flow, part.parts[name]
    return key, part, in_flow, rows


def _names(condition: str, by: str, name: str) -> bool:
    match = re.fullmatch(rf"{re.escape(' '.join(by.split()))} (?:is|=) (?!not )(.+)", condition)
    return match is not None and name == match[1].strip("\"'") and name not in ("by", "otherwise")


def _no_row(condition: str, part: Branch | None = None) -> tuple[str, str]:
    what = f"`{condition}` is no row of the parameter's table, so it cannot have a value for good"
    if part is None:
        return what, "Add --until DAY, or make the value a table by hand (`by:`)."
    rows = [name for name in part.keys if name not in ("by", "otherwise")]
    shown = ", ".join(f"`{plain(part.parts['by'])} is {name}`" for name in rows[:6])
    return what, f"Its rows are {shown}. Add --until DAY, or add the row by hand."


def _is_dated(part: Branch) -> bool:
    return bool(part.keys) and all(name == "before" or DAY.match(name) for name in part.keys)


def _with_period(old: Plain, day: str, value: str) -> Plain:
    if isinstance(old, dict) and old and all(k == "before" or DAY.match(k) for k in old):
        return {**old, day: value}
    return {"before": old, day: value}


def _write_period(edits: Edits, key: Leaf, part: Part, in_flow: bool, day: str, wish: Wish) -> None:
    remark = f"{day}: {wish.because}" if wish.because else ""
    if isinstance(part, Branch) and _is_dated(part):
        if day in part.keys:
            if remark:
                edits.remark(part.keys[day].start, remark)
            edits.put(part.keys[day], part.parts[day], wish.value, part.flow)
        else:
            edits.add(part, day, wish.value, place(list(part.keys), day, []), remark)
        return
    if isinstance(part, Branch) and not part.flow:
        edits.wrap(part, "before", day, wish.value, remark)
        return
    if remark:
        edits.remark(key.start, remark)
    edits.put(key, part, {"before": plain(part), day: wish.value}, in_flow)


# -- for a time -----------------------------------------------------------------------------


def _overlay(pack: EditedPack, wish: Wish, starts: date, ends: date) -> Change:
    if ends <= starts:
        what = f"{ends} is not after {starts}"
        raise InputError("--until", what, "It is the first day on which all is as usual again.")
    if wish.reach not in REACHES:
        what = f"unknown reach `{wish.reach}`" if wish.reach else "say what falls on these days"
        known = ", ".join(f'"{reach}"' for reach in REACHES if reach != "clocks running")
        todo = f'One of: {known}, or "clocks running" (also clocks that began before).'
        raise InputError("--reach", what, todo)
    _refuse_no_clock(pack, wish)
    entry: dict[str, Plain] = {
        "parameter": wish.parameter,
        "from": starts.isoformat(),
        "until": ends.isoformat(),
        "value": wish.value,
        "reach": wish.reach,
    }
    if wish.where:
        entry["where"] = wish.where[0] if len(wish.where) == 1 else list(wish.where)
    if wish.because:
        entry["because"] = " ".join(wish.because.split())
    if wish.exception:
        entry["exception"] = "yes"
    file = pack.header()
    expected = plain(file.tree)
    assert isinstance(expected, dict)
    listed = expected.get("overlays") or []
    assert isinstance(listed, list)
    if entry in listed:
        return Change(file.source, file.source.text)
    expected["overlays"] = [*listed, entry]
    edits = Edits(file.source.text)
    _add_overlay(edits, file, entry)
    refuse_other(file.source, edits.result(), expected)
    return Change(file.source, edits.result())


def _add_overlay(edits: Edits, file: PackFile, entry: dict[str, Plain]) -> None:
    section = file.tree.parts.get("overlays")
    if isinstance(section, Listing) and section.flow:
        comma = ", " if section.parts else ""
        edits.insert(section.end - 1, comma + rendered(entry, True))
    elif isinstance(section, Listing):
        edits.insert(edits.line_end(section.end), _item(entry, section.column))
    elif section is not None:
        edits.insert(edits.line_end(section.end), _item(entry, 2))
    elif "parameters" in file.tree.parts:
        end = edits.line_end(file.tree.parts["parameters"].end)
        edits.insert(end, "\n\noverlays:" + _item(entry, 2))
    else:
        gap = "\n" if edits.text.endswith("\n") else "\n\n"
        edits.insert(len(edits.text), f"{gap}overlays:{_item(entry, 2)}\n")


def _item(entry: dict[str, Plain], column: int) -> str:
    lines = [
        f"{scalar(name)}: {rendered(value, isinstance(value, list))}"
        for name, value in entry.items()
    ]
    first, inner = f"\n{' ' * column}- ", f"\n{' ' * (column + 2)}"
    return first + inner.join(lines)


def _refuse_no_clock(pack: EditedPack, wish: Wish) -> None:
    if wish.reach != "clocks running" or pack.policy is None:
        return
    if any(_is(question.lasts, wish.parameter) for question in pack.policy.questions):
        return
    what = f"no question lasts `{wish.parameter}`, so `clocks running` would reach nothing"
    raise InputError("--reach", what, 'Say "claims filed", "orders placed" or "parcels delivered".')


def _is(lasts: Node | None, name: str) -> bool:
    return isinstance(lasts, Ref) and lasts.name == name


def _notes(pack: EditedPack, parameter: Parameter, wish: Wish) -> list[str]:
    notes = [f"{wish.ends} is the first day on which all is as usual again."]
    scope = pack.scope()
    if scope is None:
        return notes
    less = LessTime(scope, wish.value, wish.where, wish.reach)
    return [*notes, *less.notes(plain(parameter.value[1]))]


# -- shared ---------------------------------------------------------------------------------


def _put_at(data: Plain, path: list[str], value: Plain) -> None:
    for name in path[:-1]:
        assert isinstance(data, dict)
        data = data[name]
    assert isinstance(data, dict)
    data[path[-1]] = value


def refuse_other(source: SourceFile, text: str, expected: Plain) -> None:
    """Make sure a new text says what it should, and nothing else has changed."""
    if plain(read_spans(text, source.shown)) != expected:
        what = "this change cannot be written into the file without harm"
        raise InputError(source.shown, what, "Nothing was written; change it by hand.")
