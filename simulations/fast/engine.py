"""The loop: disputes of a pool go to their next instant, all of a chapter together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulations.fast.acting import Acting
from simulations.fast.chapters import Chapters, Looked
from simulations.fast.lasting import MOVING
from simulations.fast.plan import CALENDAR
from simulations.fast.recognising import EventsOf, Recognising
from simulations.fast.sheets import Asked
from simulations.fast.tables import NEVER, Tables, waiting
from simulations.life import MOST_MOVES
from simulations.literals import text_of

END = 2**62
"""An instant after all others."""

EMPTIER = 4
"""So many times fewer than in the fullest chapter have to wait for a chapter to be left out."""

TO_TELL = "facts_to_tell"
"""The prepared facts of which something is told beforehand."""

NEXT = f"""CASE WHEN l.act_n = {NEVER} OR f.skipped IS NULL THEN l.n + 1
    ELSE list_filter(
        range(l.n + 1, len(f.arrivals) + 1), lambda y: NOT list_contains(f.skipped, y)
    )[1] END"""
"""The next arrival; once we have acted, those of the old platform's acts alone are none."""


@dataclass
class Pool:
    """Disputes on their way, in tables of their own.

    There are a table `facts` of prepared facts, with `skipped`: the numbers of the arrivals that
    only tell what the old platform did; `live` (those that went on), tables of those that wait to
    be looked at, one for each chapter, `ended` (where each dispute ended up), `paid` (the money
    that moved) and `unfinished` (those the reference replay has to lead, and why). Disputes may
    join at any time; whoever reads `ended` empties it.
    """

    tables: Tables
    chapters: Chapters
    events_of: EventsOf
    until: int | None
    _planned: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._recognising = Recognising(self.tables, self.chapters, self.events_of)
        self._acting = Acting(self.tables, self.chapters)
        self.tables.begin()
        self.tables.run(f"CREATE TABLE {CALENDAR} AS {self.chapters.general.calendar.lists()}")

    def step(self) -> int:
        """Take disputes of some chapters to their next instant; return how many are on their way.

        It is the chapters in which most wait. The others go on waiting: a look at a few disputes
        costs hardly less than one at many.
        """
        self._move()
        self._sort()
        numbers = self._taken()
        for number in numbers:
            chapter = self.chapters.name(number)
            known = self.chapters.of(chapter)
            seen = self._look(chapter, number)
            self._recognising.recognise(known, number, seen)
            self._acting.act(known, seen)
            self._empty(number)
        if numbers:
            self._acting.go_on()
            self.tables.leave(numbers)
        return self.tables.waiting.total() + self.tables.count("live")

    def _taken(self) -> list[int]:
        """Let those go on that wait in the fullest chapters; return the numbers of these."""
        waiting = self.tables.waiting
        most = max(waiting.values(), default=0)
        numbers = [number for number, count in waiting.items() if count * EMPTIER >= most]
        if numbers:
            self.tables.take(numbers)
        return numbers

    def _move(self) -> None:
        """Find the next instant of all that went on, or joined; those without one have ended."""
        until = END if self.until is None else self.until
        self.tables.run(f"""
            CREATE OR REPLACE TABLE gone_on AS
            SELECT * EXCLUDE (next_n, following, arrives, runs_out) REPLACE (
                CASE WHEN pending THEN "at" WHEN arrives THEN following
                    WHEN runs_out THEN clock ELSE "at" END AS "at",
                CASE WHEN NOT pending AND arrives THEN next_n ELSE n END::INTEGER AS n,
                CASE WHEN pending THEN arrived ELSE arrives END AS arrived,
                moves + 1 AS moves
            ), NOT (pending OR arrives) AS by_clock, pending OR arrives OR runs_out AS going
            FROM (
                SELECT l.*, {NEXT} AS next_n, f.arrivals[next_n] AS following,
                    coalesce(following <= {until} AND coalesce(l.clock >= following, TRUE), FALSE)
                        AS arrives,
                    coalesce(l.clock <= {until}, FALSE) AS runs_out
                FROM live l JOIN facts f USING (id)
            )
        """)
        endless = f"going AND moves > {MOST_MOVES}"
        run = self.tables.run
        run("INSERT INTO ended SELECT * EXCLUDE (by_clock, going) FROM gone_on WHERE NOT going")
        run(f"INSERT INTO unfinished SELECT id, 'too many steps' FROM gone_on WHERE {endless}")
        run(f"DELETE FROM gone_on WHERE NOT going OR {endless}")
        run("CREATE OR REPLACE TABLE live AS FROM live LIMIT 0")

    def _sort(self) -> None:
        """Find the chapter each dispute is in; there it waits."""
        run = self.tables.run
        if not self.chapters.policy.chapters:
            run("CREATE OR REPLACE TABLE sorted AS SELECT id, '' AS chapter FROM gone_on")
        else:
            asked = self.chapters.of_all("id", "chapter")
            query = asked.query(self.tables.standing("gone_on", asked.columns), CALENDAR)
            run(f"CREATE OR REPLACE TABLE sorted AS {query}")
        found = run("SELECT chapter, count(*) FROM sorted GROUP BY chapter ORDER BY chapter")
        for chapter, count in found.fetchall():
            self.chapters.of(chapter)
            number = self.chapters.number(chapter)
            self.tables.wait(number, f"chapter = {text_of(chapter)}", count)

    def _look(self, chapter: str, number: int) -> str:
        """Work out all that is asked of a chapter's disputes at their instants; return the table.

        The query is planned once: its tables stand in a catalogue in which nothing else is made.
        """
        run = self.tables.run
        looked = self.chapters.looked_at(chapter)
        self._tell_beforehand(looked.beforehand, number)
        if number not in self._planned:
            self._plan(looked, number)
        moved, rows, seen = (self._of(number, name) for name in ("moved", "rows", "seen"))
        run(f"INSERT INTO {moved} {_moved(looked.asked.columns, waiting(number))}")
        with self.tables.as_written():
            run(f"EXECUTE look{number}")
        run(f"INSERT INTO unfinished SELECT id, 'no value' FROM {seen} WHERE no_value")
        run(f"DELETE FROM {rows} WHERE id IN (SELECT id FROM {seen} WHERE no_value)")
        return seen

    def _empty(self, number: int) -> None:
        """Empty the tables of a look; a checkpoint gives the memory of deleted rows back."""
        for name in ("moved", "rows"):
            self.tables.run(f"DELETE FROM {self._of(number, name)}")
        self.tables.run(f"CHECKPOINT {self.tables.beneath(number)}")

    def _plan(self, looked: Looked, number: int) -> None:
        """Plan the query of a chapter.

        What was told beforehand goes through it row by row, lists and all, and is not copied; what
        moves is small, and looked up.
        """
        run, asked = self.tables.run, looked.asked
        told, moved, rows, seen, calendar = (
            self._of(number, name) for name in ("told", "moved", "rows", "seen", CALENDAR)
        )
        run(f"CREATE TABLE {calendar} AS FROM {CALENDAR}")
        run(f"CREATE TABLE {moved} AS {_moved(asked.columns, waiting(number))} LIMIT 0")
        columns = ", ".join(f'{"m" if c in MOVING else "f"}."{c}"' for c in asked.columns)
        both = f"(SELECT {columns} FROM {told} f JOIN {moved} m USING (id))"
        query = asked.query(both, calendar)
        with self.tables.as_written():
            run(f"CREATE TABLE {rows} AS {query}")
            run(f"CREATE VIEW {seen} AS {looked.seen(rows)}")
            run(f"PREPARE look{number} AS INSERT INTO {rows} {query}")
        self._planned.add(number)

    def _tell_beforehand(self, asked: Asked, number: int) -> None:
        """Work out what is the same at every instant of the disputes that are looked at."""
        told, here = self._of(number, "told"), f"SELECT id FROM {waiting(number)}"
        if number not in self._planned:
            self.tables.attach(self.tables.beneath(number))
            self._write_beforehand(f"CREATE TABLE {told} AS", asked, here)
        elif self.tables.count(new := f"({here} ANTI JOIN {told} USING (id))"):
            self._write_beforehand(f"INSERT INTO {told}", asked, new)

    def _write_beforehand(self, into: str, asked: Asked, of: str) -> None:
        facts = ", ".join(f'"{column}"' for column in asked.columns)
        self.tables.run(
            f"CREATE OR REPLACE TABLE {TO_TELL} AS "
            f"SELECT {facts} FROM facts SEMI JOIN ({of}) USING (id)"
        )
        with self.tables.as_written():
            self.tables.run(f"{into} {asked.query(TO_TELL, CALENDAR)}")

    def _of(self, number: int, name: str) -> str:
        """Return a table of a chapter."""
        return f"{self.tables.beneath(number)}.{name}"

    def forget(self) -> None:
        """Drop what was worked out of disputes that have ended."""
        for number in self._planned:
            told = self._of(number, "told")
            self.tables.run(f"DELETE FROM {told} WHERE id NOT IN ({self.tables.on_their_way()})")


def _moved(columns: Sequence[str], source: str) -> str:
    """Return a query of those columns of disputes on their way that change there."""
    parts = [
        "least(n, act_n) AS seen_n" if column == "seen_n" else f'"{column}"'
        for column in columns
        if column in MOVING
    ]
    return f"SELECT {', '.join(parts)} FROM {source}"
