"""The acceptance model: its file, its chances, its draws, and what it changes of a life."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reso.errors import InputError
from reso.model.case import Case
from reso.model.events import Event, fold
from simulations import running
from simulations.acceptance.choosing import Choice
from simulations.acceptance.leading import Replayed, answered, band
from simulations.acceptance.model import DEFAULT, RUNS, Acceptance, After, share_of
from simulations.fast.replaying import replay
from simulations.life import Parties, Put, Stretch, live
from simulations.measures.endings import automatic
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import prepare_history
from simulations.results import Result, result_of
from simulations.running import PolicyChoice, one_result, run
from tests.simulations.shop import (
    at,
    claim,
    event,
    fixture,
    history,
    life,
    order,
    pack,
    photo,
    says,
    shop,
)

AMOUNTS = st.integers(0, 100_000)
SEEDS = st.integers(0, 50)


@cache
def model() -> Acceptance:
    return Acceptance.read()


def case(paid: int = 100_000) -> Case:
    return fold(order(paid=paid), at(1))


def put(
    amount: int = 50_000,
    dispute: str = "D-1",
    parties: Sequence[str] = ("buyer", "seller"),
    *,
    paid: int = 100_000,
    silence_accepts: bool = False,
    number: int = 1,
) -> Put:
    return Put(
        dispute, number, at(26), at(26 + 240), tuple(parties), "refund_partial", amount,
        silence_accepts, case(paid),
    )  # fmt: skip


def stated(**changes: object) -> dict[str, Any]:
    """Return the shipped file with other values at these places, `__` between the words."""
    told: dict[str, Any] = YAML(typ="safe", pure=True).load(DEFAULT.read_text(encoding="utf-8"))
    told = deepcopy(told)
    for place, value in changes.items():
        *path, last = place.split("__")
        part = told
        for word in path:
            part = part[word]
        part[last] = value
    return told


def written(folder: Path, told: Mapping[str, Any]) -> Path:
    file = folder / "mine.yaml"
    with file.open("w", encoding="utf-8") as opened:
        YAML(typ="safe", pure=True).dump(told, opened)
    return file


def everybody(content: float, speaks: float) -> Acceptance:
    """Return a model in which everybody acts alike, whatever is proposed, within an hour."""
    speaking = {"content": speaks, "discontent": speaks}
    person = {
        "yes": dict.fromkeys(("nothing", "half", "all"), content),
        "answers": {"silence_accepts": speaking, "silence_refuses": speaking},
        "after": {"median": 0.1, "spread": 1.01},
    }
    run = {"source": "of this test", "buyer": person, "seller": person}
    return Acceptance.model_validate({"usual_value": {}, "dearer": 0, **dict.fromkeys(RUNS, run)})


# -- the file -------------------------------------------------------------------------------------


def test_every_run_says_where_its_numbers_are_from() -> None:
    for name in RUNS:
        assert getattr(model(), name).source.startswith("stated guess")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"middle__buyer__yes__half": 0.01}, "more for a party makes fewer of them content",
            id="more makes fewer content",
        ),
        pytest.param(
            {"low__seller__yes__nothing": 0.24, "middle__seller__yes__nothing": 0.2},
            "the seller of a run is readier than in the next one", id="low readier than middle",
        ),
        pytest.param(
            {"high__buyer__yes__all": 1.2}, "input should be less than or equal to 1",
            id="more than all",
        ),
        pytest.param({"low__source": ""}, "should have at least 1 character", id="no source"),
        pytest.param({"low__buyer__mood": 1}, "extra inputs are not permitted", id="unknown word"),
        pytest.param({"usual_value__IDR": 0}, "should be greater than 0", id="no usual value"),
        pytest.param(
            {"high__seller__after__spread": 1}, "input should be greater than 1", id="no spread"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_when_the_file_is_read(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        Acceptance.read(written(tmp_path, stated(**changes)))
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "mine.yaml"))


# -- chances --------------------------------------------------------------------------------------


@given(one=AMOUNTS, other=AMOUNTS, paid=st.integers(1, 10_000_000), run=st.sampled_from(RUNS))
def test_a_more_generous_proposal_never_lowers_the_chance_of_a_yes(
    one: int, other: int, paid: int, run: Any
) -> None:
    parties, (less, more) = model().run(run, 0), sorted((one, other))
    for party, worse, better in (("buyer", less, more), ("seller", more, less)):
        low = parties.chance(put(worse, paid=paid), party)
        high = parties.chance(put(better, paid=paid), party)
        assert low is not None
        assert high is not None
        assert 0 <= low <= high <= 1


@given(amount=AMOUNTS, paid=st.integers(1, 10**9), party=st.sampled_from(["buyer", "seller"]))
def test_a_readier_run_never_lowers_it_either(amount: int, paid: int, party: str) -> None:
    chances = [model().run(run, 0).chance(put(amount, paid=paid), party) for run in RUNS]
    assert chances == sorted(chances)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("amount", "buyer"),
    [
        pytest.param(0, 0.0, id="nothing"),
        pytest.param(25_000, 0.25, id="a quarter"),
        pytest.param(100_000, 1.0, id="all"),
        pytest.param(120_000, 1.0, id="more than was asked"),
    ],
)
def test_the_share_is_of_what_is_at_issue_and_the_seller_keeps_the_rest(
    amount: int, buyer: float
) -> None:
    assert share_of(put(amount), "buyer") == buyer
    assert share_of(put(amount), "seller") == 1 - buyer


def test_half_of_the_answers_come_before_the_median_and_a_quarter_before_its_spread() -> None:
    after = After(median=10, spread=2)
    assert after.at(0.5) == timedelta(hours=10)
    assert after.at(0.25) == timedelta(hours=5)
    assert after.at(0.75) == timedelta(hours=20)


# -- draws ----------------------------------------------------------------------------------------


@given(seed=SEEDS, names=st.lists(st.integers(0, 99), min_size=1, max_size=8, unique=True))
def test_an_answer_hangs_on_its_own_dispute_and_the_seed_alone(seed: int, names: list[int]) -> None:
    puts = [put(dispute=f"D-{name}") for name in names]
    together = [model().run("middle", seed).answers(one) for one in puts]
    alone = [model().run("middle", seed).answers(one) for one in reversed(puts)]
    assert together == alone[::-1]
    (first, *_) = puts
    swapped = put(dispute=first.dispute_id, parties=("seller", "buyer"))
    answers = model().run("middle", seed).answers(swapped)
    assert sorted(answers, key=repr) == sorted(together[0], key=repr)


def test_other_seeds_disputes_and_proposals_draw_otherwise() -> None:
    puts = [put(dispute=f"D-{n}", number=1 + n % 3) for n in range(60)]
    drawn = {seed: [model().run("middle", seed).answers(one) for one in puts] for seed in (1, 2)}
    assert drawn[1] != drawn[2]
    actions = {str(said.payload[0]["action"]) for one in drawn[1] for said in one}  # type: ignore[index]
    assert actions == {"accept_solution", "reject"}
    assert () in drawn[1]  # nobody said anything


@given(seed=SEEDS, amount=AMOUNTS, silence=st.booleans(), run=st.sampled_from(RUNS))
def test_answers_come_after_the_proposal_and_in_time(
    seed: int, amount: int, silence: bool, run: Any
) -> None:
    asked = put(amount, silence_accepts=silence)
    for answer in model().run(run, seed).answers(asked):
        assert asked.at < answer.recorded_at <= asked.until


# -- in a life ------------------------------------------------------------------------------------

OFFERED = (
    *order(),
    claim("damaged"),
    photo(25),
    says("seller", "counter_offer", 26, amount=50_000),
)


def outcome(parties: Parties | None, *more: Event) -> Result:
    events = history((*OFFERED, *more)).disputes["D-1"]
    return result_of(life(), live(life(), events, Stretch(), parties), events)


def test_without_a_model_silence_is_all_a_proposal_gets() -> None:
    result = outcome(None)
    assert (result.ended, result.reason) == ("escalated", "refused")
    assert result.ended_at == at(26 + 24)


def test_where_everybody_says_yes_every_proposal_is_agreed_on() -> None:
    result = outcome(everybody(1, 1).run("low", 7))
    assert (result.ended, result.refunded) == ("agreed", 50_000)
    assert result.ended_at is not None
    assert at(26) < result.ended_at < at(27)


def test_where_everybody_says_no_a_human_gets_it_at_once() -> None:
    result = outcome(everybody(0, 1).run("low", 7))
    assert (result.ended, result.reason) == ("escalated", "refused")
    assert result.ended_at is not None
    assert result.ended_at < at(27)


def test_where_nobody_speaks_it_is_as_without_a_model() -> None:
    assert outcome(everybody(1, 0).run("high", 7)) == outcome(None)


class Listening:
    """Parties who say nothing, and what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Put] = []

    def answers(self, put: Put) -> Sequence[Event]:
        """Keep what is asked."""
        self.asked.append(put)
        return ()


