"""The mirrored-evidence test: the sides' evidence is swapped and the case ruled on again.

A claim is not symmetric: one side asks and has to show something, the other only answers. So a
policy need not mirror everywhere, and where it does not, that is a choice to be looked at: the
test shows which side keeps the money whoever brings the better evidence, and by which rules.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from reso.lifecycle import Life
from reso.lifecycle.acts import records_of
from reso.model.case import Record, Records
from reso.model.events import Event
from simulations.life import Stretch, complained_at, live
from simulations.measures.parameters import read_parameters
from simulations.measures.rates import Rate
from simulations.results import Result, result_of

DEFAULT = Path(__file__).with_name("mirror.yaml")
SWAPPED = {"buyer": "seller", "seller": "buyer"}
SIDE_FIELDS = ("party", "supports")
SHOWN = 5

Favour = Literal["buyer", "seller", "both", "human", "nobody"]
Kind = Literal["mirrored", "unmoved", "tilted"]

FAVOURS: Mapping[str, Favour] = {
    "refund_full": "buyer",
    "return_and_refund": "buyer",
    "replace_or_resend_missing": "buyer",
    "refund_partial": "both",
    "release_to_seller": "seller",
    "deny": "seller",
}
OPPOSITE: Mapping[Favour, Favour] = {
    "buyer": "seller",
    "seller": "buyer",
    "both": "both",
    "human": "human",
    "nobody": "nobody",
}


class Counterparts(BaseModel):
    """The assumptions of `mirror.yaml`; see there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    counterparts: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, file: Path = DEFAULT) -> "Counterparts":
        """Return the assumptions of a file.

        Raises:
            InputError: it cannot be read, or says something else.
        """
        return read_parameters(file, cls)

    def by_kind(self) -> dict[str, str]:
        """Return the counterpart of each kind of evidence that has one."""
        return {a: b for pair in self.counterparts for a, b in (pair, pair[::-1])}


@dataclass(frozen=True, slots=True)
class Pair:
    """A dispute ruled on as it was, and with the sides' evidence swapped.

    Attributes:
        kind: `mirrored`: the other side is favoured now (or both are, or a human has it, both
            times); `unmoved`: the same side is, so the evidence decided nothing; `tilted`: the
            rest, for instance decided for one side and left to a human for the other.
    """

    dispute_id: str
    favours: Favour
    favours_swapped: Favour
    rule: str
    rule_swapped: str

    @property
    def kind(self) -> Kind:
        """How the two rulings stand to each other."""
        if self.favours_swapped == OPPOSITE[self.favours]:
            return "mirrored"
        return "unmoved" if self.favours == self.favours_swapped else "tilted"


@dataclass(frozen=True, slots=True)
class Break:
    """The rules that ruled before and after the swap where the ruling did not mirror."""

    kind: Kind
    rule: str
    rule_swapped: str
    favours: Favour
    favours_swapped: Favour
    disputes: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mirror:
    """What the test found.

    Attributes:
        swappable: disputes with a claim in which the swap changes anything, of those looked at.
        mirrored: of those tried.
        buyer_both_ways, seller_both_ways: the same side was favoured with the evidence either way.
        breaks: where it did not mirror, most first.
    """

    seed: int
    swappable: Rate
    mirrored: Rate
    buyer_both_ways: Rate
    seller_both_ways: Rate
    breaks: tuple[Break, ...]
    pairs: tuple[Pair, ...]


