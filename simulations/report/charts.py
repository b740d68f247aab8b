"""The kinds of charts a report has, as Vega-Lite drawn up with altair.

Data stand in the charts themselves: a few hundred points each, worked out in SQL before. Texts
come ready made from the caller, so figures read the same in charts, tables and sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt

from simulations.report.palette import BLUE, GREY, INK, RED, SERIES, WIDTH, looked
from simulations.report.parts import Spec

ROW_HEIGHT = 26
NAMED_WIDTH = 600
"""Of the drawing beside which names stand; they take up to 290 more."""

SQUARE_WIDTH, LETTER_WIDTH = 130, 7
"""Of a field of `squares`, at most, and of a letter, about; in pixels."""

BREAK = " | "
"""Where a label goes on in the next line."""

PLAIN_WIDTH = WIDTH - 70
LINE_HEIGHT = 260
DAYS_HEIGHT = 200
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
Datum = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for, how long it is, and what is written at its end."""

    name: str
    value: float
    text: str
    colour: str = BLUE


def bars(rows: Sequence[Bar], title: str, *, shares: bool = False) -> Spec:
    """Return horizontal bars in the order given, each with its figure at the end."""
    data = [
        {"name": row.name, "value": row.value, "text": row.text, "colour": row.colour}
        for row in rows
    ]
    longest = max((row.value for row in rows), default=1) or 1
    x = alt.X(
        "value:Q",
        title=title,
        scale=alt.Scale(domain=[0, 1 if shares else longest * 1.18]),
        axis=_axis(shares),
    )
    base = alt.Chart(_data(data)).encode(y=_names(rows), x=x)
    drawn = base.mark_bar(height=15).encode(color=_as_given(), tooltip=_tips("name", "text"))
    ends = base.mark_text(align="left", dx=5).encode(text="text:N")
    return _spec(drawn + ends, ROW_HEIGHT * len(rows))


@dataclass(frozen=True, slots=True)
class Ranged:
    """A share with its interval, all 0 to 1, and how it reads."""

    name: str
    value: float
    low: float
    high: float
    text: str


def ranges(rows: Sequence[Ranged], title: str) -> Spec:
    """Return a point and its interval for each row."""
    data = [
        {"name": one.name, "value": one.value, "low": one.low, "high": one.high, "text": one.text}
        for one in rows
    ]
    y = _names(rows)
    base = alt.Chart(_data(data)).encode(y=y)
    shown = alt.Scale(domain=[0, max((row.high for row in rows), default=1) * 1.25])
    line = base.mark_rule(strokeWidth=3, color=BLUE, opacity=0.5).encode(
        x=alt.X("low:Q", title=title, scale=shown, axis=_axis(shares=True)), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=90, color=BLUE, opacity=1).encode(
        x="value:Q", tooltip=_tips("name", "text")
    )
    text = base.mark_text(align="left", dx=8).encode(x="high:Q", text="text:N")
    return _spec(line + point + text, ROW_HEIGHT * len(rows))


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line: of which series, where, how high, and how it reads.

    Attributes:
        small: of so few that it is drawn hollow, and no line leads there.
    """

    series: str
    x: str
    value: float
    text: str
    small: bool = False


def lines(
    points: Sequence[Point], x_title: str, y_title: str, *, dates: bool = False, form: str = "%Y-%m"
) -> Spec:
    """Return a line of shares for each series, told apart by colour and shape.

    Args:
        dates: x is a date; otherwise a step of a scale, in the order given.
        form: of dates on the axis.
    """
    data = [
        {"series": p.series, "x": p.x, "value": p.value, "text": p.text, "small": p.small}
        for p in points
    ]
    names = list(dict.fromkeys(point.series for point in points))
    steps = list(dict.fromkeys(point.x for point in points))
    x = (
        alt.X("x:T", title=x_title, axis=alt.Axis(format=form, labelAngle=0, tickCount=9))
        if dates
        else alt.X("x:O", title=x_title, sort=steps, axis=alt.Axis(labelAngle=0))
    )
    base = alt.Chart(_data(data)).encode(
        x=x,
        y=alt.Y("value:Q", title=y_title, scale=alt.Scale(domain=[0, 1]), axis=_axis(shares=True)),
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=list(SERIES))),
    )
    line = base.mark_line(strokeWidth=2.2)
    marked = base.encode(
        shape=alt.Shape("series:N", scale=alt.Scale(domain=names, range=list(SHAPES))),
        tooltip=_tips("series", "x", "text"),
    )
    point = marked.mark_point(filled=True, size=52, opacity=1)
    if not any(one.small for one in points):
        return _spec(line + point, LINE_HEIGHT, PLAIN_WIDTH)
    hollow = marked.transform_filter("datum.small").mark_point(filled=False, size=40, opacity=0.6)
    line, point = (layer.transform_filter("!datum.small") for layer in (line, point))
    return _spec(line + point + hollow, LINE_HEIGHT, PLAIN_WIDTH)


def days(counts: Mapping[int, int], title: str, y_title: str, cliff: int | None) -> Spec:
    """Return a bar for each day, with a line where claims break off."""
    data = [{"day": day, "count": count} for day, count in sorted(counts.items())]
    drawn = (
        alt.Chart(_data(data))
        .mark_bar(color=BLUE, width=max(2, min(14, WIDTH // (len(data) + 8))))
        .encode(
            x=alt.X(
                "day:Q",
                title=title,
                axis=alt.Axis(tickMinStep=1, tickCount=14, format="d", grid=False),
            ),
            y=alt.Y("count:Q", title=y_title, axis=alt.Axis(format=",d", tickMinStep=1)),
            tooltip=_tips("day", "count"),
        )
    )
    if cliff is None:
        return _spec(drawn, DAYS_HEIGHT, PLAIN_WIDTH)
    edge = (
        alt.Chart(_data([{"day": cliff - 0.5}]))
        .mark_rule(color=RED, strokeDash=[5, 3], strokeWidth=2)
        .encode(x="day:Q")
    )
    return _spec(drawn + edge, DAYS_HEIGHT, PLAIN_WIDTH)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two shares of one thing, 0 to 1: ours and theirs."""

    name: str
    ours: float
    theirs: float
    text: str


