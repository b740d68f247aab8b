"""Ctrl-C in the middle of writing, on a real process: nothing half-written stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import not_left_behind
from tests.simulations.shop import FIXTURE, ROOT, shop

STOPPED = 130
DRIVER = """
import signal, sys, time
from pathlib import Path
from simulations import verbs_output, writing
from simulations.replaying import kept

def stuck(*_, **__):
    print("stuck", file=sys.stderr, flush=True)
    time.sleep(120)

{at} = stuck
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests ran aside
from reso.cli.main import main
main()
"""


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("at", "args"),
    [
        pytest.param("writing._write_csv", ("--out", "made/out"), id="--out"),
        pytest.param("Path.chmod", ("--report", "report.html"), id="--report", marks=SLOW),
        pytest.param(
            "Path.replace",
            ("--against-set", "wait=5 calendar days", "--brief", "brief.html"),
            id="--brief",
            marks=SLOW,
        ),
        pytest.param("verbs_output._told_all", ("--json",), id="--json"),
        pytest.param("kept._digest", ("--engine", "fast"), id="results that are kept", marks=SLOW),
    ],
)
def test_ctrl_c_leaves_nothing_half_written(at: str, args: tuple[str, ...], tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    typed = ["replay", str(FIXTURE), "-p", str(shop()), *args]
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER.replace("{at}", at), *typed],
        cwd=work,
        env={**os.environ, **cache},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with not_left_behind(process):
        assert process.stderr is not None
        assert process.stderr.readline() == "stuck\n"
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == STOPPED
    assert printed == "" or "--brief" in args
    assert [one for one in work.rglob("*") if one.is_file()] == []
    assert not any("run-" in one.name for one in (tmp_path / "cache").rglob("*"))
