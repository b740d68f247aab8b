"""Histories in files: what is read, and what their makers are told."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest

from reso.errors import ResoError
from reso.facts.rows import read_history, write_history
from reso.facts.table import load_core
from simulations.history import Note, history_of
from simulations.life import OWN_ACTS
from simulations.sources import Source, read_source
from tests.simulations.shop import FIXTURE, claim, event, fixture, history, order, pack, scan

Row = dict[str, object]

FILED: Row = {
    "dispute_id": "D-1",
    "occurred_at": "2026-03-02T09:00+07:00",
    "recorded_at": "2026-03-02T09:30+07:00",
    "kind": "claim",
    "payload": {"filed_at": "2026-03-02T09:00+07:00", "type": "damaged"},
}
PAID: Row = {**FILED, "kind": "order", "payload": {"currency": "BRL", "total_paid": 50.1}}


def jsonl(file: Path, rows: Sequence[Row | str]) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def parquet(file: Path, select: str) -> Path:
    duckdb.sql(select).write_parquet(str(file))
    return file


def problem(path: Path) -> str:
    with pytest.raises(ResoError) as raised:
        read_source(Source(str(path), strict=True), load_core())
    return str(raised.value).replace(f"{path}", path.name)


def test_a_history_is_the_same_in_jsonl_and_in_parquet(tmp_path: Path) -> None:
    whole = fixture()
    events = [one for of_dispute in whole.disputes.values() for one in of_dispute]
    rows = write_history(events, pack().table)
    lines = jsonl(tmp_path / "rows.jsonl", rows)  # type: ignore[arg-type]
    stamped = "dispute_id, occurred_at::TIMESTAMPTZ AS occurred_at, recorded_at, kind, payload"
    same = tmp_path / "same.parquet"
    parquet(
        same,
        f"SELECT {stamped} FROM read_json('{lines}', columns={{dispute_id: 'VARCHAR', "
        "occurred_at: 'VARCHAR', recorded_at: 'VARCHAR', kind: 'VARCHAR', "
        "payload: 'VARCHAR'})",
    )
    assert read_source(lines, pack().table).disputes == whole.disputes
    assert read_source(same, pack().table).disputes == whole.disputes


def test_amounts_are_exact(tmp_path: Path) -> None:
    file = jsonl(tmp_path / "h.jsonl", [PAID])
    told = read_source(file, load_core()).disputes["D-1"][0].payload
    assert dict(told)["total_paid"] == 5010  # type: ignore[arg-type]


def test_a_folder_of_files_is_one_history(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", [PAID])
    jsonl(tmp_path / "b.ndjson", [FILED])
    (tmp_path / "README.md").write_text("what it is", encoding="utf-8")
    assert [one.kind for one in read_source(tmp_path, load_core()).disputes["D-1"]] == [
        "claim",
        "order",
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            [FILED, {**FILED, "recorded_at": "2026-03-02T09:30"}],
            "h.jsonl: row 2: recorded_at: `2026-03-02T09:30` has no UTC offset. "
            "Write the instant like 2026-04-16T10:00+07:00.",
            id="an instant without offset",
        ),
        pytest.param(
            [{**FILED, "kind": "claims"}],
            "h.jsonl: row 1: kind: `claims` is no section of a case file. Did you mean `claim`?",
            id="an unknown kind",
        ),
        pytest.param(
            [{**FILED, "payload": {"typ": "damaged"}}],
            "h.jsonl: row 1: claim.typ: unknown field. Did you mean `claim.type`?",
            id="an unknown field",
        ),
        pytest.param(
            [FILED, "", FILED],
            "h.jsonl: row 2: is empty. Take the line out: each one holds a row.",
            id="an empty line",
        ),
        pytest.param(
            ["[1]", "{", '{"kind": "claim", "payload": {}}'],
            "h.jsonl: row 1: holds no object. Write an object: one row per line.\n"
            "h.jsonl: row 2: not readable as JSON: "
            "Expecting property name enclosed in double quotes\n"
            "h.jsonl: row 3: has no `dispute_id`, `occurred_at`, `recorded_at`. "
            "An event has dispute_id, occurred_at, recorded_at, kind, payload.",
            id="lines that hold no event, all of them",
        ),
        pytest.param(
            [{**PAID, "payload": {"total_paid": 50}}],
            "h.jsonl: row 1: order.currency: missing, but `order.total_paid` needs it. "
            "Write an ISO 4217 code such as IDR.",
            id="an amount without currency",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_row(
    rows: list[Row | str], message: str, tmp_path: Path
) -> None:
    assert problem(jsonl(tmp_path / "h.jsonl", rows)) == message


COLUMNS = {
    "dispute_id": "'D-1'",
    "occurred_at": "now()",
    "recorded_at": "now()",
    "kind": "'claim'",
    "payload": "'{}'",
}


def columns(**other: str) -> str:
    told = {**COLUMNS, **other}
    return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in told.items() if sql)}"


@pytest.mark.parametrize(
    ("select", "message"),
    [
        pytest.param(
            columns(recorded_at="now()::TIMESTAMP"),
            "h.parquet: recorded_at: the column is TIMESTAMP, which has no time zone. "
            "Write it as VARCHAR or TIMESTAMP WITH TIME ZONE, "
            "or say its `time_zone` in a --mapping.",
            id="instants without zone",
        ),
        pytest.param(
            columns(occurred_at="1772413200"),
            "h.parquet: occurred_at: the column is INTEGER. "
            "Write it as VARCHAR or TIMESTAMP WITH TIME ZONE, or say its `format` in a --mapping.",
            id="instants as counts",
        ),
        pytest.param(
            columns(dispute_id="7"),
            "h.parquet: dispute_id: the column is INTEGER. "
            "Write it as VARCHAR or JSON, or name it in a --mapping.",
            id="ids that are numbers",
        ),
        pytest.param(
            columns(payload="{a: 1}"),
            "h.parquet: payload: the column is STRUCT(a INTEGER). Write it as VARCHAR or JSON.",
            id="a payload that is no text",
        ),
        pytest.param(
            columns(kind="", payload=""),
            "h.parquet: has no column `kind`, `payload`. "
            "A history has dispute_id, occurred_at, recorded_at, kind, payload. "
            "Of other columns write a --mapping.",
            id="columns missing",
        ),
    ],
)
def test_parquet_that_is_no_history_is_told_by_its_column(
    select: str, message: str, tmp_path: Path
) -> None:
    assert problem(parquet(tmp_path / "h.parquet", select)) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda folder: folder / "nothing",
            "nothing: no such file or folder. Check the path.",
            id="nothing there",
        ),
        pytest.param(
            lambda folder: folder,
            "folder: holds no history. "
            "Name a file of event rows (.jsonl, .ndjson, .csv, .parquet) or their folder.",
            id="an empty folder",
        ),
        pytest.param(
            lambda folder: jsonl(folder / "h.txt", ["a,b"]),
            "h.txt: holds no history. "
            "Name a file of event rows (.jsonl, .ndjson, .csv, .parquet) or their folder.",
            id="another kind of file",
        ),
    ],
)
def test_what_is_no_history_is_refused(
    make: Callable[[Path], Path], message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert problem(make(folder)) == message


def test_parquet_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "h.parquet"
    file.write_bytes(b"PK not this")
    assert problem(file).startswith("h.parquet: not readable as Parquet:")


def test_rows_that_stand_twice_count_once_and_are_told() -> None:
    events = (*order(), claim("damaged"), claim("damaged"))
    told = history(events)
    assert told.event_count == 2
    assert told.notes == (Note("rows that stand twice (each counted once)", 1),)


def test_two_scans_at_different_instants_are_two() -> None:
    told = history((*order(), scan("in_transit", 1), scan("in_transit", 2)))
    assert (told.event_count, told.notes) == (3, ())


def test_rows_out_of_order_are_sorted_and_told() -> None:
    told = history((claim("damaged"), *order()))
    assert [one.kind for one in told.disputes["D-1"]] == ["order", "claim"]
    assert told.notes == (Note("rows out of order (sorted by recorded_at)", 1),)


def test_acts_of_an_earlier_run_are_left_out_and_told() -> None:
    told = history_of("told", (*order(), event("asked", 1, question="photo")), OWN_ACTS)
    assert told.event_count == 1
    assert [note.count for note in told.notes] == [1]
    assert told.notes[0].what.startswith("acts of an earlier run")


def test_what_was_recorded_before_it_occurred_is_told() -> None:
    early = {**FILED, "recorded_at": "2026-03-02T08:59+07:00"}
    told = history_of("told", read_history([early], load_core()), OWN_ACTS)
    assert [note.what.split(" (")[0] for note in told.notes] == [
        "events recorded before they occurred"
    ]


def test_the_shipped_history_is_what_its_script_makes() -> None:
    names: dict[str, object] = {"__file__": str(FIXTURE / "make.py"), "__name__": "make"}
    exec(compile((FIXTURE / "make.py").read_text(encoding="utf-8"), "make.py", "exec"), names)
    made = names["lines"]()  # type: ignore[operator]
    shipped = (FIXTURE / "history.jsonl").read_text(encoding="utf-8")
    assert shipped == "".join(f"{line}\n" for line in made)
    assert len(fixture().disputes) == 50
    assert fixture().notes == ()
