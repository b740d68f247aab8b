"""Foreign columns as event rows and outcomes: the SQL of a mapping."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reso.facts.fields import Field
from reso.facts.problems import CaseError, InputProblem, did_you_mean
from reso.facts.timeline import AT
from reso.facts.values import Plain
from simulations.literals import text_of
from simulations.reading.mapping import Cell, ColumnMap, EventMap, OutcomeMap
from simulations.reading.relations import Relation
from simulations.reading.schema import OUTCOME_COLUMNS
from simulations.reading.words import Misread, Words, judged

WHOLE = (r"[-+]?\d{1,20}", "DECIMAL(20,0)")
FRACTION = (r"[-+]?\d{1,9}(\.\d{1,9})?", "DECIMAL(18,9)")
"""How a number is written, and the type that holds it without rounding."""


def mapped_rows(
    mapping: ColumnMap, relations: Sequence[Relation]
) -> tuple[list[Relation], list[str], list[str]]:
    """Return the relations a mapping reads, SELECTs of their event rows, and of how many left out.

    A row of which no event is made though a `where` fits it, and one that could not be read, stay
    as rows with a reason. What no `where` fits is left out on purpose: it is only counted (`n`).

    Raises:
        CaseError: sources or columns that are not there.
    """
    pairs = [
        (_source(mapping, f"events.{one.name}", one.source, relations, one.line), one)
        for one in mapping.events
    ]
    problems = [
        problem
        for relation, one in pairs
        for problem in (
            [relation] if isinstance(relation, InputProblem) else _lacking(mapping, one, relation)
        )
    ]
    if problems:
        raise CaseError(problems)
    found = [(relation, one) for relation, one in pairs if isinstance(relation, Relation)]
    found.sort(key=lambda pair: pair[0].name)
    used: list[Relation] = []
    selects: list[str] = []
    left_out: list[str] = []
    for _, group in groupby(found, key=lambda pair: pair[0].name):
        listed = list(group)
        maker, events = _Maker(listed[0][0], mapping), [one for _, one in listed]
        used.append(maker.relation)
        selects += [*map(maker.events, events), maker.left_over(events)]
        left_out.append(maker.left_out(events))
    return used, selects, left_out


def mapped_outcomes(mapping: ColumnMap, outcomes: OutcomeMap, relations: Sequence[Relation]) -> str:
    """Return a SELECT of all columns of outcomes as text, and of where each row stands.

    Raises:
        CaseError: a source or columns that are not there.
    """
    relation = _source(mapping, "outcomes", outcomes.source, relations, outcomes.line)
    if isinstance(relation, InputProblem):
        raise CaseError([relation])
    problems = list(_lacking_cells(mapping, outcomes.cells, relation, "outcomes"))
    if problems:
        raise CaseError(problems)
    maker = _Maker(relation, mapping)
    cells = outcomes.cells
    columns = [
        f"{_outcome_cell(maker, name, cells.get(name))} AS {name}" for name in OUTCOME_COLUMNS
    ]
    place = f"{text_of(relation.name)} AS file, {relation.row} AS row"
    tail = f"{relation.unread} AS unread, {relation.raw} AS raw"
    return f"SELECT {', '.join(columns)}, {place}, {tail} FROM {relation.sql}"


def _outcome_cell(maker: "_Maker", name: str, cell: Cell | None) -> str:
    if cell is None:
        return "NULL::VARCHAR"
    return maker.words.instant(cell) if name == "decided_at" else maker.words.word(cell)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Writes the SQL of what is made of the rows of one relation."""

    relation: Relation
    mapping: ColumnMap

    @property
    def words(self) -> Words:
        """The words in its columns."""
        return Words(self.relation)

    def events(self, one: EventMap) -> str:
        """Return the SELECT of one event of each row that has it."""
        kind = text_of(one.kind) if isinstance(one.kind, str) else self.words.word(one.kind)
        reason, message = judged(self._misread(one))
        return (
            f"SELECT {self.words.word(one.dispute_id)} AS dispute_id, "
            f"{self.words.instant(one.occurred_at)} AS occurred_at, "
            f"{self.words.instant(one.recorded_at)} AS recorded_at, "
            f"{kind} AS kind, {self._payload(one)} AS payload, {self._place}, "
            f"{reason} AS reason, {message} AS message, {self.relation.raw} AS raw "
            f"FROM {self.relation.sql} WHERE {self.relation.unread} IS NULL AND {self._made(one)}"
        )

    def left_over(self, events: Sequence[EventMap]) -> str:
        """Return the SELECT of rows that should make an event and make none, with the reason."""
        unread = self.relation.unread
        made = " OR ".join(f"coalesce({self._made(one)}, false)" for one in events)
        columns = dict.fromkeys(one.occurred_at.column for one in events if one.occurred_at.column)
        nothing = f"the mapping makes no event of it: nothing stands in `{'`, `'.join(columns)}`. "
        nothing += "Leave it out by a `where`, or say when it was."
        return (
            "SELECT NULL::VARCHAR AS dispute_id, NULL::VARCHAR AS occurred_at, "
            "NULL::VARCHAR AS recorded_at, NULL::VARCHAR AS kind, NULL::VARCHAR AS payload, "
            f"{self._place}, "
            f"CASE WHEN {unread} IS NULL THEN 'nothing_mapped' ELSE 'unreadable_row' END "
            "AS reason, "
            f"coalesce({unread}, {text_of(nothing)}) AS message, {self.relation.raw} AS raw "
            f"FROM {self.relation.sql} WHERE {unread} IS NOT NULL "
            f"OR (({self._fits(events)}) AND NOT ({made}))"
        )

    def left_out(self, events: Sequence[EventMap]) -> str:
        """Return the SELECT of how many rows no `where` fits."""
        is_out = f"{self.relation.unread} IS NULL AND NOT ({self._fits(events)})"
        return f"SELECT count(*) AS n FROM {self.relation.sql} WHERE {is_out}"

    def _fits(self, events: Sequence[EventMap]) -> str:
        """Return the condition that the `where` of any of these events fits."""
        return " OR ".join(
            f"coalesce({' AND '.join(self._where(one)) or 'true'}, false)" for one in events
        )

    @property
    def _place(self) -> str:
        return f"{text_of(self.relation.name)} AS file, {self.relation.row} AS row"

    def _where(self, one: EventMap) -> list[str]:
        return [
            f"{self.relation.text(column)} IN ({', '.join(map(text_of, words))})"
            for column, words in one.where.items()
        ]

    def _made(self, one: EventMap) -> str:
        parts = self._where(one)
        if one.occurred_at.column:
            parts.append(f"{self.relation.text(one.occurred_at.column)} IS NOT NULL")
        return f"({' AND '.join(parts) or 'true'})"

    def _misread(self, one: EventMap) -> Iterator[Misread]:
        """Yield what is wrong with the words of columns that an event is made of."""
        yield from self.words.mistimed(one.occurred_at)
        yield from self.words.mistimed(one.recorded_at)
        if isinstance(one.payload, Cell) or not isinstance(one.kind, str):
            return
        fields = self.mapping.table.sections[one.kind].fields
        for name, cell in one.payload.items():
            if fields[name].type == "instant":
                yield from self.words.mistimed(cell)
            elif fields[name].type == "date":
                yield from self.words.misdated(cell)
            else:
                yield from self.words.miscounted(cell)

    # -- payloads ---------------------------------------------------------------------------

    def _payload(self, one: EventMap) -> str:
        if isinstance(one.payload, Cell):
            return self.relation.text(one.payload.column)
        assert isinstance(one.kind, str)
        section = self.mapping.table.sections[one.kind]
        cells = {name: self.value(section.fields[name], cell) for name, cell in one.payload.items()}
        if section.is_list and AT in section.fields and AT not in cells:
            cells[AT] = f"to_json({self.words.instant(one.occurred_at)})"
        return f"json_merge_patch('{{}}', {_object(cells)})::VARCHAR"

    def value(self, declared: Field, cell: Cell) -> str:
        """Return the SQL of a field as JSON; what does not fit its type stays text."""
        if not cell.column:
            return f"{text_of(_json(cell.constant))}::JSON"
        word = self.words.word(cell)
        match declared.type:
            case "money":
                return self._money(cell, word)
            case "integer":
                return self._typed(cell, word, _exact(word, WHOLE))
            case "rate":
                return self._typed(cell, word, _exact(word, FRACTION))
            case "boolean":
                return self._typed(cell, word, f"TRY_CAST({word} AS BOOLEAN)")
            case "instant":
                return f"to_json({self.words.instant(cell)})"
            case "date":
                return f"to_json({_date(cell, word)})"
            case "list of enum" | "list of date" | "list of text":
                return f"coalesce(TRY_CAST({word} AS JSON), to_json({word}))"
            case _:
                return f"to_json({word})"

    def _money(self, cell: Cell, word: str) -> str:
        if cell.unit == "cents":
            return _or_text(f"{_exact(word, WHOLE)} * 0.01::DECIMAL(3,2)", word)
        return self._typed(cell, word, "NULL")

    def _typed(self, cell: Cell, word: str, read: str) -> str:
        """Return the SQL of a value: as its column holds it, or `read` from its text."""
        kind = self.relation.types[cell.column]
        column = self.relation.column(cell.column)
        if cell.values or kind == "VARCHAR":
            return _or_text(read, word)
        if kind != "JSON":
            return f"to_json({column})"
        is_text = f"json_type({column}) IN ('VARCHAR', 'NULL')"
        return f"CASE WHEN {is_text} THEN {_or_text(read, word)} ELSE {column} END"


