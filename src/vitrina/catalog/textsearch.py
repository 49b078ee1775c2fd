"""A question to a text index, in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearch:
    """Words that users ask for, as the parts of a statement.

    Attributes:
        source: The words of all artifacts joined to the artifacts, to be searched first.
        row_id: The id of the artifact, in the order of which the index can be read.
        match: The condition that each of the words begins a word of the artifact.
        rank: How well an artifact that matches fits, the best one lowest.
    """

    source: FromClause
    row_id: ColumnElement[int]
    match: ColumnElement[bool]
    rank: ColumnElement[float]
