"""The processes that run durable-rules: killed, stuck, flooded, reloaded; no decision is lost."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.durable.guard import Guarded
from reso.engine.durable.pool import CHILD, ChildError, Pool, installed
from reso.engine.durable.rulesets import (
    MOST_FIELDS,
    MOST_FIRINGS,
    OWN_FIELDS,
    Plan,
    Ruleset,
    RulesetError,
    fnv1,
    plan,
    refuse,
)
from reso.engine.durable.watch import Watch
from reso.model.case import Case
from reso.policy.loader import load_policy
from tests.strategies.circuits import Gates, follows
from tests.strategies.small_packs import case_of

pytestmark = pytest.mark.skipif(not installed(), reason="durable-rules does not run here")

MINI = Path(__file__).parents[1] / "packs" / "mini"
POLICY = load_policy(MINI)
STATUS = Path("/proc/self/status")
CASE = """\
claim: {type: damaged, filed_at: "2026-03-02T09:00:00+08:00"}
order: {currency: SGD, items_subtotal: 40.00, total_paid: 45.50}
"""
AT = "2026-03-05T09:00:00+08:00"
HOSTILE = [
    pytest.param("x" * 70_000, id="more than 64 KB"),
    pytest.param('", "sid": "1", "f0": 1, "x": "', id="quotes and fields"),
    pytest.param("$and $or $ex $m sid id {0} %d %s", id="the library's words"),
    pytest.param("\x00\n\r\u2028\U0001f4a5é", id="control and wide characters"),
]


def small_plan(seed: int = 1, inputs: int = 6, gates: int = 12) -> tuple[Gates, Plan]:
    made = Gates(Random(seed), inputs, gates)
    return made, plan(made)  # type: ignore[arg-type]


@contextmanager
def pools(
    size: int = 1, seconds: float = 10, command: tuple[str, ...] | None = None
) -> Iterator[Pool]:
    pool = Pool(size, seconds, command)
    try:
        yield pool
    finally:
        pool.close()


def a_case(text: str = CASE) -> Case:
    return case_of(POLICY.table, text, AT)


def resident_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


# -- death and time-out -------------------------------------------------------------------------


def test_a_process_that_was_killed_is_replaced_and_the_next_decision_comes_out() -> None:
    gates, made = small_plan()
    values = [gates.values(Random(2))]
    with pools() as pool:
        number = pool.number(made)
        first = pool.run(number, made, values)
        os.kill(pool.processes[0], signal.SIGKILL)
        with pytest.raises(ChildError, match="signal 9") as death:
            pool.run(number, made, values)
        assert death.value.trouble == "death"
        assert pool.run(number, made, values) == first
        assert pool.started == 2


def test_a_process_that_hangs_is_given_up_after_the_time_limit_and_replaced() -> None:
    gates, made = small_plan()
    values = [gates.values(Random(2))]
    with pools(seconds=0.5) as pool:
        number = pool.number(made)
        pool.run(number, made, values)
        os.kill(pool.processes[0], signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(ChildError, match="time limit") as late:
            pool.run(number, made, values)
        assert late.value.trouble == "time-out"
        assert time.monotonic() - began < 5
        assert len(pool.run(number, made, values)) == 1


@pytest.mark.parametrize(
    ("program", "trouble", "told"),
    [
        pytest.param("raise SystemExit(3)", "death", "code 3", id="it ends at once"),
        pytest.param(
            f"import sys, runpy; sys.modules['durable'] = None; runpy.run_path({str(CHILD)!r}, "
            "run_name='__main__')",
            "unusable",
            "durable-rules does not start: ",
            id="the library is not there",
        ),
    ],
)
def test_a_process_that_does_not_come_up_says_why(program: str, trouble: str, told: str) -> None:
    _, made = small_plan()
    with (
        pools(command=(sys.executable, "-c", program)) as pool,
        pytest.raises(ChildError, match=told) as error,
    ):
        pool.run(pool.number(made), made, [])
    assert error.value.trouble == trouble


NONSENSE = """
import sys
print('{"ready": true}', flush=True)
for line in sys.stdin:
    print({"load": '{"loaded": 1}'}.get(line[2:6], sys.argv[1]), flush=True)
