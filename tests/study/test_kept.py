"""What a check came to is kept until anything it depends on changes, and is the same when kept."""

import functools
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cli import app
from reso.memo import read_own, write_own
from reso.study import checking, hands, kept
from reso.study.kept import Keeper, program
from reso.study.verdict import Checked
from tests.docs.blocks import ROOT
from tests.study.shop import write_shop

ALSO_FAST = ("lost_parcel_only",)
PACKS = [
    pytest.param(name, marks=() if name in ALSO_FAST else pytest.mark.slow)
    for name in sorted(path.parent.name for path in ROOT.glob("rules/*/policy.yaml"))
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_shop(tmp_path / "rules" / "shop")
    write_shop(tmp_path / "rules" / "beside")
    return tmp_path / "rules" / "shop"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def keeper(shop: Path, cache: Path, *, cases: bool = True) -> Keeper:
    return Keeper(cache, shop, cases, program())


def never() -> Checked:
    raise AssertionError("the pack was checked again")


def without_problems(found: Checked) -> Checked:
    return Checked(found.folder, found.policy, ())


def the_verdict(cache: Path) -> Path:
    (found,) = cache.glob("verdicts/*")
    return found


@pytest.fixture
def found(shop: Path) -> Checked:
    return checking.checked(shop)


@pytest.fixture
def other(found: Checked) -> Checked:
    assert found.problems
    return without_problems(found)


def test_what_was_found_is_not_looked_for_again(shop: Path, cache: Path, found: Checked) -> None:
    assert keeper(shop, cache).found(lambda: found) == found
    assert keeper(shop, cache).found(never) == found


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# seen\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda shop, _: edit(shop / "numbers.yaml"), id="a file of the policy"),
        pytest.param(
            lambda shop, _: (shop / "more.yaml").write_text("# nothing\n"), id="another file"
        ),
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
    found: Checked,
    other: Checked,
    change: Callable[[Path, Path], object],
) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / "logic.py").write_text("...")
    monkeypatch.setattr(kept, "PACKAGE", engine)
    keeper(shop, cache).found(lambda: found)
    change(shop, engine)
    assert keeper(shop, cache).found(lambda: other) == other
    assert keeper(shop, cache).found(never) == other


def test_a_new_name_of_a_file_is_looked_at(
    shop: Path, cache: Path, found: Checked, other: Checked
) -> None:
    keeper(shop, cache).found(lambda: found)
    (shop / "numbers.yaml").rename(shop / "values.yaml")
    assert keeper(shop, cache).found(lambda: other) == other


def test_the_rules_of_the_time_zone_are_looked_at(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, found: Checked, other: Checked
) -> None:
    keeper(shop, cache).found(lambda: found)
    monkeypatch.setattr(kept, "_rules_of", lambda zone: f"other rules of {zone}".encode())
    assert keeper(shop, cache).found(lambda: other) == other


def test_a_check_without_cases_is_another_one(
    shop: Path, cache: Path, found: Checked, other: Checked
) -> None:
    keeper(shop, cache).found(lambda: found)
    assert keeper(shop, cache, cases=False).found(lambda: other) == other
    assert keeper(shop, cache).found(never) == found


def test_from_another_folder_the_files_have_other_names(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    here = kept.checked(Path("shop"), cache=cache)
    monkeypatch.chdir(shop)
    there = kept.checked(Path("."), cache=cache)
    names = {"numbers.yaml", "request.yaml"}
    assert {problem.file for problem in there.problems} == names
    assert {problem.file for problem in here.problems} == {f"shop/{name}" for name in names}


def test_of_a_file_that_was_saved_meanwhile_nothing_is_kept(
    shop: Path, cache: Path, found: Checked
) -> None:
    def find() -> Checked:
        edit(next(shop.glob("cases/*.yaml")))
        return found

    assert keeper(shop, cache).found(find) == found
    assert not (cache / "verdicts").exists()


def test_of_a_pack_with_a_file_that_is_not_looked_at_nothing_is_kept(
    shop: Path, cache: Path
) -> None:
    deeper = shop.parent / "shared" / "deeper"
    deeper.mkdir(parents=True)
    (deeper / "words.yaml").write_text("# nothing yet\n")
    policy = shop / "policy.yaml"
    header = 'uses: [../shared/deeper/words.yaml]\nversion: "1"'
    policy.write_text(policy.read_text().replace('version: "1"', header))
    assert kept.checked(shop, cache=cache).errors == ()
    assert not (cache / "verdicts").exists()
    (deeper / "words.yaml").write_text("parameters: {of_no_use: {value: 3 houses}}\n")
    again = kept.checked(shop, cache=cache)
    assert again.errors
    assert again == checking.checked(shop)


def test_the_errors_of_a_pack_are_looked_for_again(shop: Path, cache: Path) -> None:
    edited = shop / "numbers.yaml"
    edited.write_text(edited.read_text().replace("48 hours", "48 our"))
    first, second = (kept.checked(shop, cache=cache) for _ in range(2))
    assert first.errors
    assert second == first == checking.checked(shop)
    assert not (cache / "verdicts").exists()


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(None, id="no value"),
        pytest.param([], id="another shape"),
        pytest.param(("SAME", b"", "text"), id="no verdict"),
        pytest.param(("SAME", "text", None), id="nothing of a time zone"),
    ],
)
def test_a_spoilt_file_counts_as_none_and_is_replaced(
    shop: Path, cache: Path, found: Checked, other: Checked, held: object
) -> None:
    first = keeper(shop, cache)
    first.found(lambda: found)
    if isinstance(held, tuple):
        held = (first.fingerprint(), *held[1:])
    write_own(the_verdict(cache), held)
    assert keeper(shop, cache).found(lambda: other) == other
    assert keeper(shop, cache).found(never) == other


