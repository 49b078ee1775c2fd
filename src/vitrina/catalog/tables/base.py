"""What all tables have in common: the base of rows and the types of columns."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

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
