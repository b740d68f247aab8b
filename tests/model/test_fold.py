"""The fold: what a list of events says at an instant."""

import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.facts.reader import read_case_file
from reso.facts.table import installed_table
from reso.model.case import Case, Records, Value
from reso.model.events import Event, Fold, Payload, fold
from tests.strategies.case_files import FIRST_DAY, case_files

TABLE = installed_table(Path(__file__).parents[2] / "rules")
DAY = timedelta(days=1)


def event(day: int, kind: str, payload: Payload, occurred: int | None = None) -> Event:
    """Return an event recorded on a day, and having occurred then or on another."""
    at = FIRST_DAY + (day if occurred is None else occurred) * DAY
    return Event("D-1", at, FIRST_DAY + day * DAY, kind, payload)


def item(day: int, **fields: Value) -> Event:
    """Return an item of `tracking`, recorded on a day."""
    return event(day, "tracking", Records((fields,)))


def at(day: int) -> datetime:
    return FIRST_DAY + day * DAY


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Return events of a random case, some of them recorded later than they occurred."""
    events = read_case_file(draw(case_files(TABLE)), TABLE).events
    late = st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events))
    return [
        Event(e.dispute_id, e.occurred_at, e.recorded_at + days * DAY, e.kind, e.payload)
        for e, days in zip(events, draw(late), strict=True)
    ]


INSTANTS = st.integers(0, 25).map(at)


class TestOneField:
    @pytest.mark.parametrize(
        ("events", "expected"),
        [
            pytest.param(
                [event(1, "order", {"total_paid": 1}), event(2, "order", {"total_paid": 2})],
                {"order.total_paid": 2},
                id="the later recorded one stands",
            ),
            pytest.param(
                [
                    event(1, "order", {"total_paid": 1}, occurred=1),
                    event(2, "order", {"total_paid": 2}, occurred=0),
                ],
                {"order.total_paid": 2},
                id="the later recorded one, though it occurred earlier",
            ),
            pytest.param(
                [
                    event(2, "order", {"total_paid": 1}, occurred=2),
                    event(2, "order", {"total_paid": 2}, occurred=1),
                ],
                {"order.total_paid": 1},
                id="recorded together: the one that occurred later",
            ),
            pytest.param(
                [event(2, "order", {"total_paid": 5}), event(2, "order", {"total_paid": 7})],
                {"order.total_paid": 7},
                id="recorded and occurred together: the greater value",
            ),
            pytest.param(
                [
                    event(2, "calendar", {"weekend": ("sat", "sun")}),
                    event(2, "calendar", {"weekend": ("fri", "sat")}),
                ],
                {"calendar.weekend": ("sat", "sun")},
                id="of two lists of values the greater one",
            ),
            pytest.param(
                [event(1, "order", {"unused": True}), event(2, "order", {"unused": None})],
                {"order.unused": None},
                id="an explicit null is a value",
            ),
            pytest.param(
                [event(1, "order", {"unused": True}), event(2, "order", {"complete": True})],
                {"order.complete": True, "order.unused": True},
                id="other fields are left alone",
            ),
            pytest.param(
                [event(1, "case", {"fault": "buyer"})], {"fault": "buyer"}, id="top-level scalar"
            ),
        ],
    )
    @pytest.mark.parametrize("turned", [False, True], ids=["as given", "turned round"])
    def test_says_what_stands(
        self, events: list[Event], expected: dict[str, Value], turned: bool
    ) -> None:
        given_in_order = events[::-1] if turned else events
        assert dict(fold(given_in_order, at(9)).fields) == expected


class TestNullSections:
    NULL = event(2, "claim", None)

    def test_a_null_section_stands_under_its_own_name(self) -> None:
        assert dict(fold([self.NULL], at(9)).fields) == {"claim": None}

    def test_null_takes_back_what_was_stated_before(self) -> None:
        items = Records(({"sku": "CUP"},))
        before = event(1, "claim", {"type": "damaged", "items": items})
        case = fold([before, self.NULL], at(9))
        assert (dict(case.fields), dict(case.lists)) == ({"claim": None}, {})

    @pytest.mark.parametrize("turned", [False, True], ids=["as given", "turned round"])
    def test_of_two_nulls_the_later_recorded_one_counts(self, turned: bool) -> None:
        nulls = [event(1, "claim", None), event(3, "claim", None)]
        between = event(2, "claim", {"type": "damaged"})
        case = fold([between, *(nulls[::-1] if turned else nulls)], at(9))
        assert dict(case.fields) == {"claim": None}

    @pytest.mark.parametrize("day", [2, 3], ids=["recorded with it", "recorded after it"])
    def test_a_field_lifts_the_null(self, day: int) -> None:
        case = fold([event(day, "claim", {"type": "damaged"}), self.NULL], at(9))
        assert dict(case.fields) == {"claim.type": "damaged"}


class TestLists:
    def test_items_come_in_order_of_at_undated_first(self) -> None:
        events = [item(3, at=at(3)), item(4, at=at(1)), item(5)]
        found = fold(events, at(9)).lists["tracking"]
        assert [dict(record) for record in found] == [{}, {"at": at(1)}, {"at": at(3)}]

    def test_items_of_one_instant_keep_the_order_of_the_file(self) -> None:
        events = [item(1, at=at(1), by=word) for word in ("b", "a", "c")]
        assert [r["by"] for r in fold(events, at(9)).lists["tracking"]] == ["b", "a", "c"]

    def test_of_equal_instants_the_earlier_recorded_comes_first(self) -> None:
        events = [item(2, at=at(1), by="late"), item(1, at=at(1), by="soon")]
        assert [r["by"] for r in fold(events, at(9)).lists["tracking"]] == ["soon", "late"]

    def test_an_empty_list_is_there_and_does_not_take_items_away(self) -> None:
        empty = event(2, "tracking", Records())
        assert fold([empty], at(9)).lists == {"tracking": ()}
        assert len(fold([item(1, at=at(1)), empty], at(9)).lists["tracking"]) == 1

    @pytest.mark.parametrize("turned", [False, True], ids=["as given", "turned round"])
    def test_of_two_lists_stated_together_always_the_same_stands(self, turned: bool) -> None:
        records = (Records(({"sku": "A", "kind": "x"},)), Records(({"kind": "y", "sku": "A"},)))
        events = [event(1, "claim", {"items": items}) for items in records]
        case = fold(events[::-1] if turned else events, at(9))
        assert case.lists["claim.items"][0]["kind"] == "y"

    def test_a_list_in_an_object_is_replaced_as_a_whole(self) -> None:
        both = Records(({"sku": "A"}, {"sku": "B"}))
        one = Records(({"sku": "B"},))
        events = [event(1, "claim", {"items": both}), event(2, "claim", {"items": one})]
        case = fold(events, at(9))
        assert [dict(r) for r in case.lists["claim.items"]] == [{"sku": "B"}]
        assert "claim.items" not in case.fields


class TestTime:
    EVENTS = (event(1, "order", {"total_paid": 1}), event(3, "order", {"total_paid": 3}))

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            pytest.param(0, {}, id="before the first"),
            pytest.param(1, {"order.total_paid": 1}, id="at the very instant"),
            pytest.param(2, {"order.total_paid": 1}, id="between"),
            pytest.param(3, {"order.total_paid": 3}, id="after the correction"),
        ],
    )
    def test_a_case_knows_what_was_recorded_by_then(
        self, day: int, expected: dict[str, Value]
    ) -> None:
        assert dict(fold(self.EVENTS, at(day)).fields) == expected

    def test_a_fold_does_not_forget_what_it_was_told(self) -> None:
        with pytest.raises(ValueError, match="Add only what was recorded by then") as error:
            Fold().add(self.EVENTS).case(at(2))
        assert str(error.value) == (
            "the fold knows 2026-01-04T00:00:00+00:00, which is after 2026-01-03T00:00:00+00:00. "
            "Add only what was recorded by then"
        )


class TestLaws:
    @given(events=histories(), cut=st.integers(0, 40), instant=INSTANTS)
    def test_folding_in_parts_equals_folding_at_once(
        self, events: list[Event], cut: int, instant: datetime
    ) -> None:
        known = [e for e in events if e.recorded_at <= instant]
        in_parts = Fold().add(known[:cut]).add(known[cut:]).case(instant)
        assert in_parts == fold(events, instant)

    @given(events=histories(), more=histories(), instant=INSTANTS)
    def test_what_is_recorded_later_changes_nothing(
        self, events: list[Event], more: list[Event], instant: datetime
    ) -> None:
        later = [e for e in more if e.recorded_at > instant]
        assert fold([*events, *later], instant) == fold(events, instant)

    @given(data=st.data(), events=histories(), instant=INSTANTS)
    def test_the_order_of_events_of_different_kinds_does_not_matter(
        self, data: st.DataObject, events: list[Event], instant: datetime
    ) -> None:
        kinds = data.draw(st.permutations(sorted({e.kind for e in events})))
        by_kind = [e for kind in kinds for e in events if e.kind == kind]
        assert fold(by_kind, instant) == fold(events, instant)

    @given(data=st.data(), events=histories(), instant=INSTANTS)
    def test_the_order_of_events_of_objects_does_not_matter_at_all(
        self, data: st.DataObject, events: list[Event], instant: datetime
    ) -> None:
        objects = [e for e in events if not isinstance(e.payload, Records)]
        mixed: Sequence[Event] = data.draw(st.permutations(objects))
        assert fold(mixed, instant) == fold(objects, instant)

    @given(events=histories(), instant=INSTANTS)
    def test_cases_and_events_survive_pickling(
        self, events: list[Event], instant: datetime
    ) -> None:
        case = fold(events, instant)
        assert pickle.loads(pickle.dumps(case)) == case
        assert pickle.loads(pickle.dumps(events)) == events


class TestImmutable:
    def test_a_case_does_not_change_with_what_it_was_made_of(self) -> None:
        total: dict[str, Value] = {"order.total_paid": 1}
        scan: dict[str, Value] = {"event": "delivered"}
        case = Case(datetime(2026, 1, 1, tzinfo=UTC), "IDR", total, {"tracking": (scan,)})
        total["order.total_paid"], scan["event"] = 2, "in_transit"
        assert case.fields["order.total_paid"] == 1
        assert case.lists["tracking"][0]["event"] == "delivered"

    def test_a_case_cannot_be_written_to(self) -> None:
        case = fold([item(1, event="delivered")], at(9))
        with pytest.raises(TypeError):
            case.fields["fault"] = "buyer"  # type: ignore[index]
        with pytest.raises(TypeError):
            case.lists["tracking"][0]["event"] = "in_transit"  # type: ignore[index]

    def test_an_event_needs_a_payload_of_a_known_shape(self) -> None:
        with pytest.raises(TypeError) as error:
            event(1, "tracking", [{"event": "delivered"}])  # type: ignore[arg-type]
        assert str(error.value) == "payload of `tracking`: a mapping, Records or None is needed"
