"""The measures of a replay beyond its figures, as the command line prints them."""

from collections.abc import Iterator

from reso.cli.paper import Paper
from reso.model.money import format_money
from reso.model.time import format_seconds
from simulations.measures.agreement import Agreement, Calibration
from simulations.measures.consistency import Consistency
from simulations.measures.fairness import Balance
from simulations.measures.rates import Mean, Rate
from simulations.measures.segments import Segments
from simulations.measures.truth import Wrongful
from simulations.reading import Outcomes, TruthFile
from simulations.replaying.analysis import Analysis

MOST_DIGITS = 5
MOST_SEGMENTS = 20
MOST_CALIBRATED = 20
SECONDS_AN_HOUR = 3600
NONE = "-"


def percent(rate: Rate) -> str:
    """Return a share in percent; what is not all or nothing is not rounded to it."""
    if rate.share is None:
        return NONE
    for digits in range(1, MOST_DIGITS):
        shown = f"{rate.share:.{digits}%}"
        if rate.count in (0, rate.of) or float(shown[:-1]) not in (0, 100):
            return shown
    return f"{rate.share:.{MOST_DIGITS}%}"


def interval(rate: Rate) -> str:
    """Return the 95 % interval of a share."""
    ends = rate.interval
    return NONE if ends is None else f"{ends[0]:.1%} to {ends[1]:.1%}"


def print_recorded(
    paper: Paper, analysis: Analysis, outcomes: Outcomes | None, truth: TruthFile | None
) -> None:
    """Print what recorded outcomes, and a file of truths, say of the replay: in a few lines."""
    recorded = analysis.recorded
    if recorded is None:
        return
    paper.rule("Against what is recorded")
    facts = []
    if outcomes is not None:
        facts += [
            ("outcomes", f"{outcomes.used:,} recorded"),
            ("as humans ruled", _same(recorded.agreement)),
            ("overturned", _overturned(recorded.agreement)),
        ]
    if truth is not None:
        facts.append(("truth", _told(truth)))
    facts.append(("wrongful", _wrongful(recorded.wrongful)))
    facts += [("", line) for line in _wrong_money(recorded.wrongful)]
    paper.facts(facts)


def _told(truth: TruthFile) -> str:
    told = f"of {truth.used:,} disputes, by {truth.file.name}"
    if not truth.elsewhere:
        return told
    return f"{told}; of {truth.elsewhere:,} more that are not in this history"


def _same(agreement: Agreement) -> str:
    if not agreement.same.of:
        return "no human's ruling is recorded of what was settled here"
    kappa = agreement.decisions.value
    beyond = "" if kappa is None else f", kappa {kappa:.2f}"
    return f"{agreement.same.count:,} of {agreement.same.of:,}, {percent(agreement.same)}{beyond}"


def _overturned(agreement: Agreement) -> str:
    rate = agreement.overturned
    if not rate.of:
        return "nothing that ended without a human has a human's ruling"
    return f"{percent(rate)} of {rate.of:,} that ended without a human ({interval(rate)})"


def _wrongful(found: Wrongful) -> str:
    if not found.known.count:
        return "what was really due is not recorded"
    refunded, refused = found.refunded_wrongly, found.refused_wrongly
    return (
        f"refunded {percent(refunded)} of {refunded.of:,} where nothing was due, "
        f"refused {percent(refused)} of {refused.of:,} where a refund was"
    )


def _wrong_money(found: Wrongful) -> Iterator[str]:
    """Yield the money of wrongful outcomes, by currency."""
    for one in found.money:
        given = format_money(one.to_buyers, one.currency, "en")
        kept = "an unknown sum"
        if one.kept_from_buyers is not None:
            sum_ = format_money(one.kept_from_buyers, one.currency, "en")
            kept = f"at least {sum_}" if one.is_least else sum_
        line = f"{given} to buyers though not due, {kept} kept from them though due"
        if one.amount_unknown:
            line += f" ({one.amount_unknown:,} without amount)"
        yield line


def print_more(paper: Paper, analysis: Analysis) -> None:
    """Print what does not fit on a screen."""
    _over_time(paper, analysis)
    _quantiles(paper, analysis)
    _load(paper, analysis)
    if analysis.recorded is not None:
        _matrix(paper, analysis.recorded.agreement)
        _calibration(paper, analysis.recorded.calibration)
        _balance(paper, analysis.balance)
    _consistency(paper, analysis.consistency)
    for one in analysis.segments:
        _segments(paper, one)


