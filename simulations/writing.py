"""What `--out` writes: a table of disputes and the figures, whole or not at all."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from reso.engine.ruling_json import Json
from simulations.folders import new_folder, refuse_taken
from simulations.plain import COLUMNS

TABLE, TEXT_TABLE, SUMMARY = "disputes.parquet", "disputes.csv", "summary.json"


def write_out(folder: Path, rows: Sequence[dict[str, Json]], summary: Json) -> None:
    """Write `disputes.parquet`, `disputes.csv` and `summary.json` into a new folder.

    They are written beside it first, so a run that is stopped leaves nothing half written.

    Raises:
        InputError: the folder is already there. OSError: it cannot be written.
    """
    refuse_taken(folder)
    with new_folder(folder) as made:
        _write_csv(made / TEXT_TABLE, rows)
        _write_parquet(made / TEXT_TABLE, made / TABLE)
        text = json.dumps(summary, indent=2, ensure_ascii=False)
        (made / SUMMARY).write_text(f"{text}\n", encoding="utf-8")


def _write_csv(file: Path, rows: Sequence[dict[str, Json]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)


def _cell(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value)
        case _:
            return str(value)


def _write_parquet(source: Path, target: Path) -> None:
    with duckdb.connect() as connection:
        rows = connection.read_csv(str(source), header=True, dtype=dict(COLUMNS))
        rows.write_parquet(str(target))
