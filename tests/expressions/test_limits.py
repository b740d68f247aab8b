"""Nothing in a policy file can crash its reader, or keep it busy for ever."""

from time import process_time

import pytest

from tests.expressions.asking import AT, CASE, holds, told, told_of_condition
from tests.strategies.small_packs import pack


def test_40_brackets_are_read() -> None:
    assert holds(f"{'(' * 40}claim is known{')' * 40}") is True


def test_41_brackets_are_not() -> None:
    told_so = ["41: brackets nested deeper than 40. Split it."]
    assert told_of_condition(f"{'(' * 41}claim is known{')' * 41}") == told_so


def test_brackets_in_texts_do_not_count() -> None:
    assert holds(f'"{"(" * 41}" is not "x"') is True


def test_4000_characters_are_read() -> None:
    assert holds("yes or ".ljust(3_998) + "no") is True


def test_4001_characters_are_not() -> None:
    told_so = ["1: expression of 4,001 characters; at most 4,000 are read."]
    assert told_of_condition("claim is known".ljust(3_999) + "or") == told_so


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("+".join(["1"] * 1_900), id="a long sum"),
        pytest.param("*".join(["1"] * 1_900), id="a long product"),
    ],
)
def test_an_endless_row_of_operators_is_refused(written: str) -> None:
    assert len(told(written)) == 1


def test_an_endless_row_of_nots_is_refused() -> None:
    assert len(told_of_condition("not " * 900 + "yes")) == 1


def test_a_sum_of_100_parts_is_read() -> None:
    policy = pack(f"readings:\n  x: {' + '.join(['1'] * 100)}\n")
    assert policy.value("x", CASE, AT) == 100


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("not " * 16 + "claim is known", id="not over not"),
        pytest.param("(claim is known and " * 16 + "yes" + ")" * 16, id="brackets in brackets"),
        pytest.param(
            "(claim is known and (no or " * 8 + "yes" + "))" * 8, id="and over or over and"
        ),
        pytest.param(
            "not " + "(claim is known and (no or " * 8 + "yes" + "))" * 8, id="under a not"
        ),
    ],
)
def test_deep_conditions_take_no_time(written: str) -> None:
    began = process_time()
    holds(written)
    assert process_time() - began < 0.3


def test_a_reading_may_have_many_branches() -> None:
    branches = "".join(
        f"    - {{when: order.total_paid > {n * 1000} IDR, then: {n}}}\n" for n in range(250, 0, -1)
    )
    assert pack(f"readings:\n  x:\n{branches}").value("x", CASE, AT) == 99


def test_a_table_may_have_many_rows() -> None:
    rows = "".join(f"    s{n}: {{before: {n} IDR, 2026-01-01: {n + 1} IDR}}\n" for n in range(250))
    policy = pack(f"""
readings:
  sku: sku of first claim.items
parameters:
  x:
    by: sku
{rows}    otherwise: 7 IDR
""")
    assert policy.value("x", CASE.replace("sku: a", "sku: s42"), AT) == 43
    assert policy.value("x", CASE, AT) == 7
