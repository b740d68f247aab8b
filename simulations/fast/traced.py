"""Whole numbers that remember how they came about, and the trace of what was asked of them.

One dispute of a kind is led by the real engine. What it computes of amounts has to hold for all
of its kind: so its amounts are `Traced`, each with the SQL it was computed by, and every question
asked of one (is it above that one? is it none?) is noted with its answer. Another dispute is of
the same kind where all noted questions get the same answers; then its numbers are those formulas.
"""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from reso.model.case import Case, Value


class UntraceableError(Exception):
    """The engine asked for something whose formula is not at hand: not a kind to be shared."""


@dataclass(slots=True)
class Trace:
    """What was asked while one dispute was led, as SQL conditions, and what the answers were."""

    noted: dict[str, bool] = field(default_factory=dict)

    def note(self, condition: str, holds: bool) -> bool:
        """Remember the answer to a question, and return it."""
        self.noted[condition] = holds
        return holds


class Traced(int):
    """An amount and the SQL it was computed by; exact, as `int` is."""

    sql: str
    trace: Trace

    @classmethod
    def of(cls, number: int, sql: str, trace: Trace) -> "Traced":
        """Return a number with its formula."""
        made = cls(number)
        made.sql, made.trace = sql, trace
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return int, (int(self),)

    # -- arithmetic ------------------------------------------------------------------------

    def __add__(self, other: int) -> "Traced":
        if _is_plain_zero(other):
            return self
        return self._made(int(self) + int(other), f"({self.sql} + {sql_of(other)})")

    def __radd__(self, other: int) -> "Traced":
        return self if _is_plain_zero(other) else self + other

    def __sub__(self, other: int) -> "Traced":
        if _is_plain_zero(other):
            return self
        return self._made(int(self) - int(other), f"({self.sql} - {sql_of(other)})")

    def __rsub__(self, other: int) -> "Traced":
        return self._made(int(other) - int(self), f"({sql_of(other)} - {self.sql})")

    def __mul__(self, other: int) -> "Traced":
        return self._made(int(self) * int(other), f"({self.sql}::HUGEINT * {sql_of(other)})")

    __rmul__ = __mul__

    def __divmod__(self, other: int) -> tuple[int, int]:
        """Return quotient and rest of numbers that are not negative, as amounts are."""
        if int(self) < 0 or int(other) <= 0:
            raise UntraceableError("a division of something negative, or by it")
        whole, rest = divmod(int(self), int(other))
        sql = f"({self.sql} // {sql_of(other)})"
        return self._made(whole, f"{sql}::BIGINT"), self._made(
            rest, f"({self.sql} - {sql} * {sql_of(other)})::BIGINT"
        )

    def _made(self, number: int, sql: str) -> "Traced":
        return Traced.of(number, sql, self.trace)

    # -- questions -------------------------------------------------------------------------

    def __hash__(self) -> int:
        return 0  # so that sets compare what is in them, and the comparison is noted

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int):
            return False
        return self._noted("=", other, int(self) == int(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: int) -> bool:
        return self._noted("<", other, int(self) < int(other))

    def __le__(self, other: int) -> bool:
        return self._noted("<=", other, int(self) <= int(other))

    def __gt__(self, other: int) -> bool:
        return self._noted(">", other, int(self) > int(other))

    def __ge__(self, other: int) -> bool:
        return self._noted(">=", other, int(self) >= int(other))

    def __bool__(self) -> bool:
        return self._noted("<>", 0, int(self) != 0)

    def _noted(self, op: str, other: int, holds: bool) -> bool:
        sql = sql_of(other)
        return holds if sql == self.sql else self.trace.note(f"{self.sql} {op} {sql}", holds)


def sql_of(number: int) -> str:
    """Return a number as SQL: its formula, or itself."""
    return number.sql if isinstance(number, Traced) else str(int(number))


def sql_or_null(amount: int | None) -> str:
    """Return an amount as SQL, NULL where there is none."""
    return "NULL" if amount is None else sql_of(amount)


def plain(value: Value) -> Value:
    """Return a value without its trace."""
    return int(value) if isinstance(value, Traced) else value


def text_sql(text: str) -> str:
    """Return a text as an SQL literal."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def traced(value: object, sql: str, trace: Trace) -> object:
    """Return a value that was read, a number with its formula; note whether there is one.

    Raises:
        UntraceableError: a value of a kind that no dispute can be compared by.
    """
    trace.note(f"{sql} IS NULL", value is None)
    match value:
        case None:
            return None
        case Traced():
            return value
        case bool():
            trace.note(f"{sql}", value)
            return value
        case int():
            return Traced.of(value, sql, trace)
        case str():
            trace.note(f"{sql} = {text_sql(value)}", True)
            return value
        case datetime():
            return value
        case _:
            raise UntraceableError(f"a {type(value).__name__}")


class SeenFields(Mapping[str, Value]):
    """The fields of a case that note what is asked for by name; walking through notes nothing."""

    def __init__(
        self, fields: Mapping[str, Value], columns: Mapping[str, str], trace: Trace
    ) -> None:
        self._fields, self._columns, self._trace = fields, columns, trace

    def __getitem__(self, name: str) -> Value:
        if name not in self._columns:
            raise UntraceableError(f"the field {name}")
        return cast(Value, traced(self._fields.get(name), self._columns[name], self._trace))

    def get(self, name: str, default: object = None) -> Value:
        """Return the value of a field, None where nothing is stated."""
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def items(self) -> ItemsView[str, Value]:
        """Return names and values, unnoted."""
        return self._fields.items()

    def values(self) -> ValuesView[Value]:
        """Return the values, unnoted."""
        return self._fields.values()


class SeenCase(Case):
    """A case whose fields note what is asked of them."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Keep the fields as they are given."""


def _is_plain_zero(number: int) -> bool:
    return not isinstance(number, Traced) and number == 0
