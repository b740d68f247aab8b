"""Slices that are not as they were written any more are cut anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulations.cluster.slices import cut, open_slice, slice_folder
from simulations.prepared.preparing import Prepared
from tests.simulations.prepared_once import cache_of, copied
from tests.simulations.shop import fixture


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds the shipped history, and no slices of it."""
    return cache_of(fixture(), tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared(prepared_once: Path, tmp_path: Path) -> Prepared:
    return copied(fixture(), prepared_once, tmp_path)


def removed(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def shortened(folder: Path) -> None:
    file = folder / "rows.parquet"
    file.write_bytes(file.read_bytes()[:-10])


def miscounted(folder: Path) -> None:
    (folder.parent / "slices").write_text("1\n2\n", encoding="utf-8")


def garbled(folder: Path) -> None:
    (folder.parent / "slices").write_bytes(b"\xff no number")


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(removed("facts.parquet"), id="facts lost"),
        pytest.param(removed("manifest.json"), id="manifest lost"),
        pytest.param(shortened, id="rows cut short"),
        pytest.param(miscounted, id="fewer slices told"),
        pytest.param(garbled, id="no count"),
    ],
)
def test_what_is_not_whole_is_cut_anew(harm: Callable[[Path], None], prepared: Prepared) -> None:
    first = cut(prepared, 20)
    harm(slice_folder(first.folder, 1))
    again = cut(prepared, 20)
    assert again == first
    for number, disputes in enumerate(again.disputes):
        part = open_slice(again.folder, number, prepared.table)
        assert part.manifest.disputes == disputes


def test_what_is_whole_is_not_cut_again(prepared: Prepared) -> None:
    first = cut(prepared, 20)
    before = (first.folder / "slices").stat().st_mtime_ns
    assert cut(prepared, 20) == first
    assert (first.folder / "slices").stat().st_mtime_ns == before


def test_what_a_killed_run_left_half_cut_goes(prepared: Prepared) -> None:
    half = prepared.folder / ".slices-20-abcd1234"
    half.mkdir()
    os.utime(half, (1, 1))
    cut(prepared, 20)
    assert not half.exists()
