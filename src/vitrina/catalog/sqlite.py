"""SQLite, set up as the catalog needs it.

A write-ahead log, so that readers and the one writer do not wait for each other; on a network file system, where its
shared memory does not work, a rollback journal. ``synchronous=FULL`` in both: what was reported as added is on the
disk, as its bytes are. One more ``fsync`` per write is little next to moving the bytes.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DBAPIError

from vitrina.catalog.json_text import build_json_text
from vitrina.catalog.mounts import find_network_type
from vitrina.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 16_384

_PREFIX = "sqlite:///"
_WRITES = "vitrina_writes"


def build_engine(url: str) -> Engine:
    """An engine for a URL such as ``sqlite:////data/lab/.vitrina/catalog.sqlite``; nothing is opened yet.

    Raises:
        InputError: The URL has no absolute path.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(parse_url(url))),
        json_serializer=build_json_text,
        max_overflow=-1,  # as many connections as threads: each is cheap, and waiting for one could deadlock
    )
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def parse_url(url: str) -> Path:
    """The path in a SQLite URL: three slashes, then the path as it is, which starts with a fourth.

    Raises:
        InputError: The path is not absolute.
    """
    path = url.removeprefix(_PREFIX)
    if path == url or not path.startswith("/"):
        raise InputError(
            "database-url-malformed",
            f"{url!r} does not name a file: expected sqlite:/// and an absolute path, such as sqlite:////data/lab.db.",
        )
    return Path(path)


def build_writer(engine: Engine) -> Engine:
    """The same engine for transactions that write: they take SQLite's write lock at once instead of failing midway."""
    return engine.execution_options(**{_WRITES: True})


def set_journal(engine: Engine) -> str | None:
    """Choose the journal for where the file lies. The choice is kept in the file.

    Returns:
        Type of the network file system; None on a local one.
    """
    network_type = find_network_type(Path(engine.url.database or "").resolve())
    wanted = "wal" if network_type is None else "delete"
    with engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != wanted:
            connection.rollback()
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA journal_mode = {wanted}")
            cursor.close()
    return network_type


def _set_up_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by its own rules
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "foreign_keys = ON",
        "synchronous = FULL",
        f"cache_size = -{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    statement = "BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN"
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(statement).close()  # not by SQLAlchemy, which takes ten times as long as SQLite
    except sqlite3.Error as err:
        raise DBAPIError.instance(statement, None, err, sqlite3.Error, dialect=connection.dialect) from err
