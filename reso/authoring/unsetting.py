"""`reso unset`: takes an overlay back that was laid over a parameter for a time."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from reso.authoring.edits import Edits
from reso.authoring.packs import EditedPack, PackFile
from reso.authoring.setting import Change, refuse_other
from reso.authoring.spans import Branch, Leaf, Listing, Plain, plain
from reso.errors import InputError

USUAL_AGAIN = (
    "All its cases have the usual value again, also those it helped. To end it early instead, "
    "change its `until` in the file."
)


def plan_unset(folder: Path, name: str, starts: date, where: tuple[str, ...]) -> Change:
    """Return the change that takes back the overlay on `name` that begins on a day.

    Of several that begin on this day, `where` says which one.

    Raises:
        InputError: there is no such overlay, or more than one.
        PolicyError: the pack would have problems afterwards that it does not have now.
    """
    pack = EditedPack.read(folder)
    pack.parameter(name)
    laid = [one for one in _overlays(pack) if one[2].get("parameter") == name]
    found = [one for one in laid if one[2].get("from") == starts.isoformat()]
    if not found:
        raise InputError("--from", f"no overlay on `{name}` begins on {starts}", _known(laid))
    if where:
        found = [one for one in found if _conditions(one[2]) == where]
    if len(found) != 1:
        what = f"{len(found)} overlays on `{name}` begin on {starts} with these conditions"
        raise InputError("--where", what, "Say those of the one to take back.")
    file, at, _ = found[0]
    change = Change(file.source, _without(file, at), [USUAL_AGAIN])
    pack.refuse_problems({file.source.path: change.text})
    return change


def _overlays(pack: EditedPack) -> Iterator[tuple[PackFile, int, Mapping[str, Plain]]]:
    """Yield the overlays of a pack's own files: the file, its place in the list, what it says."""
    for file in pack.files:
        section = file.tree.parts.get("overlays")
        if not file.own or not isinstance(section, Listing):
            continue
        for at, part in enumerate(section.parts):
            if isinstance(part, Branch):
                said = plain(part)
                assert isinstance(said, dict)
                yield file, at, said


def _known(laid: list[tuple[PackFile, int, Mapping[str, Plain]]]) -> str:
    days = sorted({str(said.get("from")) for _, _, said in laid})
    return f"There are some from {', '.join(days)}." if days else "It has none to take back."


def _conditions(said: Mapping[str, Plain]) -> tuple[str, ...]:
    where = said.get("where", [])
    listed = where if isinstance(where, list) else [where]
    return tuple(" ".join(str(one).split()) for one in listed)


def _without(file: PackFile, at: int) -> str:
    """Return the text of a file without one of its overlays; the last takes the section along."""
    section, key = file.tree.parts["overlays"], file.tree.keys["overlays"]
    assert isinstance(section, Listing)
    expected = plain(file.tree)
    assert isinstance(expected, dict)
    listed = expected["overlays"]
    assert isinstance(listed, list)
    del listed[at]
    if not listed:
        del expected["overlays"]
    edits = Edits(file.source.text)
    edits.cut(*_span(edits, section, key, at))
    refuse_other(file.source, edits.result(), expected)
    return edits.result()


def _span(edits: Edits, section: Listing, key: Leaf, at: int) -> tuple[int, int]:
    """Return where the text of an overlay begins and ends, with what parts it from the others."""
    part = section.parts[at]
    if len(section.parts) == 1:
        start = edits.line_start(key.start)
        while edits.text[start - 2 : start] == "\n\n":
            start -= 1
        return max(0, start - 1), edits.line_end(section.end)
    if not section.flow:
        return max(0, edits.line_start(part.start) - 1), edits.line_end(part.end)
    if at:
        return section.parts[at - 1].end, part.end
    return part.start, section.parts[at + 1].start
