"""A whole history replayed fast: prepared facts go in, the tables of a run come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.expressions.tree import Kind
from reso.facts.table import FactTable
from reso.lifecycle import Life
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.fast.beyond import Beyond
from simulations.fast.chapters import Chapters
from simulations.fast.engine import Shard
from simulations.fast.facts import Mode
from simulations.fast.kinds import Kinds
from simulations.fast.traced import text_sql
from simulations.life import OLD_RULERS, OLD_RULINGS, Stretch
from simulations.measures.tables import ResultsTable
from simulations.prepared.instants import microseconds
from simulations.prepared.manifest import Manifest
from simulations.prepared.preparing import Prepared
from simulations.prepared.reference import reference_events
from simulations.results import ENDED, HANDED_OVER, PARTIES, Ended
from simulations.running import one_result

Progress = Callable[[int], None]
REFERENCE_AT_ONCE = 500
PROPOSED = "proposed_in"
"""The table of the disputes in which something was proposed to parties: `dispute_id`."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which facts a prepared history holds, in the words of the policy's table of facts."""

    fields: Mapping[str, tuple[Mode, Kind]]
    lists: Mapping[str, tuple[Mode, Mapping[str, Kind]]]

    @classmethod
    def of(cls, manifest: Manifest, table: FactTable) -> "Known":
        """Return what a manifest says of the facts a table declares."""
        fields = {
            path: (mode, _kind(table.fields[path].type))
            for path, mode in manifest.modes.items()
            if path in table.fields
        }
        lists: dict[str, tuple[Mode, Mapping[str, Kind]]] = {
            section: ("always", _kinds(table, section, given))
            for section, given in manifest.lists.items()
            if section in table.lists
        }
        for path, mode in manifest.modes.items():
            if path in table.lists:
                lists[path] = mode, _kinds(table, path, table.lists[path])
        return cls(fields, lists)


def _kinds(table: FactTable, section: str, names: Iterable[str]) -> Mapping[str, Kind]:
    declared = table.lists[section]
    return {name: _kind(declared[name].type) for name in names if name in declared}


