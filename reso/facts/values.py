"""One value of a case file, read and written as its field declares."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

from reso.facts.fields import Field
from reso.facts.problems import did_you_mean, shown
from reso.model.case import Scalar, Value
from reso.model.money import to_major, to_minor
from reso.model.time import parse_instant

MILLION = 1_000_000
MAX_INTEGER = 10**15
MAX_DIGITS = 28  # what decimal arithmetic keeps
MAX_WORD = 40

Plain = object
"""What YAML and JSON hold: dicts, lists, text, booleans, null, int, Decimal (or float)."""


class WrongValueError(ValueError):
    """A value its field does not allow.

    Attributes:
        message: what is wrong, without a full stop.
        hint: what to do, a sentence.
        index: of the wrong item, where the value is a list.
    """

    def __init__(self, message: str, hint: str, index: int | None = None) -> None:
        super().__init__(message, hint, index)
        self.message = message
        self.hint = hint
        self.index = index


def read_value(field: Field, raw: Plain, currency: str | None) -> Value:
    """Return `raw` as a value of `field`: money in minor units of `currency`, instants in UTC.

    An explicit null is None, whatever the type.

    Raises:
        WrongValueError: `raw` is no such value, or money without a `currency`.
    """
    if raw is None:
        return None
    match field.type:
        case "boolean":
            return _boolean(raw)
        case "integer":
            return _integer(raw)
        case "money":
            return _money(raw, currency)
        case "rate":
            return _rate(raw, field.unit)
        case "instant":
            return read_instant(raw)
        case "date":
            return _date(raw)
        case "enum":
            return _enum(raw, field.values)
        case "text":
            return _text(raw)
        case "list of enum":
            return _list(raw, lambda item: _enum(item, field.values))
        case "list of date":
            return _list(raw, _date)
        case "list of text":
            return _list(raw, _text)
        case _:
            assert_never(field.type)


def write_value(field: Field, value: Value, currency: str | None) -> Plain:
    """Return `value` as a case file writes it; `read_value` reads it back to the same value.

    Money and rates are exact decimals, instants and dates ISO 8601 text.
    """
    match value:
        case None:
            return None
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [item.isoformat() if isinstance(item, date) else item for item in value]
        case int() if field.type == "money" and currency is not None:
            return to_major(value, currency)
        case int() if field.type == "rate":
            return Decimal(value) / (MILLION if field.unit == "share" else MILLION // 100)
        case "yes" | "no" if field.type == "enum":
            return value == "yes"
        case _:
            return value


def read_instant(raw: Plain) -> datetime:
    """Return an ISO 8601 text with an offset, or an aware datetime, in UTC.

    Raises:
        WrongValueError: it is something else.
    """
    if isinstance(raw, datetime) or (isinstance(raw, str) and _is_short(raw)):
        try:
            return parse_instant(raw)
        except ValueError as error:
            raise _wrong(error) from error
    hint = "Write it like 2026-04-16T10:00+07:00."
    raise WrongValueError(f"{shown(raw)} is not an instant", hint)


def _boolean(raw: Plain) -> bool:
    if isinstance(raw, bool):
        return raw
    raise WrongValueError(f"{shown(raw)} is not true or false", "Write true or false.")


def _integer(raw: Plain) -> int:
    number = _number(raw)
    if number is None or number != number.to_integral_value():
        raise WrongValueError(f"{shown(raw)} is not a whole number", "Write a number such as 2.")
    if not 0 <= number <= MAX_INTEGER:
        hint = f"Write 0 to {MAX_INTEGER:,}."
        raise WrongValueError(f"{shown(raw)} is no count", hint)
    return int(number)


def _money(raw: Plain, currency: str | None) -> int:
    if currency is None:
        raise WrongValueError("an amount without a currency", "State `order.currency`.")
    if not isinstance(raw, int | float | Decimal | str) or (
        isinstance(raw, str) and not _is_short(raw)
    ):
        hint = "Write a plain number such as 1250000 or 50.10."
        raise WrongValueError(f"{shown(raw)} is not an amount of money", hint)
    try:
        return to_minor(raw, currency)
    except ValueError as error:
        raise _wrong(error) from error


def _rate(raw: Plain, unit: str | None) -> int:
    number = _number(raw)
    limit, digits = (1, 6) if unit == "share" else (100, 4)
    if number is None or not 0 <= number <= limit:
        raise WrongValueError(f"{shown(raw)} is not a {unit}", f"Write 0 to {limit}.")
    millionths = number.scaleb(digits)
    if millionths != millionths.to_integral_value():
        hint = f"Write at most {digits}."
        raise WrongValueError(f"{shown(raw)} has too many decimal digits", hint)
    return int(millionths)


def _date(raw: Plain) -> date:
    if isinstance(raw, str) and len(raw) == len("2026-04-16"):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass  # said below, in our words
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    raise WrongValueError(f"{shown(raw)} is not a date", "Write it like 2026-04-16.")


def _enum(raw: Plain, values: tuple[str, ...]) -> str:
    word = {True: "yes", False: "no"}[raw] if isinstance(raw, bool) else raw
    if isinstance(word, str) and word in values:
        return word
    if not isinstance(raw, str) and (text := shown(raw).strip("`")) in values:
        raise WrongValueError(f"{shown(raw)} is a number", f'Put it in quotes: "{text}".')
    hint = _known_values(word, values) if isinstance(word, str) and _is_short(word) else ""
    hint = hint or f"Known: {', '.join(values)}."
    raise WrongValueError(f"{shown(raw)} is none of the known values", hint)


@lru_cache(maxsize=4096)  # one mistake is often made in each of many items
def _known_values(word: str, values: tuple[str, ...]) -> str:
    return did_you_mean(word, values)


def _text(raw: Plain) -> str:
    if not isinstance(raw, str):
        raise WrongValueError(f"{shown(raw)} is not text", "Put it in quotes.")
    if "\x00" in raw or not _is_encodable(raw):
        what = "text with a character no file can hold (NUL or half a surrogate pair)"
        raise WrongValueError(what, "Take it out.")
    return raw


def _list(raw: Plain, read: Callable[[Plain], Scalar]) -> tuple[Scalar, ...]:
    if not isinstance(raw, list | tuple):
        raise WrongValueError(f"is {shown(raw)}, where a list is needed", "Write [a, b].")
    items: list[Scalar] = []
    for index, item in enumerate(raw):
        try:
            items.append(read(item))
        except WrongValueError as error:
            raise WrongValueError(error.message, error.hint, index) from error
    return tuple(items)


def _number(raw: Plain) -> Decimal | None:
    """Return a finite number of sensible size and precision, else None."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    fits = number.is_finite() and abs(number.adjusted()) < MAX_DIGITS
    return number if fits and len(number.as_tuple().digits) <= MAX_DIGITS else None


def _is_short(text: str) -> bool:
    return len(text) <= MAX_WORD and text.isprintable()


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong(error: ValueError) -> WrongValueError:
    """Return the error of a lower layer, whose text is "what is wrong. What to do"."""
    message, dot, hint = str(error).rpartition(". ")
    return WrongValueError(message, f"{hint}.") if dot else WrongValueError(hint, "")
