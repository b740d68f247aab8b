"""A remark on an entry of a policy, and the waivers that answer it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reso.policy.document import Document, Mark
from reso.policy.model import Waiver
from reso.policy.problems import Problem
from reso.problems.catalogue import IDLE_WAIVER
from reso.problems.said import Said, Value, said


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about the entry `of`, which a waiver may answer.

    `width` is how many characters from `mark` on are meant; 0: the entry's name stands there.
    """

    told: Said
    of: str
    mark: Mark
    width: int = 0

    def problem(self, document: Document) -> Problem:
        """Return it as a problem in its line of the document."""
        return document.shown(self.told, self.mark, width=self.width or len(self.of))


def remark(code: str, of: str, mark: Mark, width: int = 0, **values: Value) -> Remark:
    """Return a remark; `name` in its text is the entry."""
    return Remark(said(code, name=of, **values), of, mark, width)


def settled(
    found: Sequence[Remark],
    waivers: Sequence[Waiver],
    documents: Mapping[str, Document],
    looked_for: Iterable[str],
) -> list[Problem]:
    """Return the remarks that no waiver answers, and the waivers that answer none.

    `looked_for` are the codes that were looked for: a waiver of another one may still be needed.
    """
    open_remarks = {(one.told.code, one.of) for one in found}
    waived = {(waiver.problem, waiver.of) for waiver in waivers}
    codes = set(looked_for)
    problems = [
        one.problem(documents[one.mark.file])
        for one in found
        if (one.told.code, one.of) not in waived
    ]
    for waiver in waivers:
        if waiver.problem in codes and (waiver.problem, waiver.of) not in open_remarks:
            told = said(IDLE_WAIVER, name=waiver.of, problem=waiver.problem)
            document = documents[waiver.mark.file]
            problems.append(document.shown(told, waiver.mark, width=len(waiver.problem)))
    return sorted(set(problems))
