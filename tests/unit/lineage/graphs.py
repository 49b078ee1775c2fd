"""Small graphs for the tests of drawings: ``a>r r>b`` is an artifact, the run that read it, and what that saved."""

from __future__ import annotations

from datetime import UTC, datetime

from vitrina.model.lineage import LineageArtifact, LineageEdge, LineageGraph, LineageRun

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def build_artifact(uid, key=None, **changes):
    fields = {
        "uid": uid,
        "key": key or f"data/{uid}.zarr",
        "version": "0001",
        "format": "spatialdata",
        "size_bytes": 1000,
        "created_at": MOMENT,
        "is_latest": True,
        "is_trashed": False,
    }
    return LineageArtifact(**{**fields, **changes})


def build_run(uid, key=None, **changes):
    fields = {
        "uid": uid,
        "transform_uid": "T" * 16 + "0001",
        "key": key or f"code/{uid}.py",
        "version": "0001",
        "kind": "script",
        "status": "completed",
        "started_at": MOMENT,
        "created_by": "ada",
        "parent_uid": None,
    }
    return LineageRun(**{**fields, **changes})


def build_graph(edges, root="a", *, artifacts=(), runs=(), is_complete=True):
    """Nodes whose names begin with ``r`` are runs."""
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    names = {root, *(name for pair in pairs for name in pair)}
    given = {node.uid: node for node in (*artifacts, *runs)}
    nodes = {name: given.get(name) or (build_run if name[0] == "r" else build_artifact)(name) for name in sorted(names)}
    return LineageGraph(
        root_uid=root,
        artifacts=tuple(node for node in nodes.values() if isinstance(node, LineageArtifact)),
        runs=tuple(node for node in nodes.values() if isinstance(node, LineageRun)),
        edges=tuple(LineageEdge(source=source, target=target) for source, target in pairs),
        is_complete=is_complete,
    )
