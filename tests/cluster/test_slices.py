"""A prepared history in slices: every dispute in one of them, whole."""

from functools import cache
from pathlib import Path

import duckdb
import pytest

from reso.errors import InputError
from reso.model.events import Event
from simulations.cluster.slices import Slices, cut, open_slice
from simulations.fast import replaying
from simulations.fast.replaying import AT_ONCE, replay
from simulations.history import History
from simulations.prepared.preparing import Prepared
from tests.simulations.prepared_once import cache_of, copied
from tests.simulations.shop import at, claim, event, fixture, history, order, pack

FILES = ("facts", "rows", "no_claim", "odd")


@cache
def told() -> History:
    """Return the shipped history beside a dispute without a claim and an odd one."""
    unclaimed = Event("D-unclaimed", at(0), at(0), "order", {"currency": "IDR", "total_paid": 100})
    odd = event("calendar", 0, weekend=("fri",))
    events = [one for events in fixture().disputes.values() for one in events]
    return history([*events, unclaimed, *order(), claim("damaged"), odd])


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache that holds the history, and no slices of it."""
    return cache_of(told(), tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared(prepared_once: Path, tmp_path: Path) -> Prepared:
    return copied(told(), prepared_once, tmp_path)


def parts(prepared: Prepared, slices: Slices) -> list[Prepared]:
    return [open_slice(slices.folder, number, prepared.table) for number in range(len(slices))]


def rows(prepared: Prepared, name: str) -> list[tuple[object, ...]]:
    """Return the rows of all files of a kind."""
    files = {
        "facts": prepared.facts,
        "rows": prepared.rows,
        "no_claim": (prepared.no_claim,),
        "odd": (prepared.odd,),
    }[name]
    with duckdb.connect() as connection:
        read = connection.execute("FROM read_parquet($1)", [[str(file) for file in files]])
        return read.fetchall()


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_in_one_slice(prepared: Prepared, name: str) -> None:
    found = [row for part in parts(prepared, cut(prepared, 10)) for row in rows(part, name)]
    assert sorted(map(repr, found)) == sorted(map(repr, rows(prepared, name)))


def test_a_dispute_is_in_one_slice_with_all_of_its_rows(prepared: Prepared) -> None:
    slices = cut(prepared, 10)
    assert len(slices) == 6
    seen: set[object] = set()
    for part, count in zip(parts(prepared, slices), slices.disputes, strict=True):
        here = {row[0] for row in rows(part, "rows")}
        assert len(here) == part.manifest.disputes == count
        assert not here & seen
        seen |= here
    assert len(seen) == prepared.manifest.disputes


@pytest.mark.parametrize(
    "at_once",
    [
        pytest.param(AT_ONCE, id="at once"),
        pytest.param(4, id="part by part", marks=pytest.mark.slow),
    ],
)
def test_slices_are_led_as_the_whole_is(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    policy, until = pack().policy, prepared.manifest.last_recorded_at
    whole = replay(prepared, policy, until)
    monkeypatch.setattr(replaying, "AT_ONCE", at_once)
    ran = [replay(part, policy, until) for part in parts(prepared, cut(prepared, 30))]
    for name in ("results", "movements"):
        asked = f"FROM {name}"
        found = [row for one in ran for row in one.table.connection.sql(asked).fetchall()]
        wanted = whole.table.connection.sql(asked).fetchall()
        assert sorted(map(repr, found)) == sorted(map(repr, wanted))
    assert sum(sum(one.by_reference.values()) for one in ran) == 1


def test_slices_are_cut_once(prepared: Prepared) -> None:
    first = cut(prepared, 10)
    written = (first.folder / "0000" / "facts.parquet").stat().st_mtime_ns
    assert cut(prepared, 10) == first
    assert (first.folder / "0000" / "facts.parquet").stat().st_mtime_ns == written
    assert len(cut(prepared, 100)) == 1


@pytest.mark.parametrize("gone", ["facts.parquet", "manifest.json"])
def test_a_worker_that_does_not_see_a_slice_says_so(prepared: Prepared, gone: str) -> None:
    slices = cut(prepared, 10)
    (slices.folder / "0001" / gone).unlink()
    with pytest.raises(InputError, match="Workers and driver have to see the same folder"):
        open_slice(slices.folder, 1, prepared.table)
