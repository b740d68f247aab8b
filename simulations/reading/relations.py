"""Sources of rows as relations of DuckDB: a file, or the answer of a database to a query."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

from reso.errors import InputError
from reso.facts.problems import did_you_mean
from simulations.faults import fault_of
from simulations.literals import text_of
from simulations.reading.schema import CSV, PARQUET
from simulations.reading.spool import LONGEST_ROW, Cell, write_table
from simulations.reading.sql import STAMPED, connected, name_of, utc_text

_Row = TypeVar("_Row")

ROW, LINE, UNREAD, ENTRY = "row", "line", "unread", "entry"
NO_JSON = "not readable as JSON"
NO_UTF8 = "is not UTF-8. Save the file as UTF-8."
EMPTY = "is empty. Take the line out: each one holds a row."
WRONG_LINE = (
    f"CASE WHEN {UNREAD} IS NOT NULL THEN {UNREAD} "
    f"WHEN trim({LINE}) = '' THEN {text_of(EMPTY)} "
    f"WHEN NOT json_valid({LINE}) THEN {text_of(NO_JSON)} "
    f"WHEN json_type({LINE}) <> 'OBJECT' "
    "THEN 'holds no object. Write an object: one row per line.' "
    f"WHEN len(json_keys({LINE})) <> len(list_distinct(json_keys({LINE}))) "
    "THEN 'a key stands twice in one object' END"
)
"""What is wrong with a line that should hold an object of JSON."""
DELIMITERS = ",;\t|"
SNIFFED = 100_000
"""Characters of a CSV file in which its heading is looked for."""
REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of one source.

    Attributes:
        name: what messages call it: a file, or a database without its password.
        shape: `columns`: a Parquet file as it is. `cells`: rows of texts. `lines`: each row an
            object of JSON.
        file: the Parquet file that holds the rows. Of `cells` and `lines` it has `row`, `line` (a
            line that could not be read; of `lines` each), `unread` (what is wrong with it), and of
            `cells` the columns c0, c1, ...
        types: the columns there are, and their SQL types.
    """

    name: str
    shape: Literal["columns", "cells", "lines"]
    file: Path
    types: dict[str, str]

    @property
    def sql(self) -> str:
        """What stands after FROM."""
        path = text_of(str(self.file))
        match self.shape:
            case "columns":
                return f"read_parquet({path}, file_row_number=true)"
            case "cells":
                return f"read_parquet({path})"
            case "lines":
                judged = f"SELECT {ROW}, {LINE}, {WRONG_LINE} AS wrong FROM read_parquet({path})"
                entry = f"CASE WHEN wrong IS NULL THEN {LINE} END AS {ENTRY}"
                return f"(SELECT *, {entry} FROM ({judged}))"

    @property
    def row(self) -> str:
        """The SQL of a row's number, from 1."""
        return "file_row_number + 1" if self.shape == "columns" else ROW

    def column(self, name: str) -> str:
        """Return the SQL of a column; of `lines` a JSON value, else as `types` says."""
        match self.shape:
            case "columns":
                return name_of(name)
            case "cells":
                return f"c{list(self.types).index(name)}"
            case "lines":
                return f"json_extract({ENTRY}, {text_of(_json_path(name))})"

    def text(self, name: str) -> str:
        """Return the SQL of a column as text; null of JSON is NULL."""
        if self.shape == "lines":
            return f"json_extract_string({ENTRY}, {text_of(_json_path(name))})"
        return f"{self.column(name)}::VARCHAR"

    @property
    def unread(self) -> str:
        """The SQL of what is wrong with a row that could not be read; NULL of the others."""
        return {"columns": "NULL::VARCHAR", "cells": UNREAD, "lines": "wrong"}[self.shape]

    @property
    def raw(self) -> str:
        """The SQL of the whole row as it stood there, as text."""
        if self.shape == "lines":
            return LINE
        pairs = ", ".join(f"{text_of(name)}, {self._plain(name)}" for name in self.types)
        whole = f"json_object({pairs})::VARCHAR"
        return whole if self.shape == "columns" else f"coalesce({LINE}, {whole})"

    def _plain(self, name: str) -> str:
        """Return a column for a message: an instant in UTC, whatever the clock of the machine."""
        column = self.column(name)
        return utc_text(column) if self.types[name] == STAMPED else column

    def missing(self, name: str) -> str:
        """Return what to say of a column that is not there: the nearest one, or all of them."""
        return did_you_mean(name, self.types) or f"It has {', '.join(self.types) or 'none'}."


def relation_of(path: Path, folder: Path, *, needs_types: bool = True) -> Relation:
    """Return the rows of a file.

    Args:
        folder: where a Parquet file of them is written, unless the file is one.
        needs_types: somebody asks which columns lines of JSON have; finding out reads them all.

    Raises:
        InputError: the file cannot be read.
    """
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the path.")
    suffix = path.suffix.lower()
    if suffix == PARQUET:
        return Relation(str(path), "columns", path, parquet_types(path))
    loaded = folder / f"{path.name}.parquet"
    try:
        return _csv(path, loaded) if suffix == CSV else _lines(path, loaded, needs_types)
    except OSError as error:
        if fault_of(error) is not None:  # what is written on the way, and not the file itself
            raise
        raise InputError(str(path), "cannot be read", "Check the path.") from error


