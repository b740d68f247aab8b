"""A policy may name its questions as it likes, also as the replay names its relations."""

import re
from pathlib import Path

from reso.cases import load_pack
from tests.simulations.changed_shop import written
from tests.simulations.compare_replays import compare
from tests.simulations.shop import POLICY, claim, event, history, order

RENAMED = {
    "arrival": "moved_facts",
    "photo": "fast_calendar",
    "seller_answer": "rows_of_look",
    "human": "facts_to_tell",
}
"""Names of relations, by the shop's questions."""


def test_questions_may_have_the_names_of_relations(tmp_path: Path) -> None:
    text = POLICY
    for question, name in RENAMED.items():
        text = re.sub(rf"(?<!to: )\b{question}\b", name, text)
        assert f"  {name}:\n    for: request\n" in text
    photo = event("evidence", 25, "D-3", party="buyer", type="photo")
    kinds = {"D-1": "not_received", "D-2": "damaged", "D-3": "damaged", "D-4": "counterfeit"}
    lives = [e for name, kind in kinds.items() for e in (*order(name), claim(kind, 24, name))]
    found = compare(history([*lives, photo]), load_pack(written(tmp_path, text)).policy)
    assert (found.told(), found.by_reference, found.fast) == ("", {}, len(kinds))
