"""SQL that reads a value of a payload exactly as `reso.facts.values.read_value` does.

Each expression takes the JSON text of a value (`50.1`, `"photo"`) and yields the value as an
integer, boolean or text, or NULL where it cannot tell that Python would read the same. So NULL is
no verdict: such rows are read by Python.

instant: microseconds since 1970 UTC. date: days since 1970. rate: millionths. money: tenths of a
thousandth of the major unit (`MONEY_SCALE`), since its currency stands in another row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from reso.facts.fields import Field, FieldType, Section
from reso.facts.table import FactTable
from simulations.literals import text_of

MONEY_SCALE = 10_000
MOST_MINOR_DIGITS = 3

DOUBTFUL_TEXT = (
    r"[:,\[][[:space:]]*-?[0-9.eE+-]{16,}"  # more digits than a double keeps
    r"|,[[:space:]]*[}\]]"  # DuckDB forgives a comma too many
    r"|\\u0000|\\u[dD][89a-fA-F]"  # characters no file can hold
    r"|<{7}|={7}|>{7}|\|{7}"  # an unfinished merge
)
"""What in the text of a row only Python can judge, as a regular expression."""

SQL_TYPES: Mapping[FieldType, str] = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "money": "BIGINT",
    "rate": "BIGINT",
    "instant": "BIGINT",
    "date": "INTEGER",
    "enum": "VARCHAR",
    "text": "VARCHAR",
    "list of enum": "VARCHAR[]",
    "list of date": "INTEGER[]",
    "list of text": "VARCHAR[]",
}

_OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_MINUTE = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = r":[0-5][0-9](\.([0-9]{3}|[0-9]{6}))?"


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def instant_sql(text: str) -> str:
    """Return the instant that the plain text of this expression says."""
    with_seconds = f"substr({text}, 1, 16) || ':00' || substr({text}, 17)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_MINUTE}{_SECOND}{_OFFSET}') "
        f"THEN epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)) "
        f"WHEN regexp_full_match({text}, '{_MINUTE}{_OFFSET}') "
        f"THEN epoch_us(TRY_CAST({with_seconds} AS TIMESTAMPTZ)) END"
    )


def value_sql(field: Field, leaf: str) -> str:
    """Return the value of `field` that the JSON text `leaf` says, as SQL."""
    if field.type.startswith("list of "):
        return _list(field, leaf)
    return _scalar(field, leaf)


def _scalar(field: Field, leaf: str) -> str:
    match field.type.removeprefix("list of "):
        case "boolean":
            return f"CASE {leaf} WHEN 'true' THEN true WHEN 'false' THEN false END"
        case "integer":
            return f"CASE WHEN {_is_whole(leaf, 15)} THEN TRY_CAST({leaf} AS BIGINT) END"
        case "money":
            number = r"[0-9]{1,14}(\.[0-9]{1,4})?"
            text = r'"[0-9]{1,14}(\.([0-9]{1,2}|[0-9]{4}))?"'
            amount = f"trim({leaf}, '\"')"
            exact = f"CAST(TRY_CAST({amount} AS DECIMAL(28, 4)) * {MONEY_SCALE} AS BIGINT)"
            whole = f"TRY_CAST({leaf} AS BIGINT) * {MONEY_SCALE}"
            others = _if_like(leaf, f"{number}|{text}", exact)
            return f"CASE WHEN {_is_whole(leaf, 14)} THEN {whole} ELSE {others} END"
        case "rate":
            return _rate(field, leaf)
        case "instant":
            return instant_sql(_inside(leaf))
        case "date":
            days = f"TRY_CAST({_inside(leaf)} AS DATE) - DATE '1970-01-01'"
            return _if_like(leaf, '"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"', f"CAST({days} AS INTEGER)")
        case "enum":
            return _enum(field, leaf)
        case _:
            escaped = f"CASE WHEN contains({leaf}, '\\') THEN json_extract_string({leaf}, '$')"
            return (
                f"CASE WHEN starts_with({leaf}, '\"') THEN {escaped} ELSE {_inside(leaf)} END END"
            )


def _rate(field: Field, leaf: str) -> str:
    if field.unit == "share":
        like, scale = r"0(\.[0-9]{1,6})?|1(\.0{1,6})?", 1_000_000
    else:
        like, scale = r"[0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?", 10_000
    return _if_like(leaf, like, f"CAST(TRY_CAST({leaf} AS DECIMAL(9, 6)) * {scale} AS BIGINT)")


def _enum(field: Field, leaf: str) -> str:
    words = [word for word in field.values if json.dumps(word) == f'"{word}"']
    written = [(f'"{word}"', word) for word in words]
    written += [(yes, word) for yes, word in (("true", "yes"), ("false", "no")) if word in words]
    told = "".join(f" WHEN {text_of(text)} THEN {text_of(word)}" for text, word in written)
    return f"CASE {leaf}{told} END" if told else "NULL::VARCHAR"


def _list(field: Field, leaf: str) -> str:
    item = _scalar(field, "CAST(e AS VARCHAR)")
    items = f"list_transform(from_json({leaf}, '[\"JSON\"]'), lambda e: {item})"
    whole = f"len(list_filter({items}, lambda v: v IS NULL)) = 0"
    return f"CASE WHEN starts_with({leaf}, '[') AND {whole} THEN {items} END"


def _is_whole(leaf: str, digits: int) -> str:
    """Return the condition that a number is a whole one, not negative, of so many digits at most.

    It is written as SQL would write it: no sign, no leading zero, no point, no exponent.
    """
    number = f"TRY_CAST({leaf} AS BIGINT)"
    return f"{number} BETWEEN 0 AND {10**digits - 1} AND {number}::VARCHAR = {leaf}"


def _inside(leaf: str) -> str:
    """Return a text without the quotes around it."""
    return f"substr({leaf}, 2, length({leaf}) - 2)"


def _if_like(leaf: str, pattern: str, value: str) -> str:
    return f"CASE WHEN regexp_full_match({leaf}, {text_of(pattern)}) THEN {value} END"


class Shape:
    """How the payloads of one kind are taken apart; `only`: those that state nothing else.

    Attributes:
        scalars: the fields of the section, by their name.
        inner: the lists that stand in it as a whole (`items` of a claim), by their name in it.
        structure: what `json_transform` makes of a payload.
    """

    def __init__(
        self, section: Section, table: FactTable, only: Iterable[str] | None = None
    ) -> None:
        self.section = section
        self.table = table
        inner = {
            name.rpartition(".")[2]: part
            for name, part in table.sections.items()
            if part.is_list and name.rpartition(".")[0] == section.name
        }
        kept = {*section.fields, *inner} if only is None else {*only}
        self.scalars = {name: field for name, field in section.fields.items() if name in kept}
        self.inner = {name: part for name, part in inner.items() if name in kept}
        self.structure = json.dumps(_nested([*self.scalars, *self.inner]))
        self.groups = sorted(
            {".".join(name.split(".")[:n]) for name in self.scalars for n in _depths(name)}
        )

    def of_names(self, names: Iterable[str]) -> "Shape":
        """Return the shape of payloads that state nothing but these."""
        return Shape(self.section, self.table, names)

    def with_names(self, other: "Shape") -> "Shape":
        """Return the shape of payloads that fit this one or the other one."""
        return self.of_names([*self.names(), *other.names()])

    def names(self) -> list[str]:
        """Return the names of all that a payload may state."""
        return [*self.scalars, *self.inner]

    def money(self) -> list[str]:
        """Return the names of its amounts."""
        return [name for name, field in self.scalars.items() if field.type == "money"]

    def values(self, record: str) -> Iterator[tuple[str, str]]:
        """Yield each name with the SQL of its value; `record` is a payload taken apart."""
        for name, field in self.scalars.items():
            value = value_sql(field, f"CAST({_access(record, name)} AS VARCHAR)")
            yield name, f"CAST({value} AS {column_type(field)})" if field.type == "enum" else value
        for name, section in self.inner.items():
            yield name, _records(section, f"CAST({_access(record, name)} AS VARCHAR)")

    def type_of(self, name: str) -> str:
        """Return the SQL type of one of its values in a file of facts."""
        if name in self.inner:
            return record_type(self.inner[name]) + "[]"
        return SQL_TYPES[self.scalars[name].type]

    def column_of(self, name: str) -> str:
        """Return the SQL type of one of its values while they are worked on."""
        return self.type_of(name) if name in self.inner else column_type(self.scalars[name])


def column_type(field: Field) -> str:
    """Return the SQL type in which values are worked on: words as numbers; a file holds words."""
    if field.type == "enum" and field.values:
        return f"ENUM({', '.join(map(text_of, dict.fromkeys(field.values)))})"
    return SQL_TYPES[field.type]


def record_type(section: Section) -> str:
    """Return the SQL type of an item of a list that stands in an object."""
    parts = (f"{quoted(name)} {SQL_TYPES[field.type]}" for name, field in section.fields.items())
    return f"STRUCT({', '.join(parts)})"


def _records(section: Section, leaf: str) -> str:
    """Return the items of a list in an object; NULL where a part of one is in doubt."""
    structure = text_of(json.dumps([_nested(section.fields)]))
    values = {
        n: value_sql(f, f"CAST({_access('r', n)} AS VARCHAR)") for n, f in section.fields.items()
    }
    packed = ", ".join(f"{quoted(name)} := {value}" for name, value in values.items())
    items = f"list_transform(from_json({leaf}, {structure}), lambda r: struct_pack({packed}))"
    raw = f"from_json({leaf}, '[\"JSON\"]')"
    stated = f"coalesce(list_sum(list_transform({raw}, lambda e: len(json_keys(e)))), 0)"
    read = " + ".join(f"(i.{quoted(name)} IS NOT NULL)::INTEGER" for name in values)
    whole = f"coalesce(list_sum(list_transform({items}, lambda i: {read})), 0)"
    known = ", ".join(map(text_of, values))
    null = (
        f"len(list_distinct(list_filter(json_keys(e), lambda k: "
        f"k IN ({known}) AND json_type(e, '$.' || k) = 'NULL')))"
    )
    nulls = f"coalesce(list_sum(list_transform({raw}, lambda e: {null})), 0)"
    objects = (
        f"len(list_filter({raw}, lambda e: coalesce(CAST(e AS VARCHAR)[1] <> '{{', true))) = 0"
    )
    return (
        f"CASE WHEN {leaf}[1] = '[' THEN CASE WHEN {objects} AND ({stated} = {whole} "
        f"OR {stated} = {whole} + {nulls}) THEN {items} END END"
    )


def _nested(names: Iterable[str]) -> dict[str, object]:
    """Return a structure with a leaf for each dotted name."""
    whole: dict[str, object] = {}
    for name in names:
        *groups, last = name.split(".")
        inner = whole
        for group in groups:
            inner = inner.setdefault(group, {})  # type: ignore[assignment]
        inner[last] = "JSON"
    return whole


def _access(record: str, name: str) -> str:
    return record + "".join(f".{quoted(part)}" for part in name.split("."))


def _depths(name: str) -> range:
    return range(1, name.count(".") + 1)
