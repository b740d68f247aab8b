"""`--acceptance`, `--mirror` and `--widen`: what no record holds, and how it is told."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from reso.cases import load_pack
from reso.errors import InputError
from reso.facts.rows import write_history
from reso.model.events import Event
from simulations.acceptance.model import DEFAULT, RUNS
from simulations.life import Stretch
from simulations.measures.mirror import drawn, mirror
from simulations.measures.tables import ResultsTable
from simulations.reading.schema import COLUMNS
from simulations.reading.spool import write_table
from simulations.replaying.supposing import Figures, Wider, read_wider
from simulations.running import PolicyChoice, run
from tests.commands import whole_app
from tests.simulations.shop import (
    FIXTURE,
    claim,
    event,
    fixture,
    life,
    order,
    pack,
    shop,
)

REPLAY = ("replay", str(FIXTURE), "--policy", str(shop()))
NOBODY = "answers of parties: those on record alone; elsewhere they are silent"
OFFERS = 30


def reso(*args: str) -> Result:
    return CliRunner().invoke(whole_app(), list(args))


def told(*args: str) -> Any:
    result = reso(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def offered(name: str, paid: int, hours: float) -> list[Event]:
    """Return a dispute in which half is put to both sides."""
    return [
        *order(name, paid),
        claim("damaged", hours, name),
        event("evidence", hours + 1, name, party="buyer", type="photo"),
        event("responses", hours + 2, name, party="seller", action="counter_offer"),
    ]


def write(file: Path, events: list[Event]) -> None:
    """Write a history."""
    rows = write_history(events, pack().table)
    write_table(file, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


@pytest.fixture(scope="module")
def offers(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a file of disputes in each of which half is offered, and nobody answers."""
    file = tmp_path_factory.mktemp("offers") / "offers.parquet"
    write(file, [e for n in range(OFFERS) for e in offered(f"O-{n}", 20_000 * (n + 1), 24 + n)])
    return str(file)


# -- answers ------------------------------------------------------------------------------------


def test_unasked_nobody_answers_and_that_is_said() -> None:
    assert NOBODY in reso(*REPLAY).stdout.splitlines()
    assert told(*REPLAY)["supposed"] == {"acceptance": None, "mirror": None, "widening": []}


def test_all_runs_stand_beside_the_record_with_file_hash_and_seed(offers: str) -> None:
    asked = ("replay", offers, "-p", str(shop()), "--to-the-end", "--acceptance", "all")
    found = told(*asked, "--seed", "3")["supposed"]["acceptance"]
    assert (found["model"], found["seed"]) == ("acceptance.yaml", 3)
    assert found["content_hash"] == hashlib.sha256(DEFAULT.read_bytes()).hexdigest()
    agreed = [found["runs"][run]["automatic"]["agreed"]["count"] for run in RUNS]
    assert found["record_alone"]["automatic"]["agreed"]["count"] == 0
    assert agreed == sorted(agreed)
    assert 0 < agreed[-1] <= OFFERS
    for name in RUNS:
        one = found["runs"][name]
        low, high = one["automatic"]["together"]["interval_95"]
        assert low <= one["automatic"]["together"]["share"] <= high
        paid = sum(flow["amount"] for flow in one["flows"] if flow["payee"] == "buyer")
        assert [bought["amount"] for bought in one["bought"]] == [paid]
    printed = reso(*asked, "--seed", "3").stdout
    assert "== If parties answer as a model says ==" in printed
    assert f"acceptance.yaml, SHA-256 {found['content_hash'][:12]}, seed 3;" in printed
    assert NOBODY not in printed


def test_both_engines_have_parties_answer_alike(offers: str, tmp_path: Path) -> None:
    asked = ("replay", offers, "-p", str(shop()), "--to-the-end", "--acceptance", "middle")
    one, other = (
        told(*asked, "--engine", engine, "--cache", str(tmp_path))["supposed"]["acceptance"]
        for engine in ("fast", "reference")
    )
    assert one["runs"] == other["runs"]
    assert list(one["runs"]) == ["middle"]


def test_another_seed_draws_other_answers(offers: str) -> None:
    asked = ("replay", offers, "-p", str(shop()), "--to-the-end", "--acceptance", "middle")
    runs = {
        json.dumps(told(*asked, "--seed", str(seed))["supposed"]["acceptance"]["runs"])
        for seed in range(3)
    }
    assert len(runs) > 1


