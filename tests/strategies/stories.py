"""Random cases for a policy: rich in the facts and acts it mentions, around its own clocks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar, get_args

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from reso.engine.logic import Reference
from reso.expressions.tree import (
    And,
    Compare,
    Contains,
    Field,
    ItemField,
    Known,
    Lit,
    Node,
    OneOf,
    Or,
    Pick,
    Quantity,
    Scalar,
    walk,
)
from reso.facts.fields import Field as FactField
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.model.case import Case
from reso.model.events import Event, fold
from reso.model.money import to_major
from reso.policy.model import Acts, Policy
from tests.strategies.packs import Pack
from tests.strategies.policies import Doses, packs

T = TypeVar("T")
Item = dict[str, Plain]

START = datetime(2026, 3, 5, 3, tzinfo=UTC)
"""A Thursday; clocks change in New York on the 8th, 19 to 24 March are free days in Jakarta."""
HOURS = (-24, -1, 0, 1, 5, 6, 12, 24, 25, 47, 48, 49, 72, 96, 120, 200)
MICROSECOND = timedelta(microseconds=1)
NODES = get_args(Node)
MOST_ITEMS = 7


@dataclass(frozen=True, repr=False)
class Story:
    """What happened in one dispute, and an instant at which a ruling is asked.

    `data` is the case file the events were read from; some were recorded later than they occurred.
    """

    data: Mapping[str, Plain]
    events: tuple[Event, ...]
    at: datetime

    def case(self, at: datetime | None = None) -> Case:
        """Return the case as known at `at`."""
        return fold(self.events, at or self.at)

    def __repr__(self) -> str:
        late = [
            f"{event.kind} of {event.occurred_at} recorded at {event.recorded_at}"
            for event in self.events
            if event.recorded_at != event.occurred_at
        ]
        told = json.dumps(self.data, default=str, indent=1)
        return "\n".join([f"\n# asked at {self.at}", told, *late])

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(frozen=True)
class Mentioned:
    """What a policy's expressions mention.

    Attributes:
        fields: names of the case's fields.
        constants: the constants of each kind (money, integer, rate) anywhere in the policy.
        beside: the constants a field is compared with; the fields of items as `list.field`.
        acts: lists with the values the fields of their items should have.
    """

    fields: tuple[str, ...]
    constants: Mapping[str, tuple[int, ...]]
    beside: Mapping[str, tuple[Scalar, ...]]
    acts: tuple[tuple[str, Mapping[str, tuple[Scalar, ...]]], ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...]


@st.composite
def cases_for(draw: st.DrawFn, policy: Policy, *, down: bool | None = None) -> Story:
    """Return a random story for a policy; `down` says whether a source is down (None: rarely)."""
    teller = _Teller(draw, policy, mentioned(policy))
    data = teller.order_and_claim()
    clocks = _clocks(policy, data, START + timedelta(days=12), teller.instants)
    teller.instants = _around(clocks) + teller.instants
    teller.happenings(data)
    if down or (down is None and draw(st.integers(0, 19)) == 19):
        teller.outage(data)
    clocks = _clocks(policy, data, START + timedelta(days=30), teller.instants)
    at = teller.asked_at(_around(clocks))
    data["now"] = at.isoformat()
    events = read_case_file(data, policy.table).events
    return Story(data, tuple(teller.recorded(event) for event in events), at)


@dataclass
class _Teller:
    draw: st.DrawFn
    policy: Policy
    known: Mentioned
    instants: list[datetime]
    filed_at: datetime = START

    def __init__(self, draw: st.DrawFn, policy: Policy, known: Mentioned) -> None:
        self.draw, self.policy, self.known = draw, policy, known
        self.instants = [START + timedelta(hours=hours) for hours in HOURS]

    def chance(self, tenths: int) -> bool:
        return self.draw(st.integers(0, 9)) < tenths

    def instant(self) -> str:
        return self.draw(st.sampled_from(self.instants)).isoformat()

    def asked_at(self, clocks: list[datetime]) -> datetime:
        """Return an instant about the clocks, mostly after the claim was filed."""
        candidates = self.draw(st.sampled_from([clocks, clocks, self.instants]))
        late = [instant for instant in candidates if instant >= self.filed_at]
        return self.draw(st.sampled_from(late if late and self.chance(9) else candidates))

    # -- what is the case -------------------------------------------------------------------

    def order_and_claim(self) -> dict[str, Plain]:
        """Return the fields of a case: some of those mentioned, and the usual ones."""
        currency = self.policy.currencies[0]
        data: dict[str, Plain] = {"order": {"currency": currency}}
        if self.chance(9):
            _put(data, "order.placed_at", (START - timedelta(hours=2)).isoformat())
        if self.chance(8):
            self.filed_at = self.draw(st.sampled_from([START, *self.instants[2:6]]))
            _put(data, "claim.filed_at", self.filed_at.isoformat())
        for name in self.known.fields:
            declared = self.policy.table.fields.get(name)
            if declared is None or name in ("order.currency", "order.placed_at", "claim.filed_at"):
                continue
            if self.chance(9 if name == "order.total_paid" else 7):
                value = self.value(declared, self.known.beside.get(name, ()))
                _put(data, name, value)
        if not self.chance(9) and "claim" in self.policy.table.objects:
            data["claim"] = None
        return data

    def value(self, declared: FactField, beside: tuple[Scalar, ...]) -> Plain:
        """Return a value of a field, near the constants the policy compares it with."""
        currency = self.policy.currencies[0]
        match declared.type:
            case "boolean":
                return self.draw(st.booleans())
            case "money":
                return to_major(self._near("money", (0, 2_000, 5_000, 10_000)), currency)
            case "integer":
                return self._near("integer", (0, 1, 2))
            case "rate":
                share = self._near("rate", (0, 100_000, 500_000))
                return share / (1_000_000 if declared.unit == "share" else 10_000)
            case "instant":
                return self.instant()
            case "enum":
                named = [v for v in beside if isinstance(v, str)]
                spare = next((v for v in declared.values if v not in named), declared.values[0])
                word = self.draw(st.sampled_from([*named, spare]))
                return {"yes": True, "no": False}.get(word, word)
            case "text":
                return self.draw(st.sampled_from([*(str(v) for v in beside), "x"]))
            case "date":
                return self.draw(st.sampled_from([date(2026, 3, day) for day in (4, 5, 6, 9)]))
            case "list of enum":
                week = st.sampled_from(declared.values)
                return self.draw(st.lists(week, min_size=1, max_size=2, unique=True))
            case "list of date":
                days = st.sampled_from([date(2026, 3, day) for day in (5, 6, 9)])
                return list(self.draw(st.lists(days, max_size=2, unique=True)))
            case "list of text":
                return self.draw(st.lists(st.just("x"), max_size=1))

    def _near(self, kind: str, usual: tuple[int, ...]) -> int:
        constants = self.known.constants.get(kind, ())
        near = [c + step for c in constants for step in (-1, 0, 1) if c + step >= 0]
        return self.draw(st.sampled_from([*near, *usual]))

    # -- what happened ----------------------------------------------------------------------

    def happenings(self, data: dict[str, Plain]) -> None:
        """Add items to the lists: acts the policy asks for, now and then another one."""
        number = self.draw(st.integers(0, MOST_ITEMS)) if self.known.acts else 0
        for _ in range(number):
            section, wanted = self.draw(st.sampled_from(self.known.acts))
            _append(data, section, self.item(section, wanted))
        for section, names in self.known.sums:
            for _ in range(self.draw(st.integers(0, 2))):
                _append(data, section, self.item(section, dict.fromkeys(names, ())))

    def item(self, section: str, wanted: Mapping[str, tuple[Scalar, ...]]) -> Item:
        """Return an item of a list with the wanted values; one of them may be another."""
        item: Item = {}
        declared = self.policy.table.lists[section]
        for name, options in wanted.items():
            if name not in declared or name == "at":
                continue
            if options and self.chance(9):
                item[name] = self._written(declared[name], self.draw(st.sampled_from(options)))
            elif self.chance(7):
                beside = self.known.beside.get(f"{section}.{name}", ())
                item[name] = self.value(declared[name], beside)
        for name in ("amount", "remedy", "value", "strength"):
            if name in declared and name not in item and self.chance(3):
                item[name] = self.value(declared[name], ())
        item = {name: value for name, value in item.items() if value is not None}
        if "at" in declared and self.chance(9):
            item["at"] = self.instant()
        return item

    def _written(self, declared: FactField, value: Scalar) -> Plain:
        """Return a value as a case file writes it."""
        if declared.type == "money" and isinstance(value, int):
            return to_major(value, self.policy.currencies[0])
        if declared.type == "rate" and isinstance(value, int):
            return value / (1_000_000 if declared.unit == "share" else 10_000)
        if declared.type == "enum" and isinstance(value, str):
            return {"yes": True, "no": False}.get(value, value)
        return value if isinstance(value, bool | int | str) else None

    def outage(self, data: dict[str, Plain]) -> None:
        """Let a source report itself down, perhaps up again."""
        sources = {name.partition(".")[0] for name in self.known.fields if "." in name}
        sources |= {section for section, _ in self.known.acts} | set(self.known.fields)
        source = self.draw(st.sampled_from(sorted(sources)))
        at = self.draw(st.sampled_from(self.instants[:3]))
        _append(data, "unavailable", {"at": at.isoformat(), "source": source, "state": "down"})
        if self.chance(1):
            later = {"at": self.instant(), "source": source, "state": "up"}
            _append(data, "unavailable", later)

    def recorded(self, event: Event) -> Event:
        """Return the event, now and then recorded later than it occurred."""
        if not self.chance(1):
            return event
        late = timedelta(hours=self.draw(st.sampled_from([1, 30])))
        recorded_at = event.recorded_at + late
        return Event(event.dispute_id, event.occurred_at, recorded_at, event.kind, event.payload)


def mentioned(policy: Policy) -> Mentioned:
    """Return what a policy's expressions mention."""
    nodes = [node for top in _top_nodes(policy) for node in walk(top)]
    beside: dict[str, dict[Scalar, None]] = {}
    constants: dict[str, set[int]] = {}
    for node in nodes:
        for name, values in _compared(node):
            beside.setdefault(name, {}).update(dict.fromkeys(values))
        if isinstance(node, Lit) and isinstance(node.value, int):
            constants.setdefault(node.type.kind, set()).add(node.value)
    acts = [wanted_of(acts) for acts in _acts(policy)]
    acts += [
        _wanted(node.section, node.where)
        for node in nodes
        if isinstance(node, Pick) or (isinstance(node, Quantity) and node.what != "sum")
    ]
    sums = {
        (node.section, tuple(sorted({n.name for n in walk(node.of) if isinstance(n, ItemField)})))
        for node in nodes
        if isinstance(node, Quantity) and node.of is not None
    }
    named = {node.name for node in nodes if isinstance(node, Field) and node.type.kind != "record"}
    usual = {"order.total_paid", "claim.type", "claim.requested"}
    return Mentioned(
        tuple(sorted((named | usual) & policy.table.fields.keys())),
        {kind: tuple(sorted(found)) for kind, found in constants.items()},
        {name: tuple(found) for name, found in beside.items()},
        tuple({repr(act): act for act in acts}.values()),
        tuple(sorted(sums)),
    )


