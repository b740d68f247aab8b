"""What a large input costs: tried in a process of its own, which prints what came out.

`python -m tests.hostile.measured check FOLDER` or `... decide FILE PACK`.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from reso.cases import load_pack
from reso.errors import ResoError
from reso.facts.reader import load_case_path, read_case_file
from reso.policy.loader import check_pack
from tests.docs.blocks import ROOT

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Measured:
    """What came out; seconds of the processor, and megabytes beyond those of the start."""

    told: list[str]
    seconds: float
    megabytes: float


def check(folder: Path) -> Measured:
    """Check the pack in a folder."""
    return _tried("check", str(folder))


def decide(case: Path, pack: str = "tokopedia_shop") -> Measured:
    """Rule on the case in a file by a shipped pack."""
    return _tried("decide", str(case), str(ROOT / "rules" / pack))


def _tried(*words: str) -> Measured:
    command = [sys.executable, "-m", "tests.hostile.measured", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return Measured(**json.loads(done.stdout))


def _check(folder: str) -> list[str]:
    policy, problems = check_pack(Path(folder))
    return [str(problem) for problem in problems] if policy is None else ["no problems"]


def _decide(case: str, folder: str) -> list[str]:
    pack = load_pack(Path(folder))
    history = read_case_file(load_case_path(Path(case)), pack.table, file=Path(case).name)
    return [pack.engine.decide(history.case_at()).decision]


def _peak_kilobytes() -> int:
    """Return the most memory this program has held; `ru_maxrss` would count its parent's, too."""
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _main(verb: str, *words: str) -> None:
    before, began = _peak_kilobytes(), time.process_time()
    try:
        told = {"check": _check, "decide": _decide}[verb](*words)
    except ResoError as error:
        told = str(error).splitlines()
    took, after = time.process_time() - began, _peak_kilobytes()
    print(json.dumps({"told": told, "seconds": took, "megabytes": (after - before) / 1024}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
