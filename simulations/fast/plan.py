"""A policy as one sheet of columns: everything a replay asks of a dispute at an instant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reso.engine.conclude import Concluder
from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Compare, Node, Pick, PickField, walk
from reso.lifecycle.acts import APPEALS
from reso.lifecycle.life import CALLS
from reso.lifecycle.state import YES
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import Conclusion, Lead, Policy
from simulations.fast.facts import AT, LEDGER, OWN_LISTS, AsOf, Prepared, own, own_n
from simulations.fast.lacking import Lacking, bounds_of, speaks_of_the_amount
from simulations.fast.lasting import ARRIVALS, MOVED, MOVING, SURE, leaned
from simulations.fast.questions import QuestionColumns, column
from simulations.fast.sheets import Asked, Sheet
from simulations.fast.standings import RAILS, Standings, chapter_of
from simulations.fast.traced import UntraceableError, text_sql
from simulations.fast.writing import Writer
from simulations.sql import layers
from simulations.sql.calendar import SqlCalendar
from simulations.sql.columns import pick_column, rail_column, ref_column
from simulations.sql.constants import durations_of
from simulations.sql.dialects import DuckDB
from simulations.sql.lean import Lean

READ = ("claim.party", "claim.requested", "claim.type", "claim.filed_at", *LEDGER)
"""Fields that the engine reads itself, beside those that expressions name."""

ALWAYS_TOLD = ("cancel_complaint", *CALLS)
"""Answers that change where a dispute stands at any time, or call a human."""

FACTS, CALENDAR = "moved_facts", "fast_calendar"
"""The relations a sheet stands on: of disputes, and of the calendar's lists."""


