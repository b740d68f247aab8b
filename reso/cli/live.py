"""What decides live cases, imported when a case is decided: other verbs start without it."""

from pathlib import Path
from typing import Annotated

import typer

from reso.cli.shell import DONE, EXIT_CODES, FOUND
from reso.engine.decide import Beside

verbs = typer.Typer()


def second_engine() -> Beside:
    """Return what puts a second engine beside the compiled evaluator, as the environment says.

    Raises:
        InputError: a setting is not what it can be.
    """
    from reso.cli.engines import beside

    return beside()


@verbs.command(epilog=EXIT_CODES, short_help="Run a case again on which two engines differed.")
def replay_disagreement(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A disagreement file.", show_default=False)
    ],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", "-p", metavar="PACK", help="Default: the pack named in it."),
    ] = None,
) -> None:
    """Judge a case again by both engines, and say whether they still differ.

    \b
    Examples:
      reso replay-disagreement disagreements/3f9a0c1d2e4b5a67.json
      reso replay-disagreement disagreements/3f9a0c1d2e4b5a67.json --policy rules/lazada_sg_drtm
    """
    from reso.cli.engines import replayed

    lines, differ = replayed(file, policy)
    for line in lines:
        typer.echo(line)
    raise typer.Exit(FOUND if differ else DONE)
