"""Fold what is alike: hundreds of artifacts between the same runs become a few and a stack. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.lineage import LineageArtifact, LineageEdge, LineageGraph

MIN_FOLDED = 12
"""Fewer artifacts than that are all shown."""

N_SHOWN = 6
"""Of those that are folded, so many are shown before the stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Artifacts that have the same neighbours, drawn as one."""

    uid: str
    artifacts: tuple[LineageArtifact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A graph with stacks in place of what was folded."""

    artifacts: tuple[LineageArtifact, ...]
    stacks: tuple[Stack, ...]
    edges: tuple[LineageEdge, ...]


def fold_graph(graph: LineageGraph) -> Folded:
    """The graph with artifacts that come from the same runs and go into the same runs folded into stacks.

    The root is never folded. A stack has the uid of its first artifact, so that its edges are that artifact's.
    """
    sources: dict[str, set[str]] = {}
    targets: dict[str, set[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, set()).add(edge.source)
        targets.setdefault(edge.source, set()).add(edge.target)
    alike: dict[tuple[frozenset[str], frozenset[str]], list[LineageArtifact]] = {}
    for artifact in sorted(graph.artifacts, key=lambda artifact: (artifact.key, artifact.uid)):
        if artifact.uid != graph.root_uid:
            key = (frozenset(sources.get(artifact.uid, ())), frozenset(targets.get(artifact.uid, ())))
            alike.setdefault(key, []).append(artifact)
    stacks = tuple(
        Stack(uid=group[N_SHOWN].uid, artifacts=tuple(group[N_SHOWN:]))
        for group in alike.values()
        if len(group) >= MIN_FOLDED
    )
    folded = {artifact.uid for stack in stacks for artifact in stack.artifacts}
    hidden = folded - {stack.uid for stack in stacks}
    return Folded(
        artifacts=tuple(artifact for artifact in graph.artifacts if artifact.uid not in folded),
        stacks=stacks,
        edges=tuple(edge for edge in graph.edges if not {edge.source, edge.target} & hidden),
    )
