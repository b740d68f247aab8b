"""Mappings of foreign columns: a YAML file that says which column is what. No code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

from reso.facts.fields import Field, Section
from reso.facts.problems import CaseError, InputProblem, did_you_mean, shown
from reso.facts.table import FactTable
from reso.facts.text import read_text, read_yaml
from reso.facts.values import Plain
from reso.model.events import CURRENCY
from simulations.reading.mapping_checks import is_format, wrong_value
from simulations.reading.schema import OUTCOME_COLUMNS, outcome_words

KeyPath = tuple[str, ...]

UNITS = ("major", "cents", "minor")
CELL_KEYS = ("column", "constant", "values", "unit", "decimal", "format", "time_zone")
DECIMALS = ("point", "comma")
UNIX = ("unix seconds", "unix milliseconds")
"""Formats of instants that are counts since 1970, beside those of strptime."""

EVENT_KEYS = ("from", "where", "dispute_id", "occurred_at", "recorded_at", "kind", "payload")
OUTCOME_KEYS = ("from", "query", *OUTCOME_COLUMNS)
FILE_KEYS = ("time_zone", "events", "outcomes")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one value comes from: a column, or a constant.

    Attributes:
        values: what the column's words are called here.
        unit: of an amount: `major` (50.10), `cents` (hundredths: 5010), `minor` (the smallest unit
            of its currency).
        decimal: what parts the whole of a number from its fraction: `point` (1250000.50), `comma`
            (1250000,50 or 1.250.000,50).
        format: how instants and dates are written, as strptime takes it, or one of `UNIX`; "":
            ISO 8601.
        zone: of local times; "": times have an offset.
        line: where it stands in the mapping.
    """

    column: str = ""
    constant: Plain = None
    values: Mapping[str, str] = field(default_factory=dict)
    unit: str = "major"
    decimal: str = "point"
    format: str = ""
    zone: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class EventMap:
    """One event made of each row that has its `occurred_at`, and the words of `where`.

    Attributes:
        name: what the mapping calls it.
        source: the file of a folder; "": the only one.
        kind: a section of a case file, or the column that names it.
        payload: of each field, by its dotted name; or the column that holds them all as JSON.
        line: where it starts in the mapping.
    """

    name: str
    source: str
    where: Mapping[str, tuple[str, ...]]
    dispute_id: Cell
    occurred_at: Cell
    recorded_at: Cell
    kind: str | Cell
    payload: Mapping[str, Cell] | Cell
    line: int | None


