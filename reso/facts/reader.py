"""Case files as histories, and the front door of all that reads and writes them.

A case file is a history of one moment: what it says happened is known from then on, all else it
says from its first instant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reso.facts.problems import CaseError, InputProblem
from reso.facts.reading import Reading, key_name
from reso.facts.rows import read_history, write_history
from reso.facts.table import FactTable
from reso.facts.text import load_case_path, load_case_text
from reso.facts.timeline import NOW, Stated, Timeline
from reso.facts.values import Plain
from reso.facts.writer import write_case_file
from reso.model.case import Case
from reso.model.events import CURRENCY, SCALARS, Event, fold
from reso.model.time import as_utc

__all__ = [
    "CaseError",
    "History",
    "InputProblem",
    "load_case_path",
    "load_case_text",
    "read_case_file",
    "read_history",
    "write_case_file",
    "write_history",
]


@dataclass(frozen=True, slots=True)
class History:
    """The events of one dispute, in the order they were recorded.

    Attributes:
        now: the instant for which a ruling is asked, None when the input names none.
        notices: what is no mistake, yet may surprise the author of the input; a sentence each.
    """

    dispute_id: str
    events: tuple[Event, ...]
    now: datetime | None = None
    notices: tuple[str, ...] = ()

    def case_at(self, at: datetime | None = None) -> Case:
        """Return the case as known at `at`; without it at `now`, or after the last event.

        Raises:
            ValueError: `at` has no UTC offset, or is needed: no event and no `now`.
        """
        at = at or self.now or max((event.recorded_at for event in self.events), default=None)
        if at is None:
            raise ValueError(f"dispute {self.dispute_id} has no event. Say `at` which instant")
        return fold(self.events, as_utc(at))


def read_case_file(
    data: Plain, table: FactTable, dispute_id: str = "case", *, file: str = "case"
) -> History:
    """Return the history that a case file (its plain data) is; messages call it `file`.

    Each item of a list is recorded at its own `at`, each instant of something that occurred then,
    and the rest at the earliest of these and `now`; nothing of a section before its `since`.

    Raises:
        CaseError: with everything that is wrong.
    """
    reading = Reading(table, file)
    sections = reading.mapping(data, "")
    order = sections.get("order")
    reading.use_currency(order.get("currency") if isinstance(order, Mapping) else None, CURRENCY)
    now = reading.instant(sections[NOW], NOW) if NOW in sections else None
    stated = [
        part for key, raw in sections.items() if key != NOW for part in _stated(reading, key, raw)
    ]
    reading.check_currency(CURRENCY)
    reading.finish()
    timeline = Timeline.of(stated, now)
    if timeline is None:
        reading.problem(NOW, "missing, and nothing is dated", "Say when the ruling is asked.")
        raise CaseError(reading.problems)
    return History(dispute_id, timeline.events(dispute_id), now, tuple(timeline.notices()))


def _stated(reading: Reading, key: object, raw: Plain) -> Iterator[Stated]:
    name = key_name(key)
    sections = reading.table.sections
    scalars, section = sections.get(SCALARS), sections.get(name)
    if scalars is not None and name in scalars.fields:
        yield Stated(scalars, reading.fields(scalars, {name: raw}, ""))
    elif name == SCALARS:
        reading.problem(name, "is no section", "Its fields stand at the top level.")
    elif section is None or "." in name:
        reading.unknown(name, name)
    elif section.is_list:
        yield Stated(section, reading.records(section, raw, name))
    else:
        yield Stated(section, None if raw is None else reading.fields(section, raw, name))
