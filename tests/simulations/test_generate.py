"""Made histories: the same for a seed, as their world says, readable, and whole or not there."""

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from reso.errors import InputError
from reso.facts.problems import CaseError
from reso.facts.table import load_core
from simulations.generate import HIDDEN, Made, Wanted, made_history
from simulations.sources import Source, read_source
from simulations.world.blocks import write_parquet
from simulations.world.dirt import FLAWS
from simulations.world.reading import DEFAULT, load_world
from tests.commands import whole_app

DISPUTES, SEED = 4_000, 7
EVENTS = "dispute_id, epoch_us(occurred_at), epoch_us(recorded_at), kind, payload"
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of 4,000 disputes, in several files."""
    made = tmp_path_factory.mktemp("made") / "history"
    made_history(made, Wanted(DISPUTES, SEED), orders_at_once=20_000)
    return made


@pytest.fixture(scope="module")
def ask(folder: Path) -> Callable[[str], Rows]:
    """Asks in SQL about `events`, `outcomes` and `truth` of that history."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, files in (
        ("events", "events-*.parquet"),
        ("outcomes", "outcomes.parquet"),
        ("truth", f"{HIDDEN}/truth.parquet"),
    ):
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{folder}/{files}')")
    connection.execute("""CREATE TABLE claims AS SELECT dispute_id, recorded_at AS filed_at,
        payload->>'type' AS type FROM events WHERE kind = 'claim'""")
    return lambda query: connection.execute(query).fetchall()


def events_of(folder: Path, disputes: int | None = None) -> Rows:
    limit = (
        ""
        if disputes is None
        else f"""WHERE dispute_id IN (SELECT dispute_id
        FROM read_parquet('{folder}/outcomes.parquet') ORDER BY 1 LIMIT {disputes})"""
    )
    return duckdb.sql(
        f"SELECT {EVENTS} FROM read_parquet('{folder}/events-*.parquet') {limit} ORDER BY ALL"
    ).fetchall()


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


# -- the seed ------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**63), disputes=st.integers(1, 60), dirty=st.sampled_from([0, 0.3]))
def test_the_same_seed_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, seed: int, disputes: int, dirty: float
) -> None:
    base = tmp_path_factory.mktemp("twice")
    for name in ("one", "two"):
        made_history(base / name, Wanted(disputes, seed, dirty))
    assert bytes_of(base / "one") == bytes_of(base / "two")


@pytest.mark.slow
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(few=st.integers(1, 150), more=st.integers(0, 150), orders_at_once=st.integers(500, 5_000))
def test_a_dispute_depends_neither_on_how_many_there_are_nor_on_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, few: int, more: int, orders_at_once: int
) -> None:
    base = tmp_path_factory.mktemp("sizes")
    made_history(base / "few", Wanted(few, SEED))
    made_history(base / "many", Wanted(few + more, SEED), orders_at_once=orders_at_once)
    assert events_of(base / "few") == events_of(base / "many", few)


@pytest.mark.slow
def test_no_byte_depends_on_how_many_processors_made_it(tmp_path: Path) -> None:
    """The last of the four blocks is cut; beside others it is made before that is known."""
    for jobs in (1, 3):
        wanted = Wanted(700, SEED, dirty=0.2)
        made_history(tmp_path / str(jobs), wanted, orders_at_once=2_500, jobs=jobs)
    one = bytes_of(tmp_path / "1")
    assert sorted(name for name in one if not name.startswith(HIDDEN)) == [
        *(f"events-{number:04}.parquet" for number in range(4)),
        "outcomes.parquet",
    ]
    assert one == bytes_of(tmp_path / "3")


def test_another_seed_gives_other_disputes(tmp_path: Path) -> None:
    made_history(tmp_path / "one", Wanted(20, 1))
    made_history(tmp_path / "two", Wanted(20, 2))
    assert not set(events_of(tmp_path / "one")) & set(events_of(tmp_path / "two"))


# -- the rows ------------------------------------------------------------------------------------


def test_a_clean_history_is_read_without_a_problem_or_a_note(folder: Path) -> None:
    read = read_source(folder, load_core())
    assert len(read.disputes) == DISPUTES
    assert read.notes == ()


