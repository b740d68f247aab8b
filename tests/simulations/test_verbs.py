"""`reso replay` and `reso inspect` as they are typed."""

import csv
import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulations import verbs
from simulations.figures import Summary
from simulations.life import Stretch
from simulations.running import PolicyChoice, run
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, fixture, shop

REPLAY = ("replay", str(FIXTURE), "--policy", str(shop()))
INSPECT = ("--history", str(FIXTURE), "--policy", str(shop()))


def reso(*args: str) -> Result:
    return CliRunner().invoke(whole_app(), list(args))


def test_the_figures_are_printed_and_nothing_else() -> None:
    result = reso(*REPLAY)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    for title in (
        "What this history knows",
        "How disputes ended",
        "What ended them",
        "What a human has to answer",
        "Time from complaint to end",
        "Money",
        "By claim type",
    ):
        assert f"== {title} ==" in result.stdout
    until = fixture().last_recorded_at
    summary = Summary.of(run(fixture(), PolicyChoice(shop(), {}), Stretch(until), 1))
    rate = summary.whole.without_human
    assert f"{rate.count} of 50 disputes ended without a human: {rate.share:.1%}." in result.stdout


def test_as_json_it_says_the_same() -> None:
    told = json.loads(reso(*REPLAY, "--json", "--to-the-end").stdout)
    summary = Summary.of(run(fixture(), PolicyChoice(shop(), {}), Stretch(), 1))
    assert told["replay"]["until"] is None
    assert told["disputes"] == {"with_claim": 50, "without_claim": 0}
    for ended, rate in summary.whole.ended.items():
        assert told["ended"][ended]["count"] == rate.count
    low, high = told["ended_without_human"]["interval_95"]
    assert low < told["ended_without_human"]["share"] < high
    assert sum(told["escalated_by"].values()) == told["ended"]["escalated"]["count"]
    refunded = sum(int(one["amount"]) for one in told["money"] if one["payee"] == "buyer")
    assert told["refunds"][0]["amount"] == str(refunded)


def test_at_an_earlier_instant_less_has_ended() -> None:
    early = json.loads(reso(*REPLAY, "--json", "--at", "2026-02-01T00:00+07:00").stdout)
    late = json.loads(reso(*REPLAY, "--json").stdout)
    assert early["disputes"]["without_claim"] > 0
    assert early["ended"]["imposed"]["count"] < late["ended"]["imposed"]["count"]


def test_another_value_of_a_parameter_is_told_with_the_result() -> None:
    result = reso(*REPLAY, "--set", "wait=300 calendar days", "--json")
    told = json.loads(result.stdout)
    assert told["replay"]["settings"] == {"wait": "300 calendar days"}
    assert told["ended"]["open"]["count"] > 0
    assert (
        "with wait = 300 calendar days" in reso(*REPLAY, "--set", "wait=300 calendar days").stdout
    )


MOST_LINES = 60


