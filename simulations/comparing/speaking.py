"""Figures of a comparison as people read them, in Indonesian and English."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from babel.numbers import format_decimal

from reso.model.money import Language, format_money
from reso.model.time import format_seconds
from simulations.comparing.bootstrap import Interval
from simulations.comparing.comparison import Comparison, PartyMoney
from simulations.comparing.mcnemar import Table
from simulations.comparing.telling import WORDS

NONE = "-"
MINUS = "-"
SMALLEST_P = 0.0001
SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Speech:
    """Says a comparison in one language; `a` and `b` are what it calls the sides."""

    language: Language
    comparison: Comparison
    a: str
    b: str

    def say(self, table: str, key: str, **values: str) -> str:
        """Return a sentence of `words.yaml`."""
        return WORDS.say(table, key, self.language, **values)

    def word(self, table: str, key: str) -> str:
        """Return a word of `words.yaml`, or the key as words where it has none."""
        return WORDS.word(table, key, self.language) or key.replace("_", " ")

    # -- sentences --------------------------------------------------------------------------

    def verdict(self) -> str:
        """Return what the comparison comes to, in one sentence."""
        found = self.comparison
        n = self.count(found.disputes)
        if not found.changed:
            return self.say("verdict", "same", a=self.a, b=self.b, n=n)
        return self.say(
            "verdict",
            "changed",
            a=self.a,
            b=self.b,
            n=n,
            k=self.count(found.changed),
            share=self.percent(found.changed, found.disputes),
            alone=self._alone(),
            money=self._bought(),
        )

    def _alone(self) -> str:
        """Return how many end without a human: one share where it is the same when rounded."""
        test = self.comparison.test("alone")
        assert test is not None
        a, b = self.shares(test.table)
        return self.say("verdict", "alone" if a != b else "as_many", a=a, b=b)

    def _bought(self) -> str:
        moved = [one for one in self.comparison.party("buyer") if one.difference]
        told = [
            self.say(
                "verdict", "more" if one.difference > 0 else "less",
                amount=self.money(abs(one.difference), one.currency),
            )
            for one in moved
        ]  # fmt: skip
        return ", ".join(told) or self.word("verdict", "equal")

    def limits(self) -> Iterator[str]:
        """Yield what the history cannot tell of these two."""
        found = self.comparison
        silent, changed = self.count(found.silent), self.count(found.changed)
        yield self.say("limits", "offers", silent=silent, changed=changed)
        yield self.word("limits", "answers")
        yield self.word("limits", "censoring")
        yield from self._left_out()
        wrong = found.test("wrong")
        known = self.count(wrong.table.of if wrong else 0)
        yield self.say("limits", "truth", known=known, n=self.count(found.disputes))
        if found.unsettled_a or found.unsettled_b:
            a, b = self.count(found.unsettled_a), self.count(found.unsettled_b)
            yield self.say("limits", "unsettled", a=a, b=b)
        for key in ("unpaired", "without_money"):
            number: int = getattr(found.paired, key)
            if number:
                yield self.say("limits", key, n=self.count(number))

    def _left_out(self) -> Iterator[str]:
        """Yield what of the history no longer held once a policy had acted, and what stays."""
        counts = [
            self.say(
                "limits", "left_out_of", side=side, acts=self.count(one.acts),
                n=self.count(one.disputes.count),
            )
            for side, one in zip(("A", "B"), self.comparison.left_out, strict=False)
            if one.acts
        ]  # fmt: skip
        across = self.word("limits", "across")
        told = self.say("limits", "left_out", counts="; ".join(counts)) if counts else ""
        yield f"{told} {across}".lstrip()

    # -- figures ----------------------------------------------------------------------------

    def count(self, number: int) -> str:
        """Return a whole number."""
        return str(format_decimal(number, locale=self.language))

    def decimal(self, number: float, digits: int) -> str:
        """Return a number with so many decimal digits."""
        form = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return str(format_decimal(number, format=form, locale=self.language))

    def percent(self, count: int, of: int) -> str:
        """Return a share in percent."""
        return f"{self.decimal(100 * count / of, 1)}%" if of else NONE

    def shares(self, table: Table) -> tuple[str, str]:
        """Return the shares of disputes for which an outcome holds under A, under B."""
        a, b = table.both + table.only_a, table.both + table.only_b
        return self.percent(a, table.of), self.percent(b, table.of)

    def points(self, share: float | None) -> str:
        """Return a difference of two shares, in percentage points, with its sign."""
        return NONE if share is None else self._signed(self.decimal(abs(100 * share), 2), share)

    def point_ends(self, interval: Interval | None) -> str:
        """Return the ends of an interval of such a difference."""
        return self._ends(interval, self.points)

    def money(self, minor: float, currency: str) -> str:
        """Return an amount of minor units, rounded to whole ones."""
        return format_money(round(minor), currency, self.language)

    def signed_money(self, minor: float, currency: str) -> str:
        """Return an amount with its sign."""
        return self._signed(self.money(abs(minor), currency), round(minor))

    def money_ends(self, one: PartyMoney) -> str:
        """Return the ends of the interval of what a party has more."""
        return self._ends(one.interval, lambda end: self.signed_money(end, one.currency))

    def p(self, value: float) -> str:
        """Return a p value."""
        if value < SMALLEST_P:
            return f"< {self.decimal(SMALLEST_P, 4)}"
        return self.decimal(value, 4)

    def hours(self, hours: float | None) -> str:
        """Return a length of time."""
        if hours is None:
            return NONE
        return format_seconds(round(hours * SECONDS_AN_HOUR), self.language)

    def _ends(self, interval: Interval | None, told: Callable[[float], str]) -> str:
        if interval is None:
            return NONE
        to: Literal["sampai", "to"] = "sampai" if self.language == "id" else "to"
        return f"{told(interval.low)} {to} {told(interval.high)}"

    def _signed(self, text: str, value: float) -> str:
        return f"{'+' if value > 0 else MINUS if value < 0 else ''}{text}"


def joined(texts: Iterable[str]) -> str:
    """Return texts in a row, `-` for none."""
    return ", ".join(texts) or NONE
