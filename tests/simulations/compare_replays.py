"""The fast replay held against the reference replay, dispute by dispute and column by column."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.lifecycle import Life
from reso.policy.model import Policy
from simulations.fast.replaying import Replay, replay
from simulations.history import History
from simulations.life import Stretch
from simulations.prepared.instants import microseconds
from simulations.prepared.preparing import Prepared, prepare_history
from simulations.prepared.reference import reference_events
from simulations.results import Result
from simulations.running import one_result

INSTANTS = ("filed_at", "ended_at", "refunded_at")
COLUMNS = (
    "dispute_id", "claim_type", "filed_at", "ended", "decision", "currency", "amount", "refunded",
    "ended_at", "question", "reason", "reasons", "handed_over", "human_before", "asked",
    "has_answers", "left_out", "moments", "refunded_at", "arrived_after",
)  # fmt: skip

Row = Mapping[str, object]
"""What came of a dispute: the columns of `results`, and `movements`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of one dispute that the two replays fill differently."""

    dispute_id: str
    column: str
    fast: object
    reference: object

    def __str__(self) -> str:
        return f"{self.dispute_id}.{self.column}: {self.fast!r}, by reference {self.reference!r}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both replays of one history.

    Attributes:
        disputes: how many were compared.
        fast: how many of those with a claim the fast engine led itself.
        by_reference: how many the reference replay led in its place, by why.
        ended: how many ended how.
    """

    disputes: int
    fast: int
    by_reference: Mapping[str, int]
    differences: tuple[Difference, ...]
    ended: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        """Return the differences, one a line."""
        return "\n".join(map(str, self.differences[:20]))

    @property
    def share_by_reference(self) -> float:
        """The share (0 to 1) of the disputes with a claim that the fast engine did not lead."""
        without = self.ended["no_claim"]
        return 1 - self.fast / max(1, self.disputes - without)


def compare(history: History, policy: Policy, until: datetime | None = None) -> Comparison:
    """Replay a history by both engines, and compare what came of every dispute."""
    with TemporaryDirectory() as folder:
        prepared = prepare_history(history, policy.table, cache=Path(folder))
        return compare_prepared(prepared, policy, until)


def compare_prepared(
    prepared: Prepared, policy: Policy, until: datetime | None = None
) -> Comparison:
    """Compare the two replays of a history that is prepared, as its rows could be read."""
    ran = replay(prepared, policy, until, strict=True)
    fast = rows_of(ran)
    wanted = by_reference(prepared, policy, until)
    differences = [
        Difference(name, column, fast.get(name, {}).get(column), row[column])
        for name, row in wanted.items()
        for column in row
        if fast.get(name, {}).get(column) != row[column]
    ]
    differences += [Difference(name, "dispute_id", name, None) for name in fast.keys() - wanted]
    led = sum(row["engine"] == "fast" for row in _engines(ran))
    ended = Counter(str(row["ended"]) for row in wanted.values())
    return Comparison(len(wanted), led, ran.by_reference, tuple(differences), ended)


def by_reference(
    prepared: Prepared, policy: Policy, until: datetime | None = None
) -> dict[str, Row]:
    """Return what the reference replay makes of every dispute."""
    life, stretch = Life(Engine.of(Compiled(policy))), Stretch(until)
    disputes = reference_events(prepared, disputes_of(prepared))
    results = (one_result(life, events, stretch) for events in disputes.values())
    return {result.dispute_id: _row(result) for result in results}


def disputes_of(prepared: Prepared) -> list[str]:
    """Return the names of all disputes that have a row which can be read."""
    files = [str(file) for file in prepared.rows]
    with duckdb.connect() as connection:
        read = connection.execute("SELECT DISTINCT dispute_id FROM read_parquet($1)", [files])
        return sorted(row[0] for row in read.fetchall())


def _row(result: Result) -> Row:
    row: dict[str, object] = {}
    for name in COLUMNS:
        value = getattr(result, name)
        if isinstance(value, datetime):
            value = microseconds(value)
        elif isinstance(value, tuple):
            value = " ".join(value)
        row[name] = None if value == "" else value
    moved = [(m.payer, m.payee, m.component, m.currency, m.amount) for m in result.movements]
    return {**row, "movements": sorted(moved)}


def rows_of(ran: Replay) -> dict[str, Row]:
    """Return what stands in the tables of a run, by dispute."""
    names = ran.table.names
    read = ran.table.connection.execute
    listed = ", ".join(f"epoch_us({name})" if name in INSTANTS else name for name in COLUMNS)
    moved: dict[str, list[tuple[object, ...]]] = {}
    movements = read(
        "SELECT dispute_id, payer, payee, component, currency, amount "
        f"FROM {names.movements} ORDER BY ALL"
    ).fetchall()
    for name, *movement in movements:
        moved.setdefault(name, []).append(tuple(movement))
    rows = (
        dict(zip(COLUMNS, row, strict=True))
        for row in read(f"SELECT {listed} FROM {names.results}").fetchall()
    )
    return {
        str(row["dispute_id"]): {**row, "movements": moved.get(str(row["dispute_id"]), [])}
        for row in rows
    }


def _engines(ran: Replay) -> Iterator[Row]:
    asked = f"SELECT engine FROM {ran.table.names.results} WHERE ended <> 'no_claim'"
    read = ran.table.connection.execute(asked)
    return ({"engine": row[0]} for row in read.fetchall())
