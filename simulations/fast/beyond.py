"""What only the reference replay carries: disputes with facts that are not to be put into SQL.

Whether a shard has any number out of range is read off the statistics of its file; its rows are
looked at only where it has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from reso.expressions.tree import Kind
from reso.lifecycle.life import CALLS
from reso.lifecycle.state import YES
from reso.model.events import SCALARS
from reso.policy.model import Policy
from simulations.fast.facts import OLD_FIELDS, Mode, Prepared
from simulations.life import LEDGER
from simulations.literals import parquet_of, text_of
from simulations.sql.calendar import day_number, microseconds

OWN_CALENDAR = ("calendar.weekend", "calendar.holidays")
CURRENCY = "order.currency"
OUTAGES = "unavailable"

TELLING = ("cancel_complaint", "appeal", "reject", *YES, *CALLS)
"""Words that change where a dispute stands, or call a human."""

AT_FIRST = ("cancel_complaint", *CALLS)
"""Those of them that do so with the complaint."""

PROMISE = "coalesce(payload ->> '$.reason' = 'promise_not_kept', FALSE)"

FIRST, LAST = date(1992, 1, 1), date(2090, 1, 1)


def instant_of(day: date) -> int:
    """Return the instant at which a day begins in UTC, as microseconds since 1970."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


LIMITS: Mapping[Kind, tuple[int, int]] = {
    "money": (0, 10**12),
    "integer": (-(10**6), 10**6),
    "rate": (0, 10**8),
    "instant": (instant_of(FIRST), instant_of(LAST)),
    "date": (day_number(FIRST), day_number(LAST)),
}
"""The least and the greatest number of each kind that is put into SQL: minor units, whole numbers,
millionths, microseconds, days since 1970. What a policy makes of them is bounded from here when it
is planned; where that may outgrow 64 bits or the calendar's years, `lacking` looks at each."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Finds the disputes of a shard that are left to the reference replay.

    Attributes:
        file: the prepared facts of the shard. rows: its events.
    """

    connection: duckdb.DuckDBPyConnection
    file: Path
    rows: Path
    prepared: Prepared
    policy: Policy

    def disputes(self) -> dict[str, str]:
        """Return these disputes, by their names, and why each is one."""
        return {**self._taken_back(), **self._said_at_once(), **self._with_such_facts()}

    def _taken_back(self) -> dict[str, str]:
        """Return the disputes in which the record takes back a fact that our acts state, too.

        It may be one it never stated: no column of facts tells of that. What it takes back of the
        old platform's acts counts only if it is later than an act of ours at that instant.
        """
        told = " OR ".join(map(_is_taken_back, LEDGER))
        query = f"""
            SELECT DISTINCT r.dispute_id FROM {self._events} r JOIN {self._source} f
                USING (dispute_id)
            WHERE r.kind IN ('history', 'case') AND r._rec >= f.arrivals[1]
                AND (payload IS NULL OR contains(payload, 'null'))
                AND (coalesce(json_type(payload), 'NULL') = 'NULL' OR {told})
        """
        found = self.connection.execute(query).fetchall()
        return dict.fromkeys((row[0] for row in found), "a fact of our acts taken back")

    def _said_at_once(self) -> dict[str, str]:
        """Return the disputes in which it matters in which order rows of one instant stand.

        That is: claims that become known together, one that is taken back, a party that is named
        again, and a word that counts beside a claim.
        """
        party, filed = "payload ->> '$.party'", "payload ->> '$.filed_at'"
        action = "coalesce(payload ->> '$.action', '')"
        telling = f"{action} IN ({_listed(TELLING)}) OR {PROMISE}"
        at_first = f"{action} IN ({_listed(AT_FIRST)}) OR {PROMISE}"
        query = f"""
            WITH claims AS (
                SELECT r.dispute_id, greatest(r._rec, f.arrivals[1]) AS "at", {party} AS party,
                    {filed} AS filed,
                    coalesce(json_type(payload), 'NULL') = 'NULL'
                        OR coalesce(json_type(payload, '$.party') = 'NULL', FALSE)
                        OR coalesce(json_type(payload, '$.filed_at') = 'NULL', FALSE) AS taken_back
                FROM {self._events} r JOIN {self._source} f USING (dispute_id)
                WHERE r.kind = 'claim'),
            told AS (SELECT * FROM claims WHERE party IS NOT NULL OR filed IS NOT NULL),
            words AS (
                SELECT r.dispute_id, greatest(r._rec, f.arrivals[1]) AS "at"
                FROM {self._events} r JOIN {self._source} f USING (dispute_id)
                WHERE r.kind = 'responses'
                    AND CASE WHEN r._rec <= f.arrivals[1] THEN {at_first} ELSE {telling} END)
            SELECT dispute_id FROM claims WHERE taken_back
            UNION SELECT dispute_id FROM told GROUP BY dispute_id, "at" HAVING count(*) > 1
            UNION SELECT dispute_id FROM told WHERE party <> 'buyer'
                GROUP BY dispute_id, party HAVING count(*) > 1
            UNION SELECT dispute_id FROM words SEMI JOIN told USING (dispute_id, "at")
        """
        found = self.connection.execute(query).fetchall()
        return dict.fromkeys((row[0] for row in found), "a claim told in several ways")

    def _with_such_facts(self) -> dict[str, str]:
        told = [(why, sql) for why, sql in self._conditions() if sql]
        if not told:
            return {}
        whens = " ".join(f"WHEN {sql} THEN {text_of(why)}" for why, sql in told)
        query = f"SELECT dispute_id, CASE {whens} END AS why FROM {self._source}"
        return dict(self.connection.execute(f"FROM ({query}) WHERE why IS NOT NULL").fetchall())

    @property
    def _events(self) -> str:
        return parquet_of(self.rows)

    @property
    def _source(self) -> str:
        return parquet_of(self.file)

    def _conditions(self) -> Iterator[tuple[str, str]]:
        """Yield reasons with their conditions; empty: no dispute of the shard meets it."""
        fields, lists = self.prepared.fields, self.prepared.lists
        stated = (f'"{path}" IS NOT NULL' for path in OWN_CALENDAR if path in fields)
        yield "a calendar of its own", " OR ".join(stated)
        yield "a source was down", f"len({OUTAGES}) > 0" if OUTAGES in lists else ""
        if CURRENCY in fields:
            ours = ", ".join(map(text_of, self.policy.currencies))
            yield "another currency", _any(CURRENCY, fields[CURRENCY][0], f"NOT IN ({ours})")
        yield "a number out of range", " OR ".join(self._out_of_range())

    def _out_of_range(self) -> Iterator[str]:
        """Yield the conditions that a number is out of range, of the columns that hold one."""
        extremes = self._extremes()
        for path, (mode, kind) in self.prepared.fields.items():
            if kind in LIMITS and _is_far(kind, extremes.get(_leaf(path, mode))):
                yield _any(path, mode, _outside(kind))
        for path, (mode, items) in self.prepared.lists.items():
            whole = (
                f"{path}, list, element"
                if "." not in path
                else f"{_leaf(path, mode)}, list, element"
            )
            for name, kind in items.items():
                if kind in LIMITS and _is_far(kind, extremes.get(f"{whole}, {name}")):
                    yield _any_item(path, mode, name, _outside(kind))

    def _extremes(self) -> dict[str, tuple[int | None, int | None]]:
        """Return the least and the greatest number of each column, as its file states them."""
        rows = self.connection.execute(
            "SELECT path_in_schema, min(try_cast(stats_min_value AS BIGINT)), "
            "max(try_cast(stats_max_value AS BIGINT)) "
            f"FROM parquet_metadata({text_of(str(self.file))}) GROUP BY 1"
        ).fetchall()
        return {path: (low, high) for path, low, high in rows}


