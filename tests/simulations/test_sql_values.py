"""Numbers, tables and periods as SQL: exact, rounded as the policy says, or none and told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import (
    INSTANT,
    INTEGER,
    MONEY,
    RATE,
    TEXT,
    Arith,
    Choice,
    Compare,
    Dated,
    Field,
    Func,
    Kind,
    Lit,
    Node,
    Not,
    Table,
)
from reso.facts.operations import Rounding, portion, share
from reso.policy.loader import load_policy
from reso.policy.model import Policy
from simulations.sql.calendar import SqlCalendar, microseconds
from simulations.sql.columns import Sql
from simulations.sql.dialects import DuckDB
from simulations.sql.trouble import trouble
from simulations.sql.writer import Writer
from tests.strategies.costly import few

ROUNDINGS: tuple[Rounding, ...] = ("down", "up", "half_up", "half_even")
YEARS = (2025, 2027)
BIG = 10**15
AMOUNT = Field("amount", MONEY.optional())
OTHER = Field("other", MONEY.optional())
WHOLE = Field("whole", MONEY.optional())
SHARE = Field("rate", RATE.optional())
NUMBER = Field("number", INTEGER.optional())
WORD = Field("word", TEXT.optional())
WHEN = Field("moment", INSTANT.optional())
KINDS: Mapping[str, str] = {
    "amount": "BIGINT",
    "other": "BIGINT",
    "whole": "BIGINT",
    "rate": "BIGINT",
    "number": "BIGINT",
    "word": "VARCHAR",
    "moment": "BIGINT",
}
Row = Mapping[str, int | str | None]

amounts = st.one_of(
    st.none(), st.integers(-BIG, BIG), st.integers(-50, 50), st.sampled_from([-500_000, 500_000])
)
rates = st.one_of(st.none(), st.integers(0, 10**6), st.sampled_from([500_000, 333_333, 3 * 10**6]))


class Facts:
    """The columns of the table above; it has no lists."""

    def field(self, path: str) -> str | None:
        return path if path in KINDS else None

    def items(self, section: str) -> str | None:
        return None

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        return {}

    def section_known(self, name: str) -> str | None:
        return None

    def concluded(self) -> str | None:
        return None

    def earliest(self) -> str | None:
        return None


@cache
def policy(rounding: Rounding = "down") -> Policy:
    """Return a policy that rounds so."""
    rules = Path(__file__).parents[2] / "rules"
    return replace(load_policy(rules / "lost_parcel_only"), rounding=rounding)


def writer_for(rounding: Rounding = "down") -> Writer:
    """Return a writer over the table."""
    made = policy(rounding)
    calendar = SqlCalendar(made.calendar, DuckDB(), (), *YEARS)
    return Writer(made, Facts(), calendar, CompiledExpressions(made))


def run(columns: Sequence[Sql], rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Return columns over rows, whose missing values are none."""
    values = ", ".join(
        "(" + ", ".join(f"CAST({told(row.get(name))} AS {KINDS[name]})" for name in KINDS) + ")"
        for row in rows
    )
    selected = ", ".join(column.text for column in columns)
    with duckdb.connect(config={"threads": 1}) as connection:
        lists = SqlCalendar(policy().calendar, DuckDB(), (), *YEARS).lists()
        table = f"(VALUES {values}) AS t({', '.join(KINDS)})"
        query = f"SELECT {selected} FROM {table} CROSS JOIN ({lists})"
        return connection.sql(query).fetchall()


def told(value: int | str | None) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@few(8)
@given(pairs=st.lists(st.tuples(amounts, rates), min_size=20, max_size=60))
def test_a_share_is_rounded_as_the_policy_says(
    rounding: Rounding, pairs: list[tuple[int | None, int | None]]
) -> None:
    writer = writer_for(rounding)
    nodes = (Arith("*", AMOUNT, SHARE, MONEY), Arith("*", SHARE, AMOUNT, MONEY))
    rows = [{"amount": amount, "rate": rate} for amount, rate in pairs]
    found = run([writer.value(node) for node in nodes], rows)
    assert found == [(share(*pair, rounding),) * 2 for pair in pairs]


