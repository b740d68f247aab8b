"""Numbers beyond all measure are shown with all their digits, in every form they have."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reso.engine.words import Voice
from reso.expressions.tree import Kind

VOICE = Voice("id", ZoneInfo("Asia/Jakarta"), "IDR", datetime(2026, 3, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        pytest.param(10**30 + 7, "integer", "1" + ".000" * 9 + ".007", id="a whole number"),
        pytest.param(10**36 + 12_5000, "rate", "100" + ".000" * 9 + ".012,5%", id="a rate"),
        pytest.param(10**30 + 7, "money", "Rp1" + ".000" * 9 + ".007", id="an amount"),
        pytest.param(-(10**30), "money", "-Rp1" + ".000" * 10, id="less than nothing"),
        pytest.param(125_000, "rate", "12,5%", id="a rate of every day"),
    ],
)
def test_a_number_is_shown_whole(number: int, kind: Kind, shown: str) -> None:
    assert VOICE.value(number, kind) == shown
