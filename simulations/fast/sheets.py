"""The sheet of columns a replay works out, with expressions given as their text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Asked:
    """Columns that are asked of disputes.

    Attributes:
        sheet: where they are written, with all they read.
        wanted: their names.
        columns: the given columns they are worked out of.
    """

    sheet: layers.Sheet
    wanted: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, sheet: layers.Sheet, wanted: Sequence[str]) -> "Asked":
        """Ask for these columns; from then on threads may share what is asked."""
        sheet.computed(wanted)  # which finds every column's layer
        return cls(sheet, tuple(wanted), sheet.sources(wanted))

    def query(self, relation: str, calendar: str) -> str:
        """Return the query over a relation of disputes, and that of the calendar's lists."""
        lists = frozenset[str]().union(*self.sheet.beside.values())
        sheet = replace(self.sheet, source=relation, beside={calendar: lists})
        return sheet.select(self.wanted)
