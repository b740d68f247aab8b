"""What follows when the questions that are needed get answered, by acts as they are recorded."""

from collections.abc import Iterator, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from reso.engine.compiled import Compiled
from reso.engine.judgement import Judgement, MatterResult
from reso.engine.logic import Reference
from reso.model.case import Case, Records
from reso.model.events import Event, fold
from reso.policy.model import Acts, Policy
from tests.strategies.costly import COSTLY
from tests.strategies.policies import Doses
from tests.strategies.stories import Docket, Story, dockets, wanted_of

PLAIN = Doses(clocks=False, lists=False)
"""Policies whose rules look at fields, answers and `exists` alone.

A count, a pick or the state of a question may change together with an answer; that is the
author's wish, and no completion knows of it.
"""


@COSTLY
@given(data=st.data(), docket=dockets(PLAIN, down=False))
def test_answering_the_whole_needed_set_settles_or_changes_which_others_are_open(
    data: st.DataObject, docket: Docket
) -> None:
    policy = docket.policy
    evaluator = data.draw(st.sampled_from([Reference, Compiled]))(policy)
    for story in docket.stories:
        before = evaluator.judge(story.case(), story.at)
        for matter in before.matters.values():
            if matter.settled or not answerable(policy, matter):
                continue
            after = evaluator.judge(answered(data, policy, story, before, matter), story.at)
            now_open, open_before = unknown(policy, after), unknown(policy, before)
            assert not now_open & set(matter.needed)
            others = open_before - set(matter.needed)
            assert after.matters[matter.matter].settled or others != now_open


def unknown(policy: Policy, judgement: Judgement) -> set[str]:
    """Return the questions whose answer may still come."""
    return {q.name for q in policy.questions if judgement.world.question(q.name).unknown}


def answerable(policy: Policy, matter: MatterResult) -> bool:
    """Whether every question that is needed is an ordinary one that acts can answer."""
    needed = [question for question in policy.questions if question.name in matter.needed]
    return all(list(_acts_of(policy, question.name)) and not question.stage for question in needed)


def answered(
    data: st.DataObject, policy: Policy, story: Story, before: Judgement, matter: MatterResult
) -> Case:
    """Return the case in which all that is needed was asked and answered just now."""
    events = [event for event in story.events if event.recorded_at <= story.at]
    for name in matter.needed:
        if before.world.question(name).to_be_asked:
            events.append(_happened(story, "asked", {"question": name}))
        acts = data.draw(st.sampled_from(list(_acts_of(policy, name))), label=f"answer of {name}")
        section, wanted = wanted_of(acts)
        events.append(_happened(story, section, _first(wanted)))
    return fold(events, story.at)


def _acts_of(policy: Policy, name: str) -> Iterator[Acts]:
    question = next(q for q in policy.questions if q.name == name)
    return (acts for answer in question.answers for acts in answer.acts)


def _first(wanted: Mapping[str, Sequence[object]]) -> dict[str, object]:
    return {name: options[0] for name, options in wanted.items() if options}


def _happened(story: Story, section: str, item: Mapping[str, object]) -> Event:
    record = {**item, "at": story.at}
    return Event("case", story.at, story.at, section, Records((record,)))  # type: ignore[arg-type]
