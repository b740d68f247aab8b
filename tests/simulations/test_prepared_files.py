"""Rows that cannot be read, and the folders in which prepared facts are kept."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from reso.facts.problems import CaseError
from simulations.life import OWN_ACTS
from simulations.prepared import preparing
from simulations.prepared.preparing import prepare
from simulations.sources import Source, read_source
from tests.simulations.read_prepared import rows_of
from tests.simulations.shop import pack
from tests.simulations.test_prepared import assert_equal

DAY = "2026-03-02T09:00:00+07:00"
ORDER = {"currency": "IDR", "placed_at": DAY, "total_paid": 50_000}
CLAIM = {"filed_at": "2026-03-03T09:00:00+07:00", "type": "damaged"}


def row(kind: str, payload: object, dispute: object = "D-1", at: object = DAY) -> dict[str, object]:
    return {
        "dispute_id": dispute,
        "occurred_at": at,
        "recorded_at": at,
        "kind": kind,
        "payload": payload,
    }


GOOD = [row("order", ORDER), row("claim", CLAIM)]


def told(folder: Path, *rows: object, name: str = "history.jsonl") -> Path:
    file = folder / name
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return file


def as_parquet(file: Path) -> Path:
    target = file.with_suffix(".parquet")
    columns = "dispute_id, occurred_at, recorded_at, kind, payload"
    types = ", ".join(f"{name}: 'VARCHAR'" for name in columns.split(", "))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {columns} FROM read_json('{file}', columns = {{{types}}})) TO '{target}'"
        )
    return target


def as_it_is(file: Path) -> Path:
    return file


@pytest.mark.parametrize(
    "as_file",
    [
        pytest.param(as_it_is, id="jsonl"),
        pytest.param(as_parquet, id="parquet", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("tracking", {"event": "delevered"}), "wrong_value"),
        (row("order", {"colour": "red"}), "unknown_field"),
        (row("orders", {}), "unknown_kind"),
        (row("order", {"shipping_paid_by_buyer": 10.5}), "wrong_value"),
        (row("order", {"currency": "SGD"}), "other_currency"),
        (row("order", {"currency": "Rp"}), "wrong_value"),
        (row("order", '{"total_paid": 1, "total_paid": 1}'), "unreadable_payload"),
        (row("order", '{"total_paid": 1,}'), "unreadable_payload"),
        (row("order", '{"total_paid": 5000000000000000.00000000001}'), "wrong_value"),
        (row("order", {}, at="2026-03-02 8am"), "wrong_time"),
        (row("order", {}, at="2026-03-02T09:00:00"), "time_without_offset"),
        (row("order", {}, at="1969-12-31T23:59:59Z"), "far_time"),
        (row("tracking", None), "wrong_value"),
        (row("order", []), "wrong_value"),
        (row("tracking", {"at": "2026-03-05T09:00:00Z"}), "other_item_time"),
        (row("claim", {"items": [{"qty_claimed": -1}]}), "wrong_value"),
        (row("order", {"total_paid": 5}, dispute="D-2"), "no_currency"),
        (row("claim", CLAIM, dispute=""), "missing"),
    ],
)
def test_a_row_python_refuses_is_put_aside_as_the_reader_does_and_the_rest_runs(
    tmp_path: Path, bad: Mapping[str, object], reason: str, as_file: Callable[[Path], Path]
) -> None:
    assert_put_aside(tmp_path, bad, reason, as_file)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("order", {"colour": "red"}), "unknown_field"),
        (row("order", {}, at="2026-03-02 8am"), "wrong_time"),
        (row("claim", CLAIM, dispute=""), "missing"),
    ],
)
def test_a_row_of_a_parquet_file_is_put_aside_as_well(
    tmp_path: Path, bad: Mapping[str, object], reason: str
) -> None:
    assert_put_aside(tmp_path, bad, reason, as_parquet)


def assert_put_aside(
    tmp_path: Path, bad: Mapping[str, object], reason: str, as_file: Callable[[Path], Path]
) -> None:
    """Assert that both readers put a bad row aside, for this reason, and read the others."""
    file = as_file(told(tmp_path, GOOD[0], bad, GOOD[1]))
    prepared = prepare(file, pack().table, cache=tmp_path / "cache")
    [reject] = prepared.read_rejects()
    assert (reject.row, reject.dispute_id, reject.reason) == (2, bad["dispute_id"], reason)
    assert prepared.read_rejects() == read_source(file, pack().table).rejects
    with pytest.raises(CaseError, match="row 2"):
        prepare(Source(str(file), strict=True), pack().table, cache=tmp_path / "cache")
    good = read_source(as_file(told(tmp_path, *GOOD, name="good.jsonl")), pack().table)
    assert_equal(prepared, good)
    assert list(rows_of(prepared)) == ["D-1"]


def test_lines_that_hold_no_row_are_rejects_under_their_number(tmp_path: Path) -> None:
    file = told(tmp_path, GOOD[0], "{", "", "[]", '{"kind": "order"}', GOOD[1])
    prepared = prepare(file, pack().table, cache=tmp_path / "cache")
    assert [reject.row for reject in prepared.read_rejects()] == [2, 3, 4, 5]
    assert prepared.read_rejects() == read_source(file, pack().table).rejects
    assert list(rows_of(prepared)) == ["D-1"]


def test_own_acts_twins_and_disorder_are_counted_as_the_reader_counts_them(tmp_path: Path) -> None:
    late = {**row("tracking", {"event": "delivered"}), "recorded_at": "2026-03-01T00:00:00Z"}
    act = row(min(OWN_ACTS & {"escalated"}), {"at": DAY})
    file = told(tmp_path, *GOOD, GOOD[0], late, act)
    prepared = prepare(file, pack().table, cache=tmp_path / "cache")
    assert prepared.read_rejects() == ()
    assert prepared.manifest.notes == read_source(file, pack().table).notes


def test_the_same_content_is_prepared_once_and_other_content_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(told(tmp_path, *GOOD), pack().table, cache=tmp_path / "cache")
    other = prepare(told(tmp_path, GOOD[1], GOOD[0]), pack().table, cache=tmp_path / "cache")
    assert first.folder != other.folder
    monkeypatch.setattr(preparing, "write_prepared", None)
    again = prepare(told(tmp_path, *GOOD), pack().table, cache=tmp_path / "cache")
    assert again.folder == first.folder


@pytest.mark.parametrize("part", ["manifest.json", "facts-0000.parquet", "odd.parquet"])
def test_a_damaged_folder_is_prepared_again(tmp_path: Path, part: str) -> None:
    file = told(tmp_path, *GOOD)
    first = prepare(file, pack().table, cache=tmp_path / "cache")
    (first.folder / part).write_bytes(b"x")
    again = prepare(file, pack().table, cache=tmp_path / "cache")
    assert_equal(again, read_source(file, pack().table))


def test_two_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    file, made = told(tmp_path, *GOOD), []
    both = [
        Thread(target=lambda: made.append(prepare(file, pack().table, cache=tmp_path / "cache")))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert made[0] == made[1]
    assert list((tmp_path / "cache").iterdir()) == [made[0].folder]
    assert_equal(made[0], read_source(file, pack().table))


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    def interrupt(what: str, share: float) -> None:
        if share >= 0.25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(told(tmp_path, *GOOD), pack().table, cache=tmp_path / "cache", progress=interrupt)
    assert list((tmp_path / "cache").iterdir()) == []
