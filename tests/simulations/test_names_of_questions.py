"""A policy may name its questions as it likes, also as the replay names its relations."""

import re
from pathlib import Path

import pytest

from reso.cases import load_pack
from tests.simulations.changed_shop import written
from tests.simulations.compare_replays import compare
from tests.simulations.shop import POLICY, claim, history, order

NAMES = ["moved_facts", "fast_calendar", "rows_of_look", "facts_to_tell"]


@pytest.mark.parametrize("name", NAMES)
def test_a_question_may_have_the_name_of_a_relation(tmp_path: Path, name: str) -> None:
    text = re.sub(r"\barrival\b", name, POLICY)
    assert f"  {name}:\n    for: request\n" in text
    events = [
        *(*order("D-1"), claim("not_received", 24, "D-1")),
        *(*order("D-2"), claim("damaged", 24, "D-2")),
    ]
    found = compare(history(events), load_pack(written(tmp_path, text)).policy)
    assert (found.told(), found.fast) == ("", 2)
