"""Kinds of disputes: of each, one is led by the engine, and what that rests on is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reso.lifecycle.acts import ORDER_LEDGER
from reso.model.case import Record, Records, Value
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.fast.agreeing import Agreement
from simulations.fast.leading import Act, Leader, Step
from simulations.fast.plan import Plan
from simulations.fast.remembering import Remembered
from simulations.fast.traced import Trace, Traced, UntraceableError
from simulations.life import without_old_acts
from simulations.prepared.instants import instant, microseconds

WORD = 62
"""Conditions kept in one number."""

NO_KIND = "no kind"
DIFFERS = "facts differ from the engine's"
REFUSED = "not of the kind it was led as"
"""Why the reference replay has to lead disputes: it cannot be told of a whole kind; and two faults
of this program, of which nothing that is shared may follow."""

COUNTED = {
    f"{ORDER_LEDGER}.{name}"
    for name in ("refunded_amount", "appeals_used", "courier_compensation_to_seller")
}


class KindFaultError(RuntimeError):
    """What is said of a kind does not hold of the dispute that was led for it."""


@dataclass(frozen=True, slots=True)
class Led:
    """A dispute to be led: its recorded events, and what we did of it so far.

    Attributes:
        arrivals: instants in microseconds. n: how many are known. act_n: how many were when we
            first acted.
        log: our acts so far: (instant, arrivals known then, step).
        lists: our acts as they stand in the lists of the case. ledger: the fields they stated.
        before: the entries of `reopens` that held at the last settlement, as bits.
        row: what SQL says of it, by column.
    """

    events: Sequence[Event]
    arrivals: Sequence[int]
    at: int
    n: int
    act_n: int
    log: Sequence[tuple[int, int, int]]
    lists: Mapping[str, Sequence[Mapping[str, object]]]
    ledger: Mapping[str, object]
    before: int
    row: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind: the hashes of its key, what has to be asked of it with which answers, its step.

    Below 0, the step stands for why the reference replay has to lead all of the kind.
    """

    key: tuple[int, int]
    asked: Mapping[int, int]
    wanted: Mapping[int, int]
    step: int


@dataclass
class Kinds:
    """All kinds met so far under one policy.

    Attributes:
        steps: what the engine made of each kind, numbered in the order they were met.
        states: where disputes can stand, numbered likewise; the first is before anything.
        whys: why the reference replay has to lead disputes.
        strict: raise a fault of this program, and do not leave its disputes to the reference.
    """

    policy: Policy
    strict: bool = False
    leader: Leader = field(init=False)
    steps: list[Step] = field(default_factory=list)
    states: dict[tuple[object, ...], int] = field(default_factory=lambda: {(): 0})
    essences: dict[tuple[object, ...], int] = field(default_factory=dict)
    whys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leader = Leader(self.policy)

    def left(self, why: str) -> int:
        """Return what stands for the step of disputes the reference replay has to lead."""
        if why not in self.whys:
            self.whys.append(why)
        return -1 - self.whys.index(why)

    def why(self, step: int) -> str:
        """Return why the reference replay has to lead disputes, of what stands for their step."""
        return self.whys[-1 - step]

    def fault(self, why: str, told: str) -> int:
        """Return what stands for the step of disputes that a fault of this program leaves over.

        Raises:
            KindFaultError: `strict`.
        """
        if self.strict:
            raise KindFaultError(f"{why} ({told})")
        return self.left(why)


