"""Names, texts and instants as SQL writes them, and who reads it."""

from functools import cache

import duckdb

STAMPED = "TIMESTAMP WITH TIME ZONE"
OFFSET = r"[T ]\d{2}:.*([zZ]|[+-]\d{2}(:?\d{2})?)$"
"""A text with a UTC offset at its end, after a clock time: the day of a date is none."""


def name_of(name: str) -> str:
    """Return the name of a column, quoted."""
    return '"' + name.replace('"', '""') + '"'


def utc_text(instant: str) -> str:
    """Return SQL that writes a TIMESTAMPTZ as ISO 8601 text in UTC."""
    return f"strftime({instant} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'"


def connected() -> duckdb.DuckDBPyConnection:
    """Return a connection that holds no table: all share one database, as opening one is slow."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
