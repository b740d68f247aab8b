"""Where results are printed: colours and tables on a terminal, plain whole lines elsewhere."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from reso.cli.screen import Screen
    from reso.engine.explanation import Explanation
    from reso.engine.ruling_json import Json

Facts = Sequence[tuple[str, str]]

TITLES = {"id": "Bahasa Indonesia", "en": "English"}
INDENT = "  "
ASKS_FOR_COLOUR = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Variables by which rich takes what is no terminal for one."""


class Paper:
    """What one run of a command prints on.

    Nothing printed is taken for markup. Off a terminal no line is wrapped, coloured or boxed.
    """

    def __init__(self) -> None:
        self.screen = _screen()

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """Print a line."""
        if self.screen is not None:
            self.screen.line(text, style, indent)
        else:
            typer.echo(f"{INDENT * indent}{text}")

    def verbatim(self, text: str) -> None:
        """Print lines; on a terminal wrapped by words, but an excerpt stands above its caret."""
        if self.screen is not None:
            self.screen.verbatim(text)
        else:
            typer.echo(text)

    def rule(self, title: str) -> None:
        """Print a title that parts what follows from what stands above."""
        if self.screen is not None:
            self.screen.rule(title)
        else:
            typer.echo(f"== {title} ==")

    def facts(self, facts: Facts) -> None:
        """Print names and values, a value per line; an empty name continues the one above."""
        if self.screen is not None:
            self.screen.facts(facts)
            return
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            typer.echo(f"{name:<{width}}  {value}".rstrip())

    def table(
        self, headers: Sequence[str], rows: Iterable[Sequence[str]], *, words: bool = False
    ) -> None:
        """Print a table; off a terminal as columns that line up. `words`: it holds no numbers."""
        if self.screen is not None:
            self.screen.table(headers, rows, words=words)
            return
        listed = [tuple(headers), *(tuple(row) for row in rows)]
        widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
        for row in listed:
            cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
            typer.echo("  ".join(cells).rstrip())

    def explanation(self, told: "Explanation") -> None:
        """Print an explanation."""
        if self.screen is not None:
            self.screen.explanation(told)
            return
        from reso.engine.explanation import render_text  # slow to import

        typer.echo(render_text(told))

    def side_by_side(self, told: "Sequence[Explanation]") -> None:
        """Print explanations in columns, one below the other where there is no room."""
        if self.screen is not None and not self.screen.is_narrow:
            self.screen.side_by_side([(TITLES[one.language], one) for one in told])
            return
        for explanation in told:
            self.line()
            self.rule(TITLES[explanation.language])
            self.explanation(explanation)

    def json(self, data: "Json") -> None:
        """Print plain data as JSON, in ASCII where the output is not UTF-8."""
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        typer.echo(json.dumps(data, indent=2, ensure_ascii=encoding != "utf8"))


def _screen() -> "Screen | None":
    """Return the terminal that is printed on, None where there is none."""
    if not (sys.stdout.isatty() or any(name in os.environ for name in ASKS_FOR_COLOUR)):
        return None
    from rich.console import Console  # slow to import

    from reso.cli.screen import Screen

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    return Screen(console) if console.is_terminal else None
