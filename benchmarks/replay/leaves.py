"""The rules of one chapter over facts worked out before: the fast engine's SQL on a table of them.

A fact is a leaf of the compiled evaluator's program: a field, a reading, an answer, whether
something exists. Here each is a column, and all the rest is written as for a replay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

import duckdb

from benchmarks.samples import Decided, Sample
from reso.engine.context import Context
from reso.engine.program import Leaf, Leaves
from reso.expressions.tree import Answer, Kind, Lit, Node, Quantity, Ref, walk
from reso.facts.operations import UNKNOWN
from simulations.fast.sheets import Sheet
from simulations.fast.standings import RAILS, Standings
from simulations.fast.writing import Writer
from simulations.prepared.instants import microseconds
from simulations.sql.calendar import SqlCalendar
from simulations.sql.columns import answer_column, rail_column, ref_column, unknown_column
from simulations.sql.constants import durations_of
from simulations.sql.dialects import DuckDB
from simulations.sql.lean import Lean

DIALECT = DuckDB()
Cell = bool | int | str | None


class OnlyLeaves:
    """What a writer reads beside leaves: columns that no table has, so that it would not run."""

    def field(self, path: str) -> str | None:
        """Return the name of a field."""
        return path

    def items(self, section: str) -> str | None:
        """Return the name of a list."""
        return section

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        """Return none."""
        return {}

    def section_known(self, name: str) -> str | None:
        """Return the name of a section."""
        return name

    def concluded(self) -> str | None:
        """Return the name of the amount that promises speak of."""
        return "concluded"

    def earliest(self) -> str | None:
        """Return the name of the earliest instant."""
        return "earliest"


@dataclass
class LeafWriter(Writer):
    """Writes conditions over leaves: each is a column, whatever it would be worked out of."""

    leaves: Mapping[Node, str] = field(default_factory=dict)

    def _value(self, node: Node) -> str:
        name = self.leaves.get(node)
        return super()._value(node) if name is None else self.scope.column(name)

    def _exists(self, node: Quantity) -> str:
        name = self.leaves.get(node)
        return super()._exists(node) if name is None else self.scope.column(name)


@dataclass
class LeafColumns:
    """The leaves of a sample's chapter as columns, and the SQL of its rules over them.

    An answer has two columns, the answer and whether it is open. A parameter with one value for
    all cases has none: it is written into the conditions, as zen has it too.
    """

    sample: Sample
    leaves: dict[Node, tuple[int, str]] = field(init=False)
    questions: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._policy, self._made = self.sample.compiled.policy, self.sample.compiled.made
        self._defined = {one.name: one.node for one in self._policy.definitions}
        places = enumerate(self.sample.program._leaf_nodes)
        found = {node: (place, f"leaf:{place}") for place, node in places}
        self.leaves = {
            node: placed
            for node, placed in found.items()
            if not isinstance(node, Answer) and not self._is_parameter(node)
        }
        answers = (node.question for node in found if isinstance(node, Answer))
        exists = [node for node in found if isinstance(node, Quantity) and _is_exists(node)]
        adding = (name for node in exists for name in self._made.adds(node))
        self.questions = tuple(dict.fromkeys((*answers, *adding)))

    def types(self) -> dict[str, str]:
        """Return the columns with their SQL types."""
        columns = {name: DIALECT.type_of(node.type.kind) for node, (_, name) in self.leaves.items()}
        for question in self.questions:
            columns |= {answer_column(question): "VARCHAR", unknown_column(question): "BOOLEAN"}
        return {"id": "BIGINT", **columns}

    def row(self, leaves: Leaves, context: Context) -> list[Cell]:
        """Return a case as a row, without its `id`.

        What may still come to exist does not exist yet; an open answer is none.
        """
        cells: list[Cell] = [
            leaves[place] is True if _is_exists(node) else _cell(leaves[place])
            for node, (place, _) in self.leaves.items()
        ]
        for question in self.questions:
            answer = context.open_answer(question)
            is_open = answer is UNKNOWN
            cells += [None if is_open else _cell(answer), is_open]
        return cells

    def standing(self, source: str) -> Lean:
        """Return the columns of a truth value for each rule and rail, over a table of leaves.

        The query of those that differ between rows is what a replay runs, and what is timed.
        """
        given = frozenset(self.types())
        nodes = tuple(self._reached())
        calendar = SqlCalendar(self._policy.calendar, DIALECT, durations_of(nodes))
        sheet = Sheet(DIALECT, source, given)
        leaves = {node: name for node, (_, name) in self.leaves.items()}
        writer = LeafWriter(
            self._policy, OnlyLeaves(), calendar, self._made, sheet.hoist, leaves=leaves
        )
        self._define(sheet, writer, nodes)
        standings = Standings(self._policy, writer, sheet, self._made, self.sample.program.chapter)
        decides = [
            sheet.write(f"decides:{n}", sql)
            for n, sql in enumerate(chain.from_iterable(standings._decides()))
        ]
        never_null = {unknown_column(question) for question in self.questions}
        never_null |= {name for node, (_, name) in self.leaves.items() if _is_exists(node)}
        return Lean(sheet, ["id", *decides], {"id", *never_null})

    # -- what the rules mention ----------------------------------------------------------------

    def _is_parameter(self, node: Node) -> bool:
        return isinstance(node, Ref) and isinstance(self._defined[node.name], Lit)

    def _reached(self) -> Iterator[Node]:
        """Yield the conditions of the chapter, and what is defined by the names they mention."""
        todo = [node for rule in self.sample.program.rules for node in rule.when]
        seen = set[str]()
        while todo:
            yield (node := todo.pop())
            for part in walk(node):
                if isinstance(part, Ref) and part.name not in seen and part not in self.leaves:
                    seen.add(part.name)
                    todo.append(self._defined[part.name])

    def _define(self, sheet: Sheet, writer: Writer, nodes: Iterable[Node]) -> None:
        """Write the findings and parameters that are mentioned."""
        reached = set(nodes)
        for name, node in self._defined.items():
            if node not in reached:
                continue
            if node.type.kind != "boolean":
                sheet.add(ref_column(name), writer.value(node))
                continue
            for rail in RAILS:
                sheet.add(rail_column(name, rail), writer.condition(node, rail))


@dataclass
class LeafTable:
    """The cases of a sample as a table of leaves in DuckDB, on one thread."""

    sample: Sample
    connection: duckdb.DuckDBPyConnection = field(
        default_factory=lambda: duckdb.connect(config={"threads": 1})
    )

    def __post_init__(self) -> None:
        self._columns = LeafColumns(self.sample)
        types = self._columns.types()
        declared = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        both = zip(self.sample.leaves, self.sample.contexts, strict=True)
        rows = [[n, *self._columns.row(*case)] for n, case in enumerate(both)]
        self.connection.execute("PRAGMA disable_optimizer")  # as the engine runs its queries
        self.connection.execute(f"CREATE TABLE sample ({declared})")
        self.connection.executemany(
            f"INSERT INTO sample VALUES ({', '.join('?' for _ in types)})", rows
        )
        query = _query(self._columns.standing("leaves"))
        self._timed = f"CREATE OR REPLACE TABLE standing AS {query}"

    def repeat(self, rows: int) -> None:
        """Make the table `leaves` of so many rows: the sample, again and again."""
        times = -(-rows // len(self.sample.leaves))
        self.connection.execute(
            "CREATE OR REPLACE TABLE leaves AS "
            f"SELECT s.* FROM range({times}) CROSS JOIN sample s LIMIT {rows}"
        )

    def decide(self) -> None:
        """Work out of every row of `leaves` which rules decide, and which possibly do."""
        self.connection.execute(self._timed)

    def decided(self) -> list[Decided]:
        """Return the answers to the cases of the sample, in their order."""
        names, standing = self.sample.program.names, self._columns.standing("sample")
        query = f"{standing.all_of(f'({_query(standing)})')} ORDER BY id"
        found = self.connection.execute(query).fetchall()
        return [_decided(names, row[1:]) for row in found]


def _query(standing: Lean) -> str:
    return standing.lean_sheet().select(standing.computed)


def _decided(names: Sequence[str], flags: Sequence[bool]) -> Decided:
    """Return an answer, from two truth values for each rule: it decides, it possibly does."""
    true, possible = (
        frozenset(name for name, holds in zip(names, flags[rail::2], strict=True) if holds)
        for rail in range(2)
    )
    return true, possible - true


def _is_exists(node: Node) -> bool:
    return isinstance(node, Quantity) and node.what == "exists"


def _cell(value: Leaf) -> Cell:
    match value:
        case datetime():
            return microseconds(value)
        case None | bool() | int() | str():
            return value
        case _:
            raise TypeError(f"not a cell of the table: {type(value).__name__}")
