"""What an expression reads as SQL, and the names of the columns it is read from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from reso.expressions.tree import Kind

Rail = Literal["true", "possible"]
Part = Literal["state", "opened_at", "deadline", "ended_at"]


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression and the columns it reads; in an f-string it is its text."""

    text: str
    uses: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.text


def uses_of(parts: Iterable[Sql]) -> frozenset[str]:
    """Return the columns that several expressions read."""
    return frozenset().union(*(part.uses for part in parts))


class Columns(Protocol):
    """Where the facts of a case stand: names of columns that hold them as of the row's instant.

    None says that the data has no such fact in any row.
    """

    def field(self, path: str) -> str | None:
        """Return the column of a field outside lists."""

    def items(self, section: str) -> str | None:
        """Return the column of a list: records, in the list's order."""

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        """Return the fields that the records of a list have."""

    def section_known(self, name: str) -> str | None:
        """Return the column that is true where anything of a section is known."""

    def concluded(self) -> str | None:
        """Return the column of the amount that promises speak of."""

    def earliest(self) -> str | None:
        """Return the column of the earliest dated instant of the case."""


def ref_column(name: str) -> str:
    """Return the column of a reading's, parameter's or finding's value."""
    return f"value:{name}"


def pick_column(name: str) -> str:
    """Return the column of the record a pick found, NULL where it found none."""
    return f"pick:{name}"


def rail_column(name: str, rail: Rail) -> str:
    """Return the column that says whether a finding is true, or possible; never NULL."""
    return f"{rail}:{name}"


def answer_column(question: str) -> str:
    """Return the column of a question's answer, NULL where it has none."""
    return f"answer:{question}"


def unknown_column(question: str) -> str:
    """Return the column that says whether a question may still be answered; never NULL."""
    return f"unknown:{question}"


def clock_column(question: str, part: Part) -> str:
    """Return the column of a question's state or of one of its instants."""
    return f"{part}:{question}"
