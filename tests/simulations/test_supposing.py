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
from simulations.measures.windows import About
from simulations.reading.schema import COLUMNS
from simulations.reading.spool import write_table
from simulations.replaying.supposing import Figures, Wider, read_wider
from simulations.running import PolicyChoice, run
from tests.commands import whole_app
from tests.simulations.shop import (
    FIXTURE,
    ROOT,
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
MISSING = About("not_received", ("not_received",))


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
    assert told(*REPLAY)["supposed"] == {
        "acceptance": None, "mirror": None, "widening": [], "raised_windows": []
    }  # fmt: skip


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


@pytest.mark.slow
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


@pytest.mark.slow
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
        pytest.param(
            "damaged:14", Wider("", 14, About("damaged", ("damaged",))), id="of one claim type"
        ),
        pytest.param(
            "damaged, broken: 14",
            Wider("", 14, About("damaged, broken", ("damaged", "broken"))),
            id="of two claim types",
        ),
        pytest.param("wait", Wider("wait", 3, MISSING), id="a parameter as it is"),
        pytest.param(
            "wait = 36 hours", Wider("wait", 2, MISSING), id="a parameter with another value"
        ),
        pytest.param(
            "damaged:wait",
            Wider("wait", 3, About("damaged", ("damaged",))),
            id="a parameter, for a type",
        ),
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
            'Write --widen 14, --widen damaged:14, --widen NAME or NAME="14 calendar days".',
            id="no value",
        ),
        pytest.param(
            "damage:14",
            "--widen: there is no claim type or chapter `damage`. Did you mean `damaged`?",
            id="no claim type",
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
    assert "14 days: unknowable, not zero: of no such claim is it known" in reso(*asked).stdout
    assert told(*asked)["supposed"]["widening"] == [
        {
            "parameter": None, "window_days": 14, "claim_types": None, "verdict": "unknowable",
            "since": {},
        }
    ]  # fmt: skip


MARKETPLACE = ("-p", str(ROOT / "rules" / "marketplace"))
LONGER = "remorse_window=14 calendar days"
NOT_HERE = (
    "remorse_window lasts 14 days, where the pack has 7 days. Complaints it lets in beyond that "
    "are not in this history, nor in any figure here. "
    "--widen 'remorse_window=14 calendar days' prices them."
)


@pytest.mark.parametrize(
    ("args", "told_as"),
    [
        pytest.param(["--set", LONGER], NOT_HERE, id="in the policy"),
        pytest.param(
            ["--against-set", LONGER], f"B: {NOT_HERE}", id="in what it is held against",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["--set", LONGER, "--against-set", "seller_time=1 hour"], f"A: {NOT_HERE}",
            id="in both", marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_a_window_that_is_raised_says_that_its_claims_are_not_here(
    args: list[str], told_as: str
) -> None:
    printed = reso("replay", str(FIXTURE), *MARKETPLACE, *args).stdout
    assert told_as in printed.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--set", "remorse_window=5 calendar days"], id="a shorter window"),
        pytest.param(["--set", "seller_time=90 hours"], id="no window for complaints"),
        pytest.param(["--set", LONGER, "--widen", LONGER], id="priced already"),
    ],
)
def test_nothing_is_said_of_claims_that_no_window_lets_in(args: list[str]) -> None:
    found = told("replay", str(FIXTURE), *MARKETPLACE, *args)["supposed"]
    assert found["raised_windows"] == []


def test_a_parameter_is_priced_for_the_claims_its_rules_are_about() -> None:
    found = told("replay", str(FIXTURE), *MARKETPLACE, "--widen", "remorse_window")["supposed"]
    assert found["widening"][0]["claim_types"] == ["change_of_mind", "no_longer_needed"]


# -- what stays valid ---------------------------------------------------------------------------


def test_acts_of_the_old_platform_after_ours_are_counted_on_the_first_page() -> None:
    replay = ("replay", str(FIXTURE), *MARKETPLACE)
    (line,) = [one for one in reso(*replay).stdout.splitlines() if one.startswith("left out ")]
    found = told(*replay)
    left = found["measures"]["left_out"]
    assert left["acts"] == found["old_acts_left_out"] > 0
    disputes = left["disputes"]
    acts = f"{left['acts']} acts of the old platform in {disputes['count']} of {disputes['of']}"
    assert acts in line
    assert line.endswith(
        "what parcels and parties did stays; facts across disputes are those recorded"
    )


@pytest.mark.slow
def test_the_committees_page_says_so_too() -> None:
    args = ("--against-set", "lost_after=2 calendar days", "--brief", "-")
    page = " ".join(reso("replay", str(FIXTURE), *MARKETPLACE, *args).stdout.split())
    left = told("replay", str(FIXTURE), *MARKETPLACE)["measures"]["left_out"]
    assert f"(A: {left['acts']} acts in {left['disputes']['count']} disputes; B: " in page
    assert "Facts across disputes, such as a seller's past, come from the recorded history." in page
    assert "times in the policy's time zone, Asia/Jakarta" in page
