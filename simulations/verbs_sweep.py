"""The verb `reso sweep`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from simulations.faults import told_plainly
from simulations.options import (
    JsonOption,
    MappingOption,
    PolicyOption,
    QueryOption,
    SetOption,
    StrictOption,
    TruthOption,
    read_settings,
)
from simulations.sources import Source
from simulations.sweeping.command import SweepAsked, run_sweep


@told_plainly()
def sweep(
    history: Annotated[
        str,
        typer.Argument(
            metavar="HISTORY",
            help="A Parquet, CSV or JSONL file of events, a folder, or the URL of a database.",
            show_default=False,
        ),
    ],
    policy: PolicyOption,
    sweeps: Annotated[
        list[str],
        typer.Option(
            "--sweep", metavar="NAME=VALUES", help="FIRST..LAST:STEP, or a list by commas."
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop here; default: when nothing is left to happen."),
    ] = None,
    settings: SetOption = None,
    trade_off: Annotated[
        str | None,
        typer.Option("--trade-off", metavar="ONE,OTHER", help="The measures of the drawing."),
    ] = None,
    truth: TruthOption = None,
    query: QueryOption = None,
    mapping: MappingOption = None,
    strict: StrictOption = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables, figures and the page there.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the drawing and table as one page.")
    ] = None,
    lang: Annotated[Literal["id", "en"], typer.Option(help="Language of the page.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Try one or two parameters at many values, and show what each value costs whom.

    \b
    Examples:
      reso sweep fixtures/history -p rules/marketplace --sweep 'seller_time=24..72h:24'
      reso sweep fixtures/history -p rules/marketplace --sweep seller_time=24h,48h,72h \\
        --sweep 'most_appeals=0,1'
    """
    run_sweep(
        SweepAsked(
            source=Source(history, query, mapping, strict),
            folder=policy,
            sweeps=sweeps,
            settings=read_settings(settings or []),
            at=at,
            trade_off=trade_off,
            truth=truth,
            out=out,
            report=report,
            as_json=as_json,
            language=lang,
        )
    )
