"""Overrides: what people know better than the files of artifacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, delete, insert, select

from vitrina.catalog.tables import ArtifactRow, ContentRow, OverridesRow, UserRow
from vitrina.errors import NotFoundError
from vitrina.model.apply_overrides import apply_overrides, keep_fitting
from vitrina.model.content import Content
from vitrina.model.jsonable import build_json, parse_json_text
from vitrina.model.overrides import NO_OVERRIDES, ElementOverrides, Overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database

_SELECT_CONTENT = (
    select(ArtifactRow.id, cast(ContentRow.content, Text).label("content"))
    .join(ContentRow, ContentRow.artifact_id == ArtifactRow.id)
    .where(ArtifactRow.uid == bindparam("uid"))
)
_SELECT_MANY = (
    select(
        OverridesRow.artifact_id,
        cast(OverridesRow.elements, Text).label("overrides"),
        OverridesRow.changed_at.label("overrides_at"),
        UserRow.handle.label("overrides_by"),
        OverridesRow.changed_by_id,
    )
    .join(UserRow, UserRow.id == OverridesRow.changed_by_id)
    .where(OverridesRow.artifact_id.in_(bindparam("ids", expanding=True)))
)
_DELETE = delete(OverridesRow).where(OverridesRow.artifact_id == bindparam("of_artifact"))
_INSERT = insert(OverridesRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elements:
    """``OverridesRow.elements`` as a record."""

    elements: tuple[ElementOverrides, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Overrides of an artifact with the row of who said them."""

    overrides: Overrides
    changed_by_id: int


class ArtifactOverrides:
    """Overrides of the artifacts of one instance. Thread-safe. Artifacts are named by whole uids.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, uid: str, elements: Iterable[ElementOverrides], changed_by: str) -> Overrides:
        """Say this of an artifact, in place of all that was said; what says nothing is left out.

        Args:
            uid: Of the artifact.
            elements: At most one per element; none to go back to what the file says.
            changed_by: Handle of who says so.

        Raises:
            NotFoundError: ``artifact-missing``.
            InputError: They do not fit the artifact.
        """
        from vitrina.catalog.annotation_words import refresh
        from vitrina.catalog.insert import get_or_insert_user

        with self._database.write() as connection:
            row = connection.execute(_SELECT_CONTENT, {"uid": uid}).one_or_none()
            if row is None:
                raise NotFoundError("artifact-missing", f"There is no artifact {uid!r}.", where=uid)
            said = NO_OVERRIDES
            for element in elements:
                said = said if element.is_empty else said.merge(element)
            apply_overrides(parse_json_text(Content, row.content), said)
            now = self._database.clock()
            connection.execute(_DELETE, {"of_artifact": row.id})
            if said:
                write_overrides(connection, row.id, said, now, get_or_insert_user(connection, changed_by))
            refresh(connection, self._database, [row.id])
        return replace(said, changed_at=now, changed_by=changed_by) if said else said


def build_overrides(row: Any) -> Overrides:
    """The overrides of a row with the columns ``overrides``, ``overrides_at`` and ``overrides_by``, NULL for none."""
    if row.overrides is None:
        return NO_OVERRIDES
    elements = parse_json_text(_Elements, f'{{"elements":{row.overrides}}}').elements
    return Overrides(elements=elements, changed_at=row.overrides_at, changed_by=row.overrides_by)


def build_content(row: Any, overrides: Overrides) -> Content:
    """The content of a row as its overrides say it is; one that this version would not accept is left out."""
    content = parse_json_text(Content, row.content)
    return apply_overrides(content, keep_fitting(content, overrides)) if overrides else content


def read_overrides(connection: Connection, artifact_ids: Iterable[int]) -> Mapping[int, Kept]:
    """The overrides of artifacts by the ids of their rows; those without are left out."""
    rows = connection.execute(_SELECT_MANY, {"ids": list(artifact_ids)})
    return {row.artifact_id: Kept(overrides=build_overrides(row), changed_by_id=row.changed_by_id) for row in rows}


def write_overrides(
    connection: Connection, artifact_id: int, overrides: Overrides, changed_at: datetime, changed_by_id: int
) -> None:
    """The row of an artifact that has none."""
    values = {
        "artifact_id": artifact_id,
        "elements": build_json(_Elements(elements=overrides.elements))["elements"],
        "changed_at": changed_at,
        "changed_by_id": changed_by_id,
    }
    connection.execute(_INSERT, values)
