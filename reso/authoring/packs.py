"""A pack while it is being changed: its files, what its names mean, and a check before writing."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from reso.authoring.files import SourceFile, read_source, shown_path
from reso.authoring.spans import Branch, Leaf, Part, plain, read_spans
from reso.errors import InputError
from reso.expressions.check import Scope, nearest
from reso.expressions.tree import Pick, Type
from reso.policy.files import SKIPPED
from reso.policy.loader import check_pack
from reso.policy.model import Definition, Policy
from reso.policy.problems import PolicyError, Problem
from reso.policy.scope import PackScope


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of a pack with its tree; `own` unless the pack takes it in by `uses`."""

    source: SourceFile
    tree: Branch
    own: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """Where a parameter stands: its file, its key, and the part that holds its value."""

    file: PackFile
    name: str
    key: Leaf
    part: Part
    in_flow: bool

    @property
    def value(self) -> tuple[Leaf, Part, bool]:
        """The key of the value, the value, and whether it stands in brackets."""
        if isinstance(self.part, Branch) and "value" in self.part.parts:
            return self.part.keys["value"], self.part.parts["value"], self.part.flow
        return self.key, self.part, self.in_flow


@dataclass
class EditedPack:
    """A pack as it stands on disk."""

    folder: Path
    files: list[PackFile]
    _copies: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def checked(self) -> tuple[Policy | None, list[Problem]]:
        """The policy its files say, and what is wrong with them."""
        return check_pack(self.folder)

    @property
    def policy(self) -> Policy | None:
        """The policy its files say; None while they have problems."""
        return self.checked[0]

    @classmethod
    def read(cls, folder: Path) -> "EditedPack":
        """Read a pack to change it.

        Raises:
            InputError: there is no pack, or a file of it cannot be read.
            PolicyError: a file of it is no YAML.
        """
        paths = sorted(p for p in folder.glob("*.yaml") if p.stem not in SKIPPED)
        if not paths:
            check_pack(folder)  # says what is wrong
        files = [_read(path, own=True) for path in paths]
        files += [_read(path, own=False) for path in _used(folder, files)]
        return cls(folder, files)

    def parameter(self, name: str) -> Parameter:
        """Return where a parameter stands.

        Raises:
            InputError: there is no such parameter; the nearest is named.
        """
        known: list[str] = []
        for file in self.files:
            section = file.tree.parts.get("parameters")
            if not isinstance(section, Branch):
                continue
            if name in section.keys:
                return Parameter(file, name, section.keys[name], section.parts[name], section.flow)
            known += section.keys
        todo = nearest(name, known) or (f"Known: {', '.join(sorted(known))}." if known else "")
        raise InputError(str(self.folder), f"there is no parameter `{name}`", todo)

    def header(self) -> PackFile:
        """Return the file that holds the header.

        Raises:
            InputError: none does.
        """
        found = next((file for file in self.files if "policy" in file.tree.parts), None)
        if found is None:
            what = "no file of the pack has a header"
            raise InputError(str(self.folder), what, "One file begins with `policy: NAME`.")
        return found

    def scope(self) -> Scope | None:
        """Return what names mean in this pack; None while it has problems."""
        return None if self.policy is None else _scope(self.policy)

    def definition(self, name: str) -> Definition | None:
        """Return the definition of a parameter; None while the pack has problems."""
        definitions = () if self.policy is None else self.policy.definitions
        return next((d for d in definitions if d.name == name), None)

    def refuse_problems(self, changed: Mapping[Path, str]) -> None:
        """Check the pack as it would be with these texts, before anything is written.

        Raises:
            PolicyError: it would have problems that it does not have now.
        """
        with tempfile.TemporaryDirectory(prefix="reso-") as temporary:
            root = Path(temporary).resolve()
            folder = self._copied(root, changed)
            _, after = check_pack(folder)
            after = [self._in_place(problem) for problem in after]
        before = Counter(_same(problem) for problem in self.checked[1])
        new = []
        for problem in after:
            if before[_same(problem)]:
                before[_same(problem)] -= 1
            else:
                new.append(problem)
        if new:
            raise PolicyError(new)

    def _copied(self, root: Path, changed: Mapping[Path, str]) -> Path:
        """Copy the pack, with what it uses, to a folder of its own, with the changed texts."""
        home = self.folder.resolve()
        texts = {path.resolve(): text for path, text in changed.items()}
        for file in self.files:
            path = file.source.path
            inside = home.name / Path(path.name) if file.own else _below(path, home.parent)
            copy = root / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            if path.resolve() in texts:
                copy.write_bytes(file.source.encoded(texts[path.resolve()]))
            else:
                shutil.copyfile(path, copy)
            self._copies[str(copy)] = path
            self._copies[shown_path(copy)] = path
        if (home / "cases").is_dir():  # what a check reads of them
            (root / home.name / "cases").symlink_to(home / "cases")
        return root / home.name

    def _in_place(self, problem: Problem) -> Problem:
        path = self._copies.get(problem.file)
        return problem if path is None else replace(problem, file=shown_path(path))


def _read(path: Path, *, own: bool) -> PackFile:
    source = read_source(path)
    return PackFile(source, read_spans(source.text, source.shown), own)


def _used(folder: Path, files: Iterable[PackFile]) -> list[Path]:
    names: list[str] = []
    for file in files:
        uses = plain(file.tree.parts["uses"]) if "uses" in file.tree.parts else []
        listed = uses if isinstance(uses, list) else [uses]
        names += [name for name in listed if isinstance(name, str)]
    home = folder.resolve()
    paths = [(home / name).resolve() for name in names]
    return [path for path in paths if path.is_file() and home.parent in path.parents]


def _below(path: Path, folder: Path) -> Path:
    return path.resolve().relative_to(folder)


def _same(problem: Problem) -> tuple[str, str, str]:
    """Return what makes two problems the same although lines have moved."""
    return problem.file, problem.code, re.sub(r"(:|line )\d+", r"\1", problem.message())


def _scope(policy: Policy) -> PackScope:
    types: dict[str, Type] = {d.name: d.node.type for d in policy.definitions}
    zone = policy.calendar.zone
    scope = PackScope(policy.table, policy.currencies, zone, types.get)
    scope.declare(
        types,
        {name: node.section for name, node in policy.picks if isinstance(node, Pick)},
        {question.name: question.domain() for question in policy.questions},
    )
    return scope