def test_nothing_is_known_before_it_happened(ask: Callable[[str], Rows]) -> None:
    assert ask("SELECT count(*) FROM events WHERE recorded_at < occurred_at") == [(0,)]


LISTS = ("tracking", "evidence", "responses")


def test_items_say_when_they_happened(ask: Callable[[str], Rows]) -> None:
    counted = ask(f"""SELECT kind, count(*) > 1000,
        count(*) FILTER ((payload->>'at')::TIMESTAMPTZ IS DISTINCT FROM occurred_at)
        FROM events WHERE kind IN {LISTS} GROUP BY 1 ORDER BY 1""")
    assert counted == [(kind, True, 0) for kind in sorted(LISTS)]


def test_each_scan_is_told_after_a_time_of_its_own(ask: Callable[[str], Rows]) -> None:
    told = "epoch(recorded_at) - epoch(occurred_at)"
    [(median, most)] = ask(
        f"SELECT median({told}), max({told}) FROM events WHERE kind = 'tracking'"
    )
    span = load_world().told_after
    assert median == pytest.approx(span.median, rel=0.1)
    assert most == span.at_most
    [(alike,)] = ask(f"""SELECT count(*) FROM (SELECT 1 FROM events WHERE kind = 'tracking'
        GROUP BY dispute_id, {told} HAVING count(*) > 1 AND {told} < {span.at_most})""")
    [(disputes,)] = ask("SELECT count(DISTINCT dispute_id) FROM events WHERE kind = 'tracking'")
    assert isinstance(alike, int)
    assert isinstance(disputes, int)
    assert alike < disputes / 100


def test_a_parcel_is_known_to_be_away_when_its_first_scan_is(ask: Callable[[str], Rows]) -> None:
    found = ask("""SELECT count(*) > 1000, count(*) FILTER (away > scanned) FROM
        (SELECT min(recorded_at) FILTER (kind = 'shipping' AND payload LIKE '%shipped_at%') AS away,
            min(recorded_at) FILTER (kind = 'tracking') AS scanned FROM events GROUP BY dispute_id)
        WHERE scanned IS NOT NULL""")
    assert found == [(True, 0)]


def test_claims_about_goods_come_after_the_delivery(ask: Callable[[str], Rows]) -> None:
    found = ask("""SELECT count(*) > 1000,
            count(*) FILTER (delivered IS NULL OR delivered > filed_at)
        FROM claims LEFT JOIN (SELECT dispute_id, min((payload->>'at')::TIMESTAMPTZ) AS delivered
            FROM events WHERE kind = 'tracking' AND (payload->>'event') = 'delivered'
            AND (payload->>'leg') = 'outward' GROUP BY 1) USING (dispute_id)
        WHERE type <> 'not_received' AND type NOT LIKE 'buyer_cancel%'""")
    assert found == [(True, 0)]


def test_what_is_hidden_stands_in_no_event_and_no_outcome(ask: Callable[[str], Rows]) -> None:
    named = {name for (name,) in ask("SELECT column_name FROM (DESCRIBE outcomes)")}
    assert named == {
        *("dispute_id", "ruling", "amount", "decided_by", "accepted_by", "decided_at"),
        *("seller", "seller_size", "region"),
    }
    told = "payload LIKE '%dishonest%' OR payload LIKE '%false_claim%' OR payload LIKE '%truth%'"
    assert ask(f"SELECT count(*) FROM events WHERE {told}") == [(0,)]


def test_each_dispute_has_one_claim_one_outcome_and_one_truth(ask: Callable[[str], Rows]) -> None:
    for name in ("claims", "outcomes", "truth"):
        counted = ask(f"SELECT count(*), count(DISTINCT dispute_id) FROM {name}")
        assert counted == [(DISPUTES, DISPUTES)], name


def test_the_figures_told_are_those_of_the_files(folder: Path, ask: Callable[[str], Rows]) -> None:
    told = json.loads((folder / HIDDEN / "made.json").read_text())
    assert told["events"] == ask("SELECT count(*) FROM events")[0][0]
    assert (told["disputes"], told["seed"], told["dirty"]) == (DISPUTES, SEED, 0)


# -- the world -----------------------------------------------------------------------------------


