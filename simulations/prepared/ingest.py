"""Event rows as one table in shards: instants as integers, doubtful rows marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.rows import EARLIEST, LATEST
from reso.facts.table import FactTable
from simulations.faults import fault_of
from simulations.literals import text_of
from simulations.prepared.instants import microseconds
from simulations.prepared.typing_sql import DOUBTFUL_TEXT, instant_sql
from simulations.reading import Rows
from simulations.reading.schema import INSTANTS
from simulations.reading.sql import utc_text

SPACE_AROUND = r"^[\s\pZ\x{0b}\x{1c}-\x{1f}\x{85}]|[\s\pZ\x{0b}\x{1c}-\x{1f}\x{85}]$"
"""A name with a space at one of its ends, whatever Python or SQL calls one."""
ROWS_PER_SHARD = 2_000_000


@dataclass(frozen=True, slots=True)
class Ingested:
    """Where the rows are: a folder of Parquet files for each shard.

    Attributes:
        source_rows: how many rows the sources have; found: what was found in them (see `Rows`).
    """

    folder: Path
    shards: int
    source_rows: int
    found: Mapping[str, int]

    def of(self, shard: int) -> str:
        """Return the rows of one shard, as SQL."""
        files = self.folder / f"_shard={shard}" / "*.parquet"
        return f"read_parquet({text_of(str(files))}, hive_partitioning = false)"

    def is_empty(self, shard: int) -> bool:
        """Whether no dispute fell into a shard."""
        return not (self.folder / f"_shard={shard}").is_dir()


def ingest(
    connection: duckdb.DuckDBPyConnection, rows: Rows, table: FactTable, folder: Path
) -> Ingested:
    """Read the rows once and write them to `folder`, each dispute whole in its shard.

    A row is `place, dispute_id, kind`, `_occ, _rec` (microseconds since 1970), `payload` (JSON
    text), `_shape` (null, empty or object; NULL: in doubt), and for messages `file, row, reason,
    message, raw` and the instants as texts, where those are not what `_occ` and `_rec` say.

    Raises:
        InputError: the rows cannot be read. duckdb.Error: there is too little memory or room on
            the disk.
    """
    folder.mkdir(parents=True)
    try:
        found = connection.execute(f"SELECT count(*) FROM ({rows.sql})").fetchone()
        count = int(found[0]) if found else 0
        shards = max(1, -(-count // ROWS_PER_SHARD))
        connection.execute(
            f"""COPY (SELECT *, hash(coalesce(dispute_id, '')) % {shards} AS _shard
                      FROM ({_judged(rows, table)}))
                TO {text_of(str(folder))} (FORMAT parquet, COMPRESSION snappy,
                 PARTITION_BY (_shard), DICTIONARY_SIZE_LIMIT 1)
            """
        )
    except duckdb.Error as error:
        if fault_of(error) is not None:  # of this machine, and not of the rows
            raise
        what = f"not readable: {str(error).splitlines()[0]}"
        raise InputError(rows.name, what, "Write it again.") from error
    source_rows = count if rows.source_rows is None else rows.source_rows
    return Ingested(folder, shards, source_rows, rows.found)


def _judged(rows: Rows, table: FactTable) -> str:
    """Return the rows with what they are; doubt is whatever SQL cannot be sure of."""
    lists = _names(name for name, part in table.sections.items() if part.is_list)
    objects = _names(name for name, part in table.sections.items() if not part.is_list)
    first, last = microseconds(EARLIEST), microseconds(LATEST) - 1
    shape = f"""
        CASE WHEN reason IS NOT NULL OR coalesce(dispute_id, '') = ''
               OR regexp_matches(dispute_id, {text_of(SPACE_AROUND)})
               OR _occ IS NULL OR NOT _occ BETWEEN {first} AND {last}
               OR _rec IS NULL OR NOT _rec BETWEEN {first} AND {last} THEN NULL
             WHEN payload IS NULL
             THEN CASE WHEN kind IN ({objects}) AND kind <> 'case' THEN 'null' END
             WHEN regexp_matches(payload, {text_of(DOUBTFUL_TEXT)}) OR NOT json_valid(payload)
             THEN NULL
             WHEN payload[1] = '{{' AND (kind IN ({lists}) OR kind IN ({objects})) THEN 'object'
             WHEN payload = '[]' AND kind IN ({lists}) THEN 'empty'
             WHEN payload = 'null' AND kind IN ({objects}) AND kind <> 'case' THEN 'null'
        END"""
    instants = ", ".join(_instant(name, rows.stamped is not None) for name in INSTANTS)
    return f"""
        SELECT *, {shape} AS _shape FROM (
            SELECT place, dispute_id, kind, payload, file, row, reason, message, raw, {instants}
            FROM ({rows.stamped or rows.sql}))
    """


def _names(names: Iterable[str]) -> str:
    listed = ", ".join(text_of(name) for name in names if "." not in name)
    return listed or "NULL"


def _instant(name: str, is_stamped: bool) -> str:
    """Return an instant as an integer, and as a text where that says something else."""
    number = f"_{name[:3]}"
    if not is_stamped:
        return f"{instant_sql(name)} AS {number}, {name}"
    return (
        f"CASE WHEN isfinite({name}) THEN epoch_us({name}) END AS {number}, "
        f"CASE WHEN NOT isfinite({name}) THEN {utc_text(name)} END AS {name}"
    )
