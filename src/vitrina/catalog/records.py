"""From rows to records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.catalog.overrides import build_content, build_overrides
from vitrina.model.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Iterable


def build_artifacts(rows: Iterable[Any]) -> tuple[Artifact, ...]:
    """The records of rows that ``query.build_select`` asked for."""
    return tuple(build_artifact(row) for row in rows)


def build_artifact(row: Any) -> Artifact:
    """The record of a row that ``query.build_select`` asked for."""
    overrides = build_overrides(row)
    return Artifact(
        uid=row.uid,
        key=row.key,
        description=row.description,
        kind=row.kind,
        format=row.format,
        hash=row.hash,
        size_bytes=row.size_bytes,
        n_files=row.n_files,
        n_observations=row.n_observations,
        storage_url=row.storage_url,
        storage_key=row.storage_key,
        is_folder=row.is_folder,
        created_at=row.created_at,
        created_by=row.created_by,
        is_latest=row.is_latest,
        content=build_content(row, overrides),
        trashed_at=row.trashed_at,
        overrides=overrides,
    )