def _date(cell: Cell, word: str) -> str:
    if not cell.format:
        return word
    return f"coalesce(try_strptime({word}, {text_of(cell.format)})::DATE::VARCHAR, {word})"


def _exact(word: str, number: tuple[str, str]) -> str:
    """Return the SQL of a number of a text; NULL where the type would round it."""
    pattern, kind = number
    return f"CASE WHEN regexp_full_match({word}, {text_of(pattern)}) THEN {word}::{kind} END"


def _or_text(typed: str, word: str) -> str:
    return f"coalesce(to_json({typed}), to_json({word}))"


def _object(cells: Mapping[str, str]) -> str:
    """Return the SQL of an object of JSON; dotted names are objects within it."""
    parts: list[str] = []
    heads = dict.fromkeys(name.partition(".")[0] for name in cells)
    for head in heads:
        inner = {
            name.removeprefix(f"{head}."): sql
            for name, sql in cells.items()
            if name.startswith(f"{head}.")
        }
        parts.append(f"{text_of(head)}, {cells[head] if head in cells else _object(inner)}")
    return f"json_object({', '.join(parts)})"


def _json(constant: Plain) -> str:
    """Return a constant of the mapping as JSON; a fraction in YAML is an exact decimal."""
    return json.dumps(constant, ensure_ascii=False, default=float)


