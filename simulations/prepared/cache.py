"""Folders named by the content that made them, written whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import duckdb

import reso.facts
import simulations.reading
from reso.errors import InputError
from reso.facts.table import FactTable

CODE = (
    Path(__file__).parent,
    Path(simulations.reading.__file__).parent,
    Path(reso.facts.__file__).parent,
)
"""Packages that say what becomes of a row."""
KEY_LENGTH = 32


def default_cache() -> Path:
    """Return the folder of this user in which prepared facts are kept."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache"
    return base / "reso-bot" / "prepared"


def content_key(
    files: Iterable[Path],
    table: FactTable,
    said: Sequence[str],
    *,
    code: Iterable[Path] = (),
    progress: Callable[[int], None] = lambda size: None,
) -> str:
    """Return a hash of the files, of the facts that may stand in them and of what prepares them.

    Args:
        said: what else decides what is prepared, such as a query and the names in messages.
        code: files that prepare besides the packages in `CODE`.

    Raises:
        InputError: a file cannot be read.
    """
    whole = hashlib.blake2b(digest_size=KEY_LENGTH // 2)
    whole.update(repr((duckdb.__version__, *said)).encode())
    for section in table.sections.values():
        whole.update(repr((section.name, section.is_list)).encode())
        for field in section.fields.values():
            whole.update(repr((field.path, field.type, field.values, field.unit)).encode())
    for file in (*(file for package in CODE for file in sorted(package.glob("*.py"))), *code):
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
