"""How deep definitions stand in one another: bounded, since evaluating them is as deep."""

from collections.abc import Mapping

from reso.expressions.tree import Node, Ref, children

MAX_CHAIN = 30
MAX_NESTING = 150
MAX_PATH = 60


def nesting(node: Node, below: Mapping[str, int]) -> int:
    """Return how many levels a tree has; `below` are those of the definitions it names."""
    deepest, todo = 0, [(node, 1)]
    while todo:
        part, depth = todo.pop()
        deepest = max(deepest, depth + (below.get(part.name, 0) if isinstance(part, Ref) else 0))
        todo.extend((child, depth + 1) for child in children(part))
    return deepest


def longest_path(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the longest way from name to name in a graph without circles."""
    best: dict[str, list[str]] = {}
    for start in sorted(graph):
        todo = [start]
        while todo:
            name = todo[-1]
            waiting = [n for n in sorted(graph.get(name, ())) if n in graph and n not in best]
            if waiting and name not in best:
                todo.extend(waiting)
                continue
            todo.pop()
            tails = [best[n] for n in sorted(graph.get(name, ())) if n in best]
            best.setdefault(name, [name, *max(tails, key=len, default=[])])
    return max(best.values(), key=len, default=[])
