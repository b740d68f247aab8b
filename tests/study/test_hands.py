"""Work beside other work comes to what it comes to alone, whatever becomes of its process."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from reso.memo import kept_in, remembered
from reso.study import hands
from reso.study.hands import both, can_copy

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
ME = os.getpid()


@pytest.fixture(params=[pytest.param(True, id="two hands"), pytest.param(False, id="one")])
def beside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param and sys.platform != "linux":
        pytest.skip("a process is copied on Linux only")
    monkeypatch.setattr(hands, "can_copy", lambda: request.param)
    return bool(request.param)


def fails(with_what: str) -> None:
    raise LookupError(with_what)


def test_both_pieces_are_done(beside: bool) -> None:
    theirs, ours = both(os.getpid, os.getpid)
    assert ours == ME
    assert (theirs != ME) is beside


def test_what_is_larger_than_a_pipe_comes_back(beside: bool) -> None:
    assert both(lambda: "x" * 1_000_000, lambda: None) == ("x" * 1_000_000, None)


def test_what_the_other_process_remembers_is_remembered(beside: bool, tmp_path: Path) -> None:
    with kept_in(tmp_path / "kept" / "memory", "now"):
        both(
            lambda: remembered("squares", 3, lambda: 9),
            lambda: remembered("squares", 4, lambda: 16),
        )
    with kept_in(tmp_path / "kept" / "memory", "now"):
        assert [remembered("squares", n, lambda: fails("again")) for n in (3, 4)] == [9, 16]


def test_an_error_is_raised_as_it_would_be_alone(beside: bool) -> None:
    with pytest.raises(LookupError, match="there"):
        both(lambda: fails("there"), lambda: None)
    with pytest.raises(LookupError, match="here"):
        both(lambda: None, lambda: fails("here"))
    with pytest.raises(LookupError, match="there"):
        both(lambda: fails("there"), lambda: fails("here"))


def only_here(does: object) -> str:
    if os.getpid() != ME:
        assert callable(does)
        does()
    return "done"


@pytest.mark.parametrize(
    "does",
    [
        pytest.param(lambda: os.kill(os.getpid(), signal.SIGKILL), id="it is killed"),
        pytest.param(lambda: os._exit(0), id="it ends without a word"),
        pytest.param(lambda: fails("there only"), id="it fails"),
    ],
)
def test_what_the_other_process_cannot_do_is_done_here(beside: bool, does: object) -> None:
    assert both(lambda: only_here(does), lambda: "here") == ("done", "here")


def test_what_cannot_be_brought_back_is_done_here(beside: bool) -> None:
    (found, _) = both(lambda: lambda: os.getpid(), lambda: None)
    assert found() == ME


def test_no_process_is_left(beside: bool) -> None:
    theirs, ours = both(os.getpid, os.getpid)
    assert (theirs != ours) is beside
    with pytest.raises(ChildProcessError):  # asked by its number: others may have children here
        os.waitpid(theirs, os.WNOHANG)


def test_a_process_with_threads_is_not_copied() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not can_copy()
    finally:
        done.set()
        other.join()


def test_a_process_that_cannot_be_started_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(hands, "can_copy", lambda: True)
    monkeypatch.setattr(os, "fork", refused)
    assert both(os.getpid, os.getpid) == (ME, ME)
