"""Bars on a terminal's stderr, with the rate and the time left; nothing elsewhere."""

from collections.abc import Callable, Iterator
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
    TimeRemainingColumn,
)
from rich.text import Text

WHOLE = 1.0


class _Speed(ProgressColumn):
    """Disputes per second so far."""

    def render(self, task: Task) -> Text:
        """Return the rate, once there is one."""
        return Text(f"{task.speed:,.0f} disputes/s" if task.speed else "")


@contextmanager
def shown_count(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of so many disputes are done; gives what is called with how many more are."""
    columns = (BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn())
    with _shown(*columns) as shown:
        task = shown.add_task(title, total=total)
        yield lambda count: shown.advance(task, count)


@contextmanager
def shown_share(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show which share is done; gives what is called with what is done and that share, 0 to 1."""
    with _shown(BarColumn(), TaskProgressColumn(), TimeRemainingColumn()) as shown:
        task = shown.add_task(title, total=WHOLE)
        yield lambda what, share: shown.update(task, description=what, completed=share)


def _shown(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    told = TextColumn("{task.description}")
    return Progress(
        told, *columns, console=console, transient=True, disable=not console.is_terminal
    )
