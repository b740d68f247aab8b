"""`--acceptance` with `--against`: parties answer under both, by the same draws."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from simulations.acceptance.model import RUNS
from tests.commands import whole_app
from tests.simulations.shop import shop
from tests.simulations.test_supposing import offered, write

OFFERS = 30
OTHER = ("--against-set", "answer_time=1 hour")


@pytest.fixture(scope="module")
def offers(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of disputes in each of which half is offered, and nobody answers."""
    file = tmp_path_factory.mktemp("offers") / "offers.parquet"
    write(file, [e for n in range(OFFERS) for e in offered(f"O-{n}", 20_000 * (n + 1), 24 + n)])
    return str(file)


def reso(offers: str, *args: str) -> Result:
    asked = ["replay", offers, "-p", str(shop()), "--to-the-end", *args]
    ran = CliRunner().invoke(whole_app(), asked)
    assert ran.exit_code == 0, ran.output
    return ran


def told(offers: str, *args: str) -> Any:
    return json.loads(reso(offers, *args, "--json").stdout)


@pytest.mark.parametrize("engine", [pytest.param("fast", marks=pytest.mark.slow), "reference"])
def test_the_other_side_answers_as_it_would_alone(offers: str, engine: str, tmp_path: Path) -> None:
    asked = ("--acceptance", "all", "--seed", "3", "--engine", engine, "--cache", str(tmp_path))
    found = told(offers, *asked, *OTHER)
    alone = told(offers, *asked, "--set", "answer_time=1 hour")["supposed"]["acceptance"]["runs"]
    ours = found["supposed"]["acceptance"]["runs"]
    runs = found["comparison"]["with_answers"]["runs"]
    assert list(runs) == list(RUNS)
    for name, one in runs.items():
        test = one["ended_without_human"]
        for side, other in (("only_a", ours), ("only_b", alone)):
            counted = other[name]["automatic"]["together"]["count"]
            assert test["both"] + test[side] == counted
    counts = [one["automatic"]["together"]["count"] for one in (*ours.values(), *alone.values())]
    assert len(set(counts)) > 1


def test_the_same_policy_twice_draws_the_same_answers(offers: str) -> None:
    found = told(offers, "--acceptance", "all", "--against", str(shop()))
    agreed = found["supposed"]["acceptance"]["runs"]["high"]["automatic"]["agreed"]["count"]
    assert agreed > 0
    runs = found["comparison"]["with_answers"]["runs"]
    assert [one["changed"] for one in runs.values()] == [0, 0, 0]


def test_without_a_model_nothing_is_said_of_one(offers: str) -> None:
    assert told(offers, *OTHER)["comparison"]["with_answers"] is None
    assert "readiness" not in reso(offers, *OTHER, "--brief", "-").stdout


@pytest.mark.slow
def test_it_is_said_of_which_sides_the_answers_are(offers: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    asked = ("--acceptance", "all", *OTHER)
    printed = reso(offers, *asked, "--report", str(page)).stdout
    said = (
        "Under A and B alike: answers on record count, otherwise parties answer as acceptance.yaml"
    )
    assert said in printed
    assert said in page.read_text(encoding="utf-8")
    brief = " ".join(reso(offers, *asked, "--brief", "-").stdout.split())
    assert "If parties under both answer as acceptance.yaml says: readiness low: " in brief
    assert "readiness high: " in brief


def test_the_record_needs_no_model(offers: str, tmp_path: Path) -> None:
    history = tmp_path / "offers.parquet"
    history.write_bytes(Path(offers).read_bytes())
    rows = "".join(f"O-{n},deny,human\n" for n in range(OFFERS))
    header = "dispute_id,ruling,decided_by\n"
    (tmp_path / "outcomes.csv").write_text(header + rows, encoding="utf-8")
    asked = ("--acceptance", "high", "--against", "recorded")
    found = told(str(history), *asked)
    ours = found["supposed"]["acceptance"]["runs"]["high"]["automatic"]["together"]["count"]
    test = found["comparison"]["with_answers"]["runs"]["high"]["ended_without_human"]
    assert (test["only_a"], test["both"] + test["only_b"]) == (ours, 0)
    assert "B stays what is recorded." in reso(str(history), *asked).stdout
