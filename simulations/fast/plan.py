"""A policy as one sheet of columns: everything a replay asks of a dispute at an instant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reso.engine.conclude import Concluder
from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Compare, Dated, Field, Node, PickField, Table, walk
from reso.facts.interpret import CONCLUDED
from reso.lifecycle.acts import APPEALS
from reso.lifecycle.life import CALLS
from reso.lifecycle.state import YES
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import Conclusion, Policy
from simulations.fast.facts import AT, LEDGER, OWN_LISTS, AsOf, Prepared, own, own_n
from simulations.fast.questions import QuestionColumns, column
from simulations.fast.sheets import Sheet, read
from simulations.fast.standings import Standings
from simulations.fast.traced import UntraceableError, text_sql
from simulations.fast.writing import Writer
from simulations.sql.calendar import SqlCalendar
from simulations.sql.constants import durations_of
from simulations.sql.columns import pick_column, rail_column, ref_column
from simulations.sql.dialects import DuckDB
from simulations.sql.trouble import trouble

READ = ("claim.party", "claim.requested", "claim.type", "claim.filed_at", *LEDGER)
"""Fields that the engine reads itself, beside those that expressions name."""

MOVED = ("id", "at", "n", "seen_n", "kind", "arrived", "pending", "before", "until")
"""Columns of the disputes that are moved, beside our own acts."""

TOLD_ACTIONS = ("cancel_complaint", "appeal", "reject", *YES, *CALLS)
"""Answers that change where a dispute stands, or call a human."""

CALENDAR = "fast_calendar"
CODE_BITS = 12


@dataclass
class Plan:
    """What is worked out of every dispute at an instant, and by which SQL.

    Attributes:
        key: columns that tell one kind of dispute from another.
        exported: columns that conditions, amounts and clocks are written with.
    """

    policy: Policy
    prepared: Prepared
    key: list[str] = field(default_factory=list)
    exported: dict[str, None] = field(default_factory=dict)
    _values: dict[Node, str] = field(default_factory=dict)
    _whens: dict[Node, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        policy, dialect = self.policy, DuckDB()
        self.calendar = SqlCalendar(policy.calendar, dialect, durations_of(self._nodes()))
        beside = {CALENDAR: frozenset(self.calendar.list_columns)}
        self.sheet = Sheet(dialect, "moved_facts", self._given(), beside)
        self.facts = AsOf(self.prepared, self.sheet)
        self.made = CompiledExpressions(policy)
        self.writer = Writer(policy, self.facts, self.calendar, self.made, self.sheet.hoist)
        self.inline = Writer(policy, self.facts, self.calendar, self.made)
        self.questions = QuestionColumns(policy, self.writer, self.sheet)
        self._looked_at = {q.name for c in self._chapters() for q in policy.questions_of(c)}
        self._write()

    def query(self) -> str:
        """Return the query of everything, over the relation `moved_facts`."""
        return self.sheet.select(self._wanted())

    def read_columns(self, *wanted: str) -> tuple[str, ...]:
        """Return the given columns that these read; without names, those everything reads."""
        return self.sheet.sources(wanted or self._wanted())

    def _wanted(self) -> tuple[str, ...]:
        return ("id", "k1", "k2", *self.exported)

    # -- what is written ---------------------------------------------------------------------

    def _given(self) -> frozenset[str]:
        facts = {*self.prepared.fields, *self.prepared.lists}
        stated = {**self.prepared.fields, **self.prepared.lists}
        facts |= {f"{path}#n" for path, (mode, _) in stated.items() if mode == "once"}
        mine = {own(name) for name in (*OWN_LISTS, *LEDGER)} | {own_n(name) for name in LEDGER}
        return frozenset({*facts, *mine, *MOVED})

    def _chapters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("", *(chapter.name for chapter in self.policy.chapters))))

    def _write(self) -> None:
        for definition in self.policy.definitions:
            self._define(definition.name, definition.node)
        for name, node in self.policy.picks:
            self.sheet.add(pick_column(name), self.writer.record(node))  # type: ignore[arg-type]
        self.questions.write()
        standings = Standings(self.policy, self.writer, self.sheet, self.made).write()
        self._traced()
        self._clocks()
        self._write_key(standings)
        self.sheet.write("no_value", self._no_value())
        self._export("no_value", "at", "n", "until", *(own(name) for name in OWN_LISTS))
        self._export(*(name for path in READ if (name := self.facts.field(path))))

    def _define(self, name: str, node: Node) -> None:
        if node.type.kind != "boolean":
            self.sheet.add(ref_column(name), self.writer.value(node))
            return
        self.sheet.add(rail_column(name, "true"), self.writer.condition(node, "true"))
        if self.made.may_be_unknown(node):
            self.sheet.add(rail_column(name, "possible"), self.writer.condition(node, "possible"))
        self.sheet.write(ref_column(name), f'"{rail_column(name, "true")}"')

    def _export(self, *names: str) -> None:
        self.exported.update(dict.fromkeys(names))

    def _no_value(self) -> str:
        """Return whether a table has no row for a dispute, or a parameter no period."""
        nodes = [node for node in dict.fromkeys(self._nodes()) if any(map(_may_lack, walk(node)))]
        told = [self.sheet.part(sql.text) for node in nodes for sql in trouble(self.writer, node)]
        return " OR ".join(told) or "FALSE"

    # -- what the engine reads when it leads a dispute ------------------------------------------

    def _nodes(self) -> Iterator[Node]:
        """Yield every expression that may hold a duration."""
        policy = self.policy
        yield from (definition.node for definition in policy.definitions)
        yield from (node for rule in policy.rules for node in rule.when)
        yield from (node for _, node in policy.picks)
        yield from (node for question in policy.questions for node in question.nodes())
        yield from (chapter.when for chapter in policy.chapters)
        yield from self._read_values()
        yield from self._read_whens()

    def _conclusions(self) -> Iterator[Conclusion]:
        policy = self.policy
        yield from (part for rule in policy.rules for part in rule.conclude.parts())
        yield from (part for *_, concluded in policy.otherwise for part in concluded.parts())
        for stage in policy.stages:
            for _, leads in (lead for step in stage.steps for lead in step.leads_to):
                for lead in leads:
                    yield from () if lead.conclude is None else lead.conclude.parts()

    def _read_values(self) -> Iterator[Node]:
        policy, escrow = self.policy, self.policy.escrow
        for conclusion in self._conclusions():
            yield from _some(conclusion.amount, conclusion.quantity, conclusion.percent)
        for settlement in policy.settlements:
            yield from _some(settlement.amount, settlement.quantity)
        yield policy.whole
        yield from (holding.holds for holding in escrow.holdings)
        yield from _some(escrow.refunded_before)
        yield from (movement.amount for movement in policy.movements)
        yield from (rule.lasts for rule in policy.consent)
        yield from self._told_fields()
        for promise in policy.promises:
            for part in walk(promise.node):
                if isinstance(part, Compare):
                    yield from (part.left, part.right)

    def _told_fields(self) -> Iterator[PickField]:
        for nodes in Concluder(self.policy).told.values():
            yield from nodes

    def _read_whens(self) -> Iterator[Node]:
        policy, escrow = self.policy, self.policy.escrow
        yield from _some(*(rule.when for rule in policy.consent))
        yield from _some(*(movement.when for movement in policy.movements))
        yield from _some(escrow.at_stake, escrow.released)
        yield from (entry.when for entry in policy.reopens)
        yield from (promise.node for promise in policy.promises)
        for stage in policy.stages:
            for _, leads in (lead for step in stage.steps for lead in step.leads_to):
                yield from _some(*(lead.when for lead in leads))

    def _traced(self) -> None:
        for node in dict.fromkeys(self._read_values()):
            if _speaks_of_the_amount(node):
                self._keep_inline(self.inline.value(node).uses)
                continue
            name = self.sheet.add(f"node:{len(self._values)}", self.writer.value(node))
            self._values[node] = f'"{name}"'
            self._export(name)
        for node in dict.fromkeys(self._read_whens()):
            if _speaks_of_the_amount(node):
                for rail in ("true", "possible"):
                    self._keep_inline(self.inline.condition(node, rail).uses)  # type: ignore[arg-type]
                continue
            number = len(self._whens)
            true = self.sheet.add(f"when:{number}", self.writer.condition(node, "true"))
            possible = true
            if self.made.may_be_unknown(node):
                sql = self.writer.condition(node, "possible")
                possible = self.sheet.add(f"may:{number}", sql)
            self._whens[node] = f'"{true}"', f'"{possible}"'
            self._export(true, possible)
        for rule in self.policy.consent:
            name = self.sheet.add(f"ends:{rule.name}", self.writer.later(AT, rule.lasts))
            self._export(name)

    def _keep_inline(self, uses: Iterable[str]) -> None:
        self._export(*(name for name in uses if name != "concluded"))

    # -- clocks ------------------------------------------------------------------------------

    def _clocks(self) -> None:
        """Write the next instant at which a question of the chapter changes by itself."""
        cases = ""
        for chapter in self._chapters():
            names = [q.name for q in self.policy.questions_of(chapter)]
            if names:
                nexts = ", ".join(column(name, "next") for name in names)
                cases += f" WHEN {text_sql(chapter)} THEN least({nexts})"
        self.sheet.write("next", f'CASE "chapter"{cases} END' if cases else "NULL::BIGINT")
        self._export("next")
        for question in self.policy.questions:
            self._export(f"next:{question.name}", f"deadline:{question.name}")
            if question.name not in self._looked_at:
                self._export(f"code:{question.name}")

    # -- kinds -------------------------------------------------------------------------------

    def _write_key(self, standings: Sequence[str]) -> None:
        """Write what tells kinds of disputes apart, and its two hashes."""
        self.sheet.write("due", f'coalesce({AT} >= "until", FALSE)')
        self.sheet.write("told", self._told())
        self.sheet.write("appeal", self._appeal())
        self.sheet.write("put", self._put())
        nulls = [f'"{name}" IS NULL' for path in LEDGER if (name := self.facts.field(path))]
        self.sheet.write("unstated", " + ".join(f"({sql})::INTEGER * {1 << n}" for n, sql in enumerate(nulls)))
        codes = self._codes()
        read_ = [self.facts.field(path) for path in ("claim.party", "standing_decision")]
        self.key = [
            "kind", "pending", "before", "due", "told", "appeal", "put", "unstated", *standings, *codes,
            *(name for name in read_ if name is not None),
        ]  # fmt: skip
        listed = ", ".join(f'"{name}"' for name in self.key)
        self.sheet.write("k1", f"hash({listed})")
        self.sheet.write("k2", f"hash('other', {listed})")

    def _codes(self) -> list[str]:
        """Write the states of a chapter's questions as bits of numbers; return the columns."""
        per_number = 62 // CODE_BITS
        names: list[str] = []
        by_chapter = {
            c: [column(q.name, "code") for q in self.policy.questions_of(c)] for c in self._chapters()
        }
        most = max(map(len, by_chapter.values()))
        for start in range(0, most, per_number):
            cases = ""
            for chapter, codes in by_chapter.items():
                some = codes[start : start + per_number]
                packed = " + ".join(f"{c}::BIGINT * {1 << (CODE_BITS * n)}" for n, c in enumerate(some))
                cases += f" WHEN {text_sql(chapter)} THEN {packed}" if some else ""
            names.append(self.sheet.write(f"codes:{start}", f'CASE "chapter"{cases} ELSE 0 END'))
        return names

    def _told(self) -> str:
        """Return what became known now that changes where a dispute stands, as a text."""
        filed, party = (self._changed(path) for path in ("claim.filed_at", "claim.party"))
        parts = [f"({filed})::VARCHAR", f"({party})::VARCHAR"]
        if "responses" in self.prepared.lists:
            parts.append(self._answers())
        joined = " || '|' || ".join(parts)
        return f"CASE WHEN \"arrived\" THEN {joined} ELSE '' END"

    def _answers(self) -> str:
        items = self.facts.items("responses")
        fields = self.facts.item_fields("responses")
        has = {name: f"coalesce(y.{name}, '')" for name in ("party", "action", "reason") if name in fields}
        action, reason = has.get("action", "''"), has.get("reason", "''")
        telling = f"({action} IN ({', '.join(map(text_sql, TOLD_ACTIONS))}) OR {reason} = 'promise_not_kept')"
        filed = self.facts.field("claim.filed_at")
        early = "FALSE" if filed is None or "at" not in fields else f'coalesce(y.at < "{filed}", FALSE)'
        said = f"{has.get('party', NOTHING)} || ':' || {action} || ':' || ({reason} = 'promise_not_kept')::VARCHAR || ({early})::VARCHAR"
        now = f'list_filter("{items}", lambda y: y.n = "n" AND {telling})'
        return f"coalesce(list_aggregate(list_transform({now}, lambda y: {said}), 'string_agg', ','), '')"

    def _changed(self, path: str) -> str:
        """Return whether a field became known at the last arrival."""
        if path not in self.prepared.fields:
            return "FALSE"
        match self.prepared.fields[path][0]:
            case "always":
                return '"n" = 1'
            case "once":
                return f'coalesce("{path}#n" = "n", FALSE)'
            case "changes":
                return f'coalesce(len(list_filter("{path}", lambda y: y.n = "n")) > 0, FALSE)'

    def _put(self) -> str:
        """Return the questions we have put since the claim was filed, as a text."""
        asked, filed = f'"{own("asked")}"', self.facts.field("claim.filed_at")
        if filed is not None:
            since = f'"{filed}"'
            asked = f'list_filter({asked}, lambda y: {since} IS NULL OR y."at" >= {since})'
        names = f"list_sort(list_distinct(list_transform({asked}, lambda y: y.question)))"
        return f"array_to_string({names}, ',')"

    def _appeal(self) -> str:
        name = self.facts.field("claim.type")
        listed = ", ".join(map(text_sql, APPEALS))
        return "FALSE" if name is None else f'coalesce("{name}" IN ({listed}), FALSE)'

    # -- what conditions and amounts are written with (see `leading.Columns`) ----------------------

    @property
    def fields(self) -> Mapping[str, str]:
        """The columns of the fields the engine reads itself."""
        found = {path: self.facts.field(path) for path in READ}
        return {path: "NULL" if name is None else f'"{name}"' for path, name in found.items()}

    def value(self, node: Node, concluded: str) -> str:
        """Return the SQL of an expression's value."""
        if node in self._values:
            return self._values[node]
        if not _speaks_of_the_amount(node):
            raise UntraceableError("an expression the engine was not expected to read")
        return _with_amount(self.inline.value(node).text, concluded)

    def rails(self, node: Node, concluded: str) -> tuple[str, str]:
        """Return the SQL of "is true" and "is possible" of a condition."""
        if node in self._whens:
            return self._whens[node]
        if not _speaks_of_the_amount(node):
            raise UntraceableError("a condition the engine was not expected to read")
        true, possible = (self.inline.condition(node, rail).text for rail in ("true", "possible"))  # type: ignore[arg-type]
        return _with_amount(true, concluded), _with_amount(possible, concluded)

    def question(self, state: QuestionState) -> str:
        """Return the condition that a question is in this state; empty: all of a kind are."""
        if state.name in self._looked_at:
            return ""
        return f"{column(state.name, 'code')} = {self.questions.code(state)}"

    def duration(self, duration: Duration) -> int:
        """Return the number of a duration."""
        return self.calendar.durations.index(duration)

    def consent_ends(self, names: Sequence[str]) -> str:
        """Return the SQL of the last instant for an answer, of these entries of `consent`."""
        listed = ", ".join(f'"ends:{name}"' for name in names)
        return f"greatest({listed})"


NOTHING = "''"


def _some(*nodes: Node | None) -> list[Node]:
    return [node for node in nodes if node is not None]


def _may_lack(node: Node) -> bool:
    """Whether a value may be missing where an expression looks it up."""
    if isinstance(node, Dated):
        return all(start is not None for start, _ in node.periods)
    return isinstance(node, Table) and node.otherwise is None


def _speaks_of_the_amount(node: Node) -> bool:
    return any(isinstance(part, Field) and part.name == CONCLUDED for part in walk(node))


def _with_amount(sql: str, concluded: str) -> str:
    return sql.replace('"concluded"', f"({concluded})::BIGINT")


__all__ = ["CALENDAR", "MOVED", "READ", "Plan", "read"]
