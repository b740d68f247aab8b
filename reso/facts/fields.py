"""What a table of facts is made of: fields and the sections they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reso.model.case import Scalar
from reso.model.events import SCALARS

FieldType: TypeAlias = Literal[
    "boolean",
    "integer",
    "money",
    "rate",
    "instant",
    "date",
    "enum",
    "text",
    "list of enum",
    "list of date",
    "list of text",
]
StatedBy: TypeAlias = Literal["platform", "claimant", "party", "platform_judgement"]


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field of a case.

    Attributes:
        name: within its section, such as `total_paid` or `sanction.kind`.
        section: such as `order`, `tracking`, `claim.items`; `case` for the top level.
        type: what it holds: money in minor units, a rate in millionths (30% and 0.3 are 300,000).
        values: all allowed values of an enum.
        absent: what absence means; None: not known and not needed.
        unit: of a number; `share` (0-1) or `percent` (0-100) says how a rate is written.
        occurs: the instant of something that happened: known from then on, not earlier.
        in_list: it is a field of the items of a list.
        source_file, line: where it is declared; `line` counts from 1.
    """

    name: str
    section: str
    type: FieldType
    values: tuple[str, ...] = ()
    absent: Scalar = None
    unit: str | None = None
    meaning: str = ""
    stated_by: StatedBy | None = None
    occurs: bool = False
    in_list: bool = False
    source_file: str = ""
    line: int | None = None

    @property
    def path(self) -> str:
        """Its name in a case file: `order.total_paid`, `tracking[].event`, `fault`."""
        if self.section == SCALARS:
            return self.name
        return f"{self.section}{'[]' if self.in_list else ''}.{self.name}"

    @property
    def place(self) -> str:
        """Where it is declared: "file:line"."""
        return _place(self.source_file, self.line)

    def agrees_with(self, other: "Field") -> bool:
        """Return whether both declare the same, if in other words."""
        parts = ("type", "values", "absent", "unit", "occurs")
        return all(getattr(self, part) == getattr(other, part) for part in parts)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a case file.

    Attributes:
        fields: by their name within the section.
        is_list: it holds items; None: not said (a pack that adds to a section known elsewhere).
        since: the field of this section from whose instant on the section is known.
        undated: the path of the field from whose instant on an item without `at` is known.
    """

    name: str
    fields: Mapping[str, Field]
    is_list: bool | None = None
    since: str | None = None
    undated: str | None = None
    source_file: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """Where it is declared: "file:line"."""
        return _place(self.source_file, self.line)

    def is_group(self, name: str) -> bool:
        """Return whether `name` is a mapping of fields in it, such as `sanction` of a seller."""
        return any(field_name.startswith(f"{name}.") for field_name in self.fields)


@dataclass(frozen=True, slots=True)
class Widening:
    """Values that a file adds to an enum declared elsewhere."""

    section: str
    name: str
    values: tuple[str, ...]
    source_file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The declarations of one file."""

    sections: tuple[Section, ...] = ()
    widenings: tuple[Widening, ...] = ()


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"
