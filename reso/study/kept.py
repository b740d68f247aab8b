"""A check of a pack, and what it came to before: kept in a folder of the user from check to check.

The verdict is kept under a fingerprint of everything it depends on: this package, the libraries
below it, the time zone, the pack, its cases, the packs beside it, whose facts the cases may hold,
and from where all of these are looked at. Beside it stands a memory (`reso.memo`) of what was
worked out on the way, part by part, for the check after an edit. What cannot be read, or is of
another fingerprint, counts as not kept; what cannot be written is not.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH

from reso.facts.files import FlawedTextError, read_bytes
from reso.memo import kept_in, read_own, write_own
from reso.policy.files import own_case_files, shown_path
from reso.study.verdict import Checked, Outline

PACKAGE = Path(__file__).parents[1]
UNREADABLE = (OSError, FlawedTextError, PackageNotFoundError)
MAX_BYTES = 50_000_000
"""Bytes of a file that is larger than any that is read: with it nothing is kept."""

BELOW = ("babel", "holidays", "lark", "pydantic", "ruamel.yaml", "ruamel.yaml.clib")


def checked(folder: Path, *, cases: bool = True, cache: Path | None = None) -> Checked:
    """Check the pack in a folder, or return what it came to when nothing was different.

    What it came to is kept in the folder `cache`, if given; see `reso.study.checking.checked`.

    Raises:
        NoPackError: there is no pack. InputError: a file of its cases cannot be read.
        FactTableError: the packs beside it declare facts wrongly.
    """

    def find() -> Checked:
        from reso.study import checking  # slow to import

        return checking.checked(folder, cases=cases, alone=False)

    if cache is None:
        return find()
    try:
        stamp = program()
    except UNREADABLE:
        return find()
    return Keeper(cache, folder, cases, stamp).found(find)


def program() -> str:
    """Return a digest of this program: its files, the libraries below it, and Python.

    Raises:
        OSError, FlawedTextError: a file cannot be read.
        PackageNotFoundError: nobody knows the version of a library.
    """
    digest = sha256(sys.version.encode())
    for name in BELOW:
        digest.update(version(name).encode())
    for path in sorted(path for path in PACKAGE.rglob("*.*") if path.suffix != ".pyc"):
        digest.update(_told(path))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what checks of one pack came to; `stamp` is the program's digest."""

    cache: Path
    folder: Path
    cases: bool
    stamp: str

    def found(self, find: Callable[[], Checked]) -> Checked:
        """Return what was kept, or else what `find` returns, which is kept then."""
        try:
            before = self.fingerprint()
        except UNREADABLE:
            return find()
        known = self._read(before)
        if known is None:
            with kept_in(self.cache / "memory" / self._name(str(self._home)), self.stamp):
                known = find()
            with suppress(*UNREADABLE):
                if self.fingerprint() == before:  # no file was saved in the meantime
                    self._write(before, known)
        return known

    def fingerprint(self) -> str:
        """Return a digest of all that decides what is found, but the rules of the time zone.

        Raises:
            OSError, FlawedTextError: a file cannot be read.
        """
        digest = sha256(os.fsencode(f"{self.stamp}\0{self._place()}"))
        for path in self._files():
            digest.update(_told(path))
        for path in sorted(self.folder.glob("*.yaml")):
            digest.update(os.fsencode(f"\0{shown_path(path)}"))
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._home.parent.glob("*/*.yaml"))
        yield from own_case_files(self.folder)

    @property
    def _home(self) -> Path:
        return self.folder.resolve()

    def _place(self) -> str:
        return f"{Path.cwd()}\0{self.folder}\0{self._home}\0{self.cases}"

    @property
    def _verdict(self) -> Path:
        return self.cache / "verdicts" / self._name(self._place())

    @staticmethod
    def _name(of: str) -> str:
        return sha256(os.fsencode(of)).hexdigest()[:32]

    def _read(self, fingerprint: str) -> Checked | None:
        match read_own(self._verdict):
            case (str(its), bytes(rules), Checked(policy=Outline(zone=zone)) as known) if (
                its == fingerprint and rules == _rules_of(zone)
            ):
                return known
            case _:
                return None

    def _write(self, fingerprint: str, found: Checked) -> None:
        """Keep a verdict, unless the policy has errors or files that the fingerprint leaves out."""
        policy = found.policy
        looked_at = {path.resolve() for path in self._files()}
        if policy is not None and looked_at.issuperset(path.resolve() for path in policy.files):
            write_own(self._verdict, (fingerprint, _rules_of(policy.zone), found))


def _told(path: Path) -> bytes:
    """Return what stands for a file: its name and a digest of its bytes."""
    held = sha256(read_bytes(path, MAX_BYTES, only_regular=True)).digest()
    return os.fsencode(f"\0{path}\0") + held


def _rules_of(zone: str) -> bytes:
    """Return a digest of what the system knows of a time zone; where it knows nothing, nothing."""
    files = (Path(folder, zone) for folder in TZPATH)
    return next((sha256(file.read_bytes()).digest() for file in files if file.is_file()), b"")
