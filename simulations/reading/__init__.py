"""Reading histories: files and databases, foreign columns, dirty rows, recorded outcomes.

`open_rows` makes one relation of event rows of whatever holds a history. What needs events in
Python takes `sift`; what works in SQL takes `Rows.sql`. Both put the same rows aside, for the
same reasons.
"""

from simulations.reading.events import Sifted, sift
from simulations.reading.mapping import ColumnMap, load_mapping
from simulations.reading.outcomes import Outcomes, outcome_file, read_outcomes
from simulations.reading.rejects import (
    Reject,
    check_rejects_path,
    counted,
    refuse_all,
    write_rejects,
)
from simulations.reading.rows import Rows, open_rows
from simulations.reading.truths import TruthFile, check_truth, lay_over

__all__ = [
    "ColumnMap",
    "Outcomes",
    "Reject",
    "Rows",
    "Sifted",
    "TruthFile",
    "check_rejects_path",
    "check_truth",
    "counted",
    "lay_over",
    "load_mapping",
    "open_rows",
    "outcome_file",
    "read_outcomes",
    "refuse_all",
    "sift",
    "write_rejects",
]
