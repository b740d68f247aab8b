"""How the command line ends: errors as lines on stderr, and exit codes."""

import os
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from reso.cli.stopping import SAID, STOPPED, raised
from reso.errors import ResoError
from reso.policy.problems import PolicyError

DONE, FOUND, BAD_INPUT, UNLOADABLE, CUT_OFF = 0, 1, 2, 3, 141
"""Beside them there is `STOPPED`."""
EXIT_CODES = """\b
Exit codes:
  0    done: nothing is wrong, all cases passed
  1    problems were found, or cases failed
  2    bad usage, or input that cannot be used
  3    the policy cannot be loaded
  130  stopped by Ctrl-C
  141  the reader of the output went away
"""


class Shell(TyperGroup):
    """The group of verbs; what is raised on purpose ends as a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            end(SAID, STOPPED)
        except BrokenPipeError as error:
            raise typer.Exit(CUT_OFF) from error
        except ResoError as error:
            end(str(error), BAD_INPUT)
        except OSError as error:
            end(_said(error), BAD_INPUT)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return a verb, imported; from here on Ctrl-C is an exception, and what it began ends."""
        found = super().resolve_command(ctx, args)
        raised()
        return found


def end(message: str, code: int) -> NoReturn:
    """End the command with a message on stderr."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def end_unloadable(folder: object, error: ResoError | OSError) -> NoReturn:
    """End the command because the policy in a folder cannot be loaded."""
    if isinstance(error, OSError):
        end(_said(error), UNLOADABLE)
    if isinstance(error, PolicyError):
        shown = "\n".join(problem.with_excerpt() for problem in error.problems)
        count = len(error.problems)
        counted = "1 problem; mend it" if count == 1 else f"{count} problems; mend them"
        end(f"{shown}\n{folder}: {counted} before the policy is used.", UNLOADABLE)
    end(str(error), UNLOADABLE)


def _said(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def let_go_of_stdout() -> None:
    """Send what is still to be written nowhere, so that nothing complains at the exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # stdout is no file, as in tests
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
