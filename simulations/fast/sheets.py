"""The sheet of columns a replay works out, with expressions given as their text."""

import re

from simulations.sql import layers
from simulations.sql.columns import Sql

_TEXTS = re.compile(r"'(?:[^']|'')*'")
_NAMES = re.compile(r'"((?:[^"]|"")*)"')


def read(text: str) -> Sql:
    """Return an expression with the columns it reads: every name in double quotes is one."""
    names = _NAMES.findall(_TEXTS.sub("", text))
    return Sql(text, frozenset(name.replace('""', '"') for name in names))


class Sheet(layers.Sheet):
    """Named columns over a relation, each added as the text of an expression."""

    def write(self, name: str, text: str) -> str:
        """Add a column and return its name."""
        return self.add(name, read(text))

    def part(self, text: str) -> str:
        """Make an expression a column, the same one whenever it is the same; return it quoted."""
        return f'"{self.hoist(read(text))}"'
