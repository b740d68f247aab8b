"""What a pack's README claims about published facts, and what the pack really holds."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.shipped import policy_of

ROOT = Path(__file__).parents[2]
PUBLISHED_CASES = ROOT.parent / "shared" / "cases" / "published_cases.yaml"
PUBLISHED_FACTS = ROOT.parent / "shared" / "policies" / "POLICIES.md"
HEADING = "## Published facts and their place"
ROW = re.compile(r"\| ([A-Z]{3}-\d+) \| (.+?) \| (.+) \|")
OMITTED = "omitted: "


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the table: where a published fact stands, or why it does not."""

    fact: str
    names: tuple[str, ...]
    omitted_because: str


def places(pack: str) -> list[Place]:
    """Return the rows of the table of facts in a pack's README."""
    text = (ROOT / "rules" / pack / "README.md").read_text(encoding="utf-8")
    table = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    return [_place(*match.group(1, 3)) for match in map(ROW.match, table.splitlines()) if match]


def _place(fact: str, cell: str) -> Place:
    if cell.startswith(OMITTED):
        return Place(fact, (), cell.removeprefix(OMITTED))
    return Place(fact, tuple(re.findall(r"`(\w+)`", cell)), "")


def names_of(pack: str) -> set[str]:
    """Return the names of all rules, bars, questions, parameters and readings of a pack."""
    policy = policy_of(pack)
    things = (*policy.rules, *policy.questions, *policy.definitions)
    return {thing.name for thing in things}


def sources_of(pack: str) -> set[str]:
    """Return the ids of the sources that a rule, bar, question or parameter of a pack cites."""
    policy = policy_of(pack)
    things = (*policy.rules, *policy.questions, *policy.definitions)
    return {source for thing in things for source in thing.sources}


def published_facts(section: int) -> list[str]:
    """Return the ids of the facts in one section of the published ones."""
    text = PUBLISHED_FACTS.read_text(encoding="utf-8")
    body = re.split(r"^## ", text, flags=re.MULTILINE)
    wanted = next(part for part in body if part.startswith(f"{section}. "))
    return re.findall(r"^\| ([A-Z]{3}-\d+)", wanted, flags=re.MULTILINE)
