"""Results of the disputes that have ended, written to the tables of a run."""

from collections.abc import Collection
from dataclasses import dataclass

from simulations.fast.facts import Prepared as Known
from simulations.fast.kinds import Kinds
from simulations.fast.tables import Tables
from simulations.life import OLD_HUMANS
from simulations.literals import text_of
from simulations.measures.tables import Names
from simulations.results import ENDED, HANDED_OVER, PARTIES, Ended

REASONS = (
    "nullif(array_to_string(list_filter(o.names, "
    "lambda name, place: place = 1 OR o.names[place - 1] <> name), ' '), '')"
)
"""What led to each settlement and hand-over of a dispute, none twice in a row."""

PROPOSED = "proposed_in"
"""The table of the disputes in which something was proposed to parties: `dispute_id`."""


@dataclass(frozen=True, slots=True)
class Collecting:
    """Writes the results of a pool.

    Attributes:
        home: the catalogue and schema of the tables of the run. names: what these are called.
        until: the last instant; None: there is none.
    """

    tables: Tables
    kinds: Kinds
    known: Known
    home: str
    names: Names
    until: int | None

    def collect(self) -> dict[str, str]:
        """Write what came of the disputes that have ended, and take them out of the pool.

        Return those the reference replay has to lead, and why.
        """
        run = self.tables.run
        self._words()
        left = run(
            "SELECT f.dispute_id, min(u.why) FROM unfinished u JOIN facts f USING (id) GROUP BY 1"
        ).fetchall()
        run(
            f"INSERT INTO {self.home}.{PROPOSED} SELECT f.dispute_id FROM ended e "
            'JOIN facts f USING (id) WHERE len(e."own:proposed") > 0'
        )
        self._movements()
        self._results()
        way = self.tables.on_their_way()
        run(f"CREATE OR REPLACE TABLE paid AS SELECT * FROM paid SEMI JOIN ({way}) USING (id)")
        for table in ("ended", "unfinished"):
            run(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table} LIMIT 0")
        return dict(left)

    def _movements(self) -> None:
        currency = _first(self.known, "order.currency")
        self.tables.run(f"""
            INSERT INTO {self.home}.{self.names.movements} BY NAME
            SELECT f.dispute_id, p.payer, p.payee, p.component, {currency} AS currency,
                sum(p.amount)::BIGINT AS amount
            FROM paid p JOIN facts f USING (id) JOIN ended e USING (id)
            ANTI JOIN unfinished USING (id) GROUP BY ALL
        """)

    def _results(self) -> None:
        ended_at = "CASE WHEN s.by_human THEN e.handed_at ELSE e.settled_at END"
        self.tables.run(f"""
            INSERT INTO {self.home}.{self.names.results} BY NAME
            SELECT f.dispute_id,
                CASE WHEN e.n > 0 THEN {_as_of(self.known, "claim.type", "e.n")} END AS claim_type,
                CASE WHEN e.n > 0 THEN {_instant("f.arrivals[1]")} END AS filed_at,
                CASE WHEN e.n > 0 THEN s.ended ELSE 'no_claim' END AS ended, s.decision,
                CASE WHEN e.n > 0 THEN {_first(self.known, "order.currency")} END AS currency,
                e."own:settled"[-1].amount AS amount,
                coalesce(m.refunded, 0)::BIGINT AS refunded, {_instant(ended_at)} AS ended_at,
                s.question,
                CASE WHEN s.by_human THEN h.reason ELSE w.reason END AS reason,
                {REASONS} AS reasons,
                e.handed_by IS NOT NULL OR {_human_before(self.known)} AS handed_over,
                {_human_before(self.known)} AS human_before, e.asked,
                {_answers(self.known)} AS has_answers,
                {self._left_out()} AS left_out, e.moments,
                {_instant("e.refunded_at")} AS refunded_at,
                coalesce({_arrived(self.known)} > e.refunded_at, FALSE) AS arrived_after,
                'fast' AS engine
            FROM ended e JOIN facts f USING (id) JOIN state_words s ON s.kind = e.kind
            LEFT JOIN step_words w ON w.step = e.settled_by
            LEFT JOIN step_words h ON h.step = e.handed_by
            LEFT JOIN on_the_way o ON o.id = e.id
            LEFT JOIN (
                SELECT id, sum(amount) AS refunded FROM paid WHERE payee = 'buyer' GROUP BY id
            ) m ON m.id = e.id
            ANTI JOIN unfinished u ON u.id = e.id
        """)

    def _words(self) -> None:
        """Write down what the numbers of steps and states mean."""
        steps = [f"({n}, {_text(step.reason)})" for n, step in enumerate(tuple(self.kinds.steps))]
        self.tables.run("CREATE OR REPLACE TABLE step_words(step INTEGER, reason VARCHAR)")
        if steps:
            self.tables.run(f"INSERT INTO step_words VALUES {', '.join(steps)}")
        self.tables.run(
            "CREATE OR REPLACE TABLE on_the_way AS WITH words AS "
            "(SELECT list(reason ORDER BY step) AS by_step FROM step_words) "
            "SELECT id, list_filter(list_transform(log, lambda y: by_step[y.step + 1]), "
            "lambda name: name IS NOT NULL) AS names FROM ended, words"
        )
        self.tables.run(
            "CREATE OR REPLACE TABLE state_words(kind INTEGER, ended VARCHAR, decision VARCHAR, "
            "question VARCHAR, by_human BOOLEAN)"
        )
        rows = [_state_row(number, state) for state, number in tuple(self.kinds.states.items())]
        self.tables.run(f"INSERT INTO state_words VALUES {', '.join(rows)}")

    def _left_out(self) -> str:
        """Return how many acts of the old platform were not fed, since we had acted before."""
        known = "len(f.arrivals)"
        if self.until is not None:
            known = f"len(list_filter(f.arrivals, lambda y: y <= {self.until}))"
        later = f'list_sum(list_slice(f."left", e.act_n + 1, {known}))'
        return f"CASE WHEN e.act_n < {known} THEN coalesce({later}, 0) ELSE 0 END::INTEGER"


