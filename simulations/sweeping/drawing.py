"""The trade-off of a sweep as a drawing: dots on a terminal, an SVG on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from simulations.sweeping.figures import Step, TradeOff
from simulations.sweeping.speaking import Voice

WIDTH, HEIGHT = 64, 16
"""Of a terminal's drawing, in characters."""
ON_FRONTIER, BESIDE = "o", "."

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 760, 460, 70
TICKS = 5
AROUND = 0.06
LETTER = 8
"""How wide a letter is, about."""
BESIDE_A_DOT = ((-1, -6, "end"), (1, 14, "start"), (1, -6, "start"), (-1, 14, "end"))
"""Where a name may stand: to which side, how far down, and which of its ends is at the dot."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A step in a drawing: where (both measures' own units), what it is called, which kind."""

    x: float
    y: float
    name: str
    on_frontier: bool


@dataclass(frozen=True, slots=True)
class Span:
    """The values from the least to the greatest, put on `size` places."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Span":
        """Return the span of values; one value alone stands in the middle."""
        found = list(values)
        low, high = min(found), max(found)
        return cls(low, high) if low < high else cls(low - 1, high + 1)

    def at(self, value: float) -> float:
        """Return where a value stands: 0 at the least, 1 at the greatest."""
        return (value - self.low) / (self.high - self.low)

    def wider(self) -> "Span":
        """Return a span with room for names at both ends."""
        room = AROUND * (self.high - self.low)
        return Span(self.low - room, self.high + room)

    def rounded(self) -> "Span":
        """Return the span up to the next round value at both ends."""
        by = self._step()
        return Span(floor(self.low / by) * by, ceil(self.high / by) * by)

    def ticks(self) -> list[float]:
        """Return about `TICKS` round values within: multiples of 1, 2 or 5 by a power of ten."""
        by = self._step()
        return [n * by for n in range(ceil(self.low / by), floor(self.high / by) + 1)]

    def _step(self) -> float:
        about = (self.high - self.low) / TICKS
        power = 10.0 ** floor(log10(about))
        return next(times * power for times in (1, 2, 5, 10) if times * power >= about)


def dots(steps: Sequence[Step], trade_off: TradeOff) -> tuple[Dot, ...]:
    """Return the steps of which both measures are known, as dots."""
    best = trade_off.frontier(steps)
    placed = [(step, trade_off.place(step)) for step in steps]
    return tuple(
        Dot(place[0], place[1], step.point.shown, step.point in best)
        for step, place in placed
        if place is not None
    )


def drawn(steps: Sequence[Step], trade_off: TradeOff, voice: Voice) -> tuple[str, ...]:
    """Return the lines of a drawing in plain characters; none where nothing can be placed.

    Names stand beside their dots where nothing else does.
    """
    placed = dots(steps, trade_off)
    if not placed:
        return ()
    x = Span.of(dot.x for dot in placed).rounded()
    y = Span.of(dot.y for dot in placed).rounded()
    sheet = [[" "] * WIDTH for _ in range(HEIGHT)]
    at = {dot: (_row(dot, y), round(x.at(dot.x) * (WIDTH - 1))) for dot in placed}
    for dot in sorted(placed, key=lambda one: one.on_frontier):
        row, column = at[dot]
        sheet[row][column] = ON_FRONTIER if dot.on_frontier else BESIDE
    for dot, (row, column) in at.items():
        beside = column - 1 - len(dot.name)
        _ = _write(sheet[row], column + 2, dot.name) or _write(sheet[row], beside, dot.name)
    ends = f"{x.low:,.6g}", f"{x.high:,.6g}"
    return (
        f"{voice.title(trade_off.other)} ({y.low:,.6g} to {y.high:,.6g}, upwards)",
        *(f"|{''.join(line)}".rstrip() for line in sheet),
        f"+{'-' * WIDTH}",
        f" {ends[0]}{ends[1]:>{WIDTH - len(ends[0])}}",
        f" {voice.title(trade_off.one)}",
    )


def _row(dot: Dot, span: Span) -> int:
    return HEIGHT - 1 - round(span.at(dot.y) * (HEIGHT - 1))


def _write(line: list[str], start: int, name: str) -> bool:
    """Write a name into a line if there is room, with a blank on both sides; return whether."""
    end = start + len(name)
    if start < 0 or end > WIDTH or any(mark != " " for mark in line[max(0, start - 1) : end + 1]):
        return False
    line[start:end] = name
    return True


def svg(steps: Sequence[Step], trade_off: TradeOff, voice: Voice) -> str:
    """Return the drawing as SVG; "" where nothing can be placed. Dots say their figures."""
    placed = dots(steps, trade_off)
    if not placed:
        return ""
    x = Span.of(dot.x for dot in placed).wider()
    y = Span.of(dot.y for dot in placed).wider()
    titles = voice.title(trade_off.one), voice.title(trade_off.other)
    parts = [*_axes(x, y, titles, voice), *_line(placed, x, y)]
    taken = [_on_page(dot, x, y) for dot in placed]
    for dot in placed:
        left, top = _on_page(dot, x, y)
        told = f"{dot.name}: {titles[0]} {voice.short(dot.x)}; {titles[1]} {voice.short(dot.y)}"
        kind = "best" if dot.on_frontier else "beside"
        parts.append(
            f'<g class="{kind}"><title>{escape(told)}</title>'
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="5"/>{_name(dot, left, top, taken)}</g>'
        )
    inner = "\n".join(parts)
    label = escape("; ".join(titles), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_WIDTH} {PAGE_HEIGHT}" '
        f'role="img" aria-label="{label}">\n{inner}\n</svg>'
    )


def _on_page(dot: Dot, x: Span, y: Span) -> tuple[float, float]:
    return _left(x.at(dot.x)), _top(y.at(dot.y))


def _left(share: float) -> float:
    return MARGIN + share * (PAGE_WIDTH - 2 * MARGIN)


def _top(share: float) -> float:
    return PAGE_HEIGHT - MARGIN - share * (PAGE_HEIGHT - 2 * MARGIN)


def _name(dot: Dot, left: float, top: float, taken: list[tuple[float, float]]) -> str:
    """Return the name of a dot where no other dot or name stands, "" where there is no room."""
    width = LETTER * len(dot.name)
    for side, down, anchor in BESIDE_A_DOT:
        middle = left + side * (8 + width / 2), top + down - 4
        near = [abs(middle[0] - u) < width / 2 + 8 and abs(middle[1] - v) < 12 for u, v in taken]
        if not any(near) and _is_within(middle, width):
            taken.append(middle)
            return _text(left + side * 8, top + down, dot.name, anchor, "name")
    return ""


def _is_within(middle: tuple[float, float], width: float) -> bool:
    """Whether a name stands between the axes, clear of what is written along them."""
    left, right = middle[0] - width / 2, middle[0] + width / 2
    across = left >= MARGIN and right <= PAGE_WIDTH
    return across and MARGIN <= middle[1] <= PAGE_HEIGHT - MARGIN - LETTER


def _axes(x: Span, y: Span, titles: tuple[str, str], voice: Voice) -> Iterable[str]:
    bottom, left = PAGE_HEIGHT - MARGIN, MARGIN
    yield f'<path class="axis" d="M{left},{MARGIN} V{bottom} H{PAGE_WIDTH - MARGIN}"/>'
    for tick in x.ticks():
        yield _text(_left(x.at(tick)), bottom + 18, voice.short(tick), "middle", "tick")
    for tick in y.ticks():
        yield _text(left - 8, _top(y.at(tick)) + 4, voice.short(tick), "end", "tick")
    yield _text(PAGE_WIDTH / 2, bottom + 44, titles[0], "middle", "title")
    yield _text(left, MARGIN - 18, titles[1], "start", "title")


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def _line(placed: Sequence[Dot], x: Span, y: Span) -> Iterable[str]:
    """Yield the line along the frontier."""
    best = sorted((dot for dot in placed if dot.on_frontier), key=lambda dot: (dot.x, dot.y))
    if len(best) > 1:
        path = " L".join("{:.1f},{:.1f}".format(*_on_page(dot, x, y)) for dot in best)
        yield f'<path class="frontier" d="M{path}"/>'
