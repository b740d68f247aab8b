"""Texts as SQL writes them, and files as it reads them."""

from pathlib import Path


def text_of(text: str) -> str:
    """Return a text, quoted."""
    return "'" + text.replace("'", "''") + "'"


def parquet_of(file: Path) -> str:
    """Return the relation of the rows of a Parquet file."""
    return f"read_parquet({text_of(str(file))})"
