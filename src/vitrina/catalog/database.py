"""The database of a catalog: transactions that read one snapshot, and transactions that write, one after the other.

Every transaction that writes begins by counting ``instance.change`` up. The row that holds the number is locked from
then on, so writers follow each other in the order of their numbers on every database, and ids rise in that order too.
Whatever is derived from the catalog can therefore be brought up to date by number: see ``list_touched``.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from vitrina.catalog.engine import build_writer
from vitrina.catalog.failures import translate_errors
from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import ChangeRow, InstanceRow
from vitrina.catalog.textindex import get_text_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Engine

MAX_TOUCHED = 100_000
"""So many touched artifacts are remembered; reading more of them takes longer than starting afresh."""

FORGOTTEN = 0
"""In place of an artifact's id: what changes before this one touched has been forgotten."""

_COUNT_CHANGE = Prepared(update(InstanceRow).values(change=InstanceRow.change + 1))
_SELECT_CHANGE = select(InstanceRow.change)
_INSERT_TOUCHED = Prepared(insert(ChangeRow), ("change", "artifact_id"))
_SELECT_RECORDED = Prepared(
    select(InstanceRow.change, ChangeRow.artifact_id).outerjoin(ChangeRow, ChangeRow.change == InstanceRow.change)
)
_MARK_TERMS = update(InstanceRow).values(terms_change=InstanceRow.change)
_COUNT_TOUCHED = select(func.count()).select_from(ChangeRow)
_FORGET = delete(ChangeRow).where(ChangeRow.change < bindparam("oldest"))

_CHECK_EVERY = 1_000
"""Changes between two looks at how much is remembered."""


def now_utc() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Database:
    """Transactions on one database. Thread-safe.

    Args:
        engine: A database that has the present tables; see ``open_catalog``.
        clock: Gives the time in UTC.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self.text_index = get_text_index(self.dialect)
        self.clock = clock
        self._writer = build_writer(engine)
        weakref.finalize(self, engine.dispose)  # who forgets to close leaves no connection open
        self._write_lock = threading.Lock()  # writers of one process queue here, in turn, instead of at the database

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction, so that all its statements see the same catalog.

        Raises:
            StorageError: The database cannot be used.
        """
        with translate_errors(str(self.engine.url)), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that writes all or nothing, after all that began before and before all that begin later.

        Raises:
            StorageError: The database cannot be used.
        """
        with translate_errors(str(self.engine.url)), self._write_lock, self._writer.begin() as connection:
            _COUNT_CHANGE.execute(connection)
            yield connection

    def read_change(self) -> int:
        """Counts the transactions that wrote; the same number means the same catalog."""
        with self.read() as connection:
            return connection.execute(_SELECT_CHANGE).scalar_one()

    def touch(self, connection: Connection, artifact_ids: Iterable[int]) -> None:
        """Record that artifacts that were there before get other labels, or another place among the latest.

        Args:
            connection: The transaction that writes.
            artifact_ids: Ids of rows; those recorded by this transaction before are left out.
        """
        wanted = set(artifact_ids)
        if not wanted:
            return
        recorded = _SELECT_RECORDED.execute(connection)
        change = recorded[0][0]
        wanted.difference_update(artifact_id for _, artifact_id in recorded)
        if wanted:
            rows = [{"change": change, "artifact_id": id_} for id_ in sorted(wanted)]
            _INSERT_TOUCHED.execute_many(connection, rows)
        if change % _CHECK_EVERY == 0 and connection.execute(_COUNT_TOUCHED).scalar_one() > MAX_TOUCHED:
            connection.execute(_FORGET, {"oldest": change})
            _INSERT_TOUCHED.execute(connection, {"change": change, "artifact_id": FORGOTTEN})

    def mark_terms(self, connection: Connection) -> None:
        """Record that the hierarchy changed above terms that were registered before this transaction."""
        connection.execute(_MARK_TERMS)