"""


@pytest.mark.parametrize("answer", ["[[99]]", "[[", "7", '[["x"]]'])
def test_an_answer_that_is_none_counts_as_a_death(answer: str) -> None:
    gates, made = small_plan()
    with (
        pools(command=(sys.executable, "-c", NONSENSE, answer)) as pool,
        pytest.raises(ChildError, match="cannot be read") as error,
    ):
        pool.run(pool.number(made), made, [gates.values(Random(2))])
    assert error.value.trouble == "death"


def test_where_no_process_can_be_started_it_is_a_death_too() -> None:
    _, made = small_plan()
    with pools(command=("/nowhere/python",)) as pool, pytest.raises(ChildError) as error:
        pool.run(pool.number(made), made, [])
    assert (error.value.trouble, str(error.value)) == ("death", "no process can be started")


def test_a_pool_that_was_closed_says_so() -> None:
    _, made = small_plan()
    pool = Pool()
    pool.close()
    with pytest.raises(ChildError, match="have been ended"):
        pool.run(pool.number(made), made, [])


def test_the_processes_end_with_the_pool() -> None:
    with pools(size=2) as pool:
        processes = pool.processes
        assert len(processes) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_gets_processes_of_its_own() -> None:
    gates, made = small_plan()
    values = [gates.values(Random(2))]
    with pools() as pool:
        number = pool.number(made)
        expected = pool.run(number, made, values)
        before = pool.processes
        process = os.fork()
        if process == 0:
            same = pool.run(number, made, values) == expected
            others = not {*pool.processes} & {*before}
            pool.close()
            os._exit(0 if same and others else 1)
        assert os.waitpid(process, 0)[1] == 0
        assert pool.run(number, made, values) == expected
        assert pool.processes == before


def assert_no_decision_is_lost(decisions: int, kills: int) -> Watch:
    """Decide on several threads while processes are killed at random."""
    compiled = Compiled(POLICY)
    watch = Watch(10**6, 600, time.monotonic)
    case, expected = a_case(), Engine.of(compiled).decide(a_case())
    wrong: list[object] = []
    done = threading.Event()
    with pools(size=2, seconds=2) as pool:
        engine = Engine.of(Guarded(compiled, pool, watch, Path(os.devnull)))

        def decide() -> None:
            for _ in range(decisions // 4):
                ruling = engine.decide(case)
                if ruling != expected:
                    wrong.append(ruling)

        def kill() -> None:
            random = Random(1)
            for _ in range(kills):
                if done.wait(random.uniform(0.05, 0.3)):
                    return
                for process in random.sample(pool.processes, 1):
                    os.kill(process, signal.SIGKILL)

        threads = [threading.Thread(target=decide) for _ in range(4)]
        killer = threading.Thread(target=kill)
        for thread in (*threads, killer):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        killer.join()
    assert wrong == []
    assert watch.counts["compared"] + watch.disagreements == decisions // 4 * 4
    assert watch.counts["difference"] == 0
    return watch


def test_processes_killed_at_random_under_load_lose_no_decision() -> None:
    watch = assert_no_decision_is_lost(decisions=1_000, kills=5)
    assert watch.counts["compared"] > 0


@pytest.mark.slow
def test_many_processes_killed_at_random_under_load_lose_no_decision() -> None:
    watch = assert_no_decision_is_lost(decisions=40_000, kills=100)
    assert watch.counts["death"] >= 10


# -- what it is fed -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_case_reaches_the_library(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = Compiled(POLICY)
    hostile = {"claim.description": text, "claim.party": text}
    case = a_case()
    case = replace(
        case,
        fields={**case.fields, **hostile},
        lists={"evidence": ({"party": text, "type": text},)},
    )
    sent: list[bytes] = []
    send = os.write
    monkeypatch.setattr(os, "write", lambda pipe, data: sent.append(data) or send(pipe, data))
    with pools() as pool:
        watch = Watch(5, 600, time.monotonic)
        engine = Engine.of(Guarded(compiled, pool, watch, Path(os.devnull)))
        assert engine.decide(case) == Engine.of(compiled).decide(case)
    assert watch.counts == {"compared": 1}
    asked = [json.loads(line) for line in b"".join(sent).splitlines()]
    values = [value for request in asked for row in request.get("values", ()) for value in row]
    assert values
    assert {*values} <= set(range(20))


def sessions(pool: Pool, number: int) -> tuple[float, float]:
    """Ask for `number` decisions, a tenth of them first; return by how many MB both grew."""
    gates, made = small_plan(seed=3, inputs=20, gates=30)
    random = Random(4)
    values = [gates.values(random) for _ in range(50)]
    names = [*gates.inputs.values()]
    expected = [follows(gates.gates, names, each) for each in values]
    plan_number = pool.number(made)

    def ask(times: int) -> None:
        for _ in range(times // len(values)):
            assert pool.run(plan_number, made, values) == expected

    ask(number // 10)
    before = [resident_mb(process) for process in (os.getpid(), pool.processes[0])]
    ask(number)
    after = [resident_mb(process) for process in (os.getpid(), pool.processes[0])]
    ours, theirs = (late - early for early, late in zip(before, after, strict=True))
    return ours, theirs


def reloads(pool: Pool, number: int) -> tuple[float, float]:
    """Load `number` plans, a tenth of them first; return by how many MB both grew."""

    def load(times: int) -> None:
        for seed in range(times):
            gates, made = small_plan(seed % 50, inputs=20, gates=30)
            values = gates.values(Random(seed))
            (found,) = pool.run(pool.number(made), made, [values])
            assert found == follows(gates.gates, [*gates.inputs.values()], values)

    load(max(50, number // 10))
    assert len(pool._dropped) <= 2  # plans that are gone are forgotten
    before = [resident_mb(process) for process in (os.getpid(), pool.processes[0])]
    load(number)
    after = [resident_mb(process) for process in (os.getpid(), pool.processes[0])]
    ours, theirs = (late - early for early, late in zip(before, after, strict=True))
    return ours, theirs


linux = pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")


@linux
@pytest.mark.parametrize(
    ("work", "number"),
    [
        pytest.param(sessions, 2_000, id="2,000 sessions"),
        pytest.param(reloads, 100, id="100 reloads"),
        pytest.param(sessions, 100_000, id="100,000 sessions", marks=pytest.mark.slow),
        pytest.param(reloads, 1_000, id="1,000 reloads", marks=pytest.mark.slow),
    ],
)
def test_memory_of_both_processes_stays_flat(
    work: Callable[[Pool, int], tuple[float, float]], number: int
) -> None:
    with pools(seconds=60) as pool:
        ours, theirs = work(pool, number)
        assert pool.started == 1
    assert ours <= 3
    assert theirs <= 3


# -- limits of the library ----------------------------------------------------------------------


def rulesets(made: Plan) -> list[Ruleset]:
    return [ruleset for stage in made.stages for ruleset in stage]


@pytest.mark.parametrize(
    ("inputs", "gates", "what"),
    [
        pytest.param(2, 300, "a condition shared by 300 rules", id="identical"),
        pytest.param(1_000, 300, "1,000 fields", id="fields"),
        pytest.param(900, 1, "a rule of 900 conditions", id="one long rule"),
    ],
)
def test_what_exceeds_a_limit_is_split_and_still_exact(inputs: int, gates: int, what: str) -> None:
    from reso.engine.durable.circuit import Gate, Is

    made = Gates(Random(0), inputs, 0)
    names = [*made.inputs.values()]
    width = inputs if gates == 1 else 1
    for number in range(gates):
        way = tuple(Is(names[(number + n) % inputs], 1) for n in range(width))
        made.gates[f"gate:{number}"] = Gate(f"gate:{number}", (way,))
    split = plan(made)  # type: ignore[arg-type]
    assert len(rulesets(split)) > 1, what
    for ruleset in rulesets(split):
        assert len(ruleset.rules) < MOST_FIRINGS
        assert len(ruleset.places) + len(OWN_FIELDS) <= MOST_FIELDS
    ones, one_off = [1] * inputs, [0] + [1] * (inputs - 1)
    with pools(seconds=60) as pool:
        found = pool.run(pool.number(split), split, [ones, one_off])
    for fired, values in zip(found, (ones, one_off), strict=True):
        assert fired & made.gates.keys() == follows(made.gates, names, values)


@pytest.mark.parametrize(
    ("ruleset", "why"),
    [
        pytest.param(Ruleset([0], [(1, [(0, False, 1)])] * 64), "65 rules", id="firings"),
        pytest.param(Ruleset(list(range(248)), [(1, [])]), "251 fields", id="fields"),
        pytest.param(Ruleset([0], [(1, [(0, False, 1)] * 256)]), "256 rules", id="identical"),
    ],
)
def test_a_ruleset_beyond_a_limit_is_refused(ruleset: Ruleset, why: str) -> None:
    with pytest.raises(RulesetError, match=why):
        refuse(ruleset)


def test_names_with_the_same_hash_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import reso.engine.durable.rulesets as module

    monkeypatch.setattr(module, "field_name", lambda number: ["costarring", "liquid"][number])
    assert fnv1("costarring") != fnv1("liquid")  # they collide in the other of the two hashes
    with pytest.raises(RulesetError, match="same hash"):
        refuse(Ruleset([0, 1], [(2, [(0, False, 1), (1, False, 1)])]))
