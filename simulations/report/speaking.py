"""Figures and names as people read them, in the language of a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from reso.engine.words import plain_name, word
from reso.facts.wordbook import WordBook
from reso.model.money import Language, format_money
from reso.model.time import format_seconds
from simulations.comparing.telling import WORDS as COMPARING
from simulations.measures.rates import Rate
from simulations.report.parts import Cell

WORDS = WordBook(Path(__file__).with_name("words.yaml"))
NONE = "-"
SECONDS_AN_HOUR = 3600
MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Voice:
    """Writes the words and figures of a report in one language, instants in one zone."""

    language: Language
    zone: ZoneInfo

    def say(self, table: str, key: str, **values: str) -> str:
        """Return a sentence of `words.yaml` with its `{name}`s filled in."""
        return WORDS.say(table, key, self.language, **values)

    def words(self, table: str, *keys: str) -> list[str]:
        """Return entries of `words.yaml` as they are."""
        return [self.name(table, key) for key in keys]

    def name(self, table: str, key: str) -> str:
        """Return an entry as it is, or the key as words where the table has none."""
        return WORDS.word(table, key, self.language) or plain_name(key)

    # -- names ------------------------------------------------------------------------------

    def ended(self, key: str) -> str:
        """Return a way to end in words."""
        return COMPARING.word("ended", key, self.language) or plain_name(key)

    def decision(self, key: str) -> str:
        """Return a decision in words."""
        return word("decisions", key, self.language) if key else NONE

    def party(self, key: str) -> str:
        """Return a party in words."""
        return COMPARING.word("parties", key, self.language) or self.name("parties", key)

    def claim(self, key: str) -> str:
        """Return a kind of complaint in words."""
        return word("values", key, self.language)

    def segment(self, column: str, value: str) -> str:
        """Return a value of a column of `segments` in words."""
        if value.startswith("("):
            return self.name("names", value)
        match column:
            case "value_band":
                return "-".join(self.count(int(end)) for end in value.split("-"))
            case "evidence":
                return self.party(value)
            case "month":
                return value
            case _:
                return word("values", value, self.language)

    def rule(self, key: str) -> str:
        """Return a rule or question by its name in the policy, as words."""
        return plain_name(key) or self.name("names", "none")

    # -- figures ----------------------------------------------------------------------------

    def count(self, number: float) -> str:
        """Return a whole number."""
        return str(format_decimal(round(number), locale=self.language))

    def decimal(self, number: float, digits: int) -> str:
        """Return a number with so many decimal digits."""
        form = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return str(format_decimal(number, format=form, locale=self.language))

    def share(self, share: float | None, digits: int = 1) -> str:
        """Return a share in percent; what is not all or nothing is not rounded to it."""
        if share is None:
            return NONE
        if share in (0, 1):
            return f"{share:.0%}"
        while 0 < share < 1 and round(share * 100, digits) in (0, 100) and digits < MOST_DIGITS:
            digits += 1
        return f"{self.decimal(share * 100, digits)}%"

    def percent(self, rate: Rate) -> str:
        """Return the share of a rate."""
        return self.share(rate.share)

    def interval(self, rate: Rate) -> str:
        """Return the ends of its 95 % interval."""
        return NONE if rate.interval is None else self.ends(*map(self.share, rate.interval))

    def ends(self, low: str, high: str) -> str:
        """Return the ends of an interval."""
        return self.say("names", "from_to", low=low, high=high)

    def of(self, rate: Rate) -> str:
        """Return a rate as "120 of 400 (30.0%)", or "all 400"."""
        return self.say(
            "names",
            "all_of" if rate.count == rate.of > 0 else "of",
            count=self.count(rate.count),
            of=self.count(rate.of),
            share=self.percent(rate),
        )

    def money(self, minor: float, currency: str) -> str:
        """Return an amount of minor units, rounded to whole ones."""
        return format_money(round(minor), currency, self.language)

    def days(self, days: int) -> str:
        """Return a number of days."""
        if days == 1:
            return self.name("censoring", "one_day")
        return self.say("censoring", "days", n=self.count(days))

    def hours(self, hours: float | None) -> str:
        """Return a length of time."""
        if hours is None:
            return NONE
        return format_seconds(round(hours * SECONDS_AN_HOUR), self.language)

    def listed(self, texts: Sequence[str]) -> str:
        """Return texts in a row, "-" for none."""
        return ", ".join(texts) or NONE

    # -- cells ------------------------------------------------------------------------------

    def count_cell(self, number: int | None) -> Cell:
        """Return a whole number as a cell."""
        return Cell(NONE if number is None else self.count(number), number)

    def rate_cell(self, rate: Rate) -> Cell:
        """Return a rate's share as a cell."""
        return Cell(self.percent(rate), rate.share)

    def interval_cell(self, rate: Rate) -> Cell:
        """Return a rate's interval as a cell; it sorts by its low end."""
        return Cell(self.interval(rate), None if rate.interval is None else rate.interval[0])

    def share_cell(self, share: float | None) -> Cell:
        """Return a share, 0 to 1, as a cell."""
        return Cell(self.share(share), share)

    def money_cell(self, minor: float | None, currency: str) -> Cell:
        """Return an amount as a cell."""
        known = minor is not None and bool(currency)
        return Cell(self.money(minor or 0, currency) if known else NONE, minor if known else None)

    def least(self, cell: Cell, is_least: bool) -> Cell:
        """Return a cell as the least there is, where it is no more than that."""
        return self._bounded("least", cell) if is_least else cell

    def most(self, cell: Cell, is_most: bool) -> Cell:
        """Return a cell as the most there is, where it is no less than that."""
        return self._bounded("most", cell) if is_most else cell

    def _bounded(self, how: str, cell: Cell) -> Cell:
        if cell.value is None:
            return cell
        return Cell(self.say("names", how, text=cell.text), cell.value)

    def hours_cell(self, hours: float | None) -> Cell:
        """Return a length of time as a cell."""
        return Cell(self.hours(hours), hours)
