"""Claims that break off at a window: where, and what a wider one would bring."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.cases import load_pack
from reso.errors import InputError
from simulations.measures.ages import Ages, claim_ages, curves
from simulations.measures.censoring import (
    aged,
    broken_off,
    cliff,
    widening,
    window_by_rule,
    window_days,
)
from simulations.measures.decay import Decay, at_most
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.measures.windows import ALL, About
from simulations.results import Movement, Result
from tests.simulations.shop import at, shop

FALL = 0.8
"""Each day brings so many times the claims of the day before."""


def falling(days: int, first: int = 200) -> dict[int, int]:
    return {day: round(first * FALL**day) for day in range(days)}


def ages(by_day: dict[int, int]) -> Ages:
    total = sum(by_day.values())
    return Ages("delivery", ALL, by_day, Rate(total, total))


def table(by_day: dict[int, int], unknown: int = 0, humans: int = 0) -> ResultsTable:
    """Return claims of these ages, of which each is refunded 1,000."""
    paid = (Movement("seller", "buyer", "goods", "IDR", 1000),)
    days = [day for day, count in by_day.items() for _ in range(count)]
    made = ResultsTable.of(
        Result(
            f"D-{n}", "damaged", at(0), "imposed", currency="IDR", movements=paid,
            reason="late" if n < len(days) and days[n] >= 7 else "lost", handed_over=n < humans,
        )
        for n in range(len(days) + unknown)
    )  # fmt: skip
    rows = [
        {"dispute_id": f"D-{n}", "since": "delivery", "age_days": day + 0.5}
        for n, day in enumerate(days)
    ]
    made.add_rows("ages", rows)
    return made


@pytest.mark.parametrize("day", [5, 7, 10, 14])
def test_a_window_shows_as_a_cliff_on_its_last_day(day: int) -> None:
    found = cliff(ages(falling(day)))
    assert found is not None
    assert (found.day, found.after) == (day, 0)
    assert found.chance < 0.001


@pytest.mark.parametrize(
    "by_day",
    [
        pytest.param(falling(40), id="claims thin out"),
        pytest.param({0: 9, 1: 8, 2: 9, 3: 8}, id="too few claims to tell"),
        pytest.param({**falling(7), **dict.fromkeys(range(7, 67), 8)}, id="many are later"),
        pytest.param({0: 18, 1: 17}, id="nothing before the days compared that a fall shows in"),
        pytest.param({0: 9, 1: 8, 2: 7, 3: 12, 4: 10, 5: 11}, id="too few before those compared"),
        pytest.param({}, id="no claims"),
    ],
)
def test_where_claims_do_not_break_off_there_is_no_cliff(by_day: dict[int, int]) -> None:
    assert cliff(ages(by_day)) is None


@given(slope=st.floats(-1.5, 0.5), days=st.integers(3, 20))
def test_the_fit_finds_the_slope_of_a_fall_without_noise(slope: float, days: int) -> None:
    by_day = {day: round(1e6 * math.exp(slope * day)) for day in range(days)}
    if sum(count > 0 for count in by_day.values()) < 2:
        return
    fit = Decay.fitted(by_day, 0, days)
    assert fit is not None
    assert fit.slope == pytest.approx(slope, abs=1e-3)
    expected = sum(1e6 * math.exp(slope * day) for day in range(days, days + 5))
    assert fit.beyond(days + 5) == pytest.approx(expected, rel=0.02)


@given(st.integers(1, 60), st.floats(0, 1))
def test_the_chance_of_at_most_so_many_is_the_binomial_sum(trials: int, share: float) -> None:
    for found in range(trials + 1):
        exact = sum(
            math.comb(trials, hit) * share**hit * (1 - share) ** (trials - hit)
            for hit in range(found + 1)
        )
        assert at_most(found, trials, share) == pytest.approx(exact, abs=1e-9)


def test_a_wider_window_is_priced_with_a_band_that_holds_what_was_kept_away() -> None:
    found = widening(table(falling(7)), "delivery", 14)
    assert (found.verdict, found.shown_days) == ("priced", 7)
    kept_away = sum(falling(14).values()) - sum(falling(7).values())
    assert found.claims is not None
    assert 0 < found.claims.low < kept_away < found.claims.high
    assert found.claims.middle == pytest.approx(kept_away, rel=0.05)
    ((currency, money),) = found.refunded
    assert (currency, money.middle) == ("IDR", round(found.claims.middle * 1000))
    assert money.low <= money.middle <= money.high


@given(wider=st.integers(8, 40))
def test_the_wider_the_window_the_more_it_brings(wider: int) -> None:
    one, more = (widening(SEVEN, "delivery", days).claims for days in (wider, wider + 5))
    assert one is not None
    assert more is not None
    for low, high in zip(
        (one.low, one.middle, one.high), (more.low, more.middle, more.high), strict=True
    ):
        assert 0 < low <= high
    assert one.low <= one.middle <= one.high


SEVEN = table(falling(7))


@pytest.mark.parametrize(
    ("made", "window", "old", "verdict", "because"),
    [
        pytest.param(
            SEVEN, 7, None, "not_wider", "the history holds claims up to day 7", id="as wide"
        ),
        pytest.param(
            table(falling(40)), 60, None, "unknowable",
            "claims came up to day 26 and break off on no day that shows", id="no end to be seen",
        ),
        pytest.param(
            table({0: 5, 1: 4, 2: 3}), 14, 3, "unknowable", "only 7 claims", id="too few claims"
        ),
        pytest.param(
            table(falling(7), unknown=2000), 14, None, "unknowable",
            "the age of 790 of 2,790 claims is known", id="ages not known",
        ),
        pytest.param(
            table(dict.fromkeys(range(7), 50)), 14, None, "unknowable", "do not surely fall",
            id="no fall towards the end",
        ),
    ],
)  # fmt: skip
def test_what_is_not_priced_says_why(
    made: ResultsTable, window: int, old: int | None, verdict: str, because: str
) -> None:
    found = widening(made, "delivery", window, old_window=old)
    assert found.verdict == verdict
    assert because in found.because
    assert (found.claims, found.refunded, found.to_humans) == (None, (), None)


def test_claims_that_are_there_beyond_the_old_window_are_not_counted_twice() -> None:
    whole = widening(table(falling(7)), "delivery", 14, old_window=7)
    some = widening(table({**falling(7), 8: 10}), "delivery", 14, old_window=7)
    assert whole.claims is not None
    assert some.claims is not None
    assert whole.claims.middle - some.claims.middle == pytest.approx(10)


def test_one_claim_type_is_looked_at_by_itself() -> None:
    found = claim_ages(SEVEN, "delivery", About("damaged", ("damaged",)))
    assert found.by_day == falling(7)
    assert claim_ages(SEVEN, "delivery", About("wrong_item", ("wrong_item",))).claims == 0


def mixed(**by_type: dict[int, int]) -> ResultsTable:
    """Return claims of several types, each of these ages since delivery."""
    told = [(kind, day) for kind, days in by_type.items() for day, n in days.items()
            for _ in range(n)]  # fmt: skip
    made = ResultsTable.of(
        Result(f"D-{n}", kind, at(0), "imposed", currency="IDR") for n, (kind, _) in enumerate(told)
    )
    made.add_rows(
        "ages",
        [
            {"dispute_id": f"D-{n}", "since": "delivery", "age_days": day + 0.5}
            for n, (_, day) in enumerate(told)
        ],
    )
    return made


LASTING = {0: 100, 1: 50, 2: 20, 7: 9, 8: 10, 9: 9, 10: 8, 11: 7, 12: 6, 13: 5}
"""Claims that have no window, enough of them to hide another type's."""
GOODS = About("goods", ("damaged", "defective"))


