"""What a cache keeps: what is used, and what there is room for; never what a killed run left."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulations.prepared import cache as cache_module
from simulations.prepared.cache import CODE, content_key, program_hash, written_whole
from simulations.prepared.keeping import MOST_UNUSED, Held, drop_half, drop_unused
from simulations.prepared.preparing import Prepared, prepare_history
from tests.commands import not_left_behind
from tests.simulations.shop import ROOT, fixture, pack

OLD, OLDER, OLDEST = ("a" * 32, "run-" + "b" * 32, "c" * 32)
SIZE = 1_000
DAY = 86_400


def folder(cache: Path, name: str, days: float) -> Path:
    """Make a folder of `SIZE` bytes that nobody used for so many days."""
    made = cache / name
    made.mkdir()
    (made / "facts-0000.parquet").write_bytes(b"x" * SIZE)
    unused_for(made, days)
    return made


def unused_for(made: Path, days: float) -> None:
    then = made.parent.stat().st_mtime - days * DAY
    os.utime(made, (then, then))


def names(cache: Path) -> set[str]:
    return {one.name for one in cache.iterdir()}


@pytest.fixture
def three(tmp_path: Path) -> Path:
    for days, name in enumerate((OLD, OLDER, OLDEST), start=1):
        folder(tmp_path, name, days)
    return tmp_path


@pytest.mark.parametrize(
    ("room", "left"),
    [
        (3 * SIZE, {OLD, OLDER, OLDEST}),
        (3 * SIZE - 1, {OLD, OLDER}),
        (SIZE, {OLD}),
        (0, set()),
    ],
)
def test_the_longest_unused_go_where_there_is_too_much(
    three: Path, room: int, left: set[str]
) -> None:
    drop_unused(three, most_bytes=room)
    assert names(three) == left


def test_what_nobody_used_for_long_goes(three: Path) -> None:
    unused_for(three / OLDER, MOST_UNUSED / DAY + 1)
    drop_unused(three)
    assert names(three) == {OLD, OLDEST}


def test_to_use_a_folder_keeps_it(three: Path) -> None:
    Held.of(three / OLDEST)  # for an instant
    drop_unused(three, most_bytes=SIZE)
    assert names(three) == {OLDEST}


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    ours = {OLD, f".{OLD}-abcd1234", ".asked-abcd1234"}
    others = {"photos", "run-1", OLD.upper(), f"{OLD}-copy", ".git", ".asked"}
    for name in ours | others:
        folder(tmp_path, name, 400)
    (tmp_path / OLDER).write_text("a file", encoding="utf-8")
    (tmp_path / OLDEST).symlink_to(tmp_path / "photos")
    drop_unused(tmp_path, most_bytes=0)
    assert names(tmp_path) == others | {OLDER, OLDEST}


# -- with other processes -------------------------------------------------------------------------

HOLDS = """
import sys, time
from pathlib import Path
from simulations.prepared.keeping import Held

held = Held.of(Path(sys.argv[1]))
print("ready", flush=True)
time.sleep(120)
"""
WRITES = """
import sys, time
from pathlib import Path
from simulations.prepared.cache import written_whole

with written_whole(Path(sys.argv[1]), lambda found: False) as made:
    (made / "half").write_text("half")
    print("ready", flush=True)
    time.sleep(120)
"""


@contextmanager
def running(program: str, target: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another process that uses a folder until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(target)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with not_left_behind(process):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_what_another_process_uses_stays_until_it_ends(tmp_path: Path) -> None:
    used = folder(tmp_path, OLD, 400)
    with running(HOLDS, used) as process:
        unused_for(used, 400)
        drop_unused(tmp_path, most_bytes=0)
        assert names(tmp_path) == {OLD}
        kill(process)
        drop_unused(tmp_path, most_bytes=0)
    assert names(tmp_path) == set()


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path) -> None:
    with running(WRITES, tmp_path / OLD) as process:
        (half,) = tmp_path.iterdir()
        unused_for(half, 1)
        drop_half(tmp_path)
        assert names(tmp_path) == {half.name}, "it is still being written"
        kill(process)
        os.utime(half)
        drop_half(tmp_path)
        assert names(tmp_path) == {half.name}, "so new that its maker may not have locked it yet"
        unused_for(half, 1)
        drop_half(tmp_path)
    assert names(tmp_path) == set()


def test_a_folder_written_whole_is_held_by_its_later_name(tmp_path: Path) -> None:
    with written_whole(tmp_path / OLD, Path.is_dir) as made:
        held = Held.of(made)
    unused_for(tmp_path / OLD, 400)
    drop_unused(tmp_path, most_bytes=0)
    assert names(tmp_path) == {OLD}
    del held
    drop_unused(tmp_path, most_bytes=0)
    assert names(tmp_path) == set()


def test_nobody_else_gets_what_is_held() -> None:
    held = Held.of(ROOT)
    with pytest.raises(TypeError, match="one process"):
        pickle.dumps(held)
    assert Held.of(ROOT / "not there") is None


# -- what is prepared -----------------------------------------------------------------------------


def prepared_in(cache: Path) -> Prepared:
    return prepare_history(fixture(), pack().table, cache=cache)


def test_a_prepared_history_stays_while_anybody_has_it(tmp_path: Path) -> None:
    prepared = prepared_in(tmp_path)
    unused_for(prepared.folder, 400)
    drop_unused(tmp_path, most_bytes=0)
    assert prepared.read_rejects() == ()
    del prepared
    drop_unused(tmp_path, most_bytes=0)
    assert names(tmp_path) == set()


def test_to_prepare_drops_what_was_not_used_for_long(tmp_path: Path) -> None:
    folder(tmp_path, OLD, MOST_UNUSED / DAY + 1)
    folder(tmp_path, f".{OLDER}-abcd1234", 1)
    prepared = prepared_in(tmp_path)
    assert names(tmp_path) == {prepared.folder.name}


def test_another_program_prepares_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepared_in(tmp_path)
    assert prepared_in(tmp_path).folder == first.folder
    monkeypatch.setattr(cache_module, "program_hash", lambda: "another")
    assert prepared_in(tmp_path).folder != first.folder


@pytest.mark.parametrize(
    "module", ["life", "history", "sql/calendar", "model/events", "model/money"]
)
def test_the_program_is_all_that_may_decide_what_becomes_of_a_row(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any((package / f"{module}.py").is_file() for package in CODE)
    code = tmp_path / f"{module}.py"
    code.parent.mkdir(exist_ok=True)
    monkeypatch.setattr(cache_module, "CODE", (tmp_path,))
    keys = set()
    for text in ("one", "two"):
        code.write_text(text, encoding="utf-8")
        program_hash.cache_clear()
        keys.add(content_key([], pack().table, []))
    program_hash.cache_clear()
    assert len(keys) == 2
