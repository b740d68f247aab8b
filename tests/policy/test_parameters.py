"""Parameters: values by period, by table, with overlays; always that of the right day."""

from datetime import UTC, datetime

import pytest

from reso.model.time import Duration
from tests.strategies.small_packs import SmallPack, pack, reason

NOW = "2026-06-01T10:00+07:00"


def order(placed_at: str, more: str = "") -> str:
    return f"order: {{currency: IDR, placed_at: {placed_at}, total_paid: 100}}\n{more}"


def hours(count: int) -> Duration:
    return Duration("exact", count * 3600)


PERIODS = pack("""
policy: small
currency: IDR
time_zone: Asia/Jakarta
dated_by: [order.placed_at, claim.filed_at]
parameters:
  time: {before: 24 hours, 2025-10-24: 48 hours, 2026-03-01: 72 hours}
  by_filing:
    value: {before: 1, 2026-03-01: 2}
    dated_by: claim.filed_at
  begun: {2025-10-24: 5 IDR}
otherwise: escalate
""")


@pytest.mark.parametrize(
    ("placed_at", "value"),
    [
        pytest.param("2020-01-01T00:00+07:00", 24, id="before the first"),
        pytest.param("2025-10-23T23:59+07:00", 24, id="last minute of the day before"),
        pytest.param("2025-10-24T00:00+07:00", 48, id="first minute of the day, in Jakarta"),
        pytest.param("2025-10-23T17:00+00:00", 48, id="the same minute, told in UTC"),
        pytest.param("2025-10-23T16:59+00:00", 24, id="a minute earlier, told in UTC"),
        pytest.param("2026-02-28T23:59+07:00", 48, id="last minute of the second"),
        pytest.param("2026-03-01T00:00+07:00", 72, id="first minute of the third"),
        pytest.param("2026-05-30T00:00+07:00", 72, id="after the last"),
    ],
)
def test_a_dated_value_is_that_of_the_day(placed_at: str, value: int) -> None:
    assert PERIODS.value("time", order(placed_at), NOW) == hours(value)


def test_periods_may_stand_in_any_order() -> None:
    policy = pack("""
        parameters:
          time: {2026-03-01: 72 hours, before: 24 hours, 2025-10-24: 48 hours}
        """)
    assert policy.value("time", order("2025-11-01T00:00+07:00"), NOW) == hours(48)


@pytest.mark.parametrize(
    ("case", "value"),
    [
        pytest.param(
            "order: {currency: IDR, placed_at: 2026-02-01T00:00+07:00}\n"
            "claim: {filed_at: 2026-04-01T00:00+07:00}",
            48,
            id="the first of dated_by that is known",
        ),
        pytest.param("claim: {filed_at: 2026-04-01T00:00+07:00}", 72, id="else the second"),
        pytest.param(
            "tracking: [{at: 2025-12-01T00:00+07:00, event: shipped}]",
            48,
            id="else the earliest dated instant of the case",
        ),
        pytest.param(
            "tracking: [{at: 2025-12-01T00:00+07:00, event: shipped}]\n"
            "shipping: {shipped_at: 2025-01-01T00:00+07:00}",
            24,
            id="the earliest of all its parts",
        ),
    ],
)
def test_dated_by_is_a_list_of_which_the_first_known_counts(case: str, value: int) -> None:
    assert PERIODS.value("time", case, NOW) == hours(value)


def test_a_parameter_may_name_another_date() -> None:
    claim = "claim: {filed_at: 2026-03-01T00:00+07:00}"
    assert PERIODS.value("by_filing", order("2026-01-01T00:00+07:00", claim), NOW) == 2
    assert PERIODS.value("by_filing", order("2026-01-01T00:00+07:00"), NOW) == 1


def test_a_date_may_be_a_reading_that_uses_a_parameter() -> None:
    policy = pack("""
        policy: small
        currency: IDR
        time_zone: Asia/Jakarta
        dated_by: ordered_at
        parameters:
          grace: 24 hours
          time: {before: 1, 2026-03-01: 2}
        readings:
          ordered_at: order.placed_at + grace
        otherwise: escalate
        """)
    assert policy.value("time", order("2026-02-28T00:00+07:00"), NOW) == 2
    assert policy.value("time", order("2026-02-27T23:59+07:00"), NOW) == 1


# No value on a day


NO_VALUE = "`begun` has no value on 2025-10-23; its first one starts 2025-10-24"


