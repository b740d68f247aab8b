"""Counts what goes wrong between two engines, and stops the second when it is too much."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

LOG = logging.getLogger("reso.engine")


@dataclass
class Watch:
    """Counters and a breaker: more than a few disagreements in a while, and it trips for good.

    Attributes:
        most: disagreements that trip the breaker. `seconds`: within how long.
        clock: seconds that only go forward.
        counts: decisions compared, and disagreements by trouble.
        alarm: why only the compiled evaluator decides; "" while both do.
    """

    most: int
    seconds: float
    clock: Callable[[], float]
    counts: Counter[str] = field(default_factory=Counter)
    alarm: str = ""
    _recent: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def tripped(self) -> bool:
        """Whether only the compiled evaluator decides."""
        return bool(self.alarm)

    @property
    def disagreements(self) -> int:
        """How often the second engine said something else, or nothing."""
        return sum(count for what, count in self.counts.items() if what != "compared")

    def compared(self) -> None:
        """Count a decision on which both engines agree."""
        with self._lock:
            self.counts["compared"] += 1

    def disagreed(self, trouble: str) -> None:
        """Count a disagreement; the one too many trips the breaker."""
        now = self.clock()
        with self._lock:
            self.counts[trouble] += 1
            self._recent.append(now)
            while now - self._recent[0] > self.seconds:
                self._recent.popleft()
            too_many = len(self._recent) >= self.most
        if too_many:
            self.trip(f"{self.most} disagreements within {self.seconds:g} seconds")

    def trip(self, why: str) -> None:
        """Let the compiled evaluator decide alone, and raise the alarm, once."""
        with self._lock:
            if self.alarm:
                return
            self.alarm = why
        LOG.error("ALARM: durable-rules is off, the compiled evaluator decides alone: %s", why)

    def reset(self) -> None:
        """Let both engines decide again; the counts stay."""
        with self._lock:
            self.alarm = ""
            self._recent.clear()
