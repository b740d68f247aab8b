"""Every kind of value the language can write means what its author reads."""

from datetime import UTC, datetime, time

import pytest

from reso.model.time import Duration
from tests.expressions.asking import CASE, value_of
from tests.strategies.small_packs import pack


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("0", 0, id="zero"),
        pytest.param("25", 25, id="a whole number"),
        pytest.param("500 IDR", 500, id="money of a currency without minor units"),
        pytest.param("15%", 150_000, id="a percentage, in millionths"),
        pytest.param("0.5%", 5_000, id="half a percent"),
        pytest.param("12.3456%", 123_456, id="a percentage with four decimals"),
        pytest.param("yes", True, id="yes"),
        pytest.param("no", False, id="no"),
        pytest.param('"two words"', "two words", id="a text in double quotes"),
        pytest.param("'it is'", "it is", id="a text in single quotes"),
        pytest.param("12:30", time(12, 30), id="a time of day"),
        pytest.param("8:05", time(8, 5), id="a time of day before ten"),
        pytest.param("48 hours", Duration("exact", 48 * 3600), id="hours"),
        pytest.param("1 hour", Duration("exact", 3600), id="one hour"),
        pytest.param("90 minutes", Duration("exact", 5400), id="minutes"),
        pytest.param("30 seconds", Duration("exact", 30), id="seconds"),
        pytest.param("6 calendar days", Duration("calendar_days", 6), id="calendar days"),
        pytest.param("1 calendar day", Duration("calendar_days", 1), id="one calendar day"),
        pytest.param("2 weeks", Duration("calendar_days", 14), id="weeks are calendar days"),
        pytest.param("3 business days", Duration("business_days", 3), id="business days"),
        pytest.param("2  business   days", Duration("business_days", 2), id="spaces are free"),
        pytest.param("1 month", Duration("months", 1), id="a month"),
        pytest.param(
            "6 calendar days end of day",
            Duration("calendar_days", 6, end_of_day=True),
            id="to the end of the last day",
        ),
        pytest.param(
            "40 calendar days inclusive",
            Duration("calendar_days", 40, inclusive=True),
            id="the first day counts",
        ),
        pytest.param(
            "40 calendar days inclusive end of day",
            Duration("calendar_days", 40, end_of_day=True, inclusive=True),
            id="both",
        ),
    ],
)
def test_a_literal_is_read_as_written(written: str, meant: object) -> None:
    assert value_of(written) == meant


def test_a_day_is_the_instant_it_begins_in_the_policys_zone() -> None:
    assert value_of("2026-03-04") == datetime(2026, 3, 3, 17, tzinfo=UTC)


def test_money_of_a_currency_with_cents_is_in_cents() -> None:
    policy = pack("""
        policy: small
        currency: SGD
        time_zone: Asia/Singapore
        readings: {limit: 50.10 SGD, whole: 50 SGD}
        """)
    case = "order: {currency: SGD, placed_at: 2026-03-02T09:30+08:00}"
    assert policy.value("limit", case, "2026-03-20T10:00+08:00") == 5010
    assert policy.value("whole", case, "2026-03-20T10:00+08:00") == 5000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("1 + 2 * 3", 7, id="times before plus"),
        pytest.param("(1 + 2) * 3", 9, id="brackets first"),
        pytest.param("10 - 3 - 2", 5, id="minus from the left"),
        pytest.param("2 * 3 * 4", 24, id="times"),
        pytest.param("order.total_paid - order.items_subtotal", 10_000, id="money less money"),
        pytest.param("order.total_paid + 5 IDR", 100_005, id="money plus money"),
        pytest.param("order.total_paid * 2", 200_000, id="money times a number"),
        pytest.param("2 * order.total_paid", 200_000, id="a number times money"),
        pytest.param("order.total_paid * 15%", 15_000, id="money times a rate"),
        pytest.param("15% * order.total_paid", 15_000, id="a rate times money"),
        pytest.param("10% + 2.5%", 125_000, id="rates add up"),
        pytest.param("100% - 15%", 850_000, id="rates are taken off"),
        pytest.param("claim.filed_at + 2 hours", at("03-12T20:00"), id="an instant moved"),
        pytest.param("claim.filed_at + 1 hour + 1 hour", at("03-12T20:00"), id="moved twice"),
    ],
)
def test_arithmetic(written: str, meant: object) -> None:
    assert value_of(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "order.shipping_actual + 5 IDR",
        "5 IDR - order.shipping_actual",
        "order.shipping_actual * 15%",
        "15% * order.shipping_actual",
        "order.paid_at + 2 hours",
        "order.paid_at at 12:00",
        "end_of_day(order.paid_at)",
        "time_of(order.paid_at)",
        "hours_between(order.paid_at, claim.filed_at)",
        "days_between(claim.filed_at, order.paid_at)",
    ],
)
def test_what_is_made_of_none_is_none(written: str) -> None:
    assert value_of(written) is None


