"""The documented schema: event rows and recorded outcomes, and what their files are called."""

from collections.abc import Mapping
from pathlib import Path

from reso.facts.table import FactTable

COLUMNS = ("dispute_id", "occurred_at", "recorded_at", "kind", "payload")
INSTANTS = ("occurred_at", "recorded_at")
PLACED = (*COLUMNS, "file", "row", "reason", "message", "raw")
"""Columns of every relation of event rows that `open_rows` makes."""

OUTCOMES = "outcomes"
"""The name of the file beside the events that holds recorded outcomes, without its ending."""
OUTCOME_COLUMNS = (
    "dispute_id",
    "ruling",
    "amount",
    "decided_by",
    "accepted_by",
    "decided_at",
    "truth",
    "accused",
    "seller",
    "seller_size",
    "region",
)
RULINGS = "standing_decision"
"""The fact whose values are the words of a ruling."""
DECIDED_BY = ("human", "automatic", "buyer", "seller")
ACCEPTED_BY = ("both", "buyer", "seller", "none")
TRUTHS = ("refund", "no_refund")

JSONL = (".jsonl", ".ndjson")
CSV = ".csv"
PARQUET = ".parquet"
SUFFIXES = (*JSONL, CSV, PARQUET)
TEXTS = (".md", ".yaml", ".yml", ".py", ".html")
"""Endings of what may stand beside rows and is not meant to hold any."""
HIDDEN = "hidden"
"""The folder in which a generated history keeps what nobody who rules may know."""


def outcome_words(table: FactTable) -> Mapping[str, tuple[str, ...]]:
    """Return the words that columns of outcomes may hold; a ruling has those of `RULINGS`."""
    return {
        "ruling": table.fields[RULINGS].values,
        "decided_by": DECIDED_BY,
        "accepted_by": ACCEPTED_BY,
        "truth": TRUTHS,
    }


def is_table_file(path: Path) -> bool:
    """Whether the name of a file says that it holds rows."""
    return path.suffix.lower() in SUFFIXES


def is_outcome_file(path: Path) -> bool:
    """Whether the name of a file says that it holds recorded outcomes."""
    return path.stem == OUTCOMES and is_table_file(path)
