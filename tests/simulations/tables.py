"""Random results, and what is recorded of the same disputes, for tests of the measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import duckdb
from hypothesis import strategies as st

from simulations.measures.tables import COLUMNS, ResultsTable
from simulations.results import ENDED, Movement, Result
from tests.simulations.shop import at

DECISIONS = ("refund_full", "refund_partial", "return_and_refund", "release_to_seller", "deny")
REFUSALS = ("release_to_seller", "deny")
SETTLED = ("agreed", "lapsed", "imposed")


@cache
def shared() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


@dataclass(frozen=True)
class Told:
    """Results, and by dispute what is recorded and in which segments it stands."""

    results: tuple[Result, ...]
    recorded: Mapping[str, dict[str, object]]
    segments: Mapping[str, dict[str, object]]

    def table(self) -> ResultsTable:
        """Return the tables; those made before are gone then."""
        connection = shared()
        for name in COLUMNS:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        made = ResultsTable.of(self.results, connection)
        for name, rows in (("recorded", self.recorded), ("segments", self.segments)):
            made.add_rows(name, ({"dispute_id": one, **row} for one, row in rows.items()))  # type: ignore[arg-type]
        return made


@st.composite
def results(draw: st.DrawFn, number: int) -> Result:
    ended = draw(st.sampled_from(ENDED))
    settled = ended in SETTLED
    filed = at(draw(st.integers(0, 3000)))
    currency = draw(st.sampled_from(["IDR", "SGD"]))
    refund = draw(st.integers(0, 5)) * 1000 if settled else 0
    over = filed + timedelta(minutes=draw(st.integers(0, 40_000)))
    moved = [Movement("seller", "buyer", "goods", currency, refund)] if refund else []
    moved += [Movement("buyer", "courier", "shipping", currency, 7)] if draw(st.booleans()) else []
    return Result(
        f"D-{number:03}",
        draw(st.sampled_from(["", "damaged", "not_received"])),
        None if ended == "no_claim" else filed,
        ended,
        decision=draw(st.sampled_from(DECISIONS)) if settled else "",
        amount=refund if settled else None,
        currency=currency,
        ended_at=over if settled or ended == "escalated" else None,
        question=draw(st.sampled_from(["", "collecting"])) if ended == "escalated" else "",
        reason=draw(st.sampled_from(["lost", "came", "refused"])),
        handed_over=ended == "escalated" or draw(st.booleans()),
        asked=draw(st.integers(0, 2)),
        has_answers=draw(st.booleans()),
        moments=draw(st.integers(1, 9)),
        movements=tuple(moved),
        refunded_at=over if refund else None,
        arrived_after=bool(refund) and draw(st.booleans()),
    )


RECORDED = st.fixed_dictionaries(
    {
        "ruling": st.sampled_from([*DECISIONS, None]),
        "amount": st.one_of(st.none(), st.integers(0, 9000)),
        "decided_by": st.sampled_from(["human", "automatic", "buyer", None]),
        "truth": st.sampled_from(["refund", "no_refund", None]),
    }
)
SEGMENTS = st.fixed_dictionaries(
    {
        "seller_tier": st.sampled_from(["plain", "mall", None]),
        "value_band": st.sampled_from(["20-50", "50-100"]),
        "evidence": st.sampled_from(["none", "buyer"]),
        "region": st.sampled_from(["north", "south", None]),
        "seller": st.sampled_from([f"S-{n}" for n in range(6)]),
    }
)


@st.composite
def told(draw: st.DrawFn) -> Told:
    listed: Sequence[Result] = [draw(results(n)) for n in range(draw(st.integers(0, 25)))]
    names = [one.dispute_id for one in listed]
    some = {name for name in names if draw(st.integers(0, 4))}
    return Told(
        tuple(listed),
        {name: draw(RECORDED) for name in names if name in some},
        {name: draw(SEGMENTS) for name in names if draw(st.integers(0, 4))},
    )
