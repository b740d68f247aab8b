"""The rules alone in SQL beside zen-engine: which rules decide, from facts already worked out.

The cases are those of `benchmarks.rules_alone`; both sides have to give the compiled evaluator's
answer to each of them before anything is timed.
"""

from functools import partial
from pathlib import Path

from benchmarks.disputes import DOCKETS, Docket
from benchmarks.measure import Work, in_turns
from benchmarks.replay.leaves import LeafTable
from benchmarks.replay.page import Page
from benchmarks.rules_alone import JUDGED_BY, ZENS, answer_all, evaluators_of, zens_decided
from benchmarks.samples import Sample, refuse_unequal, sampled
from reso.engine.decide import Engine, load_engine

WANTED_TIMES = 200
"""Decision points per CPU second, as many times those of zen's call that targets are set by."""
MOST_NANOSECONDS = 100
"""Of CPU time for a decision point and a rule."""
OURS = "SQL"
COLUMNS = (
    *("chapter", "cases", "SQL, a decision point", "and a rule", "target"),
    *(JUDGED_BY, "ratio", "target"),
    *(cell for name in ZENS[1:] for cell in (name, "ratio")),
)


def measure(page: Page, root: Path, rows: int, cases: int, rounds: int) -> None:
    """Compare on a table of `rows` decision points, drawn from `cases` cases of each kind.

    Raises:
        UnequalError: two sides answer a case differently.
    """
    page.title("Rules alone")
    page.note(
        f"CPU time, medians of {rounds} rounds that take turns, on one thread. SQL: the standing "
        f"of every rule of a chapter over a table of {rows:,} decision points, made of {cases:,} "
        "different cases; zen: each of those cases once. All answers are equal."
    )
    page.table(*COLUMNS)
    for docket in DOCKETS:
        engine = load_engine(docket.folder(root))
        for is_open in (False, True):
            page.row(*_compared(page, docket, engine, is_open, rows, cases, rounds))


def _compared(
    page: Page, docket: Docket, engine: Engine, is_open: bool, rows: int, cases: int, rounds: int
) -> list[str]:
    """Return a row of the table: a chapter with cases of one kind."""
    sample = sampled(docket, engine, cases, is_open)
    evaluators = evaluators_of(sample.zen)
    table = LeafTable(sample)
    ours = sample.decided()
    refuse_unequal(sample, ours, table.decided(), OURS)
    for name, evaluate in evaluators.items():
        answers = [zens_decided(evaluate(facts)) for facts in sample.facts]
        refuse_unequal(sample, ours, answers, name)
    table.repeat(rows)
    works: dict[str, Work] = {OURS: table.decide}
    works |= {name: partial(answer_all, one, sample.facts) for name, one in evaluators.items()}
    times = {name: found.median for name, found in in_turns(works, rounds).items()}
    a_case = {name: times[name] / len(sample.leaves) for name in ZENS}
    what = "a question open" if is_open else "nothing open"
    return [
        f"{docket.name}, {len(sample.program.rules)} rules",
        what,
        *_judged(page, sample, what, times[OURS] / rows, a_case),
    ]


def _judged(
    page: Page, sample: Sample, what: str, a_point: float, a_case: dict[str, float]
) -> list[str]:
    """Return the cells of the figures, in seconds of CPU time, with their targets."""
    name = f"{sample.docket.name}, {what}"
    a_rule = a_point * 1e9 / len(sample.program.rules)
    shown = f"{a_rule:.0f} ns"
    wanted = f"{MOST_NANOSECONDS} ns"
    cells = [
        f"{a_point * 1e6:.2f} µs",
        shown,
        page.target(f"{name}, a rule", shown, wanted, a_rule <= MOST_NANOSECONDS),
    ]
    for way in ZENS:
        ratio = a_case[way] / a_point
        cells += [f"{a_case[way] * 1e6:.1f} µs", f"{ratio:,.0f}"]
        if way == JUDGED_BY:
            met = ratio >= WANTED_TIMES
            cells.append(page.target(f"{name}, zen", f"{ratio:,.0f}", f"{WANTED_TIMES}", met))
    return cells
