"""The typed tree as SQL: values, conditions on two rails, and where evaluation would have raised.

It means what `reso.facts.interpret` and the compiled evaluator mean. None is NULL; inside a
condition NULL may stand for false, but what `condition` returns is never NULL.
"""

from dataclasses import dataclass

from reso.engine.expressions import CompiledExpressions
from reso.expressions.tree import (
    And,
    Answer,
    Arith,
    Choice,
    Clock,
    Compare,
    Contains,
    Dated,
    Earliest,
    Field,
    Func,
    ItemField,
    Kind,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    Table,
    Type,
)
from reso.facts.interpret import CONCLUDED
from reso.model.time import Duration
from reso.policy.model import Policy
from simulations.sql.calendar import (
    FAR,
    SECOND,
    SqlCalendar,
    microseconds,
)
from simulations.sql.columns import (
    Columns,
    Rail,
    Sql,
    answer_column,
    clock_column,
    pick_column,
    rail_column,
    ref_column,
    unknown_column,
)
from simulations.sql.constants import constant
from simulations.sql.reading import is_sure, lengths
from simulations.sql.rounding import portion, share
from simulations.sql.scope import Hoist, Scope

DAY_SECONDS = 86_400
UNITS = {"hours_between": 3_600, "days_between": DAY_SECONDS}


