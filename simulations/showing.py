"""The figures of a replay as the command line prints them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.cli.paper import Paper
from reso.model.money import format_money
from reso.model.time import format_seconds
from simulations.figures import Group, Summary
from simulations.history import Note
from simulations.measures.rates import Rate
from simulations.measures.workload import Workload
from simulations.page_one import print_knowledge
from simulations.reading import counted
from simulations.reading.reasons import REASONS
from simulations.replaying.analysis import Analysis
from simulations.replaying.opened import Account
from simulations.replaying.replayed import Replayed
from simulations.replaying.supposing import Supposed
from simulations.results import ENDED, Ended
from simulations.showing_measures import interval, percent, print_more, print_recorded
from simulations.showing_supposed import print_supposed

TITLES: dict[Ended, str] = {
    "agreed": "agreed: both sides said yes",
    "lapsed": "lapsed: silence that counts as yes",
    "imposed": "imposed: ruled without a yes",
    "withdrawn": "withdrawn by who complained",
    "escalated": "handed to a human",
    "open": "still open",
}
SHORT: dict[Ended, str] = {**{ended: ended for ended in ENDED}, "escalated": "human"}
MOST_SHOWN = 4
REJECTS_SHOWN = 3
SECONDS_AN_HOUR = 3600
NONE = "-"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is printed of a replay.

    Attributes:
        ran: lines that say what was run.
        supposed: what was supposed beyond the record.
        written: the file that holds all rows put aside, None: none.
        full: everything; otherwise about a screen of it.
    """

    replayed: Replayed
    ran: Sequence[str]
    supposed: Supposed
    written: Path | None
    full: bool

    @property
    def account(self) -> Account:
        """What was read."""
        return self.replayed.account

    @property
    def analysis(self) -> Analysis:
        """What was measured."""
        return self.replayed.analysis


def print_replay(paper: Paper, shown: Shown) -> None:
    """Print a replay: what its history knows, then the figures, each part under its title."""
    summary, most = shown.analysis.summary, None if shown.full else MOST_SHOWN
    for line in shown.ran:
        paper.line(line)
    paper.line()
    print_knowledge(paper, shown.analysis.knowledge, full=shown.full)
    for part in (_endings, _rules, _humans, _times, _money, _by_type):
        paper.line()
        part(paper, summary, most)
        if part is _humans:
            _workload(paper, shown.analysis.workload)
    if shown.analysis.recorded is not None:
        paper.line()
        print_recorded(paper, shown.analysis, shown.replayed.outcomes, shown.replayed.truth)
    print_supposed(paper, shown.supposed)
    if shown.full:
        print_more(paper, shown.analysis)
    else:
        paper.line()
        paper.line("--full prints all of it, --json and --out DIR give it to other programs.")
    print_aside(paper, shown)


def print_aside(paper: Paper, shown: Shown) -> None:
    """Print what was found in the history, and the rows that could not be used."""
    _notes(paper, shown.account.notes, None if shown.full else MOST_SHOWN)
    _rejects(paper, shown)


def _notes(paper: Paper, notes: Sequence[Note], most: int | None) -> None:
    if not notes:
        return
    paper.line()
    paper.rule("Found in the history")
    most = None if most is not None and len(notes) == most + 1 else most
    rest = len(notes) - len(notes[:most])
    paper.facts([(f"{note.count:,}", note.what) for note in notes[:most]])
    if rest:
        paper.line(f"{rest} more kinds of findings.")


def _rejects(paper: Paper, shown: Shown) -> None:
    """Print how many rows could not be used and why, the first of them, and where all stand."""
    rejects = shown.replayed.rejects
    if not rejects:
        return
    outcomes = shown.replayed.outcomes
    parts = [(shown.account.rejects, shown.account.rows_read, "rows")]
    if outcomes is not None:
        parts.append((outcomes.rejects, outcomes.read, "recorded outcomes"))
    counts = [f"{len(some):,} of {read:,} {what}" for some, read, what in parts if some]
    paper.line()
    paper.rule("Rows put aside")
    paper.line(f"{' and '.join(counts)} cannot be used; the others were used.")
    paper.facts([(f"{count:,}", REASONS[why]) for why, count in counted(rejects).items()])
    for one in rejects[:REJECTS_SHOWN]:
        paper.line(f"{one.place}: {one.message}")
    if shown.written is not None:
        paper.line(f"All of them, with what stood there: {shown.written}")
        return
    paper.line("--rejects FILE (.jsonl, .csv, .parquet) writes all of them; --strict stops there.")


def headline(summary: Summary) -> str:
    """Return the rate in a sentence; where nobody answered it is called what it is there."""
    rate = summary.whole.without_human
    word = "ended" if summary.unanswered.of < summary.whole.disputes else "were decided"
    return f"{rate.count:,} of {rate.of:,} disputes {word} without a human: {percent(rate)}."


