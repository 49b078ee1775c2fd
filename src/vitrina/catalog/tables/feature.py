"""Features and schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vitrina.catalog.tables.base import EXACT_TEXT, FAMILY, JSON_VALUE, ROW_ID, Row, UtcDateTime, build_text_type
from vitrina.catalog.tables.instance import UserRow


class FeatureRow(Row):
    """A typed dimension."""

    __tablename__ = "feature"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    name: Mapped[str] = mapped_column(EXACT_TEXT, unique=True)
    dtype: Mapped[str] = mapped_column(EXACT_TEXT)
    unit: Mapped[str | None] = mapped_column(EXACT_TEXT)
    description: Mapped[str | None] = mapped_column(Text)
    synonyms: Mapped[Any] = mapped_column(JSON_VALUE)
    is_nullable: Mapped[bool]
    default: Mapped[Any | None] = mapped_column(JSON_VALUE)
    is_coerced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class SchemaRow(Row):
    """What a dataset, or a slot of it, must have. Equal demands are one schema."""

    __tablename__ = "schema"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    name: Mapped[str | None] = mapped_column(EXACT_TEXT, unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(build_text_type(64), unique=True)
    index_id: Mapped[int | None] = mapped_column(ForeignKey(FeatureRow.id))
    itype: Mapped[str | None] = mapped_column(EXACT_TEXT)
    dtype: Mapped[str | None] = mapped_column(EXACT_TEXT)
    otype: Mapped[str | None] = mapped_column(EXACT_TEXT)
    is_minimal: Mapped[bool]
    is_maximal: Mapped[bool]
    is_ordered: Mapped[bool]
    is_flexible: Mapped[bool]
    is_coerced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class MemberRow(Row):
    """A feature in a schema."""

    __tablename__ = "schema_member"
    __table_args__ = (Index(None, "feature_id"), {"sqlite_with_rowid": False})

    schema_id: Mapped[int] = mapped_column(ForeignKey(SchemaRow.id), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    feature_id: Mapped[int] = mapped_column(ForeignKey(FeatureRow.id))
    is_optional: Mapped[bool]


class SlotRow(Row):
    """A component schema in a slot of a schema."""

    __tablename__ = "schema_slot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    schema_id: Mapped[int] = mapped_column(ForeignKey(SchemaRow.id), primary_key=True, autoincrement=False)
    slot: Mapped[str] = mapped_column(EXACT_TEXT, primary_key=True)
    component_id: Mapped[int] = mapped_column(ForeignKey(SchemaRow.id))
