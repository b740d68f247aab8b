"""Results of fast replays, kept by content and taken again."""

import shutil
from pathlib import Path

import duckdb
import pytest

from simulations.fast.replaying import Replay, replay
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import Prepared
from simulations.replaying import kept
from simulations.replaying.kept import MANIFEST, Asked, replay_kept
from tests.simulations.prepared_once import cache_of, copied
from tests.simulations.shop import fixture, pack


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds the shipped history, and no run of it."""
    return cache_of(fixture(), tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared(prepared_once: Path, tmp_path: Path) -> Prepared:
    return copied(fixture(), prepared_once, tmp_path)


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows whenever the engine really leads."""
    times: list[str] = []
    lead = replay

    def counted(*args: object, **named: object) -> Replay:
        times.append("led")
        return lead(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "replay", counted)
    return times


def asked(prepared: Prepared) -> Asked:
    return Asked(prepared, pack().policy, {}, None)


def run(asked: Asked) -> Replay:
    return replay_kept(asked, duckdb.connect(), lambda count: None)


def rows(table: ResultsTable, order: str = "") -> list[object]:
    names = ("{results}", "{movements}", "proposed_in")
    return [table.rows(f"SELECT * FROM {name} {order}") for name in names]


def sorted_rows(table: ResultsTable) -> list[object]:
    return rows(table, "ORDER BY ALL")


def test_a_run_is_led_once_and_comes_out_the_same(prepared: Prepared, led: list[str]) -> None:
    first, second = run(asked(prepared)), run(asked(prepared))
    assert led == ["led"]
    assert rows(second.table) == rows(first.table)
    assert (second.kinds, second.steps, second.by_reference) == (
        first.kinds,
        first.steps,
        first.by_reference,
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"settings": {"wait": "5 calendar days"}}, id="other settings"),
        pytest.param({"until": fixture().last_recorded_at}, id="another instant"),
    ],
)
def test_what_decides_the_results_parts_them(prepared: Prepared, other: dict[str, object]) -> None:
    one = Asked(prepared, pack().policy, {}, None)
    named = {"prepared": prepared, "policy": pack().policy, "settings": {}, "until": None}
    assert Asked(**(named | other)).folder != one.folder  # type: ignore[arg-type]


def test_another_program_leads_anew(
    prepared: Prepared, led: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(asked(prepared))
    monkeypatch.setattr(kept, "program_hash", lambda: "another")
    run(asked(prepared))
    assert led == ["led", "led"]


def cut(folder: Path) -> None:
    file = folder / "results.parquet"
    file.write_bytes(file.read_bytes()[:-40])


def turned(folder: Path) -> None:
    file = folder / "results.parquet"
    found = bytearray(file.read_bytes())
    found[len(found) // 2] ^= 1
    file.write_bytes(bytes(found))


def without_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def garbled(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"kinds": 1}', encoding="utf-8")


def without_movements(folder: Path) -> None:
    (folder / "movements.parquet").unlink()


@pytest.mark.parametrize(
    "harm",
    [
        cut,
        *(
            pytest.param(harm, marks=pytest.mark.slow)
            for harm in (turned, without_manifest, garbled, without_movements)
        ),
    ],
)
def test_what_is_not_whole_is_led_anew_and_mended(
    harm: object, prepared: Prepared, led: list[str]
) -> None:
    first = run(asked(prepared))
    harm(asked(prepared).folder)  # type: ignore[operator]
    assert sorted_rows(run(asked(prepared)).table) == sorted_rows(first.table)
    run(asked(prepared))
    assert led == ["led", "led"]


def test_a_run_that_is_stopped_keeps_nothing(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(file: Path) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kept, "_digest", stopped)
        with pytest.raises(KeyboardInterrupt):
            run(asked(prepared))
    assert [one for one in prepared.folder.parent.iterdir() if "run-" in one.name] == []


def test_where_nothing_can_be_kept_it_is_led_all_the_same(prepared: Prepared) -> None:
    where = asked(prepared).folder
    where.write_text("in the way", encoding="utf-8")
    assert run(asked(prepared)).table.holds("results")
    where.unlink()
    shutil.rmtree(prepared.folder)
