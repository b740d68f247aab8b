"""Where the entries of a pack stand, for what the frozen policy does not say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reso.policy.document import Document, Map, Mark, Tree


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a pack; `shared` are those that other packs use, too."""

    documents: Mapping[str, Document]
    shared: frozenset[str]

    def entries(self, section: str) -> Iterator[tuple[str, Mark, Tree]]:
        """Yield every entry of a section: its name, where that stands, and what it says."""
        for document in self.documents.values():
            tree = None if document.tree is None else document.tree.entries.get(section)
            if isinstance(tree, Map):
                for name, value in tree:
                    yield name, tree.keys[name], value

    def own(self, mark: Mark) -> bool:
        """Whether a place is in a file of this pack alone."""
        return mark.file not in self.shared
