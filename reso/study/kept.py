"""What the cases of a pack leave untried, kept in a folder of the user from check to check.

It is kept under a fingerprint of everything it depends on: this package, the libraries below it,
the time zone, the policy, its cases, and the packs beside it, whose facts the cases may hold. What
cannot be read, or is of another fingerprint, counts as not kept; what cannot be written is not.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import mkstemp
from zoneinfo import TZPATH, ZoneInfo

from reso.facts.files import FlawedTextError, read_bytes
from reso.facts.text import MAX_BYTES
from reso.policy.model import Policy
from reso.study.coverage import CODES, Untried

PACKAGE = Path(__file__).parents[1]
UNREADABLE = (OSError, FlawedTextError, PackageNotFoundError)
BELOW = ("babel", "holidays", "lark", "pydantic", "ruamel.yaml", "ruamel.yaml.clib")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what was found of one pack, in one file of `cache`; the newest find stays."""

    cache: Path
    policy: Policy
    folder: Path
    cases: tuple[Path, ...]

    def found(self, find: Callable[[], Untried]) -> Untried:
        """Return what was kept, or else what `find` returns, which is kept then."""
        try:
            before = self.fingerprint()
        except UNREADABLE:
            return find()
        known = self._read(before)
        if known is None:
            known = find()
            with suppress(*UNREADABLE):
                if self.fingerprint() == before:  # no file was saved in the meantime
                    self._write(before, known)
        return known

    def fingerprint(self) -> str:
        """Return a digest of all that decides what is found.

        Raises:
            OSError, FlawedTextError: a file cannot be read.
            PackageNotFoundError: nobody knows the version of a library.
        """
        digest = sha256(sys.version.encode())
        for name in BELOW:
            digest.update(version(name).encode())
        digest.update(_rules_of(self.policy.calendar.zone))
        digest.update(self.policy.content_hash.encode())
        for path in self._files():
            digest.update(f"\0{path}\0".encode())
            digest.update(sha256(read_bytes(path, MAX_BYTES, only_regular=True)).digest())
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        yield from sorted(path for path in PACKAGE.rglob("*.*") if path.suffix != ".pyc")
        yield from sorted(self.folder.resolve().parent.glob("*/*.yaml"))
        yield from self.cases

    @property
    def _path(self) -> Path:
        name = sha256(str(self.folder.resolve()).encode()).hexdigest()[:32]
        return self.cache / "untried" / f"{name}.json"

    def _read(self, fingerprint: str) -> Untried | None:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            untried = [(code, rule) for code, rule in kept["untried"]]
            same = kept["fingerprint"] == fingerprint and self._possible(untried)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return untried if same else None

    def _possible(self, untried: Untried) -> bool:
        rules = {rule.name for rule in self.policy.rules}
        return all(code in CODES and rule in rules for code, rule in untried)

    def _write(self, fingerprint: str, untried: Iterable[tuple[str, str]]) -> None:
        """Write it whole or not at all, whoever else writes it now."""
        path = self._path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"fingerprint": fingerprint, "untried": list(untried)})
        handle, made = mkstemp(dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
            os.replace(made, path)
        except OSError:
            os.unlink(made)
            raise


def _rules_of(zone: ZoneInfo) -> bytes:
    """Return what the system knows of a time zone; nothing where the package tzdata knows it."""
    files = (Path(folder, zone.key) for folder in TZPATH)
    return next((file.read_bytes() for file in files if file.is_file()), b"")