@pytest.mark.parametrize(
    ("rounding", "half", "more", "less", "even_half", "negative"),
    [
        pytest.param("down", 2, 2, 2, 3, -3, id="down"),
        pytest.param("up", 3, 3, 3, 4, -2, id="up"),
        pytest.param("half_up", 3, 3, 2, 4, -2, id="half up"),
        pytest.param("half_even", 2, 3, 2, 4, -2, id="half even"),
    ],
)
def test_a_share_is_rounded_as_the_policy_says(
    rounding: str, half: int, more: int, less: int, even_half: int, negative: int
) -> None:
    policy = pack(f"""
        policy: small
        currency: IDR
        time_zone: Asia/Jakarta
        rounding: {rounding}
        readings:
          half: 5 IDR * 50%
          more: 5 IDR * 51%
          less: 5 IDR * 49%
          even_half: 50% * 7 IDR
          negative: (2 IDR - 7 IDR) * 50%
          exact: 4 IDR * 50%
          portion_half: portion(5 IDR, 1, 2)
          portion_even_half: portion(7 IDR, 1, 2)
        """)
    names = ("half", "more", "less", "even_half", "negative", "exact")
    found = [policy.value(name, CASE, "2026-03-20T10:00+07:00") for name in names]
    assert found == [half, more, less, even_half, negative, 2]
    halves = [
        policy.value(f"portion_{name}", CASE, "2026-03-20T10:00+07:00")
        for name in ("half", "even_half")
    ]
    assert halves == [half, even_half]


def test_rounding_is_down_where_the_policy_does_not_say() -> None:
    assert value_of("7 IDR * 99%") == 6


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("min(3, 1, 2)", 1, id="min"),
        pytest.param("max(3, 1, 2)", 3, id="max"),
        pytest.param("min(order.shipping_actual, 7 IDR)", 7, id="min leaves none out"),
        pytest.param("max(order.shipping_actual, 7 IDR)", 7, id="max leaves none out"),
        pytest.param("min(order.shipping_actual, costs.return_label)", None, id="min of nothing"),
        pytest.param("max(order.paid_at, order.completed_at)", None, id="max of nothing"),
        pytest.param(
            "max(order.placed_at, claim.filed_at)", at("03-12T18:00"), id="max of instants"
        ),
        pytest.param(
            "first_known(order.paid_at, order.placed_at)", at("03-02T09:30"), id="first known"
        ),
        pytest.param(
            "first_known(claim.filed_at, order.placed_at)",
            at("03-12T18:00"),
            id="first known takes the first, not the earliest",
        ),
        pytest.param("first_known(order.paid_at)", None, id="first known of nothing"),
        pytest.param("first_known(0 IDR, 5 IDR)", 0, id="zero is known"),
        pytest.param("earliest", at("03-02T09:30"), id="the earliest dated instant"),
        pytest.param("time_of(claim.filed_at)", time(18), id="time of an instant"),
        pytest.param(
            "end_of_day(claim.filed_at)", at("03-12T23:59:59"), id="end of an instant's day"
        ),
        pytest.param("claim.filed_at at 23:59", at("03-12T23:59"), id="that day at a time"),
        pytest.param("claim.filed_at at 9:00", at("03-12T09:00"), id="earlier that day"),
        pytest.param(
            "(claim.filed_at + 1 calendar day) at 9:00", at("03-13T09:00"), id="next day at a time"
        ),
        pytest.param(
            "hours_between(order.placed_at, claim.filed_at)", 248, id="whole hours, rounded down"
        ),
        pytest.param("days_between(order.placed_at, claim.filed_at)", 10, id="whole days"),
        pytest.param(
            "days_between(claim.filed_at, order.placed_at)", -11, id="rounded down below zero"
        ),
        pytest.param("portion(100 IDR, 1, 3)", 33, id="a portion by numbers, rounded down"),
        pytest.param(
            "portion(10 IDR, order.items_subtotal, order.total_paid)", 9, id="a portion by amounts"
        ),
        pytest.param("portion(order.total_paid, 3, 3)", 100_000, id="the whole of it"),
        pytest.param("portion(order.total_paid, 1, 0)", None, id="a part of nothing"),
        pytest.param(
            "portion(order.total_paid, order.shipping_actual, order.total_paid)",
            None,
            id="a part nobody knows",
        ),
    ],
)
def test_functions(written: str, meant: object) -> None:
    assert value_of(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("claim.filed_at + 3 business days", at("03-17T18:00"), id="over a weekend"),
        pytest.param("claim.filed_at + 5 business days", at("03-20T18:00"), id="over a holiday"),
        pytest.param(
            "claim.filed_at + 1 business day end of day", at("03-13T23:59:59"), id="end of day"
        ),
        pytest.param("claim.filed_at + 3 calendar days", at("03-15T18:00"), id="calendar days"),
        pytest.param(
            "claim.filed_at + 3 calendar days inclusive", at("03-14T18:00"), id="first day counts"
        ),
        pytest.param("claim.filed_at + 1 month", at("04-12T18:00"), id="a month"),
    ],
)
def test_instants_move_by_the_calendar_of_the_case(written: str, meant: object) -> None:
    assert value_of(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("count of tracking", 3, id="count of all"),
        pytest.param("count of tracking where event is delivered", 2, id="count where"),
        pytest.param("count of responses", 0, id="count of a list nobody stated"),
        pytest.param("sum of qty_claimed over claim.items", 3, id="sum leaves none out"),
        pytest.param("sum of unit_price * qty_claimed over claim.items", 35_000, id="sum of it"),
        pytest.param(
            "sum of unit_price over claim.items where qty_claimed is 1", 5_000, id="sum where"
        ),
        pytest.param("sum of unit_price over claim.items where sku is z", 0, id="sum of nothing"),
        pytest.param("event of first tracking", "picked_up", id="a field of the first"),
        pytest.param("event of latest tracking", "delivered", id="a field of the latest"),
        pytest.param("leg of latest tracking", "return", id="another field of the latest"),
        pytest.param("leg of first tracking", "outward", id="a field with a default"),
        pytest.param(
            "at of first tracking where event is delivered", at("03-06T12:00"), id="first where"
        ),
        pytest.param(
            "at of latest tracking where event is delivered and leg is outward",
            at("03-06T12:00"),
            id="latest where",
        ),
        pytest.param("at of first tracking where event is shipped", None, id="first of nothing"),
        pytest.param("signature of first tracking", None, id="a field nobody stated"),
        pytest.param("at of first of tracking", at("03-04T08:00"), id="`of` may stand twice"),
    ],
)
def test_lists(written: str, meant: object) -> None:
    assert value_of(written) == meant


