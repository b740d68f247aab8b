"""The options of `reso replay`, `reso sweep` and `reso inspect`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from reso.errors import InputError
from simulations.replaying.engines import EngineName
from simulations.writing import MOST_IN_CSV

PolicyOption = Annotated[
    Path, typer.Option("--policy", "-p", metavar="PACK", help="The folder of the policy pack.")
]
AtOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Stop here; default: at the history's last event."),
]
ToTheEndOption = Annotated[
    bool, typer.Option("--to-the-end", help="Go on until nothing is left to happen.")
]
FromTheOrderOption = Annotated[
    bool,
    typer.Option("--from-the-order", help="Let the policy act before anybody complained, too."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Another value for a parameter."),
]
QueryOption = Annotated[
    str | None,
    typer.Option("--query", metavar="SQL", help="What a database is asked; HISTORY is its URL."),
]
MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="Which column is what: see docs/histories.md."),
]
TruthOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Columns dispute_id, truth and perhaps due: what was really due."
    ),
]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help="Write rows that cannot be used there."),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Stop if any row cannot be used, and name the first ones (--rejects: all of them).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AgainstOption = Annotated[
    str | None,
    typer.Option(metavar="PACK", help="Compare with this pack, or with what was `recorded`."),
]
AgainstSetOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Compare with another value for a parameter; of --against's."
    ),
]
BriefOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The comparison on one page (.html or text; - prints it)."),
]
SpokenOption = Annotated[
    Literal["id", "en"], typer.Option(help="Language of the comparison, its page and the report.")
]
SweepOption = Annotated[
    list[str] | None,
    typer.Option("--sweep", metavar="NAME=VALUES", help="Try many values: see `reso sweep`."),
]
SeedOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="Of everything that is drawn: see docs/replay.md.")
]
AcceptanceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--acceptance",
        metavar="RUN|FILE",
        help="What parties answer where the record is silent: none, low, middle, high, all "
        "(default: none), or a model's file.",
    ),
]
MirrorOption = Annotated[
    int | None,
    typer.Option(
        "--mirror",
        min=1,
        metavar="N",
        help="Swap the sides' evidence in N disputes and rule on them again.",
    ),
]
WidenOption = Annotated[
    list[str] | None,
    typer.Option(
        "--widen",
        metavar="[CLAIMS:]DAYS|NAME[=VALUE]",
        help="What claims a window of that length brings that are not in the history.",
    ),
]
ReportOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write it as one page of HTML with charts.")
]
FullOption = Annotated[bool, typer.Option("--full", help="Print everything, not the most of it.")]
CsvOption = Annotated[
    bool,
    typer.Option("--csv", help=f"Of more than {MOST_IN_CSV:,} disputes, too, --out writes CSV."),
]
EngineOption = Annotated[
    EngineName | None,
    typer.Option(
        help="`reference` leads one dispute after the other, `spark` uses a cluster; "
        "default: fast, for few reference."
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The cluster of `--engine spark`: spark://HOST:7077."),
]
CacheOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where prepared histories are kept; default: ~/.cache."),
]
NoCacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Prepare the history anew, and keep nothing of it.")
]


def read_settings(given: list[str]) -> dict[str, str]:
    """Return the parameters typed after `--set`, by name.

    Raises:
        InputError: one that is no `name=value`, or a name that stands twice.
    """
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            hint = 'Write --set name="14 calendar days".'
            raise InputError("--set", f"`{text}` is no name and value", hint)
        if name.strip() in settings:
            raise InputError("--set", f"`{name.strip()}` is set twice", "Set it once.")
        settings[name.strip()] = value.strip()
    return settings
