"""From fields, text and cursors to SQL."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, false, func, literal, or_, select, tuple_

from vitrina.catalog.fields import RELEVANCE, Condition, Order
from vitrina.catalog.tables import ArtifactRow, StorageRow, UserRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, Select

    from vitrina.catalog.cursors import Cursor
    from vitrina.catalog.fields import FieldValue
    from vitrina.catalog.textindex import TextIndex
    from vitrina.model.artifact import Artifact

_COLUMNS: dict[str, Any] = {
    "uid": ArtifactRow.uid,
    "key": ArtifactRow.key,
    "version": ArtifactRow.version,
    "description": ArtifactRow.description,
    "kind": ArtifactRow.kind,
    "format": ArtifactRow.format,
    "hash": ArtifactRow.hash,
    "size": ArtifactRow.size_bytes,
    "n_files": ArtifactRow.n_files,
    "n_observations": ArtifactRow.n_observations,
    "created_at": ArtifactRow.created_at,
    "created_by": UserRow.handle,
    "is_latest": ArtifactRow.is_latest,
    "is_folder": ArtifactRow.is_folder,
}
_NULLABLE = frozenset({"description", "n_observations"})

_ARTIFACTS = (
    select(
        ArtifactRow.id,
        ArtifactRow.uid,
        ArtifactRow.key,
        ArtifactRow.description,
        ArtifactRow.kind,
        ArtifactRow.format,
        ArtifactRow.hash,
        ArtifactRow.size_bytes,
        ArtifactRow.n_files,
        ArtifactRow.n_observations,
        StorageRow.url.label("storage_url"),
        ArtifactRow.storage_key,
        ArtifactRow.is_folder,
        ArtifactRow.created_at,
        UserRow.handle.label("created_by"),
        ArtifactRow.is_latest,
        cast(ArtifactRow.content, Text).label("content"),
    )
    .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
    .join(UserRow, UserRow.id == ArtifactRow.created_by_id)
)
"""Everything that a record needs, in one statement; ``content`` as text, which is parsed faster than JSON values."""


def build_select(conditions: Iterable[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Rows that records are built from."""
    return _ARTIFACTS.where(*conditions)


def build_count(conditions: Iterable[ColumnElement[bool]]) -> Select[int]:
    """The number of artifacts."""
    return select(func.count()).select_from(ArtifactRow).where(*conditions)


def build_conditions(conditions: Iterable[Condition], *, latest_only: bool, dialect: str) -> list[ColumnElement[bool]]:
    """Conditions on artifacts alone, without joins."""
    built = [ArtifactRow.is_latest.is_(True)] if latest_only else []
    return built + [_build_condition(condition, dialect) for condition in conditions]


def build_page(
    conditions: Iterable[ColumnElement[bool]], order: Order, cursor: Cursor | None, index: TextIndex
) -> Select[*tuple[Any, ...]]:
    """Rows in an order, from a cursor on. Values that are absent come last in both directions."""
    statement = build_select(conditions)
    if order.field == RELEVANCE:
        n_before = cursor.value if cursor is not None and isinstance(cursor.value, int) else 0
        return statement.order_by(index.build_rank(), ArtifactRow.id.desc()).offset(n_before)
    column = _COLUMNS[order.field]
    if cursor is not None:
        statement = statement.where(_build_after(order, cursor))
    keys = [column.desc(), ArtifactRow.id.desc()] if order.is_descending else [column, ArtifactRow.id]
    if order.field in _NULLABLE:
        keys.insert(0, column.is_(None))
    return statement.order_by(*keys)


def get_order_value(artifact: Artifact, order: Order) -> FieldValue:
    """The value of an artifact in an order, for its cursor."""
    value: FieldValue = getattr(artifact, "size_bytes" if order.field == "size" else order.field)
    return value


def _build_after(order: Order, cursor: Cursor) -> ColumnElement[bool]:
    column = _COLUMNS[order.field]
    here = tuple_(column, ArtifactRow.id)
    there = tuple_(literal(cursor.value, column.type), literal(cursor.row_id, ArtifactRow.id.type))
    if cursor.value is None:
        further = ArtifactRow.id < cursor.row_id if order.is_descending else ArtifactRow.id > cursor.row_id
        return and_(column.is_(None), further)
    after = here < there if order.is_descending else here > there
    return or_(after, column.is_(None)) if order.field in _NULLABLE else after


def _build_condition(condition: Condition, dialect: str) -> ColumnElement[bool]:
    if condition.field == "created_by":
        users = select(UserRow.id).where(_compare(UserRow.handle, condition.lookup, condition.values, dialect))
        return ArtifactRow.created_by_id.in_(users)
    return _compare(_COLUMNS[condition.field], condition.lookup, condition.values, dialect)


def _compare(column: Any, lookup: str, values: Sequence[FieldValue], dialect: str) -> ColumnElement[bool]:
    if lookup == "in":
        return _build_membership(column, values)
    (value,) = values
    if lookup == "contains":  # with regard to case, which LIKE has not on SQLite; so do startswith and endswith
        find = func.instr if dialect == "sqlite" else func.strpos
        return find(column, value) > 0
    return _COMPARE[lookup](column, value)


def _build_membership(column: Any, values: Sequence[FieldValue]) -> ColumnElement[bool]:
    present = [value for value in values if value is not None]
    membership: ColumnElement[bool] = column.in_(present) if present else false()
    return membership if len(present) == len(values) else or_(membership, column.is_(None))


def _build_ending(column: Any, value: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = func.substr(column, func.length(column) - len(value) + 1, len(value)) == value
    return condition


def _build_is_null(column: Any, value: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.is_(None) if value else column.is_not(None)
    return condition


_COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "exact": operator.eq,  # SQLAlchemy makes IS NULL of None
    "isnull": _build_is_null,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "icontains": lambda column, value: column.icontains(value, autoescape=True),
    "startswith": lambda column, value: func.substr(column, 1, len(value)) == value,
    "endswith": _build_ending,
}
