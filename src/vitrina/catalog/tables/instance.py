"""The instance, its users and its storages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from vitrina.catalog.tables.base import EXACT_TEXT, FAMILY, JSON_VALUE, ROW_ID, Row, UtcDateTime


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
    terms_change: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The change that last altered the hierarchy of terms that were registered before it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settings: Mapped[Any | None] = mapped_column(JSON_VALUE)
    """Settings of an instance that is known by its database alone."""


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