@dataclass
class ChapterKinds:
    """The kinds of one chapter.

    Attributes:
        conditions: what is asked of disputes, numbered in the order it was first asked.
        refused: those of the variants that are shared no longer.
    """

    kinds: Kinds
    plan: Plan
    conditions: dict[str, int] = field(default_factory=dict)
    variants: list[Variant] = field(default_factory=list)
    refused: list[Variant] = field(default_factory=list)
    columns: Remembered = field(init=False)
    agreement: Agreement = field(init=False)

    def __post_init__(self) -> None:
        self.columns = Remembered(self.plan)
        self.agreement = Agreement(self.plan)

    def asked(self, variant: Variant) -> list[str]:
        """Return what a dispute of a kind answers with yes."""
        found = []
        for condition, number in self.conditions.items():
            word, bit = divmod(number, WORD)
            if variant.asked.get(word, 0) >> bit & 1:
                yes = variant.wanted[word] >> bit & 1
                found.append(f"coalesce({condition}, FALSE) = {bool(yes)}")
        return found

    def lead(self, key: tuple[int, int], led: Led) -> Variant:
        """Lead a dispute of a kind not met before; return what its kind is and leads to.

        Where SQL says anything else of it than the engine found, the reference replay leads all of
        its kind.

        Raises:
            KindFaultError: that is so, and it is to be raised.
        """
        kinds, reopens = self.kinds, self.kinds.policy.reopens
        before = frozenset(e.name for n, e in enumerate(reopens) if led.before >> n & 1)

        def history(trace: Trace) -> list[Event]:
            return self._history(led, trace)

        try:
            step = kinds.leader.step(self.columns, history, instant(led.at), before)
        except UntraceableError as error:
            why = kinds.left(f"{NO_KIND}: {error}")
            return self._variant(key, kinds.leader.noted, why)
        if found := self.agreement.difference(kinds.leader.judged, led.row):
            told = f"dispute {led.events[0].dispute_id}: {found}"
            why = kinds.fault(f"{DIFFERS}: {found.what}", told)
            return self._variant(key, step.conditions, why)
        kinds.steps.append(step)
        kinds.states.setdefault(step.state, len(kinds.states))
        kinds.essences.setdefault(step.essence, len(kinds.essences))
        return self._variant(key, step.conditions, len(kinds.steps) - 1)

    def refuse(self, variant: Variant, told: str) -> None:
        """Share a kind no longer; the reference replay leads what has its key and no other kind.

        Raises:
            KindFaultError: it is to be raised.
        """
        why = self.kinds.fault(REFUSED, told)
        self.refused.append(variant)
        self._variant(variant.key, {}, why)

    def _variant(self, key: tuple[int, int], noted: Mapping[str, bool], step: int) -> Variant:
        asked: dict[int, int] = {}
        wanted: dict[int, int] = {}
        for condition, holds in noted.items():
            number = self.conditions.setdefault(condition, len(self.conditions))
            word, bit = divmod(number, WORD)
            asked[word] = asked.get(word, 0) | 1 << bit
            wanted[word] = wanted.get(word, 0) | holds << bit
        variant = Variant(key, asked, wanted, step)
        self.variants.append(variant)
        return variant

    # -- the history of a led dispute -----------------------------------------------------------

    def _history(self, led: Led, trace: Trace) -> list[Event]:
        """Return the events known of a dispute and our own acts, in the order they happened."""
        arriving: dict[int, list[Event]] = {n: [] for n in range(1, led.n + 1)}
        place = {at: n for n, at in enumerate(led.arrivals, start=1)}
        for event in led.events:
            n = place[max(microseconds(event.recorded_at), led.arrivals[0])]
            if n > led.n:
                continue
            kept = event if n <= led.act_n else without_old_acts(event)
            if kept is not None:
                arriving[n].append(_counted(kept, self.columns.fields, trace))
        acts = self._own_acts(led, trace)
        return [
            event
            for n, events in arriving.items()
            for event in (*events, *(act for known, act in acts if known == n))
        ]

    def _own_acts(self, led: Led, trace: Trace) -> list[tuple[int, Event]]:
        """Return our acts, each with the number of arrivals known then."""
        done: dict[str, int] = {}
        dispute = led.events[0].dispute_id
        return [
            (n, self._event(dispute, act, instant(at), led, done, trace))
            for at, n, step in led.log
            for act in self.kinds.steps[step].acts
        ]

    def _event(
        self, dispute: str, act: Act, at: datetime, led: Led, done: dict[str, int], trace: Trace
    ) -> Event:
        record: dict[str, Value] = dict.fromkeys(act.instants, at)
        record.update(act.record)
        number = done[act.kind] = done.get(act.kind, 0) + 1
        for name, _ in act.numbers:
            if act.appended:
                acts = led.lists[act.kind]
                said = acts[number - 1][name]
                # Counted from the last one: two of a kind need not have done it as often before.
                sql = f'"own:{act.kind}"[{number - len(acts) - 1}].{name}'
            else:
                path = f"{act.kind}.{name}"
                said, sql = led.ledger[path], self.columns.fields[path]
            assert isinstance(said, int)
            if name == "until":
                record[name] = instant(said)
                continue
            trace.note(f"{sql} IS NULL", False)
            record[name] = Traced.of(said, sql, trace)
        return Event(dispute, at, at, act.kind, Records((record,)) if act.appended else record)


def _counted(event: Event, fields: Mapping[str, str], trace: Trace) -> Event:
    """Return a recorded event with the amounts that our own acts go on from traced."""
    if event.kind != ORDER_LEDGER or not isinstance(event.payload, Mapping):
        return event
    record: Record = {
        name: Traced.of(value, fields[f"{ORDER_LEDGER}.{name}"], trace)
        if f"{ORDER_LEDGER}.{name}" in COUNTED and isinstance(value, int)
        else value
        for name, value in event.payload.items()
    }
    return Event(event.dispute_id, event.occurred_at, event.recorded_at, event.kind, record)
