"""Questions nobody can answer, that never open, or whose clock never ends."""

from collections.abc import Iterator

from reso.policy.model import AnswerRule, Policy, Question
from reso.policy.possible import can_hold
from reso.policy.review.places import Places
from reso.policy.review.remark import Remark, remark
from reso.policy.spelling import Spelling


def flawed_questions(policy: Policy, places: Places) -> Iterator[Remark]:
    """Yield what is odd about the questions of a policy."""
    spelled = Spelling.of(policy).out
    chapters = {chapter.name: spelled(chapter.when) for chapter in policy.chapters}
    for question in policy.questions:
        if not places.own(question.mark):
            continue
        yield from _unanswerable(question)
        if question.lasts is None and question.until is None:
            yield remark("clock-without-end", question.name, question.mark)
        if question.when is not None:
            within = [chapters[question.chapter]] if question.chapter in chapters else []
            if not can_hold([*within, spelled(question.when)]):
                yield remark("question-never-opens", question.name, question.mark)


def _unanswerable(question: Question) -> Iterator[Remark]:
    """Yield that nobody can give an answer: any of them, or some of them."""
    never = [answer.name for answer in question.answers if not _can_be_given(answer)]
    if len(never) == len(question.answers):
        yield remark("question-nobody-can-answer", question.name, question.mark)
        return
    for answer in never:
        yield remark("answer-nobody-can-give", question.name, question.mark, answer=answer)


def _can_be_given(answer: AnswerRule) -> bool:
    if answer.taken_when is not None:
        return True
    return any(acts.where is None or can_hold([acts.where]) for acts in answer.acts)