@dataclass(frozen=True, slots=True)
class OutcomeMap:
    """A recorded outcome made of each row: of each column of outcomes where it comes from.

    Attributes:
        source: the file of a folder; "": the only one.
        query: what a database is asked; "": what it is asked for events.
    """

    source: str
    cells: Mapping[str, Cell]
    line: int | None
    query: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A mapping file, read and checked against the facts."""

    file: str
    table: FactTable
    events: tuple[EventMap, ...]
    outcomes: OutcomeMap | None = None


def load_mapping(path: Path, table: FactTable) -> ColumnMap:
    """Return the mapping in a file.

    Raises:
        InputError: the file cannot be read. CaseError: with everything that is wrong in it.
    """
    document = read_yaml(read_text(path), str(path))
    reader = _Reader(str(path), table, document.lines)
    whole = reader.mapping(document.data, (), FILE_KEYS)
    reader.zone = reader.time_zone(whole.get("time_zone"), ("time_zone",))
    events = tuple(
        reader.event(name, raw) for name, raw in reader.named(whole.get("events"), ("events",))
    )
    raw_outcomes = whole.get("outcomes")
    outcomes = None if raw_outcomes is None else reader.outcomes(raw_outcomes)
    if not events and not reader.problems:
        reader.problem(("events",), "makes no event", "Write one under `events`.")
    if reader.problems:
        raise CaseError(reader.problems)
    return ColumnMap(str(path), table, events, outcomes)


@dataclass(slots=True)
class _Reader:
    """Reads the parts of a mapping and notes what is wrong with them."""

    file: str
    table: FactTable
    lines: Mapping[KeyPath, int]
    zone: str = ""
    problems: list[InputProblem] = field(default_factory=list)

    # -- what it holds ----------------------------------------------------------------------

    def event(self, name: str, raw: Plain) -> EventMap:
        """Return one event of the mapping."""
        path = ("events", name)
        told = self.mapping(raw, path, EVENT_KEYS)
        for key in ("dispute_id", "occurred_at", "kind", "payload"):
            if key not in told and isinstance(raw, dict):
                self.problem(path, f"has no `{key}`", "Say which column it is.")
        occurred_at = self.instant(told.get("occurred_at"), (*path, "occurred_at"))
        recorded = told.get("recorded_at")
        kind = self._kind(told.get("kind"), (*path, "kind"))
        return EventMap(
            name,
            self._word(told.get("from"), (*path, "from")),
            self._where(told.get("where"), (*path, "where")),
            self.cell(told.get("dispute_id"), (*path, "dispute_id")),
            occurred_at,
            occurred_at if recorded is None else self.instant(recorded, (*path, "recorded_at")),
            kind,
            self._payload(told.get("payload"), kind, (*path, "payload")),
            self.line(path),
        )

    def outcomes(self, raw: Plain) -> OutcomeMap:
        """Return the outcomes of the mapping."""
        path = ("outcomes",)
        told = self.mapping(raw, path, OUTCOME_KEYS)
        for key in ("dispute_id", "ruling"):
            if key not in told and isinstance(raw, dict):
                self.problem(path, f"has no `{key}`", "Say which column it is.")
        cells = {
            name: self._outcome(name, cell, (*path, name))
            for name, cell in told.items()
            if name in OUTCOME_COLUMNS
        }
        source, query = (self._word(told.get(key), (*path, key)) for key in ("from", "query"))
        return OutcomeMap(source, cells, self.line(path), query)

    def _outcome(self, name: str, raw: Plain, path: KeyPath) -> Cell:
        cell = self.instant(raw, path) if name == "decided_at" else self.cell(raw, path)
        if name != "amount":
            self._refuse_amount(cell, path)
        known = outcome_words(self.table).get(name, ())
        given: list[tuple[KeyPath, Plain]] = [
            (("values", theirs), ours) for theirs, ours in cell.values.items()
        ]
        if cell.constant is not None:
            given.append((("constant",), cell.constant))
        for place, word in given:
            if known and word not in known:
                near = did_you_mean(word, known) if isinstance(word, str) else ""
                hint = near or f"Known: {', '.join(known)}."
                what = f"{shown(word)} is none of the known values"
                self.problem((*path, *place), what, hint)
        return cell

    def _refuse_amount(self, cell: Cell, path: KeyPath) -> None:
        if cell.unit != "major":
            self.problem((*path, "unit"), "is of an amount, which this is not", "Take it out.")

    def _kind(self, raw: Plain, path: KeyPath) -> str | Cell:
        if isinstance(raw, dict):
            return self.cell(raw, path)
        if raw is None:
            return ""
        if not isinstance(raw, str) or raw not in self.table.sections or "." in raw:
            near = did_you_mean(raw, self._kinds()) if isinstance(raw, str) else ""
            hint = near or "Of a column write {column: its name}."
            self.problem(path, f"{shown(raw)} is no section of a case file", hint)
            return ""
        return raw

    def _kinds(self) -> list[str]:
        return [name for name in self.table.sections if "." not in name]

    def _payload(self, raw: Plain, kind: str | Cell, path: KeyPath) -> Mapping[str, Cell] | Cell:
        if isinstance(raw, str):
            return Cell(column=raw, line=self.line(path))
        if isinstance(kind, Cell):
            hint = "Write the column that holds the fields as JSON, or an event for each kind."
            self.problem(path, "needs one kind, and `kind` is a column", hint)
            return {}
        section = self.table.sections.get(kind)
        if section is None:
            return {}
        return {
            name: self._field(section, name, cell, (*path, name))
            for name, cell in self.named(raw, path)
        }

    def _field(self, section: Section, name: str, raw: Plain, path: KeyPath) -> Cell:
        declared = section.fields.get(name)
        if declared is None:
            near = did_you_mean(name, section.fields) or self.table.did_you_mean(name)
            hint = near or "A policy pack declares its own under `inputs`."
            self.problem(path, f"`{section.name}` has no such field", hint)
            return Cell()
        if declared.type in ("instant", "date"):
            cell = self.instant(raw, path, needs_zone=declared.type == "instant")
        else:
            cell = self.cell(raw, path)
        if declared.type != "money":
            self._refuse_amount(cell, path)
        elif cell.unit == "minor":
            hint = "Write `major`, or `cents` for hundredths: rows are read before their currency."
            self.problem((*path, "unit"), "`minor` is for outcomes", hint)
        if cell.decimal != "point" and declared.type not in ("money", "integer", "rate"):
            self.problem((*path, "decimal"), "is of a number, which this is not", "Take it out.")
        self._check_words(declared, cell, path)
        return cell

    def _check_words(self, declared: Field, cell: Cell, path: KeyPath) -> None:
        """Note words that stand in the mapping and are no values of the field."""
        given: list[tuple[KeyPath, Plain]] = []
        if cell.constant is not None:
            given.append(((*path, "constant"), cell.constant))
        if declared.type == "enum" or declared.path == CURRENCY:
            given += [((*path, "values", word), ours) for word, ours in cell.values.items()]
        for place, value in given:
            problem = wrong_value(declared, value)
            if problem is not None:
                self.problem(place, problem.message, problem.hint)

    # -- cells ------------------------------------------------------------------------------

    def cell(self, raw: Plain, path: KeyPath) -> Cell:
        """Return where a value comes from."""
        if isinstance(raw, str):
            return Cell(column=raw, zone=self.zone, line=self.line(path))
        told = self.mapping(raw, path, CELL_KEYS) if raw is not None else {}
        if raw is not None and isinstance(raw, dict) and ("column" in told) == ("constant" in told):
            self.problem(path, "has to say one of `column` and `constant`", "Write one of them.")
        return Cell(
            column=self._word(told.get("column"), (*path, "column")),
            constant=told.get("constant"),
            values=self._values(told.get("values"), (*path, "values")),
            unit=self._one_of(told, "unit", UNITS, path),
            decimal=self._one_of(told, "decimal", DECIMALS, path),
            format=self._format(told.get("format"), (*path, "format")),
            zone=self.time_zone(told.get("time_zone"), (*path, "time_zone")) or self.zone,
            line=self.line(path),
        )

    def _one_of(
        self, told: Mapping[str, Plain], key: str, known: tuple[str, ...], path: KeyPath
    ) -> str:
        """Return the word under a key, the first of those known where it says nothing."""
        word = told.get(key, known[0])
        if isinstance(word, str) and word in known:
            return word
        near = did_you_mean(word, known) if isinstance(word, str) else ""
        hint = near or f"Known: {', '.join(known)}."
        self.problem((*path, key), f"{shown(word)} is no {key}", hint)
        return known[0]

    def instant(self, raw: Plain, path: KeyPath, needs_zone: bool = True) -> Cell:
        """Return where an instant comes from, or a date, which `needs_zone` not."""
        cell = self.cell(raw, path)
        if cell.format in UNIX:
            if not needs_zone:
                what = f"`{cell.format}` is of an instant, which this is not"
                self.problem((*path, "format"), what, "Write it like %d/%m/%Y.")
            return cell
        if needs_zone and cell.format and not cell.zone and "%z" not in cell.format:
            hint = "Write `time_zone`, such as Asia/Jakarta, or %z where an offset stands."
            self.problem((*path, "format"), "tells no time zone", hint)
        return cell

    def time_zone(self, raw: Plain, path: KeyPath) -> str:
        """Return the name of a time zone."""
        name = self._word(raw, path)
        if name and name not in available_timezones():
            near = did_you_mean(name, available_timezones())
            self.problem(
                path, f"no time zone {shown(name)}", near or "Write one such as Asia/Jakarta."
            )
            return ""
        return name

    def _format(self, raw: Plain, path: KeyPath) -> str:
        text = self._word(raw, path)
        if text and text not in UNIX and not is_format(text):
            hint = f"Write it like %d/%m/%Y %H:%M, or {' or '.join(UNIX)}."
            self.problem(path, f"{shown(text)} is no format", hint)
        return text

    def _values(self, raw: Plain, path: KeyPath) -> dict[str, str]:
        words: dict[str, str] = {}
        for theirs, ours in self.named(raw, path) if raw is not None else ():
            words[theirs] = (
                {True: "yes", False: "no"}[ours] if isinstance(ours, bool) else str(ours)
            )
        return words

    def _where(self, raw: Plain, path: KeyPath) -> dict[str, tuple[str, ...]]:
        chosen: dict[str, tuple[str, ...]] = {}
        for column, words in self.named(raw, path) if raw is not None else ():
            listed = words if isinstance(words, list) else [words]
            if not listed or not all(isinstance(word, str | int) for word in listed):
                self.problem(
                    (*path, column), f"is {shown(words)}", "Write a word, or a list of words."
                )
            chosen[column] = tuple(map(str, listed))
        return chosen

    # -- plain parts ------------------------------------------------------------------------

    def mapping(self, raw: Plain, path: KeyPath, known: Iterable[str]) -> dict[str, Plain]:
        """Return a mapping of known keys."""
        keys = tuple(known)
        told = dict(self.named(raw, path))
        for key in told.keys() - set(keys):
            hint = did_you_mean(key, keys) or f"Known: {', '.join(keys)}."
            self.problem((*path, key), "unknown key", hint)
        return {key: value for key, value in told.items() if key in keys}

    def named(self, raw: Plain, path: KeyPath) -> list[tuple[str, Plain]]:
        """Return the keys and values of a mapping."""
        if isinstance(raw, dict):
            return [(str(key), value) for key, value in raw.items()]
        if raw is not None or not path:
            self.problem(path, f"is {shown(raw)}, where a mapping is needed")
        return []

    def _word(self, raw: Plain, path: KeyPath) -> str:
        if raw is None or isinstance(raw, str):
            return raw or ""
        self.problem(path, f"is {shown(raw)}", "Write a text.")
        return ""

    def line(self, path: KeyPath) -> int | None:
        """Return where a key stands."""
        return self.lines.get(path) or (self.line(path[:-1]) if path else None)

    def problem(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note what is wrong."""
        self.problems.append(
            InputProblem(".".join(path), message, hint, self.file, self.line(path))
        )
