"""How disputes end: the way there, over time, what reaches humans, how long, by which rules."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from simulations.measures.endings import (
    Escalation,
    Link,
    Period,
    RuleUse,
    Times,
    automatic,
    escalation,
    funnel,
    over_time,
    rule_uses,
    times,
)
from simulations.measures.rates import LEAST, Rate
from simulations.report.charts import Bar, Point, bars, lines
from simulations.report.flows import Box, Label, Stream, streams_chart
from simulations.report.given import ReportInput
from simulations.report.palette import ENDED, GREY, INK, PALE, RED
from simulations.report.parts import Chart, Part, Row, Spec, Table
from simulations.report.speaking import NONE, Voice
from simulations.report.supposing import answers_part
from simulations.results import ENDED as ALL_ENDED

MOST_BARS = 15
MANY_ROWS = 12
ENDED_STAGE = 3
"""The column of boxes of the ways to end."""

FEW_MONTHS = 4
"""Up to so many months, rates are told by week."""
RATES = ("automatic", "escalated", "refunded", "still_open")
QUANTILES_TOLD = (0.1, 0.5, 0.75, 0.9, 0.99)
FIRST_STAGES = ("disputes", "with claim", "without claim", "somebody asked", "nobody asked")


def outcome_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts on how disputes end."""
    yield _ways(about, voice)
    yield answers_part(about, voice)
    yield _over_time(about, voice)
    yield _reasons(escalation(about.table), voice)
    yield _times(times(about.table), voice)
    yield _rules(rule_uses(about.table), voice)


# -- from disputes to outcomes ------------------------------------------------------------------


def _ways(about: ReportInput, voice: Voice) -> Part:
    links = funnel(about.table)
    found = automatic(about.table)
    kinds = ("together", "agreed", "lapsed", "imposed", "withdrawn")
    rates: list[Rate] = [getattr(found, kind) for kind in kinds]
    rows = [
        Row(
            (
                voice.name("ways", "together") if kind == "together" else voice.ended(kind),
                voice.count_cell(rate.count),
                voice.rate_cell(rate),
                voice.interval_cell(rate),
            )
        )
        for kind, rate in zip(kinds, rates, strict=True)
    ]
    content: list[Chart | Table] = []
    if links:
        content.append(
            Chart(voice.name("ways", "chart"), voice.name("ways", "aid"), _streams(links, voice))
        )
        content.append(_link_table(links, voice))
    content.append(
        Table(
            voice.name("ways", "automatic"),
            voice.words("columns", "ended", "disputes", "share", "interval"),
            rows,
        )
    )
    return Part("ways", voice.name("parts", "ways"), (), content, (voice.name("ways", "closing"),))


def _streams(links: Sequence[Link], voice: Voice) -> Spec:
    order = {name: place for place, name in enumerate((*FIRST_STAGES, *ALL_ENDED))}
    total = sum(link.disputes for link in links if link.stage == 1)
    into = Counter[Box]({(0, "disputes"): total})
    for link in links:
        into[link.stage, link.target] += link.disputes
    first = 0 if (1, "without claim") in into else 1
    labels = {
        (stage, name): Label(
            _box_name((stage, name), voice),
            f"{voice.count(count)} ({voice.percent(Rate(count, total))})",
            ENDED.get(name, INK if stage < ENDED_STAGE else GREY),
        )
        for (stage, name), count in into.items()
    }
    placed = sorted(
        links, key=lambda one: (one.stage, order.get(one.source, 99), order.get(one.target, 99))
    )
    streams = [_stream(link, labels, first, voice) for link in placed if link.stage > first]
    moved = {(stage - first, name): label for (stage, name), label in labels.items()}
    return streams_chart(streams, moved)


def _stream(link: Link, labels: Mapping[Box, Label], first: int, voice: Voice) -> Stream:
    source = labels[link.stage - 1, link.source].name
    target = labels[link.stage, link.target].name
    return Stream(
        link.stage - 1 - first,
        link.source,
        link.target,
        link.disputes,
        f"{source} → {target}: {voice.count(link.disputes)}",
        ENDED.get(link.target) or ENDED.get(link.source) or PALE,
    )


