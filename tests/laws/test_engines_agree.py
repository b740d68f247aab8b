"""The compiled evaluator and the yardstick mean the same by every policy."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.logic import Reference
from reso.policy.model import Policy
from tests.shipped import PACKS, policy_of
from tests.strategies.costly import COSTLY
from tests.strategies.stories import Docket, Story, cases_for, dockets


@cache
def compiled_of(name: str) -> Compiled:
    """Compile a pack of `rules/` once."""
    return Compiled(policy_of(name))


def assert_agree(policy: Policy, compiled: Compiled, story: Story) -> None:
    """Assert that both find the same of every rule, question and matter, and rule the same."""
    reference = Reference(policy)
    case = story.case()
    found, expected = compiled.judge(case, story.at), reference.judge(case, story.at)
    assert found.chapter == expected.chapter
    assert dict(found.questions) == dict(expected.questions)
    assert dict(found.statuses) == dict(expected.statuses)
    assert dict(found.matters) == dict(expected.matters)
    ruling = Engine.of(compiled).decide(case, story.at)
    assert ruling == Engine.of(reference).decide(case, story.at)


@COSTLY
@given(docket=dockets(stories=4))
def test_compiled_and_yardstick_agree_on_rules_questions_matters_and_needed_sets(
    docket: Docket,
) -> None:
    compiled = Compiled(docket.policy)
    for story in docket.stories:
        assert_agree(docket.policy, compiled, story)


@pytest.mark.slow
@given(docket=dockets(stories=12))
def test_compiled_and_yardstick_agree_when_many_cases_share_patterns(docket: Docket) -> None:
    compiled = Compiled(docket.policy)
    for story in docket.stories:
        assert_agree(docket.policy, compiled, story)


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=2)
@given(data=st.data())
def test_compiled_and_yardstick_agree_on_a_few_cases_of_published_policies(
    name: str, data: st.DataObject
) -> None:
    assert_agree_on_published(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
@given(data=st.data())
def test_compiled_and_yardstick_agree_on_published_policies(name: str, data: st.DataObject) -> None:
    assert_agree_on_published(name, data)


def assert_agree_on_published(name: str, data: st.DataObject) -> None:
    """Assert that both agree on a few random cases of a shipped policy."""
    policy, compiled = policy_of(name), compiled_of(name)
    for _ in range(3):
        assert_agree(policy, compiled, data.draw(cases_for(policy)))
