"""What of a recorded history still holds once a policy has acted in a dispute.

World events (scans, deliveries, evidence, what parties say to each other) stay. What the old
platform did after the policy's own first act would not have happened, and is left out.
"""

from dataclasses import dataclass

import duckdb

from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Acts of the old platform left out, since the policy had acted before.

    Attributes:
        disputes: those with any, of the disputes with a claim.
    """

    acts: int
    disputes: Rate


def left_out(table: ResultsTable) -> LeftOut:
    """Return how many acts of the old platform were left out, and in how many disputes."""
    return left_out_of(table.connection, table.names.results)


def left_out_of(connection: duckdb.DuckDBPyConnection, results: str) -> LeftOut:
    """Return the same of a table of results by its name."""
    found = connection.execute(
        "SELECT coalesce(sum(left_out), 0), count(*) FILTER (left_out > 0), count(*) "
        f"FROM {results} WHERE ended <> 'no_claim'"
    ).fetchone()
    assert found is not None
    acts, some, of = map(int, found)
    return LeftOut(acts, Rate(some, of))
