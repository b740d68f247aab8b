"""Runs a policy over a history: each dispute by itself, on several processes."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from reso.cases import load_pack
from reso.errors import InputError
from reso.lifecycle import Life
from reso.model.events import Event
from simulations.history import History
from simulations.life import Parties, Stretch, live
from simulations.results import Result, result_of

BATCH = 40
"""Disputes handed to a process at a time."""

WORTH_A_PROCESS = 400
"""Disputes for which starting another process pays; it loads the policy anew."""

Batch = Sequence[tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """Which policy is run: the folder of a pack, and other values for its parameters."""

    folder: Path
    settings: Mapping[str, str]

    def life(self) -> Life:
        """Load the pack and return what leads disputes through their lives."""
        return Life(load_pack(self.folder, self.settings).engine)


def usable_processors() -> int:
    """Return how many processors this program may use."""
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count is not None else os.cpu_count() or 1


def run(
    history: History,
    policy: PolicyChoice,
    stretch: Stretch,
    jobs: int,
    progress: Callable[[int], None] = lambda count: None,
    parties: Parties | None = None,
) -> tuple[Result, ...]:
    """Live through every dispute of a history and return what came of each, in its order.

    Args:
        stretch: which part of each life.
        jobs: how many processes at most; the result does not depend on it.
        progress: called with how many more disputes are done.
        parties: as for `live`; they go to other processes, so they can be pickled.

    Raises:
        InputError: a dispute cannot be lived through; the message names it.
    """
    found: dict[str, Result] = {}
    disputes = history.disputes.values()
    with closing(results(disputes, len(disputes), policy, stretch, jobs, parties)) as ran:
        for several in ran:
            found.update((result.dispute_id, result) for result in several)
            progress(len(several))
    return tuple(found[name] for name in history.disputes)


def results(
    disputes: Iterable[tuple[Event, ...]],
    count: int,
    policy: PolicyChoice,
    stretch: Stretch,
    jobs: int,
    parties: Parties | None = None,
) -> Generator[list[Result], None, None]:
    """Yield what came of disputes, some at a time and in any order; close it to stop early.

    Args:
        disputes: taken a few ahead of what is yielded. count: how many there are.
        policy, stretch, jobs, parties: as for `run`.

    Raises:
        InputError: a dispute cannot be lived through; the message names it.
    """
    lives, jobs = _Lives(policy, stretch, parties), min(jobs, 1 + count // WORTH_A_PROCESS)
    batches = _batches(disputes)
    return _here(batches, lives) if jobs == 1 else _spread(batches, lives, jobs)


def _batches(disputes: Iterable[tuple[Event, ...]]) -> Iterator[Batch]:
    waiting = iter(disputes)
    while batch := tuple(islice(waiting, BATCH)):
        yield batch


def one_result(
    life: Life, events: tuple[Event, ...], stretch: Stretch, parties: Parties | None = None
) -> Result:
    """Return what came of one dispute; `parties` as for `live`.

    Raises:
        InputError: it cannot be lived through; the message names it.
    """
    try:
        return result_of(life, live(life, events, stretch, parties), events)
    except InputError as error:
        where = f"{events[0].dispute_id}: {error.where}"
        raise InputError(where, error.what, error.todo) from error


@dataclass(frozen=True, slots=True)
class _Lives:
    """How disputes are led through their lives, wherever that is done."""

    policy: PolicyChoice
    stretch: Stretch
    parties: Parties | None

    def results(self, life: Life, batch: Batch) -> list[Result]:
        return [one_result(life, events, self.stretch, self.parties) for events in batch]


def _here(batches: Iterable[Batch], lives: _Lives) -> Generator[list[Result], None, None]:
    life = lives.policy.life()
    for batch in batches:
        yield lives.results(life, batch)


def _spread(
    batches: Iterable[Batch], lives: _Lives, jobs: int
) -> Generator[list[Result], None, None]:
    """Run batches on processes, a few ahead of what has been taken; stop them all on an error."""
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(lives,),
    )
    waiting = iter(batches)
    running: set[Future[list[Result]]] = set()
    try:
        with _started_deaf():
            running.update(pool.submit(_batch, batch) for batch in islice(waiting, 2 * jobs))
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running.update(pool.submit(_batch, batch) for batch in islice(waiting, len(done)))
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _started_deaf() -> Iterator[None]:
    """Let the processes started within ignore Ctrl-C from their first instant on: it is ours."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# -- in a process of its own ----------------------------------------------------------------

_life: Life | None = None
_lives: _Lives | None = None


def _start(lives: _Lives) -> None:
    """Make a process ready."""
    global _life, _lives
    _life, _lives = lives.policy.life(), lives


def _batch(batch: Batch) -> list[Result]:
    if _life is None or _lives is None:
        raise RuntimeError("a batch came before its process was made ready")
    return _lives.results(_life, batch)
