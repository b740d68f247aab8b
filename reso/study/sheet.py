"""Where the reading tools print: colours on a terminal, plain whole lines elsewhere."""

import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reso.engine.ruling_json import Json
from reso.errors import ResoError
from reso.policy.problems import PolicyError

SAME, DIFFERENT, UNLOADABLE = 0, 1, 3


def line(text: str = "", style: str = "") -> None:
    """Print a line; `style` is bold, dim, or a colour, on a terminal only."""
    words = style.split()
    colour = next((word for word in words if word not in ("bold", "dim")), None)
    if not words or not sys.stdout.isatty():
        typer.echo(text)
        return
    typer.echo(
        typer.style(text, fg=colour, bold="bold" in words or None, dim="dim" in words or None)
    )


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; off a terminal as columns that line up, unwrapped."""
    if sys.stdout.isatty():
        drawn = Table(box=box.SIMPLE, header_style="bold")
        for header in headers:
            drawn.add_column(header, overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(cell) for cell in row))
        Console(file=sys.stdout, highlight=False, markup=False, emoji=False).print(drawn)
        return
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in [headers, *rows]:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def as_json(data: Json) -> None:
    """Print plain data as JSON, in ASCII where the output cannot hold other letters."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    typer.echo(json.dumps(data, indent=2, ensure_ascii=encoding != "utf8"))


def clear() -> None:
    """Clear a terminal; nothing elsewhere."""
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        typer.echo("\x1b[2J\x1b[3J\x1b[H", nl=False)


def unloadable(folder: object, error: ResoError) -> NoReturn:
    """End the command because the policy in a folder cannot be loaded."""
    shown = str(error)
    if isinstance(error, PolicyError):
        shown = "\n".join(problem.with_excerpt() for problem in error.problems)
        count = len(error.problems)
        shown += f"\n{folder}: {count} {'problem' if count == 1 else 'problems'}. Mend them first."
    typer.echo(shown, err=True)
    raise typer.Exit(UNLOADABLE)
