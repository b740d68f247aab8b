"""What the checker finds wrong in a policy file, shown in the author's own file."""

from dataclasses import dataclass

from reso.errors import InputError, ResoError
from reso.model.money import Language
from reso.problems.catalogue import Severity, kinds, render, render_hint
from reso.problems.said import Said, said

LONGEST_LINE = 160
KEPT_BEFORE = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (line and column from 1), what, what to do, and the line itself.

    `said` is what is wrong, in no language yet; `advice` stands in the place of the hint that the
    catalogue has for its code.
    """

    file: str
    line: int
    column: int
    said: Said
    advice: Said | None = None
    excerpt: str = ""
    width: int = 1

    @property
    def code(self) -> str:
        """Its kind; `reso help CODE` has a page on it."""
        return self.said.code

    @property
    def severity(self) -> Severity:
        """Whether the policy cannot be used, or its author should only look at it again."""
        return kinds()[self.code].severity

    def message(self, language: Language = "en") -> str:
        """Return what is wrong, without a full stop."""
        return render(self.said, language)

    def hint(self, language: Language = "en") -> str:
        """Return what to do about it; may be empty."""
        return render_hint(self.said, self.advice, language)

    def text(self, language: Language = "en") -> str:
        """Return what is wrong and what to do, in whole sentences."""
        message = self.message(language)
        if not message.endswith((".", "?", "!")):
            message += "."
        return f"{message} {self.hint(language)}".rstrip()

    def line_of(self, language: Language = "en") -> str:
        """Return the problem on one line: place, whether it is a warning, text, code."""
        place = f"{self.file}:{self.line}:{self.column}"
        if self.severity == "warning":
            place += f": {render(said('warning'), language)}"
        return f"{place}: {self.text(language)} [{self.code}]"

    def with_excerpt(self, language: Language = "en") -> str:
        """Return the problem with the author's line and a caret below what is meant."""
        told = self.line_of(language)
        if not self.excerpt.strip():
            return told
        start = max(0, self.column - 1 - KEPT_BEFORE) if len(self.excerpt) > LONGEST_LINE else 0
        shown = self.excerpt[start : start + LONGEST_LINE]
        before = self.column - 1 - start
        caret = " " * before + "^" * max(1, min(self.width, len(shown) - before))
        return f"{told}\n    {shown}\n    {caret}"

    def __str__(self) -> str:
        return self.line_of()

    def __lt__(self, other: "Problem") -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[str, int, int, str, str, int]:
        """In the order of the file; what stands at one place by code, then by its values."""
        return self.file, self.line, self.column, self.code, repr(self.said.values), self.width


class NoPackError(InputError):
    """What was named is no pack; `text` says why in a language."""

    def __init__(self, where: str, why: Said, advice: Said | None = None) -> None:
        self.why, self.advice = why, advice
        super().__init__(where, *self._parts("en"))

    def text(self, language: Language) -> str:
        """Return the message in a language."""
        return str(InputError(self.where, *self._parts(language)))

    def _parts(self, language: Language) -> tuple[str, str]:
        todo = "" if self.advice is None else render(self.advice, language)
        return render(self.why, language), todo

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.where, self.why, self.advice)


class TooManyProblemsError(ResoError):
    """A file has more problems than are gathered; the last one of its document says so."""


class PolicyError(ResoError):
    """A policy that cannot be used; `problems` holds all of them, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
