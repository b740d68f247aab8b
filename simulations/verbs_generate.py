"""The verb `reso generate`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reso.cli.paper import Paper
from simulations.generate import Made, Wanted, made_history
from simulations.world.reading import DEFAULT


def generate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)
    ],
    disputes: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000_000, help="How many disputes.")
    ] = 1_000,
    seed: Annotated[
        int, typer.Option(metavar="S", min=0, help="Another seed, other disputes.")
    ] = 1,
    world: Annotated[
        Path, typer.Option(metavar="FILE", help="Who acts how in it; default: the shipped world.")
    ] = DEFAULT,
    dirty: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Disputes with flawed rows.")
    ] = 0,
) -> None:
    """Make a history of an invented world, and keep the truth about it apart.

    \b
    Examples:
      reso generate made --disputes 500
      reso generate made --disputes 1000000 --seed 7
      reso generate made --disputes 500 --world my_world.yaml
      reso generate made --disputes 500 --dirty 0.05
    """
    with _progress(disputes) as advance:
        made = made_history(folder, Wanted(disputes, seed, dirty), world, advance)
    paper = Paper()
    for line in _told(folder, made):
        paper.line(line)


def _told(folder: Path, made: Made) -> Iterator[str]:
    yield f"{made.disputes:,} disputes, {made.events:,} events, of {made.orders:,} orders."
    yield f"{made.never_made:,} more would have complained, but the old platform's time was over."
    yield f"{folder}: the events, and outcomes.parquet. The truth is in {folder / 'hidden'}."


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar with the time left on a terminal's stderr; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("generate"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as shown:
        task = shown.add_task("generate", total=total)
        yield lambda count: shown.advance(task, count)
