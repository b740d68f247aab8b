"""Amounts that remember their formula: the number, the formula and the notes say one thing."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.fast.traced import (
    SeenFields,
    Trace,
    Traced,
    UntraceableError,
    plain,
    sql_of,
    traced,
)
from simulations.literals import text_of

NAMES = ("a", "b", "c")
AMOUNTS = st.integers(0, 10**9)

Numbers = Sequence[int]


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Open a database once: nothing is kept in it."""
    return duckdb.connect()


def evaluated(sql: str, values: Numbers) -> object:
    """Return what DuckDB makes of a formula over columns of these values, as wide as amounts."""
    columns = ", ".join(f'${n + 1}::BIGINT AS "{name}"' for n, name in enumerate(NAMES))
    asked = f"SELECT {sql} FROM (SELECT {columns})"
    found = database().execute(asked, list(values)).fetchone()
    assert found is not None
    return found[0]


def as_traced(values: Numbers, trace: Trace) -> list[Traced]:
    return [Traced.of(value, f'"{name}"', trace) for name, value in zip(NAMES, values, strict=True)]


# -- computations ---------------------------------------------------------------------------

COMPUTATIONS: dict[str, Callable[[Numbers], int]] = {
    "a sum": lambda v: v[0] + v[1] + 7,
    "a sum of many, from nothing": sum,
    "a difference": lambda v: v[0] - v[1] - 1,
    "taken off a constant": lambda v: 100 - v[2],
    "a product": lambda v: 3 * v[0] * v[1],
    "a part of a whole": lambda v: divmod(v[0] * 7, v[2] + 1)[0],
    "the rest of a division": lambda v: divmod(v[0] * 5, 1_000)[1],
    "the smaller": min,
    "the greater": lambda v: max(*v, 500),
    "what is left, not below nothing": lambda v: max(0, v[0] - v[1]),
    "the first that is not nothing": lambda v: v[0] or v[1] or 1,
    "capped in turn": lambda v: min(v[0], v[1]) + (v[2] if v[2] <= v[0] else 0),
}


@pytest.mark.parametrize("compute", COMPUTATIONS.values(), ids=COMPUTATIONS)
@settings(max_examples=15, deadline=None)
@given(values=st.lists(AMOUNTS | st.integers(0, 2), min_size=3, max_size=3))
def test_a_traced_computation_is_the_plain_one_and_its_formula_says_so(
    compute: Callable[[Numbers], int], values: list[int]
) -> None:
    trace = Trace()
    found = compute(as_traced(values, trace))
    assert plain(found) == compute(values)
    assert evaluated(sql_of(found), values) == plain(found)
    for condition, holds in trace.noted.items():
        assert evaluated(condition, values) is holds


@pytest.mark.parametrize("compute", COMPUTATIONS.values(), ids=COMPUTATIONS)
@settings(max_examples=30, deadline=None)
@given(
    led=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    other=st.lists(st.integers(0, 5), min_size=3, max_size=3),
)
def test_who_answers_all_notes_alike_has_the_same_formula(
    compute: Callable[[Numbers], int], led: list[int], other: list[int]
) -> None:
    trace = Trace()
    found = compute(as_traced(led, trace))
    alike = all(evaluated(sql, other) is holds for sql, holds in trace.noted.items())
    if alike:
        assert evaluated(sql_of(found), other) == compute(other)


@pytest.mark.parametrize("by", [0, -3], ids=["by nothing", "by less"])
def test_a_division_that_sql_cuts_otherwise_is_refused(by: int) -> None:
    with pytest.raises(UntraceableError, match="negative"):
        divmod(Traced.of(7, '"a"', Trace()), by)


def test_a_number_below_nothing_is_not_divided() -> None:
    with pytest.raises(UntraceableError, match="negative"):
        divmod(Traced.of(-7, '"a"', Trace()), 2)


TRACED = {
    "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__divmod__",
    "__rdivmod__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__",
    "__hash__",
}  # fmt: skip
TELL_NOTHING = {
    "__class__", "__delattr__", "__dir__", "__doc__", "__getattribute__", "__getstate__",
    "__init__", "__init_subclass__", "__new__", "__repr__", "__setattr__", "__sizeof__",
    "__subclasshook__", "from_bytes", "__reduce__",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(dir(int)) - TRACED - TELL_NOTHING))
def test_what_has_no_formula_is_refused(name: str) -> None:
    number = Traced.of(7, '"a"', Trace())
    with pytest.raises(UntraceableError, match=f"`{name}` of an amount"):
        getattr(number, name)(2)


