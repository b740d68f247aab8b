"""What a source calls things, and what we call them: tables in YAML."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from reso.facts.table import FactTable, Inputs, parse_inputs
from reso.facts.text import read_text, read_yaml

FILE = Path(__file__).with_name("words.yaml")
UP_TO_THREE_WORDS = r"(?:\w+ ){0,3}?"

_Phrases = Annotated[list[str], Field(min_length=1)]


class _Tables(BaseModel):
    """The tables of `words.yaml`, as it explains them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str
    time_zone: str
    promise: list[str]
    inputs: dict[str, object]
    claim_types: dict[str, str]
    requests: dict[str, str]
    categories: dict[str, str]
    while_away: dict[str, str]
    concrete: list[str]
    claims: dict[str, _Phrases]
    wishes: dict[str, _Phrases]


@dataclass(frozen=True, slots=True)
class Keywords:
    """Phrases that speak for a word, the first of several words that are spoken for first."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def of(cls, tables: Mapping[str, list[str]]) -> "Keywords":
        """Return the keywords of these phrases; how they are written says `words.yaml`."""
        return cls(tuple((word, _pattern(phrases)) for word, phrases in tables.items()))

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the words a text speaks for."""
        folded = _folded(text)
        return tuple(word for word, pattern in self.patterns if pattern.search(folded))


@dataclass(frozen=True, slots=True)
class Words:
    """The tables of one kind of source.

    Attributes:
        promise: the fields of `shipping` that hold the day promised to the buyer.
        inputs: facts the source knows beside the core's.
        claim_types: our claim types by the source's labels; `requests` our requests by its flags.
        categories: our categories of goods by the source's.
        while_away: what a claim type is while the parcel has not arrived.
        concrete: claim types that make a complaint of a middling review.
        claims: phrases by our claim type; `wishes` by our request.
    """

    currency: str
    zone: ZoneInfo
    promise: tuple[str, ...]
    inputs: Inputs
    claim_types: Mapping[str, str]
    requests: Mapping[str, str]
    categories: Mapping[str, str]
    while_away: Mapping[str, str]
    concrete: frozenset[str]
    claims: Keywords
    wishes: Keywords

    def table(self, table: FactTable) -> FactTable:
        """Return a table of facts with those of the source added.

        Raises:
            FactTableError: the two declare a fact differently.
        """
        return table.merged(self.inputs)


@cache
def load_words() -> Words:
    """Return the words of `words.yaml`."""
    shown = f"simulations/importers/{FILE.name}"
    document = read_yaml(read_text(FILE), shown)
    tables = _Tables.model_validate(document.data)
    lines = {path[1:]: line for path, line in document.lines.items() if path[0] == "inputs"}
    return Words(
        currency=tables.currency,
        zone=ZoneInfo(tables.time_zone),
        promise=tuple(tables.promise),
        inputs=parse_inputs(tables.inputs, shown, lines),
        claim_types=tables.claim_types,
        requests=tables.requests,
        categories=tables.categories,
        while_away=tables.while_away,
        concrete=frozenset(tables.concrete),
        claims=Keywords.of(tables.claims),
        wishes=Keywords.of(tables.wishes),
    )


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f" {_phrase(phrase)}" for phrase in phrases))


def _phrase(phrase: str) -> str:
    parts = [UP_TO_THREE_WORDS if word == ".." else f"{_word(word)} " for word in phrase.split()]
    return "".join(parts)


def _word(word: str) -> str:
    choices = [re.escape(one).replace(r"\*", r"\w*") for one in word.split("|")]
    return f"(?:{'|'.join(choices)})"


def _folded(text: str) -> str:
    """Return a text in small letters without accents, its words parted by single spaces."""
    plain = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return f" {' '.join(re.findall(r'[a-z0-9]+', letters))} "
