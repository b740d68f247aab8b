"""Memory stays bounded: however much is decided, however often a policy is loaded anew."""

import gc
import weakref

import pytest

from benchmarks import memory
from benchmarks.disputes import BY_PACK, Docket
from reso.engine.decide import load_engine

WORK = [
    pytest.param("decisions", 3_000, 12, id="3,000 decisions"),
    pytest.param("reloads", 20, 12, id="20 reloads"),
    pytest.param(
        "decisions",
        memory.DECISIONS,
        memory.MOST_GROWTH,
        id="100,000 decisions",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        "reloads", memory.RELOADS, memory.MOST_GROWTH, id="1,000 reloads", marks=pytest.mark.slow
    ),
]


@pytest.mark.skipif(not memory.STATUS.exists(), reason="resident memory is read from /proc")
@pytest.mark.parametrize(("work", "number", "megabytes"), WORK)
def test_memory_grows_by_no_more_than_a_few_megabytes(
    work: str, number: int, megabytes: int
) -> None:
    assert memory.finish(memory.start(work, number)) <= megabytes


@pytest.mark.parametrize("docket", BY_PACK, ids=lambda docket: docket.pack)
def test_an_engine_that_is_no_longer_used_is_freed(docket: Docket) -> None:
    engine = load_engine(docket.folder(memory.ROOT))
    engine.decide(next(docket.cases(engine, memory.SEED)))
    kept = [weakref.ref(part) for part in (engine.evaluator, engine.outcomes, engine.tracer)]
    del engine
    gc.collect()
    assert [ref() for ref in kept] == [None] * len(kept)