def mirror(
    life: Life,
    histories: Iterable[Sequence[Event]],
    stretch: Stretch,
    sample: int,
    seed: int,
    counterparts: Counterparts | None = None,
    progress: Callable[[int], None] = lambda count: None,
    *,
    is_drawn: bool = False,
) -> Mirror:
    """Rule on a sample of disputes twice, the second time with the sides' evidence swapped.

    Args:
        sample: at most so many of the disputes in which the swap changes anything; which, follows
            from `seed` and their ids alone.
        progress: called with how many more are done.
        is_drawn: they come in the order of `drawn`: no more of them are read than it takes, and
            `swappable` is of those.

    Raises:
        InputError: a dispute cannot be lived through.
    """
    kinds = (counterparts or Counterparts.read()).by_kind()
    claims, changed = 0, []
    for events in histories:
        if complained_at(events) is not None:
            claims += 1
            swapped = tuple(_swapped(event, kinds) for event in events)
            if _evidence(swapped) != _evidence(events):
                changed.append((events, swapped))
        if is_drawn and len(changed) == sample:
            break
    chosen = sorted(changed, key=lambda pair: _place(pair[0][0].dispute_id, seed))[:sample]
    pairs = []
    for events, swapped in chosen:
        pairs.append(_pair(life, events, swapped, stretch))
        progress(1)
    return _found(tuple(pairs), Rate(len(changed), claims), seed)


def drawn(names: Iterable[str], seed: int) -> list[str]:
    """Return disputes in the order in which a sample takes them."""
    return sorted(names, key=lambda name: _place(name, seed))


def swapped_evidence(
    events: Sequence[Event], counterparts: Counterparts | None = None
) -> tuple[Event, ...]:
    """Return the events with the sides of each piece of evidence swapped: whose it is, whom it
    supports, and its kind where the other side has its own for the same. Swapped twice they are
    as before.
    """
    kinds = (counterparts or Counterparts.read()).by_kind()
    return tuple(_swapped(event, kinds) for event in events)


def favours(result: Result) -> Favour:
    """Return whom a result favours; a refund in part favours both."""
    if result.ended == "escalated":
        return "human"
    return FAVOURS.get(result.decision, "nobody")


def _pair(life: Life, events: Sequence[Event], swapped: Sequence[Event], stretch: Stretch) -> Pair:
    before, after = (result_of(life, live(life, one, stretch), one) for one in (events, swapped))
    return Pair(before.dispute_id, favours(before), favours(after), before.reason, after.reason)


def _found(pairs: tuple[Pair, ...], swappable: Rate, seed: int) -> Mirror:
    tried = len(pairs)
    ways = Counter((pair.favours, pair.favours_swapped) for pair in pairs)
    return Mirror(
        seed,
        swappable,
        Rate(sum(pair.kind == "mirrored" for pair in pairs), tried),
        Rate(ways["buyer", "buyer"], tried),
        Rate(ways["seller", "seller"], tried),
        _breaks(pairs),
        pairs,
    )


def _breaks(pairs: Sequence[Pair]) -> tuple[Break, ...]:
    groups: dict[tuple[Kind, str, str, Favour, Favour], list[str]] = {}
    for pair in pairs:
        if pair.kind != "mirrored":
            rules = (pair.kind, pair.rule, pair.rule_swapped, pair.favours, pair.favours_swapped)
            groups.setdefault(rules, []).append(pair.dispute_id)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(Break(*rules, len(ids), tuple(sorted(ids)[:SHOWN])) for rules, ids in ordered)


def _swapped(event: Event, kinds: Mapping[str, str]) -> Event:
    if event.kind != "evidence":
        return event
    items = Records(_other_side(record, kinds) for record in records_of(event))
    return replace(event, payload=items)


def _other_side(record: Record, kinds: Mapping[str, str]) -> Record:
    turned = dict(record)
    for field in SIDE_FIELDS:
        value = turned.get(field)
        if isinstance(value, str):
            turned[field] = SWAPPED.get(value, value)
    kind = turned.get("type")
    if isinstance(kind, str):
        turned["type"] = kinds.get(kind, kind)
    return turned


def _evidence(events: Iterable[Event]) -> Counter[str]:
    """Return what is handed in when, whatever the order of what is handed in at once."""
    return Counter(
        f"{event.recorded_at.timestamp()} {sorted((k, str(v)) for k, v in record.items())}"
        for event in events
        if event.kind == "evidence"
        for record in records_of(event)
    )


def _place(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
