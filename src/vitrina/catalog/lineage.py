"""The graph around an artifact, read level by level: two statements per level and direction, however wide it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from vitrina.catalog.tables import ArtifactRow, RunArtifactRow, RunRow, TransformRow, UserRow
from vitrina.errors import InputError, NotFoundError
from vitrina.model.lineage import LineageArtifact, LineageEdge, LineageGraph, LineageRun
from vitrina.model.uid import split_uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

MAX_NODES = 2_000
"""More than that is no picture any more; it stays below the number of parameters that SQLite takes."""

_Parent = aliased(RunRow)

_SELECT_ID = select(ArtifactRow.id).where(ArtifactRow.uid == bindparam("uid"))
_SELECT_RUNS_OF = (
    select(RunArtifactRow.run_id)
    .distinct()
    .where(
        RunArtifactRow.artifact_id.in_(bindparam("ids", expanding=True)),
        RunArtifactRow.is_output == bindparam("is_output"),
    )
    .order_by(RunArtifactRow.run_id.desc())
    .limit(bindparam("limit"))
)
_SELECT_ARTIFACTS_OF = (
    select(RunArtifactRow.artifact_id)
    .distinct()
    .where(
        RunArtifactRow.run_id.in_(bindparam("ids", expanding=True)),
        RunArtifactRow.is_output == bindparam("is_output"),
    )
    .order_by(RunArtifactRow.artifact_id.desc())
    .limit(bindparam("limit"))
)
_SELECT_ARTIFACTS = select(
    ArtifactRow.id,
    ArtifactRow.uid,
    ArtifactRow.key,
    ArtifactRow.version,
    ArtifactRow.format,
    ArtifactRow.size_bytes,
    ArtifactRow.created_at,
    ArtifactRow.is_latest,
    ArtifactRow.trashed_at,
).where(ArtifactRow.id.in_(bindparam("ids", expanding=True)))
_SELECT_RUNS = (
    select(
        RunRow.id,
        RunRow.uid,
        RunRow.status,
        RunRow.started_at,
        TransformRow.uid.label("transform_uid"),
        TransformRow.key,
        TransformRow.kind,
        UserRow.handle,
        _Parent.uid.label("parent_uid"),
    )
    .select_from(RunRow)
    .join(TransformRow, TransformRow.id == RunRow.transform_id)
    .join(UserRow, UserRow.id == RunRow.created_by_id)
    .outerjoin(_Parent, _Parent.id == RunRow.parent_id)
    .where(RunRow.id.in_(bindparam("ids", expanding=True)))
)
_SELECT_EDGES = select(RunArtifactRow.run_id, RunArtifactRow.artifact_id, RunArtifactRow.is_output).where(
    RunArtifactRow.run_id.in_(bindparam("run_ids", expanding=True)),
    RunArtifactRow.artifact_id.in_(bindparam("artifact_ids", expanding=True)),
)


@dataclass(slots=True)
class _Reached:
    """Ids of everything found so far, within what is allowed."""

    n_left: int
    artifacts: set[int]
    runs: set[int] = field(default_factory=set)
    is_complete: bool = True

    def take(self, found: Iterable[int], known: set[int], seen: set[int]) -> list[int]:
        """Those of the found ids that a direction has not seen and that are allowed; both sets know them then."""
        taken = []
        for id_ in found:
            if id_ in seen:
                continue
            if id_ not in known:
                if not self.n_left:
                    self.is_complete = False
                    continue
                self.n_left -= 1
            known.add(id_)
            seen.add(id_)
            taken.append(id_)
        return taken


@dataclass(slots=True)
class _Direction:
    """How far the search has come towards ancestors or descendants."""

    is_up: bool
    front: list[int]
    artifacts: set[int]
    runs: set[int] = field(default_factory=set)


def read_graph(connection: Connection, artifact_uid: str, *, depth: int | None, max_nodes: int) -> LineageGraph:
    """Ancestors and descendants of an artifact; see ``Runs.read_graph``."""
    if (depth is not None and depth < 0) or not 1 <= max_nodes <= MAX_NODES:
        message = f"A depth of {depth} and {max_nodes} nodes: the one must not be negative, the other 1 to {MAX_NODES}."
        raise InputError("lineage-out-of-range", message)
    root = connection.execute(_SELECT_ID, {"uid": artifact_uid}).scalar_one_or_none()
    if root is None:
        raise NotFoundError(
            "artifact-missing", f"There is no artifact with the uid {artifact_uid}.", where=artifact_uid
        )
    reached = _Reached(n_left=max_nodes - 1, artifacts={root})
    directions = [_Direction(is_up=is_up, front=[root], artifacts={root}) for is_up in (True, False)]
    level = 0
    while any(direction.front for direction in directions):  # both in step, so that the nearest are kept
        for direction in directions:
            if direction.front:
                _step(connection, direction, reached, is_last=level == depth)
        level += 1
    return _build_graph(connection, artifact_uid, reached)


def _step(connection: Connection, direction: _Direction, reached: _Reached, *, is_last: bool) -> None:
    """Go one run further. At the last level nothing is taken, only looked for."""
    limit = len(direction.runs) + reached.n_left + 1
    known = {"ids": direction.front, "is_output": direction.is_up, "limit": limit}
    found = connection.execute(_SELECT_RUNS_OF, known).scalars().all()
    direction.front = []
    if is_last:
        reached.is_complete &= reached.runs.issuperset(found)
        return
    runs = reached.take(found, reached.runs, direction.runs)
    if runs:
        limit = len(direction.artifacts) + reached.n_left + 1
        known = {"ids": runs, "is_output": not direction.is_up, "limit": limit}
        found = connection.execute(_SELECT_ARTIFACTS_OF, known).scalars().all()
        direction.front = reached.take(found, reached.artifacts, direction.artifacts)


def _build_graph(connection: Connection, root_uid: str, reached: _Reached) -> LineageGraph:
    artifact_rows = connection.execute(_SELECT_ARTIFACTS, {"ids": sorted(reached.artifacts)}).all()
    run_rows = connection.execute(_SELECT_RUNS, {"ids": sorted(reached.runs)}).all()
    ids = {"run_ids": sorted(reached.runs), "artifact_ids": sorted(reached.artifacts)}
    edge_rows = connection.execute(_SELECT_EDGES, ids).all()
    artifact_uids = {row.id: row.uid for row in artifact_rows}
    run_uids = {row.id: row.uid for row in run_rows}
    edges = [
        LineageEdge(source=run_uids[run_id], target=artifact_uids[artifact_id])
        if is_output
        else LineageEdge(source=artifact_uids[artifact_id], target=run_uids[run_id])
        for run_id, artifact_id, is_output in edge_rows
    ]
    artifacts = [
        LineageArtifact(
            uid=row.uid,
            key=row.key,
            version=row.version,
            format=row.format,
            size_bytes=row.size_bytes,
            created_at=row.created_at,
            is_latest=row.is_latest,
            is_trashed=row.trashed_at is not None,
        )
        for row in artifact_rows
    ]
    runs = [
        LineageRun(
            uid=row.uid,
            transform_uid=row.transform_uid,
            key=row.key,
            version=split_uid(row.transform_uid)[1],
            kind=row.kind,
            status=row.status,
            started_at=row.started_at,
            created_by=row.handle,
            parent_uid=row.parent_uid,
        )
        for row in run_rows
    ]
    return LineageGraph(
        root_uid=root_uid,
        artifacts=tuple(sorted(artifacts, key=lambda artifact: artifact.uid)),
        runs=tuple(sorted(runs, key=lambda run: run.uid)),
        edges=tuple(sorted(edges, key=lambda edge: (edge.source, edge.target))),
        is_complete=reached.is_complete,
    )
