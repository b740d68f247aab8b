"""What is wrong with a case file, a history or the declaration of a fact; all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from reso.errors import ResoError
from reso.expressions.check import nearest
from reso.problems.catalogue import render, render_hint
from reso.problems.said import Said

SHOWN = 20
LONGEST_NAME = 60

RowReason = Literal[
    "unreadable_row",
    "missing",
    "wrong_id",
    "wrong_time",
    "time_without_offset",
    "far_time",
    "unknown_kind",
    "unreadable_payload",
    "unknown_field",
    "wrong_value",
    "no_currency",
    "other_currency",
    "other_item_time",
    "nothing_mapped",
    "unknown_dispute",
]
"""Why a row of a history cannot be used."""


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing wrong; `str` is "file:line: path: message. hint".

    Attributes:
        path: the field, such as `order.total_paid` or `tracking[3].event`; empty: the whole file.
        message: what is wrong with it, without a full stop.
        hint: what its author can do about it, a sentence; may be empty.
        file: the name of the file or of the input.
        line: from 1, where it is known.
        reason: what kind of problem it is.
    """

    path: str
    message: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    reason: RowReason = "wrong_value"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        text = ": ".join(part for part in (place, self.path, self.message) if part)
        return f"{text}. {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True)
class DeclarationProblem:
    """One thing wrong with the declaration of a fact; `str` is "file:line: path: message. hint".

    Attributes:
        path: the field, such as `order.total_paid`; empty: the whole of `inputs`.
        said: what is wrong, in no language yet.
        advice: what to do in the place of what the catalogue says.
        file, line: where it is declared; the line is known in files that were read as such.
    """

    path: str
    said: Said
    advice: Said | None = None
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        text = f"{place}: {render(self.said, 'en')}" if place else render(self.said, "en")
        hint = render_hint(self.said, self.advice, "en")
        return f"{text}. {hint}" if hint else text


class GatheredError(ResoError):
    """Something given to us is wrong in one or more places.

    Its message has a line for each of the first `SHOWN` problems; `problems` holds all of them.
    """

    problems: tuple[InputProblem, ...] | tuple[DeclarationProblem, ...]

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if (hidden := len(self.problems) - SHOWN) > 0:
            lines.append(f"... and {hidden:,} more")
        return "\n".join(lines)


class CaseError(GatheredError):
    """A case file or a history that cannot be read."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems: tuple[InputProblem, ...] = tuple(problems)
        super().__init__(self.problems)


class FactTableError(GatheredError):
    """A table of facts that cannot be used."""

    def __init__(self, problems: Iterable[DeclarationProblem]) -> None:
        self.problems: tuple[DeclarationProblem, ...] = tuple(problems)
        super().__init__(self.problems)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean `...`?" for the known name nearest to `name`, or nothing."""
    return nearest(name, known) if len(name) <= LONGEST_NAME else ""


def shown(value: object) -> str:
    """Return `value` as a message shows it: short, printable, in backticks; containers by name."""
    match value:
        case None:
            return "null"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case bool():
            text = str(value).lower()
        case int() if value.bit_length() > 200:
            return "a huge number"
        case str():
            text = value[:LONGEST_NAME]
        case _:
            text = str(value)
    text = text if len(text) < 40 else text[:39] + "…"
    return "`" + "".join(char if char.isprintable() else "�" for char in text) + "`"
