"""From rows to schemas with all that they refer to, in four statements whatever the depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from vitrina.catalog.features import FEATURES, build_feature
from vitrina.catalog.tables import FeatureRow, MemberRow, SchemaRow, SlotRow, UserRow
from vitrina.model.schema import Member, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from vitrina.model.feature import Feature

_ROOTS = select(SchemaRow.id).where(SchemaRow.id.in_(bindparam("ids", expanding=True))).cte("whole", recursive=True)
_WHOLE = _ROOTS.union(select(SlotRow.component_id).join(_ROOTS, SlotRow.schema_id == _ROOTS.c.id))
_IDS = select(_WHOLE.c.id)

_SELECT_SCHEMAS = (
    select(SchemaRow, UserRow.handle).join(UserRow, UserRow.id == SchemaRow.created_by_id).where(SchemaRow.id.in_(_IDS))
)
_SELECT_SLOTS = select(SlotRow).where(SlotRow.schema_id.in_(_IDS)).order_by(SlotRow.slot)
_SELECT_MEMBERS = select(MemberRow).where(MemberRow.schema_id.in_(_IDS)).order_by(MemberRow.position)
_SELECT_FEATURES = FEATURES.add_columns(FeatureRow.id).where(
    or_(
        FeatureRow.id.in_(select(MemberRow.feature_id).where(MemberRow.schema_id.in_(_IDS))),
        FeatureRow.id.in_(select(SchemaRow.index_id).where(SchemaRow.id.in_(_IDS))),
    )
)


def load_schemas(connection: Connection, ids: Sequence[int]) -> tuple[Schema, ...]:
    """The schemas with some ids, in that order."""
    if not ids:
        return ()
    roots = {"ids": ids}
    rows = {row.id: row for row in connection.execute(_SELECT_SCHEMAS, roots)}
    features = {row.id: build_feature(row) for row in connection.execute(_SELECT_FEATURES, roots)}
    members = _group(
        (row.schema_id, Member(feature=features[row.feature_id], is_optional=row.is_optional))
        for row in connection.execute(_SELECT_MEMBERS, roots)
    )
    slots = _group((row.schema_id, (row.slot, row.component_id)) for row in connection.execute(_SELECT_SLOTS, roots))

    def build(id_: int) -> Schema:
        parts = {slot: build(component_id) for slot, component_id in slots.get(id_, ())}
        return _build_schema(rows[id_], features, tuple(members.get(id_, ())), parts)

    return tuple(build(id_) for id_ in ids)


def _group[T](pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    grouped: dict[int, list[T]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped


def _build_schema(
    row: Any, features: Mapping[int, Feature], members: tuple[Member, ...], slots: Mapping[str, Schema]
) -> Schema:
    return Schema(
        uid=row.uid,
        name=row.name,
        description=row.description,
        hash=row.hash,
        members=members,
        index=None if row.index_id is None else features[row.index_id],
        itype=row.itype,
        dtype=row.dtype,
        otype=row.otype,
        slots=slots,
        is_minimal=row.is_minimal,
        is_maximal=row.is_maximal,
        is_ordered=row.is_ordered,
        is_flexible=row.is_flexible,
        is_coerced=row.is_coerced,
        created_at=row.created_at,
        created_by=row.handle,
    )
