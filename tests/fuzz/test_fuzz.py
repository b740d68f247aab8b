"""No mutated or made-up input brings out anything but an answer or a `ResoError`."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reso.errors import InputError
from tests.fuzz.__main__ import told
from tests.fuzz.running import Tally, made, run
from tests.fuzz.targets import TARGETS, Target

BY_NAME = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
GROWN = pytest.mark.parametrize(
    "target",
    [t for t in TARGETS if not t.name.endswith("bytes")],
    ids=lambda target: target.name,
)


@GROWN
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_whatever_is_drawn_is_answered_or_refused(target: Target, rng: Random) -> None:
    target.tried(target.make(rng))


@BY_NAME
def test_the_first_inputs_of_a_seed_are_answered_or_refused_in_time(target: Target) -> None:
    tally = Tally(target)
    for _ in range(10 * (5 - target.weight)):
        tally.try_next(seed=5)
    assert [str(failure) for failure in tally.failures] == []
    assert tally.accepted + tally.refused.total() == tally.tried


@BY_NAME
def test_a_seed_and_a_number_always_make_the_same_input(target: Target) -> None:
    inputs = [made(target, seed=9, number=number) for number in range(8)]
    assert inputs == [made(target, seed=9, number=number) for number in range(8)]
    assert len(set(inputs)) > 4


def _odd(raw: bytes) -> bool:
    if raw == b"refused":
        raise InputError("odd", "refused")
    if raw == b"wrong":
        raise ZeroDivisionError
    return True


def test_a_run_counts_what_was_accepted_refused_and_failed() -> None:
    target = Target("odd", lambda rng: rng.choice((b"refused", b"wrong", b"taken")), _odd)
    (tally,) = run([target], seed=1, seconds=0.2)
    assert tally.accepted > 0
    assert tally.refused.keys() == Counter(InputError=1).keys()
    assert {failure.raw for failure in tally.failures} == {b"wrong"}
    assert "ZeroDivisionError" in str(tally.failures[0])
    assert f'--again "odd" --seed 1 --number {tally.failures[0].number}' in str(tally.failures[0])
    assert f"{len(tally.failures):,} failures" in told(tally)
