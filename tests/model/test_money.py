"""Money is exact: what goes in comes out, and what cannot be kept exactly is refused."""

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import InputError, ResoError
from reso.model.money import (
    MAX_MINOR,
    Language,
    Money,
    format_money,
    minor_digits,
    to_major,
    to_minor,
)

currencies = st.sampled_from(["IDR", "SGD", "USD", "MYR", "PHP", "JPY", "KWD"])
amounts = st.builds(Money, st.integers(-MAX_MINOR, MAX_MINOR), currencies)
percents = st.integers(0, 100)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        pytest.param("IDR", 0, id="rupiah have no minor unit in practice"),
        pytest.param("JPY", 0, id="yen have none at all"),
        pytest.param("USD", 2, id="dollars"),
        pytest.param("SGD", 2, id="Singapore dollars"),
        pytest.param("KWD", 3, id="dinars"),
    ],
)
def test_a_currency_knows_its_decimal_digits(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("currency", "message"),
    [
        pytest.param(
            "usd", "currency `usd`: no such currency. Did you mean `USD`?", id="small letters"
        ),
        pytest.param("Rp", "currency `Rp`: no such currency. Did you mean `IDR`?", id="a symbol"),
        pytest.param(
            "USDT", "currency `USDT`: no such currency. Did you mean `USD`?", id="a letter too many"
        ),
        pytest.param(
            "UDS",
            "currency `UDS`: no such currency. Write its ISO 4217 code, such as `IDR`.",
            id="near too many",
        ),
        pytest.param(
            "rupiah",
            "currency `rupiah`: no such currency. Write its ISO 4217 code, such as `IDR`.",
            id="a name",
        ),
        pytest.param(
            "",
            "currency ``: no such currency. Write its ISO 4217 code, such as `IDR`.",
            id="nothing",
        ),
    ],
)
def test_an_unknown_currency_is_refused_with_the_nearest_known_one(
    currency: str, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        to_minor(1, currency)
    assert str(refused.value) == message


def test_an_input_error_keeps_its_parts_and_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(InputError("case.yaml:3", "no such field", "Remove it.")))
    assert isinstance(error, InputError)
    assert (error.where, error.what, error.todo) == ("case.yaml:3", "no such field", "Remove it.")
    assert str(error) == "case.yaml:3: no such field. Remove it."


def test_an_input_error_is_one_of_ours() -> None:
    assert issubclass(InputError, ResoError)


def test_an_input_error_without_advice_ends_after_what_is_wrong() -> None:
    assert str(InputError("case.yaml:3", "no such field")) == "case.yaml:3: no such field"


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        pytest.param(1250000, "IDR", 1250000, id="whole rupiah"),
        pytest.param(1250000.0, "IDR", 1250000, id="rupiah as a JSON float"),
        pytest.param("1250000.00", "IDR", 1250000, id="rupiah with two zeros behind the point"),
        pytest.param(50, "SGD", 5000, id="whole dollars"),
        pytest.param(50.1, "SGD", 5010, id="a float that binary cannot hold"),
        pytest.param(0.29, "SGD", 29, id="a float just below its number"),
        pytest.param("50.10", "SGD", 5010, id="text"),
        pytest.param(" 50.10 ", "SGD", 5010, id="text with blanks around"),
        pytest.param(Decimal("50.10"), "SGD", 5010, id="decimal"),
        pytest.param(Decimal("50.100"), "SGD", 5010, id="decimal with a zero too many"),
        pytest.param(Decimal("5E1"), "SGD", 5000, id="decimal with an exponent"),
        pytest.param("1.234", "KWD", 1234, id="three digits where the currency has three"),
        pytest.param(-0.0, "SGD", 0, id="minus zero"),
        pytest.param(MAX_MINOR, "IDR", MAX_MINOR, id="the largest amount"),
        pytest.param(1e13, "SGD", MAX_MINOR, id="the largest amount as a float"),
    ],
)
def test_an_amount_becomes_exact_minor_units(
    value: int | str | Decimal | float, currency: str, minor: int
) -> None:
    assert to_minor(value, currency) == minor


NOT_AN_AMOUNT = "is not an amount of money. Write a plain number such as 1250000 or 50.10"
NO_PRICE = "an amount above 1,000,000,000,000,000 minor units of {} is no price. Check its unit"


