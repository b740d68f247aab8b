"""A file of truths beside a replay or a sweep: read the same way, and told where it is wrong."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from simulations.reading import lay_over
from tests.simulations.shop import FIXTURE, fixture, shop
from tests.simulations.test_verbs import REPLAY, reso

NAMES = sorted(fixture().disputes)
TRUTHS = [f"{name},{'refund' if n % 2 else 'no_refund'}" for n, name in enumerate(NAMES)]


def csv_of(folder: Path, *rows: str, heading: str = "dispute_id,truth") -> Path:
    file = folder / "truth.csv"
    file.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return file


def told(*args: str) -> dict[str, object]:
    ran = reso(*args, "--json")
    assert ran.exit_code == 0, ran.output
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def test_a_replay_and_a_sweep_hold_a_policy_against_the_same_truth(tmp_path: Path) -> None:
    file = csv_of(tmp_path, *TRUTHS, "D-999,refund")
    truth = ("--truth", str(file))
    replayed = told(*REPLAY, "--to-the-end", *truth)
    replay_wrong = replayed["measures"]["recorded"]["wrongful"]  # type: ignore[index]
    swept = told("replay", str(FIXTURE), "-p", str(shop()), "--sweep", "wait=3,4", *truth)
    step = swept["steps"][0]["against_truth"]  # type: ignore[index]
    for name in ("known", "refunded_wrongly", "refused_wrongly"):
        assert replay_wrong[name].items() >= step[name].items()
    assert replay_wrong["refunded_wrongly"]["count"] > 0
    read = replayed["truth"]
    assert (read["read"], read["used"], read["not_in_the_history"]) == (51, 50, 1)  # type: ignore[index]
    printed = reso(*REPLAY, *truth).stdout
    told_of = r"truth     of 50 disputes, by truth.csv; of 1 more that are not in this history\n"
    wrong = r"wrongful  refunded [\d.]+% of \d+ where nothing was due, refused .*\n"
    money = r" +IDR [\d,]+ to buyers though not due, an unknown sum kept from them though due \("
    assert re.search(told_of + wrong + money, printed)


def test_a_comparison_is_held_against_it_too(tmp_path: Path) -> None:
    file = csv_of(tmp_path, *TRUTHS)
    found = told(*REPLAY, "--truth", str(file), "--against-set", "wait=1 calendar days")
    tests = {test["outcome"]: test for test in found["comparison"]["tests"]}  # type: ignore[index]
    wrongful = found["measures"]["recorded"]["wrongful"]  # type: ignore[index]
    wrong = tests["wrong"]["both"] + tests["wrong"]["only_a"]
    sides = (wrongful["refunded_wrongly"], wrongful["refused_wrongly"])
    assert wrong == sum(side["count"] for side in sides) > 0


@pytest.mark.slow
def test_a_made_history_is_held_against_its_hidden_truth(tmp_path: Path) -> None:
    made, out = tmp_path / "made", tmp_path / "out"
    assert reso("generate", str(made), "--disputes", "300", "--seed", "7").exit_code == 0
    hidden = made / "hidden" / "truth.parquet"
    args = ("replay", str(made), "-p", "rules/marketplace", "--truth", str(hidden))
    found = told(*args, "--out", str(out))["measures"]["recorded"]["wrongful"]  # type: ignore[index]
    counted = duckdb.sql(
        f"""
        SELECT count(*) FILTER (truth = 'no_refund' AND refunded > 0),
            count(*) FILTER (truth = 'refund' AND refunded = 0 AND (amount = 0 AND
                decision LIKE '%refund%' OR decision IN ('release_to_seller', 'deny'))),
            count(*) FILTER (truth = 'no_refund' AND refunded > 0 AND ended = 'escalated')
        FROM '{out}/disputes.parquet' JOIN '{hidden}' USING (dispute_id)
        """
    ).fetchone()
    assert counted is not None
    assert counted[:2] == (found["refunded_wrongly"]["count"], found["refused_wrongly"]["count"])
    assert min(counted) > 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            ["D-001,refunds"], "`refunds` is no truth. Did you mean `refund`?", id="a word"
        ),
        pytest.param([",refund"], "dispute_id is missing. Write the dispute's id.", id="no id"),
        pytest.param(
            ["D-001,refund", "D-001,no_refund"],
            "of `D-001` it tells two truths. Leave one of them.",
            id="two truths",
        ),
        pytest.param(
            ["D-001,refund,2"],
            "has 3 cells, where the heading has 2. Quote a cell that holds `,`. It has columns "
            "`dispute_id` and `truth`, and perhaps `due`.",
            id="a cell too many",
        ),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_row(
    rows: list[str], message: str, tmp_path: Path
) -> None:
    file = csv_of(tmp_path, *rows)
    ran = reso(*REPLAY, "--truth", str(file))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"{file}:1: {message}\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "truth.txt", "is no table. Name a file .parquet, .csv, .jsonl, .ndjson.", id="text"
        ),
        pytest.param("away.csv", "no such file. Check the path.", id="not there"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_truths_is_refused_before_anything_runs(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulations.verbs.open_history", None)
    file = tmp_path / name
    if name.endswith(".txt"):
        file.touch()
    ran = reso(*REPLAY, "--truth", str(file))
    assert (ran.exit_code, ran.stderr) == (2, f"{file}: {message}\n")


def test_a_row_that_tells_nothing_stands_beside_one_that_does(tmp_path: Path) -> None:
    rows = ["D-001,refund,100", "D-001,,", "D-002,no_refund,", "D-002,no_refund,0"]
    file = csv_of(tmp_path, *rows, heading="dispute_id,truth,due")
    read = told(*REPLAY, "--truth", str(file))["truth"]
    assert read["used"] == 2  # type: ignore[index]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "D-001,refund", heading="dispute_id,truths")
    ran = reso(*REPLAY, "--truth", str(file))
    assert ran.stderr == f"{file}: has no column `truth`. Did you mean `truths`?\n"


@pytest.mark.parametrize("due", ["0", "12.5", "-3", "much"])
def test_what_was_due_is_whole_minor_units(due: str, tmp_path: Path) -> None:
    file = csv_of(tmp_path, f"D-001,refund,{due}", heading="dispute_id,truth,due")
    ran = reso(*REPLAY, "--truth", str(file))
    assert (ran.exit_code, ran.stderr) == (
        2, f"{file}:1: `{due}` is not what was due. Write whole minor units above 0.\n",
    )  # fmt: skip


def test_it_stands_above_the_outcomes_where_it_tells_anything(tmp_path: Path) -> None:
    heading = "dispute_id,truth,due"
    file = csv_of(tmp_path, "A,refund,70", "B,,", "C,no_refund,5", "X,refund,9", heading=heading)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE recorded (dispute_id VARCHAR, ruling VARCHAR, truth VARCHAR)"
        )
        connection.execute(
            "INSERT INTO recorded VALUES ('A', 'deny', 'no_refund'), ('B', 'deny', 'refund')"
        )
        connection.execute("CREATE TABLE results AS SELECT unnest(['A', 'B', 'C']) AS dispute_id")
        found = lay_over(connection, file, tmp_path, "results")
        rows = connection.execute("SELECT * FROM recorded ORDER BY dispute_id").fetchall()
    assert rows == [
        ("A", "deny", "refund", 70), ("B", "deny", "refund", None), ("C", None, "no_refund", None),
    ]  # fmt: skip
    assert (found.read, found.used, found.elsewhere) == (4, 2, 1)
