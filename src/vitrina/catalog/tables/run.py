"""Lineage: code, its executions, and what they read and wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Text, UniqueConstraint
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

HASH = build_text_type(64)


class LongTextRow(Row):
    """A long text, once: sources, environments and logs repeat from run to run."""

    __tablename__ = "long_text"

    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class TransformRow(Row):
    """One version of some code."""

    __tablename__ = "transform"
    __table_args__ = (UniqueConstraint("family", "version"), Index(None, "key", "version"))

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(UID, unique=True)
    family: Mapped[str] = mapped_column(FAMILY)
    version: Mapped[str] = mapped_column(VERSION)
    key: Mapped[str] = mapped_column(EXACT_TEXT)
    kind: Mapped[str] = mapped_column(EXACT_TEXT)
    description: Mapped[str | None] = mapped_column(Text)
    source_hash: Mapped[str | None] = mapped_column(ForeignKey(LongTextRow.hash))
    reference: Mapped[str | None] = mapped_column(EXACT_TEXT)
    git_commit: Mapped[str | None] = mapped_column(EXACT_TEXT)
    is_latest: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class RunRow(Row):
    """One execution of a transform."""

    __tablename__ = "run"
    __table_args__ = (Index(None, "transform_id"), Index(None, "parent_id"), Index(None, "started_at", "id"))

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    transform_id: Mapped[int] = mapped_column(ForeignKey(TransformRow.id))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    parameters: Mapped[Any] = mapped_column(JSON_VALUE)
    git_commit: Mapped[str | None] = mapped_column(EXACT_TEXT)
    status: Mapped[str] = mapped_column(EXACT_TEXT)
    error: Mapped[str | None] = mapped_column(Text)
    environment_hash: Mapped[str | None] = mapped_column(ForeignKey(LongTextRow.hash))
    log_hash: Mapped[str | None] = mapped_column(ForeignKey(LongTextRow.hash))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class RunArtifactRow(Row):
    """An artifact that a run read or saved."""

    __tablename__ = "run_artifact"
    __table_args__ = (Index(None, "artifact_id", "is_output"), {"sqlite_with_rowid": False})

    run_id: Mapped[int] = mapped_column(ForeignKey(RunRow.id), primary_key=True, autoincrement=False)
    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    is_output: Mapped[bool] = mapped_column(Boolean, primary_key=True)
