"""Ctrl-C in the middle of writing, on a real process: nothing half-written stays."""

from pathlib import Path

import pytest

from tests.simulations.shop import FIXTURE, shop
from tests.simulations.stopping import EXIT_CODE, files_in, stopped

STUCK = """
import sys, time
from pathlib import Path
from simulations import verbs_output, writing
from simulations.replaying import kept

def stuck(*_, **__):
    print("stuck", file=sys.stderr, flush=True)
    time.sleep(120)

{at} = stuck
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
    typed = ["replay", str(FIXTURE), "-p", str(shop()), *args]
    code, printed, _ = stopped(STUCK.replace("{at}", at), typed, tmp_path)
    assert code == EXIT_CODE
    assert printed == "" or "--brief" in args
    assert files_in(tmp_path / "work") == []
    assert not any("run-" in one.name for one in (tmp_path / "cache").rglob("*"))
