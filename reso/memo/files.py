"""Values in files of the user's cache that only the user himself can have written.

A file is a digest of the rest, then a pickle. What is cut short, spoilt, another user's, or can be
written by others counts as not there; a file is written whole or not at all, whoever else writes
it now.
"""

import copyreg
import marshal
import os
import pickle
import stat
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp
from types import CodeType

MAX_BYTES = 32_000_000
MOST_BYTES = 200_000_000
MOST_FILES = 60
"""How large a file may be, all files of a folder, and how many these may be."""

PRIVATE = 0o700
OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH
DIGEST = sha256().digest_size


def read_own(path: Path) -> object:
    """Return the value in a file; None where there is none that this user wrote, whole."""
    held = _read(path)
    if held is None or sha256(held[DIGEST:]).digest() != held[:DIGEST]:
        return None
    return unpickled(held[DIGEST:])


def write_own(path: Path, value: object) -> None:
    """Write a value for `read_own`; the oldest files beside it go where there are too many.

    What is too large is not written.

    Raises:
        OSError: it cannot be written.
    """
    held = pickled(value)
    if len(held) + DIGEST > MAX_BYTES:
        return
    path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    handle, made = mkstemp(dir=path.parent)
    try:
        with open(handle, "wb") as opened:
            opened.write(sha256(held).digest() + held)
        os.replace(made, path)
    except OSError:
        os.unlink(made)
        raise
    with suppress(OSError):  # another process drops the same ones
        _drop_oldest(path.parent)


def pickled(value: object) -> bytes:
    """Return a value as bytes; generated code can be part of it."""
    written = BytesIO()
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, CodeType: _of_code}
    pickler.dump(value)
    return written.getvalue()


def unpickled(held: bytes) -> object:
    """Return the value that was pickled; None for what does not come back."""
    try:
        return pickle.loads(held)
    except Exception:  # what pickle raises is not bounded
        return None


def _of_code(code: CodeType) -> tuple[Callable[[bytes], CodeType], tuple[bytes]]:
    return marshal.loads, (marshal.dumps(code),)


def _read(path: Path) -> bytes | None:
    try:
        if not _is_own(os.stat(path.parent)):
            return None
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            about = os.fstat(opened.fileno())
            if not (stat.S_ISREG(about.st_mode) and _is_own(about)) or about.st_size > MAX_BYTES:
                return None
            return opened.read(MAX_BYTES)
    except (OSError, AttributeError):  # AttributeError: a system without users, or these flags
        return None


def _is_own(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid() and not about.st_mode & OF_OTHERS


def _drop_oldest(folder: Path) -> None:
    with os.scandir(folder) as entries:
        found = [(entry.stat(), entry.path) for entry in entries]
    found.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
    room = MOST_BYTES
    for number, (about, path) in enumerate(found):
        room -= about.st_size
        if number >= MOST_FILES or room < 0:
            os.unlink(path)
