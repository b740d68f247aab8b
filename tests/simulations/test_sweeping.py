"""Sweeps: what is typed, what each value comes to, the frontier, what is printed and written."""

import csv
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html import escape
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from tempfile import mkdtemp
from xml.etree import ElementTree

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from reso.errors import InputError
from reso.model.money import Language
from simulations.figures import Summary
from simulations.life import Stretch
from simulations.measures.rates import Rate
from simulations.prepared.preparing import Prepared, prepare_history
from simulations.replaying.opened import content_of
from simulations.running import PolicyChoice, run
from simulations.sources import Source
from simulations.sweeping import running
from simulations.sweeping.axes import Point, Value, points, read_axes, settings_of
from simulations.sweeping.drawing import MARGIN, PAGE_HEIGHT, Span, drawn, svg
from simulations.sweeping.figures import MEASURES, Paid, Step, TradeOff
from simulations.sweeping.running import Plan, Sweep, sweep
from simulations.sweeping.speaking import Voice
from tests.commands import whole_app
from tests.shipped import policy_of
from tests.simulations.shop import FIXTURE, ROOT, fixture, pack, shop

OLIST = ROOT.parent / "shared" / "olist"
LOST = ROOT / "rules" / "lost_parcel_only"
SWEEP = ("sweep", str(FIXTURE), "-p", str(shop()))


def reso(*args: str) -> Result:
    return CliRunner().invoke(whole_app(), list(args))


def settings(name: str, *given: str) -> list[dict[str, str]]:
    axes = read_axes(given, policy_of(name))
    return [dict(settings_of(axes, point)) for point in points(axes)]


# -- what is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "values"),
    [
        pytest.param(
            "confirm_time=0..3d:1",
            ["0 calendar days", "1 calendar days", "2 calendar days", "3 calendar days"],
            id="days as the parameter counts them",
        ),
        pytest.param(
            "courier_time=2..6:2", ["2 business days", "4 business days", "6 business days"],
            id="no unit: that of the parameter",
        ),
        pytest.param(
            "seller_time=1..2d:1", ["24 hours", "48 hours"], id="days of a parameter in hours"
        ),
        pytest.param("seller_time=12h,1bd", ["12 hours", "1 business days"], id="own units"),
        pytest.param(
            "ship_time=1,2", ["1 business days end of day", "2 business days end of day"],
            id="end of day as the parameter has it",
        ),
        pytest.param(
            "ship_time=1..2 calendar days:1", ["1 calendar days", "2 calendar days"],
            id="a unit in full",
        ),
        pytest.param(
            "remorse_window=1w,2w", ["1 weeks", "2 weeks"], id="weeks"
        ),
        pytest.param("label_share=10..30:10", ["10%", "20%", "30%"], id="percent"),
        pytest.param("label_share=2.5%,50%", ["2.5%", "50%"], id="a fraction of a percent"),
        pytest.param("most_appeals=0..2", ["0", "1", "2"], id="whole numbers, step one"),
        pytest.param("full_percent=90..96:4", ["90", "94"], id="the end is not always reached"),
        pytest.param("small_claim=5..10 SGD:5", ["5 SGD", "10 SGD"], id="money"),
    ],
)  # fmt: skip
def test_values_are_what_set_takes(given: str, values: list[str]) -> None:
    name = given.partition("=")[0]
    assert settings("marketplace", given) == [{name: value} for value in values]