def _endings(paper: Paper, summary: Summary, most: int | None) -> None:
    whole = summary.whole
    paper.rule("How disputes ended")
    rows = [(TITLES[ended], *_rate(rate)) for ended, rate in whole.ended.items()]
    paper.table(("", "disputes", "share", "95 % interval"), rows)
    paper.line()
    paper.line(headline(summary), style="bold green")
    unanswered = summary.unanswered
    if 0 < unanswered.of < whole.disputes:
        paper.line(
            f"{unanswered.of:,} of the {whole.disputes:,} hold no answer of a party: "
            f"there the policy decided {unanswered.count:,} without a human, {percent(unanswered)}."
        )
    if summary.no_claim:
        paper.line(f"{summary.no_claim:,} more without a complaint are not counted.")


def _rules(paper: Paper, summary: Summary, most: int | None) -> None:
    paper.rule("What ended them")
    if not summary.ended_by:
        paper.line("Nothing.")
        return
    rows = [(rule, SHORT[ended], f"{count:,}") for rule, ended, count in summary.ended_by[:most]]
    rest = summary.ended_by[len(rows) :]
    if rest:
        rows.append((f"{len(rest)} others", "", f"{sum(count for *_, count in rest):,}"))
    paper.table(("rule", "", "disputes"), rows)


def _humans(paper: Paper, summary: Summary, most: int | None) -> None:
    paper.rule("What a human has to answer")
    if summary.human_before:
        paper.line(
            f"On {summary.human_before:,} a person had ruled before this policy acted; they count "
            "as a human's, however they ended."
        )
    if not summary.escalated:
        paper.line("Nothing.")
        return
    rows = [(name, f"{count:,}") for name, count in summary.escalated[:most]]
    rest = summary.escalated[len(rows) :]
    if rest:
        rows.append((f"{len(rest)} others", f"{sum(count for _, count in rest):,}"))
    paper.table(("question or rule", "disputes"), rows)


def _workload(paper: Paper, work: Workload) -> None:
    if not work.loads:
        return
    usual = next((load for load in work.loads if load.times == 1), work.loads[0])
    most = max(work.loads, key=lambda load: load.times)
    paper.line(
        f"{work.cases:,} ever reached one: {usual.cases_per_hour:.2g} an hour, "
        f"{usual.minutes_per_hour:.2g} minutes of work; at {most.times:g} times the load "
        f"{most.cases_per_hour:.2g}, {most.minutes_per_hour:.2g} minutes."
    )


def _times(paper: Paper, summary: Summary, most: int | None) -> None:
    hours = summary.whole.hours
    paper.rule("Time from complaint to end")
    paper.facts(
        [
            ("median", _length(hours.median)),
            ("90 % within", _length(hours.p90)),
            ("of", f"{hours.count:,} disputes that agreed, lapsed or were imposed"),
        ]
    )


def _money(paper: Paper, summary: Summary, most: int | None) -> None:
    paper.rule("Money")
    if not summary.money:
        paper.line("None moved.")
        return
    if most is None:
        rows = [
            (one.payer, one.payee, one.component, format_money(one.amount, one.currency, "en"))
            for one in summary.money
        ]
        paper.table(("borne by", "goes to", "component", "amount"), rows)
    for refunds in summary.refunds:
        amount = format_money(refunds.amount, refunds.currency, "en")
        told = "1 refund" if refunds.count == 1 else f"{refunds.count:,} refunds"
        late = format_money(refunds.arrived_after_amount, refunds.currency, "en")
        paper.line(
            f"{told}, {amount} to buyers. "
            f"In {refunds.arrived_after:,} the parcel arrived afterwards: {late}."
        )
        paper.line(f"Borne by: {_borne(summary, refunds.currency)}.")


def _borne(summary: Summary, currency: str) -> str:
    """Return who bears what buyers get, most first."""
    by_payer = Counter[str]()
    for one in summary.money:
        if one.payee == "buyer" and one.currency == currency:
            by_payer[one.payer] += one.amount
    return ", ".join(
        f"{payer} {format_money(amount, currency, 'en')}"
        for payer, amount in by_payer.most_common()
    )


def _by_type(paper: Paper, summary: Summary, most: int | None) -> None:
    paper.rule("By claim type")
    ended = tuple(summary.whole.ended)
    headers = ("claim", "disputes", *(SHORT[one] for one in ended), "no human", "median")
    by_size = sorted(summary.by_type.items(), key=lambda one: (-one[1].disputes, one[0]))
    rows = [(name, *_counts(group, ended)) for name, group in by_size[:most]]
    paper.table(headers, rows)
    rest = by_size[len(rows) :]
    if rest:
        paper.line(
            f"{len(rest)} others with {sum(group.disputes for _, group in rest):,} disputes."
        )


def _counts(group: Group, ended: Sequence[Ended]) -> Iterator[str]:
    yield f"{group.disputes:,}"
    yield from (f"{group.ended[one].count:,}" for one in ended)
    yield percent(group.without_human)
    yield _length(group.hours.median)


def _rate(rate: Rate) -> tuple[str, str, str]:
    return f"{rate.count:,}", percent(rate), interval(rate)


def _length(hours: float | None) -> str:
    return NONE if hours is None else format_seconds(round(hours * SECONDS_AN_HOUR), "en")
