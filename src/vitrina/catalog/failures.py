"""What a database error means for whoever uses the catalog."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from vitrina.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINTS = {
    "locked": "Another process has been writing for a long time; try again when it is done.",
    "full": "Free space on the disk that holds the catalog.",
    "readonly": "Check who owns the catalog's folder and whether the disk is mounted read-only.",
    "unable to open": "Check that the folder exists and that you may write to it.",
    "not a database": "The file is something else; name another one, or restore it from a backup.",
    "malformed": "The file is damaged; restore it from a backup.",
}


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Turn the database's own errors into one of ours.

    Raises:
        StorageError: The database could not be read or written.
    """
    try:
        yield
    except DBAPIError as err:
        reason = str(err.orig)
        hint = next((hint for text, hint in _HINTS.items() if text in reason), None)
        message = f"The catalog at {where} cannot be used: {reason}."
        raise StorageError("catalog-unavailable", message, hint=hint, where=where) from err
