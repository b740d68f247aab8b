"""What reaches humans: cases and minutes per open hour, at the history's load and at a multiple."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from simulations.measures.parameters import read_parameters
from simulations.measures.tables import ResultsTable

DEFAULT = Path(__file__).with_name("workload.yaml")
MINUTES_AN_HOUR = 60
DAYS_A_WEEK = 7


class Staffing(BaseModel):
    """The assumptions of `workload.yaml`; see there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes_per_case: float = Field(gt=0)
    open_hours_a_day: float = Field(gt=0, le=24)
    open_days_a_week: float = Field(gt=0, le=7)
    loads: tuple[float, ...] = Field(min_length=1)
    busy_day: float = Field(gt=0, le=1)

    @classmethod
    def read(cls, file: Path = DEFAULT) -> "Staffing":
        """Return the assumptions of a file.

        Raises:
            InputError: it cannot be read, or says something else.
        """
        return read_parameters(file, cls)


@dataclass(frozen=True, slots=True)
class Load:
    """What reaches humans when disputes come `times` as often.

    Attributes:
        cases_per_hour, minutes_per_hour: per open hour, over the whole span of the history.
        people: who are busy all the time with that, none of whom ever waits: a lower bound.
        busy_cases_per_hour, busy_minutes_per_hour: the same on a busy day.
    """

    times: float
    cases_per_hour: float
    minutes_per_hour: float
    busy_cases_per_hour: float
    busy_minutes_per_hour: float

    @property
    def people(self) -> float:
        """Minutes per hour by 60."""
        return self.minutes_per_hour / MINUTES_AN_HOUR


@dataclass(frozen=True, slots=True)
class Workload:
    """Cases that a human got at some time, over `days`, and what that means per open hour.

    Attributes:
        days: calendar days from the first claim to the last, both counted.
        loads: empty where no case reached a human.
    """

    cases: int
    days: int
    staffing: Staffing
    loads: tuple[Load, ...]


def workload(table: ResultsTable, zone: ZoneInfo, staffing: Staffing | None = None) -> Workload:
    """Return what reaches humans.

    A case counts once, on the day of its claim (`filed_at`): that day is known of every case, also
    of those that a human had and facts then settled. Days run over the whole history.
    """
    staffing = staffing or Staffing.read()
    days, cases, busy = table.row(
        """
        WITH filed AS (
            SELECT timezone($zone, filed_at)::DATE AS day, handed_over FROM {results}
            WHERE ended <> 'no_claim' AND filed_at IS NOT NULL),
        span AS (SELECT min(day) AS first, max(day) AS last FROM filed),
        daily AS (
            SELECT day, count(*) FILTER (handed_over) AS n FROM filed GROUP BY day),
        every_day AS (
            SELECT coalesce(n, 0) AS n
            FROM (SELECT unnest(generate_series(first, last, INTERVAL 1 DAY))::DATE AS day
                FROM span)
            LEFT JOIN daily USING (day))
        SELECT count(*), coalesce(sum(n), 0), quantile_disc(n, $busy) FROM every_day
        """,
        {"zone": zone.key, "busy": staffing.busy_day},
    )
    loads = tuple(_loads(int(cases), days, busy or 0, staffing)) if cases else ()
    return Workload(int(cases), days, staffing, loads)


def _loads(cases: int, days: int, busy: int, staffing: Staffing) -> Iterable[Load]:
    open_days = days * staffing.open_days_a_week / DAYS_A_WEEK
    usual = cases / (open_days * staffing.open_hours_a_day)
    most = busy / staffing.open_hours_a_day
    for times in staffing.loads:
        yield Load(
            times,
            usual * times,
            usual * times * staffing.minutes_per_case,
            most * times,
            most * times * staffing.minutes_per_case,
        )
