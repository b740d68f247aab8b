"""Two engines on a live case: agreement, difference, death, breaker, and the file they leave."""

import json
import os
import signal
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app, engines
from reso.cli.engines import NOT_HERE, EngineSettings
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.durable import rulesets
from reso.engine.durable.disagreements import Disagreement
from reso.engine.durable.guard import Engines, Guarded
from reso.engine.durable.pool import Pool, installed
from reso.engine.durable.rulesets import Plan
from reso.engine.durable.watch import Watch
from reso.engine.explain import Explainer
from reso.errors import InputError
from reso.model.ruling import Ruling
from reso.policy.loader import load_policy
from tests.strategies.small_packs import case_of

needs_durable = pytest.mark.skipif(not installed(), reason="durable-rules does not run here")

MINI = Path(__file__).parents[1] / "packs" / "mini"
POLICY = load_policy(MINI)
COMPILED = Compiled(POLICY)
CASE = """\
claim: {type: damaged, filed_at: "2026-03-02T09:00:00+08:00"}
order: {currency: SGD, items_subtotal: 40.00, total_paid: 45.50}
"""
AT = "2026-03-05T09:00:00+08:00"
NOW = f'now: "{AT}"\n'
EXPECTED = Engine.of(COMPILED).decide(case_of(POLICY.table, CASE, AT))


class Silenced(Pool):
    """Processes for which nothing ever follows: durable-rules gone wrong."""

    def run(self, number: int, plan: Plan, values: Sequence[Sequence[int]]) -> list[frozenset[str]]:
        """Return that no gate is yes."""
        return [frozenset() for _ in values]


class Hands:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def right() -> Iterator[Pool]:
    pool = Pool(seconds=10)
    yield pool
    pool.close()


@pytest.fixture
def wrong() -> Iterator[Pool]:
    pool = Silenced()
    yield pool
    pool.close()


def guarded(pool: Pool, folder: Path, most: int = 100, engines: Engines = "both") -> Guarded:
    return Guarded(COMPILED, pool, Watch(most, 60, Hands()), folder, str(MINI), engines)


def decide(evaluator: Guarded, text: str = CASE) -> Ruling:
    return Engine.of(evaluator).decide(case_of(POLICY.table, text, AT))


# -- two engines --------------------------------------------------------------------------------


@needs_durable
@pytest.mark.parametrize("engines", ["both", "durable"])
def test_engines_that_agree_rule_as_the_compiled_one_alone(
    right: Pool, tmp_path: Path, engines: Engines
) -> None:
    evaluator = guarded(right, tmp_path, engines=engines)
    assert decide(evaluator) == EXPECTED
    assert evaluator.watch.counts == ({"compared": 1} if engines == "both" else {})
    assert [*tmp_path.iterdir()] == []


def test_a_difference_escalates_the_case_with_both_results(wrong: Pool, tmp_path: Path) -> None:
    evaluator = guarded(wrong, tmp_path)
    ruling = decide(evaluator)
    assert ruling.decision == "escalate"
    (reason,) = ruling.reasons
    assert reason.detail == "two ways of working it out come to different results"
    assert reason.values == (
        ("compiled", "refund_full (agreed)"),
        ("durable-rules", "escalate (no rule)"),
    )
    assert evaluator.watch.counts == {"difference": 1}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("id", "karena dua cara menghitungnya memberi hasil yang berbeda; jadi petugas kami"),
        ("en", "as two ways of working it out come to different results; so one of our people"),
    ],
)
def test_who_reads_of_a_difference_learns_neither_result(
    wrong: Pool, tmp_path: Path, language: str, told: str
) -> None:
    explanation = Explainer(POLICY).explain(decide(guarded(wrong, tmp_path)), language)  # type: ignore[arg-type]
    assert told in explanation.reasons[0].text
    assert "refund" not in str(explanation)