def _top_nodes(thing: object) -> Iterator[Node]:
    """Yield every expression below a part of a policy."""
    if isinstance(thing, NODES):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _top_nodes(part)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for item in fields(thing):
            if item.name not in ("table", "calendar"):
                yield from _top_nodes(getattr(thing, item.name))


def _acts(policy: Policy) -> Iterator[Acts]:
    for question in policy.questions:
        yield from (acts for answer in question.answers for acts in answer.acts)
        yield from (extension.acts for extension in question.extended_by)
        yield from question.put


def _compared(node: Node) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    """Yield the name of a field and the constants beside it."""
    match node:
        case Compare(left=Field(name=name), right=Lit(value=value)):
            yield name, (value,)
        case Compare(left=ItemField(section=section, name=name), right=Lit(value=value)):
            yield f"{section}.{name}", (value,)
        case OneOf(value=Field(name=name), options=options):
            yield name, options
        case OneOf(value=ItemField(section=section, name=name), options=options):
            yield f"{section}.{name}", options
        case Contains(value=Field(name=name), item=Lit(value=value)):
            yield name, (value,)
        case _:
            return


def wanted_of(acts: Acts) -> tuple[str, Mapping[str, tuple[Scalar, ...]]]:
    """Return the list an act is recorded in, and what its item must say."""
    return _wanted(acts.section, acts.where)


