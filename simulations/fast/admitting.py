"""Shards of a prepared history joining a pool: their facts, and the events they were made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.model.events import Event
from simulations.fast.tables import Tables
from simulations.literals import parquet_of, text_of
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import events_of

SKIPPED = "list_filter(range(1, len(arrivals) + 1), lambda y: stays[y] = 0)"
"""The arrivals that hold acts of the old platform and nothing else."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the disputes of a shard: from the number `first` in its files up to `end`.

    Attributes:
        left: disputes of the shard that do not join, by name.
    """

    facts: Path
    rows: Path
    first: int
    end: int
    left: Collection[str]


@dataclass
class Admission:
    """Lets disputes join a pool, each under a number of its own (`id`).

    The tables `facts` and `events` hold those on their way; `facts` has `skipped`, the numbers of
    the arrivals that hold acts of the old platform alone, and `left`, how many such acts each
    arrival holds. NULL: there are none.

    Attributes:
        numbered: how many numbers are taken.
    """

    tables: Tables
    prepared: Prepared
    numbered: int = 0

    def admit(self, part: Part) -> None:
        """Let disputes in; those that are no longer in `live` leave `facts` and `events`."""
        run = self.tables.run
        names = ", ".join(map(text_of, part.left))
        out = f"AND dispute_id NOT IN ({names})" if part.left else ""
        place = self.numbered - part.first
        run(f"""
            CREATE OR REPLACE TABLE arriving AS
            SELECT id + {place} AS id, dispute_id FROM {parquet_of(part.facts)}
            WHERE id >= {part.first} AND id < {part.end} {out}
        """)
        self._join("facts", self._facts(part, place))
        self._join("events", self._events(part))
        self.tables.admit("arriving")
        run("DROP TABLE arriving")
        self.numbered += part.end - part.first

    def events(self, ids: Sequence[int]) -> Mapping[int, Sequence[Event]]:
        """Return the recorded events of disputes that are on their way."""
        if not ids:
            return {}
        listed = ", ".join(map(str, ids))
        names = dict(
            self.tables.run(f"SELECT id, dispute_id FROM facts WHERE id IN ({listed})").fetchall()
        )
        rows = self.tables.run(
            f"SELECT id, _occ, _rec, kind, payload FROM events WHERE id IN ({listed}) "
            "ORDER BY id, place"
        ).fetchall()
        told = events_of(self.prepared, [(names[number], *row) for number, *row in rows])
        return {number: told[name] for number, name in names.items()}

    def _facts(self, part: Part, place: int) -> str:
        """Return a query of all that is known of the disputes in `arriving`."""
        number = f"REPLACE (id + {place} AS id)"
        if self.prepared.manifest.old_acts:
            shown = f"* EXCLUDE (stays) {number}, nullif({SKIPPED}, []) AS skipped"
        else:
            shown = f'* {number}, NULL::INTEGER[] AS "left", NULL::BIGINT[] AS skipped'
        return (
            f"SELECT {shown} FROM (FROM {parquet_of(part.facts)} WHERE id >= {part.first} "
            f"AND id < {part.end}) SEMI JOIN arriving USING (dispute_id)"
        )

    def _events(self, part: Part) -> str:
        """Return a query of their recorded events."""
        names = self.tables.run("SELECT min(dispute_id), max(dispute_id) FROM arriving").fetchone()
        first, last = (text_of(name or "") for name in names or ("", ""))
        return f"""
            SELECT a.id, r.file_row_number AS place, r._occ, r._rec, r.kind, r.payload
            FROM (FROM read_parquet({text_of(str(part.rows))}, file_row_number = true)
                WHERE dispute_id BETWEEN {first} AND {last}) r
            JOIN arriving a USING (dispute_id)
        """

    def _join(self, table: str, query: str) -> None:
        """Let rows join a table of those on their way."""
        stay = f"SELECT * FROM {table} SEMI JOIN ({self.tables.on_their_way()}) USING (id)"
        both = f"{stay} UNION ALL BY NAME {query}" if self.numbered else query
        self.tables.run(f"CREATE OR REPLACE TABLE {table} AS {both}")
