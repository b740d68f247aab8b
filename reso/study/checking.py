"""What `reso check` finds in a pack: its errors, or else its warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from reso.policy.document import Document
from reso.policy.files import own_case_files, shown_path
from reso.policy.model import Policy
from reso.policy.problems import Problem
from reso.policy.review import Remark, remarks, settled
from reso.problems.catalogue import waivable
from reso.study import coverage
from reso.study.hands import both
from reso.study.reading import PackFiles, policy_files, read_files, table_for
from reso.study.verdict import Checked, Outline

Documents = Mapping[str, Document]

SHARE_THERE = 0.5
"""How much of the cases, by bytes, goes to the process that makes the other remarks as well."""


def checked(folder: Path, *, cases: bool = True, alone: bool = True) -> Checked:
    """Check the pack in a folder, with `cases` also whether its own cases try every rule.

    Unless it works `alone`, it starts a process for a part of the work where that is of use.

    Raises:
        NoPackError: there is no pack. InputError: a file of its cases cannot be read.
        FactTableError: the packs beside it declare facts wrongly.
    """
    files = read_files(folder)
    policy = files.policy
    if policy is None:
        return Checked(folder, None, files.problems)
    outline = Outline(
        policy.name,
        policy.version,
        policy.content_hash,
        policy.calendar.zone.key,
        len(policy.rules),
        len(policy.questions),
        files.paths,
    )
    return Checked(folder, outline, tuple(_Review(files, policy).warnings(cases, alone)))


@dataclass(frozen=True, slots=True)
class _Review:
    """Looks for what the author of a policy without errors should look at again."""

    files: PackFiles
    policy: Policy

    def warnings(self, cases: bool, alone: bool) -> Sequence[Problem]:
        """Return the warnings that no waiver answers."""
        documents = {document.file: document for document in self.files.documents}
        paths = own_case_files(self.files.folder) if cases else ()
        codes = set(waivable())
        if paths:
            found = self._with_cases(documents, paths, alone)
        else:
            found = self._remarks(documents)
            codes -= set(coverage.CODES)
        return settled(found, self.policy.waivers, documents, codes)

    def _remarks(self, documents: Documents) -> list[Remark]:
        own = {shown_path(path) for path in policy_files(self.files.folder)}
        return remarks(self.policy, documents, frozenset(documents.keys() - own))

    def _with_cases(self, documents: Documents, paths: Sequence[Path], alone: bool) -> list[Remark]:
        table = table_for(self.files)

        def tried(files: Sequence[Path]) -> coverage.Tried:
            return coverage.tried(self.policy, coverage.known_cases(files, self.policy, table))

        if alone:
            found, seen = self._remarks(documents), tried(paths)
        else:
            some, others = _parted(paths)
            (found, theirs), ours = both(
                lambda: (self._remarks(documents), tried(some)), lambda: tried(others)
            )
            seen = theirs | ours
        return [*found, *coverage.told(self.policy, coverage.untried(self.policy, seen))]


def _parted(paths: Sequence[Path]) -> tuple[Sequence[Path], Sequence[Path]]:
    """Return the first files, with about `SHARE_THERE` of the bytes of all, and the others."""
    sizes = [path.stat().st_size for path in paths]
    wanted = sum(sizes) * SHARE_THERE
    first = sum(1 for running in accumulate(sizes) if running <= wanted)
    return paths[:first], paths[first:]
