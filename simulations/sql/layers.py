"""Columns that are computed once, each from others, as one nested SELECT.

A column is computed in the layer after the last column it reads. Layers are sub-selects, one
inside the other: engines neither merge their expressions nor write their rows down. Each layer
carries only what later ones read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simulations.sql.columns import Sql
from simulations.sql.dialects import Dialect


class NoColumnError(LookupError):
    """A column reads another one that the sheet does not have, or the columns go in a circle."""


@dataclass
class Sheet:
    """Named columns over a relation.

    Attributes:
        source: the relation the rows come from: a name or a query in brackets.
        given: its columns.
        beside: relations of one row, by their name, with their columns: joined to a layer that
            reads them.
    """

    dialect: Dialect
    source: str
    given: frozenset[str]
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _columns: dict[str, Sql] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)
    _levels: dict[str, int] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self._columns or name in self.given

    def add(self, name: str, sql: Sql) -> str:
        """Add a column and return its name; what it reads may be added later.

        Raises:
            ValueError: there is another column of this name.
        """
        if name in self.given or self._columns.get(name, sql) != sql:
            raise ValueError(f"there is a column `{name}` already")
        self._columns[name] = sql
        return name

    def hoist(self, sql: Sql) -> str:
        """Make an expression a column, the same one whenever it is written the same."""
        name = self._named.get(sql.text)
        if name is None:
            name = self._named[sql.text] = f"part:{len(self._named)}"
            self._columns[name] = sql
        return name

    def level(self, name: str) -> int:
        """Return in which layer a column is computed; 0: it is given.

        Raises:
            NoColumnError: it cannot be computed.
        """
        if name in self.given or any(name in columns for columns in self.beside.values()):
            return 0
        if name not in self._levels:
            if name not in self._columns:
                raise NoColumnError(f"there is no column `{name}`")
            self._levels[name] = -1
            self._levels[name] = 1 + max(map(self.level, self._columns[name].uses), default=0)
        if self._levels[name] < 0:
            raise NoColumnError(f"column `{name}` reads itself")
        return self._levels[name]

    def select(self, wanted: Sequence[str]) -> str:
        """Return one SELECT of these columns, in this order.

        Raises:
            NoColumnError: one of them cannot be computed.
        """
        layers = self._layers(wanted)
        carried = self._carried(layers, wanted)
        query = self.source
        for number, computed in enumerate(layers):
            kept = [self.dialect.name(name) for name in carried[number]]
            new = [f"{self._columns[n].text} AS {self.dialect.name(n)}" for n in computed]
            needed = set().union(*(self._columns[name].uses for name in computed))
            sources = [query, *self._beside(needed)]
            query = f"(SELECT {', '.join([*kept, *new])} FROM {' CROSS JOIN '.join(sources)})"
        chosen = ", ".join(self.dialect.name(name) for name in wanted)
        return f"SELECT {chosen} FROM {query}"

    def sources(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the given columns that these columns are worked out of, directly or not."""
        todo, seen = list(wanted), set[str]()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self._columns[name].uses if name in self._columns else ()
        return tuple(sorted(seen & self.given))

    def computed(self, wanted: Iterable[str]) -> list[list[tuple[str, str]]]:
        """Return the names and texts of the columns to be computed, layer by layer."""
        return [[(n, self._columns[n].text) for n in names] for names in self._layers(wanted)]

    def _layers(self, wanted: Iterable[str]) -> list[list[str]]:
        """Return the columns to be computed, layer by layer."""
        layers: dict[int, list[str]] = {}
        todo, seen = list(wanted), set[str]()
        while todo:
            name = todo.pop()
            level = self.level(name)
            if name in seen or level == 0:
                continue
            seen.add(name)
            layers.setdefault(level, []).append(name)
            todo += self._columns[name].uses
        return [sorted(layers[level]) for level in sorted(layers)]

    def _carried(self, layers: list[list[str]], wanted: Iterable[str]) -> list[list[str]]:
        """Return the columns each layer hands on from the one before it."""
        lists = frozenset().union(*self.beside.values())
        needed = set(wanted)
        found: list[list[str]] = []
        for computed in reversed(layers):
            needed -= set(computed)
            found.append(sorted(needed))
            needed |= {use for name in computed for use in self._columns[name].uses} - lists
        return found[::-1]

    def _beside(self, needed: set[str]) -> list[str]:
        return [name for name, columns in self.beside.items() if columns & needed]
