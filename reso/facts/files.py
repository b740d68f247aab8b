"""The bytes of an input as text: read within bounds, decoded, and free of marks no reader knows.

What policy files, case files and histories have in common. What is wrong is a text of the
catalogue; each reader shows it in its own way.
"""

import os
import re
import stat
from pathlib import Path

from reso.problems.catalogue import render, render_hint
from reso.problems.said import Value, said

Place = tuple[int, int, int]

_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_LOOKED_AT = 4_096
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)", re.MULTILINE)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FlawedTextError(Exception):
    """An input that cannot be used as text.

    Attributes:
        said: what is wrong, in no language yet.
        place: line and column (from 1; column 0: not known) and index (from 0) of the character;
            None where the whole input is meant.
    """

    def __init__(self, code: str, place: Place | None = None, /, **values: Value) -> None:
        self.said = said(code, **values)
        self.place = place
        super().__init__(render(self.said, "en"))

    @property
    def code(self) -> str:
        """Its kind, a code of the catalogue."""
        return self.said.code

    @property
    def what(self) -> str:
        """What is wrong, in English, without a full stop."""
        return render(self.said, "en")

    @property
    def todo(self) -> str:
        """What the catalogue says to do, in English; may be empty."""
        return render_hint(self.said, None, "en")

    def where(self, name: str) -> str:
        """Return `name:line:column`, as much of it as is known."""
        if self.place is None:
            return name
        line, column, _ = self.place
        return f"{name}:{line}:{column}" if column else f"{name}:{line}"


def read_bytes(path: Path, most: int, *, only_regular: bool = False) -> bytes:
    """Return the bytes of the file at `path`, at most `most` of them.

    Pipes are read, too, unless `only_regular`: what lies in a folder must not make us wait.

    Raises:
        FlawedTextError: it cannot be read, is no file, or is longer; no more is read of it then.
    """
    try:
        about = os.stat(path)
        if only_regular and not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
            raise FlawedTextError("not-a-file")
        if about.st_size > most:
            raise FlawedTextError("file-too-large", size=about.st_size, most=most)
        with path.open("rb") as opened:
            raw = opened.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FlawedTextError("file-unreadable", reason=reason) from error
    check_size(raw, most)
    return raw


def check_size(raw: bytes, most: int) -> None:
    """Refuse more than `most` bytes.

    Raises:
        FlawedTextError: there are more.
    """
    if len(raw) > most:
        raise FlawedTextError("file-too-large", size=said("more-than", count=most), most=most)


def decode(raw: bytes) -> str:
    """Return UTF-8 bytes, with or without a mark at their beginning, as text.

    Raises:
        FlawedTextError: they are in another encoding, or hold NUL bytes.
    """
    for bom, name in _BOMS:
        if raw.startswith(bom):
            raise FlawedTextError("other-encoding", encoding=name)
    if _seems_utf_16(raw):
        raise FlawedTextError("other-encoding", encoding="UTF-16")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"{raw[error.start]:#04x}"
        raise FlawedTextError("not-utf-8", (line, 0, 0), byte=byte) from error
    if (index := text.find("\0")) >= 0:
        raise _misplaced(text, index)
    return text


def refuse_conflict(text: str) -> None:
    """Refuse the marks that an unfinished merge leaves in a file.

    Raises:
        FlawedTextError: at the first of them.
    """
    if (found := _CONFLICT.search(text)) is not None:
        raise FlawedTextError("merge-unfinished", place_of(text, found.start()), mark=found[0])


def refuse_unprintable(text: str) -> None:
    """Refuse characters that YAML has no place for.

    Raises:
        FlawedTextError: at the first of them.
    """
    if (found := _UNPRINTABLE.search(text)) is not None:
        raise _misplaced(text, found.start())


def is_printable(text: str) -> bool:
    """Whether a text holds only what files and screens can show, line breaks and tabs included."""
    return _UNPRINTABLE.search(text) is None


def only_printable(text: str) -> str:
    """Return a text with a mark in place of each character that cannot be shown."""
    return _UNPRINTABLE.sub("\ufffd", text)


def place_of(text: str, index: int) -> Place:
    """Return line and column (from 1) of the character at `index`, and `index` itself."""
    line, begin = 1, 0
    for found in _LINE_BREAK.finditer(text, 0, index):
        line, begin = line + 1, found.end()
    return line, index - begin + 1, index


def _misplaced(text: str, index: int) -> FlawedTextError:
    character = f"U+{ord(text[index]):04X}"
    return FlawedTextError("misplaced-character", place_of(text, index), character=character)


def _seems_utf_16(raw: bytes) -> bool:
    """Whether every other of the first bytes is mostly NUL: UTF-16 without a mark."""
    start = raw[:_LOOKED_AT]
    zeros = max(start[::2].count(0), start[1::2].count(0))
    return zeros > 3 and zeros * 4 > len(start)