@pytest.mark.parametrize(
    ("value", "currency", "message"),
    [
        pytest.param(
            50.125,
            "SGD",
            "50.125 has more decimal digits than SGD, which has 2. Round it first",
            id="too many digits",
        ),
        pytest.param(
            0.5,
            "IDR",
            "0.5 has more decimal digits than IDR, which has 0. Round it first",
            id="half a rupiah",
        ),
        pytest.param(
            Decimal("1E-9999999"),
            "SGD",
            "1E-9999999 has more decimal digits than SGD, which has 2. Round it first",
            id="next to nothing",
        ),
        pytest.param(
            "50.000",
            "IDR",
            "`50.000` may mean thousands or decimals. Write it without thousands separators",
            id="an Indonesian thousands point",
        ),
        pytest.param("1,250,000", "IDR", f"`1,250,000` {NOT_AN_AMOUNT}", id="commas"),
        pytest.param("Rp50000", "IDR", f"`Rp50000` {NOT_AN_AMOUNT}", id="a symbol"),
        pytest.param("5e1", "SGD", f"`5e1` {NOT_AN_AMOUNT}", id="text with an exponent"),
        pytest.param("\u0665", "SGD", f"`\u0665` {NOT_AN_AMOUNT}", id="a digit of another script"),
        pytest.param("", "SGD", f"`` {NOT_AN_AMOUNT}", id="empty text"),
        pytest.param(True, "SGD", f"`True` {NOT_AN_AMOUNT}", id="a truth value"),
        pytest.param(None, "SGD", f"`None` {NOT_AN_AMOUNT}", id="nothing"),
        pytest.param(float("nan"), "SGD", f"`nan` {NOT_AN_AMOUNT}", id="not a number"),
        pytest.param(float("inf"), "SGD", f"`inf` {NOT_AN_AMOUNT}", id="infinity"),
        pytest.param(Decimal("sNaN"), "SGD", f"`sNaN` {NOT_AN_AMOUNT}", id="signalling nan"),
        pytest.param(
            -5, "SGD", "-5 SGD is negative. Write zero or more here", id="negative, not allowed"
        ),
        pytest.param(MAX_MINOR + 1, "IDR", NO_PRICE.format("IDR"), id="one rupiah too large"),
        pytest.param("10000000000000.01", "SGD", NO_PRICE.format("SGD"), id="one cent too large"),
        pytest.param(10**9999, "IDR", NO_PRICE.format("IDR"), id="an absurd whole number"),
        pytest.param(Decimal("1E+9999999"), "IDR", NO_PRICE.format("IDR"), id="absurd decimal"),
        pytest.param(-(10**16), "IDR", NO_PRICE.format("IDR"), id="absurd and negative"),
    ],
)
def test_what_is_no_exact_amount_is_refused(
    value: int | str | Decimal | float, currency: str, message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        to_minor(value, currency)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(-50.1, id="float"),
        pytest.param("-50.1", id="text"),
        pytest.param(Decimal("-50.1"), id="decimal"),
    ],
)
def test_a_negative_amount_is_taken_where_it_is_allowed(value: str | Decimal | float) -> None:
    assert to_minor(value, "SGD", allow_negative=True) == -5010


@pytest.mark.parametrize(
    ("minor", "currency", "language", "expected"),
    [
        pytest.param(1250000, "IDR", "id", "Rp1.250.000", id="rupiah in Indonesian"),
        pytest.param(1250000, "IDR", "en", "IDR 1,250,000", id="rupiah in English"),
        pytest.param(5000, "SGD", "en", "SGD 50.00", id="Singapore dollars in English"),
        pytest.param(5000, "SGD", "id", "SGD 50,00", id="Singapore dollars in Indonesian"),
        pytest.param(123456, "USD", "en", "$1,234.56", id="US dollars in English"),
        pytest.param(123456, "USD", "id", "US$1.234,56", id="US dollars in Indonesian"),
        pytest.param(0, "IDR", "id", "Rp0", id="nothing"),
        pytest.param(-5000, "IDR", "id", "-Rp5.000", id="negative"),
        pytest.param(1234, "KWD", "en", "KWD 1.234", id="three digits"),
    ],
)
def test_money_is_written_as_people_write_it(
    minor: int, currency: str, language: Language, expected: str
) -> None:
    assert format_money(minor, currency, language) == expected


@given(money=amounts)
def test_minor_units_to_major_and_back_are_the_same(money: Money) -> None:
    major = to_major(money.minor, money.currency)
    assert to_minor(major, money.currency, allow_negative=True) == money.minor
    if minor_digits(money.currency) == 2:
        assert to_minor(str(major), money.currency, allow_negative=True) == money.minor


@given(minor=st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_float_of_at_most_fifteen_digits_is_read_as_it_is_written(minor: int) -> None:
    assert to_minor(float(to_major(minor, "SGD")), "SGD", allow_negative=True) == minor


def test_major_units_show_all_digits_of_the_currency() -> None:
    assert str(to_major(5010, "SGD")) == "50.10"
    assert str(to_major(5010, "IDR")) == "5010"
    assert str(to_major(10**40 + 1, "SGD")) == "1" + "0" * 38 + ".01"


@given(money=amounts, percent=percents)
def test_a_share_and_the_rest_make_the_whole(money: Money, percent: int) -> None:
    share = money.share(percent)
    assert share + (money - share) == money


@given(money=amounts, percent=percents)
def test_a_share_is_less_than_one_minor_unit_below_the_exact_part(
    money: Money, percent: int
) -> None:
    assert 0 <= money.minor * percent - money.share(percent).minor * 100 < 100


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_outside_0_to_100_percent_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match=rf"a share of {percent}% is outside 0-100%"):
        Money(100, "IDR").share(percent)


@given(first=st.integers(), second=st.integers())
def test_amounts_of_one_currency_compare_and_add_as_their_minor_units(
    first: int, second: int
) -> None:
    one, other = Money(first, "IDR"), Money(second, "IDR")
    assert one + other == Money(first + second, "IDR")
    assert one - other == Money(first - second, "IDR")
    assert (one < other, one <= other) == (first < second, first <= second)
    assert (one > other, one >= other) == (first > second, first >= second)
    assert (one == other) == (first == second)


@pytest.mark.parametrize(
    "mix",
    [
        pytest.param(lambda one, other: one + other, id="add"),
        pytest.param(lambda one, other: one - other, id="subtract"),
        pytest.param(lambda one, other: one < other, id="less"),
        pytest.param(lambda one, other: one <= other, id="at most"),
        pytest.param(lambda one, other: one > other, id="more"),
        pytest.param(lambda one, other: one >= other, id="at least"),
    ],
)
def test_two_currencies_do_not_mix(mix) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"do not mix\. Use amounts of one currency"):
        mix(Money(1, "IDR"), Money(1, "SGD"))


def test_equal_numbers_of_two_currencies_are_not_equal() -> None:
    assert Money(1, "IDR") != Money(1, "SGD")
