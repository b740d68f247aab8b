"""A sweep as the command line prints it: its table, its grid over two parameters, its drawing."""

from collections.abc import Iterator, Sequence

from reso.cli.paper import Paper
from reso.model.money import to_major
from simulations.sweeping.drawing import drawn
from simulations.sweeping.figures import Measure, Step, TradeOff
from simulations.sweeping.running import Sweep
from simulations.sweeping.speaking import MARK, NONE, Voice, columns

VOICE = Voice("en")
HINDSIGHT = (
    "What came later, and is called wrong by it, is hindsight: no decision could see it, and "
    "refunds for other reasons count as well."
)


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
    paper.line(HINDSIGHT)
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
    shown = columns(swept)
    best = trade_off.frontier(swept.steps)
    headers = [*(axis.title for axis in swept.axes), *map(VOICE.header, shown), ""]
    rows = [
        [
            *(value.shown for value in step.point.values),
            *(VOICE.cell(one, step) for one in shown),
            MARK if step.point in best else "",
        ]
        for step in swept.steps
    ]
    return headers, rows


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
    paper.rule(f"{VOICE.title(measure)}: down {down.title}; across {across.title}")
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
    lines = drawn(swept.steps, trade_off, VOICE)
    if not lines:
        paper.line(VOICE.say("page", "nothing"))
        return
    paper.verbatim("\n".join(lines))
    paper.line(VOICE.frontier(swept, trade_off))
