"""Derived disputes: a folder with `disputes.parquet`, `events.parquet` and perhaps `afterwards/`.

The events up to the complaint stand in `events.parquet`, the later ones in
`afterwards/events_after.parquet`; each is known from its own instant. `afterwards/outcomes.parquet`
is never read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

from reso.errors import InputError
from reso.facts.text import read_json
from reso.facts.values import Plain
from simulations.files import columns_of, select
from simulations.importers.stories import Claim, Item, Milestone, Story
from simulations.importers.words import Words

DISPUTES, EVENTS = "disputes.parquet", "events.parquet"
AFTER = Path("afterwards", "events_after.parquet")
COLUMNS = ("dispute_id", "ts", "kind", "payload")
MILESTONES: Mapping[str, Milestone] = {
    "payment_approved": "approved",
    "carrier_handover": "handed_over",
    "delivered_scan": "delivered",
}
PLACED, CLAIMED, WROTE = "order_placed", "claim_opened", "buyer_follow_up"
SAYS_NOTHING = {"survey_sent": "surveys sent (no policy asks for them; left out)"}

Recorded = tuple[datetime, str, Mapping[str, Plain]]


def is_derived(folder: Path) -> bool:
    """Whether a folder has this layout."""
    return (folder / DISPUTES).is_file() and (folder / EVENTS).is_file()


def read_derived(folder: Path, words: Words, found: Counter[str]) -> Iterator[Story]:
    """Yield the stories of a folder; count in `found` what is left out.

    Raises:
        InputError: a file that is not as this layout has it.
    """
    by_dispute: dict[str, list[Recorded]] = {}
    for file in (folder / EVENTS, folder / AFTER):
        if file == folder / EVENTS or file.is_file():
            for dispute_id, event in _events(file):
                by_dispute.setdefault(dispute_id, []).append(event)
    for (named,) in select(folder / DISPUTES, "dispute_id"):
        name = str(named)
        events = by_dispute.get(name, [])
        yield _story(f"{folder / EVENTS}: {name}", name, events, words, found)


def _events(file: Path) -> Iterator[tuple[str, Recorded]]:
    columns = columns_of(file)
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise InputError(str(file), f"has no column `{'`, `'.join(missing)}`", "")
    if columns["ts"] != "TIMESTAMP":
        what = f"the column is {columns['ts']}"
        raise InputError(f"{file}: ts", what, "Write local times as TIMESTAMP, without zone.")
    for dispute_id, at, kind, payload in select(file, ", ".join(COLUMNS)):
        place = f"{file}: {dispute_id}: {kind}"
        data = read_json(str(payload or "{}"), place)
        if not isinstance(at, datetime) or not isinstance(data, dict):
            raise InputError(place, "an event without a time, or whose payload is no object", "")
        yield str(dispute_id), (at, str(kind), data)


def _story(
    place: str, dispute_id: str, events: list[Recorded], words: Words, found: Counter[str]
) -> Story:
    by_kind = {kind: (at, payload) for at, kind, payload in reversed(events)}
    if PLACED not in by_kind or CLAIMED not in by_kind:
        raise InputError(place, f"has no `{PLACED}` or no `{CLAIMED}`", "Each dispute has both.")
    placed_at, order = by_kind[PLACED]
    claimed_at, claim = by_kind[CLAIMED]
    milestones = [(at, MILESTONES[kind]) for at, kind, _ in events if kind in MILESTONES]
    for _, kind, _ in events:
        if kind not in (*MILESTONES, PLACED, CLAIMED, WROTE):
            found[SAYS_NOTHING.get(kind, f"events of the unknown kind `{kind}` (left out)")] += 1
    return Story(
        dispute_id,
        placed_at,
        _day(order.get("deliver_by"), f"{place}: deliver_by"),
        tuple(map(_item, _listed(order.get("items")))),
        tuple(_amount(payment.get("value")) for payment in _listed(order.get("payments"))),
        tuple(milestones),
        _claim(place, claimed_at, claim, words),
        tuple((at, str(said.get("text") or "")) for at, kind, said in events if kind == WROTE),
    )


def _claim(place: str, at: datetime, claim: Mapping[str, Plain], words: Words) -> Claim:
    label = str(claim.get("type"))
    if label not in words.claim_types:
        what = f"`{label}` is no known type of claim"
        raise InputError(place, what, f"Known: {', '.join(words.claim_types)}.")
    raw = claim.get("flags")
    flags = raw if isinstance(raw, list) else []
    asked = [request for flag, request in words.requests.items() if flag in flags]
    parts = [str(claim[name]).strip() for name in ("title", "text") if claim.get(name)]
    return Claim(at, words.claim_types[label], next(iter(asked), ""), "\n".join(parts))


def _item(item: Mapping[str, Plain]) -> Item:
    return Item(
        _amount(item.get("price")),
        _amount(item.get("freight")),
        str(item.get("seller") or ""),
        str(item.get("category") or ""),
    )


def _listed(raw: Plain) -> list[Mapping[str, Plain]]:
    return cast(list[Mapping[str, Plain]], raw) if isinstance(raw, list) else []


def _amount(raw: Plain) -> Decimal:
    return Decimal(str(raw or 0))


def _day(raw: Plain, place: str) -> date | None:
    try:
        return None if raw is None else date.fromisoformat(str(raw))
    except ValueError as error:
        raise InputError(place, f"`{raw}` is no day", "Write it like 2018-10-03.") from error
