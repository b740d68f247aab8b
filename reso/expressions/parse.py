"""Text to raw tree: the quick reader reads what it can, Lark the rest, and words its errors."""

from functools import lru_cache

from reso.expressions.quick import quick_tree
from reso.expressions.raw import Flaw, FlawedExpressionError, RawTree
from reso.memo import remembered
from reso.problems.said import said

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_OPERATORS = 120
KEPT = 2_000


def can_be_said(name: str) -> bool:
    """Whether an expression can say this name: words such as `first` mean something else."""
    try:
        return parse(name).data == "name"
    except FlawedExpressionError:
        return False


def parse(text: str) -> RawTree:
    """Return the raw tree of an expression.

    Raises:
        FlawedExpressionError: the text cannot be read; says at which character and what was
            expected there. Longer than 4,000 characters or nested deeper than 40 brackets is
            refused unread.
    """
    if len(text) > MAX_LENGTH:
        told = said("expression-too-long", length=len(text), most=MAX_LENGTH)
        raise FlawedExpressionError(Flaw(0, 1, told))
    return _parsed(text)


@lru_cache(maxsize=KEPT)
def _parsed(text: str) -> RawTree:
    """Return the raw tree of an expression, which many places may share: nobody changes it."""
    return remembered("expressions", text, lambda: _read(text))


def _read(text: str) -> RawTree:
    _refuse_deep(text)
    tree = quick_tree(text) or _lark_tree(text)
    if len(text) > MAX_OPERATORS and _depth(tree) > MAX_OPERATORS:  # a tree has a character or more
        told = said("too-many-operators", most=MAX_OPERATORS)
        raise FlawedExpressionError(Flaw(0, 1, told))
    return tree


def _lark_tree(text: str) -> RawTree:
    from reso.expressions.grammar import lark_tree  # slow to import

    return lark_tree(text)


def _refuse_deep(text: str) -> None:
    if text.count("(") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    quoted = ""
    for index, char in enumerate(text):
        if char in "\"'" and quoted in ("", char):
            quoted = "" if quoted else char
        if quoted:
            continue
        depth += (char in "([") - (char in ")]")
        if depth > MAX_DEPTH:
            told = said("brackets-too-deep", most=MAX_DEPTH)
            raise FlawedExpressionError(Flaw(index, index + 1, told))


def _depth(tree: RawTree) -> int:
    deepest, todo = 0, [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        todo.extend((child, depth + 1) for child in node.children if isinstance(child, RawTree))
    return deepest