def _wanted(section: str, where: Node | None) -> tuple[str, Mapping[str, tuple[Scalar, ...]]]:
    """Return what an item must say to meet a `where`, as far as it compares with constants."""
    found: dict[str, tuple[Scalar, ...]] = {}
    todo = [] if where is None else [where]
    while todo:
        match todo.pop(0):
            case And(parts=parts) | Or(parts=parts):
                todo += parts
            case Compare(op="=", left=ItemField(name=name), right=Lit(value=value)):
                found[name] = (value,)
            case OneOf(value=ItemField(name=name), options=options, negated=False):
                found[name] = options
            case ItemField(name=name):
                found[name] = (True,)
            case node:
                names = [n.name for n in walk(node) if isinstance(n, ItemField)]
                negated_known = isinstance(node, Known) and node.negated
                found |= {} if negated_known else dict.fromkeys(names, ())
    return section, found


def _clocks(
    policy: Policy, data: Mapping[str, Plain], at: datetime, else_: list[datetime]
) -> list[datetime]:
    """Return the instants of the questions' clocks, if nothing more happened."""
    case = fold(read_case_file({**data, "now": at.isoformat()}, policy.table).events, at)
    states = Reference(policy).judge(case, at).questions.values()
    found = {i for s in states for i in (s.opened_at, s.deadline, s.ended_at) if i is not None}
    return sorted(found) or else_