def _over_time(paper: Paper, analysis: Analysis) -> None:
    paper.line()
    paper.rule("Over time")
    rows = [
        (
            f"{one.starts:%Y-%m}",
            f"{one.disputes:,}{' (few)' if one.small else ''}",
            *map(percent, (one.automatic, one.escalated, one.refunded, one.still_open)),
        )
        for one in analysis.over_time
    ]
    paper.table(("complaints of", "disputes", "no human", "human", "refund", "open"), rows)


def _quantiles(paper: Paper, analysis: Analysis) -> None:
    if not analysis.times:
        return
    paper.line()
    paper.rule("Time to the end, by how it ended")
    shares = [f"{share:.0%}" for share, _ in analysis.times[0].quantiles]
    rows = [
        (
            one.group,
            f"{one.disputes:,}",
            *(_length(hours) for _, hours in one.quantiles),
            _length(one.longest),
        )
        for one in analysis.times
    ]
    paper.table(("ended", "disputes", *shares, "longest"), rows)


def _load(paper: Paper, analysis: Analysis) -> None:
    work = analysis.workload
    if not work.loads:
        return
    paper.line()
    paper.rule("What reaches humans, per open hour")
    rows = [
        (
            f"{load.times:g} times",
            f"{load.cases_per_hour:.3g}",
            f"{load.minutes_per_hour:.3g}",
            f"{load.busy_cases_per_hour:.3g}",
            f"{load.busy_minutes_per_hour:.3g}",
        )
        for load in work.loads
    ]
    paper.table(("load", "cases", "minutes", "cases, busy day", "minutes, busy day"), rows)


def _matrix(paper: Paper, agreement: Agreement) -> None:
    if not agreement.matrix:
        return
    paper.line()
    paper.rule("Beside the rulings of humans")
    rows = [(cell.ours, cell.theirs, f"{cell.disputes:,}") for cell in agreement.matrix]
    paper.table(("here", "a human", "disputes"), rows)


def _calibration(paper: Paper, rules: tuple[Calibration, ...]) -> None:
    if not rules:
        return
    paper.line()
    paper.rule("Rules beside the rulings of humans")
    rows = [
        (
            f"{one.rule}{' (few)' if one.small else ''}",
            f"{one.disputes:,}",
            percent(one.same_side),
            percent(one.ours),
            percent(one.theirs),
        )
        for one in rules[:MOST_CALIBRATED]
    ]
    paper.table(("rule", "disputes", "same side", "for buyers here", "by humans"), rows)


def _balance(paper: Paper, groups: tuple[Balance, ...]) -> None:
    if not groups:
        return
    paper.line()
    paper.rule("Wrongful money per 1,000 disputes")
    rows = [
        (
            " ".join(filter(None, (one.column, one.value))) or "all",
            f"{one.disputes:,}{' (few)' if one.small else ''}",
            _mean(one.to_buyers, one.currency),
            _least(_mean(one.kept_from_buyers, one.currency), one.is_least),
            f"{one.unpriced:,}",
        )
        for one in groups
    ]
    paper.table(("", "disputes", "to buyers", "kept from buyers", "without amount"), rows)


def _consistency(paper: Paper, found: Consistency) -> None:
    paper.line()
    paper.rule("Like cases")
    paper.line(
        f"Alike by {', '.join(found.alike)}: {found.split.count:,} of {found.split.of:,} groups "
        f"end in more than one way, {percent(found.in_the_minority)} of their disputes not as most."
    )


def _segments(paper: Paper, segments: Segments) -> None:
    paper.line()
    paper.rule(f"By {segments.column}")
    rows = [
        (
            f"{one.value}{' (few)' if one.small else ''}",
            f"{one.disputes:,}",
            percent(one.automatic),
            percent(one.escalated),
            percent(one.refunds),
            percent(one.arrived_after),
            _length(one.median_hours),
        )
        for one in segments.listed[:MOST_SEGMENTS]
    ]
    headers = (segments.column, "disputes", "no human", "human", "refund", "came after", "median")
    paper.table(headers, rows)
    rest = segments.listed[MOST_SEGMENTS:]
    if rest or segments.left_out:
        disputes = sum(one.disputes for one in rest) + segments.disputes_left_out
        paper.line(f"{len(rest) + segments.left_out:,} others with {disputes:,} disputes.")


def _least(told: str, is_least: bool) -> str:
    return f"at least {told}" if is_least and told != NONE else told


def _mean(mean: Mean, currency: str) -> str:
    if mean.value is None:
        return NONE
    return format_money(round(mean.value), currency, "en")


def _length(hours: float | None) -> str:
    return NONE if hours is None else format_seconds(round(hours * SECONDS_AN_HOUR), "en")