# -- what is not there ----------------------------------------------------------------------


def _source(
    mapping: ColumnMap, path: str, name: str, relations: Sequence[Relation], line: int | None
) -> Relation | InputProblem:
    named = {relation.name.rpartition("/")[2]: relation for relation in relations}
    if not name and len(relations) == 1:
        return relations[0]
    if name in named:
        return named[name]
    what = f"there is no source `{name}`" if name else "does not say which of several sources"
    hint = did_you_mean(name, named) or f"Write one of {', '.join(sorted(named))}."
    return InputProblem(f"{path}.from", what, hint, mapping.file, line)


def _lacking(mapping: ColumnMap, one: EventMap, relation: Relation) -> Iterator[InputProblem]:
    """Yield the columns an event names that its source has not."""
    cells = {
        "dispute_id": one.dispute_id,
        "occurred_at": one.occurred_at,
        "recorded_at": one.recorded_at,
        **{f"where.{column}": Cell(column=column, line=one.line) for column in one.where},
    }
    if isinstance(one.kind, Cell):
        cells["kind"] = one.kind
    if isinstance(one.payload, Cell):
        cells["payload"] = one.payload
    else:
        cells |= {f"payload.{name}": cell for name, cell in one.payload.items()}
    if one.recorded_at == one.occurred_at:
        del cells["recorded_at"]
    yield from _lacking_cells(mapping, cells, relation, f"events.{one.name}")


def _lacking_cells(
    mapping: ColumnMap, cells: Mapping[str, Cell], relation: Relation, path: str
) -> Iterator[InputProblem]:
    for name, cell in cells.items():
        if cell.column and cell.column not in relation.types:
            what = f"{relation.name} has no column `{cell.column}`"
            hint = relation.missing(cell.column)
            yield InputProblem(f"{path}.{name}", what, hint, mapping.file, cell.line)
