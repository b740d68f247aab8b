"""The benchmarks of a replay: what they compare is equal, what they judge can be missed."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from benchmarks.disputes import DOCKETS, Docket
from benchmarks.replay.leaves import LeafTable
from benchmarks.replay.page import Page
from benchmarks.replay.work import ROOT, STATUS
from benchmarks.samples import Sample, UnequalError, refuse_unequal, sampled
from reso.engine.decide import load_engine
from tests.shipped import policy_of

CASES = 60
LIVES = ("history", "prepare", "policies", "growth")


def of_chapter(docket: Docket, is_open: bool) -> Sample:
    return sampled(docket, load_engine(docket.folder(ROOT)), CASES, is_open)


def quick(*parts: str, disputes: int = 300) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.replay", "--quick", "--disputes", str(disputes)]
    return subprocess.run(
        [*command, "--only", *parts], cwd=ROOT, capture_output=True, text=True, check=False
    )


def rows(printed: str) -> list[list[str]]:
    """Return the cells of all tables, their heads included."""
    lines = (line for line in printed.splitlines() if line.startswith("| "))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("is_open", [False, True], ids=["nothing open", "a question open"])
@pytest.mark.parametrize("docket", DOCKETS, ids=lambda docket: docket.name)
def test_the_rules_in_sql_answer_as_the_compiled_evaluator(docket: Docket, is_open: bool) -> None:
    sample = of_chapter(docket, is_open)
    found = sample.decided()
    assert LeafTable(sample).decided() == found
    assert len(set(found)) > 3
    assert any(undecided for _, undecided in found) == is_open


def test_what_is_timed_is_worked_out_of_every_row() -> None:
    table = LeafTable(of_chapter(DOCKETS[0], is_open=True))
    table.repeat(10 * CASES + 1)
    table.decide()
    counted = "SELECT count(*) FROM "
    all_rows, different = (
        table.connection.execute(counted + source).fetchone()
        for source in ("standing", "(SELECT DISTINCT * FROM standing)")
    )
    assert (all_rows, different) == ((10 * CASES + 1,), (CASES,))


def test_a_different_answer_is_refused() -> None:
    sample = of_chapter(DOCKETS[0], is_open=False)
    found = sample.decided()
    with pytest.raises(UnequalError, match=r"lazada_sg_drtm, request: .* by SQL, from"):
        refuse_unequal(sample, found, [*found[:-1], (frozenset(), frozenset())], "SQL")


def test_a_missed_target_is_told_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page()
    cells = [page.target(name, "9 s", "8 s", met=met) for name, met in (("a", True), ("b", False))]
    assert cells == ["8 s: met", "8 s: MISSED"]
    assert page.verdict() == 1
    assert capsys.readouterr().out == "\n## 1 of 2 targets missed\n\n- b: 9 s, target 8 s\n"


def test_a_target_that_is_met_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page()
    assert page.target("a", "7 s", "8 s", met=True) == "8 s: met"
    assert page.verdict() == 0
    assert capsys.readouterr().out == "\n## No target is missed, of 1.\n"


def test_a_quick_run_judges_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    page = Page(judged=False)
    assert page.target("a", "9 s", "8 s", met=False) == "8 s: not judged"
    assert page.verdict() == 0
    assert capsys.readouterr().out == "\n## Nothing was judged.\n"


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_a_quick_run_prepares_a_made_history() -> None:
    done = quick("history", "prepare")
    assert (done.returncode, done.stderr) == (0, "")
    head, _, prepared = rows(done.stdout)
    assert head == ["what", "by the clock", "CPU", "target", "peak of memory", "target"]
    assert prepared[0].startswith("prepare 300 disputes, ")
    assert (prepared[3], prepared[5]) == ("0.018 s: not judged", "2 GB: not judged")


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")
def test_a_quick_run_replays_made_histories() -> None:
    done = quick(*LIVES, "olist")
    assert (done.returncode, done.stderr) == (0, "")
    found = {cells[0]: cells[1:] for cells in rows(done.stdout)}
    for pack in ("shopee_id", "marketplace"):
        name = f"rules/{pack}, {len(policy_of(pack).rules)} rules"
        *_, points, kinds, by_reference, a_look, and_a_rule = found[name]
        assert int(points.replace(",", "")) > 300
        assert int(kinds.replace(",", "")) > 20
        assert by_reference == "0"
        assert a_look.endswith(" µs")
        assert and_a_rule.endswith(" ns")
    assert {"30", "300", "the same, from a warm cache"} <= set(found)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("zen") is None, reason="zen-engine is not installed: make bench")
def test_a_quick_run_compares_the_rules_with_zen() -> None:
    done = quick("rules")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows(done.stdout)) == 2 + 2 * len(DOCKETS)
