"""No mutated or made-up input brings out anything but an answer or a `ResoError`."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reso.errors import InputError
from tests.fuzz.__main__ import told
from tests.fuzz.corpus import installed
from tests.fuzz.running import Tally, made, run
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.values import changed_values, reworded

BY_NAME = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
GROWN = pytest.mark.parametrize(
    "target",
    [t for t in TARGETS if not t.name.endswith("bytes")],
    ids=lambda target: target.name,
)


@GROWN
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
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


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(7, r"\d+", id="a number"),
        pytest.param(True, "False", id="yes or no"),
        pytest.param("6 calendar days", r"\d+ (calendar days|business days|[a-z]+)", id="a length"),
        pytest.param("2026-03-01", r"\d{4}-\d\d-\d\d", id="a day"),
        pytest.param("claim is known", "claim is none", id="a condition"),
        pytest.param("a is not red", "a is red|a is not (red|blue)", id="a word of an enum"),
        pytest.param("as it was", "as it was", id="nothing to change"),
    ],
)
def test_a_changed_value_is_of_the_same_kind(value: object, kind: str) -> None:
    kin = {"red": ("red", "blue"), "blue": ("red", "blue")}
    found = [str(reworded(Random(number), value, kin)) for number in range(40)]
    assert [word for word in found if not re.fullmatch(kind, word)] == []


def test_changed_values_stand_where_the_old_ones_stood() -> None:
    for number in range(40):
        tree = {"when": "claim is known", "lasts": "6 hours", "rows": [{"when": "no"}, {"then": 3}]}
        changed = changed_values(Random(number), tree, {})
        assert isinstance(changed, dict)
        assert list(changed) == ["when", "lasts", "rows"]
        assert [list(row) for row in changed["rows"]] == [["when"], ["then"]]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        pytest.param("# shared/card_networks.yaml\n", "mastercard_4853", id="a shared file"),
        pytest.param("# visa_ce3/policy.yaml\n", "visa_ce3", id="a file of a pack"),
        pytest.param("policy: small\n", "pack", id="a pack by itself"),
    ],
)
def test_a_mutated_file_stands_among_those_it_needs(tmp_path: Path, name: str, folder: str) -> None:
    raw = f"{name}# changed\n".encode()
    found = installed(raw, tmp_path)
    assert found == tmp_path / folder
    assert [p.read_bytes() for p in tmp_path.rglob("*.yaml")].count(raw) == 1
    assert (found / "policy.yaml").is_file()


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
