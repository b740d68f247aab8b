"""What each kind leads to is done: our acts, the money they move, and where each dispute stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reso.lifecycle.life import MOST_ACTS
from reso.lifecycle.state import OWN_ACTS
from simulations.fast.chapters import Chapters
from simulations.fast.facts import own, own_at
from simulations.fast.kinds import ChapterKinds
from simulations.fast.leading import PaidLeg, Step
from simulations.fast.plan import CALENDAR
from simulations.fast.tables import STATE, Tables
from simulations.life import LEDGER
from simulations.literals import text_of
from simulations.results import REFUNDS

ACTS = "moment AND acts > 0"
"""Whether a dispute acts now."""

CIRCLE = f"{ACTS} AND rounds >= {MOST_ACTS - 1}"
"""Whether it would act for ever; the engine then hands it to a human."""

STATED = tuple(path.partition(".")[2] for path in LEDGER if path.startswith("history."))
NUMBERS = (
    "f0", "f1", "f2", "clock_after", "settled_amount", "proposed_amount", "proposed_until",
    *(f"history_{name}" for name in STATED),
)  # fmt: skip
"""Amounts and instants of a step: of its ruling, its next clock, and its acts."""

DESCRIBED: Mapping[str, str] = {
    "step": "INTEGER",
    "kind_after": "INTEGER",
    "essence_after": "INTEGER",
    "waits": "BOOLEAN",
    "acts": "INTEGER",
    "first_act": "BOOLEAN",
    "chain_after": "BOOLEAN",
    "asks": "VARCHAR[]",
    "settles": "BOOLEAN",
    "decision": "VARCHAR",
    "payee": "VARCHAR",
    "how": "VARCHAR",
    "legs": "VARCHAR[]",
    "proposes": "BOOLEAN",
    "p_decision": "VARCHAR",
    "parties": "VARCHAR[]",
    "escalates": "BOOLEAN",
    "question": "VARCHAR",
    "reason": "VARCHAR",
    "reopens": "VARCHAR[]",
    "closes": "BOOLEAN",
    "states": "VARCHAR",
    **{f"by_{name}": "INTEGER" for name in NUMBERS},
}
"""What a step leads to, in words; its numbers as which formula they are worked out by."""

LEGS: Mapping[str, str] = {
    "step": "INTEGER",
    "payer": "VARCHAR",
    "payee": "VARCHAR",
    "component": "VARCHAR",
    "formula": "INTEGER",
}
"""The money that a step moves."""

DONE_WHEN = {
    "asked": "len(asks) > 0",
    "proposed": "proposes",
    "settled": "settles",
    "escalated": "escalates",
    "reopened": "len(reopens) > 0",
    "closed": "closes",
}
ITEMS = {
    "asked": "list_transform(asks, lambda y: {'n': n, 'at': \"at\", 'question': y})",
    "proposed": (
        "[{'n': n, 'at': \"at\", 'decision': p_decision, 'amount': proposed_amount, "
        "'parties': parties, 'until': proposed_until}]"
    ),
    "settled": (
        "[{'n': n, 'at': \"at\", 'decision': decision, 'amount': settled_amount, "
        "'payee': payee, 'how': how, 'legs': legs}]"
    ),
    "escalated": "[{'n': n, 'at': \"at\", 'question': question, 'reason': reason}]",
    "reopened": "list_transform(reopens, lambda y: {'n': n, 'at': \"at\", 'because': y})",
    "closed": "[{'n': n, 'at': \"at\"}]",
}
"""What an act appends to its list, and when."""

GOES_ON: Mapping[str, str] = {
    "kind": "CASE WHEN moment THEN kind_after ELSE kind END",
    "until": (
        "CASE WHEN moment AND NOT waits THEN NULL "
        f"WHEN {ACTS} AND proposes THEN proposed_until ELSE until END"
    ),
    "clock": (
        "CASE WHEN moment THEN clock_after "
        'ELSE least(next_q, CASE WHEN until > "at" THEN until END) END'
    ),
    "chain": "CASE WHEN moment THEN chain_after ELSE chain END",
    "pending": ACTS,
    "rounds": f"CASE WHEN {ACTS} THEN rounds + 1 ELSE 0 END",
    "moments": "CASE WHEN moment AND NOT pending THEN moments + 1 ELSE moments END",
    "essence": "CASE WHEN moment THEN essence_after ELSE essence END",
    "e0": "CASE WHEN moment THEN f0 ELSE e0 END",
    "e1": "CASE WHEN moment THEN f1 ELSE e1 END",
    "e2": "CASE WHEN moment THEN f2 ELSE e2 END",
    "settled_by": f"CASE WHEN {ACTS} AND settles THEN step ELSE settled_by END",
    "settled_at": f'CASE WHEN {ACTS} AND settles THEN "at" ELSE settled_at END',
    "handed_by": f"CASE WHEN {ACTS} AND escalates THEN step ELSE handed_by END",
    "handed_at": f'CASE WHEN {ACTS} AND escalates THEN "at" ELSE handed_at END',
    "asked": f"(asked + CASE WHEN {ACTS} THEN len(asks) ELSE 0 END)::INTEGER",
    "refunded_at": (
        f"CASE WHEN {ACTS} AND settles AND refunded_at IS NULL "
        f"AND decision IN ({', '.join(map(text_of, REFUNDS))}) "
        'THEN "at" ELSE refunded_at END'
    ),
    "log": (
        f"CASE WHEN {ACTS} THEN list_append(log, "
        "{'at': \"at\", 'n': n, 'step': step}) ELSE log END"
    ),
}
"""How what is kept of a dispute goes on."""

DONE = "(moving JOIN acting USING (id) JOIN described USING (step))"
"""Each dispute with what its kind leads to."""

FIRST = f"CASE WHEN {ACTS} AND first_act THEN least(act_n, n) ELSE act_n END"
"""How many arrivals were known when we first acted."""


@dataclass
class Acting:
    """Does what kinds lead to."""

    tables: Tables
    chapters: Chapters
    described: int = 0
    formulas: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table, columns in (("described", DESCRIBED), ("legs", LEGS)):
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self.tables.run(f"CREATE TABLE {table}({listed})")
        numbers = ", ".join(f"{name} BIGINT" for name in ("next_q", *NUMBERS))
        self.tables.run(f"CREATE TABLE acting(id BIGINT, step INTEGER, {numbers}, moment BOOLEAN)")

    def act(self, known: ChapterKinds, seen: str) -> None:
        """Find what the kinds of a chapter lead to, and pay what their settlements move."""
        run = self.tables.run
        met = [row[0] for row in run("SELECT DISTINCT step FROM found").fetchall()]
        for number in (number for number in met if number < 0):
            why = text_of(known.kinds.why(number))
            run(f"INSERT INTO unfinished SELECT id, {why} FROM found WHERE step = {number}")
        steps = [known.kinds.steps[number] for number in met if number >= 0]
        if not steps:
            return
        self._describe()
        run(f"""
            INSERT INTO acting BY NAME
            SELECT x.* EXCLUDE (essence_after),
                NOT (m.by_clock AND m.chain AND coalesce(m.until <> m."at", TRUE)
                    AND x.essence_after = m.essence AND x.f0 IS NOT DISTINCT FROM m.e0
                    AND x.f1 IS NOT DISTINCT FROM m.e1 AND x.f2 IS NOT DISTINCT FROM m.e2
                ) AS moment
            FROM (SELECT id, step, "next" AS next_q, essence_after, {self._numbers(steps)}
                FROM {seen} JOIN found USING (id) JOIN described USING (step)) x
            JOIN moving m USING (id)
        """)
        self._pay(steps, seen)

    def go_on(self) -> None:
        """Do the acts of all chapters, and write where each dispute stands now."""
        run = self.tables.run
        before, joined = self._before()
        run(f"INSERT INTO unfinished SELECT id, 'a circle' FROM {DONE} WHERE {CIRCLE}")
        after = {name: f'"{name}"' for name in STATE} | dict(GOES_ON) | {"before": before}
        after |= {"act_n": FIRST} | dict(_appended()) | dict(_ledger())
        listed = ", ".join(f'{sql} AS "{name}"' for name, sql in after.items())
        run(
            f"CREATE OR REPLACE TABLE live AS SELECT id, {listed} "
            f"FROM {DONE} {joined} WHERE NOT ({CIRCLE})"
        )
        run("CREATE OR REPLACE TABLE acting AS FROM acting LIMIT 0")

    def _describe(self) -> None:
        """Write down what the steps that are new lead to, a row each."""
        with self.chapters.lock:
            new = list(enumerate(self.chapters.kinds.steps))[self.described :]
            rows = [self._description(number, step) for number, step in new]
        self.described += len(new)
        if rows:
            self.tables.insert("described", DESCRIBED, rows)
        if legs := [self._leg(number, leg) for number, step in new for leg in step.paid]:
            self.tables.insert("legs", LEGS, legs)

    def _description(self, number: int, step: Step) -> list[object]:
        said = {act.kind: dict(act.record) for act in step.acts}
        formulas = _formulas(step)
        settled, proposed, escalated = (said.get(k) for k in ("settled", "proposed", "escalated"))
        return [
            number,
            self.chapters.kinds.states[step.state],
            self.chapters.kinds.essences[step.essence],
            step.waits,
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
            *(self._formula(formulas.get(name)) for name in NUMBERS),
        ]

    def _leg(self, number: int, leg: PaidLeg) -> list[object]:
        return [number, leg.payer, leg.payee, leg.component, self._formula(leg.amount)]

    def _formula(self, sql: str | None) -> int | None:
        """Return the number of a formula; None: there is none."""
        return None if sql is None else self.formulas.setdefault(sql, len(self.formulas))

    def _numbers(self, steps: Iterable[Step]) -> str:
        """Return the amounts and instants of the steps at hand, each by its formula."""
        columns: dict[str, dict[str, None]] = {name: {} for name in NUMBERS}
        for step in steps:
            for name, sql in _formulas(step).items():
                columns[name][sql] = None
        return ", ".join(
            f"{self._worked_out(f'by_{name}', some)} AS {name}" for name, some in columns.items()
        )

    def _worked_out(self, number: str, formulas: Iterable[str]) -> str:
        """Return the SQL of the formula whose number stands in a column, of those at hand."""
        whens = " ".join(f"WHEN {self.formulas[sql]} THEN ({sql})::BIGINT" for sql in formulas)
        return f"CASE {number} {whens} END" if whens else "NULL::BIGINT"

    def _pay(self, steps: Iterable[Step], seen: str) -> None:
        """Write down the money that settlements move, each leg by its formula."""
        amounts = dict.fromkeys(leg.amount for step in steps for leg in step.paid)
        if amounts:
            self.tables.run(f"""
                INSERT INTO paid
                SELECT id, "at", payer, payee, component, {self._worked_out("formula", amounts)}
                FROM {seen} JOIN (SELECT id, step FROM acting WHERE moment) USING (id)
                JOIN legs USING (step)
            """)

    def _before(self) -> tuple[str, str]:
        """Work out which entries of `reopens` hold right after a settlement.

        Return the SQL of it, and what has to be joined.
        """
        if not self.chapters.policy.reopens:
            return "before", ""
        asked = self.chapters.of_all("id", "before_bits")
        replaced = {"act_n": FIRST} | dict(_appended())
        listed = ", ".join(f'{sql} AS "{name}"' for name, sql in replaced.items())
        self.tables.run(
            f"CREATE OR REPLACE VIEW done AS SELECT * REPLACE ({listed}) FROM {DONE} "
            f"WHERE {ACTS} AND settles"
        )
        query = asked.query(self.tables.standing("done", asked.columns), CALENDAR)
        self.tables.run(f"CREATE OR REPLACE TABLE before_now AS {query}")
        return "coalesce(before_bits, before)", "LEFT JOIN before_now USING (id)"


def _appended() -> Iterator[tuple[str, str]]:
    """Yield how the lists of our own acts go on."""
    for name, sql in ITEMS.items():
        mine = f'"{own(name)}"'
        yield (
            own(name),
            f"CASE WHEN {ACTS} AND {DONE_WHEN[name]} THEN list_concat({mine}, {sql}) "
            f"ELSE {mine} END",
        )


def _ledger() -> Iterator[tuple[str, str]]:
    """Yield how the fields our acts state go on, and when each was stated."""
    for path in LEDGER:
        new = "states" if path not in _HISTORY else f"history_{path.partition('.')[2]}"
        stated = f"{ACTS} AND {new} IS NOT NULL"
        yield own(path), f'CASE WHEN {stated} THEN {new} ELSE "{own(path)}" END'
        yield own_at(path), f'CASE WHEN {stated} THEN "at" ELSE "{own_at(path)}" END'


_HISTORY = frozenset(path for path in LEDGER if path.startswith("history."))


def _formulas(step: Step) -> dict[str, str]:
    """Return the formulas of a step's numbers."""
    found = {f"f{place}": sql for place, sql in enumerate(step.numbers) if sql is not None}
    for act in step.acts:
        found |= {f"{act.kind}_{name}": sql for name, sql in act.numbers}
        if not act.appended:
            found |= {f"{act.kind}_{name}": '"at"' for name in act.instants}
    return {**found, "clock_after": _clock(step)}


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
