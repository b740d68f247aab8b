"""The words rulings are explained with (`words.yaml`), and values written as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, localcontext
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from reso.expressions.tree import Kind
from reso.facts.operations import UNKNOWN
from reso.facts.wordbook import WordBook
from reso.model.money import Language, format_money
from reso.model.time import Duration, format_duration, format_instant, format_seconds
from reso.policy.model import Phrase, Placeholder

BOOK = WordBook(Path(__file__).with_name("words.yaml"))
HASH_SHOWN = 12
"""Digits of a hash."""

words, knows, say = BOOK.tables, BOOK.knows, BOOK.say


def short_hash(digest: str) -> str:
    """Return as much of a hash as people are shown: enough to tell policies and files apart."""
    return digest[:HASH_SHOWN]


def word(table: str, key: str, language: Language) -> str:
    """Return an entry as it is, or the key with spaces when the table lacks it."""
    return BOOK.word(table, key, language) or plain_name(key)


@dataclass(frozen=True, slots=True)
class Voice:
    """Writes words and values in one language.

    Attributes:
        zone: whose clocks instants are shown on.
        currency: of the amounts (ISO 4217 code).
        at: the instant from which "ago" and "in" count; aware.
    """

    language: Language
    zone: ZoneInfo
    currency: str
    at: datetime

    def word(self, table: str, key: str) -> str:
        """Return an entry as it is, or the key with spaces when the table lacks it."""
        return word(table, key, self.language)

    def say(self, table: str, key: str, **values: str) -> str:
        """Return a sentence of a table with its `{name}`s filled in."""
        return say(table, key, self.language, **values)

    def party(self, name: str) -> str:
        """Return a party in words: "the buyer"."""
        return self.word("parties", name)

    def answer(self, name: str) -> str:
        """Return an answer of a question in words."""
        return self.word("answers" if knows("answers", name) else "values", name)

    def money(self, minor: int) -> str:
        """Return minor units as people write them: "Rp1.250.000", "SGD 50.00"."""
        return format_money(minor, self.currency, self.language)

    def percent(self, millionths: int) -> str:
        """Return a rate in percent, all its digits: "12.5%" (en), "12,5%" (id)."""
        sign, digits, _ = Decimal(millionths).as_tuple()
        return f"{self.number(Decimal((sign, digits, -4)), '#,##0.####')}%"

    def number(self, number: Decimal | int, pattern: str = "#,##0") -> str:
        """Return a number with all its digits, however many: "1,250" (en), "1.250" (id)."""
        with localcontext() as context:
            context.prec = max(context.prec, len(str(number)))
            return format_decimal(number, pattern, locale=self.language)

    def instant(self, instant: datetime) -> str:
        """Return an instant and how far it is from `at`: "4 Feb 2026 10:00 WIB (74 hours ago)"."""
        seconds = int((instant - self.at).total_seconds())
        key = "ahead" if seconds > 0 else "ago" if seconds < 0 else "now"
        distance = self.say("frame", key, elapsed=format_seconds(abs(seconds), self.language))
        return f"{format_instant(instant, self.zone, self.language)} ({distance})"

    def value(self, value: object, kind: Kind) -> str:
        """Return a value of an expression of this kind in words.

        Money is in minor units, a rate in millionths; None and what is unknown are "not known".
        """
        match value:
            case None:
                return self.word("values", "not_known")
            case bool():
                return self.word("values", "yes" if value else "no")
            case int() if kind == "money":
                return self.money(value)
            case int() if kind == "rate":
                return self.percent(value)
            case int():
                return self.number(value)
            case datetime():
                return self.instant(value)
            case date():
                return format_date(value, "d MMM y", locale=self.language)
            case time():
                return value.strftime("%H:%M")
            case Duration():
                return format_duration(value, self.language)
            case str() if kind != "text":
                return self.word("values", value)
            case _ if value is UNKNOWN:
                return self.word("values", "not_known")
            case _:
                return printable(str(value))

    def phrase(self, phrase: Phrase, values: Mapping[str, object]) -> str:
        """Return a policy's phrase, its placeholders filled from `values` (by their text)."""
        parts = (
            self.value(values.get(part.text), part.node.type.kind)
            if isinstance(part, Placeholder)
            else part
            for part in phrase.parts(self.language)
        )
        return "".join(parts).strip()

    def flaw(self, detail: str) -> str:
        """Return the engine's word for what could not be worked out, in this language."""
        for pattern, entry in words()["flaws"].items():
            found = re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+)"), detail)
            if found:
                return entry[self.language].format(*found.groups())
        return detail


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital at its beginning, a stop at its end."""
    stop = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}"


def plain_name(name: str) -> str:
    """Return a name of the policy as words: "silent refund"."""
    return printable(name.replace("_", " "))


def printable(text: str) -> str:
    """Return a text without characters that could move a terminal's cursor or break a line."""
    return "".join(char if char.isprintable() else " " for char in text)
