"""SQL of the texts by which Python orders what was recorded at one instant."""

from reso.facts.fields import Field
from simulations.literals import text_of
from simulations.prepared.typing_sql import quoted

PLAIN_TEXT = "[ -&(-\\[\\]-~\u00a1-\u00ac\u00ae-\u024f]*"
"""Texts that `repr` writes as they are, in single quotes."""


def repr_sql(field: Field, value: str) -> str:
    """Return `repr` of the typed value of a field; NULL where it is not certain."""
    match field.type:
        case "boolean":
            return f"CASE WHEN {value} THEN 'True' ELSE 'False' END"
        case "integer" | "money" | "rate":
            return f"{value}::VARCHAR"
        case "instant":
            return _instant(f"make_timestamp({value})")
        case "date":
            day = f"(DATE '1970-01-01' + {value})"
            return f"'datetime.date(' || {_parts(day, 'year', 'month', 'day')} || ')'"
        case "enum" | "text":
            text = f"{value}::VARCHAR"
            return (
                f"CASE WHEN regexp_full_match({text}, {text_of(PLAIN_TEXT)}) "
                f"THEN '''' || {text} || '''' END"
            )
        case _:
            return "NULL::VARCHAR"


def canonical_sql(field: Field, value: str) -> str:
    """Return what orders like the canonical text of a value (`reso.model.events`)."""
    return (
        value if field.type in ("boolean", "integer", "money", "rate") else repr_sql(field, value)
    )


def said_sql(fields: dict[str, Field], record: str) -> str:
    """Return the text of an item of a list by which a history orders it; NULL: not certain."""
    parts = [
        f"CASE WHEN {record}{quoted(name)} IS NULL THEN '' "
        f"ELSE '(''{name}'', ' || {repr_sql(field, record + quoted(name))} || '), ' END"
        for name, field in sorted(fields.items())
    ]
    # each part ends in ", ": cut once at the end, as `repr` joins them
    return f"'[[' || rtrim({' || '.join(parts) or text_of('')}, ', ') || ']]'"


def _instant(at: str) -> str:
    micros = f"date_part('microsecond', {at})"
    more = (
        f"CASE WHEN {micros} = 0 THEN '' ELSE ', ' || ({micros} // 1000000)::VARCHAR || "
        f"CASE WHEN {micros} % 1000000 = 0 THEN '' "
        f"ELSE ', ' || ({micros} % 1000000)::VARCHAR END END"
    )
    return (
        f"'datetime.datetime(' || {_parts(at, 'year', 'month', 'day', 'hour', 'minute')} || {more} "
        "|| ', tzinfo=datetime.timezone.utc)'"
    )


def _parts(at: str, *parts: str) -> str:
    return " || ', ' || ".join(f"date_part('{part}', {at})::VARCHAR" for part in parts)
