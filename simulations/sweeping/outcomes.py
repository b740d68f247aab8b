"""What is recorded of the disputes of a sweep: read once, put beside the results of each step."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from reso.facts.table import FactTable
from simulations.literals import text_of
from simulations.measures.tables import ResultsTable
from simulations.reading import lay_over, load_mapping, read_outcomes, refuse_all
from simulations.sources import Source, outcomes_of


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
                lay_over(own, self.truth, self.folder, "disputes")
            own.execute(f"COPY recorded TO {text_of(str(target))} (FORMAT parquet)")
