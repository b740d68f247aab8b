"""Ctrl-C at any moment: one line on stderr, and an exit code of its own.

Only what Python does by itself on Ctrl-C is ever replaced, so a program that hears it in its own
way, or not at all, keeps that.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPED = 130
SAID = "Stopped."


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let Ctrl-C within end the process where it is, as nothing has been begun.

    While modules are imported an exception would not do: some make other errors of it.
    """
    is_ours = _take(signal.default_int_handler, _end)
    try:
        yield
    finally:
        if is_ours:
            raised()


def raised() -> None:
    """Let Ctrl-C be a KeyboardInterrupt again."""
    _take(_end, signal.default_int_handler)


def overlooked() -> None:
    """Let Ctrl-C do nothing any more: everything is done, and Python has only to tidy up."""
    _take(_end, signal.SIG_IGN)
    _take(signal.default_int_handler, signal.SIG_IGN)


def _take(before: object, after: "signal._HANDLER") -> bool:
    """Replace what is done on Ctrl-C, if it is `before`; return whether it was."""
    if threading.current_thread() is not threading.main_thread():
        return False
    if signal.getsignal(signal.SIGINT) is not before:
        return False
    signal.signal(signal.SIGINT, after)
    return True


def _end(number: int, frame: FrameType | None) -> None:
    try:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"{SAID}\n".encode())
    finally:
        os._exit(STOPPED)
