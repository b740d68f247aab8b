"""Cases as case files: the public form, from which `read_case_file` reads the same case."""

from collections.abc import Iterator, Sequence

from reso.facts.fields import Section
from reso.facts.table import FactTable
from reso.facts.timeline import NOW
from reso.facts.values import Plain, write_value
from reso.model.case import Case, Record, Records, Value
from reso.model.events import SCALARS


def write_case_file(case: Case, table: FactTable) -> dict[str, Plain]:
    """Return the case file of `case`, its sections and fields in the order of `table`.

    Amounts are exact decimals in major units, instants ISO 8601 text.

    Raises:
        ValueError: `case` holds something that `table` does not declare.
    """
    stranger = min((case.fields.keys() | case.lists.keys()) - _names(table), default=None)
    if stranger is not None:
        raise ValueError(f"`{stranger}` is declared nowhere. Declare it in the pack's `inputs`")
    data: dict[str, Plain] = {}
    for section in table.sections.values():
        if section.name in case.lists and "." not in section.name:
            items = case.lists[section.name]
            data[section.name] = write_records(section, items, table, case.currency)
        elif section.name in case.fields and section.name in table.objects:
            data[section.name] = None
        elif record := dict(_record(section, case, table)):
            written = write_record(section, record, table, case.currency)
            data |= written if section.name == SCALARS else {section.name: written}
    return {**data, NOW: case.known_at.isoformat()}


def write_record(
    section: Section, record: Record, table: FactTable, currency: str | None
) -> dict[str, Plain]:
    """Return fields of an object, or of an item of a list, as a case file writes them."""
    written: dict[str, Plain] = {}
    for name, value in record.items():
        *groups, last = name.split(".")
        inner = written
        for group in groups:
            inner = inner.setdefault(group, {})  # type: ignore[assignment]
        if isinstance(value, Records):
            whole = table.sections[f"{section.name}.{name}"]
            inner[last] = write_records(whole, value, table, currency)
        elif name in section.fields:
            inner[last] = write_value(section.fields[name], value, currency)
        else:
            inner[last] = None  # a list in it, explicitly null
    return written


def write_records(
    section: Section, records: Sequence[Record], table: FactTable, currency: str | None
) -> list[Plain]:
    """Return the items of a list as a case file writes them."""
    return [write_record(section, record, table, currency) for record in records]


def _names(table: FactTable) -> set[str]:
    return {*table.fields, *table.lists, *table.objects}


def _record(section: Section, case: Case, table: FactTable) -> Iterator[tuple[str, Value]]:
    """Yield what the case holds of an object, by the names within it."""
    if section.is_list:
        return
    for name, declared in section.fields.items():
        if declared.path in case.fields:
            yield name, case.fields[declared.path]
    for name in table.lists:
        owner, _, last = name.rpartition(".")
        if owner == section.name and name in case.lists:
            yield last, Records(case.lists[name])
        elif owner == section.name and name in case.fields:
            yield last, None
