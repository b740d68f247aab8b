"""Mappings: foreign columns as events and outcomes, by a file and no code."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import ResoError
from reso.facts.problems import CaseError
from reso.facts.table import load_core
from reso.model.events import Event
from simulations.prepared.preparing import prepare
from simulations.reading import load_mapping, read_outcomes, reasons
from simulations.sources import Source, read_source
from tests.strategies.costly import few

CORE = load_core()

SHOP = """\
time_zone: Asia/Jakarta
events:
  order:
    from: orders.csv
    dispute_id: no
    kind: order
    occurred_at: {column: ordered, format: "%d/%m/%Y %H:%M"}
    payload:
      currency: {constant: IDR}
      placed_at: {column: ordered, format: "%d/%m/%Y %H:%M"}
      total_paid: {column: paid_cents, unit: cents}
      items_subtotal: goods
      category: {column: group, values: {Elektronik: electronics, Baju: fashion}}
      weight_grams: grams
  delivered:
    from: orders.csv
    dispute_id: no
    kind: tracking
    occurred_at: {column: arrived, format: "%d/%m/%Y %H:%M"}
    payload:
      event: {constant: delivered}
  claim:
    from: complaints.csv
    where: {state: [open, closed]}
    dispute_id: order no
    kind: claim
    occurred_at: at
    recorded_at: {column: seen, time_zone: UTC}
    payload:
      filed_at: at
      type: {column: what, values: {rusak: damaged}}
outcomes:
  from: complaints.csv
  dispute_id: order no
  ruling: {column: end, values: {refund: refund_full, no: deny}}
  amount: {column: back, unit: major}
  decided_by: {constant: human}
  decided_at: {column: seen, time_zone: UTC}
"""
ORDERS = """\
no;ordered;arrived;paid_cents;goods;group;grams
A-1;02/03/2026 09:00;05/03/2026 10:30;12500000;120000;Elektronik;300
A-2;02/03/2026 23:59;;5000000;50000;Baju;
A-3;;;1;1;Baju;1
A-4;32/03/2026 09:00;;1;1;Baju;1
A-5;02/03/2026 09:00;;100,5;1;Mobil;1.5
"""
COMPLAINTS = """\
order no,at,seen,what,state,end,back
A-1,2026-03-06T08:00,2026-03-06 02:00:00,rusak,open,refund,120000
A-2,2026-03-06T08:00:00+09:00,2026-03-06 02:00:00,damaged,closed,no,
A-2,2026-03-06T08:00,2026-03-06 02:00:00,rusak,draft,no,
"""


WIDE = """\
events:
  claim:
    where: {state: open}
    dispute_id: id
    kind: claim
    occurred_at: at
    payload: {filed_at: at, type: what}
  delivered:
    where: {state: open}
    dispute_id: id
    kind: tracking
    occurred_at: came
    payload: {event: {constant: delivered}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"orders.csv": ORDERS, "complaints.csv": COMPLAINTS, "shop.yaml": SHOP}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def payload(event: Event) -> dict[str, object]:
    told = event.payload if isinstance(event.payload, Mapping) else event.payload[0]  # type: ignore[index]
    return dict(told)


def test_a_wide_table_and_a_second_one_become_events(folder: Path) -> None:
    history = read_source(Source(str(folder), mapping=folder / "shop.yaml"), CORE)
    order, scan, claim = history.disputes["A-1"]
    assert order.occurred_at.isoformat() == "2026-03-02T02:00:00+00:00"
    assert payload(order) == {
        "currency": "IDR",
        "placed_at": order.occurred_at,
        "total_paid": 125_000,
        "items_subtotal": 120_000,
        "category": "electronics",
        "weight_grams": 300,
    }
    assert payload(scan) == {"event": "delivered", "at": scan.occurred_at}
    assert scan.occurred_at.isoformat() == "2026-03-05T03:30:00+00:00"
    assert claim.recorded_at.isoformat() == "2026-03-06T02:00:00+00:00"
    assert payload(claim) == {"filed_at": claim.occurred_at, "type": "damaged"}
    assert claim.occurred_at.isoformat() == "2026-03-06T01:00:00+00:00"


def test_an_offset_in_the_text_goes_before_the_zone(folder: Path) -> None:
    history = read_source(Source(str(folder), mapping=folder / "shop.yaml"), CORE)
    claim = next(one for one in history.disputes["A-2"] if one.kind == "claim")
    assert claim.occurred_at.isoformat() == "2026-03-05T23:00:00+00:00"


