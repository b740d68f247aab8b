"""A JSON Schema of scenario files, for completion, hover text and errors in an editor."""

from collections.abc import Iterable, Mapping
from typing import get_args

from reso.cases.scenario import Expectation
from reso.engine.ruling_json import Json
from reso.facts.fields import Field, FieldType, Section
from reso.facts.table import FactTable
from reso.facts.timeline import NOW
from reso.model.events import SCALARS
from reso.model.ruling import Decision
from reso.study.schema import DRAFT, EITHER, Schema
from reso.study.vocabulary import absence_of

EXPECTED: Mapping[str, str] = {
    "decision": "What is decided; `deny` and `release_to_seller` are one.",
    "accept_also": "Other decisions that are just as right.",
    "amount": "The amount, in major units.",
    "amount_any_of": "One of these amounts.",
    "amount_between": "The lowest and the highest right amount.",
    "deadline": "When the clock of the ruling ends: `at`, and `tolerance_hours`.",
    "deadline_between": "The earliest and the latest right end of the clock.",
    "payer": "Who pays.",
    "payer_any_of": "One of these pays.",
    "payee": "Who is paid.",
    "return_shipping_payer": "Who pays the postage of the return.",
    "quantity": "How many pieces.",
    "percent": "The share of the money, 0 to 100.",
    "of": "Who is asked for evidence.",
    "of_any_of": "One of these is asked for evidence.",
    "party": "Whose request it is.",
    "reasons": "Names of rules that must be among the reasons.",
    "also": "Effects, matters and clocks by name.",
    "legs": "Movements of money that must come out.",
    "never": "Outcomes that must not come out.",
}
CASE: Mapping[str, str] = {
    "id": "A name of its own for the case.",
    "title": "What the case is, in a line.",
    "platform": "The policy it is for; a pack's own cases need none.",
    "rules": "The sources it rests on, for readers.",
    "story": "What happened, for readers.",
    "why": "Why this has to come out, for readers.",
    "given": "What is known of the dispute. Leave out what you do not know.",
    "expect": "What has to come out.",
}
TYPES: Mapping[FieldType, tuple[str, ...]] = {
    "integer": ("integer",),
    "money": ("number", "string"),
    "rate": ("number", "string"),
    "instant": ("string",),
    "date": ("string",),
    "text": ("string", "number"),
}


def scenario_schema(table: FactTable) -> Schema:
    """Return the JSON Schema of scenario files whose cases hold the facts of a table."""
    case = _object({name: {"description": told} for name, told in CASE.items()})
    properties = case["properties"]
    assert isinstance(properties, dict)
    properties["given"] = {**_given(table), "description": CASE["given"]}
    properties["expect"] = {**_expected(), "description": CASE["expect"]}
    case |= {"additionalProperties": True, "required": ["id", "given"]}
    return {
        "$schema": DRAFT,
        "$id": "https://reso-bot.invalid/cases.schema.json",
        "title": "Scenario cases of a Reso-bot policy pack",
        "type": "object",
        "additionalProperties": False,
        "required": ["cases"],
        "properties": {
            "meta": {"type": "object", "description": "Remarks on the file, for readers."},
            "cases": {"type": "array", "items": case, "description": "The cases."},
        },
    }


def _expected() -> Schema:
    schema = _object({name: {"description": EXPECTED[name]} for name in Expectation.model_fields})
    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties["decision"] = {
        "enum": list(get_args(Decision)),
        "description": EXPECTED["decision"],
    }
    schema["required"] = ["decision"]
    return schema


def _given(table: FactTable) -> Schema:
    """Return the schema of a case: its sections, and the fields at its top level."""
    sections = dict(table.sections)
    top = sections.pop(SCALARS)
    found: dict[str, Json] = dict(_fields(top.fields.values()))
    inner = [name for name in sections if "." in name]
    for name, section in sections.items():
        if name not in inner:
            found[name] = _section(section)
    for name in inner:
        outer, _, last = name.partition(".")
        of = found[outer]
        assert isinstance(of, dict)
        properties = of["properties"]
        assert isinstance(properties, dict)
        properties[last] = _section(sections[name])
    found[NOW] = {"type": "string", "description": "The instant for which the ruling is asked."}
    return _object(found)


def _section(section: Section) -> Schema:
    item = _object(_fields(section.fields.values()))
    if section.is_list:
        return {"type": ["array", "null"], "items": item}
    return {**item, "type": ["object", "null"]}


def _fields(fields: Iterable[Field]) -> dict[str, Json]:
    """Return the schemas of fields by name; `hash_seen.disputes` stands in a mapping of its own."""
    found: dict[str, Json] = {}
    for field in fields:
        group, dot, last = field.name.partition(".")
        if not dot:
            found[field.name] = _field(field)
            continue
        inner = found.setdefault(group, _object({}))
        assert isinstance(inner, dict)
        properties = inner["properties"]
        assert isinstance(properties, dict)
        properties[last] = _field(field)
    return found


def _field(field: Field) -> Schema:
    unit = f" ({field.unit})" if field.unit else ""
    told = f"{field.meaning}{unit}. When it is absent: {absence_of(field, 'en')}."
    return {**_type(field), "description": f"{told[:1].upper()}{told[1:]}"}


def _type(field: Field) -> Schema:
    match field.type:
        case "boolean":
            return {"enum": [*EITHER, True, False, None]}
        case "enum":
            return {"enum": [*field.values, *_as_booleans(field.values), None]}
        case "list of enum":
            return {"type": ["array", "null"], "items": {"enum": list(field.values)}}
        case "list of date" | "list of text":
            return {"type": ["array", "null"], "items": {"type": "string"}}
        case _:
            return {"type": [*TYPES[field.type], "null"]}


def _as_booleans(values: Iterable[str]) -> list[Json]:
    """Return what YAML makes of the values `yes` and `no` written as true and false."""
    return [value == "yes" for value in values if value in EITHER]


def _object(properties: Mapping[str, Json]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}
