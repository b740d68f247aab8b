"""Arguments and options that several verbs take."""

from pathlib import Path
from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PacksArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PACK", help="Folders of policy packs.", show_default=False),
]
