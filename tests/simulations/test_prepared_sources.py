"""Histories are prepared from wherever they are read, and tell what the reader tells."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reso.errors import InputError
from reso.facts.table import FactTable, load_core
from simulations.generate import Wanted, made_history
from simulations.history import History
from simulations.prepared import ingest
from simulations.prepared.building import Means
from simulations.prepared.preparing import Prepared, prepare
from simulations.prepared.reference import reference_events
from simulations.sources import Source, read_source
from simulations.world.reading import DEFAULT
from tests.simulations.read_prepared import rows_of
from tests.simulations.shop import FIXTURE, pack
from tests.simulations.test_prepared import assert_equal
from tests.simulations.test_reading_dirt import (
    CLEAN,
    DIRT,
    ODD,
    Row,
    without_end,
)
from tests.simulations.test_reading_mapping import COMPLAINTS, ORDERS, SHOP

CORE = load_core()
COLUMNS = "dispute_id, occurred_at, recorded_at, kind, payload"
TYPES = ", ".join(f"{name}: 'VARCHAR'" for name in COLUMNS.split(", "))
ROWS = f"read_json('{FIXTURE}/history.jsonl', columns = {{{TYPES}}})"


def assert_tells_the_same(prepared: Prepared, history: History) -> None:
    """Compare what was prepared with what the reader reads."""
    assert prepared.read_rejects() == history.rejects
    assert prepared.manifest.notes == history.notes
    assert reference_events(prepared, history.disputes) == dict(history.disputes)
    assert prepared.manifest.disputes == len(history.disputes)
    assert prepared.manifest.rows_read == history.rows_read
    assert prepared.manifest.events == history.event_count
    assert prepared.manifest.rejects == len(history.rejects)
    assert_equal(prepared, history)


def both(source: Source, table: FactTable, cache: Path) -> tuple[Prepared, History]:
    return prepare(source, table, cache=cache), read_source(source, table)


# -- every source ---------------------------------------------------------------------------


def as_it_is(folder: Path) -> Source:
    return Source(str(FIXTURE))


def as_csv(folder: Path) -> Source:
    file = folder / "history.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {COLUMNS} FROM {ROWS}) TO '{file}'")
    return Source(str(file))


def as_folder(folder: Path) -> Source:
    """Two files, outcomes beside them, and a folder that is nobody's business."""
    (folder / "made" / "hidden").mkdir(parents=True)
    with duckdb.connect() as connection:
        for part in (0, 1):
            connection.execute(
                f"""COPY (SELECT {COLUMNS} FROM {ROWS} WHERE hash(dispute_id) % 2 = {part})
                    TO '{folder}/made/events-{part}.parquet'"""
            )
        connection.execute(f"COPY (SELECT 1 AS truth) TO '{folder}/made/outcomes.parquet'")
    (folder / "made" / "hidden" / "events.parquet").write_bytes(b"nothing to read")
    return Source(str(folder / "made"))


def as_stamped(folder: Path) -> Source:
    file = folder / "stamped.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT dispute_id, occurred_at::TIMESTAMPTZ AS occurred_at,
                    recorded_at::TIMESTAMPTZ AS recorded_at, kind, payload
                    FROM {ROWS}) TO '{file}'"""
        )
    return Source(str(file))


def as_database(folder: Path) -> Source:
    engine = sqlalchemy.create_engine(f"sqlite:///{folder}/shop.db")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT dispute_id, occurred_at::VARCHAR, recorded_at::VARCHAR, kind,
                payload::VARCHAR FROM {ROWS}"""
        ).fetchall()
    with engine.begin() as connection:
        columns = COLUMNS.replace(",", " TEXT,")
        connection.execute(sqlalchemy.text(f"CREATE TABLE event ({columns})"))
        connection.execute(
            sqlalchemy.text("INSERT INTO event VALUES (:a, :b, :c, :d, :e)"),
            [dict(zip("abcde", row, strict=True)) for row in rows],
        )
    engine.dispose()
    return Source(f"sqlite:///{folder}/shop.db", query=f"SELECT {COLUMNS} FROM event")


@pytest.mark.parametrize("made", [as_it_is, as_csv, as_folder, as_stamped, as_database])
def test_a_history_is_prepared_from_any_source(
    made: Callable[[Path], Source], tmp_path: Path
) -> None:
    prepared, history = both(made(tmp_path), pack().table, tmp_path / "cache")
    assert history.disputes
    assert_tells_the_same(prepared, history)


