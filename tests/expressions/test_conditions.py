"""Conditions: how they bind, what a comparison with none means, and what waits for an answer."""

import pytest

from reso.facts.operations import UNKNOWN
from tests.expressions.asking import AT, CASE, holds
from tests.strategies.small_packs import pack


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("yes or no and no", True, id="and before or"),
        pytest.param("(yes or no) and no", False, id="brackets first"),
        pytest.param("no and no or yes", True, id="and before or, from the left"),
        pytest.param("not no and no", False, id="not before and"),
        pytest.param("not (no and no)", True, id="not over brackets"),
        pytest.param("not no or yes", True, id="not before or"),
        pytest.param("not (no or yes)", False, id="not over or"),
        pytest.param("not not yes", True, id="not twice"),
        pytest.param("yes and yes and no", False, id="three of them"),
        pytest.param("no or no or yes", True, id="one of three"),
        pytest.param("1 + 1 is 2 and 3 > 2", True, id="arithmetic before comparisons"),
        pytest.param("not 2 > 3", True, id="comparisons before not"),
    ],
)
def test_and_or_not_bind_as_a_reader_expects(written: str, meant: bool) -> None:
    assert holds(written) is meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("order.total_paid > 99999 IDR", True, id="greater"),
        pytest.param("order.total_paid > 100000 IDR", False, id="not greater than itself"),
        pytest.param("order.total_paid >= 100000 IDR", True, id="greater or equal"),
        pytest.param("order.total_paid < 100000 IDR", False, id="not less than itself"),
        pytest.param("order.total_paid <= 100000 IDR", True, id="less or equal"),
        pytest.param("order.total_paid = 100000 IDR", True, id="equals sign"),
        pytest.param("order.total_paid != 100000 IDR", False, id="unequal sign"),
        pytest.param("order.total_paid is 100000 IDR", True, id="is"),
        pytest.param("order.total_paid is not 5 IDR", True, id="is not"),
        pytest.param("order.total_paid > 0", True, id="a bare zero stands beside money"),
        pytest.param("0 < order.total_paid", True, id="on either side"),
        pytest.param("5 IDR * 20% is 1 IDR", True, id="of computed values"),
        pytest.param("15% > 14.9%", True, id="rates"),
        pytest.param("claim.type is damaged", True, id="an enumeration"),
        pytest.param("claim.type is not damaged", False, id="an enumeration is not"),
        pytest.param('claim.type is "damaged"', True, id="a value in quotes"),
        pytest.param('claim.stage is "first"', True, id="a word of the language in quotes"),
        pytest.param("claim.type is one of [broken, damaged]", True, id="one of"),
        pytest.param("claim.type is one of [broken]", False, id="one of others"),
        pytest.param("claim.type is not one of [broken, defective]", True, id="not one of"),
        pytest.param("claim.type is not one of [broken, damaged]", False, id="not one of, in it"),
        pytest.param("time_of(claim.filed_at) is one of [18:00, 19:00]", True, id="one of times"),
        pytest.param("time_of(claim.filed_at) > 17:59", True, id="times have an order"),
        pytest.param("claim.filed_at after order.placed_at", True, id="after"),
        pytest.param("claim.filed_at before order.placed_at", False, id="before"),
        pytest.param("claim.filed_at after claim.filed_at", False, id="not after itself"),
        pytest.param("claim.filed_at before claim.filed_at", False, id="not before itself"),
        pytest.param("claim.filed_at at or before claim.filed_at", True, id="at or before itself"),
        pytest.param("claim.filed_at at or after claim.filed_at", True, id="at or after itself"),
        pytest.param("claim.filed_at at  or  before order.placed_at", False, id="free spaces"),
        pytest.param("claim.filed_at after 2026-03-12", True, id="after the day begins"),
        pytest.param("claim.filed_at before 2026-03-13", True, id="before the next day"),
        pytest.param(
            "claim.filed_at after order.placed_at + 10 calendar days", True, id="a moved instant"
        ),
        pytest.param("claim.filed_at at 12:00 before claim.filed_at", True, id="a clock time"),
        pytest.param("claim is known", True, id="a section is known"),
        pytest.param("incident is known", False, id="a section nobody stated"),
        pytest.param("incident is none", True, id="a section is none"),
        pytest.param("order.total_paid is known", True, id="a field is known"),
        pytest.param("order.paid_at is known", False, id="a field nobody stated"),
        pytest.param("order.paid_at is not known", True, id="is not known"),
        pytest.param("order.paid_at is none", True, id="is none"),
        pytest.param("order.total_paid is not none", True, id="is not none"),
        pytest.param("order.easy_return_label is no", True, id="what absence means"),
        pytest.param("order.easy_return_label", False, id="a flag is a condition"),
        pytest.param("not order.easy_return_label", True, id="not a flag that is never none"),
        pytest.param("history.appeals_used is 0", True, id="absence means zero"),
        pytest.param("calendar.weekend contains sun", True, id="contains"),
        pytest.param("calendar.weekend contains fri", False, id="does not contain"),
        pytest.param("is_business_day(claim.filed_at)", True, id="a Thursday"),
        pytest.param("is_business_day(2026-03-14)", False, id="a Saturday"),
        pytest.param("is_business_day(2026-03-19)", False, id="a holiday of the case"),
    ],
)
def test_comparisons(written: str, meant: bool) -> None:
    assert holds(written) is meant


