"""A real standalone Spark cluster on this machine: a master and workers, processes of their own."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 120.0
"""Seconds that a master or a worker may take until it says that it is there."""
STOPPED_WITHIN = 20.0
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
HERE = "127.0.0.1"
PR_SET_PDEATHSIG = 1


@dataclass
class Standalone:
    """A master and its workers, each with one core; they write their logs to a folder."""

    folder: Path
    _started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    address: str = ""

    def start(self, workers: int) -> None:
        """Start the master, then its workers, and wait until it knows them."""
        self._start("master", MASTER, "--port", "0")
        self.address = self._said("master", r"Starting Spark master at (spark://\S+)")[0]
        for number in range(workers):
            means = ("--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / f"{number}"))
            self._start(f"worker{number}", WORKER, *means, self.address)
        self._said("master", "Registering worker", workers)

    def kill(self, name: str) -> None:
        """Kill a worker with all it has started, as if its machine were gone."""
        process = self._started[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPPED_WITHIN)

    def stop(self) -> None:
        """Stop all of it, workers first; nothing is left."""
        for name in reversed(self._started):
            process = self._started[name]
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOPPED_WITHIN)
            if is_alive(process.pid):
                self.kill(name)

    def _start(self, name: str, what: str, *options: str) -> None:
        import pyspark

        command = Path(pyspark.__path__[0]) / "bin" / "spark-class"
        with (self.folder / f"{name}.log").open("wb") as log:
            self._started[name] = subprocess.Popen(
                [command, what, "--host", HERE, "--webui-port", "0", *options],
                env={**os.environ, **ENVIRONMENT},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def _said(self, name: str, pattern: str, times: int = 1) -> list[str]:
        """Wait until a process has written something so often; return what was found."""
        log, until = self.folder / f"{name}.log", time.monotonic() + STARTED_WITHIN
        while time.monotonic() < until:
            text = log.read_text(encoding="utf-8", errors="replace")
            found = re.findall(pattern, text)
            if len(found) >= times:
                return found
            assert self._started[name].poll() is None, text
            time.sleep(0.2)
        raise AssertionError(f"{name} did not say {pattern!r} in time:\n{text}")


ENVIRONMENT: Mapping[str, str] = {
    "PYTHONPATH": str(ROOT),
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": HERE,
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false",
}


def _end_with_parent() -> None:
    """Let Linux end this process with the one that starts it, even where that one is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_alive(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Standalone]:
    """Give a cluster that runs as long as it is needed."""
    cluster = Standalone(folder)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        cluster.stop()
