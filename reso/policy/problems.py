"""What the checker finds wrong in a policy file, shown in the author's own file."""

from dataclasses import dataclass

from reso.errors import ResoError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where (line and column from 1), what, what to do, and the line itself."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    excerpt: str = ""
    width: int = 1

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: {self.message}"
        if not head.endswith((".", "?", "!")):
            head += "."
        return f"{head} {self.hint}".rstrip()

    def with_excerpt(self) -> str:
        """Return the message with the author's line and a caret below what is meant."""
        if not self.excerpt.strip():
            return str(self)
        start = max(0, self.column - 1 - 120) if len(self.excerpt) > 160 else 0
        shown = self.excerpt[start : start + 160]
        before = self.column - 1 - start
        caret = " " * before + "^" * max(1, min(self.width, len(shown) - before))
        return f"{self}\n    {shown}\n    {caret}"


class TooManyProblemsError(ResoError):
    """A file has more problems than are gathered; the last one of its document says so."""


class PolicyError(ResoError):
    """A policy that cannot be used; `problems` holds all of them, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
