"""What does not fit together is told in the author's words, at the column where it stands."""

import pytest

from tests.expressions.asking import told, told_of_condition
from tests.strategies.small_packs import HEADER, OTHERWISE, problems_of

TYPES = "one of not_received, not_as_described, wrong_item, incomplete, damaged, broken, …"
SAY_IT_POSITIVELY = (
    "`not` over a condition that may compare none would be true for what nobody knows. "
    "Say it the positive way: `is not`, `is none`, or a finding of its own."
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(
            "order.totl_paid",
            "1: unknown name `order.totl_paid`. Did you mean `order.total_paid`?",
            id="a fact",
        ),
        pytest.param(
            "order.total_paid + zebra", "20: unknown name `zebra`.", id="nothing like it is known"
        ),
        pytest.param(
            "count of trackin", "1: unknown list `trackin`. Did you mean `tracking`?", id="a list"
        ),
        pytest.param("count of zebras", "1: unknown list `zebras`.", id="no such list"),
        pytest.param(
            "att of first tracking",
            "1: items of `tracking` have no field `att`. Did you mean `at`?",
            id="a field of an item",
        ),
        pytest.param(
            "count of tracking where evnt is delivered",
            "25: unknown name `evnt`. Did you mean `event`?",
            id="a field in a where",
        ),
        pytest.param(
            "maxx(1, 2)", "1: unknown function `maxx`. Did you mean `max`?", id="a function"
        ),
        pytest.param("order.placed_at + 3 days",
            "21: did not expect `days` here. Say `calendar days` or `business days`.",
            id="days of no kind"),
        pytest.param("3 fortnights", "3: did not expect `fortnights` here.", id="an unknown unit"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_with_the_nearest(written: str, said: str) -> None:
    assert told(written) == [said]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(
            "5 USD", "1: an amount in USD; the policy's currency is IDR.", id="another currency"
        ),
        pytest.param(
            "order.total_paid + 5 usd", "22: did not expect `usd` here.", id="a currency in small"
        ),
        pytest.param(
            "1.5 IDR",
            "1: 1.5 has more decimal digits than IDR, which has 0. Round it first.",
            id="decimals a currency does not have",
        ),
        pytest.param(
            "1.5",
            "1: `1.5` has a fraction. Add a unit: `15%`, `1.5 USD`.",
            id="a fraction without a unit",
        ),
        pytest.param(
            "2025-02-30", "1: `2025-02-30` is not a day of the calendar.", id="no such day"
        ),
        pytest.param(
            "25:00", "1: `25:00` is not a time of day (00:00 to 23:59).", id="no such time"
        ),
        pytest.param(
            "order.placed_at at 12:75",
            "1: `12:75` is not a time of day (00:00 to 23:59).",
            id="no such time of that day",
        ),
        pytest.param(
            "3 hours inclusive",
            "1: `inclusive` needs 1 or more calendar days. Leave it out elsewhere.",
            id="hours cannot be inclusive",
        ),
        pytest.param(
            "3 hours end of day",
            "1: `end of day` needs days or months. Hours end at their own minute.",
            id="hours do not end with a day",
        ),
    ],
)
def test_a_literal_that_cannot_be(written: str, said: str) -> None:
    assert told(written) == [said]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(
            "order.total_paid + 5",
            "1: cannot write an amount of money + a whole number.",
            id="money and a number",
        ),
        pytest.param(
            "order.total_paid + 2 hours",
            "1: cannot write an amount of money + a duration.",
            id="money and a duration",
        ),
        pytest.param(
            "order.placed_at - 3 hours",
            "1: cannot write an instant - a duration.",
            id="instants move forwards",
        ),
        pytest.param(
            "1 + claim.filed_at",
            "1: cannot write a whole number + an instant.",
            id="the instant stands first",
        ),
        pytest.param(
            "order.total_paid * order.total_paid",
            "1: cannot write an amount of money * an amount of money.",
            id="money times money",
        ),
        pytest.param(
            "order.total_paid at 12:00",
            "1: this is an amount of money, where an instant is needed.",
            id="money at a time",
        ),
        pytest.param(
            "order.placed_at + 1 calendar day at 12:00",
            "19: this is a duration, where an instant is needed.",
            id="`at` binds to what stands before it",
        ),
        pytest.param(
            "max(1)",
            "1: `max` cannot take a whole number. "
            "Write `max(a, b, ...)` with values of one kind; what is none is left out.",
            id="max of one",
        ),
        pytest.param(
            "min(1, 5 IDR)",
            "1: `min` cannot take a whole number, an amount of money. "
            "Write `min(a, b, ...)` with values of one kind; what is none is left out.",
            id="min of two kinds",
        ),
        pytest.param(
            "max(1 hour, 2 hours)",
            "1: `max` cannot take a duration, a duration. "
            "Write `max(a, b, ...)` with values of one kind; what is none is left out.",
            id="durations have no order",
        ),
        pytest.param(
            "first_known()",
            "1: `first_known` cannot take nothing. "
            "Write `first_known(a, b, ...)` with values of one kind.",
            id="nothing",
        ),
        pytest.param(
            "time_of(5 IDR)",
            "1: `time_of` cannot take an amount of money. Write `time_of(an instant)`.",
            id="the time of money",
        ),
        pytest.param(
            "hours_between(order.placed_at)",
            "1: `hours_between` cannot take an instant. Write `hours_between(earlier, later)`.",
            id="between one",
        ),
        pytest.param(
            "portion(100 IDR, 1, 5 IDR)",
            "1: `portion` cannot take an amount of money, a whole number, an amount of money. "
            "Write `portion(amount, part, whole)`; part and whole are both money or both numbers.",
            id="a part of another kind than its whole",
        ),
        pytest.param(
            "portion(15%, 1, 3)",
            "1: `portion` cannot take a percentage, a whole number, a whole number. "
            "Write `portion(amount, part, whole)`; part and whole are both money or both numbers.",
            id="a portion of a share",
        ),
        pytest.param(
            "sum of event over tracking",
            "1: cannot add up one of shipped, picked_up, dropped_off, in_transit, redirected, "
            "undeliverable, ….",
            id="words do not add up",
        ),
    ],
)
def test_kinds_that_do_not_go_together(written: str, said: str) -> None:
    assert told(written) == [said]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(
            "order.total_paid > 5",
            "1: compares an amount of money with a whole number.",
            id="money with a number",
        ),
        pytest.param(
            "order.placed_at before 12:00",
            "1: compares an instant with a time.",
            id="an instant with a time of day",
        ),
        pytest.param(
            "order.total_paid > 5 USD",
            "20: an amount in USD; the policy's currency is IDR.",
            id="money of another currency",
        ),
        pytest.param(
            "claim.type is damagd",
            f"15: `damagd` is not {TYPES}. Did you mean `damaged`?",
            id="a word that is no value",
        ),
        pytest.param(
            'claim.type is "damagd"',
            f'15: "damagd" is not {TYPES}. Did you mean `damaged`?',
            id="a text that is no value",
        ),
        pytest.param(
            "claim.party is courier",
            "16: `courier` is not one of buyer, seller. Known: buyer, seller.",
            id="no value is near",
        ),
        pytest.param(
            "claim.type is one of [damaged, brokn, order.total_paid]",
            f"32: `brokn` is not {TYPES}. Did you mean `broken`?",
            id="an item of a list",
        ),
        pytest.param(
            "claim.type is one of [damaged, order.total_paid]",
            f"32: each item of the list must be {TYPES}.",
            id="an item of another kind",
        ),
        pytest.param(
            "claim.type < damaged",
            f"1: {TYPES} has no order. Say `is` or `is one of [...]`.",
            id="words have no order",
        ),
        pytest.param(
            "1 hour < 2 hours",
            "1: a duration has no order. Say `is` or `is one of [...]`.",
            id="durations have no order",
        ),
        pytest.param(
            "claim.type contains damaged",
            f"1: this is {TYPES}, where a list is needed.",
            id="no list contains",
        ),
        pytest.param(
            "order.total_paid",
            "1: this is an amount of money, where a condition is needed. "
            "Compare it with something, or say `is known`.",
            id="money is no condition",
        ),
        pytest.param(
            "claim is known and order.placed_at or claim is none",
            "20: this is an instant, where a condition is needed. "
            "Compare it with something, or say `is known`.",
            id="nor is an instant",
        ),
        pytest.param(
            "exists tracking where event",
            "23: this is one of shipped, picked_up, dropped_off, in_transit, redirected, "
            "undeliverable, …, where a condition is needed. "
            "Compare it with something, or say `is known`.",
            id="nor is a field in a where",
        ),
        pytest.param(
            "order.easy_return_label is true",
            "28: unknown name `true`. Say `yes`.",
            id="yes is said in words",
        ),
        pytest.param(
            "exists tracking where exists evidence",
            "23: a list inside the `where` of a list. Use a finding.",
            id="a list in a where",
        ),
        pytest.param(
            "order.shipping_paid_by_buyer is none",
            "1: this is never none: its absence means `0`. Compare it with a value.",
            id="a sum whose absence means zero",
        ),
        pytest.param(
            "order.easy_return_label is known",
            "1: this is never none: its absence means `no`. Compare it with a value.",
            id="a flag whose absence means no",
        ),
        pytest.param(
            "order.order_kind is not none",
            "1: this is never none: its absence means `standard`. Compare it with a value.",
            id="a word whose absence means another",
        ),
        pytest.param(
            "count of tracking is none",
            "1: this is never none: it has a value. Compare it with a value.",
            id="a count",
        ),
    ],
)
def test_conditions_that_do_not_fit(written: str, said: str) -> None:
    assert told_of_condition(written) == [said]


