"""Columns of a sheet are computed once each, in layers, and only where asked for."""

import duckdb
import pytest

from simulations.sql.columns import Sql
from simulations.sql.dialects import DuckDB
from simulations.sql.layers import NoColumnError, Sheet

ROWS = "(SELECT unnest([1, 2]) AS n)"


def reading(text: str, *columns: str) -> Sql:
    return Sql(text, frozenset(columns))


def sheet() -> Sheet:
    return Sheet(DuckDB(), ROWS, frozenset({"n"}), {"(SELECT [5, 6] AS l)": frozenset({"l"})})


def test_a_column_reads_others_whatever_the_order_they_were_added_in() -> None:
    made = sheet()
    made.add("third", reading("second * 10", "second"))
    made.add("second", reading("n + 1", "n"))
    made.add("looked up", reading("l[n]", "l", "n"))
    found = duckdb.sql(made.select(["third", "n", "looked up"]))
    assert found.columns == ["third", "n", "looked up"]
    assert found.fetchall() == [(20, 1, 5), (30, 2, 6)]


def test_a_column_nobody_asks_for_is_not_computed() -> None:
    made = sheet()
    made.add("wanted", reading("n + 1", "n"))
    made.add("broken", reading("no_such_column", "n"))
    assert duckdb.sql(made.select(["wanted"])).fetchall() == [(2,), (3,)]


def test_what_is_written_the_same_is_one_column() -> None:
    made = sheet()
    first, second = made.hoist(reading("n * 7", "n")), made.hoist(reading("n * 7", "n"))
    made.add("sum", reading(f'"{first}" + "{second}"', first, second))
    assert first == second
    assert made.select(["sum"]).count("n * 7") == 1
    assert duckdb.sql(made.select(["sum"])).fetchall() == [(14,), (28,)]


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"a": reading("b", "b"), "b": reading("a", "a")}, id="a circle"),
        pytest.param({"a": reading("c", "c")}, id="a column that is not there"),
    ],
)
def test_what_cannot_be_computed_is_refused(columns: dict[str, Sql]) -> None:
    made = sheet()
    for name, sql in columns.items():
        made.add(name, sql)
    with pytest.raises(NoColumnError):
        made.select(["a"])


def test_two_columns_of_one_name_are_refused() -> None:
    made = sheet()
    made.add("a", reading("n", "n"))
    assert made.add("a", reading("n", "n")) == "a"
    with pytest.raises(ValueError, match="`a`"):
        made.add("a", reading("n + 1", "n"))
    with pytest.raises(ValueError, match="`n`"):
        made.add("n", reading("1"))