def test_of_two_parameters_every_pair_is_tried() -> None:
    found = settings("marketplace", "most_appeals=0,1", "fresh_days=3,5")
    pairs = [(one["most_appeals"], one["fresh_days"]) for one in found]
    assert pairs == [("0", "3"), ("0", "5"), ("1", "3"), ("1", "5")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            ["wat=1..3d:1"],
            "--sweep: replayed has no parameter `wat`. Did you mean `wait`?", id="unknown name",
        ),
        pytest.param(
            ["wait"],
            "--sweep: `wait` is no parameter with its values. "
            "Write --sweep 'days_after_estimate=0..60d:10'.", id="no values",
        ),
        pytest.param(
            ["wait=5%"],
            "--sweep: `5 %` is not a length of time, as `wait` is. "
            "Write wait=0..60d:10, 0,7,14d or 12h,24h.", id="a percentage for a length of time",
        ),
        pytest.param(
            ["wait=1..soon"],
            "--sweep: `soon` is not a length of time, as `wait` is. "
            "Write wait=0..60d:10, 0,7,14d or 12h,24h.", id="a word",
        ),
        pytest.param(
            ["wait=1.5d,2d"],
            "--sweep: `1.5 calendar days` is not a length of time, as `wait` is. "
            "Write wait=0..60d:10, 0,7,14d or 12h,24h.", id="half a day",
        ),
        pytest.param(
            ["wait=9..1d:1"],
            "--sweep: `9..1d:1` does not go up. Write FIRST..LAST:STEP, as in 0..60d:10.",
            id="downwards",
        ),
        pytest.param(
            ["wait=1..9d:0"],
            "--sweep: `1..9d:0` does not go up. Write FIRST..LAST:STEP, as in 0..60d:10.",
            id="no step",
        ),
        pytest.param(
            ["wait=1h..9d:1"],
            "--sweep: `1h..9d:1` counts in d and in h. Count in one of them.", id="two units",
        ),
        pytest.param(
            ["wait=1..90000h:1"],
            "--sweep: `wait=1..90000h:1` are too many values, each a replay of the history. "
            "Take at most 500: a longer step.", id="too many",
        ),
        pytest.param(
            ["wait=1d,1"], "--sweep: `wait=1d,1` has a value twice. Give each value once.",
            id="a value twice",
        ),
        pytest.param(
            ["wait=1,2", "wait=3,4"],
            "--sweep: `wait` stands twice. Give all its values at once, or another parameter.",
            id="a parameter twice",
        ),
        pytest.param(
            ["wait=1,2", "answer_time=1,2", "wait=4"],
            "--sweep: a sweep has one parameter or two. "
            "Write --sweep 'days_after_estimate=0..60d:10'.", id="three parameters",
        ),
    ],
)  # fmt: skip
def test_what_is_no_sweep_is_told_with_the_form_its_type_takes(
    given: list[str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_axes(given, pack().policy)
    assert str(caught.value) == message


def test_money_of_a_policy_with_several_currencies_needs_its_currency() -> None:
    with pytest.raises(InputError, match="in which currency"):
        settings("marketplace", "small_claim=5,10")


# -- the frontier ---------------------------------------------------------------------------------


def step(name: str, wrong: int, own: int, of: int = 100) -> Step:
    point = Point((Value(name, name, 0.0),))
    return Step(
        point, Rate(wrong, of), (Paid("IDR", 9, 1),), Rate(own, of), Rate(0, of), 1.0, None, 0
    )


counts = st.tuples(st.integers(0, 6), st.integers(0, 6))
TRADE_OFF = TradeOff.read("came_later,automatic", has_truth=False)


@given(st.lists(counts, min_size=1, max_size=9))
def test_of_the_frontier_is_what_no_other_step_beats(pairs: list[tuple[int, int]]) -> None:
    steps = [step(str(n), wrong, own) for n, (wrong, own) in enumerate(pairs)]
    best = TRADE_OFF.frontier(steps)
    assert best
    for one, (wrong, own) in zip(steps, pairs, strict=True):
        others = [pair for pair in pairs if pair != (wrong, own)]
        beaten = any(w <= wrong and o >= own for w, o in others)
        assert (one.point in best) is not beaten


@given(st.lists(counts, min_size=1, max_size=9), st.randoms())
def test_the_order_of_steps_does_not_matter(pairs: list[tuple[int, int]], dice: object) -> None:
    steps = [step(str(n), wrong, own) for n, (wrong, own) in enumerate(pairs)]
    shuffled = list(steps)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert TRADE_OFF.frontier(steps) == TRADE_OFF.frontier(shuffled)


def test_a_step_of_which_a_measure_is_not_known_stands_beside_the_frontier() -> None:
    known, unknown = step("known", 5, 5), replace(step("unknown", 1, 1), hours=None)
    best = TradeOff.read("came_later,hours", has_truth=False).frontier([known, unknown])
    assert best == {known.point}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("came_later", "`came_later` are not two measures", id="one"),
        pytest.param("hours,hours", "`hours,hours` are not two measures", id="the same twice"),
        pytest.param("hours,autmatic", "Did you mean `automatic`", id="no such measure"),
    ],
)
def test_what_is_no_trade_off_is_told(text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        TradeOff.read(text, has_truth=False)


def test_where_truth_is_known_errors_are_held_against_it() -> None:
    assert TradeOff.read(None, has_truth=True).one is MEASURES["wrongful"]
    assert TradeOff.read(None, has_truth=False).one is MEASURES["came_later"]


# -- the drawing ----------------------------------------------------------------------------------


@given(st.lists(counts, min_size=1, max_size=9))
def test_every_place_has_its_mark_and_the_frontier_another_one(
    pairs: list[tuple[int, int]],
) -> None:
    steps = [step(str(n), wrong, own) for n, (wrong, own) in enumerate(pairs)]
    marks = "".join(drawn(steps, TRADE_OFF, Voice("en"))[1:-3])
    best = {
        pairs[n] for n, one in enumerate(steps) if not any(TRADE_OFF.beats(o, one) for o in steps)
    }
    assert marks.count("o") == len(best)
    assert marks.count(".") == len(set(pairs) - best)


def test_the_page_draws_a_dot_for_each_step_with_its_figures() -> None:
    steps = [step("<1>", 5, 5), step("2", 6, 4), step("3", 4, 3)]
    drawing = ElementTree.fromstring(svg(steps, TRADE_OFF, Voice()))
    titles = [one.text for one in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == ("<1>: refunds whose parcel came later 5; ended without a human, % 5")
    assert len(titles) == 3


@given(st.lists(counts, min_size=1, max_size=9))
def test_no_name_on_the_page_covers_what_is_written_along_the_axes(
    pairs: list[tuple[int, int]],
) -> None:
    steps = [step(f"{n}, {n}00", wrong, own) for n, (wrong, own) in enumerate(pairs)]
    texts = [
        (one.get("class"), float(one.get("x") or 0), float(one.get("y") or 0))
        for one in ElementTree.fromstring(svg(steps, TRADE_OFF, Voice())).iter(
            "{http://www.w3.org/2000/svg}text"
        )
    ]
    lowest = min(y for kind, _, y in texts if kind == "tick" and y > PAGE_HEIGHT - MARGIN)
    for kind, x, y in texts:
        if kind == "name":
            assert x > MARGIN
            assert y < lowest - 12


@pytest.mark.parametrize(
    ("found", "ends"),
    [
        pytest.param((14.6097, 41.2851), (10, 50), id="shares"),
        pytest.param((0.031, 0.058), (0.03, 0.06), id="below one"),
        pytest.param((7, 7), (6, 8), id="one value"),
        pytest.param((1_234, 98_765), (0, 100_000), id="money"),
    ],
)
def test_the_ends_of_an_axis_are_round(
    found: tuple[float, float], ends: tuple[float, float]
) -> None:
    span = Span.of(found).rounded()
    assert (span.low, span.high) == pytest.approx(ends)


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_measure_has_a_title_of_its_own(language: Language) -> None:
    titles = [Voice(language).title(one) for one in MEASURES.values()]
    assert len(set(titles)) == len(MEASURES)


# -- what each value comes to ---------------------------------------------------------------------


@cache
def prepared() -> Prepared:
    return prepare_history(fixture(), pack().table, cache=Path(mkdtemp(prefix="prepared-")))


def swept(few: int, *given: str) -> Sweep:
    axes = read_axes(given, pack().policy)
    return sweep(Plan(prepared(), shop(), axes, {}, None, few=few))


def test_each_step_is_the_replay_with_that_value() -> None:
    for one in swept(1000, "wait=1,10,300").steps:
        value = one.point.values[0].setting
        results = run(fixture(), PolicyChoice(shop(), {"wait": value}), Stretch(), 1)
        summary = Summary.of(results)
        (refunds,) = summary.refunds
        assert (one.refunds, one.came_later.count) == (refunds.count, refunds.arrived_after)
        assert one.money == (Paid("IDR", refunds.amount, refunds.arrived_after_amount),)
        assert one.automatic == summary.whole.without_human
        assert one.human == summary.whole.ended["escalated"]
        assert one.hours == summary.whole.hours.median


@pytest.mark.slow
def test_the_fast_engine_comes_to_the_same_steps_as_the_reference_replay() -> None:
    fast, reference = swept(0, "wait=1,300"), swept(1000, "wait=1,300")
    assert [replace(one, by_reference=50) for one in fast.steps] == list(reference.steps)
    assert all(one.by_reference < 50 for one in fast.steps)


# -- the verb -------------------------------------------------------------------------------------


def test_the_table_the_drawing_and_the_frontier_are_printed() -> None:
    result = reso(*SWEEP, "--sweep", "wait=1..21d:10")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == f"50 disputes, 490 events of {FIXTURE}"
    first = next(n for n, line in enumerate(lines) if line.startswith("wait, calendar days"))
    assert [line.split()[0] for line in lines[first + 1 : first + 4]] == ["1", "11", "21"]
    assert "== Trade-off: came_later, automatic ==" in lines


def test_two_parameters_are_a_grid_with_both_axes() -> None:
    told = reso(*SWEEP, "--sweep", "wait=1,21d", "--sweep", "answer_time=1,3d").stdout
    axes = "down wait, calendar days; across answer_time, calendar days"
    title = f"== ended without a human, %: {axes} =="
    lines = told.splitlines()
    grid = lines[lines.index(title) + 1 :][:3]
    assert grid[0].split() == ["1", "3"]
    assert [line.split()[0] for line in grid[1:]] == ["1", "21"]
    assert all(len(line.split()) == 3 for line in grid[1:])


def test_a_replay_with_a_sweep_is_the_sweep() -> None:
    args = (str(FIXTURE), "-p", str(shop()), "--sweep", "wait=1,21d", "--json")
    assert reso("replay", *args).stdout == reso("sweep", *args).stdout


def test_as_json_it_says_the_same_as_the_files(tmp_path: Path) -> None:
    out, page = tmp_path / "out", tmp_path / "page.html"
    told = json.loads(reso(*SWEEP, "--sweep", "wait=1,21d", "--json").stdout)
    ran = reso(*SWEEP, "--sweep", "wait=1,21d", "--out", str(out), "--report", str(page))
    assert ran.exit_code == 0, ran.output
    assert json.loads((out / "sweep.json").read_text(encoding="utf-8")) == told
    assert sorted(one.name for one in out.iterdir()) == [
        "money.csv", "money.parquet", "steps.csv", "steps.parquet", "sweep.html", "sweep.json",
    ]  # fmt: skip
    steps = duckdb.read_parquet(str(out / "steps.parquet"))
    rows = [dict(zip(steps.columns, row, strict=True)) for row in steps.fetchall()]
    for row, one in zip(rows, told["steps"], strict=True):
        assert row["wait"] == one["settings"]["wait"]
        assert row["automatic"] == one["ended_without_human"]["count"]
        assert row["came_later"] == one["parcel_came_later"]["count"]
    amounts = [paid["to_buyers"] for one in told["steps"] for paid in one["money"]]
    with (out / "money.csv").open(encoding="utf-8", newline="") as opened:
        assert [row["to_buyers"] for row in csv.DictReader(opened)] == amounts
    assert amounts
    assert "." not in "".join(amounts)  # a rupiah has no minor unit
    assert page.read_text(encoding="utf-8") == (out / "sweep.html").read_text(encoding="utf-8")
    assert "http" not in page.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param(
            "en",
            ["<h1>Sweep: wait</h1>", "Hindsight: the parcel came after the refund.", "wrong % †",
             "none: nothing is drawn", "How this was made"],
            id="in English",
        ),
        pytest.param(
            "id",
            ["<h1>Penelusuran nilai: wait</h1>", "Baru diketahui belakangan: paket tiba",
             "keliru % †", "tidak ada yang diundi", "Cara halaman ini dibuat"],
            id="in Indonesian",
        ),
    ],
)  # fmt: skip
def test_the_page_says_how_it_was_made_and_what_is_hindsight(
    language: str, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    args = [*SWEEP, "--sweep", "wait=1,21d", "--report", str(page), "--lang", language]
    monkeypatch.setattr("sys.argv", ["reso", *args])
    assert reso(*args).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in text
    made = [
        f"reso {shlex.join(args)}",
        pack().policy.content_hash,
        content_of(Source(str(FIXTURE))),
    ]
    for one in (*said, *made, f"Reso-bot {version('reso-bot')}", "Asia/Jakarta"):
        assert escape(one) in text or one in text, one


def test_the_command_line_says_that_what_came_later_is_hindsight() -> None:
    told = reso(*SWEEP, "--sweep", "wait=1,21d").stdout
    assert "is hindsight: no decision could see it" in told


def test_what_is_really_due_is_told_where_a_file_tells_it(tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    names = sorted(fixture().disputes)
    told = [f"{name},{'refund' if n % 2 else 'no_refund'}" for n, name in enumerate(names)]
    file.write_text("\n".join(["dispute_id,truth", *told]) + "\n", encoding="utf-8")
    ran = reso(*SWEEP, "--sweep", "wait=1,21d", "--truth", str(file), "--json")
    (first, _) = json.loads(ran.stdout)["steps"]
    results = run(fixture(), PolicyChoice(shop(), {"wait": "1 calendar days"}), Stretch(), 1)
    settled = [one for one in results if one.ended in ("agreed", "lapsed", "imposed")]
    wrong = [one for one in settled if names.index(one.dispute_id) % 2 == 0 and one.refunded > 0]
    assert first["against_truth"]["refunded_wrongly"]["count"] == len(wrong) > 0
    assert json.loads(ran.stdout)["trade_off"] == ["wrongful", "automatic"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["--sweep", "wait=1,2", "--set", "wait=1 week"],
            "--sweep: `wait` is set and swept. Leave its --set out.\n", id="set and swept",
        ),
        pytest.param(
            ["--sweep", "wait=1,2", "--out", "."],
            ".: is already there. Name a new folder, or remove it.\n", id="a folder that is there",
        ),
        pytest.param(
            ["--sweep", "wait=1,2", "--report", "sweep.pdf"],
            "--report: `sweep.pdf` is no page. Name a file.html.\n", id="no page",
        ),
        pytest.param(
            ["--sweep", "wait=1,2", "--truth", "truth.txt"],
            "truth.txt: is no table. Name a file .parquet, .csv, .jsonl, .ndjson.\n",
            id="no table of truths",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_swept_is_told(args: list[str], message: str) -> None:
    result = reso(*SWEEP, *args)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)


def test_a_policy_of_another_currency_is_refused_before_anything_is_swept() -> None:
    foreign = ROOT / "rules" / "lost_parcel_only"
    ran = reso(
        "sweep", str(FIXTURE), "--policy", str(foreign), "--sweep", "days_after_estimate=0..20d:10"
    )
    message = f"{foreign}: the policy rules in BRL; 50 of the disputes are in IDR, first `D-001`. "
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(message)


def test_a_replay_says_which_options_have_no_place_beside_a_sweep() -> None:
    args = (str(FIXTURE), "-p", str(shop()), "--sweep", "wait=1,2", "--from-the-order")
    assert reso("replay", *args).stderr == (
        "--from-the-order: goes without --sweep. Replay with one value, or leave it out.\n"
    )


def test_ctrl_c_ends_it_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise duckdb.InterruptException("Query interrupted")

    monkeypatch.setattr(running, "step_of", stopped)
    out, page = tmp_path / "out", tmp_path / "page.html"
    ran = reso(*SWEEP, "--sweep", "wait=1,2", "--out", str(out), "--report", str(page))
    assert (ran.exit_code, ran.stdout) == (130, "")
    assert list(tmp_path.iterdir()) == []


# -- the real orders ------------------------------------------------------------------------------


def answer_key() -> list[list[str]]:
    """Return the rows of the table on the data's own page."""
    page = (OLIST / "README.md").read_text(encoding="utf-8")
    table = page[page.index("| N days |") :].splitlines()
    rows = takewhile(lambda line: line.startswith("|"), table[2:])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data are not beside the clone")
@pytest.mark.parametrize(
    "days",
    [
        pytest.param(["14", "60"], id="two days", marks=pytest.mark.slow),
        pytest.param([], id="every day of the table", marks=pytest.mark.slow),
    ],
)
def test_one_command_prints_the_table_of_the_waiting_time(days: Sequence[str]) -> None:
    wanted = [row for row in answer_key() if not days or row[0] in days]
    assert len(wanted) == (len(days) or 9)
    values = ",".join(row[0] for row in wanted)
    ran = reso("sweep", str(OLIST), "-p", str(LOST), "--sweep", f"days_after_estimate={values}")
    assert ran.exit_code == 0, ran.output
    lines = ran.stdout.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("days_after_estimate, "))
    header = re.split(r"\s{2,}", lines[first])
    assert header[1:5] == ["refunds", "parcel came later", "wrong %", "BRL wrongly refunded"]
    printed = [re.split(r"\s{2,}", line)[:5] for line in lines[first + 1 :][: len(wanted)]]
    assert printed == wanted
