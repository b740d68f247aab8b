"""What is kept while an expression is written: the columns it reads, the items it looks at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from simulations.sql.binding import Bind, Lambdas, is_short
from simulations.sql.calendar import DAYS, RANK
from simulations.sql.columns import Sql, uses_of
from simulations.sql.dialects import Dialect

Hoist = Callable[[Sql], str]
"""Makes an expression a column of its own and returns its name."""


@dataclass
class Scope:
    """The place in which an expression is written.

    `hoist` makes what is costly, or used more than once, a column; without it everything stands
    in one expression.
    """

    dialect: Dialect
    hoist: Hoist | None = None
    _uses: list[set[str]] = field(default_factory=list)
    _items: list[str] = field(default_factory=list)
    _lambdas: Lambdas = field(init=False)

    def __post_init__(self) -> None:
        self._lambdas = Lambdas(self.dialect)

    @property
    def current(self) -> str:
        """The name of the item a `where` looks at."""
        return self._items[-1]

    def recorded(self, write: Callable[[], str]) -> Sql:
        """Return what is written, with the columns it reads."""
        self._uses.append(set())
        try:
            text = write()
        finally:
            used = self._uses.pop()
        return Sql(text, frozenset(used))

    def column(self, name: str) -> str:
        """Read a column."""
        self._uses[-1].add(name)
        return self.dialect.name(name)

    def operand(self, write: Callable[[], str]) -> Sql:
        """Return a part of what is being written, with the columns this part reads."""
        sql = self.recorded(write)
        self._uses[-1] |= sql.uses
        return sql

    def binder(self, *operands: Sql, lists: bool = False) -> Bind:
        """Return what names values made of these operands (and of the calendar's lists)."""
        uses = set(uses_of(operands))
        if lists:
            uses |= {RANK, DAYS}
            self._uses[-1] |= {RANK, DAYS}

        def bind(sql: str, body: Callable[[str], str]) -> str:
            if is_short(sql) or self.hoist is None or self._lambdas.depth:
                return self._lambdas.bind(sql, body)
            name = self.hoist(Sql(sql, frozenset(uses)))
            uses.add(name)
            return body(self.column(name))

        return bind

    def apart(self, write: Callable[[], str]) -> str:
        """Write what looks at no outer item, as a column of its own where that is possible."""
        if self.hoist is None:
            return write()
        outer = self._items, self._lambdas
        self._items, self._lambdas = [], Lambdas(self.dialect)
        try:
            sql = self.recorded(write)
        finally:
            self._items, self._lambdas = outer
        return self.column(self.hoist(sql))

    @contextmanager
    def item(self) -> Iterator[str]:
        """Give the item that a `where` looks at a name."""
        with self._lambdas.variable() as name:
            self._items.append(name)
            try:
                yield name
            finally:
                self._items.pop()