def test_where_reaches_as_far_to_the_right_as_it_can() -> None:
    assert value_of("count of tracking where event is delivered and leg is outward") == 1
    assert value_of("(count of tracking where event is delivered) + 1") == 3


def test_items_of_equal_time_keep_the_order_of_the_file() -> None:
    case = """
        order: {currency: IDR, placed_at: 2026-03-02T09:30+07:00}
        responses:
          - {at: 2026-03-05T09:00+07:00, party: seller, action: reject}
          - {at: 2026-03-05T09:00+07:00, party: seller, action: approve}
          - {at: 2026-03-04T09:00+07:00, party: seller, action: message}
        """
    assert value_of("action of first responses", case=case) == "message"
    assert value_of("action of latest responses", case=case) == "approve"
    first = "action of first responses where at is 2026-03-05 + 9 hours"
    assert value_of(first, case=case) == "reject"


def test_branches_take_the_first_that_holds() -> None:
    policy = pack("""
        readings:
          share:
            - {when: order.total_paid > 50000 IDR, then: 10%}
            - {when: [order.total_paid > 10000 IDR, claim is known], then: 20%}
            - {otherwise: 30%}
          nothing:
            - {when: order.total_paid < 50 IDR, then: 10%}
        """)

    def share(paid: int) -> object:
        case = CASE.replace("total_paid: 100000", f"total_paid: {paid}")
        return policy.value("share", case, "2026-03-20T10:00+07:00")

    assert [share(100_000), share(20_000), share(5)] == [100_000, 200_000, 300_000]
    assert policy.value("nothing", CASE, "2026-03-20T10:00+07:00") is None


def test_picks_are_records_with_fields() -> None:
    policy = pack("""
        picks:
          last: latest tracking where leg is outward
          none_such: first responses
        readings:
          event: last.event
          leg: last.leg
          action: none_such.action
          returned: none_such.return_needed
        findings:
          arrived: last.event is delivered
          there: last is known
          missing: none_such is none
          kept: none_such.return_needed is no
        """)
    found = {
        name: policy.value(name, CASE, "2026-03-20T10:00+07:00")
        for name in ("event", "leg", "action", "returned", "arrived", "there", "missing", "kept")
    }
    assert found == {
        "event": "delivered",
        "leg": "outward",
        "action": None,
        "returned": None,
        "arrived": True,
        "there": True,
        "missing": True,
        "kept": False,
    }
