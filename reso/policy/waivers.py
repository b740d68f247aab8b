"""Waivers: warnings the author knows of and leaves as they are, each with a reason."""

from collections.abc import Iterable, Iterator

from reso.policy.document import Map, Text
from reso.policy.model import Waiver
from reso.policy.reading import Entry
from reso.problems.catalogue import waivable
from reso.problems.said import did_you_mean


def read_waivers(entries: Iterable[Entry]) -> tuple[Waiver, ...]:
    """Return what each entry of `waivers` (`NAME: {PROBLEM: reason}`) waives of that name."""
    return tuple(waiver for entry in entries for waiver in _waived(entry))


def _waived(entry: Entry) -> Iterator[Waiver]:
    if not isinstance(entry.tree, Map):
        entry.problem("waiver-of-no-problem", name=entry.name)
        return
    for code, reason in entry.tree:
        mark = entry.tree.keys[code]
        if code not in waivable():
            advice = did_you_mean(code, waivable())
            width = len(code)
            entry.problem("waiver-of-no-warning", mark, advice=advice, width=width, problem=code)
        elif not isinstance(reason, Text) or not reason.value.strip():
            entry.problem("waiver-without-reason", mark, width=len(code), name=entry.name)
        else:
            yield Waiver(code, entry.name, " ".join(reason.value.split()), mark)
