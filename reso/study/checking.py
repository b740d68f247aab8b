"""What `reso check` finds in a pack: its errors, or else its warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.errors import ResoError
from reso.facts.table import load_core
from reso.memo import is_empty
from reso.policy.document import Document
from reso.policy.files import own_case_files, shown_path
from reso.policy.model import Policy
from reso.policy.problems import Problem
from reso.policy.review import Remark, remarks, settled
from reso.problems.catalogue import waivable
from reso.study import coverage
from reso.study.hands import both
from reso.study.reading import PackFiles, policy_files, read_files, table_beside, table_for
from reso.study.verdict import Checked, Outline

Documents = Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Given:
    """The cases of a pack, read as the facts of the packs beside it are declared."""

    cases: coverage.KnownCases


def checked(folder: Path, *, cases: bool = True, alone: bool = True) -> Checked:
    """Check the pack in a folder, with `cases` also whether its own cases try every rule.

    Unless it works `alone`, it starts processes for parts of the work where that is of use.

    Raises:
        NoPackError: there is no pack. InputError: a file of its cases cannot be read.
        FactTableError: the packs beside it declare facts wrongly.
    """
    paths = own_case_files(folder) if cases else ()
    given: Given | None = None
    if paths and not alone and is_empty():
        load_core()  # asked for on both sides
        given, files = both(lambda: _given(folder, paths), lambda: read_files(folder))
    else:
        files = read_files(folder)
    policy = files.policy
    if policy is None:
        return Checked(folder, None, files.problems)
    warnings = _Review(files, policy, paths, alone).warnings(given)
    return Checked(folder, _outline(files, policy), tuple(warnings))


def _outline(files: PackFiles, policy: Policy) -> Outline:
    return Outline(
        name=policy.name,
        version=policy.version,
        content_hash=policy.content_hash,
        zone=policy.calendar.zone.key,
        rules=len(policy.rules),
        questions=len(policy.questions),
        files=files.paths,
    )


def _given(folder: Path, paths: Sequence[Path]) -> Given | None:
    """Return the cases of a pack before it is read; None where they need what the pack says.

    What is wrong with them is told when the pack itself is sound.
    """
    try:
        table = table_beside(folder)
        return None if table is None else Given(coverage.known_cases(paths, table))
    except ResoError:
        return None


@dataclass(frozen=True, slots=True)
class _Review:
    """Looks for what the author of a policy without errors should look at again."""

    files: PackFiles
    policy: Policy
    paths: Sequence[Path]
    alone: bool

    def warnings(self, given: Given | None) -> Sequence[Problem]:
        """Return the warnings that no waiver answers."""
        documents = {document.file: document for document in self.files.documents}
        codes = set(waivable())
        if not self.paths:
            codes -= set(coverage.CODES)
            found = self._remarks(documents)
        elif self.alone:
            found = [*self._remarks(documents), *self._untried(given)]
        else:
            made, untried = both(lambda: self._remarks(documents), lambda: self._untried(given))
            found = [*made, *untried]
        return settled(found, self.policy.waivers, documents, codes)

    def _remarks(self, documents: Documents) -> list[Remark]:
        own = {shown_path(path) for path in policy_files(self.files.folder)}
        return remarks(self.policy, documents, frozenset(documents.keys() - own))

    def _untried(self, given: Given | None) -> list[Remark]:
        if given is None:
            given = Given(coverage.known_cases(self.paths, table_for(self.files)))
        seen = coverage.tried(self.policy, given.cases)
        return list(coverage.told(self.policy, coverage.untried(self.policy, seen)))
