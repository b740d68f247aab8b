"""Fills `segments` and `ages` from what a history states of each dispute."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reso.lifecycle.acts import records_of
from reso.model.case import Records
from reso.model.events import Event
from reso.model.money import minor_digits
from simulations.measures.tables import INSTANT, ResultsTable, read_rows

TRAITS: Mapping[str, str] = {
    "dispute_id": "VARCHAR",
    "claim_type": "VARCHAR",
    "filed_at": INSTANT,
    "seller_tier": "VARCHAR",
    "category": "VARCHAR",
    "courier": "VARCHAR",
    "service": "VARCHAR",
    "currency": "VARCHAR",
    "total_paid": "BIGINT",
    "delivered_at": INSTANT,
    "estimate_at": INSTANT,
    "placed_at": INSTANT,
    "evidence": "VARCHAR",
}
FACTS: Mapping[str, tuple[str, ...]] = {
    "claim_type": ("claim.type",),
    "filed_at": ("claim.filed_at",),
    "seller_tier": ("order.seller_tier",),
    "category": ("order.category",),
    "courier": ("shipping.courier",),
    "service": ("shipping.service",),
    "currency": ("order.currency",),
    "total_paid": ("order.total_paid",),
    "estimate_at": (
        "shipping.latest_estimated_delivery",
        "shipping.estimated_arrival",
        "shipping.max_edd",
        "shipping.delivery_time_ends",
    ),
    "placed_at": ("order.placed_at",),
}
"""From which fact a trait is taken: the first that is stated."""
SIDES = ("buyer", "seller")


def fill_from_history(
    table: ResultsTable, histories: Iterable[Sequence[Event]], zone: ZoneInfo
) -> None:
    """Add a row to `segments` and `ages` for each dispute with a claim.

    Args:
        histories: the events of each dispute together, in the order they became known.
        zone: in which months are told: the policy's.
    """
    rows = (_traits(events) for events in histories)
    claimed = (row for row in rows if row.get("filed_at") is not None)
    with read_rows(claimed, TRAITS) as source:
        _fill(table, source, zone)


def fill_from_prepared(
    table: ResultsTable, facts: str, modes: Mapping[str, str], zone: ZoneInfo
) -> None:
    """Add the same rows from prepared facts.

    Args:
        facts: their table in SQL, such as `read_parquet('facts-*.parquet')`.
        modes: by column of a single value, how it holds it: `always`, `once` or `changes`.
    """
    told = {
        trait: _last_stated(paths, modes, TRAITS[trait] == INSTANT)
        for trait, paths in FACTS.items()
    }
    told["delivered_at"] = _first_delivery(table.item_fields(facts, "tracking"))
    told["evidence"] = _sides(table.item_fields(facts, "evidence"))
    listed = ", ".join(f"{sql} AS {trait}" for trait, sql in told.items())
    _fill(table, f"(SELECT dispute_id, {listed} FROM {facts})", zone)


def _fill(table: ResultsTable, source: str, zone: ZoneInfo) -> None:
    table.connection.execute(f"CREATE OR REPLACE TEMP TABLE traits AS SELECT * FROM {source}")
    currencies = [row[0] for row in table.rows("SELECT DISTINCT currency FROM temp.traits")]
    units = " ".join(
        f"WHEN '{currency}' THEN {10 ** minor_digits(currency)}"
        for currency in sorted(filter(None, currencies))
    )
    whole = f"total_paid // (CASE currency {units} ELSE NULL END)" if units else "NULL::BIGINT"
    table.fill(
        "segments",
        f"""
        SELECT dispute_id, claim_type, seller_tier, category, courier, service, evidence,
            {value_band(f"({whole})")} AS value_band,
            strftime(timezone('{zone.key}', filed_at), '%Y-%m') AS month FROM temp.traits
        """,
    )
    table.fill(
        "ages",
        """
        WITH based AS (
            SELECT dispute_id, filed_at, CASE WHEN delivered_at <= filed_at THEN 'delivery'
                    WHEN estimate_at IS NOT NULL THEN 'estimate' ELSE 'order' END AS since,
                CASE since WHEN 'delivery' THEN delivered_at WHEN 'estimate' THEN estimate_at
                    ELSE placed_at END AS base
            FROM temp.traits)
        SELECT dispute_id, since, (epoch_us(filed_at) - epoch_us(base)) / 86400e6 AS age_days
        FROM based WHERE filed_at IS NOT NULL AND base IS NOT NULL
        """,
    )
    table.connection.execute("DROP TABLE temp.traits")


def value_band(whole: str) -> str:
    """Return the SQL of the band of a value in whole major units: 1, 2 or 5 times a power of ten.

    `20-50` holds 20 and all below 50; `0-1` all below 1.
    """
    zeros = f"repeat('0', length({whole}::VARCHAR) - 1)"
    first = f"left({whole}::VARCHAR, 1)::INTEGER"
    return (
        f"CASE WHEN {whole} IS NULL THEN NULL WHEN {whole} < 1 THEN '0-1' "
        f"WHEN {first} = 1 THEN '1' || {zeros} || '-2' || {zeros} "
        f"WHEN {first} < 5 THEN '2' || {zeros} || '-5' || {zeros} "
        f"ELSE '5' || {zeros} || '-10' || {zeros} END"
    )


def _traits(events: Sequence[Event]) -> dict[str, object]:
    stated: dict[str, object] = {}
    delivered: list[datetime] = []
    sides: set[str] = set()
    for event in events:
        for record in records_of(event):
            if event.kind == "tracking" and _is_delivery(record):
                delivered.append(event.occurred_at)
            elif event.kind == "evidence":
                sides.update(side for side in SIDES if record.get("party") == side)
            elif not isinstance(event.payload, Records):
                stated.update((f"{event.kind}.{k}", v) for k, v in record.items() if v is not None)
    row: dict[str, object] = {"dispute_id": events[0].dispute_id}
    for trait, paths in FACTS.items():
        row[trait] = next((stated[path] for path in paths if path in stated), None)
    row["delivered_at"] = min(delivered, default=None)
    row["evidence"] = "both" if len(sides) > 1 else next(iter(sides), "none")
    return row


def _is_delivery(record: Mapping[str, object]) -> bool:
    return record.get("event") == "delivered" and record.get("leg") in (None, "outward")


def _last_stated(paths: Sequence[str], modes: Mapping[str, str], is_instant: bool) -> str:
    found = [_last_value(path, modes[path]) for path in paths if path in modes]
    value = f"coalesce({', '.join(found)})" if found else "NULL"
    return f"make_timestamptz({value}::BIGINT)" if is_instant else value


def _last_value(path: str, mode: str) -> str:
    return f'"{path}"[-1].v' if mode == "changes" else f'"{path}"'


def _first_delivery(fields: frozenset[str]) -> str:
    if not {"at", "event"} <= fields:
        return f"NULL::{INSTANT}"
    wanted = "scan.event = 'delivered'"
    if "leg" in fields:
        wanted += " AND coalesce(scan.leg, 'outward') = 'outward'"
    return f'make_timestamptz(list_min([scan."at" FOR scan IN tracking IF {wanted}]))'


def _sides(fields: frozenset[str]) -> str:
    if "party" not in fields:
        return "'none'"
    parties = "coalesce([item.party FOR item IN evidence], [])"
    return (
        f"CASE WHEN list_has_all({parties}, ['buyer', 'seller']) THEN 'both' "
        + " ".join(f"WHEN list_contains({parties}, '{side}') THEN '{side}'" for side in SIDES)
        + " ELSE 'none' END"
    )
