"""The catalog: which artifacts there are. Records go in and come out; rows stay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import select

from vitrina.catalog.cursors import build_cursor, parse_cursor
from vitrina.catalog.features import Features
from vitrina.catalog.fields import RELEVANCE, Order, parse_conditions, parse_order
from vitrina.catalog.insert import get_or_insert_storage, get_or_insert_user, insert_artifact, reserve_uid
from vitrina.catalog.query import LAST_ADDED, build_conditions, build_count, build_page, build_select, get_order_value
from vitrina.catalog.records import build_artifact, build_artifacts
from vitrina.catalog.resolve import resolve
from vitrina.catalog.runs import Runs
from vitrina.catalog.schemas import Schemas
from vitrina.catalog.tables import ArtifactRow, StorageRow, UserRow
from vitrina.catalog.views import Views
from vitrina.catalog.words import split_query
from vitrina.errors import InputError
from vitrina.model.finding import Finding
from vitrina.model.page import Page
from vitrina.model.storage import Storage
from vitrina.model.user import User
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from vitrina.catalog.database import Database
    from vitrina.catalog.fields import Condition
    from vitrina.model.artifact import Artifact, ArtifactDraft

MAX_LIMIT = 1_000

MAX_RANKED = 1_000
"""More hits than this are listed newest first: ranking 276,000 took a second, and nobody reads that far."""

_BY_RELEVANCE = Order(field=RELEVANCE, is_descending=True)
_NEWEST_FIRST = Order(field="created_at", is_descending=True)


class Catalog:
    """Artifacts, users and storages of one instance. Thread-safe.

    Args:
        database: Where it is kept.
        network_type: File system of a SQLite file that does not lie on this machine.
    """

    def __init__(self, database: Database, *, network_type: str | None = None) -> None:
        self.database = database
        self.features = Features(database)
        self.schemas = Schemas(database)
        self.runs = Runs(database)
        self.views = Views(database)
        self._network_type = network_type

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def check_health(self) -> list[Finding]:
        """What the one who runs the instance should know about its database."""
        if self._network_type is None:
            return []
        message = (
            f"The SQLite catalog lies on a network file system ({self._network_type}), so it uses a rollback journal: "
            "readers wait for writers, and it is only as safe as that file system's locks."
        )
        fix = "Keep the instance folder on a local disk, and the bytes on the network with --storage."
        return [Finding(code="catalog-on-network", severity="warning", path="", message=message, fix=fix)]

    def change_number(self) -> int:
        """Counts the transactions that wrote; the same number means the same catalog."""
        return self.database.read_change()

    def reserve_uid(self, key: str) -> str:
        """The uid of the next version under a key.

        Bytes are stored under the uid before their artifact exists, so it must be known, and be nobody else's, first. A
        family counts the version numbers that were given out: two writers on one key get two numbers of one family, in
        any order, and both succeed. A number that was reserved and never used is a gap that means nothing.

        Raises:
            InputError: The key is malformed.
        """
        check_key(key)
        with self.database.write() as connection:
            return reserve_uid(connection, key)

    def add_artifact(self, draft: ArtifactDraft) -> Artifact:
        """Make an artifact of a draft whose bytes are stored; older versions stop being the latest at the same moment.

        Raises:
            ConflictError: The uid has an artifact already.
            InputError: The uid was not reserved for the key.
        """
        with self.database.write() as connection:
            return insert_artifact(connection, draft, self.database.clock(), self.database.text_index)

    def get_artifact(self, ref: str) -> Artifact:
        """The artifact that a reference means: a key, ``key@0001``, a uid, its family or its beginning.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self.database.read() as connection:
            row = resolve(connection, ref)
        return build_artifact(row)

    def find_artifacts(
        self,
        text: str = "",
        *,
        where: Mapping[str, object] | None = None,
        order: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        latest_only: bool = True,
    ) -> Page[Artifact]:
        """A page of the artifacts that match.

        Args:
            text: Words, each of which must begin a word of the key, description, kind, format, or of the names of
                elements, channels and columns.
            where: See ``fields``: ``{"format": "anndata", "size__gt": 1000}``. All must hold.
            order: A field, with ``-`` for descending; ``relevance``; None for relevance with a text and newest first
                without. More than MAX_RANKED hits are not ranked but listed newest first.
            limit: Artifacts per page, 1 to 1000.
            cursor: ``next_cursor`` of the page before.
            latest_only: Leave out older versions.

        Raises:
            InputError: An unknown field, lookup or order, an impossible value, limit or cursor.
        """
        _check_limit(limit)
        conditions = self._build_conditions(where, latest_only=latest_only)
        words = split_query(text)
        index = self.database.text_index if words else None
        if index is not None:
            conditions.append(index.build_match(words))
        wanted = _choose_order(order, has_text=bool(words))
        with self.database.read() as connection:
            total = connection.execute(build_count(conditions, index)).scalar_one()
            if wanted == _BY_RELEVANCE and total > MAX_RANKED:
                wanted = LAST_ADDED
            start = None if cursor is None else parse_cursor(cursor, wanted)
            page = build_page(conditions, wanted, start, limit + 1, index=index)
            rows = connection.execute(page).all()
        items = build_artifacts(rows[:limit])
        if len(rows) <= limit:
            return Page(items=items, total=total)
        if wanted == _BY_RELEVANCE:
            n_before = start.value if start is not None and isinstance(start.value, int) else 0
            return Page(items=items, total=total, next_cursor=build_cursor(wanted, n_before + limit, 0))
        next_cursor = build_cursor(wanted, get_order_value(items[-1], wanted), rows[limit - 1].id)
        return Page(items=items, total=total, next_cursor=next_cursor)

    def count_artifacts(self, *, where: Mapping[str, object] | None = None, latest_only: bool = True) -> int:
        """The number of artifacts that match.

        Raises:
            InputError: An unknown field or lookup, or an impossible value.
        """
        conditions = self._build_conditions(where, latest_only=latest_only)
        with self.database.read() as connection:
            return connection.execute(build_count(conditions)).scalar_one()

    def list_versions(self, family: str) -> tuple[Artifact, ...]:
        """All versions of a family, oldest first; empty when there is no such family."""
        with self.database.read() as connection:
            statement = build_select([ArtifactRow.family == family]).order_by(ArtifactRow.version)
            return build_artifacts(connection.execute(statement).all())

    def find_by_hash(self, content_hash: str) -> tuple[Artifact, ...]:
        """All artifacts with the same bytes, newest first."""
        with self.database.read() as connection:
            statement = build_select([ArtifactRow.hash == content_hash]).order_by(ArtifactRow.id.desc())
            return build_artifacts(connection.execute(statement).all())

    def get_or_add_user(self, handle: str) -> User:
        """The user with a handle."""
        statement = select(UserRow.uid, UserRow.handle, UserRow.name).where(UserRow.handle == handle)
        row = self._get_or_add(statement, lambda connection: get_or_insert_user(connection, handle))
        return User(uid=row.uid, handle=row.handle, name=row.name)

    def get_or_add_storage(self, url: str) -> Storage:
        """The storage with a URL."""
        statement = select(StorageRow.uid, StorageRow.url).where(StorageRow.url == url)
        row = self._get_or_add(statement, lambda connection: get_or_insert_storage(connection, url))
        return Storage(uid=row.uid, url=row.url)

    def _get_or_add(self, statement: Any, add: Callable[[Connection], object]) -> Any:
        with self.database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is not None:
            return row
        with self.database.write() as connection:
            add(connection)
            return connection.execute(statement).one()

    def _build_conditions(self, where: Mapping[str, object] | None, *, latest_only: bool) -> list[ColumnElement[bool]]:
        conditions: tuple[Condition, ...] = parse_conditions(where or {})
        return build_conditions(conditions, latest_only=latest_only, dialect=self.database.dialect)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise InputError("limit-out-of-range", f"The limit is {limit}; it must be 1 to {MAX_LIMIT}.", where="limit")


def _choose_order(order: str | None, *, has_text: bool) -> Order:
    if order is None:
        return _BY_RELEVANCE if has_text else _NEWEST_FIRST
    parsed = parse_order(order)
    return _NEWEST_FIRST if parsed == _BY_RELEVANCE and not has_text else parsed
