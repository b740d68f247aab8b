"""Reading plain data as declared, gathering what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reso.errors import InputError
from reso.facts.fields import Field, Section
from reso.facts.problems import LONGEST_NAME, CaseError, InputProblem, RowReason, shown
from reso.facts.table import FactTable
from reso.facts.values import Plain, WrongValueError, read_instant, read_value
from reso.model.case import Records, Value
from reso.model.events import SCALARS
from reso.model.money import minor_digits

MAX_PROBLEMS = 1000


@dataclass(slots=True)
class Reading:
    """Reads the parts of one input; `finish` raises what was found wrong.

    Attributes:
        file: what messages call the input.
        currency: of the amounts read next, None while none is known.
    """

    table: FactTable
    file: str
    currency: str | None = None
    problems: list[InputProblem] = field(default_factory=list)
    _unpriced: list[str] = field(default_factory=list)

    def use_currency(self, raw: Plain, path: str) -> None:
        """Take `raw`, the `order.currency` found at `path`, for the amounts read next."""
        self.currency = None
        if not isinstance(raw, str):
            return  # absent, or no text, which reading the field itself will say
        try:
            minor_digits(raw)
            self.currency = raw
        except InputError as error:
            self.problem(path, f"{shown(raw)}: {error.what}", error.todo)

    def mapping(self, raw: Plain, path: str) -> Mapping[object, Plain]:
        """Return `raw` if it is a mapping, else say so and return an empty one."""
        if isinstance(raw, Mapping):
            return raw
        self.problem(path, f"is {shown(raw)}, where a mapping is needed")
        return {}

    def fields(self, section: Section, raw: Plain, path: str) -> dict[str, Value]:
        """Return the fields of an object, or of one item of a list, that stands at `path`."""
        values: dict[str, Value] = {}
        for key, value in self.mapping(raw, path).items():
            values.update(self._entry(section, key_name(key), value, path))
        return values

    def records(self, section: Section, raw: Plain, path: str) -> Records:
        """Return the items of the list that stands at `path`."""
        if not isinstance(raw, list | tuple):
            hint = "Write [] when nothing happened." if raw is None else "Write it as a list."
            self.problem(path, f"is {shown(raw)}, where a list is needed", hint)
            return Records()
        return Records(self.fields(section, item, f"{path}[{n}]") for n, item in enumerate(raw))

    def value(self, declared: Field, raw: Plain, path: str) -> Value:
        """Return one value; None, with a problem noted, if it does not fit."""
        if declared.type == "money" and raw is not None and self.currency is None:
            self._unpriced.append(path)
            return None
        try:
            return read_value(declared, raw, self.currency)
        except WrongValueError as error:
            where = path if error.index is None else f"{path}[{error.index}]"
            self.problem(where, error.message, error.hint)
            return None

    def instant(self, raw: Plain, path: str) -> datetime | None:
        """Return an instant; None, with a problem noted, if it is none."""
        try:
            return read_instant(raw)
        except WrongValueError as error:
            self.problem(path, error.message, error.hint, _time_reason(raw))
            return None

    def unknown(self, path: str, name: str) -> None:
        """Note that no field or section is called `name`."""
        if name in self.table.fields or name in self.table.lists:
            hint = "Write it as a mapping in a mapping."
            self.problem(path, "a dotted name", hint, "unknown_field")
            return
        hint = self.table.did_you_mean(name) or "A policy pack declares its own under `inputs`."
        self.problem(path, "unknown field", hint, "unknown_field")

    def problem(
        self, path: str, message: str, hint: str = "", reason: RowReason = "wrong_value"
    ) -> None:
        """Note a problem. Too many of them end the reading at once."""
        self.problems.append(InputProblem(path, message, hint, self.file, None, reason))
        if len(self.problems) == MAX_PROBLEMS:
            what = f"reading stopped after {MAX_PROBLEMS:,} problems"
            self.problems.append(InputProblem("", what, "Mend these first.", self.file))
            raise CaseError(self.problems)

    def check_currency(self, path: str) -> None:
        """Note that amounts were read without a currency; it was looked for at `path`."""
        if self._unpriced and not any(problem.path.endswith(path) for problem in self.problems):
            more = f" and {len(self._unpriced) - 1:,} more" if self._unpriced[1:] else ""
            what = f"missing, but `{self._unpriced[0]}`{more} needs it"
            self.problem(path, what, "Write an ISO 4217 code such as IDR.", "no_currency")

    def take(self) -> tuple[InputProblem, ...]:
        """Return the problems noted since the last time, and forget them."""
        taken = tuple(self.problems)
        self.problems.clear()
        self._unpriced.clear()
        return taken

    def finish(self) -> None:
        """Raise what was found wrong.

        Raises:
            CaseError: if anything was.
        """
        if self.problems:
            raise CaseError(self.problems)

    def _entry(self, section: Section, name: str, raw: Plain, path: str) -> dict[str, Value]:
        here = f"{path}.{name}" if path else name
        declared = section.fields.get(name)
        if declared is not None:
            return {name: self.value(declared, raw, here)}
        inner = f"{section.name}.{name}"
        if inner in self.table.lists:
            whole = self.table.sections[inner]
            return {name: None if raw is None else self.records(whole, raw, here)}
        if section.is_group(name):
            return self._group(section, name, raw, here, path)
        self.unknown(here, inner.removeprefix(f"{SCALARS}."))
        return {}

    def _group(
        self, section: Section, name: str, raw: Plain, here: str, path: str
    ) -> dict[str, Value]:
        if raw is None:
            return {known: None for known in section.fields if known.startswith(f"{name}.")}
        values: dict[str, Value] = {}
        for key, value in self.mapping(raw, here).items():
            values.update(self._entry(section, f"{name}.{key_name(key)}", value, path))
        return values


def _time_reason(raw: Plain) -> RowReason:
    """Return what is wrong with an instant that cannot be read."""
    if raw is None:
        return "missing"
    try:
        is_local = isinstance(raw, str) and datetime.fromisoformat(raw).tzinfo is None
    except ValueError:
        return "wrong_time"
    return "time_without_offset" if is_local else "wrong_time"


def key_name(key: object) -> str:
    """Return a key of a mapping as a name, short and printable whatever it is."""
    if isinstance(key, str) and len(key) <= LONGEST_NAME and key.isprintable():
        return key
    return shown(key)
