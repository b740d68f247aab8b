"""What an error of DuckDB or of the system comes to: Ctrl-C, too little memory, a full disk.

DuckDB makes errors of its own of all three, and Python names no file where a disk is full. Every
verb tells them through here.
"""

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from reso.errors import InputError
from simulations.means import VARIABLE, memory_limit

INTERRUPTED = "Query interrupted"
OF_TEMPORARY_FILES = "max_temp_directory_size"
NAMED = re.compile(r'file "([^"]+)"')
FULL: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: ("its disk is full", "Free some space there"),
    errno.EDQUOT: ("your share of its disk is used up", "Free some space there"),
    errno.EFBIG: ("grew larger than a file may be here", "Raise that limit (`ulimit -f`)"),
}
TEMPORARY = "reso-"
"""How our own folders of temporary files begin."""
ELSEWHERE = "write elsewhere"
BY_TMPDIR = "name another folder for temporary files by TMPDIR"


@contextmanager
def told_plainly(where: Path | None = None, elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Let what goes wrong within be told as what it is; it decorates a verb, too.

    Args:
        where, elsewhere: as for `fault_of`.

    Raises:
        KeyboardInterrupt: Ctrl-C. InputError: there is too little memory or room on a disk.
    """
    try:
        yield
    except Exception as error:
        fault = fault_of(error, where, elsewhere)
        if fault is None:
            raise
        raise fault from error


def fault_of(
    error: Exception, where: Path | None = None, elsewhere: str = ELSEWHERE
) -> KeyboardInterrupt | InputError | None:
    """Return what an error comes to; None for one that is none of these.

    Args:
        where: what was being written, as whoever asked for it named it. None: what the error
            names; where it names nothing, it was a temporary file.
        elsewhere: how another place is named, after "or".
    """
    if is_interrupt(error):
        return KeyboardInterrupt()
    if isinstance(error, MemoryError):
        what = "the machine has no more of it"
        return InputError("memory", what, "Close other programs, or take fewer disputes.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return _no_memory(error)
    number = _full(error)
    if number is None:
        return None
    what, todo = FULL[number]
    file = _file(error)
    if file is None or not _is_temporary(file):
        file = where or file
    if file is None or _is_temporary(file):
        return InputError(str(file or tempfile.gettempdir()), what, f"{todo}, or {BY_TMPDIR}.")
    return InputError(str(file), what, f"{todo}, or {elsewhere}.")


def is_interrupt(error: Exception) -> bool:
    """Whether an error is what DuckDB makes of Ctrl-C."""
    if isinstance(error, RuntimeError):
        return str(error) == INTERRUPTED
    return isinstance(error, duckdb.InterruptException)


def _no_memory(error: duckdb.OutOfMemoryException) -> InputError:
    if OF_TEMPORARY_FILES in str(error):
        what, todo = FULL[errno.ENOSPC]
        return InputError(tempfile.gettempdir(), what, f"{todo}, or {BY_TMPDIR}.")
    what = f"more is needed than the {memory_limit()} that DuckDB may hold"
    return InputError("memory", what, f"Allow it more, like {VARIABLE}=3GB.")


def _full(error: Exception) -> int | None:
    """Return which of the reasons in `FULL` an error gives."""
    if isinstance(error, OSError):
        return error.errno if error.errno in FULL else None
    if not isinstance(error, duckdb.IOException):
        return None
    said = str(error).rstrip()
    return next((number for number in FULL if said.endswith(os.strerror(number))), None)


def _file(error: Exception) -> Path | None:
    """Return the file that an error names."""
    if isinstance(error, OSError):
        return Path(os.fsdecode(error.filename)) if error.filename else None
    named = NAMED.search(str(error))
    return Path(named[1]) if named else None


def _is_temporary(file: Path) -> bool:
    """Whether a file lies in one of our own folders that go when the run ends."""
    base = Path(tempfile.gettempdir()).absolute()
    parts = file.absolute().relative_to(base).parts if file.absolute().is_relative_to(base) else ()
    return bool(parts) and parts[0].startswith(TEMPORARY)