def test_a_parcel_scanned_as_delivered_came_or_went_to_somebody_else(
    ask: Callable[[str], Rows],
) -> None:
    scanned = ask("""SELECT DISTINCT parcel FROM truth JOIN events USING (dispute_id)
        WHERE kind = 'tracking' AND (payload->>'event') = 'delivered'
        AND (payload->>'leg') = 'outward' ORDER BY 1""")
    assert scanned == [("came",), ("misdelivered",)]


def test_who_waits_in_vain_is_due_his_money_and_who_got_the_parcel_is_not(
    ask: Callable[[str], Rows],
) -> None:
    due = ask("""SELECT DISTINCT came_at IS NULL, truth FROM truth JOIN claims USING (dispute_id)
        WHERE type = 'not_received' ORDER BY 1""")
    assert due == [(False, "no_refund"), (True, "refund")]


def test_the_truth_says_how_much_was_due_as_far_as_it_was_paid(
    ask: Callable[[str], Rows],
) -> None:
    paid = """SELECT dispute_id, (payload->>'total_paid')::BIGINT AS total
        FROM events WHERE kind = 'order'"""
    told = ask(f"""SELECT truth, type = 'not_received',
        CASE WHEN due = 0 THEN 'nothing' WHEN due < total THEN 'a part'
            WHEN due = total THEN 'all' ELSE 'too much' END AS much
        FROM truth JOIN claims USING (dispute_id) JOIN ({paid}) USING (dispute_id)
        GROUP BY ALL ORDER BY ALL""")
    assert told == [
        ("no_refund", False, "nothing"),
        ("no_refund", True, "nothing"),
        ("refund", False, "a part"),
        ("refund", False, "all"),
        ("refund", True, "all"),
    ]


def test_who_rules_by_the_truth_pays_what_was_due(ask: Callable[[str], Rows]) -> None:
    [(ruled, otherwise)] = ask("""SELECT count(*), count(*) FILTER (amount <> due)
        FROM outcomes JOIN truth USING (dispute_id) WHERE decided_by = 'human' AND right_ruling""")
    assert ruled
    assert otherwise == 0


def test_the_old_platform_took_no_complaint_on_goods_after_its_window(
    ask: Callable[[str], Rows], folder: Path
) -> None:
    window = load_world().window.goods
    oldest = ask("""SELECT max(epoch(filed_at) - epoch(came_at)) FROM truth JOIN claims
        USING (dispute_id) WHERE type <> 'not_received' AND type NOT LIKE 'buyer_cancel%'""")
    assert window * 0.9 < oldest[0][0] <= window
    assert json.loads((folder / HIDDEN / "made.json").read_text())["never_made"] > 0


@pytest.mark.parametrize("clear", [True, False])
def test_people_rule_against_the_truth_as_often_as_the_world_says(
    ask: Callable[[str], Rows], clear: bool
) -> None:
    wrong = load_world().rulings.wrong
    stated = wrong.clear if clear else wrong.unclear
    [(ruled, against)] = ask(f"""SELECT count(*), count(*) FILTER
        ((ruling <> 'release_to_seller') <> (truth = 'refund'))
        FROM outcomes JOIN truth USING (dispute_id)
        WHERE decided_by = 'human' AND clear = {clear}""")
    assert isinstance(ruled, int)
    assert isinstance(against, int)
    deviation = (stated * (1 - stated) / ruled) ** 0.5
    assert against / ruled == pytest.approx(stated, abs=4 * deviation)


def test_only_dishonest_buyers_make_false_claims_and_some_do(ask: Callable[[str], Rows]) -> None:
    liars = ask("SELECT DISTINCT buyer_kind FROM truth WHERE liar = 'buyer'")
    assert liars == [("dishonest",)]
    [(share,)] = ask("SELECT avg((liar = 'buyer')::INTEGER) FROM truth")
    assert isinstance(share, float)
    assert 0.04 < share < 0.1


def test_who_waits_got_his_parcel_after_he_complained_or_never(
    ask: Callable[[str], Rows],
) -> None:
    found = ask("""SELECT came_at > filed_at AS later, count(*) FROM truth JOIN claims
        USING (dispute_id) WHERE cause = 'waiting' GROUP BY 1 ORDER BY 1 NULLS LAST""")
    assert [later for later, _ in found] == [True, None]


# -- flaws ---------------------------------------------------------------------------------------


