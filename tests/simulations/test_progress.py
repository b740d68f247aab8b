"""What a bar tells of how far something is."""

import io

import pytest
from rich.console import Console

from simulations import progress
from simulations.progress import rate_of, seconds_left, shown_count, shown_share


@pytest.mark.parametrize(
    ("done", "elapsed", "rate"),
    [
        pytest.param(500, 2.0, 250, id="some"),
        pytest.param(0, 2.0, None, id="nothing done yet"),
        pytest.param(5, None, None, id="not begun"),
    ],
)
def test_the_rate_is_of_all_that_is_done(
    done: float, elapsed: float | None, rate: float | None
) -> None:
    assert rate_of(done, elapsed) == rate


def test_the_time_left_is_that_of_the_rest_at_the_same_rate() -> None:
    assert seconds_left(250, 1_000, 2.0) == pytest.approx(6.0)
    assert seconds_left(1_200, 1_000, 2.0) == 0
    assert seconds_left(0, 1_000, 2.0) is None
    assert seconds_left(10, None, 2.0) is None


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    terminal = Console(file=text, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "Console", lambda stderr: terminal)
    return text


def test_a_bar_shows_the_rate_and_the_time_left(screen: io.StringIO) -> None:
    with shown_count("replay", 10_000) as bar:
        bar(4_000)
    for told in ("replay", "4000/10000", "disputes/s", "left"):
        assert told in screen.getvalue()


def test_a_bar_of_a_report_counts_its_parts(screen: io.StringIO) -> None:
    with shown_count("report", 22) as bar:
        bar(11)
    assert "parts/s" in screen.getvalue()
    assert "disputes/s" not in screen.getvalue()


def test_a_share_shows_what_is_done_and_the_time_left(screen: io.StringIO) -> None:
    with shown_share("prepare") as bar:
        bar("folding", 0.4)
    for told in ("folding", "40%", "left"):
        assert told in screen.getvalue()
