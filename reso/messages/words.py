"""The words between the templates (`words.yaml`), in Indonesian and English."""

from pathlib import Path

from reso.facts.wordbook import WordBook

BOOK = WordBook(Path(__file__).with_name("words.yaml"))
say = BOOK.say