def parquet_types(path: Path) -> dict[str, str]:
    """Return the columns of a Parquet file, and their types in SQL.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with connected() as connection:
            query = "DESCRIBE SELECT * FROM read_parquet(?)"
            found = connection.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        what = f"not readable as Parquet: {str(error).splitlines()[0]}"
        raise InputError(str(path), what, "Write it again.") from error
    return {str(name): str(kind) for name, kind, *_ in found}


def _lines(path: Path, loaded: Path, needs_types: bool) -> Relation:
    lines = _without_end((_line(data) for data in _split(path)), _is_blank_line)
    rows = ((n, *line) for n, line in enumerate(lines, start=1))
    write_table(loaded, (ROW, LINE, UNREAD), rows, {ROW: "BIGINT"})
    if not needs_types:
        return Relation(str(path), "lines", loaded, {})
    query = (
        f"SELECT DISTINCT unnest(json_keys({LINE})) AS name FROM "
        f"(SELECT {LINE} FROM (SELECT {LINE}, {WRONG_LINE} AS wrong FROM read_parquet(?)) "
        "WHERE wrong IS NULL) ORDER BY name"
    )
    with connected() as connection:
        names = connection.execute(query, [str(loaded)]).fetchall()
    return Relation(str(path), "lines", loaded, {str(name): "JSON" for (name,) in names})


def _without_end(rows: Iterable[_Row], is_blank: Callable[[_Row], bool]) -> Iterator[_Row]:
    """Yield rows but the blank ones at the end of a file, which hold nothing to lose."""
    blank: list[_Row] = []
    for row in rows:
        if is_blank(row):
            blank.append(row)
            continue
        yield from blank
        blank.clear()
        yield row


def _is_blank_line(line: tuple[str, str | None]) -> bool:
    return not line[0].strip()


def _is_blank_cells(row: tuple[Sequence[Cell], str | None, str | None]) -> bool:
    return row[2] == EMPTY


def _split(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for n, data in enumerate(file):
            line = data.removesuffix(b"\n").removesuffix(b"\r")
            yield line.removeprefix(b"\xef\xbb\xbf") if n == 0 else line


def _line(data: bytes) -> tuple[str, str | None]:
    """Return a line as text, and what is wrong with it."""
    if len(data) > LONGEST_ROW:
        return data[:LONGEST_ROW].decode(errors="replace"), f"is longer than {LONGEST_ROW:,} bytes"
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return data.decode(errors="replace"), NO_UTF8


def _csv(path: Path, loaded: Path) -> Relation:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        delimiter = _delimiter(file.read(SNIFFED))
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        heading = next(reader, [])
        if any(REPLACED in name or "\0" in name for name in heading):
            raise InputError(f"{path}:1", "is not UTF-8", "Save the file as UTF-8.")
        if len(set(heading)) != len(heading) or not all(map(str.strip, heading)):
            what = "its first line does not name each column once"
            raise InputError(f"{path}:1", what, "Write a heading.")
        csv.field_size_limit(LONGEST_ROW)
        cells = _cells(reader, len(heading), delimiter)
        write_cells(loaded, heading, _without_end(cells, _is_blank_cells))
    return Relation(str(path), "cells", loaded, dict.fromkeys(heading, "VARCHAR"))


def write_cells(
    file: Path, names: Sequence[str], rows: Iterable[tuple[Sequence[Cell], str | None, str | None]]
) -> None:
    """Write rows of texts to the Parquet file of a relation of `cells`.

    Args:
        rows: the cells of each, and of one that could not be read the line and what is wrong.
    """
    columns = (ROW, LINE, UNREAD, *(f"c{n}" for n in range(len(names))))
    numbered = ((n, line, unread, *cells) for n, (cells, line, unread) in enumerate(rows, start=1))
    write_table(file, columns, numbered, {ROW: "BIGINT"})


def _cells(
    reader: Iterator[list[str]], width: int, delimiter: str
) -> Iterator[tuple[Sequence[Cell], str | None, str | None]]:
    """Yield the rows below the heading; an empty cell is none."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong = f"not readable as CSV: {error}"
            if "field limit" in str(error):
                wrong = f"has a cell of more than {LONGEST_ROW:,} characters. Shorten it."
            yield (None,) * width, "", wrong
            continue
        if len(cells) == width and not any(REPLACED in cell for cell in cells):
            yield [cell or None for cell in cells], None, None
            continue
        yield (None,) * width, delimiter.join(cells), _wrong_cells(cells, width, delimiter)


def _wrong_cells(cells: Sequence[str], width: int, delimiter: str) -> str:
    """Return what is wrong with the cells of a row."""
    if len(cells) == width:
        return NO_UTF8
    if not "".join(cells).strip():
        return EMPTY
    wrong = f"has {len(cells)} cells, where the heading has {width}"
    if any("\n" in cell for cell in cells):
        return f'{wrong}. It goes over several lines: close a `"` in it.'
    return f"{wrong}. Quote a cell that holds `{delimiter}`."


def _delimiter(text: str) -> str:
    """Return what parts the columns: what stands most often in the heading."""
    heading = text.partition("\n")[0]
    return max(DELIMITERS, key=heading.count)


def _json_path(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'
