"""The processes that run durable-rules: started once, replaced when they die or take too long.

Whatever a process does, who asks it gets an answer or a `ChildError` within the time limit.
"""

import json
import os
import select
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, LifoQueue
from time import monotonic
from typing import Literal

from reso.engine.durable.rulesets import Plan
from reso.errors import ResoError

CHILD = Path(__file__).with_name("child.py")
MOST_VALUES = 64
"""Decisions that are asked at once, under one time limit."""
TO_START = 20.0
"""Seconds a process may take to come up, and to take a plan: no decision is late by its fault."""
NEWEST_PYTHON = (3, 12)
"""The library does not import on a newer one."""

Trouble = Literal["death", "time-out", "unusable"]


class ChildError(ResoError):
    """A process gave no answer.

    Attributes:
        trouble: whether it died, took too long, or cannot load the library.
    """

    def __init__(self, trouble: Trouble, what: str) -> None:
        super().__init__(trouble, what)
        self.trouble: Trouble = trouble
        self.what = what

    def __str__(self) -> str:
        return self.what


def installed() -> bool:
    """Whether durable-rules can run here: the library, a Python it knows, and POSIX pipes."""
    usable = os.name == "posix" and sys.version_info[:2] <= NEWEST_PYTHON
    return usable and find_spec("durable_rules_engine") is not None


@dataclass
class Child:
    """One process, and the plans it was given."""

    process: "subprocess.Popen[bytes]"
    ready: bool = False
    plans: set[int] = field(default_factory=set)
    _read: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, command: Sequence[str]) -> "Child":
        """Start a process; it is not waited for."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        return cls(process)

    def wait_until_ready(self) -> None:
        """Wait until it has loaded the library.

        Raises:
            ChildError: it does not come up.
        """
        if self.ready:
            return
        said = json.loads(self._receive(monotonic() + TO_START))
        if "unusable" in said:
            raise ChildError("unusable", f"durable-rules does not start: {said['unusable']}")
        self.ready = True

    def ask(self, request: object, seconds: float) -> object:
        """Send a request and return the answer.

        Raises:
            ChildError: there is none in time.
        """
        until = monotonic() + seconds
        self._send(json.dumps(request, separators=(",", ":")).encode() + b"\n", until)
        return json.loads(self._receive(until))

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()

    def _send(self, data: bytes, until: float) -> None:
        assert self.process.stdin is not None
        pipe = self.process.stdin.fileno()
        while data:
            try:
                data = data[os.write(pipe, data) :]
            except BlockingIOError:
                _await(pipe, select.POLLOUT, until)
            except OSError as error:
                raise self._death() from error

    def _receive(self, until: float) -> bytes:
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        while (end := self._read.find(b"\n")) < 0:
            _await(pipe, select.POLLIN, until)
            try:
                found = os.read(pipe, 1 << 16)
            except BlockingIOError:
                continue
            if not found:
                raise self._death()
            self._read += found
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line

    def _death(self) -> ChildError:
        try:
            code = self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return ChildError("death", "the process hung up")
        told = f"by signal {-code}" if code < 0 else f"with code {code}"
        return ChildError("death", f"the process ended {told}")


def _await(pipe: int, event: int, until: float) -> None:
    """Wait until a pipe can be used; a process that is gone makes it so, too."""
    poll = select.poll()
    poll.register(pipe, event)
    left = until - monotonic()
    if left <= 0 or not poll.poll(left * 1_000):
        raise ChildError("time-out", "no answer within the time limit")


class Pool:
    """Processes that take turns; safe to ask from several threads, and after a fork.

    Args:
        size: how many processes.
        seconds: the time limit of a decision.
        command: what starts a process; another one in tests.
    """

    def __init__(
        self, size: int = 1, seconds: float = 1.0, command: Sequence[str] | None = None
    ) -> None:
        self.size = size
        self.seconds = seconds
        self.started = 0
        self._command = command or (sys.executable, "-P", str(CHILD))
        self._lock = threading.Lock()
        self._numbers = 0
        self._dropped: set[int] = set()
        self._free: LifoQueue[Child] = LifoQueue()
        self._children: list[Child] = []
        self._owner = 0
        self._end = weakref.finalize(self, _end_all, self._children, os.getpid())
        self._begin()

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the processes."""
        with self._lock:
            return tuple(child.process.pid for child in self._children)

    def number(self, of: object) -> int:
        """Return a number for a plan; its rulesets are given back when `of` is gone."""
        with self._lock:
            self._numbers += 1
            number = self._numbers
        weakref.finalize(of, self._dropped.add, number).atexit = False
        return number

    def run(self, number: int, plan: Plan, values: Sequence[Sequence[int]]) -> list[frozenset[str]]:
        """Return for each decision's inputs the names of the gates that are yes.

        Raises:
            ChildError: a process gave no answer; another one has been started.
        """
        found: list[frozenset[str]] = []
        child = self._take()
        try:
            self._prepare(child, number, plan)
            for start in range(0, len(values), MOST_VALUES):
                request = {"run": number, "values": values[start : start + MOST_VALUES]}
                answer = child.ask(request, self.seconds)
                found += [_names(plan, places) for places in answer]  # type: ignore[attr-defined]
        except (ValueError, TypeError, IndexError) as error:
            self._replace(child)
            raise ChildError("death", f"the answer cannot be read: {error}") from error
        except BaseException:
            self._replace(child)
            raise
        self._free.put(child)
        return found

    def close(self) -> None:
        """End the processes."""
        self._end()

    # -- processes ----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Start the processes: of this pool, or of its copy after a fork."""
        self._owner = os.getpid()
        self._free = LifoQueue()
        self._children.clear()
        self._end.detach()
        self._end = weakref.finalize(self, _end_all, self._children, self._owner)
        self._fill()

    def _fill(self) -> None:
        """Start as many processes as are missing, or as the system allows just now."""
        with suppress(OSError):
            while len(self._children) < self.size:
                child = Child.start(self._command)
                self.started += 1
                self._children.append(child)
                self._free.put(child)

    def _take(self) -> Child:
        with self._lock:
            if self._owner != os.getpid():
                self._begin()
            if not self._end.alive:
                raise ChildError("unusable", "the processes have been ended")
            self._fill()
            if not self._children:
                raise ChildError("death", "no process can be started")
        try:
            return self._free.get(timeout=self.seconds)
        except Empty:
            raise ChildError("time-out", "every process is busy") from None

    def _prepare(self, child: Child, number: int, plan: Plan) -> None:
        """Give a process the plan it lacks, and take back those nobody has any more."""
        child.wait_until_ready()
        dropped = child.plans & self._dropped
        if dropped:
            child.ask({"drop": sorted(dropped)}, TO_START)
            child.plans -= dropped
            self._forget()
        if number not in child.plans:
            child.ask({"load": number, "plan": plan.data()}, TO_START)
            child.plans.add(number)

    def _forget(self) -> None:
        """Forget the plans that are gone and that no process has any more."""
        with self._lock:
            held = {number for child in self._children for number in child.plans}
            self._dropped -= {number for number in tuple(self._dropped) if number not in held}

    def _replace(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._children.remove(child)
            self._fill()


def _names(plan: Plan, places: Sequence[int]) -> frozenset[str]:
    return frozenset(plan.gates[place - plan.inputs] for place in places)


def _end_all(children: list[Child], owner: int) -> None:
    if os.getpid() == owner:
        for child in children:
            child.end()
