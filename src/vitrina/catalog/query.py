"""From fields, text and cursors to SQL."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Text, and_, cast, false, func, join, literal, not_, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from vitrina.catalog.conditions import (
    Absent,
    All,
    LabelCondition,
    LabeledCondition,
    Some,
    TextCondition,
    ValueCondition,
)
from vitrina.catalog.fields import RELEVANCE, FieldCondition, Order
from vitrina.catalog.tables import (
    ArtifactRow,
    ContentRow,
    LabelRow,
    OverridesRow,
    StorageRow,
    TermRow,
    UserRow,
    ValueRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select

    from vitrina.catalog.conditions import Condition
    from vitrina.catalog.cursors import Cursor
    from vitrina.catalog.fields import FieldValue
    from vitrina.catalog.textindex import TextIndex
    from vitrina.catalog.textsearch import TextSearch
    from vitrina.model.artifact import Artifact

type Which = Literal["latest", "all", "trash"]
"""Latest versions, all versions that are not in the trash, or those that are."""

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
    "trashed_at": ArtifactRow.trashed_at,
}
_NULLABLE = frozenset({"description", "n_observations", "trashed_at"})

_OVERRIDER = aliased(UserRow, name="overrider")
_RECORD = (
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
    ArtifactRow.trashed_at,
    cast(ContentRow.content, Text).label("content"),
    cast(OverridesRow.elements, Text).label("overrides"),
    OverridesRow.changed_at.label("overrides_at"),
    _OVERRIDER.handle.label("overrides_by"),
)
"""Everything that a record needs; ``content`` as text, which is parsed faster than JSON values."""

ARTIFACTS: FromClause = ArtifactRow.__table__

LAST_ADDED = Order(field="id", is_descending=True)
"""Newest first by the order of adding, which a text index has by itself, so that a page of many hits costs nothing."""


def build_select(conditions: Iterable[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Rows that records are built from."""
    return _join_record(ARTIFACTS).where(*conditions)


def build_count(conditions: Iterable[ColumnElement[bool]], search: TextSearch | None = None) -> Select[int]:
    """The number of artifacts; ``search`` as in ``build_page``."""
    source = ARTIFACTS if search is None else search.source
    return select(func.count()).select_from(source).where(*conditions)


def build_visible(which: Which) -> ColumnElement[bool]:
    """The condition that an artifact is the latest version, any version, or in the trash."""
    if which == "latest":  # never true of one in the trash
        return ArtifactRow.is_latest.is_(True)
    return ArtifactRow.trashed_at.is_not(None) if which == "trash" else ArtifactRow.trashed_at.is_(None)


def build_condition(condition: Condition, index: TextIndex) -> ColumnElement[bool]:
    """A condition on artifacts alone, without joins."""
    match condition:
        case FieldCondition():
            return _build_field_condition(condition, index.dialect)
        case LabelCondition() | LabeledCondition():
            return ArtifactRow.id.in_(_select_labeled(condition))
        case ValueCondition():
            return ArtifactRow.id.in_(_select_valued(condition, index.dialect))
        case TextCondition():
            return ArtifactRow.id.in_(index.select_ids(condition.words))
        case All() | Some():
            parts = (build_condition(part, index) for part in condition.parts)
            return and_(true(), *parts) if isinstance(condition, All) else or_(false(), *parts)
        case Absent():
            return not_(func.coalesce(build_condition(condition.part, index), false()))


def _select_labeled(condition: LabelCondition | LabeledCondition) -> Select[int]:
    labeled = select(LabelRow.artifact_id)
    if condition.feature_id is not None:
        labeled = labeled.where(LabelRow.feature_id == condition.feature_id)
    if isinstance(condition, LabelCondition):
        return labeled.where(LabelRow.term_id.in_(condition.term_ids))
    if condition.registry is not None:
        terms = select(TermRow.id).where(TermRow.registry_name == condition.registry)
        return labeled.where(LabelRow.term_id.in_(terms))
    return labeled


def _select_valued(condition: ValueCondition, dialect: str) -> Select[int]:
    valued = select(ValueRow.artifact_id).where(ValueRow.feature_id == condition.feature_id)
    if condition.lookup == "isnull":
        return valued
    column = ValueRow.number if condition.column == "number" else ValueRow.text
    return valued.where(_compare(column, condition.lookup, condition.values, dialect))