def test_an_answer_on_record_in_time_is_not_asked_for() -> None:
    listening = Listening()
    outcome(listening, says("seller", "reject", 40))
    assert [one.parties for one in listening.asked] == [("buyer",)]
    late = Listening()
    outcome(late, says("seller", "reject", 60))
    assert [one.parties for one in late.asked] == [("buyer", "seller")]


def test_a_proposal_is_asked_about_with_all_that_is_known_of_it() -> None:
    listening = Listening()
    outcome(listening)
    (asked,) = listening.asked
    told = (asked.number, asked.at, asked.until, asked.decision, asked.amount)
    assert told == (1, at(26), at(50), "refund_partial", 50_000)
    assert not asked.silence_accepts
    assert asked.case.fields["order.total_paid"] == 100_000


class Slow:
    """Parties who all say yes after so many hours."""

    def __init__(self, hours: float) -> None:
        self.hours = hours

    def answers(self, put: Put) -> Sequence[Event]:
        """Say yes."""
        return [says(party, "accept_solution", self.hours) for party in put.parties]


def test_an_answer_to_a_proposal_that_no_longer_stands_is_dropped() -> None:
    withdrawn = outcome(Slow(40), says("buyer", "cancel_complaint", 30))
    assert withdrawn.reason == "withdrawn"
    assert withdrawn.refunded == 0


