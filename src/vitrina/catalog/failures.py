"""What a database error means for whoever uses the catalog."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vitrina.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WAIT = "Another process has been writing for a long time; try again when it is done."
_FULL = "Free space on the disk that holds the catalog."
_TOO_MANY = "Close other programs that use the database, or raise max_connections on its server."
_SIGN_IN = "Check user and password in the URL, ~/.pgpass or PGPASSWORD, and pg_hba.conf on the server."
_UNREACHABLE = "Check that PostgreSQL runs there, and host and port in the URL."
_STARTING = "The server is starting or stopping; try again in a moment."

_HINTS: Mapping[str, str] = {
    "locked": _WAIT,
    "disk is full": _FULL,
    "readonly": "Check who owns the catalog's folder and whether the disk is mounted read-only.",
    "unable to open": "Check that the folder exists and that you may write to it.",
    "not a database": "The file is something else; name another one, or restore it from a backup.",
    "malformed": "The file is damaged; restore it from a backup.",
    "too many clients": _TOO_MANY,
    "connection slots are reserved": _TOO_MANY,
    "database system is": _STARTING,
    "password": _SIGN_IN,
    "authentication failed": _SIGN_IN,
    "pg_hba.conf": _SIGN_IN,
    "role": _SIGN_IN,
    "does not exist": "Make the database with: createdb NAME.",
    "Connection refused": _UNREACHABLE,
    "No such file": _UNREACHABLE,
    "resolve": _UNREACHABLE,
    "translate host name": _UNREACHABLE,
    "timeout": _UNREACHABLE,
    "invalid connection option": "Check what stands after ? in the URL; PostgreSQL calls these connection parameters.",
}
"""Next steps by what the message contains; the first that fits. SQLite, and PostgreSQL before it is connected."""

_HINTS_BY_STATE: Mapping[str, str] = {
    "53100": _FULL,
    "53300": _TOO_MANY,
    "55P03": _WAIT,
    "57014": "The database takes very long: it is under heavy load, or its statistics are old (ANALYZE).",
    "57P01": _STARTING,
    "57P02": _STARTING,
    "57P03": _STARTING,
    "25006": "The server takes no writes: connect to the primary instead of a standby.",
    "42501": "The user needs the right to make tables: GRANT CREATE, USAGE ON SCHEMA public TO user.",
}
"""Next steps by SQLSTATE. Source: https://www.postgresql.org/docs/15/errcodes-appendix.html"""


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Turn the database's own errors into one of ours.

    Args:
        where: URL of the database, without its password.

    Raises:
        StorageError: The database could not be read or written.
    """
    try:
        yield
    except DBAPIError as err:
        reason = _tell_reason(err.orig)
        message = f"The catalog at {where} cannot be used: {reason}."
        raise StorageError("catalog-unavailable", message, hint=_find_hint(err.orig, reason), where=where) from err
    except PoolTimeoutError as err:
        message = f"The catalog at {where} cannot be used: all connections of this process are busy."
        raise StorageError("catalog-unavailable", message, hint="Try again in a moment.", where=where) from err


def _tell_reason(error: BaseException | None) -> str:
    """What the database says, in one line. Never the statement, whose values are the user's."""
    primary: str | None = getattr(getattr(error, "diag", None), "message_primary", None)
    lines = (primary or str(error)).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _find_hint(error: BaseException | None, reason: str) -> str | None:
    state: str | None = getattr(error, "sqlstate", None)
    if state is not None:
        return _HINTS_BY_STATE.get(state)
    return next((hint for text, hint in _HINTS.items() if text in reason), None)