def test_a_model_of_ones_own_is_named(offers: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(DEFAULT.read_text(encoding="utf-8") + "# ours\n", encoding="utf-8")
    asked = ("replay", offers, "-p", str(shop()), "--acceptance", "high", "--acceptance", str(own))
    found = told(*asked)["supposed"]["acceptance"]
    assert (found["model"], list(found["runs"])) == (str(own), ["high"])
    assert found["content_hash"] == hashlib.sha256(own.read_bytes()).hexdigest()


def test_what_buyers_get_is_borne_by_somebody_to_the_last_unit() -> None:
    results = run(fixture(), PolicyChoice(shop(), {}), Stretch(), 1)
    with_money = Figures.read(ResultsTable.of(results))
    assert with_money.bought
    for money in with_money.bought:
        assert sum(amount for _, amount in with_money.borne(money.currency)) == money.amount
        assert money.interval is not None
        assert money.interval[0] <= money.amount <= money.interval[1]


# -- mirrored evidence --------------------------------------------------------------------------


def test_swapping_the_evidence_is_told_with_its_seed() -> None:
    printed = reso(*REPLAY, "--mirror", "6", "--seed", "4").stdout
    assert "tried                     6 disputes, drawn by seed 4" in printed
    found = told(*REPLAY, "--mirror", "6", "--seed", "4")["supposed"]["mirror"]
    assert found["mirrored"]["of"] == 6
    assert len(found["pairs"]) == 6


def test_both_engines_swap_in_the_same_disputes(tmp_path: Path) -> None:
    one, other = (
        told(*REPLAY, "--mirror", "8", "--engine", engine, "--cache", str(tmp_path))["supposed"]
        for engine in ("fast", "reference")
    )
    assert one["mirror"] == other["mirror"]


def test_drawn_first_and_read_first_come_to_the_same_sample() -> None:
    disputes = fixture().disputes
    read: list[str] = []

    def in_order() -> Iterator[tuple[Event, ...]]:
        for name in drawn(disputes, 4):
            read.append(name)
            yield disputes[name]

    found = mirror(life(), in_order(), Stretch(), 6, seed=4, is_drawn=True)
    whole = mirror(life(), disputes.values(), Stretch(), 6, seed=4)
    assert (found.pairs, found.breaks) == (whole.pairs, whole.breaks)
    assert len(read) < len(disputes)
    assert found.swappable.of == len(read)


def test_without_evidence_of_a_side_it_says_that_nothing_can_be_told(tmp_path: Path) -> None:
    file = tmp_path / "bare.parquet"
    write(file, [*order("A"), claim("not_received", 24, "A")])
    printed = reso("replay", str(file), "-p", str(shop()), "--mirror", "5").stdout
    assert "There is no evidence of a side to be swapped: what it weighs cannot be told" in printed


# -- a wider window -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        pytest.param("14", Wider("", 14), id="days"),
        pytest.param("wait", Wider("wait", 3), id="a parameter as it is"),
        pytest.param("wait = 36 hours", Wider("wait", 2), id="a parameter with another value"),
    ],
)
def test_a_window_is_days_or_a_parameter(text: str, wider: Wider) -> None:
    choice = PolicyChoice(shop(), {})
    assert read_wider([text], choice, load_pack(shop())) == (wider,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("0", "--widen: `0` days are no window. Name 1 to 3,660 days.", id="no day"),
        pytest.param("wat", "wat: there is no such parameter. Did you mean `wait`?", id="no name"),
        pytest.param(
            "wait=",
            "--widen: `wait=` is no window. "
            'Write --widen 14, --widen NAME or --widen NAME="14 calendar days".',
            id="no value",
        ),
    ],
)
def test_what_is_no_window_is_told(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_wider([text], PolicyChoice(shop(), {}), load_pack(shop()))
    assert str(caught.value) == message


def test_what_cannot_be_priced_is_called_unknowable_and_never_zero() -> None:
    printed = reso(*REPLAY, "--widen", "60").stdout
    (line,) = [line for line in printed.splitlines() if "after the delivery: " in line]
    assert line.startswith("60 days, after the delivery: unknowable, not zero: ")
    found = told(*REPLAY, "--widen", "60")["supposed"]["widening"]
    assert found[0]["since"]["delivery"]["verdict"] == "unknowable"
    assert found[0]["since"]["delivery"]["claims"] is None


def test_where_no_age_is_known_a_wider_window_is_unknowable_too(tmp_path: Path) -> None:
    file = tmp_path / "ageless.parquet"
    write(file, [claim("damaged", 24, "A")])
    asked = ("replay", str(file), "-p", str(shop()), "--widen", "14")
    assert "14 days: unknowable, not zero: of no claim is it known" in reso(*asked).stdout
    assert told(*asked)["supposed"]["widening"] == [
        {"parameter": None, "window_days": 14, "verdict": "unknowable", "since": {}}
    ]
