"""Full-text search in SQL. Each database has its own way: ``textindex_sqlite`` and ``textindex_postgresql``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vitrina.catalog.textindex_postgresql import PostgresqlTextIndex
from vitrina.catalog.textindex_sqlite import SqliteTextIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Select

    from vitrina.catalog.textsearch import TextSearch
    from vitrina.catalog.words import SearchText


class TextIndex(Protocol):
    """The words of all artifacts."""

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the database."""

    def write(self, connection: Connection, artifact_id: int, words: SearchText) -> None:
        """Add the words of a new artifact."""

    def write_many(self, connection: Connection, words: Iterable[tuple[int, SearchText]]) -> None:
        """Add the words of many new artifacts, at least one, by their ids."""

    def remove_many(self, connection: Connection, artifact_ids: Iterable[int]) -> None:
        """Take the words of artifacts, at least one, out; those that are not there are left out."""

    def select_words(self) -> Select[int, str, str]:
        """What was written, in the order of ids: ``id``, ``title``, ``body``."""

    def select_ids(self, words: Sequence[str]) -> Select[int]:
        """The ids of all artifacts of which words begin with these words, read from the index alone."""

    def search(self, words: Sequence[str]) -> TextSearch:
        """The question which artifacts have words that begin with these words, and how well they fit."""


def get_text_index(dialect_name: str) -> TextIndex:
    """The index of a database."""
    return SqliteTextIndex() if dialect_name == "sqlite" else PostgresqlTextIndex()
