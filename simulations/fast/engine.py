"""The loop: every dispute of a shard goes to its next instant, all of them together."""

from dataclasses import dataclass

import duckdb

from simulations.fast.acting import Acting
from simulations.fast.chapters import Chapters
from simulations.fast.kinds import ChapterKinds
from simulations.fast.plan import CALENDAR
from simulations.fast.recognising import EventsOf, Recognising
from simulations.fast.tables import NEVER, Tables
from simulations.fast.traced import text_sql

END = 2**62
"""An instant after all others."""

MOST_STEPS = 2_000
"""Steps of one shard; a life has no more moves in the reference replay."""

MOVING = "next_n, following, arrives, runs_out"

NEXT = f"""CASE WHEN l.act_n = {NEVER} OR f.skipped IS NULL THEN l.n + 1
    ELSE list_filter(
        range(l.n + 1, len(f.arrivals) + 1), lambda y: NOT list_contains(f.skipped, y)
    )[1] END"""
"""The next arrival; once we have acted, those of the old platform's acts alone are none."""


@dataclass
class Shard:
    """Disputes of one shard on their way.

    The connection has a table `facts` of prepared facts, with `skipped`: the numbers of the
    arrivals that only tell what the old platform did. After `run` there are the tables `ended`
    (where each dispute ended up), `paid` (the money that moved) and `unfinished` (those the
    reference replay has to lead, and why).
    """

    connection: duckdb.DuckDBPyConnection
    chapters: Chapters
    events_of: EventsOf
    until: int | None
    steps_made: int = 0

    def __post_init__(self) -> None:
        self.tables = Tables(self.connection)
        self._recognising = Recognising(self.tables, self.events_of)
        self._acting = Acting(self.tables, self.chapters)
        self._told: set[int] = set()

    def run(self) -> None:
        """Lead every dispute to its end, or to `until`."""
        self._begin()
        for _ in range(MOST_STEPS):
            if not self._move():
                return
            self.tables.run("DROP TABLE IF EXISTS acting")
            for chapter in self._sort():
                known = self.chapters.of(chapter)
                number = self.chapters.number(chapter)
                seen = self._look(known, chapter, number)
                self._recognising.recognise(known, f"variants{number}", seen)
                self._acting.act(known, seen)
            self._acting.go_on()
        self.tables.run("INSERT INTO unfinished SELECT id, 'too many steps' FROM live")

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return self.tables.count(table)

    def _begin(self) -> None:
        self.tables.begin()
        lists = self.chapters.general.calendar.lists()
        self.tables.run("ATTACH IF NOT EXISTS ':memory:' AS looks")
        for place in (CALENDAR, f"looks.{CALENDAR}"):
            self.tables.run(f"CREATE TABLE IF NOT EXISTS {place} AS {lists}")

    def _move(self) -> bool:
        """Take every dispute to its next instant; those without one have ended."""
        until = END if self.until is None else self.until
        self.tables.run(f"""
            CREATE OR REPLACE TABLE moving AS
            SELECT l.*, {NEXT} AS next_n, f.arrivals[next_n] AS following,
                coalesce(following <= {until} AND coalesce(l.clock >= following, TRUE), FALSE)
                    AS arrives,
                coalesce(l.clock <= {until}, FALSE) AS runs_out
            FROM live l JOIN facts f USING (id)
        """)
        going = "pending OR arrives OR runs_out"
        self.tables.run(
            f"INSERT INTO ended SELECT * EXCLUDE ({MOVING}) FROM moving WHERE NOT ({going})"
        )
        self.tables.run(f"""
            CREATE OR REPLACE TABLE moved AS
            SELECT * EXCLUDE ({MOVING}) REPLACE (
                CASE WHEN pending THEN "at" WHEN arrives THEN following ELSE clock END AS "at",
                CASE WHEN NOT pending AND arrives THEN next_n ELSE n END::INTEGER AS n,
                CASE WHEN pending THEN arrived ELSE arrives END AS arrived
            ), NOT (pending OR arrives) AS by_clock
            FROM moving WHERE {going}
        """)
        self.steps_made += 1
        return self.count("moved") > 0

    def _sort(self) -> list[str]:
        """Find the chapter each dispute is in; return those that occur."""
        general, run = self.chapters.general, self.tables.run
        if not self.chapters.policy.chapters:
            run("CREATE OR REPLACE TABLE sorted AS SELECT id, '' AS chapter FROM moved")
            return [""]
        wanted = ("id", "chapter")
        self.tables.stand("moved_facts", "moved", general.read_columns(*wanted))
        with self.tables.as_written():
            run(f"CREATE OR REPLACE TABLE sorted AS {general.sheet.select(wanted)}")
        return [row[0] for row in run("SELECT DISTINCT chapter FROM sorted").fetchall()]

    def _look(self, known: ChapterKinds, chapter: str, number: int) -> str:
        """Work out all that is asked of a chapter's disputes at their instants; return the table.

        The query is planned once: its tables stand in a catalogue in which nothing else is made.
        """
        columns, run = known.plan.read_columns(), self.tables.run
        stand, rows, seen = (f"looks.{name}{number}" for name in ("stand", "rows", "seen"))
        here = f"id IN (SELECT id FROM sorted WHERE chapter = {text_sql(chapter)})"
        told = self._tell_beforehand(known, number, here)
        if number not in self.chapters.planned:
            self.chapters.planned.add(number)
            nothing = self.tables.standing("moved", columns, "FALSE", told)
            run(f"CREATE OR REPLACE TABLE {stand} AS {nothing}")
            query = known.plan.query().replace("moved_facts", stand)
            query = query.replace(CALENDAR, f"looks.{CALENDAR}")
            with self.tables.as_written():
                run(f"CREATE OR REPLACE TABLE {rows} AS {query}")
                run(f"CREATE OR REPLACE VIEW {seen} AS {known.plan.seen(rows)}")
                run(f"PREPARE look{number} AS INSERT INTO {rows} {query}")
        run(f"DELETE FROM {stand}")
        run(f"DELETE FROM {rows}")
        run(f"INSERT INTO {stand} {self.tables.standing('moved', columns, here, told)}")
        with self.tables.as_written():
            run(f"EXECUTE look{number}")
        run(f"INSERT INTO unfinished SELECT id, 'no value' FROM {seen} WHERE no_value")
        run(f"DELETE FROM {rows} WHERE id IN (SELECT id FROM {seen} WHERE no_value)")
        return seen

    def _tell_beforehand(self, known: ChapterKinds, number: int, here: str) -> str:
        """Work out what is the same at every instant of the disputes here; return the table."""
        told = f"told{number}"
        if number not in self._told:
            self._told.add(number)
            self._write_beforehand(f"CREATE OR REPLACE TABLE {told} AS", known, here)
        elif self.tables.count(f"(FROM sorted ANTI JOIN {told} USING (id) WHERE {here})"):
            new = f"{here} AND id NOT IN (SELECT id FROM {told})"
            self._write_beforehand(f"INSERT INTO {told}", known, new)
        return told

    def _write_beforehand(self, into: str, known: ChapterKinds, where: str) -> None:
        self.tables.run(f"CREATE OR REPLACE TABLE to_tell AS FROM facts WHERE {where}")
        with self.tables.as_written():
            self.tables.run(f"{into} {known.plan.beforehand('to_tell')}")
