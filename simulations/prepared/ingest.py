"""Event rows of files as one table in shards: instants as integers, doubtful rows marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.table import FactTable
from simulations.files import columns_of
from simulations.prepared.event_files import COLUMNS, INSTANTS, PARQUET, refuse_columns
from simulations.prepared.typing_sql import DOUBTFUL_TEXT, instant_sql, literal

DISPUTES_PER_SHARD = 250_000
ROWS_PER_SHARD = 2_000_000

FIRST_YEAR, LAST_YEAR = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970: what a datetime holds."""

_ISO = "'%Y-%m-%dT%H:%M:%S.%f+00:00'"
_AS_IT_STANDS = f"""to_json(struct_pack(dispute_id, kind, payload,
    occurred_at := coalesce(_occ_text, strftime(make_timestamp(_occ), {_ISO})),
    recorded_at := coalesce(_rec_text, strftime(make_timestamp(_rec), {_ISO}))
))::VARCHAR"""


@dataclass(frozen=True, slots=True)
class Ingested:
    """Where the rows are: a folder of Parquet files for each shard."""

    folder: Path
    shards: int
    rows: int

    def of(self, shard: int) -> str:
        """Return the rows of one shard, as SQL."""
        files = self.folder / f"_shard={shard}" / "*.parquet"
        return f"read_parquet({literal(str(files))}, hive_partitioning = false)"

    def is_empty(self, shard: int) -> bool:
        """Whether no dispute fell into a shard."""
        return not (self.folder / f"_shard={shard}").is_dir()


