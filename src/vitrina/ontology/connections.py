"""Read-only connections to an SQLite file, for any number of threads."""

from __future__ import annotations

import sqlite3
import weakref
from collections import deque
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.ontology.tables import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Connections:
    """A connection is opened when a thread needs one and none is idle, and is then kept for the next.

    Args:
        path: A file that is never written to, only ever replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection for the length of the block.

        Raises:
            UnreadableError: The file is damaged, or no ontology file of this version.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = open_connection(self._path)
        try:
            yield connection
        except sqlite3.DatabaseError as err:
            connection.close()
            raise _build_error(self._path, str(err)) from err
        self._idle.append(connection)


def open_connection(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, and for which SQLite takes no locks.

    Raises:
        UnreadableError: It is no ontology file of this version.

    Source: https://www.sqlite.org/uri.html#uriimmutable
    """
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        with closing(connection.cursor()) as cursor:
            found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    except sqlite3.DatabaseError as err:
        raise _build_error(path, str(err)) from err
    if found != [APPLICATION_ID, VERSION]:
        connection.close()
        raise _build_error(path, f"found application id and version {found}, expected {[APPLICATION_ID, VERSION]}")
    return connection


def _build_error(path: Path, reason: str) -> UnreadableError:
    return UnreadableError(
        "ontology-file-unreadable",
        f"{path} cannot be read as an ontology file: {reason}.",
        hint="Delete it and make it anew: the shipped one with `make ontology`, an instance's own by importing again.",
        where=str(path),
    )


def _close_all(idle: deque[sqlite3.Connection]) -> None:
    while idle:
        idle.pop().close()
