"""Full-text search in PostgreSQL: a stored ``tsvector`` under a GIN index.

The vector is built here and not by PostgreSQL's parser, which would read words such as ``1e5`` as numbers and depends
on the server's locale: both databases must find the same artifacts. Accents are taken off Latin letters, as FTS5 does.

Source: https://www.postgresql.org/docs/15/datatype-textsearch.html
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Float, Text, bindparam, cast, column, delete, func, insert, literal, select, table
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSQUERY, TSVECTOR

from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import ArtifactRow
from vitrina.catalog.textsearch import TextSearch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Select

    from vitrina.catalog.words import SearchText

WEIGHTS = (0.25, 0.25, 0.25, 1.0)
"""Of the classes D, C, B and A: words of the title, in A, weigh four times as much as others, in D."""

MAX_WORD_BYTES = 2_046
MAX_VECTOR_BYTES = 1_000_000
"""Source: https://www.postgresql.org/docs/15/textsearch-limitations.html"""

_POSITION_BYTES = 4
_BY_LENGTH = 1
"""Rank divided by 1 + the logarithm of the number of words.

Source: https://www.postgresql.org/docs/15/textsearch-controls.html#TEXTSEARCH-RANKING
"""


class PostgresqlTextIndex:
    """One row per artifact: its words as they were given, and as a vector."""

    dialect = "postgresql"

    def __init__(self) -> None:
        self._table = table(
            "artifact_text",
            column("artifact_id", BigInteger),
            column("title", Text),
            column("body", Text),
            column("words", TSVECTOR),
        )
        vector = cast(bindparam("vector", type_=Text), TSVECTOR)
        self._insert = Prepared(
            insert(self._table).values(
                artifact_id=bindparam("artifact_id"), title=bindparam("title"), body=bindparam("body"), words=vector
            )
        )
        self._delete = delete(self._table).where(self._table.c.artifact_id == bindparam("row_id"))

    def write(self, connection: Connection, artifact_id: int, words: SearchText) -> None:
        self.write_many(connection, [(artifact_id, words)])

    def write_many(self, connection: Connection, words: Iterable[tuple[int, SearchText]]) -> None:
        rows = [
            {"artifact_id": artifact_id, "title": text.title, "body": text.body, "vector": build_vector(text)}
            for artifact_id, text in words
        ]
        self._insert.execute_many(connection, rows)

    def remove_many(self, connection: Connection, artifact_ids: Iterable[int]) -> None:
        connection.execute(self._delete, [{"row_id": artifact_id} for artifact_id in artifact_ids])

    def select_words(self) -> Select[int, str, str]:
        columns = self._table.c
        return select(columns.artifact_id.label("id"), columns.title, columns.body).order_by(columns.artifact_id)

    def select_ids(self, words: Sequence[str]) -> Select[int]:
        return select(self._table.c.artifact_id).where(self._build_match(words))

    def search(self, words: Sequence[str]) -> TextSearch:
        query = cast(literal(build_query(words), Text), TSQUERY)
        rank = func.ts_rank(
            cast(literal(list(WEIGHTS), ARRAY(REAL)), ARRAY(REAL)), self._table.c.words, query, _BY_LENGTH, type_=Float
        )
        return TextSearch(
            source=self._build_source(), row_id=self._table.c.artifact_id, match=self._build_match(words), rank=-rank
        )

    def _build_source(self) -> FromClause:
        artifacts = ArtifactRow.__table__
        return self._table.join(artifacts, self._table.c.artifact_id == artifacts.c.id)

    def _build_match(self, words: Sequence[str]) -> ColumnElement[bool]:
        return self._table.c.words.bool_op("@@")(cast(literal(build_query(words), Text), TSQUERY))


def build_vector(text: SearchText) -> str:
    """The words as a ``tsvector`` is written: ``'lung':1A 'human':2``; those that do not fit into one are left out.

    Example:
        >>> from vitrina.catalog.words import SearchText
        >>> build_vector(SearchText(title="lung zarr", body="grüsse"))
        "'lung':1A 'zarr':2A 'grusse':3"
    """
    lexemes: list[str] = []
    room = MAX_VECTOR_BYTES
    for position, (word, weight) in enumerate(_list_weighted(text), 1):
        lexeme = fold_accents(word)
        room -= len(lexeme.encode()) + _POSITION_BYTES
        if room < 0:
            break
        lexemes.append(f"'{lexeme}':{position}{weight}")
    return " ".join(lexemes)


def build_query(words: Sequence[str]) -> str:
    """The words as a ``tsquery`` is written, each of which must begin a word: ``'lung':* & 'hum':*``."""
    return " & ".join(f"'{fold_accents(word)}':*" for word in words)  # letters and digits only: nothing to escape


def fold_accents(word: str) -> str:
    """A word with plain Latin letters, no longer than a lexeme may be; letters of other scripts keep their marks."""
    if not word.isascii():
        word = "".join(_get_base(letter) for letter in word)
    return word.encode()[:MAX_WORD_BYTES].decode(errors="ignore") if len(word) * 4 > MAX_WORD_BYTES else word


def _get_base(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() and base.isalpha() else letter


def _list_weighted(text: SearchText) -> Iterator[tuple[str, str]]:
    yield from ((word, "A") for word in text.title.split())
    yield from ((word, "") for word in text.body.split())
