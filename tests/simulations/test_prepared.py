"""Prepared facts are the fold of the events, as of every arrival."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reso.facts.reader import read_case_file
from reso.model.case import Records
from reso.model.events import Event, fold
from simulations.history import History, history_of
from simulations.life import OWN_ACTS
from simulations.prepared.preparing import Prepared, prepare, prepare_history
from simulations.prepared.reference import reference_events
from simulations.sources import read_source
from tests.simulations.read_prepared import (
    arrivals_of,
    instants,
    known_at,
    known_of,
    old_acts_of,
    rows_of,
)
from tests.simulations.shop import FIXTURE, at, claim, event, fixture, order, pack, photo
from tests.strategies.case_files import case_files
from tests.strategies.costly import few

OLIST = Path(__file__).parents[3] / "shared" / "olist"


def assert_equal(prepared: Prepared, history: History, *, only_last: bool = False) -> int:
    """Compare the facts of every dispute with the fold; return how many were compared."""
    rows = rows_of(prepared)
    claimed = {name: arrivals_of(events) for name, events in history.disputes.items()}
    compared = 0
    for name, arrivals in claimed.items():
        if not arrivals or name not in rows:
            continue
        assert instants(rows[name]) == arrivals
        left, stays = old_acts_of(history.disputes[name])
        if prepared.manifest.old_acts:
            assert (rows[name]["left"], rows[name]["stays"]) == (left, stays), name
        else:
            assert not any(left)
            assert "left" not in rows[name]
        for n in [len(arrivals)] if only_last else range(1, len(arrivals) + 1):
            case = fold(history.disputes[name], arrivals[n - 1])
            assert known_at(prepared, rows[name], n) == known_of(case), (name, n)
        compared += 1
    assert compared + prepared.manifest.odd >= sum(map(bool, claimed.values()))
    return compared


# -- the law --------------------------------------------------------------------------------


@st.composite
def dispute(draw: st.DrawFn, name: str) -> tuple[Event, ...]:
    """Return the events of a random case file, some late, some repeated, nulls among them."""
    data = draw(case_files(pack().table))
    filed = draw(st.none() | st.integers(0, 200))
    if filed is not None:
        data["claim"] = {**(data.get("claim") or {}), "filed_at": at(filed).isoformat()}  # type: ignore[dict-item]
    events = [
        Event(name, e.occurred_at, _late(draw, e), e.kind, e.payload)
        for e in read_case_file(data, pack().table).events
        if e.kind not in OWN_ACTS
    ]
    sections = sorted(
        {e.kind for e in events if isinstance(e.payload, Mapping)} - {"case", "order"}
    )
    for section in draw(st.lists(st.sampled_from(sections), max_size=2)) if sections else ():
        when = draw(st.sampled_from(events)).recorded_at
        events.append(Event(name, when, when, section, None))
    for e in draw(st.lists(st.sampled_from(events), max_size=3)) if events else ():
        later = e.recorded_at + timedelta(hours=draw(st.integers(0, 3)))
        is_item = isinstance(e.payload, Records)
        events.append(Event(name, e.occurred_at if is_item else later, later, e.kind, e.payload))
    return tuple(draw(st.permutations(events)))


def _late(draw: st.DrawFn, event: Event) -> datetime:
    return event.recorded_at + timedelta(hours=draw(st.sampled_from([0, 0, 0, 1, 30])))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    return [e for n in range(12) for e in draw(dispute(f"D-{n}"))]


@settings(
    few(3),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(events=histories())
def test_facts_as_of_each_arrival_are_the_fold_of_the_events_known_by_then(
    events: list[Event],
) -> None:
    history = history_of("random", events, OWN_ACTS)
    with TemporaryDirectory() as folder:
        prepared = prepare_history(history, pack().table, cache=Path(folder))
        assert prepared.manifest.rejects == 0
        assert_equal(prepared, history)
        assert reference_events(prepared, history.disputes) == dict(history.disputes)
        assert prepared.manifest.events == history.event_count
        assert prepared.manifest.last_recorded_at == history.last_recorded_at


# -- whole histories ------------------------------------------------------------------------


def test_the_shipped_history_is_its_fold_and_known_shares_are_counted(tmp_path: Path) -> None:
    prepared = prepare(FIXTURE, pack().table, cache=tmp_path)
    assert assert_equal(prepared, fixture()) == len(fixture().disputes)
    assert prepared.manifest.odd == prepared.manifest.rejects == 0
    assert reference_events(prepared, fixture().disputes) == dict(fixture().disputes)
    rows = rows_of(prepared).values()
    for path in ("claim.type", "shipping.shipped_at", "tracking"):
        known = sum(bool(row[path]) for row in rows) / len(fixture().disputes)
        assert prepared.manifest.known[path] == pytest.approx(known)


@cache
def olist() -> History:
    return read_source(OLIST, pack().table)


@pytest.mark.slow
@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist files are not here")
def test_every_olist_dispute_is_its_fold(tmp_path: Path) -> None:
    prepared = prepare(OLIST, pack().table, cache=tmp_path)
    assert assert_equal(prepared, olist(), only_last=True) + prepared.manifest.odd == len(
        olist().disputes
    )
    assert prepared.manifest.odd <= len(olist().disputes) // 1000
    assert prepared.manifest.notes == olist().notes
    some = list(olist().disputes)[::7]
    assert reference_events(prepared, some) == {name: olist().disputes[name] for name in some}


def test_the_law_meets_what_the_old_platform_did(tmp_path: Path) -> None:
    told = [
        *order(),
        claim("damaged"),
        event("responses", 25, party="buyer", action="message"),
        event("responses", 30, party="platform", action="message"),
        event("responses", 31, party="buyer", action="message", of="platform"),
        event("history", 31, refunded_at=at(31), appeals_used=1),
        event("history", 32, refunded_at=None),
        event("case", 32, standing_decision="deny"),
        event("case", 33, standing_decision="deny", fault="buyer"),
        Event("D-1", at(34), at(34), "history", None),
    ]
    history = history_of("told", told, OWN_ACTS)
    prepared = prepare_history(history, pack().table, cache=tmp_path)
    assert assert_equal(prepared, history) == 1
    assert prepared.manifest.old_acts
    [row] = rows_of(prepared).values()
    assert row["left"] == [0, 0, 1, 2, 2, 1, 0]
    assert row["stays"][1:] == [1, 0, 1, 0, 1, 1]


# -- choices among equals -------------------------------------------------------------------


def test_events_of_one_instant_are_ordered_as_the_history_orders_them(tmp_path: Path) -> None:
    told = [
        *order(),
        claim("damaged"),
        *(event("evidence", 25, party="buyer", type=kind) for kind in ("video", "photo")),
        event("evidence", 25, party="seller", type="photo", value=9),
        event("evidence", 25, party="seller", type="photo", value=10),
        event("shipping", 30, courier="ab"),
        event("shipping", 30, courier="ab c"),
        event("shipping", 30, shipped_at=at(3)),
        event("shipping", 30, shipped_at=at(240 * 24)),
        photo(25),
    ]
    for turned in (told, told[::-1]):
        history = history_of("told", turned, OWN_ACTS)
        prepared = prepare_history(history, pack().table, cache=tmp_path / str(turned is told))
        assert assert_equal(prepared, history) == 1
        assert prepared.manifest.notes == history.notes


def test_what_sql_cannot_order_is_odd_and_still_told_to_the_reference(tmp_path: Path) -> None:
    told = [*order(), claim("damaged")]
    told += [
        event("responses", 25, party="buyer", action="message", reason=f"it's {n}") for n in (1, 2)
    ]
    told += [*order("D-2"), claim("damaged", 24, "D-2")]
    history = history_of("told", told, OWN_ACTS)
    prepared = prepare_history(history, pack().table, cache=tmp_path)
    assert prepared.manifest.odd == 1
    assert list(rows_of(prepared)) == ["D-2"]
    assert reference_events(prepared, ["D-1"]) == {"D-1": history.disputes["D-1"]}
