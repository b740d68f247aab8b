"""How a question's clock runs: its state, its answer and its instants, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from reso.facts.calendar import Calendar
from reso.model.time import Duration

State = Literal["not_opened", "open", "answered", "lapsed"]


@dataclass(frozen=True, slots=True)
class Act:
    """A recorded act that gives an answer; undated acts came with what opened the question."""

    at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a clock stands still; `ends_at` is None while it lasts."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Added:
    """Time that acts of one kind add, each time; at most `most` of them count."""

    at: Sequence[datetime | None]
    by: Duration
    most: int = 1


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question at one moment.

    `answer` is None when there is none; `unknown` says that it may still come (the question is
    open, or we have yet to ask it). Only `unknown` answers keep a ruling from being settled.
    """

    name: str
    to: str
    state: State
    answer: str | None = None
    unknown: bool = False
    to_be_asked: bool = False
    opened_at: datetime | None = None
    deadline: datetime | None = None
    ended_at: datetime | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """What is needed to run one question's clock.

    `acts` are in order of time. `deadline` is before pauses and extensions; None: no end.
    """

    name: str
    to: str
    relevant: bool
    opens_at: datetime | None
    deadline: datetime | None
    silence_means: str
    acts: Sequence[Act]
    put_by_us: bool = False
    counts_earlier: bool = False
    revisable: bool = False
    taken: str | None = None
    spans: Sequence[Span] = ()
    added: Sequence[Added] = ()


def run(clock: Clock, at: datetime, calendar: Calendar) -> QuestionState:
    """Return the state of a question at `at`.

    Acts count from the opening to the deadline, both included; the first stands unless the
    question is revisable. `counts_earlier` lets acts from before the opening count too.
    """
    opened = clock.opens_at
    if not clock.relevant:
        return QuestionState(clock.name, clock.to, "not_opened")
    if opened is None or opened > at:
        return _not_opened(clock, at)
    if clock.taken is not None:
        return QuestionState(
            clock.name, clock.to, "answered", clock.taken, opened_at=opened, ended_at=opened
        )
    deadline, paused = _running_deadline(clock, opened, calendar)
    act = _standing_act(clock, opened, None if paused else deadline)
    if act is not None:
        ended = opened if act.at is None else max(opened, act.at)
        return QuestionState(
            clock.name, clock.to, "answered", act.answer, False, False, opened, deadline, ended
        )
    if deadline is not None and not paused and at >= deadline:
        return QuestionState(
            clock.name,
            clock.to,
            "lapsed",
            clock.silence_means,
            opened_at=opened,
            deadline=deadline,
            ended_at=deadline,
        )
    return QuestionState(
        clock.name, clock.to, "open", None, True, False, opened, deadline, None, paused
    )


def _not_opened(clock: Clock, at: datetime) -> QuestionState:
    """Return the state before the opening.

    What we have yet to ask may be answered on file; and where its time has a fixed end (`until`)
    that is over, it lapses unasked.
    """
    if clock.put_by_us and clock.opens_at is None:
        on_file = _on_file(clock)
        if on_file:
            act = on_file[-1] if clock.revisable else on_file[0]
            return QuestionState(
                clock.name, clock.to, "answered", act.answer, opened_at=act.at, ended_at=act.at
            )
        end = clock.deadline
        if end is not None and at >= end:
            silence = clock.silence_means
            return QuestionState(
                clock.name, clock.to, "lapsed", silence, deadline=end, ended_at=end
            )
        return QuestionState(
            clock.name, clock.to, "not_opened", unknown=True, to_be_asked=True, deadline=end
        )
    return still_closed(clock.name, clock.to, clock.opens_at)


def _on_file(clock: Clock) -> list[Act]:
    """Return the acts that answer what was never asked: those in time, if earlier ones count."""
    if not clock.counts_earlier:
        return []
    end = clock.deadline
    return [act for act in clock.acts if act.at is None or end is None or act.at <= end]


def still_closed(name: str, to: str, opens_at: datetime | None) -> QuestionState:
    """Return the state of a question that opens later, or never."""
    return QuestionState(name, to, "not_opened", opened_at=opens_at)


def _running_deadline(
    clock: Clock, opened: datetime, calendar: Calendar
) -> tuple[datetime | None, bool]:
    """Return the deadline with what was added and what stood still, and whether it stands now."""
    deadline = clock.deadline
    if deadline is None:
        return None, False
    for added in clock.added:
        times = 0
        for at in added.at:
            if times < added.most and (at is None or opened <= at <= deadline):
                deadline = calendar.add(deadline, added.by)
                times += 1
    still = timedelta(0)
    last = opened
    for span in sorted(clock.spans, key=lambda span: span.starts_at):
        start = max(span.starts_at, last)
        if start >= deadline + still:
            break
        if span.ends_at is None:
            return deadline + still, True
        if span.ends_at > start:
            still += span.ends_at - start
            last = span.ends_at
    return deadline + still, False


def _standing_act(clock: Clock, opened: datetime, deadline: datetime | None) -> Act | None:
    found = None
    for act in clock.acts:
        at = act.at
        if at is not None and at < opened and not clock.counts_earlier:
            continue
        if at is not None and deadline is not None and at > deadline:
            break
        if not clock.revisable:
            return act
        found = act
    return found
