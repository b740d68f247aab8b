"""Where the reading tools print: colours on a terminal, plain whole lines elsewhere."""

import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reso.engine.ruling_json import Json
from reso.errors import ResoError
from reso.policy.problems import PolicyError
from reso.study.terminal import laid_out, wrapped

SAME, DIFFERENT, UNLOADABLE = 0, 1, 3


def line(text: str = "", style: str = "") -> None:
    """Print a line; on a terminal wrapped by words, and in a `style`: bold, dim, a colour."""
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    console = _console(sys.stdout)
    console.print(Text(wrapped(text, console.width), style=style), soft_wrap=True)


def told(text: str, *, err: bool = False) -> None:
    """Print lines as `laid_out` lays them out on a terminal, elsewhere as they are."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        typer.echo(text, err=err)
        return
    console = _console(stream)
    console.print(laid_out(text, console.width), soft_wrap=True)


def edit(text: str) -> None:
    """Print a unified diff; on a terminal what goes is red and what comes is green."""
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    for one in text.split("\n"):
        colour = {"-": "red", "+": "green", "@": "cyan"}.get(one[:1])
        typer.echo(typer.style(one, fg=colour) if colour else one)


def entries(rows: Sequence[tuple[str, str, str]]) -> None:
    """Print names, each with a remark beside it and a meaning below, for a terminal."""
    console = _console(sys.stdout)
    for name, remark, meaning in rows:
        console.print(Text.assemble((name, "bold"), "  ", (remark, "dim")))
        if meaning:
            console.print(Text(wrapped(f"    {meaning}", console.width)), soft_wrap=True)


def _console(stream: TextIO) -> Console:
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def side_by_side(rows: Sequence[tuple[str, str, str]], indent: int) -> None:
    """Print names with their old and new values below a header line of the same three columns."""
    if sys.stdout.isatty():
        grid = Table.grid(padding=(0, 2))
        for style in ("dim", "", ""):
            grid.add_column(style=style, overflow="fold")
        for number, row in enumerate(rows):
            grid.add_row(*(Text(cell, style="" if number else "dim") for cell in row))
        _console(sys.stdout).print(Padding(grid, (0, 0, 0, indent), expand=False))
        return
    names, olds = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, old, new in rows:
        typer.echo(f"{'':<{indent}}{name:<{names}}  {old:<{olds}}  {new}")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns that line up, unwrapped."""
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
    told(shown, err=True)
    raise typer.Exit(UNLOADABLE)
