"""The verb `reso generate`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from reso.cli.paper import Paper
from simulations.faults import told_plainly
from simulations.generate import Made, Wanted, made_history
from simulations.progress import shown_count
from simulations.world.reading import DEFAULT


@told_plainly()
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
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Processors at work; default: all, 4 at most.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a history of an invented world, and keep the truth about it apart.

    \b
    Examples:
      reso generate made --disputes 500
      reso generate made --disputes 1000000 --seed 7
      reso generate made --disputes 500 --world my_world.yaml
      reso generate made --disputes 500 --dirty 0.05
    """
    with shown_count("generate", disputes) as advance:
        advance(0)  # the rate counts from here
        made = made_history(folder, Wanted(disputes, seed, dirty), world, advance, jobs=jobs)
    paper = Paper()
    for line in _told(folder, made):
        paper.line(line)


def _told(folder: Path, made: Made) -> Iterator[str]:
    yield f"{made.disputes:,} disputes, {made.events:,} events, of {made.orders:,} orders."
    yield f"{made.never_made:,} more would have complained, but the old platform's time was over."
    yield f"{folder}: the events, and outcomes.parquet. The truth is in {folder / 'hidden'}."
