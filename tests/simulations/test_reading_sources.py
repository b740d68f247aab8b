"""Where histories stand: CSV, folders, databases by URL and query."""

import csv
import json
import os
import pwd
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from typer.testing import CliRunner

from reso.errors import InputError, ResoError
from reso.facts.rows import write_history
from reso.facts.table import load_core
from simulations.prepared.preparing import prepare
from simulations.reading import open_rows
from simulations.reading.read_only import read_only_engine, refuse_writing
from simulations.reading.reasons import NOT_READ
from simulations.reading.schema import PLACED
from simulations.sources import Source, read_source
from tests.commands import whole_app
from tests.simulations.shop import fixture, pack, shop

CORE = load_core()
HEADING = "dispute_id,occurred_at,recorded_at,kind,payload\n"
LINE = 'D-1,2026-03-02T09:00+07:00,2026-03-02T09:00+07:00,claim,"{""type"": ""damaged""}"\n'
PASSWORD = "s3cr3t@word"
QUOTED = "s3cr3t%40word"


def rows() -> list[dict[str, str]]:
    events = [one for of_dispute in fixture().disputes.values() for one in of_dispute]
    return write_history(events, pack().table)


# -- CSV ------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_says_the_same_whatever_parts_its_columns(delimiter: str, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(rows()[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows())
    assert read_source(file, pack().table).disputes == fixture().disputes


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "a,b\n",
            "has 2 cells, where the heading has 5. Quote a cell that holds `,`.",
            id="too few cells",
        ),
        pytest.param(
            LINE.strip() + ",more\n",
            "has 6 cells, where the heading has 5. Quote a cell that holds `,`.",
            id="too many",
        ),
        pytest.param(
            "\n", "is empty. Take the line out: each one holds a row.", id="an empty line"
        ),
        pytest.param(
            'a,"b\nc",d\n',
            'has 3 cells, where the heading has 5. It goes over several lines: close a `"` in it.',
            id="a quote that is closed late",
        ),
        pytest.param(
            LINE.replace("damaged", "x" * 20_000_001),
            "has a cell of more than 20,000,000 characters. Shorten it.",
            id="a cell without an end",
        ),
    ],
)
def test_a_line_of_csv_that_is_none_is_put_aside(line: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text(HEADING + LINE + line + LINE.replace("D-1", "D-2"), encoding="utf-8")
    history = read_source(file, CORE)
    assert list(history.disputes) == ["D-1", "D-2"]
    (reject,) = history.rejects
    assert (reject.row, reject.reason, reject.message) == (2, "unreadable_row", message)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("h.csv", HEADING + LINE, id="csv"),
        pytest.param("h.jsonl", '{"dispute_id": "D-1"}\n', id="jsonl"),
    ],
)
def test_empty_lines_at_the_end_of_a_file_are_no_rows(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    before = read_source(file, CORE)
    file.write_text(f"{text}\n  \n\n", encoding="utf-8")
    after = read_source(file, CORE)
    assert (after.disputes, after.rejects) == (before.disputes, before.rejects)
    assert after.rows_read == 1


def test_a_long_cell_of_csv_is_read(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    told = LINE.replace('""type"": ""damaged""', f'""text"": ""{"x" * 200_000}""')
    file.write_text(HEADING + told, encoding="utf-8")
    history = read_source(file, CORE)
    assert not [one for one in history.rejects if one.reason == "unreadable_row"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_csv_that_is_not_utf_8_says_so(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text(HEADING + LINE, encoding=encoding)
    with pytest.raises(InputError) as raised:
        read_source(file, CORE)
    assert str(raised.value) == f"{file}:1: is not UTF-8. Save the file as UTF-8."


def test_a_heading_names_each_column_once(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("a,a\n1,2\n", encoding="utf-8")
    with pytest.raises(ResoError, match=r"h.csv:1: its first line does not name each column once"):
        read_source(file, CORE)


# -- folders --------------------------------------------------------------------------------


def test_of_a_folder_outcomes_and_inner_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "events-0000.csv").write_text(HEADING + LINE, encoding="utf-8")
    (tmp_path / "events-0001.jsonl").write_text("{\n", encoding="utf-8")
    for name in ("outcomes.csv", "hidden/truth.csv", "hidden/events-0002.csv"):
        (tmp_path / name).write_text("no history", encoding="utf-8")
    history = read_source(tmp_path, CORE)
    assert history.rows_read == 2
    assert [Path(one.file).name for one in history.rejects] == ["events-0001.jsonl"]


def test_what_a_folder_holds_besides_is_named(tmp_path: Path) -> None:
    table = HEADING + LINE
    for name in ("sub", "hidden", "__pycache__"):
        (tmp_path / name).mkdir()
    for n, name in enumerate(("a.csv", "b.CSV", "c.txt", "sub/c.csv", "README.md", ".kept")):
        (tmp_path / name).write_text(table.replace("D-1", f"D-{n}"), encoding="utf-8")
    history = read_source(tmp_path, CORE)
    assert list(history.disputes) == ["D-0", "D-1"]
    assert history.found(NOT_READ + "c.txt, sub/") == 2
    prepared = prepare(tmp_path, CORE, cache=tmp_path.with_name("cache"))
    assert prepared.manifest.notes == history.notes
    (tmp_path / "c.txt").unlink()
    other = prepare(tmp_path, CORE, cache=tmp_path.with_name("cache"))
    assert other.manifest.notes == read_source(tmp_path, CORE).notes != history.notes


@pytest.mark.parametrize("suffix", ["CSV", "JSONL", "Parquet"])
def test_endings_may_be_written_in_capitals(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(HEADING + LINE, encoding="utf-8")
    file = tmp_path / f"h.{suffix}"
    (row,) = duckdb.sql(f"FROM read_csv('{tmp_path}/h.csv', all_varchar=true)").fetchall()
    match suffix:
        case "CSV":
            file.write_text(HEADING + LINE, encoding="utf-8")
        case "JSONL":
            told = dict(zip(HEADING.strip().split(","), row, strict=True))
            file.write_text(json.dumps(told), encoding="utf-8")
        case _:
            duckdb.sql(f"FROM read_csv('{tmp_path}/h.csv', all_varchar=true)").write_parquet(
                str(file)
            )
    assert read_source(file, CORE).disputes == read_source(tmp_path / "h.csv", CORE).disputes


def test_parquet_is_read_where_it_stands(tmp_path: Path) -> None:
    file, made = tmp_path / "h.parquet", tmp_path / "made"
    made.mkdir()
    told = "SELECT 'A' AS dispute_id, {0} AS occurred_at, {0} AS recorded_at, 'claim' AS kind"
    instant = "'2026-03-02 09:00:00+07'::TIMESTAMPTZ"
    duckdb.sql(f"{told.format(instant)}, '{{}}' AS payload").write_parquet(str(file))
    rows = open_rows(file, made)
    assert list(made.iterdir()) == []
    assert rows.stamped is not None
    asked = f"SELECT {', '.join(PLACED)} FROM ({rows.sql})"
    at = "2026-03-02T02:00:00.000000+00:00"
    assert duckdb.sql(asked).fetchall() == [
        ("A", at, at, "claim", "{}", str(file), 1, None, None, None)
    ]
    types = duckdb.sql(f"SELECT typeof(occurred_at), typeof(recorded_at) FROM ({rows.stamped})")
    assert types.fetchall() == [("TIMESTAMP WITH TIME ZONE",) * 2]


# -- databases ------------------------------------------------------------------------------


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE events (dispute_id, occurred_at, recorded_at, kind, payload)"
        )
        connection.executemany(
            "INSERT INTO events VALUES (:dispute_id, :occurred_at, :recorded_at, :kind, :payload)",
            rows(),
        )
    connection.close()
    return f"sqlite:///{file}"


def test_sqlite_is_asked_by_url_and_query(sqlite: str) -> None:
    source = Source(sqlite, query="SELECT * FROM events")
    assert read_source(source, pack().table).disputes == fixture().disputes


@pytest.mark.parametrize(
    ("where", "query", "message"),
    [
        pytest.param(
            "{url}", None, "{url}: is a database. Write --query 'SELECT ...'.", id="no query"
        ),
        pytest.param(
            "{url}",
            "SELECT * FROM event",
            "{url}: the database says: no such table: event. Check the address and the query.",
            id="no such table",
        ),
        pytest.param(
            "{url}",
            "DELETE FROM events",
            "--query: is no SELECT. A history is only read: write a SELECT.",
            id="no select",
        ),
        pytest.param(
            "{url}",
            "SELECT 1 AS a, 2 AS a",
            "--query: gives two columns of one name. Name each with AS.",
            id="a name twice",
        ),
        pytest.param(
            "{url}",
            "SELECT 1 AS a",
            "{url}: has no column `dispute_id`, `occurred_at`, `recorded_at`, `kind`, "
            "`payload`. A history has dispute_id, occurred_at, recorded_at, kind, payload. Of "
            "other columns write a --mapping.",
            id="other columns",
        ),
        pytest.param(
            "{url}x",
            "SELECT 1",
            "{url}x: no such file. Check the path: sqlite:///folder/file.db.",
            id="no such file",
        ),
        pytest.param(
            "nosql://me:PW@host/db",
            "SELECT 1",
            "nosql://me:***@host/db: no database is called `nosql`. Write postgresql://, "
            "mysql+pymysql://, sqlite:///.",
            id="an unknown database",
        ),
        pytest.param(
            "mysql+pymysql://me:PW@host/db",
            "SELECT 1",
            "mysql+pymysql://me:***@host/db: the driver `pymysql` is not installed. Install it: "
            "pip install pymysql",
            id="no driver",
        ),
        pytest.param(
            "postgresql://me:PW@127.0.0.1:1/db?sslpassword=PW", "SELECT 1", None, id="nobody there"
        ),
        pytest.param("postgresql://me:PW@host:x/db", "SELECT 1", None, id="no address"),
        pytest.param(
            "mysql://me:PW@host/db",
            "SELECT 1",
            "mysql://me:***@host/db: the driver `MySQLdb` is not installed. Install it: "
            "pip install mysqlclient",
            id="a driver that is called otherwise than its package",
        ),
        pytest.param(
            "postgresql://me@host/db?password=PW",
            None,
            "postgresql://me@host/db?password=***: is a database. Write --query 'SELECT ...'.",
            id="a password among the options",
        ),
        pytest.param(
            "s3://shop/events.parquet",
            None,
            "s3://shop/events.parquet: is a file elsewhere, and no database. "
            "Fetch the file to this machine, and name its path.",
            id="a bucket",
        ),
        pytest.param(
            "https://me:PW@host/events.csv?token=PW",
            "SELECT 1",
            "https://host/events.csv: is a file elsewhere, and no database. "
            "Fetch the file to this machine, and name its path.",
            id="a page",
        ),
    ],
)
def test_a_database_that_cannot_be_asked_is_told_without_its_password(
    where: str, query: str | None, message: str | None, sqlite: str
) -> None:
    url = where.replace("{url}", sqlite).replace("PW", QUOTED)
    with pytest.raises(InputError) as raised:
        read_source(Source(url, query=query), CORE)
    told = str(raised.value)
    assert "s3cr3t" not in told
    if message is not None:
        assert told == message.replace("{url}", sqlite)


def test_a_query_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--query: is for a database\."):
        read_source(Source(str(tmp_path), query="SELECT 1"), CORE)


WRITING = [
    "DROP TABLE events",
    "DELETE FROM events",
    "ALTER TABLE events ADD COLUMN more text",
    "CREATE TABLE more (a text)",
    "CREATE TABLE more AS SELECT * FROM events",
    "UPDATE events SET kind = 'claim'",
    "-- SELECT\nDROP TABLE events",
    "/* SELECT */ DELETE FROM events RETURNING *",
    "DELETE FROM events RETURNING *",
    "SELECT 1; DROP TABLE events",
    "SELECT ';'; DROP TABLE events; SELECT '",
    "SELECT * FROM events; COMMIT; DROP TABLE events;",
    "WITH gone AS (SELECT 1) DELETE FROM events",
    "COMMIT",
    "PRAGMA query_only = OFF",
    "",
]
"""Queries that are to change nothing, whatever database is asked."""


@pytest.mark.parametrize("query", WRITING)
def test_no_query_changes_a_file_of_sqlite(query: str, sqlite: str) -> None:
    file = Path(sqlite.removeprefix("sqlite:///"))
    before = file.read_bytes()
    with pytest.raises(InputError):
        read_source(Source(sqlite, query=query), CORE)
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_file_of_sqlite_is_opened_for_reading_only(tmp_path: Path) -> None:
    file = tmp_path / "a shop?mode=rw#1%20.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE log (a)")
    connection.close()
    engine = read_only_engine(make_url("sqlite://").set(database=str(file)))
    with engine.connect() as opened:
        assert opened.execute(text("SELECT count(*) FROM log")).scalar() == 0
        for change in ("DROP TABLE log", "INSERT INTO log VALUES (1)", "PRAGMA query_only = OFF"):
            with suppress(SQLAlchemyError):
                opened.execute(text(change))
        with pytest.raises(SQLAlchemyError, match="readonly database"):
            opened.execute(text("INSERT INTO log VALUES (1)"))
    engine.dispose()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("SELECT a, b FROM log", None, id="a select"),
        pytest.param("\n-- all of it\n(SELECT 1) UNION (SELECT 2) ;\n", None, id="in brackets"),
        pytest.param("with x as (select updated_at from y) select * from x", None, id="with"),
        pytest.param(
            "WITH x AS (SELECT 1) DELETE FROM log", "the word `DELETE`", id="with, delete"
        ),
        pytest.param("SELECT * INTO copied FROM log", "the word `INTO`", id="select into"),
        pytest.param("/*! DROP TABLE log */ SELECT 1", "is no SELECT", id="a comment that runs"),
        pytest.param("SELECT '; x'", "holds a `;` before its end", id="a second statement"),
        pytest.param("EXEC clean_up", "is no SELECT", id="a procedure"),
        pytest.param("SELECT 1 DROP TABLE log", "the word `DROP`", id="no semicolon between"),
        pytest.param("SELECT 1 EXEC clean_up", "the word `EXEC`", id="a procedure after it"),
    ],
)
@pytest.mark.parametrize("backend", ["mysql", "mssql", "oracle"])
def test_a_database_that_cannot_be_made_read_only_is_asked_one_select(
    query: str, message: str | None, backend: str
) -> None:
    if message is None:
        refuse_writing(query, backend)
        return
    with pytest.raises(InputError, match=re.escape(message)):
        refuse_writing(query, backend)


# -- a real PostgreSQL ----------------------------------------------------------------------


def programs() -> Path | None:
    """Return where the programs of the newest PostgreSQL stand."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def has_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Yield the URL of a cluster of our own: it refuses to run as root, or where root alone may."""
    bin_folder = programs()
    if bin_folder is None or (os.getuid() == 0 and not has_user("postgres")):
        pytest.skip("needs PostgreSQL, and a user of that name where tests run as root")
    folder = Path(mkdtemp(prefix="reso-pg-"))
    folder.chmod(0o755)
    owner = {"user": "postgres"} if os.getuid() == 0 else {}
    if owner:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(*words: str | Path) -> None:
        subprocess.run(words, check=True, cwd=folder, stdout=subprocess.DEVNULL, **owner)  # type: ignore[call-overload]

    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    data = folder / "data"
    control = (bin_folder / "pg_ctl", "-D", data, "-w")
    try:
        call(
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            "me",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-N",
        )
        call(
            *control, "-l", folder / "log", "-o", f"-p {port} -h 127.0.0.1 -k {folder} -F", "start"
        )
        try:
            yield f"postgresql://me:{QUOTED}@127.0.0.1:{port}/postgres"
        finally:
            call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def fill(url: str, told: Sequence[dict[str, str]]) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS events")
        connection.execute(
            "CREATE TABLE events (dispute_id text, occurred_at timestamptz, "
            "recorded_at timestamptz, kind text, payload jsonb)"
        )
        with connection.cursor() as cursor, cursor.copy("COPY events FROM STDIN") as copy:
            for row in told:
                copy.write_row(list(row.values()))


def test_a_history_in_postgresql_is_the_same(postgres: str) -> None:
    fill(postgres, rows())
    query = "SELECT *, 'a:b' AS more FROM events WHERE payload::text LIKE '%{%'"
    history = read_source(Source(postgres, query=query), pack().table)
    assert history.disputes == fixture().disputes
    assert PASSWORD not in history.name
    assert history.name.startswith("postgresql://me:***@127.0.0.1")


def test_replay_asks_postgresql(postgres: str) -> None:
    fill(postgres, [*rows()[:100], {**rows()[0], "kind": "ordr"}])
    words = ["replay", postgres, "--query", "SELECT * FROM events", "-p", str(shop()), "--json"]
    result = CliRunner().invoke(whole_app(), words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["history"]
    assert (told["rows_read"], told["rejects"]) == (101, {"unknown_kind": 1})
    assert "s3cr3t" not in result.output


@pytest.mark.parametrize(
    "query",
    [
        *WRITING,
        "WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone",
        "SELECT * INTO more FROM events",
        "SELECT nextval('counted')",
        "SELECT set_config('transaction_read_only', 'off', false), * FROM events",
    ],
)
def test_no_query_changes_postgresql(query: str, postgres: str) -> None:
    import psycopg

    fill(postgres, rows())
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS counted")
    before = state_of(postgres)
    with pytest.raises(InputError):
        read_source(Source(postgres, query=query), CORE)
    assert state_of(postgres) == before


def state_of(url: str) -> tuple[object, ...]:
    """Return what stands in the database: its tables, their columns and rows, the sequence."""
    import psycopg

    with psycopg.connect(url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2"
        ).fetchall()
        told = connection.execute(
            "SELECT md5(string_agg(e::text, '' ORDER BY e::text)) FROM events e"
        )
        counted = connection.execute("SELECT last_value, is_called FROM counted").fetchone()
        return columns, told.fetchone(), counted


@pytest.mark.parametrize(
    ("change", "query", "said"),
    [
        pytest.param(
            ("", ""), "SELECT * FROM event", 'relation "event" does not exist', id="no table"
        ),
        pytest.param(
            (QUOTED, "wr0ng"), "SELECT 1", "password authentication failed", id="wrong password"
        ),
        pytest.param(
            ("/postgres", "/nothing"),
            "SELECT 1",
            'database "nothing" does not exist',
            id="no database",
        ),
    ],
)
def test_what_postgresql_refuses_is_told_without_the_password(
    change: tuple[str, str], query: str, said: str, postgres: str
) -> None:
    with pytest.raises(InputError) as raised:
        read_source(Source(postgres.replace(*change, 1), query=query), CORE)
    assert said in str(raised.value)
    assert not any(secret in str(raised.value) for secret in ("s3cr3t", "wr0ng"))
