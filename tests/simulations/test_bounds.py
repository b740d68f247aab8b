"""What an expression can yield is bounded before any row is seen: never too narrow."""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.expressions.tree import (
    DURATION,
    INSTANT,
    INTEGER,
    MONEY,
    RATE,
    Arith,
    Choice,
    Func,
    Known,
    Lit,
    Node,
    Quantity,
    walk,
)
from reso.expressions.tree import Field as Fact
from reso.facts.interpret import World, value
from reso.model.time import Duration
from simulations.fast.beyond import LIMITS
from simulations.fast.lacking import bounds_of
from simulations.sql.bounds import NONE, Bounds, Limits, common, hull, within
from simulations.sql.calendar import DAY, SqlCalendar, microseconds
from simulations.sql.constants import durations_of
from simulations.sql.dialects import DuckDB
from tests.shipped import PACKS, policy_of
from tests.simulations.test_sql_values import policy, run, writer_for
from tests.strategies.costly import few

MONEYS = [Fact(name, MONEY.optional()) for name in ("amount", "other", "whole")]
FACTS = {
    "money": MONEYS,
    "integer": [Fact("number", INTEGER.optional())],
    "rate": [Fact("rate", RATE.optional())],
}
"""The facts of the table in `test_sql_values`."""


def trees(kind: str, depth: int = 3) -> st.SearchStrategy[Node]:
    """Return expressions that yield money, whole numbers or rates."""
    typed = {"money": MONEY, "integer": INTEGER, "rate": RATE}[kind].optional()
    limit = 10**6 if kind == "integer" else 10**8
    constants = st.integers(-limit, limit).map(lambda number: Lit(number, typed))
    leaves = st.one_of(st.sampled_from(FACTS[kind]), constants)
    if depth == 0 or kind == "rate":
        return leaves
    inner = trees(kind, depth - 1)
    made: list[st.SearchStrategy[Any]] = [
        leaves,
        st.builds(lambda op, a, b: Arith(op, a, b, typed), st.sampled_from("+-"), inner, inner),
        st.builds(
            lambda name, a, b: Func(name, (a, b), typed),
            st.sampled_from(["min", "max", "first_known"]),
            inner,
            inner,
        ),
        st.builds(lambda a, b: Choice(((Known(a), b),), a, typed), inner, inner),
        st.builds(lambda a, b: Arith("*", a, b, typed), inner, trees("integer", depth - 1)),
    ]
    if kind == "money":
        made += [
            st.builds(lambda a, b: Arith("*", a, b, typed), inner, trees("rate")),
            st.builds(lambda a, b, c: Func("portion", (a, b, c), typed), inner, inner, inner),
        ]
    return st.one_of(made)


def number(kind: str) -> st.SearchStrategy[int | None]:
    """Return numbers that a fact may state, the least and the greatest among them."""
    low, high = LIMITS[kind]  # type: ignore[index]
    return st.one_of(st.none(), st.sampled_from([low, high, 0, 1]), st.integers(low, high))


rows = st.fixed_dictionaries(
    {fact.name: number(kind) for kind, facts in FACTS.items() for fact in facts}
)


@cache
def bounds() -> Bounds:
    made = policy()
    calendar = SqlCalendar(made.calendar, DuckDB())
    return Bounds(made, calendar, Limits(LIMITS, {}, LIMITS["instant"]))


def world(row: dict[str, int | None]) -> World:
    """Return what an expression is read against, by the definition of the language."""
    case = SimpleNamespace(fields=row, lists={})
    read = {"case": case, "rounding": "down", "down": frozenset(), "concluded": None}
    return cast(World, SimpleNamespace(calendar=policy().calendar, **read))


@settings(max_examples=150)
@given(node=trees("money"), row=rows)
def test_no_value_lies_outside_its_bounds(node: Node, row: dict[str, int | None]) -> None:
    found = value(node, world(row))
    if found is None or any(map(bounds().may_be_lost, walk(node))):
        return
    low, high = bounds().of(node)
    assert low <= cast(int, found) <= high


