"""Numbers and instants on Spark: what DuckDB yields, where they fit and where they do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from pyspark.sql import SparkSession

from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import MONEY, Arith, Func, Node
from reso.facts.operations import Rounding
from reso.model.time import Duration
from simulations.sql.calendar import SqlCalendar, microseconds
from simulations.sql.dialects import Dialect, DuckDB, Spark
from simulations.sql.trouble import trouble
from simulations.sql.writer import Writer
from tests.simulations import test_sql_values as values
from tests.simulations.test_sql_calendar import CALENDARS

pytestmark = pytest.mark.slow

Columns = Callable[[Dialect], Sequence[str]]
Lists = Callable[[Dialect], str]
NUMBERS = (None, 0, 1, -1, 7, -7, 500_000, -500_001, 2**31, -(2**31) - 1, 10**15, -(10**15), 2**62)
RATES = (None, 0, 1, 333_333, 500_000, 10**6, 3 * 10**6)
LENGTHS = (
    Duration("exact", 3_600 * 36),
    Duration("calendar_days", 3),
    Duration("calendar_days", 30, True),
    Duration("calendar_days", 1, True, True),
    Duration("business_days", 0),
    Duration("business_days", 11, True),
    Duration("months", 1),
    Duration("months", 13, True),
)
YEARS = (2014, 2022)


@dataclass(frozen=True)
class Both:
    """Runs expressions over a table in both engines."""

    spark: SparkSession
    folder: Path

    def assert_same(
        self, table: Sequence[Mapping[str, object]], columns: Columns, lists: Lists
    ) -> None:
        """Assert that columns are the same row by row; `lists` is a relation of one row beside."""
        file = self.folder / "table.parquet"
        names = list(table[0])
        rows = ", ".join(f"({', '.join(literal(row[name]) for name in names)})" for row in table)
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(
                f"COPY (FROM (VALUES {rows}) AS t({', '.join(names)})) TO '{file}' (FORMAT parquet)"
            )
            asked = query(DuckDB(), f"read_parquet('{file}')", columns, lists)
            here = sorted(connection.sql(asked).fetchall())
        self.spark.read.parquet(file.as_uri()).createOrReplaceTempView("told")
        there = sorted(map(tuple, self.spark.sql(query(Spark(), "told", columns, lists)).collect()))
        assert len(here) == len(table)
        differing = [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]]
        assert not differing, [(table[int(str(a[0]))], a, b) for a, b in differing[:3]]


@pytest.fixture
def both(spark: SparkSession, tmp_path: Path) -> Both:
    return Both(spark, tmp_path)


def query(dialect: Dialect, table: str, columns: Columns, lists: Lists) -> str:
    """Return a query of columns over a table, `row` first."""
    selected = ", ".join(f"{sql} AS c{n}" for n, sql in enumerate(columns(dialect)))
    return f"SELECT row, {selected} FROM {table} CROSS JOIN ({lists(dialect)})"


def literal(value: object) -> str:
    """Return a value as DuckDB writes it, numbers in 64 bits."""
    if isinstance(value, str):
        return DuckDB().words(value)
    return f"CAST({'NULL' if value is None else value} AS BIGINT)"


def nothing(dialect: Dialect) -> str:
    return "SELECT 1 AS one"


@pytest.mark.parametrize("rounding", values.ROUNDINGS)
def test_shares_and_portions_of_any_size(both: Both, rounding: Rounding) -> None:
    dice = Random(5)
    table = [
        {
            "row": number,
            "amount": dice.choice(NUMBERS),
            "other": dice.choice(NUMBERS),
            "whole": dice.choice(NUMBERS),
            "rate": dice.choice(RATES),
            "number": dice.choice(NUMBERS),
            "word": 'it\'s \\ "so"',
            "moment": None,
        }
        for number in range(300)
    ]
    nodes: tuple[Node, ...] = (
        Arith("*", values.AMOUNT, values.SHARE, MONEY),
        Func("portion", (values.AMOUNT, values.OTHER, values.WHOLE), MONEY.optional()),
        Arith("+", values.AMOUNT, values.OTHER, MONEY.optional()),
        Arith("-", values.AMOUNT, values.OTHER, MONEY.optional()),
        values.PRODUCT,
        values.ROWS,
        Func("min", (values.AMOUNT, values.OTHER), MONEY.optional()),
        Func("max", (values.AMOUNT, values.OTHER), MONEY.optional()),
        values.WORD,
    )

    def columns(dialect: Dialect) -> list[str]:
        policy = values.policy(rounding)
        calendar = SqlCalendar(policy.calendar, dialect, (), *values.YEARS)
        writer = Writer(policy, values.Facts(), calendar, CompiledExpressions(policy))
        written = [writer.value(node).text for node in nodes]
        return written + [sql.text for node in nodes for sql in trouble(writer, node)]

    both.assert_same(table, columns, nothing)


@pytest.mark.parametrize("name", ["summer time in the south", "a weekend of one day"])
def test_instants(both: Both, name: str) -> None:
    dice, calendar = Random(9), CALENDARS[name]
    start = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    table: list[dict[str, object]] = [
        {
            "row": number,
            "moment": microseconds(start + timedelta(seconds=dice.randrange(8 * 365 * 86_400))),
            "clock": dice.randrange(86_400) * 1_000_000,
        }
        for number in range(300)
    ]
    table += [
        {"row": 300, "moment": None, "clock": 0},
        {"row": 301, "moment": microseconds(start - timedelta(days=4000)), "clock": 0},
    ]

    def made(dialect: Dialect) -> SqlCalendar:
        return SqlCalendar(calendar, dialect, LENGTHS, *YEARS)

    def columns(dialect: Dialect) -> list[str]:
        by = made(dialect)
        return [
            by.at_time("moment", "clock"),
            by.end_of_day("moment"),
            by.time_of("moment"),
            by.is_business_day("moment"),
            *(by.add("moment", length) for length in LENGTHS),
        ]

    both.assert_same(table, columns, lambda dialect: made(dialect).lists())


@pytest.mark.parametrize("items", [[], [None], [1, None, 2], [2**62, 2**62], [-(2**63), -1], None])
def test_lists(both: Both, items: list[int | None] | None) -> None:
    def columns(dialect: Dialect) -> list[str]:
        listed = dialect.list(*(literal(item) for item in items or ()))
        some = f"CAST({'NULL' if items is None else listed} AS {dialect.list_of('BIGINT')})"
        return [
            dialect.total(some),
            dialect.least_of(some),
            dialect.length(some),
            dialect.element(some, "-1"),
            dialect.element(some, "3"),
            dialect.contains(some, "2"),
            f"coalesce({dialect.any(some, 'x', 'x > 1')}, FALSE)",
            dialect.length(dialect.filtered(some, "x", "x > 1")),
            dialect.last_that(some, "x", "x < 2"),
            dialect.first_that(some, "x", "x < 0"),
        ]

    both.assert_same([{"row": 0}], columns, nothing)
