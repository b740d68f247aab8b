"""A sweep in words: its table, its grid over two parameters, its page."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from reso.cli.paper import Paper
from reso.model.money import to_major
from simulations.measures.rates import Rate
from simulations.sweeping.drawing import drawn, svg
from simulations.sweeping.figures import Measure, Step, TradeOff
from simulations.sweeping.running import Sweep

NONE = "-"
MARK = "*"

Column = tuple[str, Callable[[Step], str]]


def print_sweep(paper: Paper, swept: Sweep, trade_off: TradeOff, ran: Sequence[str]) -> None:
    """Print a sweep.

    Args:
        ran: what was run, a line each.
    """
    for line in ran:
        paper.line(line)
    paper.line()
    paper.rule("Each value")
    headers, rows = table_of(swept, trade_off)
    paper.table(headers, rows)
    money = list(_money_rows(swept))
    if money:
        paper.rule("Money by currency")
        paper.table(("", "currency", "to buyers", "of that, parcel came later"), money)
    if len(swept.axes) > 1:
        for measure in (trade_off.one, trade_off.other):
            _grid(paper, swept, measure, trade_off)
    _trade_off(paper, swept, trade_off)


def table_of(swept: Sweep, trade_off: TradeOff) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of the table, one row per step."""
    columns = list(_columns(swept))
    best = trade_off.frontier(swept.steps)
    headers = [*(axis.title for axis in swept.axes), *(title for title, _ in columns), ""]
    rows = [
        [
            *(value.shown for value in step.point.values),
            *(cell(step) for _, cell in columns),
            MARK if step.point in best else "",
        ]
        for step in swept.steps
    ]
    return headers, rows


def frontier_in_words(swept: Sweep, trade_off: TradeOff) -> str:
    """Return what the marked steps are."""
    ways = [
        f"{one.title} ({'more' if one.more else 'less'} is better)"
        for one in (trade_off.one, trade_off.other)
    ]
    best = len(trade_off.frontier(swept.steps))
    return (
        f"{MARK} {best} of {len(swept.steps)} are on the frontier: no other value is at least as "
        f"good in both and better in one of {ways[0]}, {ways[1]}."
    )


def page_of(swept: Sweep, trade_off: TradeOff, ran: Sequence[str]) -> str:
    """Return a sweep as a page of its own that opens with no network."""
    headers, rows = table_of(swept, trade_off)
    head = "".join(f"<th>{escape(cell)}</th>" for cell in headers)
    body = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    told = "<br>\n".join(map(escape, ran))
    title = escape(f"Sweep: {', '.join(axis.parameter for axis in swept.axes)}")
    return _PAGE.format(
        title=title,
        ran=told,
        drawing=svg(swept.steps, trade_off),
        frontier=escape(frontier_in_words(swept, trade_off)),
        head=head,
        body=body,
    )


def _columns(swept: Sweep) -> Iterator[Column]:
    currencies = {paid.currency for step in swept.steps for paid in step.money}
    one = next(iter(currencies)) if len(currencies) == 1 else ""
    yield "refunds", lambda step: f"{step.refunds:,}"
    yield "parcel came later", lambda step: f"{step.came_later.count:,}"
    yield "wrong %", lambda step: _percent(step.came_later)
    if one:
        yield f"{one} wrongly refunded", lambda step: _whole(step.money[0].came_later, one)
    if any(step.wrongful is not None for step in swept.steps):
        yield "refunded, not due %", lambda step: _truth(step, refused=False)
        yield "refused, due %", lambda step: _truth(step, refused=True)
    yield "no human %", lambda step: _percent(step.automatic)
    yield "to a human", lambda step: f"{step.human.count:,}"
    if one:
        yield f"{one} to buyers", lambda step: _whole(step.money[0].to_buyers, one)
    yield "median hours", lambda step: NONE if step.hours is None else f"{step.hours:,.1f}"


def _truth(step: Step, *, refused: bool) -> str:
    if step.wrongful is None:
        return NONE
    return _percent(step.wrongful.refused_wrongly if refused else step.wrongful.refunded_wrongly)


def _percent(rate: Rate) -> str:
    return NONE if rate.share is None else f"{100 * rate.share:.1f}"


def _whole(minor: int, currency: str) -> str:
    """Return an amount rounded to whole major units."""
    return f"{to_major(minor, currency):,.0f}"


def _money_rows(swept: Sweep) -> Iterator[tuple[str, str, str, str]]:
    """Yield the money of each step in each currency, where there are several."""
    if len({paid.currency for step in swept.steps for paid in step.money}) < 2:
        return
    for step in swept.steps:
        for paid in step.money:
            amounts = (
                _whole(paid.to_buyers, paid.currency),
                _whole(paid.came_later, paid.currency),
            )
            yield (step.point.shown, paid.currency, *amounts)


def _grid(paper: Paper, swept: Sweep, measure: Measure, trade_off: TradeOff) -> None:
    """Print a measure over two parameters: down the first, across the second."""
    down, across = swept.axes
    best = trade_off.frontier(swept.steps)
    found = {step.point.values: step for step in swept.steps}
    paper.rule(f"{measure.title}: down {down.title}; across {across.title}")
    rows = []
    for value in down.values:
        cells = [found[value, other] for other in across.values]
        rows.append([value.shown, *(_cell(step, measure, step.point in best) for step in cells)])
    paper.table(("", *(value.shown for value in across.values)), rows)


def _cell(step: Step, measure: Measure, is_best: bool) -> str:
    value = measure.of(step)
    shown = NONE if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return f"{shown}{MARK}" if is_best else shown


def _trade_off(paper: Paper, swept: Sweep, trade_off: TradeOff) -> None:
    paper.rule(f"Trade-off: {trade_off.one.name}, {trade_off.other.name}")
    lines = drawn(swept.steps, trade_off)
    if not lines:
        paper.line("One of the two is not known of any value, so nothing can be drawn.")
        return
    paper.verbatim("\n".join(lines))
    paper.line(frontier_in_words(swept, trade_off))


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1c2430; }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #dde2e8; }}
th:first-child, td:first-child {{ text-align: left; }}
.wide {{ overflow-x: auto; }}
svg {{ width: 100%; height: auto; font-size: 13px; }}
.axis {{ fill: none; stroke: #7a8694; }}
.tick {{ fill: #5b6672; font-size: 12px; }}
.frontier {{ fill: none; stroke: #0a6b5d; stroke-width: 1.5; }}
.best circle {{ fill: #0a6b5d; }}
.beside circle {{ fill: #fff; stroke: #7a8694; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{ran}</p>
{drawing}
<p>{frontier}</p>
<div class="wide"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table></div>
</body>
</html>
"""
