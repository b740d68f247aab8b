"""Mappings: foreign columns as events and outcomes, by a file and no code."""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from reso.errors import ResoError
from reso.facts.table import load_core
from reso.model.events import Event
from simulations.reading import load_mapping, read_outcomes
from simulations.sources import Source, read_source

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
        ("complaints.csv", 3, "nothing_mapped", ""),
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
            "`%d/%m/%Y %Q` is no format. Write it like %d/%m/%Y %H:%M.",
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
            "where: {state:",
            "where: {stat:",
            "{f}:22: events.claim.where.stat: "
            "{d}/complaints.csv has no column `stat`. Did you mean `state`?",
            id="a condition on no column",
        ),
    ],
)
def test_what_is_wrong_in_a_mapping_is_told_with_its_line(
    old: str, new: str, message: str, folder: Path
) -> None:
    assert old in SHOP
    file = folder / "shop.yaml"
    file.write_text(SHOP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ResoError) as raised:
        read_source(Source(str(folder), mapping=file), CORE)
    first = str(raised.value).splitlines()[0]
    assert first == message.replace("{f}", str(file)).replace("{d}", str(folder))


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


def test_a_format_without_a_zone_is_refused(folder: Path) -> None:
    file = folder / "shop.yaml"
    file.write_text(SHOP.removeprefix("time_zone: Asia/Jakarta\n"), encoding="utf-8")
    with pytest.raises(ResoError, match=r"occurred_at.format: tells no time zone\. Write `time_z"):
        load_mapping(file, CORE)