@dataclass
class Writer:
    """Writes expressions of one policy.

    `hoist` makes what is costly, or used more than once, a column; without it everything stands
    in one expression.
    """

    policy: Policy
    columns: Columns
    calendar: SqlCalendar
    made: CompiledExpressions
    hoist: Hoist | None = None

    def __post_init__(self) -> None:
        self.dialect = self.calendar.dialect
        self.scope = Scope(self.dialect, self.hoist)
        self._index = {duration: n for n, duration in enumerate(self.calendar.durations)}
        self._nodes = {d.name: d.node for d in self.policy.definitions}
        self._picks = dict(self.policy.picks)

    # -- what callers ask for ---------------------------------------------------------------

    def value(self, node: Node) -> Sql:
        """Return what an expression yields."""
        return self.scope.recorded(lambda: self._value(node))

    def condition(self, node: Node, rail: Rail) -> Sql:
        """Return whether a condition is true, or possible: never NULL."""
        return self.scope.recorded(lambda: self.sure(node, rail))

    def record(self, node: Pick) -> Sql:
        """Return the record a pick finds, NULL where it finds none."""
        return self.scope.recorded(lambda: self._record(node))

    def raw(self, node: Node) -> str:
        """Write a value into what is being written; out of range is NULL for every type."""
        if isinstance(node, Func) and node.name == "is_business_day":
            return self._business_day(node)
        return self._value(node)

    def sure(self, node: Node, rail: Rail) -> str:
        """Write a condition that is never NULL into what is being written."""
        test = self._test(node, rail)
        return test if is_sure(node) else f"COALESCE({test}, FALSE)"

    def _operand(self, node: Node) -> Sql:
        return self.scope.operand(lambda: self._value(node))

    def constant(self, value: Scalar) -> str:
        """Return a constant; a duration is its index in the calendar's."""
        return constant(value, self.dialect, self._index)

    # -- values -----------------------------------------------------------------------------

    def _value(self, node: Node) -> str:
        match node:
            case Lit(value=None):
                return self.dialect.null(node.type.kind)
            case Lit():
                return self.constant(node.value)
            case Field():
                return self._field(node)
            case ItemField():
                return self._member(self.scope.current, node.section, node.name, node)
            case Ref():
                return self.scope.column(ref_column(node.name))
            case PickField():
                return self._picked(node)
            case Answer():
                return self.scope.column(answer_column(node.question))
            case Clock():
                return self.scope.column(clock_column(node.question, node.part))
            case Earliest():
                return self._stated(self.columns.earliest(), node.type.kind)
            case Arith():
                return self._arith(node)
            case Func():
                return self._func(node)
            case Quantity(what="exists"):
                return self._exists(node)
            case Quantity():
                return self._quantity(node)
            case Pick():
                return self._pick_field(node)
            case Choice():
                return self._choice(node)
            case Table():
                return self._table(node)
            case Dated():
                return self._dated(node)
            case _:
                return self.sure(node, "true")

    def _stated(self, column: str | None, kind: Kind) -> str:
        return self.dialect.null(kind) if column is None else self.scope.column(column)

    def _or_absent(self, sql: str, absent: Scalar) -> str:
        return sql if absent is None else f"COALESCE({sql}, {self.constant(absent)})"

    def _field(self, node: Field) -> str:
        if node.name == CONCLUDED:
            return self._stated(self.columns.concluded(), "money")
        if node.type.kind == "record":
            known = self._stated(self.columns.section_known(node.name), "record")
            return f"NULLIF({known}, FALSE)"
        column = self.columns.field(node.name)
        if column is None and node.absent is not None:
            return self.constant(node.absent)
        return self._or_absent(self._stated(column, node.type.kind), node.absent)

    def _member(self, record: str, section: str, name: str, node: ItemField | PickField) -> str:
        if name not in self.columns.item_fields(section):
            if node.absent is not None:
                return self.constant(node.absent)
            return self.dialect.null(node.type.kind)
        return self._or_absent(self.dialect.member(record, name), node.absent)

    def _picked(self, node: PickField) -> str:
        record = self.scope.column(pick_column(node.pick))
        picked = self._picks[node.pick]
        assert isinstance(picked, Pick)
        return self._of_record(record, picked.section, node.name, node)

    def _of_record(self, record: str, section: str, name: str, node: ItemField | PickField) -> str:
        """Return a field of a record, none where there is no record."""
        if name == "":
            return f"CASE WHEN {record} IS NOT NULL THEN TRUE END"
        inner = self._member(record, section, name, node)
        if node.absent is None:
            return inner
        return f"CASE WHEN {record} IS NOT NULL THEN {inner} END"

    def _arith(self, node: Arith) -> str:
        left, right = self._operand(node.left), self._operand(node.right)
        kinds = (node.left.type.kind, node.right.type.kind)
        if kinds[0] == "instant":
            return self._moved(left, node.right, right)
        if kinds == ("money", "rate"):
            return self._share(left, right)
        if kinds == ("rate", "money"):
            return self._share(right, left)
        return self.dialect.arith(left.text, node.op, right.text)

    def _share(self, amount: Sql, rate: Sql) -> str:
        bind = self.scope.binder(amount, rate)
        return share(self.dialect, amount.text, rate.text, self.policy.rounding, bind)

    def _moved(self, start: Sql, by: Node, index: Sql) -> str:
        found = lengths(by, self._nodes)
        lists = any(duration.kind == "business_days" for duration in found)
        bind = self.scope.binder(start, index, lists=lists)
        if isinstance(by, Lit) and isinstance(by.value, Duration):
            return self.calendar.add(start.text, by.value, bind)
        only = sorted(self._index[duration] for duration in found)
        return self.calendar.add_indexed(start.text, index.text, only, bind)

    def _func(self, node: Func) -> str:
        operands = [self._operand(arg) for arg in node.args]
        args = [operand.text for operand in operands]
        bind = self.scope.binder(*operands)
        match node.name:
            case "min":
                return self.dialect.smallest(args)
            case "max":
                return self.dialect.largest(args)
            case "first_known":
                return f"COALESCE({', '.join(args)})"
            case "hours_between" | "days_between":
                unit = UNITS[node.name] * SECOND
                ahead = FAR * DAY_SECONDS // UNITS[node.name]
                apart = f"({args[1]} - {args[0]} + {ahead * unit})"
                return f"({self.dialect.quotient(apart, str(unit))} - {ahead})"
            case "portion":
                return portion(self.dialect, args, self.policy.rounding, bind)
            case "at_time":
                return self.calendar.at_time(args[0], args[1], bind)
            case "time_of":
                return self.calendar.time_of(args[0], bind)
            case "end_of_day":
                return self.calendar.end_of_day(args[0], bind)
            case "is_business_day":
                return f"COALESCE({self._business_day(node)}, FALSE)"
            case _:
                raise ValueError(f"no function `{node.name}`")

    def _business_day(self, node: Func) -> str:
        instant = self._operand(node.args[0])
        return self.calendar.is_business_day(instant.text, self.scope.binder(instant, lists=True))

    # -- lists ------------------------------------------------------------------------------

    def _exists(self, node: Quantity) -> str:
        column = self.columns.items(node.section)
        if column is None:
            return "FALSE"
        return self.scope.apart(lambda: self._any(self.scope.column(column), node.where))

    def _any(self, items: str, where: Node | None) -> str:
        if where is None:
            return f"COALESCE({self.dialect.length(items)} > 0, FALSE)"
        with self.scope.item() as item:
            return f"COALESCE({self.dialect.any(items, item, self._test(where, 'true'))}, FALSE)"

    def _quantity(self, node: Quantity) -> str:
        column = self.columns.items(node.section)
        if column is None:
            return self.dialect.integer(0)
        if node.what == "count" or node.of is None:
            return self.scope.apart(lambda: self._count(self.scope.column(column), node.where))
        return self.scope.apart(lambda: self._sum(node))

    def _count(self, items: str, where: Node | None) -> str:
        kept = items
        if where is not None:
            with self.scope.item() as item:
                kept = self.dialect.filtered(items, item, self._test(where, "true"))
        return f"COALESCE({self.dialect.length(kept)}, {self.dialect.integer(0)})"

    def _numbers(self, node: Quantity) -> str:
        """Write what a sum adds up, item by item."""
        column = self.columns.items(node.section)
        assert column is not None
        assert node.of is not None
        items = self.scope.column(column)
        with self.scope.item() as item:
            number = self._value(node.of)
            if node.where is not None:
                number = f"CASE WHEN {self._test(node.where, 'true')} THEN {number} END"
            return self.dialect.mapped(items, item, number)

    def _sum(self, node: Quantity) -> str:
        return self.dialect.total(self._numbers(node))

    def _record(self, node: Pick) -> str:
        column = self.columns.items(node.section)
        if column is None:
            return self.dialect.null("record")
        items = self.scope.column(column)
        if node.where is None:
            return self.dialect.element(items, "1" if node.which == "first" else "-1")
        with self.scope.item() as item:
            holds = self._test(node.where, "true")
            if node.which == "first":
                return self.dialect.first_that(items, item, holds)
            return self.dialect.last_that(items, item, holds)

    def _pick_field(self, node: Pick) -> str:
        if self.columns.items(node.section) is None:
            return self.dialect.null(node.type.kind)
        record = self.scope.apart(lambda: self._record(node))
        if node.field is None:
            return f"CASE WHEN {record} IS NOT NULL THEN TRUE END"
        return self._of_record(record, node.section, node.field.name, node.field)

    # -- choices ----------------------------------------------------------------------------

    def _choice(self, node: Choice) -> str:
        whens = "".join(
            f"WHEN {self._test(when, 'true')} THEN {self._value(then)} "
            for when, then in node.branches
        )
        return f"CASE {whens}ELSE {self._otherwise(node.otherwise, node.type)} END"

    def _otherwise(self, node: Node | None, kind: Type) -> str:
        return self.dialect.null(kind.kind) if node is None else self._value(node)

    def _table(self, node: Table) -> str:
        otherwise = self._otherwise(node.otherwise, node.type)
        if not node.rows:
            return otherwise
        rows = [(self._row(key), self._value(then)) for key, then in node.rows]

        def cases(key: str) -> str:
            whens = "".join(f"WHEN {key} {row} THEN {then} " for row, then in rows)
            return f"CASE {whens}ELSE {otherwise} END"

        key = self._operand(node.key)
        return self.scope.binder(key)(key.text, cases)

    def _row(self, key: Scalar) -> str:
        return "IS NULL" if key is None else f"= {self.constant(key)}"

    def _dated(self, node: Dated) -> str:
        periods = [(start, self._value(then)) for start, then in node.periods]

        def cases(by: str) -> str:
            sql = self.dialect.null(node.type.kind)
            for start, then in periods:
                if start is None:
                    sql = then
                else:
                    sql = f"CASE WHEN {by} >= {microseconds(start)} THEN {then} ELSE {sql} END"
            return sql

        by = self._operand(node.by)
        return self.scope.binder(by)(by.text, cases)

    # -- conditions -------------------------------------------------------------------------

    def _test(self, node: Node, rail: Rail) -> str:
        """Return a condition; NULL stands for false."""
        match node:
            case And():
                return self._joined(" AND ", node.parts, rail)
            case Or():
                return self._joined(" OR ", node.parts, rail)
            case Not():
                return f"(NOT {self.sure(node.value, 'possible' if rail == 'true' else 'true')})"
            case Compare() | OneOf() | Contains() | Known():
                return self._atom(node, rail)
            case Quantity(what="exists"):
                return self._possible_exists(node, rail)
            case Ref():
                possible = rail == "possible" and self.made.may_be_unknown(node)
                return self.scope.column(rail_column(node.name, "possible" if possible else "true"))
            case _:
                return self._value(node)

    def _joined(self, word: str, parts: tuple[Node, ...], rail: Rail) -> str:
        return f"({word.join(self._test(part, rail) for part in parts)})"

    def _possible_exists(self, node: Quantity, rail: Rail) -> str:
        found = self._exists(node)
        owners = self.made.adds(node) if rail == "possible" else ()
        open_ones = [self.scope.column(unknown_column(owner)) for owner in owners]
        return f"({' OR '.join([found, *open_ones])})"

    def _atom(self, node: Compare | OneOf | Contains | Known, rail: Rail) -> str:
        subject = node.left if isinstance(node, Compare) else node.value
        held = self._known_atom(node)
        if not isinstance(subject, Answer):
            return held
        unknown = self.scope.column(unknown_column(subject.question))
        return f"({unknown} OR {held})" if rail == "possible" else f"(NOT {unknown} AND {held})"

    def _known_atom(self, node: Compare | OneOf | Contains | Known) -> str:
        match node:
            case Compare():
                op = "<>" if node.op == "!=" else node.op
                return f"({self._value(node.left)} {op} {self._value(node.right)})"
            case OneOf():
                return self._one_of(node)
            case Known(value=Field(type=Type(kind="record"))):
                known = f"COALESCE({self._value(node.value)}, FALSE)"
                return f"(NOT {known})" if node.negated else known
            case Known():
                return f"({self._value(node.value)} IS {'' if node.negated else 'NOT '}NULL)"
            case Contains():
                if isinstance(node.value, Field) and self.columns.field(node.value.name) is None:
                    return "FALSE"
                return self.dialect.contains(self._value(node.value), self._value(node.item))

    def _one_of(self, node: OneOf) -> str:
        found = self._value(node.value)
        options = ", ".join(self.constant(o) for o in node.options if o is not None)
        if not options:
            return f"({found} IS NOT NULL)" if node.negated else "FALSE"
        return f"({found} {'NOT IN' if node.negated else 'IN'} ({options}))"
