"""A policy as one sheet of columns: everything a replay asks of a dispute at an instant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reso.engine.conclude import Concluder
from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import Compare, Node, Pick, PickField, walk
from reso.model.time import Duration
from reso.policy.clocks import QuestionState
from reso.policy.model import Conclusion, Lead, Policy
from simulations.fast.facts import AT, OWN_LISTS, AsOf, Prepared, own, own_at
from simulations.fast.keys import Key
from simulations.fast.lacking import Lacking, bounds_of, speaks_of_the_amount
from simulations.fast.lasting import ARRIVALS, MOVED, MOVING, SURE, leaned
from simulations.fast.questions import QuestionColumns, column
from simulations.fast.sheets import Asked, Sheet
from simulations.fast.standings import RAILS, Standings, chapter_of
from simulations.fast.traced import UntraceableError
from simulations.fast.writing import Writer
from simulations.life import LEDGER
from simulations.sql import layers
from simulations.sql.calendar import SqlCalendar
from simulations.sql.columns import pick_column, rail_column, ref_column
from simulations.sql.constants import durations_of
from simulations.sql.dialects import DuckDB
from simulations.sql.lean import Lean

READ = ("claim.party", "claim.requested", "claim.type", "claim.filed_at", *LEDGER)
"""Fields that the engine reads itself, beside those that expressions name."""

FACTS, CALENDAR = "moved_facts", "fast_calendar"
"""The relations a sheet stands on: of disputes, and of the calendar's lists."""


@dataclass
class Plan:
    """What is worked out of every dispute at an instant, and by which SQL.

    Attributes:
        exported: columns that conditions, amounts and clocks are written with.
        decides: of each rule, the columns that say whether it decides, and possibly does.
        clocked: the questions of which there are exported columns.
    """

    policy: Policy
    prepared: Prepared
    made: CompiledExpressions
    chapter: str | None = None
    exported: dict[str, None] = field(default_factory=dict)
    decides: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    clocked: list[str] = field(default_factory=list)
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
        mine = {own(name) for name in (*OWN_LISTS, *LEDGER)} | {own_at(name) for name in LEDGER}
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
        standings = Standings(self.policy, self.writer, self.sheet, self.made, self.chapter)
        rests_on = standings.write()
        self.decides = standings.columns
        self._export(*(name for pair in self.decides.values() for name in pair))
        self._traced()
        self._clocks()
        Key(self.facts).write(rests_on)
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
                self.clocked.append(question.name)
                self._export(f"next:{question.name}", f"deadline:{question.name}")
                self._export(f"code:{question.name}")

    @property
    def told_values(self) -> Sequence[str]:
        """The columns of fields, values and conditions that the engine reads."""
        fields = (self.facts.field(path) for path in READ)
        read = (*self._values.values(), *(rail for rails in self._whens.values() for rail in rails))
        return [*filter(None, fields), *(name.strip('"') for name in read)]

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
        if state.name not in self.clocked:
            return ""
        return f"{column(state.name, 'code')} = {self.questions.code(state)}"

    def duration(self, duration: Duration) -> int:
        """Return the number of a duration."""
        return self.calendar.durations.index(duration)

    def consent_ends(self, names: Sequence[str]) -> str:
        """Return the SQL of the last instant for an answer, of these entries of `consent`."""
        listed = ", ".join(f'"ends:{name}"' for name in names)
        return f"greatest({listed})"


def _some(*nodes: Node | None) -> list[Node]:
    return [node for node in nodes if node is not None]


def _with_amount(sql: str, concluded: str) -> str:
    return sql.replace('"concluded"', f"({concluded})::BIGINT")
