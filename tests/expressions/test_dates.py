"""A day that is written out is the instant it begins, and beside a date it is that date."""

import pytest

from tests.expressions.asking import AT, told_of_condition
from tests.strategies.small_packs import HEADER, OTHERWISE, pack, problems_of

INPUTS = """
inputs:
  buyer:
    born_on: {type: date, meaning: "his birthday"}
"""
BORN = "buyer: {born_on: 2000-05-05}\n"
UNSTATED = "order: {order_kind: pre_order}\n"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("buyer.born_on before 2000-05-06", True, id="before the next day"),
        pytest.param("buyer.born_on before 2000-05-05", False, id="not before the day itself"),
        pytest.param("buyer.born_on at or after 2000-05-05", True, id="at the day"),
        pytest.param("2000-05-04 before buyer.born_on", True, id="the day on the left"),
        pytest.param("2000-05-05 before buyer.born_on", False, id="the same day on the left"),
        pytest.param("buyer.born_on is 2000-05-05", True, id="that day"),
        pytest.param("buyer.born_on is not 2000-05-05", False, id="not that day"),
        pytest.param("buyer.born_on is one of [1999-01-01, 2000-05-05]", True, id="in a list"),
        pytest.param("buyer.born_on is not one of [1999-01-01]", True, id="not in a list"),
        pytest.param("max(buyer.born_on, 2001-01-01) is 2001-01-01", True, id="the later of two"),
        pytest.param("first_known(buyer.born_on, 2001-01-01) is 2000-05-05", True, id="a default"),
    ],
)
def test_a_date_is_compared_with_a_day(condition: str, expected: bool) -> None:
    policy = pack(f'{INPUTS}findings: {{x: "{condition}"}}\n')
    assert policy.value("x", BORN, AT) is expected


def test_a_date_nobody_stated_is_neither_before_nor_after_a_day() -> None:
    policy = pack(
        f"{INPUTS}findings:\n"
        "  earlier: buyer.born_on before 2000-05-06\n"
        "  later: buyer.born_on at or after 2000-05-06\n"
    )
    assert policy.value("earlier", UNSTATED, AT) is False
    assert policy.value("later", UNSTATED, AT) is False


def test_a_date_may_be_the_key_of_a_table_and_its_absence_a_day() -> None:
    policy = pack(
        f"{INPUTS}facts:\n"
        '  born: {is: buyer.born_on, type: date, absent: 1990-01-01, meaning: "his birthday"}\n'
        "parameters:\n  fee: {by: born, 1990-01-01: 5 IDR, 2000-05-05: 6 IDR, otherwise: 7 IDR}\n"
    )
    assert policy.value("fee", UNSTATED, AT) == 5
    assert policy.value("fee", BORN, AT) == 6


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        pytest.param("before 2000-05-05", "at or after 2000-05-05", True, id="on either side"),
        pytest.param("before 2000-05-05", "before 1990-01-01", False, id="one within the other"),
        pytest.param("after 2000-05-05", "before 2000-05-06", True, id="no day between"),
        pytest.param("after 2000-05-05", "before 2000-05-07", False, id="one day between"),
        pytest.param("is 0001-01-01", "is 9999-12-31", True, id="the first and the last day"),
    ],
)
def test_chapters_are_told_apart_by_dates(one: str, other: str, apart: bool) -> None:
    chapters = (
        f"chapters:\n  one: {{when: buyer.born_on {one}}}\n"
        f"  other: {{when: buyer.born_on {other}}}\n"
    )
    problems = problems_of(("policy.yaml", HEADER + OTHERWISE), ("x.yaml", INPUTS + chapters))
    assert [problem.splitlines()[0].rpartition(" ")[2] for problem in problems] == (
        [] if apart else ["[chapters-overlap]"]
    )


def test_a_day_that_is_none_is_told_beside_a_date_too() -> None:
    assert told_of_condition("order.placed_at before 2026-02-30") == [
        "24: `2026-02-30` is not a day of the calendar."
    ]
    (told,) = problems_of(
        ("policy.yaml", HEADER + OTHERWISE),
        ("x.yaml", f"{INPUTS}findings: {{x: buyer.born_on before 2026-02-30}}\n"),
    )
    assert "`2026-02-30` is not a day of the calendar. [not-a-day]" in told


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("findings: {f: order.placed_at before 0001-01-01}", id="in a condition"),
        pytest.param("parameters: {p: {0001-01-01: 5 IDR}}", id="a period"),
        pytest.param(
            "parameters: {p: 5 IDR}\noverlays:\n"
            "  - {parameter: p, from: 0001-01-01, until: 2026-01-01, value: 6 IDR, "
            "reach: claims filed}",
            id="an overlay",
        ),
    ],
)
def test_a_day_that_begins_before_the_year_1_in_utc_is_told(text: str) -> None:
    (told,) = problems_of(("policy.yaml", HEADER + OTHERWISE), ("x.yaml", f"{text}\n"))
    assert "`0001-01-01` is not a day" in told
