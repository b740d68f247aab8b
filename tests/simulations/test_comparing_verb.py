"""`reso replay --against` and `--brief` as they are typed."""

import csv
import hashlib
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from simulations.comparing.brief import LINES, WIDTH
from simulations.comparing.telling import WORDS
from simulations.measures.tables import ResultsTable
from simulations.replaying.opened import Priced, open_prepared, open_read
from simulations.sources import Source
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, ROOT, fixture, pack, shop

REPLAY = ("replay", str(FIXTURE), "--policy", str(shop()))
SHORTER = ("--against-set", "wait=1 hour", "--against-set", "answer_time=1 hour")
MARKETPLACE = ROOT / "rules" / "marketplace"


def reso(*args: str) -> Result:
    return CliRunner().invoke(whole_app(), list(args))


@pytest.mark.slow
def test_a_changed_parameter_of_the_house_policy_is_held_against_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    page = tmp_path / "page.html"
    ran = reso(
        "replay", str(FIXTURE), "-p", str(MARKETPLACE), "--against-set",
        "seller_time=1 hour", "--json", "--out", str(out), "--brief", str(page), "--lang", "id",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)["comparison"]
    assert told == json.loads((out / "summary.json").read_text(encoding="utf-8"))["comparison"]
    assert [(one["name"], one["parts"][0]["b"]) for one in told["parts"]] == [
        ("seller_time", "1 hour")
    ]
    assert 0 < told["parts"][0]["changed_disputes"] <= told["changed"]
    with (out / "changed.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == told["changed"]
    assert all(row["told_a"] and row["told_b"] for row in rows)
    written = duckdb.sql(f"SELECT sum(buyer) FROM read_parquet('{out}/changed.parquet')").fetchone()
    buyers = next(one for one in told["money"] if one["party"] == "buyer")
    assert written is not None
    assert written[0] == int(buyers["difference"]) != 0
    text = page.read_text(encoding="utf-8")
    assert '<html lang="id">' in text
    assert "http" not in text
    assert "Dengan usulan, dibandingkan dengan kebijakan pembanding, " in text


def test_what_is_printed_begins_with_the_verdict() -> None:
    lines = reso(*REPLAY, *SHORTER).stdout.splitlines()
    assert lines[0] == "== Comparison =="
    assert re.fullmatch(
        r"With replayed 1 instead of replayed 1 \(wait = 1 hour, answer time = 1 hour\), "
        r"\d+ of 50 disputes \([\d.]+%\) come out otherwise: .+, and buyers get IDR [\d,]+ less\.",
        lines[1],
    )


def test_rows_put_aside_are_told_beside_a_comparison(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    shutil.copy(FIXTURE / "history.jsonl", file)
    with file.open("a", encoding="utf-8") as history:
        history.write("no row\n")
    ran = reso("replay", str(file), "-p", str(shop()), *SHORTER)
    assert ran.exit_code == 0, ran.output
    assert "Rows put aside" in ran.stdout


def test_held_against_itself_nothing_changes() -> None:
    told = json.loads(reso(*REPLAY, "--against", str(shop()), "--json").stdout)["comparison"]
    assert told["changed"] == 0
    assert (told["parts"], told["cases"]) == ([], [])
    assert [test["p"] for test in told["tests"]] == [1, 1, 1]
    assert "Nothing changes: under replayed 1 [" in told["verdict"]["en"]


def recorded(folder: Path) -> Path:
    """Return a copy of the history, with an outcome recorded for half of its disputes."""
    file = folder / "history.jsonl"
    shutil.copy(FIXTURE / "history.jsonl", file)
    rulings = ("refund_full", "deny")
    with (folder / "outcomes.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("dispute_id", "ruling", "amount", "decided_by", "accepted_by", "truth"))
        for number, dispute in enumerate(list(fixture().disputes)[:25]):
            ruling = rulings[number % 2]
            amount = 50_000 if ruling == "refund_full" else ""
            writer.writerow((dispute, ruling, amount, "human", "buyer", "refund"))
    return file


def test_held_against_what_was_recorded(tmp_path: Path) -> None:
    file = recorded(tmp_path)
    ran = reso("replay", str(file), "-p", str(shop()), "--against", "recorded", "--json")
    told = json.loads(ran.stdout)["comparison"]
    assert told["disputes"] == 25
    assert told["left_out"]["without_recorded_outcome"] == 25
    buyers = next(one for one in told["money"] if one["party"] == "buyer")
    assert (buyers["b"], len(told["money"])) == (str(13 * 50_000), 1)
    wrong = next(test for test in told["tests"] if test["outcome"] == "wrong")
    assert wrong["both"] + wrong["only_b"] == 12  # denied, though a refund was due
    said = [one["told"]["en"]["b"] for one in told["cases"]]
    assert {"headline": "Recorded: full refund, IDR 50,000.", "why": [
        "A person decided.", "Only the buyer said yes."]} in said  # fmt: skip


def filed(dispute: str) -> datetime | None:
    """Return when a complaint became known."""
    events = fixture().disputes[dispute]
    return min((event.recorded_at for event in events if event.kind == "claim"), default=None)


def test_however_a_history_is_opened_it_tells_the_same_arrivals_and_currencies(
    tmp_path: Path,
) -> None:
    read = open_read(Source(str(FIXTURE)), pack().table)
    prepared = open_prepared(Source(str(FIXTURE)), pack().table, cache=tmp_path)
    told = []
    for opened in (read, prepared):
        table = ResultsTable.empty()
        opened.fill_arrivals(table, "arrivals")
        rows = table.rows("SELECT dispute_id, arrived_at FROM arrivals ORDER BY 1")
        # what was known before the complaint may be told as of the complaint
        told.append([(name, max(at, filed(name))) for name, at in rows if filed(name)])
        table.close()
    assert told[0] == told[1]
    assert 0 < len(told[0]) < len(fixture().disputes)
    days = (fixture().last_recorded_at, None, datetime(2026, 1, 20, tzinfo=UTC))
    for until in days:
        assert read.currencies(until) == prepared.currencies(until)
    assert read.currencies(None) == {"IDR": Priced(50, "D-001")}
    assert read.currencies(datetime(2020, 1, 1, tzinfo=UTC)) == {}


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_printed_page_is_one_page_without_internal_names(language: str) -> None:
    ran = reso(*REPLAY, *SHORTER, "--brief", "-", "--lang", language)
    lines = ran.stdout.splitlines()
    assert lines[0] == WORDS.say("brief", "title", language).upper()  # type: ignore[arg-type]
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    stories = "\n".join(lines[lines.index("") : -4])
    assert not re.search(r"\w_\w|\{|\}", stories)
    content = hashlib.sha256((FIXTURE / "history.jsonl").read_bytes()).hexdigest()
    assert ran.stdout.count(content[:12]) == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["--brief", "-"],
            "--brief: there is nothing to compare with. Add --against PACK, or "
            "--against-set NAME=VALUE.\n",
            id="a page of nothing",
        ),
        pytest.param(
            ["--against", "recorded"],
            "{history}: no outcomes are recorded beside it. Put outcomes.parquet, .csv or .jsonl "
            "there: docs/comparing.md names its columns.\n",
            id="nothing recorded",
        ),
        pytest.param(
            ["--against", "recorded", "--against-set", "wait=1 hour"],
            "--against-set: what really happened has no parameters. Leave it out, or name a "
            "pack.\n",
            id="a parameter of what happened",
        ),
    ],
)
def test_what_cannot_be_compared_is_told(args: list[str], message: str) -> None:
    ran = reso(*REPLAY, *args)
    assert (ran.exit_code, ran.stderr) == (2, message.replace("{history}", str(FIXTURE)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("dispute_id,amount\nD-1,5\n", "has no column `ruling`", id="no ruling"),
        pytest.param("ruling\ndeny\n", "has no column `dispute_id`", id="no dispute"),
    ],
)
def test_outcomes_that_cannot_be_read_are_told(tmp_path: Path, text: str, message: str) -> None:
    shutil.copy(FIXTURE / "history.jsonl", tmp_path)
    (tmp_path / "outcomes.csv").write_text(text, encoding="utf-8")
    history = str(tmp_path / "history.jsonl")
    ran = reso("replay", history, "-p", str(shop()), "--against", "recorded")
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert str(tmp_path / "outcomes.csv") in ran.stderr