def begun(rules: str) -> SmallPack:
    return pack(f"parameters:\n  begun: {{2025-10-24: 5 IDR}}\n{rules}")


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(
            "rules: {r: {when: order.total_paid > begun, conclude: deny}}", id="in a condition"
        ),
        pytest.param(
            "rules: {r: {when: order.total_paid > 5 IDR, "
            "conclude: {remedy: refund, amount: begun}}}",
            id="in an amount",
        ),
        pytest.param(
            "rules: {r: {when: order.total_paid > 5 IDR, conclude: deny, "
            'because: {id: "di atas {begun}", en: "above {begun}"}}}',
            id="in the reason alone",
        ),
        pytest.param(
            "rules: {r: {when: order.total_paid > 5 IDR, conclude: deny, effects: {cut: begun}}}",
            id="in an effect alone",
        ),
        pytest.param("effects: {cut: begun}", id="in an effect of every ruling"),
    ],
)
@pytest.mark.parametrize(
    "placed_at",
    [
        pytest.param("2025-10-23T12:00+07:00", id="at noon"),
        pytest.param("2025-10-23T02:00+07:00", id="when it is another day in UTC"),
    ],
)
def test_a_parameter_without_a_value_that_day_escalates_and_says_so(
    rules: str, placed_at: str
) -> None:
    ruling = begun(rules).rule(order(placed_at), NOW)
    assert ruling.decision == "escalate"
    assert [(found.kind, found.detail) for found in ruling.reasons] == [("flaw", NO_VALUE)]


def test_a_parameter_without_a_value_that_day_does_no_harm_where_nothing_asks_for_it() -> None:
    ruling = begun("rules: {r: {when: order.total_paid > 5 IDR, conclude: deny}}").rule(
        order("2025-10-23T12:00+07:00"), NOW
    )
    assert ruling.decision == "release_to_seller"
    assert reason(ruling, "r").kind == "rule"


# Tables


TABLES = pack("""
parameters:
  window:
    by: order.seller_tier
    mall: 15 calendar days
    star_plus, non_mall: 7 calendar days
    otherwise: 6 calendar days
  nested:
    by: order.order_kind
    pre_order:
      by: order.seller_tier
      mall: 1
      otherwise: {before: 2, 2026-03-01: 3}
    standard: {by: order.easy_return_label, "yes": 4, "no": 5}
  counted: {by: history.appeals_used, 0: 10 IDR, 1: 20 IDR, otherwise: 30 IDR}
  zero_first: {by: order.easy_return_label, "no": 0, "yes": 1}
  described:
    value: {by: order.seller_tier, mall: 1, otherwise: 2}
    chosen: because it must be something
""")


@pytest.mark.parametrize(
    ("facts", "name", "value"),
    [
        pytest.param("seller_tier: mall", "window", 15, id="its own row"),
        pytest.param("seller_tier: star_plus", "window", 7, id="first of two keys"),
        pytest.param("seller_tier: non_mall", "window", 7, id="second of two keys"),
        pytest.param("seller_tier: regular", "window", 6, id="any other"),
        pytest.param("weight_grams: 1", "window", 6, id="none is any other"),
    ],
)
def test_a_table_is_looked_up_by_key(facts: str, name: str, value: int) -> None:
    case = f"order: {{currency: IDR, placed_at: 2026-02-01T00:00+07:00, {facts}}}"
    assert TABLES.value(name, case, NOW) == Duration("calendar_days", value)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        pytest.param("order_kind: pre_order, seller_tier: mall", 1, id="table in a table"),
        pytest.param("order_kind: pre_order", 2, id="periods in a table"),
        pytest.param("easy_return_label: true", 4, id="a flag is a key: yes"),
        pytest.param("weight_grams: 1", 5, id="what absence means is a key: standard, no"),
    ],
)
def test_tables_nest(facts: str, value: int) -> None:
    case = f"order: {{currency: IDR, placed_at: 2026-02-01T00:00+07:00, {facts}}}"
    assert TABLES.value("nested", case, NOW) == value


@pytest.mark.parametrize(("used", "value"), [(0, 10), (1, 20), (2, 30)])
def test_a_number_is_a_key(used: int, value: int) -> None:
    case = order("2026-02-01T00:00+07:00", f"history: {{appeals_used: {used}}}")
    assert TABLES.value("counted", case, NOW) == value


def test_zero_is_a_value_like_any_other() -> None:
    assert TABLES.value("zero_first", order("2026-02-01T00:00+07:00"), NOW) == 0


def test_a_parameter_may_say_why_it_was_chosen() -> None:
    assert TABLES.value("described", order("2026-02-01T00:00+07:00"), NOW) == 2
    chosen = {d.name: d.chosen for d in TABLES.policy.definitions}
    assert chosen["described"] == "because it must be something"


# Overlays


