"""A parameter as rows of a spreadsheet, and rows back into the parameter.

A row has a cell for each level of the table (`by`, in the order they are nested), one for the day
its value begins (`from`), and the value. A level that a row does not have is an empty cell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reso.authoring.edits import Edits, merge, rank
from reso.authoring.packs import EditedPack, Parameter
from reso.authoring.setting import Change
from reso.authoring.spans import Plain, plain, read_spans
from reso.authoring.words import check_key, check_value
from reso.errors import InputError
from reso.expressions.check import Checker, Scope, nearest
from reso.expressions.tree import Type
from reso.policy.parameters import DAY

FROM, VALUE = "from", "value"
OTHER_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")

Steps = tuple[tuple[str, str], ...]
"""The way to a value: pairs of a column and its key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet that is not empty; `number` is what the spreadsheet calls it."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: the names of the columns, and the rows below them."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def at(self, row: Row, column: str) -> str:
        """Return what messages call a cell."""
        return f"{self.name}: row {row.number}, column `{column}`"


# -- out ------------------------------------------------------------------------------------


def export_rows(folder: Path, name: str) -> list[list[str]]:
    """Return a parameter as rows, the names of the columns first.

    Raises:
        InputError: there is no such parameter, or it is nested in a way no sheet can show.
        PolicyError: a file of the pack is no YAML.
    """
    pack = EditedPack.read(folder)
    value = plain(pack.parameter(name).value[1])
    ways = list(_ways(value))
    columns = [*_columns(ways, name), VALUE]
    return [columns, *([{**dict(way), VALUE: v}.get(c, "") for c in columns] for way, v in ways)]


def _ways(value: Plain, way: Steps = ()) -> Iterator[tuple[Steps, str]]:
    if isinstance(value, str):
        yield way, value
        return
    if not isinstance(value, dict) or not value:
        raise InputError("the table", "a part of it is no value", "`reso check` says where.")
    by = value.get("by")
    column = FROM if by is None else _spaced(str(by))
    for key, inner in value.items():
        if by is None or key != "by":
            yield from _ways(inner, (*way, (column, key)))


def _columns(ways: Sequence[tuple[Steps, str]], name: str) -> list[str]:
    """Return one order of the columns in which every way runs from left to right."""
    columns: list[str] = []
    for way, _ in ways:
        place = 0
        for column, _ in way:
            if column not in columns:
                columns.insert(place, column)
            if columns.index(column) < place or [c for c, _ in way].count(column) > 1:
                what = f"`{name}` is nested in more than one order, which no sheet can show"
                raise InputError(f"`{column}`", what, "Edit it in the policy file.")
            place = columns.index(column) + 1
    return columns


# -- in -------------------------------------------------------------------------------------


def plan_import(folder: Path, name: str, sheet: Sheet) -> Change:
    """Return the change that gives a parameter the values of a sheet; nothing is written yet.

    Raises:
        InputError: the sheet cannot be used; says in which row and column.
        PolicyError: the pack would have problems afterwards that it does not have now.
    """
    pack = EditedPack.read(folder)
    parameter = pack.parameter(name)
    _refuse_columns(sheet, parameter)
    rows = [(row, _way(sheet, row)) for row in sheet.rows]
    _check_words(pack, parameter, sheet)
    source = parameter.file.source
    key, old, in_flow = parameter.value
    new = _as_written(plain(old), _tree(sheet, rows, 0))
    edits = Edits(source.text)
    merge(edits, key, old, new, in_flow)
    change = Change(source, edits.result())
    if change.text != source.text:
        _refuse_loss(parameter, change, new)
        pack.refuse_problems({source.path: change.text})
    if not parameter.file.own:
        change.notes.append(f"{source.shown} is used by other packs, too; check and test them.")
    return change


def _refuse_columns(sheet: Sheet, parameter: Parameter) -> None:
    known = [*_columns(list(_ways(plain(parameter.value[1]))), parameter.name), VALUE]
    if VALUE not in sheet.columns:
        what = "its first row names no column `value`"
        raise InputError(sheet.name, what, f"The columns are {', '.join(known)}.")
    for column in sheet.columns:
        if sheet.columns.count(column) > 1:
            raise InputError(sheet.name, f"two columns are called `{column}`", "Remove one.")
        if column not in (*known, FROM):
            todo = nearest(column, known) or f"The columns are {', '.join(known)}."
            raise InputError(sheet.name, f"`{parameter.name}` has no column `{column}`", todo)
    missing = [column for column in known if column not in sheet.columns and column != FROM]
    if missing:
        what = f"the column `{missing[0]}` is missing"
        raise InputError(sheet.name, what, f"The columns are {', '.join(known)}.")
    if not sheet.rows:
        raise InputError(sheet.name, "there is no row below the names of the columns", "Fill it.")