def test_it_fits_on_a_screen_and_full_prints_the_rest() -> None:
    short = reso(*REPLAY).stdout.splitlines()
    assert len(short) <= MOST_LINES
    assert short[-1] == "--full prints all of it, --json and --out DIR give it to other programs."
    full = reso(*REPLAY, "--full").stdout
    for title in ("Over time", "Time to the end, by how it ended", "Like cases", "By month"):
        assert f"== {title} ==" in full
        assert f"== {title} ==" not in short
    assert full.count("\n") > len(short)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, ...]:
    """Return the options that have the fast engine prepare into a folder of the test."""
    return ("--engine", "fast", "--cache", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def asked_before(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Return the options by which tests that look at figures alone prepare the history once."""
    return ("--engine", "fast", "--cache", str(tmp_path_factory.mktemp("prepared")))


def figures(*args: str) -> dict[str, object]:
    told = json.loads(reso(*REPLAY, "--json", *args).stdout)
    assert isinstance(told, dict)
    return {**told, "replay": {**told["replay"], "led": None}}


def test_both_engines_print_the_same_figures(asked_before: tuple[str, ...]) -> None:
    fast, reference = (
        reso(*REPLAY, "--full", *one) for one in (asked_before, ("--engine", "reference"))
    )
    assert fast.exit_code == 0, fast.output
    assert fast.stdout == reference.stdout


@pytest.mark.parametrize(
    "args",
    [
        pytest.param((), id="to the last event"),
        pytest.param(("--to-the-end",), id="to the end", marks=pytest.mark.slow),
        pytest.param(("--at", "2026-02-01T00:00+07:00"), id="to an instant"),
        pytest.param(("--set", "wait=300 calendar days"), id="with another value"),
    ],
)
def test_both_engines_give_other_programs_the_same(
    args: tuple[str, ...], asked_before: tuple[str, ...]
) -> None:
    assert figures(*args, *asked_before) == figures(*args, "--engine", "reference")


def test_what_was_prepared_is_taken_again(asked: tuple[str, ...], tmp_path: Path) -> None:
    first = figures(*asked)
    (kept,) = prepared_in(tmp_path / "cache")
    made = (kept / "manifest.json").stat().st_mtime_ns
    assert figures(*asked, "--to-the-end")["disputes"] == first["disputes"]
    assert prepared_in(tmp_path / "cache") == [kept]
    assert (kept / "manifest.json").stat().st_mtime_ns == made


def prepared_in(cache: Path) -> list[Path]:
    return [one for one in cache.iterdir() if not one.name.startswith("run-")]


@pytest.mark.slow
def test_results_that_were_kept_are_written_byte_for_byte_the_same(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    ways = {"led": asked, "kept": asked, "uncached": ("--engine", "fast", "--no-cache")}
    for name, way in ways.items():
        assert reso(*REPLAY, "--out", str(tmp_path / name), *way).exit_code == 0
    for file in ("disputes.csv", "disputes.parquet", "rules.csv", "rules.parquet", "summary.json"):
        assert len({(tmp_path / name / file).read_bytes() for name in ways}) == 1, file


def test_without_a_cache_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert reso(*REPLAY, "--engine", "fast", "--no-cache").exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "line"),
    [
        pytest.param((), "led by the reference replay: for so few disputes it is faster", id="few"),
        pytest.param(
            ("--engine", "fast", "--from-the-order"),
            "led by the reference replay: the policy may act before anybody complained",
            id="from the order",
        ),
    ],
)
def test_it_says_why_the_reference_replay_led(args: tuple[str, ...], line: str) -> None:
    assert line in reso(*REPLAY, *args).stdout.splitlines()


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        pytest.param(
            ["--set", "wait"], 2,
            '--set: `wait` is no name and value. Write --set name="14 calendar days".\n',
            id="no value",
        ),
        pytest.param(
            ["--set", "wait=1 week", "--set", "wait=2 weeks"], 2,
            "--set: `wait` is set twice. Set it once.\n", id="twice",
        ),
        pytest.param(
            ["--set", "wat=1 week"], 3,
            "wat=1 week: there is no parameter `wat`. Did you mean `wait`?\n",
            id="no such parameter",
        ),
        pytest.param(
            ["--set", "wait=1 weak"], 3,
            "wait=1 weak:1:8: did not expect `weak` here. [unexpected-word]\n"
            "    wait=1 weak\n           ^^^^\n"
            "{pack}: 1 problem; mend it before the policy is used.\n",
            id="no such value",
        ),
        pytest.param(
            ["--at", "2026-02-01"], 2,
            "--at: `2026-02-01` has no UTC offset. Write the instant like "
            "2026-04-16T10:00+07:00.\n", id="an instant without offset",
        ),
        pytest.param(
            ["--at", "2026-02-01T00:00+07:00", "--to-the-end"], 2,
            "--at: stands beside --to-the-end. Give one of them.\n", id="two ends",
        ),
        pytest.param(
            ["--out", "."], 2, ".: is already there. Name a new folder, or remove it.\n",
            id="a folder that is there",
        ),
        pytest.param(
            ["--cache", "README.md"], 2, "--cache README.md: is no folder. Name a folder.\n",
            id="a cache that is a file",
        ),
        pytest.param(
            ["--cache", "x", "--no-cache"], 2,
            "--cache: stands beside --no-cache. Give one of them.\n", id="a cache and none",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told(args: list[str], code: int, message: str) -> None:
    result = reso(*REPLAY, *args)
    assert result.stderr == message.replace("{pack}", str(shop()))
    assert (result.exit_code, result.stdout) == (code, "")


def test_out_writes_tables_of_disputes_and_rules_and_the_figures(tmp_path: Path) -> None:
    assert reso(*REPLAY, "--out", str(tmp_path / "a" / "out")).exit_code == 0
    assert sorted(file.name for file in (tmp_path / "a" / "out").iterdir()) == [
        "disputes.csv",
        "disputes.parquet",
        "rules.csv",
        "rules.parquet",
        "summary.json",
    ]
    written = json.loads((tmp_path / "a" / "out" / "summary.json").read_text(encoding="utf-8"))
    assert written == json.loads(reso(*REPLAY, "--json").stdout)


def test_ctrl_c_ends_it_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs, "replay_history", stopped)
    result = reso(*REPLAY, "--out", str(tmp_path / "new" / "out"))
    assert (result.exit_code, result.stdout) == (130, "")
    assert list(tmp_path.iterdir()) == []


def name_of(kind: str) -> str:
    for name, events in fixture().disputes.items():
        if any(one.kind == "claim" and dict(one.payload)["type"] == kind for one in events):  # type: ignore[arg-type]
            return name
    raise LookupError(kind)


def test_inspect_tells_a_life_in_both_languages() -> None:
    name = name_of("not_received")
    result = reso("inspect", name, *INSPECT)
    assert result.exit_code == 0, result.output
    indonesian, english = result.stdout.split("== Dispute ")
    assert indonesian.startswith(f"== Sengketa {name} ==")
    for words in ("masuk: claim", "kepada pembeli:", "kepada penjual:", "kami: settled"):
        assert words in indonesian
    for words in ("became known: claim", "to the buyer:", "to the seller:", "we: settled"):
        assert words in english


def test_inspect_shows_each_decision_point_and_what_was_known() -> None:
    told = reso("inspect", name_of("damaged"), *INSPECT, "--lang", "en").stdout
    assert "Sengketa" not in told
    assert "ruling: " in told
    assert "items_subtotal IDR" in told


def test_inspect_of_a_dispute_that_is_not_there_names_the_nearest() -> None:
    result = reso("inspect", "D-01", *INSPECT)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{FIXTURE}: there is no dispute `D-01` in it. Did you mean `D")


def dirty(folder: Path, ending: str) -> Path:
    """Return the history with rows that cannot be used, in a file with this ending."""
    rows = [json.loads(line) for line in (FIXTURE / "history.jsonl").read_text().splitlines()]
    told = [{**row, "payload": json.dumps(row["payload"])} for row in rows]
    told[3]["recorded_at"] = "yesterday"
    told[7]["kind"] = "gossip"
    told[11]["payload"] = json.dumps({"total_paid": "much"})
    told[11]["kind"] = "order"
    file = folder / f"history{ending}"
    with file.open("w", encoding="utf-8", newline="") as opened:
        if ending == ".csv":
            writer = csv.DictWriter(opened, list(told[0]))
            writer.writeheader()
            writer.writerows(told)
        else:
            opened.writelines(f"{json.dumps(row)}\n" for row in told)
    return file


@pytest.mark.parametrize("ending", [pytest.param(".csv", marks=pytest.mark.slow), ".jsonl"])
def test_both_engines_put_the_same_rows_aside(
    ending: str, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    (tmp_path / "history").mkdir()
    file = dirty(tmp_path / "history", ending)
    told, aside = [], []
    for n, options in enumerate((asked, ("--engine", "reference"))):
        rejects = tmp_path / f"rejects-{n}.jsonl"
        ran = reso(
            "replay", str(file), "-p", str(shop()), "--json", "--rejects", str(rejects), *options
        )
        assert ran.exit_code == 0, ran.output
        told.append(json.loads(ran.stdout)["history"])
        aside.append(rejects.read_text(encoding="utf-8").splitlines())
    assert told[0] == told[1]
    assert aside[0] == aside[1]
    assert len(aside[0]) == sum(told[0]["rejects"].values()) == 3


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["replay", "sweep"])
def test_the_examples_of_help_run(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fixtures").symlink_to(FIXTURE.parent)
    (tmp_path / "rules").symlink_to(FIXTURE.parents[1] / "rules")
    monkeypatch.chdir(tmp_path)
    told = reso(verb, "--help").stdout.replace("\\\n", " ").splitlines()
    examples = [line for line in told if line.strip().startswith(f"reso {verb} fixtures/history")]
    assert len(examples) > 1
    for example in examples:
        result = reso(*shlex.split(example)[1:])
        assert (result.exit_code, example) == (0, example), result.output
