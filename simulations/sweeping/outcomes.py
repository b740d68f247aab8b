"""What is recorded of the disputes of a sweep: read once, put beside the results of each step."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reso.facts.table import FactTable
from simulations.measures.tables import ResultsTable
from simulations.reading import lay_over, load_mapping
from simulations.reading.database import is_url
from simulations.reading.outcomes import outcome_file, read_outcomes
from simulations.reading.sql import text_of
from simulations.sources import Source


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
            where, mapping = self._file()
            if where is not None:
                columns = None if mapping is None else load_mapping(mapping, self.table)
                read_outcomes(own, where, self.folder, self.table, "disputes", columns)
            if self.truth is not None:
                lay_over(own, self.truth, self.folder, "disputes")
            own.execute(f"COPY recorded TO {text_of(str(target))} (FORMAT parquet)")

    def _file(self) -> tuple[Path | None, Path | None]:
        """Return where the outcomes are, and the mapping that says which column is what."""
        if is_url(self.source.where):
            return None, None
        mapping = self.source.mapping
        if mapping is not None:
            told = load_mapping(mapping, self.table).outcomes is not None
            return (Path(self.source.where), mapping) if told else (None, None)
        return outcome_file(self.source.where), None
