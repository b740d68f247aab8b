"""durable-rules finds what the compiled evaluator finds: every rule, matter and needed set."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reso.cases import load_scenarios, own_case_files
from reso.engine.compiled import Compiled
from reso.engine.decide import CANNOT_EVALUATE, Engine
from reso.engine.durable.evaluator import Durable
from reso.engine.durable.guard import Guarded
from reso.engine.durable.pool import Pool, installed
from reso.engine.durable.rulesets import plan
from reso.engine.durable.watch import Watch
from reso.facts.reader import read_case_file
from reso.facts.table import load_core
from reso.lifecycle import Life
from reso.model.case import Case
from reso.model.events import fold
from simulations.life import Stretch, complained_at, live
from simulations.sources import read_source
from tests.shipped import pack_of
from tests.strategies.circuits import Gates, follows, large_policy
from tests.strategies.small_packs import case_of
from tests.strategies.stories import Docket, cases_for, dockets

pytestmark = pytest.mark.skipif(not installed(), reason="durable-rules does not run here")

ROOT = Path(__file__).parents[2]
PACKS = sorted(file.parent.name for file in (ROOT / "rules").glob("*/policy.yaml"))
PUBLISHED = ROOT.parent / "shared" / "cases" / "published_cases.yaml"
HISTORY = ROOT / "fixtures" / "history"
OLIST = ROOT.parent / "shared" / "olist"
few = settings(max_examples=8)
each_pack = pytest.mark.parametrize("name", PACKS)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One process for all tests: what one policy leaves behind must not bear on the next."""
    pool = Pool(seconds=60)
    yield pool
    assert pool.started == 1
    pool.close()


def assert_same(compiled: Compiled, durable: Durable, case: Case, at: object = None) -> bool:
    """Assert that both find the same; return whether the case could be evaluated at all."""
    instant = at or case.known_at
    try:
        expected = compiled.judge(case, instant)  # type: ignore[arg-type]
    except CANNOT_EVALUATE as error:
        with pytest.raises(type(error)):
            durable.judge(case, instant)  # type: ignore[arg-type]
        return False
    found = durable.judge(case, instant)  # type: ignore[arg-type]
    assert found.chapter == expected.chapter
    assert dict(found.statuses) == dict(expected.statuses)
    assert dict(found.matters) == dict(expected.matters)
    return True


# -- random policies, random cases --------------------------------------------------------------


@few
@given(docket=dockets(stories=4, down=False))
def test_durable_rules_and_compiled_agree_on_rules_matters_and_needed_sets(
    pool: Pool, docket: Docket
) -> None:
    compiled = Compiled(docket.policy)
    durable = Durable(compiled, pool)
    for story in docket.stories:
        assert_same(compiled, durable, story.case(), story.at)


@pytest.mark.slow
@given(docket=dockets(stories=12, down=False))
def test_they_agree_when_many_cases_share_patterns(pool: Pool, docket: Docket) -> None:
    compiled = Compiled(docket.policy)
    durable = Durable(compiled, pool)
    for story in docket.stories:
        assert_same(compiled, durable, story.case(), story.at)


@pytest.mark.slow
@each_pack
@given(data=st.data())
def test_they_agree_on_random_cases_of_the_packs(
    pool: Pool, name: str, data: st.DataObject
) -> None:
    compiled = Compiled(pack_of(name).policy)
    durable = Durable(compiled, pool)
    for _ in range(5):
        story = data.draw(cases_for(compiled.policy, down=False))
        assert_same(compiled, durable, story.case(), story.at)


