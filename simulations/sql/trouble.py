"""Where SQL yields NULL though the engine yields a value, or refuses: cases for the engine."""

from collections.abc import Callable, Iterator

from reso.expressions.tree import (
    Arith,
    Choice,
    Dated,
    Func,
    Node,
    Pick,
    Quantity,
    Scalar,
    Table,
    children,
    walk,
)
from simulations.sql.bounds import LARGEST_SUM, ON_INSTANTS, shared_by
from simulations.sql.calendar import microseconds
from simulations.sql.columns import Sql
from simulations.sql.rounding import LARGEST_RATE
from simulations.sql.writer import Writer

MayBeLost = Callable[[Node], bool]
"""Whether the outermost step of an expression may be in trouble at all."""


def trouble(writer: Writer, node: Node, may_be_lost: MayBeLost = lambda node: True) -> list[Sql]:
    """Return conditions, never NULL, of which one is true wherever an expression is in trouble.

    That is: a table has no row for its key, a parameter no period for its instant, a number
    outgrows 64 bits (a sum: `LARGEST_SUM`), a share is of more than is exact, an instant leaves the
    calendar's years. Names that the expression mentions have troubles of their own. It may be told
    of a part that is not reached in the end.
    """
    if not any(map(may_be_lost, walk(node))):
        return []
    found: list[Sql] = []

    def write() -> str:
        found.extend(_Troubles(writer, may_be_lost).of(node))
        return ""

    writer.scope.recorded(write)
    return [Sql(f"COALESCE({told}, FALSE)", told.uses) for told in dict.fromkeys(found)]


class _Troubles:
    """Goes down an expression and tells what may go wrong on the way."""

    def __init__(self, writer: Writer, may_be_lost: MayBeLost) -> None:
        self.writer = writer
        self.may_be_lost = may_be_lost
        self.scope = writer.scope
        self.dialect = writer.dialect

    def of(self, node: Node) -> Iterator[Sql]:
        """Yield conditions, NULL standing for false."""
        match node:
            case Choice():
                yield from self._choice(node)
            case Table():
                yield from self._table(node)
            case Dated():
                yield from self._dated(node)
            case Quantity() | Pick():
                yield from self._items(node)
            case _:
                for part in children(node):
                    yield from self.of(part)
                if self.may_be_lost(node):
                    yield from self._step(node)

    def _step(self, node: Node) -> Iterator[Sql]:
        """Yield the troubles of the outermost step of an expression."""
        if isinstance(node, Arith):
            yield self._lost(node, [node.left, node.right])
            yield from self._of_more_than_is_exact(node)
        if isinstance(node, Func) and node.name in ON_INSTANTS:
            yield self._lost(node, [node.args[0]])
        if isinstance(node, Func) and node.name == "portion":
            yield self._lost(node, list(node.args), node.args[2])

    def _of_more_than_is_exact(self, node: Arith) -> Iterator[Sql]:
        if (shared := shared_by(node)) is not None:
            rate = self._written(shared[1])
            exact = f"{rate} BETWEEN {-LARGEST_RATE} AND {LARGEST_RATE}"
            yield Sql(f"NOT ({exact})", rate.uses)

    def _written(self, node: Node) -> Sql:
        return self.scope.operand(lambda: self.writer.raw(node))

    def _joined(self, word: str, *parts: Sql) -> Sql:
        text = f" {word} ".join(f"({part})" for part in parts)
        return Sql(f"({text})", frozenset().union(*(part.uses for part in parts)))

    def _lost(self, node: Node, operands: list[Node], above_zero: Node | None = None) -> Sql:
        """Return whether a result is NULL though no operand is."""
        known = [Sql(f"{o} IS NOT NULL", o.uses) for o in map(self._written, operands)]
        if above_zero is not None:
            whole = self._written(above_zero)
            known.append(Sql(f"{whole} > 0", whole.uses))
        result = self._written(node)
        return self._joined("AND", *known, Sql(f"{result} IS NULL", result.uses))

    def _within(self, reached: Sql, node: Node | None) -> Iterator[Sql]:
        if node is not None:
            for told in self.of(node):
                yield self._joined("AND", reached, told)

    def _choice(self, node: Choice) -> Iterator[Sql]:
        before: list[Sql] = []
        for when, then in node.branches:
            holds = self.scope.operand(lambda when=when: self.writer.sure(when, "true"))  # type: ignore[misc]
            yield from self._within(self._none_of(before), when)
            yield from self._within(self._joined("AND", self._none_of(before), holds), then)
            before.append(holds)
        yield from self._within(self._none_of(before), node.otherwise)

    def _none_of(self, conditions: list[Sql]) -> Sql:
        if not conditions:
            return Sql("TRUE")
        either = self._joined("OR", *conditions)
        return Sql(f"NOT {either}", either.uses)

    def _table(self, node: Table) -> Iterator[Sql]:
        yield from self.of(node.key)
        key = self._written(node.key)
        rows = [self._is(key, row) for row, _ in node.rows]
        for row, (_, then) in zip(rows, node.rows, strict=True):
            yield from self._within(row, then)
        if node.otherwise is None:
            yield self._none_of(rows)
        else:
            yield from self._within(self._none_of(rows), node.otherwise)

    def _is(self, key: Sql, row: Scalar) -> Sql:
        if row is None:
            return Sql(f"{key} IS NULL", key.uses)
        return Sql(f"COALESCE({key} = {self.writer.constant(row)}, FALSE)", key.uses)

    def _dated(self, node: Dated) -> Iterator[Sql]:
        yield from self.of(node.by)
        starts = [start for start, _ in node.periods if start is not None]
        if len(starts) == len(node.periods):
            by = self._written(node.by)
            begun = f"COALESCE({by} >= {microseconds(min(starts))}, FALSE)"
            yield Sql(f"NOT {begun}", by.uses)
        for _, then in node.periods:
            yield from self.of(then)

    def _items(self, node: Quantity | Pick) -> Iterator[Sql]:
        """Yield whether any item of a list is in trouble, and whether a sum is."""
        column = self.writer.columns.items(node.section)
        if column is None:
            return
        parts = [node.where, node.of] if isinstance(node, Quantity) else [node.where]
        for part in parts:
            with self.scope.item() as item:
                told = [] if part is None else list(self.of(part))
                for each in told:
                    text = self.dialect.any(self.dialect.name(column), item, each.text)
                    yield Sql(text, each.uses | {column})
        if isinstance(node, Quantity) and node.what == "sum" and node.of is not None:
            total = self._written(node)
            small = f"{total} BETWEEN {-LARGEST_SUM} AND {LARGEST_SUM}"
            yield Sql(f"NOT COALESCE({small}, FALSE)", total.uses)
