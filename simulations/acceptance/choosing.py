"""Which runs of which acceptance model are asked for, as typed after `--acceptance`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reso.errors import InputError
from simulations.acceptance.model import DEFAULT, RUNS, Acceptance, RunName

OPTION = "--acceptance"
NONE, ALL = "none", "all"


@dataclass(frozen=True)
class Choice:
    """A model, its file, and the runs of it that are asked for; no run: the record alone."""

    model: Acceptance
    file: Path
    runs: tuple[RunName, ...]

    @classmethod
    def read(cls, given: Sequence[str]) -> "Choice":
        """Return what is typed: `none`, `low`, `middle`, `high`, `all`, a file, or both.

        Nothing at all is `none`; a file alone is `all` of its runs.

        Raises:
            InputError: two words or two files, or a file that cannot be used.
        """
        words = [one for one in given if one in (NONE, ALL, *RUNS)]
        files = [one for one in given if one not in words]
        if len(words) > 1 or len(files) > 1:
            what = f"`{'`, `'.join(words if len(words) > 1 else files)}` stand beside each other"
            raise InputError(OPTION, what, f"Give one of {NONE}, {', '.join(RUNS)}, {ALL}.")
        file = Path(files[0]) if files else DEFAULT
        if files and not file.is_file():
            what = f"`{file}` is neither a run nor a file"
            hint = f"Write {NONE}, {', '.join(RUNS)}, {ALL}, or name a file."
            raise InputError(OPTION, what, hint)
        word = words[0] if words else (ALL if files else NONE)
        runs = RUNS if word == ALL else tuple(run for run in RUNS if run == word)
        return cls(Acceptance.read(file), file, runs)

    @property
    def name(self) -> str:
        """What the model's file is called: its name if it is the shipped one, else its path."""
        return self.file.name if self.file == DEFAULT else str(self.file)

    @cached_property
    def content_hash(self) -> str:
        """The SHA-256 of the model's file."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def told(self) -> tuple[str, ...]:
        """Return what a report says of it, a line each."""
        if not self.runs:
            return ("answers of parties: those on record alone; elsewhere they are silent",)
        name = "the shipped model" if self.file == DEFAULT else str(self.file)
        sources = (f"{run}: {getattr(self.model, run).source}" for run in self.runs)
        return (f"answers of parties: on record, else by {name}", *sources)