@pytest.mark.parametrize("rounding", ROUNDINGS)
@few(8)
@given(triples=st.lists(st.tuples(amounts, amounts, amounts), min_size=20, max_size=60))
def test_a_portion_is_rounded_as_the_policy_says(
    rounding: Rounding, triples: list[tuple[int | None, int | None, int | None]]
) -> None:
    writer = writer_for(rounding)
    node = Func("portion", (AMOUNT, OTHER, WHOLE), MONEY.optional())
    rows = [{"amount": a, "other": b, "whole": c} for a, b, c in triples]
    found = run([writer.value(node), *trouble(writer, node)], rows)
    for (value, *lost), triple in zip(found, triples, strict=True):
        expected = portion(*triple, rounding)
        if expected is None or abs(expected) < 2**63:
            assert (value, any(lost)) == (expected, False)
        else:
            assert (value, any(lost)) == (None, True)


def lit(number: int) -> Node:
    return Lit(number, INTEGER)


PERIODS = Dated(
    WHEN,
    (
        (datetime(2026, 1, 1, tzinfo=UTC), lit(1)),
        (datetime(2026, 2, 1, tzinfo=UTC), lit(2)),
    ),
    "limit",
    INTEGER,
)
ROWS = Table(WORD, (("a", lit(1)), ("b", lit(2))), None, "limit", INTEGER)
PRODUCT = Arith("*", NUMBER, NUMBER, INTEGER.optional())


@pytest.mark.parametrize(
    ("node", "row", "value", "lost"),
    [
        pytest.param(ROWS, {"word": "b"}, 2, False, id="a row of a table"),
        pytest.param(ROWS, {"word": "c"}, None, True, id="no row for the key"),
        pytest.param(ROWS, {}, None, True, id="no row for none"),
        pytest.param(replace(ROWS, otherwise=lit(9)), {}, 9, False, id="otherwise serves none"),
        pytest.param(PERIODS, {"moment": datetime(2026, 1, 31, tzinfo=UTC)}, 1, False, id="1st"),
        pytest.param(PERIODS, {"moment": datetime(2026, 2, 1, tzinfo=UTC)}, 2, False, id="2nd"),
        pytest.param(
            PERIODS, {"moment": datetime(2025, 12, 31, tzinfo=UTC)}, None, True, id="before both"
        ),
        pytest.param(PRODUCT, {"number": -(10**9)}, 10**18, False, id="a product that fits"),
        pytest.param(PRODUCT, {"number": 10**15}, None, True, id="a product of over 64 bits"),
        pytest.param(PRODUCT, {}, None, False, id="a product of none"),
        pytest.param(
            Choice(((Compare("=", WORD, Lit("a", TEXT)), ROWS),), lit(0), INTEGER),
            {"word": "c"},
            0,
            False,
            id="a table that is not looked into",
        ),
        pytest.param(
            Func("min", (AMOUNT, OTHER), MONEY.optional()), {"other": -3}, -3, False, id="min"
        ),
        pytest.param(Func("first_known", (AMOUNT, OTHER), MONEY), {"other": 4}, 4, False, id="1st"),
        pytest.param(
            Func("time_of", (WHEN,), INSTANT),
            {"moment": datetime(2031, 1, 1, tzinfo=UTC)},
            None,
            True,
            id="an instant out of the years",
        ),
        pytest.param(
            Func("is_business_day", (WHEN,), INSTANT),
            {"moment": datetime(2031, 1, 1, tzinfo=UTC)},
            False,
            True,
            id="a day out of the years",
        ),
    ],
)
def test_where_there_is_no_value_trouble_is_told(
    node: Node, row: Mapping[str, object], value: object, lost: bool
) -> None:
    writer = writer_for()
    plain = {
        name: microseconds(told) if isinstance(told, datetime) else told
        for name, told in row.items()
    }
    ((found, *troubles),) = run([writer.value(node), *trouble(writer, node)], [plain])  # type: ignore[list-item]
    assert (found, any(troubles)) == (value, lost)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(10, (True, False)), (5, (False, True)), (None, (False, True))],
    ids=["above", "below", "none compares as false"],
)
def test_a_condition_is_never_null(amount: int | None, expected: tuple[bool, bool]) -> None:
    writer = writer_for()
    above = Compare(">", AMOUNT, Lit(7, MONEY))
    conditions = [writer.condition(above, "true"), writer.condition(Not(above), "true")]
    assert run(conditions, [{"amount": amount}]) == [expected]
