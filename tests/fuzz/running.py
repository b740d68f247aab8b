"""A run of the fuzzer: which inputs are tried, and what is kept of them."""

import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from tests.fuzz.targets import Target

SECONDS_PER_INPUT = 5.0
"""What one input may take of the processor; inputs have at most 60,000 bytes."""

HANGING_AFTER = 60
"""Seconds after which an input is given up."""


class HangingError(Exception):
    """An input took longer than `HANGING_AFTER` seconds."""


@dataclass(frozen=True)
class Failure:
    """An input that brought out something that is no `ResoError`, or took too long."""

    target: str
    seed: int
    number: int
    raw: bytes
    told: str

    def __str__(self) -> str:
        which = f'--again "{self.target}" --seed {self.seed} --number {self.number}'
        last = self.told.strip().splitlines()[-1]
        lines = (
            f"{self.target}: {last}",
            f"python -m tests.fuzz {which}",
            repr(self.raw),
            self.told,
        )
        return "\n".join(lines)


@dataclass
class Tally:
    """What became of the inputs of one target; times in seconds of the processor."""

    target: Target
    tried: int = 0
    accepted: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_number: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def try_next(self, seed: int) -> None:
        """Make the next input of this seed, try it, and keep what came of it."""
        number = self.tried
        raw = made(self.target, seed, number)
        began = time.process_time()
        told, outcome = "", ""
        try:
            with _given_up_in_time():
                outcome = self.target.tried(raw)
        except Exception:
            told = traceback.format_exc()
        took = time.process_time() - began
        if not told and took > SECONDS_PER_INPUT:
            told = f"{took:.1f} s for {len(raw):,} bytes"
        self.tried += 1
        self.seconds += took
        if took > self.slowest:
            self.slowest, self.slowest_number = took, number
        if told:
            self.failures.append(Failure(self.target.name, seed, number, raw, told))
        elif outcome:
            self.refused[outcome] += 1
        else:
            self.accepted += 1


def made(target: Target, seed: int, number: int) -> bytes:
    """Return an input of a target: the same one for the same seed and number."""
    return target.make(Random(f"{seed}:{target.name}:{number}"))


def run(targets: Iterable[Target], seed: int, seconds: float) -> list[Tally]:
    """Try inputs for so many seconds of the clock; every target gets its share of it."""
    tallies = [Tally(target) for target in targets]
    for tally in tallies:
        with suppress(Exception):  # loads what all inputs need; number 0 is tried again below
            tally.target.tried(made(tally.target, seed, 0))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        min(tallies, key=lambda tally: tally.seconds / tally.target.weight).try_next(seed)
    return tallies


@contextmanager
def _given_up_in_time() -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise HangingError(f"nothing came in {HANGING_AFTER} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANGING_AFTER)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