def test_a_difference_is_written_for_its_owner_alone_and_once(wrong: Pool, tmp_path: Path) -> None:
    evaluator = guarded(wrong, tmp_path / "new")
    for _ in range(3):
        decide(evaluator)
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = Disagreement.read(file)
    assert found.trouble == "difference"
    assert found.compiled["rules"]["agreed"]["decides"] == "true"
    assert found.durable["rules"]["agreed"]["decides"] == "false"
    assert found.policy["content_hash"] == POLICY.content_hash
    assert found.given["order"] == json.loads(
        '{"currency": "SGD", "items_subtotal": 40, "total_paid": 45.5}'
    )


def test_a_folder_that_cannot_be_written_loses_no_decision(wrong: Pool, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    evaluator = guarded(wrong, blocked)
    assert decide(evaluator).decision == "escalate"
    assert evaluator.watch.counts == {"difference": 1}


@needs_durable
@pytest.mark.parametrize("engines", ["both", "durable"])
def test_a_death_is_counted_and_the_compiled_ruling_stands(
    right: Pool, tmp_path: Path, engines: Engines
) -> None:
    evaluator = guarded(right, tmp_path, engines=engines)
    decide(evaluator)
    os.kill(right.processes[0], signal.SIGKILL)
    assert decide(evaluator) == EXPECTED
    assert evaluator.watch.counts["death"] == 1
    (file,) = tmp_path.iterdir()
    assert Disagreement.read(file).durable == {"no result": "the process ended by signal 9"}
    assert decide(evaluator) == EXPECTED
    assert evaluator.watch.disagreements == 1


def test_a_case_with_a_source_down_is_asked_of_neither_engine(wrong: Pool, tmp_path: Path) -> None:
    down = CASE + f'unavailable: [{{source: order, state: down, at: "{AT}"}}]\n'
    evaluator = guarded(wrong, tmp_path)
    case = case_of(POLICY.table, down, AT)
    assert Engine.of(evaluator).decide(case) == Engine.of(COMPILED).decide(case)
    assert evaluator.watch.counts == {}


# -- breaker ------------------------------------------------------------------------------------


def test_too_many_disagreements_in_a_while_leave_the_compiled_engine_alone(
    wrong: Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    evaluator = guarded(wrong, tmp_path, most=3)
    rulings = [decide(evaluator) for _ in range(5)]
    assert [ruling == EXPECTED for ruling in rulings] == [False, False, False, True, True]
    assert evaluator.watch.alarm == "3 disagreements within 60 seconds"
    assert evaluator.watch.counts == {"difference": 3}
    alarms = [record for record in caplog.records if "ALARM" in record.getMessage()]
    assert [record.levelname for record in alarms] == ["ERROR"]


def test_as_many_disagreements_over_a_longer_time_do_not_trip_the_breaker() -> None:
    clock = Hands()
    watch = Watch(3, 60, clock)
    for _ in range(10):
        watch.disagreed("difference")
        clock.seconds += 31
    assert not watch.tripped
    watch.disagreed("death")
    clock.seconds += 1
    watch.disagreed("time-out")
    assert watch.tripped
    assert watch.disagreements == 12


def test_a_breaker_that_is_reset_lets_both_engines_decide_again(
    wrong: Pool, tmp_path: Path
) -> None:
    evaluator = guarded(wrong, tmp_path, most=1)
    assert decide(evaluator).decision == "escalate"
    assert decide(evaluator) == EXPECTED
    evaluator.watch.reset()
    assert decide(evaluator).decision == "escalate"


def test_a_policy_beyond_the_limits_is_left_to_the_compiled_engine_when_it_is_loaded(
    wrong: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rulesets, "rule_name", lambda number: "r")
    evaluator = guarded(wrong, tmp_path)
    assert evaluator.refused == "two names have the same hash of 32 bits"
    assert [record.getMessage() for record in caplog.records] == [
        f"ALARM: durable-rules does not take policy mini: {evaluator.refused}"
    ]
    assert decide(evaluator) == EXPECTED
    assert not evaluator.watch.tripped  # other policies keep both engines
    assert evaluator.watch.counts == {}


@pytest.mark.parametrize("engines", ["both", "durable"])
def test_a_fault_in_asking_is_counted_and_the_compiled_ruling_stands(
    tmp_path: Path, engines: Engines
) -> None:
    class Faulty(Pool):
        def run(self, *_: object) -> list[frozenset[str]]:
            raise KeyError("no such plan")

    pool = Faulty()
    evaluator = guarded(pool, tmp_path, engines=engines)
    assert decide(evaluator) == EXPECTED
    assert evaluator.watch.counts == {"fault": 1}
    (file,) = tmp_path.iterdir()
    assert Disagreement.read(file).durable == {"no result": "'no such plan'"}
    pool.close()


@needs_durable
def test_a_library_that_cannot_be_loaded_is_switched_off_at_once(tmp_path: Path) -> None:
    program = 'print(\'{"unusable": "no compiler"}\')'
    pool = Pool(command=(sys.executable, "-c", program))
    evaluator = guarded(pool, tmp_path)
    assert decide(evaluator) == EXPECTED
    assert evaluator.watch.alarm == "durable-rules does not start: no compiler"
    pool.close()


# -- the command line ---------------------------------------------------------------------------


def reso(*args: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(args), env=environment)


@pytest.fixture
def case_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(CASE + NOW)
    return "case.yaml"


@needs_durable
@pytest.mark.parametrize("verb", ["decide", "explain"])
def test_both_engines_print_what_one_prints(case_file: str, verb: str) -> None:
    args = (verb, case_file, "--policy", str(MINI))
    one, two = (reso(*args, RESO_ENGINE=engine) for engine in ("compiled", "both"))
    assert (two.exit_code, two.stdout, two.stderr) == (0, one.stdout, "")


def test_without_the_library_a_line_says_that_one_engine_decides(
    case_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "installed", lambda: False)
    args = ("decide", case_file, "--policy", str(MINI))
    compiled, both = (reso(*args, RESO_ENGINE=engine) for engine in ("compiled", "both"))
    assert both.stdout == compiled.stdout
    assert compiled.stderr == ""
    assert both.stderr == NOT_HERE + "\n"


@needs_durable
def test_a_disagreement_is_run_again(wrong: Pool, case_file: str, tmp_path: Path) -> None:
    decide(guarded(wrong, tmp_path / "disagreements"))
    (file,) = (tmp_path / "disagreements").iterdir()
    ran = reso("replay-disagreement", str(file))
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        f"{file}: difference, at 2026-03-05T01:00:00+00:00",
        "the engines agree",
    ]


@needs_durable
def test_a_disagreement_that_is_still_there_is_shown(
    wrong: Pool, case_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "Pool", Silenced)
    decide(guarded(wrong, tmp_path / "disagreements"))
    (file,) = (tmp_path / "disagreements").iterdir()
    ran = reso("replay-disagreement", str(file))
    assert ran.exit_code == 1
    assert "\nrule agreed: {'holds': 'true'," in ran.stdout
    assert ran.stdout.endswith("the engines differ\n")


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"format": 2}', '{"format": 1}'])
@needs_durable
def test_what_is_no_disagreement_file_is_refused(case_file: str, text: str) -> None:
    Path("other.json").write_text(text)
    ran = reso("replay-disagreement", "other.json")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("other.json")


# -- settings -----------------------------------------------------------------------------------


def test_settings_come_from_the_environment() -> None:
    assert EngineSettings.read({}) == EngineSettings()
    stated = {
        "RESO_ENGINE": "durable",
        "RESO_ENGINE_PROCESSES": "4",
        "RESO_ENGINE_SECONDS": "0.5",
        "RESO_BREAKER_MOST": "9",
        "RESO_BREAKER_SECONDS": "30",
        "RESO_DISAGREEMENTS": "elsewhere",
    }
    expected = EngineSettings("durable", 4, 0.5, 9, 30.0, Path("elsewhere"))
    assert EngineSettings.read(stated) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RESO_ENGINE", "zen"),
        ("RESO_ENGINE_PROCESSES", "1.5"),
        ("RESO_ENGINE_PROCESSES", "0"),
        ("RESO_ENGINE_SECONDS", "-1"),
        ("RESO_ENGINE_SECONDS", "nan"),
        ("RESO_BREAKER_MOST", "many"),
        ("RESO_BREAKER_SECONDS", "inf"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: `{value}`"):
        EngineSettings.read({name: value})