def test_an_answer_at_the_very_deadline_is_in_time() -> None:
    assert outcome(Slow(50)).ended == "agreed"
    assert outcome(Slow(50), says("buyer", "message", 50)).ended == "agreed"


def test_nothing_is_answered_after_the_end_of_the_stretch() -> None:
    events = history(OFFERED).disputes["D-1"]
    until: datetime = at(39)
    lived = live(life(), events, Stretch(until), Slow(40))
    assert result_of(life(), lived, events).ended == "open"


# -- beside the fast engine -----------------------------------------------------------------------


def offered(name: str, paid: int, hours: float) -> Iterator[Event]:
    """Yield a dispute in which half is put to both sides."""
    yield from (*order(name, paid), claim("damaged", hours, name))
    yield event("evidence", hours + 1, name, party="buyer", type="photo")
    yield event("responses", hours + 2, name, party="seller", action="counter_offer")


def test_the_number_of_processes_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    told = history(one for n in range(4) for one in offered(f"O-{n}", 100_000, 24))
    choice, parties = PolicyChoice(shop(), {}), model().run("high", 5)
    alone = run(told, choice, Stretch(), 1, parties=parties)
    monkeypatch.setattr(running, "WORTH_A_PROCESS", 2)
    monkeypatch.setattr(running, "BATCH", 1)
    assert run(told, choice, Stretch(), 2, parties=parties) == alone
    assert run(told, choice, Stretch(), 1) != alone


def test_leading_only_what_was_proposed_again_is_leading_all_again(tmp_path: Path) -> None:
    known = [one for events in fixture().disputes.values() for one in events]
    for n in range(30):
        known += offered(f"O-{n}", 20_000 * (n + 1), 24 + n)
    told = history(known)
    prepared = prepare_history(told, pack().table, cache=tmp_path)
    ran = replay(prepared, pack().policy, None)
    parties = model().run("middle", 3)
    some = answered(Replayed(prepared, pack().policy, None, ran.table), parties, "middle")
    lived = [one_result(life(), one, Stretch(), parties) for one in told.disputes.values()]
    every = ResultsTable.of(lived)
    figures = """
        SELECT dispute_id, ended, decision, amount, refunded, epoch_us(ended_at), reason,
            epoch_us(refunded_at), handed_over, has_answers
        FROM {results} ORDER BY dispute_id
    """
    assert some.table.rows(figures) == every.rows(figures)
    moved = "SELECT * FROM {movements} ORDER BY ALL"
    assert some.table.rows(moved) == every.rows(moved)
    assert some.led_again == 30
    three = band(Replayed(prepared, pack().policy, None, ran.table), model(), 3)
    assert three.middle == automatic(every)
    agreed = [
        one.agreed.count for one in (automatic(ran.table), three.low, three.middle, three.high)
    ]
    assert agreed == sorted(agreed)
    assert agreed[0] < agreed[-1]


# -- what is asked for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        pytest.param([], (), id="nothing"),
        pytest.param(["none"], (), id="none"),
        pytest.param(["middle"], ("middle",), id="one run"),
        pytest.param(["all"], RUNS, id="all runs"),
        pytest.param([str(DEFAULT)], RUNS, id="a file"),
        pytest.param(["low", str(DEFAULT)], ("low",), id="a run of a file"),
    ],
)
def test_runs_are_chosen_by_their_names(given: list[str], runs: tuple[str, ...]) -> None:
    assert Choice.read(given).runs == runs


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            ["midle"],
            "--acceptance: `midle` is neither a run nor a file. "
            "Write none, low, middle, high, all, or name a file.",
            id="no run",
        ),
        pytest.param(
            ["low", "high"],
            "--acceptance: `low`, `high` stand beside each other. "
            "Give one of none, low, middle, high, all.",
            id="two runs",
        ),
    ],
)
def test_what_is_no_run_is_told(given: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Choice.read(given)
    assert str(caught.value) == message


def test_it_is_told_that_nothing_but_the_record_was_asked() -> None:
    (line,) = Choice.read([]).told()
    assert "those on record alone" in line
    assert Choice.read(["high"]).told()[1].startswith("high: stated guess")
