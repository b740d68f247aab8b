"""Asking a database for rows so that nothing in it can change, whatever the query says."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from reso.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

SESSIONS = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
"""What makes all that follows on a connection read-only, by the kind of database."""
REFUSE_ALL_WRITES = ("sqlite", "postgresql")
"""Databases of which the session alone refuses whatever writes, files of the server aside."""
COMMENT = re.compile(r"--[^\n]*|/\*(?![!M]).*?\*/", re.DOTALL)
FIRST_WORD = re.compile(r"[\s(]*(\w+)")
WRITING = (
    "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "DROP", "ALTER", "CREATE", "TRUNCATE", "RENAME",
    "EXEC", "EXECUTE", "CALL", "GRANT", "REVOKE",
)  # fmt: skip
WRITES = re.compile(rf"\b({'|'.join(WRITING)})\b", re.IGNORECASE)


def refuse_writing(query: str, backend: str, said: str = "--query") -> None:
    """Refuse a query that is not one SELECT, or WITH and a SELECT, before anything runs.

    Databases disagree on where a text or a comment ends. So a `;` is refused wherever it stands
    but at the end, and so are words that write, unless the session itself refuses writing.

    Args:
        backend: the kind of database, as SQLAlchemy calls it.
        said: what messages call the query.

    Raises:
        InputError: it is anything else.
    """
    asked = query.strip().removesuffix(";")
    if ";" in asked:
        what, todo = "holds a `;` before its end", "Write one SELECT; of a `;` in a text, a view."
        raise InputError(said, what, todo)
    first = FIRST_WORD.match(COMMENT.sub(" ", asked))
    if first is None or first[1].upper() not in ("SELECT", "WITH"):
        raise InputError(said, "is no SELECT", "A history is only read: write a SELECT.")
    found = None if backend in REFUSE_ALL_WRITES else WRITES.search(asked)
    if found is not None:
        what = f"holds the word `{found[0]}`, which may write there"
        raise InputError(said, what, "Make a view of it there, and select from that.")


def read_only_engine(url: "URL") -> "Engine":
    """Return an engine whose connections read only, as far as the database lets them be so.

    A file of SQLite is opened for reading; of PostgreSQL, MySQL and MariaDB every transaction is
    READ ONLY. Others know no such thing: of them `refuse_writing` is what there is.
    """
    from sqlalchemy import create_engine, event

    engine = create_engine(_for_reading(url))
    session = SESSIONS.get(url.get_backend_name())
    if session is not None:

        @event.listens_for(engine, "connect")
        def make_read_only(connection: "_Connection", record: object) -> None:
            cursor = connection.cursor()
            cursor.execute(session)
            cursor.close()
            connection.commit()

    return engine


if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection as _Connection


def _for_reading(url: "URL") -> "URL":
    """Return the address of a file of SQLite such that it is opened for reading only."""
    if url.get_backend_name() != "sqlite" or url.get_driver_name() != "pysqlite":
        return url
    file = quote(str(Path(url.database or "").resolve()))
    return url.set(database=f"file:{file}").update_query_dict({"mode": "ro", "uri": "true"})
