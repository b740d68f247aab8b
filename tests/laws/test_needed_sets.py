"""What is settled, what is needed, and what is asked: held against brute force."""

import pytest
from hypothesis import given

from reso.engine.compiled import Compiled
from reso.engine.judgement import Judgement, MatterResult
from reso.engine.logic import Reference
from reso.policy.model import Policy
from tests.laws.brute_force import Completions, completions
from tests.strategies.costly import COSTLY
from tests.strategies.stories import Docket, dockets

EVALUATORS = pytest.mark.parametrize("evaluator", [Reference, Compiled])


def matters_of(
    docket: Docket, evaluator: type[Reference] | type[Compiled]
) -> list[tuple[Judgement, MatterResult, Completions]]:
    """Return every matter of a docket's judgements with what its completions come to."""
    policy: Policy = docket.policy
    judging = evaluator(policy)
    found = []
    for story in docket.stories:
        judgement = judging.judge(story.case(), story.at)
        for matter in judgement.matters.values():
            tried = completions(policy, judgement, matter.matter)
            if tried is not None:
                found.append((judgement, matter, tried))
    return found


@EVALUATORS
@COSTLY
@given(docket=dockets(down=False))
def test_a_matter_is_settled_when_every_completion_comes_to_the_same(
    evaluator: type[Reference], docket: Docket
) -> None:
    for _, matter, tried in matters_of(docket, evaluator):
        if not matter.too_many:
            assert matter.settled == (len(tried.outcomes) == 1)
        if matter.settled:
            assert tried.outcomes == {frozenset(matter.conclusions)}


@EVALUATORS
@COSTLY
@given(docket=dockets(down=False))
def test_the_needed_set_is_the_smallest_and_cheapest_that_settles(
    evaluator: type[Reference], docket: Docket
) -> None:
    for judgement, matter, tried in matters_of(docket, evaluator):
        if matter.settled or matter.too_many:
            continue

        def cost(names: tuple[str, ...], judgement: Judgement = judgement) -> tuple[object, ...]:
            states = [judgement.world.question(name) for name in names]
            return sum(s.to_be_asked for s in states), len({s.to for s in states}), names

        assert matter.needed == min(tried.smallest(), key=cost)


@EVALUATORS
@COSTLY
@given(docket=dockets(down=False))
def test_nothing_is_needed_that_cannot_change_the_result(
    evaluator: type[Reference], docket: Docket
) -> None:
    for _, matter, tried in matters_of(docket, evaluator):
        if matter.too_many:
            continue
        assert matter.settled or matter.needed
        for question in matter.needed:
            assert not tried.settle(set(matter.needed) - {question})


@EVALUATORS
@COSTLY
@given(docket=dockets(down=False))
def test_what_is_needed_is_among_the_questions_shown(
    evaluator: type[Reference], docket: Docket
) -> None:
    for judgement, matter, _ in matters_of(docket, evaluator):
        assert set(matter.needed) <= judgement.questions.keys()


@EVALUATORS
@COSTLY
@given(docket=dockets(down=False))
def test_no_possible_conclusion_is_left_out(evaluator: type[Reference], docket: Docket) -> None:
    for _, matter, tried in matters_of(docket, evaluator):
        possible = {conclusion for outcome in tried.outcomes for conclusion in outcome}
        assert possible <= set(matter.conclusions)
