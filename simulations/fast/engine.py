"""The loop: every dispute of a shard goes to its next instant, all of them together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from reso.lifecycle.life import MOST_ACTS
from reso.lifecycle.state import OWN_ACTS
from reso.model.events import Event
from simulations.fast.facts import LEDGER, OWN_LISTS, own, own_n
from simulations.fast.kinds import UNTRACED, WORD, Kinds, Led, Variant
from simulations.fast.leading import Step
from simulations.fast.plan import CALENDAR, Plan
from simulations.fast.sheets import read
from simulations.fast.standings import packed
from simulations.fast.traced import text_sql
from simulations.results import REFUNDS

FAR = 2**31 - 1
END = 2**62
MOST_STEPS = 400
LED_AT_ONCE = 400
REFUNDED = ", ".join(map(text_sql, REFUNDS))

OWN_TYPES = {
    "asked": "STRUCT(n INTEGER, \"at\" BIGINT, question VARCHAR)[]",
    "proposed": "STRUCT(n INTEGER, \"at\" BIGINT, decision VARCHAR, amount BIGINT, parties VARCHAR[], until BIGINT)[]",
    "settled": "STRUCT(n INTEGER, \"at\" BIGINT, decision VARCHAR, amount BIGINT, payee VARCHAR, how VARCHAR, legs VARCHAR[])[]",
    "escalated": "STRUCT(n INTEGER, \"at\" BIGINT, question VARCHAR, reason VARCHAR)[]",
    "reopened": "STRUCT(n INTEGER, \"at\" BIGINT, because VARCHAR)[]",
    "closed": "STRUCT(n INTEGER, \"at\" BIGINT)[]",
}
LEDGER_TYPES = {path: "VARCHAR" if kind == "text" else "BIGINT" for path, kind in LEDGER.items()}

NEXT = f"""CASE WHEN l.act_n = {FAR} OR f.skipped IS NULL THEN l.n + 1
    ELSE list_filter(range(l.n + 1, len(f.arrivals) + 1), lambda y: NOT list_contains(f.skipped, y))[1] END"""
"""The next arrival; once we have acted, those of the old platform's acts alone are none."""

EventsOf = Callable[[Sequence[str]], Mapping[str, Sequence[Event]]]
"""Gives the recorded events of disputes, by their ids."""