def _box_name(box: Box, voice: Voice) -> str:
    stage, name = box
    if stage > ENDED_STAGE:
        return voice.decision(name)
    return voice.ended(name) if name in ENDED else voice.name("boxes", name)


def _link_table(links: Sequence[Link], voice: Voice) -> Table:
    rows = [
        Row(
            (
                _box_name((link.stage - 1, link.source), voice),
                _box_name((link.stage, link.target), voice),
                voice.count_cell(link.disputes),
            )
        )
        for link in links
    ]
    columns = voice.words("columns", "from", "to", "disputes")
    return Table(voice.name("ways", "table"), columns, rows, folded=True)


# -- over time ----------------------------------------------------------------------------------


def _over_time(about: ReportInput, voice: Voice) -> Part:
    months = over_time(about.table, voice.zone)
    by_week = len(months) < FEW_MONTHS
    periods = over_time(about.table, voice.zone, "week") if by_week else months
    if len(periods) < 2:
        return Part("time", voice.name("parts", "time"), (voice.name("time", "none"),))
    unit = voice.name("columns", "week" if by_week else "month")
    return Part(
        "time",
        voice.name("parts", "time"),
        (),
        [
            Chart(
                voice.name("time", "chart"),
                voice.name("time", "aid"),
                lines(
                    list(_rate_points(periods, voice)),
                    voice.say("time", "axis", unit=unit),
                    voice.name("time", "share"),
                    dates=True,
                    form="%Y-%m-%d" if by_week else "%Y-%m",
                ),
            ),
            _period_table(periods, unit, by_week, voice),
        ],
        (voice.say("time", "closing", least=str(LEAST)),) if any(p.small for p in periods) else (),
    )


def _rate_points(periods: Sequence[Period], voice: Voice) -> Iterator[Point]:
    for name in RATES:
        for period in periods:
            rate: Rate = getattr(period, name)
            if rate.share is not None:
                series = voice.name("rates", name)
                when = period.starts.isoformat()
                yield Point(series, when, rate.share, voice.of(rate), period.small)


def _period_table(periods: Sequence[Period], unit: str, by_week: bool, voice: Voice) -> Table:
    rows = [
        Row(
            (
                period.starts.isoformat() if by_week else period.starts.isoformat()[:7],
                voice.count_cell(period.disputes),
                *(voice.rate_cell(getattr(period, name)) for name in RATES),
            ),
            period.small,
        )
        for period in periods
    ]
    columns = [unit, voice.name("columns", "disputes"), *voice.words("rates", *RATES)]
    folded = len(rows) > MANY_ROWS
    return Table(voice.name("time", "table"), columns, rows, folded=folded, sortable=True)


# -- what reaches humans ------------------------------------------------------------------------


def _reasons(found: Escalation, voice: Voice) -> Part:
    lines_ = [
        voice.say("reasons", "said", ever=voice.of(found.ever), end=voice.of(found.at_the_end)),
    ]
    if found.before.count:
        lines_.append(voice.say("reasons", "before", n=voice.count(found.before.count)))
    if not found.reasons:
        return Part("reasons", voice.name("parts", "reasons"), lines_)
    drawn = [
        Bar(voice.rule(name), rate.count, f"{voice.count(rate.count)} ({voice.percent(rate)})", RED)
        for name, rate in _by_question(found)[:MOST_BARS]
    ]
    rows = [
        Row(
            (
                voice.rule(one.question) if one.question else NONE,
                voice.rule(one.reason),
                voice.count_cell(one.disputes.count),
                voice.rate_cell(one.disputes),
            )
        )
        for one in found.reasons
    ]
    return Part(
        "reasons",
        voice.name("parts", "reasons"),
        lines_,
        [
            Chart(
                voice.name("reasons", "chart"),
                voice.say("reasons", "aid", n=str(MOST_BARS)),
                bars(drawn, voice.name("columns", "disputes")),
            ),
            Table(
                voice.name("reasons", "table"),
                voice.words("columns", "question", "led_by", "disputes", "of_escalated"),
                rows,
                folded=len(rows) > MANY_ROWS,
                sortable=True,
            ),
        ],
    )