def test_what_does_not_fit_is_put_aside_with_the_source_row(folder: Path) -> None:
    history = read_source(Source(str(folder), mapping=folder / "shop.yaml"), CORE)
    told = [(Path(one.file).name, one.row, one.reason, one.dispute_id) for one in history.rejects]
    assert sorted(told) == [
        ("orders.csv", 3, "nothing_mapped", ""),
        ("orders.csv", 4, "wrong_time", "A-4"),
        ("orders.csv", 5, "wrong_value", "A-5"),
    ]
    by_row = {(Path(one.file).name, one.row): one for one in history.rejects}
    wrong = by_row["orders.csv", 5]
    assert "`100,5`" in wrong.message
    assert "order.category: `Mobil` is none of the known values" in wrong.message
    assert "order.weight_grams: `1.5` is not a whole number" in wrong.message
    assert json.loads(wrong.raw)["group"] == "Mobil"


def test_rows_of_a_mapping_count_once_each(folder: Path) -> None:
    source = Source(str(folder), mapping=folder / "shop.yaml")
    history = read_source(source, CORE)
    assert history.rows_read == 5 + 3
    assert history.found(reasons.LEFT_OUT) == 1
    assert len({(one.file, one.row) for one in history.rejects}) == len(history.rejects) == 3
    with pytest.raises(CaseError) as raised:
        read_source(replace(source, strict=True), CORE)
    assert "complaints.csv" not in str(raised.value)


def test_a_row_that_makes_several_wrong_events_is_put_aside_once(tmp_path: Path) -> None:
    file, mapping = tmp_path / "h.csv", tmp_path / "m.yaml"
    file.write_text("id,at,g\nA,2026-03-01T00:00Z,many\nA,2026-03-01,1\n", encoding="utf-8")
    one = "{dispute_id: id, occurred_at: at, kind: order, payload: {weight_grams: g}}"
    mapping.write_text(f"events: {{a: {one}, b: {one}}}\n", encoding="utf-8")
    source = Source(str(file), mapping=mapping)
    history = read_source(source, CORE)
    assert [(reject.row, reject.reason) for reject in history.rejects] == [
        (1, "wrong_value"),
        (2, "time_without_offset"),
    ]
    assert history.rejects[0].message.count("order.weight_grams") == 1
    assert (history.rows_read, history.event_count) == (2, 0)
    prepared = prepare(source, CORE, cache=tmp_path / "cache")
    assert prepared.read_rejects() == history.rejects
    assert (prepared.manifest.rows_read, prepared.manifest.rejects) == (2, 2)


def test_of_a_row_that_is_left_out_and_one_that_lacks_its_instant_the_second_is_put_aside(
    tmp_path: Path,
) -> None:
    file, mapping = tmp_path / "h.csv", tmp_path / "m.yaml"
    file.write_text("id,at,what\nA,2026-03-01T00:00Z,x\nA,,x\nA,,y\n", encoding="utf-8")
    mapping.write_text(
        "events: {a: {where: {what: x}, dispute_id: id, occurred_at: at, kind: order, "
        "payload: {}}}\n",
        encoding="utf-8",
    )
    history = read_source(Source(str(file), mapping=mapping), CORE)
    (reject,) = history.rejects
    assert (reject.row, reject.reason) == (2, "nothing_mapped")
    assert reject.message == (
        "the mapping makes no event of it: nothing stands in `at`. "
        "Leave it out by a `where`, or say when it was."
    )
    assert (history.rows_read, history.event_count, history.found(reasons.LEFT_OUT)) == (3, 1, 1)


ROW_CELLS = st.tuples(
    st.sampled_from("AB"),
    st.sampled_from(["2026-03-01T00:00Z", "2026-03-02", ""]),
    st.sampled_from(["2026-03-05T00:00Z", "soon", ""]),
    st.sampled_from(["open", "draft"]),
    st.sampled_from(["damaged", "dented", ""]),
)


def fate(row: tuple[str, ...]) -> str:
    """Return what becomes of a row of the shop below: right events of it, none, or a wrong one."""
    _, at, came, state, what = row
    if state == "draft":
        return "left out"
    wrong = at == "2026-03-02" or came == "soon" or (at != "" and what == "dented")
    return "put aside" if wrong or at == came == "" else "used"


