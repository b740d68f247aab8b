"""What a check of a pack came to."""

from dataclasses import dataclass
from pathlib import Path

from reso.policy.problems import Problem


@dataclass(frozen=True, slots=True)
class Outline:
    """What is told of a policy that can be used.

    Attributes:
        zone: the name of the time zone in which it counts days.
        rules, questions: how many it has.
        files: those it was read from.
    """

    name: str
    version: str
    content_hash: str
    zone: str
    rules: int
    questions: int
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A pack that was checked: `policy` is None when it has errors, and cannot be used."""

    folder: Path
    policy: Outline | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the policy cannot be used."""
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that an author may waive."""
        return tuple(one for one in self.problems if one.severity == "warning")
