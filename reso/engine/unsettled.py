"""What is open in the conditions of rules, and which values it may turn out to have."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from reso.engine.needed import Variable
from reso.engine.valuation import Valuation
from reso.expressions.tree import (
    Answer,
    Compare,
    Contains,
    Field,
    Known,
    Node,
    OneOf,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.facts.interpret import is_down
from reso.facts.operations import UNKNOWN
from reso.policy.model import Policy, Rule

Domain = tuple[object, tuple[Scalar, ...]]
"""What is open, a question or a part of a condition, and the values it may turn out to have."""


def open_variables(rules: Iterable[Rule], values: Valuation) -> list[tuple[Variable, Domain]]:
    """Return what is open in the conditions of these rules, in a fixed order.

    A question's domain is its answers; an `exists` that may still come true has no and yes; a
    fact whose source is down has each of its values, or one value per interval between the
    constants it is compared with.
    """
    found: dict[str, tuple[Variable, Domain]] = {}
    for node in conditions_of(rules, values.policy):
        match node:
            case Answer(question=name) if values.question(name).unknown:
                question = next(q for q in values.policy.questions if q.name == name)
                domain: tuple[Scalar, ...] = question.domain()
                owners = frozenset({name})
                if values.blind(name):
                    domain, owners = (*domain, None), frozenset(down_sources(values))
                found[name] = (Variable(name, owners, len(domain)), (name, domain))
            case Quantity(what="exists") if values.holds(node) is UNKNOWN:
                owners = values.adding_to(node)
                if values.reads_down(node) or any(values.blind(owner) for owner in owners):
                    owners = frozenset(down_sources(values))
                name = f"exists {node.section} {node.where!r}"
                found[name] = (Variable(name, owners, 2), (node, (False, True)))
            case Compare() | OneOf() | Known() | Contains() if values.down:
                found |= _down_variable(node, values)
            case Field(type=kind) if kind.kind == "boolean" and values.holds(node) is UNKNOWN:
                found |= _field_variable(node, values)
    return [found[name] for name in sorted(found)]


def _down_variable(node: Node, values: Valuation) -> dict[str, tuple[Variable, Domain]]:
    """Return the variable behind a comparison that a source which is down leaves unknown.

    A field compared with something known is a variable with its own values; any other comparison
    is taken as a whole: no or yes.
    """
    if values.holds(node) is not UNKNOWN or any(isinstance(n, Answer) for n in walk(node)):
        return {}
    subject = node.left if isinstance(node, Compare) else getattr(node, "value", None)
    if isinstance(subject, Field) and (found := _field_variable(subject, values)):
        return found
    owners = frozenset(down_sources(values))
    return {repr(node): (Variable(repr(node), owners, 2), (node, (False, True)))}


def _field_variable(field: Field, values: Valuation) -> dict[str, tuple[Variable, Domain]]:
    owners = [name for name in values.down if is_down(field.name, frozenset({name}))]
    domain = _values_to_try(field, values) if owners else ()
    if not domain:
        return {}
    owner = frozenset({f"source:{owners[0]}"})
    return {field.name: (Variable(field.name, owner, len(domain)), (field, domain))}


def _values_to_try(subject: Field, values: Valuation) -> tuple[Scalar, ...]:
    """Return each value of an enumeration, or one per interval between the known constants."""
    none: tuple[Scalar, ...] = (None,) if subject.type.nullable else ()
    kind = subject.type.kind
    if kind == "boolean":
        return (False, True, *none)
    if kind == "enum" and subject.type.values:
        return (*subject.type.values, *none)
    constants = _constants_beside(subject, values)
    if constants is None:
        return ()
    step: object = timedelta(microseconds=1) if kind == "instant" else 1
    tried: set[Scalar] = set()
    for constant in constants:
        tried |= {constant - step, constant, constant + step}  # type: ignore[operator]
    return (*sorted(tried), *none)  # type: ignore[type-var]


def _constants_beside(subject: Field, values: Valuation) -> set[Scalar] | None:
    """Return what a field is compared with; None when a comparison is not that plain."""
    found: set[Scalar] = set()
    for node in conditions_of(values.policy.rules, values.policy):
        if not isinstance(node, Compare | OneOf) or subject not in walk(node):
            continue
        if not isinstance(node, Compare) or node.left != subject:
            return None
        other = values.of(node.right)
        if not isinstance(other, int | datetime):
            return None
        found.add(other)
    return found or None


def conditions_of(rules: Iterable[Rule], policy: Policy) -> list[Node]:
    """Return every node of the rules' conditions, those of the findings they name included."""
    nodes = {d.name: d.node for d in policy.definitions}
    todo = [node for rule in rules for node in rule.when]
    seen: set[str] = set()
    found: list[Node] = []
    while todo:
        for node in walk(todo.pop()):
            found.append(node)
            if isinstance(node, Ref) and node.name not in seen:
                seen.add(node.name)
                todo.append(nodes[node.name])
    return found


def down_sources(values: Valuation) -> tuple[str, ...]:
    """Return the sources that are down, named as what is needed."""
    return tuple(f"source:{name}" for name in sorted(values.down))
