"""Rules alone beside zen-engine: which rules decide each matter, from facts already worked out.

Ours is `Compiled.standing`: a tuple of facts in, the deciding and undecided rules of each matter
out (and the status of every rule, which zen does not tell). zen's is one table per chapter that
collects the rules that decide, and with open facts those that may.
"""

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import zen

from benchmarks.disputes import DOCKETS
from benchmarks.measure import Report, Work, in_turns, micro, timed
from benchmarks.samples import Decided, Facts, Sample, refuse_unequal, sampled
from benchmarks.zen_policy import MAYBE, ZenChapter, decision_graph
from reso.engine.decide import load_engine
from reso.policy.model import OUTCOME

WANTED_SETTLED, WANTED_OPEN = 50, 20
OURS = "Reso-bot"
OURS_WITH_NEEDED = "Reso-bot with needed set"
ZENS = ("zen: ZenDecision.evaluate", "zen: ZenEngine.evaluate", "zen: a bare expression")
JUDGED_BY = ZENS[0]
"""The call the targets were set by. It starts threads each time, which is most of its cost;
zen's other call does not, and has no target: see `docs/benchmarks.md`.
"""
Given = TypeVar("Given")
Answer = dict[str, list[dict[str, str]]] | list[str]
Evaluate = Callable[[Facts], Answer]


def measure(report: Report, root: Path, number: int, rounds: int) -> None:
    """Compare on `number` cases of each chapter and kind.

    Raises:
        UnequalError: the policies are not equal.
    """
    report.title("Rules alone, CPU time per case, facts already worked out")
    report.note(f"Targets hold against {JUDGED_BY}, which starts threads for every call;")
    report.note("zen's other ways are told beside it: docs/benchmarks.md says how to read them.")
    report.line(f"{JUDGED_BY}, of a graph without rules", micro(_empty_graph(rounds)))
    for docket in DOCKETS:
        engine = load_engine(docket.folder(root))
        for is_open in (False, True):
            sample = sampled(docket, engine, number, is_open)
            _compare(report, sample, is_open, rounds)


# -- the two sides ----------------------------------------------------------------------------


def evaluators_of(chapter: ZenChapter) -> dict[str, Evaluate]:
    """Return zen's ways to evaluate a policy it has parsed before: two calls of a decision graph,
    and its expression language with no graph around it.
    """
    content = {"rules": chapter.graph()}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    bare = zen.compile_expression(chapter.expression())
    ways: tuple[Any, ...] = (
        engine.get_decision("rules").evaluate,
        partial(engine.evaluate, "rules"),
        bare.evaluate,
    )
    return dict(zip(ZENS, ways, strict=True))


def zens_decided(answer: Answer) -> Decided:
    """Return an answer of zen, to be compared."""
    rows = [row["rule"] for row in answer["result"]] if isinstance(answer, dict) else answer
    deciding = frozenset(name for name in rows if not name.startswith(MAYBE))
    possible = frozenset(name.removeprefix(MAYBE) for name in rows)
    return deciding, possible - deciding


def _empty_graph(rounds: int) -> float:
    """Return what a call costs zen before it has looked at any rule."""
    evaluate = zen.ZenEngine().create_decision(json.dumps(decision_graph())).evaluate
    calls = 500
    return timed(lambda: [evaluate({}) for _ in range(calls)], rounds).median / calls


# -- comparing --------------------------------------------------------------------------------


def _compare(report: Report, sample: Sample, is_open: bool, rounds: int) -> None:
    number = len(sample.leaves)
    ours = sample.decided()
    evaluators = evaluators_of(sample.zen)
    for evaluate in evaluators.values():
        refuse_unequal(sample, ours, [zens_decided(evaluate(facts)) for facts in sample.facts])
    what = "a question open" if is_open else "nothing open"
    report.title(f"{sample.docket.name}: {number:,} cases with {what}")
    report.note(_variety(sample, ours))
    works: dict[str, Work] = {
        OURS: partial(answer_all, partial(sample.compiled.standing, sample.program), sample.leaves)
    }
    if is_open:
        works[OURS_WITH_NEEDED] = partial(_with_needed, sample)
    works |= {name: partial(answer_all, one, sample.facts) for name, one in evaluators.items()}
    seconds = {name: times.median for name, times in in_turns(works, rounds).items()}
    for name, total in seconds.items():
        report.line(name, micro(total / number))
    _judge(report, seconds, is_open)


def _judge(report: Report, seconds: dict[str, float], is_open: bool) -> None:
    """Tell how many times ours zen's time is, for the same answer."""
    wanted = WANTED_OPEN if is_open else WANTED_SETTLED
    ratios = {name: seconds[name] / seconds[OURS] for name in ZENS}
    judged = ratios[JUDGED_BY]
    report.target(f"{JUDGED_BY} / {OURS}", f"{judged:.1f}x", f"{wanted}x", judged >= wanted)
    for name in ZENS[1:]:
        report.line(f"{name} / {OURS}", f"{ratios[name]:.1f}x", "no target")
    if is_open:
        more = seconds[JUDGED_BY] / seconds[OURS_WITH_NEEDED]
        report.line(f"{JUDGED_BY} / {OURS_WITH_NEEDED}", f"{more:.1f}x", "no target")


def _variety(sample: Sample, decided: list[Decided]) -> str:
    """Say how much of the chapter the cases reach."""
    rules = sample.program.names
    seen = {name for both in decided for names in both for name in names}
    unseen = ", ".join(name for name in rules if name not in seen)
    patterns = {sample.program.pattern(leaves) for leaves in sample.leaves}
    return (
        f"equal on all of them: {len(sample.zen.names)} facts, {len(patterns)} patterns, "
        f"{len(rules)} rules" + (f" (deciding in none of them: {unseen})" if unseen else "")
    )


def answer_all(answer: Callable[[Given], object], cases: Iterable[Given]) -> None:
    """Ask for the answer to every case."""
    for case in cases:
        answer(case)


def _with_needed(sample: Sample) -> None:
    """Find out, too, whether the outcome is settled all the same, and if not what is needed."""
    compiled, program = sample.compiled, sample.program
    for leaves, context in zip(sample.leaves, sample.contexts, strict=True):
        standing = compiled.standing(program, leaves)
        compiled._matter(OUTCOME, program, leaves, standing, context)
