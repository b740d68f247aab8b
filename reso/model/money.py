"""Exact money: integer minor units of a currency inside, exact decimals outside."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from typing import Literal

from reso.errors import InputError
from reso.memo import remembered

Language = Literal["id", "en"]

MAX_MINOR = 10**15

# Currencies whose minor unit exists on paper only. Babel knows the others.
_NO_MINOR_UNIT_IN_PRACTICE = frozenset({"IDR"})

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.(?P<fraction>[0-9]+))?")
_WIDE = Context(prec=60)


@lru_cache(maxsize=512)
def minor_digits(currency: str) -> int:
    """Return how many decimal digits amounts of `currency` (ISO 4217 code) have.

    The digits are Babel's: those of ISO 4217, but 0 where the minor unit is out of use (RSD, LAK).
    IDR has 0 too.

    Raises:
        InputError: no such currency; the nearest known code is named.
    """
    digits = remembered("currencies", currency, lambda: _digits(currency))
    if digits is None:
        near = nearest_currency(currency)
        todo = f"Did you mean `{near}`?" if near else "Write its ISO 4217 code, such as `IDR`."
        raise InputError(f"currency `{currency}`", "no such currency", todo)
    return digits


def _digits(currency: str) -> int | None:
    """Return the digits of a currency, None where there is no such currency."""
    from babel.core import get_global  # slow to import, like all of Babel; its locales are slower

    if currency not in get_global("all_currencies"):
        return None
    if currency in _NO_MINOR_UNIT_IN_PRACTICE:
        return 0
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def to_minor(
    value: int | str | Decimal | float, currency: str, *, allow_negative: bool = False
) -> int:
    """Return `value`, in major units of `currency`, as whole minor units, without any rounding.

    A float stands for the number it is written as: 50.1 is exactly 50.10. Text is a plain number
    with a decimal point; text like "50.000" in a currency without three digits is refused, as its
    author may mean fifty thousand.

    Raises:
        ValueError: not a finite plain number, more digits than the currency has, above `MAX_MINOR`
            minor units in size, or negative without `allow_negative`.
        InputError: no such currency.
    """
    digits = minor_digits(currency)
    if isinstance(value, int) and not isinstance(value, bool):
        minor: int = value * 10**digits
        _check_size(abs(minor) <= MAX_MINOR, currency)
    else:
        minor = _exact_minor(_decimal(value, digits), currency, digits)
    if minor < 0 and not allow_negative:
        raise ValueError(f"{value} {currency} is negative. Write zero or more here")
    return minor


def to_major(minor: int, currency: str) -> Decimal:
    """Return `minor` units of `currency` in major units, exactly, with all its decimal digits."""
    sign, digits, _ = Decimal(minor).as_tuple()
    return Decimal((sign, digits, -minor_digits(currency)))


def format_money(minor: int, currency: str, language: Language) -> str:
    """Return `minor` units as people write them: "Rp1.250.000" (id), "SGD 50.00" (en)."""
    from babel.numbers import format_currency, get_currency_symbol

    digits = minor_digits(currency)
    gap = " " if get_currency_symbol(currency, locale=language) == currency else ""
    fraction = f".{'0' * digits}" if digits else ""
    with localcontext() as context:
        context.prec = max(context.prec, len(str(minor)) + digits)
        return format_currency(
            to_major(minor, currency),
            currency,
            format=f"¤{gap}#,##0{fraction}",
            locale=language,
            currency_digits=False,
        )


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (may be negative) of `currency` (ISO 4217 code).

    Amounts add, subtract and compare within one currency only: anything else is a ValueError.
    """

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._check_same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._check_same_currency(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def share(self, percent: int) -> "Money":
        """Return `percent` (0-100) of this amount, rounded down to the minor unit.

        Rounding down keeps the split whole: the rest is `whole - whole.share(p)`.

        Raises:
            ValueError: `percent` is outside 0-100.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"a share of {percent}% is outside 0-100%. Write 0 to 100")
        return Money(self.minor * percent // 100, self.currency)

    def _check_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(
                f"{self.currency} and {other.currency} do not mix. Use amounts of one currency"
            )


def nearest_currency(word: str) -> str | None:
    """Return the code nearest to a word that looks like a code or a symbol ("usd", "Rp")."""
    if len(word) > 4:
        return None
    from babel import Locale
    from babel.core import get_global

    periods = chain.from_iterable(get_global("territory_currencies").values())
    codes = {symbol.upper(): code for code, symbol in Locale("id").currency_symbols.items()}
    codes |= {code: code for code, _start, end, is_tender in periods if is_tender and not end}
    near = get_close_matches(word.upper(), codes, n=1, cutoff=0.7)
    return codes[near[0]] if near else None


def _decimal(value: str | Decimal | float, digits: int) -> Decimal:
    match value:
        case bool():
            raise ValueError(_not_an_amount(value))
        case str():
            return _decimal_of_text(value, digits)
        case float():
            decimal = Decimal(repr(value))
        case Decimal():
            decimal = value
        case _:
            raise ValueError(_not_an_amount(value))
    if not decimal.is_finite():
        raise ValueError(_not_an_amount(value))
    return decimal


def _decimal_of_text(text: str, digits: int) -> Decimal:
    plain = _PLAIN_NUMBER.fullmatch(text.strip())
    if plain is None:
        raise ValueError(_not_an_amount(text))
    if plain["fraction"] and len(plain["fraction"]) == 3 != digits:
        raise ValueError(
            f"`{text}` may mean thousands or decimals. Write it without thousands separators"
        )
    return Decimal(plain[0])


def _exact_minor(amount: Decimal, currency: str, digits: int) -> int:
    _check_size(amount.copy_abs() <= MAX_MINOR, currency)
    kept = amount.quantize(Decimal((0, (1,), -digits)), ROUND_DOWN, _WIDE)
    if kept != amount:
        raise ValueError(
            f"{amount} has more decimal digits than {currency}, which has {digits}. Round it first"
        )
    minor = int(kept.scaleb(digits, _WIDE))
    _check_size(abs(minor) <= MAX_MINOR, currency)
    return minor


def _check_size(fits: bool, currency: str) -> None:
    if not fits:
        raise ValueError(
            f"an amount above {MAX_MINOR:,} minor units of {currency} is no price. Check its unit"
        )


def _not_an_amount(value: object) -> str:
    return f"`{value}` is not an amount of money. Write a plain number such as 1250000 or 50.10"