def ingest(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], table: FactTable, folder: Path
) -> Ingested:
    """Read the rows of `files` once and write them to `folder`, each dispute whole in its shard.

    A row is `_file, _row` (from 1), `dispute_id, kind`, `_occ, _rec` (microseconds since 1970),
    `payload` (JSON text), `_shape` (null, empty or object; NULL: in doubt) and, of a row in doubt,
    `_raw`: the row as it stands, for Python.

    Raises:
        InputError: a file cannot be read, or has not the columns of a history.
    """
    parts = [_file(connection, n, file) for n, file in enumerate(files)]
    source = " UNION ALL ".join(part for part, _ in parts)
    rows = sum(count for _, count in parts)
    shards = max(1, -(-rows // ROWS_PER_SHARD))
    folder.mkdir(parents=True)
    judged = _judged(source, table)
    query = f"""
        COPY (SELECT *, hash(coalesce(dispute_id, '')) % {shards} AS _shard FROM ({judged}))
        TO {literal(str(folder))} (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (_shard))
    """
    try:
        connection.execute(query)
    except duckdb.Error as error:
        what = f"not readable: {str(error).splitlines()[0]}"
        raise InputError(str(files[0].parent), what, "Write it again.") from error
    return Ingested(folder, shards, rows)


def _judged(source: str, table: FactTable) -> str:
    """Return the rows with what they are; doubt is whatever SQL cannot be sure of."""
    lists = _names(name for name, part in table.sections.items() if part.is_list)
    objects = _names(
        name for name, part in table.sections.items() if not part.is_list and "." not in name
    )
    shape = f"""
        CASE WHEN dispute_id IS NULL OR dispute_id = '' OR _occ IS NULL OR _rec IS NULL
               OR NOT _occ BETWEEN {FIRST_YEAR} AND {LAST_YEAR}
               OR NOT _rec BETWEEN {FIRST_YEAR} AND {LAST_YEAR} OR _broken THEN NULL
             WHEN payload IS NULL
             THEN CASE WHEN kind IN ({objects}) AND kind <> 'case' THEN 'null' END
             WHEN regexp_matches(payload, {literal(DOUBTFUL_TEXT)}) OR NOT json_valid(payload)
             THEN NULL
             WHEN payload[1] = '{{' AND (kind IN ({lists}) OR kind IN ({objects})) THEN 'object'
             WHEN payload = '[]' AND kind IN ({lists}) THEN 'empty'
             WHEN payload = 'null' AND kind IN ({objects}) AND kind <> 'case' THEN 'null'
        END"""
    return f"""
        SELECT _file, _row, dispute_id, kind, _occ, _rec, payload, _shape,
               CASE WHEN _shape IS NULL THEN coalesce(_line, {_AS_IT_STANDS}) END AS _raw
        FROM (SELECT *, {shape} AS _shape FROM ({source}))
    """


def _names(names: object) -> str:
    listed = ", ".join(literal(str(name)) for name in names if "." not in str(name))  # type: ignore[attr-defined]
    return listed or "NULL"


def _file(connection: duckdb.DuckDBPyConnection, number: int, file: Path) -> tuple[str, int]:
    """Return the rows of one file as SQL, and how many there are."""
    if file.suffix == PARQUET:
        columns = columns_of(file)
        refuse_columns(file, columns)
        source = f"read_parquet({literal(str(file))}, file_row_number = true)"
        rows = _counted(
            connection, file, f"SELECT count(*) FROM read_parquet({literal(str(file))})"
        )
        return _parquet(number, source, columns), rows
    if not file.is_file():
        raise InputError(str(file), "no such file", "Check the path.")
    lines = (
        f"read_csv({literal(str(file))}, columns = {{'line': 'VARCHAR'}}, delim = '\\x01', "
        "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, "
        "skip = 0, null_padding = false, max_line_size = 20000000, new_line = '\\n')"
    )
    rows = _counted(connection, file, f"SELECT count(*) FROM {lines}")
    return _jsonl(number, lines), rows


def _counted(connection: duckdb.DuckDBPyConnection, file: Path, query: str) -> int:
    try:
        found = connection.execute(query).fetchone()
    except duckdb.Error as error:
        what = f"not readable: {str(error).splitlines()[0]}"
        raise InputError(str(file), what, "Write it again.") from error
    return int(found[0]) if found else 0


def _parquet(number: int, source: str, columns: dict[str, str]) -> str:
    """Return the rows of a Parquet file; `_occ_text`: an instant as it stands."""
    instants, texts = {}, {}
    for name in INSTANTS:
        if columns[name] == "TIMESTAMP WITH TIME ZONE":
            instants[name] = f"CASE WHEN isfinite({name}) THEN epoch_us({name}) END"
            texts[name] = f"CASE WHEN NOT isfinite({name}) THEN {name}::VARCHAR END"
        else:
            instants[name], texts[name] = instant_sql(name), name
    return f"""
        SELECT {number}::INTEGER AS _file, file_row_number + 1 AS _row,
               dispute_id::VARCHAR AS dispute_id, kind::VARCHAR AS kind,
               {instants["occurred_at"]} AS _occ, {instants["recorded_at"]} AS _rec,
               payload::VARCHAR AS payload, false AS _broken, NULL::VARCHAR AS _line,
               {texts["occurred_at"]} AS _occ_text, {texts["recorded_at"]} AS _rec_text
        FROM {source}
    """


def _jsonl(number: int, lines: str) -> str:
    """Return the rows of lines; a line in doubt is kept as it stands."""
    leaves = ", ".join(f'"{name}": "JSON"' for name in COLUMNS)
    is_doubtful = f"regexp_matches(line, {literal(DOUBTFUL_TEXT)})"
    is_plain = f"json_valid(line) AND line[1] = '{{' AND NOT {is_doubtful}"
    keys = "len(CASE WHEN json_valid(line) THEN json_keys(line) END)"
    texts = " AND ".join(f"CAST(_t.{name} AS VARCHAR)[1] = '\"'" for name in ("dispute_id", "kind"))
    whole = f"_t IS NOT NULL AND {keys} = {len(COLUMNS)} AND {texts}"
    payload = "CAST(_t.payload AS VARCHAR)"
    inner = "json_extract_string(_t.payload, '$')"
    told = f"CASE WHEN {payload}[1] = '\"' THEN {inner} ELSE {payload} END"
    instants = {name: instant_sql(f"trim(_t.{name}::VARCHAR, '\"')") for name in INSTANTS}
    return f"""
        SELECT {number}::INTEGER AS _file, _row,
               CASE WHEN json_valid(line) THEN json_extract_string(line, '$.dispute_id') END
                   AS dispute_id,
               json_extract_string(_t.kind, '$') AS kind,
               {instants["occurred_at"]} AS _occ, {instants["recorded_at"]} AS _rec,
               ({told})::VARCHAR AS payload, coalesce(NOT ({whole}), true) AS _broken,
               coalesce(line, '') AS _line,
               NULL::VARCHAR AS _occ_text, NULL::VARCHAR AS _rec_text
        FROM (SELECT row_number() OVER () AS _row, line,
                     CASE WHEN {is_plain} THEN json_transform(line, '{{{leaves}}}') END AS _t
              FROM {lines})
    """
