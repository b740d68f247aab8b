"""What one task does, in this process: rows of one slice, or why there are none."""

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from reso.errors import InputError
from simulations.cluster import running, task
from simulations.cluster.slices import cut
from simulations.cluster.task import Sent, Work, lead_slices, means, spark_schema
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import Replay
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import Prepared, prepare_history
from tests.simulations.shop import fixture, pack


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    return prepare_history(fixture(), pack().policy.table, cache=folder)


@pytest.fixture(scope="module")
def sent(prepared: Prepared) -> Sent:
    until = prepared.manifest.last_recorded_at
    return Sent.of(Work(cut(prepared, 30).folder, prepared.table, pack().policy, until))


def led(sent: Sent, *numbers: int) -> pa.Table:
    """Return the rows of some slices."""
    asked = iter([pa.record_batch({"id": list(numbers)})])
    return pa.Table.from_batches(list(lead_slices(sent, asked)))


@pytest.fixture(scope="module")
def slices(sent: Sent) -> tuple[pa.Table, pa.Table]:
    """Return the rows of both slices."""
    return led(sent, 0), led(sent, 1)


def collected(prepared: Prepared, rows: pa.Table) -> Replay:
    """Return what the driver makes of rows."""
    table = ResultsTable.empty()
    table.connection.execute("CREATE TABLE proposed_in(dispute_id VARCHAR)")
    table.connection.register("rows", rows)
    return running.Collected(table, "rows", cut(prepared, 30)).read()


def test_rows_come_as_they_are_declared(slices: tuple[pa.Table, pa.Table]) -> None:
    told = re.sub(r"<[^>]*>", "", spark_schema())
    for rows in slices:
        assert rows.column_names == [column.split()[0] for column in told.split(", ")]
        assert rows.schema.field("result").type.field("filed_at").type == pa.timestamp("us", "UTC")
        assert not [field for field in rows.schema if pa.types.is_large_string(field.type)]


def test_all_slices_together_are_the_history(
    prepared: Prepared, slices: tuple[pa.Table, pa.Table]
) -> None:
    replay = collected(prepared, pa.concat_tables(slices))
    assert replay.table.row("SELECT count(*) FROM {results}") == (50,)
    assert replay.steps > 1


@pytest.mark.parametrize("numbers", [(0,), (0, 1, 1), (1, 1)], ids=["one lost", "twice", "both"])
def test_a_slice_that_is_lost_or_doubled_is_noticed(
    prepared: Prepared, slices: tuple[pa.Table, pa.Table], numbers: tuple[int, ...]
) -> None:
    with pytest.raises(RuntimeError, match="did not come back whole, and once"):
        collected(prepared, pa.concat_tables([slices[number] for number in numbers]))


@pytest.mark.parametrize("name", ["Python", "DuckDB", "the code"])
def test_another_program_on_a_worker_is_named(prepared: Prepared, sent: Sent, name: str) -> None:
    other = replace(sent, means={**sent.means, name: "another"}, work=b"not to be read")
    with pytest.raises(InputError, match=f"a worker: has {name} .*, and the driver another"):
        collected(prepared, led(other, 0, 1))


def test_a_policy_beyond_sql_is_told_as_such(
    prepared: Prepared, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kinds: object) -> object:
        raise UnsupportedPolicyError("more extensions of one clock than are written as SQL")

    monkeypatch.setattr(task, "replay", refuse)
    with pytest.raises(UnsupportedPolicyError, match="more extensions"):
        collected(prepared, led(sent, 0, 1))


def test_the_hash_of_the_code_is_that_of_all_its_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = task.code_hash()
    assert means()["the code"] == before
    (tmp_path / "more.py").write_text("", encoding="utf-8")

    class Other:
        __name__ = "reso"
        __path__ = (str(tmp_path),)

    monkeypatch.setattr(task, "reso", Other)
    assert task.code_hash() != before
