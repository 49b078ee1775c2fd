"""Artifacts with their families of versions, and what they contain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

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
from vitrina.catalog.tables.instance import StorageRow, UserRow

ONLY_LATEST: dict[str, Any] = {"sqlite_where": text("is_latest IS 1"), "postgresql_where": text("is_latest IS true")}
"""For lists of latest versions, newest first. Queries must say it in the same words to be served by such an index."""


IN_TRASH: dict[str, Any] = {
    "sqlite_where": text("trashed_at IS NOT NULL"),
    "postgresql_where": text("trashed_at IS NOT NULL"),
}


class FamilyRow(Row):
    """All versions of one dataset: the key that they share, and the last version number that was given out."""

    __tablename__ = "family"

    uid: Mapped[str] = mapped_column(FAMILY, primary_key=True)
    key: Mapped[str] = mapped_column(EXACT_TEXT, unique=True)
    last_version: Mapped[int] = mapped_column(Integer)


class ArtifactRow(Row):
    """One version of one dataset. Ids are never used twice, because derived indexes and cursors hold them."""

    __tablename__ = "artifact"
    __table_args__ = (
        UniqueConstraint("family", "version"),
        *(Index(None, *columns, "id", **ONLY_LATEST) for columns in ((), ("format",), ("kind",), ("created_by_id",))),
        Index(None, "created_at", "id", **ONLY_LATEST),
        Index(None, "key", "id"),
        Index(None, "size_bytes", "id"),
        Index(None, "hash"),
        Index(None, "storage_id"),
        Index(None, "trashed_at", **IN_TRASH),
        Index(None, "schema_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(UID, unique=True)
    family: Mapped[str] = mapped_column(ForeignKey(FamilyRow.uid))
    version: Mapped[str] = mapped_column(VERSION)
    key: Mapped[str] = mapped_column(EXACT_TEXT)
    description: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(EXACT_TEXT)
    format: Mapped[str] = mapped_column(EXACT_TEXT)
    hash: Mapped[str] = mapped_column(build_text_type(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    n_files: Mapped[int] = mapped_column(BigInteger)
    n_observations: Mapped[int | None] = mapped_column(BigInteger)
    storage_id: Mapped[int] = mapped_column(ForeignKey(StorageRow.id))
    storage_key: Mapped[str] = mapped_column(EXACT_TEXT)
    is_folder: Mapped[bool]
    is_latest: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))
    trashed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was moved to the trash; such an artifact is never the latest."""
    schema_id: Mapped[int | None] = mapped_column(ForeignKey("schema.id"))
    """What it was validated with."""


class ContentRow(Row):
    """What an artifact contains. Apart from it, because queries read many artifacts and the contents of one page."""

    __tablename__ = "artifact_content"

    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    content: Mapped[Any] = mapped_column(JSON_VALUE)


class OverridesRow(Row):
    """What people know better than the file, of one artifact: ``elements`` of ``model.overrides.Overrides``."""

    __tablename__ = "artifact_overrides"
    __table_args__ = (Index(None, "changed_by_id"),)

    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    elements: Mapped[Any] = mapped_column(JSON_VALUE)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class ChangeRow(Row):
    """Which artifacts each change touched after they were added, for what is derived from the catalog.

    New artifacts are not listed: their ids are higher than all before. Old changes are forgotten from time to time;
    whoever is behind the oldest one starts afresh.
    """

    __tablename__ = "artifact_change"

    change: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    artifact_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
