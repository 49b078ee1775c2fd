"""PostgreSQL, set up as the catalog needs it.

**Reads** are ``REPEATABLE READ, READ ONLY``: all statements of a transaction see one snapshot. Such a transaction
never waits for a writer, never makes one wait, and never fails for what others do.

**Writes** are ``READ COMMITTED``, and begin by counting ``instance.change`` up, which locks that row until they commit
(see ``database.Database.write``). A second writer waits in that statement and, once it goes on, reads the row anew;
each of its later statements takes a snapshot of its own, which holds all that the writers before it committed, and
nobody else writes until it is done. So writers run as if one after the other, and none ever has to be tried again.
Under ``REPEATABLE READ`` a writer that had to wait would fail, because its snapshot is taken before it waits.

Row ids come from sequences, which know of no transactions; because they are drawn while the row is locked, ids rise in
the order of changes, and a gap is all that a failed transaction leaves.

Source: https://www.postgresql.org/docs/15/transaction-iso.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from vitrina.catalog.json_text import NUL, REPLACEMENT, build_json_text
from vitrina.errors import InputError, MissingExtraError, UnsupportedError
from vitrina.model.database_url import hide_password

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_MS = 30_000
"""How long a writer waits for the others, as with SQLite."""
STATEMENT_TIMEOUT_MS = 120_000
IDLE_TIMEOUT_MS = 300_000
"""A transaction that does nothing for so long is ended: its process hangs, and others may wait for it."""

POOL_SIZE = 5
MAX_OVERFLOW = 15
"""At most 20 connections per process of the 100 that a server has by default. A thread needs one at a time."""

OLDEST_VERSION = 13
UPGRADE_LOCK = 0x76697472696E61
"""Key of the advisory lock under which the tables are made: ``vitrina`` in ASCII."""

_WRITES = "vitrina_writes"


def build_engine(url: str) -> Engine:
    """An engine for a URL such as ``postgresql://ada@db.lab/vitrina``; nothing is opened yet.

    Raises:
        InputError: The URL is malformed.
        MissingExtraError: psycopg is not installed.
    """
    parsed = parse_url(url)
    defaults = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "vitrina"}
    try:
        engine = create_engine(
            parsed,
            json_serializer=build_json_text,
            pool_size=POOL_SIZE,
            max_overflow=MAX_OVERFLOW,
            pool_pre_ping=True,  # a connection that a restart of the server has ended is replaced before it is used
            pool_use_lifo=True,
            connect_args={name: value for name, value in defaults.items() if name not in parsed.query},
        )
    except ImportError as err:
        raise MissingExtraError(
            "extra-missing",
            f"A catalog in PostgreSQL needs psycopg, which is not installed ({err}).",
            hint="Install it with: pip install 'vitrina[postgres]'.",
        ) from err
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def parse_url(url: str) -> URL:
    """The parts of a URL, for psycopg; a password in the query moves to where it is never shown.

    Raises:
        InputError: It is malformed, or names no database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # their messages hold the password
        parsed = None
    if parsed is None or not parsed.database:
        raise InputError(
            "database-url-malformed",
            f"{hide_password(url)!r} does not name a database: expected postgresql://USER@HOST/DATABASE.",
            hint="Write signs such as @ : / % in a password as %40 %3A %2F %25, or keep it in ~/.pgpass.",
        )
    password = parsed.query.get("password")
    if isinstance(password, str):
        parsed = parsed.set(password=password).difference_update_query(["password"])
    return parsed.set(drivername="postgresql+psycopg")


def build_writer(engine: Engine) -> Engine:
    """The same engine for transactions that write, as this module's docstring says."""
    return engine.execution_options(**{_WRITES: True})


def begin_upgrade(connection: Connection) -> None:
    """Wait until no other process makes tables, and take as long as making them takes.

    Raises:
        UnsupportedError: The server is too old, or the database stores another encoding than UTF-8.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if version < OLDEST_VERSION:
        raise UnsupportedError(
            "database-too-old",
            f"The server is PostgreSQL {version}; the catalog needs {OLDEST_VERSION} or later.",
            hint="Use a newer server.",
        )
    if encoding != "UTF8":
        raise UnsupportedError(
            "database-encoding",
            f"The database stores text as {encoding}, and the catalog needs UTF8.",
            hint="Make one with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.",
        )


def _set_up_connection(connection: Any, _record: object) -> None:
    from psycopg.adapt import Dumper

    class TextDumper(Dumper):
        """PostgreSQL cannot store U+0000; what replaces it is stored and looked for alike."""

        def dump(self, obj: str) -> bytes:
            return obj.replace(NUL, REPLACEMENT).encode()

    connection.adapters.register_dumper(str, TextDumper)
    was_autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false),"
        " set_config('idle_in_transaction_session_timeout', %s, false), set_config('TimeZone', 'UTC', false)",
        (f"{LOCK_TIMEOUT_MS}ms", f"{STATEMENT_TIMEOUT_MS}ms", f"{IDLE_TIMEOUT_MS}ms"),
    )
    connection.autocommit = was_autocommit


def _begin(connection: Connection) -> None:
    """Say how the transaction is to begin, which psycopg does with the first statement."""
    from psycopg import IsolationLevel

    writes = bool(connection.get_execution_options().get(_WRITES))
    driver: Any = connection.connection.dbapi_connection
    driver.isolation_level = IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
    driver.read_only = not writes
