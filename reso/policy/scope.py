"""What names mean in a pack: facts, the pack's own names, picks, questions and their clocks."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from reso.expressions.check import Scope
from reso.expressions.tree import (
    ERROR,
    Answer,
    Clock,
    Earliest,
    Field,
    ItemField,
    Lit,
    Node,
    PickField,
    Ref,
    Scalar,
    Type,
)
from reso.facts.interpret import CONCLUDED
from reso.facts.table import FactTable
from reso.facts.table import Field as FactField

CLOCK_PARTS = ("state", "opened_at", "deadline", "ended_at")
STATES = ("not_opened", "open", "answered", "lapsed")


def type_of(field: FactField) -> Type:
    """Return the expression type of a declared fact."""
    nullable = field.absent is None
    values = tuple(field.values)
    if field.type.startswith("list of"):
        return Type("list", values, nullable)
    kind = "enum" if field.type == "enum" else field.type
    return Type(kind, values, nullable)  # type: ignore[arg-type]


class PackScope(Scope):
    """The names of one pack. Definitions are typed when first asked for; `resolve` does it."""

    def __init__(
        self,
        table: FactTable,
        currencies: tuple[str, ...],
        zone: ZoneInfo,
        resolve: Callable[[str], Type | None],
    ) -> None:
        self.currencies = currencies
        self._table = table
        self._zone = zone
        self._resolve = resolve
        self._definitions: set[str] = set()
        self._picks: dict[str, str] = {}
        self._questions: dict[str, tuple[str, ...]] = {}
        self._items: dict[str, Mapping[str, ItemField]] = {}
        self._concluded = False

    def declare(
        self,
        definitions: Iterable[str],
        picks: Mapping[str, str],
        questions: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Make names known: definitions, picks (to their list), questions (to their answers)."""
        self._definitions |= set(definitions)
        self._picks |= picks
        self._questions |= questions

    def after_ruling(self, concluded: bool) -> None:
        """Let promises speak of `ruling.amount`."""
        self._concluded = concluded

    def name(self, name: str) -> Node | None:
        """Return the node a name stands for."""
        if name in self._definitions:
            found = self._resolve(name)
            return Lit(None, ERROR) if found is None else Ref(name, found)
        if name in self._questions:
            return Answer(name, Type("enum", self._questions[name], nullable=True))
        if name == "earliest":
            return Earliest()
        if name == CONCLUDED and self._concluded:
            return Field(name, Type("money", nullable=True))
        return self._dotted(name) or self._fact(name)

    def _dotted(self, name: str) -> Node | None:
        head, _, tail = name.partition(".")
        if head in self._picks:
            return self._picked(head, tail)
        if head in self._questions and tail in CLOCK_PARTS:
            if tail == "state":
                return Clock(head, "state", Type("enum", STATES))
            return Clock(head, tail, Type("instant", nullable=True))  # type: ignore[arg-type]
        return None

    def _picked(self, pick: str, name: str) -> Node | None:
        section = self._picks[pick]
        if not name:
            return PickField(pick, "", Type("record", nullable=True, section=section))
        fields = self.items(section) or {}
        if name not in fields:
            return None
        return PickField(pick, name, fields[name].type.optional(), fields[name].absent)

    def _fact(self, name: str) -> Node | None:
        field = self._table.fields.get(name)
        if field is None:
            if name in self._table.objects:
                return Field(name, Type("record", nullable=True, section=name))
            return None
        return Field(name, type_of(field), _scalar(field.absent))

    def names(self) -> Iterable[str]:
        """Return every name that resolves here."""
        yield from self._definitions
        yield from self._questions
        for question in self._questions:
            yield from (f"{question}.{part}" for part in CLOCK_PARTS)
        for pick, section in self._picks.items():
            yield pick
            yield from (f"{pick}.{name}" for name in self.items(section) or {})
        yield from self._table.fields

    def items(self, section: str) -> Mapping[str, ItemField] | None:
        """Return the item fields of a list section."""
        if section not in self._table.lists:
            return None
        if section not in self._items:
            self._items[section] = {
                name: ItemField(section, name, type_of(field), _scalar(field.absent))
                for name, field in self._table.lists[section].items()
            }
        return self._items[section]

    def lists(self) -> Iterable[str]:
        """Return the names of all list sections."""
        return self._table.lists

    def start_of(self, day: date) -> datetime:
        """Return the instant `day` begins in the policy's time zone.

        Raises:
            ValueError: that instant lies outside the years 1-9999 in UTC.
        """
        try:
            return datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{day.isoformat()} begins outside the years 1-9999") from error


def _scalar(value: object) -> Scalar:
    return value  # type: ignore[return-value]
