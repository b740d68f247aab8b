"""Ctrl-C on a real process, pressed when it says that it is stuck."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.commands import not_left_behind
from tests.simulations.shop import ROOT

EXIT_CODE = 130
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""A process started by one in the background would not hear it."""


def stopped(program: str, typed: Sequence[str], folder: Path) -> tuple[int, str, str]:
    """Press Ctrl-C when a program is stuck; return its exit code, and what it printed then.

    It runs in `work` in the folder, and keeps what it keeps in `cache` beside.
    """
    work = folder / "work"
    work.mkdir()
    kept = {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", HEARD + program, *typed],
        cwd=work,
        env={**os.environ, **kept},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with not_left_behind(process):
        assert process.stderr is not None
        assert process.stderr.readline() == "stuck\n"
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate(timeout=60)
    return process.returncode, printed, told


def files_in(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [one for one in folder.rglob("*") if one.is_file()]
