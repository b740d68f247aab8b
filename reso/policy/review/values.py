"""Parameters without a value on some day."""

from collections.abc import Iterator
from datetime import date

from reso.policy.document import Map, Tree
from reso.policy.parameters import BEFORE, is_day
from reso.policy.review.places import Places
from reso.policy.review.remark import Remark, remark


def without_a_beginning(places: Places) -> Iterator[Remark]:
    """Yield the periods before whose first day a parameter has no value."""
    for name, mark, tree in places.entries("parameters"):
        if places.own(mark):
            for periods in _periods(tree):
                first = min(periods.entries, key=date.fromisoformat)
                place, width = periods.keys[first], len(first)
                yield remark("no-value-before", name, place, width, day=first)


def _periods(tree: Tree) -> Iterator[Map]:
    """Yield the periods in a parameter's value that do not say what was before them."""
    if not isinstance(tree, Map):
        return
    if tree.entries and BEFORE not in tree.entries and all(map(is_day, tree.entries)):
        yield tree
    for _, value in tree:
        yield from _periods(value)
