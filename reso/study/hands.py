"""A second pair of hands: work done beside other work, by a copy of this process."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TypeVar, cast

from reso.memo import forget_news, learn, news, pickled, unpickled

There = TypeVar("There")
Here = TypeVar("Here")


def both(there: Callable[[], There], here: Callable[[], Here]) -> tuple[There, Here]:
    """Do two pieces of work at once where there are two processors, else one after the other.

    What `there` returns must be picklable; what it remembers is remembered here as well. Where its
    process cannot be started, fails or dies, its work is done here. If both fail, it is the error
    of `there` that is raised.
    """
    copy = _Copy.started(there)
    if copy is None:
        return there(), here()
    try:
        try:
            ours = here()
        except Exception:
            if copy.result() is None:
                there()
            raise
        theirs = copy.result()
    finally:
        copy.end()
    return (there() if theirs is None else cast(There, theirs[0])), ours


@dataclass(frozen=True, slots=True)
class _Copy:
    """A child process, and where it writes what it found."""

    process: int
    reads: int

    @classmethod
    def started(cls, work: Callable[[], object]) -> "_Copy | None":
        """Return a child at work, None where there is no processor for it."""
        if not can_copy():
            return None
        try:
            reads, writes = os.pipe()
        except OSError:
            return None
        try:
            process = os.fork()
        except OSError:
            os.close(reads)
            os.close(writes)
            return None
        if process == 0:
            os.close(reads)
            _work(work, writes)
        os.close(writes)
        return cls(process, reads)

    def result(self) -> tuple[object] | None:
        """Return what the work came to, None where it came to nothing."""
        with open(self.reads, "rb", closefd=False) as opened:
            told = unpickled(opened.read())
        if not isinstance(told, tuple):
            return None
        found, learnt = told
        learn(learnt)
        return (found,)

    def end(self) -> None:
        """End the child, however far it is."""
        os.close(self.reads)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)


def can_copy() -> bool:
    """Whether there is a second processor, and this process has no threads a copy would lack."""
    if sys.platform != "linux":  # elsewhere a copy of a process is not safe, or there is none
        return False
    return len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1


def _work(work: Callable[[], object], writes: int) -> NoReturn:
    """Do the work in the child and end it: it must never return to what the parent goes on with."""
    try:
        forget_news()
        found = work()
        with open(writes, "wb") as opened:
            opened.write(pickled((found, news())))
    except BaseException:  # the parent does the work itself, and says what is wrong
        os._exit(1)
    os._exit(0)
