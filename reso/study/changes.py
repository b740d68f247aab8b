"""Small changes of a case: a fact set, moved or left out, an act given or taken back.

Each change is one thing that could have been otherwise. They are drawn from the conditions that
stand in the way of an outcome: the values these conditions compare, moved just past the boundary.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reso.engine.valuation import Valuation
from reso.expressions.tree import (
    And,
    Answer,
    Arith,
    Clock,
    Compare,
    Dated,
    Field,
    ItemField,
    Known,
    Lit,
    Node,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.facts.fields import Field as Fact
from reso.facts.table import FactTable
from reso.facts.timeline import NOW
from reso.facts.values import Plain, write_value
from reso.model.case import Record
from reso.model.time import Duration
from reso.policy.model import Acts, Policy, Question
from reso.study.edits import Change, Edit, Item, Kind, put

STEPS: Mapping[str, int] = {"integer": 1, "money": 1, "rate": 1_000}
MINUTE = timedelta(minutes=1)
FURTHER = tuple(timedelta(days=days) for days in (1, 2, 3, 4))
"""How much further an instant is tried where working days or months are counted."""

MANY_ITEMS = 12
WEIGHTS: Mapping[Kind, int] = {
    "wait": 0,
    "move": 1,
    "give": 2,
    "take_back": 2,
    "set": 3,
    "leave_out": 4,
}
HUMAN = 8
"""Weight of an act of a person of ours: it can give any outcome, so it is named last."""
CLAIM = {"claim.type", "claim.stage", "claim.requested", "claim.party"}
"""What the claim is about: another claim, rather than the same one otherwise."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A value of the case that an expression is made of."""

    fact: Fact
    section: str
    index: int | None
    value: Scalar
    item: Item = ()