def test_outcomes_that_cannot_be_used_are_put_aside_and_counted(tmp_path: Path) -> None:
    file = recorded(tmp_path)
    outcomes = tmp_path / "outcomes.csv"
    with outcomes.open("a", encoding="utf-8") as opened:
        opened.write("X-1,deny,,human,buyer,\n")
    rejects = tmp_path.parent / f"{tmp_path.name}-aside.jsonl"
    replayed = ("replay", str(file), "-p", str(shop()))
    told = json.loads(reso(*replayed, "--json", "--rejects", str(rejects)).stdout)
    assert told["outcomes"] == {
        "read": 26, "used": 25, "twice": 0, "replaced": 0, "rejects": {"unknown_dispute": 1}
    }  # fmt: skip
    (aside,) = map(json.loads, rejects.read_text(encoding="utf-8").splitlines())
    assert (aside["file"], aside["dispute_id"]) == (str(outcomes), "X-1")
    assert "== Against what is recorded ==" in reso(*replayed).stdout
    strict = reso(*replayed, "--strict")
    assert (strict.exit_code, strict.stdout) == (2, "")
    assert "`X-1` is no dispute of the history" in strict.stderr


@pytest.mark.slow
def test_both_engines_compare_alike(tmp_path: Path) -> None:
    fast, reference = (
        json.loads(reso(*REPLAY, *SHORTER, "--json", *one).stdout)["comparison"]
        for one in (
            ("--engine", "fast", "--cache", str(tmp_path / "cache")),
            ("--engine", "reference"),
        )
    )
    assert fast == reference
    assert fast["changed"] > 0


def test_every_sentence_has_both_languages() -> None:
    for table, entries in WORDS.tables().items():
        for key, texts in entries.items():
            assert set(texts) == {"id", "en"}, (table, key)
            fields = [set(re.findall(r"\{(\w+)\}", texts[one])) for one in ("id", "en")]
            assert fields[0] == fields[1], (table, key)
