"""Lineage: where an artifact came from and what it went into, as a graph of artifacts and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vitrina.model.run import RunStatus, TransformKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageArtifact:
    """An artifact in a graph: what names it, without its content.

    Attributes:
        version: The four characters of the uid that count the versions.
        is_latest: Whether no newer version exists.
        is_trashed: Whether it lies in the trash.
    """

    uid: str
    key: str
    version: str
    format: str
    size_bytes: int
    created_at: datetime
    is_latest: bool
    is_trashed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRun:
    """A run in a graph, named by what it ran.

    Attributes:
        parent_uid: Run that started this one, or None.
    """

    uid: str
    transform_uid: str
    key: str
    version: str
    kind: TransformKind
    status: RunStatus
    started_at: datetime
    created_by: str
    parent_uid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageEdge:
    """From an artifact to a run that read it, or from a run to an artifact that it saved. Both are uids."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageGraph:
    """Ancestors and descendants of an artifact.

    Attributes:
        root_uid: The artifact that was asked for.
        artifacts: By uid, the root among them.
        runs: By uid.
        edges: Between them, ordered.
        is_complete: Whether everything is here; False when the depth or the number of nodes cut it off.
    """

    root_uid: str
    artifacts: tuple[LineageArtifact, ...]
    runs: tuple[LineageRun, ...]
    edges: tuple[LineageEdge, ...]
    is_complete: bool
