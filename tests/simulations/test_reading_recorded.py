"""Where outcomes are recorded: beside the events, by a mapping, in a database."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.errors import ResoError
from reso.facts.table import load_core
from simulations.replaying.opened import content_of
from simulations.sources import Source, outcomes_of
from tests.commands import whole_app
from tests.simulations.shop import shop

CORE = load_core()
ORDERS = [("A-1", "2026-03-02T09:00", 12_500_000), ("A-2", "2026-03-02T23:59", 5_000_000)]
CLAIMS = [
    ("A-1", "2026-03-06T08:00", "damaged", "refund_full", 12_500_000),
    ("A-2", "2026-03-07T08:00", "damaged", "deny", None),
]
EVENTS = """\
time_zone: Asia/Jakarta
events:
  order:
    where: {what: order}
    dispute_id: no
    kind: order
    occurred_at: at
    payload: {currency: {constant: IDR}, placed_at: at, total_paid: paid}
  claim:
    where: {what: damaged}
    dispute_id: no
    kind: claim
    occurred_at: at
    payload: {filed_at: at, type: what}
"""
ASKED = (
    "SELECT no, at, 'order' AS what, paid FROM orders UNION ALL "
    "SELECT no, at, what, NULL FROM claims"
)
QUERY = """\
outcomes:
  query: SELECT no, ruling, back FROM claims
  dispute_id: no
  ruling: ruling
  amount: back
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE orders (no, at, paid)")
        connection.execute("CREATE TABLE claims (no, at, what, ruling, back)")
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", ORDERS)
        connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", CLAIMS)
    connection.close()
    return f"sqlite:///{tmp_path}/shop.db"


def mapped(folder: Path, text: str) -> Path:
    file = folder / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def reso(verb: str, *words: object) -> Result:
    return CliRunner().invoke(whole_app(), [verb, *map(str, words), "-p", str(shop())])


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_outcomes_of_a_database_are_asked_by_a_query_of_their_own(
    engine: str, database: str, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, EVENTS + QUERY)
    words = (database, "--query", ASKED, "--mapping", mapping, "--engine", engine, "--json")
    result = reso("replay", *words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["history"]["events"], told["outcomes"]["used"]) == (4, 2)
    assert told["outcomes"]["rejects"] == {}


@pytest.mark.slow
def test_a_run_can_be_held_against_the_outcomes_of_a_database(
    database: str, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, EVENTS + QUERY)
    words = (database, "--query", ASKED, "--mapping", mapping, "--against", "recorded")
    report = tmp_path / "report.html"
    result = reso("replay", *words, "--report", report, "--brief", tmp_path / "brief.html")
    assert result.exit_code == 0, result.output
    assert report.is_file()


def test_a_sweep_reads_the_outcomes_of_a_database(database: str, tmp_path: Path) -> None:
    mapping = mapped(tmp_path, EVENTS + QUERY + "  truth: {constant: refund}\n")
    words = (database, "--query", ASKED, "--mapping", mapping, "--sweep", "wait=1h,2h", "--json")
    result = reso("sweep", *words)
    assert result.exit_code == 0, result.output
    steps = json.loads(result.stdout)["steps"]
    assert [step["against_truth"]["known"]["count"] for step in steps] == [2, 2]


def test_without_a_query_outcomes_stand_in_the_rows_of_the_events(
    database: str, tmp_path: Path
) -> None:
    mapping = mapped(
        tmp_path, EVENTS + "outcomes: {dispute_id: no, ruling: ruling, amount: back}\n"
    )
    query = (
        "SELECT no, at, 'order' AS what, paid, NULL AS ruling, NULL AS back FROM orders "
        "UNION ALL SELECT no, at, what, NULL, ruling, back FROM claims"
    )
    result = reso("replay", database, "--query", query, "--mapping", mapping, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["outcomes"]
    assert (told["read"], told["used"], told["rejects"]) == (4, 2, {"missing": 2})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param(
            "DELETE FROM claims",
            "the query of the mapping's `outcomes`: is no SELECT. "
            "A history is only read: write a SELECT.",
            id="a query that is none",
        ),
        pytest.param(
            "SELECT no, ruling FROM claims",
            "{m}:19: outcomes.amount: {d} has no column `back`. It has no, ruling.",
            id="a column that is not there",
        ),
    ],
)
def test_a_wrong_query_of_outcomes_is_told(
    query: str, message: str, database: str, tmp_path: Path
) -> None:
    text = QUERY.replace("SELECT no, ruling, back FROM claims", query)
    mapping = mapped(tmp_path, EVENTS + text)
    result = reso("replay", database, "--query", ASKED, "--mapping", mapping)
    assert result.exit_code == 2
    told = message.replace("{m}", str(mapping)).replace("{d}", database)
    assert result.stderr.splitlines()[-1] == told


# -- files ----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of one table of events and a file of outcomes in the plain form."""
    made = tmp_path / "made"
    made.mkdir()
    lines = [f"{no},{at},order,{paid}" for no, at, paid in ORDERS]
    lines += [f"{no},{at},{what}," for no, at, what, *_ in CLAIMS]
    (made / "log.csv").write_text("\n".join(["no,at,what,paid", *lines, ""]), encoding="utf-8")
    (made / "outcomes.csv").write_text(
        "dispute_id,ruling,amount\nA-1,refund_full,12500000\nA-2,deny,\n", encoding="utf-8"
    )
    return made


@pytest.mark.parametrize("name", ["", "log.csv"], ids=["the folder", "the file"])
def test_a_mapping_of_events_alone_reads_the_file_of_outcomes_beside_them(
    name: str, folder: Path, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, EVENTS)
    result = reso("replay", folder / name, "--mapping", mapping, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["outcomes"]
    assert (told["read"], told["used"]) == (2, 2)


def test_a_file_of_other_outcomes_is_refused_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    (folder / "outcomes.csv").write_text("no,ended\nA-1,refund\n", encoding="utf-8")
    result = reso("replay", folder, "--mapping", mapped(tmp_path, EVENTS))
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"{folder}/outcomes.csv: has no column `dispute_id`, `ruling`. Outcomes have dispute_id,"
    )
    assert result.stderr.endswith("Of other columns write `outcomes` in a --mapping.\n")


def test_outcomes_of_a_mapping_are_those_of_the_file_it_names(folder: Path, tmp_path: Path) -> None:
    text = "outcomes: {from: outcomes.csv, dispute_id: dispute_id, ruling: ruling}\n"
    at = outcomes_of(Source(str(folder), mapping=mapped(tmp_path, EVENTS + text)), CORE)
    assert at is not None
    assert at.where == str(folder / "outcomes.csv")
    assert content_of(at) == content_of(Source(str(folder / "outcomes.csv")))


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        pytest.param(
            "{from: log.csv, dispute_id: no, ruling: what}",
            "{d}/outcomes.csv: records outcomes, and so does `outcomes` of the mapping. "
            "Take the file away, or `outcomes` out of the mapping.",
            id="two places",
        ),
        pytest.param(
            "{query: SELECT 1, dispute_id: no, ruling: what}",
            "{m}: outcomes.query: is for a database. Take it out.",
            id="a query for a file",
        ),
    ],
)
def test_outcomes_that_cannot_be_those_meant_are_refused(
    outcomes: str, message: str, folder: Path, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, EVENTS + f"outcomes: {outcomes}\n")
    with pytest.raises(ResoError) as raised:
        outcomes_of(Source(str(folder), mapping=mapping), CORE)
    assert str(raised.value) == message.replace("{d}", str(folder)).replace("{m}", str(mapping))
