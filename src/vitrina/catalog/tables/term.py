"""Terms of all registries, with their names and their place in the hierarchy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vitrina.catalog.tables.base import EXACT_TEXT, FAMILY, JSON_VALUE, ROW_ID, Row, UtcDateTime
from vitrina.catalog.tables.instance import UserRow

_WITH_ONTOLOGY_ID: dict[str, Any] = {
    "sqlite_where": text("ontology_id IS NOT NULL"),
    "postgresql_where": text("ontology_id IS NOT NULL"),
}


class TermRow(Row):
    """A term that is used, or that a user made. Ids are never used twice, because the facet index holds them."""

    __tablename__ = "term"
    __table_args__ = (
        Index("uq_term_registry_ontology_id", "registry", "ontology_id", unique=True, **_WITH_ONTOLOGY_ID),
        Index(None, "registry", "name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    uid: Mapped[str] = mapped_column(FAMILY, unique=True)
    registry_name: Mapped[str] = mapped_column("registry", EXACT_TEXT)  # SQLAlchemy keeps the attribute `registry`
    name: Mapped[str] = mapped_column(EXACT_TEXT)
    ontology_id: Mapped[str | None] = mapped_column(EXACT_TEXT)
    synonyms: Mapped[Any] = mapped_column(JSON_VALUE)
    description: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(EXACT_TEXT)
    organism: Mapped[str | None] = mapped_column(EXACT_TEXT)
    attributes: Mapped[Any] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id))


class TermNameRow(Row):
    """Every text that means a term, folded (``str.casefold``): its name, synonyms, ontology id and key attributes."""

    __tablename__ = "term_name"
    __table_args__ = (Index(None, "term_id"), {"sqlite_with_rowid": False})

    registry_name: Mapped[str] = mapped_column("registry", EXACT_TEXT, primary_key=True)
    folded: Mapped[str] = mapped_column(EXACT_TEXT, primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey(TermRow.id), primary_key=True, autoincrement=False)
    rank: Mapped[int]
    """0 for the name, 1 for an identifier, 2 for a synonym: the lowest rank that fits wins."""


class ParentRow(Row):
    """The direct parents of a term, registered or not, by key: ontology id, or uid of a term without one."""

    __tablename__ = "term_parent"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term_id: Mapped[int] = mapped_column(ForeignKey(TermRow.id), primary_key=True, autoincrement=False)
    parent_key: Mapped[str] = mapped_column(EXACT_TEXT, primary_key=True)


class AncestorRow(Row):
    """All terms above a term, registered or not, and the term itself, by key.

    So a term finds what is labelled with the terms below it, even when it was never registered itself.
    """

    __tablename__ = "term_ancestor"
    __table_args__ = (Index(None, "term_id"), {"sqlite_with_rowid": False})

    ancestor_key: Mapped[str] = mapped_column(EXACT_TEXT, primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey(TermRow.id), primary_key=True, autoincrement=False)
