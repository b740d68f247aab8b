"""The shop's policy with some words changed, and lives that are led by it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree

from reso.cases import load_pack
from reso.model.events import Event
from tests.simulations.compare_replays import Comparison, compare
from tests.simulations.shop import POLICY, history, shop


def replayed(
    folder: Path, lives: Mapping[str, Iterable[Event]], *changes: tuple[str, str]
) -> Comparison:
    """Compare both replays of lives, by their disputes' names, in `folder`.

    The policy is the shop's, in which the first of each old words gives way to the new ones.
    """
    text = POLICY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    events = [replace(one, dispute_id=name) for name, life in lives.items() for one in life]
    return compare(history(events), load_pack(written(folder, text)).policy)


def written(folder: Path, text: str) -> Path:
    """Write a policy beside what the shop's uses; return its pack."""
    rules = Path(copytree(shop().parent, folder / "rules"))
    (rules / "replayed" / "policy.yaml").write_text(text, encoding="utf-8")
    return rules / "replayed"
