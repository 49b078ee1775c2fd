"""Rows of transforms, inside a transaction that the catalog has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.long_texts import clean_text, write_text
from vitrina.catalog.references import plan_lookups
from vitrina.catalog.tables import TransformRow, UserRow
from vitrina.errors import NotFoundError
from vitrina.model.run import Transform
from vitrina.model.uid import AFTER_BASE62, build_family, build_version, parse_version

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from vitrina.catalog.references import Lookup
    from vitrina.model.run import TransformDraft

RECORD = (
    TransformRow.uid,
    TransformRow.key,
    TransformRow.kind,
    TransformRow.description,
    TransformRow.source_hash,
    TransformRow.reference,
    TransformRow.git_commit,
    TransformRow.is_latest,
    TransformRow.created_at,
    UserRow.handle.label("created_by"),
)

SELECT = select(TransformRow.id, *RECORD).join(UserRow, UserRow.id == TransformRow.created_by_id)

_SELECT_SAME = (
    select(TransformRow.id)
    .where(
        TransformRow.key == bindparam("key"),
        TransformRow.source_hash.is_not_distinct_from(bindparam("source_hash")),
    )
    .order_by(TransformRow.version.desc())
    .limit(1)
)
_SELECT_NEWEST = (
    select(TransformRow.family, TransformRow.version)
    .where(TransformRow.key == bindparam("key"))
    .order_by(TransformRow.version.desc())
    .limit(1)
)
_RETIRE = (
    update(TransformRow)
    .where(TransformRow.family == bindparam("of_family"), TransformRow.is_latest.is_(True))
    .values(is_latest=False)
)
_INSERT = insert(TransformRow).returning(TransformRow.id)
_SELECT_BY_ID = SELECT.where(TransformRow.id == bindparam("id"))


def get_or_insert_transform(connection: Connection, draft: TransformDraft, now: datetime) -> int:
    """The id of the version that has the draft's key and source; a new version when there is none."""
    source_hash = write_text(connection, draft.source)
    same = connection.execute(_SELECT_SAME, {"key": draft.key, "source_hash": source_hash}).scalar_one_or_none()
    if same is not None:
        return same
    newest = connection.execute(_SELECT_NEWEST, {"key": draft.key}).one_or_none()
    if newest is None:
        family, number = build_family(), 1
    else:
        family, number = newest.family, parse_version(newest.version) + 1
        connection.execute(_RETIRE, {"of_family": family})
    version = build_version(number)
    values = {
        "uid": family + version,
        "family": family,
        "version": version,
        "key": draft.key,
        "kind": draft.kind,
        "description": None if draft.description is None else clean_text(draft.description),
        "source_hash": source_hash,
        "reference": draft.reference,
        "git_commit": draft.git_commit,
        "is_latest": True,
        "created_at": now,
        "created_by_id": get_or_insert_user(connection, draft.created_by),
    }
    return connection.execute(_INSERT, values).scalar_one()


def read_transform(connection: Connection, transform_id: int) -> Transform:
    """The record of a row."""
    return build_transform(connection.execute(_SELECT_BY_ID, {"id": transform_id}).one())


def resolve_transform(connection: Connection, ref: str) -> Any:
    """The row that a key, ``key@0001``, a uid, its family or its beginning means.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    for lookup in plan_lookups(ref):
        rows = connection.execute(SELECT.where(_build_condition(lookup)).limit(2)).all()
        if len(rows) > 1:
            raise NotFoundError(
                "transform-ambiguous", f"{ref!r} begins the uids of several transforms.", hint="Write more of it."
            )
        if rows:
            return rows[0]
    raise NotFoundError("transform-missing", f"No transform has the key or uid {ref!r}.", where=ref)


def build_transform(row: Any) -> Transform:
    """The record of a row with the columns RECORD."""
    return Transform(
        uid=row.uid,
        key=row.key,
        kind=row.kind,
        description=row.description,
        hash=row.source_hash,
        reference=row.reference,
        git_commit=row.git_commit,
        is_latest=row.is_latest,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def _build_condition(lookup: Lookup) -> ColumnElement[bool]:
    if lookup.by == "uid":
        return TransformRow.uid == lookup.value
    if lookup.by == "prefix":
        begins = (TransformRow.uid >= lookup.value) & (TransformRow.uid < lookup.value + AFTER_BASE62)
        return begins & TransformRow.is_latest.is_(True)
    named: ColumnElement[bool] = {"key": TransformRow.key, "family": TransformRow.family}[lookup.by] == lookup.value
    if lookup.version is None:
        return named & TransformRow.is_latest.is_(True)
    return named & (TransformRow.version == lookup.version)
