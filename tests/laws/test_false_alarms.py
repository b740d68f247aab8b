"""What the checker warns of is so, whatever the case: it raises no false alarm."""

from hypothesis import given

from reso.engine.compiled import Compiled
from reso.policy.review.firing import never_deciding
from reso.policy.review.places import Places
from reso.policy.review.questions import flawed_questions
from reso.policy.review.used import unused
from tests.strategies.costly import COSTLY
from tests.strategies.stories import Docket, dockets

ANYWHERE = Places({}, frozenset())


@COSTLY
@given(docket=dockets(stories=6))
def test_a_rule_said_never_to_decide_never_decides(docket: Docket) -> None:
    compiled = Compiled(docket.policy)
    idle = {found.of for found in never_deciding(docket.policy, ANYWHERE)}
    for story in docket.stories:
        judged = compiled.judge(story.case(), story.at)
        deciding = {name for name, status in judged.statuses.items() if status.decides is True}
        assert deciding & idle == set()


@COSTLY
@given(docket=dockets(stories=6))
def test_a_question_said_never_to_open_or_to_be_asked_is_never_waited_for(docket: Docket) -> None:
    policy = docket.policy
    odd = [*flawed_questions(policy, ANYWHERE), *unused(policy, ANYWHERE)]
    never = {"question-never-opens", "question-nobody-asks"}
    idle = {found.of for found in odd if found.told.code in never}
    compiled = Compiled(policy)
    for story in docket.stories:
        judged = compiled.judge(story.case(), story.at)
        needed = {name for matter in judged.matters.values() for name in matter.needed}
        assert needed & idle == set()
