"""Where results are printed: colours and tables on a terminal, plain whole lines elsewhere."""

import json
import sys
from collections.abc import Iterable, Sequence

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from reso.engine.explanation import Explanation, render_text
from reso.engine.ruling_json import Json
from reso.study.terminal import laid_out, wrapped

Facts = Sequence[tuple[str, str]]

TITLES = {"id": "Bahasa Indonesia", "en": "English"}
INDENT = "  "
FRAME = 7  # columns that the lines of a table of two take, with the space beside them


class Paper:
    """What one run of a command prints on.

    Nothing printed is taken for markup. Off a terminal no line is wrapped, coloured or boxed.
    """

    def __init__(self) -> None:
        self.console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.fancy = self.console.is_terminal

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """Print a line."""
        if self.fancy and not text:
            self.console.print()
        elif self.fancy:
            self.console.print(
                Padding(Text(text, style=style), (0, 0, 0, 2 * indent), expand=False)
            )
        else:
            typer.echo(f"{INDENT * indent}{text}")

    def verbatim(self, text: str) -> None:
        """Print lines; on a terminal wrapped by words, but an excerpt stands above its caret."""
        if self.fancy:
            self.console.print(laid_out(text, self.console.width), soft_wrap=True)
        else:
            typer.echo(text)

    def rule(self, title: str) -> None:
        """Print a title that parts what follows from what stands above."""
        if self.fancy:
            self.console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
        else:
            typer.echo(f"== {title} ==")

    def facts(self, facts: Facts) -> None:
        """Print names and values, a value per line; an empty name continues the one above."""
        if self.fancy:
            grid = Table.grid(padding=(0, 2))
            grid.add_column(style="dim", no_wrap=True)
            grid.add_column(overflow="fold")
            for name, value in facts:
                grid.add_row(Text(name), Text(value))
            self.console.print(grid)
            return
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            typer.echo(f"{name:<{width}}  {value}".rstrip())

    def table(
        self, headers: Sequence[str], rows: Iterable[Sequence[str]], *, words: bool = False
    ) -> None:
        """Print a table; off a terminal as columns that line up. `words`: it holds no numbers."""
        listed = [tuple(row) for row in rows]
        if self.fancy:
            table = Table(box=box.SIMPLE, header_style="bold")
            for number, header in enumerate(headers):
                table.add_column(header, justify="right" if number and not words else "left")
            for row in listed:
                table.add_row(*(Text(cell) for cell in row))
            self.console.print(table)
            return
        widths = [max(map(len, column)) for column in zip(headers, *listed, strict=True)]
        for row in [tuple(headers), *listed]:
            cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
            typer.echo("  ".join(cells).rstrip())

    def explanation(self, told: Explanation) -> None:
        """Print an explanation."""
        if not self.fancy:
            typer.echo(render_text(told))
            return
        self.console.print(styled(told, self.console.width), soft_wrap=True)

    def side_by_side(self, told: Sequence[Explanation]) -> None:
        """Print explanations in columns, one below the other where there is no room."""
        if not self.fancy or self.console.width < 100:
            for explanation in told:
                self.line()
                self.rule(TITLES[explanation.language])
                self.explanation(explanation)
            return
        table = Table(box=box.ROUNDED, expand=True, border_style="dim", padding=(0, 1))
        for explanation in told:
            table.add_column(TITLES[explanation.language], ratio=1, overflow="fold")
        inner = (self.console.width - FRAME) // len(told)
        table.add_row(*(styled(explanation, inner) for explanation in told))
        self.console.print(table)

    def json(self, data: Json) -> None:
        """Print plain data as JSON, in ASCII where the output is not UTF-8."""
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        typer.echo(json.dumps(data, indent=2, ensure_ascii=encoding != "utf8"))


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
