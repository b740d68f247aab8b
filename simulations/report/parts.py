"""What a page consists of: parts, figures, tables. No HTML yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]
"""A chart in Vega-Lite."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a table: how it reads, and what it sorts by; None: nothing known, sorts last."""

    text: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; a small one is marked, and stands last however the table is sorted."""

    cells: Sequence[str | Cell]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        title: what it holds; also read out by screen readers.
        numbers: which columns hold figures, counted from 0.
        folded: shown only when it is opened.
        sortable: sorts by a column when its head is clicked.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    folded: bool = False
    sortable: bool = False

    @property
    def numbers(self) -> frozenset[int]:
        """Columns that hold figures in every row."""
        return frozenset(
            place
            for place in range(len(self.columns))
            if self.rows and all(isinstance(row.cells[place], Cell) for row in self.rows)
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title, one line on how to read it, and what to draw."""

    title: str
    aid: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page.

    Attributes:
        key: its anchor.
        lines: sentences that stand before everything else.
        content: charts, each followed by its table, and tables.
        closing: sentences that stand last: what the part does not say.
    """

    key: str
    title: str
    lines: Sequence[str] = ()
    content: Sequence[Chart | Table] = ()
    closing: Sequence[str] = ()
