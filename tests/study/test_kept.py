"""What the cases leave untried is kept until anything it depends on changes."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cli import app
from reso.study import kept
from reso.study.coverage import Untried
from reso.study.kept import Keeper
from reso.study.reading import read_files
from tests.study.shop import write_shop

FOUND: Untried = [("rule-without-case", "agreed"), ("rule-without-counter-case", "silence")]
OTHER: Untried = [("rule-without-case", "silence")]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path / "rules" / "shop")
    write_shop(tmp_path / "rules" / "beside")
    return tmp_path / "rules" / "shop"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def keeper(shop: Path, cache: Path) -> Keeper:
    return Keeper(cache, read_files(shop).sound(), shop, tuple(sorted(shop.glob("cases/*.yaml"))))


def never() -> Untried:
    raise AssertionError("the cases were run again")


def the_file(cache: Path) -> Path:
    (found,) = cache.rglob("*.json")
    return found


def test_what_was_found_is_not_looked_for_again(shop: Path, cache: Path) -> None:
    assert keeper(shop, cache).found(lambda: FOUND) == FOUND
    assert keeper(shop, cache).found(never) == FOUND


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# seen\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda shop, _: edit(shop / "numbers.yaml"), id="a file of the policy"),
        pytest.param(lambda shop, _: edit(next(shop.glob("cases/*.yaml"))), id="a case"),
        pytest.param(
            lambda shop, _: (shop / "cases" / "more.yaml").write_text("cases: []\n"),
            id="another file of cases",
        ),
        pytest.param(
            lambda shop, _: edit(shop.parent / "beside" / "numbers.yaml"), id="a pack beside it"
        ),
        pytest.param(lambda _, engine: edit(engine / "logic.py"), id="the engine"),
    ],
)
def test_what_it_depends_on_is_looked_at(
    shop: Path,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, Path], object],
) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "logic.py").write_text("...")
    monkeypatch.setattr(kept, "PACKAGE", engine)
    keeper(shop, cache).found(lambda: FOUND)
    change(shop, engine)
    assert keeper(shop, cache).found(lambda: OTHER) == OTHER
    assert keeper(shop, cache).found(never) == OTHER


def test_of_a_file_that_was_saved_while_the_cases_ran_nothing_is_kept(
    shop: Path, cache: Path
) -> None:
    def find() -> Untried:
        edit(next(shop.glob("cases/*.yaml")))
        return FOUND

    assert keeper(shop, cache).found(find) == FOUND
    assert list(cache.rglob("*.json")) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut short"),
        pytest.param("\0\ud800", id="no text"),
        pytest.param("[]", id="another shape"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param('{"fingerprint": "SAME", "untried": [1]}', id="no pairs"),
        pytest.param('{"fingerprint": "SAME", "untried": [["x", "agreed"]]}', id="no such code"),
        pytest.param('{"fingerprint": "SAME", "untried": [[[], {}]]}', id="no names"),
        pytest.param(
            '{"fingerprint": "SAME", "untried": [["rule-without-case", "gone"]]}',
            id="no such rule",
        ),
    ],
)
def test_a_spoilt_file_counts_as_none_and_is_replaced(shop: Path, cache: Path, text: str) -> None:
    first = keeper(shop, cache)
    first.found(lambda: FOUND)
    spoilt = text.replace("SAME", first.fingerprint())
    the_file(cache).write_bytes(spoilt.encode("utf-8", "surrogatepass"))
    assert keeper(shop, cache).found(lambda: OTHER) == OTHER
    assert json.loads(the_file(cache).read_text())["untried"] == [list(pair) for pair in OTHER]


def test_where_nothing_can_be_written_nothing_is_kept(shop: Path, cache: Path) -> None:
    cache.write_text("no folder")
    assert keeper(shop, cache).found(lambda: FOUND) == FOUND
    assert cache.read_text() == "no folder"


def test_many_at_once_leave_one_whole_file(shop: Path, cache: Path) -> None:
    def find_and_keep(number: int) -> Untried:
        one = keeper(shop, cache)
        one._write(one.fingerprint(), FOUND)
        return one.found(lambda: OTHER)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(find_and_keep, range(40))) == [FOUND] * 40
    assert len(list(cache.rglob("*"))) == 2  # a folder, and one file in it


def test_the_command_says_the_same_the_second_time(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    first, second = (CliRunner().invoke(app, ["check", str(shop)]) for _ in range(2))
    assert "[rule-without-case]" in first.stdout
    assert (second.stdout, second.exit_code) == (first.stdout, first.exit_code)
    assert the_file(cache).is_relative_to(cache / "reso-bot")
