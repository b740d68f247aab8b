"""The definitions once more, by brute force: every way in which what is open may turn out.

Nothing here looks at `reso.engine.logic` or `reso.engine.needed`: rules are judged two-valued, by
the textbook, once for every completion.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations, product
from math import prod

from reso.engine.conclude import Concluder
from reso.engine.judgement import Judgement, Resolved
from reso.expressions.tree import (
    Answer,
    Compare,
    ItemField,
    Lit,
    Node,
    OneOf,
    Pick,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.facts.calendar import Calendar
from reso.facts.interpret import Maybe, World, earliest_instant, items_where, pick, truth, value
from reso.facts.operations import UNKNOWN, Rounding, Unknown
from reso.model.case import Case, Record
from reso.policy.model import Acts, Policy, Rule

MOST = 4_096


@dataclass(frozen=True)
class Open:
    """Something open: a question, or an `exists`; known when all its owners are answered."""

    thing: str | Quantity
    owners: frozenset[str]
    domain: tuple[Scalar, ...]


@dataclass
class Told(World):
    """A world in which everything has been told: `told` says how what is open turned out."""

    policy: Policy
    judgement: Judgement
    told: Mapping[str | Quantity, Scalar] = field(default_factory=dict)
    down: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.case: Case = self.judgement.world.case
        self.calendar: Calendar = self.judgement.world.calendar
        self.rounding: Rounding = self.policy.rounding
        self.earliest: datetime = earliest_instant(self.case)
        self._nodes = {d.name: d.node for d in self.policy.definitions}
        self._picks = dict(self.policy.picks)

    def ref(self, name: str) -> Maybe:
        return value(self._nodes[name], self)

    def picked(self, name: str) -> Record | Unknown | None:
        node = self._picks[name]
        assert isinstance(node, Pick)
        return pick(node, self)

    def answer(self, question: str) -> Maybe:
        state = self.judgement.world.question(question)
        return self.told[question] if state.unknown else state.answer

    def clock(self, question: str, part: str) -> Maybe:
        found: Scalar = getattr(self.judgement.world.question(question), part)
        return found

    def may_come(self, node: Quantity) -> bool:
        return node in self.told

    def assume(self, node: Node) -> Maybe:
        return self.told.get(node, UNKNOWN) if isinstance(node, Quantity) else UNKNOWN


@dataclass(frozen=True)
class Completions:
    """What a matter comes to in every completion."""

    open: tuple[Open, ...]
    results: Mapping[tuple[Scalar, ...], frozenset[Resolved]]

    @property
    def outcomes(self) -> frozenset[frozenset[Resolved]]:
        """The different results."""
        return frozenset(self.results.values())

    def settle(self, questions: Iterable[str]) -> bool:
        """Whether completions that agree on these questions agree in the result."""
        known = frozenset(questions)
        fixed = [index for index, thing in enumerate(self.open) if thing.owners <= known]
        seen: dict[tuple[Scalar, ...], set[frozenset[Resolved]]] = {}
        for completion, result in self.results.items():
            seen.setdefault(tuple(completion[i] for i in fixed), set()).add(result)
        return all(len(results) == 1 for results in seen.values())

    def smallest(self) -> list[tuple[str, ...]]:
        """Return every smallest set of questions that settles."""
        owners = sorted({owner for thing in self.open for owner in thing.owners})
        for size in range(len(owners) + 1):
            found = [chosen for chosen in combinations(owners, size) if self.settle(chosen)]
            if found:
                return found
        raise AssertionError("not even all questions settle the matter")


def completions(policy: Policy, judgement: Judgement, matter: str) -> Completions | None:
    """Return what a matter comes to in every completion, None when there are too many."""
    rules = [rule for rule in policy.rules if rule.chapter in ("", judgement.chapter)]
    things = tuple(_open(policy, judgement, rules))
    if prod(len(thing.domain) for thing in things) > MOST:
        return None
    concluder = Concluder(policy)
    world = judgement.world
    otherwise = concluder.resolve(concluder.otherwise(judgement.chapter, matter), world)
    resolved = {rule.name: concluder.resolve(rule.conclude, world) for rule in rules}
    results = {}
    for chosen in product(*(thing.domain for thing in things)):
        told = {thing.thing: said for thing, said in zip(things, chosen, strict=True)}
        decides = deciding(rules, Told(policy, judgement, told))
        ours = {resolved[rule.name] for rule in rules if rule.matter == matter and rule in decides}
        results[chosen] = frozenset(ours or {otherwise})
    return Completions(things, results)


def deciding(rules: Sequence[Rule], world: Told) -> list[Rule]:
    """Return the rules that decide, by the book."""
    held: set[str] = set()
    # Exceptions have no circles: after as many rounds as there are rules, nothing changes.
    for _ in rules:
        held |= {
            rule.name
            for rule in rules
            if all(truth(node, world) is True for node in rule.when)
            and (not rule.exception_to or held & set(rule.exception_to))
        }
    barred = {
        rule.name
        for rule in rules
        for bar in rules
        if rule.kind == "rule" and bar.kind == "bar" and bar.name in held
        if bar.chapter in ("", rule.chapter)
    }
    excepted = {name for rule in rules if rule.name in held for name in rule.exception_to}
    return [rule for rule in rules if rule.name in held - barred - excepted]


def _open(policy: Policy, judgement: Judgement, rules: Sequence[Rule]) -> Iterator[Open]:
    """Yield what is open of all that the conditions of these rules mention."""
    nodes = list(dict.fromkeys(_conditions(policy, rules)))
    unknown = {q.name for q in policy.questions if judgement.world.question(q.name).unknown}
    for name in sorted({node.question for node in nodes if isinstance(node, Answer)} & unknown):
        domain = next(q for q in policy.questions if q.name == name).domain()
        yield Open(name, frozenset({name}), domain)
    for node in nodes:
        if isinstance(node, Quantity) and node.what == "exists":
            owners = frozenset(
                question.name
                for question in policy.questions
                if question.name in unknown and not question.stage
                for answer in question.answers
                if any(_could_be(policy, acts, node) for acts in answer.acts)
            )
            if owners and not items_where(node.section, node.where, Told(policy, judgement)):
                yield Open(node, owners, (False, True))


def _conditions(policy: Policy, rules: Iterable[Rule]) -> Iterator[Node]:
    definitions = {d.name: d.node for d in policy.definitions}
    todo = [node for rule in rules for node in rule.when]
    seen: set[str] = set()
    while todo:
        for node in walk(todo.pop()):
            yield node
            if isinstance(node, Ref) and node.name not in seen:
                seen.add(node.name)
                todo.append(definitions[node.name])


def _could_be(policy: Policy, acts: Acts, node: Quantity) -> bool:
    """Whether some item is both an act of these and what `exists` looks for: all are tried."""
    if acts.section != node.section:
        return False
    wheres = [where for where in (acts.where, node.where) if where is not None]
    tried: dict[str, set[Scalar]] = {}
    for part in (inner for where in wheres for inner in walk(where)):
        match part:
            case Compare(left=ItemField(name=name), right=Lit(value=constant)):
                tried.setdefault(name, {None}).add(constant)
            case OneOf(value=ItemField(name=name), options=options):
                tried.setdefault(name, {None}).update(options)
            case ItemField(name=name, type=kind) if kind.kind == "boolean":
                tried.setdefault(name, {None}).update((True, False))
            case ItemField(name=name, type=kind) if kind.kind in ("money", "integer"):
                tried.setdefault(name, {None}).update((0, 10**9))
    world = _Nowhere(policy)
    items = ({**dict(zip(tried, said, strict=True))} for said in product(*tried.values()))
    return any(all(truth(where, world, item) is True for where in wheres) for item in items)


class _Nowhere(World):
    """A world of which only the item looked at is known; all money of the case is 1."""

    def __init__(self, policy: Policy) -> None:
        amounts = {f.path: 1 for f in policy.table.fields.values() if f.type == "money"}
        self.case = Case(datetime.min.replace(tzinfo=UTC), None, amounts, {})
        self.calendar = policy.calendar
        self.rounding = policy.rounding
        self.earliest = datetime.min.replace(tzinfo=UTC)
        self.down = frozenset()
