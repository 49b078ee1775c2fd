"""The connection to a catalog's database: which module sets it up is told by the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.catalog import postgresql, sqlite
from vitrina.errors import UnsupportedError
from vitrina.model.database_url import hide_password, is_database_url

if TYPE_CHECKING:
    from sqlalchemy import Engine


def build_engine(url: str) -> Engine:
    """An engine whose transactions read; nothing is opened yet.

    Args:
        url: ``sqlite:///`` and an absolute path, or ``postgresql://user@host/database``.

    Raises:
        InputError: The URL is malformed.
        MissingExtraError: The driver of the database is not installed.
        UnsupportedError: Another database than SQLite and PostgreSQL.
    """
    if not is_database_url(url):
        raise UnsupportedError(
            "database-unsupported",
            f"{hide_password(url)!r} is no database that a catalog can be in.",
            hint="Use sqlite:/// and an absolute path, or postgresql://USER@HOST/DATABASE.",
        )
    if url.startswith("sqlite:"):
        return sqlite.build_engine(url)
    return postgresql.build_engine(url)


def build_writer(engine: Engine) -> Engine:
    """The same engine for transactions that write, one after the other."""
    if engine.dialect.name == "sqlite":
        return sqlite.build_writer(engine)
    return postgresql.build_writer(engine)
