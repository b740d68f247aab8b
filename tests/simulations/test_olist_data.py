"""The real Olist orders, where they lie beside the clone: our disputes against those derived."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reso.cases import load_pack
from reso.facts.table import load_core
from simulations.figures import Summary
from simulations.history import History
from simulations.importers.derived import read_derived
from simulations.importers.olist import Review, dispute_id, read_olist
from simulations.importers.olist_files import read_tables
from simulations.importers.stories import Story
from simulations.importers.words import load_words
from simulations.life import Stretch, complained_at
from simulations.running import PolicyChoice, run
from simulations.sources import read_source
from tests.commands import whole_app
from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[2]
OLIST = ROOT.parent / "shared" / "olist"
LOST = ROOT / "rules" / "lost_parcel_only"

pytestmark = pytest.mark.skipif(
    not OLIST.is_dir(), reason="the Olist data are not beside the clone"
)

ANSWER_KEY = {  # days: refunds, parcel came later, refunded there
    0: (2_840, 1_851, 330_851),
    3: (2_679, 1_690, 304_766),
    7: (2_127, 1_138, 208_713),
    10: (1_806, 817, 142_974),
    14: (1_525, 536, 93_138),
    21: (1_267, 278, 50_253),
    30: (1_105, 116, 19_751),
    45: (1_026, 37, 6_731),
    60: (1_005, 16, 3_998),
}
"""Of the data's own page; money in whole reais."""


@cache
def derived() -> dict[str, Story]:
    return {story.dispute_id: story for story in read_derived(OLIST, load_words(), Counter())}


@cache
def ours() -> dict[str, Story]:
    stories = read_olist(OLIST / "raw", load_words(), Counter())
    return {story.dispute_id: story for story in stories}


@pytest.mark.slow
def test_our_disputes_are_those_derived_by_others() -> None:
    both = ours().keys() & derived().keys()
    assert len(derived()) == 6_879
    assert len(both) >= 6_815
    assert len(ours()) - len(both) <= 41
    assert all(ours()[name].claim.at == derived()[name].claim.at for name in both)
    for name in both:
        one, other = ours()[name], derived()[name]
        assert (one.placed_at, one.promised_on) == (other.placed_at, other.promised_on)
        assert sum(one.payments) == sum(other.payments)
        assert sorted(one.milestones) == sorted(other.milestones)


@pytest.mark.slow
def test_only_reviews_of_three_points_are_told_apart_otherwise() -> None:
    """What else makes a dispute does not hang on words, so there we agree on every single one."""
    scores = _scores()
    differ = ours().keys() ^ derived().keys()
    assert {scores[name] for name in differ} == {3}


def _scores() -> dict[str, int]:
    reviews = (Review(*row) for row in read_tables(OLIST / "raw").reviews)  # type: ignore[arg-type]
    return {dispute_id(review): review.score for review in reviews}


def test_our_keywords_agree_with_the_weak_labels() -> None:
    both = ours().keys() & derived().keys()
    same = sum(ours()[name].claim.type == derived()[name].claim.type for name in both)
    assert same / len(both) >= 0.89


@pytest.mark.slow
def test_csv_and_parquet_tell_the_same() -> None:
    sample = read_source(OLIST / "sample_csv", load_core()).disputes
    whole = read_source(OLIST / "raw", load_core()).disputes
    assert len(sample) >= 290
    assert {name: whole[name] for name in sample} == sample


@pytest.mark.slow
def test_outcomes_are_never_read_and_later_scans_are_known_from_their_own_instant() -> None:
    history = read_source(OLIST, load_core())
    late = [
        event
        for events in history.disputes.values()
        for event in events
        if event.recorded_at > complained_at(events) and event.kind == "tracking"
    ]
    assert len(late) == 2_017  # of events_after: 1,932 deliveries and 85 hand-overs
    assert all(event.recorded_at == event.occurred_at for event in late)


@cache
def not_received() -> History:
    whole = read_source(OLIST, load_pack(LOST).table)
    kept = {
        name: events
        for name, events in whole.disputes.items()
        if derived()[name].claim.type == "not_received"
    }
    return History(whole.name, kept)


@pytest.mark.parametrize(
    "days",
    [pytest.param(days, id=f"{days} days", marks=pytest.mark.slow) for days in ANSWER_KEY],
)
def test_the_answer_key_of_the_waiting_time_comes_out(days: int) -> None:
    policy = PolicyChoice(LOST, {"days_after_estimate": f"{days} calendar days"})
    results = run(not_received(), policy, Stretch(), 2)
    ruled = [result for result in results if result.refunded_at is not None]
    late = [result for result in ruled if result.arrived_after]
    reais = round(sum(result.refunded for result in late) / 100)
    assert (len(ruled), len(late), reais) == ANSWER_KEY[days]
    (refunds,) = Summary.of(results).refunds
    assert refunds.count == sum(result.refunded > 0 for result in results)
    assert refunds.amount == sum(result.refunded for result in results)


@pytest.mark.slow
def test_every_centavo_refunded_is_in_a_movement() -> None:
    whole = read_source(OLIST, load_pack(ROOT / "rules" / "marketplace").table)
    results = run(whole, PolicyChoice(ROOT / "rules" / "marketplace", {}), Stretch(), 2)
    summary = Summary.of(results)
    assert len(results) == 6_879
    to_buyers = sum(moved.amount for moved in summary.money if moved.payee == "buyer")
    assert to_buyers == sum(result.refunded for result in results)
    assert to_buyers == sum(refunds.amount for refunds in summary.refunds)
    paid = {name: sum(derived()[name].payments) * 100 for name in derived()}
    assert all(result.refunded <= paid[result.dispute_id] for result in results)


@pytest.mark.slow
def test_the_page_on_replays_shows_what_this_run_prints() -> None:
    policy = str(ROOT / "rules" / "marketplace")
    ran = CliRunner().invoke(whole_app(), ["replay", str(OLIST), "--policy", policy])
    begin, end = "== How disputes ended ==", "\n== Found in the history =="
    printed = ran.stdout[ran.stdout.index(begin) : ran.stdout.index(end)].rstrip()
    shown = [block.text.rstrip() for block in blocks(ROOT / "docs" / "replay.md")]
    assert printed in shown, printed
