"""What is printed on a terminal: in colours, in tables with lines, wrapped by words."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from reso.engine.explanation import Explanation, render_text
from reso.study.terminal import laid_out, wrapped

FRAME = 7  # columns that the lines of a table of two take, with the space beside them
NARROW = 100
"""Columns of a terminal below which columns of text have no room beside each other."""


class Screen:
    """A terminal. Nothing printed is taken for markup."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def line(self, text: str, style: str, indent: int) -> None:
        """Print a line."""
        if text:
            self.console.print(
                Padding(Text(text, style=style), (0, 0, 0, 2 * indent), expand=False)
            )
        else:
            self.console.print()

    def verbatim(self, text: str) -> None:
        """Print lines wrapped by words; an excerpt stands above its caret."""
        self.console.print(laid_out(text, self.console.width), soft_wrap=True)

    def rule(self, title: str) -> None:
        """Print a title that parts what follows from what stands above."""
        self.console.print(Rule(Text(title, style="bold"), align="left", style="dim"))

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Print names and values, a value per line."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in facts:
            grid.add_row(Text(name), Text(value))
        self.console.print(grid)

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[str]], *, words: bool) -> None:
        """Print a table; `words`: it holds no numbers."""
        table = Table(box=box.SIMPLE, header_style="bold")
        for number, header in enumerate(headers):
            table.add_column(header, justify="right" if number and not words else "left")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(table)

    def explanation(self, told: Explanation) -> None:
        """Print an explanation."""
        self.console.print(styled(told, self.console.width), soft_wrap=True)

    @property
    def is_narrow(self) -> bool:
        """Whether columns of text have no room beside each other."""
        return self.console.width < NARROW

    def side_by_side(self, told: Sequence[tuple[str, Explanation]]) -> None:
        """Print explanations, each with its title, in columns."""
        table = Table(box=box.ROUNDED, expand=True, border_style="dim", padding=(0, 1))
        for title, _ in told:
            table.add_column(title, ratio=1, overflow="fold")
        inner = (self.console.width - FRAME) // len(told)
        table.add_row(*(styled(explanation, inner) for _, explanation in told))
        self.console.print(table)


def styled(told: Explanation, width: int) -> Text:
    """Return an explanation for a terminal of this width: headline and titles stand out."""
    text = Text()
    for number, line in enumerate(render_text(told).split("\n")):
        text.append("\n" if number else "")
        text.append(wrapped(line, width), style=_style(number, line))
    return text


def _style(number: int, line: str) -> str:
    if number == 0:
        return "bold green"
    if line.startswith("  "):
        return "dim"
    return "" if line.startswith("- ") or line.endswith(".") else "bold cyan"