def _kind(declared: str) -> Kind:
    if declared.startswith("list"):
        return "list"
    return "text" if declared == "enum" else declared  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a fast replay came to.

    Attributes:
        table: results and movements of every dispute.
        kinds: how many kinds of disputes were met. steps: how often all were moved on.
        by_reference: disputes that the reference replay led, by why.
    """

    table: ResultsTable
    kinds: int
    steps: int
    by_reference: Mapping[str, int]


@dataclass
class _Run:
    prepared: Prepared
    policy: Policy
    until: datetime | None
    table: ResultsTable
    progress: Progress
    left: dict[str, str] = field(default_factory=dict)

    def run(self) -> Replay:
        known = Known.of(self.prepared.manifest, self.prepared.table)
        chapters = Chapters(self.policy, known)
        kinds = chapters.kinds
        until = None if self.until is None else microseconds(self.until)
        steps = 0
        for facts, rows in zip(self.prepared.facts, self.prepared.rows, strict=True):
            self._begin(facts, rows, known)
            shard = Shard(self.table.connection, chapters, self._events, until)
            shard.run()
            steps = max(steps, shard.steps_made)
            self._collect(kinds, known)
            self.progress(shard.count("ended"))
        self._no_claim()
        self._by_reference()
        by_why: dict[str, int] = {}
        for why in self.left.values():
            by_why[why] = by_why.get(why, 0) + 1
        return Replay(self.table, len(kinds.steps), steps, by_why)

    def _sql(self, query: str, values: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        return self.table.connection.execute(query, list(values))

    def _events(self, ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        return reference_events(self.prepared, ids)

    # -- the facts of a shard -------------------------------------------------------------------

    def _begin(self, facts: Path, rows: Path, known: Known) -> None:
        """Read a shard: its facts, and what the old platform did in it (`old`, a row each)."""
        self._sql(f"""
            CREATE OR REPLACE TABLE old AS
            SELECT f.id, r._rec AS rec, greatest(r._rec, f.arrivals[1]) AS "at",
                {_is_all_old()} AS whole
            FROM {_parquet(rows)} r JOIN {_parquet(facts)} f USING (dispute_id)
            WHERE r.kind IN ({OLD_KINDS}) AND ({_is_old()})
        """)
        self._sql(f"""
            CREATE OR REPLACE TABLE facts AS
            WITH alone AS (
                SELECT id, "at", count(*) AS n FROM old GROUP BY ALL HAVING bool_and(whole)),
            told AS (
                SELECT f.id, f.arrivals, greatest(r._rec, f.arrivals[1]) AS "at"
                FROM {_parquet(rows)} r JOIN {_parquet(facts)} f USING (dispute_id)
                WHERE f.id IN (SELECT id FROM alone)),
            skipped AS (
                SELECT t.id, list_position(any_value(t.arrivals), t."at") AS place
                FROM told t JOIN alone a USING (id, "at")
                GROUP BY t.id, t."at" HAVING count(*) = any_value(a.n))
            SELECT f.*, s.skipped FROM {_parquet(facts)} f
            LEFT JOIN (SELECT id, list(place) AS skipped FROM skipped GROUP BY id) s USING (id)
        """)
        if left := Beyond(self.table.connection, facts, rows, known, self.policy).disputes():
            self._sql("DELETE FROM facts WHERE dispute_id IN (SELECT unnest($1))", [list(left)])
            self.left.update(left)

    # -- results of a shard -------------------------------------------------------------------

    def _collect(self, kinds: Kinds, known: Known) -> None:
        self._words(kinds)
        self._left_out()
        found = self._sql(
            "SELECT f.dispute_id, min(u.why) FROM unfinished u JOIN facts f USING (id) GROUP BY 1"
        )
        self.left.update(found.fetchall())
        self._sql(
            f"INSERT INTO {PROPOSED} SELECT f.dispute_id FROM ended e JOIN facts f USING (id) "
            'WHERE len(e."own:proposed") > 0'
        )
        self._movements(known)
        self._results(known)

    def _movements(self, known: Known) -> None:
        currency = _first(known, "order.currency")
        self._sql(f"""
            INSERT INTO {self.table.names.movements} BY NAME
            SELECT f.dispute_id, p.payer, p.payee, p.component, {currency} AS currency,
                sum(p.amount)::BIGINT AS amount
            FROM paid p JOIN facts f USING (id) JOIN ended e USING (id)
            ANTI JOIN unfinished USING (id) GROUP BY ALL
        """)

    def _results(self, known: Known) -> None:
        ended_at = "CASE WHEN s.by_human THEN e.handed_at ELSE e.settled_at END"
        self._sql(f"""
            INSERT INTO {self.table.names.results} BY NAME
            SELECT f.dispute_id,
                CASE WHEN e.n > 0 THEN {_as_of(known, "claim.type", "e.n")} END AS claim_type,
                CASE WHEN e.n > 0 THEN {_instant("f.arrivals[1]")} END AS filed_at,
                CASE WHEN e.n > 0 THEN s.ended ELSE 'no_claim' END AS ended, s.decision,
                CASE WHEN e.n > 0 THEN {_first(known, "order.currency")} END AS currency,
                e."own:settled"[-1].amount AS amount,
                coalesce(m.refunded, 0)::BIGINT AS refunded, {_instant(ended_at)} AS ended_at,
                s.question,
                CASE WHEN s.by_human THEN h.reason ELSE w.reason END AS reason,
                e.handed_by IS NOT NULL AS handed_over, e.asked, {_answers(known)} AS has_answers,
                coalesce(l.left_out, 0)::INTEGER AS left_out, e.moments,
                {_instant("e.refunded_at")} AS refunded_at,
                coalesce({_arrived(known)} > e.refunded_at, FALSE) AS arrived_after,
                'fast' AS engine
            FROM ended e JOIN facts f USING (id) JOIN state_words s ON s.kind = e.kind
            LEFT JOIN step_words w ON w.step = e.settled_by
            LEFT JOIN step_words h ON h.step = e.handed_by
            LEFT JOIN (
                SELECT id, sum(amount) AS refunded FROM paid WHERE payee = 'buyer' GROUP BY id
            ) m ON m.id = e.id
            LEFT JOIN left_out l ON l.id = e.id
            ANTI JOIN unfinished u ON u.id = e.id
        """)

    def _words(self, kinds: Kinds) -> None:
        """Write down what the numbers of steps and states mean."""
        steps = [f"({n}, {_text(step.reason)})" for n, step in enumerate(kinds.steps)]
        self._sql("CREATE OR REPLACE TABLE step_words(step INTEGER, reason VARCHAR)")
        if steps:
            self._sql(f"INSERT INTO step_words VALUES {', '.join(steps)}")
        self._sql(
            "CREATE OR REPLACE TABLE state_words(kind INTEGER, ended VARCHAR, decision VARCHAR, "
            "question VARCHAR, by_human BOOLEAN)"
        )
        rows = [_state_row(number, state) for state, number in kinds.states.items()]
        self._sql(f"INSERT INTO state_words VALUES {', '.join(rows)}")

    def _left_out(self) -> None:
        """Count the acts of the old platform that were not fed, since we had acted before."""
        until = "TRUE" if self.until is None else f"o.rec <= {microseconds(self.until)}"
        self._sql(f"""
            CREATE OR REPLACE TABLE left_out AS
            SELECT e.id, count(*) AS left_out FROM old o
            JOIN facts f USING (id) JOIN ended e USING (id)
            WHERE e.act_n < len(f.arrivals) AND {until} AND o.rec > f.arrivals[e.act_n]
            GROUP BY e.id
        """)

    # -- what is not led here -----------------------------------------------------------------

    def _no_claim(self) -> None:
        source = _parquet(self.prepared.no_claim)
        names = [row[0] for row in self._sql(f"SELECT dispute_id FROM {source}").fetchall()]
        self.left.update(dict.fromkeys(names, "no claim"))
        source = _parquet(self.prepared.odd)
        self.left.update(self._sql(f"SELECT dispute_id, why FROM {source}").fetchall())

    def _by_reference(self) -> None:
        """Lead by the reference replay what could not be led here."""
        life = Life(Engine.of(Compiled(self.policy)))
        stretch = Stretch(self.until)
        names = sorted(self.left)
        for start in range(0, len(names), REFERENCE_AT_ONCE):
            events = self._events(names[start : start + REFERENCE_AT_ONCE])
            led = [one_result(life, tuple(one), stretch) for one in events.values()]
            self.table.add_results(led, "reference")
            self.progress(len(led))


def replay(
    prepared: Prepared,
    policy: Policy,
    until: datetime | None,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    progress: Progress = lambda count: None,
) -> Replay:
    """Replay a prepared history under a policy, from the complaint on.

    Args:
        until: the last instant; None: until nothing is left to happen.
        connection: where the tables of the run are made; default: a new one, in memory.
        progress: called with how many more disputes are done.

    Raises:
        UnsupportedPolicyError: the policy says something that is not written as SQL.
        InputError: a dispute cannot be lived through; the message names it.
    """
    table = ResultsTable.empty(connection)
    table.connection.execute(f"CREATE OR REPLACE TABLE {PROPOSED}(dispute_id VARCHAR)")
    return _Run(prepared, policy, until, table, progress).run()


# -- pieces of SQL ------------------------------------------------------------------------------


def _parquet(file: Path) -> str:
    return f"read_parquet({text_sql(str(file))})"


def _text(text: str) -> str:
    return text_sql(text) if text else "NULL"


def _instant(sql: str) -> str:
    return f"make_timestamptz({sql})"


def _state_row(number: int, state: tuple[object, ...]) -> str:
    """Return what a state means for the result of a dispute that ended in it."""
    if not state:
        return f"({number}, 'open', NULL, NULL, FALSE)"
    name, settled, escalated = str(state[0]), state[4], state[5]
    assert isinstance(settled, tuple)
    assert isinstance(escalated, tuple)
    by_human = name in HANDED_OVER
    decision = _text(str(settled[0])) if settled else "NULL"
    question = _text(str(escalated[0] or "")) if escalated else "NULL"
    how = str(settled[2]) if settled else ""
    return f"({number}, {text_sql(_ended(name, how))}, {decision}, {question}, {by_human})"


def _ended(state: str, how: str) -> Ended:
    match state:
        case "settled" | "closed":
            return next((one for one in ENDED[:3] if one == how), "imposed")
        case "escalated" | "taken_over":
            return "escalated"
        case "withdrawn":
            return "withdrawn"
        case _:
            return "open"


def _as_of(known: Known, path: str, n: str) -> str:
    if path not in known.fields:
        return "NULL"
    match known.fields[path][0]:
        case "always":
            return f'f."{path}"'
        case "once":
            return f'CASE WHEN f."{path}#n" <= {n} THEN f."{path}" END'
        case "changes":
            return f'list_filter(f."{path}", lambda y: y.n <= {n})[-1].v'


def _first(known: Known, path: str) -> str:
    """Return what is stated of a field first, of what became known."""
    if path in known.fields and known.fields[path][0] == "changes":
        return f'list_filter(f."{path}", lambda y: y.n <= e.n)[1].v'
    return _as_of(known, path, "e.n")


def _answers(known: Known) -> str:
    """Return whether a party answered, at any time; a message is no answer."""
    fields = known.lists.get("responses", ("once", {}))[1]
    if "party" not in fields:
        return "FALSE"
    parties = ", ".join(map(text_sql, PARTIES))
    said = "y.action IS DISTINCT FROM 'message'" if "action" in fields else "TRUE"
    answers = (
        f"list_filter(f.responses, lambda y: coalesce(y.party IN ({parties}), FALSE) AND {said})"
    )
    return f"coalesce(len({answers}) > 0, FALSE)"


def _arrived(known: Known) -> str:
    """Return when a delivery to the buyer first became known."""
    fields = known.lists.get("tracking", ("once", {}))[1]
    if "event" not in fields:
        return "NULL"
    outward = "coalesce(y.leg = 'outward', TRUE)" if "leg" in fields else "TRUE"
    scans = f"list_filter(f.tracking, lambda y: y.\"event\" = 'delivered' AND {outward})"
    return f"f.arrivals[list_min(list_transform({scans}, lambda y: y.n))]"


OLD_KINDS = ", ".join(map(text_sql, ("responses", *OLD_RULINGS)))


def _is_old() -> str:
    """Return whether a row holds what the old platform did."""
    tests = [
        f"coalesce(r.kind = {text_sql(kind)} AND (r.payload -> '$.{name}') IS NOT NULL, FALSE)"
        for kind, names in OLD_RULINGS.items()
        for name in names
    ]
    return " OR ".join([_is_old_response(), *tests])


def _is_all_old() -> str:
    """Return whether a row holds nothing but what the old platform did."""
    tests = [
        f"(r.kind = {text_sql(kind)} AND len(list_filter(json_keys(r.payload), "
        f"lambda y: y NOT IN ({', '.join(map(text_sql, names))}))) = 0)"
        for kind, names in OLD_RULINGS.items()
    ]
    return f"coalesce({' OR '.join([_is_old_response(), *tests])}, FALSE)"


def _is_old_response() -> str:
    rulers = ", ".join(map(text_sql, OLD_RULERS))
    party, of = "r.payload ->> '$.party'", "r.payload ->> '$.of'"
    said = f"coalesce(({party}) IN ({rulers}), FALSE) OR coalesce(({of}) = 'platform', FALSE)"
    return f"(r.kind = 'responses' AND ({said}))"


__all__ = ["Known", "Replay", "replay"]
