"""The command line: one command, `reso`, with its verbs."""

from reso.cli.stopping import ended_at_once

with ended_at_once():  # before anything that is slow to import
    from reso.cli.main import app, main

__all__ = ["app", "main"]
