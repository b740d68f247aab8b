"""Conditions with the names of findings and plain parameters written out, so that they compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reso.expressions.tree import And, Compare, Lit, Node, Not, Or, Ref
from reso.policy.model import Policy

MAX_PARTS = 5_000
"""Parts of a condition with the findings it names written out."""


@dataclass(slots=True)
class Spelling:
    """Writes out the findings and plain parameters that conditions of a policy name.

    What would come to more than `MAX_PARTS` parts stays a name, which is free to hold or not.
    """

    findings: Mapping[str, Node]
    plain: Mapping[str, Node]
    _written: dict[str, tuple[Node, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy) -> "Spelling":
        """Return the spelling of a policy's own names."""
        found = {d.name: d.node for d in policy.definitions if d.kind == "finding"}
        plain = {d.name: d.node for d in policy.definitions if isinstance(d.node, Lit)}
        return cls(found, plain)

    def out(self, node: Node) -> Node:
        """Return a condition with the findings and plain parameters it names written out."""
        whole, parts = self._out(node)
        return whole if parts <= MAX_PARTS else node

    def _out(self, node: Node) -> tuple[Node, int]:
        """Return a condition written out, and of how many parts it is."""
        match node:
            case Compare(right=Ref(name=name)) if name in self.plain:
                return Compare(node.op, node.left, self.plain[name]), 1
            case Ref(name=name) if name in self.findings:
                return self._finding(node)
            case And() | Or():
                found = [self._out(part) for part in node.parts]
                whole = type(node)(tuple(part for part, _ in found))
                return whole, 1 + sum(parts for _, parts in found)
            case Not():
                inner, parts = self._out(node.value)
                return Not(inner), 1 + parts
            case _:
                return node, 1

    def _finding(self, ref: Ref) -> tuple[Node, int]:
        if ref.name not in self._written:
            whole, parts = self._out(self.findings[ref.name])
            self._written[ref.name] = (whole, parts) if parts <= MAX_PARTS else (ref, 1)
        return self._written[ref.name]