def test_a_file_cut_short_counts_as_none(shop: Path, cache: Path, found: Checked) -> None:
    keeper(shop, cache).found(lambda: found)
    for path in cache.glob("*/*"):
        path.write_bytes(path.read_bytes()[:-9])
    assert read_own(the_verdict(cache)) is None
    assert kept.checked(shop, cache=cache) == found


def test_where_nothing_can_be_written_nothing_is_kept(
    shop: Path, cache: Path, found: Checked
) -> None:
    cache.write_text("no folder")
    assert kept.checked(shop, cache=cache) == found
    assert cache.read_text() == "no folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_in_a_home_that_is_read_only_nothing_is_kept(
    shop: Path, cache: Path, found: Checked
) -> None:
    cache.mkdir(mode=0o500)
    assert kept.checked(shop, cache=cache) == found
    assert list(cache.iterdir()) == []


# -- the command ----------------------------------------------------------------------------


def run(*words: str) -> tuple[str, int]:
    done = CliRunner().invoke(app, ["check", *words])
    return done.stdout, done.exit_code


def test_the_command_says_the_same_the_second_time(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    first, second = run(str(shop)), run(str(shop))
    assert "[rule-without-case]" in first[0]
    assert second == first
    assert len(list(cache.glob("reso-bot/*/*"))) == 2  # a verdict, and a memory


@pytest.mark.parametrize("said", ["--no-cache", "RESO_NO_CACHE"])
def test_it_can_be_told_to_keep_nothing(
    shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    if said.startswith("-"):
        found = run(str(shop), said)
    else:
        monkeypatch.setenv(said, "1")
        found = run(str(shop))
    assert "[rule-without-case]" in found[0]
    assert not cache.exists()


# -- the same, however it is found ------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all packs, beside each other as they are shipped."""
    copy = tmp_path_factory.mktemp("copy") / "rules"
    shutil.copytree(ROOT / "rules", copy)
    return copy


@pytest.fixture(params=[pytest.param(True, id="two hands"), pytest.param(False, id="one")])
def how_many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work with a second process, where this one can be copied, and without."""
    whether = sys.platform == "linux" and request.param
    monkeypatch.setattr(hands, "can_copy", lambda: whether)
    return


def forget() -> None:
    """Empty what this process keeps of functions, as a new process has it."""
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and one.__module__.startswith("reso."):
            one.cache_clear()


def from_nothing(folder: Path) -> Checked:
    forget()
    return checking.checked(folder)


def kept_so_far(folder: Path, cache: Path) -> Checked:
    forget()
    return kept.checked(folder, cache=cache)


def change(folder: Path, old: str, new: str) -> None:
    """Replace the first `old` that a file of the pack has, in the order of their names."""
    for file in sorted(folder.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if old in text:
            file.write_text(text.replace(old, new, 1), encoding="utf-8")
            return
    raise AssertionError(f"{folder} has no {old!r}")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.usefixtures("how_many")
@pytest.mark.parametrize("name", PACKS)
def test_every_pack_is_the_same_however_it_is_checked(
    rules: Path, tmp_path: Path, name: str
) -> None:
    folder, cache = rules / name, tmp_path / "cache"
    shutil.copytree(folder, tmp_path / "before")
    try:
        plain = from_nothing(folder)
        assert plain.errors == ()
        assert [kept_so_far(folder, cache) for _ in range(2)] == [plain, plain]

        change(folder, "when: ", "when: no_such_fact and ")
        wrong = from_nothing(folder)
        assert wrong.errors != ()
        assert [kept_so_far(folder, cache) for _ in range(2)] == [wrong, wrong]

        change(folder, "when: no_such_fact and ", "when: ")
        next((folder / "cases").glob("*.yaml")).unlink()
        (folder / "idle.yaml").write_text("parameters: {of_no_use: {value: 3 hours}}\n")
        warned = from_nothing(folder)
        assert len(warned.warnings) > len(plain.warnings)
        assert [kept_so_far(folder, cache) for _ in range(2)] == [warned, warned]
    finally:
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "before", folder)
