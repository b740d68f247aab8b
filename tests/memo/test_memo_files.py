"""Only what this user wrote, whole, is read back; nothing that goes wrong is more than a miss."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from reso.memo import files, read_own, write_own

VALUE = {"one": (1, "two"), "three": b"\0" * 100}


class Sprung:
    """What a stranger would put into the file: it acts when it is read."""

    sprung = False

    def __reduce__(self) -> tuple[object, ...]:
        return spring, ()


def spring() -> None:
    Sprung.sprung = True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kept" / "one"
    write_own(path, VALUE)
    return path


def whole(held: bytes) -> bytes:
    return sha256(held).digest() + held


def test_what_was_written_is_read(file: Path) -> None:
    assert read_own(file) == VALUE


def test_generated_code_can_be_written(file: Path) -> None:
    write_own(file, {"code": compile("6 * 7", "<made>", "eval")})
    read = read_own(file)
    assert isinstance(read, dict)
    assert eval(read["code"]) == 42


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"short", id="shorter than a digest"),
        pytest.param(pickle.dumps(VALUE), id="without a digest"),
        pytest.param(b"\0" * 32 + pickle.dumps(VALUE), id="another digest"),
        pytest.param(whole(pickle.dumps(VALUE))[:-1], id="cut short"),
        pytest.param(whole(b"no pickle"), id="no pickle"),
        pytest.param(whole(b"cgone\nmodule\n."), id="of a module that is gone"),
        pytest.param(whole(b""), id="a digest of nothing"),
    ],
)
def test_what_is_spoilt_counts_as_not_there(file: Path, held: bytes) -> None:
    file.write_bytes(held)
    assert read_own(file) is None


def test_a_file_that_is_not_there_counts_as_not_there(tmp_path: Path) -> None:
    assert read_own(tmp_path / "kept" / "one") is None


@pytest.mark.parametrize(
    "let_in",
    [
        pytest.param(lambda file: file.chmod(0o666), id="a file others can write"),
        pytest.param(lambda file: file.chmod(0o660), id="a file the group can write"),
        pytest.param(lambda file: file.parent.chmod(0o777), id="a folder others can write"),
        pytest.param(
            lambda file: (file.rename(file.with_name("two")), file.symlink_to("two")), id="a link"
        ),
        pytest.param(lambda file: (file.unlink(), file.mkdir()), id="a folder"),
        pytest.param(lambda file: (file.unlink(), os.mkfifo(file)), id="a pipe nobody writes to"),
    ],
)
def test_what_others_could_have_written_is_not_read(file: Path, let_in: object) -> None:
    file.write_bytes(whole(pickle.dumps(Sprung())))
    assert callable(let_in)
    let_in(file)
    assert read_own(file) is None
    assert not Sprung.sprung


def test_a_file_of_another_user_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert read_own(file) is None


def test_the_folder_is_the_users_alone(file: Path) -> None:
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_too_large_is_not_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 200)
    write_own(file, "x" * 200)
    assert read_own(file) == VALUE


def test_the_oldest_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 3)
    for number in range(5):
        write_own(tmp_path / "kept" / str(number), number)
        os.utime(tmp_path / "kept" / str(number), (number, number))
    write_own(tmp_path / "kept" / "last", "last")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["3", "4", "last"]


def test_the_files_of_a_folder_are_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 2_500)
    for number in range(5):
        write_own(tmp_path / "kept" / str(number), bytes(1_000))
        os.utime(tmp_path / "kept" / str(number), (number, number))
    write_own(tmp_path / "kept" / "last", bytes(1_000))
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["4", "last"]


def test_many_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "one"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: write_own(path, [number] * 10_000), range(40)))
    read = read_own(path)
    assert isinstance(read, list)
    assert len(set(read)) == 1
    assert [kept.name for kept in path.parent.iterdir()] == ["one"]
