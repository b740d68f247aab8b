"""What can be told of an expression before it is written."""

from collections.abc import Mapping

from reso.expressions.tree import And, Known, Lit, Node, Not, Or, Quantity, Ref, walk
from reso.model.time import Duration


def is_sure(node: Node) -> bool:
    """Whether a condition is written so that it is never NULL."""
    match node:
        case And() | Or():
            return all(is_sure(part) for part in node.parts)
        case Not() | Known() | Ref() | Quantity(what="exists") | Lit(value=bool()):
            return True
        case _:
            return False


def lengths(node: Node, definitions: Mapping[str, Node]) -> set[Duration]:
    """Return the durations an expression can yield, through the names it mentions."""
    found: set[Duration] = set()
    todo, seen = [node], set[str]()
    while todo:
        for part in walk(todo.pop()):
            if isinstance(part, Lit) and isinstance(part.value, Duration):
                found.add(part.value)
            if isinstance(part, Ref) and part.name not in seen:
                seen.add(part.name)
                todo.append(definitions[part.name])
    return found