@pytest.mark.parametrize(
    "compute",
    [
        pytest.param(lambda a: a // 100, id="a share by //"),
        pytest.param(lambda a: 100 // a, id="a number by it"),
        pytest.param(lambda a: a % 7, id="a rest by %"),
        pytest.param(lambda a: -a, id="what is owed"),
        pytest.param(int, id="as a plain number"),
        pytest.param(float, id="as a float"),
        pytest.param(round, id="rounded"),
        pytest.param(str, id="as a text"),
        pytest.param(lambda a: f"{a:,}", id="in a text"),
        pytest.param(copy, id="copied"),
        pytest.param(lambda a: a * Decimal("0.5"), id="times a decimal"),
        pytest.param(lambda a: a < 7.5, id="beside a float"),
        pytest.param(lambda a: a.real, id="its real part"),
    ],
)
def test_an_amount_never_comes_out_without_its_formula(
    compute: Callable[[Traced], object],
) -> None:
    with pytest.raises(UntraceableError):
        compute(Traced.of(7, '"a"', Trace()))


# -- questions ------------------------------------------------------------------------------


def asked_of(values: Numbers, trace: Trace) -> list[bool]:
    """Return the answers to questions of many forms, some of which follow from others."""
    a, b, c = as_traced(values, trace)
    asked = [a == b, a != c, a < b, b <= c, c > a, c >= 2, bool(a), bool(b) and b == 0]
    return [*asked, a + b < 0, a - b > 0, 0 - a < 0, b + c + 1 > c, a * b >= 0, 2 * a == a + a]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(led=st.tuples(*[st.integers(-1, 3)] * 3), other=st.tuples(*[st.integers(-1, 3)] * 3))
def test_who_answers_all_notes_alike_answers_all_questions_alike(
    led: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    answers = asked_of(led, trace := Trace())
    for condition, holds in trace.noted.items():
        assert evaluated(condition, led) is holds
    if all(evaluated(condition, other) is holds for condition, holds in trace.noted.items()):
        assert asked_of(other, Trace()) == answers


FOLLOWS: dict[str, tuple[Callable[[Traced, Traced], object], int]] = {
    "the same turned round": (lambda a, b: (a < b, b > a, a - b < 0, 0 - a > 0 - b), 1),
    "its opposite": (lambda a, b: (a < b, a >= b, b <= a), 1),
    "neither more nor less": (lambda a, b: (b + 1 > a, a > b + 1, a != b + 1), 2),
    "what is left of a sum": (lambda a, b: (a < 9, (a + b) - b >= 9, bool(a - a)), 1),
}


@pytest.mark.parametrize(("ask", "noted"), FOLLOWS.values(), ids=FOLLOWS)
def test_what_follows_is_not_noted_again(
    ask: Callable[[Traced, Traced], object], noted: int
) -> None:
    a, b, _ = as_traced((5, 4, 0), trace := Trace())
    ask(a, b)
    assert len(trace.noted) == noted


def test_numbers_above_nothing_have_a_sum_and_a_product_above_nothing() -> None:
    a, b, _ = as_traced((5, 4, 0), trace := Trace())
    assert a > 0
    assert b > 0
    noted = dict(trace.noted)
    assert a + b > 0
    assert a * b >= 0
    assert 0 - a - b < 0
    assert [plain(part) for part in divmod(a * b, b)] == [5, 0]
    assert trace.noted == noted


def test_a_number_equals_itself_and_no_text_without_a_note() -> None:
    number = Traced.of(5, '"a"', trace := Trace())
    assert number == number
    assert number != "5"
    assert trace.noted == {}


def test_a_set_compares_what_is_in_it() -> None:
    one, other, _ = as_traced((5, 5, 0), trace := Trace())
    assert len({one, other}) == 1
    assert set(trace.noted.values()) == {True}


# -- what is read ---------------------------------------------------------------------------


def test_a_value_is_noted_as_what_it_is() -> None:
    trace = Trace()
    assert traced(None, '"a"', trace) is None
    assert traced(True, '"b"', trace) is True
    assert traced("it's", '"c"', trace) == "it's"
    number = traced(7, '"d"', trace)
    assert isinstance(number, Traced)
    assert plain(number) == 7
    assert type(plain(number)) is int
    assert trace.noted == {
        '"a" IS NULL': True,
        '"b" IS NULL': False,
        '"b"': True,
        '"c" IS NULL': False,
        "\"c\" = 'it''s'": True,
        '"d" IS NULL': False,
    }


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(UntraceableError, match="tuple"):
        traced(("x",), '"a"', Trace())


def test_fields_are_noted_when_they_are_read_and_refused_when_unknown() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    columns = {"claim.type": '"t"', "claim.filed_at": '"f"', "claim.party": '"p"'}
    seen = SeenFields({"claim.type": "damaged", "claim.filed_at": at}, columns, trace := Trace())
    assert dict(seen.items()) == {"claim.type": "damaged", "claim.filed_at": at}
    assert trace.noted == {}
    assert seen.get("claim.party") is None
    assert seen["claim.type"] == "damaged"
    assert trace.noted == {
        '"p" IS NULL': True,
        '"t" IS NULL': False,
        f'"t" = {text_of("damaged")}': True,
    }
    with pytest.raises(UntraceableError, match=r"order\.currency"):
        seen.get("order.currency")
