"""McNemar's test, Holm's adjustment and the paired bootstrap, against first principles."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.comparing.bootstrap import MOST_GROUPS, Interval, Measure, intervals
from simulations.comparing.mcnemar import EXACT_UP_TO, Table, chi_square, exact, holm

COUNTS = st.integers(0, 60)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        pytest.param(0, 0, 1.0, id="none differs"),
        pytest.param(3, 0, 0.25, id="three heads of three"),
        pytest.param(5, 5, 1.0, id="even"),
        pytest.param(1, 8, 20 / 512, id="one of nine"),
        pytest.param(6, 16, 0.0525, id="six of twenty-two"),
    ],
)
def test_the_exact_test_gives_known_values(only_a: int, only_b: int, p: float) -> None:
    assert exact(only_a, only_b) == pytest.approx(p, abs=5e-5)


@given(only_a=st.integers(0, 7), only_b=st.integers(0, 7))
def test_the_exact_p_counts_the_tosses_of_a_coin(only_a: int, only_b: int) -> None:
    tosses = only_a + only_b
    uneven = abs(only_a - only_b)
    heads = [sum(toss) for toss in product((0, 1), repeat=tosses)]
    as_uneven = sum(abs(2 * count - tosses) >= uneven for count in heads)
    assert exact(only_a, only_b) == Fraction(as_uneven, 2**tosses)


@given(only_a=COUNTS, only_b=COUNTS)
def test_swapping_the_sides_leaves_p_and_turns_the_difference(only_a: int, only_b: int) -> None:
    table, swapped = Table(2, only_a, only_b, 3), Table(2, only_b, only_a, 3)
    assert table.p == swapped.p
    assert table.difference == pytest.approx(-(swapped.difference or 0))


def test_chi_square_is_corrected_and_near_the_exact_value() -> None:
    # |120 - 80| - 1 = 39; 39^2 / 200 = 7.605
    assert chi_square(120, 80) == pytest.approx(math.erfc(math.sqrt(7.605 / 2)))
    assert chi_square(120, 80) == pytest.approx(exact(120, 80), rel=0.03)
    with pytest.raises(ValueError, match="no dispute differs"):
        chi_square(0, 0)


@pytest.mark.parametrize(
    ("discordant", "method"),
    [
        pytest.param(EXACT_UP_TO, "exact", id="the last that is counted out"),
        pytest.param(EXACT_UP_TO + 1, "chi_square", id="the first that is not"),
    ],
)
def test_the_method_changes_at_its_bound(discordant: int, method: str) -> None:
    assert Table(0, discordant, 0, 0).method == method
    assert 0 <= Table(0, discordant, 0, 0).p < 1e-6


def test_of_no_disputes_there_is_no_difference_and_of_no_only_b_no_odds() -> None:
    assert (Table(0, 0, 0, 0).difference, Table(0, 4, 0, 0).odds) == (None, None)


def test_holm_adjusts_as_in_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([]) == ()


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_raises_each_value_and_keeps_their_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(p <= a <= 1 for p, a in zip(values, adjusted, strict=True))
    ordered = sorted(range(len(values)), key=lambda place: (values[place], adjusted[place]))
    assert [adjusted[place] for place in ordered] == sorted(adjusted)


def ends(values: Sequence[int], *, seed: int = 0, as_share: bool = False) -> Interval:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE drawn AS SELECT unnest(?::BIGINT[]) AS v, "
        "unnest(range(?))::VARCHAR AS dispute_id",
        [list(values), len(values)],
    )
    measure = Measure("v", "v", as_share=as_share)
    return intervals(connection, "drawn", [measure], seed)["v"]


@settings(max_examples=10)
@given(values=st.lists(st.integers(-1000, 1000), min_size=1, max_size=40))
def test_turning_every_difference_turns_the_interval(values: list[int]) -> None:
    found, turned = ends(values), ends([-value for value in values])
    assert (found.low, found.high) == (-turned.high, -turned.low)
    assert found.low <= found.high


@pytest.mark.parametrize("value", [0, 7], ids=["no difference", "all differ alike"])
def test_where_all_differ_alike_the_interval_has_no_width(value: int) -> None:
    assert ends([value] * 25) == Interval(value * 25, value * 25)


@pytest.mark.slow
@pytest.mark.parametrize(
    "count",
    [pytest.param(400, id="each by itself"), pytest.param(3 * MOST_GROUPS, id="in groups")],
)
def test_the_interval_is_as_wide_as_theory_says(count: int) -> None:
    values = [(n * 7919) % 101 for n in range(count)]
    mean = sum(values) / count
    error = math.sqrt(sum((value - mean) ** 2 for value in values) / count / count)
    found = ends(values, as_share=True)
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.25 * error)


def test_the_seed_decides_the_interval() -> None:
    values = [n % 13 for n in range(60)]
    assert ends(values, seed=4) == ends(values, seed=4)
    assert ends(values, seed=4) != ends(values, seed=5)
