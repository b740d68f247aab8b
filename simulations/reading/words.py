"""The words of foreign columns: what they say, as SQL, and what is wrong with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reso.facts.problems import RowReason
from simulations.literals import text_of
from simulations.reading.mapping import UNIX, Cell
from simulations.reading.relations import Relation
from simulations.reading.sql import OFFSET, STAMPED, utc_text

COMMA = r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?"
"""How a number is written where a comma parts the whole from the fraction."""
UNIX_SCALES = {
    "unix seconds": (1, r"\d{1,12}(\.\d{1,6})?"),
    "unix milliseconds": (1_000, r"\d{1,15}(\.\d{1,3})?"),
}
"""Of each count since 1970 how many make a second, and how it is written."""
MOST_SHOWN = 40
"""Characters of a foreign word in a message."""


class Misread(NamedTuple):
    """Something wrong with a word: the code, and the SQL of when it is so and of the message."""

    reason: RowReason
    when: str
    message: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words in the columns of one relation."""

    relation: Relation

    def word(self, cell: Cell) -> str:
        """Return the SQL of a column's text, its words called as here."""
        if not cell.column:
            return "NULL::VARCHAR" if cell.constant is None else text_of(str(cell.constant))
        text = self.relation.text(cell.column)
        number = text
        if cell.decimal == "comma":
            pointed = f"replace(replace({text}, '.', ''), ',', '.')"
            is_number = f"regexp_full_match({text}, {text_of(COMMA)})"
            number = f"CASE WHEN {is_number} THEN {pointed} ELSE {text} END"
        if not cell.values:
            return number
        cases = " ".join(
            f"WHEN {text_of(theirs)} THEN {text_of(ours)}" for theirs, ours in cell.values.items()
        )
        return f"CASE {text} {cases} ELSE {number} END"

    def instant(self, cell: Cell) -> str:
        """Return the SQL of an instant as ISO 8601 text; what is none stays as it stands."""
        if not cell.column:
            return "NULL::VARCHAR" if cell.constant is None else text_of(str(cell.constant))
        column, text = self.relation.column(cell.column), self.relation.text(cell.column)
        if self.relation.types[cell.column] == STAMPED:
            return utc_text(column)
        read = self._instant_of(cell, text)
        if read is None:
            return text
        if cell.format in UNIX or "%z" in cell.format:
            return f"coalesce({utc_text(read)}, {text})"
        return (
            f"CASE WHEN regexp_matches({text}, {text_of(OFFSET)}) THEN {text} "
            f"ELSE coalesce({utc_text(read)}, {text}) END"
        )

    def _instant_of(self, cell: Cell, text: str) -> str | None:
        """Return the SQL of the instant a text says by its format and zone; None without both."""
        if cell.format in UNIX:
            per_second, digits = UNIX_SCALES[cell.format]
            micros = f"({text}::DECIMAL(24, 6) * {1_000_000 // per_second})::BIGINT"
            is_count = f"regexp_full_match({text}, {text_of(digits)})"
            return f"CASE WHEN {is_count} THEN make_timestamptz({micros}) END"
        parsed = f"try_strptime({text}, {text_of(cell.format)})"
        if "%z" in cell.format:
            return f"{parsed}::TIMESTAMPTZ"
        if not cell.zone:
            return None
        local = parsed if cell.format else f"TRY_CAST({text} AS TIMESTAMP)"
        return f"timezone({text_of(cell.zone)}, {local})"

    def mistimed(self, cell: Cell) -> Iterator[Misread]:
        """Yield what may be wrong with an instant."""
        if not cell.column or self.relation.types[cell.column] == STAMPED:
            return
        text = self.relation.text(cell.column)
        read = self._instant_of(cell, text)
        has_offset = f"regexp_matches({text}, {text_of(OFFSET)})"
        if read is not None:
            wrong = f"{text} IS NOT NULL AND {read} IS NULL AND NOT {has_offset}"
            yield Misread("wrong_time", wrong, self._not_written(cell, text))
            return
        local = f"NOT {has_offset} AND TRY_CAST({text} AS TIMESTAMP) IS NOT NULL"
        said = "has no UTC offset. Say its `time_zone` in the mapping."
        yield Misread("time_without_offset", local, _about(cell, text, said))

    def misdated(self, cell: Cell) -> Iterator[Misread]:
        """Yield what may be wrong with a date."""
        if not cell.column or not cell.format:
            return
        text = self.relation.text(cell.column)
        wrong = f"{text} IS NOT NULL AND try_strptime({text}, {text_of(cell.format)}) IS NULL"
        wrong += f" AND TRY_CAST({text} AS DATE) IS NULL"
        yield Misread("wrong_time", wrong, self._not_written(cell, text))

    def miscounted(self, cell: Cell) -> Iterator[Misread]:
        """Yield what may be wrong with a number whose decimals stand after a comma."""
        if not cell.column or cell.decimal != "comma":
            return
        text = self.relation.text(cell.column)
        named = f"{text} IN ({', '.join(map(text_of, cell.values))})" if cell.values else "false"
        wrong = f"NOT regexp_full_match({text}, {text_of(COMMA)}) AND NOT {named}"
        said = "is no number with a decimal comma, as the mapping says."
        yield Misread("wrong_value", wrong, _about(cell, text, said))

    def _not_written(self, cell: Cell, text: str) -> str:
        if cell.format:
            said = f"is not written as `{cell.format}`, the `format` in the mapping."
        else:
            said = "is not an instant. Say its `format` in the mapping."
        return _about(cell, text, said)


def _about(cell: Cell, text: str, said: str) -> str:
    """Return the SQL of a message: the column, what stands there, and what is wrong with it."""
    plain = f"regexp_replace(left({text}, {MOST_SHOWN}), '[[:cntrl:]]', '�', 'g')"
    return f"{text_of(f'`{cell.column}`: `')} || {plain} || {text_of(f'` {said}')}"


def judged(found: Iterable[Misread]) -> tuple[str, str]:
    """Return the SQL of the reason why a row cannot be used, and of all messages, each once."""
    wrong = list(dict.fromkeys(found))
    if not wrong:
        return "NULL::VARCHAR", "NULL::VARCHAR"
    reasons = " ".join(f"WHEN {one.when} THEN {text_of(one.reason)}" for one in wrong)
    messages = ", ".join(f"CASE WHEN {one.when} THEN {one.message} END" for one in wrong)
    return f"CASE {reasons} END", f"nullif(concat_ws(' ', {messages}), '')"
