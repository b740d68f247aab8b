"""Like cases alike, and the same figures by segment."""

from collections.abc import Iterator

from simulations.measures.consistency import Consistency, consistency
from simulations.measures.rates import LEAST
from simulations.measures.segments import Segment, Segments, by_segments
from simulations.report.charts import Bar, bars
from simulations.report.given import ReportInput
from simulations.report.palette import SKY
from simulations.report.parts import Chart, Part, Row, Table
from simulations.report.speaking import Voice

PERSONS = ("seller",)
"""Columns whose values are single persons: none of them stands in a report."""
MOST_LISTED = 200
MANY_ROWS = 12
MOST_BARS = 12


def group_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts on consistency and on segments."""
    yield _consistency(consistency(about.table), voice)
    yield _segments(about, voice)


# -- like cases alike -----------------------------------------------------------------------------


def _consistency(found: Consistency, voice: Voice) -> Part:
    title = voice.name("parts", "consistency")
    if not found.split.of:
        return Part("consistency", title, (voice.name("consistency", "none"),))
    alike = voice.listed([voice.name("segments", one) for one in found.alike])
    lines = [
        voice.say(
            "consistency",
            "said",
            alike=alike,
            split=voice.of(found.split),
            minority=voice.of(found.in_the_minority),
            pairs=voice.share(found.unlike_pairs),
        )
    ]
    rows = [
        Row(
            (
                *(voice.segment(column, value) for column, value in one.stated),
                voice.count_cell(one.disputes),
                "; ".join(
                    f"{_ending(end.outcome, voice)} {voice.count(end.disputes)} ({end.example})"
                    for end in one.endings
                ),
            )
        )
        for one in found.examples
    ]
    columns = [
        *(voice.name("segments", one) for one in found.alike),
        voice.name("columns", "disputes"),
        voice.name("columns", "endings"),
    ]
    table = Table(voice.name("consistency", "table"), columns, rows)
    closing = (voice.name("consistency", "closing"),)
    return Part("consistency", title, lines, [table] if rows else [], closing)


def _ending(outcome: str, voice: Voice) -> str:
    return (
        voice.ended(outcome) if outcome in ("escalated", "withdrawn") else voice.decision(outcome)
    )


# -- segments -------------------------------------------------------------------------------------


def _segments(about: ReportInput, voice: Voice) -> Part:
    found = {
        name: segments.first(MOST_LISTED)
        for name, segments in by_segments(about.table).items()
        if name not in PERSONS
    }
    title = voice.name("parts", "segments")
    if not found:
        return Part("segments", title, (voice.name("segments", "none"),))
    content: list[Chart | Table] = []
    first = found.get("claim_type")
    if first is not None:
        content += _by_claim(first, voice)
    content += [
        _table(segments, voice, folded=True)
        for name, segments in found.items()
        if name != "claim_type" and len(segments.listed) > 1
    ]
    lines = (voice.say("segments", "said", least=str(LEAST)),)
    return Part("segments", title, lines, content, (voice.name("segments", "closing"),))


def _by_claim(segments: Segments, voice: Voice) -> Iterator[Chart | Table]:
    drawn = [
        Bar(
            f"{voice.segment('claim_type', one.value)} ({voice.count(one.disputes)})",
            one.automatic.share or 0.0,
            voice.percent(one.automatic),
            SKY,
        )
        for one in segments.listed
        if not one.small
    ]
    if drawn:
        yield Chart(
            voice.name("segments", "chart"),
            voice.name("segments", "aid"),
            bars(drawn[:MOST_BARS], voice.name("rates", "automatic"), shares=True),
        )
    yield _table(segments, voice, folded=False)


def _table(segments: Segments, voice: Voice, *, folded: bool) -> Table:
    columns = voice.words(
        "columns", "segment", "disputes", "automatic", "escalated", "refunds", "arrived",
        "refunded_wrongly", "refused_wrongly", "median", "refunded_per_1000",
    )  # fmt: skip
    name = voice.name("segments", segments.column)
    title = voice.say("segments", "table", column=name)
    if segments.left_out:
        title += " " + voice.say(
            "segments",
            "left_out",
            n=voice.count(segments.left_out),
            disputes=voice.count(segments.disputes_left_out),
        )
    rows = [_row(one, voice) for one in segments.listed]
    return Table(title, columns, rows, folded=folded, sortable=True)


def _row(one: Segment, voice: Voice) -> Row:
    return Row(
        (
            voice.segment(one.column, one.value),
            voice.count_cell(one.disputes),
            voice.rate_cell(one.automatic),
            voice.rate_cell(one.escalated),
            voice.rate_cell(one.refunds),
            voice.rate_cell(one.arrived_after),
            voice.rate_cell(one.refunded_wrongly),
            voice.rate_cell(one.refused_wrongly),
            voice.hours_cell(one.median_hours),
            voice.money_cell(one.refunded_per_1000, one.currency),
        ),
        one.small,
    )
