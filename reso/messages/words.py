"""The words between the templates (`words.yaml`), in Indonesian and English."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from reso.facts.text import read_text, read_yaml
from reso.model.money import Language

WORDS = Path(__file__).with_name("words.yaml")

Table = Mapping[str, Mapping[str, str]]


@cache
def words() -> Mapping[str, Table]:
    """Return the tables of `words.yaml`: by table, key and language."""
    data = read_yaml(read_text(WORDS), f"reso/messages/{WORDS.name}").data
    assert isinstance(data, dict)
    return data


def say(table: str, key: str, language: Language, **values: str) -> str:
    """Return a sentence of a table with its `{name}`s filled in."""
    return words()[table][key][language].format_map(values)