@pytest.mark.parametrize(
    ("most", "policies", "cases"),
    [
        pytest.param(60, 2, 20, id="up to 60 rules, 40 cases"),
        pytest.param(400, 40, 500, id="up to 400 rules, 20,000 cases", marks=pytest.mark.slow),
    ],
)
def test_they_agree_on_large_policies(pool: Pool, most: int, policies: int, cases: int) -> None:
    random = Random(most)
    for number in range(1, policies + 1):
        compiled = Compiled(large_policy(random, most * number // policies))
        durable = Durable(compiled, pool)
        for _ in range(cases):
            case = random_case(random, compiled)
            at = case.known_at + timedelta(days=random.randint(0, 12))
            assert assert_same(compiled, durable, case, at)


def random_case(random: Random, compiled: Compiled) -> Case:
    """Return a case of a large policy: some facts known, some answers there."""
    claim = random.choice(("damaged", "broken", "counterfeit", "defective"))
    lines = [f'claim: {{type: {claim}, filed_at: "2026-03-02T09:00:00+07:00"}}']
    lines.append(f"order: {{currency: IDR, total_paid: {random.randint(0, 4_500)}}}")
    if random.random() < 0.5:
        action = random.choice(("approve", "reject"))
        lines.append(
            f'responses: [{{party: seller, action: {action}, at: "2026-03-03T09:00:00+07:00"}}]'
        )
    return case_of(compiled.policy.table, "\n".join(lines), "2026-03-04T09:00:00+07:00")


@pytest.mark.parametrize(
    ("circuits", "decisions"),
    [
        pytest.param(20, 20, id="few"),
        pytest.param(100, 200, id="20,000", marks=pytest.mark.slow),
    ],
)
def test_exactly_the_rules_fire_that_follow(pool: Pool, circuits: int, decisions: int) -> None:
    """The library itself, without policies: gates over random values, read plainly beside it."""
    for seed in range(circuits):
        random = Random(seed)
        gates = Gates(random, inputs=random.choice((1, 12, 80, 400)), gates=random.randint(1, 150))
        made = plan(gates)  # type: ignore[arg-type]
        values = [gates.values(random) for _ in range(decisions)]
        found = pool.run(pool.number(made), made, values)
        names = [*gates.inputs.values()]
        assert found == [follows(gates.gates, names, each) for each in values]
        assert any(found)


# -- written cases, recorded disputes -----------------------------------------------------------


@pytest.mark.slow
@each_pack
def test_they_agree_on_every_case_of_a_pack(pool: Pool, name: str) -> None:
    pack = pack_of(name)
    compiled = Compiled(pack.policy)
    durable = Durable(compiled, pool)
    files = [*own_case_files(pack.folder), *([PUBLISHED] if PUBLISHED.is_file() else [])]
    cases = [case for file in files for case in load_scenarios(file, name)]
    assert cases
    for case in cases:
        known = read_case_file(case.given, pack.table, case.id).case_at()
        for later in (timedelta(), timedelta(days=3)):
            assert assert_same(compiled, durable, known, known.known_at + later)


def test_a_life_led_by_both_engines_is_the_one_led_by_the_compiled_engine(
    pool: Pool, tmp_path: Path
) -> None:
    compiled = Compiled(pack_of("marketplace").policy)
    watch = Watch(1, 60, time.monotonic)
    alone = Life(Engine.of(compiled))
    both = Life(Engine.of(Guarded(compiled, pool, watch, tmp_path, whole=False)))
    for events in read_source(HISTORY, load_core()).disputes.values():
        assert live(both, events, Stretch()) == live(alone, events, Stretch())
    assert watch.counts.keys() == {"compared"}
    assert watch.counts["compared"] > 300


@pytest.mark.slow
@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data are not beside the clone")
def test_they_agree_on_every_olist_dispute_as_complained_of_and_a_month_later(pool: Pool) -> None:
    compiled = Compiled(pack_of("marketplace").policy)
    durable = Durable(compiled, pool)
    disputes = read_source(OLIST, load_core()).disputes
    judged = 0
    for events in disputes.values():
        for later in (timedelta(), timedelta(days=30)):
            at = complained_at(events) + later
            judged += assert_same(compiled, durable, fold(events, at), at)
    assert judged == 2 * len(disputes)
    assert len(disputes) == 6_879
