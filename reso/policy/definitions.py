"""Definitions: parameters, readings and findings, each read when a name first asks for it."""

from dataclasses import dataclass, field, replace
from typing import Literal

from reso.expressions.check import may_compare_none
from reso.expressions.tree import BOOLEAN, ERROR, And, Choice, Func, Lit, Node, Type
from reso.policy.document import Items, Map, Text, Tree
from reso.policy.model import Definition
from reso.policy.nesting import MAX_CHAIN, MAX_NESTING, nesting
from reso.policy.parameters import ParameterReader
from reso.policy.reading import Body, Entry, Expressions, failed, phrase, source_names
from reso.policy.sections import Sections

NAMED = ("parameters", "facts", "readings", "findings")
READING_WORDS = ("value", "source", "chosen", "says")
BROKEN = Lit(None, ERROR)
TYPES = ("boolean", "integer", "money", "rate", "instant", "date", "enum", "text", "duration")


@dataclass(slots=True)
class Definitions:
    """The names a pack defines. `expressions` and `parameters` are set before the first use."""

    sections: Sections
    expressions: Expressions = field(init=False)
    parameters: ParameterReader = field(init=False)
    found: dict[str, Definition] = field(default_factory=dict)
    _resolving: list[str] = field(default_factory=list)
    _levels: dict[str, int] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return every name the pack defines."""
        return [name for section in NAMED for name in self.sections.named(section)]

    def resolve(self, name: str) -> Type | None:
        """Return the type of a name, reading its definition when first asked; None: flawed."""
        if name in self.found:
            node = self.found[name].node
            return None if failed(node) else node.type
        entry = next(self.sections.named(s)[name] for s in NAMED if name in self.sections.named(s))
        if name in self._resolving:
            circle = " -> ".join([*self._resolving[self._resolving.index(name) :], name])
            entry.problem("circle-of-definitions", name=name, circle=circle)
            return None
        if len(self._resolving) == MAX_CHAIN:
            entry.problem("definitions-too-deep", name=self._resolving[0], most=MAX_CHAIN)
            return None
        self._resolving.append(name)
        definition = self._bounded(entry, self._define(name, entry))
        self._resolving.pop()
        self.found[name] = definition
        return None if failed(definition.node) else definition.node.type

    def _bounded(self, entry: Entry, definition: Definition) -> Definition:
        levels = self._levels[entry.name] = nesting(definition.node, self._levels)
        if levels <= MAX_NESTING:
            return definition
        entry.problem("definition-too-deep", name=entry.name, most=MAX_NESTING)
        self._levels[entry.name] = 1
        return replace(definition, node=BROKEN)

    def _define(self, name: str, entry: Entry) -> Definition:
        if name in self.sections.named("parameters"):
            node = self.parameters.node(entry)
            return self._described(entry, "parameter", node)
        if name in self.sections.named("facts"):
            return self._fact(entry)
        if name in self.sections.named("readings"):
            return self._described(entry, "reading", self._reading(entry))
        return self._finding(entry)

    def _fact(self, entry: Entry) -> Definition:
        """Read a fact drawn from the case: what it is, its type, and what its absence means."""
        body = entry.body(("is", "type", "unit", "absent", "meaning"))
        text, declared = body.tree("is"), body.choice("type", TYPES)
        if not isinstance(text, Text) or not declared or not body.text("meaning"):
            entry.problem("fact-incomplete", name=entry.name)
            return self._as_fact(entry, BROKEN)
        node = self.expressions.value(entry.document, text)
        if failed(node):
            return self._as_fact(entry, node)
        if node.type.kind != declared:
            found = node.type.said()
            entry.problem(
                "fact-of-another-type", text.mark, name=entry.name, declared=declared, found=found
            )
            return self._as_fact(entry, BROKEN)
        absent = body.single("absent")
        if absent is not None and absent.value != "none":
            default = self.expressions.value(entry.document, absent, node.type.optional(False))
            args = (node, default)
            node = default if failed(default) else Func("first_known", args, default.type)
        return self._as_fact(entry, node)

    def _as_fact(self, entry: Entry, node: Node) -> Definition:
        return Definition(entry.name, "fact", node, None, entry.mark)

    def _described(
        self, entry: Entry, kind: Literal["parameter", "reading"], node: Node
    ) -> Definition:
        says, chosen = None, ""
        sources: tuple[str, ...] = ()
        if isinstance(entry.tree, Map) and "value" in entry.tree.entries:
            body = Body(entry, entry.tree)
            says = phrase(self.expressions, body, "says")
            chosen = body.text("chosen")
            sources = source_names(body, self.sections.sources())
        return Definition(entry.name, kind, node, says, entry.mark, chosen, sources)

    def _reading(self, entry: Entry) -> Node:
        tree: Tree | None = entry.tree
        if isinstance(tree, Map) and "value" in tree.entries:
            tree = entry.body(READING_WORDS).tree("value")
        if isinstance(tree, Text):
            return self.expressions.value(entry.document, tree)
        if isinstance(tree, Items):
            return self._choice(entry, tree)
        entry.problem("reading-shape")
        return BROKEN

    def _choice(self, entry: Entry, tree: Items) -> Node:
        branches: list[tuple[Node, Node]] = []
        otherwise: Node | None = None
        for item in tree.items:
            if not isinstance(item, Map):
                entry.problem("branch-shape", item.mark)
                continue
            body = Body(entry, item).only(("when", "then", "otherwise"))
            if body.tree("otherwise") is not None:
                last = body.single("otherwise")
                otherwise = self.expressions.value(entry.document, last) if last else BROKEN
                continue
            then = body.tree("then")
            when = self.expressions.all_of(entry.document, body.texts("when"))
            if when is None or not isinstance(then, Text):
                entry.problem("branch-incomplete", item.mark)
                continue
            branches.append((when, self.expressions.value(entry.document, then)))
        values = [value for _, value in branches] + ([otherwise] if otherwise else [])
        if not values or any(failed(value) for value in values):
            return BROKEN
        if len({value.type.kind for value in values}) > 1:
            entry.problem("branches-differ", name=entry.name)
            return BROKEN
        nullable = otherwise is None or any(value.type.nullable for value in values)
        return Choice(tuple(branches), otherwise, values[0].type.optional(nullable))

    def _finding(self, entry: Entry) -> Definition:
        says = None
        sources: tuple[str, ...] = ()
        if isinstance(entry.tree, Map):
            body = entry.body(("when", "says", "source"))
            texts = body.texts("when")
            sources = source_names(body, self.sections.citable())
            says = phrase(self.expressions, body, "says")
        else:
            texts = Body(entry, Map({}, {}, entry.mark)).texts_of(entry.tree, entry.name)
        nodes = self.expressions.conditions(entry.document, texts)
        if not nodes or any(failed(node) for node in nodes):
            return Definition(entry.name, "finding", BROKEN, says, entry.mark)
        nullable = any(may_compare_none(node) for node in nodes)
        node = And(nodes, BOOLEAN.optional(nullable))
        return Definition(entry.name, "finding", node, says, entry.mark, "", sources)
