"""The JSON Schema of policy files: it accepts what ships, and flags what no file may say."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from reso.cli import app
from reso.facts.table import installed_table, load_core
from reso.study.case_schema import scenario_schema
from reso.study.reading import read_files, table_for
from reso.study.schema import policy_schema
from reso.study.schema_files import schemas
from tests.study.shop import write_shop

RULES = Path(__file__).parents[2] / "rules"
PACKS = sorted(path.parent for path in RULES.glob("*/policy.yaml"))
SHIPPED = sorted(RULES.glob("*/*.yaml"))
SCENARIOS = sorted(RULES.glob("*/cases/*.yaml"))
CASES_SCHEMA: Any = scenario_schema(installed_table(RULES))
Schema = Mapping[str, object]


@cache
def core_schema() -> Schema:
    """Return the schema of a policy that uses no facts but those of the core."""
    return policy_schema(load_core())


def by_folder(file: Path) -> str:
    """Return the name of a shipped file, for test ids."""
    return "/".join(file.parts[-2:])


def test_the_modeline_and_the_file_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "rules" / "shop")
    asked = ["schema", "--policy", "rules/shop", "--out", "rules/policy.schema.json"]
    result = CliRunner().invoke(app, asked)
    assert result.stdout == (
        "Wrote rules/policy.schema.json. Put this line on top of each policy file in rules/shop:\n"
        "# yaml-language-server: $schema=../policy.schema.json\n"
    )
    schema = json.loads(Path("rules/policy.schema.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["source"]["anyOf"][0] == {
        "enum": ["HELP-1", "buyer_window", "seller_time", "small_amount", "trusted_rate"]
    }


def test_without_a_file_the_schema_alone_is_on_standard_output() -> None:
    result = CliRunner().invoke(app, ["schema"])
    assert json.loads(result.stdout) == policy_schema(load_core())
    assert result.stderr == "# yaml-language-server: $schema=policy.schema.json\n"


def test_every_word_has_hover_text_and_completion() -> None:
    schema = policy_schema(load_core())
    properties = schema["properties"]
    assert all(section["description"] for section in properties.values())
    question = properties["questions"]["additionalProperties"]["properties"]
    assert all(word.get("description") for word in question.values())
    assert question["to"]["enum"][:2] == ["buyer", "seller"]
    facts = schema["$defs"]["fact"]["anyOf"][0]["enum"]
    assert "order.seller_tier" in facts
    conclusion = schema["$defs"]["conclusion"]["anyOf"][0]["anyOf"][0]["enum"]
    assert {"refund_full", "as requested"} <= set(conclusion)


# -- by a validator of our own --------------------------------------------------------------


@pytest.mark.parametrize("file", SHIPPED, ids=by_folder)
def test_the_schema_accepts_every_shipped_file(file: Path) -> None:
    assert list(_wrong(_load(file), core_schema(), core_schema())) == []


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_the_schema_of_a_pack_accepts_its_files(pack: Path) -> None:
    files = read_files(pack)
    schema = policy_schema(table_for(files), files)
    for path in files.paths:
        assert list(_wrong(_load(path), schema, schema)) == [], path


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ruels: {}", "ruels"),
        ("rules: {a: {wehn: x, conclude: deny}}", "rules.a"),
        ("bars: {a: {wehn: x, conclude: deny}}", "bars.a.wehn"),
        ("questions: {a: {to: buyers}}", "questions.a.to"),
        ("questions: {a: {asks: {en: x}}}", "questions.a.asks.id"),
        ("rounding: sideways", "rounding"),
        ("stages: {refund_fully: {}}", "stages.refund_fully"),
        ("overlays: [{parameter: a, from: x, until: y, value: z}]", "overlays.0.reach"),
        ("sources: {a: {adress: x}}", "sources.a.adress"),
    ],
)
def test_the_schema_flags_what_no_file_may_say(text: str, place: str) -> None:
    schema = core_schema()
    assert place in list(_wrong(YAML(typ="safe", pure=True).load(text), schema, schema))


@pytest.mark.parametrize("file", SCENARIOS, ids=by_folder)
def test_the_schema_of_cases_accepts_every_shipped_case(file: Path) -> None:
    assert list(_wrong(_load(file), CASES_SCHEMA, CASES_SCHEMA)) == []


@pytest.mark.parametrize(
    ("given", "expect", "place"),
    [
        ("{clam: {}}", "{decision: deny}", "given.clam"),
        ("{claim: {tpye: broken}}", "{decision: deny}", "given.claim.tpye"),
        ("{claim: {type: borken}}", "{decision: deny}", "given.claim.type"),
        ("{claim: {items: [{qty: 1}]}}", "{decision: deny}", "given.claim.items.0.qty"),
        ("{order: {total_paid: yes}}", "{decision: refund}", "expect.decision"),
        ("{tracking: [{event: arrived}]}", "{decision: deny}", "given.tracking.0.event"),
        ("{evidence: [{hash_seen: {files: 1}}]}", "{decision: deny}", "given.evidence.0.hash_seen"),
        ("{}", "{decison: deny}", "expect.decison"),
    ],
)
def test_the_schema_of_cases_flags_what_no_case_holds(given: str, expect: str, place: str) -> None:
    text = f"cases: [{{id: A, given: {given}, expect: {expect}}}]"
    found = _wrong(YAML(typ="safe", pure=True).load(text), CASES_SCHEMA, CASES_SCHEMA)
    assert any(one.startswith(f"cases.0.{place}") for one in found)


def test_every_fact_of_a_case_has_hover_text() -> None:
    case = CASES_SCHEMA["properties"]["cases"]["items"]["properties"]["given"]["properties"]
    assert case["shipping"]["properties"]["courier"]["description"] == (
        "The courier who carries the parcel, named as in incident.courier. "
        "When it is absent: not known and not needed."
    )
    assert (
        "gift_with_purchase"
        in case["claim"]["properties"]["items"]["items"]["properties"]["kind"]["enum"]
    )
    assert (
        "days"
        in case["evidence"]["items"]["properties"]["hash_seen"]["properties"]["within_days"][
            "description"
        ]
    )


# -- beside the shipped packs ---------------------------------------------------------------


def test_the_schemas_that_ship_are_those_the_command_writes() -> None:
    """If this fails: reso schema --rules rules"""
    made = schemas(installed_table(RULES))
    kept = {path.name: path.read_text(encoding="utf-8") for path in (RULES / ".schema").iterdir()}
    assert kept == made


@pytest.mark.parametrize("file", [*SHIPPED, *SCENARIOS], ids=by_folder)
def test_every_shipped_file_names_its_schema(file: Path) -> None:
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# yaml-language-server: $schema=")
    schema = file.parent / first.partition("=")[2]
    kind = "cases.json" if file in SCENARIOS else "policy.json"
    assert schema.resolve() == (RULES / ".schema" / kind).resolve()


def test_schemas_know_the_facts_of_all_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "rules" / "shop")
    inputs = "inputs: {order: {gift_wrap: {type: boolean, meaning: wrapped}}}\n"
    Path("rules/shop/more.yaml").write_text(inputs, encoding="utf-8")
    result = CliRunner().invoke(app, ["schema", "--rules", "rules"])
    assert result.stdout == "Wrote rules/.schema/policy.json.\nWrote rules/.schema/cases.json.\n"
    for name in ("policy.json", "cases.json"):
        assert "gift_wrap" in Path("rules/.schema", name).read_text(encoding="utf-8")


@cache
def _load(file: Path) -> object:
    return YAML(typ="safe").load(file.read_text(encoding="utf-8"))


def _wrong(value: object, schema: object, root: Schema, place: str = "") -> list[str]:
    """Return the places that do not fit: of the words of JSON Schema those that are used here."""
    assert isinstance(schema, Mapping)
    known = {"$ref", "type", "enum", "anyOf", "properties", "additionalProperties", "required"}
    known |= {"items", "title", "description", "$schema", "$id", "$defs"}
    assert set(schema) <= known, set(schema) - known
    found: list[str] = []
    if "$ref" in schema:
        definitions = root["$defs"]
        assert isinstance(definitions, Mapping)
        found += _wrong(value, definitions[str(schema["$ref"]).rpartition("/")[2]], root, place)
    if "type" in schema and not any(_is(value, str(kind)) for kind in _listed(schema["type"])):
        return [place]
    if "enum" in schema and value not in _listed(schema["enum"]):
        return [place]
    options = _listed(schema.get("anyOf", []))
    if options and all(_wrong(value, option, root, place) for option in options):
        found.append(place)
    if isinstance(value, Mapping):
        found += _wrong_object(value, schema, root, place)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += _wrong(item, schema["items"], root, f"{place}.{number}")
    return found


def _wrong_object(
    value: Mapping[object, object], schema: Schema, root: Schema, place: str
) -> list[str]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    assert isinstance(properties, Mapping)
    found = [
        f"{place}.{n}".lstrip(".") for n in _listed(schema.get("required", [])) if n not in value
    ]
    for key, inner in value.items():
        here = f"{place}.{key}".lstrip(".")
        if key in properties:
            found += _wrong(inner, properties[key], root, here)
        elif others is False:
            found.append(here)
        elif others is not True:
            found += _wrong(inner, others, root, here)
    return found


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is(value: object, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return not isinstance(value, Mapping | list | bool | int | float | type(None))
