"""What `reso check` finds in a pack: its errors, or else its warnings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.cases import load_scenarios, own_case_files
from reso.engine.compiled import Compiled
from reso.policy.files import shown_path
from reso.policy.model import Policy
from reso.policy.problems import Problem
from reso.policy.review import remarks, settled
from reso.problems.catalogue import waivable
from reso.study import coverage
from reso.study.kept import Keeper
from reso.study.reading import PackFiles, policy_files, read_files, table_for


@dataclass(frozen=True, slots=True)
class Checked:
    """A pack that was checked: `policy` is None when it has errors, and cannot be used."""

    folder: Path
    policy: Policy | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the policy cannot be used."""
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that an author may waive."""
        return tuple(one for one in self.problems if one.severity == "warning")


def checked(folder: Path, *, cases: bool = True, cache: Path | None = None) -> Checked:
    """Check the pack in a folder, with `cases` also whether its own cases try every rule.

    In the folder `cache`, if given, is kept what they try: the same cases are not run again.

    Raises:
        NoPackError: there is no pack. InputError: a file of its cases cannot be read.
        FactTableError: the packs beside it declare facts wrongly.
    """
    files = read_files(folder)
    if files.policy is None:
        return Checked(folder, None, files.problems)
    return Checked(folder, files.policy, tuple(_warnings(files, files.policy, cases, cache)))


def _warnings(
    files: PackFiles, policy: Policy, cases: bool, cache: Path | None
) -> Sequence[Problem]:
    documents = {document.file: document for document in files.documents}
    own = {shown_path(path) for path in policy_files(files.folder)}
    found = remarks(policy, documents, frozenset(documents.keys() - own))
    paths = own_case_files(files.folder) if cases else ()
    codes = set(waivable())
    if paths:
        found += coverage.told(policy, _untried(files, policy, paths, cache))
    else:
        codes -= set(coverage.CODES)
    return settled(found, policy.waivers, documents, codes)


def _untried(
    files: PackFiles, policy: Policy, paths: Sequence[Path], cache: Path | None
) -> coverage.Untried:
    def find() -> coverage.Untried:
        listed = (case for path in paths for case in load_scenarios(path, policy.name))
        return coverage.untried(Compiled(policy), table_for(files), listed)

    if cache is None:
        return find()
    return Keeper(cache, policy, files.folder, tuple(paths)).found(find)
