"""What expressions are written as: names of constants stay those of their own values."""

from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Lit, Table, walk
from reso.model.time import Duration
from tests.shipped import policy_of


def test_a_table_that_is_written_again_takes_no_other_constants_name() -> None:
    policy = policy_of("ebay_us")
    nodes = (node for part in policy.definitions for node in walk(part.node))
    table = next(
        node
        for node in nodes
        if isinstance(node, Table) and all(isinstance(then, Lit) for _, then in node.rows)
    )
    writer = CompiledExpressions(policy).writer
    first, again = writer.value(table), writer.value(table)
    name = first.partition(".get(")[0]
    rows = writer.namespace[name]
    longer = [writer.constant(Duration("calendar_days", days)) for days in range(1000, 1005)]
    assert (first, writer.namespace[name]) == (again, rows)
    assert len({name, *longer}) == 6
