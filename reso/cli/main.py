"""The command `reso`: each verb is imported when it is asked for, so that it starts fast."""

import gc
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reso.cli.plain_values import spare
from reso.cli.shell import CUT_OFF, EXIT_CODES, Shell, let_go_of_stdout
from reso.cli.stopping import ended_at_once, overlooked

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

VERBS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("decide", "explain", "message", "test"), "reso.cli.verbs"),
        **dict.fromkeys(("check", "help"), "reso.cli.checking"),
        "demo": "reso.cli.verbs",
        "replay-disagreement": "reso.cli.live",
        "compare-packs": "reso.cli.packs",
        **dict.fromkeys(("fmt", "set", "unset", "new", "table"), "reso.authoring.verbs"),
        **dict.fromkeys(("diff", "watch", "vocabulary", "schema"), "reso.study.verbs"),
    }
)
"""The module whose `verbs` hold each verb, in the order of `reso --help`."""

OTHER_VERBS = "reso.commands"
"""The group of entry points by which other packages add verbs."""

GARBAGE = 200_000
"""How many more objects there are than at the last search for unused ones, before the next.

Python's 700 would search time and again through policies, which are read once and stay.
"""


class Reso(Shell):
    """The group of all verbs; those of `VERBS` are imported when asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what stands before the verb."""
        spare(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb, None if there is none of this name."""
        if cmd_name not in self.commands:
            self._take_in([cmd_name] if cmd_name in VERBS else VERBS, ctx)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all verbs, those of other packages last."""
        self._take_in(VERBS, ctx)
        return list(dict.fromkeys((*VERBS, *self.commands)))

    def _take_in(self, names: Iterable[str], ctx: Any) -> None:
        for module in dict.fromkeys(VERBS[name] for name in names):
            host = typer.Typer(rich_markup_mode=None)
            host.add_typer(import_module(module).verbs)
            found = typer.main.get_group(host).commands
            for command in found.values():
                spare(command.get_params(ctx))
            self.commands.update(found)


app = typer.Typer(
    name="reso",
    cls=Reso,
    epilog=EXIT_CODES,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # slow to import

        typer.echo(f"reso {version('reso-bot')}")
        raise typer.Exit


@app.callback()
def reso(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Settles disputes between buyers and sellers by rules written in files.

    \b
    Examples:
      reso demo
      reso decide case.yaml --policy rules/lazada_sg_drtm
      reso test rules/lazada_sg_drtm
      reso check rules/lazada_sg_drtm
    """


def add_verbs(to: typer.Typer, entries: "Iterable[EntryPoint]") -> None:
    """Add the verbs of other packages: each entry point is a function or a Typer."""
    for entry in entries:
        verb = entry.load()
        if isinstance(verb, typer.Typer):
            to.add_typer(verb, name=entry.name)
        else:
            to.command(entry.name)(verb)


def main() -> None:
    """Run the command line."""
    with ended_at_once():  # until a verb begins
        _main()


def _main() -> None:
    gc.set_threshold(GARBAGE)
    if not VERBS.keys() & sys.argv[1:2]:
        from importlib.metadata import entry_points  # slow to import

        add_verbs(app, entry_points(group=OTHER_VERBS))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        try:
            app(prog_name="reso")
        finally:
            overlooked()
            if sys.stdout is not None:
                sys.stdout.flush()
            gc.freeze()  # Python would search once more through what goes with the process anyway
    except BrokenPipeError:
        let_go_of_stdout()
        raise SystemExit(CUT_OFF) from None
