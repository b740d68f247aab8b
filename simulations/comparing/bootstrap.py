"""Paired bootstrap intervals, worked out in DuckDB for many measures at once.

Disputes are drawn anew with what they came to under both policies, so the pairs stay together.
Each dispute weighs Poisson(1) in a replicate, which stands for drawing with replacement
(B. Efron, Bootstrap methods: another look at the jackknife, 1979; J. A. Hanley and B. MacGibbon,
Creating non-parametric bootstrap samples using Poisson frequencies, 2006). Above `MOST_GROUPS`
disputes they are first put into that many random groups, and the groups weigh.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

REPLICATES = 1_999
"""With so many, the ends of a 95 % interval are the 50th value from below and from above."""

TAIL = 50
MOST_GROUPS = 10_000
MOST_WEIGHT = 12
HASHES = 1 << 64


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum over disputes, or a share of them.

    Attributes:
        value: SQL of what a dispute counts, a whole number.
        counts: SQL of 1 for a dispute that belongs to the measure, 0 for another.
        as_share: the interval is of the mean per dispute that belongs; otherwise of the sum.
    """

    name: str
    value: str
    counts: str = "1"
    as_share: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of a 95 % interval."""

    low: float
    high: float


def intervals(
    connection: duckdb.DuckDBPyConnection, table: str, measures: Sequence[Measure], seed: int
) -> dict[str, Interval]:
    """Return the 95 % percentile interval of each measure that some dispute belongs to.

    Args:
        table: has `dispute_id` and what the measures name. Its order decides nothing.
        seed: the same seed and version of DuckDB give the same ends.
    """
    if not measures:
        return {}
    sums = ", ".join(
        f"sum({m.value})::BIGINT AS v{n}, sum({m.counts})::BIGINT AS c{n}"
        for n, m in enumerate(measures)
    )
    drawn = ", ".join(f"sum(w * v{n}) AS v{n}, sum(w * c{n}) AS c{n}" for n in range(len(measures)))
    groups = f"SELECT {_group(connection, table)} AS g, {sums} FROM {table} GROUP BY ALL"
    hashed = f"SELECT *, hash(g, r, {seed}) AS h FROM groups, range({REPLICATES}) AS _(r)"
    weights = f"SELECT * EXCLUDE (h), {_weight()} AS w FROM ({hashed})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE replicates AS WITH groups AS MATERIALIZED ({groups}) "
        f"SELECT r, {drawn} FROM ({weights}) WHERE w > 0 GROUP BY r"
    )
    ends = {m.name: _ends(connection, table, n, m) for n, m in enumerate(measures)}
    connection.execute("DROP TABLE replicates")
    return {name: found for name, found in ends.items() if found is not None}


def _group(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert found is not None
    return "dispute_id" if found[0] <= MOST_GROUPS else f"hash(dispute_id) % {MOST_GROUPS}"


def _weight() -> str:
    """Return the SQL of a group's weight: the first count whose share of all hashes reaches `h`."""
    cases = " ".join(f"WHEN h < {limit} THEN {weight}" for weight, limit in _limits())
    return f"CASE {cases} ELSE {MOST_WEIGHT} END"


def _limits() -> Iterator[tuple[int, int]]:
    share = 0.0
    for weight in range(MOST_WEIGHT):
        share += math.exp(-1) / math.factorial(weight)
        yield weight, int(share * HASHES)


def _ends(
    connection: duckdb.DuckDBPyConnection, table: str, number: int, measure: Measure
) -> Interval | None:
    """Return the ends: of the mean, times the disputes there are where the sum is asked for."""
    found = connection.execute(f"SELECT sum({measure.counts})::BIGINT FROM {table}").fetchone()
    count = (found[0] or 0) if found else 0
    times = 1 if measure.as_share else count
    means = sorted(
        mean * times
        for (mean,) in connection.execute(
            f"SELECT v{number} / c{number} FROM replicates WHERE c{number} > 0"
        ).fetchall()
    )
    if not means:
        return None
    place = min(TAIL, len(means) // 2 + 1) - 1
    return Interval(means[place], means[-1 - place])
