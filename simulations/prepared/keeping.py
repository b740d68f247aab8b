"""How long a cache keeps its folders: while they are used, and as long as there is room for them.

Whoever uses a folder, or still writes it, holds a lock on it that goes with its process, however
that ends. So what nobody holds can go: what a killed run left half-written, what has not been used
for long, and the longest unused where there is too much.
"""

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

try:
    import fcntl
except ImportError:  # a system without such locks: there nothing is dropped
    fcntl = None  # type: ignore[assignment]

MOST_BYTES = 20_000_000_000
"""What a cache may hold; what is being used stays, however much it is."""
MOST_UNUSED = 30 * 86_400.0
"""Seconds after which what nobody used goes."""
LOCKED_WITHIN = 60.0
"""Seconds in which a new folder is locked by whoever makes it."""

WHOLE = r"(run-)?[0-9a-f]{32}"
KEPT = re.compile(WHOLE)
HALF = re.compile(rf"\.({WHOLE}|slices-\d+|asked)-\w{{8}}")
"""Names of our folders; anything else that lies in a cache is not ours to drop."""


@dataclass(frozen=True, slots=True)
class Held:
    """A folder that nobody drops until this is gone, or its process."""

    handle: int

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """Hold a folder; None where there is none. Counts as using it."""
        while True:
            try:
                held = cls(os.open(folder, os.O_RDONLY))
            except OSError:
                return None
            held._lock()
            if held._is(folder):
                with suppress(OSError):  # a cache that others wrote
                    os.utime(folder)
                return held

    def _lock(self) -> None:
        if fcntl is not None:
            with suppress(OSError):  # a file system without locks: nobody can drop it either
                fcntl.flock(self.handle, fcntl.LOCK_SH)

    def _is(self, folder: Path) -> bool:
        """Whether the folder is still the one that was opened."""
        try:
            return os.path.samestat(os.fstat(self.handle), folder.stat())
        except OSError:
            return False

    def __getstate__(self) -> NoReturn:
        raise TypeError("a folder is held by one process")

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self.handle)


def drop_unused(
    cache: Path, most_bytes: int = MOST_BYTES, most_unused: float = MOST_UNUSED
) -> None:
    """Drop what a cache need not keep, after something was added to it.

    What cannot be dropped stays.

    Args:
        most_bytes: the longest unused go where there is more. most_unused: in seconds.
    """
    drop_half(cache)
    now, room = _last_change(cache), most_bytes
    for folder, used in _by_use(cache, KEPT):
        room -= _size(folder)
        if room < 0 or now - used > most_unused:
            room += _drop(folder)


def drop_half(cache: Path) -> None:
    """Drop what killed runs left half-written."""
    now = _last_change(cache)
    for folder, made in _by_use(cache, HALF):
        if now - made > LOCKED_WITHIN:
            _drop(folder)


def _last_change(cache: Path) -> float:
    """Return when a cache was last changed, by the clock that stamps its folders."""
    try:
        return cache.stat().st_mtime
    except OSError:
        return 0.0


def _by_use(cache: Path, named: re.Pattern[str]) -> list[tuple[Path, float]]:
    """Return our folders and when each was used, the last used first."""
    found: list[tuple[Path, float]] = []
    with suppress(OSError), os.scandir(cache) as entries:
        for entry in entries:
            with suppress(OSError):  # another process drops the same ones
                if named.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    found.append((Path(entry.path), entry.stat().st_mtime))
    return sorted(found, key=lambda one: one[1], reverse=True)


def _size(folder: Path) -> int:
    size = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(place, name)).st_size
    return size


def _drop(folder: Path) -> int:
    """Drop a folder that nobody holds; return how many bytes that gave."""
    if fcntl is None:
        return 0
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return 0
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = _size(folder)
        shutil.rmtree(folder)
    except OSError:
        return 0
    finally:
        os.close(handle)
    return size
