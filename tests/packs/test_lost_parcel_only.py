"""The pack of one rule: its own cases, and the answer key of the Olist disputes where they are."""

import shutil
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from reso.cases import Pack, load_pack
from reso.facts.reader import read_case_file
from reso.model.case import Case
from tests.shipped import pack_of, report_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "rules" / "lost_parcel_only"
OLIST = ROOT.parent / "shared" / "olist"
BRAZIL = ZoneInfo("America/Sao_Paulo")
LONG_AFTER = datetime(2019, 6, 1, tzinfo=BRAZIL)
UNDELIVERED = """
    select d.claim_ts, d.estimated_delivery_on, d.payment_total, o.delivered_at
    from read_parquet('{olist}/disputes.parquet') d
    join read_parquet('{olist}/afterwards/outcomes.parquet') o using (dispute_id)
    where d.claim_type = 'item_not_received' and d.delivered_at_known is null
    """


def test_its_own_cases_pass() -> None:
    report = report_of("lost_parcel_only")
    assert [result.case.id for result in report.results if not result.passed] == []
    assert report.passed >= 10


def waiting(days: int, folder: Path) -> Pack:
    """Return the pack with another number of days."""
    shutil.copytree(ROOT / "rules" / "shared", folder / "shared")
    shutil.copytree(FOLDER, folder / "pack")
    file = folder / "pack" / "policy.yaml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("value: 14 calendar days", f"value: {days} calendar days")
    assert days == 14 or changed != text
    file.write_text(changed, encoding="utf-8")
    return load_pack(folder / "pack")


def local(naive: datetime) -> str:
    return naive.replace(tzinfo=BRAZIL).isoformat()


def case_of(row: tuple[Any, ...]) -> dict[str, Any]:
    filed_at, estimated_on, paid, delivered_at = row
    midnight = datetime.combine(estimated_on, datetime.min.time())
    scans = [{"at": local(delivered_at), "event": "delivered"}] if delivered_at else []
    return {
        "claim": {"type": "not_received", "filed_at": local(filed_at)},
        "order": {"currency": "BRL", "total_paid": round(Decimal(paid), 2)},
        "shipping": {"estimated_arrival": local(midnight)},
        "tracking": scans,
    }


@cache
def undelivered() -> list[tuple[tuple[Any, ...], Case]]:
    """Return the disputes about parcels that had not come, each as it was when all was over."""
    with duckdb.connect() as connection:
        rows = connection.sql(UNDELIVERED.format(olist=OLIST)).fetchall()
    table = pack_of("lost_parcel_only").table
    return [(row, read_case_file(case_of(row), table).case_at(LONG_AFTER)) for row in rows]


def refunds(pack: Pack) -> list[tuple[Any, ...]]:
    """Return the disputes the pack refunds."""
    ruled = [(row, pack.engine.decide(case).decision) for row, case in undelivered()]
    return [row for row, decision in ruled if decision == "refund_full"]


@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist disputes are not beside the clone")
@pytest.mark.parametrize(
    ("days", "refunded", "wrong", "wrongly_paid"),
    [
        pytest.param(0, 2840, 1851, 330851, id="not a day more"),
        pytest.param(3, 2679, 1690, 304766, id="3 days"),
        pytest.param(7, 2127, 1138, 208713, id="7 days"),
        pytest.param(10, 1806, 817, 142974, id="10 days"),
        pytest.param(14, 1525, 536, 93138, id="14 days"),
        pytest.param(21, 1267, 278, 50253, id="21 days"),
        pytest.param(30, 1105, 116, 19751, id="30 days"),
        pytest.param(45, 1026, 37, 6731, id="45 days"),
        pytest.param(60, 1005, 16, 3998, id="60 days"),
    ],
)
def test_the_answer_key_comes_out(
    days: int, refunded: int, wrong: int, wrongly_paid: int, tmp_path: Path
) -> None:
    assert len(undelivered()) == 2858
    paid_back = refunds(waiting(days, tmp_path))
    came_later = [row for row in paid_back if row[3] is not None]
    assert (len(paid_back), len(came_later)) == (refunded, wrong)
    assert round(sum(row[2] for row in came_later)) == wrongly_paid
