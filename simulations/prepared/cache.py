"""Folders named by the content that made them, written whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb

import reso
import simulations
from reso.errors import InputError
from reso.facts.table import FactTable
from simulations.faults import told_plainly
from simulations.prepared.keeping import Held

CODE = (Path(reso.__file__).parent, Path(simulations.__file__).parent)
SAID_IN = (".py", ".yaml", ".toml", ".lark")
"""Endings of the files that say what a program does."""
KEY_LENGTH = 32
BY_CACHE = "name another folder by --cache"


def default_cache() -> Path:
    """Return the folder of this user in which prepared facts are kept."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache"
    return base / "reso-bot" / "prepared"


@cache
def program_hash() -> str:
    """Return a hash of the whole program: any part of it may decide what becomes of a row."""
    whole = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
    for package in CODE:
        for file in sorted(package.rglob("*")):
            if file.suffix in SAID_IN:
                whole.update(file.relative_to(package).as_posix().encode())
                whole.update(file.read_bytes())
    return whole.hexdigest()


def content_key(
    files: Iterable[Path],
    table: FactTable,
    said: Sequence[str],
    *,
    progress: Callable[[int], None] = lambda size: None,
) -> str:
    """Return a hash of the files, of the facts that may stand in them and of the program.

    Args:
        said: what else decides what is prepared, such as a query and the names in messages.

    Raises:
        InputError: a file cannot be read.
    """
    whole = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
    whole.update(repr((duckdb.__version__, program_hash(), *said)).encode())
    for section in table.sections.values():
        whole.update(repr((section.name, section.is_list)).encode())
        for field in section.fields.values():
            whole.update(repr((field.path, field.type, field.values, field.unit)).encode())
    for file in files:
        whole.update(_digest(file, progress))
    return whole.hexdigest()


def _digest(file: Path, progress: Callable[[int], None]) -> bytes:
    digest, size = hashlib.blake2b(), 0
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 22):
                digest.update(chunk)
                size += len(chunk)
                progress(len(chunk))
    except OSError as error:
        raise InputError(str(file), "cannot be read", "Check the path.") from error
    return f"{file.suffix}:{size}:".encode() + digest.digest()


@contextmanager
def written_whole(target: Path, is_whole: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield a folder to fill; it becomes `target` at the end, and is gone if anything goes wrong.

    Of two at once the first to end stays. What stands there and is not whole makes room. It is held
    from its first instant on, by its later name too.

    Raises:
        InputError: the folder cannot be made, or there is no room for it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise InputError(str(target.parent), f"cannot be written: {error.strerror}", "") from error
    held = Held.of(folder)
    try:
        with told_plainly(target, BY_CACHE):
            yield folder
            if not is_whole(target):
                shutil.rmtree(target, ignore_errors=True)
            try:
                folder.rename(target)
            except OSError:
                if not is_whole(target):
                    raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        del held
