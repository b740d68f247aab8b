"""The command line: one command, `reso`, with its verbs."""

from reso.cli.main import app, main

__all__ = ["app", "main"]
