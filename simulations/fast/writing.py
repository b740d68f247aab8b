"""What a replay writes of a policy beside its expressions: acts in lists, clocks that run."""

from collections.abc import Sequence

from reso.expressions.tree import Node
from simulations.fast.sheets import read
from simulations.sql.columns import Sql
from simulations.sql.writer import Writer as ExpressionWriter


class Writer(ExpressionWriter):
    """Writes a policy's expressions, and the lists of acts its questions look for."""

    def told_of_items(self, section: str, given: Sequence[tuple[str, Node | None]]) -> Sql:
        """Return the items of a list that meet a condition: when, and the word of the first it met.

        The list has the column of its section; the words are (word, condition).
        """
        return self.scope.recorded(lambda: self._told_of_items(section, given))

    def later(self, start: str, by: Node) -> Sql:
        """Return the instant a duration after another, which is given as SQL."""

        def write() -> str:
            begun = self.scope.operand(lambda: self._reads(read(start)))
            return self._moved(begun, by, self._operand(by))

        return self.scope.recorded(write)

    def _reads(self, sql: Sql) -> str:
        for name in sql.uses:
            self.scope.column(name)
        return sql.text

    def _told_of_items(self, section: str, given: Sequence[tuple[str, Node | None]]) -> str:
        column = self.columns.items(section)
        assert column is not None
        dated = "at" in self.columns.item_fields(section)
        with self.scope.item() as item:
            tests = ["TRUE" if w is None else f"({self._test(w, 'true')})" for _, w in given]
            words = [self.constant(word) for word, _ in given]
            cases = "".join(
                f"WHEN {test} THEN {word} "
                for test, word in zip(tests[:-1], words[:-1], strict=True)
            )
            answer = f"CASE {cases}ELSE {words[-1]} END" if cases else words[-1]
            at = self.dialect.member(item, "at") if dated else self.dialect.null("instant")
            kept = self.dialect.filtered(self.scope.column(column), item, " OR ".join(tests))
            return self.dialect.mapped(kept, item, f"{{'at': {at}, 'answer': {answer}}}")
