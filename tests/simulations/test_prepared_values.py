"""SQL reads a value of a payload as Python does, or leaves it to Python."""

import json
from datetime import UTC, date, datetime
from functools import cache

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.facts.fields import Field
from reso.facts.values import Plain, WrongValueError, read_value
from simulations.prepared.doubts import MAX_MINOR
from simulations.prepared.instants import microseconds
from simulations.prepared.typing_sql import MONEY_SCALE, column_type, value_sql

WORDS = Field("status", "shipping", "enum", ("yes", "no", "on its way", "d'accord", "1"))
WHOLE = Field("parts", "order", "integer")
AMOUNT = Field("total_paid", "order", "money")
AT = Field("placed_at", "order", "instant")
DAY = Field("day", "order", "date")
TEXT = Field("note", "order", "text")
FIELDS = (WORDS, WHOLE, AMOUNT, AT, DAY, TEXT)
CURRENCY, CENT = "EUR", MONEY_SCALE // 100


def by_sql(field: Field, written: str) -> object:
    """Return what SQL reads of the JSON text of a value; None where it is not sure."""
    leaf = "json_extract($1, '$.x')::VARCHAR"
    query = f"SELECT CAST({value_sql(field, 'leaf')} AS {column_type(field)}) FROM (SELECT "
    found = opened().execute(f"{query}{leaf} AS leaf)", [f'{{"x": {written}}}']).fetchone()
    value = found[0] if found else None
    if field.type != "money" or value is None:
        return value
    # what the currency cannot hold is found out when it is known
    return None if value % CENT or value // CENT > MAX_MINOR else value


@cache
def opened() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def by_python(field: Field, written: str) -> object:
    """Return the same as Python reads it, in the units of SQL; None where it is no such value."""
    try:
        value = read_value(field, json.loads(written), CURRENCY)
    except WrongValueError:
        return None
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, date):
        return (value - date(1970, 1, 1)).days
    if field.type == "money" and isinstance(value, int):
        return value * CENT
    return value


@pytest.mark.parametrize(
    ("field", "written"),
    [
        pytest.param(WORDS, '"on its way"', id="a word"),
        pytest.param(WORDS, '"d\'accord"', id="a word with a quote in it"),
        pytest.param(WORDS, "true", id="true for yes"),
        pytest.param(WORDS, "false", id="false for no"),
        pytest.param(WHOLE, "0", id="zero"),
        pytest.param(WHOLE, "999999999999999", id="the largest whole number"),
        pytest.param(AMOUNT, "0", id="no money"),
        pytest.param(AMOUNT, "77500", id="whole money"),
        pytest.param(AMOUNT, "9999999999999", id="the most whole money"),
        pytest.param(AMOUNT, "50.1", id="a broken amount"),
        pytest.param(AMOUNT, '"50.10"', id="an amount as text"),
        pytest.param(AT, '"2025-07-14T22:52:14+07:00"', id="an instant"),
        pytest.param(AT, '"2025-07-14T22:52+07:00"', id="an instant without seconds"),
        pytest.param(AT, '"2025-07-14 22:52:14.250Z"', id="an instant with milliseconds"),
        pytest.param(DAY, '"2024-02-29"', id="a leap day"),
        pytest.param(TEXT, '"Ros\u00e9 \U0001f4e6"', id="a text of many scripts"),
        pytest.param(TEXT, '"a \\"b\\" c"', id="a text with quotes"),
        pytest.param(TEXT, '""', id="an empty text"),
    ],
)
def test_plain_values_need_no_python(field: Field, written: str) -> None:
    assert by_sql(field, written) == by_python(field, written) is not None


@pytest.mark.parametrize(
    ("field", "written"),
    [
        pytest.param(WORDS, '"lost"', id="a word that is not declared"),
        pytest.param(WORDS, "1", id="a number that reads like a word"),
        pytest.param(WHOLE, "-1", id="below zero"),
        pytest.param(WHOLE, "5.0", id="a point"),
        pytest.param(WHOLE, "1e3", id="an exponent"),
        pytest.param(WHOLE, '"5"', id="a number as text"),
        pytest.param(WHOLE, "true", id="a boolean"),
        pytest.param(WHOLE, "1000000000000000", id="too many digits"),
        pytest.param(AMOUNT, "-5", id="money below zero"),
        pytest.param(AMOUNT, "100000000000000", id="too much money"),
        pytest.param(AT, '"2025-02-30T10:00:00Z"', id="a day that is none"),
        pytest.param(AT, '"2025-07-14T22:52:14"', id="no zone"),
        pytest.param(AT, '["2025-07-14T22:52:14Z"]', id="an instant in a list"),
        pytest.param(DAY, '"2025-02-30"', id="a date that is none"),
        pytest.param(TEXT, "5", id="a number for a text"),
    ],
)
def test_what_is_not_plain_is_left_to_python(field: Field, written: str) -> None:
    assert by_sql(field, written) is None


NUMBERS = st.one_of(
    st.integers(-(10**16), 10**16),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
    NUMBERS.map(str),
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    st.sampled_from(WORDS.values),
)


@given(field=st.sampled_from(FIELDS), raw=st.one_of(NUMBERS, TEXTS, st.booleans(), st.lists(TEXTS)))
def test_what_sql_reads_is_what_python_reads(field: Field, raw: Plain) -> None:
    written = json.dumps(raw, ensure_ascii=False)
    told = by_sql(field, written)
    assert told is None or told == by_python(field, written)
