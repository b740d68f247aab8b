"""Running over many disputes, and writing what came of them."""

import multiprocessing
import signal
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import duckdb
import pytest

from reso.errors import InputError
from reso.model.events import Event
from simulations import writing
from simulations.figures import Summary
from simulations.history import History
from simulations.life import Stretch
from simulations.measures.tables import ResultsTable
from simulations.plain import COLUMNS, summary_json
from simulations.replaying.opened import Account
from simulations.running import WORTH_A_PROCESS, PolicyChoice, run
from simulations.writing import write_out
from tests.simulations.shop import at, event, fixture, pack, shop

POLICY = PolicyChoice(shop(), {})


def many(times: int) -> History:
    """Return the shipped history told several times, under other names."""
    disputes = {
        f"{name}/{number}": tuple(_renamed(event, f"{name}/{number}") for event in events)
        for name, events in fixture().disputes.items()
        for number in range(times)
    }
    return History("many", disputes)


def _renamed(event: Event, name: str) -> Event:
    return Event(name, event.occurred_at, event.recorded_at, event.kind, event.payload)


@pytest.mark.slow
def test_several_processes_give_what_one_gives() -> None:
    history = many(1 + WORTH_A_PROCESS // 50)
    assert len(history.disputes) > WORTH_A_PROCESS
    counts: list[int] = []
    alone = run(history, POLICY, Stretch(), 1)
    spread = run(history, POLICY, Stretch(), 2, counts.append)
    assert spread == alone
    assert [result.dispute_id for result in spread] == list(history.disputes)
    assert sum(counts) == len(history.disputes)


def test_a_setting_is_run_with() -> None:
    lost = [one for one in run(fixture(), POLICY, Stretch(), 1) if one.claim_type == "not_received"]
    patient = PolicyChoice(shop(), {"wait": "300 calendar days"})
    waited = {one.dispute_id: one for one in run(fixture(), patient, Stretch(at(0)), 1)}
    assert any(one.decision == "refund_full" for one in lost)
    assert all(waited[one.dispute_id].decision != "refund_full" for one in lost)


@pytest.mark.parametrize("times", [pytest.param(1, id="here"), pytest.param(9, id="in processes")])
def test_a_dispute_that_cannot_be_lived_through_is_named(times: int) -> None:
    foreign = (
        event("order", -1, "X-9", currency="USD", total_paid=5),
        event("claim", 1, "X-9", filed_at=at(1), type="damaged"),
    )
    history = many(times)
    history = replace(history, disputes={**history.disputes, "X-9": foreign})
    with pytest.raises(InputError, match=r"X-9: order\.currency: the case is in USD"):
        run(history, POLICY, Stretch(), 2)


def test_ctrl_c_ends_every_process() -> None:
    def press(count: int) -> None:
        raise KeyboardInterrupt

    before, handler = set(multiprocessing.active_children()), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(many(9), POLICY, Stretch(), 2, press)
    assert set(multiprocessing.active_children()) == before
    assert signal.getsignal(signal.SIGINT) is handler


def written(folder: Path) -> Summary:
    table = ResultsTable.of(run(fixture(), POLICY, Stretch(), 1))
    summary = Summary.read(table)
    told = summary_json(summary, Account.of(fixture()), {"policy": "replayed"})
    write_out(folder, table, pack().policy.calendar.zone, told)
    return summary


def test_a_row_per_dispute_and_the_figures_are_written(tmp_path: Path) -> None:
    summary = written(tmp_path / "out")
    table = f"read_parquet('{tmp_path}/out/disputes.parquet')"
    assert duckdb.sql(f"SELECT * FROM {table}").columns == list(COLUMNS)
    refunded, rows = duckdb.sql(f"SELECT sum(refunded), count(*) FROM {table}").fetchall()[0]
    assert (refunded, rows) == (sum(one.amount for one in summary.refunds), 50)
    same = duckdb.sql(f"SELECT * FROM read_csv('{tmp_path}/out/disputes.csv', all_varchar=true)")
    assert len(same.fetchall()) == rows
    filed = duckdb.sql(f"SELECT epoch(filed_at), dispute_id FROM {table}").fetchall()
    for seconds, name in filed:
        claim = next(one for one in fixture().disputes[name] if one.kind == "claim")
        assert seconds == claim.recorded_at.astimezone(UTC).timestamp()
    moved = "SELECT sum((m->>'amount')::DECIMAL(18, 2)) FROM (SELECT unnest(movements::JSON[]) AS m"
    to_buyers = duckdb.sql(f"{moved} FROM {table}) WHERE m->>'payee' = 'buyer'").fetchall()[0][0]
    assert to_buyers == refunded


def test_of_many_disputes_the_csv_is_written_only_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_IN_CSV", 49)
    table = ResultsTable.of(run(fixture(), POLICY, Stretch(), 1))
    zone = pack().policy.calendar.zone
    write_out(tmp_path / "few", table, zone, {})
    write_out(tmp_path / "all", table, zone, {}, csv=True)
    unasked, asked = ({file.name for file in (tmp_path / n).iterdir()} for n in ("few", "all"))
    assert asked - unasked == {"disputes.csv"}
    assert "disputes.parquet" in unasked


def test_the_csv_says_what_the_parquet_says(tmp_path: Path) -> None:
    written(tmp_path / "out")
    for name, amounts in (("disputes", ("amount", "refunded")), ("rules", ("refunded",))):
        told = f"read_csv('{tmp_path}/out/{name}.csv', all_varchar=true)"
        typed = f"read_parquet('{tmp_path}/out/{name}.parquet')"
        listed = ", ".join(f"{one}::DECIMAL(28, 4) AS {one}" for one in amounts)
        rows = [
            duckdb.sql(f"SELECT {listed}, ended, disputes_of FROM (SELECT *, "
                       f"{'dispute_id' if name == 'disputes' else 'rule'} AS disputes_of "
                       f"FROM {source}) ORDER BY ALL").fetchall()
            for source in (told, typed)
        ]  # fmt: skip
        assert rows[0] == rows[1] != []


def test_a_row_per_rule_adds_up_to_the_rows_per_dispute(tmp_path: Path) -> None:
    written(tmp_path / "out")
    rules, disputes = (
        f"read_parquet('{tmp_path}/out/{name}.parquet')" for name in ("rules", "disputes")
    )
    by_rule = duckdb.sql(f"SELECT sum(disputes), sum(refunded), sum(handed_over) FROM {rules}")
    ended = f"FROM {disputes} WHERE ended NOT IN ('open', 'no_claim')"
    whole = duckdb.sql(f"SELECT count(*), sum(refunded), count_if(handed_over) {ended}")
    assert by_rule.fetchall() == whole.fetchall()


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="is already there"):
        written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_is_stopped_leaves_nothing_half_written(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writing._write_parquet

    def stop(table: ResultsTable, file: Path, *rest: object) -> None:
        if file.stem == "rules":
            assert (file.parent / "disputes.parquet").is_file()
            raise error
        write(table, file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_write_parquet", stop)
    with pytest.raises(error):
        written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