class Changes:
    """Draws the changes of one case that bear on some conditions."""

    def __init__(self, policy: Policy, table: FactTable, values: Valuation, wanted: str) -> None:
        self.policy = policy
        self.table = table
        self.values = values
        self.case = values.case
        self.wanted = wanted
        self._definitions = {d.name: d.node for d in policy.definitions}
        self._picks = dict(policy.picks)
        self._questions = {q.name: q for q in policy.questions}

    def bearing_on(self, nodes: Iterable[Node]) -> list[Change]:
        """Return every change drawn from these conditions, smallest first, each once."""
        found: dict[tuple[Edit, ...], Change] = {}
        for node in self._reached(nodes):
            for change in self._of(node):
                known = found.get(change.edits)
                if known is None or change.rank < known.rank:
                    found[change.edits] = change
        return sorted(found.values(), key=lambda change: (change.rank, change.about))

    def waiting(self, instants: Iterable[datetime]) -> list[Change]:
        """Return the changes that consist in nothing new happening until an instant."""
        at = self.values.at
        return [
            Change(
                "wait",
                NOW,
                (Edit(NOW, None, "", instant.isoformat()),),
                (WEIGHTS["wait"], (instant - at).total_seconds() / 86_400),
                at,
                instant,
            )
            for instant in instants
        ]

    # -- what the conditions are made of ----------------------------------------------------

    def _reached(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Yield every part of the conditions, through names, picks and questions, each once."""
        todo, seen = list(nodes), set[Node]()
        while todo:
            for node in walk(todo.pop()):
                if node in seen:
                    continue
                seen.add(node)
                yield node
                match node:
                    case Ref(name=name):
                        todo.append(self._definitions[name])
                    case PickField(pick=name):
                        todo.append(self._picks[name])
                    case Answer(question=name) | Clock(question=name):
                        todo.extend(self._questions[name].nodes())
                    case _:
                        pass

    def _of(self, node: Node) -> Iterator[Change]:
        match node:
            case Compare():
                yield from self._compared(node)
                yield from self._named(node.left, node.right)
            case OneOf():
                yield from self._named(node.value, None, node.options)
            case Known():
                yield from self._known(node)
            case Field(type=kind) if kind.kind == "boolean":
                yield from self._named(node, None)
            case Quantity():
                yield from self._counted(node)
            case Pick():
                yield from self._listed(Acts(node.section, node.where), None, None)
            case Answer(question=name) | Clock(question=name):
                yield from self._answered(self._questions[name])
            case Dated():
                yield from self._dated(node)
            case _:
                return

    # -- values moved past a boundary -------------------------------------------------------

    def _compared(self, node: Compare) -> Iterator[Change]:
        left, right = self.values.of(node.left), self.values.of(node.right)
        step = _step(node.left.type.kind)
        if step is None or not _same(left, right):
            return
        beyond = right - left  # type: ignore[operator]
        beyond += _past(node.op, self.values.holds(node) is True) * step  # type: ignore[operator]
        yield from self._moves(node.left, beyond)
        yield from self._moves(node.right, -beyond)

    def _moves(self, node: Node, shift: int | timedelta) -> Iterator[Change]:
        counted = self._counts_days(node)
        for source in self._sources(node, set()):
            yield from self._moved(source, shift)
            if counted and isinstance(shift, timedelta):
                way = 1 if shift > timedelta(0) else -1
                for more in FURTHER:
                    yield from self._moved(source, shift + way * more)

    def _moved(self, source: _Source, shift: int | timedelta) -> Iterator[Change]:
        old = source.value
        try:
            new: Scalar = old + shift  # type: ignore[operator, assignment]
        except (TypeError, OverflowError):
            return
        if isinstance(new, int) and new < 0:
            return
        if isinstance(new, datetime) and new > self.case.known_at and self._occurs(source):
            return
        yield self._setting("move", source, new, _distance(old, shift))

    def _occurs(self, source: _Source) -> bool:
        return source.fact.occurs or source.fact.name == "at"

    def _dated(self, node: Dated) -> Iterator[Change]:
        for source in self._sources(node.by, set()):
            for start, _ in node.periods:
                if start is None or not isinstance(source.value, datetime):
                    continue
                new = start if source.value < start else start - MINUTE
                yield from self._moved(source, new - source.value)

    def _counts_days(self, node: Node) -> bool:
        """Whether working days or months are counted in an expression."""
        for part in self._reached([node]):
            if isinstance(part, Arith) and part.right.type.kind == "duration":
                length = self.values.of(part.right)
                if isinstance(length, Duration) and length.kind in ("business_days", "months"):
                    return True
        return False

    def _sources(self, node: Node, seen: set[str]) -> Iterator[_Source]:
        """Yield the values of the case that an expression is made of."""
        for part in walk(node):
            match part:
                case Field(name=name) if name in self.table.fields:
                    value = self.values.of(part)
                    if _movable(value):
                        fact = self.table.fields[name]
                        yield _Source(fact, fact.section, None, value)  # type: ignore[arg-type]
                case Ref(name=name) if name not in seen:
                    yield from self._sources(self._definitions[name], seen | {name})
                case Pick(field=ItemField(name=name)):
                    yield from self._picked(part, name)
                case PickField(pick=pick, name=name) if name:
                    found = self._picks[pick]
                    assert isinstance(found, Pick)
                    yield from self._picked(found, name)
                case Quantity(what="sum", of=of) if of is not None:
                    yield from self._summed(part, of)
                case Clock(question=name, part=("opened_at" | "deadline")) if name not in seen:
                    yield from self._sources(self._questions[name].opens_at, seen | {name})
                case _:
                    pass

    def _matching(self, section: str, where: Node | None) -> list[tuple[int, Record]]:
        items = self.case.lists.get(section, ())
        return [(n, item) for n, item in enumerate(items) if self.values.matches(where, item)]

    def _picked(self, node: Pick, name: str) -> Iterator[_Source]:
        matching = self._matching(node.section, node.where)
        if not matching:
            return
        index, item = matching[0] if node.which == "first" else matching[-1]
        yield from self._in_item(node.section, index, item, name)

    def _summed(self, node: Quantity, of: Node) -> Iterator[_Source]:
        for index, item in self._matching(node.section, node.where)[:MANY_ITEMS]:
            for part in walk(of):
                if isinstance(part, ItemField):
                    yield from self._in_item(node.section, index, item, part.name)

    def _in_item(self, section: str, index: int, item: Record, name: str) -> Iterator[_Source]:
        value, fact = item.get(name), self.table.lists[section].get(name)
        if fact is not None and _movable(value):
            yield _Source(fact, section, index, value, _shown(item))  # type: ignore[arg-type]

    # -- words and flags --------------------------------------------------------------------

    def _named(
        self, node: Node, other: Node | None, options: tuple[Scalar, ...] = ()
    ) -> Iterator[Change]:
        """Yield each other value of a fact that is a word or a flag."""
        if isinstance(other, Lit):
            options = (*options, other.value)
        for source in self._words(node):
            for new in _other_values(source.fact, source.value, options):
                rank = 1.0 if new in options else 2.0
                yield self._setting("set", source, new, rank)
            if source.value is not None and source.fact.absent != source.value:
                yield self._setting("leave_out", source, None, 1.0)

    def _words(self, node: Node) -> Iterator[_Source]:
        match node:
            case Field(name=name) if name in self.table.fields:
                fact = self.table.fields[name]
                if fact.type in ("enum", "boolean", "text"):
                    value = self.values.of(node)
                    yield _Source(fact, fact.section, None, value)  # type: ignore[arg-type]
            case PickField(pick=pick, name=name) if name:
                found = self._picks[pick]
                assert isinstance(found, Pick)
                matching = self._matching(found.section, found.where)
                fact_of = self.table.lists[found.section].get(name)
                if matching and fact_of is not None and fact_of.type in ("enum", "boolean"):
                    index, item = matching[0] if found.which == "first" else matching[-1]
                    held = item.get(name, fact_of.absent)
                    yield _Source(fact_of, found.section, index, held, _shown(item))  # type: ignore[arg-type]
            case _:
                return

    def _known(self, node: Known) -> Iterator[Change]:
        match node.value:
            case Field(name=name) if name in self.table.fields:
                fact = self.table.fields[name]
                value = self.values.of(node.value)
                source = _Source(fact, fact.section, None, value)  # type: ignore[arg-type]
                if value is not None:
                    yield self._setting("leave_out", source, None, 1.0)
                elif fact.type == "instant":
                    yield self._setting("set", source, self.case.known_at, 2.0)
                else:
                    for new in _other_values(fact, None, ()):
                        yield self._setting("set", source, new, 2.0)
            case PickField(pick=pick, name=name):
                found = self._picks[pick]
                assert isinstance(found, Pick)
                matching = self._matching(found.section, found.where)
                fact_of = self.table.lists[found.section].get(name)
                if matching and name and fact_of is not None:
                    index, item = matching[0] if found.which == "first" else matching[-1]
                    old = item.get(name)
                    held = _Source(fact_of, found.section, index, old, _shown(item))  # type: ignore[arg-type]
                    if old is not None:
                        yield self._setting("leave_out", held, None, 1.0)
            case _:
                return

    def _setting(self, kind: Kind, source: _Source, new: Scalar, size: float) -> Change:
        fact = source.fact
        weight = WEIGHTS[kind] + (2 if fact.path in CLAIM else 0)
        ruled = fact.path == "standing_decision"
        if ruled or dict(source.item).get("party") == "human_admin":
            weight = HUMAN
        written = write_value(fact, new, self.case.currency)  # type: ignore[arg-type]
        edit = Edit(source.section, source.index, fact.name, written)
        return Change(kind, fact.path, (edit,), (weight, size), source.value, new, source.item)

    # -- acts given and taken back ----------------------------------------------------------

    def _answered(self, question: Question) -> Iterator[Change]:
        state = self.values.question(question.name)
        for answer in question.answers:
            for acts in answer.acts:
                yield from self._listed(acts, state.opened_at, state.deadline)

    def _counted(self, node: Quantity) -> Iterator[Change]:
        yield from self._listed(Acts(node.section, node.where), None, None)

    def _listed(
        self, acts: Acts, opened: datetime | None, deadline: datetime | None
    ) -> Iterator[Change]:
        """Yield: one more such act; none of them; one that is there made such an act, or timely."""
        matching = self._matching(acts.section, acts.where)
        taken = [index for index, _ in matching]
        if not matching:
            yield from self._given(acts, deadline)
            yield from self._mended(acts)
        elif len(matching) <= MANY_ITEMS:
            edits = tuple(Edit(acts.section, index, "", None) for index in taken)
            item = _shown(matching[0][1])
            size = float(len(matching))
            yield Change("take_back", acts.section, edits, _act_rank(item, size), item=item)
        fact = self.table.lists[acts.section].get("at")
        for index, item_now in matching if fact is not None else []:
            at = item_now.get("at")
            for bound in (opened, deadline):
                late = isinstance(at, datetime) and bound is not None and at != bound
                if late and bound <= self.case.known_at:  # type: ignore[operator]
                    assert isinstance(at, datetime)
                    assert bound is not None
                    held = _Source(fact, acts.section, index, at, _shown(item_now))  # type: ignore[arg-type]
                    yield from self._moved(held, bound - at)
                    if bound == deadline:
                        yield from self._moved(held, bound + MINUTE - at)

    def _given(self, acts: Acts, deadline: datetime | None) -> Iterator[Change]:
        record = _meeting(acts.where)
        fields = self.table.lists[acts.section]
        if record is None or any(name not in fields for name in record):
            return
        instants = [self.case.known_at]
        if deadline is not None and deadline < self.case.known_at:
            instants = [deadline]
        for at in instants:
            told = dict(record)
            if "at" in fields:
                told["at"] = at
            remedy = fields.get("remedy")
            if remedy is not None and self.wanted in remedy.values and _proposes(told):
                told.setdefault("remedy", self.wanted)
            written: dict[str, Plain] = {}
            for name, value in told.items():
                plain = write_value(fields[name], value, self.case.currency)  # type: ignore[arg-type]
                put(written, name, plain)
            item = _shown(told)
            edit = Edit(acts.section, -1, _key(item), written)
            yield Change("give", acts.section, (edit,), _act_rank(item, 1.0), item=item)

    def _mended(self, acts: Acts) -> Iterator[Change]:
        """Yield an item that misses the condition by one field, with that field changed."""
        if acts.section not in ("evidence", "responses"):
            return  # a scan is what it is; made another one it would be another parcel
        record = _meeting(acts.where)
        fields = self.table.lists[acts.section]
        for index, item in enumerate(self.case.lists.get(acts.section, ())[:MANY_ITEMS]):
            wrong = [(n, v) for n, v in (record or {}).items() if item.get(n) != v]
            if len(wrong) != 1 or wrong[0][0] not in fields or wrong[0][0] in ("at", "party"):
                continue
            name, new = wrong[0]
            source = _Source(fields[name], acts.section, index, item.get(name), _shown(item))  # type: ignore[arg-type]
            yield self._setting("set", source, new, 1.0)


def _past(op: str, holds: bool) -> int:
    """Return how many steps past equality a comparison comes out the other way."""
    if holds:
        return {"<=": 1, "<": 0, ">=": -1, ">": 0, "=": 1, "!=": 0}[op]
    return {"<=": 0, "<": -1, ">=": 0, ">": 1, "=": 0, "!=": 1}[op]


# -- little things --------------------------------------------------------------------------


def _meeting(where: Node | None) -> dict[str, Scalar] | None:
    """Return fields of an item that meets a condition, as far as it says so; None: cannot."""
    match where:
        case None:
            return {}
        case And(parts=parts):
            found: dict[str, Scalar] = {}
            for part in parts:
                inner = _meeting(part)
                if inner is None or any(found.get(n, v) != v for n, v in inner.items()):
                    return None
                found |= inner
            return found
        case Or(parts=parts):
            return next((f for part in parts if (f := _meeting(part)) is not None), None)
        case Compare(op="=", left=ItemField(name=name), right=Lit(value=value)):
            return {name: value}
        case OneOf(value=ItemField(name=name), options=(first, *_), negated=False):
            return {name: first}
        case Known(value=ItemField(name=name, type=kind), negated=False) if kind.values:
            return {name: kind.values[0]}
        case ItemField(name=name):
            return {name: True}
        case _:
            return {}


def _proposes(item: Mapping[str, Scalar]) -> bool:
    return item.get("action") in ("propose_solution", "counter_offer")


def _act_rank(item: Item, size: float) -> tuple[int, float]:
    held = dict(item)
    ours = held.get("party") in ("human_admin", "platform") or "question" in held
    return (HUMAN if ours else WEIGHTS["give"], size)


def _other_values(fact: Fact, now: Scalar, options: Iterable[Scalar]) -> list[Scalar]:
    values: list[Scalar] = []
    if fact.type == "boolean":
        values = [True, False]
    elif fact.type == "enum":
        values = list(fact.values)
    elif fact.type == "text":
        values = [option for option in options if isinstance(option, str)]
    return [value for value in values if value != now]


def _step(kind: str) -> int | timedelta | None:
    if kind == "instant":
        return MINUTE
    if kind == "date":
        return timedelta(days=1)
    return STEPS.get(kind)


def _movable(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | datetime | date)


def _same(left: object, right: object) -> bool:
    for kind in (datetime, date, int):
        if isinstance(left, kind) or isinstance(right, kind):
            whole = isinstance(left, kind) and isinstance(right, kind)
            return whole and not isinstance(left, bool) and not isinstance(right, bool)
    return False


def _distance(old: Scalar, shift: int | timedelta) -> float:
    """Return how far a move goes: days, or shares of what it was (a tenth is like a day)."""
    if isinstance(shift, timedelta):
        return abs(shift.total_seconds()) / 86_400
    base = abs(old) if isinstance(old, int) and old else 1
    return 10 * abs(shift) / base


def _shown(item: Mapping[str, object]) -> Item:
    scalars = (bool, int, str, datetime, date)
    return tuple((n, v) for n, v in item.items() if isinstance(v, scalars))


def _key(item: Item) -> str:
    return ",".join(f"{name}={value}" for name, value in item)
