"""Decision tables: several rules on one matter, one to a row.

A column is an expression; a cell says what it has to be: `any`, `yes` or `no` (for a condition),
`known` or `none`, a value or several (`mall or star_plus`), `up to X`, `below X`, `from X`,
`above X`. The last cell of a row is what it concludes. Rows may overlap only if they agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reso.expressions.tree import Node
from reso.policy.document import Document, Items, Map, Mark, Text, Tree
from reso.policy.model import Rule
from reso.policy.reading import Entry, Expressions, failed
from reso.policy.rules import WORDS, RuleReader

COMPARISONS = {"up to": "<=", "below": "<", "from": ">=", "above": ">"}
TABLE_WORDS = tuple(word for word in WORDS if word != "conclude")


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads the tables among the `rules`."""

    expressions: Expressions
    rules: RuleReader

    def rows(self, entry: Entry) -> Iterator[Rule]:
        """Yield a table's rules, named `table.1`, `table.2`, ... in the order of its rows."""
        body = entry.body((*TABLE_WORDS, "columns", "rows"))
        columns = [text for text in body.texts("columns") if self._readable(entry.document, text)]
        rows = body.tree("rows")
        if not columns or not isinstance(rows, Items):
            entry.problem("table-shape", name=entry.name)
            return
        names: list[str] = []
        for number, row in enumerate(rows.items, start=1):
            rule = self._row(entry, columns, row, f"{entry.name}.{number}")
            if rule is not None:
                names.append(rule.name)
                yield rule
        self.rules.groups.setdefault(entry.name, []).extend(names)

    def _readable(self, document: Document, column: Text) -> bool:
        return not failed(self.expressions.value(document, column))

    def _row(self, entry: Entry, columns: list[Text], row: Tree, name: str) -> Rule | None:
        if not isinstance(row, Items) or len(row.items) != len(columns) + 1:
            entry.problem("row-shape", row.mark, name=entry.name, cells=len(columns))
            return None
        conditions: list[Node] = []
        for column, cell in zip(columns, row.items, strict=False):
            if not isinstance(cell, Text):
                entry.problem("cell-shape", cell.mark)
            elif (node := self._cell(entry.document, column, cell)) is not None:
                conditions.append(node)
        last = row.items[-1]
        return self.rules.row(self._as_rule(entry, name, last, row.mark), conditions)

    def _as_rule(self, entry: Entry, name: str, conclude: Tree, mark: Mark) -> Entry:
        """Return the row as an entry of its own: the table's words and the row's conclusion."""
        tree = entry.tree
        assert isinstance(tree, Map)
        shared = {key: value for key, value in tree if key in TABLE_WORDS}
        marks = {key: tree.keys[key] for key in shared}
        whole = Map({**shared, "conclude": conclude}, {**marks, "conclude": conclude.mark}, mark)
        return Entry(entry.document, name, mark, whole, entry.chapter)

    def _cell(self, document: Document, column: Text, cell: Text) -> Node | None:
        said = cell.value.strip()
        if said == "any":
            return None
        node = self.expressions.composed(document, cell, _condition(column.value, said))
        return None if failed(node) else node


def _condition(column: str, said: str) -> str:
    """Return a cell as a condition on its column."""
    for words, op in COMPARISONS.items():
        if said.startswith(f"{words} "):
            return f"({column}) {op} {said.removeprefix(words).strip()}"
    match said:
        case "yes":
            return f"({column})"
        case "no":
            return f"not ({column})"
        case "known" | "none":
            return f"({column}) is {said}"
    values = [value.strip() for value in said.split(" or ")]
    if len(values) > 1:
        return f"({column}) is one of [{', '.join(values)}]"
    return f"({column}) is {said}"
