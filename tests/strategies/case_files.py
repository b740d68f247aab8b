"""Random valid case files, made from the table of facts itself."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from reso.facts.fields import Field
from reso.facts.table import FactTable
from reso.model.money import to_major

CURRENCIES = ("IDR", "USD", "KWD", "JPY")
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
OFFSETS = tuple(timezone(timedelta(hours=hours)) for hours in (-8, 0, 7, 9))


def instants(days: int = 20) -> st.SearchStrategy[datetime]:
    """Return aware instants, on a few hours of a few days, so that some are equal."""
    hours = st.integers(0, days * 4).map(lambda quarter: FIRST_DAY + timedelta(hours=6 * quarter))
    return st.builds(datetime.astimezone, hours, st.sampled_from(OFFSETS))


def texts() -> st.SearchStrategy[str]:
    """Return texts a file can hold."""
    letters = st.characters(codec="utf-8", exclude_characters="\x00")
    return st.text(letters, max_size=8)


def values(field: Field, currency: str) -> st.SearchStrategy[object]:
    """Return values of `field` as a case file writes them; now and then an explicit null."""
    return st.one_of(_values(field, currency), _values(field, currency), st.none())


@st.composite
def case_files(draw: st.DrawFn, table: FactTable) -> dict[str, object]:
    """Return a case file with `now`, some of the fields of `table`, and some items of its lists."""
    currency = draw(st.sampled_from(CURRENCIES))
    data: dict[str, object] = {"now": draw(instants()).isoformat(), "order": {"currency": currency}}
    fields = [field for path, field in table.fields.items() if path != "order.currency"]
    for field in draw(st.lists(st.sampled_from(fields), unique=True, max_size=15)):
        _put(data, field.path, draw(values(field, currency)))
    for name in draw(st.lists(st.sampled_from(sorted(table.lists)), unique=True, max_size=4)):
        items = st.lists(_items(table.lists[name], currency), max_size=4)
        _put(data, name, draw(items | st.none() if "." in name else items))
    absent = sorted(table.objects - data.keys())
    if absent:
        data |= dict.fromkeys(draw(st.lists(st.sampled_from(absent), unique=True, max_size=2)))
    names = draw(st.permutations(list(data)))
    return {name: data[name] for name in names}


@st.composite
def _items(draw: st.DrawFn, fields: Mapping[str, Field], currency: str) -> Mapping[str, object]:
    item: dict[str, object] = {}
    for field in draw(st.lists(st.sampled_from(list(fields.values())), unique=True, max_size=4)):
        _put(item, field.name, draw(values(field, currency)))
    if "at" in fields and draw(st.booleans()):
        item["at"] = draw(instants()).isoformat()
    return item


def _values(field: Field, currency: str) -> st.SearchStrategy[object]:
    match field.type:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(0, 10**6)
        case "money":
            return st.integers(0, 10**15).map(lambda minor: to_major(minor, currency))
        case "rate":
            scale = 10**6 if field.unit == "share" else 10**4
            return st.integers(0, 10**6).map(lambda millionths: Decimal(millionths) / scale)
        case "instant":
            return instants().map(datetime.isoformat)
        case "enum":
            booleans = {"yes": True, "no": False}
            return st.sampled_from([booleans.get(value, value) for value in field.values])
        case "text":
            return texts()
        case "date":
            return _dates()
        case "list of date":
            return st.lists(_dates(), max_size=3)
        case "list of enum":
            return st.lists(st.sampled_from(field.values), max_size=3)
        case "list of text":
            return st.lists(texts(), max_size=3)


def _dates() -> st.SearchStrategy[str]:
    return st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat)


def _put(data: dict[str, object], path: str, value: object) -> None:
    *groups, last = path.split(".")
    for group in groups:
        data = data.setdefault(group, {})  # type: ignore[assignment]
    data[last] = value
