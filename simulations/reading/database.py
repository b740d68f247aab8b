"""Rows of a database, by its URL and a query. No message shows a password."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from reso.errors import InputError
from simulations.reading.read_only import read_only_engine, refuse_writing
from simulations.reading.relations import Relation, write_cells
from simulations.reading.spool import Cell

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

AT_A_TIME = 10_000
"""Rows fetched from the database at a time."""
SECRETS = ("password", "passwd", "pwd", "sslpassword", "token")
HIDDEN = "***"
FAR_FILES = ("http", "https", "ftp", "s3", "gs", "gcs", "az", "abfs", "abfss", "hdfs", "file")
"""What files elsewhere are addressed by; histories are read from this machine and databases."""
PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}
"""Of drivers that are called otherwise than the package that holds them, that package."""


def is_url(where: str) -> bool:
    """Whether a source is a database, not a path."""
    return "://" in where


def shown_url(where: str) -> str:
    """Return a URL as messages show it: without its password.

    Raises:
        InputError: it is no URL of a database.
    """
    return _shown(_parsed(where))


def asked(where: str, query: str, folder: Path, said: str = "--query") -> Relation:
    """Return the answer of a database to a query, which can change nothing there.

    Rows are fetched a few at a time. Values become texts: instants ISO 8601, JSON its text, numbers
    as the database writes them.

    Args:
        folder: where a Parquet file of the answer is written.
        said: what messages call the query.

    Raises:
        InputError: there is no such database, it refuses us or the query, or its driver lacks; or
            the query is not one SELECT.
    """
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    url = _parsed(where)
    name = _shown(url)
    _refuse_missing_file(url, name)
    refuse_writing(query, url.get_backend_name(), said)
    file = folder / "answer.parquet"
    try:
        engine = read_only_engine(url)
        try:
            with engine.connect() as connection:
                return _answer(connection, query, name, file, said)
        finally:
            engine.dispose()
    except NoSuchModuleError as error:
        what = f"no database is called `{url.drivername}`"
        raise InputError(
            name, what, "Write postgresql://, mysql+pymysql://, sqlite:///."
        ) from error
    except ModuleNotFoundError as error:
        todo = f"Install it: pip install {PACKAGES.get(error.name or '', error.name)}"
        raise InputError(name, f"the driver `{error.name}` is not installed", todo) from error
    except SQLAlchemyError as error:
        what = _said(error, url)
        raise InputError(name, what, "Check the address and the query.") from error


def _answer(connection: "Connection", query: str, name: str, file: Path, said: str) -> Relation:
    from sqlalchemy import text

    streamed = connection.execution_options(stream_results=True, yield_per=AT_A_TIME)
    result = streamed.execute(text(query.replace(":", r"\:")))
    if not result.returns_rows:
        raise InputError(said, "gives no rows", "Write a SELECT.")
    names = list(result.keys())
    if len(set(names)) != len(names):
        raise InputError(said, "gives two columns of one name", "Name each with AS.")
    write_cells(file, names, _rows(iter(result)))
    return Relation(name, "cells", file, dict.fromkeys(names, "VARCHAR"))


def _rows(
    rows: Iterator[Sequence[object]],
) -> Iterator[tuple[Sequence[Cell], str | None, str | None]]:
    for row in rows:
        yield [None if value is None else _text(value) for value in row], None, None


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).decode(errors="replace")
        case Mapping() | list():
            return json.dumps(value, ensure_ascii=False, default=_plain)
        case _:
            return str(value)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else _text(value)


def _parsed(where: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    scheme, _, rest = where.partition("://")
    if scheme.lower() in FAR_FILES:
        name = f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
        todo = "Fetch the file to this machine, and name its path."
        raise InputError(name, "is a file elsewhere, and no database", todo)
    try:
        return make_url(where)
    except (SQLAlchemyError, ValueError) as error:
        what = "cannot be read as the address of a database"
        todo = "Write it like postgresql://user:password@host/name."
        raise InputError(f"{scheme}://{HIDDEN}", what, todo) from error


def _shown(url: "URL") -> str:
    hidden = {name: HIDDEN for name in url.query if name.lower() in SECRETS}
    told: str = url.update_query_dict(hidden).render_as_string(hide_password=True)
    return told.replace(quote_plus(HIDDEN), HIDDEN)


def _refuse_missing_file(url: "URL", name: str) -> None:
    """Refuse a file of SQLite that is not there, which connecting to would make."""
    file = url.database
    if url.get_backend_name() == "sqlite" and (not file or not Path(file).is_file()):
        raise InputError(name, "no such file", "Check the path: sqlite:///folder/file.db.")


def _said(error: Exception, url: "URL") -> str:
    """Return the first line of what a database said, without any secret of the URL."""
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".")
    secrets = [url.password or ""]
    for name, value in url.query.items():
        if name.lower() in SECRETS:
            secrets += [value] if isinstance(value, str) else value
    for secret in filter(None, secrets):
        said = said.replace(str(secret), HIDDEN)
    return f"the database says: {said}"
