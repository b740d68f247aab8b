"""Bars on a terminal's stderr, with the rate and the time left; nothing elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

WHOLE = 1.0
FEW_A_SECOND = 10
UNITS: Mapping[str, str] = {
    "report": "parts",
    "measures": "measures",
    "compare": "steps",
    "write": "files",
}
"""What is counted under a title; under any other, disputes."""


class _Speed(ProgressColumn):
    """How many a second, over all that is done: what comes in bursts keeps its rate between."""

    def render(self, task: Task) -> Text:
        """Return the rate, once there is one."""
        rate = rate_of(task.completed, task.elapsed)
        if rate is None:
            return Text()
        shown = f"{rate:,.0f}" if rate >= FEW_A_SECOND else f"{rate:,.1f}"
        return Text(f"{shown} {UNITS.get(task.description, 'disputes')}/s")


class _Left(ProgressColumn):
    """How long it will take at that rate."""

    def render(self, task: Task) -> Text:
        """Return the time left, once a rate is known."""
        left = seconds_left(task.completed, task.total, task.elapsed)
        if left is None:
            return Text()
        minutes, seconds = divmod(round(left), 60)
        hours, minutes = divmod(minutes, 60)
        told = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return Text(f"{told} left")


def rate_of(done: float, elapsed: float | None) -> float | None:
    """Return how many were done a second; None where nothing tells."""
    return done / elapsed if done and elapsed else None


def seconds_left(done: float, total: float | None, elapsed: float | None) -> float | None:
    """Return how long the rest takes at the rate so far; None where nothing tells."""
    rate = rate_of(done, elapsed)
    if rate is None or total is None:
        return None
    return max(0.0, total - done) / rate


@contextmanager
def shown_count(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of so many are done; gives what is called with how many more are.

    Until the first of them is, it shows how long that has taken.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), _Speed(), _Left())
    with _shown(*columns) as shown:
        task = shown.add_task(title, total=total)
        yield lambda count: shown.advance(task, count)


@contextmanager
def shown_share(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show which share is done; gives what is called with what is done and that share, 0 to 1."""
    with _shown(BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), _Left()) as shown:
        task = shown.add_task(title, total=WHOLE)
        yield lambda what, share: shown.update(task, description=what, completed=share)


@contextmanager
def shown_wait(title: str) -> Iterator[None]:
    """Show how long something takes of which nothing tells how far it is."""
    with _shown(BarColumn(), TimeElapsedColumn()) as shown:
        shown.add_task(title, total=None)
        yield


def _shown(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    told = TextColumn("{task.description}")
    return Progress(
        told, *columns, console=console, transient=True, disable=not console.is_terminal
    )
