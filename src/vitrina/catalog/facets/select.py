"""From a condition to the bitmap of the artifacts that fulfil it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyroaring import BitMap
from sqlalchemy import select

from vitrina.catalog.conditions import (
    Absent,
    All,
    LabelCondition,
    LabeledCondition,
    Some,
    TextCondition,
    ValueCondition,
)
from vitrina.catalog.facets.index import FIELDS
from vitrina.catalog.fields import FieldCondition
from vitrina.catalog.query import build_condition
from vitrina.catalog.tables import ArtifactRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vitrina.catalog.conditions import Condition
    from vitrina.catalog.facets.index import FacetIndex
    from vitrina.catalog.query import Which
    from vitrina.catalog.textindex import TextIndex

MAX_LISTED = 1_000
"""Up to here SQL is told which artifacts are left; above, it looks for itself."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One query on the index: what bitmaps cannot answer is asked of the database, in the same snapshot.

    Attributes:
        index: As of the snapshot that the connection reads.
    """

    index: FacetIndex
    connection: Connection
    text_index: TextIndex

    def select(self, condition: Condition, which: Which) -> BitMap:
        """The artifacts that fulfil a condition, of the latest versions, of all, or of those in the trash."""
        index = self.index
        visible = {"latest": index.latest, "trash": index.in_trash}.get(which)
        if visible is None:
            visible = index.everything - index.in_trash if index.in_trash else index.everything
        hits = self._narrow(condition, visible)
        return hits.copy() if hits is visible else hits

    def _narrow(self, condition: Condition, among: BitMap) -> BitMap:
        """Those of ``among`` that fulfil a condition."""
        match condition:
            case All():
                for part in sorted(condition.parts, key=_is_slow):
                    among = self._narrow(part, among)
                return among
            case Some():
                return BitMap.union(BitMap(), *(self._narrow(part, among) for part in condition.parts))
            case Absent():
                return among - self._narrow(condition.part, among)
            case _:
                found = self._look_up(condition)
                return self._ask(condition, among) if found is None else among & found

    def _look_up(self, condition: Condition) -> BitMap | None:
        """What bitmaps know of a condition; None when they know nothing."""
        match condition:
            case LabelCondition() | LabeledCondition():
                facet = condition.registry if condition.feature_id is None else condition.feature_id
                if facet is None:
                    return None
                if isinstance(condition, LabelCondition):
                    return self.index.find(facet, condition.term_ids)
                return self.index.find_any(facet)
            case FieldCondition() if _is_indexed(condition):
                return self._find_field(condition)
            case _:
                return None

    def _find_field(self, condition: FieldCondition) -> BitMap:
        if condition.field == "is_latest":
            is_wanted = condition.values == (True,)
            return self.index.latest if is_wanted else self.index.everything - self.index.latest
        bitmaps = self.index.fields[condition.field]
        found = (bitmaps.get(value) for value in condition.values if isinstance(value, str))
        return BitMap.union(BitMap(), *(bitmap for bitmap in found if bitmap is not None))

    def _ask(self, condition: Condition, among: BitMap) -> BitMap:
        if not among:
            return among
        if isinstance(condition, TextCondition):
            statement = self.text_index.select_ids(condition.words)
        else:
            statement = select(ArtifactRow.id).where(build_condition(condition, self.text_index))
            if len(among) <= MAX_LISTED:
                statement = statement.where(ArtifactRow.id.in_(list(among)))
        return among & BitMap(self.connection.execute(statement).scalars().all())


def _is_indexed(condition: FieldCondition) -> bool:
    if condition.field == "is_latest":
        return condition.lookup == "exact" and condition.values != (None,)
    return condition.field in FIELDS and condition.lookup in {"exact", "in"}


def _is_slow(condition: Condition) -> int:
    """Bitmaps first, what has several parts next, what SQL must look for last."""
    match condition:
        case LabelCondition() | LabeledCondition():
            return 0
        case FieldCondition():
            return 0 if _is_indexed(condition) else 2
        case ValueCondition() | TextCondition():
            return 2
        case _:
            return 1
