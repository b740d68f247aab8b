"""The words of the reading tools (`words.yaml`), in Indonesian and English."""

from pathlib import Path

from reso.engine.words import plain_name
from reso.facts.wordbook import WordBook
from reso.model.money import Language

BOOK = WordBook(Path(__file__).with_name("words.yaml"))
words, knows, say = BOOK.tables, BOOK.knows, BOOK.say


def word(table: str, key: str, language: Language) -> str:
    """Return an entry as it is, or the key with spaces when the table lacks it."""
    return BOOK.word(table, key, language) or plain_name(key)
