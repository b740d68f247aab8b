"""Recorded outcomes: what is taken, what is put aside, what is kept of several."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import InputError
from reso.facts.table import load_core
from simulations.reading import Outcomes, outcome_file, read_outcomes
from simulations.reading.schema import OUTCOME_COLUMNS

CORE = load_core()
Row = dict[str, object]

GOOD: Row = {
    "dispute_id": "A",
    "ruling": "refund_full",
    "amount": 5010,
    "decided_by": "human",
    "accepted_by": "both",
    "decided_at": "2026-03-02T09:00:00+07:00",
    "truth": "refund",
    "accused": "seller",
    "seller": "S-1",
    "seller_size": "small",
    "region": "Jawa",
}
LATER: Row = {**GOOD, "ruling": "deny", "amount": None, "decided_at": "2026-03-09T09:00:00Z"}
UNDATED: Row = {**GOOD, "decided_at": None}
OTHER: Row = {"dispute_id": "B", "ruling": None, "truth": "no_refund"}

DIRT: dict[str, tuple[Row, str, str]] = {
    "no id": (
        {**GOOD, "dispute_id": None},
        "missing",
        "dispute_id: is missing. Write the dispute's id.",
    ),
    "no ruling, no truth": (
        {**OTHER, "truth": None},
        "missing",
        "ruling: is missing. Write what was ruled.",
    ),
    "an unknown dispute": (
        {**GOOD, "dispute_id": "Z"},
        "unknown_dispute",
        "dispute_id: `Z` is no dispute of the history. Check the id.",
    ),
    "an unknown ruling": (
        {**GOOD, "ruling": "refund_ful"},
        "wrong_value",
        "ruling: `refund_ful` is none of the known values. Did you mean `refund_full`?",
    ),
    "no ruling but an act": (
        {**GOOD, "ruling": "escalate"},
        "wrong_value",
        "ruling: `escalate` is none of the known values. Known: refund_full, "
        "refund_partial, return_and_refund, replace_or_resend_missing, "
        "release_to_seller, deny.",
    ),
    "an unknown decider": (
        {**GOOD, "decided_by": "humen"},
        "wrong_value",
        "decided_by: `humen` is none of the known values. Did you mean `human`?",
    ),
    "an unknown truth": (
        {**GOOD, "truth": "yes"},
        "wrong_value",
        "truth: `yes` is none of the known values. Known: refund, no_refund.",
    ),
    "less than nothing": (
        {**GOOD, "amount": -1},
        "wrong_value",
        "amount: `-1` is no amount of the dispute's currency. Write whole minor units, "
        "or say its `unit` in a mapping.",
    ),
    "a fraction of a cent": (
        {**GOOD, "amount": 1.5},
        "wrong_value",
        "amount: `1.5` is no amount of the dispute's currency. Write whole minor units, "
        "or say its `unit` in a mapping.",
    ),
    "an amount without currency": (
        {**GOOD, "dispute_id": "N"},
        "no_currency",
        "amount: `5010`, but the dispute has no currency. State `order.currency`.",
    ),
    "no instant": (
        {**GOOD, "decided_at": "soon"},
        "wrong_time",
        "decided_at: `soon` is not an instant. Write it like 2026-04-16T10:00+07:00.",
    ),
    "no offset": (
        {**GOOD, "decided_at": "2026-03-02T09:00:00"},
        "time_without_offset",
        "decided_at: `2026-03-02T09:00:00` has no UTC offset. Write the instant like "
        "2026-04-16T10:00+07:00.",
    ),
    "the year 9999": (
        {**GOOD, "decided_at": "9999-03-02T09:00:00Z"},
        "far_time",
        "decided_at: `9999-03-02T09:00:00Z` is not between 1970 and 2099. Write when it "
        "really was.",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute(
        "CREATE TABLE known_disputes AS FROM "
        "(VALUES ('A', 'BRL'), ('B', 'IDR'), ('N', NULL)) t(dispute_id, currency)"
    )
    return opened


def read(
    connection: duckdb.DuckDBPyConnection, folder: Path, lines: Sequence[Row | str]
) -> Outcomes:
    file = folder / "outcomes.jsonl"
    told = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")
    return read_outcomes(connection, file, folder, CORE, "known_disputes")


def recorded(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT {columns} FROM recorded ORDER BY dispute_id").fetchall()


def test_outcomes_become_a_table(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert read(connection, tmp_path, [GOOD, OTHER]) == Outcomes(2, 2, 0, 0, ())
    columns = "dispute_id, ruling, amount, epoch(decided_at)::BIGINT, truth, seller_size, region"
    assert recorded(connection, columns) == [
        ("A", "refund_full", 5010, 1772416800, "refund", "small", "Jawa"),
        ("B", None, None, None, "no_refund", None, None),
    ]


@pytest.mark.parametrize(("row", "reason", "message"), DIRT.values(), ids=DIRT.keys())
def test_a_bad_outcome_is_put_aside_with_its_reason(
    row: Row, reason: str, message: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    told = read(connection, tmp_path, [GOOD, row])
    (reject,) = told.rejects
    assert (reject.row, reject.reason, reject.message) == (2, reason, message)
    assert json.loads(reject.raw) == row
    assert [name for (name,) in recorded(connection, "dispute_id")] == ["A"]


def test_a_line_that_is_no_json_is_put_aside(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    told = read(connection, tmp_path, [GOOD, "{", "[1]"])
    assert [(one.row, one.reason) for one in told.rejects] == [
        (2, "unreadable_row"),
        (3, "unreadable_row"),
    ]


@pytest.mark.parametrize(
    ("rows", "ruling", "counts"),
    [
        pytest.param([GOOD, GOOD], "refund_full", (1, 0), id="the same twice"),
        pytest.param([LATER, GOOD], "deny", (0, 1), id="the last decided one counts"),
        pytest.param([GOOD, LATER, GOOD], "deny", (1, 1), id="both"),
        pytest.param([LATER, UNDATED], "deny", (0, 1), id="one without a date counts least"),
    ],
)
def test_a_dispute_has_one_outcome(
    rows: list[Row | str],
    ruling: str,
    counts: tuple[int, int],
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    told = read(connection, tmp_path, rows)
    assert recorded(connection, "ruling") == [(ruling,)]
    assert (told.twice, told.replaced) == counts


@pytest.mark.slow
@given(
    rows=st.lists(
        st.sampled_from([GOOD, LATER, UNDATED, OTHER, "{", *(row for row, _, _ in DIRT.values())]),
        max_size=12,
    )
)
def test_no_outcome_is_lost(
    rows: list[Row | str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    opened = duckdb.connect()
    opened.execute(
        "CREATE TABLE known_disputes AS FROM (VALUES ('A', 'BRL'), ('B', 'IDR'), ('N', NULL)) "
        "t(dispute_id, currency)"
    )
    told = read(opened, tmp_path_factory.mktemp("told"), [GOOD, *rows])
    used = len(recorded(opened, "dispute_id"))
    assert used == told.used
    assert used + told.twice + told.replaced + len(told.rejects) == len(rows) + 1 == told.read


def test_outcomes_stand_beside_the_events(tmp_path: Path) -> None:
    assert outcome_file(tmp_path) is None
    file = tmp_path / "outcomes.csv"
    file.write_text("dispute_id,ruling\n", encoding="utf-8")
    assert outcome_file(tmp_path) == outcome_file(tmp_path / "events.parquet") == file
    (tmp_path / "outcomes.parquet").touch()
    with pytest.raises(InputError, match=r"two files of outcomes: outcomes.csv, outcomes.parquet"):
        outcome_file(tmp_path)


def test_a_file_without_the_columns_is_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text("id,ruling\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_outcomes(connection, file, tmp_path, CORE, "known_disputes")
    assert str(raised.value) == (
        f"{file}: has no column `dispute_id`. Outcomes have {', '.join(OUTCOME_COLUMNS)}. "
        "Of other columns write `outcomes` in a --mapping."
    )
