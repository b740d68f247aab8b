"""The same case gets the same ruling, however often and in whatever order it is read."""

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.logic import Reference
from reso.facts.reader import read_case_file
from reso.model.events import Event, Fold, fold
from reso.model.ruling import Ruling
from tests.strategies.costly import COSTLY
from tests.strategies.packs import reordered
from tests.strategies.policies import Doses
from tests.strategies.stories import Docket, dockets

EVIDENCE_BY_KIND_ALONE = Doses(evidence_answers=False)
"""Policies that never ask which of two pieces of evidence came first."""


def content(ruling: Ruling) -> tuple[object, ...]:
    """Return a ruling without the hash of its policy's files and the order of what it lists."""
    reasons = tuple(
        replace(reason, detail=" ".join(sorted(re.findall(r"[\w:.]+", reason.detail))))
        for reason in ruling.reasons
    )
    told = replace(ruling, content_hash="", reasons=reasons)
    plain = {name: getattr(told, name) for name in told.__slots__ if name not in LISTED}
    listed = {name: sorted(map(repr, getattr(told, name))) for name in LISTED}
    pieces = sorted((e.party, e.type, e.used, e.why) for e in told.evidence)
    effects = sorted((told.effects or {}).items())
    return repr(plain), repr(listed), repr(pieces), repr(effects)


LISTED = ("reasons", "rules", "questions", "matters", "needed", "possible", "evidence", "effects")


@COSTLY
@given(docket=dockets())
def test_the_same_case_gets_the_same_ruling_twice_and_from_two_engines(docket: Docket) -> None:
    first, second = Engine.of(Compiled(docket.policy)), Engine.of(Compiled(docket.policy))
    for story in docket.stories:
        ruling = first.decide(story.case(), story.at)
        assert first.decide(story.case(), story.at) == ruling
    for story in reversed(docket.stories):
        assert second.decide(story.case(), story.at) == first.decide(story.case(), story.at)


@COSTLY
@given(data=st.data(), docket=dockets())
def test_the_order_and_the_files_of_rules_do_not_matter(
    data: st.DataObject, docket: Docket
) -> None:
    other = data.draw(reordered(docket.pack))
    for evaluator in (Reference, Compiled):
        ours, theirs = Engine.of(evaluator(docket.policy)), Engine.of(evaluator(other.policy()))
        for story in docket.stories:
            ruling = ours.decide(story.case(), story.at)
            assert content(theirs.decide(story.case(), story.at)) == content(ruling)


@COSTLY
@given(data=st.data(), docket=dockets(EVIDENCE_BY_KIND_ALONE))
def test_the_order_of_evidence_in_a_file_does_not_matter(
    data: st.DataObject, docket: Docket
) -> None:
    engine = Engine.of(Compiled(docket.policy))
    for story in docket.stories:
        pieces = story.data.get("evidence", [])
        assert isinstance(pieces, list)
        moved = {**story.data, "evidence": data.draw(st.permutations(pieces))}
        events = read_case_file(moved, docket.policy.table).events
        plain = read_case_file(story.data, docket.policy.table).events
        ruling = engine.decide(fold(plain, story.at), story.at)
        assert content(engine.decide(fold(events, story.at), story.at)) == content(ruling)


@COSTLY
@given(data=st.data(), docket=dockets())
def test_the_order_of_events_of_different_kinds_does_not_matter(
    data: st.DataObject, docket: Docket
) -> None:
    engine = Engine.of(Compiled(docket.policy))
    for story in docket.stories:
        shuffled = interleaved(data.draw(st.permutations(story.events)), story.events)
        ruling = engine.decide(story.case(), story.at)
        assert engine.decide(fold(shuffled, story.at), story.at) == ruling


def interleaved(order: list[Event], events: tuple[Event, ...]) -> list[Event]:
    """Return the events in another order, those of one kind among themselves as they were."""
    waiting = {
        kind: iter([e for e in events if e.kind == kind]) for kind in {e.kind for e in events}
    }
    return [next(waiting[event.kind]) for event in order]


@COSTLY
@given(docket=dockets())
def test_nothing_recorded_later_is_looked_at(docket: Docket) -> None:
    engine = Engine.of(Compiled(docket.policy))
    story, other = docket.stories
    soon = story.at + timedelta(microseconds=1)
    late = [replace(event, recorded_at=max(event.recorded_at, soon)) for event in other.events]
    known = [event for event in story.events if event.recorded_at <= story.at]
    ruling = engine.decide(fold(known, story.at), story.at)
    assert engine.decide(fold([*story.events, *late], story.at), story.at) == ruling
    assert engine.decide(fold([*late, *story.events], story.at), story.at) == ruling


@COSTLY
@given(data=st.data(), docket=dockets())
def test_folding_in_parts_is_folding_at_once(data: st.DataObject, docket: Docket) -> None:
    engine = Engine.of(Compiled(docket.policy))
    for story in docket.stories:
        known = [event for event in story.events if event.recorded_at <= story.at]
        cut = data.draw(st.integers(0, len(known)))
        parts = Fold().add(known[:cut])
        _ = parts.case(story.at)
        case = parts.add(known[cut:]).case(story.at)
        assert engine.decide(case, story.at) == engine.decide(story.case(), story.at)
