"""What two SQL dialects write differently: DuckDB and Spark.

Both yield NULL for an element a list does not have, skip NULL in `least` and `greatest`, and cut
towards zero when they divide whole numbers. A name that a lambda binds must not be a column's.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from reso.expressions.tree import Kind
from simulations.literals import text_of

TYPES: dict[Kind, str] = {
    "boolean": "BOOLEAN",
    "record": "BOOLEAN",
    "error": "BOOLEAN",
    "integer": "BIGINT",
    "money": "BIGINT",
    "rate": "BIGINT",
    "instant": "BIGINT",
    "time": "BIGINT",
    "date": "INTEGER",
    "duration": "INTEGER",
}


class Dialect(ABC):
    """How one engine spells what is not the same everywhere; every argument is SQL."""

    text: ClassVar[str]
    wide: ClassVar[str]
    """The type in which the product of two 64-bit numbers fits."""

    def type_of(self, kind: Kind) -> str:
        """Return the type of a column of this kind; a list is one of text."""
        return self.list_of(self.text) if kind == "list" else TYPES.get(kind, self.text)

    def null(self, kind: Kind) -> str:
        """Return none of a kind."""
        return f"CAST(NULL AS {self.type_of(kind)})"

    def integer(self, value: int) -> str:
        """Return a constant of 64 bits."""
        return f"CAST({value} AS BIGINT)"

    def smallest(self, values: Sequence[str]) -> str:
        """Return the smallest value that is not NULL."""
        return f"LEAST({', '.join(values)})"

    def largest(self, values: Sequence[str]) -> str:
        """Return the largest value that is not NULL."""
        return f"GREATEST({', '.join(values)})"

    def widened(self, value: str) -> str:
        """Return a number in the wide type."""
        return f"CAST({value} AS {self.wide})"

    def last_that(self, items: str, variable: str, holds: str) -> str:
        """Return the last item for which a condition holds, else NULL."""
        return self.element(self.filtered(items, variable, holds), "-1")

    def first_that(self, items: str, variable: str, holds: str) -> str:
        """Return the first item for which a condition holds, else NULL."""
        return self.element(self.filtered(items, variable, holds), "1")

    def bound(self, variable: str, value: str, body: str) -> str:
        """Return `body` in which `variable` stands for a value that is computed once."""
        return self.element(self.mapped(self.list(value), variable, body), "1")

    @abstractmethod
    def name(self, name: str) -> str:
        """Return a name in quotes."""

    @abstractmethod
    def words(self, value: str) -> str:
        """Return a constant text."""

    @abstractmethod
    def list_of(self, inner: str) -> str:
        """Return the type of a list."""

    @abstractmethod
    def list(self, *values: str) -> str:
        """Return a list of values."""

    @abstractmethod
    def numbers(self, values: Sequence[int]) -> str:
        """Return a long list of constants of 32 bits, read from text: that parses fast."""

    @abstractmethod
    def member(self, record: str, field: str) -> str:
        """Return a field of a record."""

    @abstractmethod
    def length(self, items: str) -> str:
        """Return the number of items; NULL of NULL."""

    @abstractmethod
    def element(self, items: str, position: str) -> str:
        """Return an item by its position from 1 (-1: the last); NULL where there is none."""

    @abstractmethod
    def contains(self, items: str, item: str) -> str:
        """Return whether a list holds an item; NULL where either is NULL."""

    @abstractmethod
    def filtered(self, items: str, variable: str, holds: str) -> str:
        """Return the items for which a condition holds."""

    @abstractmethod
    def mapped(self, items: str, variable: str, body: str) -> str:
        """Return what `body` makes of each item."""

    @abstractmethod
    def any(self, items: str, variable: str, holds: str) -> str:
        """Return whether a condition holds for any item; NULL or false where for none."""

    @abstractmethod
    def total(self, items: str) -> str:
        """Return the sum of a list of 64-bit numbers, NULL left out: 0 of none.

        It is NULL where it does not fit 64 bits.
        """

    @abstractmethod
    def least_of(self, items: str) -> str:
        """Return the smallest item of a list that is not NULL; NULL of none."""

    @abstractmethod
    def quotient(self, number: str, by: str) -> str:
        """Return a whole quotient, cut towards zero."""

    @abstractmethod
    def arith(self, left: str, op: str, right: str) -> str:
        """Return a sum, difference or product of 64 bits, NULL where it does not fit."""

    @abstractmethod
    def narrowed(self, value: str) -> str:
        """Return a wide number in 64 bits, NULL where it does not fit."""

    @abstractmethod
    def months_later(self, day: str, months: int) -> str:
        """Return the day (since 1970) so many months later, the month's last if it is shorter."""

    def wide_quotient(self, number: str, by: str) -> str:
        """Return a whole quotient of wide numbers; it may be NULL where it does not fit 64 bits."""
        return self.quotient(number, by)

    def remainder(self, number: str, by: str) -> str:
        """Return what a whole division leaves, with the sign of the number."""
        return f"({number} % {by})"


