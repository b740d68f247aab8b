"""An expression written as SQL yields what the engine yields."""

from hypothesis import given, settings

from reso.engine.compiled import Compiled
from reso.engine.context import Context
from reso.facts.interpret import NoValueError
from reso.policy.model import Policy
from simulations.sql.columns import pick_column
from tests.simulations.sql_cases import RAILS, Table, nodes_of, plain
from tests.strategies.stories import Docket, dockets


def contexts_of(policy: Policy, docket: Docket) -> tuple[Compiled, list[Context]]:
    """Return the contexts of the docket's cases under the policy's own calendar."""
    compiled = Compiled(policy)
    judged = [compiled.judge(story.case(), story.at).world for story in docket.stories]
    contexts = [world for world in judged if isinstance(world, Context)]
    return compiled, [c for c in contexts if c.calendar == policy.calendar]


@given(docket=dockets(stories=6, down=False))
@settings(max_examples=30)
def test_every_expression_of_a_random_policy_yields_the_same(docket: Docket) -> None:
    policy = docket.policy
    compiled, contexts = contexts_of(policy, docket)
    if not contexts:
        return
    assert_same(Table(policy, contexts, compiled.made))
    assert_same(Table(policy, contexts, compiled.made, hoisting=False))


def assert_same(table: Table) -> None:
    sheet, writer = table.sheet()
    wanted: dict[str, tuple[object, list[object]]] = {}
    for name, node in nodes_of(table.policy).items():
        if any(type(part).__name__ == "ItemField" for part in (node,)):
            continue
        try:
            told = [plain(c.of(node), table.calendar.durations) for c in table.contexts]
        except NoValueError:
            continue
        except AttributeError:
            continue
        except NameError:
            continue
        sheet.add(f"test:{name}", writer.value(node))
        wanted[f"test:{name}"] = (node, told)
        if node.type.kind == "boolean":
            for rail, position in zip(RAILS, (0, 1), strict=True):
                tests = writer.made.rails(node)
                told = [tests[position](c) for c in table.contexts]
                sheet.add(f"test:{rail}:{name}", writer.condition(node, rail))
                wanted[f"test:{rail}:{name}"] = (node, told)
    for name, node in table.policy.picks:
        wanted[pick_column(name)] = (
            node,
            [
                None
                if (r := c.picked(name)) is None
                else {k: plain(r.get(k)) for k in table.columns.item_fields(node.section)}
                for c in table.contexts
            ],
        )
    found = table.run(sheet, list(wanted))
    for column, (node, told) in wanted.items():
        assert [row[column] for row in found] == told, node
