"""LaminDB's SQLite file, opened to be read and never to be written.

Source: https://www.sqlite.org/uri.html
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from vitrina.errors import NotFoundError, UnreadableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DATABASE = Path(".lamindb", "lamin.db")
"""Where an instance has its SQLite file, below the root of its storage."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "lamindb_artifact": ("_real_key", "_key_is_virtual", "_overwrite_versions", "branch_id", "schema_id", "run_id"),
    "lamindb_feature": ("_dtype_str", "nullable", "coerce"),
    "lamindb_jsonvalue": ("value", "feature_id"),
    "lamindb_schema": ("_aux", "itype", "flexible"),
    "lamindb_schemacomponent": ("slot", "composite_id"),
    "lamindb_transform": ("key", "kind", "source_code"),
    "lamindb_run": ("_status_code", "params", "environment_id", "report_id"),
    "lamindb_collection": ("key",),
    "lamindb_storage": ("root",),
    "lamindb_ulabel": ("type_id",),
}
"""What tells the tables of LaminDB 2 from older ones, which had other names."""


class LaminDatabase:
    """A LaminDB instance's SQLite file. Use it in a ``with`` statement.

    Args:
        path: The file.

    Raises:
        NotFoundError: There is no such file.
        UnreadableError: It is no SQLite database.
        UnsupportedError: It is none of LaminDB 2.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise NotFoundError(
                "lamindb-not-found",
                f"{path} is not a file.",
                hint=f"Name the storage folder of the LaminDB instance, or its file {DATABASE}.",
                where=str(path),
            )
        self._connection = _connect(path)
        try:
            self.tables = self._read_tables()
            self._check_tables()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def select(self, query: str, arguments: Sequence[object] = ()) -> Iterator[sqlite3.Row]:
        """The rows that a query gives.

        Raises:
            UnreadableError: The file is damaged.
        """
        try:
            yield from self._connection.execute(query, arguments)
        except sqlite3.DatabaseError as err:
            raise _build_unreadable(self.path, err) from err

    def has(self, table: str) -> bool:
        """Whether the instance has a table; modules bring their own."""
        return table in self.tables

    def _read_tables(self) -> Mapping[str, frozenset[str]]:
        """The names of the columns of each table."""
        query = (
            "SELECT m.name AS name, c.name AS column_name FROM sqlite_master m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table'"
        )
        tables: dict[str, set[str]] = {}
        for row in self.select(query):
            tables.setdefault(row["name"], set()).add(row["column_name"])
        return {name: frozenset(columns) for name, columns in tables.items()}

    def _check_tables(self) -> None:
        for table, columns in _NEEDED.items():
            missing = set(columns) - self.tables.get(table, frozenset())
            if missing:
                what = f"table {table}" if table not in self.tables else f"column {table}.{min(missing)}"
                raise UnsupportedError(
                    "lamindb-unknown",
                    f"{self.path} has no {what}, so it is no instance of LaminDB 2.",
                    hint="Bring an older instance up to date with `lamin migrate deploy` of lamindb 2.",
                    where=str(self.path),
                )


def find_database(path: Path) -> Path:
    """The SQLite file that a path means: the file itself, or that of the storage folder or its ``.lamindb``."""
    for candidate in (path / DATABASE, path / DATABASE.name):
        if candidate.is_file():
            return candidate
    return path


def parse_moment(text: str) -> datetime:
    """A moment as Django writes it to SQLite: ``2025-03-01 09:30:00.123456``, in UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_json(text: str | None) -> Any:
    """A JSON value as Django writes it to SQLite; None for NULL."""
    return None if text is None else json.loads(text)


def split_synonyms(text: str | None) -> tuple[str, ...]:
    """Synonyms as LaminDB keeps them, with bars between."""
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split("|") if part.strip()))


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")  # all that follows sees one state, whatever LaminDB writes meanwhile
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as err:
        raise _build_unreadable(path, err) from err
    return connection


def _build_unreadable(path: Path, err: sqlite3.Error) -> UnreadableError:
    return UnreadableError(
        "lamindb-unreadable",
        f"{path} cannot be read as an SQLite database: {err}.",
        hint="Name the file lamin.db of a LaminDB instance; while LaminDB writes to it, try again.",
        where=str(path),
    )
