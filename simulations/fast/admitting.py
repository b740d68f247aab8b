"""Shards of a prepared history joining a pool: their facts, and the events they were made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.model.events import Event
from reso.policy.model import Policy
from simulations.fast.beyond import Beyond
from simulations.fast.facts import Prepared as Known
from simulations.fast.tables import Tables
from simulations.fast.traced import text_sql
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import events_of

SKIPPED = "list_filter(range(1, len(arrivals) + 1), lambda y: stays[y] = 0)"
"""The arrivals that hold acts of the old platform and nothing else."""


@dataclass
class Admission:
    """Lets shards join a pool, each dispute under a number of its own (`id`).

    The tables `facts` and `events` hold those on their way; `facts` has `skipped`, the numbers of
    the arrivals that hold acts of the old platform alone, and `left`, how many such acts each
    arrival holds. NULL: there are none.
    """

    tables: Tables
    prepared: Prepared
    known: Known
    policy: Policy
    numbered: int = 0
    """How many numbers are taken."""

    def admit(self, facts: Path, rows: Path) -> dict[str, str]:
        """Let a shard in; return the disputes only the reference replay carries, and why.

        Disputes that are no longer in `live` leave `facts` and `events`.
        """
        beyond = Beyond(self.tables.connection, facts, rows, self.known, self.policy)
        left = beyond.disputes()
        self._join("facts", self._facts(facts, left))
        self._join("events", self._events(rows))
        self.tables.admit("arriving")
        highest = self.tables.run("SELECT max(id) FROM arriving").fetchone()
        assert highest is not None
        self.numbered = self.numbered if highest[0] is None else highest[0] + 1
        self.tables.run("DROP TABLE arriving")
        return left

    def events(self, ids: Sequence[int]) -> Mapping[int, Sequence[Event]]:
        """Return the recorded events of disputes that are on their way."""
        if not ids:
            return {}
        listed = ", ".join(map(str, ids))
        names = {
            name: number
            for number, name in self.tables.run(
                f"SELECT id, dispute_id FROM facts WHERE id IN ({listed})"
            ).fetchall()
        }
        rows = self.tables.run(
            "SELECT f.dispute_id, _occ, _rec, e.kind, payload FROM events e "
            f"JOIN facts f USING (id) WHERE e.id IN ({listed}) ORDER BY e.id, place"
        ).fetchall()
        told = events_of(self.prepared, rows)
        return {names[name]: events for name, events in told.items()}

    def _facts(self, file: Path, left: Mapping[str, str]) -> str:
        """Make the table `arriving`, `id` and `dispute_id`; return a query of all that is known."""
        names = ", ".join(map(text_sql, left))
        out = f"WHERE dispute_id NOT IN ({names})" if left else ""
        self.tables.run(f"""
            CREATE OR REPLACE TABLE arriving AS
            SELECT id + {self.numbered} AS id, dispute_id FROM {_parquet(file)} {out}
        """)
        number = f"REPLACE (id + {self.numbered} AS id)"
        if self.prepared.manifest.old_acts:
            shown = f"* EXCLUDE (stays) {number}, nullif({SKIPPED}, []) AS skipped"
        else:
            shown = f'* {number}, NULL::INTEGER[] AS "left", NULL::BIGINT[] AS skipped'
        return f"SELECT {shown} FROM {_parquet(file)} {out}"

    def _events(self, file: Path) -> str:
        return f"""
            SELECT a.id, r.file_row_number AS place, r._occ, r._rec, r.kind, r.payload
            FROM read_parquet({text_sql(str(file))}, file_row_number = true) r
            JOIN arriving a USING (dispute_id)
        """

    def _join(self, table: str, query: str) -> None:
        """Let rows join a table of those on their way."""
        stay = f"SELECT * FROM {table} SEMI JOIN live USING (id) UNION ALL BY NAME "
        self.tables.run(
            f"CREATE OR REPLACE TABLE {table} AS {stay if self.numbered else ''} {query}"
        )


def _parquet(file: Path) -> str:
    return f"read_parquet({text_sql(str(file))})"