@few(8)
@given(rows=st.lists(ROW_CELLS, max_size=12))
def test_every_row_of_a_mapping_is_used_left_out_or_put_aside(rows: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as name:
        file, mapping = Path(name) / "h.csv", Path(name) / "m.yaml"
        lines = ["id,at,came,state,what", *map(",".join, rows), ""]
        file.write_text("\n".join(lines), encoding="utf-8")
        mapping.write_text(WIDE, encoding="utf-8")
        source = Source(str(file), mapping=mapping)
        history = read_source(source, CORE)
        prepared = prepare(source, CORE, cache=Path(name) / "cache")
        rejects = prepared.read_rejects()
    fates = Counter(map(fate, rows))
    assert history.rows_read == prepared.manifest.rows_read == len(rows)
    assert history.found(reasons.LEFT_OUT) == fates["left out"]
    assert len(history.rejects) == prepared.manifest.rejects == fates["put aside"]
    assert rejects == history.rejects
    assert prepared.manifest.notes == history.notes


def test_outcomes_are_mapped_too(folder: Path) -> None:
    mapping = load_mapping(folder / "shop.yaml", CORE)
    made = folder / "made"
    made.mkdir()
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE d AS FROM (VALUES ('A-1', 'IDR'), ('A-2', 'IDR')) t(dispute_id, currency)"
    )
    told = read_outcomes(connection, folder, made, CORE, "d", mapping)
    rows = connection.execute(
        "SELECT dispute_id, ruling, amount, decided_by, left(decided_at::VARCHAR, 10) "
        "FROM recorded ORDER BY 1"
    ).fetchall()
    assert rows == [
        ("A-1", "refund_full", 120_000, "human", "2026-03-06"),
        ("A-2", "deny", None, "human", "2026-03-06"),
    ]
    assert (told.read, told.used, told.twice, told.replaced, told.rejects) == (3, 2, 1, 0, ())


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_typed_columns_are_mapped_from_any_file(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"wide.{suffix}"
    made = duckdb.sql(
        "SELECT 'A-1' AS id, '2026-03-02 02:00:00+00'::TIMESTAMPTZ AS placed, 12.5 AS paid, "
        'true AS late, \'{"type": "damaged"}\' AS more'
    )
    if suffix == "parquet":
        made.write_parquet(str(file))
    else:
        line = {
            "id": "A-1",
            "placed": "2026-03-02T02:00:00Z",
            "paid": 12.5,
            "more": {"type": "damaged"},
        }
        file.write_text(json.dumps(line), encoding="utf-8")
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "events:\n"
        "  a: {dispute_id: id, occurred_at: placed, kind: order, "
        "payload: {currency: {constant: SGD}, total_paid: paid}}\n"
        "  b: {dispute_id: id, occurred_at: placed, kind: {constant: claim}, payload: more}\n",
        encoding="utf-8",
    )
    history = read_source(Source(str(file), mapping=mapping), CORE)
    assert history.rejects == ()
    told = {one.kind: payload(one) for one in history.disputes["A-1"]}
    assert told == {
        "order": {"currency": "SGD", "total_paid": 1250},
        "claim": {"type": "damaged"},
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "events:",
            "evnts:",
            "{f}:2: evnts: unknown key. Did you mean `events`?",
            id="an unknown section",
        ),
        pytest.param(
            "kind: order",
            "kind: ordr",
            "{f}:6: events.order.kind: `ordr` is no section of a case file. Did you mean `order`?",
            id="an unknown kind",
        ),
        pytest.param(
            "total_paid:",
            "totl_paid:",
            "{f}:11: events.order.payload.totl_paid: "
            "`order` has no such field. Did you mean `total_paid`?",
            id="an unknown field",
        ),
        pytest.param(
            "unit: cents",
            "unit: cent",
            "{f}:11: events.order.payload.total_paid.unit: "
            "`cent` is no unit. Did you mean `cents`?",
            id="an unknown unit",
        ),
        pytest.param(
            "unit: cents",
            "unit: minor",
            "{f}:11: events.order.payload.total_paid.unit: `minor` is for outcomes. "
            "Write `major`, or `cents` for hundredths: rows are read before their currency.",
            id="a unit that needs the currency",
        ),
        pytest.param(
            "time_zone: Asia/Jakarta",
            "time_zone: Asia/Jakata",
            "{f}:1: time_zone: no time zone `Asia/Jakata`. Did you mean `Asia/Jakarta`?",
            id="an unknown zone",
        ),
        pytest.param(
            "Elektronik: electronics",
            "Elektronik: electronic",
            "{f}:13: events.order.payload.category.values.Elektronik: "
            "`electronic` is none of the known values. Did you mean `electronics`?",
            id="an unknown word of ours",
        ),
        pytest.param(
            "{constant: delivered}",
            "{constant: delivred}",
            "{f}:21: events.delivered.payload.event.constant: "
            "`delivred` is none of the known values. Did you mean `delivered`?",
            id="a wrong constant",
        ),
        pytest.param(
            "{constant: IDR}",
            "{constant: IDR, column: x}",
            "{f}:9: events.order.payload.currency: "
            "has to say one of `column` and `constant`. Write one of them.",
            id="both a column and a constant",
        ),
        pytest.param(
            '%H:%M"}\n    payload:\n      currency',
            '%Q"}\n    payload:\n      currency',
            "{f}:7: events.order.occurred_at.format: "
            "`%d/%m/%Y %Q` is no format. "
            "Write it like %d/%m/%Y %H:%M, or unix seconds or unix milliseconds.",
            id="no format",
        ),
        pytest.param(
            "    dispute_id: no\n    kind: order",
            "    kind: order",
            "{f}:3: events.order: has no `dispute_id`. Say which column it is.",
            id="nothing said of the dispute",
        ),
        pytest.param(
            "goods\n",
            "good\n",
            "{f}:12: events.order.payload.items_subtotal: "
            "{d}/orders.csv has no column `good`. Did you mean `goods`?",
            id="a column that is not there",
        ),
        pytest.param(
            "from: orders.csv\n    dispute_id: no\n    kind: order",
            "from: order.csv\n    dispute_id: no\n    kind: order",
            "{f}:3: events.order.from: there is no source `order.csv`. Did you mean `orders.csv`?",
            id="a source that is not there",
        ),
        pytest.param(
            "refund: refund_full",
            "refund: refund_ful",
            "{f}:35: outcomes.ruling.values.refund: "
            "`refund_ful` is none of the known values. Did you mean `refund_full`?",
            id="no word of a ruling",
        ),
        pytest.param(
            "ruling: {column: end, values: {refund: refund_full, no: deny}}",
            "ruling: {constant: denied}",
            "{f}:35: outcomes.ruling.constant: "
            "`denied` is none of the known values. Did you mean `deny`?",
            id="a constant that is no ruling",
        ),
        pytest.param(
            "decided_by: {constant: human}",
            "decided_by: {constant: man}",
            "{f}:37: outcomes.decided_by.constant: `man` is none of the known values. "
            "Did you mean `human`?",
            id="a constant that is nobody who decides",
        ),
        pytest.param(
            "decided_at: {column: seen, time_zone: UTC}",
            'decided_at: {column: seen, format: "%Y-%m-%d"}',
            None,
            id="the zone of the file stands for an outcome too",
        ),
        pytest.param(
            "{constant: IDR}",
            "{constant: XYZ1}",
            "{f}:9: events.order.payload.currency.constant: `XYZ1`: ",
            id="no currency",
        ),
        pytest.param(
            "{column: paid_cents, unit: cents}",
            "{constant: abc}",
            "{f}:11: events.order.payload.total_paid.constant: `abc` ",
            id="no amount",
        ),
        pytest.param(
            '{column: arrived, format: "%d/%m/%Y %H:%M"}',
            "{column: arrived, format: hello}",
            "{f}:19: events.delivered.occurred_at.format: `hello` is no format. "
            "Write it like %d/%m/%Y %H:%M, or unix seconds or unix milliseconds.",
            id="a format without a year",
        ),
        pytest.param(
            "weight_grams: grams",
            "weight_grams: {column: grams, decimal: coma}",
            "{f}:14: events.order.payload.weight_grams.decimal: "
            "`coma` is no decimal. Did you mean `comma`?",
            id="no way to part decimals",
        ),
        pytest.param(
            "filed_at: at",
            "filed_at: {column: at, decimal: comma}",
            "{f}:30: events.claim.payload.filed_at.decimal: "
            "is of a number, which this is not. Take it out.",
            id="decimals of an instant",
        ),
        pytest.param(
            "where: {state:",
            "where: {stat:",
            "{f}:22: events.claim.where.stat: "
            "{d}/complaints.csv has no column `stat`. Did you mean `state`?",
            id="a condition on no column",
        ),
    ],
)
def test_what_is_wrong_in_a_mapping_is_told_with_its_line(
    old: str, new: str, message: str | None, folder: Path
) -> None:
    assert old in SHOP
    file = folder / "shop.yaml"
    file.write_text(SHOP.replace(old, new, 1), encoding="utf-8")
    if message is None:
        load_mapping(file, CORE)
        return
    with pytest.raises(ResoError) as raised:
        read_source(Source(str(folder), mapping=file), CORE)
    first = str(raised.value).splitlines()[0]
    told = message.replace("{f}", str(file)).replace("{d}", str(folder))
    assert first.startswith(told) if told.endswith(" ") else first == told


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        pytest.param("2018-02-17 22:30", "2018-02-18T00:30", id="summer time"),
        pytest.param("2018-02-17 23:30", "2018-02-18T02:30", id="an hour that came twice"),
        pytest.param("2018-11-04 00:30", "2018-11-04T03:30", id="an hour that never was"),
    ],
)
def test_local_times_follow_the_clocks(local: str, instant: str, tmp_path: Path) -> None:
    file, mapping = tmp_path / "h.csv", tmp_path / "m.yaml"
    file.write_text(f"id,at\nA,{local}\n", encoding="utf-8")
    mapping.write_text(
        "time_zone: America/Sao_Paulo\n"
        "events: {a: {dispute_id: id, occurred_at: at, kind: claim, payload: {filed_at: at}}}\n",
        encoding="utf-8",
    )
    (event,) = read_source(Source(str(file), mapping=mapping), CORE).disputes["A"]
    assert event.recorded_at.isoformat() == f"{instant}:00+00:00"


