"""Whole numbers that remember how they came about, and the trace of what was asked of them.

One dispute of a kind is led by the real engine. What it computes of amounts has to hold for all
of its kind: so its amounts are `Traced`, each with the SQL it was computed by, and every question
asked of one (is it above that one? is it none?) is noted with its answer. Another dispute is of
the same kind where all noted questions get the same answers; then its numbers are those formulas.
"""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from datetime import datetime
from typing import Never, cast

from reso.model.case import Case, Value
from simulations.fast import terms
from simulations.literals import text_of


class UntraceableError(Exception):
    """The engine asked for something whose formula is not at hand: not a kind to be shared."""


@dataclass(slots=True)
class Trace:
    """What was asked while one dispute was led, as SQL conditions, and what the answers were.

    `read` are the values that were read, by the SQL that stands for each.

    What follows from the answers before is not noted again: who answered those alike, answers it
    alike.
    """

    noted: dict[str, bool] = field(default_factory=dict)
    read: dict[str, object] = field(default_factory=dict)
    _signs: dict[terms.Ordered, int] = field(default_factory=dict)

    def note(self, condition: str, holds: bool) -> bool:
        """Remember the answer to a question, and return it."""
        self.noted[condition] = holds
        return holds

    def compare(self, difference: terms.Terms, asked: int, holds: bool) -> bool:
        """Remember whether a difference has one of the signs asked for, and return it.

        None of the columns it is made of is NULL.
        """
        if terms.number_of(difference) is not None:
            return holds
        key, asked = _upright(difference, asked)
        possible = self._sign(key)
        if possible & asked and possible & ~asked:
            self._signs[key] = possible & (asked if holds else ~asked)
            basic = asked in _OPERATORS
            left, right = terms.sides(key)
            operator = _OPERATORS[asked if basic else terms.ANY & ~asked]
            self.note(f"{left} {operator} {right}", holds is basic)
        return holds

    def keep(self, difference: terms.Terms, sign: int) -> None:
        """Remember which signs a number has for all disputes that answer alike."""
        key, sign = _upright(difference, sign)
        self._signs[key] = sign

    def _sign(self, key: terms.Ordered) -> int:
        """Return which signs a sum may have, as far as the answers tell."""
        parts = (self._sign_of_part(product, count) for product, count in key)
        return self._signs.get(key, terms.ANY) & terms.sign_of_sum(parts)

    def _sign_of_part(self, product: terms.Product, count: int) -> int:
        signs = (self._signs.get((((factor,), 1),), terms.ANY) for factor in product)
        sign = terms.sign_of_product(signs)
        return sign if count > 0 else terms.turned(sign)


def _upright(difference: terms.Terms, sign: int) -> tuple[terms.Ordered, int]:
    """Return a difference and signs, both turned where its first term is taken off."""
    key = terms.ordered(difference)
    if key[0][1] > 0:
        return key, sign
    return tuple((product, -count) for product, count in key), terms.turned(sign)


_OPERATORS = {terms.BELOW: "<", terms.ZERO: "=", terms.ABOVE: ">"}