def _by_question(found: Escalation) -> list[tuple[str, Rate]]:
    counts = Counter[str]()
    for one in found.reasons:
        counts[one.question or one.reason] += one.disputes.count
    total = found.at_the_end.count
    return [(name, Rate(count, total)) for name, count in counts.most_common()]


# -- time to the end ----------------------------------------------------------------------------


def _times(found: Sequence[Times], voice: Voice) -> Part:
    if not found:
        return Part("hours", voice.name("parts", "hours"), (voice.name("hours", "none"),))
    order: dict[str, int] = {name: place for place, name in enumerate(("all", *ALL_ENDED))}
    groups = sorted(found, key=lambda one: order.get(one.group, 99))
    names = {
        one.group: voice.name("hours", "all") if one.group == "all" else voice.ended(one.group)
        for one in groups
    }
    points = [
        Point(names[one.group], voice.hours(hours), rate.share, voice.of(rate))
        for one in groups
        for hours, rate in one.within
        if rate.share is not None
    ]
    told = [share for share, _ in groups[0].quantiles if share in QUANTILES_TOLD]
    rows = [
        Row(
            (
                names[one.group],
                voice.count_cell(one.disputes),
                *(voice.hours_cell(dict(one.quantiles)[share]) for share in told),
                voice.hours_cell(one.longest),
            )
        )
        for one in groups
    ]
    columns = [
        *voice.words("columns", "ended", "disputes"),
        *(voice.share(share, 0) for share in told),
        voice.name("columns", "longest"),
    ]
    return Part(
        "hours",
        voice.name("parts", "hours"),
        (),
        [
            Chart(
                voice.name("hours", "chart"),
                voice.name("hours", "aid"),
                lines(points, voice.name("hours", "axis"), voice.name("hours", "share")),
            ),
            Table(voice.name("hours", "table"), columns, rows),
        ],
        (voice.name("hours", "closing"),),
    )


# -- rules ----------------------------------------------------------------------------------------


def _rules(uses: Sequence[RuleUse], voice: Voice) -> Part:
    if not uses:
        return Part("rules", voice.name("parts", "rules"), (voice.name("rules", "none"),))
    drawn = [
        Bar(
            f"{voice.rule(use.rule)} · {voice.ended(use.ended)}",
            use.disputes.count,
            f"{voice.count(use.disputes.count)} ({voice.percent(use.disputes)})",
            ENDED.get(use.ended, GREY),
        )
        for use in uses[:MOST_BARS]
    ]
    rows = [
        Row(
            (
                voice.rule(use.rule),
                voice.ended(use.ended),
                voice.count_cell(use.disputes.count),
                voice.rate_cell(use.disputes),
                voice.interval_cell(use.disputes),
            )
        )
        for use in uses
    ]
    shown = sum(use.disputes.count for use in uses[:MOST_BARS])
    rate = voice.of(Rate(shown, uses[0].disputes.of))
    return Part(
        "rules",
        voice.name("parts", "rules"),
        (voice.say("rules", "said", n=str(len(uses[:MOST_BARS])), rate=rate),),
        [
            Chart(
                voice.name("rules", "chart"),
                voice.name("rules", "aid"),
                bars(drawn, voice.name("columns", "disputes")),
            ),
            Table(
                voice.name("rules", "table"),
                voice.words("columns", "rule", "ended", "disputes", "share", "interval"),
                rows,
                folded=len(rows) > MANY_ROWS,
                sortable=True,
            ),
        ],
        (voice.name("rules", "closing"),),
    )
