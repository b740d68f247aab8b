"""Each measure in SQL equals the same counted dispute by dispute."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given

from reso.errors import InputError
from simulations.figures import Summary
from simulations.measures.consistency import consistency
from simulations.measures.endings import (
    automatic,
    automatic_band,
    escalation,
    funnel,
    over_time,
    rule_uses,
    times,
)
from simulations.measures.fairness import balance
from simulations.measures.money import costs, flows
from simulations.measures.rates import Rate
from simulations.measures.segments import by_segment, by_segments
from simulations.measures.tables import Names, ResultsTable
from simulations.measures.truth import arrived_after, wrongful
from simulations.measures.workload import Staffing, workload
from simulations.results import Movement, Result
from tests.simulations.shop import at
from tests.simulations.tables import REFUSALS, SETTLED, Told, told

pytestmark = pytest.mark.slow

JAKARTA = ZoneInfo("Asia/Jakarta")
REFUNDS = ("refund_full", "refund_partial", "return_and_refund")


def gives_nothing(one: Result) -> bool:
    """Whether the buyer gets nothing: refused, or a refund of nothing."""
    refunds = one.decision in REFUNDS and one.amount == 0
    return one.refunded == 0 and (one.decision in REFUSALS or refunds)


def a_human_refunded(row: Mapping[str, object]) -> bool:
    amount = row["amount"]
    is_human = row["decided_by"] == "human" and row["ruling"] in REFUNDS
    return is_human and isinstance(amount, int) and amount > 0


def claims_of(given: Told) -> list[Result]:
    return [one for one in given.results if one.ended != "no_claim"]


@given(told())
def test_endings_are_counted_as_one_would_by_hand(given: Told) -> None:
    table, claims = given.table(), claims_of(given)
    found = automatic(table)
    own = Counter(one.ended for one in claims if one.without_human)
    assert found.together == Rate(sum(own.values()), len(claims))
    parts = (found.agreed, found.lapsed, found.imposed, found.withdrawn)
    assert [part.count for part in parts] == [
        own[ended] for ended in ("agreed", "lapsed", "imposed", "withdrawn")
    ]
    handed = escalation(table)
    assert handed.ever == Rate(sum(one.handed_over for one in claims), len(claims))
    reasons = Counter((one.question, one.reason) for one in claims if one.ended == "escalated")
    assert {(r.question, r.reason): r.disputes.count for r in handed.reasons} == dict(reasons)
    uses = {(use.rule, use.ended): use.disputes.count for use in rule_uses(table)}
    assert uses == dict(Counter((r.reason, r.ended) for r in claims if r.ended != "open"))


@given(told())
def test_what_goes_into_a_box_of_the_funnel_comes_out_of_it(given: Told) -> None:
    links = funnel(given.table())
    into, out = Counter[str](), Counter[str]()
    for link in links:
        into[link.target] += link.disputes
        out[link.source] += link.disputes
    assert out["disputes"] == len(given.results)
    assert out["with claim"] == into["with claim"] == len(claims_of(given))
    for box in ("somebody asked", "nobody asked", *SETTLED):
        assert into[box] == out[box]


@given(told())
def test_times_are_nearest_ranks_of_the_hours(given: Told) -> None:
    found = {one.group: one for one in times(given.table())}
    for group in ("all", *SETTLED, "escalated"):
        wanted = SETTLED if group == "all" else (group,)
        hours = sorted(r.hours for r in given.results if r.ended in wanted and r.hours is not None)
        assert (group in found) == bool(hours)
        if hours:
            shown = found[group]
            assert (shown.disputes, shown.longest) == (len(hours), pytest.approx(hours[-1]))
            for share, value in shown.quantiles:
                rank = next(n for n in range(1, len(hours) + 1) if n >= share * len(hours) - 1e-9)
                assert value == pytest.approx(hours[rank - 1])
            for limit, rate in shown.within:
                assert rate == Rate(sum(h <= limit for h in hours), len(hours))


@given(told())
def test_periods_hold_each_claim_once_in_the_month_of_its_filing(given: Told) -> None:
    found = {one.starts: one for one in over_time(given.table(), JAKARTA)}
    filed = Counter(
        one.filed_at.astimezone(JAKARTA).date().replace(day=1)
        for one in claims_of(given)
        if one.filed_at is not None
    )
    assert {starts: one.disputes for starts, one in found.items()} == dict(filed)
    assert sum(one.automatic.count for one in found.values()) == sum(
        one.without_human for one in claims_of(given)
    )


def test_weeks_begin_on_monday_in_the_zone_of_the_policy() -> None:
    sunday_in_utc = Result("D", "damaged", at(-12), "open")  # Monday 2 March, 09:00 less 12 h
    assert [one.starts for one in over_time(ResultsTable.of([sunday_in_utc]), JAKARTA, "week")] == [
        date(2026, 2, 23)
    ]
    monday = Result("D", "damaged", at(-9), "open")  # 00:00 in Jakarta, still Sunday in UTC
    found = over_time(ResultsTable.of([monday]), JAKARTA, "week")
    assert [one.starts for one in found] == [date(2026, 3, 2)]


@given(told())
def test_money_that_leaves_one_party_reaches_another(given: Told) -> None:
    table = given.table()
    moved: Counter[tuple[str, str, str, str]] = Counter()
    for one in (one for result in given.results for one in result.movements):
        moved[one.currency, one.payer, one.payee, one.component] += one.amount
    shown = {(f.currency, f.payer, f.payee, f.component): f.amount for f in flows(table)}
    assert shown == dict(moved)
    for currency in ("IDR", "SGD"):
        assert sum(one.net for one in costs(table) if one.currency == currency) == 0


@given(told())
def test_wrongful_outcomes_are_held_against_the_recorded_truth(given: Told) -> None:
    found = wrongful(given.table())
    ruled = [(one, given.recorded.get(one.dispute_id, {})) for one in given.results]
    ruled = [(one, row) for one, row in ruled if one.decision and one.ended != "no_claim"]
    undue = [one for one, row in ruled if row.get("truth") == "no_refund"]
    due = [(one, row) for one, row in ruled if row.get("truth") == "refund"]
    refused = [(one, row) for one, row in due if gives_nothing(one)]
    assert found.known == Rate(len(undue) + len(due), len(ruled))
    assert found.refunded_wrongly == Rate(sum(one.refunded > 0 for one in undue), len(undue))
    assert found.refused_wrongly == Rate(len(refused), len(due))
    assert sum(one.to_buyers for one in found.money) == sum(one.refunded for one in undue)
    assert sum(one.kept_from_buyers or 0 for one in found.money) == sum(
        int(str(row["amount"])) for _, row in refused if a_human_refunded(row)
    )
    unknown = [row for _, row in refused if not a_human_refunded(row)]
    assert sum(one.amount_unknown for one in found.money) == len(unknown)
    late = [one for one in given.results if one.arrived_after]
    assert arrived_after(given.table()).all_refunds.count == len(late)


@given(told())
def test_like_disputes_that_end_differently_are_pairs_of_them(given: Told) -> None:
    alike = ("claim_type", "seller_tier", "evidence")
    groups: dict[tuple[object, ...], list[str]] = {}
    for one in given.results:
        if one.ended not in ("no_claim", "open"):
            row = given.segments.get(one.dispute_id, {})
            key = (one.claim_type or None, row.get("seller_tier"), row.get("evidence"))
            groups.setdefault(key, []).append(one.decision or one.ended)
    several = [outcomes for outcomes in groups.values() if len(outcomes) > 1]
    pairs = [(a, b) for outcomes in several for n, a in enumerate(outcomes) for b in outcomes[:n]]
    found = consistency(given.table(), alike)
    assert found.split == Rate(sum(len(set(one)) > 1 for one in several), len(several))
    minority = sum(len(one) - max(Counter(one).values()) for one in several)
    assert found.in_the_minority == Rate(minority, sum(map(len, several)))
    expected = sum(a != b for a, b in pairs) / len(pairs) if pairs else None
    assert found.unlike_pairs == (None if expected is None else pytest.approx(expected))
    for example in found.examples:
        assert sum(ending.disputes for ending in example.endings) == example.disputes
        assert len(example.endings) > 1


def test_alike_by_what_is_no_column_is_refused() -> None:
    with pytest.raises(InputError, match="`mood` is no column of the segments"):
        consistency(ResultsTable.empty(), ["mood"])


@given(told())
def test_segments_add_up_and_small_ones_stand_last(given: Told) -> None:
    table = given.table()
    for column, shown in by_segments(table, least=4).items():
        assert sum(one.disputes for one in shown.listed) == len(claims_of(given))
        assert sum(one.automatic.count for one in shown.listed) == sum(
            one.without_human for one in claims_of(given)
        )
        assert [one.small for one in shown.listed] == sorted(one.small for one in shown.listed)
        assert all(one.small == (one.disputes < 4) for one in shown.listed)
        if column == "region":
            assert by_segment(table, column, least=4) == shown


def test_segments_beyond_the_most_are_counted() -> None:
    made = [Result(f"D-{n}", f"type_{n}", at(0), "open") for n in range(5)]
    shown = by_segment(ResultsTable.of(made), "claim_type", most=2)
    assert shown is not None
    assert [one.value for one in shown.listed] == ["type_0", "type_1"]
    assert (shown.left_out, shown.disputes_left_out) == (3, 3)


def test_of_a_column_nobody_knows_there_are_no_segments() -> None:
    made = ResultsTable.of([Result("D", "damaged", at(0), "open")])
    assert by_segment(made, "courier") is None
    assert set(by_segments(made)) == {"claim_type"}


@given(told())
def test_the_balance_is_wrongful_money_per_thousand(given: Told) -> None:
    rows = [one for one in balance(given.table(), least=2) if not one.column]
    for row in rows:
        known = [
            (one, given.recorded[one.dispute_id])
            for one in given.results
            if one.decision
            and one.currency == row.currency
            and given.recorded.get(one.dispute_id, {}).get("truth")
        ]
        undue = sum(one.refunded for one, told in known if told["truth"] == "no_refund")
        assert row.disputes == len(known)
        assert row.to_buyers.value == pytest.approx(1000 * undue / len(known))
        assert row.tilt is None or -1 <= row.tilt <= 1
        interval = row.to_buyers.interval
        assert interval is None or interval[0] <= row.to_buyers.value <= interval[1]


def test_the_tilt_is_one_where_all_wrong_goes_to_buyers() -> None:
    paid = Movement("seller", "buyer", "goods", "IDR", 500)
    one = Result("D", "damaged", at(0), "imposed", "refund_full", 500, "IDR", movements=(paid,))
    table = ResultsTable.of([one])
    table.add_rows("recorded", [{"dispute_id": "D", "truth": "no_refund"}])
    (row,) = balance(table)
    assert (row.to_buyers.value, row.kept_from_buyers.value, row.tilt) == (500_000, 0, 1)
    assert row.small


def test_the_workload_is_cases_by_open_hours() -> None:
    staffing = Staffing(
        minutes_per_case=10, open_hours_a_day=8, open_days_a_week=7, loads=(1, 3), busy_day=0.5
    )
    cases = [
        Result(f"D-{n}", "damaged", at(24 * day), "escalated", handed_over=True)
        for n, day in enumerate([0, 0, 0, 0, 1, 1, 3])
    ]
    found = workload(ResultsTable.of(cases), JAKARTA, staffing)
    assert (found.cases, found.days) == (7, 4)
    once, thrice = found.loads
    assert once.cases_per_hour == pytest.approx(7 / 32)
    assert once.minutes_per_hour == pytest.approx(70 / 32)
    assert once.people == pytest.approx(70 / 32 / 60)
    assert once.busy_cases_per_hour == pytest.approx(1 / 8)  # days of 0, 1, 2, 4: the second
    assert thrice.minutes_per_hour == pytest.approx(3 * once.minutes_per_hour)


def test_where_no_case_reaches_a_human_there_is_no_load() -> None:
    assert workload(ResultsTable.empty(), JAKARTA).loads == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("minutes_per_case: 0\n", "greater than 0", id="no minutes"),
        pytest.param("minutes: 5\n", "minutes_per_case", id="another word"),
        pytest.param("a: [\n", "is not readable as YAML", id="no yaml"),
    ],
)
def test_assumptions_that_cannot_be_read_are_told(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "workload.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        Staffing.read(file)


def test_three_runs_stand_side_by_side_under_their_names() -> None:
    connection = duckdb.connect()
    for n, name in enumerate(("low", "middle", "high"), start=1):
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(
            f"CREATE TABLE {name}.results AS SELECT range::VARCHAR AS dispute_id, "
            f"CASE WHEN range < {n} THEN 'agreed' ELSE 'escalated' END AS ended, "
            f"range >= {n} AS handed_over FROM range(4)"
        )
        connection.execute(f"CREATE TABLE {name}.movements (dispute_id VARCHAR)")
    runs = [
        ResultsTable(connection, Names(f"{name}.results", f"{name}.movements"))
        for name in ("low", "middle", "high")
    ]
    band = automatic_band(*runs)
    assert [one.together.count for one in (band.low, band.middle, band.high)] == [1, 2, 3]


@given(given=told())
def test_tables_that_are_saved_and_opened_tell_the_same(
    given: Told, tmp_path_factory: pytest.TempPathFactory
) -> None:
    table, folder = given.table(), tmp_path_factory.mktemp("saved")
    table.save(folder)
    opened = ResultsTable.open(folder)
    assert Summary.read(opened) == Summary.read(table)
    assert wrongful(opened) == wrongful(table)
    assert opened.holds("recorded") == bool(given.recorded)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        ResultsTable.open(tmp_path)


def test_a_connection_without_results_is_refused() -> None:
    with pytest.raises(InputError, match="there is no table `results`"):
        ResultsTable(duckdb.connect())


def test_what_is_absent_is_null_and_instants_keep_their_microseconds() -> None:
    filed = at(1 / 3_600_000_000 * 7)
    table = ResultsTable.of([Result("D", "", filed, "open")])
    sql = "SELECT claim_type, decision, ended_at, epoch_us(filed_at) FROM {results}"
    assert table.row(sql) == (None, None, None, round(filed.timestamp() * 1_000_000))