def build_page(
    conditions: Iterable[ColumnElement[bool]],
    order: Order,
    cursor: Cursor | None,
    limit: int,
    *,
    search: TextSearch | None,
) -> Select[*tuple[Any, ...]]:
    """Rows in an order, from a cursor on. Values that are absent come last in both directions.

    The page is chosen first, from the artifacts alone; what else its records need is joined to the few that are left.

    Args:
        conditions: All must hold.
        order: As ``parse_order`` gives it, or LAST_ADDED.
        cursor: Where the page before ended.
        limit: Rows of the page.
        search: Words that the conditions and the order need.
    """
    source = ARTIFACTS if search is None else search.source
    keys = _build_keys(order, search)
    chosen = select(ArtifactRow.id, *(key.label(f"key_{n}") for n, (key, _) in enumerate(keys))).select_from(source)
    if order.field == "created_by":
        chosen = chosen.join(UserRow, UserRow.id == ArtifactRow.created_by_id)
    chosen = chosen.where(*conditions).order_by(*_direct(keys)).limit(limit)
    if cursor is not None and order.field == RELEVANCE:
        chosen = chosen.offset(cursor.value if isinstance(cursor.value, int) else 0)
    elif cursor is not None:
        chosen = chosen.where(_build_after(order, cursor))
    page = chosen.subquery("page")
    ordered = [(page.c[f"key_{n}"], is_descending) for n, (_, is_descending) in enumerate(keys)]
    return _join_record(join(page, ARTIFACTS, page.c.id == ArtifactRow.id)).order_by(*_direct(ordered))


def _join_record(source: FromClause) -> Select[*tuple[Any, ...]]:
    return (
        select(*_RECORD)
        .select_from(source)
        .join(StorageRow, StorageRow.id == ArtifactRow.storage_id)
        .join(UserRow, UserRow.id == ArtifactRow.created_by_id)
        .join(ContentRow, ContentRow.artifact_id == ArtifactRow.id)
        .outerjoin(OverridesRow, OverridesRow.artifact_id == ArtifactRow.id)
        .outerjoin(_OVERRIDER, _OVERRIDER.id == OverridesRow.changed_by_id)
    )


def _build_keys(order: Order, search: TextSearch | None) -> list[tuple[ColumnElement[Any], bool]]:
    """What to sort by, each with whether it descends; the id makes the order total."""
    row_id = (ArtifactRow.id.expression, order.is_descending)
    if order == LAST_ADDED:
        return [(ArtifactRow.id.expression if search is None else search.row_id, True)]
    if order.field == RELEVANCE and search is not None:
        return [(search.rank, False), row_id]
    column = _COLUMNS[order.field]
    absent_last = [(column.is_(None), False)] if order.field in _NULLABLE else []
    return [*absent_last, (column, order.is_descending), row_id]


def _direct(keys: Iterable[tuple[ColumnElement[Any], bool]]) -> list[ColumnElement[Any]]:
    return [key.desc() if is_descending else key.asc() for key, is_descending in keys]


def get_order_value(artifact: Artifact, order: Order) -> FieldValue:
    """The value of an artifact in an order, for its cursor."""
    if order == LAST_ADDED:
        return None
    value: FieldValue = getattr(artifact, "size_bytes" if order.field == "size" else order.field)
    return value


def _build_after(order: Order, cursor: Cursor) -> ColumnElement[bool]:
    if order == LAST_ADDED:
        return ArtifactRow.id < cursor.row_id
    column = _COLUMNS[order.field]
    here = tuple_(column, ArtifactRow.id)
    there = tuple_(literal(cursor.value, column.type), literal(cursor.row_id, ArtifactRow.id.type))
    if cursor.value is None:
        further = ArtifactRow.id < cursor.row_id if order.is_descending else ArtifactRow.id > cursor.row_id
        return and_(column.is_(None), further)
    after = here < there if order.is_descending else here > there
    return or_(after, column.is_(None)) if order.field in _NULLABLE else after


def _build_field_condition(condition: FieldCondition, dialect: str) -> ColumnElement[bool]:
    if condition.field == "created_by":
        users = select(UserRow.id).where(_compare(UserRow.handle, condition.lookup, condition.values, dialect))
        if condition.lookup == "exact":  # one user: then an index gives the rows in order
            return ArtifactRow.created_by_id == users.scalar_subquery()
        return ArtifactRow.created_by_id.in_(users)
    return _compare(_COLUMNS[condition.field], condition.lookup, condition.values, dialect)


def _compare(column: Any, lookup: str, values: Sequence[FieldValue | float], dialect: str) -> ColumnElement[bool]:
    if lookup == "in":
        return _build_membership(column, values)
    (value,) = values
    if lookup == "contains":  # with regard to case, which LIKE has not on SQLite; so do startswith and endswith
        find = func.instr if dialect == "sqlite" else func.strpos
        return find(column, value) > 0
    return _COMPARE[lookup](column, value)


def _build_membership(column: Any, values: Sequence[FieldValue | float]) -> ColumnElement[bool]:
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
