"""Disputes made hard to replay: acts at deadlines, old rulings, appeals, second claims."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.errors import InputError
from reso.facts.fields import Field
from reso.lifecycle import Life
from reso.lifecycle.acts import records_of
from reso.lifecycle.state import OWN_ACTS
from reso.model.case import Record, Records, Value
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.life import Stretch, complained_at, live

MICROSECOND = timedelta(microseconds=1)
DELAYS = (timedelta(0), MICROSECOND, timedelta(hours=1), timedelta(hours=30), timedelta(days=4))
ABOUT = (timedelta(0), timedelta(0), -MICROSECOND, MICROSECOND)
PARTIES = ("buyer", "seller", "courier")
SAID = (
    "accept_solution", "approve", "reject", "reject", "appeal", "counter_offer", "press_help",
    "ask_platform_to_step_in", "cancel_complaint", "message", "submit_evidence", "propose_solution",
)  # fmt: skip
RULED = ("refund_full", "release_to_seller", "deny")
AMOUNTS = (0, 1, 100, 5_000, 9_999, 10_000, 10_001, 100_000, 1_000_000_007)


class Troublemaker:
    """Makes disputes of disputes, by what a seed says; amounts are minor units."""

    def __init__(self, policy: Policy, seed: int) -> None:
        self.policy, self.dice = policy, Random(seed)
        self.life = Life(Engine.of(Compiled(policy)))
        self.responses = policy.table.lists["responses"]

    def variants(self, events: Sequence[Event], many: int) -> Iterator[list[Event]]:
        """Yield disputes like one, each with its own troubles; the first one has none."""
        yield list(events)
        for _ in range(many - 1):
            troubled = list(events)
            for _ in range(self.dice.choice((1, 1, 2, 3))):
                troubled = self._troubled(troubled)
            yield troubled

    def _troubled(self, events: list[Event]) -> list[Event]:
        instants = self._instants(events)
        match self.dice.randrange(12):
            case 0:
                gone = self.dice.choice(events)
                events = [event for event in events if event is not gone or gone.kind == "order"]
            case 1 | 2:
                at = self.dice.randrange(len(events))
                events[at] = _recorded(events[at], self.dice.choice(instants))
            case 3:
                events.append(self._amount(self.dice.choice(events)))
            case 4:
                events += self._second_claim(events, self.dice.choice(instants))
            case 5 | 6:
                events += self._old_acts(events, self.dice.choice(instants))
            case 7:
                events += self._anything(events, self.dice.choice(instants))
            case _:
                for at in self.dice.sample(
                    instants, min(len(instants), self.dice.choice((1, 1, 2, 3)))
                ):
                    events.append(self._answer(events[0].dispute_id, at))
        return events

    def _instants(self, events: Sequence[Event]) -> list[datetime]:
        """Return instants worth something: of events, our acts, deadlines; and just beside."""
        found = [event.recorded_at for event in events]
        ordered = sorted(events, key=lambda event: event.recorded_at)
        try:
            lived = live(self.life, ordered, Stretch()) if complained_at(ordered) else None
        except InputError:
            lived = None
        for moment in () if lived is None else lived.moments:
            found += [moment.at] * 3
            found += [
                u
                for a in moment.acts
                for r in records_of(a)
                if isinstance(u := r.get("until"), datetime)
            ] * 3
        first = complained_at(ordered) or found[0]
        about = [at + delta for at in found for delta in ABOUT]
        later = [at + delta for at in found for delta in DELAYS]
        return [at for at in (*about, *later) if at >= first] or [first]

    # -- what may happen ---------------------------------------------------------------------

    def _answer(self, dispute: str, at: datetime) -> Event:
        said: dict[str, Value] = {
            "party": self.dice.choice(PARTIES),
            "action": self.dice.choice(SAID),
        }
        if self.dice.random() < 0.1:
            said["reason"] = "promise_not_kept"
        if self.dice.random() < 0.3:
            said["amount"] = self.dice.choice(AMOUNTS)
        return _item(dispute, "responses", at, self._known("responses", said))

    def _second_claim(self, events: Sequence[Event], at: datetime) -> Iterator[Event]:
        said: dict[str, Value] = {
            "filed_at": at - self.dice.choice((timedelta(0), timedelta(hours=2)))
        }
        for name in ("type", "requested", "party"):
            declared = self.policy.table.fields.get(f"claim.{name}")
            if declared is not None and self.dice.random() < 0.5:
                said[name] = self.dice.choice(declared.values)
        yield Event(events[0].dispute_id, at, at, "claim", said)

    def _old_acts(self, events: Sequence[Event], at: datetime) -> Iterator[Event]:
        """Yield what another platform did: rulings, payments, words of its people."""
        dispute, acts = events[0].dispute_id, self.dice.choice((1, 1, 2))
        for _ in range(acts):
            match self.dice.randrange(5):
                case 0:
                    yield Event(
                        dispute, at, at, "case", {"standing_decision": self.dice.choice(RULED)}
                    )
                case 1:
                    name = self.dice.choice(("refunded_at", "released_at"))
                    paid: dict[str, Value] = {
                        name: at,
                        "refunded_amount": self.dice.choice(AMOUNTS),
                    }
                    if self.dice.random() < 0.3:
                        paid["appeals_used"] = 1
                    yield Event(dispute, at, at, "history", self._fields("history", paid))
                case 2:
                    said: dict[str, Value] = {
                        "party": "buyer",
                        "of": "platform",
                        "action": "appeal",
                    }
                    yield _item(dispute, "responses", at, self._known("responses", said))
                case 3:
                    yield from self._restated(events, at)
                case _:
                    party = self.dice.choice(("platform", "human_admin"))
                    said = {"party": party, "action": self.dice.choice(SAID)}
                    if self.dice.random() < 0.5:
                        said |= {
                            "remedy": self.dice.choice(RULED),
                            "amount": self.dice.choice(AMOUNTS),
                        }
                    yield _item(dispute, "responses", at, self._known("responses", said))

    def _restated(self, events: Sequence[Event], at: datetime) -> Iterator[Event]:
        """Yield what the other platform knows of the order from the first, and says again later."""
        same = {
            "appeals_used": self.dice.choice((0, 0, 1)),
            "courier_compensation_to_seller": self.dice.choice(AMOUNTS),
        }
        for told in (min(event.recorded_at for event in events), at):
            said = self._fields("history", same)
            yield Event(events[0].dispute_id, told, told, "history", said)

    def _amount(self, event: Event) -> Event:
        """Return an event with another amount, where it states one."""
        if not isinstance(event.payload, Mapping):
            return event
        fields = self.policy.table.fields
        money = [
            name
            for name in event.payload
            if (declared := fields.get(f"{event.kind}.{name}")) and declared.type == "money"
        ]
        changed = {name: self.dice.choice(AMOUNTS) for name in money}
        return replace(event, payload={**event.payload, **changed}) if changed else event

    def _anything(self, events: Sequence[Event], at: datetime) -> Iterator[Event]:
        """Yield what happened in a dispute once more, later; or a section taken back."""
        again = self.dice.choice(events)
        if (
            isinstance(again.payload, Mapping)
            and again.kind not in ("case", "order")
            and self.dice.random() < 0.3
        ):
            yield Event(again.dispute_id, at, at, again.kind, None)
        else:
            yield replace(again, recorded_at=at)

    # -- only what the policy's table of facts knows -------------------------------------------

    def _known(self, section: str, said: Mapping[str, Value]) -> Record:
        fields: Mapping[str, Field] = self.policy.table.lists[section]
        return {
            name: value
            for name, value in said.items()
            if name in fields and _fits(fields[name], value)
        }

    def _fields(self, section: str, said: Mapping[str, Value]) -> Record:
        return {n: v for n, v in said.items() if f"{section}.{n}" in self.policy.table.fields}


def _fits(field: Field, value: Value) -> bool:
    return field.type != "enum" or value in field.values


def _item(dispute: str, section: str, at: datetime, said: Mapping[str, Value]) -> Event:
    return Event(dispute, at, at, section, Records(({"at": at, **said},)))


def _recorded(event: Event, at: datetime) -> Event:
    return replace(event, recorded_at=at)


def named(events: Sequence[Event], dispute: str) -> list[Event]:
    """Return events as those of another dispute, without our own acts."""
    return [replace(event, dispute_id=dispute) for event in events if event.kind not in OWN_ACTS]
