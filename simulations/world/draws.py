"""Random numbers in SQL. Each is a function of the seed, of what it is for, and of who it is for.

So a number does not depend on how many others were drawn, in which order, or by how many threads.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol, TypeVar

BITS_32 = 0xFFFFFFFF
Word = TypeVar("Word", bound=str)


class _Span(Protocol):
    """What varies: a median, a spread (see `world.yaml`), a most."""

    @property
    def median(self) -> int: ...
    @property
    def spread(self) -> float: ...
    @property
    def at_most(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Dice:
    """The random numbers of one seed."""

    seed: int

    def draw(self, what: str, of: str = "n") -> str:
        """Return SQL of a number between 0 and 1, neither of them.

        Args:
            what: what it is for; another word, another number.
            of: SQL of whom it is for, a whole number from 0 to 2^32 - 1.
        """
        digest = hashlib.sha256(f"{self.seed} {what}".encode()).digest()
        first, second = (int.from_bytes(digest[n : n + 4], "big") for n in (0, 4))
        return (
            f"((draw_mix(({of})::UBIGINT, {first}::UBIGINT, {second}::UBIGINT) + 0.5) / 4294967296)"
        )


# "Shift, xor, multiply" over 32 bits, thrice, with the multipliers of Chris Wellons's triple32; a
# second key comes in between. In 64 bits no product overflows.
_MIXED = """draw_round(xor(draw_round(draw_round(xor(who, one), 17, 3982152891), 11, 2890668881),
    two), 15, 830770091)"""
MACROS = (
    "CREATE MACRO draw_round(x, bits, factor) AS"
    f" (xor(x, x >> bits) * factor::UBIGINT) & {BITS_32}",
    f"CREATE MACRO draw_mix(who, one, two) AS xor({_MIXED}, {_MIXED} >> 14)",
    "CREATE MACRO spread_over(u, median, power, most) AS"
    " least(most, median * pow(u / (1 - u), power))",
)


def power(spread: float) -> float:
    """Return the exponent of a log-logistic with half of its values in median / and * `spread`.

    Its quantile at u is median * (u / (1 - u)) ** power; at a quarter, u / (1 - u) is a third.
    """
    return log(spread) / log(3)


def over(u: str, span: _Span) -> str:
    """Return SQL of a whole number of a span, from a number between 0 and 1."""
    return f"spread_over({u}, {span.median}, {power(span.spread)!r}, {span.at_most})::BIGINT"


def over_columns(u: str, name: str) -> str:
    """Return the same where the span stands in the columns that `span_columns` names."""
    return f"spread_over({u}, {name}_median, {name}_power, {name}_most)::BIGINT"


def span_columns(name: str, span: _Span) -> dict[str, float | int]:
    """Return a span as columns of a table."""
    return {
        f"{name}_median": span.median,
        f"{name}_power": power(span.spread),
        f"{name}_most": span.at_most,
    }


def place(u: str, weights: Sequence[float]) -> str:
    """Return SQL of a place in `weights`, from 1; each as often as its weight says."""
    return chosen(u, {str(n): weight for n, weight in enumerate(weights, start=1)})


def word(u: str, weights: Mapping[Word, float]) -> str:
    """Return SQL of one of these words, each as often as its weight says."""
    return chosen(u, {f"'{name}'": weight for name, weight in weights.items()})


def chosen(u: str, weights: Mapping[str, float]) -> str:
    """Return SQL of one of these expressions, each as often as its weight says."""
    total = sum(weights.values())
    return of_shares(u, {value: weight / total for value, weight in weights.items()}, None)


def of_shares(u: str, shares: Mapping[str, float], otherwise: str | None) -> str:
    """Return SQL of one of these expressions, each with its share, else `otherwise`.

    Without `otherwise` the last takes what is left.
    """
    values = [value for value, share in shares.items() if share > 0]
    if otherwise is None:
        otherwise = values.pop()
    if not values:
        return otherwise
    reached, cases = 0.0, []
    for value in values:
        reached += shares[value]
        cases.append(f"WHEN {u} < {reached!r} THEN {value}")
    return f"CASE {' '.join(cases)} ELSE {otherwise} END"
