"""Whether conditions can hold together, found by trying the constants they compare facts with.

Only plain reasons count: facts, answers and states compared with constants are tried with every
value that matters; all other conditions are free to hold or not. What is found impossible is so
in every case; what is found possible may still ask for facts that never come together.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from reso.expressions.tree import (
    And,
    Answer,
    Clock,
    Compare,
    Field,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    PickField,
    Scalar,
)
from reso.facts.operations import compare
from reso.problems.said import Value, said

MAX_ASSIGNMENTS = 50_000
"""Assignments tried for one search."""

MAX_EFFORT = 3_000_000
"""Parts of conditions looked at in all searches over one policy, each as often as it is."""

ORDERED = ("integer", "money", "rate", "instant", "date", "time")
LEAST_EFFORT = 60
"""What even the shortest search comes to, in parts looked at."""

_OTHER = "\0any other value"
_NOT_CHOSEN = "\0not chosen yet"
_MOMENT = timedelta(microseconds=1)


class TooMany(Exception):  # noqa: N818 - it ends a search, and is no error
    """More combinations than may be tried."""


@dataclass(slots=True)
class Effort:
    """How many more parts of conditions may be looked at for one policy."""

    left: int = MAX_EFFORT

    def spend(self, parts: int) -> None:
        """Take so many away.

        Raises:
            TooMany: there are not so many left.
        """
        self.left -= parts
        if self.left < 0:
            raise TooMany


def both_hold(one: Node, other: Node, effort: Effort) -> Value | None:
    """Return an example in which both conditions hold, None when there cannot be one.

    What would take more than `MAX_ASSIGNMENTS`, or more effort than is left, counts as holding.
    """
    if _set_apart(one, other):
        return None
    try:
        found = _Search.of((one, other), MAX_ASSIGNMENTS, effort).first()
    except TooMany:
        return said("too-many-combinations")
    return None if found is None else _example(found)


def can_hold(
    conditions: Iterable[Node], most: int = MAX_ASSIGNMENTS, effort: Effort | None = None
) -> bool:
    """Whether all conditions may hold at once.

    Yes where `most` assignments, or the effort left (by default as for a policy), do not tell.
    """
    try:
        return _Search.of(tuple(conditions), most, effort or Effort()).first() is not None
    except TooMany:
        return True


def subjects(conditions: Iterable[Node]) -> set[Node]:
    """Return what the conditions look at: facts compared with constants, and free conditions."""
    return {_subject(atom) for node in conditions for atom in _atoms(node)}


def _set_apart(one: Node, other: Node) -> bool:
    """Whether both tie one subject to different constants, which needs no search."""
    asked = _constants(one)
    return any(
        subject in asked and not asked[subject] & values
        for subject, values in _constants(other).items()
    )


def _constants(node: Node) -> Mapping[Node, frozenset[Scalar]]:
    """Return the constants to which a condition, or a part it cannot do without, ties a subject."""
    found: dict[Node, frozenset[Scalar]] = {}
    for part in _parts(node):
        match part:
            case Compare(op="=", left=subject, right=Lit(value=value)):
                values = frozenset({value})
            case OneOf(value=subject, options=options, negated=False):
                values = frozenset(options)
            case _:
                continue
        found[subject] = found.get(subject, values) & values
    return found


@dataclass(slots=True)
class _Search:
    """Assigns one subject after another, and turns back as soon as a condition cannot hold."""

    conditions: tuple[Node, ...]
    domains: dict[Node, list[Scalar]]
    named: Mapping[Node, set[Scalar]]
    left: int
    effort: Effort
    parts: int
    chosen: dict[Node, Scalar] = field(default_factory=dict)

    @classmethod
    def of(cls, conditions: tuple[Node, ...], most: int, effort: Effort) -> "_Search":
        parts = tuple(part for node in conditions for part in _parts(node))
        atoms = tuple(_atoms(And(parts)))
        effort.spend(LEAST_EFFORT + len(atoms))
        named: dict[Node, set[Scalar]] = {}
        for atom in atoms:
            named.setdefault(_subject(atom), set()).update(_constants_of(atom))
        domains = {subject: _domain(subject, values) for subject, values in named.items()}
        open_parts = []
        for part in parts:
            about = subjects([part])
            if len(about) == 1:
                (subject,) = about
                domains[subject] = [v for v in domains[subject] if _truth(part, {subject: v})]
            else:
                open_parts.append(part)
        looked_at = len(tuple(_atoms(And(tuple(open_parts))))) + len(domains)
        return cls(tuple(open_parts), domains, named, most, effort, looked_at)

    def first(self) -> Mapping[Node, Scalar] | None:
        """Return the first assignment under which all conditions hold."""
        order = list(self.domains)
        if not all(self.domains.values()):
            return None
        trying = [iter(self.domains[order[0]])] if order else []
        while trying:
            subject = order[len(trying) - 1]
            self.chosen.pop(subject, None)
            for value in trying[-1]:
                self._count()
                self.chosen[subject] = value
                if self._may_hold(subject):
                    break
                del self.chosen[subject]
            if subject not in self.chosen:
                trying.pop()
            elif len(trying) == len(order):
                return self.chosen
            else:
                trying.append(iter(self.domains[order[len(trying)]]))
        return None if order else self._of_constants()

    def _of_constants(self) -> Mapping[Node, Scalar] | None:
        return {} if all(_truth(node, {}) for node in self.conditions) else None

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMany
        self.effort.spend(self.parts)

    def _may_hold(self, last: Node) -> bool:
        if any(_truth(node, self.chosen) is False for node in self.conditions):
            return False
        return not any(_clash(last, other, self) for other in self.chosen)


def _clash(one: Node, other: Node, search: _Search) -> bool:
    """Whether one of two subjects is a field of the other, which is none, and has a value."""
    for whole, part in ((one, other), (other, one)):
        if _within(part, whole) and search.chosen[whole] is None:
            assert isinstance(part, Field | PickField)
            value, absent = search.chosen[part], part.absent
            if value == _OTHER:
                return absent is None or absent in search.named[part]
            return value != absent
    return False


def _within(part: Node, whole: Node) -> bool:
    match whole, part:
        case Field(name=section), Field(name=name) if whole.type.kind == "record":
            return name.startswith(f"{section}.")
        case PickField(pick=pick, name=""), PickField(pick=picked, name=name):
            return pick == picked and name != ""
        case _:
            return False


def _parts(node: Node) -> Iterator[Node]:
    """Yield the conditions that all have to hold for this one to hold."""
    if isinstance(node, And):
        for part in node.parts:
            yield from _parts(part)
    else:
        yield node


def _atoms(node: Node) -> Iterator[Node]:
    """Yield what a condition is made of; what stands inside a list's `where` is no part of it."""
    match node:
        case And() | Or():
            for part in node.parts:
                yield from _atoms(part)
        case Not():
            yield from _atoms(node.value)
        case Lit():
            return
        case _ if node.type.kind == "boolean":
            yield node


