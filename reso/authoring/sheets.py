"""Spreadsheets as authors save them: CSV with what Excel makes of it, and XLSX."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path

from reso.authoring.files import write_whole
from reso.authoring.tables import VALUE, Row, Sheet
from reso.errors import InputError

MAX_BYTES = 20_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 50
SMART = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\ufeff": "", "\u200b": "", "\u00ad": ""}  # noqa: RUF001
)


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV with commas."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write_sheet(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write rows to a new .csv or .xlsx file, whole or not at all.

    Raises:
        InputError: the name ends otherwise, or the file is there already.
    """
    kind = _kind(path)
    if path.exists():
        raise InputError(str(path), "the file is there already", "Choose another name.")
    if not path.parent.is_dir():
        raise InputError(str(path.parent), "no such folder", "Make it first.")
    write_whole(path, _csv_bytes(rows) if kind == ".csv" else _xlsx_bytes(rows))


def read_sheet(path: Path) -> Sheet:
    """Read a .csv or .xlsx file.

    Excel's traces are taken away: a byte order mark, semicolons or tabs between cells, spaces that
    do not break, curly quotes, empty rows and columns.

    Raises:
        InputError: it cannot be read, or a cell holds what is no text; says in which row.
    """
    kind = _kind(path)
    if not path.is_file():
        raise InputError(str(path), "no such file", "Check the name.")
    if path.stat().st_size > MAX_BYTES:
        what = f"file of {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read"
        raise InputError(str(path), what)
    raw = path.read_bytes()
    return _sheet(str(path), _read_csv(path, raw) if kind == ".csv" else _read_xlsx(path, raw))


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        what = "the name ends neither in .csv nor in .xlsx"
        raise InputError(str(path), what, "Save the sheet as CSV UTF-8 or as Excel workbook.")
    return kind


def _sheet(name: str, cells: list[list[str]]) -> Sheet:
    """Return rows of texts as a sheet: the first row that is not empty names the columns."""
    numbered = [
        (number, [_clean(cell) for cell in row]) for number, row in enumerate(cells, start=1)
    ]
    filled = [(number, row) for number, row in numbered if any(row)]
    if not filled:
        raise InputError(name, "the sheet is empty", "Begin with `reso table export`.")
    top, titles = filled[0]
    while titles and not titles[-1]:
        titles.pop()
    columns = tuple(t.lower() if t.lower() in (VALUE, "from") else t for t in titles)
    if "" in columns:
        what = f"column {columns.index('') + 1} has no name"
        raise InputError(f"{name}: row {top}", what, "Name it or remove it.")
    rows = []
    for number, row in filled[1:]:
        if any(row[len(columns) :]):
            what = f"more cells than the {len(columns)} columns have names"
            todo = 'Put a value that holds a comma in quotes: "a, b".'
            raise InputError(f"{name}: row {number}", what, todo)
        padded = row + [""] * (len(columns) - len(row))
        rows.append(Row(number, dict(zip(columns, padded, strict=False))))
    return Sheet(name, columns, tuple(rows))


def _clean(cell: str) -> str:
    words = " ".join(cell.translate(SMART).split())
    return words[:-3] if re.fullmatch(r"\d{1,2}:\d\d:00", words) else words


# -- CSV ------------------------------------------------------------------------------------


def _csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    return csv_text(rows).encode("utf-8-sig")  # without the mark Excel takes it for Latin-1


def _read_csv(path: Path, raw: bytes) -> list[list[str]]:
    text = _decoded(path, raw)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise InputError(str(path), f"not readable as CSV: {error}", "Save it again.") from None
    if rows and "".join(rows[0]).lower() == "sep=":  # what Excel is told, not a row of the table
        rows[0] = []
    if len(rows) > MAX_ROWS:
        raise InputError(str(path), f"{len(rows):,} rows; at most {MAX_ROWS:,} are read")
    return rows


def _decoded(path: Path, raw: bytes) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        what = f"byte {raw[error.start]:#04x} is not UTF-8"
        todo = "Save it as `CSV UTF-8`, or as Excel workbook (.xlsx)."
        raise InputError(f"{path}: row {row}", what, todo) from None
    if "\x00" in text:
        raise InputError(str(path), "this is no text file", "Save the sheet as CSV UTF-8.")
    return text


def _delimiter(text: str) -> str:
    """Return what parts the cells: that of , ; and tab the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    outside = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=outside.count)


# -- XLSX -----------------------------------------------------------------------------------


def _xlsx_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook  # type: ignore[import-untyped]  # slow to import

    book = Workbook()
    sheet = book.active
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value, cell.data_type, cell.number_format = text, "s", "@"
    for cells in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in cells)
        sheet.column_dimensions[cells[0].column_letter].width = min(60, longest + 3)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _read_xlsx(path: Path, raw: bytes) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        found: list[list[str]] = []
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                what = f"more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns"
                raise InputError(str(path), what, "Remove what is not part of the table.")
            place = f"{path}: row {number}, column "
            found.append([_cell(cell, f"{place}{at}") for at, cell in enumerate(row, start=1)])
    except InputError:
        raise
    except Exception as error:  # openpyxl lets through whatever zip, XML and numbers raise
        what = f"not readable as an Excel workbook ({type(error).__name__})"
        raise InputError(str(path), what, "Save it again as Excel workbook (.xlsx).") from None
    return found


def _cell(cell: object, where: str) -> str:
    value: object = getattr(cell, "value", None)
    kind: str = getattr(cell, "data_type", "s")
    if kind == "f":
        raise InputError(where, f"the formula `{value}`", "Paste its value instead.")
    if kind == "e":
        raise InputError(where, f"the error `{value}`", "Mend it in the spreadsheet.")
    shown: str = getattr(cell, "number_format", "") or ""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case time():
            return value.isoformat("seconds")
        case int() | float() if "%" in shown:
            return f"{round(value * 100, 6):g}%"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case int() | str():
            return str(value)
        case _:
            raise InputError(where, f"`{value}` is no text", "Format the cell as text.")
