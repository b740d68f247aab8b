"""Golden files: a broken pack, and word for word what its author is told.

A file of `problems/` begins with what it shows, then come the files of the pack, then what the
checker says of them, each part below a line `=== NAME`. A pack that has no `policy.yaml` of its
own gets a sound one.

After a change of wording on purpose: `RESO_GOLDEN=renew pytest tests/policy`, and read the diff.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.strategies.small_packs import HEADER, OTHERWISE, warnings_of

FOLDER = Path(__file__).with_name("problems")
SAID = "problems"
_PART = re.compile(r"^=== (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Golden:
    """One golden file, read."""

    path: Path
    intent: str
    files: tuple[tuple[str, str], ...]
    said: str

    @classmethod
    def read(cls, path: Path) -> "Golden":
        """Read a golden file."""
        intent, *rest = _PART.split(path.read_text(encoding="utf-8"))
        parts = list(zip(rest[::2], rest[1::2], strict=True))
        files = tuple((name, text) for name, text in parts if name != SAID)
        return cls(path, intent, files, dict(parts).get(SAID, ""))

    def found(self) -> str:
        """Return what the checker says of the pack today."""
        files = self.files
        if "policy.yaml" not in dict(files):
            files = (("policy.yaml", HEADER + OTHERWISE), *files)
        return "".join(f"{problem}\n" for problem in warnings_of(*files))

    def renew(self) -> None:
        """Write down what the checker says today."""
        parts = [f"=== {name}\n{text}" for name, text in (*self.files, (SAID, self.found()))]
        self.path.write_text(self.intent + "".join(parts), encoding="utf-8")


def renewing() -> bool:
    """Whether golden files are to be written anew, not compared."""
    return os.environ.get("RESO_GOLDEN") == "renew"