@dataclass(frozen=True, slots=True)
class DuckDB(Dialect):
    """DuckDB 1.3 and later."""

    text = "VARCHAR"
    wide = "HUGEINT"

    def name(self, name: str) -> str:
        """Return a name in quotes."""
        return '"' + name.replace('"', '""') + '"'

    def words(self, value: str) -> str:
        """Return a constant text."""
        return text_of(value)

    def list_of(self, inner: str) -> str:
        """Return the type of a list."""
        return f"{inner}[]"

    def list(self, *values: str) -> str:
        """Return a list of values."""
        return f"[{', '.join(values)}]"

    def numbers(self, values: Sequence[int]) -> str:
        """Return a long list of constants."""
        return f"CAST(string_split('{','.join(map(str, values))}', ',') AS INTEGER[])"

    def member(self, record: str, field: str) -> str:
        """Return a field of a record."""
        return f"struct_extract({record}, {self.words(field)})"

    def length(self, items: str) -> str:
        """Return the number of items."""
        return f"len({items})"

    def element(self, items: str, position: str) -> str:
        """Return an item by its position."""
        return f"list_extract({items}, {position})"

    def contains(self, items: str, item: str) -> str:
        """Return whether a list holds an item."""
        return f"list_contains({items}, {item})"

    def filtered(self, items: str, variable: str, holds: str) -> str:
        """Return the items for which a condition holds."""
        return f"list_filter({items}, lambda {variable}: {holds})"

    def mapped(self, items: str, variable: str, body: str) -> str:
        """Return what `body` makes of each item."""
        return f"list_transform({items}, lambda {variable}: {body})"

    def any(self, items: str, variable: str, holds: str) -> str:
        """Return whether a condition holds for any item: no item is copied."""
        return f"list_contains({self.mapped(items, variable, holds)}, TRUE)"

    def total(self, items: str) -> str:
        """Return the sum of a list."""
        return self.narrowed(f"COALESCE(list_sum({items}), 0)")

    def least_of(self, items: str) -> str:
        """Return the smallest item of a list."""
        return f"list_min({items})"

    def quotient(self, number: str, by: str) -> str:
        """Return a whole quotient."""
        return f"({number} // {by})"

    def arith(self, left: str, op: str, right: str) -> str:
        """Return a sum, difference or product of 64 bits."""
        return f"TRY({left} {op} {right})"

    def narrowed(self, value: str) -> str:
        """Return a wide number in 64 bits."""
        return f"TRY_CAST({value} AS BIGINT)"

    def months_later(self, day: str, months: int) -> str:
        """Return the day so many months later."""
        first = f"(DATE '1970-01-01' + CAST({day} AS INTEGER))"
        later = f"CAST({first} + to_months({months}) AS DATE)"
        return f"date_diff('day', DATE '1970-01-01', {later})"


@dataclass(frozen=True, slots=True)
class Spark(Dialect):
    """Spark SQL 4, in a session with `SETTINGS`."""

    SETTINGS: ClassVar[Mapping[str, str]] = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    }
    """Names stand in double quotes, as in DuckDB; what does not fit is an error, or none."""

    text = "STRING"
    wide = "DECIMAL(38, 0)"

    def name(self, name: str) -> str:
        """Return a name in quotes."""
        return '"' + name.replace('"', '""') + '"'

    def words(self, value: str) -> str:
        """Return a constant text."""
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"

    def list_of(self, inner: str) -> str:
        """Return the type of a list."""
        return f"ARRAY<{inner}>"

    def list(self, *values: str) -> str:
        """Return a list of values."""
        return f"array({', '.join(values)})"

    def numbers(self, values: Sequence[int]) -> str:
        """Return a long list of constants."""
        return f"CAST(split('{','.join(map(str, values))}', ',') AS ARRAY<INT>)"

    def member(self, record: str, field: str) -> str:
        """Return a field of a record."""
        return f"{record}.`{field.replace('`', '``')}`"

    def length(self, items: str) -> str:
        """Return the number of items."""
        return f"array_size({items})"

    def element(self, items: str, position: str) -> str:
        """Return an item by its position."""
        return f"try_element_at({items}, CAST({position} AS INT))"

    def contains(self, items: str, item: str) -> str:
        """Return whether a list holds an item: Spark says NULL beside an item that is NULL."""
        known = f"{items} IS NOT NULL AND {item} IS NOT NULL"
        return f"coalesce(array_contains({items}, {item}), CASE WHEN {known} THEN FALSE END)"

    def filtered(self, items: str, variable: str, holds: str) -> str:
        """Return the items for which a condition holds."""
        return f"filter({items}, {variable} -> {holds})"

    def mapped(self, items: str, variable: str, body: str) -> str:
        """Return what `body` makes of each item."""
        return f"transform({items}, {variable} -> {body})"

    def any(self, items: str, variable: str, holds: str) -> str:
        """Return whether a condition holds for any item."""
        return f"exists({items}, {variable} -> {holds})"

    def total(self, items: str) -> str:
        """Return the sum of a list."""
        none, one = self.widened("NULL"), self.widened("a_")
        added = f"coalesce({self.widened(f's_ + {one}')}, s_, {one})"
        total = f"aggregate({items}, {none}, (s_, a_) -> {added})"
        return self.narrowed(f"coalesce({total}, {self.widened('0')})")

    def least_of(self, items: str) -> str:
        """Return the smallest item of a list."""
        return f"array_min({items})"

    def quotient(self, number: str, by: str) -> str:
        """Return a whole quotient."""
        return f"({number} div {by})"

    def wide_quotient(self, number: str, by: str) -> str:
        """Return a whole quotient of wide numbers: `div` would wrap what outgrows 64 bits."""
        multiple = self.widened(f"{number} - {self.remainder(number, by)}")
        return f"CAST(try_divide({multiple}, {by}) AS {self.wide})"

    def arith(self, left: str, op: str, right: str) -> str:
        """Return a sum, difference or product of 64 bits."""
        function = {"+": "try_add", "-": "try_subtract", "*": "try_multiply"}[op]
        return f"{function}({left}, {right})"

    def narrowed(self, value: str) -> str:
        """Return a wide number in 64 bits."""
        return f"try_cast({value} AS BIGINT)"

    def months_later(self, day: str, months: int) -> str:
        """Return the day so many months later."""
        first = f"date_from_unix_date(CAST({day} AS INT))"
        return f"unix_date(add_months({first}, {months}))"