OVERLAYS = pack("""
parameters:
  seller_time: 48 hours
  window: 6 calendar days
  limit: 50 IDR
readings:
  delivered_at: at of first tracking where event is delivered
questions:
  seller_answer:
    to: seller
    opens_at: claim.filed_at
    lasts: seller_time
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
overlays:
  - {parameter: window, from: 2026-03-10, until: 2026-03-20, value: 12 calendar days, reach: orders placed}
  - {parameter: limit, from: 2026-03-10, until: 2026-03-20, value: 70 IDR, reach: claims filed, where: order.seller_tier is mall}
  - {parameter: limit, from: 2026-03-12, until: 2026-03-13, value: 90 IDR, reach: claims filed, exception: yes}
  - {parameter: limit, from: 2026-03-22, until: 2026-03-23, value: 10 IDR, reach: parcels delivered}
  - {parameter: seller_time, from: 2026-03-10, until: 2026-03-20, value: 96 hours, reach: clocks running}
  - {parameter: seller_time, from: 2026-04-10, until: 2026-04-20, value: 24 hours, reach: clocks running}
""")  # noqa: E501


@pytest.mark.parametrize(
    ("placed_at", "days"),
    [
        pytest.param("2026-03-09T23:59+07:00", 6, id="the minute before"),
        pytest.param("2026-03-10T00:00+07:00", 12, id="the first minute"),
        pytest.param("2026-03-19T23:59+07:00", 12, id="the last minute"),
        pytest.param("2026-03-20T00:00+07:00", 6, id="the minute after"),
    ],
)
def test_an_overlay_reaches_orders_placed_in_its_days(placed_at: str, days: int) -> None:
    assert OVERLAYS.value("window", order(placed_at), NOW) == Duration("calendar_days", days)


@pytest.mark.parametrize(
    ("filed_at", "tier", "limit"),
    [
        pytest.param("2026-03-11T00:00+07:00", "mall", 70, id="claims filed, where it says"),
        pytest.param("2026-03-11T00:00+07:00", "regular", 50, id="not elsewhere"),
        pytest.param("2026-03-12T00:00+07:00", "mall", 90, id="the exception stands above"),
        pytest.param("2026-03-12T00:00+07:00", "regular", 90, id="the exception alone"),
        pytest.param("2026-03-13T00:00+07:00", "mall", 70, id="after the exception"),
        pytest.param("2026-03-20T00:00+07:00", "mall", 50, id="after all"),
    ],
)
def test_an_overlay_reaches_claims_filed_in_its_days(filed_at: str, tier: str, limit: int) -> None:
    case = f"""
        order: {{currency: IDR, placed_at: 2026-01-01T00:00+07:00, seller_tier: {tier}}}
        claim: {{filed_at: {filed_at}}}
        """
    assert OVERLAYS.value("limit", case, NOW) == limit


@pytest.mark.parametrize(
    ("delivered_at", "limit"),
    [
        pytest.param("2026-03-21T23:59+07:00", 50, id="the day before"),
        pytest.param("2026-03-22T00:00+07:00", 10, id="that day"),
        pytest.param("2026-03-23T00:00+07:00", 50, id="the day after"),
    ],
)
def test_an_overlay_reaches_parcels_delivered_in_its_days(delivered_at: str, limit: int) -> None:
    case = order("2026-01-01T00:00+07:00", f"tracking: [{{at: {delivered_at}, event: delivered}}]")
    assert OVERLAYS.value("limit", case, NOW) == limit


@pytest.mark.parametrize(
    ("filed_at", "hours_of_it"),
    [
        pytest.param("2026-03-07T23:59+07:00", 48, id="its clock has run out before"),
        pytest.param("2026-03-08T00:00+07:00", 96, id="its clock ends as the overlay begins"),
        pytest.param("2026-03-09T12:00+07:00", 96, id="its clock runs into the overlay"),
        pytest.param("2026-03-19T23:00+07:00", 96, id="filed in the last hour"),
        pytest.param("2026-03-20T00:00+07:00", 48, id="filed after"),
        pytest.param("2026-04-12T00:00+07:00", 48, id="a right that runs is never shortened"),
    ],
)
def test_an_overlay_reaches_clocks_that_run_in_its_days(filed_at: str, hours_of_it: int) -> None:
    case = order("2026-01-01T00:00+07:00", f"claim: {{filed_at: {filed_at}}}")
    opened = datetime.fromisoformat(filed_at).astimezone(UTC)
    state = OVERLAYS.question("seller_answer", case, NOW)
    assert state.deadline is not None
    assert (state.deadline - opened).total_seconds() == hours_of_it * 3600


def test_the_length_of_a_clock_stands_as_written_outside_overlays() -> None:
    case = order("2026-03-15T00:00+07:00", "claim: {filed_at: 2026-03-15T00:00+07:00}")
    assert OVERLAYS.value("seller_time", case, NOW) == hours(48)
