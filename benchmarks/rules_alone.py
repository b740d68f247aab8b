"""Rules alone beside zen-engine: which rules decide each matter, from facts already worked out.

Ours is `Compiled.standing`: a tuple of facts in, the deciding and undecided rules of each matter
out (and the status of every rule, which zen does not tell). zen's is one table per chapter that
collects the rules that decide, and with open facts those that may.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import zen

from benchmarks.disputes import DOCKETS, Docket
from benchmarks.measure import Report, Work, in_turns, micro, timed
from benchmarks.zen_policy import MAYBE, Fact, ZenChapter, decision_graph
from reso.engine.compiled import Compiled, Standing
from reso.engine.context import Context
from reso.engine.decide import Engine, load_engine
from reso.engine.program import Leaves, Program
from reso.facts.operations import UNKNOWN
from reso.policy.model import OUTCOME

SEED = 20260310
WANTED_SETTLED, WANTED_OPEN = 50, 20
OURS = "Reso-bot"
OURS_WITH_NEEDED = "Reso-bot with needed set"
ZENS = ("zen: ZenDecision.evaluate", "zen: ZenEngine.evaluate", "zen: a bare expression")
JUDGED_BY = ZENS[0]
"""The call the targets were set by. It starts threads each time, which is most of its cost;
zen's other call does not, and has no target: see `docs/benchmarks.md`.
"""
Given = TypeVar("Given")
Facts = dict[str, Fact]
Answer = dict[str, list[dict[str, str]]] | list[str]
Evaluate = Callable[[Facts], Answer]
Decided = tuple[frozenset[str], frozenset[str]]
"""The rules that decide a matter, and those that may come to decide one."""


class UnequalError(Exception):
    """The two policies decide a case differently, so that no time of theirs may be compared."""


@dataclass(frozen=True)
class Sample:
    """Cases of one chapter, all with nothing open or all with a question open, for both sides."""

    docket: Docket
    compiled: Compiled
    program: Program
    zen: ZenChapter
    leaves: Sequence[Leaves]
    contexts: Sequence[Context]
    facts: Sequence[Facts]

    def standing(self, leaves: Leaves) -> Standing:
        """Return our side's answer."""
        return self.compiled.standing(self.program, leaves)

    def decided(self) -> list[Decided]:
        """Return our side's answers to all cases, to be compared."""
        return [_ours(self.standing(leaves)) for leaves in self.leaves]


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
            sample = _sample(docket, engine, number, is_open)
            _compare(report, sample, is_open, rounds)


# -- cases ------------------------------------------------------------------------------------


def _sample(docket: Docket, engine: Engine, number: int, is_open: bool) -> Sample:
    compiled = engine.evaluator
    assert isinstance(compiled, Compiled)
    program = compiled.program(docket.chapter)
    chapter = ZenChapter.of(compiled, program, open_facts=is_open)
    leaves: list[Leaves] = []
    contexts: list[Context] = []
    for case in docket.cases(engine, SEED):
        judgement = compiled.judge(case, case.known_at)
        context = judgement.world
        if judgement.chapter != docket.chapter or not isinstance(context, Context):
            continue
        found = program.leaves(context)
        if is_open == any(found[index] is UNKNOWN for index in program.open_indexes):
            leaves.append(found)
            contexts.append(context)
        if len(leaves) == number:
            break
    facts = [chapter.facts(found) for found in leaves]
    return Sample(docket, compiled, program, chapter, leaves, contexts, facts)


# -- the two sides ----------------------------------------------------------------------------


def _evaluators(chapter: ZenChapter) -> dict[str, Evaluate]:
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


def _ours(standing: Standing) -> Decided:
    deciding = frozenset(name for names in standing.deciding.values() for name in names)
    undecided = frozenset(name for names in standing.undecided.values() for name in names)
    return deciding, undecided


def _zens(answer: Answer) -> Decided:
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
    evaluators = _evaluators(sample.zen)
    for evaluate in evaluators.values():
        _refuse_unequal(sample, ours, [_zens(evaluate(facts)) for facts in sample.facts])
    what = "a question open" if is_open else "nothing open"
    report.title(f"{sample.docket.name}: {number:,} cases with {what}")
    report.note(_variety(sample, ours))
    works: dict[str, Work] = {
        OURS: partial(_all, partial(sample.compiled.standing, sample.program), sample.leaves)
    }
    if is_open:
        works[OURS_WITH_NEEDED] = partial(_with_needed, sample)
    works |= {name: partial(_all, one, sample.facts) for name, one in evaluators.items()}
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


def _refuse_unequal(sample: Sample, ours: list[Decided], zens: list[Decided]) -> None:
    for index, (one, other) in enumerate(zip(ours, zens, strict=True)):
        if one != other:
            facts = sample.facts[index]
            raise UnequalError(f"{sample.docket.name}: {one} here, {other} by zen, from {facts}")


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


def _all(answer: Callable[[Given], object], cases: Iterable[Given]) -> None:
    for case in cases:
        answer(case)


def _with_needed(sample: Sample) -> None:
    """Find out, too, whether the outcome is settled all the same, and if not what is needed."""
    compiled, program = sample.compiled, sample.program
    for leaves, context in zip(sample.leaves, sample.contexts, strict=True):
        standing = compiled.standing(program, leaves)
        compiled._matter(OUTCOME, program, leaves, standing, context)
