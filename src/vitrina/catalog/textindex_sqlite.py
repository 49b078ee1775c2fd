"""Full-text search in SQLite: FTS5.

Source: https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Float,
    Join,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles

from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import ArtifactRow
from vitrina.catalog.textsearch import TextSearch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Select
    from sqlalchemy.sql.compiler import SQLCompiler

    from vitrina.catalog.words import SearchText

TITLE_WEIGHT = 4.0


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
    """FTS5, whose rows have the ids of the artifacts."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self._table = table("artifact_text", column("rowid", BigInteger), column("title", Text), column("body", Text))
        self._insert = Prepared(insert(self._table), ("rowid", "title", "body"))
        self._delete = delete(self._table).where(self._table.c.rowid == bindparam("artifact_id"))

    @property
    def source(self) -> FromClause:
        artifacts = ArtifactRow.__table__
        return _OrderedJoin(self._table, artifacts, self._table.c.rowid == artifacts.c.id)

    @property
    def row_id(self) -> ColumnElement[int]:
        return self._table.c.rowid

    def write(self, connection: Connection, artifact_id: int, words: SearchText) -> None:
        self.write_many(connection, [(artifact_id, words)])

    def write_many(self, connection: Connection, words: Iterable[tuple[int, SearchText]]) -> None:
        rows = [{"rowid": artifact_id, "title": text.title, "body": text.body} for artifact_id, text in words]
        self._insert.execute_many(connection, rows)

    def remove_many(self, connection: Connection, artifact_ids: Iterable[int]) -> None:
        connection.execute(self._delete, [{"artifact_id": artifact_id} for artifact_id in artifact_ids])

    def select_words(self) -> Select[int, str, str]:
        columns = self._table.c
        return select(columns.rowid.label("id"), columns.title, columns.body).order_by(columns.rowid)

    def select_ids(self, words: Sequence[str]) -> Select[int]:
        return select(self._table.c.rowid).where(self.build_match(words))

    def search(self, words: Sequence[str]) -> TextSearch:
        return TextSearch(source=self.source, row_id=self.row_id, match=self.build_match(words), rank=self.build_rank())

    def build_match(self, words: Sequence[str]) -> ColumnElement[bool]:
        # words have letters and digits only, and quotes keep AND, OR, NOT and NEAR from being operators
        query = " ".join(f'"{word}" *' for word in words)
        return literal_column("artifact_text").bool_op("MATCH")(query)

    def build_rank(self) -> ColumnElement[float]:
        return func.bm25(literal_column("artifact_text"), TITLE_WEIGHT, 1.0, type_=Float)
