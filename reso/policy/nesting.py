"""Names that name others: the circles among them, and how deep they stand in one another.

The depth is bounded, since evaluating them is as deep.
"""

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


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return one circle per tangled group of names, each in its order, none when there is none."""
    state: dict[str, int] = {}
    found: list[list[str]] = []
    for start in sorted(graph):
        if start in state:
            continue
        path: list[str] = [start]
        todo = [iter(sorted(graph[start]))]
        state[start] = 1
        while todo:
            following = next(todo[-1], None)
            if following is None:
                state[path.pop()] = 2
                todo.pop()
            elif state.get(following) == 1:
                found.append(path[path.index(following) :])
            elif following in graph and following not in state:
                state[following] = 1
                path.append(following)
                todo.append(iter(sorted(graph[following])))
    return found
