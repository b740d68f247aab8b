"""Folders named by the content that made them, written whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from reso.errors import InputError
from reso.facts.table import FactTable

CODE = Path(__file__).parent
KEY_LENGTH = 32


def default_cache() -> Path:
    """Return the folder of this user in which prepared facts are kept."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache"
    return base / "reso-bot" / "prepared"


def content_key(
    files: Iterable[Path],
    table: FactTable,
    *,
    code: Iterable[Path] = (),
    progress: Callable[[int], None] = lambda size: None,
) -> str:
    """Return a hash of the files, of the facts that may stand in them and of what prepares them.

    Raises:
        InputError: a file cannot be read.
    """
    whole = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
    whole.update(duckdb.__version__.encode())
    for section in table.sections.values():
        whole.update(repr((section.name, section.is_list)).encode())
        for field in section.fields.values():
            whole.update(repr((field.path, field.type, field.values, field.unit)).encode())
    for file in sorted((*CODE.glob("*.py"), *code)):
        whole.update(file.read_bytes())
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

    Of two at once the first to end stays. What stands there and is not whole makes room.

    Raises:
        InputError: the folder cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise InputError(str(target.parent), f"cannot be written: {error.strerror}", "") from error
    try:
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
