"""Cases as a DuckDB table, and the named expressions of a policy as a sheet over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

import duckdb

from reso.engine.context import Context
from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Kind, Pick
from reso.facts.fields import Field
from reso.model.case import Case, Value
from reso.model.time import Duration
from reso.policy.model import Policy
from reso.policy.review.nodes import every_node
from simulations.sql.calendar import SqlCalendar, day_number, microseconds
from simulations.sql.columns import (
    Rail,
    answer_column,
    clock_column,
    pick_column,
    rail_column,
    ref_column,
    unknown_column,
)
from simulations.sql.constants import clock_microseconds, durations_of
from simulations.sql.dialects import DuckDB
from simulations.sql.layers import Sheet
from simulations.sql.writer import Writer

DUCKDB = DuckDB()
CALENDAR = "calendar_lists"
PARTS = ("state", "opened_at", "deadline", "ended_at")
RAILS: tuple[Rail, Rail] = ("true", "possible")
EARLIEST, CONCLUDED = "earliest", "concluded"


@dataclass(frozen=True)
class CaseColumns:
    """The columns of a table of cases, as `Writer` asks for them."""

    policy: Policy
    fields: frozenset[str]
    lists: Mapping[str, frozenset[str]]
    sections: frozenset[str]

    @classmethod
    def of(cls, policy: Policy, cases: Iterable[Case]) -> "CaseColumns":
        """Return the columns for what these cases state."""
        fields, lists, sections = set(), dict[str, set[str]](), set[str]()
        for case in cases:
            fields |= {name for name in case.fields if name in policy.table.fields}
            for name, items in case.lists.items():
                lists.setdefault(name, set()).update(key for item in items for key in item)
            stated = {name for name, value in case.fields.items() if value is not None}
            dotted = (name for name in (*stated, *case.lists) if "." in name)
            sections |= {name[:n] for name in dotted for n, c in enumerate(name) if c == "."}
        known = {name: frozenset(keys) for name, keys in lists.items() if keys}
        return cls(policy, frozenset(fields), known, frozenset(sections))

    def field(self, path: str) -> str | None:
        return path if path in self.fields else None

    def items(self, section: str) -> str | None:
        return f"list:{section}" if section in self.lists else None

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        declared = self.policy.table.lists[section]
        return {name: kind_of(declared[name]) for name in sorted(self.lists.get(section, ()))}

    def section_known(self, name: str) -> str | None:
        return f"known:{name}" if name in self.sections else None

    def concluded(self) -> str | None:
        return CONCLUDED

    def earliest(self) -> str | None:
        return EARLIEST


def kind_of(declared: Field) -> Kind:
    """Return the kind of a declared field."""
    return "list" if declared.type.startswith("list") else declared.type  # type: ignore[return-value]


def type_of(declared: Field) -> str:
    """Return the SQL type of a declared field."""
    return "INTEGER[]" if declared.type == "list of date" else DUCKDB.type_of(kind_of(declared))


def literal(value: Value | time | Duration, durations: Sequence[Duration] = ()) -> str:
    """Return a value of a case as SQL."""
    match plain(value, durations):
        case None:
            return "NULL"
        case bool() as told:
            return str(told)
        case int() as number:
            return str(number)
        case str() as text:
            return DUCKDB.words(text)
        case list() as items:
            return DUCKDB.list(*(literal(item) for item in items))
        case other:
            raise TypeError(type(other).__name__)


def plain(value: object, durations: Sequence[Duration] = ()) -> object:
    """Return a value as the columns hold it."""
    match value:
        case datetime():
            return microseconds(value)
        case date():
            return day_number(value)
        case time():
            return clock_microseconds(value)
        case Duration():
            return durations.index(value)
        case tuple():
            return [plain(part) for part in value]
        case _:
            return value


@dataclass
class Table:
    """A table of cases under a policy, each with the context that yields what is expected."""

    policy: Policy
    contexts: Sequence[Context]
    made: CompiledExpressions
    hoisting: bool = True
    first_year: int = 2025
    last_year: int = 2027
    columns: CaseColumns = field(init=False)
    calendar: SqlCalendar = field(init=False)

    def __post_init__(self) -> None:
        self.columns = CaseColumns.of(self.policy, (c.case for c in self.contexts))
        durations = durations_of(every_node(self.policy))
        self.calendar = SqlCalendar(
            self.policy.calendar, DUCKDB, durations, self.first_year, self.last_year
        )

    def rows(self) -> tuple[str, frozenset[str]]:
        """Return the cases as a query in brackets, and its columns."""
        selects = [self._row(context) for context in self.contexts]
        first = ", ".join(f"{sql} AS {DUCKDB.name(name)}" for name, sql in selects[0].items())
        others = [f"SELECT {', '.join(row.values())}" for row in selects[1:]]
        return f"({' UNION ALL '.join([f'SELECT {first}', *others])})", frozenset(selects[0])

    def _row(self, context: Context) -> dict[str, str]:
        case, table = context.case, self.policy.table
        found = {"row": str(self.contexts.index(context))}
        for path in sorted(self.columns.fields):
            kind = type_of(table.fields[path])
            found[path] = f"CAST({literal(case.fields.get(path))} AS {kind})"
        for section in sorted(self.columns.lists):
            found[f"list:{section}"] = self._list(section, case)
        for name in sorted(self.columns.sections):
            found[f"known:{name}"] = literal(context.section(name))
        found[EARLIEST] = literal(context.earliest)
        found[CONCLUDED] = f"CAST({literal(context.concluded)} AS BIGINT)"
        for question in self.policy.questions:
            state = context.question(question.name)
            name = question.name
            found[answer_column(name)] = f"CAST({literal(state.answer)} AS VARCHAR)"
            found[unknown_column(name)] = literal(state.unknown)
            for part in PARTS:
                kind = "VARCHAR" if part == "state" else "BIGINT"
                value = literal(getattr(state, part))
                found[clock_column(name, part)] = f"CAST({value} AS {kind})"  # type: ignore[arg-type]
        return found

    def _list(self, section: str, case: Case) -> str:
        declared = self.policy.table.lists[section]
        keys = sorted(self.columns.lists[section])
        fields = ", ".join(f"{DUCKDB.name(key)} {type_of(declared[key])}" for key in keys)
        items = (
            "{" + ", ".join(f"{DUCKDB.words(k)}: {literal(item.get(k))}" for k in keys) + "}"
            for item in case.lists.get(section, ())
        )
        stated = DUCKDB.list(*items) if section in case.lists else "NULL"
        return f"CAST({stated} AS STRUCT({fields})[])"

    def sheet(self) -> tuple[Sheet, Writer]:
        """Return a sheet with the policy's definitions and picks."""
        source, given = self.rows()
        lists = frozenset(self.calendar.list_columns)
        sheet = Sheet(DUCKDB, source, given, {CALENDAR: lists})
        hoist = sheet.hoist if self.hoisting else None
        writer = Writer(self.policy, self.columns, self.calendar, self.made, hoist)
        add_names(sheet, writer)
        return sheet, writer

    def run(self, sheet: Sheet, wanted: Sequence[str]) -> list[dict[str, object]]:
        """Return the columns asked for, row by row."""
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(f"CREATE TABLE {CALENDAR} AS {self.calendar.lists()}")
            found = connection.sql(sheet.select(["row", *wanted]))
            rows = sorted(found.fetchall())
        return [dict(zip(wanted, row[1:], strict=True)) for row in rows]


def add_names(sheet: Sheet, writer: Writer) -> list[str]:
    """Add the definitions (as values and on both rails) and the picks of a policy."""
    added: list[str] = []
    for definition in writer.policy.definitions:
        name, node = definition.name, definition.node
        added.append(sheet.add(ref_column(name), writer.value(node)))
        if node.type.kind == "boolean":
            added += [
                sheet.add(rail_column(name, rail), writer.condition(node, rail)) for rail in RAILS
            ]
    for name, node in writer.policy.picks:
        assert isinstance(node, Pick)
        added.append(sheet.add(pick_column(name), writer.record(node)))
    return added
