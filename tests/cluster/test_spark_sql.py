"""Spark evaluates the sheet of facts, definitions and standings as DuckDB does, row by row."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from reso.cases import Pack, load_pack
from reso.policy.model import Policy
from simulations.fast.plan import CALENDAR
from simulations.generate import Wanted, made_history
from simulations.history import History
from simulations.prepared.preparing import Prepared, prepare, prepare_history
from simulations.sources import Source
from simulations.sql.calendar import SqlCalendar
from simulations.sql.dialects import DuckDB, Spark
from tests.cluster.sheets import Moments
from tests.simulations.hard_lives import Troublemaker, named
from tests.simulations.shop import fixture, history, pack
from tests.strategies.stories import Docket, Story, dockets

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OLIST = ROOT.parent / "shared" / "olist"
BESIDE = ("calendar", "unavailable")
"""Facts with which a dispute goes to the reference replay."""

LAW = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@cache
def rules(name: str) -> Pack:
    return load_pack(ROOT / "rules" / name)


def assert_same(
    spark: SparkSession, prepared: Prepared, policy: Policy, chapter: str, folder: Path
) -> int:
    """Assert that both yield the same values in every column; return how many rows there are."""
    moments = Moments(prepared, policy, chapter, folder / "moments.parquet")
    with duckdb.connect() as connection:
        moments.write(connection)
        query, columns = moments.sheet(DuckDB(), f"read_parquet('{moments.file}')")
        connection.execute("PRAGMA disable_optimizer")
        connection.execute(f"CREATE TABLE wanted AS {query}")
        connection.execute("PRAGMA enable_optimizer")
        run_on_spark(spark, moments, folder / "found")
        connection.execute(f"CREATE VIEW found AS FROM read_parquet('{folder}/found/*.parquet')")
        return compare(connection, columns)


def run_on_spark(spark: SparkSession, moments: Moments, target: Path) -> None:
    calendar = SqlCalendar(moments.policy.calendar, Spark(), moments.plan.calendar.durations)
    spark.read.parquet(moments.file.as_uri()).createOrReplaceTempView("moments")
    spark.sql(calendar.lists()).createOrReplaceTempView(CALENDAR)
    query, _ = moments.sheet(Spark(), "moments")
    spark.sql(query).write.mode("overwrite").parquet(target.as_uri())


def compare(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> int:
    """Compare every column of `wanted` and `found`, row by row; return the number of rows."""
    rows, found = (
        connection.execute(f"SELECT count(*), count(DISTINCT id) FROM {name}").fetchone()
        for name in ("wanted", "found")
    )
    assert rows == found
    differing = " , ".join(
        f'count(*) FILTER (w."{name}"::VARCHAR IS DISTINCT FROM f."{name}"::VARCHAR)'
        for name in columns
    )
    counts = connection.execute(f"SELECT {differing} FROM wanted w JOIN found f USING (id)")
    told = dict(zip(columns, counts.fetchone() or (), strict=True))
    assert not {name: count for name, count in told.items() if count}
    assert rows is not None
    return int(rows[0])


@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data are not beside the clone")
@pytest.mark.parametrize("name", ["lost_parcel_only", "marketplace"])
def test_of_every_olist_dispute(spark: SparkSession, tmp_path: Path, name: str) -> None:
    one = rules(name)
    prepared = prepare(OLIST, one.table, cache=tmp_path)
    chapter = "not_received" if name == "marketplace" else ""
    assert assert_same(spark, prepared, one.policy, chapter, tmp_path) > 6_800


def test_of_made_disputes_about_goods(spark: SparkSession, tmp_path: Path) -> None:
    made_history(tmp_path / "made", Wanted(2_000, 5), orders_at_once=20_000)
    one = rules("marketplace")
    prepared = prepare(Source(str(tmp_path / "made")), one.table, cache=tmp_path)
    assert assert_same(spark, prepared, one.policy, "goods", tmp_path) > 1_900


@settings(LAW, max_examples=2)
@given(docket=dockets(stories=6, down=False), seed=st.integers(0, 2**32))
def test_of_random_lives_under_random_policies(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, docket: Docket, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("random")
    policy = docket.policy
    prepared = prepare_history(troubled(policy, docket.stories, seed), policy.table, cache=folder)
    chapter = policy.chapters[-1].name if policy.chapters else ""
    assert_same(spark, prepared, policy, chapter, folder)


def test_of_random_lives_of_the_shop(spark: SparkSession, tmp_path: Path) -> None:
    policy = pack().policy
    lives = list(fixture().disputes.values())[:30]
    told = [Story({}, events, events[-1].recorded_at) for events in lives]
    prepared = prepare_history(troubled(policy, told, 11), policy.table, cache=tmp_path)
    assert assert_same(spark, prepared, policy, "request", tmp_path) > 100


def troubled(policy: Policy, stories: Sequence[Story], seed: int) -> History:
    """Return disputes like those of stories, each with troubles of its own."""
    trouble = Troublemaker(policy, seed)
    return history(
        event
        for number, story in enumerate(stories)
        for variant, told in enumerate(trouble.variants(named(story.events, "D"), 6))
        for event in named(told, f"D-{number}-{variant}")
        if event.kind not in BESIDE
    )