def _way(sheet: Sheet, row: Row) -> Steps:
    if not row.cells[VALUE]:
        raise InputError(sheet.at(row, VALUE), "the cell is empty", "Every row needs a value.")
    for column in sheet.columns:
        if column == FROM and row.cells[FROM]:
            _refuse_day(row.cells[FROM], sheet.at(row, FROM))
        elif column != VALUE and row.cells[column] == "by":
            raise InputError(sheet.at(row, column), "`by` is no key", "It is the column's name.")
    return tuple((c, row.cells[c]) for c in sheet.columns if c != VALUE and row.cells[c])


def _refuse_day(text: str, where: str) -> None:
    if text == "before":
        return
    try:
        if DAY.match(text):
            date.fromisoformat(text)
            return
    except ValueError:
        pass
    todo = "Write it like 2026-03-18, or `before`."
    if match := OTHER_DAY.fullmatch(text):
        first, second, year = (int(part) for part in match.groups())
        if first > 12 >= second:
            first, second = second, first
        if first <= 12 < second:
            todo = f"Write {year}-{first:02}-{second:02}."
    raise InputError(where, f"`{text}` is not a day", todo)


def _check_words(pack: EditedPack, parameter: Parameter, sheet: Sheet) -> None:
    scope, definition = pack.scope(), pack.definition(parameter.name)
    if scope is None or definition is None:  # the pack has problems; it is checked as a whole
        return
    kinds = {c: _key_type(scope, c) for c in sheet.columns if c not in (FROM, VALUE)}
    for row in sheet.rows:
        for column, kind in kinds.items():
            cell = row.cells[column]
            if cell and cell != "otherwise" and kind is not None:
                check_key(scope, cell, kind, sheet.at(row, column))
        check_value(scope, row.cells[VALUE], definition.node.type, sheet.at(row, VALUE))


def _key_type(scope: Scope, by: str) -> Type | None:
    checker = Checker(scope)
    node = checker.expression(by)
    return None if checker.flaws else node.type


def _tree(sheet: Sheet, rows: list[tuple[Row, Steps]], depth: int) -> Plain:
    """Return the rows that go one way as a value, a table or periods."""
    first, way = rows[0]
    if len(way) == depth:
        if len(rows) > 1:
            other = rows[1][0]
            what = f"the value is given twice, in row {first.number}, too"
            if len(rows[1][1]) > depth:
                column = rows[1][1][depth][0]
                what = f"row {first.number} has no `{column}`, although this one has"
            raise InputError(f"{sheet.name}: row {other.number}", what, "Remove or fill one.")
        return first.cells[VALUE]
    column = way[depth][0]
    groups: dict[str, list[tuple[Row, Steps]]] = {}
    for row, steps in rows:
        if len(steps) == depth or steps[depth][0] != column:
            what = f"the cell is empty, but not in row {first.number}, which goes with it"
            todo = "Write `before` or a day." if column == FROM else "Write a key, or `otherwise`."
            raise InputError(sheet.at(row, column), what, todo)
        groups.setdefault(steps[depth][1], []).append((row, steps))
    keys = sorted(groups, key=rank)
    inner = {key: _tree(sheet, groups[key], depth + 1) for key in keys}
    return inner if column == FROM else {"by": column, **inner}


def _as_written(old: Plain | None, new: Plain) -> Plain:
    """Return the new data with the words of the old where only their spaces differ."""
    if isinstance(new, str):
        return old if isinstance(old, str) and _spaced(old) == new else new
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    keys = {_spaced(key): key for key in old}
    return {keys.get(k, k): _as_written(old.get(keys.get(k, k)), v) for k, v in new.items()}


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _refuse_loss(parameter: Parameter, change: Change, new: Plain) -> None:
    """Make sure that the new text says what the sheet says, and the rest what it said."""
    before = plain(parameter.file.tree)
    after = plain(read_spans(change.text, change.source.shown))
    for data, value in ((before, new), (after, None)):
        assert isinstance(data, dict)
        section = data["parameters"]
        assert isinstance(section, dict)
        inner = section[parameter.name]
        if parameter.value[1] is not parameter.part:
            assert isinstance(inner, dict)
            inner["value"] = inner["value"] if value is None else value
        elif value is not None:
            section[parameter.name] = value
    if before != after:
        what = "this change cannot be written into the file without harm"
        raise InputError(change.source.shown, what, "Nothing was written; change it by hand.")
