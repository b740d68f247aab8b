"""`reso check` of the largest pack stays fast: CPU time, with room for a busy machine."""

import pytest

from benchmarks.checking import Checks
from tests.docs.blocks import ROOT

pytestmark = pytest.mark.slow
ROUNDS = 3


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Checks:
    found = Checks(ROOT, tmp_path_factory.mktemp("caches"))
    found.again()  # compiles the modules, and keeps what was found
    return found


def test_the_check_after_a_value_was_changed(checks: Checks) -> None:
    assert min(checks.after_a_value().cpu for _ in range(ROUNDS)) < 1.3


def test_the_check_after_a_rule_was_changed(checks: Checks) -> None:
    assert min(checks.after_a_rule().cpu for _ in range(ROUNDS)) < 1.3


def test_the_first_check_of_the_largest_pack(checks: Checks) -> None:
    assert min(checks.first().cpu for _ in range(ROUNDS)) < 2.4


def test_the_next_check_of_the_largest_pack(checks: Checks) -> None:
    assert min(checks.again().cpu for _ in range(ROUNDS)) < 0.5
