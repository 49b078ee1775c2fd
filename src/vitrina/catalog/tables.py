"""The tables, private to the catalog. ``migrations`` makes them; a test holds the two against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vitrina.model.uid import FAMILY_LENGTH, UID_LENGTH, VERSION_LENGTH


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone; SQLite stores none, so there it is UTC by agreement."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def build_text_type(length: int | None = None) -> String:
    """Text compared by its bytes, as SQLite does by default: versions and uid prefixes rely on it."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ROW_ID = BigInteger().with_variant(Integer, "sqlite")
FAMILY = build_text_type(FAMILY_LENGTH)
UID = build_text_type(UID_LENGTH)
VERSION = build_text_type(VERSION_LENGTH)
EXACT_TEXT = build_text_type()
JSON_VALUE = JSON().with_variant(JSONB, "postgresql")
ONLY_LATEST: dict[str, Any] = {"sqlite_where": text("is_latest IS 1"), "postgresql_where": text("is_latest IS true")}
"""For lists of latest versions, newest first. Queries must say it in the same words to be served by such an index."""


class Row(DeclarativeBase):
    """Base of all rows."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class InstanceRow(Row):
    """The one row that says which instance this is, and counts the changes.

    Every transaction that writes begins by counting ``change`` up. So writers follow each other in the order of their
    numbers, and whatever is derived from the catalog knows by the number whether it is behind.
    """

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    uid: Mapped[str] = mapped_column(FAMILY)
    change: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UserRow(Row):
    """A person or service."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    handle: Mapped[str] = mapped_column(EXACT_TEXT, unique=True)
    name: Mapped[str | None] = mapped_column(Text)


class StorageRow(Row):
    """A root for bytes."""

    __tablename__ = "storage"

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    url: Mapped[str] = mapped_column(EXACT_TEXT, unique=True)


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
        *(
            Index(None, *columns, "created_at", "id", **ONLY_LATEST)
            for columns in ((), ("format",), ("kind",), ("created_by_id",))
        ),
        Index(None, "key", "id"),
        Index(None, "size_bytes", "id"),
        Index(None, "hash"),
        Index(None, "storage_id"),
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


class ContentRow(Row):
    """What an artifact contains. Apart from it, because queries read many artifacts and the contents of one page."""

    __tablename__ = "artifact_content"

    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    content: Mapped[Any] = mapped_column(JSON_VALUE)
