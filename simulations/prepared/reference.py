"""The events of a few prepared disputes, for the reference replay."""

from collections.abc import Iterable

import duckdb

from reso.facts.rows import read_history
from reso.model.events import Event
from simulations.history import history_of
from simulations.life import OWN_ACTS
from simulations.literals import text_of
from simulations.prepared.instants import instant
from simulations.prepared.preparing import Prepared

Row = tuple[str, int, int, str, str]


def reference_events(
    prepared: Prepared, dispute_ids: Iterable[str]
) -> dict[str, tuple[Event, ...]]:
    """Return the events of these disputes, as `simulations.history.history_of` orders them.

    What is not in the history is left out.
    """
    wanted = sorted(set(dispute_ids))
    if not wanted or not prepared.rows:
        return {}
    files = ", ".join(text_of(str(file)) for file in prepared.rows)
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            f"""SELECT dispute_id, _occ, _rec, kind, payload FROM read_parquet([{files}])
               WHERE dispute_id IN ({", ".join(map(text_of, wanted))})
                 AND dispute_id BETWEEN {text_of(wanted[0])} AND {text_of(wanted[-1])}"""
        ).fetchall()
    return events_of(prepared, rows)


def events_of(prepared: Prepared, rows: Iterable[Row]) -> dict[str, tuple[Event, ...]]:
    """Return the events of these rows by dispute, as `simulations.history.history_of` orders them.

    Args:
        rows: dispute, microseconds it occurred and was recorded at, kind, and payload as JSON.
    """
    plain = [
        {
            "dispute_id": dispute_id,
            "occurred_at": instant(occurred),
            "recorded_at": instant(recorded),
            "kind": kind,
            "payload": payload,
        }
        for dispute_id, occurred, recorded, kind, payload in rows
    ]
    events = read_history(plain, prepared.table, file=prepared.manifest.source)
    return dict(history_of(prepared.manifest.source, events, OWN_ACTS).disputes)
