"""Numbers that outgrow 64 bits, and instants after the calendar's years, are never just missing.

SQL has no value for them. Each life is led beside a twin without the event in question: of each
kind one dispute is led by the engine itself, and would be right in any case.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from reso.model.case import Records
from reso.model.events import Event
from tests.simulations.changed_shop import replayed
from tests.simulations.shop import at, claim, event, order, scan

YEAR = 24 * 365
NO_VALUE = {"no value": 1}


def when(condition: str) -> tuple[str, str]:
    """Return the change by which a request is refused under a condition."""
    added = f"  extra: {{for: request, when: '{condition}', conclude: release_to_seller}}\n"
    return "\nrules:\n", f"{added}\nrules:\n"


def with_parameter(line: str) -> tuple[str, str]:
    return "  wait: 3 calendar days\n", f"  wait: 3 calendar days\n  {line}\n"


def life(*facts: Event) -> tuple[Event, ...]:
    return (*order(), *facts, claim("not_received"))


def ordered(**facts: object) -> Event:
    return event("order", 1, currency="IDR", **facts)


def estimated(hours: float) -> Event:
    return event("shipping", 1, estimated_arrival=at(hours))


def wanted(price: int, pieces: int, many: int = 1) -> Event:
    items = Records(
        {"sku": f"A{n}", "unit_price": price, "qty_ordered": pieces, "qty_claimed": pieces}
        for n in range(many)
    )
    return event("claim", 24, items=items, **CLAIMED)


CLAIMED = {"filed_at": at(24), "type": "not_received", "requested": "refund"}
PAID = life(ordered(shipping_actual=0))
LARGE = life(ordered(shipping_actual=10**9, weight_grams=999_999))
SOON, FAR = life(estimated(-20 * YEAR)), life(estimated(60 * YEAR))

PRODUCTS = [
    pytest.param(
        "order.shipping_actual * 1000000000000000 > order.items_subtotal",
        id="constant",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "order.shipping_actual * order.weight_grams * order.weight_grams > order.items_subtotal",
        id="facts",
    ),
    pytest.param(
        "order.shipping_actual * many * many > order.items_subtotal",
        id="parameter",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "(order.items_subtotal - order.shipping_actual * many * many) < order.items_subtotal",
        id="below zero",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "max(order.shipping_actual * many * many, order.items_subtotal) > order.total_paid * 5",
        id="greatest",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "min(order.items_subtotal - order.shipping_actual * many * many, order.items_subtotal)"
        " < order.shipping_paid_by_buyer",
        id="least",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "portion(order.shipping_actual * many, order.shipping_actual * many,"
        " order.items_subtotal)"
        " > order.items_subtotal",
        id="portion",
    ),
    pytest.param(
        "order.shipping_actual * many * many * 50% > order.items_subtotal", id="share of much"
    ),
    pytest.param(
        "order.shipping_actual * many * 9000000% > order.items_subtotal", id="share by much"
    ),
]


@pytest.mark.parametrize("condition", PRODUCTS)
def test_a_number_of_over_64_bits_is_left_to_the_reference_replay(
    tmp_path: Path, condition: str
) -> None:
    many = with_parameter("many: 1000000")
    found = replayed(tmp_path, {"0": PAID, "a": LARGE}, many, when(condition))
    assert (found.told(), found.by_reference) == ("", NO_VALUE)


def test_a_share_of_more_than_is_exact_is_left_to_the_reference_replay(tmp_path: Path) -> None:
    rule = when("order.shipping_actual * 9000000000% > order.items_subtotal")
    found = replayed(tmp_path, {"0": PAID, "a": LARGE}, rule)
    assert (found.told(), found.by_reference) == ("", {"no value": 2})


def test_a_sum_over_a_list_too_large_is_left_to_the_reference_replay(tmp_path: Path) -> None:
    lives = {
        "0": (*order(), wanted(100, 1)),
        "a": (*order(), wanted(10**12, 10**6, many=12)),
        "b": (*order(), wanted(10**12, 10, many=12)),
    }
    rule = when("sum of unit_price * qty_claimed over claim.items > order.items_subtotal")
    found = replayed(tmp_path, lives, rule)
    assert (found.told(), found.by_reference) == ("", NO_VALUE)


def test_a_product_within_a_list_is_told_of_each_item(tmp_path: Path) -> None:
    lives = {
        "0": (*order(), wanted(100, 1)),
        "a": (*order(), wanted(10**12, 10**6, many=3)),
    }
    rule = when("exists claim.items where unit_price * qty_ordered * qty_claimed > unit_price")
    found = replayed(tmp_path, lives, rule)
    assert (found.told(), found.by_reference) == ("", NO_VALUE)


# -- instants ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "left"),
    [
        pytest.param("far: 5000 calendar days", 0, id="ends before the years do"),
        pytest.param("far: 6000 calendar days", 1, id="calendar days"),
        pytest.param("far: 240 months", 1, id="months", marks=pytest.mark.slow),
        pytest.param("far: 4000 business days", 1, id="business days", marks=pytest.mark.slow),
        pytest.param("far: 150000 hours", 1, id="hours", marks=pytest.mark.slow),
        pytest.param("far: 900000000 calendar days", 2, id="after the year 9999"),
    ],
)
def test_a_duration_that_ends_after_the_years_is_left_to_the_reference_replay(
    tmp_path: Path, line: str, left: int
) -> None:
    rule = when("claim.filed_at before shipping.estimated_arrival + far")
    found = replayed(tmp_path, {"0": SOON, "a": FAR}, with_parameter(line), rule)
    assert (found.told(), found.by_reference.get("no value", 0)) == ("", left)


def test_a_day_found_after_such_a_duration_is_told_of_too(tmp_path: Path) -> None:
    rule = when("end_of_day(shipping.estimated_arrival + far + far) after claim.filed_at")
    far = with_parameter("far: 3000 calendar days")
    found = replayed(tmp_path, {"0": SOON, "a": FAR, "b": life()}, far, rule)
    assert (found.told(), found.by_reference) == ("", NO_VALUE)


def test_facts_before_and_after_the_years_are_left_to_the_reference_replay(tmp_path: Path) -> None:
    old, late = (life(estimated(years * YEAR)) for years in (-35, 66))
    rule = when("shipping.estimated_arrival + 2 business days before claim.filed_at")
    found = replayed(tmp_path, {"0": SOON, "a": old, "b": late}, rule)
    assert (found.told(), found.by_reference) == ("", {"a number out of range": 2})


@pytest.mark.parametrize(
    ("lasts", "left"),
    [
        pytest.param("80 months", {}, id="it ends before"),
        pytest.param("100 months", NO_VALUE, id="who waits for its end stands after them"),
        pytest.param("900 months", {"no value": 2}, id="it ends after"),
    ],
)
def test_a_clock_that_ends_after_the_years_is_left_to_the_reference_replay(
    tmp_path: Path, lasts: str, left: Mapping[str, int]
) -> None:
    opens = "opens_at: shipping.estimated_arrival"
    clock = ("    lasts: wait\n", f"    {opens}\n    lasts: {lasts}\n")
    lives = {"0": SOON, "a": FAR, "b": (*FAR, scan("delivered", 40))}
    found = replayed(tmp_path, lives, clock)
    assert (found.told(), found.by_reference) == ("", left)


def test_a_claim_known_before_the_years_is_left_to_the_reference_replay(tmp_path: Path) -> None:
    began = -35 * YEAR
    early = (
        event("order", began, currency="IDR", total_paid=100_000),
        event("claim", began, **CLAIMED),
    )
    found = replayed(tmp_path, {"0": life(), "a": early})
    assert (found.told(), found.by_reference) == ("", NO_VALUE)


def test_a_proposal_that_is_waited_for_beyond_the_years_is_left_too(tmp_path: Path) -> None:
    half = (
        "conclude: refund_full}\n  came",
        "conclude: {remedy: refund_partial, amount: order.total_paid * 50%}}\n  came",
    )
    long = ("    lasts: 1 calendar day\n", "    lasts: 900 months\n")
    found = replayed(tmp_path, {"0": life(), "a": life(scan("shipped", 30))}, half, long)
    assert (found.told(), found.by_reference) == ("", {"no value": 2})


# -- amounts that are concluded --------------------------------------------------------------------


@pytest.mark.parametrize("times", ["10", "1000000"])
def test_an_amount_too_large_to_reckon_on_with_is_left_to_the_reference_replay(
    tmp_path: Path, times: str
) -> None:
    remedy = f"{{remedy: refund_partial, amount: order.shipping_actual * {times} * many}}"
    half = ("conclude: refund_full}\n  came", f"conclude: {remedy}}}\n  came")
    lives = {"0": life(ordered(shipping_actual=1)), "a": life(ordered(shipping_actual=10**6))}
    found = replayed(tmp_path, lives, with_parameter("many: 1000000"), half)
    assert (found.told(), found.by_reference) == ("", {} if times == "10" else NO_VALUE)
