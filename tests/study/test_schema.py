"""The JSON Schema of policy files: it accepts what ships, and flags what no file may say."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from reso.cli import app
from reso.facts.table import load_core
from reso.study.reading import read_files, table_for
from reso.study.schema import policy_schema
from tests.study.shop import write_shop

RULES = Path(__file__).parents[2] / "rules"
PACKS = sorted(path.parent for path in RULES.glob("*/policy.yaml"))
SHIPPED = sorted(RULES.glob("*/*.yaml"))
Schema = Mapping[str, object]


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
    assert schema["$defs"]["source"]["anyOf"][0] == {"enum": ["HELP-1"]}


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


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_schema_accepts_every_shipped_file(file: Path) -> None:
    assert list(_wrong(_load(file), policy_schema(load_core()), policy_schema(load_core()))) == []


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
    schema = policy_schema(load_core())
    assert place in list(_wrong(YAML(typ="safe", pure=True).load(text), schema, schema))


def _load(file: Path) -> object:
    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


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
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return not isinstance(value, Mapping | list | bool | int | float | type(None))


# -- by a real language server --------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the YAML language server into a folder of its own."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not here")
    home = Path(os.environ.get("RESO_YAML_LANGUAGE_SERVER", ""))
    if not (home / "node_modules" / "yaml-language-server").is_dir():
        home = tmp_path_factory.mktemp("server")
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "yaml-language-server@1"],
            cwd=home,
            capture_output=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            pytest.skip("npm could not install yaml-language-server")
    return home / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


class Editor:
    """An editor that talks to the language server over its standard streams."""

    def __init__(self, server: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(server), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to: IO[bytes] = self.process.stdin
        self.of: IO[bytes] = self.process.stdout
        self.last = 0
        settings = {"yaml": {"validate": True, "hover": True, "completion": True}}
        self.settings = settings
        capabilities = {"textDocument": {"publishDiagnostics": {}, "hover": {}, "completion": {}}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.to.flush()

    def tell(self, method: str, params: object) -> None:
        self.send({"method": method, "params": params})

    def next(self) -> dict[str, object]:
        length = 0
        while (line := self.of.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, object] = json.loads(self.of.read(length))
        if "id" in message and "method" in message:
            params = message.get("params")
            items = params.get("items", []) if isinstance(params, dict) else []
            wanted = [self.settings.get(item.get("section"), None) for item in items]
            self.send({"id": message["id"], "result": wanted})
        return message

    def ask(self, method: str, params: object) -> object:
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.next()
            if message.get("id") == self.last and "method" not in message:
                return message.get("result")

    def problems(self, path: Path, text: str) -> list[str]:
        """Open a file and return what the server finds wrong in it."""
        uri = path.resolve().as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self.next()
            params = message.get("params")
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            assert isinstance(params, dict)
            if params["uri"] == uri:
                return [found["message"] for found in params["diagnostics"]]

    def at(self, method: str, path: Path, line: int, character: int) -> str:
        """Return what the server answers about a place."""
        where = {"line": line, "character": character}
        uri = path.resolve().as_uri()
        return json.dumps(self.ask(method, {"textDocument": {"uri": uri}, "position": where}))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.to.close()
        self.of.close()


@pytest.mark.slow
def test_a_real_language_server_takes_the_shipped_files_and_flags_an_unknown_key(
    server: Path, tmp_path: Path
) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    editor = Editor(server)
    try:
        for pack in PACKS:
            files = read_files(tmp_path / "rules" / pack.name)
            schema = tmp_path / f"{pack.name}.json"
            schema.write_text(json.dumps(policy_schema(table_for(files), files)), encoding="utf-8")
            line = f"# yaml-language-server: $schema={schema.as_uri()}\n"
            for path in files.paths:
                shown = path.with_name(f"{pack.name}_{path.name}")  # shared ones, once for each
                text = line + path.read_text(encoding="utf-8")
                assert editor.problems(shown, text) == [], path
            text = line + "questions:\n  a:\n    to: seller\n    lsts: 48 hours\n"
            wrong = tmp_path / f"{pack.name}_wrong.yaml"
            assert any("lsts" in said for said in editor.problems(wrong, text))
            assert "Whom the question is put to" in editor.at("textDocument/hover", wrong, 3, 5)
        empty = tmp_path / "empty.yaml"
        editor.problems(empty, f"{line}questions:\n  a:\n    to: \n")
        assert "insurer" in editor.at("textDocument/completion", empty, 3, 8)
    finally:
        editor.close()
