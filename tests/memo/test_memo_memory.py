"""A memory returns what was found for the same key before, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reso.memo import forget_news, is_empty, kept_in, learn, news, remembered
from reso.memo import memory as rooms


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "memory"


def never() -> object:
    raise AssertionError("it was worked out again")


def value(found: object) -> Callable[[], object]:
    return lambda: found


def test_while_no_memory_is_open_everything_is_worked_out() -> None:
    assert [remembered("squares", 3, value(found)) for found in (9, 10)] == [9, 10]
    assert is_empty()
    assert news() == {}


def test_what_was_found_is_known_the_next_time(file: Path) -> None:
    with kept_in(file, "now"):
        assert remembered("squares", 3, value(9)) == 9
        assert remembered("squares", 3, never) == 9
    with kept_in(file, "now"):
        assert not is_empty()
        assert remembered("squares", 3, never) == 9
        assert remembered("squares", 4, value(16)) == 16
        assert remembered("cubes", 3, value(27)) == 27
        assert news() == {"squares": {4: 16}, "cubes": {3: 27}}


def test_another_program_knows_nothing_of_it(file: Path) -> None:
    with kept_in(file, "before"):
        remembered("squares", 3, value(9))
    with kept_in(file, "now"):
        assert remembered("squares", 3, value("nine")) == "nine"
    with kept_in(file, "before"):
        assert remembered("squares", 3, value(9)) == 9


def test_what_fails_is_not_remembered(file: Path) -> None:
    with kept_in(file, "now"), pytest.raises(ZeroDivisionError):
        remembered("parts", 0, lambda: 1 // 0)
    with kept_in(file, "now"):
        assert remembered("parts", 0, value("none")) == "none"


def test_a_run_that_fails_keeps_nothing(file: Path) -> None:
    def run() -> None:
        with kept_in(file, "now"):
            remembered("squares", 3, value(9))
            raise LookupError

    with pytest.raises(LookupError):
        run()
    assert not file.exists()
    assert remembered("squares", 3, value("again")) == "again"


@pytest.mark.parametrize(
    "held", [pytest.param("text", id="no memory"), pytest.param(("now", []), id="no drawers")]
)
def test_a_file_that_holds_something_else_counts_as_none(file: Path, held: object) -> None:
    rooms.write_own(file, held)
    with kept_in(file, "now"):
        assert remembered("squares", 3, value(9)) == 9
    with kept_in(file, "now"):
        assert remembered("squares", 3, never) == 9


def test_a_spoilt_drawer_counts_as_empty(file: Path) -> None:
    rooms.write_own(file, ("now", {"squares": b"spoilt", "cubes": rooms.pickled([27])}))
    with kept_in(file, "now"):
        assert remembered("squares", 3, value(9)) == 9
        assert remembered("cubes", 3, value(27)) == 27


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("no folder")
    with kept_in(tmp_path / "kept" / "memory", "now"):
        assert remembered("squares", 3, value(9)) == 9
    assert (tmp_path / "kept").read_text() == "no folder"


def test_what_is_not_asked_for_any_more_goes(file: Path) -> None:
    with kept_in(file, "now"):
        for number in range(10):
            remembered("squares", number, value(number**2))
    with kept_in(file, "now"):
        remembered("squares", 9, never)
        remembered("squares", 10, value(100))
    with kept_in(file, "now"):
        assert remembered("squares", 9, never) == 81
        assert remembered("squares", 3, value("gone")) == "gone"


def test_drawers_nobody_asks_for_go_when_all_are_too_large(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MAX_DRAWERS", 1_500)
    for drawer in ("one", "two"):
        with kept_in(file, "now"):
            remembered(drawer, 1, value(bytes(1_000)))
    with kept_in(file, "now"):
        assert remembered("two", 1, never) == bytes(1_000)
        assert remembered("one", 1, value("gone")) == "gone"


def test_what_another_process_found_is_kept_as_well(file: Path) -> None:
    with kept_in(file, "now"):
        remembered("squares", 3, value(9))
    with kept_in(file, "now"):
        remembered("squares", 4, value(16))
        forget_news()
        assert news() == {}
        learn({"squares": {5: 25}, "cubes": {3: 27}})
    with kept_in(file, "now"):
        assert [remembered("squares", number, never) for number in (3, 5)] == [9, 25]
        assert remembered("cubes", 3, never) == 27
