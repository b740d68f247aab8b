"""The values of a sweep as typed after `--sweep`: ranges with steps, and lists."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from reso.errors import InputError
from reso.expressions.tree import Dated, Lit, Node, Table
from reso.facts.problems import did_you_mean
from reso.model.time import Duration, parse_duration
from reso.policy.model import Policy

OPTION = "--sweep"
MOST_VALUES = 500
"""Values of an axis; each is a replay of the whole history."""
MOST_AXES = 2

SHORT = {"min": "minutes", "h": "hours", "bd": "business days", "w": "weeks", "mo": "months"}
DAYS = ("d", "day", "days")
HOURS_A_DAY = 24
OWN_UNITS = {
    "exact": "hours",
    "calendar_days": "calendar days",
    "business_days": "business days",
    "months": "months",
}
SAID = {
    "duration": "a length of time",
    "money": "an amount of money",
    "rate": "a percentage",
    "integer": "a whole number",
}
"""The kinds of parameters that have ranges, in words."""
FORMS = {
    "duration": "0..60d:10, 0,7,14d or 12h,24h",
    "money": "50000..200000 IDR:50000 or 50000,100000 IDR",
    "rate": "10..50%:10 or 25%,50%",
    "integer": "1..5 or 1,3,5",
}
"""What the values of each such kind are typed like."""

_PIECE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>\D.*)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a parameter.

    Attributes:
        setting: as `--set` takes it. shown: without the axis' unit.
        place: where it stands on the axis of a drawing.
    """

    setting: str
    shown: str
    place: float


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter and the values it is tried at; `unit`: of all of them, or ""."""

    parameter: str
    unit: str
    values: tuple[Value, ...]

    @property
    def title(self) -> str:
        """The parameter with its unit."""
        return f"{self.parameter}, {self.unit}" if self.unit else self.parameter


@dataclass(frozen=True, slots=True)
class Point:
    """A value for each axis."""

    values: tuple[Value, ...]

    @property
    def shown(self) -> str:
        """The values, one after the other."""
        return ", ".join(value.shown for value in self.values)


def read_axes(given: Sequence[str], policy: Policy) -> tuple[Axis, ...]:
    """Return the axes typed after `--sweep`, in their order.

    Raises:
        InputError: none or too many, a name twice or unknown, or values that are none of its type.
    """
    if not 1 <= len(given) <= MOST_AXES:
        what = "a sweep has one parameter or two"
        raise InputError(OPTION, what, f"Write {OPTION} 'days_after_estimate=0..60d:10'.")
    axes = tuple(_axis(text, policy) for text in given)
    if len({axis.parameter for axis in axes}) < len(axes):
        what = f"`{axes[0].parameter}` stands twice"
        raise InputError(OPTION, what, "Give all its values at once, or another parameter.")
    return axes


def points(axes: Sequence[Axis]) -> tuple[Point, ...]:
    """Return every combination of values, the last axis running fastest."""
    return tuple(Point(values) for values in product(*(axis.values for axis in axes)))


def settings_of(axes: Sequence[Axis], point: Point) -> Mapping[str, str]:
    """Return what `--set` would say of a point."""
    return {axis.parameter: value.setting for axis, value in zip(axes, point.values, strict=True)}


def _axis(text: str, policy: Policy) -> Axis:
    name, equals, listed = (part.strip() for part in text.partition("="))
    if not equals or not name or not listed:
        hint = f"Write {OPTION} 'days_after_estimate=0..60d:10'."
        raise InputError(OPTION, f"`{text}` is no parameter with its values", hint)
    known = {one.name: one.node for one in policy.definitions if one.kind == "parameter"}
    if name not in known:
        hint = did_you_mean(name, known) or f"It has {', '.join(sorted(known)) or 'none'}."
        raise InputError(OPTION, f"{policy.name} has no parameter `{name}`", hint)
    axis = _Reader(name, known[name], policy.currencies).read(listed)
    if len(axis.values) > MOST_VALUES:
        what = f"`{text}` are {len(axis.values):,} values, each a replay of the whole history"
        raise InputError(OPTION, what, f"Take at most {MOST_VALUES}: a longer step.")
    if len({value.setting for value in axis.values}) < len(axis.values):
        raise InputError(OPTION, f"`{text}` has a value twice", "Give each value once.")
    return axis


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the values of one parameter by the type of its own value."""

    name: str
    node: Node
    currencies: tuple[str, ...]

    def read(self, listed: str) -> Axis:
        if self.node.type.kind not in FORMS:
            return self._words(listed)
        if ".." in listed:
            numbers, unit = self._range(listed)
        else:
            pieces = [self._piece(part) for part in listed.split(",")]
            units = [unit for _, unit in pieces if unit]
            if len(set(units)) > 1:
                return self._mixed(pieces)
            numbers, unit = [number for number, _ in pieces], units[0] if units else ""
        factor, unit = self._unit(unit)
        numbers = [number * factor for number in numbers]
        values = tuple(
            Value(self._setting(number, unit), f"{number:,f}", float(number)) for number in numbers
        )
        return Axis(self.name, unit, values)

    def _words(self, listed: str) -> Axis:
        """Return values that no numbers stand for; the policy's loader judges them."""
        if ".." in listed:
            kind = self.node.type.kind
            what = f"`{self.name}` is of the type {kind}, which has no ranges"
            raise InputError(OPTION, what, f"Write {self.name}=ONE,OTHER.")
        words = [word.strip() for word in listed.split(",")]
        if not all(words):
            raise self._wrong(listed)
        return Axis(self.name, "", tuple(Value(w, w, float(n)) for n, w in enumerate(words)))

    def _mixed(self, pieces: Sequence[tuple[Decimal, str]]) -> Axis:
        """Return values of several units: each is shown with its own."""
        values = []
        for place, (number, unit) in enumerate(pieces):
            factor, full = self._unit(unit)
            setting = self._setting(number * factor, full)
            values.append(Value(setting, setting, float(place)))
        return Axis(self.name, "", tuple(values))

    def _range(self, listed: str) -> tuple[list[Decimal], str]:
        bounds, _, step_text = listed.partition(":")
        first, _, last = bounds.partition("..")
        pieces = [self._piece(part) for part in (first, last, step_text or "1")]
        units = {unit for _, unit in pieces if unit}
        if len(units) > 1:
            what = f"`{listed}` counts in {' and in '.join(sorted(units))}"
            raise InputError(OPTION, what, "Count in one of them.")
        start, end, step = (number for number, _ in pieces)
        if step <= 0 or end < start:
            what = f"`{listed}` does not go up"
            raise InputError(OPTION, what, "Write FIRST..LAST:STEP, as in 0..60d:10.")
        if (end - start) / step > MOST_VALUES:
            what = f"`{self.name}={listed}` are too many values, each a replay of the history"
            raise InputError(OPTION, what, f"Take at most {MOST_VALUES}: a longer step.")
        return list(_steps(start, end, step)), next(iter(units), "")

    def _piece(self, text: str) -> tuple[Decimal, str]:
        match = _PIECE.match(text.strip())
        if match is None:
            raise self._wrong(text.strip())
        return Decimal(match["number"]), " ".join((match["unit"] or "").split())

    def _unit(self, unit: str) -> tuple[int, str]:
        """Return how many of the full unit a typed one is, and the full unit."""
        match self.node.type.kind:
            case "duration":
                return self._time_unit(unit)
            case "money" if not unit and len(self.currencies) == 1:
                return 1, self.currencies[0]
            case "money" if not unit:
                what = f"in which currency? The policy rules on {', '.join(self.currencies)}"
                raise InputError(OPTION, what, f"Write {self.name}={FORMS['money']}.")
            case "rate":
                return 1, unit or "%"
            case _:
                return 1, unit

    def _time_unit(self, unit: str) -> tuple[int, str]:
        own = _own_duration(self.node)
        kind = own.kind if own is not None else "calendar_days"
        end = " end of day" if own is not None and own.end_of_day else ""
        end = " inclusive" + end if own is not None and own.inclusive else end
        if unit in DAYS and kind == "exact":
            return HOURS_A_DAY, OWN_UNITS["exact"]
        if not unit or (unit in DAYS and kind != "months"):
            return 1, OWN_UNITS[kind] + end
        if unit in DAYS:
            return 1, OWN_UNITS["calendar_days"]
        return 1, SHORT.get(unit, unit)

    def _setting(self, number: Decimal, unit: str) -> str:
        """Return a value as `--set` takes it, if it is one of the parameter's type."""
        text = f"{number:f}"
        match self.node.type.kind:
            case "duration":
                text = f"{text} {unit}"
                try:
                    parse_duration(text)
                except ValueError:
                    raise self._wrong(text) from None
            case "money" if re.fullmatch("[A-Z]{3}", unit):
                text = f"{text} {unit}"
            case "rate" if unit == "%":
                text = f"{text}%"
            case "integer" if not unit and number == int(number):
                pass
            case _:
                raise self._wrong(f"{text} {unit}".rstrip())
        return text

    def _wrong(self, text: str) -> InputError:
        kind = self.node.type.kind
        what = f"`{text}` is not {SAID.get(kind, 'a value')}, as `{self.name}` is"
        return InputError(OPTION, what, f"Write {self.name}={FORMS.get(kind, 'ONE,OTHER')}.")


def _steps(start: Decimal, end: Decimal, step: Decimal) -> Iterator[Decimal]:
    at = start
    while at <= end:
        yield at
        at += step


def _own_duration(node: Node) -> Duration | None:
    """Return the first length of time that a parameter's own value says."""
    match node:
        case Lit(value=Duration() as value):
            return value
        case Dated(periods=periods):
            nodes = [value for _, value in periods]
        case Table(rows=rows, otherwise=otherwise):
            nodes = [value for _, value in rows] + ([otherwise] if otherwise else [])
        case _:
            return None
    return next((found for one in nodes if (found := _own_duration(one)) is not None), None)


__all__ = ["Axis", "Point", "Value", "points", "read_axes", "settings_of"]