def _around(instants: list[datetime]) -> list[datetime]:
    steps = (timedelta(0), -MICROSECOND, MICROSECOND, timedelta(hours=3))
    return [instant + step for instant in instants for step in steps]


def _put(data: dict[str, Plain], path: str, value: Plain) -> None:
    *groups, last = path.split(".")
    for group in groups:
        data = data.setdefault(group, {})  # type: ignore[assignment]
    data[last] = value


def _append(data: dict[str, Plain], section: str, item: Item) -> None:
    *groups, last = section.split(".")
    for group in groups:
        inner = data.setdefault(group, {})
        if not isinstance(inner, dict):
            return
        data = inner
    items = data.setdefault(last, [])
    assert isinstance(items, list)
    items.append(item)


@dataclass(frozen=True)
class Docket:
    """A random pack and some disputes to be ruled by it."""

    pack: Pack
    stories: tuple[Story, ...]

    @property
    def policy(self) -> Policy:
        """The pack, loaded."""
        return self.pack.policy()


ANY_DOSES = Doses()


@st.composite
def dockets(
    draw: st.DrawFn, doses: Doses = ANY_DOSES, *, stories: int = 2, down: bool | None = None
) -> Docket:
    """Return a random pack with random disputes."""
    pack = draw(packs(doses))
    policy = pack.policy()
    told = [draw(cases_for(policy, down=down)) for _ in range(stories)]
    return Docket(pack, tuple(told))
