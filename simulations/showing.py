"""The figures of a replay as the command line prints them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from reso.cli.paper import Paper
from reso.model.money import format_money
from reso.model.time import format_seconds
from simulations.figures import Group, Summary
from simulations.history import History
from simulations.measures.rates import Rate
from simulations.reading import counted
from simulations.reading.reasons import REASONS
from simulations.results import ENDED, Ended

TITLES: dict[Ended, str] = {
    "agreed": "agreed: both sides said yes",
    "lapsed": "lapsed: silence that counts as yes",
    "imposed": "imposed: ruled without a yes",
    "withdrawn": "withdrawn by who complained",
    "escalated": "handed to a human",
    "open": "still open",
}
SHORT: dict[Ended, str] = {**{ended: ended for ended in ENDED}, "escalated": "human"}
MOST_TURNS = 12
REJECTS_SHOWN = 3
SECONDS_AN_HOUR = 3600
MOST_DIGITS = 5
NONE = "-"


def print_summary(paper: Paper, summary: Summary, history: History, ran: Sequence[str]) -> None:
    """Print the figures, each part under its title.

    Args:
        ran: lines that say what was run.
    """
    for line in ran:
        paper.line(line)
    for part in (_endings, _rules, _humans, _times, _money, _by_type):
        paper.line()
        part(paper, summary)
    if history.notes:
        paper.line()
        paper.rule("Found in the history")
        paper.facts([(f"{note.count:,}", note.what) for note in history.notes])


def print_rejects(paper: Paper, history: History, written: Path | None) -> None:
    """Print how many rows could not be used and why, the first of them, and where all stand."""
    rejects = history.rejects
    if not rejects:
        return
    paper.line()
    paper.rule("Rows put aside")
    paper.line(f"{len(rejects):,} of {history.rows_read:,} rows cannot be used; the rest was.")
    paper.facts([(f"{count:,}", REASONS[why]) for why, count in counted(rejects).items()])
    for one in rejects[:REJECTS_SHOWN]:
        paper.line(f"{one.place}: {one.message}")
    if written is not None:
        paper.line(f"All of them, with what stood there: {written}")
        return
    paper.line("--rejects FILE (.jsonl, .csv, .parquet) writes all of them; --strict stops there.")


def headline(summary: Summary) -> str:
    """Return the rate in a sentence; where nobody answered it is called what it is there."""
    rate = summary.whole.without_human
    word = "ended" if summary.unanswered.of < summary.whole.disputes else "were decided"
    return f"{rate.count:,} of {rate.of:,} disputes {word} without a human: {_percent(rate)}."


def _endings(paper: Paper, summary: Summary) -> None:
    whole = summary.whole
    paper.rule("How disputes ended")
    rows = [(TITLES[ended], *_rate(rate)) for ended, rate in whole.ended.items()]
    paper.table(("", "disputes", "share", "95 % interval"), rows)
    paper.line()
    paper.line(headline(summary), style="bold green")
    unanswered = summary.unanswered
    if 0 < unanswered.of < whole.disputes:
        paper.line(
            f"{unanswered.of:,} of them hold no answer of a party: there the policy decided "
            f"{unanswered.count:,} without a human, {_percent(unanswered)}."
        )
    if summary.no_claim:
        paper.line(f"{summary.no_claim:,} more without a complaint are not counted.")


def _rules(paper: Paper, summary: Summary) -> None:
    paper.rule("What ended them")
    if not summary.ended_by:
        paper.line("Nothing.")
        return
    rows = [
        (rule, SHORT[ended], f"{count:,}") for rule, ended, count in summary.ended_by[:MOST_TURNS]
    ]
    rest = summary.ended_by[MOST_TURNS:]
    if rest:
        rows.append((f"{len(rest)} others", "", f"{sum(count for *_, count in rest):,}"))
    paper.table(("rule", "", "disputes"), rows)


def _humans(paper: Paper, summary: Summary) -> None:
    paper.rule("What a human has to answer")
    if not summary.escalated:
        paper.line("Nothing.")
        return
    rows = [(name, f"{count:,}") for name, count in summary.escalated[:MOST_TURNS]]
    rest = summary.escalated[MOST_TURNS:]
    if rest:
        rows.append((f"{len(rest)} others", f"{sum(count for _, count in rest):,}"))
    paper.table(("question or rule", "disputes"), rows)


def _times(paper: Paper, summary: Summary) -> None:
    hours = summary.whole.hours
    paper.rule("Time from complaint to end")
    paper.facts(
        [
            ("median", _length(hours.median)),
            ("90 % within", _length(hours.p90)),
            ("of", f"{hours.count:,} disputes that agreed, lapsed or were imposed"),
        ]
    )


def _money(paper: Paper, summary: Summary) -> None:
    paper.rule("Money")
    if not summary.money:
        paper.line("None moved.")
        return
    rows = [
        (one.payer, one.payee, one.component, format_money(one.amount, one.currency, "en"))
        for one in summary.money
    ]
    paper.table(("borne by", "goes to", "component", "amount"), rows)
    for refunds in summary.refunds:
        amount = format_money(refunds.amount, refunds.currency, "en")
        counted = "1 refund" if refunds.count == 1 else f"{refunds.count:,} refunds"
        late = format_money(refunds.arrived_after_amount, refunds.currency, "en")
        paper.line(
            f"{counted}, {amount} to buyers. "
            f"In {refunds.arrived_after:,} the parcel arrived afterwards: {late}."
        )


def _by_type(paper: Paper, summary: Summary) -> None:
    paper.rule("By claim type")
    ended = tuple(summary.whole.ended)
    headers = ("claim", "disputes", *(SHORT[one] for one in ended), "no human", "median")
    rows = [(name, *_counts(group, ended)) for name, group in summary.by_type.items()]
    paper.table(headers, rows)


def _counts(group: Group, ended: Sequence[Ended]) -> Iterator[str]:
    yield f"{group.disputes:,}"
    yield from (f"{group.ended[one].count:,}" for one in ended)
    yield _percent(group.without_human)
    yield _length(group.hours.median)


def _rate(rate: Rate) -> tuple[str, str, str]:
    interval = rate.interval
    ends = NONE if interval is None else f"{interval[0]:.1%} to {interval[1]:.1%}"
    return f"{rate.count:,}", _percent(rate), ends


def _percent(rate: Rate) -> str:
    """Return a share in percent; what is not all or nothing is not rounded to it."""
    if rate.share is None:
        return NONE
    for digits in range(1, MOST_DIGITS):
        shown = f"{rate.share:.{digits}%}"
        if rate.count in (0, rate.of) or float(shown[:-1]) not in (0, 100):
            return shown
    return f"{rate.share:.{MOST_DIGITS}%}"


def _length(hours: float | None) -> str:
    return NONE if hours is None else format_seconds(round(hours * SECONDS_AN_HOUR), "en")
