"""Collections of artifacts, and views."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vitrina.catalog.tables.artifact import ArtifactRow
from vitrina.catalog.tables.base import (
    EXACT_TEXT,
    FAMILY,
    JSON_VALUE,
    ROW_ID,
    UID,
    VERSION,
    Row,
    UtcDateTime,
    build_text_type,
)
from vitrina.catalog.tables.instance import UserRow


class CollectionRow(Row):
    """One version of a frozen set of artifacts."""

    __tablename__ = "collection"
    __table_args__ = (UniqueConstraint("family", "version"), Index(None, "key", "version"), Index(None, "hash"))

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(UID, unique=True)
    family: Mapped[str] = mapped_column(FAMILY)
    version: Mapped[str] = mapped_column(VERSION)
    key: Mapped[str] = mapped_column(EXACT_TEXT)
    description: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(build_text_type(64))
    is_latest: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class CollectedRow(Row):
    """An artifact in a collection."""

    __tablename__ = "collection_artifact"
    __table_args__ = (Index(None, "artifact_id"), {"sqlite_with_rowid": False})

    collection_id: Mapped[int] = mapped_column(ForeignKey(CollectionRow.id), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id))


class ViewRow(Row):
    """A saved viewer state; its subject is an artifact or a collection, by uid."""

    __tablename__ = "view"
    __table_args__ = (Index(None, "subject_uid"),)

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    name: Mapped[str] = mapped_column(EXACT_TEXT)
    subject_uid: Mapped[str] = mapped_column(UID)
    config: Mapped[Any] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))
