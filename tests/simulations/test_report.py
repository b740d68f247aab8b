"""The report as a file: what stands in it, in both languages, whole or not at all."""

import json
import re
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from string import Formatter

import altair as alt
import pytest
from hypothesis import given as drawn
from hypothesis import settings

from reso.errors import InputError
from reso.model.money import Language
from simulations.acceptance.choosing import Choice
from simulations.acceptance.model import RUNS, RunName
from simulations.measures.censoring import widening
from simulations.measures.endings import automatic, over_time
from simulations.measures.mirror import Break, Mirror, Pair
from simulations.measures.rates import Rate
from simulations.measures.validity import left_out
from simulations.replaying.supposing import (
    Answers,
    Figures,
    Raised,
    Supposed,
    Widened,
    Wider,
)
from simulations.report import PARTS, ReportInput, check_report, write_report
from simulations.report import bundle as bundling
from simulations.report import page as paging
from simulations.report.charts import BREAK, LETTER_WIDTH, NAMED_WIDTH, Square, squares
from simulations.report.page import page_html
from simulations.report.speaking import WORDS
from tests.simulations.reports import SELLER, compared, given
from tests.simulations.tables import Told, told

SECTIONS = [
    "knows", "blind", "lack", "censoring", "ways", "answers", "time", "reasons", "hours", "rules",
    "money", "work", "agreement", "calibration", "wrongful", "balance", "mirror", "consistency",
    "segments", "making",
]  # fmt: skip
COMPARED = ["changed", "winners", "policies", "cases", "limits"]
LANGUAGES: tuple[Language, ...] = ("id", "en")