@dataclass
class Plan:
    """What is worked out of every dispute at an instant, and by which SQL.

    Attributes:
        key: columns that tell one kind of dispute from another.
        exported: columns that conditions, amounts and clocks are written with.
    """

    policy: Policy
    prepared: Prepared
    made: CompiledExpressions
    chapter: str | None = None
    key: list[str] = field(default_factory=list)
    exported: dict[str, None] = field(default_factory=dict)
    _values: dict[Node, str] = field(default_factory=dict)
    _whens: dict[Node, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        policy, dialect = self.policy, DuckDB()
        self.calendar = SqlCalendar(policy.calendar, dialect, durations_of(self._nodes()))
        beside = {CALENDAR: frozenset(self.calendar.list_columns)}
        self.sheet = Sheet(dialect, FACTS, self._given(), beside)
        self.facts = AsOf(self.prepared, self.sheet)
        self.writer = Writer(policy, self.facts, self.calendar, self.made, self.sheet.hoist)
        self.inline = Writer(policy, self.facts, self.calendar, self.made)
        self.bounds = bounds_of(policy, self.calendar)
        self.questions = QuestionColumns(policy, self.writer, self.sheet, self.chapter, self.bounds)
        self._looked_at = {q.name for q in policy.questions_of(self.chapter or "")}
        self._write()

    def asked(self) -> Asked:
        """Return what differs between disputes, to be worked out at each of their instants."""
        return Asked.of(self.lean, self._lean.computed)

    def seen(self, rows: str) -> str:
        """Return the query of everything, over the rows of `asked`: constants stand only here."""
        return self._lean.all_of(rows)

    def beforehand(self) -> Asked:
        """Return what is the same at every instant, to be worked out of prepared facts.

        It is all that `asked` reads beside the columns of disputes on their way.
        """
        read_ = self.lean.sources(self._lean.computed)
        wanted = ["id", *(name for name in read_ if name not in MOVING)]
        return Asked.of(self._lean.beforehand(FACTS), wanted)

    @cached_property
    def lean(self) -> layers.Sheet:
        """The columns of the query, each as simple as it can be said of this history."""
        return self._lean.lean_sheet()

    @cached_property
    def _lean(self) -> Lean:
        return leaned(self.sheet, self._wanted(), self.prepared)

    def asked_of_all(self, wanted: Sequence[str]) -> Asked:
        """Return these columns, to be worked out of disputes whatever their chapter."""
        return Asked.of(Lean(self.sheet, wanted, SURE & self.sheet.given).lean_sheet(), wanted)

    def _wanted(self) -> tuple[str, ...]:
        return ("id", "k1", "k2", *self.exported)

    # -- what is written ---------------------------------------------------------------------

    def _given(self) -> frozenset[str]:
        facts = {ARRIVALS, *self.prepared.fields, *self.prepared.lists}
        stated = {**self.prepared.fields, **self.prepared.lists}
        facts |= {f"{path}#n" for path, (mode, _) in stated.items() if mode == "once"}
        mine = {own(name) for name in (*OWN_LISTS, *LEDGER)} | {own_n(name) for name in LEDGER}
        return frozenset({*facts, *mine, *MOVED})

    def _is_here(self, chapter: str) -> bool:
        """Whether an entry of the policy is for the chapter at hand."""
        return self.chapter is None or chapter in ("", self.chapter)

    def _write(self) -> None:
        for definition in self.policy.definitions:
            self._define(definition.name, definition.node)
        for name, node in self.policy.picks:
            assert isinstance(node, Pick)
            self.sheet.add(pick_column(name), self.writer.record(node))
        self.questions.write()
        if self.chapter is None:
            chapter_of(self.policy, self.writer, self.sheet)
            return
        standings = Standings(self.policy, self.writer, self.sheet, self.made, self.chapter).write()
        self._traced()
        self._clocks()
        self._write_key(standings)
        self.sheet.write("no_value", self._no_value())
        self._export("no_value", "at", "n", "until", *(own(name) for name in OWN_LISTS))
        self._export(*filter(None, map(self.facts.field, READ)))

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
        """Return whether SQL has no value for a dispute, or no exact one."""
        lacking = Lacking(self.writer, self.bounds, self.sheet.part)
        passed = self.bounds.limits.passed
        until = [(AT, passed, rule.lasts) for rule in self.policy.consent]
        told = (
            lacking.too_late(),
            *lacking.troubles(self._nodes()),
            *lacking.too_large(self._read_values()),
            *lacking.ends_too_late([*self.questions.started, *until]),
        )
        return " OR ".join(told)

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
        rules = (rule for rule in policy.rules if self._is_here(rule.chapter))
        yield from (part for rule in rules for part in rule.conclude.parts())
        for chapter, _, concluded in policy.otherwise:
            yield from concluded.parts() if self._is_here(chapter) else ()
        for lead in self._leads():
            yield from () if lead.conclude is None else lead.conclude.parts()

    def _leads(self) -> Iterator[Lead]:
        """Yield where the answers of steps lead."""
        for stage in self.policy.stages:
            if self._is_here(stage.chapter):
                steps = (leads for step in stage.steps for _, leads in step.leads_to)
                yield from (lead for leads in steps for lead in leads)

    def _read_values(self) -> Iterator[Node]:
        policy, escrow = self.policy, self.policy.escrow
        for conclusion in self._conclusions():
            yield from _some(conclusion.amount, conclusion.quantity, conclusion.percent)
        for settlement in policy.settlements:
            yield from _some(settlement.amount, settlement.quantity)
        yield policy.whole
        yield from (holding.holds for holding in escrow.holdings)
        yield from _some(escrow.refunded_before)
        yield from (one.amount for one in policy.movements if self._is_here(one.chapter))
        yield from (rule.lasts for rule in policy.consent if self._is_here(rule.chapter))
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
        yield from _some(*(rule.when for rule in policy.consent if self._is_here(rule.chapter)))
        yield from _some(*(one.when for one in policy.movements if self._is_here(one.chapter)))
        yield from _some(escrow.at_stake, escrow.released)
        yield from (entry.when for entry in policy.reopens if self._is_here(entry.chapter))
        yield from (promise.node for promise in policy.promises)
        yield from _some(*(lead.when for lead in self._leads()))

    def _traced(self) -> None:
        for node in dict.fromkeys(self._read_values()):
            if speaks_of_the_amount(node):
                self._keep_inline(self.inline.value(node).uses)
                continue
            name = self.sheet.add(f"node:{len(self._values)}", self.writer.value(node))
            self._values[node] = f'"{name}"'
            self._export(name)
        for node in dict.fromkeys(self._read_whens()):
            if speaks_of_the_amount(node):
                for rail in RAILS:
                    self._keep_inline(self.inline.condition(node, rail).uses)
                continue
            number = len(self._whens)
            true = self.sheet.add(f"when:{number}", self.writer.condition(node, "true"))
            possible = true
            if self.made.may_be_unknown(node):
                sql = self.writer.condition(node, "possible")
                possible = self.sheet.add(f"may:{number}", sql)
            self._whens[node] = f'"{true}"', f'"{possible}"'
            self._export(true, possible)
        for rule in (rule for rule in self.policy.consent if self._is_here(rule.chapter)):
            name = self.sheet.add(f"ends:{rule.name}", self.writer.later(AT, rule.lasts))
            self._export(name)

    def _keep_inline(self, uses: Iterable[str]) -> None:
        self._export(*(name for name in sorted(uses) if name != "concluded"))

    # -- clocks ------------------------------------------------------------------------------

    def _clocks(self) -> None:
        """Write the next instant at which a question of the chapter changes by itself."""
        nexts = [column(q.name, "next") for q in self.policy.questions_of(self.chapter or "")]
        self.sheet.write("next", f"least({', '.join(nexts)})" if nexts else "NULL::BIGINT")
        self._export("next")
        for question in self.policy.questions:
            if self._is_here(question.chapter):
                self._export(f"next:{question.name}", f"deadline:{question.name}")
                self._export(f"code:{question.name}")

    # -- kinds -------------------------------------------------------------------------------

    def _write_key(self, standings: Sequence[str]) -> None:
        """Write what tells kinds of disputes apart, and its two hashes."""
        self.sheet.write("due", f'coalesce({AT} >= "until", FALSE)')
        self.sheet.write("told", self._told())
        self.sheet.write("appeal", self._appeal())
        self.sheet.write("put", self._put())
        nulls = [f'"{name}" IS NULL' for path in LEDGER if (name := self.facts.field(path))]
        self.sheet.write(
            "unstated", " + ".join(f"({sql})::INTEGER * {1 << n}" for n, sql in enumerate(nulls))
        )
        read_ = [self.facts.field(path) for path in ("claim.party", "standing_decision")]
        self.key = [
            "kind", "pending", "before", "due", "told", "appeal", "put", "unstated", *standings,
            *(name for name in read_ if name is not None),
        ]  # fmt: skip
        listed = [f'"{name}"' for name in self.key]
        self.sheet.write("k1", f"hash({', '.join(listed)})")
        self.sheet.write("k2", f"hash('other', {', '.join(reversed(listed))})")

    def _told(self) -> str:
        """Return what became known now that changes where a dispute stands, as a text."""
        filed, party = (self.facts.changed(path) for path in ("claim.filed_at", "claim.party"))
        parts = [f"({filed})::VARCHAR", f"({party})::VARCHAR"]
        if "responses" in self.prepared.lists:
            parts.append(self._answers())
        joined = " || '|' || ".join(parts)
        return f"CASE WHEN \"arrived\" THEN {joined} ELSE '' END"

    def _answers(self) -> str:
        """Return the answers that change where a dispute stands, of those that came now."""
        items = self.facts.items("responses")
        fields = self.facts.item_fields("responses")

        def said(name: str) -> str:
            return f"coalesce(y.{name}, '')" if name in fields else NOTHING

        telling = " OR ".join(
            (
                f"{said('action')} IN ({_listed(ALWAYS_TOLD)})",
                f"{said('reason')} = '{KEPT}'",
                f'("until" IS NOT NULL AND {said("action")} IN ({_listed((*YES, "reject"))}))',
                f"(len(\"{own('settled')}\") > 0 AND {said('action')} = 'appeal')",
            )
        )
        filed = self.facts.field("claim.filed_at")
        early = f'coalesce(y.at < "{filed}", FALSE)' if filed and "at" in fields else "FALSE"
        parts = (
            said("party"), said("action"), f"({said('reason')} = '{KEPT}')::VARCHAR",
            f"({early})::VARCHAR",
        )  # fmt: skip
        words = _listed((*ALWAYS_TOLD, *YES, "reject", "appeal"))
        ever = f"({said('action')} IN ({words}) OR {said('reason')} = '{KEPT}')"
        now = f'list_filter("{items}", lambda y: {ever} AND y.n = "n" AND ({telling}))'
        told = f"list_transform({now}, lambda y: {SEPARATED.join(parts)})"
        return f"coalesce(list_aggregate({told}, 'string_agg', ','), '')"

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
        if not speaks_of_the_amount(node):
            raise UntraceableError("an expression the engine was not expected to read")
        return _with_amount(self.inline.value(node).text, concluded)

    def rails(self, node: Node, concluded: str) -> tuple[str, str]:
        """Return the SQL of "is true" and "is possible" of a condition."""
        if node in self._whens:
            return self._whens[node]
        if not speaks_of_the_amount(node):
            raise UntraceableError("a condition the engine was not expected to read")
        true, possible = (self.inline.condition(node, rail).text for rail in RAILS)
        return _with_amount(true, concluded), _with_amount(possible, concluded)

    def question(self, state: QuestionState) -> str:
        """Return the condition that a question is in this state; empty: all of a kind are."""
        if f"code:{state.name}" not in self.exported:
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


KEPT = "promise_not_kept"
"""The reason for which a withdrawal is taken back."""

SEPARATED = " || ':' || "


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(text_sql, words))


def _some(*nodes: Node | None) -> list[Node]:
    return [node for node in nodes if node is not None]


def _with_amount(sql: str, concluded: str) -> str:
    return sql.replace('"concluded"', f"({concluded})::BIGINT")