def test_a_window_of_some_claims_is_seen_though_others_go_on_beyond_it() -> None:
    made = mixed(damaged=falling(7), not_received=LASTING)
    assert cliff(claim_ages(made, "delivery")) is None
    ((ages, edge),) = broken_off(curves(made))
    assert (ages.about.name, edge.day, edge.after) == ("damaged", 7, 0)
    found = aged(made)
    assert [(one.ages.about.name, one.cliff and one.cliff.day) for one in found] == [
        ("", None),
        ("damaged", 7),
    ]


def test_types_too_few_alone_are_looked_at_together_where_one_window_holds_for_them() -> None:
    few = {day: count // 8 for day, count in falling(7).items()}
    made = mixed(damaged=few, defective=few, not_received=LASTING)
    assert not broken_off(curves(made))
    ((ages, edge),) = broken_off(curves(made, [GOODS]))
    assert (ages.about, edge.day) == (GOODS, 7)


def test_what_breaks_off_with_the_whole_of_it_is_not_told_twice() -> None:
    made = mixed(damaged=falling(7), defective=falling(7))
    assert [ages.about for ages, _ in broken_off(curves(made, [GOODS]))] == [ALL]


def test_a_wider_window_is_priced_for_the_claims_it_is_for() -> None:
    made = mixed(damaged=falling(7), not_received=LASTING)
    assert widening(made, "delivery", 14).verdict == "unknowable"
    some = widening(made, "delivery", 14, About("damaged", ("damaged",)))
    alone = widening(mixed(damaged=falling(7)), "delivery", 14)
    assert (some.verdict, some.claims) == ("priced", alone.claims)


def test_the_rule_that_ends_late_claims_shows_the_window() -> None:
    found = window_by_rule(table(falling(10)), "late", "delivery")
    assert (found.youngest, found.oldest_else) == (7.5, 6.5)
    assert window_by_rule(SEVEN, "late", "delivery").youngest is None


def test_a_window_is_read_from_the_parameter_that_holds_it() -> None:
    assert window_days(load_pack(shop()).policy, "wait") == 3
    settings = {"wait": "36 hours", "answer_time": "10 business days"}
    other = load_pack(shop(), settings).policy
    assert (window_days(other, "wait"), window_days(other, "answer_time")) == (2, 14)
    with pytest.raises(InputError, match="Did you mean `wait`"):
        window_days(other, "wat")


def test_assumptions_say_what_they_are() -> None:
    from simulations.measures import censoring

    text = Path(censoring.DEFAULT).read_text(encoding="utf-8")
    assert all(f"\n{name}: " in text for name in censoring.Looking.model_fields)
