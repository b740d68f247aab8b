"""Holds a replay on a Spark cluster of this machine against DuckDB's: equal rows, and how long.

    python -m benchmarks.spark --disputes 100000 1000000

A standalone master and two workers with a core each are started and stopped; DuckDB has two
threads. Ends with 1 where any row differs. Needs the extra `cluster` and Java.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from reso.cases import load_pack
from reso.policy.model import Policy
from simulations.cluster import running
from simulations.cluster.slices import SLICE, cut
from simulations.fast.replaying import PROPOSED, replay
from simulations.generate import Wanted, made_history
from simulations.prepared.preparing import Prepared, prepare
from simulations.sources import Source
from tests.cluster.standalone import ENVIRONMENT, Standalone, standalone

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("results", "movements", PROPOSED)
MEMORY = "1500MB"
SEED = 7


def main() -> int:
    """Run every size asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark")
    parser.add_argument("--disputes", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--history", type=Path, nargs="+", help="histories that are there, instead")
    parser.add_argument("--policy", type=Path, default=ROOT / "rules" / "bukalapak")
    parser.add_argument("--cache", type=Path, help="where prepared histories are kept")
    parser.add_argument("--slice", type=int, default=SLICE, help="disputes in a slice")
    asked = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    pack, equal = load_pack(asked.policy), True
    with TemporaryDirectory(prefix="reso-") as name, standalone(Path(name)) as cluster:
        for source in asked.history or asked.disputes:
            history = source if isinstance(source, Path) else _made(Path(name), source)
            cache = asked.cache or Path(name) / "cache"
            prepared = prepare(Source(str(history)), pack.table, cache=cache)
            equal &= _measure(prepared, pack.policy, cluster, asked.slice)
    return 0 if equal else 1


def _made(folder: Path, disputes: int) -> Path:
    target = folder / f"made-{disputes}"
    made_history(target, Wanted(disputes, SEED))
    return target


def _measure(prepared: Prepared, policy: Policy, cluster: Standalone, most: int) -> bool:
    """Run a history on both, print what was found, and return whether all rows are equal."""
    manifest, until = prepared.manifest, prepared.manifest.last_recorded_at
    print(f"{manifest.disputes:,} disputes, {manifest.events:,} events, {policy.name}", flush=True)
    with _timed("cut into slices"):
        slices = cut(prepared, most)
    with duckdb.connect(config={"threads": 2, "memory_limit": MEMORY}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in ("here", "there"):
            connection.execute(f"ATTACH ':memory:' AS {name}")
        connection.execute("USE here")
        with _timed("DuckDB, 2 threads"):
            replay(prepared, policy, until, connection=connection)
        connection.execute("USE there")
        with _timed(f"Spark, 2 workers, {len(slices)} slices"):
            running.replay(
                prepared, policy, until, master=cluster.address, connection=connection, most=most
            )
        differing = {name: _differing(connection, name) for name in TABLES}
    print(f"  rows that differ: {differing}", flush=True)
    return not any(differing.values())


def _differing(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return how many rows one of both has and the other has not."""
    here, there = f"FROM here.{name}", f"FROM there.{name}"
    query = f"({here} EXCEPT ALL {there}) UNION ALL ({there} EXCEPT ALL {here})"
    found = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
