"""What is recorded of the disputes of a sweep: read once, put beside the results of each step."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.table import FactTable
from simulations.measures.tables import ResultsTable
from simulations.reading import load_mapping, read_outcomes, refuse_all
from simulations.reading.schema import TRUTHS
from simulations.reading.sql import text_of
from simulations.sources import Source, outcomes_of

READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}


@dataclass
class RecordedOutcomes:
    """Recorded outcomes, kept as a file in `folder` once they have been read.

    Attributes:
        truth: a file of `dispute_id` and `truth`; it says what was really due, whatever the file
            of outcomes says. None: only that one.
    """

    source: Source
    table: FactTable
    folder: Path
    truth: Path | None = None
    _kept: Path | None = field(default=None, init=False)

    def fill(self, results: ResultsTable) -> None:
        """Fill the table `recorded` of a run.

        Raises:
            InputError, CaseError: a file cannot be read.
        """
        if self._kept is None:
            self._kept = self.folder / "recorded.parquet"
            self._read(results.connection, self._kept)
        results.fill("recorded", f"SELECT * FROM read_parquet({text_of(str(self._kept))})")

    def _read(self, runs: duckdb.DuckDBPyConnection, target: Path) -> None:
        """Read what is there, whose amounts are in the currencies of these results."""
        disputes = self.folder / "disputes.parquet"
        runs.execute(f"COPY (SELECT dispute_id, currency FROM results) TO {text_of(str(disputes))}")
        with ResultsTable.empty().connection as own:
            own.execute(
                f"CREATE TABLE disputes AS SELECT * FROM read_parquet({text_of(str(disputes))})"
            )
            at = outcomes_of(self.source, self.table)
            if at is not None:
                columns = None if at.mapping is None else load_mapping(at.mapping, self.table)
                place = (at.where, self.folder)
                told = read_outcomes(own, *place, self.table, "disputes", columns, at.query)
                if at.strict:
                    refuse_all(told.rejects)
            if self.truth is not None:
                _lay_over(own, self.truth)
            own.execute(f"COPY recorded TO {text_of(str(target))} (FORMAT parquet)")


def _lay_over(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Let a file of truths say what was really due in the disputes it names."""
    source = f"{READERS.get(file.suffix.lower(), '')}({text_of(str(file))})"
    words = ", ".join(map(text_of, TRUTHS))
    if file.suffix.lower() not in READERS:
        raise InputError(str(file), "is no table", f"Name a file {', '.join(READERS)}.")
    try:
        connection.execute(f"CREATE TABLE truths AS SELECT dispute_id, truth FROM {source}")
    except duckdb.Error as error:
        what = f"not readable: {str(error).splitlines()[0]}"
        raise InputError(str(file), what, "It has columns `dispute_id` and `truth`.") from error
    odd = connection.execute(
        f"SELECT truth FROM truths WHERE truth NOT IN ({words}) LIMIT 1"
    ).fetchone()
    if odd is not None:
        raise InputError(str(file), f"`{odd[0]}` is no truth", f"Write {' or '.join(TRUTHS)}.")
    connection.execute(
        "DELETE FROM truths WHERE truth IS NULL "
        "OR dispute_id NOT IN (SELECT dispute_id FROM disputes)"
    )
    connection.execute(
        "UPDATE recorded SET truth = t.truth FROM truths t WHERE t.dispute_id = recorded.dispute_id"
    )
    connection.execute(
        "INSERT INTO recorded BY NAME SELECT dispute_id, min(truth) AS truth FROM truths "
        "WHERE dispute_id NOT IN (SELECT dispute_id FROM recorded) GROUP BY dispute_id"
    )
