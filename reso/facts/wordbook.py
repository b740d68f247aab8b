"""Words and sentences of ours in Indonesian and English, from a YAML file of tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reso.facts.text import read_text, read_yaml
from reso.model.money import Language

Tables = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class WordBook:
    """The tables of one file: by table, key and language. It is read when first asked."""

    path: Path

    def tables(self) -> Tables:
        """Return all tables."""
        return _tables(self.path)

    def knows(self, table: str, key: str) -> bool:
        """Whether a table has an entry."""
        return key in self.tables()[table]

    def say(self, table: str, key: str, language: Language, **values: str) -> str:
        """Return a sentence of a table with its `{name}`s filled in."""
        return self.tables()[table][key][language].format_map(values)

    def word(self, table: str, key: str, language: Language) -> str | None:
        """Return an entry as it is, None when the table lacks it."""
        entry = self.tables()[table].get(key)
        return None if entry is None else entry[language]


@cache
def _tables(path: Path) -> Tables:
    data = read_yaml(read_text(path), path.name).data
    assert isinstance(data, dict)
    return data
