"""The report in a real browser: with no network, drawn, sorted by a click, on paper.

Without a Chromium on the machine these are skipped.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from simulations.report import write_report
from tests.simulations.reports import compared, given

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

OVERLAPS = """
() => {
  const found = [];
  for (const svg of document.querySelectorAll('.chart svg')) {
    const texts = [...svg.querySelectorAll('text')].filter((one) => one.textContent.trim());
    const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
    boxes.forEach(([a, one], n) => boxes.slice(n + 1).forEach(([b, other]) => {
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (a !== b && wide > 2 && high > 4) found.push(`${svg.closest('.chart').id}: ${a} | ${b}`);
    }));
  }
  return found;
}
"""
CUT = """
() => [...document.querySelectorAll('.chart svg')].flatMap((svg) => {
  const whole = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter((one) => {
    const box = one.getBoundingClientRect();
    return one.textContent.includes('…') || (box.width && (box.left < whole.left - 1
      || box.right > whole.right + 1 || box.bottom > whole.bottom + 1));
  }).map((one) => `${svg.closest('.chart').id}: ${one.textContent}`);
})
"""
MARKS = """
() => [...document.querySelectorAll('.chart')].map((chart) => chart.querySelectorAll(
  'svg .mark-rect path, svg .mark-symbol path, svg .mark-area path, svg .mark-line path'
).length)
"""
COLUMN = """
(table, name) => {
  const place = [...table.tHead.rows[0].cells].findIndex((one) => one.textContent === name);
  return [...table.tBodies[0].rows].map((row) => [
    row.classList.contains('small'), Number(row.cells[place].dataset.value ?? NaN)]);
}
"""


@dataclass
class Opened:
    """A page in the browser, with everything it complained of or asked the network for."""

    page: Page
    file: Path
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Open the file as somebody without a network does, and wait until it is drawn."""
        self.page.context.set_offline(True)
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)
        self.page.goto(self.file.as_uri())
        self.page.wait_for_selector("body[data-drawn]", timeout=PATIENCE)

    def _request(self, request: Request) -> None:
        if request.url != self.file.as_uri() and not request.url.startswith("data:"):
            self.asked.append(request.url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    reports = {"en": given("en"), "id": given("id"), "compared": compared("en")}
    for name, about in reports.items():
        write_report(folder / f"{name}.html", about)
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture(params=["en", "id", "compared"])
def opened(
    request: pytest.FixtureRequest, browser: Browser, files: dict[str, Path]
) -> Iterator[Opened]:
    page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
    found = Opened(page, files[request.param])
    found.open()
    yield found
    page.close()


def test_it_opens_without_a_network_and_complains_of_nothing(opened: Opened) -> None:
    assert opened.asked == []
    assert opened.complaints == []


def test_every_chart_is_drawn_with_marks(opened: Opened) -> None:
    marks = opened.page.evaluate(MARKS)
    assert len(marks) >= 12
    assert all(marks), marks


def test_no_text_of_a_chart_is_cut_or_lies_on_another(opened: Opened) -> None:
    assert opened.page.evaluate(CUT) == []
    assert opened.page.evaluate(OVERLAPS) == []


def test_the_page_is_no_wider_than_the_window(opened: Opened) -> None:
    for size in (DESKTOP, PHONE):
        opened.page.set_viewport_size(size)  # type: ignore[arg-type]
        width = opened.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"]


@pytest.mark.parametrize("opened", ["en"], indirect=True)
def test_a_click_sorts_a_table_and_small_segments_stay_last(opened: Opened) -> None:
    table = opened.page.locator("#segments table.sortable").first
    head = table.locator("th", has_text="disputes").first
    before = table.evaluate(COLUMN, "disputes")
    assert any(small for small, _ in before)
    assert not all(small for small, _ in before)
    orders = []
    for way in ("descending", "ascending"):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == way
        rows = table.evaluate(COLUMN, "disputes")
        assert sorted(rows) == sorted(before)
        assert [small for small, _ in rows] == sorted(small for small, _ in rows)
        for kind in (False, True):
            values = [value for small, value in rows if small is kind]
            assert values == sorted(values, reverse=way == "descending")
        orders.append(rows)
    assert orders[0] != orders[1]


@pytest.mark.parametrize("opened", ["en"], indirect=True)
def test_a_table_is_sorted_by_keyboard_too(opened: Opened) -> None:
    head = opened.page.locator("#money table.sortable th", has_text="amount").first
    head.locator("button").focus()
    opened.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize("opened", ["en"], indirect=True)
def test_figures_below_a_fold_are_there_when_it_is_opened(opened: Opened) -> None:
    fold = opened.page.locator("#knows details").first
    assert not fold.locator("table").is_visible()
    fold.locator("summary").click()
    assert fold.locator("tbody tr").first.is_visible()


def test_it_can_be_pictured_and_printed(opened: Opened, tmp_path: Path) -> None:
    picture, paper = tmp_path / "desktop.png", tmp_path / "print.pdf"
    opened.page.screenshot(path=picture, full_page=True)
    opened.page.pdf(path=paper, prefer_css_page_size=True)
    assert picture.stat().st_size > 100_000
    assert 3 <= paper.read_bytes().count(b"/Type /Page\n") <= 40
