"""Dirty histories: what cannot be used is put aside with its reason, the rest runs."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from reso.facts.problems import CaseError
from reso.facts.table import load_core
from simulations.history import History
from simulations.prepared.preparing import prepare
from simulations.reading import reasons
from simulations.reading.rejects import REJECT_COLUMNS
from simulations.sources import Source, read_source
from tests.commands import whole_app
from tests.simulations.shop import shop

Row = dict[str, object]

CORE = load_core()

ORDER: Row = {
    "dispute_id": "D-1",
    "occurred_at": "2026-03-01T09:00+07:00",
    "recorded_at": "2026-03-01T09:00+07:00",
    "kind": "order",
    "payload": {"currency": "IDR", "total_paid": 50_000},
}
CLAIM: Row = {
    **ORDER,
    "recorded_at": "2026-03-02T09:00+07:00",
    "kind": "claim",
    "payload": {"filed_at": "2026-03-02T09:00+07:00", "type": "damaged"},
}
SCAN: Row = {**ORDER, "kind": "tracking", "payload": {"event": "delivered"}}
ACT: Row = {**CLAIM, "kind": "asked", "payload": {"question": "photo"}}
LATER_CLAIM: Row = {**CLAIM, "payload": {"filed_at": "2026-03-09T09:00+07:00"}}
EARLY: Row = {**SCAN, "occurred_at": "2026-03-05T09:00+07:00"}
EPOCH = "1970-01-01T07:00+07:00"
NEVER: Row = {**SCAN, "occurred_at": EPOCH}
NEVER_PLACED: Row = {**ORDER, "payload": {"placed_at": EPOCH}}
FUTURE: Row = {**SCAN, "recorded_at": "2062-03-05T09:00+07:00"}
PLACED_LATER: Row = {**ORDER, "payload": {"placed_at": "2026-03-02T09:01+07:00"}}

DIRT = {
    "no JSON": ("{", "unreadable_row"),
    "an empty line": ("", "unreadable_row"),
    "a list": ("[1]", "unreadable_row"),
    "a key twice": ('{"kind": "order", "kind": "claim"}', "unreadable_row"),
    "a field missing": (
        {name: value for name, value in CLAIM.items() if name != "recorded_at"},
        "missing",
    ),
    "a null id": ({**CLAIM, "dispute_id": None}, "missing"),
    "an empty id": ({**CLAIM, "dispute_id": ""}, "missing"),
    "an id with a space at its end": ({**CLAIM, "dispute_id": "D-1 "}, "wrong_id"),
    "an id with a space of another kind": ({**CLAIM, "dispute_id": "\u3000D-1"}, "wrong_id"),
    "a space as id": ({**CLAIM, "dispute_id": "  "}, "wrong_id"),
    "an empty instant": ({**CLAIM, "occurred_at": ""}, "missing"),
    "an empty kind": ({**CLAIM, "kind": ""}, "missing"),
    "a number as id": ({**CLAIM, "dispute_id": 7}, "wrong_id"),
    "a null instant": ({**CLAIM, "recorded_at": None}, "missing"),
    "no instant": ({**CLAIM, "recorded_at": "yesterday"}, "wrong_time"),
    "the 30th of February": ({**CLAIM, "occurred_at": "2026-02-30T09:00+07:00"}, "wrong_time"),
    "no offset": ({**CLAIM, "recorded_at": "2026-03-02T09:00"}, "time_without_offset"),
    "a day": ({**CLAIM, "recorded_at": "2026-03-02"}, "time_without_offset"),
    "the year 9999": ({**CLAIM, "recorded_at": "9999-12-31T23:59:59Z"}, "far_time"),
    "the year 1": ({**CLAIM, "occurred_at": "0001-01-02T00:00:00Z"}, "far_time"),
    "a payload instant of 1925": (
        {**CLAIM, "payload": {"filed_at": "1925-03-02T09:00+07:00"}},
        "far_time",
    ),
    "a payload instant of 2222": (
        {**ORDER, "payload": {"placed_at": "2222-03-02T09:00Z"}},
        "far_time",
    ),
    "a payload instant of the year 1": (
        {**CLAIM, "payload": {"filed_at": "0001-01-02T00:00:00Z"}},
        "far_time",
    ),
    "a payload instant that is of 1970 only where it is": (
        {**CLAIM, "payload": {"filed_at": "1970-01-01T06:59:59+07:00"}},
        "far_time",
    ),
    "a payload day of 2100": (
        {**ORDER, "kind": "calendar", "payload": {"holidays": ["2026-05-01", "2100-01-01"]}},
        "far_time",
    ),
    "an unknown kind": ({**CLAIM, "kind": "claims"}, "unknown_kind"),
    "no kind": ({**CLAIM, "kind": None}, "missing"),
    "a payload that breaks off": ({**CLAIM, "payload": '{"type": '}, "unreadable_payload"),
    "a number as payload": ({**CLAIM, "payload": 5}, "wrong_value"),
    "an unknown field": ({**CLAIM, "payload": {"typ": "damaged"}}, "unknown_field"),
    "an unknown word": ({**CLAIM, "payload": {"type": "dented"}}, "wrong_value"),
    "another currency": ({**ORDER, "payload": {"currency": "SGD"}}, "other_currency"),
    "no such currency": ({**ORDER, "payload": {"currency": "XQX"}}, "wrong_value"),
    "an amount without currency": (
        {**ORDER, "dispute_id": "D-2", "payload": {"total_paid": 5}},
        "no_currency",
    ),
    "an item of another time": (
        {**SCAN, "payload": {"event": "delivered", "at": "2026-03-04T09:00+07:00"}},
        "other_item_time",
    ),
    "half a surrogate pair": ('{"dispute_id": "\\ud800"}', "unreadable_row"),
}
CLEAN: tuple[Row, ...] = (ORDER, CLAIM, SCAN)
ODD: tuple[Row, ...] = (ACT, LATER_CLAIM, EARLY, NEVER, NEVER_PLACED, FUTURE, PLACED_LATER)


def text_of(row: Row | str) -> str:
    return row if isinstance(row, str) else json.dumps(row)


def written(folder: Path, rows: Sequence[Row | str]) -> Path:
    file = folder / "h.jsonl"
    file.write_text("".join(f"{text_of(row)}\n" for row in rows), encoding="utf-8")
    return file


def read(folder: Path, rows: Sequence[Row | str]) -> History:
    return read_source(written(folder, rows), CORE)


@pytest.mark.parametrize(("row", "reason"), DIRT.values(), ids=DIRT.keys())
def test_a_bad_row_is_put_aside_with_its_reason(
    row: Row | str, reason: str, tmp_path: Path
) -> None:
    history = read(tmp_path, [ORDER, row, CLAIM])
    (reject,) = history.rejects
    assert (reject.reason, reject.row) == (reason, 2)
    assert reject.message
    assert "row 2" not in reject.message
    assert reject.file.endswith("h.jsonl")
    assert [one.kind for one in history.disputes["D-1"]] == ["order", "claim"]
    assert reason in reasons.REASONS


@pytest.mark.parametrize(("row", "reason"), DIRT.values(), ids=DIRT.keys())
def test_strict_stops_at_the_same_rows(row: Row | str, reason: str, tmp_path: Path) -> None:
    (reject,) = read(tmp_path, [ORDER, row, CLAIM]).rejects
    with pytest.raises(CaseError) as raised:
        read_source(Source(str(tmp_path / "h.jsonl"), strict=True), CORE)
    assert str(raised.value) == f"{tmp_path}/h.jsonl: row 2: {reject.message}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"kind": "ORDER"},
            "kind: `ORDER` is no section of a case file. Did you mean `order`?",
            id="capitals",
        ),
        pytest.param(
            {"kind": "xyz"},
            "kind: `xyz` is no section of a case file. Known: order, ",
            id="nothing like it",
        ),
        pytest.param({"kind": ""}, "kind: is missing. Known: order, ", id="no kind"),
        pytest.param(
            {"payload": 5},
            "claim: is `5`, where an object is needed. "
            "Write the fields as an object of JSON, such as {}.",
            id="no object",
        ),
        pytest.param(
            {"kind": "tracking", "payload": 5},
            "tracking: is `5`, where an object is needed. "
            "Write one item as an object of JSON, or [] where there is none.",
            id="no item",
        ),
        pytest.param(
            {"dispute_id": "D-042 "},
            "dispute_id: `D-042 ` begins or ends with a space. Write `D-042`.",
            id="a space",
        ),
    ],
)
def test_a_message_says_what_to_do(change: Row, message: str, tmp_path: Path) -> None:
    (reject,) = read(tmp_path, [{**CLAIM, **change}]).rejects
    assert reject.message.startswith(message)


def test_what_stood_there_is_kept(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, ["{", DIRT["an unknown word"][0], '{"a": 1}']).rejects
    assert (first.raw, third.raw) == ("{", '{"a": 1}')
    assert second.raw == json.dumps(DIRT["an unknown word"][0])
    assert second.dispute_id == "D-1"


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_rejects_hold_the_whole_row_as_it_stood(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"h.{suffix}"
    told = {**ORDER, "payload": '{ "total_paid" : 5,  "typ": 1 }', "ticket": "T-5"}
    if suffix == "jsonl":
        line = json.dumps({**told, "payload": {"typ": 1}, "rank": 5}, indent=None) + " "
        file.write_text(f"{text_of(CLAIM)}\n{line}\n", encoding="utf-8")
    else:
        names, words = ", ".join(map(repr, told)), tuple(told.values())
        made = duckdb.sql(f"SELECT * FROM (VALUES {words}) t({names.replace(chr(39), '')})")
        (made.write_csv if suffix == "csv" else made.write_parquet)(str(file))
    (reject,) = read_source(file, CORE).rejects
    assert prepare(file, CORE, cache=tmp_path / "cache").read_rejects() == (reject,)
    if suffix == "jsonl":
        assert reject.raw == line
    else:
        assert json.loads(reject.raw) == told


def test_bytes_that_are_no_text_are_put_aside(tmp_path: Path) -> None:
    file = written(tmp_path, [CLAIM])
    file.write_bytes(b'{"dispute_id": "\xff"}\n' + file.read_bytes())
    (reject,) = read_source(file, CORE).rejects
    assert (reject.reason, reject.message) == (
        "unreadable_row",
        "is not UTF-8. Save the file as UTF-8.",
    )


def test_the_currency_is_that_of_the_first_right_row(tmp_path: Path) -> None:
    wrong = {**ORDER, "payload": {"currency": "SGD", "total_pad": 5}}
    history = read(tmp_path, [wrong, ORDER, {**ORDER, "payload": {"currency": "SGD"}}])
    assert [(one.row, one.reason) for one in history.rejects] == [
        (1, "other_currency"),
        (3, "other_currency"),
    ]
    assert "unknown field" in history.rejects[0].message
    assert dict(history.disputes["D-1"][0].payload)["currency"] == "IDR"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "what", "used"),
    [
        pytest.param([ORDER, CLAIM, CLAIM], reasons.TWICE, 2, id="twice"),
        pytest.param([CLAIM, ORDER], reasons.OUT_OF_ORDER, 2, id="out of order"),
        pytest.param([ORDER, CLAIM, ACT], reasons.OWN_ACTS_LEFT_OUT, 2, id="acts of our own"),
        pytest.param([ORDER, EARLY], reasons.RECORDED_EARLY, 2, id="recorded early"),
        pytest.param([ORDER, CLAIM, LATER_CLAIM], reasons.SECOND_CLAIM, 3, id="two claims"),
        pytest.param([NEVER], reasons.AT_EPOCH, 1, id="a row of 1970"),
        pytest.param([NEVER_PLACED], reasons.AT_EPOCH, 1, id="a payload of 1970"),
        pytest.param(
            [PLACED_LATER, CLAIM], reasons.CLAIM_BEFORE_ORDER, 2, id="a claim before its order"
        ),
    ],
)
def test_what_is_odd_is_used_or_left_out_and_counted(
    rows: list[Row | str], what: str, used: int, tmp_path: Path
) -> None:
    history = read(tmp_path, rows)
    assert [(note.what, note.count) for note in history.notes] == [(what, 1)]
    assert (history.event_count, history.rejects, history.rows_read) == (used, (), len(rows))


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_what_is_dated_after_it_was_read_is_counted_and_used(engine: str, tmp_path: Path) -> None:
    ahead = {**SCAN, "occurred_at": FUTURE["recorded_at"], "recorded_at": FUTURE["recorded_at"]}
    rows = [ORDER, CLAIM, FUTURE, {**ahead, "dispute_id": "D-2"}]
    result = replay(written(tmp_path, rows), "--engine", engine)
    assert result.exit_code == 0, result.output
    found = result.stdout.partition("== Found in the history ==\n")[2].splitlines()
    assert found[0] == f"2  {reasons.AFTER_TODAY}"


def test_one_claim_told_in_two_rows_is_one(tmp_path: Path) -> None:
    more = {**CLAIM, "payload": {"filed_at": "2026-03-02T09:00+07:00", "requested": "refund"}}
    assert read(tmp_path, [ORDER, CLAIM, more]).notes == ()


def without_end(lines: Sequence[str]) -> list[str]:
    """Return the lines of a file but the empty ones at its end."""
    last = max((n for n, line in enumerate(lines, start=1) if line), default=0)
    return list(lines[:last])


@given(rows=st.lists(st.sampled_from([*CLEAN, *ODD, *(row for row, _ in DIRT.values())])))
def test_no_row_is_lost(rows: list[Row | str]) -> None:
    with TemporaryDirectory() as folder:
        history = read(Path(folder), rows)
    used = sum(map(len, history.disputes.values()))
    left_out = sum(
        note.count
        for note in history.notes
        if note.what in (reasons.TWICE, reasons.OWN_ACTS_LEFT_OUT)
    )
    told = without_end([text_of(row) for row in rows])
    assert used + left_out + len(history.rejects) == len(told) == history.rows_read
    numbers = [reject.row for reject in history.rejects]
    assert numbers == sorted(set(numbers))


@given(rows=st.lists(st.sampled_from([*CLEAN, *ODD])), dirt=st.sampled_from(list(DIRT.values())))
def test_a_bad_row_changes_nothing_of_the_others(
    rows: list[Row | str], dirt: tuple[Row | str, str]
) -> None:
    with TemporaryDirectory() as folder:
        without = read(Path(folder), [ORDER, *rows, CLAIM])
        beside = read(Path(folder), [ORDER, *rows, dirt[0], CLAIM])
    assert beside.disputes == without.disputes
    assert len(beside.rejects) == 1


# -- as it is typed -------------------------------------------------------------------------


def replay(file: Path, *more: str) -> Result:
    return CliRunner().invoke(
        whole_app(), ["replay", str(file), "--policy", str(shop()), *more], prog_name="reso"
    )


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    return written(tmp_path, [ORDER, CLAIM, "{", "[1]", DIRT["no offset"][0]])


def test_the_rest_runs_and_the_summary_says_why(dirty: Path) -> None:
    result = replay(dirty)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("1 dispute, 2 events of")
    told = result.stdout.partition("== Rows put aside ==\n")[2].replace(str(dirty), "h.jsonl")
    assert told.splitlines() == [
        "3 of 5 rows cannot be used; the others were used.",
        "2  cannot be read as a row",
        "1  an instant without an offset",
        "h.jsonl: row 3: not readable as JSON: Expecting property name enclosed in double quotes",
        "h.jsonl: row 4: holds no object. Write an object: one row per line.",
        "h.jsonl: row 5: recorded_at: `2026-03-02T09:00` has no UTC offset. "
        "Write the instant like 2026-04-16T10:00+07:00.",
        "--rejects FILE (.jsonl, .csv, .parquet) writes all of them; --strict stops there.",
    ]


def test_json_counts_them_too(dirty: Path) -> None:
    told = json.loads(replay(dirty, "--json").stdout)["history"]
    assert told["rejects"] == {"unreadable_row": 2, "time_without_offset": 1}
    assert (told["rows_read"], told["events"]) == (5, 2)


def test_strict_ends_with_the_list(dirty: Path) -> None:
    result = replay(dirty, "--strict")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "row 3",
        "row 4",
        "row 5",
    ]


def test_strict_leaves_all_rejects_in_their_file_before_it_stops(tmp_path: Path) -> None:
    dirty = written(tmp_path, [ORDER, *[DIRT["no offset"][0]] * 30])
    told = replay(dirty, "--strict").stderr.splitlines()
    assert told[-2:] == [
        "... and 10 more",
        "`reso replay` writes all of them where --rejects FILE says.",
    ]
    for more in ((), ("--engine", "reference")):
        file = tmp_path / f"rejects{len(more)}.csv"
        result = replay(dirty, "--strict", "--rejects", str(file), *more)
        assert (result.exit_code, result.stdout) == (2, "")
        told = result.stderr.splitlines()
        assert told[-1] == f"All of them, with what stood there: {file}"
        with file.open(encoding="utf-8", newline="") as opened:
            assert [row["row"] for row in csv.DictReader(opened)] == [*map(str, range(2, 32))]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_rejects_are_written_as_the_ending_says(suffix: str, dirty: Path) -> None:
    file = dirty.with_name(f"rejects.{suffix}")
    result = replay(dirty, "--rejects", str(file))
    assert result.exit_code == 0, result.output
    assert f"All of them, with what stood there: {file}" in result.stdout
    match suffix:
        case "jsonl":
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        case "csv":
            with file.open(encoding="utf-8", newline="") as told:
                rows = list(csv.DictReader(told))
        case _:
            found = duckdb.sql(f"FROM '{file}'")
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert tuple(rows[0]) == REJECT_COLUMNS
    assert [(int(row["row"]), row["reason"], row["raw"][:3]) for row in rows] == [
        (3, "unreadable_row", "{"),
        (4, "unreadable_row", "[1]"),
        (5, "time_without_offset", '{"d'),
    ]
    assert sorted(path.name for path in dirty.parent.iterdir()) == ["h.jsonl", file.name]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_rejects_take_the_place_of_rejects_and_of_nothing_else(suffix: str, dirty: Path) -> None:
    folder = dirty.parent / "kept"
    folder.mkdir()
    ours, theirs = folder / f"rejects.{suffix}", folder / f"outcomes.{suffix}"
    for _ in range(2):
        assert replay(dirty, "--rejects", str(ours)).exit_code == 0
    if suffix == "parquet":
        duckdb.sql("SELECT 'D-1' AS dispute_id, 'deny' AS ruling").write_parquet(str(theirs))
    else:
        theirs.write_text("dispute_id,ruling\nD-1,deny\n", encoding="utf-8")
    before = theirs.read_bytes()
    result = replay(dirty, "--rejects", str(theirs))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{theirs}: is taken, and not by rejects. Name another file.\n"
    assert theirs.read_bytes() == before


def test_a_file_that_is_rejects_but_for_a_column_is_kept(dirty: Path) -> None:
    file = dirty.parent.parent / "r.jsonl"
    file.write_text('{"file": "a", "row": 1, "reason": "missing"}\n', encoding="utf-8")
    assert replay(dirty, "--rejects", str(file)).exit_code == 2


@pytest.mark.parametrize("is_folder", [False, True], ids=["its file", "its folder"])
def test_rejects_never_become_part_of_the_history(is_folder: bool, dirty: Path) -> None:
    before = dirty.read_bytes()
    history = dirty.parent if is_folder else dirty
    file = dirty.parent / "r.jsonl" if is_folder else dirty
    result = replay(history, "--rejects", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{file}: would be part of the history. Name a file elsewhere.\n"
    assert dirty.read_bytes() == before
    assert list(dirty.parent.iterdir()) == [dirty]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "r.txt",
            "its ending says no format of rejects. Name it .jsonl, .csv or .parquet.\n",
            id="another ending",
        ),
        pytest.param("no/r.csv", "its folder is not there. Make it first.\n", id="no folder"),
    ],
)
def test_a_file_that_cannot_take_rejects_is_refused(name: str, message: str, dirty: Path) -> None:
    result = replay(dirty, "--rejects", str(dirty.parent / name))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{dirty.parent / name}: {message}"