def pairs(rows: Sequence[Pair], title: str, ours: str, theirs: str) -> Spec:
    """Return two points for each row, joined by a line: the longer, the further apart."""
    data = [
        {"name": row.name, "ours": row.ours, "theirs": row.theirs, "text": row.text} for row in rows
    ]
    ends = [
        {"name": row.name, "who": who, "value": value, "text": row.text}
        for row in rows
        for who, value in ((ours, row.ours), (theirs, row.theirs))
    ]
    y = _names(rows)
    x = alt.X("ours:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=_axis(shares=True))
    joined = (
        alt.Chart(_data(data)).mark_rule(color=GREY, strokeWidth=2).encode(y=y, x=x, x2="theirs:Q")
    )
    who = [ours, theirs]
    points = (
        alt.Chart(_data(ends))
        .mark_point(filled=True, size=95, opacity=1)
        .encode(
            y=y,
            x="value:Q",
            color=alt.Color("who:N", scale=alt.Scale(domain=who, range=[BLUE, RED])),
            shape=alt.Shape("who:N", scale=alt.Scale(domain=who, range=["circle", "diamond"])),
            tooltip=_tips("name", "who", "text"),
        )
    )
    return _spec(joined + points, ROW_HEIGHT * len(rows))


@dataclass(frozen=True, slots=True)
class Square:
    """A field of a table of two: its row, its column, how many, and how that reads."""

    row: str
    column: str
    count: int
    text: str


def squares(fields: Sequence[Square], rows_title: str, columns_title: str) -> Spec:
    """Return a field for each pair, the darker the more, with its number written in it."""
    most = max((field.count for field in fields), default=1)
    columns = list(dict.fromkeys(one.column for one in fields))
    width = min(SQUARE_WIDTH, NAMED_WIDTH // max(1, len(columns)))
    heads = {
        one: BREAK.join(wrap(one, width // LETTER_WIDTH, break_long_words=False)) for one in columns
    }
    data = [
        {
            "row": one.row,
            "column": one.column,
            "head": heads[one.column],
            "count": one.count,
            "text": one.text,
            "ink": "#ffffff" if one.count > most * 0.55 else INK,
        }
        for one in fields
    ]
    rows = list(dict.fromkeys(one.row for one in fields))
    base = alt.Chart(_data(data)).encode(
        x=alt.X(
            "head:N",
            title=columns_title,
            sort=list(heads.values()),
            axis=alt.Axis(labelAngle=0, labelLimit=150, labelExpr=_WRAPPED),
        ),
        y=alt.Y("row:N", title=rows_title, sort=rows),
    )
    field = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
        color=alt.Color(
            "count:Q",
            scale=alt.Scale(type="sqrt", domain=[0, most], range=["#f2f5f9", "#00507d"]),
            legend=None,
        ),
        tooltip=_tips("row", "column", "text"),
    )
    text = base.mark_text().encode(text="text:N", color=alt.Color("ink:N", scale=None, legend=None))
    drawn = (field + text).resolve_scale(color="independent")
    return _spec(drawn, 40 * len(rows), width * len(columns))


@dataclass(frozen=True, slots=True)
class Sided:
    """An amount of one side in one row, with its interval; how it reads."""

    name: str
    side: str
    value: float
    low: float
    high: float
    text: str


def sided(rows: Sequence[Sided], title: str) -> Spec:
    """Return two bars for each row, one for each side, with intervals. Amounts are major units."""
    data = [
        {"name": r.name, "side": r.side, "value": r.value, "low": r.low, "high": r.high,
         "text": r.text}
        for r in rows
    ]  # fmt: skip
    names = list(dict.fromkeys(row.name for row in rows))
    sides = list(dict.fromkeys(row.side for row in rows))
    longest = max((max(row.high, row.value) for row in rows), default=1) or 1
    base = alt.Chart(_data(data)).encode(
        y=alt.Y("name:N", title=None, sort=names, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("side:N", sort=sides),
    )
    x = alt.X(
        "value:Q",
        title=title,
        scale=alt.Scale(domain=[0, longest * 1.2]),
        axis=alt.Axis(format=",~f", tickCount=6),
    )
    drawn = base.mark_bar().encode(
        x=x,
        color=alt.Color("side:N", scale=alt.Scale(domain=sides, range=[RED, BLUE])),
        tooltip=_tips("name", "side", "text"),
    )
    line = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    text = base.mark_text(align="left", dx=5, fontSize=11).encode(x="high:Q", text="text:N")
    return _spec(drawn + line + text, 46 * len(names))


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference with its interval, in any unit; how it reads."""

    name: str
    value: float
    low: float
    high: float
    text: str


def intervals(rows: Sequence[Interval], title: str) -> Spec:
    """Return a bar from zero for each row, to the right or to the left, with its interval."""
    data = [
        {"name": r.name, "value": r.value, "low": r.low, "high": r.high, "text": r.text,
         "colour": BLUE if r.value >= 0 else RED}
        for r in rows
    ]  # fmt: skip
    base = alt.Chart(_data(data)).encode(y=_names(rows))
    x = alt.X("value:Q", title=title, axis=_axis(shares=False))
    drawn = base.mark_bar(height=15, opacity=0.75).encode(
        x=x, color=_as_given(), tooltip=_tips("name", "text")
    )
    line = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    zero = alt.Chart(_data([{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q")
    return _spec(drawn + line + zero, ROW_HEIGHT * len(rows))


def layered(layers: Sequence[alt.Chart], height: float, width: float = WIDTH) -> Spec:
    """Return layers over one another as one chart."""
    return _spec(alt.layer(*layers), height, width)


def plain_data(rows: Sequence[Datum]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return _data(rows)


_WRAPPED = f"split(datum.label, '{BREAK}')"


def _data(rows: Sequence[Datum]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _names(rows: Sequence[Any]) -> alt.Y:
    return alt.Y("name:N", title=None, sort=[row.name for row in rows])


def _as_given() -> alt.Color:
    return alt.Color("colour:N", scale=None, legend=None)


def _tips(*fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=" ") for field in fields]


def _axis(shares: bool) -> alt.Axis:
    return alt.Axis(format="%" if shares else ",~f", tickCount=6)


def _spec(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart, height: float, width: float = NAMED_WIDTH
) -> Spec:
    """Return a chart as what Vega draws; that it is sound is tested, not looked at each time."""
    return looked(chart.properties(width=width, height=height).to_dict(validate=False))
