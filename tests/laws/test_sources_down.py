"""A source that is down: nothing is settled that one of its possible values would change."""

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from reso.engine.logic import Reference
from reso.facts.interpret import earliest_instant
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.model.case import Case
from reso.model.events import fold
from reso.policy.model import Policy
from tests.strategies.costly import COSTLY
from tests.strategies.packs import Pack
from tests.strategies.policies import packs
from tests.strategies.stories import Story, cases_for

NEVER_DOWN = {"calendar", "asked", "order.currency"}


@dataclass(frozen=True)
class Outage:
    """A dispute of which one source is down, and what that source could have said."""

    pack: Pack
    stories: tuple[Story, ...]
    source: str

    def cases(self) -> tuple[Case, list[Case]]:
        """Return the case with the source down, and with it up saying each of these."""
        policy = self.pack.policy()
        story, *others = self.stories
        at = story.at.isoformat()
        down = {"at": None, "source": self.source, "state": "down"}
        case = _case(policy, {**story.data, "unavailable": [down]}, story)
        told = [_saying(story.data, other.data, self.source) for other in (story, *others)]
        cases = [_case(policy, {**data, "now": at}, story) for data in told]
        return case, [other for other in cases if _on_file(other) == _on_file(case)]


def _on_file(case: Case) -> tuple[object, ...]:
    """Return what is read off what is on file even of a source that is down."""
    return earliest_instant(case), {name.partition(".")[0] for name in case.fields}


def _case(policy: Policy, data: Mapping[str, Plain], story: Story) -> Case:
    return fold(read_case_file(data, policy.table).events, story.at)


def _saying(data: Mapping[str, Plain], other: Mapping[str, Plain], source: str) -> dict[str, Plain]:
    """Return a case file in which the source says what it says in another one."""
    section, _, name = source.partition(".")
    ours, theirs = data.get(section), other.get(section)
    said = {key: value for key, value in data.items() if key not in (section, "unavailable")}
    if name and isinstance(ours, dict):
        said[section] = {key: value for key, value in ours.items() if key != name}
        if isinstance(theirs, dict) and name in theirs:
            said[section] = {**ours, name: theirs[name]}
    elif name:
        return {key: value for key, value in data.items() if key != "unavailable"}
    elif section in other:
        said[section] = theirs
    if section == "order":
        said[section] = {**(said.get(section) or {}), "currency": "USD"}  # type: ignore[dict-item]
    return said


@st.composite
def outages(draw: st.DrawFn, values: int = 4) -> Outage:
    """Return random outages with random values of what is down."""
    pack = draw(packs())
    policy = pack.policy()
    stories = tuple(draw(cases_for(policy, down=False)) for _ in range(1 + values))
    said = {
        name
        for story in stories
        for key, value in story.data.items()
        if key != "now" and key not in NEVER_DOWN
        for name in (
            key,
            *(f"{key}.{inner}" for inner in (value if isinstance(value, dict) else ())),
        )
        if name not in NEVER_DOWN and not name.endswith(".items")
    }
    return Outage(pack, stories, draw(st.sampled_from(sorted(said))))


@COSTLY
@given(outage=outages())
def test_with_a_source_down_nothing_is_settled_that_its_values_could_change(
    outage: Outage,
) -> None:
    evaluator = Reference(outage.pack.policy())
    case, possible = outage.cases()
    found = evaluator.judge(case, case.known_at)
    for other in possible:
        judged = evaluator.judge(other, other.known_at)
        for name, matter in found.matters.items():
            if matter.settled:
                expected = judged.matters[name]
                assert expected.settled
                assert expected.conclusions == matter.conclusions
