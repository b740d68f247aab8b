"""What an expression is before its names mean anything: its raw tree, or the flaw in its text."""

from dataclasses import dataclass
from typing import NamedTuple

from reso.model.money import Language
from reso.problems.catalogue import render, render_hint
from reso.problems.said import Said


class RawTree(NamedTuple):
    """A rule of the grammar that held, and what it is made of: trees, and words as written.

    It reaches from `start` to just before `end`, in characters from 0. Of brackets around it,
    those count to the tree it stands in.
    """

    data: str
    children: "tuple[RawTree | str, ...]"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in one expression, `start` and `end` counted in characters from 0."""

    start: int
    end: int
    said: Said
    advice: Said | None = None

    def message(self, language: Language = "en") -> str:
        """Return what is wrong, without a full stop."""
        return render(self.said, language)

    def hint(self, language: Language = "en") -> str:
        """Return what to do about it; may be empty."""
        return render_hint(self.said, self.advice, language)


class FlawedExpressionError(Exception):
    """The text is no expression; `flaw` says where and why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message())
        self.flaw = flaw
