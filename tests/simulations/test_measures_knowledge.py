"""What a history knows, which rules see nothing by it, and what humans get for want of data."""

from zoneinfo import ZoneInfo

import duckdb
import pytest

from simulations.life import Stretch, live
from simulations.measures.knowledge import Known, blind_rules, lack_of_data
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.measures.traits import fill_from_history, fill_from_prepared
from simulations.results import result_of
from tests.simulations.shop import at, claim, event, life, order, pack, photo, says, scan

SILENT = {
    "A": (*order("A"), claim("damaged", 24, "A")),
    "B": (*order("B", 250_000), claim("not_received", 24, "B")),
    "C": (*order("C"),),
}
ANSWERED = {
    "A": (*SILENT["A"], photo(25), says("seller", "approve", 30)),
    "B": (*SILENT["B"], scan("delivered", 30), says("buyer", "message", 31)),
}
JAKARTA = ZoneInfo("Asia/Jakarta")


def test_a_fact_is_known_in_the_share_of_claims_that_state_it() -> None:
    known = Known.of_history(ANSWERED.values())
    assert known.disputes == 2
    assert known.shares["order.total_paid"] == 1
    assert known.shares["tracking.event"] == 0.5
    assert "shipping.courier" not in known.shares
    assert known.by_party == {("evidence", "buyer"): 0.5, ("responses", "seller"): 0.5}


def test_disputes_without_a_claim_are_not_counted() -> None:
    assert Known.of_history(SILENT.values()).disputes == 2


def ended(histories: dict[str, tuple]) -> ResultsTable:  # type: ignore[type-arg]
    return ResultsTable.of(
        result_of(life(), live(life(), events, Stretch()), events) for events in histories.values()
    )


def test_rules_that_look_where_nothing_is_recorded_are_blind() -> None:
    found = blind_rules(pack().policy, Known.of_history(SILENT.values()), ended(SILENT))
    rules = {one.rule: one for one in found}
    assert rules["unseen"].blind == "all"
    assert rules["unseen"].unseen == ("evidence of buyer",)
    assert (rules["unseen"].on_silence, rules["unseen"].disputes) == (True, 1)
    assert rules["refused"].unseen == ("responses (action) of seller",)
    assert not rules["refused"].on_silence
    assert rules["lost"].unseen == ("tracking (event)",)
    assert "judged" not in rules  # it waits for a human, who is no data


def test_where_it_is_recorded_no_rule_is_blind_for_it() -> None:
    found = blind_rules(pack().policy, Known.of_history(ANSWERED.values()), ended(ANSWERED))
    assert {one.rule for one in found}.isdisjoint({"unseen", "lost", "refused", "approved"})


def test_a_hand_over_that_rests_on_silence_here_is_for_want_of_data() -> None:
    known = Known.of_history(SILENT.values())
    table = ResultsTable.empty()
    rows = [
        {"dispute_id": "1", "ended": "escalated", "reason": "refused"},
        {"dispute_id": "2", "ended": "escalated", "reason": "human", "question": "human"},
        {"dispute_id": "3", "ended": "escalated", "question": "seller_answer"},
        {"dispute_id": "4", "ended": "imposed", "reason": "lost"},
    ]
    table.add_rows("results", rows)
    found = lack_of_data(pack().policy, known, table)
    assert found.for_lack == Rate(2, 3)
    assert {(one.question, one.reason) for one in found.groups} == {
        ("", "refused"),
        ("seller_answer", ""),
    }
    assert all("responses (action) of seller" in one.unseen for one in found.groups)


def test_segments_and_ages_are_read_from_a_history() -> None:
    table = ResultsTable.empty()
    late = (
        *SILENT["B"][:1],
        scan("delivered", 12),
        *SILENT["B"][1:],
        event("shipping", 2, courier="jne"),
    )
    fill_from_history(table, [SILENT["A"], late, SILENT["C"]], JAKARTA)
    columns = "dispute_id, claim_type, courier, value_band, month, evidence"
    assert table.rows(f"SELECT {columns} FROM {{segments}} ORDER BY 1") == [
        ("A", "damaged", None, "100000-200000", "2026-03", "none"),
        ("B", "not_received", "jne", "200000-500000", "2026-03", "none"),
    ]
    assert table.rows("SELECT * FROM {ages} ORDER BY 1") == [
        ("A", "order", 1.0),
        ("B", "delivery", 0.5),
    ]


def test_prepared_facts_say_the_same_as_the_history() -> None:
    connection = duckdb.connect()
    filed, placed, came = (int(at(hours).timestamp() * 1_000_000) for hours in (24, 0, 12))
    connection.execute(
        f"""
        CREATE TABLE facts AS SELECT 'B' AS dispute_id, {filed} AS "claim.filed_at",
            [{{n: 1, v: NULL}}, {{n: 2, v: 'not_received'}}] AS "claim.type",
            250000 AS "order.total_paid", 'IDR' AS "order.currency",
            {placed} AS "order.placed_at", 'jne' AS "shipping.courier", 1 AS "shipping.courier#n",
            [{{n: 1, "at": {came}, event: 'delivered', leg: NULL::VARCHAR}}] AS tracking,
            [{{n: 1, party: 'buyer'}}, {{n: 2, party: 'buyer'}}] AS evidence,
            [{{n: 1, party: 'seller', action: 'message'}}] AS responses
        """
    )
    modes = {
        "claim.filed_at": "always", "claim.type": "changes", "order.total_paid": "always",
        "order.currency": "always", "order.placed_at": "always", "shipping.courier": "once",
    }  # fmt: skip
    table = ResultsTable.empty(connection)
    fill_from_prepared(table, "facts", modes, JAKARTA)
    columns = "claim_type, courier, value_band, month, evidence"
    assert table.rows(f"SELECT {columns} FROM {{segments}}") == [
        ("not_received", "jne", "200000-500000", "2026-03", "buyer")
    ]
    assert table.rows("SELECT since, age_days FROM {ages}") == [("delivery", 0.5)]
    known = Known.of_prepared(table, "facts", 1, {"order.total_paid": 1.0})
    assert known.by_party == {("evidence", "buyer"): 1.0}


def test_prepared_facts_may_lack_any_column() -> None:
    connection = duckdb.connect()
    connection.execute("""CREATE TABLE facts AS SELECT 'B' AS dispute_id, 0 AS "claim.filed_at" """)
    table = ResultsTable.empty(connection)
    fill_from_prepared(table, "facts", {"claim.filed_at": "always"}, JAKARTA)
    columns = "claim_type, value_band, month, evidence"
    assert table.rows(f"SELECT {columns} FROM {{segments}}") == [(None, None, "1970-01", "none")]
    assert not table.holds("ages")
    assert Known.of_prepared(table, "facts", 1, {}).by_party == {}


@pytest.mark.parametrize(
    ("paid", "band"),
    [
        pytest.param(0, "0-1", id="nothing"),
        pytest.param(1, "1-2", id="one"),
        pytest.param(2, "2-5", id="two"),
        pytest.param(4_999, "2000-5000", id="just below five thousand"),
        pytest.param(5_000, "5000-10000", id="five thousand"),
        pytest.param(99_999, "50000-100000", id="just below a hundred thousand"),
    ],
)
def test_values_fall_into_bands_of_1_2_and_5(paid: int, band: str) -> None:
    table = ResultsTable.empty()
    made = event("order", 0, "A", currency="IDR", total_paid=paid, placed_at=at(0))
    fill_from_history(table, [(made, claim("damaged", 24, "A"))], JAKARTA)
    assert table.row("SELECT value_band FROM {segments}") == (band,)
