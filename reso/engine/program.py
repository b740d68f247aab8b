"""The rules of one chapter as one generated function over a tuple of leaves.

A leaf is what a condition compares: a fact's value, an answer, or whether something exists. From
the leaves, `two_valued` yields which rules hold and decide when nothing is open; `rails` yields
the same as (is true, is possible) pairs; `pattern` yields all a ruling can depend on: the truth
of every comparison of known facts, and the open leaves as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import cast

from reso.engine.codegen import Rail, Writer, answer_test
from reso.engine.expressions import CompiledExpressions
from reso.engine.logic import with_rivals
from reso.expressions.tree import (
    And,
    Answer,
    Compare,
    Contains,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.facts.operations import UNKNOWN, Unknown
from reso.policy.model import Policy, Question, Rule

Leaf = Scalar | Unknown
Leaves = tuple[Leaf, ...]
Flags = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class OpenLeaf:
    """A leaf that can be unknown: an answer, or an `exists` that may still come true."""

    index: int
    name: str
    owners: frozenset[str]
    domain: tuple[Scalar, ...]


@dataclass
class _RuleWriter(Writer):
    """Writes conditions over leaves: operands become local variables `v0`, `v1`, ..."""

    leaves: dict[Node, int] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    written: dict[tuple[str, Rail], str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    atoms: dict[Node, str] = field(default_factory=dict)
    base: Writer | None = None

    def leaf(self, node: Node) -> str:
        """Return the local variable of a leaf."""
        return f"v{self.leaves.setdefault(node, len(self.leaves))}"

    def operand(self, node: Node) -> tuple[str, str]:
        """Operands are leaves; constants stay constants."""
        source = self.constant(node.value) if isinstance(node, Lit) else self.leaf(node)
        return source, source

    def finding(self, node: Ref, rail: Rail) -> str:
        """A finding is a local variable, computed once per rail."""
        actual: Rail = rail if self.may_be_unknown(node) else "true"
        key = (node.name, actual)
        if key not in self.written:
            source = self.condition(self.nodes[node.name], actual)
            name = f"f{len(self.written)}"
            self.lines.append(f"{name} = {source}")
            self.written[key] = name
        return self.written[key]

    def exists(self, node: Quantity, rail: Rail) -> str:
        """`exists` is a leaf: yes, no, or unknown."""
        name = self.leaf(node)
        if rail == "possible" and self.adds(node):
            return f"({name} is not False)"
        return f"({name} is True)"

    def answer(self, node: Node, subject: Answer, rail: Rail) -> str:
        """An answer is a leaf; while unknown it equals no answer, and is possibly any."""
        name = self.leaf(subject)
        held = answer_test(node, name, self.constant)
        if rail == "possible":
            return f"({name} is U or {held})"
        return f"({name} is not U and {held})"

    def known_atom(self, node: Node) -> str:
        """A comparison of known facts, remembered for the pattern."""
        source = super().known_atom(node)
        self.atoms.setdefault(node, source)
        return source

    def condition(self, node: Node, rail: Rail) -> str:
        """Boolean facts are leaves as well."""
        match node:
            case And() | Or() | Not() | Compare() | OneOf() | Contains() | Known() | Ref():
                return super().condition(node, rail)
            case Quantity(what="exists") | Lit():
                return super().condition(node, rail)
            case _:
                source = f"({self.leaf(node)} is True)"
                self.atoms.setdefault(node, source)
                return source


class Program:
    """The rules of one chapter, generated once per policy version."""

    def __init__(self, policy: Policy, chapter: str, made: CompiledExpressions) -> None:
        self.chapter = chapter
        self.rules = tuple(rule for rule in policy.rules if rule.chapter in ("", chapter))
        self.names = tuple(rule.name for rule in self.rules)
        self.questions: tuple[Question, ...] = policy.questions_of(chapter)
        self._nodes = {d.name: d.node for d in policy.definitions}
        self._made = made
        writer = self._writes = self._writer()
        self._two_valued_source = self._two_valued(writer)
        self.rails = cast(Callable[[Leaves], tuple[Flags, ...]], self._rails(writer.leaves))
        self._leaf_nodes = tuple(writer.leaves)
        self.leaves = cast(Callable[[object], Leaves], self._leaves())
        self.inputs = _inputs(writer)
        self.open_leaves = tuple(self._open_leaves())
        self.open_indexes = tuple(leaf.index for leaf in self.open_leaves)
        self._open_by_finding: dict[str, frozenset[OpenLeaf]] = {}

    def _writer(self) -> _RuleWriter:
        base = self._made.writer
        writer = _RuleWriter(base.rounding, base.may_be_unknown, base.adds, nodes=self._nodes)
        writer.namespace["U"] = UNKNOWN
        return writer

    @cached_property
    def two_valued(self) -> Callable[[Leaves], tuple[Flags, Flags]]:
        """Leaves -> (which rules hold, which decide), with nothing open; compiled when needed."""
        made = self._writes.compiled("two_valued", self._two_valued_source)
        return cast(Callable[[Leaves], tuple[Flags, Flags]], made)

    @cached_property
    def pattern(self) -> Callable[[Leaves], tuple[object, ...]]:
        """Leaves -> truth of each comparison, then the open leaves as they are; see above."""
        made = self._writes.compiled("pattern", self._pattern(self._writes))
        return cast(Callable[[Leaves], tuple[object, ...]], made)

    def is_open(self, leaves: Leaves) -> bool:
        """Whether an answer or an `exists` is unknown."""
        return any(leaves[index] is UNKNOWN for index in self.open_indexes)

    def open_leaves_of(self, rules: Iterable[str]) -> list[OpenLeaf]:
        """Return the open leaves that bear on these rules, by name."""
        found = {leaf for name in rules for leaf in self._open_by_rule[name]}
        return sorted(found, key=lambda leaf: leaf.name)

    # -- generated functions ----------------------------------------------------------------

    def _two_valued(self, writer: _RuleWriter) -> str:
        """Return the source of `two_valued`; on the way the writer meets every leaf."""
        holds = self._statuses(writer, "true")
        lines = [*self._unpack(writer), *writer.lines, *holds.lines]
        held = _tuple(holds.held[name] for name in self.names)
        decides = _tuple(holds.decides[name] for name in self.names)
        return _function("two_valued", lines, f"{held}, {decides}")

    def _rails(self, leaves: Mapping[Node, int]) -> Callable[..., object]:
        """Generate: leaves -> per rule (holds true, possible, decides true, possible, ...)."""
        writer = self._writer()
        writer.leaves = dict(leaves)
        statuses = _Rails(writer, self.rules)
        lines = [*self._unpack(writer), *writer.lines, *statuses.lines]
        pairs = _tuple(statuses.of(name) for name in self.names)
        return writer.compiled("rails", _function("rails", lines, pairs))

    def _statuses(self, writer: _RuleWriter, rail: Rail) -> "_TwoValued":
        return _TwoValued(writer, self.rules, rail)

    def _unpack(self, writer: _RuleWriter) -> list[str]:
        names = "".join(f"v{index}, " for index in writer.leaves.values())
        return [f"{names}= v"] if names else []

    def _leaves(self) -> Callable[..., object]:
        """Generate: context -> leaves; open answers and `exists` come out unknown."""
        writer = self._made.writer
        writer.namespace["U"] = UNKNOWN
        parts = [self._leaf_source(writer, node) for node in self._leaf_nodes]
        return writer.function("leaves", _tuple(parts))

    def _leaf_source(self, writer: Writer, node: Node) -> str:
        if isinstance(node, Answer):
            return f"c.open_answer({node.question!r})"
        if isinstance(node, Quantity) and node.what == "exists":
            found = writer.value(node)
            owners = self._made.adds(node)
            return f"({found} or (U if c.any_open({owners!r}) else False))" if owners else found
        return writer.value(node)

    def _pattern(self, writer: _RuleWriter) -> str:
        sources = [writer.atoms.get(node) or writer.leaf(node) for node in self.inputs]
        lines = self._unpack(writer)
        return _function("pattern", lines, _tuple(sources))

    # -- open leaves ------------------------------------------------------------------------

    def _open_leaves(self) -> Iterable[OpenLeaf]:
        domains = {question.name: question.domain() for question in self.questions}
        for index, node in enumerate(self._leaf_nodes):
            if isinstance(node, Answer) and node.question in domains:
                name = node.question
                yield OpenLeaf(index, name, frozenset({name}), domains[name])
            elif isinstance(node, Quantity) and node.what == "exists":
                owners = frozenset(self._made.adds(node)) & domains.keys()
                if owners:
                    name = f"exists {node.section} {node.where!r}"
                    yield OpenLeaf(index, name, frozenset(owners), (False, True))

    @cached_property
    def _open_by_rule(self) -> dict[str, frozenset[OpenLeaf]]:
        """The open leaves by rule, worked out when a matter is first left open."""
        own = {rule.name: self._open_in(rule.when) for rule in self.rules}
        return {
            rule.name: frozenset().union(
                *(own[rival.name] for rival in with_rivals([rule.name], self.rules))
            )
            for rule in self.rules
        }

    @cached_property
    def _open_nodes(self) -> dict[Node, OpenLeaf]:
        return {self._leaf_nodes[leaf.index]: leaf for leaf in self.open_leaves}

    def _open_in(self, conditions: Iterable[Node]) -> frozenset[OpenLeaf]:
        """Return the open leaves that conditions read, through the findings they name."""
        found: set[OpenLeaf] = set()
        for part in chain.from_iterable(map(walk, conditions)):
            if isinstance(part, Ref):
                found |= self._open_in_finding(part.name)
            elif isinstance(part, Answer | Quantity) and part in self._open_nodes:
                found.add(self._open_nodes[part])
        return frozenset(found)

    def _open_in_finding(self, name: str) -> frozenset[OpenLeaf]:
        if name not in self._open_by_finding:
            self._open_by_finding[name] = self._open_in([self._nodes[name]])
        return self._open_by_finding[name]


@dataclass
class _TwoValued:
    """Rule statuses as local variables, one rail."""

    writer: _RuleWriter
    rules: Sequence[Rule]
    rail: Rail
    held: dict[str, str] = field(default_factory=dict)
    decides: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._hold(rule)
        for rule in self.rules:
            against = [self.held[bar.name] for bar in self.rules if bars(bar, rule)]
            against += [self.held[x.name] for x in self.rules if rule.name in x.exception_to]
            blocked = "".join(f" and not {name}" for name in dict.fromkeys(against))
            name = f"d{len(self.decides)}"
            self.lines.append(f"{name} = {self.held[rule.name]}{blocked}")
            self.decides[rule.name] = name

    def _hold(self, rule: Rule) -> str:
        if rule.name in self.held:
            return self.held[rule.name]
        others = [r for r in self.rules if r.name in rule.exception_to]
        excepted = [self._hold(other) for other in others]
        parts = [self.writer.condition(node, self.rail) for node in rule.when]
        if rule.exception_to:
            parts.append(f"({' or '.join(excepted)})" if excepted else "False")
        name = f"h{len(self.held)}"
        self.lines.append(f"{name} = {' and '.join(parts)}")
        self.held[rule.name] = name
        return name


@dataclass
class _Rails:
    """Rule statuses on both rails, and what stands in a rule's way."""

    writer: _RuleWriter
    rules: Sequence[Rule]
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._hold(rule)

    def _hold(self, rule: Rule) -> tuple[str, str]:
        if rule.name in self.held:
            return self.held[rule.name]
        others = [self._hold(r) for r in self.rules if r.name in rule.exception_to]
        number = len(self.held)
        names = (f"t{number}", f"p{number}")
        self.held[rule.name] = names
        rails: tuple[Rail, Rail] = ("true", "possible")
        for position, rail in enumerate(rails):
            parts = [self.writer.condition(node, rail) for node in rule.when]
            if rule.exception_to:
                either = " or ".join(other[position] for other in others)
                parts.append(f"({either})" if others else "False")
            self.lines.append(f"{names[position]} = {' and '.join(parts)}")
        return names

    def of(self, name: str) -> str:
        """Return source for (holds, barred, excepted), each as a pair of rails."""
        rule = next(r for r in self.rules if r.name == name)
        barring = [self.held[x.name] for x in self.rules if bars(x, rule)]
        exceptions = [self.held[x.name] for x in self.rules if name in x.exception_to]
        pairs = [self.held[name], *(_either(against) for against in (barring, exceptions))]
        return _tuple(f"({true}), ({possible})" for true, possible in pairs)


def _inputs(writer: _RuleWriter) -> tuple[Node, ...]:
    """Return what each place of a pattern stands for: comparisons, then answers and `exists`."""
    kept = [node for node in writer.leaves if may_be_open(node)]
    return (*writer.atoms, *kept)


def may_be_open(node: Node) -> bool:
    """Whether a leaf is an answer or an `exists`, which a pattern holds as it is."""
    return isinstance(node, Answer) or (isinstance(node, Quantity) and node.what == "exists")


def _either(pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    true, possible = (" or ".join(pair[rail] for pair in pairs) for rail in (0, 1))
    return true or "False", possible or "False"


def bars(bar: Rule, rule: Rule) -> bool:
    """Whether one rule is a bar that silences the other."""
    return bar.kind == "bar" and rule.kind == "rule" and bar.chapter in ("", rule.chapter)


def _tuple(parts: Iterable[str]) -> str:
    inner = "".join(f"{part}, " for part in parts)
    return f"({inner})" if inner else "()"


def _function(name: str, lines: Sequence[str], result: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"def {name}(v):\n{body}    return {result}\n"
