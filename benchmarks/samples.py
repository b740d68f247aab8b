"""Cases of one chapter with their facts worked out, and what each side answers to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.disputes import Docket
from benchmarks.zen_policy import Fact, ZenChapter
from reso.engine.compiled import Compiled, Standing
from reso.engine.context import Context
from reso.engine.decide import Engine
from reso.engine.program import Leaves, Program
from reso.facts.operations import UNKNOWN

SEED = 20260310
Facts = dict[str, Fact]
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
        return [ours_decided(self.standing(leaves)) for leaves in self.leaves]


def sampled(docket: Docket, engine: Engine, number: int, is_open: bool) -> Sample:
    """Draw cases of a chapter: all with nothing open, or all with a question open."""
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


def ours_decided(standing: Standing) -> Decided:
    """Return an answer of the compiled evaluator, to be compared."""
    deciding = frozenset(name for names in standing.deciding.values() for name in names)
    undecided = frozenset(name for names in standing.undecided.values() for name in names)
    return deciding, undecided


def refuse_unequal(
    sample: Sample, ours: Sequence[Decided], others: Sequence[Decided], by: str = "zen"
) -> None:
    """Compare two sides' answers to all cases; `by` names the other side.

    Raises:
        UnequalError: they differ on a case, which is told.
    """
    for index, (one, other) in enumerate(zip(ours, others, strict=True)):
        if one != other:
            facts = sample.facts[index]
            raise UnequalError(f"{sample.docket.name}: {one} here, {other} by {by}, from {facts}")
