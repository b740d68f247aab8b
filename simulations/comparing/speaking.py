"""Figures of a comparison as people read them, in Indonesian and English."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from babel.numbers import format_decimal

from reso.model.money import Language, format_money
from reso.model.time import format_seconds
from simulations.comparing.bootstrap import MOST_GROUPS, Interval
from simulations.comparing.comparison import Comparison, More, PartyMoney, WithAnswers
from simulations.comparing.mcnemar import EXACT_UP_TO, Table
from simulations.comparing.telling import WORDS

NONE = "-"
MINUS = "-"
PRINTED_MINUS, PRINTED_SPACE = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
MOST_DIGITS = 5
SMALLEST_P = 0.0001
SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Speech:
    """Says a comparison in one language; `a` and `b` are what it calls the sides.

    Attributes:
        is_printed: for a page that breaks lines by itself: no amount is broken in two.
    """

    language: Language
    comparison: Comparison
    a: str
    b: str
    is_printed: bool = False

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
        offers = self.word("limits", "offers")
        if found.silent:
            silent, changed = self.count(found.silent), self.count(found.changed)
            offers += " " + self.say("limits", "silent", silent=silent, changed=changed)
        yield offers
        yield self.word("limits", "answers")
        yield self.word("limits", "censoring")
        yield from self._left_out()
        wrong = found.test("wrong")
        known = self.count(wrong.table.of if wrong else 0)
        yield self.say("limits", "truth", known=known, n=self.count(found.disputes))
        if wrong is None and found.late_unknown:
            yield self.say("limits", "late_unknown", n=self.count(found.late_unknown))
        if found.unsettled_a or found.unsettled_b:
            a, b = self.count(found.unsettled_a), self.count(found.unsettled_b)
            yield self.say("limits", "unsettled", a=a, b=b)
        for key in ("unpaired", "without_money"):
            number: int = getattr(found.paired, key)
            if number:
                yield self.say("limits", key, n=self.count(number))

    def tested(self) -> Iterator[str]:
        """Yield what the tests are, and how to read them."""
        found = self.comparison
        tests, most = self.count(len(found.tests)), self.count(EXACT_UP_TO)
        yield self.say("report", "holm", tests=tests, most=most)
        yield self.word("report", "odds")
        replicates = self.count(found.replicates)
        yield self.say("report", "bootstrap", replicates=replicates, seed=str(found.seed))
        if found.disputes > MOST_GROUPS:
            yield self.say("report", "grouped", groups=self.count(MOST_GROUPS))

    def answered(self) -> str:
        """Return who answers as the model says, where one was asked to."""
        found = self.comparison
        assert found.answers is not None
        key = "answers_record" if found.with_recorded else "answers_both"
        return self.say("report", key, model=found.answers.model, seed=str(found.seed))

    def runs(self) -> Iterator[tuple[str, WithAnswers]]:
        """Yield the record alone and each run of the model, under its name."""
        found = self.comparison
        alone = found.test("alone")
        if found.answers is not None and alone is not None:
            record = WithAnswers("record", found.changed, alone, found.party("buyer"))
            for one in (record, *found.answers.runs):
                yield self.word("runs", one.run), one

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
        """Return a share in percent; what is not all or nothing is not rounded to it."""
        if not of:
            return NONE
        share, digits = 100 * count / of, 1
        while 0 < share < 100 and round(share, digits) in (0, 100) and digits < MOST_DIGITS:
            digits += 1
        return f"{self.decimal(share, digits)}%"

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
        told = format_money(round(minor), currency, self.language)
        return told.replace(" ", PRINTED_SPACE) if self.is_printed else told

    def signed_money(self, minor: float, currency: str) -> str:
        """Return an amount with its sign."""
        return self._signed(self.money(abs(minor), currency), round(minor))

    def money_ends(self, one: PartyMoney) -> str:
        """Return the ends of the interval of what a party has more."""
        return self._ends(one.interval, lambda end: self.signed_money(end, one.currency))

    def more(self, money: Sequence[More]) -> str:
        """Return what parties have more under A."""
        return joined(
            f"{self.word('parties', one.party)} {self.signed_money(one.amount, one.currency)}"
            for one in money
        )

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
        minus = PRINTED_MINUS if self.is_printed else MINUS
        return f"{'+' if value > 0 else minus if value < 0 else ''}{text}"


def joined(texts: Iterable[str]) -> str:
    """Return texts in a row, `-` for none."""
    return ", ".join(texts) or NONE
