"""The schemas that stand beside packs, for the editors of their authors."""

import json
from pathlib import Path

from reso.engine.ruling_json import Json
from reso.facts.table import FactTable, installed_table
from reso.study.case_schema import scenario_schema
from reso.study.schema import policy_schema

FOLDER = ".schema"
POLICY, CASES = "policy.json", "cases.json"


def schemas(table: FactTable) -> dict[str, str]:
    """Return the schemas of policy and scenario files, as text, by the names of their files."""
    made: dict[str, Json] = {POLICY: policy_schema(table), CASES: scenario_schema(table)}
    return {
        name: json.dumps(one, indent=2, ensure_ascii=False) + "\n" for name, one in made.items()
    }


def write_schemas(rules: Path) -> list[Path]:
    """Write the schemas for the packs in a folder; return their files.

    Raises:
        FactTableError, InputError: the facts the packs declare cannot be used.
    """
    made = schemas(installed_table(rules.resolve()))
    (rules / FOLDER).mkdir(exist_ok=True)
    for name, text in made.items():
        (rules / FOLDER / name).write_text(text, encoding="utf-8")
    return [rules / FOLDER / name for name in made]


def write_missing(rules: Path) -> list[Path]:
    """Write the schemas for the packs in a folder that has none yet; return their files.

    Raises:
        FactTableError, InputError: the facts the packs declare cannot be used.
    """
    return [] if (rules / FOLDER).exists() else write_schemas(rules)
