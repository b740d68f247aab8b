"""A chapter of a pack as a policy for zen-engine: the same conditions over the same facts.

The conditions are translated from the typed tree, so the two policies cannot drift apart. That
they are equal is not taken on trust: the benchmark compares what they decide on every case.

Of the forms tried (a row per rule with its whole condition, a column per condition, expressions
with findings by name, a filter over a list, two nodes in a row) the first is zen's fastest.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from reso.engine.compiled import Compiled
from reso.engine.program import Leaf, Leaves, Program
from reso.expressions.tree import (
    And,
    Answer,
    Compare,
    Field,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    PickField,
    Quantity,
    Ref,
    Scalar,
)
from reso.facts.operations import UNKNOWN
from reso.policy.model import Rule

Rail = Literal["true", "possible"]
Fact = bool | int | str | None
NO_ANSWER = "none"
"""An answer that is known to be none, where an open one is null."""
MAYBE = "?"
"""Begins the name of a rule that may come to decide, in the policy for open facts."""


@dataclass(frozen=True)
class ZenChapter:
    """The facts and rules of one chapter, in zen's words.

    Attributes:
        names: the facts, by their place among the program's leaves. A parameter with one value
            for all cases is none of them: it is written into the conditions.
        open_facts: whether answers may be open; the policy then says what may come to decide.
    """

    rules: tuple[Rule, ...]
    names: Mapping[int, str]
    open_facts: bool
    _places: Mapping[Node, int]
    _defined: Mapping[str, Node]

    @classmethod
    def of(cls, compiled: Compiled, program: Program, *, open_facts: bool) -> "ZenChapter":
        """Return the chapter of a generated program."""
        defined = {definition.name: definition.node for definition in compiled.policy.definitions}
        places = {node: index for index, node in enumerate(program._leaf_nodes)}
        names = {
            index: _name(node, index)
            for node, index in places.items()
            if not (isinstance(node, Ref) and isinstance(defined[node.name], Lit))
        }
        return cls(program.rules, names, open_facts, places, defined)

    # -- facts ------------------------------------------------------------------------------

    def facts(self, leaves: Leaves) -> dict[str, Fact]:
        """Return the facts of a case as a flat dict; instants are in seconds since 1970."""
        answers = {place for node, place in self._places.items() if isinstance(node, Answer)}
        return {
            name: _fact(leaves[place], NO_ANSWER if self.open_facts and place in answers else None)
            for place, name in self.names.items()
        }

    # -- the policy -------------------------------------------------------------------------

    def graph(self) -> dict[str, object]:
        """Return a decision graph: one table that collects the rules that decide."""
        return decision_graph(_table(self._rows()))

    def expression(self) -> str:
        """Return the table as one expression, for zen's expression language without a graph."""
        rows = (f"({condition}) ? {json.dumps(rule)} : null" for condition, rule in self._rows())
        return f"filter([{', '.join(rows)}], # != null)"

    def _rows(self) -> Iterable[tuple[str, str]]:
        """Yield (condition, rule); with open facts also those under which a rule may decide."""
        for rule in self.rules:
            decides = self._decides(rule, "true")
            yield decides, rule.name
            possible = self._decides(rule, "possible") if self.open_facts else decides
            if possible != decides:
                yield possible, MAYBE + rule.name

    def _decides(self, rule: Rule, rail: Rail) -> str:
        """A rule decides when it holds, and no bar and no exception to it does."""
        other: Rail = "possible" if rail == "true" else "true"
        against = [self._holds(rival, other) for rival in self.rules if _against(rival, rule)]
        return " and ".join([self._holds(rule, rail), *(f"not ({held})" for held in against)])

    def _holds(self, rule: Rule, rail: Rail) -> str:
        parts = [self._condition(node, rail) for node in rule.when]
        if rule.exception_to:
            excepted = [other for other in self.rules if other.name in rule.exception_to]
            held = " or ".join(f"({self._holds(other, rail)})" for other in excepted)
            parts.append(f"({held or 'false'})")
        return " and ".join(parts)

    def _condition(self, node: Node, rail: Rail) -> str:
        match node:
            case And() | Or():
                word = " and " if isinstance(node, And) else " or "
                return f"({word.join(self._condition(part, rail) for part in node.parts)})"
            case Not():
                other: Rail = "possible" if rail == "true" else "true"
                return f"(not {self._condition(node.value, other)})"
            case Ref():
                return self._condition(self._defined[node.name], rail)
            case Compare(left=Answer() as answer) | OneOf(value=Answer() as answer):
                return self._on_answer(node, answer, rail)
            case Compare():
                return self._compared(node)
            case OneOf() | Known():
                return _tested(node, self._operand(node.value), "")
            case Quantity(what="exists") | Field() | PickField():
                return f"{self._operand(node)} == true"
            case _:
                raise TypeError(f"not translated: {type(node).__name__}")

    def _on_answer(self, node: Compare | OneOf, answer: Answer, rail: Rail) -> str:
        name = self._operand(answer)
        held = _tested(node, name, NO_ANSWER if self.open_facts else "")
        return f"({name} == null or {held})" if self.open_facts and rail == "possible" else held

    def _compared(self, node: Compare) -> str:
        left, right = self._operand(node.left), self._operand(node.right)
        if isinstance(node.right, Lit) and node.op in ("=", "!="):
            return _tested(node, left, "")
        known = [
            f"{source} != null"
            for source, side in ((left, node.left), (right, node.right))
            if side.type.nullable
        ]
        op = "==" if node.op == "=" else node.op
        return f"({' and '.join([*known, f'{left} {op} {right}'])})"

    def _operand(self, node: Node) -> str:
        if isinstance(node, Ref) and isinstance(self._defined[node.name], Lit):
            node = self._defined[node.name]
        return _constant(node.value) if isinstance(node, Lit) else self.names[self._places[node]]