def test_a_dirty_history_has_every_flaw_and_is_otherwise_the_same(
    tmp_path: Path, folder: Path
) -> None:
    dirty = tmp_path / "dirty"
    made_history(dirty, Wanted(DISPUTES, SEED, dirty=0.2))
    listed = duckdb.sql(f"SELECT dispute_id, flaw FROM '{dirty}/{HIDDEN}/dirt.parquet'").fetchall()
    assert {flaw for _, flaw in listed} == set(FLAWS)
    assert len(listed) == pytest.approx(DISPUTES * 0.2, abs=4 * (DISPUTES * 0.16) ** 0.5)
    flawed = {dispute for dispute, _ in listed}
    assert len(flawed) == len(listed)
    clean = [row for row in events_of(folder) if row[0] not in flawed]
    assert [row for row in events_of(dirty) if row[0] not in {*flawed, None}] == clean


def test_a_dirty_history_is_not_read_silently(tmp_path: Path) -> None:
    made_history(tmp_path / "dirty", Wanted(300, SEED, dirty=0.5))
    assert read_source(tmp_path / "dirty", load_core()).rejects
    with pytest.raises(CaseError):
        read_source(Source(str(tmp_path / "dirty"), strict=True), load_core())


# -- whole or not at all -------------------------------------------------------------------------


def test_a_taken_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is already there"):
        made_history(tmp_path, Wanted(5, SEED))
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_stopped_halfway_nothing_is_left(tmp_path: Path) -> None:
    def stop(disputes: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_history(tmp_path / "history", Wanted(50, SEED), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_a_query_stops_like_any_other(tmp_path: Path) -> None:
    """The signal comes while DuckDB works; blocks of so many orders take it seconds."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # test runners ignore it
    stop = threading.Timer(1.5, os.kill, [os.getpid(), signal.SIGINT])
    stop.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            made_history(tmp_path / "history", Wanted(10**6, SEED))
    finally:
        stop.join()
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB has its own error for it; a folder it cannot write in brings the same one."""

    def full(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
        write_parquet(connection, query, file / "nowhere")

    monkeypatch.setattr("simulations.world.blocks.write_parquet", full)
    with pytest.raises(InputError, match=r"history: cannot be written\. Check the folder"):
        made_history(tmp_path / "history", Wanted(50, SEED))
    assert list(tmp_path.iterdir()) == []


def test_a_world_without_complaints_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulations.generate.HOPELESS", 20_000)
    text = DEFAULT.read_text()
    for shown in ("lost", "misdelivered", "turned_back", "cancels", "overlooked", "fussy"):
        text = _without(text, shown)
    for shown in ("change_of_mind", "false_claim", "complains", "never_sent"):
        text = _without(text, shown)
    text = re.sub(r"extra_days: [0-9]+", "extra_days: 365", text)
    text = text.replace("waits_from: order", "waits_from: estimate")
    (tmp_path / "calm.yaml").write_text(text)
    with pytest.raises(InputError, match=r"the world: 20,000 orders gave 0 disputes\. Let its"):
        made_history(tmp_path / "history", Wanted(5, SEED), tmp_path / "calm.yaml")


def _without(text: str, name: str) -> str:
    """Return the text of a world with this share 0 everywhere."""
    return re.sub(rf"\b{name}: [0-9.]+", f"{name}: 0", text)


# -- the verb ------------------------------------------------------------------------------------


def test_the_verb_makes_a_history_that_a_policy_lives_through(tmp_path: Path) -> None:
    runner, made = CliRunner(), str(tmp_path / "made")
    done = runner.invoke(whole_app(), ["generate", made, "--disputes", "60", "--seed", "3"])
    assert done.exit_code == 0
    assert "60 disputes, " in done.output
    lived = runner.invoke(
        whole_app(), ["replay", made, "-p", "rules/marketplace", "--json", "--jobs", "1"]
    )
    assert lived.exit_code == 0, lived.output
    told = json.loads(lived.output)
    assert told["history"]["disputes"] == 60


def test_what_was_made_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    made = made_history(
        tmp_path / "made", Wanted(90, SEED), progress=told.append, orders_at_once=900
    )
    assert isinstance(made, Made)
    assert sum(told) == made.disputes == 90
    assert len(told) > 1