@few(10)
@given(cases=st.lists(st.tuples(trees("money"), rows), min_size=10, max_size=20))
def test_what_cannot_be_lost_is_the_same_in_sql(
    cases: list[tuple[Node, dict[str, int | None]]],
) -> None:
    writer = writer_for()
    for node, row in cases:
        if not any(map(bounds().may_be_lost, walk(node))):
            assert run([writer.value(node)], [row]) == [(value(node, world(row)),)]


# -- instants ------------------------------------------------------------------------------------

MOMENT = Fact("moment", INSTANT.optional())
LENGTHS = {
    Duration("exact", 36 * 3600): 2,
    Duration("calendar_days", 400): 400,
    Duration("calendar_days", 3, end_of_day=True): 3,
    Duration("business_days", 260): 400,
    Duration("business_days", 1, end_of_day=True): 12,
    Duration("months", 13): 403,
}
"""Durations, and how many days they are at most."""


@pytest.mark.parametrize("length", LENGTHS, ids=str)
def test_a_duration_ends_within_its_bounds(length: Duration) -> None:
    made = bounds()
    node = Arith("+", MOMENT, Lit(length, DURATION), INSTANT.optional())
    assert not made.may_be_lost(node)
    low, high = made.of(node)
    for start in LIMITS["instant"]:
        began = datetime.fromtimestamp(start / 1_000_000, UTC)
        assert low <= microseconds(policy().calendar.add(began, length)) <= high


@pytest.mark.parametrize(("length", "days"), LENGTHS.items(), ids=map(str, LENGTHS))
def test_the_last_start_of_which_an_end_is_promised_has_one(length: Duration, days: int) -> None:
    """And none is promised after it, though it lies hardly more than that before the last year."""
    calendar = SqlCalendar(policy().calendar, DuckDB(), (length,), 2025, 2027)
    day = max(
        day
        for day in range(calendar.first // DAY, calendar.last // DAY + 1)
        if calendar.always_ends(day * DAY, day * DAY + DAY - 1, length)
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        starts = (
            f"(SELECT unnest(range({calendar.first}, {(day + 1) * DAY}, 3600000000)) AS moment)"
        )
        query = f"SELECT {calendar.add('moment', length)} FROM {starts}, ({calendar.lists()})"
        ends = connection.execute(query).fetchall()
    assert all(end is not None for (end,) in ends)
    assert calendar.last // DAY - day <= days + 3


# -- shipped packs ---------------------------------------------------------------------------------


MOST_SUMS = {"marketplace": 8}
"""It takes the pieces claimed, missed, ordered and given apart, with their values."""


@pytest.mark.parametrize("name", PACKS)
def test_of_a_shipped_pack_hardly_anything_is_looked_at(name: str) -> None:
    """No product, no share, no count and no duration of a shipped pack can leave the range."""
    made = policy_of(name)
    definitions = [definition.node for definition in made.definitions]
    nodes = [*definitions, *(node for rule in made.rules for node in rule.when)]
    nodes += [node for question in made.questions for node in question.nodes()]
    calendar = SqlCalendar(made.calendar, DuckDB(), durations_of(nodes))
    lost = bounds_of(made, calendar).may_be_lost
    found = {part for node in nodes for part in walk(node) if lost(part)}
    assert not [part for part in found if isinstance(part, Arith)]
    sums = [part for part in found if isinstance(part, Quantity)]
    assert {part.what for part in sums} <= {"sum"}
    assert len(sums) <= MOST_SUMS.get(name, 5)


# -- ranges --------------------------------------------------------------------------------------


def test_no_number_at_all_lies_in_every_range() -> None:
    assert within(NONE, (1, 1))
    assert hull([NONE, (2, 3), NONE, (-1, 0)]) == (-1, 3)
    assert within(common((1, 2), (3, 4)), (9, 9))