def _subject(atom: Node) -> Node:
    """Return what a condition without `and` and `or` looks at; a free condition is its own."""
    match atom:
        case Compare(op=op, left=left, right=Lit()):
            return left if op in ("=", "!=") or left.type.kind in ORDERED else atom
        case OneOf(value=value) | Known(value=value):
            return value
        case _:
            return atom


def _constants_of(atom: Node) -> set[Scalar]:
    """Return the constants that such a condition compares its subject with, and those beside."""
    match atom:
        case Compare(left=left, right=Lit(value=value)) if _subject(atom) is left:
            return _points(left.type.kind, value)
        case OneOf(options=options):
            return set(options)
        case _:
            return set()


def _points(kind: str, value: Scalar) -> set[Scalar]:
    """Return a constant, and for what has an order the values on either side of it."""
    if kind not in ORDERED:
        return {value}
    found: set[Scalar] = {value}
    for step in (-1, 1):
        with suppress(OverflowError):
            found.add(_beside(value, step))
    return found


def _beside(value: Scalar, step: int) -> Scalar:
    match value:
        case bool():
            return value
        case int():
            return value + step
        case datetime():
            return value + step * _MOMENT
        case date():
            return value + timedelta(days=step)
        case time():
            moved = datetime.combine(date(2000, 1, 2), value) + step * _MOMENT
            return moved.time() if moved.day == 2 else value
        case _:
            return value


def _domain(subject: Node, values: set[Scalar]) -> list[Scalar]:
    kind = subject.type
    if kind.kind == "boolean":
        return [True, False, *([None] if kind.nullable else [])]
    possible = values & set(kind.values) if kind.values else values
    domain: list[Scalar] = sorted(possible, key=repr)
    if not (kind.values and set(kind.values) <= possible):
        domain.append(_OTHER)
    return [*domain, None] if kind.nullable else domain


def _truth(node: Node, chosen: Mapping[Node, Scalar]) -> bool | None:
    """Return whether a condition holds, None while that depends on what is not chosen yet."""
    match node:
        case And():
            return _all(_truth(part, chosen) for part in node.parts)
        case Or():
            none = _all(_opposite(_truth(part, chosen)) for part in node.parts)
            return _opposite(none)
        case Not():
            return _opposite(_truth(node.value, chosen))
        case Lit():
            return bool(node.value)
        case _:
            value = chosen.get(_subject(node), _NOT_CHOSEN)
            return None if value is _NOT_CHOSEN else _holds(node, value)


def _all(truths: Iterable[bool | None]) -> bool | None:
    found: bool | None = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def _opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _holds(atom: Node, value: Scalar) -> bool:
    match atom:
        case Compare(op="=", right=Lit(value=constant)):
            return value is not None and value == constant
        case Compare(op="!=", right=Lit(value=constant)):
            return value is not None and value != constant
        case Compare(op=op, left=left, right=Lit(value=constant)) if left.type.kind in ORDERED:
            return value != _OTHER and compare(op, value, constant)
        case OneOf(options=options, negated=negated):
            return value is not None and (value in options) != negated
        case Known(negated=negated):
            return (value is not None) != negated
        case _:
            return bool(value)


def _example(chosen: Mapping[Node, Scalar]) -> Value:
    shown = [
        said("fact-is", name=name, value=_told(subject, value))
        for subject, value in chosen.items()
        if (name := _name_of(subject))
    ]
    return tuple(shown[:4]) or said("nothing-apart")


def _name_of(subject: Node) -> str:
    match subject:
        case Answer(question=question):
            return question
        case Clock(question=question, part=part):
            return f"{question}.{part}"
        case _:
            return str(getattr(subject, "name", ""))


def _told(subject: Node, value: Scalar) -> Value:
    if value is None:
        return "none"
    if value == _OTHER:
        return "known" if subject.type.kind == "record" else said("another-value")
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