@pytest.mark.parametrize(
    ("written", "column"),
    [
        pytest.param("not claim.type is damaged", 1, id="a fact that may be none"),
        pytest.param("not order.total_paid > 5 IDR", 1, id="an amount that may be none"),
        pytest.param("not order.unused", 1, id="a flag that may be none"),
        pytest.param("not claim.type is one of [damaged]", 1, id="one of"),
        pytest.param("claim is known and not claim.type is damaged", 20, id="inside a condition"),
        pytest.param("not (claim is known and claim.type is damaged)", 1, id="over brackets"),
        pytest.param("not calendar.weekend contains sun", 1, id="a list that may be none"),
        pytest.param("not is_business_day(order.paid_at)", 1, id="the day of none"),
        pytest.param("not not claim.type is damaged", 5, id="twice"),
    ],
)
def test_not_over_what_may_be_none_is_refused(written: str, column: int) -> None:
    assert told_of_condition(written) == [f"{column}: {SAY_IT_POSITIVELY}"]


def test_not_over_a_finding_is_refused_where_the_finding_may_compare_none() -> None:
    body = """
findings:
  damaged: claim.type is damaged
  claimed: claim is known
  fine: not claimed
  wrong: not damaged
  through: [claimed, not damaged]
"""
    problems = problems_of(("policy.yaml", HEADER + OTHERWISE), ("x.yaml", body))
    assert [problem.splitlines()[0] for problem in problems] == [
        f"pack/x.yaml:6:10: {SAY_IT_POSITIVELY} [not-over-none]",
        f"pack/x.yaml:7:22: {SAY_IT_POSITIVELY} [not-over-none]",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "not claim is none",
        "not order.easy_return_label",
        "not order.shipping_paid_by_buyer > 5 IDR",
        "not exists tracking where event is delivered",
        "not ((exists tracking where event is delivered) and exists evidence)",
        "not ((exists tracking where event is delivered) or claim is known)",
        "not (order.easy_return_label or claim is known)",
        "not count of tracking > 1",
        "not earliest before 2026-01-01",
    ],
)
def test_not_over_what_is_always_known_is_read(written: str) -> None:
    assert told_of_condition(written) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("claim is known and", "19: the expression ends too early.", id="and what"),
        pytest.param("(claim is known", "16: the expression ends too early.", id="open bracket"),
        pytest.param("claim is known)", "15: did not expect `)` here.", id="closed too often"),
        pytest.param("claim is known & yes", "16: did not expect `&` here. Say `and`.", id="&"),
        pytest.param("claim is known | yes", "16: did not expect `|` here. Say `or`.", id="|"),
        pytest.param("claim is known ! yes", "16: did not expect `!` here. Say `not`.", id="!"),
        pytest.param(
            "claim.type in [damaged]",
            "12: did not expect `in` here. Say `is one of [a, b]`.",
            id="in",
        ),
        pytest.param(
            "claim.type equals damaged", "12: did not expect `equals` here. Say `is`.", id="equals"
        ),
        pytest.param("claim.type == damaged", "13: did not expect `=` here.", id="=="),
        pytest.param("a < b < c", "7: did not expect `<` here.", id="one comparison at a time"),
        pytest.param("claim.type is one of damaged", "22: did not expect `damaged` here.",
                     id="one of without brackets"),
        pytest.param("claim.type is one of []", "23: did not expect `]` here.", id="one of none"),
        pytest.param("{claim} is known", "1: did not expect `{` here. Use round brackets.",
                     id="braces"),
        pytest.param("claim is known; yes", "15: did not expect `;` here. "
                     "Part the values with commas.", id="semicolon"),
        pytest.param("__import__('os')", "1: unknown function `__import__`.", id="python"),
        pytest.param('claim.type is "damaged', '15: did not expect `"` here.', id="open quote"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(written: str, said: str) -> None:
    assert told_of_condition(written) == [said]


def test_every_flaw_of_an_expression_is_told_at_once() -> None:
    assert told_of_condition("order.totl_paid > 5 USD and claim.type is damagd or 5") == [
        "1: unknown name `order.totl_paid`. Did you mean `order.total_paid`?",
        "19: an amount in USD; the policy's currency is IDR.",
        f"43: `damagd` is not {TYPES}. Did you mean `damaged`?",
        "53: this is a whole number, where a condition is needed. "
        "Compare it with something, or say `is known`.",
    ]


def test_a_flaw_in_the_second_line_is_told_there() -> None:
    assert told_of_condition("claim is known\nand order.totl_paid > 5 IDR") == [
        "line 2, 5: unknown name `order.totl_paid`. Did you mean `order.total_paid`?"
    ]
