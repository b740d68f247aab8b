"""Files as their authors left them: read with their line endings, written whole or not at all."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reso.errors import InputError
from reso.policy.document import MAX_BYTES

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file. `text` has plain newlines; `newline` is what ends its lines on disk."""

    path: Path
    raw: bytes
    text: str
    newline: str = "\n"
    bom: bool = False

    @property
    def shown(self) -> str:
        """The path as the author would type it from here."""
        return shown_path(self.path)

    def encoded(self, text: str) -> bytes:
        """Return `text` with the line endings of this file."""
        body = text.replace("\n", self.newline).encode()
        return BOM + body if self.bom else body

    def write(self, text: str) -> None:
        """Replace the file by `text`, keeping its mode and its line endings.

        Raises:
            InputError: somebody else has changed the file since it was read.
        """
        if self.path.read_bytes() != self.raw:
            what = "the file has been changed by somebody else meanwhile"
            raise InputError(self.shown, what, "Nothing was written; try again.")
        write_whole(self.path, self.encoded(text))


def read_source(path: Path) -> SourceFile:
    """Read a text file.

    Raises:
        InputError: it is no file, too large, no UTF-8, or its lines end in a mixture of ways that
            cannot be kept.
    """
    shown = shown_path(path)
    if not path.is_file():
        raise InputError(shown, "no such file", "Check the name.")
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise InputError(shown, f"file of {len(raw):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        text = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte {raw[error.start]:#04x} is not UTF-8"
        raise InputError(f"{shown}:{line}", what, "Save the file as UTF-8.") from None
    windows = text.count("\r\n")
    if text.count("\r") > windows:
        what = "a line ends in a bare carriage return"
        raise InputError(shown, what, "Save it with line endings of Unix or Windows.")
    newline = "\r\n" if windows * 2 > text.count("\n") else "\n"
    return SourceFile(path, raw, text.replace("\r\n", "\n"), newline, raw.startswith(BOM))


def shown_path(path: Path) -> str:
    """Return a path as the author would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; one that is there keeps its mode, a link stays a link.

    Raises:
        InputError: it cannot be written; what was there is still there.
    """
    try:
        _write_whole(path.resolve(), data)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(shown_path(path), what, "Nothing was changed.") from error


def _write_whole(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else _usual_mode())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
