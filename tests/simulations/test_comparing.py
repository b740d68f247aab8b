"""Two result sets over the same disputes: laws on random ones, and what cannot be compared."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.errors import InputError
from reso.model.money import Language
from simulations.comparing.brief import STORY_LENGTH, choose, shortened
from simulations.comparing.comparison import Comparison
from simulations.comparing.figures import changed_cases, compare
from simulations.comparing.plain import comparison_json, write_changed
from simulations.comparing.speaking import Speech
from simulations.comparing.tables import (
    RECORDED,
    Course,
    Side,
    Value,
    filled,
    make,
    of_recorded,
)
from simulations.comparing.telling import RecordedTeller, Teller, Told
from simulations.results import Movement, Result
from tests.simulations.reports import lived
from tests.strategies.costly import few

FILED = datetime(2026, 3, 2, 9, tzinfo=UTC)
COURSE: Course = frozenset({("buyer", "seller", "goods")})
PARTIES = ("buyer", "seller", "courier", "platform")


def result(name: str, ended: str = "imposed", *moved: Movement, **told: object) -> Result:
    """Return a result; a refund is decided where money goes to the buyer."""
    refunded = any(one.payee == "buyer" for one in moved)
    facts = {
        "decision": "" if ended in ("open", "escalated") else _decision(refunded),
        "currency": "IDR",
        "reason": "a_rule",
        "filed_at": FILED,
        "ended_at": FILED + timedelta(hours=5),
        "handed_over": ended == "escalated",
        "movements": moved,
    }
    return Result(name, "damaged", ended=ended, **{**facts, **told})  # type: ignore[arg-type]


def _decision(refunded: bool) -> str:
    return "refund_full" if refunded else "release_to_seller"


def paid(payer: str, payee: str, amount: int, component: str = "goods") -> Movement:
    return Movement(payer, payee, component, "IDR", amount)


def compared(
    a: Sequence[Result], b: Sequence[Result], truth: Sequence[tuple[Value, ...]] = ()
) -> tuple[Comparison, duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    filled(a)(connection, "results_a", "movements_a")
    filled(b)(connection, "results_b", "movements_b")
    if truth:
        make(connection, "recorded", RECORDED, truth)
    sides = (Side(n, f"results_{n}", f"movements_{n}", COURSE) for n in ("a", "b"))
    return compare(connection, *sides, recorded="recorded" if truth else None), connection


MOVEMENTS = st.builds(
    Movement,
    payer=st.sampled_from(PARTIES),
    payee=st.sampled_from(PARTIES),
    component=st.sampled_from(("goods", "shipping")),
    currency=st.just("IDR"),
    amount=st.integers(1, 10**12),
).filter(lambda moved: moved.payer != moved.payee)
ENDS = st.tuples(
    st.sampled_from(("agreed", "lapsed", "imposed", "escalated", "open")),
    st.lists(MOVEMENTS, max_size=3),
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Result], list[Result]]:
    pairs = draw(st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=8))
    a, b = (
        [result(f"D-{n}", pair[side][0], *pair[side][1]) for n, pair in enumerate(pairs)]
        for side in (0, 1)
    )
    return a, b


def position(results: Sequence[Result], party: str) -> int:
    """Return what a party got less what it bore, movement by movement."""
    return sum(
        moved.amount * ((moved.payee == party) - (moved.payer == party))
        for one in results
        for moved in one.movements
        if (moved.payer, moved.payee, moved.component) not in COURSE
    )


@few(8)
@given(both=runs())
def test_differences_add_up_to_the_totals_of_both_runs_and_to_zero(
    both: tuple[list[Result], list[Result]],
) -> None:
    a, b = both
    found, connection = compared(a, b)
    for party in PARTIES:
        totals = [(one.a, one.b) for one in found.party(party)] or [(0, 0)]
        assert totals == [(position(a, party), position(b, party))]
        for one in found.party(party):
            assert one.gains + one.losses == one.difference
    assert sum(one.difference for one in found.parties) == 0
    cases = changed_cases(connection, None)
    assert len(cases) == found.changed
    for party in PARTIES:
        listed = sum(dict(case.money).get(party, 0) for case in cases)
        assert listed == sum(one.difference for one in found.party(party))


@few(5)
@given(both=runs())
def test_held_against_itself_nothing_changes(both: tuple[list[Result], list[Result]]) -> None:
    found, connection = compared(both[0], both[0])
    assert (found.changed, found.other_reasons, found.other_times) == (0, 0, 0)
    assert changed_cases(connection) == ()
    assert all(moved.a == moved.b for moved in (*found.endings, *found.decisions))
    for test in found.tests:
        assert (test.table.p, test.adjusted, test.table.difference) == (1, 1, 0)
        assert test.interval is not None
        assert (test.interval.low, test.interval.high) == (0, 0)
    for party in found.parties:
        assert party.interval is not None
        assert (party.interval.low, party.interval.high) == (0, 0)


@few(5)
@given(both=runs())
def test_swapping_the_sides_mirrors_everything(both: tuple[list[Result], list[Result]]) -> None:
    found, _ = compared(*both)
    mirrored, _ = compared(both[1], both[0])
    assert {(one.a, one.b, one.disputes) for one in found.endings} == {
        (one.b, one.a, one.disputes) for one in mirrored.endings
    }
    for one, other in zip(found.tests, mirrored.tests, strict=True):
        assert (one.table.only_a, one.adjusted) == (other.table.only_b, other.adjusted)
        assert one.interval is not None
        assert other.interval is not None
        assert (one.interval.low, one.interval.high) == (-other.interval.high, -other.interval.low)
    for here, there in zip(found.parties, mirrored.parties, strict=True):
        assert (here.difference, here.gains) == (-there.difference, -there.losses)
        assert here.interval is not None
        assert there.interval is not None
        assert (here.interval.low, here.interval.high) == (
            -there.interval.high,
            -there.interval.low,
        )


def test_a_refund_borne_by_the_courier_costs_the_seller_nothing() -> None:
    released = [result("D-1", "imposed", paid("buyer", "seller", 90))]
    moves = (paid("courier", "buyer", 90), paid("buyer", "seller", 90))
    found, _ = compared([result("D-1", "imposed", *moves)], released)
    assert [(one.party, one.difference) for one in found.parties] == [
        ("buyer", 90),
        ("courier", -90),
    ]


def test_the_page_tells_of_both_sides_first_and_then_of_those_who_pay() -> None:
    a = [
        result("D-1", "imposed", paid("courier", "buyer", 90)),
        result("D-2", "imposed", paid("seller", "buyer", 20)),
        result("D-3", "imposed", paid("platform", "buyer", 10)),
    ]
    _, connection = compared(a, [result(f"D-{n}") for n in (1, 2, 3)])
    cases = changed_cases(connection)
    told = [[(one.case.dispute_id, one.party) for one in choose(cases, sign)] for sign in (1, -1)]
    assert told == [[("D-1", "buyer"), ("D-2", "buyer")], [("D-2", "seller"), ("D-1", "courier")]]
    others = choose(cases, -1, told={"D-1", "D-2"})
    assert [one.case.dispute_id for one in others] == ["D-3", "D-2"]


@pytest.mark.parametrize(
    ("truth", "refunded_a", "refunded_b", "table"),
    [
        pytest.param("refund", True, False, (0, 0, 1, 0), id="denied though due, under B"),
        pytest.param("no_refund", True, False, (0, 1, 0, 0), id="paid though not due, under A"),
        pytest.param("refund", True, True, (0, 0, 0, 1), id="right under both"),
        pytest.param("refund", False, False, (1, 0, 0, 0), id="wrong under both"),
    ],
)
def test_what_is_wrong_is_told_by_the_truth(
    truth: str, refunded_a: bool, refunded_b: bool, table: tuple[int, ...]
) -> None:
    a, b = (
        [result("D-1", "imposed", *([paid("seller", "buyer", 9)] if refunded else []))]
        for refunded in (refunded_a, refunded_b)
    )
    recorded = ("D-1", "deny", None, "human", "none", None, truth, None)
    test = compared(a, b, [recorded])[0].test("wrong")
    assert test is not None
    found = test.table
    assert (found.both, found.only_a, found.only_b, found.neither) == table


def test_where_no_truth_is_known_hindsight_stands_in() -> None:
    a = [result("D-1", "imposed", paid("courier", "buyer", 9), arrived_after=True)]
    found, _ = compared(a, [result("D-1")])
    assert [test.name for test in found.tests] == ["alone", "refunded", "late"]
    assert found.tests[2].table.only_a == 1


@pytest.mark.parametrize(
    ("row", "ended", "hours"),
    [
        pytest.param(
            ("refund_full", 50, "human", "none"), "escalated", (None, None), id="a person ruled"
        ),
        pytest.param(
            ("refund_full", 50, "seller", "both"), "agreed", (5, 9), id="the seller gave in"
        ),
        pytest.param(
            ("deny", None, "buyer", "both"), "withdrawn", (None, None), id="the buyer took it back"
        ),
        pytest.param(
            ("refund_full", 50, "automatic", "none"), "imposed", (5, 9), id="the system ruled"
        ),
        pytest.param(
            ("refund_partial", 50, "automatic", "both"), "agreed", (5, 9), id="both said yes"
        ),
    ],
)
def test_a_recorded_outcome_is_held_against_the_policys(
    row: tuple[str, int | None, str, str], ended: str, hours: tuple[int | None, int | None]
) -> None:
    ruling, amount, decided_by, accepted_by = row
    connection = duckdb.connect()
    lived = [result("D-1", "imposed", paid("seller", "buyer", 80)), result("D-2")]
    filled(lived)(connection, "results_a", "movements_a")
    decided_at = (FILED + timedelta(hours=9)).isoformat()
    rows = [("D-1", ruling, amount, decided_by, accepted_by, decided_at, None, None)]
    make(connection, "recorded", RECORDED, rows)
    make_arrivals(connection)
    fill = of_recorded(connection, "recorded", "results_a", "arrivals")
    fill(connection, "results_b", "movements_b")
    a = Side("a", "results_a", "movements_a", COURSE)
    found = compare(connection, a, Side("b", "results_b", "movements_b", is_recorded=True))
    assert [(one.b, one.a) for one in found.endings] == [(ended, "imposed")]
    assert (found.disputes, found.paired.unpaired) == (1, 1)
    # who bore it is not recorded, so only the buyer's money is compared
    assert [(one.party, one.a, one.b) for one in found.parties] == [("buyer", 80, amount or 0)]
    # a person's ruling is no end without one
    assert (found.hours.median_a, found.hours.median_b) == hours
    assert found.hours.disputes == (hours != (None, None))


@dataclass(frozen=True)
class Ruled:
    """A recorded ruling, when it was made, and when the parcel came: days after the complaint."""

    ruling: str
    ruled: int | None
    arrived: int | None


def held_against(told: Sequence[Ruled], a: Sequence[Result] = ()) -> Comparison:
    """Return what differs between results (nothing refunded where none are given) and rulings."""
    connection = duckdb.connect()
    names = [f"D-{number}" for number in range(len(told))]
    filled(a or [result(name) for name in names])(connection, "ra", "ma")
    rows = [
        (name, one.ruling, 50, "automatic", "none", day(one.ruled), None, None)
        for name, one in zip(names, told, strict=True)
    ]
    make(connection, "recorded", RECORDED, rows)
    arrivals = {name: one.arrived for name, one in zip(names, told, strict=True)}
    make_arrivals(connection, {name: at for name, at in arrivals.items() if at is not None})
    of_recorded(connection, "recorded", "ra", "arrivals")(connection, "rb", "mb")
    return compare(connection, Side("a", "ra", "ma"), Side("b", "rb", "mb", is_recorded=True))


def make_arrivals(
    connection: duckdb.DuckDBPyConnection, days: Mapping[str, int] | None = None
) -> None:
    columns = {"dispute_id": "VARCHAR", "arrived_at": "TIMESTAMPTZ"}
    make(connection, "arrivals", columns, [(name, day(at)) for name, at in (days or {}).items()])


def day(number: int | None) -> str | None:
    return None if number is None else (FILED + timedelta(days=number)).isoformat()


@pytest.mark.parametrize(
    ("told", "after"),
    [
        pytest.param(Ruled("refund_full", 2, 5), 1, id="it came after the refund"),
        pytest.param(Ruled("refund_partial", 2, 5), 1, id="after a refund of a part"),
        pytest.param(Ruled("refund_full", 5, 2), 0, id="it had come before"),
        pytest.param(Ruled("refund_full", 2, None), 0, id="it never came"),
        pytest.param(Ruled("deny", 2, 5), 0, id="nothing was refunded"),
        pytest.param(Ruled("return_and_refund", 2, 5), 0, id="what came is sent back first"),
    ],
)
def test_whether_a_parcel_came_after_a_recorded_refund_is_told_by_the_scans(
    told: Ruled, after: int
) -> None:
    elsewhere = Ruled("deny", 1, 1)
    test = held_against([told, elsewhere]).test("late")
    assert test is not None
    assert (test.table.only_b, test.table.of) == (after, 2)


def test_a_refund_of_which_nobody_knows_when_is_in_no_test_of_what_came_after_it() -> None:
    found = held_against([Ruled("refund_full", None, 5), Ruled("refund_full", 2, 5)])
    test = found.test("late")
    assert test is not None
    assert (test.table.only_b, test.table.of, found.late_unknown) == (1, 1, 1)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(Ruled("refund_full", None, 5), id="no ruling has an instant"),
        pytest.param(Ruled("refund_full", -1, 5), id="it was made before the complaint"),
        pytest.param(Ruled("refund_full", 2, None), id="the history holds no delivery"),
    ],
)
def test_where_it_cannot_be_known_what_came_later_no_test_is_made(told: Ruled) -> None:
    found = held_against([told])
    assert [test.name for test in found.tests] == ["alone", "refunded"]
    limits = list(Speech("en", found, "a", "b").limits())
    assert any("not known whether the parcel came after" in limit for limit in limits)


def test_a_recorded_refund_without_an_amount_is_left_out_of_the_money() -> None:
    connection = duckdb.connect()
    filled([result("D-1", "imposed", paid("seller", "buyer", 80))])(connection, "ra", "ma")
    rows = [("D-1", "refund_full", None, "human", "none", None, None, None)]
    make(connection, "recorded", RECORDED, rows)
    make_arrivals(connection)
    of_recorded(connection, "recorded", "ra", "arrivals")(connection, "rb", "mb")
    found = compare(connection, Side("a", "ra", "ma"), Side("b", "rb", "mb", is_recorded=True))
    assert (found.paired.without_money, found.parties) == (1, ())
    assert found.test("refunded").table.both == 1  # type: ignore[union-attr]


def test_nothing_recorded_of_these_disputes_is_told() -> None:
    connection = duckdb.connect()
    filled([result("D-1")])(connection, "ra", "ma")
    rows = [("D-9", "deny", None, "human", "none", None, None, None)]
    make(connection, "recorded", RECORDED, rows)
    with pytest.raises(InputError, match="no outcome of these disputes is recorded"):
        of_recorded(connection, "recorded", "ra", "arrivals")


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        pytest.param(
            [result("D-1"), result("D-2")], [result("D-2")],
            "b: 1 disputes of a are missing there, first `D-1`", id="missing in B",
        ),
        pytest.param(
            [result("D-2")], [result("D-2"), result("D-3")],
            "a: 1 disputes of b are missing there, first `D-3`", id="missing in A",
        ),
        pytest.param(
            [result("D-1")], [result("D-1", currency="BRL")],
            "D-1: its money is in IDR and in BRL", id="another currency",
        ),
        pytest.param(
            [result("D-1", "imposed", Movement("seller", "buyer", "goods", "USD", 5))],
            [result("D-1")], "D-1: its money is in IDR and in USD", id="money of another currency",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_paired_is_told(a: list[Result], b: list[Result], message: str) -> None:
    with pytest.raises(InputError) as told:
        compared(a, b)
    assert str(told.value).startswith(message)


# -- what it says ---------------------------------------------------------------------------


def told(**figures: object) -> Speech:
    """Return a comparison of one dispute under both, with other figures, in English."""
    found, _ = compared([result("D-1")], [result("D-1")])
    return Speech("en", replace(found, **figures), "a", "b")  # type: ignore[arg-type]


def test_of_no_silent_dispute_nothing_is_said() -> None:
    assert "holds no answer" not in next(told(changed=4, silent=0).limits())
    assert "In 3 of the 4 changed disputes" in next(told(changed=4, silent=3).limits())


@pytest.mark.parametrize(
    ("count", "of", "share"),
    [
        pytest.param(6_876, 6_879, "99.96%", id="not all"),
        pytest.param(1, 100_000, "0.001%", id="not nothing"),
        pytest.param(3, 3, "100.0%", id="all"),
        pytest.param(0, 3, "0.0%", id="nothing"),
    ],
)
def test_a_share_is_not_rounded_to_all_or_nothing(count: int, of: int, share: str) -> None:
    assert told().percent(count, of) == share


def test_on_a_page_no_amount_breaks_after_its_sign() -> None:
    speech = told()
    assert speech.signed_money(-5, "IDR") == "-IDR 5"
    printed = replace(speech, is_printed=True)
    assert printed.signed_money(-5, "IDR") == "\N{MINUS SIGN}IDR\N{NO-BREAK SPACE}5"


def test_money_in_an_interval_is_whole_minor_units_as_text() -> None:
    a = [result(f"D-{n}", "imposed", paid("seller", "buyer", n)) for n in range(9)]
    found, _ = compared(a, [result(f"D-{n}") for n in range(9)])
    data = comparison_json(found, {}, (), {})
    for party in data["money"]:  # type: ignore[index,call-overload,union-attr]
        low, high = party["interval_95"]  # type: ignore[index,call-overload]
        assert (str(int(low)), str(int(high))) == (low, high)


# -- stories --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param("id", "Pembeli tidak menyerahkan barang kepada kurir sampai ", id="id"),
        pytest.param("en", "The buyer did not hand the goods to the courier by ", id="en"),
    ],
)
def test_what_nobody_did_in_time_is_told_as_what_was_not_done(
    language: Language, said: str
) -> None:
    whole = lived(hurried=True)
    teller = Teller(whole.pack, whole.stretch)
    found = teller.told(whole.history.disputes["D-038"], language)
    assert found.why[-1].startswith(said)
    assert "?" not in str(found)


def test_a_story_that_is_cut_ends_in_no_question() -> None:
    long = Told(f"The money goes {'on ' * 50}.", ("Does it end by noon?", f"No, {'on ' * 60}."))
    assert len(str(long)) > STORY_LENGTH
    assert shortened(long) == long.headline


@pytest.mark.parametrize(
    ("amount", "headline"),
    [(0, "Recorded: money to the seller."), (50, "Recorded: money to the seller, IDR 50.")],
)
def test_an_amount_of_nothing_is_not_told(amount: int, headline: str) -> None:
    connection = duckdb.connect()
    rows = [("D-001", "release_to_seller", amount, "human", "none", None, None, None)]
    make(connection, "recorded", RECORDED, rows)
    events = lived().history.disputes["D-001"]
    assert RecordedTeller(connection, "recorded").told(events, "en").headline == headline


# -- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "amounts"),
    [
        pytest.param("IDR", ("90", "-90", "0"), id="no minor digits"),
        pytest.param("BRL", ("0.90", "-0.90", "0.00"), id="two"),
        pytest.param("KWD", ("0.090", "-0.090", "0.000"), id="three"),
    ],
)
def test_amounts_in_a_file_have_the_digits_of_their_currency(
    currency: str, amounts: tuple[str, ...], tmp_path: Path
) -> None:
    moved = Movement("courier", "buyer", "goods", currency, 90)
    a = [result("D-1", "imposed", moved, currency=currency)]
    _, connection = compared(a, [result("D-1", currency=currency)])
    write_changed(connection, tmp_path, {}, "en")
    with (tmp_path / "changed.csv").open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["buyer"], row["courier"], row["seller"]) == amounts
    written = duckdb.read_parquet(str(tmp_path / "changed.parquet")).select("buyer").fetchone()
    assert written == (Decimal(amounts[0]),)
