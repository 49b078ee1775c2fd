"""Read-only connections to an ontology file, for any number of threads."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.ontology.tables import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A connection, and the small tables of its file, which so need no joins.

    Attributes:
        connection: To one state of the file, whatever becomes of its path.
        registries: Numbers by class name.
        releases: Source and organism by number.
        attributes: By number.
    """

    connection: sqlite3.Connection
    registries: Mapping[str, int]
    releases: Mapping[int, tuple[str | None, str | None]]
    attributes: Mapping[int, Mapping[str, str]]

    def query(self, statement: str, **parameters: Any) -> list[Any]:
        """All rows of a statement."""
        return self.connection.execute(statement, parameters).fetchall()


class Connections:
    """A connection is opened when a thread needs one and none is idle, and is then kept for the next.

    Args:
        path: A file that is never written to, only ever replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[OpenFile] = deque()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def borrow(self) -> Iterator[OpenFile]:
        """A connection for the length of the block.

        Raises:
            UnreadableError: The file is damaged, or no ontology file of this version.
        """
        try:
            file = self._idle.pop()
        except IndexError:
            file = open_file(self._path)
        try:
            yield file
        except sqlite3.ProgrammingError:  # a defect of ours, not of the file
            raise
        except sqlite3.DatabaseError as err:
            file.connection.close()
            raise _build_error(self._path, str(err)) from err
        self._idle.append(file)


def open_file(path: Path) -> OpenFile:
    """A connection that cannot write, and for which SQLite takes no locks.

    Raises:
        UnreadableError: It is no ontology file of this version.

    Source: https://www.sqlite.org/uri.html#uriimmutable
    """
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    except sqlite3.DatabaseError as err:
        raise _build_error(path, str(err)) from err
    try:
        found = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if found == (APPLICATION_ID, VERSION):
            return OpenFile(
                connection,
                dict(connection.execute("SELECT name, id FROM registry")),
                {row[0]: row[1:] for row in connection.execute("SELECT id, source, organism FROM release")},
                {number: json.loads(value) for number, value in connection.execute("SELECT id, value FROM attributes")},
            )
    except sqlite3.DatabaseError as err:
        connection.close()
        raise _build_error(path, str(err)) from err
    connection.close()
    raise _build_error(path, f"application id and version are {found}, expected {(APPLICATION_ID, VERSION)}")


def _build_error(path: Path, reason: str) -> UnreadableError:
    return UnreadableError(
        "ontology-file-unreadable",
        f"{path} cannot be read as an ontology file: {reason}.",
        hint="Delete it and make it anew: the shipped one with `make ontology`, an instance's own by importing again.",
        where=str(path),
    )


def _close_all(idle: deque[OpenFile]) -> None:
    while idle:
        idle.pop().connection.close()