def test_a_mapping_is_prepared_and_its_left_over_rows_are_rejects(tmp_path: Path) -> None:
    files = {"orders.csv": ORDERS, "complaints.csv": COMPLAINTS}
    shop = tmp_path / "shop"
    shop.mkdir()
    for name, text in files.items():
        (shop / name).write_text(text, encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    source = Source(str(shop), mapping=tmp_path / "shop.yaml")
    prepared, history = both(source, CORE, tmp_path / "cache")
    assert history.rejects
    assert_tells_the_same(prepared, history)
    (tmp_path / "shop.yaml").write_text(SHOP.replace("Baju: fashion", "Baju: toys"))
    other, history = both(source, CORE, tmp_path / "cache")
    assert other.folder != prepared.folder
    assert_tells_the_same(other, history)


def test_the_answer_of_a_database_decides_what_is_prepared(tmp_path: Path) -> None:
    source = as_database(tmp_path)
    first = prepare(source, pack().table, cache=tmp_path / "cache")
    assert prepare(source, pack().table, cache=tmp_path / "cache").folder == first.folder
    engine = sqlalchemy.create_engine(source.where)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM event WHERE kind = 'evidence'"))
    engine.dispose()
    prepared, history = both(source, pack().table, tmp_path / "cache")
    assert prepared.folder != first.folder
    assert_tells_the_same(prepared, history)
    assert sorted((tmp_path / "cache").iterdir()) == sorted([first.folder, prepared.folder])


def test_a_query_for_a_file_is_refused_as_the_reader_does(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is for a database"):
        prepare(Source(str(FIXTURE), query="SELECT 1"), CORE, cache=tmp_path)


# -- every dirt -----------------------------------------------------------------------------

LINES = [*(row for row, _ in DIRT.values()), *CLEAN, *ODD]


@st.composite
def dirty_lines(draw: st.DrawFn) -> list[str]:
    """Return lines of some disputes, clean ones and others, some of them twice."""
    drawn = draw(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from("ABC")), max_size=40))
    return [row if isinstance(row, str) else json.dumps(of(name, row)) for row, name in drawn]


def of(name: str, row: Row) -> Row:
    """Return a row of another dispute, unless its id is what is wrong with it."""
    return {**row, "dispute_id": name} if row.get("dispute_id") == "D-1" else row


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=dirty_lines())
def test_rows_read_are_those_used_left_out_and_put_aside(lines: list[str]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "h.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        prepared, history = both(Source(str(folder / "h.jsonl")), CORE, folder / "cache")
        assert_tells_the_same(prepared, history)
        assert prepared.manifest.rows_read == len(without_end(lines))


def test_a_made_history_with_flaws_is_prepared_whole(tmp_path: Path) -> None:
    made_history(tmp_path / "made", Wanted(80, 3, 0.4), DEFAULT, lambda count: None)
    source = Source(str(tmp_path / "made"))
    prepared, history = both(source, CORE, tmp_path / "cache")
    assert history.rejects
    assert prepared.manifest.odd == 0
    assert_tells_the_same(prepared, history)


@pytest.mark.slow
def test_a_history_in_many_shards_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rare facts stand in some shards only: all files still have one layout."""
    made_history(tmp_path / "made", Wanted(60, 5, 0.2), DEFAULT, lambda count: None)
    monkeypatch.setattr(ingest, "ROWS_PER_SHARD", 200)
    prepared, history = both(Source(str(tmp_path / "made")), CORE, tmp_path / "cache")
    assert len(prepared.facts) > 2
    assert_tells_the_same(prepared, history)
    with duckdb.connect() as connection:
        layouts = {
            tuple(connection.execute("DESCRIBE FROM read_parquet(?)", [str(file)]).fetchall())
            for file in prepared.facts
        }
    assert len(layouts) == 1


def test_what_is_prepared_twice_is_the_same(tmp_path: Path) -> None:
    made_history(tmp_path / "made", Wanted(40, 3, 0.2), DEFAULT, lambda count: None)
    files = []
    for threads in (1, 2):
        means = Means(memory="500MB", threads=threads)
        prepared = prepare(Source(str(tmp_path / "made")), CORE, cache=tmp_path / "c", means=means)
        files.append((rows_of(prepared), [file.read_bytes() for file in prepared.rows]))
        shutil.rmtree(prepared.folder)
    assert files[0] == files[1]
