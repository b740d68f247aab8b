"""Ctrl-C wherever a verb is, on a real process: one line, exit code 130, nothing half-written."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulations.shop import FIXTURE, ROOT, shop
from tests.simulations.stopping import EXIT_CODE, files_in, stopped

STOPPED = (EXIT_CODE, "", "Stopped.\n")

IMPORTING = """
import sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == {at!r}:
            print("stuck", file=sys.stderr, flush=True)
            time.sleep(120)

sys.meta_path.insert(0, Slow())
from reso.cli import main
main()
"""

IN_A_QUERY = """
import sys, time
import duckdb
from reso.cli import main
from simulations import inspecting, verbs, verbs_generate
from simulations.fast import engine
from simulations.prepared import building, ingest, kinds, shard
from simulations.replaying import kept, replayed
from simulations.sweeping import running

ENDLESS = "SELECT sum(range % 7) FROM range(1000000000000000)"

def stuck(*_, **__):
    print("stuck", file=sys.stderr, flush=True)
    duckdb.connect(config={"threads": 1}).execute(ENDLESS)

def stuck_in_a_pool(pool):
    print("stuck", file=sys.stderr, flush=True)
    time.sleep(1)  # Ctrl-C comes between two queries
    pool.tables.connection.execute(ENDLESS)

{at} = {how}
main()
"""

REPLAY = ("replay", str(FIXTURE), "-p", "{shop}", "--engine", "fast", "--out", "made/out")
SWEEP = ("sweep", str(FIXTURE), "-p", "{shop}", "--sweep", "wait=1,2", "--out", "made")
INSPECT = ("inspect", "D-014", "--history", str(FIXTURE), "-p", "{shop}")
GENERATE = ("generate", "made", "--disputes", "200")
SLOW = pytest.mark.slow


def typed(args: tuple[str, ...]) -> list[str]:
    return [arg.format(shop=shop()) for arg in args]


@pytest.mark.parametrize("at", ["typer", "duckdb", "simulations.verbs_output"])
def test_while_modules_are_imported(at: str, tmp_path: Path) -> None:
    program = IMPORTING.replace("{at!r}", repr(at))
    assert stopped(program, typed(REPLAY), tmp_path) == STOPPED


@pytest.mark.parametrize(
    ("at", "args"),
    [
        pytest.param("ingest._judged", REPLAY, id="ingesting", marks=SLOW),
        pytest.param("kinds._typed", REPLAY, id="taking payloads apart", marks=SLOW),
        pytest.param("shard.Shard.place", REPLAY, id="ordering", marks=SLOW),
        pytest.param("building.settle", REPLAY, id="settling columns", marks=SLOW),
        pytest.param("engine.Pool.step", REPLAY, id="leading in a pool"),
        pytest.param("kept._digest", REPLAY, id="keeping a run", marks=SLOW),
        pytest.param("replayed.SettledTable.after", REPLAY, id="measuring", marks=SLOW),
        pytest.param("running.step_of", SWEEP, id="sweeping"),
        pytest.param("verbs.live", INSPECT, id="inspecting", marks=SLOW),
        pytest.param("verbs_generate.made_history", GENERATE, id="generating", marks=SLOW),
    ],
)
def test_in_a_query(at: str, args: tuple[str, ...], tmp_path: Path) -> None:
    how = "stuck_in_a_pool" if at.startswith("engine") else "stuck"
    program = IN_A_QUERY.replace("{at}", at).replace("{how}", how)
    assert stopped(program, typed(args), tmp_path) == STOPPED
    made = files_in(tmp_path / "work")
    half_kept = [one for one in (tmp_path / "cache").rglob("*") if one.name.startswith(".")]
    assert (made, half_kept) == ([], [])


def test_a_program_that_overlooks_it_still_does(tmp_path: Path) -> None:
    """As one started in the background of a shell: it is not ours to hear it there."""
    program = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    args = [sys.executable, "-c", f"{program}{IGNORED}", "--version"]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout.split()[0], done.stderr) == ("reso", "")


IGNORED = """
import os
from reso.cli import main
os.kill(os.getpid(), signal.SIGINT)
main()
"""
