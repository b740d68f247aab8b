"""However much a policy asks to be compared, the search ends, and what it leaves open is told."""

from itertools import pairwise

import pytest

from reso.expressions.tree import And, Compare, Field, Lit, Node, Not, Or, Ref, Type, walk
from reso.policy.possible import MAX_EFFORT, Effort, both_hold, can_hold
from reso.policy.spelling import MAX_PARTS, Spelling
from reso.problems.said import said

PAID = Field("order.paid", Type("integer"))


def paid(op: str, amount: int) -> Node:
    return Compare(op, PAID, Lit(amount, Type("integer")))  # type: ignore[arg-type]


NODES_OF_A_COMPARISON = 3
FEW, MANY = paid("<", 5), paid(">", 9)


def test_conditions_apart_are_found_apart_while_effort_is_left() -> None:
    assert both_hold(FEW, MANY, Effort()) is None
    assert not can_hold([FEW, MANY])


def test_without_effort_conditions_count_as_holding_together() -> None:
    assert both_hold(FEW, MANY, Effort(0)) == said("too-many-combinations")
    assert can_hold([FEW, MANY], effort=Effort(0))


def test_constants_apart_need_no_effort() -> None:
    assert both_hold(paid("=", 5), And((MANY, paid("=", 6))), Effort(0)) is None


def test_every_search_takes_from_the_effort_of_the_policy() -> None:
    effort = Effort()
    both_hold(FEW, MANY, effort)
    once = MAX_EFFORT - effort.left
    both_hold(FEW, MANY, effort)
    assert effort.left == MAX_EFFORT - 2 * once < MAX_EFFORT


@pytest.mark.parametrize("join", [And, Or], ids=["and", "or"])
def test_a_finding_that_comes_to_too_much_stays_a_name(join: type[And] | type[Or]) -> None:
    yes = Type("boolean")
    names = [Ref(f"f{number}", yes) for number in range(60)]
    findings: dict[str, Node] = {one.name: join((two, two)) for one, two in pairwise(names)}
    findings[names[-1].name] = FEW
    spelling = Spelling(findings, {})
    assert spelling.out(names[-2]) == join((FEW, FEW))
    assert spelling.out(Not(names[-3])) == Not(join((join((FEW, FEW)),) * 2))
    sizes = [sum(1 for _ in walk(spelling.out(name))) for name in names]
    assert max(sizes) <= NODES_OF_A_COMPARISON * MAX_PARTS
