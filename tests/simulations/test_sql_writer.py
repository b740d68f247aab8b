"""An expression written as SQL yields what the engine yields, and tells where it cannot."""

from collections.abc import Callable, Iterable

import duckdb
import pytest
from hypothesis import assume, given, settings

from reso.engine.compiled import Compiled
from reso.engine.context import Context
from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import ItemField, Node, Pick, Quantity, children
from reso.facts.interpret import NoValueError
from reso.policy.review.nodes import every_node
from simulations.sql.calendar import SqlCalendar
from simulations.sql.columns import pick_column, rail_column, ref_column
from simulations.sql.constants import durations_of
from simulations.sql.dialects import Spark
from simulations.sql.layers import Sheet
from simulations.sql.trouble import trouble
from simulations.sql.writer import Writer
from tests.shipped import PACKS, policy_of
from tests.simulations.sql_cases import CALENDAR, DUCKDB, RAILS, Table, add_names, plain
from tests.simulations.sql_facts import EveryFact, given_columns
from tests.strategies.costly import few
from tests.strategies.stories import Docket, dockets

Told = dict[str, list[object]]


@settings(max_examples=25)
@given(docket=dockets(stories=6, down=False))
def test_every_expression_of_a_random_policy_yields_the_same(docket: Docket) -> None:
    compiled = Compiled(docket.policy)
    contexts = contexts_of(compiled, docket)
    assume(contexts)
    assert_same(Table(docket.policy, contexts, compiled.made))


@few(5)
@given(docket=dockets(stories=3, down=False))
def test_it_yields_the_same_where_nothing_becomes_a_column_of_its_own(docket: Docket) -> None:
    compiled = Compiled(docket.policy)
    contexts = contexts_of(compiled, docket)
    assume(contexts)
    assert_same(Table(docket.policy, contexts, compiled.made, hoisting=False))


def contexts_of(compiled: Compiled, docket: Docket) -> list[Context]:
    """Return the contexts of the docket's cases that have no calendar of their own."""
    judged = [compiled.judge(story.case(), story.at).world for story in docket.stories]
    contexts = [world for world in judged if isinstance(world, Context)]
    return [context for context in contexts if context.calendar == docket.policy.calendar]


def assert_same(table: Table) -> None:
    """Assert that definitions, picks and every other expression yield what the engine yields."""
    sheet, writer = table.sheet()
    told = named(table) | {
        name: values for name, values in expressions(table, sheet, writer).items() if values
    }
    found = table.run(sheet, list(told))
    for name, values in told.items():
        assert [row[name] for row in found] == values, name


def named(table: Table) -> Told:
    """Return what the definitions and picks of a policy come to, by their columns."""
    told: Told = {}
    for definition in table.policy.definitions:
        name = definition.name
        told[ref_column(name)] = yielded(table, lambda c, name=name: c.ref(name))
        if definition.node.type.kind == "boolean":
            told[rail_column(name, "true")] = yielded(table, lambda c, name=name: c.true(name))
            told[rail_column(name, "possible")] = yielded(
                table, lambda c, name=name: c.possible(name)
            )
    for name, node in table.policy.picks:
        assert isinstance(node, Pick)
        fields = tuple(table.columns.item_fields(node.section))
        if fields:
            told[pick_column(name)] = [record(c, name, fields, table) for c in table.contexts]
    return {name: values for name, values in told.items() if values}


def expressions(table: Table, sheet: Sheet, writer: Writer) -> Told:
    """Add every expression of a policy that stands by itself; return what each comes to."""
    told: Told = {}
    for number, node in enumerate(dict.fromkeys(every_node(table.policy))):
        if node.type.kind == "error" or looks_at_an_item(node):
            continue
        values = yielded(table, lambda c, node=node: c.of(node))
        if not values:
            continue
        told[sheet.add(f"test:{number}", writer.value(node))] = values
        if node.type.kind == "boolean":
            for rail, test in zip(RAILS, writer.made.rails(node), strict=True):
                column = sheet.add(f"test:{rail}:{number}", writer.condition(node, rail))
                told[column] = yielded(table, test)
        for place, sql in enumerate(trouble(writer, node)):
            column = sheet.add(f"test:{number}:trouble:{place}", sql)
            told[column] = [False] * len(table.contexts)
    return told


def yielded(table: Table, read: Callable[[Context], object]) -> list[object]:
    """Return what an expression comes to in each case; nothing where it has no value in one."""
    try:
        return [plain(read(context), table.calendar.durations) for context in table.contexts]
    except NoValueError:
        return []


def record(context: Context, name: str, fields: Iterable[str], table: Table) -> object:
    """Return a picked record as a column holds it."""
    found = context.picked(name)
    return None if found is None else {key: plain(found.get(key)) for key in fields}


def looks_at_an_item(node: Node) -> bool:
    """Whether an expression is a part of a `where`, and has no value by itself."""
    if isinstance(node, Quantity | Pick):
        return False
    return isinstance(node, ItemField) or any(map(looks_at_an_item, children(node)))


# Published packs


@pytest.mark.parametrize("name", PACKS)
def test_all_definitions_and_conditions_of_a_published_pack_can_be_planned(name: str) -> None:
    policy = policy_of(name)
    with duckdb.connect(config={"threads": 1}) as connection:
        calendar = SqlCalendar(
            policy.calendar, DUCKDB, durations_of(every_node(policy)), 2020, 2027
        )
        columns = given_columns(policy)
        declared = ", ".join(f"{DUCKDB.name(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE cases ({declared})")
        connection.execute(f"CREATE TABLE {CALENDAR} AS {calendar.lists()}")
        lists = {CALENDAR: frozenset(calendar.list_columns)}
        sheet = Sheet(DUCKDB, "cases", frozenset(columns), lists)
        made = CompiledExpressions(policy)
        writer = Writer(policy, EveryFact(policy), calendar, made, sheet.hoist)
        wanted = everything(sheet, writer)
        found = connection.sql(sheet.select(wanted))
        assert found.columns == wanted
        assert found.fetchall() == []


@pytest.mark.parametrize("name", PACKS)
def test_a_published_pack_can_be_written_for_spark(name: str) -> None:
    policy, spark = policy_of(name), Spark()
    calendar = SqlCalendar(policy.calendar, spark, durations_of(every_node(policy)), 2020, 2027)
    lists = {CALENDAR: frozenset(calendar.list_columns)}
    sheet = Sheet(spark, "cases", frozenset(given_columns(policy)), lists)
    made = CompiledExpressions(policy)
    writer = Writer(policy, EveryFact(policy), calendar, made, sheet.hoist)
    text = sheet.select(everything(sheet, writer))
    assert "lambda " not in text
    assert " // " not in text


def everything(sheet: Sheet, writer: Writer) -> list[str]:
    """Add the names of a policy and the conditions of its rules, with their troubles."""
    wanted = add_names(sheet, writer)
    for rule in writer.policy.rules:
        for number, node in enumerate(rule.when):
            for rail in RAILS:
                name = f"rule:{rule.name}:{number}:{rail}"
                wanted.append(sheet.add(name, writer.condition(node, rail)))
    nodes = [definition.node for definition in writer.policy.definitions]
    troubles = [sql for node in nodes for sql in trouble(writer, node)]
    return wanted + [sheet.add(f"trouble:{n}", sql) for n, sql in enumerate(troubles)]
