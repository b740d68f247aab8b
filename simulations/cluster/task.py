"""What one Spark task does: it leads the disputes of one slice, and hands back what came of them.

This runs in the Python of a worker. A slice is led by the same loop and the same SQL as on one
machine, in a DuckDB of the task's own; nothing is written but what DuckDB spills.
"""

import hashlib
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

import reso
import simulations
from reso.errors import InputError
from reso.facts.table import FactTable
from reso.policy.model import Policy
from simulations.cluster.slices import open_slice
from simulations.fast.questions import UnsupportedPolicyError
from simulations.fast.replaying import PROPOSED, Replay, replay
from simulations.literals import text_of
from simulations.measures.tables import INSTANT, MOVEMENTS, RESULTS

MEMORY = "1GB"
"""What DuckDB may hold in memory in one task; beyond it, tables go to disk."""
ROWS_AT_ONCE = 10_000
CODE = ("*.py", "*.yaml", "*.lark")

SPARK_TYPES: Mapping[str, str] = {
    "VARCHAR": "STRING",
    INSTANT: "TIMESTAMP",
    "BIGINT": "BIGINT",
    "INTEGER": "INT",
    "BOOLEAN": "BOOLEAN",
}
COUNTS: Mapping[str, str] = {"kinds": "INTEGER", "steps": "INTEGER"}
FAILED: Mapping[str, str] = {"what": "VARCHAR", "place": "VARCHAR", "todo": "VARCHAR"}
STRUCTS: Mapping[str, Mapping[str, str]] = {
    "result": RESULTS,
    "movement": MOVEMENTS,
    "counts": COUNTS,
    "failed": FAILED,
}
"""The parts of a row: each row has its slice, and one part; all others are NULL."""


def spark_schema() -> str:
    """Return the columns of what a task hands back, as Spark declares them."""
    parts = [f"{name} {_struct(fields)}" for name, fields in STRUCTS.items()]
    return ", ".join(
        ["slice BIGINT", *parts, "proposed STRING", "by_reference MAP<STRING, BIGINT>"]
    )


def _struct(fields: Mapping[str, str]) -> str:
    listed = ", ".join(f"{name}: {SPARK_TYPES[kind]}" for name, kind in fields.items())
    return f"STRUCT<{listed}>"


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done with every slice.

    Attributes:
        folder: that of the slices, the same path wherever a task runs.
        until: the last instant; None: until nothing is left to happen.
    """

    folder: Path
    table: FactTable
    policy: Policy
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Work as it travels: read only where the same program reads it.

    Attributes:
        means: what leads disputes on the driver, as `means` says there.
        work: a pickled `Work`.
    """

    means: Mapping[str, str]
    work: bytes

    @classmethod
    def of(cls, work: Work) -> "Sent":
        """Return work, ready to travel."""
        return cls(means(), pickle.dumps(work))

    def read(self) -> Work:
        """Return the work.

        Raises:
            InputError: this is another program than the driver's.
        """
        here = means()
        for name, there in self.means.items():
            if here[name] != there:
                what = f"has {name} {here[name]}, and the driver {there}"
                raise InputError("a worker", what, "Install the same on all machines.")
        work = pickle.loads(self.work)
        assert isinstance(work, Work)
        return work


@cache
def means() -> Mapping[str, str]:
    """Return what leads disputes here: the version of Python, of DuckDB, and of our own code."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"Python": python, "DuckDB": version("duckdb"), "the code": code_hash()}


def code_hash() -> str:
    """Return the SHA-256 (16 hex digits) of everything this project's packages hold."""
    whole = hashlib.sha256()
    for package in (reso, simulations):
        folder = Path(package.__path__[0])
        for file in sorted(file for pattern in CODE for file in folder.rglob(pattern)):
            whole.update(f"{package.__name__}/{file.relative_to(folder).as_posix()}\n".encode())
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]


def lead_slices(sent: Sent, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Lead the slices whose numbers come in; yield rows of `spark_schema`.

    What is wrong with the input is a row as well: trying the task again would not mend it.
    """
    for batch in batches:
        for number in batch.column(0).to_pylist():
            try:
                yield from _lead(sent.read(), number)
            except (InputError, UnsupportedPolicyError) as error:
                yield _failure(number, error)


def _lead(work: Work, number: int) -> Iterator[pa.RecordBatch]:
    prepared = open_slice(work.folder, number, work.table)
    with TemporaryDirectory(prefix="reso-") as spill, duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute(f"SET temp_directory = {text_of(spill)}")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        done = replay(prepared, work.policy, work.until, connection=connection)
        yield from _rows(done, number)


def _rows(done: Replay, number: int) -> Iterator[pa.RecordBatch]:
    """Yield the tables of a run, row by row."""
    names = done.table.names
    whys = ", ".join(f"{text_of(why)}: {count}" for why, count in done.by_reference.items())
    counts = f"{{'kinds': {done.kinds}, 'steps': {done.steps}}}"
    for query in (
        _part(number, "result", _packed(RESULTS), f"FROM {names.results}"),
        _part(number, "movement", _packed(MOVEMENTS), f"FROM {names.movements}"),
        _part(number, "proposed", "dispute_id", f"FROM {PROPOSED}"),
        _part(number, "counts", counts),
        _part(number, "by_reference", f"MAP {{{whys}}}"),
    ):
        yield from done.table.connection.sql(query).to_arrow_reader(ROWS_AT_ONCE)


def _failure(number: int, error: InputError | UnsupportedPolicyError) -> pa.RecordBatch:
    parts = {"what": str(error), "place": "", "todo": ""}
    if isinstance(error, InputError):
        parts = {"what": error.what, "place": error.where, "todo": error.todo}
    told = ", ".join(f"'{name}': {text_of(parts[name])}" for name in FAILED)
    with duckdb.connect() as connection:
        table = connection.sql(_part(number, "failed", f"{{{told}}}")).to_arrow_table()
    return table.to_batches()[0]


def _part(number: int, part: str, sql: str, source: str = "") -> str:
    """Return a query of rows that hold one part."""
    types = {name: _duckdb_struct(fields) for name, fields in STRUCTS.items()}
    types |= {"proposed": "VARCHAR", "by_reference": "MAP(VARCHAR, BIGINT)"}
    columns = (
        f"CAST({sql if name == part else 'NULL'} AS {kind}) AS {name}"
        for name, kind in types.items()
    )
    return f"SELECT {number}::BIGINT AS slice, {', '.join(columns)} {source}"


def _duckdb_struct(fields: Mapping[str, str]) -> str:
    listed = ", ".join(f"{name} {kind}" for name, kind in fields.items())
    return f"STRUCT({listed})"


def _packed(fields: Mapping[str, str]) -> str:
    listed = ", ".join(f"'{name}': {name}" for name in fields)
    return f"{{{listed}}}"
