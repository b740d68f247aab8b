"""The command `reso` with the verbs of all packages of this project, installed or not."""

import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path

import typer

from reso.cli.main import OTHER_VERBS, add_verbs, app

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


@cache
def whole_app() -> typer.Typer:
    """Return `reso` with the entry points that `pyproject.toml` names."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    named = project["entry-points"][OTHER_VERBS]
    add_verbs(app, [EntryPoint(name, value, OTHER_VERBS) for name, value in named.items()])
    return app


@contextmanager
def not_left_behind(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a process and close its pipes, whatever a test finds out about it."""
    with process:
        try:
            yield
        finally:
            process.kill()
