"""Views: saved states of the viewer, on artifacts and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, literal, select, tuple_

from vitrina.catalog.cursors import build_cursor, parse_cursor
from vitrina.catalog.fields import Order
from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.tables import ArtifactRow, CollectionRow, UserRow, ViewRow
from vitrina.errors import NotFoundError
from vitrina.model.page import Page
from vitrina.model.uid import build_family
from vitrina.model.view import View

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from vitrina.catalog.database import Database
    from vitrina.model.view import ViewDraft

_NEWEST_FIRST = Order(field="created_at", is_descending=True)

_SELECT = select(
    ViewRow.id,
    ViewRow.uid,
    ViewRow.name,
    ViewRow.subject_uid,
    ViewRow.config,
    ViewRow.created_at,
    UserRow.handle.label("created_by"),
).join(UserRow, UserRow.id == ViewRow.created_by_id)
_SELECT_BY_UID = _SELECT.where(ViewRow.uid == bindparam("uid"))
_SELECT_SUBJECT = (
    select(ArtifactRow.uid)
    .where(ArtifactRow.uid == bindparam("uid"))
    .union_all(select(CollectionRow.uid).where(CollectionRow.uid == bindparam("uid")))
)
_INSERT = insert(ViewRow)


class Views:
    """Saved views of one instance. Thread-safe.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: ViewDraft) -> View:
        """Make a view.

        Raises:
            NotFoundError: Its subject is neither an artifact nor a collection.
        """
        with self._database.write() as connection:
            if connection.execute(_SELECT_SUBJECT, {"uid": draft.subject_uid}).first() is None:
                raise NotFoundError(
                    "view-subject-missing",
                    f"{draft.subject_uid!r} is the uid of no artifact and of no collection.",
                    where=draft.subject_uid,
                )
            uid = build_family()
            values = {
                "uid": uid,
                "name": draft.name,
                "subject_uid": draft.subject_uid,
                "config": dict(draft.config),
                "created_at": self._database.clock(),
                "created_by_id": get_or_insert_user(connection, draft.created_by),
            }
            connection.execute(_INSERT, values)
            return _build_view(connection.execute(_SELECT_BY_UID, {"uid": uid}).one())

    def get(self, uid: str) -> View:
        """The view with a uid.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.read() as connection:
            row = connection.execute(_SELECT_BY_UID, {"uid": uid}).one_or_none()
        if row is None:
            raise NotFoundError("view-missing", f"There is no view with the uid {uid!r}.", where=uid)
        return _build_view(row)

    def find(self, *, subject_uid: str | None = None, limit: int = 50, cursor: str | None = None) -> Page[View]:
        """A page of the views, newest first; those of one artifact or collection when its uid is given.

        Raises:
            InputError: The cursor is malformed.
        """
        conditions: list[ColumnElement[bool]] = []
        if subject_uid is not None:
            conditions.append(ViewRow.subject_uid == subject_uid)
        count = select(func.count()).select_from(ViewRow).where(*conditions)
        page = _SELECT.where(*conditions).order_by(ViewRow.created_at.desc(), ViewRow.id.desc()).limit(limit + 1)
        if cursor is not None:
            start = parse_cursor(cursor, _NEWEST_FIRST)
            there = tuple_(literal(start.value, ViewRow.created_at.type), literal(start.row_id, ViewRow.id.type))
            page = page.where(tuple_(ViewRow.created_at, ViewRow.id) < there)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page).all()
        items = tuple(_build_view(row) for row in rows[:limit])
        following = build_cursor(_NEWEST_FIRST, items[-1].created_at, rows[limit - 1].id) if rows[limit:] else None
        return Page(items=items, total=total, next_cursor=following)


def _build_view(row: Any) -> View:
    return View(
        uid=row.uid,
        name=row.name,
        subject_uid=row.subject_uid,
        config=row.config,
        created_at=row.created_at,
        created_by=row.created_by,
    )
