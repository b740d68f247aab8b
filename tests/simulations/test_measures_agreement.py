"""Agreement with human rulings: kappa against published tables, overturned, by rule."""

import math
from collections import Counter
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.measures.agreement import Kappa, agreement, calibration
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.results import Result
from tests.simulations.shop import at
from tests.simulations.tables import REFUSALS, SETTLED, Told, told

TWO_PSYCHIATRISTS = {  # Fleiss, Statistical methods for rates and proportions, 1981, table 13.1
    ("psychosis", "psychosis"): 75,
    ("psychosis", "neurosis"): 1,
    ("psychosis", "organic"): 4,
    ("neurosis", "psychosis"): 5,
    ("neurosis", "neurosis"): 4,
    ("neurosis", "organic"): 1,
    ("organic", "organic"): 10,
}


def test_kappa_and_its_error_are_those_of_the_book() -> None:
    found = Kappa.of_counts(TWO_PSYCHIATRISTS)
    assert (found.of, found.observed) == (100, pytest.approx(0.89))
    assert found.expected == pytest.approx(0.66)  # .80 * .80 + .10 * .05 + .10 * .15
    assert found.value == pytest.approx(23 / 34)
    assert found.error == pytest.approx(0.087, abs=1e-3)


def test_kappa_of_two_by_two_worked_by_hand() -> None:
    found = Kappa.of_counts({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15})
    assert (found.observed, found.expected) == (pytest.approx(0.7), pytest.approx(0.5))
    assert found.value == pytest.approx(0.4)
    # A = .4(1-1.1*.6)^2 + .3(1-.9*.6)^2, B = .6^2(.1*1.1^2 + .2*.9^2), C = (.4-.5*.6)^2
    spread = 0.4 * 0.34**2 + 0.3 * 0.46**2 + 0.36 * (0.1 * 1.1**2 + 0.2 * 0.9**2) - 0.1**2
    assert found.error == pytest.approx(math.sqrt(spread / (0.5**2 * 50)))


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        pytest.param({}, None, id="nothing compared"),
        pytest.param({("a", "a"): 9}, None, id="one category alone"),
        pytest.param({("a", "a"): 4, ("b", "b"): 6}, 1.0, id="always the same"),
        pytest.param({("a", "b"): 5, ("b", "a"): 5}, -1.0, id="always the other"),
        pytest.param({("a", "b"): 5}, 0.0, id="each always his own"),
    ],
)
def test_the_ends_of_kappa(counts: dict[tuple[str, str], int], value: float | None) -> None:
    found = Kappa.of_counts(counts)
    assert found.value == (None if value is None else pytest.approx(value))
    assert (found.interval is None) == (value is None)


@given(st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 2), st.integers(1, 99)))
def test_kappa_does_not_mind_who_is_named_first(counts: dict[tuple[str, str], int]) -> None:
    found = Kappa.of_counts(counts)
    turned = Kappa.of_counts({(b, a): n for (a, b), n in counts.items()})
    assert found.value == (None if turned.value is None else pytest.approx(turned.value))
    assert found.error == (None if turned.error is None else pytest.approx(turned.error))
    if found.value is not None and found.interval is not None:
        assert found.interval[0] - 1e-9 <= found.value <= found.interval[1] + 1e-9


@given(told())
def test_the_matrix_counts_what_we_and_a_human_both_ruled(given: Told) -> None:
    found = agreement(given.table())
    both = [
        (one, str(given.recorded[one.dispute_id]["ruling"]))
        for one in given.results
        if one.ended in SETTLED
        and given.recorded.get(one.dispute_id, {}).get("decided_by") == "human"
        and given.recorded[one.dispute_id]["ruling"]
    ]
    pairs = Counter((one.decision, ruling) for one, ruling in both)
    assert {(cell.ours, cell.theirs): cell.disputes for cell in found.matrix} == dict(pairs)
    assert found.compared == Rate(len(both), sum(one.ended in SETTLED for one in given.results))
    alone = [(one, ruling) for one, ruling in both if not one.handed_over]
    other = sum((one.decision in REFUSALS) != (ruling in REFUSALS) for one, ruling in alone)
    assert found.overturned == Rate(other, len(alone))
    assert found.changed.count == sum(one.decision != ruling for one, ruling in alone)
    # summed in another order, so the last digit may differ
    assert astuple(found.decisions) == pytest.approx(astuple(Kappa.of_counts(pairs)))
    rows = calibration(given.table(), least=3)
    assert {row.rule: row.disputes for row in rows} == dict(Counter(r.reason for r, _ in both))
    assert [row.small for row in rows] == sorted(row.disputes < 3 for row in rows)


def test_a_rule_stands_beside_what_humans_gave() -> None:
    rulings = [("refund_full", 800), ("release_to_seller", 0), ("refund_full", None)]
    ours = [
        Result(f"D-{n}", "damaged", at(0), "imposed", "refund_full", 900, "IDR", reason="lost")
        for n in range(3)
    ]
    table = ResultsTable.of(ours)
    table.add_rows(
        "recorded",
        [
            {"dispute_id": f"D-{n}", "ruling": ruling, "amount": amount, "decided_by": "human"}
            for n, (ruling, amount) in enumerate(rulings)
        ],
    )
    (row,) = calibration(table)
    assert (row.ours, row.theirs, row.same_side) == (Rate(3, 3), Rate(2, 3), Rate(2, 3))
    assert (row.priced, row.their_money, row.small) == (2, 800, True)