@pytest.mark.parametrize(
    "written",
    [
        "order.paid_at after order.placed_at",
        "order.paid_at before order.placed_at",
        "order.placed_at before order.paid_at",
        "order.paid_at is order.placed_at",
        "order.paid_at is not order.placed_at",
        "order.paid_at is order.completed_at",
        "order.paid_at is not order.completed_at",
        "order.paid_at at or before order.completed_at",
        "order.shipping_actual > 0",
        "order.shipping_actual <= 0",
        "order.category is electronics",
        "order.category is not electronics",
        "order.category is one of [electronics, home]",
        "order.category is not one of [electronics, home]",
        "order.category is claim.listing_condition",
        "order.unused",
        "order.unused is yes",
        "order.unused is no",
        "order.unused is not no",
        "claim.filed_at after order.paid_at + 2 hours",
        "is_business_day(order.paid_at)",
        "exists tracking where weight_grams > 1",
        "exists tracking where weight_grams is not 1",
        "exists tracking where by is not one of [seller]",
    ],
)
def test_a_comparison_with_none_is_false(written: str) -> None:
    assert holds(written) is False


def test_an_empty_list_of_days_contains_nothing() -> None:
    case = "order: {currency: IDR, placed_at: 2026-03-02T09:30+07:00}"
    assert holds("calendar.weekend contains sun", case=case) is False


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("exists tracking", True, id="exists"),
        pytest.param("exists responses", False, id="exists of a list nobody stated"),
        pytest.param("exists tracking where event is declared_lost", False, id="exists where"),
        pytest.param("not exists responses", True, id="not exists"),
        pytest.param("exists tracking where signature", True, id="a flag of an item"),
        pytest.param("exists claim.items where qty_claimed > 1", True, id="a list in an object"),
        pytest.param(
            "exists tracking where event is delivered and leg is reshipment",
            False,
            id="greedy where",
        ),
        pytest.param(
            "(exists tracking where event is delivered) and claim.type is damaged",
            True,
            id="brackets stop where",
        ),
        pytest.param(
            "exists tracking where event is declared_lost or leg is return", True, id="greedy or"
        ),
        pytest.param(
            "exists tracking where at after order.placed_at + 12 calendar days",
            True,
            id="items beside facts of the case",
        ),
        pytest.param("(count of tracking where event is delivered) > 1", True, id="count"),
        pytest.param("count of tracking > 2", True, id="count without where"),
        pytest.param("event of latest tracking is delivered", True, id="a field of the latest"),
    ],
)
def test_lists_in_conditions(written: str, meant: bool) -> None:
    assert holds(written) is meant


def test_findings_are_conditions_by_name() -> None:
    more = """
findings:
  damaged: claim.type is damaged
  both: [damaged, order.total_paid > 5 IDR]
  neither: [damaged, order.total_paid < 5 IDR]
"""
    policy = pack(more + "  x: both and damaged\n  y: both and neither\n  z: damaged or neither\n")
    assert [policy.value(name, CASE, AT) for name in "xyz"] == [True, False, True]


def test_a_field_of_an_item_hides_a_name_of_the_pack() -> None:
    policy = pack("""
        readings: {event: claim.type}
        findings: {x: exists tracking where event is delivered, y: event is damaged}
        """)
    assert policy.value("x", CASE, AT) is True
    assert policy.value("y", CASE, AT) is True


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("q is agrees", UNKNOWN, id="an answer"),
        pytest.param("q is not agrees", UNKNOWN, id="not this answer"),
        pytest.param("q is one of [agrees, refuses]", UNKNOWN, id="one of the answers"),
        pytest.param("q is known", UNKNOWN, id="known is not known either"),
        pytest.param("q is none", UNKNOWN, id="nor is none"),
        pytest.param("q is agrees and claim is known", UNKNOWN, id="and what is true"),
        pytest.param("q is agrees and claim is none", False, id="and what is false"),
        pytest.param("q is agrees or claim is known", True, id="or what is true"),
        pytest.param("q is agrees or claim is none", UNKNOWN, id="or what is false"),
        pytest.param("not (q is none)", UNKNOWN, id="not"),
        pytest.param("q.state is open", True, id="the state is always known"),
        pytest.param("q.state is one of [answered, lapsed]", False, id="other states"),
        pytest.param("q.ended_at is none", True, id="it has not ended"),
        pytest.param("q.deadline after q.opened_at", True, id="its instants"),
        pytest.param("agreed", UNKNOWN, id="a finding"),
        pytest.param("exists responses where party is seller and action is approve", UNKNOWN,
                     id="an act that may still come"),
        pytest.param("exists responses where party is buyer and action is approve", False,
                     id="an act of somebody who is not asked"),
        pytest.param("exists responses where party is seller and action is message", False,
                     id="an act that answers nothing"),
        pytest.param("exists responses where party is seller", UNKNOWN, id="any act of his"),
        pytest.param("not exists responses where party is seller", UNKNOWN, id="not yet"),
        pytest.param("count of responses is 0", True, id="a count is of what is on file"),
    ],
)  # fmt: skip
def test_what_is_open_is_unknown(written: str, meant: object) -> None:
    more = """
questions:
  q:
    to: seller
    opens_at: claim.filed_at
    lasts: 30 calendar days
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
"""
    if "agreed" in written:
        more += "findings:\n  agreed: q is agrees\n  x: agreed\n"
        assert pack(more).value("x", CASE, AT) is meant
        return
    assert holds(written, more=more) is meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("q is agrees", False, id="an answer"),
        pytest.param("q is not agrees", False, id="not this answer"),
        pytest.param("q is none", True, id="is none"),
        pytest.param("q is known", False, id="is known"),
        pytest.param("q.state is not_opened", True, id="the state"),
        pytest.param("q.opened_at is none", True, id="no instants"),
    ],
)
def test_before_it_opens_an_answer_is_none(written: str, meant: bool) -> None:
    more = """
questions:
  q:
    to: seller
    opens_at: order.completed_at
    lasts: 2 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
"""
    assert holds(written, more=more) is meant
