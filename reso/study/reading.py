"""A pack as its tools read it: the frozen policy, and what its files say word for word."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reso.facts.table import FactTable, installed_table
from reso.policy.document import Document, Items, Map, Text, Tree, read_document
from reso.policy.files import SKIPPED, pack_files, shown_path
from reso.policy.loader import PackLoader
from reso.policy.model import Policy
from reso.policy.problems import PolicyError, Problem
from reso.policy.sections import Sections

if TYPE_CHECKING:
    from reso.cases import Pack

Plain = str | list["Plain"] | dict[str, "Plain"]
ReadDocument = Callable[[Path, str], Document]


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of a pack, read: `policy` is None when `problems` were found."""

    folder: Path
    policy: Policy | None
    problems: tuple[Problem, ...]
    sections: Sections
    documents: tuple[Document, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that is part of the pack, the shared ones it uses too."""
        used = [self.folder / text.value for text in self._uses()]
        return (*policy_files(self.folder), *(path.resolve() for path in used))

    def _uses(self) -> tuple[Text, ...]:
        header = self.sections.header
        tree = None if header is None else header.tree("uses")
        items = tree.items if isinstance(tree, Items) else (tree,)
        return tuple(item for item in items if isinstance(item, Text))

    def sound(self) -> Policy:
        """Return the policy.

        Raises:
            PolicyError: the pack has problems.
        """
        if self.policy is None:
            raise PolicyError(list(self.problems))
        return self.policy


def policy_files(folder: Path) -> list[Path]:
    """Return the policy files of a folder, by name."""
    return sorted(path for path in folder.glob("*.yaml") if path.stem not in SKIPPED)


def read_files(folder: Path, read: ReadDocument = read_document) -> PackFiles:
    """Read the pack in a folder, and everything wrong with it.

    Raises:
        NoPackError: there is no such folder, or no policy file in it.
    """
    documents = [read(path, shown_path(path)) for path in pack_files(folder)]
    loader = PackLoader(folder, [replace(d, problems=list(d.problems)) for d in documents])
    policy, problems = loader.load()
    return PackFiles(folder, policy, tuple(problems), loader.sections, tuple(loader.documents))


def ready(files: PackFiles, table: FactTable | None = None) -> "Pack":
    """Return a pack that was read, ready to rule.

    Raises:
        PolicyError: it has problems. FactTableError: the packs beside it declare facts wrongly.
    """
    from reso.cases import Pack  # slow to import
    from reso.engine.compiled import Compiled
    from reso.engine.decide import Engine

    policy = files.sound()
    engine = Engine.of(Compiled(policy))
    return Pack(files.folder, engine, table or table_for(files))


def table_for(files: PackFiles) -> FactTable:
    """Return the facts a pack's cases may hold: those of all packs beside it, or its own."""
    beside = table_beside(files.folder)
    return files.sound().table if beside is None else beside


def table_beside(folder: Path) -> FactTable | None:
    """Return the facts of all packs in the folder a pack stands in, None where it is alone.

    Raises:
        FactTableError: they are declared wrongly.
    """
    here = folder.resolve()
    others = (f for f in here.parent.glob("*/*.yaml") if f.parent != here and _begins_policy(f))
    return installed_table(here.parent) if any(others) else None


def _begins_policy(file: Path) -> bool:
    """Whether a file holds the header of a pack."""
    try:
        text = file.read_bytes()[:8_192]
    except OSError:
        return False
    return any(line.startswith(b"policy:") for line in text.splitlines())


def plain(tree: Tree) -> Plain:
    """Return a tree as plain texts, lists and mappings; white space between words is one space."""
    match tree:
        case Text():
            return " ".join(tree.value.split())
        case Items():
            return [plain(item) for item in tree.items]
        case Map():
            return {key: plain(value) for key, value in tree}


@dataclass(slots=True)
class FileCache:
    """Parsed files, read again only when they changed (by time and size)."""

    documents: dict[Path, tuple[tuple[int, int], Document]] = field(default_factory=dict)
    tables: dict[tuple[str, ...], FactTable] = field(default_factory=dict)
    parsed: int = 0

    def read(self, path: Path, shown: str) -> Document:
        """Return a document, parsed now or when it last changed."""
        now = stamp(path)
        known = self.documents.get(path)
        if known is not None and known[0] == now:
            return known[1]
        document = read_document(path, shown)
        self.parsed += 1
        self.documents[path] = (now, document)
        return document

    def table(self, files: PackFiles) -> FactTable:
        """Return the facts of a pack and those beside it, merged again only when some changed."""
        beside = files.folder.resolve().parent
        key = tuple(_declared(path) for path in sorted(beside.glob("*/*.yaml")))
        if key not in self.tables:
            self.tables = {key: table_for(files)}
        return self.tables[key]


def stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file is saved: its time and size; zeros when it is gone."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _declared(path: Path) -> str:
    """Return the lines of a file's `inputs`, and whether it begins a policy."""
    found, inside = [str(path)], False
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return str(path)
    for line in lines:
        if line[:1] not in ("", " ", "#"):
            inside = line.startswith("inputs:")
        if inside or line.startswith("policy:"):
            found.append(line)
    return "\n".join(found)
