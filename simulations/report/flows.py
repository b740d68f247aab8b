"""Streams from box to box (after M. H. P. R. Sankey): how wide one is says how much flows in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import altair as alt

from simulations.report.charts import layered, plain_data
from simulations.report.palette import INK, PALE
from simulations.report.parts import Spec

WIDTH = 960
BOX_WIDTH = 12
LABEL_WIDTH = 290
LABEL_HEIGHT = 34
"""Two lines of text: a box has at least this much room, so labels never lie on one another."""
GAP = 8
DRAWN_HEIGHT = 260
STEPS = 16
LEAST_WIDTH = 0.6

Box = tuple[int, str]
"""Its column, counted from 0, and its name."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What flows from a box of one column into a box of the next."""

    column: int
    source: str
    target: str
    amount: float
    text: str
    colour: str = PALE


@dataclass(frozen=True, slots=True)
class Label:
    """What is written beside a box: its name and its figure; the colour of the box."""

    name: str
    figure: str
    colour: str = INK


@dataclass
class _Layout:
    """Where boxes stand, in pixels from the top left."""

    streams: Sequence[Stream]
    tops: dict[Box, float] = field(default_factory=dict)
    sizes: dict[Box, float] = field(default_factory=dict)
    height: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        amounts = _amounts(self.streams)
        columns = sorted({column for column, _ in amounts})
        totals = [sum(v for (c, _), v in amounts.items() if c == column) for column in columns]
        self.scale = DRAWN_HEIGHT / (max(totals, default=1) or 1)
        for column in columns:
            top = 0.0
            for box, amount in amounts.items():
                if box[0] == column:
                    self.sizes[box] = max(amount * self.scale, 1.5)
                    self.tops[box] = top
                    top += max(self.sizes[box], LABEL_HEIGHT) + GAP
            self.height = max(self.height, top)

    @property
    def last(self) -> int:
        """The last column."""
        return max(column for column, _ in self.tops)

    def x(self, column: int) -> float:
        """Return where the boxes of a column begin."""
        return column * (WIDTH - LABEL_WIDTH) / max(1, self.last)


def streams_chart(streams: Sequence[Stream], labels: Mapping[Box, Label]) -> Spec:
    """Return the chart: boxes in columns, streams between them, labels beside the boxes."""
    layout = _Layout(streams)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, WIDTH], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[layout.height, 0], nice=False))
    tips = [alt.Tooltip("text:N", title=" ")]
    flowing = (
        alt.Chart(plain_data(list(_areas(layout))))
        .mark_area(opacity=0.42)
        .encode(
            x=x,
            y=y,
            y2="y2:Q",
            detail="stream:N",
            color=alt.Color("colour:N", scale=None, legend=None),
            tooltip=tips,
        )
    )
    boxes = list(_boxes(layout, labels))
    drawn = (
        alt.Chart(plain_data(boxes))
        .mark_rect()
        .encode(
            x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("colour:N", scale=None, legend=None)
        )
    )
    texts = alt.Chart(plain_data(boxes)).encode(x=alt.X("x2:Q", axis=None), y=y)
    return layered([flowing, drawn, *_written(texts)], layout.height, WIDTH)


def _written(texts: alt.Chart) -> Iterator[alt.Chart]:
    """Yield the names and figures of boxes, each with a pale seam, as streams run below them."""
    written: tuple[tuple[str, int, Literal["bold", "normal"]], ...]
    written = (("name", 1, "bold"), ("figure", 16, "normal"))
    for text, place, weight in written:
        for seam in (3, 0):
            yield texts.mark_text(
                align="left",
                baseline="top",
                dx=5,
                dy=place,
                fontWeight=weight,
                limit={"expr": "datum.room"},
                stroke="#ffffff" if seam else None,
                strokeWidth=seam,
                strokeOpacity=0.75,
            ).encode(text=f"{text}:N")


def _amounts(streams: Sequence[Stream]) -> dict[Box, float]:
    """Return what goes through each box, in the order the boxes are met."""
    into, out = dict[Box, float](), dict[Box, float]()
    for one in streams:
        source, target = (one.column, one.source), (one.column + 1, one.target)
        out[source] = out.get(source, 0.0) + one.amount
        into[target] = into.get(target, 0.0) + one.amount
    return {box: max(into.get(box, 0.0), out.get(box, 0.0)) for box in dict.fromkeys([*out, *into])}


def _areas(layout: _Layout) -> Iterator[dict[str, object]]:
    used: dict[tuple[str, Box], float] = {}
    for number, one in enumerate(layout.streams):
        source, target = (one.column, one.source), (one.column + 1, one.target)
        width = one.amount * layout.scale
        tops = []
        for side, box in (("out", source), ("in", target)):
            before = used.get((side, box), 0.0)
            tops.append(layout.tops[box] + before)
            used[side, box] = before + width
        begin, end = layout.x(one.column) + BOX_WIDTH, layout.x(one.column + 1)
        for step in range(STEPS + 1):
            part = step / STEPS
            eased = part * part * (3 - 2 * part)
            top = tops[0] + (tops[1] - tops[0]) * eased
            yield {
                "stream": number,
                "x": round(begin + (end - begin) * part, 1),
                "y": round(top, 1),
                "y2": round(top + max(width, LEAST_WIDTH), 1),
                "colour": one.colour,
                "text": one.text,
            }


def _boxes(layout: _Layout, labels: Mapping[Box, Label]) -> Iterator[dict[str, object]]:
    for box, top in layout.tops.items():
        label, x = labels[box], layout.x(box[0])
        right = layout.x(box[0] + 1) if box[0] < layout.last else WIDTH
        yield {
            "room": right - x - BOX_WIDTH - 10,
            "x": x,
            "x2": x + BOX_WIDTH,
            "y": top,
            "y2": top + layout.sizes[box],
            "colour": label.colour,
            "name": label.name,
            "figure": label.figure,
        }