# -- pieces of SQL ------------------------------------------------------------------------------


def _text(text: str) -> str:
    return text_of(text) if text else "NULL"


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
    return f"({number}, {text_of(_ended(name, how))}, {decision}, {question}, {by_human})"


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
    parties = ", ".join(map(text_of, PARTIES))
    said = "y.action IS DISTINCT FROM 'message'" if "action" in fields else "TRUE"
    answers = (
        f"list_filter(f.responses, lambda y: coalesce(y.party IN ({parties}), FALSE) AND {said})"
    )
    return f"coalesce(len({answers}) > 0, FALSE)"


def _human_before(known: Known) -> str:
    """Return whether a human of the recorded platform ruled before we had acted."""
    fields = known.lists.get("responses", ("once", {}))[1]
    if "party" not in fields:
        return "FALSE"
    humans = ", ".join(map(text_of, OLD_HUMANS))
    said = "y.action IS DISTINCT FROM 'message'" if "action" in fields else "TRUE"
    rulings = (
        f"list_filter(f.responses, lambda y: coalesce(y.party IN ({humans}), FALSE) AND {said} "
        "AND y.n <= least(e.n, e.act_n))"
    )
    return f"coalesce(len({rulings}) > 0, FALSE)"


def _arrived(known: Known) -> str:
    """Return when a delivery to the buyer first became known, as one of `arrivals`."""
    return first_arrival_sql(known.lists.get("tracking", ("once", {}))[1], "f")


def first_arrival_sql(fields: Collection[str], facts: str) -> str:
    """Return the SQL of when a delivery to the buyer first became known, in microseconds.

    Args:
        fields: of a scan in the list `tracking`. facts: what the prepared facts are called.
    """
    if "event" not in fields:
        return "NULL::BIGINT"
    outward = "coalesce(y.leg = 'outward', TRUE)" if "leg" in fields else "TRUE"
    scans = f"list_filter({facts}.tracking, lambda y: y.\"event\" = 'delivered' AND {outward})"
    return f"{facts}.arrivals[list_min(list_transform({scans}, lambda y: y.n))]"
