"""Names for values inside an expression."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulations.sql.dialects import Dialect

Bind = Callable[[str, Callable[[str], str]], str]
"""Writes a value and what is made of it; the latter may mention the value many times."""

SHORT = 120
"""Letters up to which a value without cases is written wherever it is used."""


def is_short(sql: str) -> bool:
    """Return whether a value costs less when written twice than when named."""
    return len(sql) <= SHORT and "CASE" not in sql and "->" not in sql and "lambda" not in sql


@dataclass
class Lambdas:
    """Names of lambda variables, by how deep they stand: equal expressions are equal texts."""

    dialect: Dialect
    depth: int = 0

    @contextmanager
    def variable(self) -> Iterator[str]:
        """Name a variable for as long as its lambda is written."""
        self.depth += 1
        try:
            yield f"x_{self.depth}"
        finally:
            self.depth -= 1

    def bind(self, sql: str, body: Callable[[str], str]) -> str:
        """Write a value once, and what is made of it; a short one wherever it is used."""
        if is_short(sql):
            return body(sql)
        with self.variable() as name:
            return self.dialect.bound(name, sql, body(name))
