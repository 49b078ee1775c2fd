"""A graph as text for a terminal: a tree of what an artifact came from, and one of what it went into. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.lineage.words import clean, get_format_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vitrina.model.lineage import LineageArtifact, LineageGraph, LineageRun

MAX_LINES = 400
"""Of each tree; a terminal is no place for more."""


def draw_tree(graph: LineageGraph) -> str:
    """The artifact, and below it where it came from and what it went into. Artifacts are told once each."""
    names = {artifact.uid: _describe_artifact(artifact) for artifact in graph.artifacts}
    names |= {run.uid: _describe_run(run) for run in graph.runs}
    sources: dict[str, list[str]] = {}
    targets: dict[str, list[str]] = {}
    for edge in sorted(graph.edges, key=lambda edge: (names[edge.source], names[edge.target])):
        sources.setdefault(edge.target, []).append(edge.source)
        targets.setdefault(edge.source, []).append(edge.target)
    lines = [names[graph.root_uid]]
    for title, neighbours in (("came from", sources), ("went into", targets)):
        if graph.root_uid not in neighbours:
            lines.append(f"{title}: nothing that was recorded")
            continue
        lines.append(f"{title}:")
        lines += _bound(_draw_below(graph.root_uid, neighbours, names))
    if not graph.is_complete:
        lines.append("There is more than is told here.")
    return "\n".join(lines)


def _draw_below(root: str, neighbours: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> Iterator[str]:
    """Lines of the tree, depth first, with a stack of its own: lineages can be long."""
    told = {root}
    stack = [(uid, "", uid == neighbours[root][-1]) for uid in reversed(neighbours[root])]
    while stack:
        uid, prefix, is_last = stack.pop()
        is_known = uid in told
        below = neighbours.get(uid, ())
        again = " (see above)" if is_known and below else ""
        yield f"{prefix}{'└── ' if is_last else '├── '}{names[uid]}{again}"
        if is_known:
            continue
        told.add(uid)
        deeper = prefix + ("    " if is_last else "│   ")
        stack += [(next_uid, deeper, next_uid == below[-1]) for next_uid in reversed(below)]


def _bound(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == MAX_LINES:
            yield f"… more than {MAX_LINES} lines; --depth shows less, --svg and --json everything"
            return
        yield line


def _describe_artifact(artifact: LineageArtifact) -> str:
    state = " · in the trash" if artifact.is_trashed else "" if artifact.is_latest else " · not the latest"
    return f"{clean(artifact.key)}  ({clean(get_format_name(artifact.format))}, {artifact.version}{state})"


def _describe_run(run: LineageRun) -> str:
    when = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{clean(run.key)}  [{run.kind} {run.version}, run {run.uid}, {run.status}, {when} by {clean(run.created_by)}]"
    )