@pytest.fixture(autouse=True)
def _small_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave Vega out where no browser looks."""
    monkeypatch.setattr(paging, "vega_bundle", lambda: "")


def sections(page: str) -> list[str]:
    return re.findall(r'<section id="([a-z]+)">', page)


def specs(page: str) -> list[dict[str, object]]:
    found = re.search(r'<script type="application/json" id="specs">(.*?)</script>', page, re.S)
    assert found is not None
    read: list[dict[str, object]] = json.loads(found[1])
    return read


def text_of(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S))


@cache
def page_in(language: Language) -> str:
    """Return the report of the small history."""
    return page_html(given(language))


@cache
def comparison() -> tuple[ReportInput, str]:
    """Return what the report of a comparison is made of, and that report."""
    about = compared()
    return about, page_html(about)


@cache
def supposed_page() -> str:
    """Return the report in which all is supposed that can be."""
    return page_html(supposing())


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest) -> str:
    return page_in(request.param)


def test_all_parts_stand_in_their_order(page: str) -> None:
    assert sections(page) == SECTIONS


def test_a_comparison_comes_first_and_with_its_verdict() -> None:
    about, page = comparison()
    assert about.compared is not None
    assert sections(page) == COMPARED + SECTIONS
    verdict = about.compared.speech.verdict()
    assert f'<p class="verdict">{verdict}</p>' in page
    case, a, b = about.compared.cases[0]
    row = page[page.index('id="cases"') :]
    for said in (case.dispute_id, str(a), str(b)):
        assert said.replace('"', "&quot;").replace("'", "&#x27;") in row


def test_a_comparison_names_its_tests_as_the_terminal_does() -> None:
    about, page = comparison()
    assert about.compared is not None
    speech = about.compared.speech
    part = page.partition('id="changed"')[2].partition("</section>")[0]
    for line in speech.tested():
        assert line in part
    assert "McNemar" in part
    assert "Holm" in part
    heads = [speech.word("columns", name) for name in ("odds", "p", "adjusted")]
    assert "".join(f">{head}</th>" for head in heads) in re.sub(r"<th[^>]*", "", part)


def test_each_part_that_differs_stands_in_the_page_with_its_money() -> None:
    about, page = comparison()
    assert about.compared is not None
    speech = about.compared.speech
    (one,) = speech.comparison.reach
    assert one.money
    part = page.partition('id="policies"')[2].partition("</section>")[0]
    assert speech.more(one.money) in part
    assert f"{one.part.parts[0].old} → {one.part.parts[0].new}" in part


def test_the_verdict_tells_the_rate_the_measure_tells() -> None:
    rate = automatic(given().table).together
    assert rate.share is not None
    verdict = re.search(r'<p class="verdict">(.*?)</p>', page_in("en"))
    assert verdict is not None
    assert f"{rate.share:.1%} of {rate.of:,} disputes end without a human" in verdict[1]


def test_each_chart_has_a_title_a_reading_aid_and_a_table(page: str) -> None:
    figures = re.findall(r"<figure><figcaption><b>(.+?)</b> (.+?)</figcaption>", page)
    assert len(figures) == len(specs(page)) >= 12
    for rest in page.split("</figure>")[1:]:
        following = rest.split("<figure>")[0].split("</section>")[0]
        assert "<table" in following or rest.split("</section>")[0].count("<table") > 0


def test_each_chart_is_sound_for_vega(page: str) -> None:
    for spec in specs(page):
        alt.Chart.from_dict(spec).to_dict()


def test_nothing_in_it_asks_the_network(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_no_single_seller_stands_in_it(page: str) -> None:
    assert SELLER not in page
    assert "java" in page


def test_no_figure_reads_as_a_programmer_writes_it(page: str) -> None:
    assert not re.findall(r"\b(None|nan|inf|NaN|True|False)\b", text_of(page))
    assert "{" not in text_of(page)


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert "Rp1" in text_of(page_in("id"))
    assert re.search(r"\d,\d%", text_of(page_in("id")))
    assert re.search(r"\d\.\d%", text_of(page_in("en")))


def test_every_sentence_begins_with_a_capital(page: str) -> None:
    begun = re.findall(r"<(?:p|li)>(.)", page)
    assert len(begun) > 15
    assert not [one for one in begun if one.islower()]


def test_a_small_segment_is_marked() -> None:
    page = page_in("en")
    small = re.findall(r'<tr class="small"><th scope="row">(.*?)</th>', page)
    assert any(one.startswith("papua ") for one in small)
    assert all('<em class="mark">small</em>' in one for one in small)


def test_a_small_period_is_marked_and_drawn_hollow_without_a_line() -> None:
    about = given()
    about.table.connection.execute(
        "UPDATE results SET filed_at = (SELECT max(filed_at) FROM results), ended_at = NULL "
        "WHERE hash(dispute_id) % 2 = 0"
    )
    periods = over_time(about.table, about.policy.calendar.zone, "week")
    small = {one.starts.isoformat() for one in periods if one.small}
    assert 0 < len(small) < len(periods)
    page = page_html(about)
    part = re.search(r'<section id="time">.*?</section>', page, re.S)
    assert part is not None
    marked = re.findall(r'<tr class="small"><th scope="row">(\S+) <em class="mark">', part[0])
    assert set(marked) == small
    assert "Periods of fewer than 100 disputes are marked small" in part[0]
    (chart,) = (one for one in specs(page) if "!datum.small" in json.dumps(one))
    layers = chart["layer"]
    assert isinstance(layers, list)
    marks = [(one["mark"]["type"], one["mark"].get("filled")) for one in layers]
    assert marks == [("line", None), ("point", True), ("point", False)]
    shown = [one["transform"][0]["filter"] for one in layers]
    assert shown == ["!datum.small", "!datum.small", "datum.small"]


@pytest.mark.parametrize(
    ("language", "least", "most"),
    [pytest.param("en", "at least", "at most", id="en"),
     pytest.param("id", "paling sedikit", "paling tinggi", id="id")],
)  # fmt: skip
def test_a_sum_of_which_a_part_is_not_known_is_the_least(
    language: Language, least: str, most: str
) -> None:
    about = given(language)
    about.table.connection.execute("UPDATE recorded SET amount = 5000 WHERE ruling = 'refund_full'")
    text = " ".join(text_of(page_html(about)).split())
    assert re.search(rf"{least} (IDR |Rp)[1-9]", text)
    assert re.search(rf"{most} -?0[.,]\d\d", text)


def test_text_of_the_user_is_never_markup() -> None:
    about = given()
    name = "</script><script>alert(1)</script>"
    page = page_html(replace(about, run=replace(about.run, history=name, command=name)))
    assert name not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page


def test_without_a_model_it_says_that_nobody_but_the_record_answered() -> None:
    text = text_of(page_in("en"))
    assert "Answers of parties: those on record alone; elsewhere they are taken to be" in text
    assert "Not tried: --mirror N swaps the sides&#x27; evidence" in text


def supposing(runs: tuple[RunName, ...] = RUNS) -> ReportInput:
    """Return a report in which all is supposed that can be."""
    about = given()
    figures = Figures.read(about.table)
    choice = replace(Choice.read(["all"]), runs=runs)
    answers = Answers(choice, 7, figures, dict.fromkeys(runs, figures), 12)
    gone = (
        Break("tilted", "lost", "not_shown", "buyer", "seller", 2, ("D-1", "D-2")),
        Break("unmoved", "lost", "lost", "buyer", "buyer", 1, ("D-3",)),
    )
    rates = (Rate(3, 6), Rate(1, 6), Rate(0, 6))
    pairs = (Pair("D-3", "buyer", "buyer", "lost", "lost"),)
    mirror = Mirror(7, Rate(6, 9), *rates, gone, pairs)
    widened = (
        Widened(Wider("buyer_time", 14), (widening(about.table, "delivery", 14),)),
        Widened(Wider("", 1), ()),
    )
    return replace(about, supposed=Supposed(choice, answers, mirror, widened))


def test_runs_of_the_acceptance_model_stand_side_by_side() -> None:
    page = supposed_page()
    assert "Share that ends without a human, by readiness to accept" in page
    assert "readiness low to high: " in page
    text = text_of(page)
    for run in ("the record alone", "low", "middle", "high"):
        assert re.search(rf"\b{run} +\d", text), run
    assert Choice.read(["all"]).content_hash in text


def test_what_stays_valid_is_told_with_its_counts() -> None:
    about = given()
    found = left_out(about.table)
    assert found.acts
    told = f"{found.acts:,} of its acts, in {found.disputes.count} of {found.disputes.of} disputes"
    text = " ".join(text_of(page_in("en")).split())
    assert told in text
    assert (
        "Facts across disputes, such as a seller's past, come from the recorded history"
        in unescape(text)
    )


def test_a_window_that_is_longer_than_the_pack_has_it_is_a_warning_on_top() -> None:
    raised = (Raised("B", "remorse_window", "14 calendar days", 14, 7),)
    about = supposing()
    assert about.supposed is not None
    page = text_of(page_html(replace(about, supposed=replace(about.supposed, raised=raised))))
    said = "B: remorse_window lasts 14 days here, 7 days in its pack."
    assert said in page[: page.index("Contents")]


@pytest.mark.parametrize("name", ["berlaku karena diam", "dikembalikan sebagian kepada pembeli"])
def test_names_of_columns_are_broken_where_they_would_touch(name: str) -> None:
    fields = [Square("B", f"{name} {n}", n, str(n)) for n in range(7)]
    spec = squares(fields, "B", "A")
    heads = [row["head"] for rows in spec["datasets"].values() for row in rows]
    assert all(len(line) * LETTER_WIDTH <= NAMED_WIDTH // 7 for one in heads
               for line in one.split(BREAK))  # fmt: skip


def test_one_run_of_it_stands_beside_the_record() -> None:
    page = page_html(supposing(("low",)))
    assert "readiness low: " in page
    assert "readiness low to high" not in page


def test_mirrored_evidence_names_the_rules_that_do_not_mirror() -> None:
    text = " ".join(text_of(supposed_page()).split())
    assert "The ruling mirrored in 3 of 6 (50.0%)" in text
    assert "tilted lost buyer not shown seller 2 D-1" in text


def test_what_cannot_be_priced_is_not_known_and_never_zero() -> None:
    text = " ".join(text_of(supposed_page()).split())
    unknown = "not known; not zero"
    assert f"1 day - cannot be known {unknown} {unknown} {unknown}" in text
    assert "buyer time: 14 days" in text


@pytest.mark.slow
@settings(max_examples=15)
@drawn(told())
def test_whatever_the_results_are_the_page_is_written(results: Told) -> None:
    about = given(table=results.table())
    page = page_html(about)
    assert sections(page) == SECTIONS
    assert not re.findall(r"\b(None|nan|inf)\b", text_of(page))


# -- the file -----------------------------------------------------------------------------------


def write(path: Path, about: ReportInput) -> list[int]:
    steps: list[int] = []
    write_report(path, about, steps.append)
    return steps


def test_it_is_written_as_one_file(tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    steps = write(file, given())
    assert [one.name for one in tmp_path.iterdir()] == ["out.html"]
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sum(steps) == PARTS


def test_a_comparison_takes_as_many_steps(tmp_path: Path) -> None:
    assert sum(write(tmp_path / "out.html", comparison()[0])) == PARTS


def test_where_it_fails_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out.html"
    file.write_text("old", encoding="utf-8")

    def broken(self: Path, target: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="the disk is full"):
        write_report(file, given())
    assert [one.name for one in tmp_path.iterdir()] == ["out.html"]
    assert file.read_text(encoding="utf-8") == "old"


def test_a_folder_that_is_not_there_is_refused_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "out.html"
    with pytest.raises(InputError) as refused:
        check_report(file)
    assert str(refused.value) == (
        f"{file}: its folder is not there. Make it, or name another file."
    )


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder\. Name a file such as report\.html\."):
        check_report(tmp_path)


def test_without_what_draws_the_charts_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "NEEDED", ("altair", "no-such-package"))
    with pytest.raises(InputError) as refused:
        check_report(tmp_path / "out.html")
    assert str(refused.value) == (
        "--report: needs `no-such-package`, which is not installed. "
        "Run: pip install 'reso-bot[report]'"
    )


def test_vega_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vl_convert

    made: list[str] = []
    monkeypatch.setattr(
        vl_convert, "javascript_bundle", lambda snippet: made.append(snippet) or "script"
    )
    assert [bundling.vega_bundle(tmp_path / "kept") for _ in range(3)] == ["script"] * 3
    assert made == ["window.vegaEmbed = vegaEmbed;"]
    (tmp_path / "file").touch()
    assert bundling.vega_bundle(tmp_path / "file" / "in it") == "script"


# -- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", sorted(WORDS.tables()))
def test_both_languages_say_the_same_with_the_same_values(table: str) -> None:
    for key, said in WORDS.tables()[table].items():
        assert set(said) == {"id", "en"}, key
        names = [
            {name for _, name, _, _ in Formatter().parse(text) if name} for text in said.values()
        ]
        assert names[0] == names[1], key
