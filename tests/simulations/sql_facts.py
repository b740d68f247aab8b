"""Columns for every fact a policy's table declares, without any data."""

from collections.abc import Mapping
from dataclasses import dataclass

from reso.expressions.tree import Kind
from reso.policy.model import Policy
from simulations.sql.columns import answer_column, clock_column, unknown_column
from tests.simulations.sql_cases import CONCLUDED, DUCKDB, EARLIEST, PARTS, kind_of, type_of


@dataclass(frozen=True)
class EveryFact:
    """The columns of a table that has every declared fact."""

    policy: Policy

    def field(self, path: str) -> str | None:
        return path if path in self.policy.table.fields else None

    def items(self, section: str) -> str | None:
        return f"list:{section}"

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        declared = self.policy.table.lists[section]
        return {name: kind_of(field) for name, field in declared.items()}

    def section_known(self, name: str) -> str | None:
        return f"known:{name}"

    def concluded(self) -> str | None:
        return CONCLUDED

    def earliest(self) -> str | None:
        return EARLIEST


def given_columns(policy: Policy) -> dict[str, str]:
    """Return these columns with their types, and those of the questions."""
    table = policy.table
    found = {path: type_of(field) for path, field in table.fields.items()}
    for section, fields in table.lists.items():
        inner = ", ".join(f"{DUCKDB.name(name)} {type_of(f)}" for name, f in fields.items())
        found[f"list:{section}"] = f"STRUCT({inner})[]"
    found |= {f"known:{name}": "BOOLEAN" for name in (*table.objects, *table.lists)}
    found |= {CONCLUDED: "BIGINT", EARLIEST: "BIGINT"}
    for question in policy.questions:
        found[answer_column(question.name)] = "VARCHAR"
        found[unknown_column(question.name)] = "BOOLEAN"
        for part in PARTS:
            found[clock_column(question.name, part)] = "VARCHAR" if part == "state" else "BIGINT"
    return found
