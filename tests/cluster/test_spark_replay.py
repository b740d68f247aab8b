"""A replay on a real cluster of two workers comes to what it comes to on one machine."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from reso.cases import Pack, load_pack
from reso.errors import InputError
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.cluster import running
from simulations.fast.replaying import PROPOSED, replay
from simulations.generate import Wanted, made_history
from simulations.prepared.preparing import Prepared, prepare, prepare_history
from simulations.sources import Source
from tests.cluster.standalone import Standalone
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, at, claim, fixture, history, order, pack, shop

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OLIST = ROOT.parent / "shared" / "olist"
TABLES = ("results", "movements", PROPOSED)
Rows = dict[str, list[tuple[object, ...]]]


@cache
def rules(name: str) -> Pack:
    return load_pack(ROOT / "rules" / name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Return 20,000 made disputes, prepared."""
    folder = tmp_path_factory.mktemp("made")
    made_history(folder / "made", Wanted(20_000, 7))
    return prepare(Source(str(folder / "made")), pack().table, cache=folder / "cache")


def rows_of(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Return all rows of a run's tables, sorted, instants as numbers."""
    connection.execute("SET TimeZone = 'UTC'")
    return {
        name: connection.execute(
            f"SELECT {told(connection, name)} FROM {name} ORDER BY ALL"
        ).fetchall()
        for name in TABLES
    }


def told(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    described = connection.execute(f"DESCRIBE {name}").fetchall()
    return ", ".join(
        f"epoch_us({column})" if kind.startswith("TIMESTAMP") else column
        for column, kind, *_ in described
    )


def here(prepared: Prepared, policy: Policy) -> Rows:
    """Return what one machine makes of a history."""
    ran = replay(prepared, policy, prepared.manifest.last_recorded_at)
    return rows_of(ran.table.connection)


def there(
    prepared: Prepared, policy: Policy, cluster: Standalone, most: int,
    progress: Callable[[int], None] = lambda count: None,
) -> Rows:  # fmt: skip
    """Return what the cluster makes of it, in slices of at most so many disputes."""
    ran = running.replay(
        prepared, policy, prepared.manifest.last_recorded_at,
        master=cluster.address, most=most, progress=progress,
    )  # fmt: skip
    return rows_of(ran.table.connection)


def assert_same(found: Rows, wanted: Rows) -> None:
    for name in TABLES:
        assert len(found[name]) == len(wanted[name]), name
        differing = [
            pair for pair in zip(found[name], wanted[name], strict=True) if len(set(pair)) > 1
        ]
        assert not differing, f"{name}: {differing[:3]}"


def test_twenty_thousand_disputes_end_alike(cluster: Standalone, made: Prepared) -> None:
    policy = pack().policy
    counts: list[int] = []
    found = there(made, policy, cluster, 5_000, counts.append)
    assert_same(found, here(made, policy))
    assert len(found["results"]) == sum(counts) == 20_000


def test_disputes_under_the_house_policy_end_alike(cluster: Standalone, tmp_path: Path) -> None:
    policy = rules("marketplace").policy
    made_history(tmp_path / "made", Wanted(400, 3), orders_at_once=20_000)
    prepared = prepare(Source(str(tmp_path / "made")), rules("marketplace").table, cache=tmp_path)
    assert_same(there(prepared, policy, cluster, 200), here(prepared, policy))


@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data are not beside the clone")
def test_every_olist_dispute_ends_alike(cluster: Standalone, tmp_path: Path) -> None:
    one = rules("lost_parcel_only")
    prepared = prepare(OLIST, one.table, cache=tmp_path)
    found = there(prepared, one.policy, cluster, 2_000)
    assert len(found["results"]) == 6_879
    assert_same(found, here(prepared, one.policy))


def test_a_killed_worker_changes_nothing(brittle: Standalone, made: Prepared) -> None:
    policy = pack().policy
    killed: list[int] = []

    def kill(count: int) -> None:
        if not killed:
            brittle.kill("worker0")
        killed.append(count)

    found = there(made, policy, brittle, 2_000, kill)
    assert len(killed) > 1, "all had ended before the worker was killed"
    assert_same(found, here(made, policy))


def test_the_command_says_the_same(cluster: Standalone) -> None:
    command = ["replay", str(FIXTURE), "--policy", str(shop()), "--json", "--engine"]
    there, here = (
        CliRunner().invoke(whole_app(), [*command, *engine])
        for engine in (["spark", "--master", cluster.address], ["fast"])
    )
    assert there.exit_code == here.exit_code == 0, there.output
    told, wanted = json.loads(there.stdout), json.loads(here.stdout)
    assert told["replay"].pop("led")["engine"] == "spark"
    assert wanted["replay"].pop("led")["engine"] == "fast"
    assert told == wanted


# -- what cannot be led --------------------------------------------------------------------------


def prepared_of(tmp_path: Path, events: Sequence[Event]) -> Prepared:
    return prepare_history(history(events), pack().policy.table, cache=tmp_path)


def test_disputes_for_the_reference_replay_are_led_by_it_on_the_worker(
    cluster: Standalone, tmp_path: Path
) -> None:
    unclaimed = Event("D-8", at(0), at(0), "order", {"currency": "IDR", "total_paid": 100})
    calendar = Event("D-1", at(0), at(0), "calendar", {"weekend": ("fri",)})
    events = [*order(), claim("damaged"), calendar, unclaimed]
    events += [event for one in fixture().disputes.values() for event in one]
    prepared = prepared_of(tmp_path, events)
    wanted = here(prepared, pack().policy)
    assert {row[-1] for row in wanted["results"]} == {"fast", "reference"}
    assert_same(there(prepared, pack().policy, cluster, 20), wanted)


def test_a_dispute_that_cannot_be_lived_through_is_named(
    cluster: Standalone, tmp_path: Path
) -> None:
    foreign = Event("D-9", at(0), at(0), "order", {"currency": "USD", "total_paid": 100})
    prepared = prepared_of(
        tmp_path, [*order(), claim("damaged"), foreign, claim("damaged", 24, "D-9")]
    )
    with pytest.raises(InputError, match=r"D-9: order\.currency"):
        there(prepared, pack().policy, cluster, 100)


def test_a_master_without_workers_is_not_waited_for_in_vain(
    idle: Standalone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TAKEN_WITHIN", 2.0)
    prepared = prepared_of(tmp_path, [*order(), claim("damaged")])
    with pytest.raises(InputError, match="no worker took a task within 2 seconds"):
        there(prepared, pack().policy, idle, 100)
