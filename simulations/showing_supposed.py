"""What was supposed beyond the record, as the command line prints it."""

from collections.abc import Iterator

from reso.cli.paper import Paper
from reso.engine.words import short_hash
from reso.model.money import format_money
from simulations.measures.censoring import Widening
from simulations.measures.mirror import Mirror
from simulations.measures.money import Bought
from simulations.measures.rates import Band, Rate
from simulations.page_one import SINCE
from simulations.replaying.supposing import (
    Answers,
    Figures,
    Raised,
    Supposed,
    Widened,
    in_days,
)
from simulations.showing_measures import NONE, interval, percent

MOST_BREAKS = 5
RECORD = "the record alone"


def print_supposed(paper: Paper, supposed: Supposed) -> None:
    """Print each part that was asked for, under its title."""
    if supposed.answers is not None:
        paper.line()
        _print_answers(paper, supposed.answers)
    if supposed.mirror is not None:
        paper.line()
        _print_mirror(paper, supposed.mirror)
    if supposed.widened or supposed.raised:
        paper.line()
        _print_widened(paper, supposed.widened, supposed.raised)


# -- answers ------------------------------------------------------------------------------------


def _print_answers(paper: Paper, answers: Answers) -> None:
    paper.rule("If parties answer as a model says")
    runs: dict[str, Figures] = {RECORD: answers.record}
    runs.update(answers.runs.items())
    rows = [
        (
            name,
            percent(one.automatic.together),
            interval(one.automatic.together),
            *(percent(rate) for rate in (one.automatic.agreed, one.automatic.lapsed)),
            percent(one.automatic.imposed),
            percent(one.escalation.ever),
        )
        for name, one in runs.items()
    ]
    paper.table(
        ("readiness", "no human", "95 % interval", "agreed", "lapsed", "imposed", "ever a human"),
        rows,
    )
    paper.line()
    paid = [(name, *row) for name, one in runs.items() for row in _paid(one)]
    headers = ("readiness", "refunds", "to buyers", "95 % interval", "borne by")
    paper.table(headers, paid, words=True)
    paper.line()
    for line in told_of(answers):
        paper.line(line)


def told_of(answers: Answers) -> tuple[str, ...]:
    """Return which model answered, its file, hash and seed, and the source of each run."""
    choice = answers.choice
    first, *sources = choice.told()
    file = f"{choice.name}, SHA-256 {short_hash(choice.content_hash)}, seed {answers.seed}"
    led = f"{_count(answers.led_again, 'dispute')} led again for each run"
    return (f"{first}: {file}; {led}", *sources, "These runs are assumptions, not findings.")


def _paid(one: Figures) -> Iterator[tuple[str, str, str, str]]:
    if not one.bought:
        yield "0", NONE, NONE, NONE
    for money in one.bought:
        amount = format_money(money.amount, money.currency, "en")
        yield f"{money.refunds:,}", amount, _ends(money), _borne(one, money.currency)


def _ends(money: Bought) -> str:
    if money.interval is None:
        return NONE
    return " to ".join(format_money(end, money.currency, "en") for end in money.interval)


def _borne(one: Figures, currency: str) -> str:
    """Return who bears what buyers get, most first."""
    told = (f"{party} {format_money(n, currency, 'en')}" for party, n in one.borne(currency))
    return ", ".join(told) or NONE


# -- mirrored evidence --------------------------------------------------------------------------


def _print_mirror(paper: Paper, found: Mirror) -> None:
    paper.rule("With the sides' evidence swapped")
    if not found.pairs:
        paper.line(
            "There is no evidence of a side to be swapped: what it weighs cannot be told here."
        )
        return
    paper.facts(
        [
            ("tried", f"{_count(found.mirrored.of, 'dispute')}, drawn by seed {found.seed}"),
            ("mirrored", _of(found.mirrored)),
            ("for the buyer both ways", _of(found.buyer_both_ways)),
            ("for the seller both ways", _of(found.seller_both_ways)),
        ]
    )
    if not found.breaks:
        return
    paper.line()
    rows = [
        (
            one.kind,
            one.rule or NONE,
            one.favours,
            one.rule_swapped or NONE,
            one.favours_swapped,
            f"{one.disputes:,}",
            one.examples[0],
        )
        for one in found.breaks[:MOST_BREAKS]
    ]
    headers = ("", "rule", "for", "swapped: rule", "for", "disputes", "such as")
    paper.table(headers, rows, words=True)
    rest = found.breaks[MOST_BREAKS:]
    if rest:
        disputes = sum(one.disputes for one in rest)
        paper.line(
            f"{_count(len(rest), 'other pair')} of rules with {_count(disputes, 'dispute')}."
        )


def _of(rate: Rate) -> str:
    return f"{rate.count:,} of {rate.of:,}, {percent(rate)} ({interval(rate)})"


# -- a wider window -----------------------------------------------------------------------------


def _print_widened(paper: Paper, widened: tuple[Widened, ...], raised: tuple[Raised, ...]) -> None:
    paper.rule("What a wider window brings")
    for one in widened:
        if not one.priced:
            paper.line(
                f"{one.wider.name}: unknowable, not zero: of no such claim is it known how old "
                "the matter was."
            )
        for priced in one.priced:
            told = " ".join(_widening(priced))
            paper.line(f"{one.wider.name}, {SINCE[priced.since]}: {told}")
    for longer in raised:
        paper.line(told_of_raised(longer))


def told_of_raised(one: Raised) -> str:
    """Return that what a window lets in is not in the history, and how to have it priced."""
    side = f"{one.side}: " if one.side else ""
    return (
        f"{side}{one.parameter} lasts {in_days(one.days)}, where the pack has "
        f"{in_days(one.before)}. Complaints it lets in beyond that are not in this history, nor in "
        f"any figure here. {one.hint} prices them."
    )


def _widening(found: Widening) -> Iterator[str]:
    match found.verdict:
        case "unknowable":
            yield f"unknowable, not zero: {found.because}."
        case "not_wider":
            yield f"no wider than what is there: {found.because}."
        case "priced" if found.claims is not None:
            yield f"{_band(found.claims)} more claims ({found.because});"
            for currency, money in found.refunded:
                low, middle, high = (
                    format_money(amount, currency, "en")
                    for amount in (money.low, money.middle, money.high)
                )
                yield f"{middle} more refunded ({low} to {high});"
            if found.to_humans is not None:
                yield f"{_band(found.to_humans)} more that a human gets."


def _band(band: Band[float]) -> str:
    return f"{band.middle:,.0f} ({band.low:,.0f} to {band.high:,.0f})"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
