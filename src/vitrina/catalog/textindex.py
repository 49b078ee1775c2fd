"""Full-text search in SQL. Each database has its own way; this is the only place that knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import BigInteger, Float, Join, column, func, insert, literal_column, select, table
from sqlalchemy.ext.compiler import compiles

from vitrina.catalog.tables import ArtifactRow
from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Select
    from sqlalchemy.sql.compiler import SQLCompiler

    from vitrina.catalog.words import SearchText

TITLE_WEIGHT = 4.0


class TextIndex(Protocol):
    """The words of all artifacts."""

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the database."""

    @property
    def source(self) -> FromClause:
        """The words joined to the artifacts, to be searched first."""

    @property
    def row_id(self) -> ColumnElement[int]:
        """The id of the artifact, in the order of which the index can be read."""

    def write(self, connection: Connection, artifact_id: int, words: SearchText) -> None:
        """Add the words of a new artifact."""

    def build_match(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The condition that each of the words begins a word of the artifact."""

    def select_ids(self, words: Sequence[str]) -> Select[int]:
        """The ids of all artifacts that ``build_match`` holds for, read from the index alone."""

    def build_rank(self) -> ColumnElement[float]:
        """How well an artifact fits, the best one lowest."""


class _OrderedJoin(Join):
    """A join whose left side SQLite reads first. Left to choose, it asked the index about each of 100,000 artifacts.

    Source: https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
    """

    inherit_cache = True


@compiles(_OrderedJoin, "sqlite")
def _compile_ordered_join(join: _OrderedJoin, compiler: SQLCompiler, **options: Any) -> str:
    left, right, condition = (
        compiler.process(part, **{**options, "asfrom": part is not join.onclause})
        for part in (join.left, join.right, join.onclause)
        if part is not None
    )
    return f"{left} CROSS JOIN {right} ON {condition}"


class SqliteTextIndex:
    """FTS5.

    Source: https://www.sqlite.org/fts5.html
    """

    dialect = "sqlite"

    def __init__(self) -> None:
        self._table = table("artifact_text", column("rowid", BigInteger), column("title"), column("body"))
        self._insert = insert(self._table)

    @property
    def source(self) -> FromClause:
        artifacts = ArtifactRow.__table__
        return _OrderedJoin(self._table, artifacts, self._table.c.rowid == artifacts.c.id)

    @property
    def row_id(self) -> ColumnElement[int]:
        return self._table.c.rowid

    def write(self, connection: Connection, artifact_id: int, words: SearchText) -> None:
        connection.execute(self._insert, {"rowid": artifact_id, "title": words.title, "body": words.body})

    def build_match(self, words: Sequence[str]) -> ColumnElement[bool]:
        # words have letters and digits only, and quotes keep AND, OR, NOT and NEAR from being operators
        query = " ".join(f'"{word}" *' for word in words)
        return literal_column("artifact_text").bool_op("MATCH")(query)

    def select_ids(self, words: Sequence[str]) -> Select[int]:
        return select(self._table.c.rowid).where(self.build_match(words))

    def build_rank(self) -> ColumnElement[float]:
        return func.bm25(literal_column("artifact_text"), TITLE_WEIGHT, 1.0, type_=Float)


def get_text_index(dialect_name: str) -> TextIndex:
    """The index of a database.

    Raises:
        UnsupportedError: Its way is not built yet.
    """
    if dialect_name == "sqlite":
        return SqliteTextIndex()
    raise UnsupportedError("database-unsupported", f"Text search on {dialect_name} is not built yet.")
