"""What a mapping may say of a value: formats of time, constants, words."""

import duckdb

from reso.errors import InputError
from reso.facts.fields import Field
from reso.facts.problems import shown
from reso.facts.values import Plain, WrongValueError, read_value
from reso.model.events import CURRENCY
from reso.model.money import minor_digits
from simulations.reading.sql import connected

FINEST = "BHD"
"""A currency of three minor digits, the most there are."""
YEARS = ("%Y", "%y", "%G", "%c", "%x")
"""What names a year in a format."""


def is_format(text: str) -> bool:
    """Whether strptime takes a format, and the format names a year."""
    try:
        with connected() as connection:
            connection.execute("SELECT try_strptime('', ?::VARCHAR)", [text])
    except duckdb.Error:
        return False
    return any(year in text for year in YEARS)


def wrong_value(declared: Field, raw: Plain) -> WrongValueError | None:
    """Return what is wrong with a constant of a field; None where it can be one."""
    try:
        if declared.path == CURRENCY and isinstance(raw, str):
            minor_digits(raw)
        # The currency of an amount is the dispute's, which only its rows know: take the finest.
        read_value(declared, raw, FINEST if declared.type == "money" else None)
    except WrongValueError as error:
        return error
    except InputError as error:
        return WrongValueError(f"{shown(raw)}: {error.what}", error.todo)
    return None