def _tested(node: Node, name: str, no_answer: str) -> str:
    """Return a test of one fact against constants; none meets no test but that for none."""
    known = [f"{name} != null", *([f'{name} != "{no_answer}"'] if no_answer else [])]
    match node:
        case Compare(op="=", right=Lit(value=wanted)):
            return f"{name} == {_constant(wanted)}"
        case Compare(op="!=", right=Lit(value=wanted)):
            return f"({' and '.join([*known, f'{name} != {_constant(wanted)}'])})"
        case OneOf(options=options, negated=negated):
            listed = f"[{', '.join(_constant(option) for option in options)}]"
            if negated:
                return f"({' and '.join([*known, f'{name} not in {listed}'])})"
            return f"{name} in {listed}"
        case Known(negated=negated):
            return f"{name} {'==' if negated else '!='} null"
        case _:
            raise TypeError(f"not translated: {type(node).__name__}")


def _against(rival: Rule, rule: Rule) -> bool:
    bars = rival.kind == "bar" and rule.kind == "rule" and rival.chapter in ("", rule.chapter)
    return bars or rule.name in rival.exception_to


def _name(node: Node, place: int) -> str:
    match node:
        case Field():
            return node.name.replace(".", "_")
        case Ref():
            return node.name
        case Answer():
            return node.question
        case PickField():
            return f"{node.pick}_{node.name or 'is_there'}"
        case Quantity():
            return f"{node.section}_{place}"
        case _:
            return f"worked_out_{place}"


def _fact(value: Leaf, none: str | None) -> Fact:
    match value:
        case datetime():
            return int(value.timestamp())
        case None:
            return none
        case bool() | int() | str():
            return value
        case _ if value is UNKNOWN:
            return None
        case _:
            raise TypeError(f"not translated: {type(value).__name__}")


def _constant(value: Scalar) -> str:
    return json.dumps(_fact(value, None))


# -- graphs -----------------------------------------------------------------------------------


def decision_graph(*nodes: Mapping[str, object]) -> dict[str, object]:
    """Return a graph that runs nodes one after the other (none: it hands its input on)."""
    first = {"id": "in", "name": "in", "type": "inputNode"}
    last = {"id": "out", "name": "out", "type": "outputNode"}
    line = [first, *nodes, last]
    edges = [
        {"id": f"edge{n}", "type": "edge", "sourceId": one["id"], "targetId": two["id"]}
        for n, (one, two) in enumerate(pairwise(line))
    ]
    content_type = "application/vnd.gorules.decision"
    return {"contentType": content_type, "nodes": line, "edges": edges}


def _table(rows: Iterable[tuple[str, str]]) -> dict[str, object]:
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [
            {"_id": f"row{n}", "when": condition, "rule": json.dumps(rule)}
            for n, (condition, rule) in enumerate(rows)
        ],
    }
    return {"id": "rules", "name": "rules", "type": "decisionTableNode", "content": content}
