"""Golden files: a broken pack, and word for word what its author is told.

A file of `problems/` begins with what it shows, then come the files of the pack, then what the
checker says of them in English and in Indonesian (without the excerpts), each part below a line
`=== NAME`. A pack that has no `policy.yaml` of its own gets a sound one.

After a change of wording on purpose: `RESO_GOLDEN=renew pytest tests/policy`, and read the diff.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.strategies.small_packs import HEADER, OTHERWISE, said_of

FOLDER = Path(__file__).with_name("problems")
SAID, SAID_IN_INDONESIAN = "problems", "masalah"
_PART = re.compile(r"^=== (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Golden:
    """One golden file, read."""

    path: Path
    intent: str
    files: tuple[tuple[str, str], ...]
    said: tuple[str, str]

    @classmethod
    def read(cls, path: Path) -> "Golden":
        """Read a golden file."""
        intent, *rest = _PART.split(path.read_text(encoding="utf-8"))
        parts = list(zip(rest[::2], rest[1::2], strict=True))
        told = dict(parts)
        said = (told.pop(SAID, ""), told.pop(SAID_IN_INDONESIAN, ""))
        return cls(path, intent, tuple(told.items()), said)

    def found(self) -> tuple[str, str]:
        """Return what the checker says of the pack today, in English and in Indonesian."""
        files = self.files
        if "policy.yaml" not in dict(files):
            files = (("policy.yaml", HEADER + OTHERWISE), *files)
        problems = said_of(*files)
        english = "".join(f"{problem.with_excerpt('en')}\n" for problem in problems)
        indonesian = "".join(f"{problem.line_of('id')}\n" for problem in problems)
        return english, indonesian

    def renew(self) -> None:
        """Write down what the checker says today."""
        said = zip((SAID, SAID_IN_INDONESIAN), self.found(), strict=True)
        parts = [f"=== {name}\n{text}" for name, text in (*self.files, *said)]
        self.path.write_text(self.intent + "".join(parts), encoding="utf-8")


def renewing() -> bool:
    """Whether golden files are to be written anew, not compared."""
    return os.environ.get("RESO_GOLDEN") == "renew"