@pytest.mark.parametrize(
    ("written", "is_read"),
    [
        pytest.param("300", True, id="a whole number"),
        pytest.param("1.5", False, id="a fraction is not rounded"),
        pytest.param("3e2", False, id="an exponent"),
        pytest.param("many", False, id="a word"),
    ],
)
def test_a_number_in_a_text_is_read_exactly_or_not_at_all(
    written: str, is_read: bool, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "h.csv", tmp_path / "m.yaml"
    file.write_text(f"id,at,grams\nA,2026-03-01T00:00Z,{written}\n", encoding="utf-8")
    mapping.write_text(
        "events: {a: {dispute_id: id, occurred_at: at, kind: order, "
        "payload: {weight_grams: grams}}}\n",
        encoding="utf-8",
    )
    history = read_source(Source(str(file), mapping=mapping), CORE)
    assert [one.reason for one in history.rejects] == ([] if is_read else ["wrong_value"])


def one_event(folder: Path, cells: str, heading: str, line: str) -> Source:
    """Return a table of one row, and a mapping of it with these cells."""
    (folder / "h.csv").write_text(f"{heading}\n{line}\n", encoding="utf-8")
    (folder / "m.yaml").write_text(f"events: {{a: {{dispute_id: id, {cells}}}}}\n", "utf-8")
    return Source(str(folder / "h.csv"), mapping=folder / "m.yaml")


@pytest.mark.parametrize(
    ("at", "cell", "reason", "message"),
    [
        pytest.param(
            "2026-03-02 09:00",
            '{column: at, format: "%d/%m/%Y %H:%M", time_zone: Asia/Jakarta}',
            "wrong_time",
            "`at`: `2026-03-02 09:00` is not written as `%d/%m/%Y %H:%M`, "
            "the `format` in the mapping.",
            id="another format",
        ),
        pytest.param(
            "02/03/2026 09:00",
            '{column: at, format: "%d/%m/%Y %H:%M %z"}',
            "wrong_time",
            "`at`: `02/03/2026 09:00` is not written as `%d/%m/%Y %H:%M %z`, "
            "the `format` in the mapping.",
            id="the offset of the format lacks",
        ),
        pytest.param(
            "02/03/2026 09:00",
            "{column: at, time_zone: Asia/Jakarta}",
            "wrong_time",
            "`at`: `02/03/2026 09:00` is not an instant. Say its `format` in the mapping.",
            id="no format",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "at",
            "time_without_offset",
            "`at`: `2026-03-02T09:00` has no UTC offset. Say its `time_zone` in the mapping.",
            id="no zone",
        ),
        pytest.param(
            "2026-03-02T09:00",
            "{column: at, format: unix seconds}",
            "wrong_time",
            "`at`: `2026-03-02T09:00` is not written as `unix seconds`, "
            "the `format` in the mapping.",
            id="no count",
        ),
    ],
)
def test_an_instant_that_is_not_as_the_mapping_says_names_its_column_once(
    at: str, cell: str, reason: str, message: str, tmp_path: Path
) -> None:
    cells = f"occurred_at: {cell}, kind: claim, payload: {{filed_at: {cell}}}"
    history = read_source(one_event(tmp_path, cells, "id,at", f"A,{at}"), CORE)
    (reject,) = history.rejects
    assert (reject.reason, reject.message, reject.dispute_id) == (reason, message, "A")


@pytest.mark.parametrize(
    ("count", "unit", "instant"),
    [
        pytest.param("1772413200", "seconds", "2026-03-02T01:00:00", id="seconds"),
        pytest.param("1772413200.25", "seconds", "2026-03-02T01:00:00.250000", id="a fraction"),
        pytest.param("1772413200125", "milliseconds", "2026-03-02T01:00:00.125000", id="millis"),
    ],
)
def test_counts_since_1970_are_instants(
    count: str, unit: str, instant: str, tmp_path: Path
) -> None:
    cell = f"{{column: at, format: unix {unit}}}"
    cells = f"occurred_at: {cell}, kind: claim, payload: {{filed_at: {cell}}}"
    source = one_event(tmp_path, cells, "id,at", f"A,{count}")
    (event,) = read_source(source, CORE).disputes["A"]
    assert event.recorded_at.isoformat() == f"{instant}+00:00"
    assert payload(event)["filed_at"] == event.recorded_at


def test_counts_are_instants_in_a_column_of_numbers(tmp_path: Path) -> None:
    source = one_event(
        tmp_path,
        "occurred_at: {column: at, format: unix seconds}, kind: claim, payload: {}",
        "",
        "",
    )
    file = tmp_path / "h.parquet"
    duckdb.sql("SELECT 7 AS id, 1772413200::BIGINT AS at").write_parquet(str(file))
    (event,) = read_source(replace(source, where=str(file)), CORE).disputes["7"]
    assert event.recorded_at.isoformat() == "2026-03-02T01:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        pytest.param("12,50", 1250, id="a comma"),
        pytest.param("1.250.000", 125_000_000, id="dots between thousands"),
        pytest.param("1.250,5", 125_050, id="both"),
        pytest.param("1250", 125_000, id="neither"),
        pytest.param("12.50", None, id="a point"),
        pytest.param("1.25.000", None, id="dots elsewhere"),
        pytest.param("1,250.00", None, id="the other way round"),
    ],
)
def test_a_decimal_comma_is_read_where_the_mapping_says_so(
    written: str, amount: int | None, tmp_path: Path
) -> None:
    paid = "payload: {currency: {constant: SGD}, total_paid: {column: paid, decimal: comma}}"
    cells = f"occurred_at: at, kind: order, {paid}"
    history = read_source(
        one_event(tmp_path, cells, "id;at;paid", f"A;2026-03-02T00:00Z;{written}"), CORE
    )
    if amount is None:
        (reject,) = history.rejects
        assert reject.reason == "wrong_value"
        assert reject.message == (
            f"`paid`: `{written}` is no number with a decimal comma, as the mapping says."
        )
        return
    (event,) = history.disputes["A"]
    assert payload(event)["total_paid"] == amount


def test_a_format_without_a_zone_is_refused(folder: Path) -> None:
    file = folder / "shop.yaml"
    file.write_text(SHOP.removeprefix("time_zone: Asia/Jakarta\n"), encoding="utf-8")
    with pytest.raises(ResoError, match=r"occurred_at.format: tells no time zone\. Write `time_z"):
        load_mapping(file, CORE)
    told = 'decided_at: {column: seen, format: "%Y-%m-%d %H:%M"}'
    text = SHOP.removeprefix("time_zone: Asia/Jakarta\n").replace('format: "%d', 'format: "%z %d')
    file.write_text(text.replace("decided_at: {column: seen, time_zone: UTC}", told), "utf-8")
    with pytest.raises(ResoError, match=r"outcomes.decided_at.format: tells no time zone"):
        load_mapping(file, CORE)
