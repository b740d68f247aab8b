"""The words and figures of a sweep in one language, and the columns of its table."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from babel.numbers import format_decimal

from reso.facts.wordbook import WordBook
from reso.model.money import Language, to_major
from simulations.measures.rates import Rate
from simulations.sweeping.figures import Measure, Step, TradeOff
from simulations.sweeping.running import Sweep

WORDS = WordBook(Path(__file__).with_name("words.yaml"))
NONE = "-"
MARK = "*"
DAGGER = "†"
"""Marks what is known in hindsight alone."""
SIGNIFICANT = 6


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of each step.

    Attributes:
        title: its key in `words.yaml`. currency: of an amount, else "".
        digits: after the point.
        of: the figure, None where it is not known.
        is_hindsight: no decision could see it.
    """

    title: str
    digits: int
    of: Callable[[Step], float | Decimal | None]
    currency: str = ""
    is_hindsight: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """Writes the words and figures of a sweep in one language."""

    language: Language = "en"

    def say(self, table: str, key: str, **values: str) -> str:
        """Return a sentence of `words.yaml` with its `{name}`s filled in."""
        return WORDS.say(table, key, self.language, **values)

    def header(self, column: Column) -> str:
        """Return what a column is called."""
        return self.say("columns", column.title, currency=column.currency)

    def cell(self, column: Column, step: Step) -> str:
        """Return a figure of a step."""
        value = column.of(step)
        return NONE if value is None else self.number(value, column.digits)

    def title(self, measure: Measure) -> str:
        """Return what a measure is called."""
        return self.say("measures", measure.name)

    def frontier(self, swept: Sweep, trade_off: TradeOff) -> str:
        """Return what the marked steps are."""
        one, other = (
            self.say("frontier", "more" if measure.more else "less", title=self.title(measure))
            for measure in (trade_off.one, trade_off.other)
        )
        best, n = map(self.count, (len(trade_off.frontier(swept.steps)), len(swept.steps)))
        return self.say("frontier", "said", mark=MARK, best=best, n=n, one=one, other=other)

    def count(self, number: int) -> str:
        """Return a whole number."""
        return self.number(number, 0)

    def number(self, value: float | Decimal, digits: int) -> str:
        """Return a number with so many digits after the point."""
        form = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return str(format_decimal(value, format=form, locale=self.language))

    def short(self, value: float) -> str:
        """Return a number with no more digits than tell it apart from others like it."""
        plain = Decimal(f"{value:.{SIGNIFICANT}g}")
        return str(format_decimal(plain, format=f"#,##0.{'#' * SIGNIFICANT}", locale=self.language))


def columns(swept: Sweep) -> tuple[Column, ...]:
    """Return the columns there is something to say in; money only of one currency."""
    currencies = {paid.currency for step in swept.steps for paid in step.money}
    one = next(iter(currencies)) if len(currencies) == 1 else ""
    late = Column("money_came_later", 0, lambda s: _major(s.money[0].came_later, one), one, True)
    bought = Column("to_buyers", 0, lambda s: _major(s.money[0].to_buyers, one), one)
    truth = (
        Column("refunded_wrongly", 1, lambda s: _of_truth(s, "refunded_wrongly")),
        Column("refused_wrongly", 1, lambda s: _of_truth(s, "refused_wrongly")),
    )
    has_truth = any(step.wrongful is not None for step in swept.steps)
    return (
        Column("refunds", 0, lambda s: s.refunds),
        Column("came_later", 0, lambda s: s.came_later.count, is_hindsight=True),
        Column("came_later_share", 1, lambda s: _share(s.came_later), is_hindsight=True),
        *((late,) if one else ()),
        *(truth if has_truth else ()),
        Column("automatic", 1, lambda s: _share(s.automatic)),
        Column("human", 0, lambda s: s.human.count),
        *((bought,) if one else ()),
        Column("hours", 1, lambda s: s.hours),
    )


def _share(rate: Rate) -> float | None:
    return None if rate.share is None else 100 * rate.share


def _of_truth(step: Step, name: Literal["refunded_wrongly", "refused_wrongly"]) -> float | None:
    return None if step.wrongful is None else _share(getattr(step.wrongful, name))


def _major(minor: int, currency: str) -> Decimal:
    return to_major(minor, currency)