class Traced(int):
    """An amount and the formula it was computed by; exact, as `int` is.

    What has no formula here raises `UntraceableError`: no amount comes out without its own.
    """

    parts: terms.Terms
    trace: Trace

    @classmethod
    def of(cls, number: int, sql: str, trace: Trace) -> "Traced":
        """Return a number that stands in a column, or is other SQL that is not NULL."""
        return cls._with(number, {(sql,): 1}, trace)

    @classmethod
    def _with(cls, number: int, found: terms.Terms, trace: Trace) -> "Traced":
        made = cls(number)
        made.parts, made.trace = found, trace
        return made

    @property
    def sql(self) -> str:
        """The formula as SQL."""
        return terms.text(self.parts)

    # -- arithmetic ------------------------------------------------------------------------

    def __add__(self, other: int) -> int:
        return self._made(_bare(self) + _bare(other), terms.plus(self.parts, _terms_of(other)))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return self._made(_bare(self) - _bare(other), terms.plus(self.parts, _terms_of(other), -1))

    def __rsub__(self, other: int) -> int:
        return self._made(_bare(other) - _bare(self), terms.plus(_terms_of(other), self.parts, -1))

    def __mul__(self, other: int) -> int:
        return self._made(
            _bare(self) * _bare(other), terms.multiplied(self.parts, _terms_of(other))
        )

    __rmul__ = __mul__

    def __divmod__(self, other: int) -> tuple[int, int]:
        """Return quotient and rest of numbers that are not negative, as amounts are."""
        if _bare(self) < 0 or _bare(other) <= 0:
            raise UntraceableError("a division of something negative, or by it")
        by = _terms_of(other)
        self.trace.compare(self.parts, terms.ZERO | terms.ABOVE, True)
        self.trace.compare(by, terms.ABOVE, True)
        whole, rest = divmod(_bare(self), _bare(other))
        found = terms.divided(self.parts, by)
        if found is None:
            column = f"({self.sql} // {terms.text(by)})::BIGINT"
            found = {(column,): 1}
            self.trace.keep(found, terms.ZERO | terms.ABOVE)
        left = terms.plus(self.parts, terms.multiplied(found, by), -1)
        if left:
            self.trace.keep(left, terms.ZERO | terms.ABOVE)
        return self._made(whole, found), self._made(rest, left)

    def __rdivmod__(self, other: int) -> tuple[int, int]:
        """Return quotient and rest of a number that is the same for all disputes."""
        return divmod(Traced._with(_bare(other), terms.constant(_bare(other)), self.trace), self)

    def _made(self, number: int, found: terms.Terms) -> int:
        if terms.number_of(found) is not None:
            return number  # it is the same for all disputes
        return Traced._with(number, found, self.trace)

    # -- questions -------------------------------------------------------------------------

    def __hash__(self) -> int:
        return 0  # so that sets compare what is in them, and the comparison is noted

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int):
            return False
        return self._noted(terms.ZERO, other, _bare(self) == _bare(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: int) -> bool:
        return self._noted(terms.BELOW, other, _bare(self) < _bare(other))

    def __le__(self, other: int) -> bool:
        return self._noted(terms.BELOW | terms.ZERO, other, _bare(self) <= _bare(other))

    def __gt__(self, other: int) -> bool:
        return self._noted(terms.ABOVE, other, _bare(self) > _bare(other))

    def __ge__(self, other: int) -> bool:
        return self._noted(terms.ZERO | terms.ABOVE, other, _bare(self) >= _bare(other))

    def __bool__(self) -> bool:
        return not self._noted(terms.ZERO, 0, _bare(self) == 0)

    def _noted(self, asked: int, other: int, holds: bool) -> bool:
        difference = terms.plus(self.parts, _terms_of(other), -1)
        return self.trace.compare(difference, asked, holds)


_KEPT = frozenset(
    ("__doc__", "__getattribute__", "__new__", "__repr__", "__sizeof__", "from_bytes")
)
"""What an `int` has that tells nothing of its number, beside how it is shown to who debugs."""


def _refuse(name: str) -> object:
    """Return what stands for something of an `int` that has no formula."""

    def refused(self: Traced, *given: object) -> Never:
        raise UntraceableError(f"`{name}` of an amount")

    return refused if callable(getattr(int, name)) else property(refused)


for _name in {*vars(int), "__str__", "__reduce_ex__"} - vars(Traced).keys() - _KEPT:
    setattr(Traced, _name, _refuse(_name))


def _bare(number: int) -> int:
    """Return a number without its trace.

    Raises:
        UntraceableError: it is no whole number.
    """
    if not isinstance(number, int):
        raise UntraceableError(f"an amount and a {type(number).__name__}")
    return int.__int__(number)


def _terms_of(number: int) -> terms.Terms:
    return number.parts if isinstance(number, Traced) else terms.constant(_bare(number))


def sql_of(number: int) -> str:
    """Return a number as SQL: its formula, or itself."""
    return number.sql if isinstance(number, Traced) else str(_bare(number))


def sql_or_null(amount: int | None) -> str:
    """Return an amount as SQL, NULL where there is none."""
    return "NULL" if amount is None else sql_of(amount)


def plain(value: Value) -> Value:
    """Return a value without its trace."""
    return _bare(value) if isinstance(value, Traced) else value


def traced(value: object, sql: str, trace: Trace) -> object:
    """Return a value that was read, a number with its formula; note whether there is one.

    Raises:
        UntraceableError: a value of a kind that no dispute can be compared by.
    """
    trace.note(f"{sql} IS NULL", value is None)
    trace.read[sql] = _bare(value) if isinstance(value, Traced) else value
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
            trace.note(f"{sql} = {text_of(value)}", True)
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
