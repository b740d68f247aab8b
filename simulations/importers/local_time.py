"""Local clock times without an offset, made instants."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

TWICE = "local times that came twice as the clocks went back (the first is taken)"
NEVER = "local times that never were as the clocks went forward (moved over the gap)"
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class LocalClock:
    """The clocks of one time zone.

    Attributes:
        found: how often a time was ambiguous or impossible.
    """

    zone: ZoneInfo
    found: Counter[str] = field(default_factory=Counter)

    def instant(self, local: datetime) -> datetime:
        """Return a naive local time as an instant in UTC."""
        first, second = (
            local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        if first != second:  # the second reading is later only where the hour came twice
            self.found[TWICE if first < second else NEVER] += 1
        return first

    def end_of_day(self, day: date) -> datetime:
        """Return the last second of a local day, in UTC."""
        return datetime.combine(day, LAST_SECOND.replace(fold=1), self.zone).astimezone(UTC)