def _is_taken_back(path: str) -> str:
    """Return whether a row takes a field back where that may undo what our acts stated of it."""
    section, _, name = path.rpartition(".")
    nulled = f"coalesce(json_type(payload, '$.{name}') = 'NULL', FALSE)"
    later = " AND r._occ > r._rec" if path in OLD_FIELDS else ""
    return f"(r.kind = '{section or SCALARS}' AND {nulled}{later})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(text_of, words))


def _leaf(path: str, mode: Mode) -> str:
    """Return how the file calls the column of a field's values."""
    return f"{path}, list, element, v" if mode == "changes" else path


def _is_far(kind: Kind, extremes: tuple[int | None, int | None] | None) -> bool:
    """Whether a column may hold a number out of range; one that has no values does not."""
    low, high = extremes or (None, None)
    least, greatest = LIMITS[kind]
    return low is not None and high is not None and (low < least or high > greatest)


def _outside(kind: Kind) -> str:
    least, greatest = LIMITS[kind]
    return f"NOT BETWEEN {least} AND {greatest}"


def _any(path: str, mode: Mode, test: str) -> str:
    """Return whether any value that is stated of a field meets a test."""
    if mode == "changes":
        return f'coalesce(len(list_filter("{path}", lambda y: y.v {test})) > 0, FALSE)'
    return f'coalesce("{path}" {test}, FALSE)'


def _any_item(path: str, mode: Mode, name: str, test: str) -> str:
    """Return whether a field of any item of a list meets a test."""
    items = (
        f'flatten(list_transform("{path}", lambda z: z.v))' if mode == "changes" else f'"{path}"'
    )
    return f'coalesce(len(list_filter({items}, lambda y: y."{name}" {test})) > 0, FALSE)'
