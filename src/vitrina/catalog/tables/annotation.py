"""Labels and feature values of artifacts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vitrina.catalog.tables.artifact import ArtifactRow
from vitrina.catalog.tables.base import EXACT_TEXT, JSON_VALUE, Row
from vitrina.catalog.tables.feature import FeatureRow, SchemaRow
from vitrina.catalog.tables.term import TermRow

NO_FEATURE = 0
"""``LabelRow.feature_id`` of a plain label: keys cannot hold NULL."""


class LabelRow(Row):
    """A term on an artifact, perhaps as the value of a feature. Kept in the order of terms, as filters read it."""

    __tablename__ = "artifact_label"
    __table_args__ = (Index(None, "artifact_id"), {"sqlite_with_rowid": False})

    term_id: Mapped[int] = mapped_column(ForeignKey(TermRow.id), primary_key=True, autoincrement=False)
    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    feature_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ValueRow(Row):
    """A value of a feature on an artifact that is not a term; numbers and texts once more, to be compared."""

    __tablename__ = "artifact_value"
    __table_args__ = (
        Index(None, "feature_id", "number"),
        Index(None, "feature_id", "text"),
        {"sqlite_with_rowid": False},
    )

    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    feature_id: Mapped[int] = mapped_column(ForeignKey(FeatureRow.id), primary_key=True, autoincrement=False)
    value: Mapped[Any] = mapped_column(JSON_VALUE)
    number: Mapped[float | None] = mapped_column(Float(53))
    """Numbers, booleans as 0 and 1, and moments as seconds since 1970 in UTC."""
    text: Mapped[str | None] = mapped_column(EXACT_TEXT)


class ArtifactSlotRow(Row):
    """The schema of what a slot of an artifact has."""

    __tablename__ = "artifact_slot"
    __table_args__ = (Index(None, "schema_id"), {"sqlite_with_rowid": False})

    artifact_id: Mapped[int] = mapped_column(ForeignKey(ArtifactRow.id), primary_key=True, autoincrement=False)
    slot: Mapped[str] = mapped_column(EXACT_TEXT, primary_key=True)
    schema_id: Mapped[int] = mapped_column(ForeignKey(SchemaRow.id))
