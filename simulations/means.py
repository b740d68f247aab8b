"""What a run may use of the machine."""

import os
import re

from reso.errors import InputError

MEMORY = "1300MB"
"""What DuckDB may hold in memory unless told otherwise; beyond it, tables go to disk."""
VARIABLE = "RESO_MEMORY"
AMOUNT = re.compile(r"\d{1,9} ?[MG]B")


def memory_limit() -> str:
    """Return what DuckDB may hold in memory, as it reads it.

    Raises:
        InputError: the variable of the environment says something else.
    """
    stated = os.environ.get(VARIABLE, "").strip()
    if stated and AMOUNT.fullmatch(stated) is None:
        raise InputError(VARIABLE, f"`{stated}` is no amount of memory", "Write it like 3GB.")
    return stated or MEMORY