@dataclass
class Shard:
    """Disputes of one shard on their way.

    `facts` is a relation of the prepared facts, with `skipped`: the numbers of the arrivals that
    only tell what the old platform did. After `run` there are the tables `ended` (where
    each dispute ended up), `paid` (the money that moved) and `left` (those the reference replay
    has to lead).
    """

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    kinds: Kinds
    events_of: EventsOf
    until: int | None
    steps_made: int = 0
    variants: list[Variant] = field(default_factory=list)
    _added: int = 0
    _names: dict[int, str] = field(default_factory=dict)

    def run(self) -> None:
        """Lead every dispute to its end, or to `until`."""
        self._begin()
        for _ in range(MOST_STEPS):
            if not self._move():
                return
            self._look()
            self._recognise()
            self._act()
        self._sql("INSERT INTO unfinished SELECT id, 'too many steps' FROM live")

    # -- begin -------------------------------------------------------------------------------

    def _sql(self, query: str) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(query)

    def _begin(self) -> None:
        mine = [f"[]::{kind} AS \"{own(name)}\"" for name, kind in OWN_TYPES.items()]
        for path, kind in LEDGER_TYPES.items():
            mine += [f'NULL::{kind} AS "{own(path)}"', f'NULL::INTEGER AS "{own_n(path)}"']
        state = (
            "NULL::BIGINT AS \"at\", 0 AS n, 2147483647 AS act_n, 0 AS kind, FALSE AS arrived, "
            "0 AS before, NULL::BIGINT AS until, NULL::BIGINT AS clock, FALSE AS chain, "
            "FALSE AS pending, 0 AS rounds, 0 AS moments, -1 AS essence, NULL::BIGINT AS e0, "
            "NULL::BIGINT AS e1, NULL::BIGINT AS e2, NULL::INTEGER AS settled_by, NULL::BIGINT AS settled_at, "
            "NULL::INTEGER AS handed_by, NULL::BIGINT AS handed_at, 0 AS asked, NULL::BIGINT AS refunded_at, "
            "[]::STRUCT(\"at\" BIGINT, n INTEGER, step INTEGER)[] AS log"
        )
        self._sql(f"CREATE OR REPLACE TABLE live AS SELECT id, {state}, {', '.join(mine)} FROM facts")
        self._sql("CREATE OR REPLACE TABLE ended AS SELECT * FROM live LIMIT 0")
        self._sql("CREATE OR REPLACE TABLE unfinished(id BIGINT, why VARCHAR)")
        self._sql(
            "CREATE OR REPLACE TABLE paid(id BIGINT, \"at\" BIGINT, payer VARCHAR, payee VARCHAR, "
            "component VARCHAR, amount BIGINT)"
        )
        self._sql(f"CREATE TABLE IF NOT EXISTS {CALENDAR} AS {self.plan.calendar.lists()}")

    # -- one step ----------------------------------------------------------------------------

    def _move(self) -> bool:
        """Take every dispute to its next instant; those without one have ended."""
        until = END if self.until is None else self.until
        self._sql(f"""
            CREATE OR REPLACE TABLE moving AS
            SELECT l.*, {NEXT} AS next_n, f.arrivals[next_n] AS following,
                coalesce(following <= {until} AND coalesce(l.clock >= following, TRUE), FALSE) AS arrives,
                coalesce(l.clock <= {until}, FALSE) AS runs_out
            FROM live l JOIN facts f USING (id)
        """)
        going = "pending OR arrives OR runs_out"
        extra = "next_n, following, arrives, runs_out"
        self._sql(f"INSERT INTO ended SELECT * EXCLUDE ({extra}) FROM moving WHERE NOT ({going})")
        self._sql(f"""
            CREATE OR REPLACE TABLE moved AS
            SELECT * EXCLUDE ({extra}) REPLACE (
                CASE WHEN pending THEN "at" WHEN arrives THEN following ELSE clock END AS "at",
                CASE WHEN NOT pending AND arrives THEN next_n ELSE n END::INTEGER AS n,
                CASE WHEN pending THEN arrived ELSE arrives END AS arrived
            ), NOT (pending OR arrives) AS by_clock
            FROM moving WHERE {going}
        """)
        self.steps_made += 1
        return self.count("moved") > 0

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        found = self._sql(f"SELECT count(*) FROM {table}").fetchone()
        assert found is not None
        return int(found[0])

    def _look(self) -> None:
        """Work out everything that is asked of a dispute at its instant."""
        self._stand("moved_facts", "moved", self.plan.read_columns())
        with self._as_written():
            self._sql(f"CREATE OR REPLACE TABLE seen AS {self.plan.query()}")
        if "no_value" in self.plan.exported:
            self._sql("INSERT INTO unfinished SELECT id, 'no value' FROM seen WHERE no_value")
            self._sql("DELETE FROM seen WHERE no_value")

    def _stand(self, name: str, moved: str, columns: Sequence[str], where: str = "TRUE") -> None:
        """Put disputes on their way beside their facts, as a table of these columns."""
        mine = {row[0] for row in self._sql(f"DESCRIBE {moved}").fetchall()}
        parts = [f'm."{column}"' if column in mine else f'f."{column}"' for column in columns]
        listed = ", ".join(parts).replace('f."seen_n"', "least(m.n, m.act_n) AS seen_n")
        self._sql(
            f"CREATE OR REPLACE TABLE {name} AS SELECT {listed} "
            f"FROM {moved} m JOIN facts f USING (id) WHERE {where}"
        )

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """Run queries as they are written: a sheet of a thousand columns is not made any better."""
        self._sql("PRAGMA disable_optimizer")
        try:
            yield
        finally:
            self._sql("PRAGMA enable_optimizer")

    # -- kinds -------------------------------------------------------------------------------

    def _recognise(self) -> None:
        """Find the kind of each dispute; of a kind not met before, one is led."""
        self._sql("CREATE OR REPLACE TABLE found(id BIGINT, step INTEGER)")
        rest = "seen"
        led: set[int] = set()
        while True:
            self._match(rest)
            self._sql("CREATE OR REPLACE TABLE rest AS SELECT * FROM seen ANTI JOIN found USING (id)")
            rest = "rest"
            new = self._sql(
                f"SELECT k1, k2, min(id) FROM rest GROUP BY k1, k2 LIMIT {LED_AT_ONCE}"
            ).fetchall()
            if not new:
                return
            if again := led & {number for *_, number in new}:
                self._refuse(again)
            led |= {number for *_, number in new}
            self._lead(new)

    def _refuse(self, ids: set[int]) -> None:
        """Say which disputes are not of the kind they were led as: a fault of this program."""
        listed = ", ".join(map(str, sorted(ids)[:3]))
        rows = self._sql(f"SELECT id, k1, k2 FROM seen WHERE id IN ({listed})").fetchall()
        told = []
        for number, k1, k2 in rows:
            for variant in self.variants:
                if variant.key != (k1, k2):
                    continue
                for condition, place in self.kinds.conditions.items():
                    word, bit = divmod(place, WORD)
                    if not variant.asked.get(word, 0) >> bit & 1:
                        continue
                    wanted = bool(variant.wanted[word] >> bit & 1)
                    found = self._sql(
                        f"SELECT coalesce({condition}, FALSE) FROM seen WHERE id = {number}"
                    ).fetchone()
                    if found is None or bool(found[0]) != wanted:
                        told.append(f"{number}: {condition} is not {wanted}")
        raise RuntimeError("; ".join(told))

    def _match(self, rows: str) -> None:
        words = -(-len(self.kinds.conditions) // WORD)
        self._words(words)
        conditions = [f"coalesce({sql}, FALSE)" for sql in self.kinds.conditions]
        bits = [
            f"({packed(conditions[n * WORD : (n + 1) * WORD])}) AS b{n}" for n in range(words)
        ]
        fits = "".join(f" AND (b.b{n} & v.m{n}) = v.w{n}" for n in range(words))
        listed = "".join(f", {one}" for one in bits)
        self._sql(f"""
            INSERT INTO found
            SELECT b.id, max(v.step) FROM (SELECT id, k1, k2{listed} FROM {rows}) b
            JOIN variants v ON b.k1 = v.k1 AND b.k2 = v.k2{fits} GROUP BY b.id
        """)

    def _words(self, words: int) -> None:
        """Make sure that the table of variants has a pair of columns for each word."""
        self._sql("CREATE TABLE IF NOT EXISTS variants(k1 UBIGINT, k2 UBIGINT, step INTEGER)")
        known = len(self._sql("DESCRIBE variants").fetchall())
        for n in range((known - 3) // 2, words):
            self._sql(f"ALTER TABLE variants ADD COLUMN m{n} BIGINT DEFAULT 0")
            self._sql(f"ALTER TABLE variants ADD COLUMN w{n} BIGINT DEFAULT 0")

    def _lead(self, new: Sequence[tuple[int, int, int]]) -> None:
        led = self._led([number for *_, number in new])
        made = [self.kinds.lead((k1, k2), led[number]) for k1, k2, number in new]
        self.variants += made
        words = -(-len(self.kinds.conditions) // WORD)
        self._words(words)
        rows = ", ".join(_variant_row(variant, words) for variant in made)
        self._sql(f"INSERT INTO variants VALUES {rows}")

    def _led(self, ids: Sequence[int]) -> dict[int, Led]:
        """Return what has to be known of disputes to lead them."""
        names = [*(own(name) for name in OWN_LISTS), *(own(path) for path in LEDGER)]
        quoted = ", ".join(f'm."{name}"' for name in names)
        listed = ", ".join(map(str, ids))
        rows = self._sql(
            f"SELECT m.id, f.dispute_id, f.arrivals, m.\"at\", m.n, m.act_n, m.log, m.before, {quoted} "
            f"FROM moved m JOIN facts f USING (id) WHERE m.id IN ({listed})"
        ).fetchall()
        events = self.events_of([row[1] for row in rows])
        found = {}
        for number, dispute, arrivals, at, n, act_n, log, before, *mine in rows:
            lists = dict(zip(OWN_LISTS, mine, strict=False))
            ledger = dict(zip(LEDGER, mine[len(OWN_LISTS) :], strict=True))
            told = [(entry["at"], entry["n"], entry["step"]) for entry in log]
            found[number] = Led(events[dispute], arrivals, at, n, act_n, told, lists, ledger, before)
        return found

    # -- acts --------------------------------------------------------------------------------

    def _act(self) -> None:
        """Do what each kind leads to, and find when each dispute moves on by itself."""
        met = [row[0] for row in self._sql("SELECT DISTINCT step FROM found").fetchall()]
        self._sql(f"INSERT INTO unfinished SELECT id, 'no kind' FROM found WHERE step = {UNTRACED}")
        steps = {number: self.kinds.steps[number] for number in met if number != UNTRACED}
        if not steps:
            self._sql("CREATE OR REPLACE TABLE live AS SELECT * EXCLUDE (by_clock) FROM moved LIMIT 0")
            return
        self._describe(steps)
        self._sql(f"""
            CREATE OR REPLACE TABLE acting AS
            SELECT m.*, d.* EXCLUDE (step), x.* EXCLUDE (id),
                NOT (m.by_clock AND m.chain AND coalesce(m.until <> m."at", TRUE)
                    AND d.essence_after = m.essence AND x.f0 IS NOT DISTINCT FROM m.e0
                    AND x.f1 IS NOT DISTINCT FROM m.e1 AND x.f2 IS NOT DISTINCT FROM m.e2) AS moment
            FROM moved m
            JOIN (SELECT id, step, "next" AS next_q, {self._numbers(steps)}
                FROM seen JOIN found USING (id) WHERE step <> {UNTRACED}) x USING (id)
            JOIN described d ON d.step = x.step
        """)
        self._pay(steps)
        self._go_on(steps)

    def _describe(self, steps: Mapping[int, Step]) -> None:
        """Write down what the steps at hand lead to, a row each."""
        self._sql(
            "CREATE OR REPLACE TABLE described(step INTEGER, kind_after INTEGER, essence_after INTEGER, "
            "acts INTEGER, first_act BOOLEAN, chain_after BOOLEAN, asks VARCHAR[], settles BOOLEAN, "
            "decision VARCHAR, payee VARCHAR, how VARCHAR, legs VARCHAR[], proposes BOOLEAN, "
            "p_decision VARCHAR, parties VARCHAR[], escalates BOOLEAN, question VARCHAR, reason VARCHAR, "
            "reopens VARCHAR[], closes BOOLEAN, states VARCHAR)"
        )
        rows = ", ".join(self._description(number, step) for number, step in steps.items())
        self._sql(f"INSERT INTO described VALUES {rows}")

    def _description(self, number: int, step: Step) -> str:
        said = {act.kind: dict(act.record) for act in step.acts}
        settled, proposed, escalated = (said.get(k) for k in ("settled", "proposed", "escalated"))
        values = [
            number,
            self.kinds.states[step.state],
            self.kinds.essences[step.essence],
            len(step.acts),
            any(act.kind in OWN_ACTS for act in step.acts),
            step.clock == "questions",
            [dict(act.record)["question"] for act in step.acts if act.kind == "asked"],
            settled is not None,
            *((settled or {}).get(name) for name in ("decision", "payee", "how", "legs")),
            proposed is not None,
            *((proposed or {}).get(name) for name in ("decision", "parties")),
            escalated is not None,
            *((escalated or {}).get(name) for name in ("question", "reason")),
            [dict(act.record)["because"] for act in step.acts if act.kind == "reopened"],
            "closed" in said,
            said.get("case", {}).get("standing_decision"),
        ]
        return f"({', '.join(map(_literal, values))})"

    def _numbers(self, steps: Mapping[int, Step]) -> str:
        """Return the amounts and instants of the steps at hand, each by its formula."""
        columns: dict[str, dict[int, str]] = {}
        for number, step in steps.items():
            for place, sql in enumerate(step.numbers):
                _put(columns, f"f{place}", number, sql)
            for act in step.acts:
                for name, sql in act.numbers:
                    _put(columns, f"{act.kind}_{name}", number, sql)
                for name in () if act.appended else act.instants:
                    _put(columns, f"{act.kind}_{name}", number, '"at"')
            _put(columns, "clock_after", number, _clock(step))
        wanted = ["f0", "f1", "f2", "clock_after", "settled_amount", "proposed_amount", "proposed_until"]
        wanted += [f"history_{path.partition('.')[2]}" for path in LEDGER if path.startswith("history.")]
        return ", ".join(f"{_by_step(columns.get(name, {}))} AS {name}" for name in wanted)

    def _pay(self, steps: Mapping[int, Step]) -> None:
        legs = [(number, leg) for number, step in steps.items() for leg in step.paid]
        for start in range(0, len(legs), 400):
            some = legs[start : start + 400]
            rows = ", ".join(
                f"({number}, {n}, {text_sql(leg.payer)}, {text_sql(leg.payee)}, {text_sql(leg.component)})"
                for n, (number, leg) in enumerate(some)
            )
            amounts = " ".join(f"WHEN {n} THEN {leg.amount}" for n, (_, leg) in enumerate(some))
            self._sql(f"""
                INSERT INTO paid SELECT id, "at", payer, payee, component, CASE leg {amounts} END
                FROM seen JOIN (SELECT id, step FROM acting WHERE moment) USING (id)
                JOIN (VALUES {rows}) l(step, leg, payer, payee, component) USING (step)
            """)

    def _go_on(self, steps: Mapping[int, Step]) -> None:
        """Write where each dispute stands now."""
        acts = "moment AND acts > 0"
        items = {
            "asked": "list_transform(asks, lambda y: {'n': n, 'at': \"at\", 'question': y})",
            "proposed": "[{'n': n, 'at': \"at\", 'decision': p_decision, 'amount': proposed_amount, 'parties': parties, 'until': proposed_until}]",
            "settled": "[{'n': n, 'at': \"at\", 'decision': decision, 'amount': settled_amount, 'payee': payee, 'how': how, 'legs': legs}]",
            "escalated": "[{'n': n, 'at': \"at\", 'question': question, 'reason': reason}]",
            "reopened": "list_transform(reopens, lambda y: {'n': n, 'at': \"at\", 'because': y})",
            "closed": "[{'n': n, 'at': \"at\"}]",
        }
        when = {
            "asked": "len(asks) > 0", "proposed": "proposes", "settled": "settles",
            "escalated": "escalates", "reopened": "len(reopens) > 0", "closed": "closes",
        }  # fmt: skip
        replaced = [
            f'CASE WHEN {acts} AND {when[name]} THEN list_concat("{own(name)}", {sql}) ELSE "{own(name)}" END AS "{own(name)}"'
            for name, sql in items.items()
        ]
        self._sql(f"""
            CREATE OR REPLACE TABLE done AS SELECT * REPLACE (
                {', '.join(replaced)},
                CASE WHEN {acts} AND first_act THEN least(act_n, n) ELSE act_n END AS act_n
            ) FROM acting
        """)
        before = self._before(steps)
        new = [self._ledger(path) for path in LEDGER]
        restated = [f'{sql} AS "{own(path)}"' for path, (sql, _) in zip(LEDGER, new, strict=True)]
        restated += [
            f'CASE WHEN {stated} THEN n ELSE "{own_n(path)}" END::INTEGER AS "{own_n(path)}"'
            for path, (_, stated) in zip(LEDGER, new, strict=True)
        ]
        self._sql(f"INSERT INTO unfinished SELECT id, 'a circle' FROM done WHERE {acts} AND rounds >= {MOST_ACTS - 1}")
        self._sql(f"""
            CREATE OR REPLACE TABLE live AS
            SELECT done.* EXCLUDE (by_clock, moment, step, next_q, f0, f1, f2, clock_after, settled_amount,
                proposed_amount, proposed_until, {self._described()}, {self._history_columns()})
            REPLACE (
                {', '.join(restated)},
                {before} AS before,
                CASE WHEN moment THEN kind_after ELSE kind END AS kind,
                CASE WHEN {acts} AND proposes THEN proposed_until WHEN {acts} AND first_act THEN NULL ELSE until END AS until,
                CASE WHEN moment THEN clock_after ELSE least(next_q, CASE WHEN until > "at" THEN until END) END AS clock,
                CASE WHEN moment THEN chain_after ELSE chain END AS chain,
                {acts} AS pending,
                CASE WHEN {acts} THEN rounds + 1 ELSE 0 END AS rounds,
                CASE WHEN moment AND NOT pending THEN moments + 1 ELSE moments END AS moments,
                CASE WHEN moment THEN essence_after ELSE essence END AS essence,
                CASE WHEN {acts} AND settles THEN step ELSE settled_by END AS settled_by,
                CASE WHEN {acts} AND settles THEN "at" ELSE settled_at END AS settled_at,
                CASE WHEN {acts} AND escalates THEN step ELSE handed_by END AS handed_by,
                CASE WHEN {acts} AND escalates THEN "at" ELSE handed_at END AS handed_at,
                (asked + CASE WHEN {acts} THEN len(asks) ELSE 0 END)::INTEGER AS asked,
                CASE WHEN {acts} AND settles AND refunded_at IS NULL AND decision IN ({REFUNDED}) THEN "at" ELSE refunded_at END AS refunded_at,
                CASE WHEN moment THEN f0 ELSE e0 END AS e0,
                CASE WHEN moment THEN f1 ELSE e1 END AS e1,
                CASE WHEN moment THEN f2 ELSE e2 END AS e2,
                CASE WHEN {acts} THEN list_append(log, {{'at': "at", 'n': n, 'step': step}}) ELSE log END AS log
            )
            FROM done LEFT JOIN before_now USING (id)
            WHERE NOT ({acts} AND rounds >= {MOST_ACTS - 1})
        """.replace("LEFT JOIN before_now USING (id)", "LEFT JOIN before_now USING (id)" if self.plan.policy.reopens else ""))

    def _described(self) -> str:
        return (
            "kind_after, essence_after, acts, first_act, chain_after, asks, settles, decision, payee, how, "
            "legs, proposes, p_decision, parties, escalates, question, reason, reopens, closes, states"
        )

    def _history_columns(self) -> str:
        names = (path.partition(".")[2] for path in LEDGER if path.startswith("history."))
        return ", ".join(f"history_{name}" for name in names)

    def _ledger(self, path: str) -> tuple[str, str]:
        """Return the new value of a field our acts state, and whether one of them states it."""
        name = path.partition(".")[2]
        mine = f'"{own(path)}"'
        acts = "moment AND acts > 0"
        if path == "standing_decision":
            stated = f"({acts} AND states IS NOT NULL)"
            return f"CASE WHEN {stated} THEN states ELSE {mine} END", stated
        stated = f"({acts} AND history_{name} IS NOT NULL)"
        return f"CASE WHEN {stated} THEN history_{name} ELSE {mine} END", stated

    def _before(self, steps: Mapping[int, Step]) -> str:
        """Work out which entries of `reopens` hold right after a settlement; return the column."""
        reopens = self.plan.policy.reopens
        if not reopens:
            return "before"
        bits = []
        for entry in reopens:
            true, _ = self.plan.rails(entry.when, "NULL")
            chapter = "TRUE" if not entry.chapter else f'"chapter" = {text_sql(entry.chapter)}'
            bits.append(f"({chapter} AND {true})")
        if "before_bits" not in self.plan.sheet:
            self.plan.sheet.add("before_bits", read(packed(bits)))
        settled = "moment AND acts > 0 AND settles"
        wanted = ("id", "before_bits")
        self._stand("settled_facts", "done", self.plan.read_columns(*wanted), settled)
        query = self.plan.sheet.select(wanted).replace("moved_facts", "settled_facts")
        with self._as_written():
            self._sql(f"CREATE OR REPLACE TABLE before_now AS {query}")
        return "coalesce(before_now.before_bits, before)"


def _clock(step: Step) -> str:
    """Return when a dispute moves on by itself, if nothing becomes known before."""
    match step.clock:
        case "none":
            return "NULL::BIGINT"
        case "questions":
            return 'least("next", CASE WHEN "until" > "at" THEN "until" END)'
        case "rights":
            names = [f'"deadline:{name}"' for name in step.clock_of]
        case "steps":
            names = [f'"next:{name}"' for name in step.clock_of]
    later = [f'CASE WHEN {name} > "at" THEN {name} END' for name in names]
    return f"least({', '.join(later)})" if later else "NULL::BIGINT"


def _put(columns: dict[str, dict[int, str]], name: str, step: int, sql: str | None) -> None:
    if sql is not None:
        columns.setdefault(name, {})[step] = sql


def _by_step(formulas: Mapping[int, str]) -> str:
    """Return the formula of a dispute's step; equal ones stand once."""
    by_sql: dict[str, list[int]] = {}
    for step, sql in formulas.items():
        by_sql.setdefault(sql, []).append(step)
    if not by_sql:
        return "NULL::BIGINT"
    whens = " ".join(
        f"WHEN step IN ({', '.join(map(str, steps))}) THEN ({sql})::BIGINT"
        for sql, steps in by_sql.items()
    )
    return f"CASE {whens} END"


def _variant_row(variant: Variant, words: int) -> str:
    pairs = [f"{variant.asked.get(n, 0)}, {variant.wanted.get(n, 0)}" for n in range(words)]
    return f"({', '.join([*map(str, variant.key), str(variant.step), *pairs])})"


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case str():
            return text_sql(value)
        case list() | tuple():
            return f"[{', '.join(map(_literal, value))}]::VARCHAR[]"
        case _:
            raise TypeError(type(value).__name__)


__all__ = ["EventsOf", "Iterator", "Shard"]
