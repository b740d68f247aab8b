"""Random expressions: grown from the forms of the language, over the names of a pack."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from reso.expressions.functions import FUNCTIONS

CONDITIONS = (
    "{c} and {c}", "{c} or {c}", "not {c}", "({c})", "{v} is {v}", "{v} is not {v}", "{v} = {v}",
    "{v} < {v}", "{v} >= {v}", "{v} before {v}", "{v} at or after {v}", "{v} is known",
    "{v} is none", "{v} is one of [{v}, {v}]", "{v} is not one of [{v}]", "{v} contains {v}",
    "exists {l} where {c}", "exists {l}", "{n}", "yes", "no", "{f}({v}, {v})", "{f}({v})",
)  # fmt: skip
VALUES = (
    "{n}", "{n}", "{n}", "{k}", "{k}", "({v})", "{v} + {v}", "{v} - {v}", "{v} * {v}",
    "{v} at 12:00", "count of {l} where {c}", "sum of {v} over {l} where {c}", "latest {l}",
    "first {l} where {c}", "{n} of latest {l} where {c}", "{n} of first of {l}", "{f}({v}, {v})",
    "{f}({v})", "{f}()",
)  # fmt: skip
CONSTANTS = (
    "3", "0", "50 IDR", "50 SGD", "1.5", "15%", "250%", "48 hours", "6 calendar days inclusive",
    "2 business days end of day", "1 month", "999999999 months", "2026-01-31", "2026-02-30",
    "9999-12-31", "0001-01-01", "12:00", "29:75", '"any words"', "''", "damaged", "none",
    "earliest",
    "6 hari", "9" * 40, "0.0000000000000001", "0.5%",
)  # fmt: skip
DEEPEST = 5


@dataclass(frozen=True)
class Wording:
    """The names expressions may say."""

    names: Sequence[str]
    lists: Sequence[str]

    def expression(self, rng: Random) -> str:
        """Return a condition or a value; most are of sound form, few of sound types."""
        return self._grown(rng, rng.choice(("{c}", "{v}")), 0)

    def _grown(self, rng: Random, form: str, depth: int) -> str:
        pieces = form.split("{")
        return pieces[0] + "".join(
            self._part(rng, piece[0], depth) + piece[2:] for piece in pieces[1:]
        )

    def _part(self, rng: Random, kind: str, depth: int) -> str:
        match kind:
            case "c" | "v" if depth >= DEEPEST:
                return rng.choice((rng.choice(self.names), rng.choice(CONSTANTS)))
            case "c":
                return self._grown(rng, rng.choice(CONDITIONS), depth + 1)
            case "v":
                return self._grown(rng, rng.choice(VALUES), depth + 1)
            case "n":
                return rng.choice(self.names)
            case "l":
                return rng.choice(self.lists)
            case "f":
                return rng.choice(tuple(FUNCTIONS))
            case _:
                return rng.choice(CONSTANTS)
